//! What figures of spiking networks that learn share: how rates and strengths are shown, and how far other code may differ.

use lab::{Outcome, SeriesTable};
use systems::plastic_spiking::Measured;

/// What numbers of an independent simulation may differ by, relative: it lets currents decay after a spike has been added, so that charges are smaller by 2.5 % (τ = 4 ms) or 1.7 % (6 ms),
/// and is granted twice that.
pub const OTHER_STEPS: f64 = 0.05;

/// Adds rates of all trials, means over realisations, at their times in s or their numbers: quantity "rate, LABEL", a curve for each population.
pub fn show_rates(outcome: &mut Outcome, measured: &Measured, at: impl Fn(usize) -> f64) {
    let label = &measured.case.label;
    for (a, name) in measured.case.system.network.names.iter().enumerate() {
        for k in 0..measured.case.system.trials() {
            let rate = measured.estimate(|seen| seen.trials[k].rates[a]).mean;
            outcome.series.point(&format!("rate, {label}"), name, at(k), rate);
        }
    }
}

/// Adds mean strengths after each trial, over those before: quantity "strength, LABEL", a curve for each population that inhibition learns for.
pub fn show_strengths(series: &mut SeriesTable, measured: &Measured, at: impl Fn(usize) -> f64) {
    let lab::Case { label, system, .. } = &measured.case;
    for (k, learned) in measured.seen[0].learned.iter().enumerate() {
        for (p, projection) in learned.iter().enumerate() {
            let relative = relative_strength(measured, k, p);
            series.point(&format!("strength, {label}"), &system.network.names[projection.to], at(k), relative);
        }
    }
}

/// Mean over realisations of a projection's mean strength after a trial, over that before.
pub fn relative_strength(measured: &Measured, trial: usize, projection: usize) -> f64 {
    let strength = &measured.case.system.network.connections.strength;
    let of = |learned: &simulation::spiking::Learned| learned.mean / strength[[learned.to, learned.from]];
    measured.estimate(|seen| of(&seen.learned[trial][projection])).mean
}
