//! Shifts of rates, driven and free.

use super::Params;
use lab::{Comparison, Estimate, Failure, Outcome, SeriesTable, row};
use meanfield::{drive_response, shifted_rates};
use model::Seed;
use ndarray::{Array1, Array2, array};
use rand::RngExt;
use semibalance::{Circuit, all_states};
use simulation::Fate;
use systems::circuit::Populations;

/// Gain at which inhibition is driven, and by how much.
pub(super) const GAIN: f64 = 10.0;

pub(super) const DRIVEN: f64 = 1e-4;

/// The pair: weights and drives.
pub(super) fn pair(excitation: f64) -> (Array2<f64>, Array1<f64>) {
    (array![[excitation, -1.5], [1.2, -1.0]], array![1.0, 0.4])
}

pub(super) fn input(error: impl std::fmt::Display) -> Failure {
    Failure::Input(error.to_string())
}

/// Where the dynamics come to rest.
pub(super) fn end(w: &Array2<f64>, x: &Array1<f64>, gain: f64) -> Array1<f64> {
    let populations = Populations { w: w.clone(), x: x.clone(), tau: Array1::ones(x.len()), gain };
    match populations.end(&Array1::ones(x.len())) {
        Fate::Settled(r) => r,
        Fate::Moving(_) | Fate::RanAway => Array1::from_elem(x.len(), f64::NAN),
    }
}

pub(super) fn shifts(params: &Params, outcome: &mut Outcome) -> Result<(), Failure> {
    let (w, x) = pair(1.0);
    let by = w[[0, 1]];
    for &change in &params.changes {
        let mut other = w.clone();
        other[[0, 1]] = by * (1.0 + change);
        let mut push = |label: &str, theory: &Array1<f64>, seen: &Array1<f64>, bias: f64| {
            for (a, name) in ["e", "i"].iter().enumerate() {
                outcome.comparisons.push(Comparison {
                    x: change,
                    theory: theory[a],
                    simulation: Estimate::exact(seen[a]),
                    bias: bias * theory[a].abs().max(1.0),
                    ..row("A", &format!("r_{name}"), "exact shift", label)
                });
            }
        };
        let theory = shifted_rates(&w, &x, (0, 1), by * change).map_err(input)?;
        let states = all_states(&Circuit::new(other.clone(), x.clone()).map_err(input)?).map_err(input)?;
        let both = states.states.iter().find(|state| state.support.len() == 2);
        let limit = both.map_or_else(|| Array1::from_elem(2, f64::NAN), |state| state.r.clone());
        push("N → ∞", &theory, &limit, 1e-12);
        for &size in &params.sizes {
            let finite = &w - &(Array2::<f64>::eye(2) / size.sqrt());
            let theory = shifted_rates(&finite, &x, (0, 1), by * change).map_err(input)?;
            // The dynamics stop where τ dr/dt is 1e-11 of the largest rate.
            push(&format!("N = {size}"), &theory, &end(&other, &x, size.sqrt()), 1e-8);
        }
    }
    Ok(())
}

pub(super) fn driven(params: &Params, outcome: &mut Outcome) -> Result<(), Failure> {
    for &excitation in &params.excitation {
        let (w, x) = pair(excitation);
        let theory = drive_response(&(&w - &(Array2::<f64>::eye(2) / GAIN))).map_err(input)?[[1, 1]];
        let at = |change: f64| end(&w, &array![x[0], x[1] + change], GAIN)[1];
        outcome.comparisons.push(Comparison {
            x: excitation,
            theory,
            simulation: Estimate::exact((at(DRIVEN) - at(-DRIVEN)) / (2.0 * DRIVEN)),
            // Ends of the dynamics are right to 1e-9; rates are linear in drives.
            bias: 1e-9 / DRIVEN,
            scale: Some(0.1),
            ..row("B", "response of i to its drive", "−(W − 1/g)⁻¹", "g = 10")
        });
    }
    Ok(())
}

/// States of random circuits, in one of whose populations inhibition is taken away; and signs of shifts in pairs.
pub(super) fn free(params: &Params, seed: Seed, outcome: &mut Outcome, table: &mut SeriesTable) -> Result<(), Failure> {
    let mut rng = seed.stream("circuits").rng(0);
    let mut counts = [[0_usize; 3]; 2];
    let mut rose = 0_usize;
    for _ in 0..params.circuits {
        let mut draw = || rng.random_range(0.1..2.0);
        let mut w = Array2::from_shape_simple_fn((3, 3), &mut draw);
        w.column_mut(2).mapv_inplace(|v| -v);
        let x = Array1::from_shape_simple_fn(3, &mut draw);
        for (kind, w) in [
            (1, w.clone()),
            (0, {
                w[[1, 2]] = 0.0;
                w.clone()
            }),
        ] {
            let found = all_states(&Circuit::new(w, x.clone()).map_err(input)?).map_err(input)?;
            counts[kind][found.states.len().min(2)] += 1;
        }
        // A pair that is balanced: bc > ad.
        let [a, b, c, d] = [draw(), draw(), draw(), draw()];
        let determinant = b * c - a * d;
        if determinant > 0.1 {
            let (w, r) = (array![[a, -b], [c, -d]], array![draw(), draw()]);
            let mut more = w.clone();
            more[[0, 1]] -= 1e-3;
            let found = all_states(&Circuit::new(more, -w.dot(&r)).map_err(input)?).map_err(input)?;
            let both = found.states.iter().find(|state| state.support.len() == 2);
            rose += usize::from(both.is_none_or(|state| state.r[0] >= r[0] || state.r[1] >= r[1]));
        }
    }
    let share = |count: usize| count as f64 / params.circuits as f64;
    for (name, counts) in ["uninhibited", "inhibited"].iter().zip(counts) {
        table.curve("states", name, counts.iter().enumerate().map(|(k, count)| (k as f64, share(*count))));
    }
    for (panel, quantity, theory_name, seen, scale) in [
        (
            "C",
            "circuits with states, one population uninhibited",
            "no state without inhibition",
            counts[0][1] + counts[0][2],
            counts[1][1] + counts[1][2],
        ),
        ("A", "pairs in which a rate rises with inhibition", "both rates fall", rose, params.circuits),
    ] {
        outcome.comparisons.push(Comparison {
            theory: 0.0,
            simulation: Estimate::exact(seen as f64),
            scale: Some(scale as f64),
            ..row(panel, quantity, theory_name, "random circuits")
        });
    }
    Ok(())
}
