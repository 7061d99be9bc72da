//! Learning another task by densities of receptors, or by weights.

mod learn;
mod rows;

use lab::input::{all_within, count_within, counts_within, within};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use learn::{MANY, densities, learn};
use meanfield::Receptors;
use model::Seed;
use rows::compare;
use serde::{Deserialize, Serialize};

pub struct Relearning;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// The two levels of the modulator whose tasks are exchanged.
    levels: [f64; 2],
    /// First levels for which the share of cells that can exchange is looked at.
    lower: Vec<f64>,
    /// Half levels C₁ and C₂ of both receptors.
    halves: [f64; 2],
    /// Standard deviation of ln d.
    sigma: f64,
    /// Patterns of each level.
    patterns: Vec<usize>,
    /// Patterns at level 0, which are to be kept.
    kept: usize,
    /// Cells, and outputs.
    cells: usize,
    outputs: usize,
    /// Mean square error at which a task is learned.
    criterion: f64,
    /// Updates after which learning is given up.
    most: usize,
    /// Networks.
    networks: usize,
}

/// Strength of the modulation of gains.
const STRENGTH: f64 = 0.5;

/// Share of cells that has to be able to exchange: others are left out of the task.
const LEAST: f64 = 0.01;

/// Names of the ways to learn.
const WAYS: [&str; 3] = ["weights", "densities of any sign", "densities above 0"];

impl Experiment for Relearning {
    type Params = Params;
    const SECONDS: [f64; 2] = [5.0, 40.0];
    const NAME: &'static str = "relearning";
    const TITLE: &'static str = "learning another task at receptors, or at synapses";
    const CAPTION: &'static str = include_str!("relearning.md");

    fn params(&self, scale: Scale) -> Params {
        let (patterns, most, networks) =
            if scale == Scale::Quick { (vec![2, 5, 10], 4000, 6) } else { (vec![2, 5, 10, 20, 30], 20_000, 16) };
        Params {
            levels: [0.05, 1.0],
            lower: vec![0.01, 0.02, 0.05, 0.1, 0.2, 0.4],
            halves: [1.0, 0.1],
            sigma: 0.5,
            patterns,
            kept: 20,
            cells: 100,
            outputs: 10,
            criterion: 0.05,
            most,
            networks,
        }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        all_within("levels", &params.levels, 1e-6, 1e6)?;
        all_within("lower", &params.lower, 1e-6, 1e6)?;
        all_within("halves", &params.halves, 1e-6, 1e6)?;
        if params.levels[0] == params.levels[1] || params.halves[0] == params.halves[1] {
            return Err(Failure::Input(
                "levels and halves: both of a pair are equal (allowed: two that differ)".into(),
            ));
        }
        within("sigma", params.sigma, 1e-3, 5.0)?;
        let receptors = Receptors { halves: params.halves, sigma: params.sigma, strength: STRENGTH };
        if receptors.exchangeable_share(params.levels) < LEAST {
            let [low, high] = params.levels;
            return Err(Failure::Input(format!(
                "levels [{low}, {high}]: fewer than one cell of a hundred can exchange its gains (allowed: levels where more can)"
            )));
        }
        count_within("cells", params.cells, 4, 2000)?;
        count_within("outputs", params.outputs, 1, 100)?;
        count_within("kept", params.kept, 1, params.cells / 2)?;
        // What a readout is taught it must be able to do.
        counts_within("patterns", &params.patterns, 1, (params.cells - params.kept) / 2)?;
        within("criterion", params.criterion, 1e-9, 1.0)?;
        count_within("most", params.most, 1, 1_000_000)?;
        count_within("networks", params.networks, 3, 1000)
    }

    fn memory(&self, params: &Params) -> f64 {
        let most = params.patterns.iter().max().copied().unwrap_or(0);
        32.0 * (2 * most * params.outputs * 2 * params.cells) as f64
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        bench.begin("relearning", params.patterns.len() * params.networks);
        let receptors = Receptors { halves: params.halves, sigma: params.sigma, strength: STRENGTH };
        let mut outcome = Outcome::default();
        for &low in &params.lower {
            let levels = [low, params.levels[1]];
            if low == params.levels[1] {
                continue;
            }
            let s = receptors.exchange(levels);
            let share = (0..params.networks as u64).map(|k| {
                let mut rng = seed.replicate(k).stream("densities").rng(0);
                let stays = |_: &usize| {
                    let d = densities(params.sigma, &mut rng);
                    s.iter().all(|row| row[0] * d[0] + row[1] * d[1] >= 0.0)
                };
                (0..MANY).filter(stays).count() as f64 / MANY as f64
            });
            outcome.comparisons.push(Comparison {
                x: low,
                theory: receptors.exchangeable_share(levels),
                simulation: Estimate::of(share),
                scale: Some(1.0),
                ..row("A", "share of cells that can exchange", "normal ln d", "cells")
            });
        }
        let mut table = SeriesTable::new();
        for &patterns in &params.patterns {
            let of = (Self::NAME, params, patterns);
            let seen = bench.each(&of, seed, params.networks, |_, seed| learn(params, receptors, patterns, seed))?;
            compare(params, patterns, &seen, &mut outcome, &mut table);
        }
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let shares = Panel::new(
            "A",
            "cells that can exchange",
            Axis::log("lower level"),
            Axis::linear("share").between(0.0, 1.0),
        )
        .compared(&outcome.rows(|row| row.panel == "A"), 0, "");
        let patterns = || Axis::log("patterns of a level");
        let empty = Panel::new("B", "updates until learned", patterns(), Axis::log("updates"));
        let updates = WAYS.iter().enumerate().fold(empty, |panel, (colour, way)| {
            panel.compared(&outcome.of("updates until learned", way), colour, "").with([outcome.mark(
                Kind::Points,
                colour,
                way,
                "updates",
                way,
            )])
        });
        let empty = Panel::new("C", "what is forgotten", patterns(), Axis::linear("error at level 0"));
        let forgotten = [WAYS[0], WAYS[2]]
            .iter()
            .enumerate()
            .fold(empty, |panel, (k, way)| panel.with([outcome.mark(Kind::Points, 2 * k, way, "forgotten", way)]));
        Figure::new(66.0, vec![vec![shares, updates.legend(Legend::TopLeft), forgotten.legend(Legend::TopLeft)]])
            .key(Kind::Points, "cells (A), gradient descent (B, C)")
            .key(Kind::Line, "theory: law of densities (A), eigenvalues (B)")
    }
}
