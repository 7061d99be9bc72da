//! One modulator, two receptors: which cells it excites, at which level.

use lab::input::{all_within, count_within, within};
use lab::plot::{Axis, Figure, Kind, Panel};
use lab::{Bench, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use meanfield::Receptors;
use model::Seed;
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

pub struct SignMap;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Levels m of the modulator.
    levels: Vec<f64>,
    /// Half levels C₁ and C₂ of both receptors.
    halves: [f64; 2],
    /// Standard deviation of ln d.
    sigma: f64,
    /// Cells of a network.
    cells: usize,
    /// Networks.
    networks: usize,
}

/// Strength of the modulation of gains.
const STRENGTH: f64 = 0.5;

/// Relative change of the level by which gains are seen to change.
const SMALL: f64 = 1e-6;

impl Experiment for SignMap {
    type Params = Params;
    const SECONDS: [f64; 2] = [0.1, 0.5];
    const NAME: &'static str = "sign-map";
    const TITLE: &'static str = "which cells a modulator excites";
    const CAPTION: &'static str = include_str!("sign_map.md");

    fn params(&self, scale: Scale) -> Params {
        let (count, cells, networks) = if scale == Scale::Quick { (7, 2000, 10) } else { (13, 4000, 40) };
        let level = |k: usize| 0.02 * libm::pow(100.0, k as f64 / (count - 1) as f64);
        Params { levels: (0..count).map(level).collect(), halves: [1.0, 0.1], sigma: 0.5, cells, networks }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        all_within("levels", &params.levels, 1e-6, 1e6)?;
        all_within("halves", &params.halves, 1e-6, 1e6)?;
        within("sigma", params.sigma, 1e-3, 5.0)?;
        count_within("cells", params.cells, 10, 1_000_000)?;
        count_within("networks", params.networks, 3, 10_000)
    }

    fn memory(&self, params: &Params) -> f64 {
        16.0 * params.cells as f64
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        bench.begin("sign-map", params.networks);
        let receptors = Receptors { halves: params.halves, sigma: params.sigma, strength: STRENGTH };
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        // Shares that are raised, and that are at 0, of each network and level.
        let mut seen: Vec<Vec<[f64; 2]>> = Vec::new();
        for k in 0..params.networks as u64 {
            let mut rng = seed.replicate(k).stream("densities").rng(0);
            let mut density = || -> f64 {
                let z: f64 = StandardNormal.sample(&mut rng);
                libm::exp(params.sigma * z)
            };
            let cells: Vec<[f64; 2]> = (0..params.cells).map(|_| [density(), density()]).collect();
            seen.push(params.levels.iter().map(|&m| raised(&cells, m, params.halves)).collect());
            bench.advance();
        }
        for (k, &m) in params.levels.iter().enumerate() {
            let clipped = Estimate::of(seen.iter().map(|own| own[k][1])).mean;
            outcome.comparisons.push(Comparison {
                x: m,
                theory: receptors.excited_share(m),
                simulation: Estimate::of(seen.iter().map(|own| own[k][0])),
                // Gains that are clipped at 0 are not raised.
                bias: clipped,
                scale: Some(1.0),
                ..row("A", "share of cells that are excited", "sign of dg/dm", "lognormal densities")
            });
            table.point("threshold", "θ", m, receptors.sign_threshold(m));
        }
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let level = || Axis::log("level *m*");
        let share = Panel::new("A", "one signal", level(), Axis::linear("share excited").between(0.0, 1.0)).compared(
            &outcome.rows(|row| row.panel == "A"),
            0,
            "",
        );
        let threshold = Panel::new("B", "two receptors", level(), Axis::log("threshold of *d*_{1}/*d*_{2}"))
            .with([outcome.mark(Kind::Line, 7, "", "threshold", "θ")]);
        Figure::new(66.0, vec![vec![share, threshold]])
            .key(Kind::Points, "cells, mean over networks")
            .key(Kind::Line, "theory")
    }
}

/// Shares of cells whose gain rises with the level, and whose gain is 0.
fn raised(cells: &[[f64; 2]], level: f64, [c1, c2]: [f64; 2]) -> [f64; 2] {
    let gain = |[d1, d2]: [f64; 2], m: f64| (1.0 + STRENGTH * (d1 * m / (m + c1) - d2 * m / (m + c2))).max(0.0);
    let more = cells.iter().filter(|d| gain(**d, level * (1.0 + SMALL)) > gain(**d, level)).count();
    let none = cells.iter().filter(|d| gain(**d, level) == 0.0).count();
    [more as f64 / cells.len() as f64, none as f64 / cells.len() as f64]
}
