//! How much small errors of W and X grow in r = −W⁻¹X.

mod growth;

use super::networks::two_and_inhibition;
use crate::rows::largest;
use growth::{Measured, condition, measure};
use lab::input::{all_within, count_within, within};
use lab::plot::{Axis, Figure, Kind, Legend, Mark, Panel};
use lab::{Bench, Claim, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use model::Seed;
use ndarray::{Array2, Axis as Along, array};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

pub struct Conditioning;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Cells along each axis of the map.
    cells: usize,
    /// Random errors in each cell.
    errors: usize,
    /// Size of errors, in parts of X and of W.
    size: f64,
    /// Couplings within populations at which three of them are looked at.
    within: Vec<f64>,
}

/// Classes of condition numbers: names, and where the next one begins.
const CLASSES: [(&str, f64); 5] =
    [("< 3", 3.0), ("3 to 10", 10.0), ("10 to 30", 30.0), ("30 to 100", 100.0), ("> 100", f64::INFINITY)];

/// Rounding of rates at 1e-16 of them, in parts of errors of 1e-6, with room for the arithmetic of small matrices.
const ROUNDING: f64 = 1e-9;

/// Place in the map, and what is found there.
type Cell = ((usize, usize), Measured);

impl Experiment for Conditioning {
    type Params = Params;
    const SECONDS: [f64; 2] = [0.81, 7.22];
    const NAME: &'static str = "conditioning";
    const TITLE: &'static str = "how much errors grow in balanced rates";
    const CAPTION: &'static str = include_str!("conditioning.md");

    fn params(&self, scale: Scale) -> Params {
        let (cells, errors) = match scale {
            Scale::Quick => (16, 20),
            Scale::Paper => (48, 200),
        };
        let within = (0..10).map(|k| 0.1 + 0.2 * f64::from(k)).filter(|w| (w - 1.0).abs() > 0.01).collect();
        Params { cells, errors, size: 1e-6, within }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        count_within("cells", params.cells, 1, 400)?;
        count_within("errors", params.errors, 1, 100_000)?;
        within("size", params.size, 1e-9, 1e-3)?;
        all_within("within", &params.within, -100.0, 100.0)
    }

    fn memory(&self, params: &Params) -> f64 {
        (params.cells * params.cells) as f64 * 1e3
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        bench.begin("conditioning", params.cells + 1);
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        let place = |k: usize| 2.0 * (k as f64 + 0.5) / params.cells as f64;
        // Cells on the line have no balanced state.
        let column = |i: usize, _| -> Result<Vec<Cell>, Failure> {
            let cell = |j: usize| {
                let seed = seed.replicate((i * params.cells + j) as u64);
                Ok(((i, j), measure(&pair(place(i), place(j)), params, seed)?))
            };
            (0..params.cells).into_par_iter().filter(|j| *j != i).map(cell).collect()
        };
        let columns = bench.each(&(Self::NAME, params), seed, params.cells, column)?;
        let cells: Vec<Cell> = columns.into_iter().flatten().collect();
        for (class, (name, end)) in CLASSES.iter().enumerate() {
            let start = class.checked_sub(1).map_or(0.0, |before| CLASSES[before].1);
            let own = || cells.iter().filter(|(_, m)| (start..*end).contains(&m.condition));
            own().for_each(|((i, j), _)| table.point("class", name, place(*i), place(*j)));
            if own().next().is_none() {
                continue;
            }
            let label = format!("{} pairs with condition number {name}", own().count());
            let most = |of: fn(&Measured) -> f64| largest(own().map(|(_, m)| of(m) / m.condition));
            for (quantity, growth) in [
                ("largest growth of random errors of X / κ", most(|m| m.drive)),
                (
                    "largest growth of random errors of W, relative to the rates that have them / κ",
                    most(|m| m.coupling),
                ),
            ] {
                outcome.comparisons.push(Comparison {
                    claim: Claim::Upper,
                    theory: 1.0,
                    simulation: Estimate::exact(growth),
                    bias: ROUNDING,
                    ..row("A", quantity, "condition number", &label)
                });
            }
            // The one farthest from what is claimed.
            let ratios = own().map(|(_, m)| m.worst / m.condition);
            let worst = ratios.max_by(|a, b| (a - 1.0).abs().total_cmp(&(b - 1.0).abs())).unwrap_or(f64::NAN);
            outcome.comparisons.push(Comparison {
                theory: 1.0,
                simulation: Estimate::exact(worst),
                bias: ROUNDING,
                ..row("A", "growth of the worst errors of X / κ", "condition number", &label)
            });
            let positive: Vec<f64> = own().filter_map(|(_, m)| m.positive.map(|growth| growth / m.condition)).collect();
            if !positive.is_empty() {
                outcome.comparisons.push(Comparison {
                    claim: Claim::Contrast,
                    theory: 1.0,
                    simulation: Estimate::of(positive.iter().copied()),
                    ..row("A", "the same at positive rates and drives, mean over pairs", "condition number", &label)
                });
            }
        }
        table.curve("singular", "line", [(0.0, 0.0), (2.0, 2.0)]);
        for (name, populations) in ACTIVE {
            let coupling =
                |within| two_and_inhibition(within).select(Along(0), populations).select(Along(1), populations);
            // An even number of points passes by the singular one.
            let curve = (0..400).map(|k| 2.0 * (f64::from(k) + 0.5) / 400.0);
            table.curve(name, "theory", curve.map(|within| (within, condition(&coupling(within)).unwrap_or(f64::NAN))));
            for (k, &within) in params.within.iter().enumerate() {
                let measured =
                    measure(&coupling(within), params, seed.replicate((cells.len() + params.cells + k) as u64))?;
                outcome.comparisons.push(Comparison {
                    x: within,
                    theory: measured.condition,
                    simulation: Estimate::exact(measured.worst),
                    bias: ROUNDING * measured.condition,
                    ..row("B", "growth of the worst errors of X", "condition number", name)
                });
            }
        }
        bench.advance();
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let mut map: Vec<Mark> = CLASSES
            .iter()
            .enumerate()
            .map(|(class, (name, _))| {
                outcome.mark(Kind::Cells, [5, 0, 2, 4, 1][class], &format!("κ {name}"), "class", name)
            })
            .filter(|mark| !mark.x.is_empty())
            .collect();
        map.push(outcome.mark(Kind::Line, 6, "", "singular", "line"));
        let ratio = |label: &str| Axis::linear(label).between(0.0, 2.0);
        let pairs =
            Panel::new("A", "condition number κ of a pair", ratio("*w*_{ee}/*w*_{ie}"), ratio("*w*_{ei}/*w*_{ii}"));
        let three = Panel::new(
            "B",
            "three populations",
            ratio("coupling within *w* (across 2 − *w*)"),
            Axis::log("growth of the worst errors").between(1.0, 1e4),
        );
        let three = ACTIVE.iter().enumerate().fold(three, |panel, (k, (name, _))| {
            let rows = outcome.of("growth of the worst errors of X", name);
            panel.with([outcome.mark(Kind::Line, k, name, name, "theory")]).judged(&rows, k).simulated(&rows, k, "")
        });
        let row = vec![pairs.with(map), three.legend(Legend::TopRight)];
        Figure::new(74.0, vec![row]).key(Kind::Line, "condition number; W singular in A")
    }
}

/// Active populations of three.
const ACTIVE: [(&str, &[usize]); 2] = [("all three active", &[0, 1, 2]), ("one E silent", &[0, 2])];

/// The pair at w_ee/w_ie and w_ei/w_ii.
fn pair(excitation: f64, inhibition: f64) -> Array2<f64> {
    array![[5.0 * excitation, -3.0 * inhibition], [5.0, -3.0]]
}
