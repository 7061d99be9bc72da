//! Learning another task by densities of receptors, or by weights.

mod learn;

use lab::input::{all_within, count_within, counts_within, within};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Claim, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use learn::{MANY, Seen, densities, learn};
use meanfield::Receptors;
use model::Seed;
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

/// Rows of one number of patterns.
fn compare(params: &Params, patterns: usize, seen: &[Seen], outcome: &mut Outcome, table: &mut SeriesTable) {
    let x = patterns as f64;
    for (way, name) in WAYS.into_iter().enumerate() {
        let met: Vec<&Seen> = seen.iter().filter(|own| own.courses[way].met).collect();
        if met.len() == seen.len() {
            table.estimate("updates", name, x, Estimate::of(met.iter().map(|own| own.courses[way].updates as f64)));
        }
        let forgotten = Estimate::of(seen.iter().map(|own| own.forgotten[way]));
        table.estimate("forgotten", name, x, forgotten);
        let Some(foretold) = (way < 2).then(|| met.iter().map(|own| own.foretold[way].unwrap_or(f64::NAN))) else {
            continue;
        };
        let theory = foretold.sum::<f64>() / met.len() as f64;
        if met.is_empty() || theory > params.most as f64 {
            continue;
        }
        // Networks are the same, so that their spread is no error; rounding may cost an update.
        let mean = met.iter().map(|own| own.courses[way].updates as f64).sum::<f64>() / met.len() as f64;
        outcome.comparisons.push(Comparison {
            x,
            theory,
            simulation: Estimate::exact(mean),
            bias: 1.0,
            ..row("B", "updates until learned", "eigenvalues of the task", name)
        });
    }
    let mut push =
        |quantity: &str, name: &str, label: &str, theory: f64, simulation: Estimate, claim: Claim, bias: f64| {
            let own = row("C", quantity, name, label);
            outcome.comparisons.push(Comparison { x, theory, simulation, claim, bias, scale: Some(1.0), ..own });
        };
    let exchanged = Estimate::of(seen.iter().map(|own| own.exchanged));
    push("error of the new task", "densities S d", "exchanged", 0.0, exchanged, Claim::Equals, 1e-9);
    // Receptors do nothing at level 0: densities cannot change what is known there.
    let densities = Estimate::of(seen.iter().map(|own| own.forgotten[2]));
    push("error at level 0", "gains are 1 there", WAYS[2], 0.0, densities, Claim::Contrast, 1e-9);
    if seen.iter().all(|own| own.courses[0].met) {
        let weights = Estimate::of(seen.iter().map(|own| own.forgotten[0]));
        push("error at level 0", "as large as outputs", WAYS[0], 1.0, weights, Claim::Lower, 0.0);
    }
    // What the claim would need: that densities learn in fewer updates.
    let difference = |own: &Seen| {
        let [weights, free, _] = own.courses;
        (free.updates as f64 - weights.updates as f64) / weights.updates.max(1) as f64
    };
    let fewer = Estimate::of(seen.iter().map(difference));
    push(
        "updates of densities less those of weights",
        "densities are faster",
        WAYS[1],
        0.0,
        fewer,
        Claim::Contrast,
        0.0,
    );
}
