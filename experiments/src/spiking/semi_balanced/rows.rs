//! Independent rates, silenced cells, distributions and limits.

use super::super::networks::MEAN;
use super::{NETWORKS, POPULATIONS};
use lab::{Claim, Comparison, Outcome, SeriesTable, row};
use meanfield::ToCircuit;
use semibalance::{all_states, balanced};
use systems::spiking_network::{Measured, currents, finite, first};

/// Rates of an independent simulation of S3: N, δ in Hz, networks, rates in Hz, their standard errors.
pub(super) const INDEPENDENT: [(usize, f64, [f64; 3], [f64; 3]); 3] = [
    (5000, 0.0, [5.49, 5.57, 14.13], [0.045, 0.058, 0.064]),
    (5000, 5.0, [10.32, 1.57, 14.91], [0.022, 0.037, 0.046]),
    (10_000, 5.0, [11.01, 1.17, 15.59], [0.051, 0.003, 0.059]),
];

/// Against the independent simulation: standard errors of both sides.
pub(super) fn independent(measured: &Measured) -> Vec<Comparison> {
    let case = &measured.case;
    let known = INDEPENDENT.iter().find(|(n, x, ..)| *n == case.system.network.connections.size && *x == case.x);
    let Some((_, _, rates, errors)) = known else { return Vec::new() };
    let of = |(a, name): (usize, &&str)| Comparison {
        x: case.x,
        theory: rates[a],
        simulation: measured.estimate(|s| s.rates[a]),
        // Three of their standard errors, of three or four networks, and the last digit.
        bias: 3.0 * errors[a] + 0.005,
        ..row(["A", "C", "A"][a], &format!("r_{name} (Hz)"), "reference:independent simulation", &case.label)
    };
    POPULATIONS.iter().enumerate().map(of).collect()
}

/// Inputs at the largest contrast.
pub(super) fn silenced(measured: &Measured, outcome: &mut Outcome, table: &mut SeriesTable) {
    let n = measured.case.system.network.connections.size as f64;
    outcome.comparisons.extend(currents(measured, "D").into_iter().map(|row| Comparison { x: n, ..row }));
    // The sign is what semi-balance claims, once N is large enough for theory to have it.
    let below = finite(measured, |f| f.input[1] + f.input_error[1]) < 0.0;
    outcome.comparisons.push(Comparison {
        x: n,
        theory: 0.0,
        simulation: measured.estimate(|s| s.drives[1].total()),
        claim: if below { Claim::Upper } else { Claim::Contrast },
        scale: Some(finite(measured, |f| f.input[1]).abs()),
        ..row("D", "mean input to e2 (mV/ms)", "excess of inhibition", "S3, largest contrast")
    });
    if let Some(net) = measured.predicted.semi.as_ref().map(|semi| {
        let (w, x) = (measured.case.system.network.mean_coupling(), measured.case.system.network.mean_drive());
        (w.row(1).dot(semi) + x[1]) * n.sqrt() / 1000.0
    }) {
        table.point("input limit", "e2", n, net);
    }
}

/// Laws of mean inputs over the cells of the first draw.
pub(super) fn distributions(measured: &Measured, table: &mut SeriesTable) {
    const WIDTH: f64 = 0.2;
    for (a, name) in POPULATIONS.iter().enumerate() {
        let cells = first(measured).starts[a]..first(measured).starts[a + 1];
        let mut histogram = analysis::Histogram::new(-4.0, 4.0, (8.0 / WIDTH) as usize);
        let inputs: Vec<f32> = first(measured).input[cells].iter().map(|i| *i as f32).collect();
        histogram.push(&inputs);
        if let Some(law) = histogram.finish() {
            table.curve("law", name, (0..law.density.len()).map(|k| (law.centre(k), law.density[k])));
        }
    }
}

/// Lines of N → ∞.
pub(super) fn limits(most: f64, table: &mut SeriesTable) {
    for (_, name, build) in NETWORKS {
        for k in 0..=140 {
            let contrast = most * f64::from(k) / 140.0;
            let network = build(1, MEAN + contrast, MEAN - contrast);
            let circuit = network.circuit().expect("weights of the paper");
            let states = all_states(&circuit).expect("three populations").states;
            let balanced = balanced(&circuit).rates;
            for (a, population) in POPULATIONS.iter().enumerate() {
                let semi = states.first().map_or(f64::NAN, |s| s.r[a]);
                table.point(&format!("{name} limit"), population, contrast, semi);
                let linear = balanced.as_ref().map_or(f64::NAN, |b| b[a]);
                table.point(&format!("{name} balanced"), population, contrast, linear);
            }
        }
    }
}
