//! Shapes of bumps, and how far they wander.

use super::{NOISE, Params, RING, SURE, WATCHED, WAY};
use lab::{Claim, Comparison, Estimate, Outcome, row};
use meanfield::ring_bump;
use model::Seed;
use ndarray::Array1;
use rand_distr::{Distribution, StandardNormal};
use simulation::Ring;
use std::f64::consts::PI;

pub(super) fn ring(gain: Array1<f64>) -> Ring {
    let [uniform, tuned, input] = RING;
    Ring { gain, uniform, tuned, input }
}

pub(super) fn shape(gain: f64, units: usize, seed: Seed, outcome: &mut Outcome) {
    let ring = ring(Array1::from_elem(units, gain));
    let rates = ring.run(4.0 * WATCHED, 0.0, &mut seed.stream("ring").rng(0));
    let [uniform, tuned, input] = RING;
    let bump = ring_bump(gain, uniform, tuned, input);
    let most = rates.iter().copied().fold(0.0, f64::max);
    for (panel, quantity, theory, seen, bias) in [
        // Units are counted, on either side.
        ("A", "half width (rad)", bump.map(|bump| bump.half_width), ring.half_width(&rates), 2.0 * PI / units as f64),
        // A sum over units in place of an integral, with an edge between two of them.
        ("B", "rate at the top", bump.map(|bump| bump.peak), most, 1e-3),
    ] {
        outcome.comparisons.push(Comparison {
            x: gain,
            theory: theory.unwrap_or(f64::NAN),
            simulation: Estimate::exact(seen),
            bias,
            ..row(panel, quantity, "ring of infinitely many units", "equal units")
        });
    }
}

/// Rows of the ways of bumps `[gain][realisation]`: under noise, or where gains differ.
pub(super) fn wandering(params: &Params, spread: f64, ways: &[Vec<f64>], outcome: &mut Outcome) {
    let [uniform, tuned, input] = RING;
    let foretold = |gain: f64| {
        let bump = ring_bump(gain, uniform, tuned, input);
        bump.map_or(f64::NAN, |bump| WATCHED * bump.wandering(gain, NOISE, params.units))
    };
    let noise = spread == 0.0;
    for (&gain, ways) in params.wandering.iter().zip(ways) {
        let theory = foretold(gain);
        // The same noise moves bumps where gains differ, were it not for what else does.
        let label = if noise { "noise" } else { "gains that differ" };
        // Near the least gain bumps are so flat that noise takes rates to 0.
        let claim = if noise && gain * RING[1] >= SURE { Claim::Equals } else { Claim::Contrast };
        outcome.comparisons.push(Comparison {
            x: gain,
            theory,
            simulation: Estimate::of(ways.iter().copied()),
            claim,
            scale: Some(theory),
            ..row("C", WAY, "noise along the slope", label)
        });
    }
    let mut by_gain: Vec<(f64, &Vec<f64>)> = params.wandering.iter().copied().zip(ways).collect();
    by_gain.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (Some((lowest, first)), Some((gain, last))) = (by_gain.first(), by_gain.last()) else { return };
    let difference = Estimate::of(first.iter().zip(*last).map(|(a, b)| a - b));
    // One gain says nothing of what gain does.
    let claim = if noise && lowest < gain { Claim::Lower } else { Claim::Contrast };
    outcome.comparisons.push(Comparison {
        x: *gain,
        theory: 0.0,
        simulation: difference,
        claim,
        scale: Some(Estimate::of(first.iter().copied()).mean),
        ..row(
            "C",
            "squared way at the lowest gain less that at the highest (rad²)",
            "gain keeps bumps in place",
            if noise { "noise" } else { "gains that differ" },
        )
    });
    if !noise {
        let seen = Estimate::of(last.iter().copied());
        outcome.comparisons.push(Comparison {
            x: *gain,
            theory: foretold(*gain),
            simulation: seen,
            claim: Claim::Lower,
            scale: Some(seen.mean),
            ..row("C", "squared way at the highest gain (rad²)", "more than noise moves it", "gains that differ")
        });
    }
}

/// Squared way of a bump in rad², under noise if gains do not differ.
pub(super) fn way(gain: f64, units: usize, spread: f64, seed: Seed) -> f64 {
    let mut rng = seed.stream("ring").rng(0);
    let gains = Array1::from_shape_simple_fn(units, || {
        let z: f64 = StandardNormal.sample(&mut rng);
        gain * libm::exp(spread * z)
    });
    let ring = ring(gains);
    let rates = ring.run(WATCHED, if spread == 0.0 { NOISE } else { 0.0 }, &mut rng);
    ring.place(&rates).powi(2)
}
