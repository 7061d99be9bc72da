//! Task 3: a network learns which stimuli belong together.

use super::tasks::Task;
use lab::plot::Figure;
use lab::{Claim, Comparison, Estimate, Outcome, Plan, Scale, Study, row};
use ndarray::Array1;
use systems::plastic_network::{Measured, PlasticSystem};

pub struct Task3;

/// Pairs that belong together come first.
const TASK: Task =
    Task { shown: &["X1+Y1", "X2+Y2", "X1+Y2", "X2+Y1"], taught: &["X1+Y1", "X2+Y2"], trials: [400, 2000], size: 1.0 };

impl Study for Task3 {
    type System = PlasticSystem;
    const SECONDS: [f64; 2] = [3.2, 16.0];
    const NAME: &'static str = "task3";
    const TITLE: &'static str = "task 3: a network learns which stimuli belong together";
    const CAPTION: &'static str = include_str!("task3.md");

    fn plans(&self, scale: Scale) -> Vec<Plan<PlasticSystem>> {
        TASK.plans(scale)
    }

    fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        TASK.compare(all, outcome);
        for measured in all {
            for (phase, name) in [(0, "before"), (2, "after")] {
                outcome.comparisons.extend(interaction(measured, phase, name));
            }
        }
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        TASK.draw(outcome)
    }
}

/// r(X1Y1) + r(X2Y2) − r(X1Y2) − r(X2Y1), its largest size over populations: 0 where rates depend linearly on drives, as they do as long as theory finds
/// no population silent.
fn interaction(measured: &Measured, phase: usize, name: &str) -> Option<Comparison> {
    let seen = &measured.seen[0].trials;
    let of_phase: Vec<usize> = (0..seen.len()).filter(|&k| seen[k].phase == phase).collect();
    let [both, others, first, second] = of_phase.as_slice() else { return None };
    let sum = seen[*both].rates.clone() + &seen[*others].rates - &seen[*first].rates - &seen[*second].rates;
    let predicted: Vec<&Array1<f64>> =
        of_phase.iter().map(|&k| measured.predicted.trials.as_ref().ok().map(|all| &all[k])).collect::<Option<_>>()?;
    let active = predicted.iter().all(|rates| rates.iter().all(|r| *r > 0.0));
    let largest = predicted.iter().flat_map(|rates| rates.iter()).copied().fold(0.0, f64::max);
    Some(Comparison {
        x: *second as f64 + 1.0,
        theory: 0.0,
        simulation: Estimate::exact(sum.iter().fold(0.0, |most: f64, v| most.max(v.abs()))),
        // Four rates that have settled.
        bias: 4e-6 * largest,
        claim: if active { Claim::Equals } else { Claim::Contrast },
        scale: Some(largest),
        ..row("-", &format!("interaction of X and Y {name} (Hz)"), "linear response", &measured.case.label)
    })
}
