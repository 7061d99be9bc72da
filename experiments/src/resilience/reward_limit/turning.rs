//! Where preferences turn around.

use super::BATCHES;
use lab::{Comparison, Estimate, Outcome, row};

/// Probabilities along something, which cross a half.
#[derive(Default)]
pub(super) struct Turning {
    pub(super) x: Vec<f64>,
    pub(super) theory: Vec<f64>,
    /// Probabilities of each learner.
    pub(super) seen: Vec<Vec<f64>>,
}

impl Turning {
    pub(super) fn add(&mut self, x: f64, theory: f64, seen: Vec<f64>) {
        self.x.push(x);
        self.theory.push(theory);
        self.seen.push(seen);
    }

    pub(super) fn last(&self) -> Estimate {
        Estimate::of(self.seen.iter().next_back().into_iter().flatten().copied())
    }

    /// Where straight lines between values cross a half; NaN where they do not.
    pub(super) fn crossing(&self, values: &[f64]) -> f64 {
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|a, b| self.x[*a].total_cmp(&self.x[*b]));
        let pair = order.windows(2).find(|pair| (values[pair[0]] - 0.5) * (values[pair[1]] - 0.5) < 0.0);
        pair.map_or(f64::NAN, |pair| {
            let [(x, v), (y, w)] = [0, 1].map(|k| (self.x[pair[k]], values[pair[k]]));
            x + (y - x) * (0.5 - v) / (w - v)
        })
    }

    /// A row of where they cross; what straight lines err by is what they do to theory's own values.
    pub(super) fn compare(&self, turns: f64, (panel, quantity, name): (&str, &str, &str), outcome: &mut Outcome) {
        let learners = self.seen.first().map_or(0, Vec::len);
        let mean = |batch: usize| -> Vec<f64> {
            let of = |all: &Vec<f64>| {
                let own: Vec<f64> = all.iter().skip(batch).step_by(BATCHES).copied().collect();
                own.iter().sum::<f64>() / own.len() as f64
            };
            self.seen.iter().map(of).collect()
        };
        let foretold = self.crossing(&self.theory);
        if foretold.is_nan() || learners < BATCHES {
            return;
        }
        outcome.comparisons.push(Comparison {
            x: 0.5,
            theory: turns,
            simulation: Estimate::of((0..BATCHES).map(|batch| self.crossing(&mean(batch)))),
            bias: (foretold - turns).abs(),
            ..row(panel, quantity, name, "half")
        });
    }
}
