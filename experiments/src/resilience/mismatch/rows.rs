//! Networks of a kind, and what is said of them.

use super::Params;
use super::design::{Arm, DRAWN, FACTORS, Kinds, WEAK, all_kinds, of_size};
use lab::{Bench, Claim, Comparison, Estimate, Failure, Outcome, SeriesTable, row};
use meanfield::{SampledPaths, static_rates, steepness, tolerated_width};
use model::Seed;
use rayon::prelude::*;
use simulation::MixedNetwork;

/// How much wider the tolerance of networks in which all differs is, at least.
pub(super) const WIDER: f64 = 1.25;

/// Smallest κ.
pub(super) const LEAST: f64 = 0.5;

/// Levels of r_E between which κ is tolerated.
pub(super) const LEVELS: [f64; 2] = [1.0, 40.0];

/// Sets of paths that are sampled, each on its own.
pub(super) const SETS: usize = 3;

/// Widths, steepnesses and rates of the networks of a kind.
pub(super) struct Seen {
    pub(super) widths: Vec<f64>,
    pub(super) steepness: Vec<f64>,
    pub(super) rates: Vec<Vec<f64>>,
    pub(super) temporal: Vec<Vec<f64>>,
}

/// Networks of a kind over κ.
pub(super) fn watch(params: &Params, arm: &Arm, kinds: Kinds, seed: Seed, bench: &Bench) -> Result<Seen, Failure> {
    let scales = params.scales(arm);
    let one = |_, seed: Seed| -> Result<(Vec<f64>, Vec<f64>), Failure> {
        let network = MixedNetwork::draw(&params.pair(arm, kinds, 1.0), seed);
        let runs = scales.iter().map(|kappa| network.run(*kappa, params.time, arm.step, seed));
        Ok(runs.map(|run| (run.rate, run.temporal)).unzip())
    };
    let of = ("mismatch", params, arm.name, kinds);
    let (rates, temporal): (Vec<_>, Vec<_>) = bench.each(&of, seed, params.networks, one)?.into_iter().unzip();
    Ok(Seen {
        widths: rates.iter().map(|own| tolerated_width(&scales, own, LEVELS)).collect(),
        steepness: rates.iter().map(|own| steepness(&scales, own)).collect(),
        rates,
        temporal,
    })
}

/// Rows and curves of one kind.
pub(super) fn tolerance(
    params: &Params,
    (arm, number, kinds): (&Arm, usize, Kinds),
    seen: &Seen,
    outcome: &mut Outcome,
    table: &mut SeriesTable,
) {
    let scales = params.scales(arm);
    let rate = |kappa: &f64| static_rates(&params.pair(arm, kinds, *kappa)).map_or(f64::NAN, |state| state[0][0]);
    let drawn = DRAWN.iter().find(|(own, _)| *own == kinds);
    // Under balanced coupling the theory is a contrast, of a few kinds.
    let is_asked = !arm.balanced || drawn.is_some();
    let rates: Vec<f64> = scales.par_iter().map(|kappa| if is_asked { rate(kappa) } else { f64::NAN }).collect();
    // Where weights differ and thresholds do, a few cells of low threshold hold the mean, through few and heavy inputs.
    let is_skewed = kinds[0] && kinds[2];
    let theory = tolerated_width(&scales, &rates, LEVELS);
    outcome.comparisons.push(Comparison {
        x: number as f64,
        theory,
        simulation: Estimate::of(seen.widths.iter().copied()),
        // Inputs that are skewed, or that fluctuate, the theory leaves out.
        claim: if arm.balanced || is_skewed || !theory.is_finite() { Claim::Contrast } else { Claim::Equals },
        bias: WEAK[usize::from(kinds[2] || kinds[3])],
        ..row(if arm.balanced { "D" } else { "C" }, "width", "static", arm.name)
    });
    if let Some((_, name)) = drawn {
        outcome.comparisons.push(Comparison {
            x: number as f64,
            theory: steepness(&scales, &rates),
            simulation: Estimate::of(seen.steepness.iter().copied()),
            claim: Claim::Contrast,
            ..row(if arm.balanced { "D" } else { "C" }, "steepness", "static", arm.name)
        });
        for (k, kappa) in scales.iter().enumerate() {
            let rate = Estimate::of(seen.rates.iter().map(|own| own[k]));
            table.estimate(&format!("rates, {}", arm.name), name, *kappa, rate);
            let temporal = Estimate::of(seen.temporal.iter().map(|own| own[k]));
            table.estimate(&format!("temporal share, {}", arm.name), name, *kappa, temporal);
        }
    }
}

/// What each factor adds to the width, and the claim that networks whose cells differ tolerate more.
pub(super) fn effects(arm: &Arm, widths: &[Vec<f64>], outcome: &mut Outcome) {
    let networks = widths[0].len();
    let mean = Estimate::of(widths.iter().flatten().copied()).mean;
    let panel = if arm.balanced { "D" } else { "C" };
    for (bit, name) in FACTORS.into_iter().enumerate() {
        let effect = |k: usize| {
            let signed = |(kind, own): (usize, &Vec<f64>)| if kind >> bit & 1 == 1 { own[k] } else { -own[k] };
            widths.iter().enumerate().map(signed).sum::<f64>() / 8.0
        };
        outcome.comparisons.push(Comparison {
            x: bit as f64,
            theory: 0.0,
            simulation: Estimate::of((0..networks).map(effect)),
            claim: Claim::Contrast,
            scale: Some(mean),
            ..row(panel, "width gained by a factor", "nothing gained", &format!("{name}, {}", arm.name))
        });
    }
    let ratio = Estimate::of((0..networks).map(|k| widths[15][k] / widths[0][k]));
    outcome.comparisons.push(Comparison {
        x: 15.0,
        theory: WIDER,
        simulation: ratio,
        claim: Claim::Lower,
        ..row(panel, "width of all over that of uniform", "cells that differ tolerate more", arm.name)
    });
}

/// Sampled paths against networks.
pub(super) fn sampled(
    params: &Params,
    arm: &Arm,
    (kinds, name): (Kinds, &str),
    (seed, bench): (Seed, &Bench),
    outcome: &mut Outcome,
    table: &mut SeriesTable,
) -> Result<(), Failure> {
    // Rates are constant under weak coupling.
    let period = if arm.balanced { 51.0 } else { 10.0 };
    let paths = SampledPaths { paths: params.paths, period, step: 0.2, rounds: params.rounds };
    let scales = params.scales(arm);
    let set = |_, seed: Seed| -> Result<Vec<f64>, Failure> {
        Ok(scales.par_iter().map(|kappa| paths.rates(&params.pair(arm, kinds, *kappa), seed)[0]).collect())
    };
    let sets = bench.each(&("mismatch, sampled", params, arm.name, kinds), seed, SETS, set)?;
    let mean = |k: usize| sets.iter().map(|set| set[k]).sum::<f64>() / sets.len() as f64;
    let rates: Vec<f64> = (0..scales.len()).map(mean).collect();
    table.curve(&format!("sampled, {}", arm.name), name, scales.iter().copied().zip(rates.iter().copied()));
    let width = tolerated_width(&scales, &rates, LEVELS);
    // What sets differ by: the theory's own sampling error.
    let apart = sets.iter().map(|set| (tolerated_width(&scales, set, LEVELS) - width).abs()).fold(0.0, f64::max);
    let number = all_kinds().iter().position(|own| *own == kinds).unwrap_or(0);
    let seen = outcome
        .rows(|row| row.quantity == "width" && row.label == arm.name && row.theory_name == "static")
        .iter()
        .find(|row| row.x == number as f64)
        .map(|row| row.simulation);
    let Some(simulation) = seen else { return Ok(()) };
    let bias = if arm.balanced { of_size(params.cells[1]) } else { Some(WEAK[usize::from(kinds[2] || kinds[3])]) };
    outcome.comparisons.push(Comparison {
        x: number as f64,
        theory: width,
        simulation,
        claim: if bias.is_none() { Claim::Contrast } else { Claim::Equals },
        bias: bias.unwrap_or(0.0) + apart,
        ..row(if arm.balanced { "D" } else { "C" }, "width", "sampled paths", arm.name)
    });
    Ok(())
}
