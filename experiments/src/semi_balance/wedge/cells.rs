//! One circuit of a diagram, and the edges between kinds of them.

use super::super::networks::{drive, two_and_inhibition};
use super::Params;
use lab::{Failure, SeriesTable};
use model::Seed;
use ndarray::{Array1, array};
use serde::{Deserialize, Serialize};
use systems::circuit::{Basins, Populations};

/// One circuit of a diagram.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Cell {
    pub(super) x: f64,
    pub(super) y: f64,
    /// Place in [`CLASSES`].
    pub(super) class: usize,
    /// Whether runs end where theory has nothing.
    pub(super) is_strange: bool,
}

/// What becomes of the circuit at `[diagram, i, j]`.
pub(super) fn cell(params: &Params, [diagram, i, j]: [usize; 3], seed: Seed) -> Result<Cell, Failure> {
    let place = |k: usize| (k as f64 + 0.5) / params.cells as f64;
    let (x, y, populations) = circuit(diagram, place(i), place(j), params.gain);
    let index = ((diagram * params.cells + i) * params.cells + j) as u64;
    let basins = populations.basins(params.starts, seed.replicate(index))?;
    Ok(Cell { x, y, class: classify(&basins), is_strange: is_strange(&basins) })
}

/// The circuit at shares `u` and `v` of the axes, with its abscissa and ordinate.
pub(super) fn circuit(diagram: usize, u: f64, v: f64, gain: f64) -> (f64, f64, Populations) {
    if diagram == 2 {
        let (contrast, within) = (8.0 * u, 2.0 * v);
        let populations = Populations { w: two_and_inhibition(within), x: drive(contrast), tau: Array1::ones(3), gain };
        return (contrast, within, populations);
    }
    let (drives, inhibition) = (2.0 * u, 2.0 * v);
    // Panel B: inhibition so slow and weak on itself that w_ee/τ_e > w_ii/τ_i.
    let (inner, slow) = if diagram == 0 { (3.0, 1.0) } else { (3.0, 2.0) };
    let populations = Populations {
        w: array![[2.0, -inhibition * inner], [5.0, -inner]],
        x: array![10.0 * drives, 10.0],
        tau: array![1.0, slow],
        gain,
    };
    (drives, inhibition, populations)
}

pub(super) fn classify(basins: &Basins) -> usize {
    let all = &basins.states.states;
    let stable: Vec<_> = basins.stable().collect();
    match (all.len(), stable.len()) {
        (0, _) => 5,
        (_, 0) => 4,
        (1, 1) if stable[0].support.len() == stable[0].r.len() => 0,
        (1, 1) => 1,
        (_, 1) => 3,
        _ => 2,
    }
}

/// Whether some run ends where the list has no stable state, or none ends although it has one.
pub(super) fn is_strange(basins: &Basins) -> bool {
    let elsewhere = basins.ends.iter().any(|(end, _)| {
        let size = end.iter().copied().fold(0.0, f64::max);
        // The dynamics stop where τ dr/dt is 1e-11 of the largest rate; modes slower than 1e-5 are left out by the grid.
        !basins.stable().any(|state| (&state.r - end).iter().all(|d| d.abs() <= 1e-6 * size))
    });
    // Beside an unstable state the basin of the stable one may be small, and all starts may miss it.
    let only = basins.states.states.len() == 1 && basins.stable().next().is_some();
    elsewhere || (only && basins.ends.is_empty())
}

/// As N → ∞: X_e/X_i = w_ei/w_ii and w_ei/w_ii = w_ee/w_ie for the pairs; δ = 55/17 at w = 1/2, and w = 1, for three populations.
pub(super) fn edges(table: &mut SeriesTable) {
    for diagram in 0..2 {
        table.curve(&format!("{diagram} edge"), "first", [(0.0, 0.0), (2.0, 2.0)]);
        table.curve(&format!("{diagram} edge"), "second", [(0.0, 0.4), (2.0, 0.4)]);
    }
    table.curve("2 edge", "first", [(0.0, 1.0), (8.0, 1.0)]);
    // Symmetric rate 99/17 = antisymmetric rate 1.8 δ/(2 − 2 w).
    let points = (0..=100).map(|k| f64::from(k) / 100.0).map(|w| (99.0 / 17.0 * (2.0 - 2.0 * w) / 1.8, w));
    table.curve("2 edge", "second", points);
}
