//! How well digits are read.

use super::FEATURES;
use super::trial::Trial;
use crate::rows::largest;
use lab::{Claim, Comparison, Estimate, Outcome, SeriesTable, row};

pub(super) fn accuracy(trials: &[Trial], level: usize, feature: usize) -> Estimate {
    Estimate::of(trials.iter().map(|t| t.accuracy[level][feature]))
}

pub(super) fn compare(
    pairs: usize,
    noise: f64,
    level: usize,
    trials: &[Trial],
    outcome: &mut Outcome,
    table: &mut SeriesTable,
) {
    let populations = 2.0 * pairs as f64;
    if level == 0 {
        for (k, name) in FEATURES.iter().enumerate() {
            table.estimate("size", name, populations, accuracy(trials, level, k));
        }
        let silent = Estimate::of(trials.iter().map(|t| t.silent)).mean;
        outcome.notes.push(format!("{populations} populations: {:.0} % silent", 100.0 * silent));
    }
    // Network by network, on the same split: gains in accuracy.
    let gain =
        |k: usize, base: usize| Estimate::of(trials.iter().map(|t| t.accuracy[level][k] - t.accuracy[level][base]));
    let label = format!("{populations} populations, noise {noise}");
    // More driven populations than the 64 dimensions of the pixels are needed for an expansion.
    let expands = pairs > 64;
    for (name, k, base, claim) in [
        ("semi-balanced - balanced", 2, 1, if expands && noise == 0.0 { Claim::Lower } else { Claim::Contrast }),
        ("semi-balanced - pixels", 2, 0, if expands && noise == 0.0 { Claim::Lower } else { Claim::Contrast }),
        ("semi-balanced - ReLU layer", 2, 3, Claim::Contrast),
        ("balanced - pixels", 1, 0, Claim::Contrast),
    ] {
        outcome.comparisons.push(Comparison {
            x: if level == 0 { populations } else { noise },
            theory: 0.0,
            simulation: gain(k, base),
            claim,
            scale: Some(accuracy(trials, level, k).mean),
            ..row(if level == 0 { "A" } else { "B" }, &format!("accuracy: {name}"), "no gain", &label)
        });
    }
}

pub(super) fn rates(trials: &[Trial], outcome: &mut Outcome, table: &mut SeriesTable) {
    let Some(trial) = trials.first() else { return };
    let most = trial.rates.iter().map(|(s, _)| *s).fold(0.0, f64::max);
    table.curve("identity", "line", [(0.0, 0.0), (most, most)]);
    trial.rates.iter().for_each(|(state, end)| table.point("rates", "end", *state, *end));
    for (k, trial) in trials.iter().enumerate() {
        let worst = largest(trial.rates.iter().map(|(s, e)| s - e));
        outcome.comparisons.push(Comparison {
            x: k as f64,
            theory: 0.0,
            simulation: Estimate::exact(worst),
            // The dynamics stop where τ dr/dt is 1e-11 of the largest rate.
            bias: 1e-8 * most,
            scale: Some(most),
            ..row("C", "largest difference of rates", "states at this gain", &format!("network {}", k + 1))
        });
    }
}
