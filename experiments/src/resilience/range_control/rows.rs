//! Shares of networks in range, and bounds on either side.

use super::LOOKED;
use lab::{Comparison, Estimate, Outcome, row};
use simulation::GuardedPair;

/// Values of s, and of how many of the 72 points of the usual grid independent code says it, in the order of pairs and looks: LSODA of scipy 1.17.1 at relative
/// errors of 1e-9 a step. No rate lies within 5e-4 of an edge of the range. A coarser integration of the same equations counts one point otherwise, three times.
pub(super) const INDEPENDENT: [(f64, [[u8; 3]; 4]); 2] = [
    (1.0, [[24, 24, 0], [69, 52, 21], [63, 46, 25], [0, 0, 0]]),
    (3.0, [[24, 24, 0], [65, 40, 36], [50, 31, 41], [0, 0, 0]]),
];

/// One point of a grid.
pub(super) struct Point {
    pub(super) kappa: f64,
    pub(super) drive: f64,
    pub(super) mean: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Point {
    pub(super) fn of(pair: GuardedPair, s: f64, time: f64) -> Point {
        let all = pair.run(s, time, 0.4);
        let mean = all.iter().sum::<f64>() / all.len() as f64;
        let (low, high) = all.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), e| (low.min(*e), high.max(*e)));
        Point { kappa: pair.inhibition, drive: pair.drive, mean, low, high }
    }

    pub(super) fn oscillates(&self) -> bool {
        self.high - self.low > 0.02 * self.mean.max(1e-9) && self.high > 1e-3
    }
}

pub(super) fn shares(
    points: &[Point],
    [low, high]: [f64; 2],
    independent: Option<[f64; 3]>,
    label: &str,
    outcome: &mut Outcome,
) -> [f64; 3] {
    let within = |e: f64| (0.8 * low..=1.25 * high).contains(&e);
    let share =
        |is: &dyn Fn(&Point) -> bool| points.iter().filter(|point| is(point)).count() as f64 / points.len() as f64;
    let seen = [
        share(&|point| within(point.mean)),
        share(&|point| within(point.low) && within(point.high)),
        share(&|point| point.oscillates()),
    ];
    for (look, (name, theory)) in LOOKED.iter().zip(independent.into_iter().flatten()).enumerate() {
        outcome.comparisons.push(Comparison {
            x: look as f64,
            theory,
            simulation: Estimate::exact(seen[look]),
            scale: Some(1.0),
            ..row("C", &format!("share {name}"), "reference:independent integration", label)
        });
    }
    seen
}

/// By how much the argument of f = 10 tanh(x/10) is above its value.
pub(super) fn lack(value: f64) -> f64 {
    10.0 * libm::atanh((value / 10.0).min(1.0 - 1e-9)) - value
}

/// E = (6hi + X − .12κ)/(5.4 + 1.2κ) where the upper guard holds and f is linear.
pub(super) fn upper(points: &[Point], [_, high]: [f64; 2], label: &str, outcome: &mut Outcome) {
    for point in points.iter().filter(|point| !point.oscillates() && point.low > high) {
        let theory = (6.0 * high + point.drive - 0.12 * point.kappa) / (5.4 + 1.2 * point.kappa);
        outcome.comparisons.push(Comparison {
            x: point.kappa,
            theory,
            simulation: Estimate::exact(point.mean),
            // f is below its argument, of E and of I = f(E + .1): both with one sign, over the slope of what is solved.
            bias: (lack(theory) + 1.2 * point.kappa * lack(theory + 0.1)) / (5.4 + 1.2 * point.kappa),
            ..row("B", "rate above the range", "linear fixed point", &format!("{label}, X = {:.3}", point.drive))
        });
    }
}

/// E = (X + 1.2κ(6lo − .1))/(8.4κ − .6) where the lower guard would hold: unstable for κ > .2077, so that all such points oscillate.
pub(super) fn lower(points: &[Point], [low, _]: [f64; 2], s: f64, label: &str, outcome: &mut Outcome) {
    let fixed = |point: &Point| (point.drive + 1.2 * point.kappa * (6.0 * low - 0.1)) / (8.4 * point.kappa - 0.6);
    let guarded: Vec<&Point> = points
        .iter()
        .filter(|point| {
            let e = fixed(point);
            // Inhibition must not be silenced there.
            e > 0.0 && e < 0.99 * low && e + 0.1 > 6.0 * (low - e) && point.kappa > 0.21
        })
        .collect();
    let still = guarded.iter().filter(|point| !point.oscillates()).count();
    outcome.comparisons.push(Comparison {
        x: s,
        theory: 0.0,
        simulation: Estimate::exact(still as f64),
        scale: Some(guarded.len().max(1) as f64),
        ..row("C", "points below the range that do not oscillate", "unstable fixed point", label)
    });
}
