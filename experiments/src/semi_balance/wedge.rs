//! Phase diagrams: where circuits balance, semi-balance, have several states, none, or unstable ones.

use super::networks::{drive, two_and_inhibition};
use lab::input::{count_within, within};
use lab::plot::{Axis, Figure, Kind, Panel};
use lab::{Bench, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use model::Seed;
use ndarray::{Array1, array};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use systems::circuit::{Basins, Populations};

pub struct Wedge;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// g √N of the simulated populations.
    gain: f64,
    /// Random starts of the dynamics in each cell.
    starts: usize,
    /// Cells along each axis.
    cells: usize,
}

/// What the states of a circuit are, in the order of the legend.
const CLASSES: [&str; 6] =
    ["balanced", "one silenced", "two stable", "stable and unstable", "unstable only", "no state"];

/// The diagrams: an E-I pair, a pair whose inhibition is slow, three populations.
const DIAGRAMS: [&str; 3] = ["E-I pair", "E-I pair, inhibition half as fast", "two E populations and I"];

impl Experiment for Wedge {
    type Params = Params;
    const SECONDS: [f64; 2] = [3.7, 61.9];
    const NAME: &'static str = "wedge";
    const TITLE: &'static str = "phase diagrams: balanced, semi-balanced, several states, none, unstable";
    const CAPTION: &'static str = include_str!("wedge.md");

    fn params(&self, scale: Scale) -> Params {
        let (starts, cells) = match scale {
            Scale::Quick => (3, 12),
            Scale::Paper => (8, 32),
        };
        Params { gain: 10.0, starts, cells }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        within("gain", params.gain, 1e-3, 1e3)?;
        count_within("starts", params.starts, 1, 10_000)?;
        count_within("cells", params.cells, 2, 400)
    }

    fn memory(&self, params: &Params) -> f64 {
        (params.cells * params.cells) as f64 * 4e3
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        bench.begin("wedge", DIAGRAMS.len() * params.cells);
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        for (diagram, name) in DIAGRAMS.iter().enumerate() {
            let column = |i: usize, _| -> Result<Vec<Cell>, Failure> {
                (0..params.cells).into_par_iter().map(|j| cell(params, [diagram, i, j], seed)).collect()
            };
            let solved = bench.each(&(Self::NAME, params, diagram), seed, params.cells, column)?.concat();
            let panel = ["A", "B", "C"][diagram];
            for (class, class_name) in CLASSES.iter().enumerate() {
                let own: Vec<&Cell> = solved.iter().filter(|cell| cell.class == class).collect();
                let strange: Vec<&&Cell> = own.iter().filter(|cell| cell.is_strange).collect();
                own.iter().for_each(|cell| table.point(&format!("{diagram} class"), class_name, cell.x, cell.y));
                strange.iter().for_each(|cell| table.point(&format!("{diagram} strange"), "cells", cell.x, cell.y));
                if own.is_empty() {
                    continue;
                }
                outcome.comparisons.push(Comparison {
                    x: own.len() as f64,
                    theory: 0.0,
                    simulation: Estimate::exact(strange.len() as f64),
                    ..row(
                        panel,
                        &format!("cells of {name} whose runs end elsewhere"),
                        "all states at this gain",
                        class_name,
                    )
                });
            }
        }
        edges(&mut table);
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let map = |letter, diagram: usize, x: Axis, y: Axis| {
            let cells = CLASSES.iter().enumerate().map(|(class, name)| {
                let colour = [2, 0, 5, 4, 3, 7][class];
                outcome.mark(Kind::Cells, colour, name, &format!("{diagram} class"), name)
            });
            let edge = |name| outcome.mark(Kind::Line, 6, "", &format!("{diagram} edge"), name);
            Panel::new(letter, DIAGRAMS[diagram], x, y)
                .with(cells)
                .with([outcome.mark(Kind::Open, 6, "", &format!("{diagram} strange"), "cells")])
                .with(["first", "second"].map(edge))
        };
        let ratio = |label: &str| Axis::linear(label).between(0.0, 2.0);
        let pair = |letter, diagram| map(letter, diagram, ratio("*X*_{e}/*X*_{i}"), ratio("*w*_{ei}/*w*_{ii}"));
        let contrast = Axis::linear("contrast δ (Hz)").between(0.0, 8.0);
        let row = vec![pair("A", 0), pair("B", 1), map("C", 2, contrast, ratio("coupling within *w*"))];
        Figure::new(66.0, vec![row]).key(Kind::Line, "edges as *N* → ∞").key(Kind::Open, "runs that end elsewhere")
    }
}

/// One circuit of a diagram.
#[derive(Clone, Serialize, Deserialize)]
struct Cell {
    x: f64,
    y: f64,
    /// Place in [`CLASSES`].
    class: usize,
    /// Whether runs end where theory has nothing.
    is_strange: bool,
}

/// What becomes of the circuit at `[diagram, i, j]`.
fn cell(params: &Params, [diagram, i, j]: [usize; 3], seed: Seed) -> Result<Cell, Failure> {
    let place = |k: usize| (k as f64 + 0.5) / params.cells as f64;
    let (x, y, populations) = circuit(diagram, place(i), place(j), params.gain);
    let index = ((diagram * params.cells + i) * params.cells + j) as u64;
    let basins = populations.basins(params.starts, seed.replicate(index))?;
    Ok(Cell { x, y, class: classify(&basins), is_strange: is_strange(&basins) })
}

/// The circuit at shares `u` and `v` of the axes, with its abscissa and ordinate.
fn circuit(diagram: usize, u: f64, v: f64, gain: f64) -> (f64, f64, Populations) {
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

fn classify(basins: &Basins) -> usize {
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
fn is_strange(basins: &Basins) -> bool {
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
fn edges(table: &mut SeriesTable) {
    for diagram in 0..2 {
        table.curve(&format!("{diagram} edge"), "first", [(0.0, 0.0), (2.0, 2.0)]);
        table.curve(&format!("{diagram} edge"), "second", [(0.0, 0.4), (2.0, 0.4)]);
    }
    table.curve("2 edge", "first", [(0.0, 1.0), (8.0, 1.0)]);
    // Symmetric rate 99/17 = antisymmetric rate 1.8 δ/(2 − 2 w).
    let points = (0..=100).map(|k| f64::from(k) / 100.0).map(|w| (99.0 / 17.0 * (2.0 - 2.0 * w) / 1.8, w));
    table.curve("2 edge", "second", points);
}
