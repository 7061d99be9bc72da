//! Too slow, converging, swinging, diverging: the learning rate decides, and theory says how.

mod homeostasis;

use super::networks::{random, zhu_rosenbaum};
use super::watched::{CLASSES, Watched, watched};
use homeostasis::{GROWTH, PAIRS, homeostasis};
use lab::input::count_within;
use lab::plot::{Axis, Figure, Kind, Legend, Mark, Panel};
use lab::{Bench, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use model::Seed;
use serde::{Deserialize, Serialize};

pub struct LearningRate;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Random networks.
    networks: usize,
    /// Trials that each is watched.
    trials: usize,
    /// Learning rates along each axis of the map.
    cells: usize,
    /// Couplings of pairs in which all weights learn.
    couplings: usize,
}

/// Colours of the classes.
const COLOURS: [usize; 4] = [0, 3, 7, 4];

impl Experiment for LearningRate {
    type Params = Params;
    const SECONDS: [f64; 2] = [6.7, 165.0];
    const NAME: &'static str = "learning-rate";
    const TITLE: &'static str = "too slow, converging, swinging, diverging: how fast weights may learn";
    const CAPTION: &'static str = include_str!("learning_rate.md");

    fn params(&self, scale: Scale) -> Params {
        match scale {
            Scale::Quick => Params { networks: 40, trials: 100, cells: 8, couplings: 7 },
            Scale::Paper => Params { networks: 200, trials: 400, cells: 16, couplings: 13 },
        }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        count_within("networks", params.networks, 1, 100_000)?;
        count_within("trials", params.trials, 40, 100_000)?;
        count_within("cells", params.cells, 2, 400)?;
        count_within("couplings", params.couplings, 2, 400)
    }

    fn memory(&self, params: &Params) -> f64 {
        params.trials as f64 * 100.0
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        bench.begin("learning-rate", params.cells * params.cells + params.networks);
        let rate = |k: usize| 0.03 * libm::pow(1000.0, (k as f64 + 0.5) / params.cells as f64);
        let cell = |k: usize, _| {
            let (i, j) = (k / params.cells, k % params.cells);
            Ok(watched(&zhu_rosenbaum(rate(i), rate(j)), params.trials, seed).map(|watched| (i, j, watched)))
        };
        let map = bench.each(&(Self::NAME, "map", params), seed, params.cells * params.cells, cell)?;
        let map: Vec<(usize, usize, Watched)> = map.into_iter().flatten().collect();
        for (i, j, watched) in &map {
            table.point("map", CLASSES[watched.predicted.class(params.trials)], rate(*i), rate(*j));
            if watched.is_misjudged(params.trials) {
                table.point("map misjudged", "cells", rate(*i), rate(*j));
            }
        }
        judge(
            "A",
            "learning rates of Zhu & Rosenbaum's network",
            map.iter().map(|m| &m.2),
            params.trials,
            &mut outcome,
        );
        let one = |k: usize, own| Ok(watched(&random(seed, k as u64), params.trials, own));
        let random = bench.each(&(Self::NAME, "random", params), seed, params.networks, one)?;
        let random: Vec<Watched> = random.into_iter().flatten().collect();
        for watched in &random {
            let class = CLASSES[watched.predicted.class(params.trials)];
            table.point(
                "factor",
                class,
                libm::log(watched.predicted.factor).abs(),
                libm::log(watched.seen.factor).abs(),
            );
        }
        judge("B", "random networks", random.iter(), params.trials, &mut outcome);
        homeostasis(params.couplings, &mut outcome)?;
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let rates = |name: &str| Axis::log(&format!("*η*_{{{name}}} over the published one"));
        let cells =
            CLASSES.iter().zip(COLOURS).map(|(class, colour)| outcome.mark(Kind::Cells, colour, class, "map", class));
        let map = Panel::new("A", "three populations", rates("e").between(0.03, 30.0), rates("i").between(0.03, 30.0))
            .with(cells)
            .with([outcome.mark(Kind::Open, 6, "", "map misjudged", "cells")]);
        let factors = CLASSES
            .iter()
            .zip(COLOURS)
            .map(|(class, colour)| outcome.mark(Kind::Points, colour, class, "factor", class));
        let line = Mark::new(Kind::Line, 6, "", &[1e-5, 10.0], &[1e-5, 10.0]);
        let seen = Panel::new(
            "B",
            "random networks",
            Axis::log("|ln factor| a trial, theory").between(1e-5, 10.0),
            Axis::log("|ln factor| a trial, simulation").between(1e-5, 10.0),
        );
        let pairs = Panel::new(
            "C",
            "pairs in which all weights learn",
            Axis::linear("coupling *g w*_{ee}"),
            Axis::linear("growth rate of departures (1/s)"),
        );
        let pairs = PAIRS
            .iter()
            .enumerate()
            .fold(pairs, |panel, (colour, (name, _))| panel.compared(&outcome.of(GROWTH, name), colour, name));
        let row = vec![map, seen.with([line]).with(factors).legend(Legend::BottomRight), pairs.legend(Legend::Above)];
        Figure::new(66.0, vec![row]).key(Kind::Open, "simulation ends otherwise (A)")
    }
}

/// A row for each class: how many networks of it are misjudged.
fn judge<'a>(
    panel: &str,
    what: &str,
    all: impl Iterator<Item = &'a Watched> + Clone,
    trials: usize,
    outcome: &mut Outcome,
) {
    for (class, name) in CLASSES.iter().enumerate() {
        let own: Vec<&Watched> = all.clone().filter(|watched| watched.predicted.class(trials) == class).collect();
        if own.is_empty() {
            continue;
        }
        let misjudged = own.iter().filter(|watched| watched.is_misjudged(trials)).count();
        outcome.comparisons.push(Comparison {
            x: own.len() as f64,
            theory: 0.0,
            simulation: Estimate::exact(misjudged as f64),
            scale: Some(own.len() as f64),
            ..row(panel, &format!("misjudged of {what}"), "course of learning", name)
        });
    }
}
