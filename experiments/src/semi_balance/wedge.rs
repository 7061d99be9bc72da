//! Phase diagrams: where circuits balance, semi-balance, have several states, none, or unstable ones.

mod cells;

use cells::{Cell, cell, edges};
use lab::input::{count_within, within};
use lab::plot::{Axis, Figure, Kind, Panel};
use lab::{Bench, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use model::Seed;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

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
