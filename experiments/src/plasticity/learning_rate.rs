//! Too slow, converging, swinging, diverging: the learning rate decides, and theory says how.

use analysis::linear_modes;
use lab::input::count_within;
use lab::plot::{Axis, Figure, Kind, Legend, Mark, Panel};
use lab::{Bench, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use meanfield::{LearnedState, course, growth_of_learning, learned_state};
use model::{Lessons, Phase, PlasticNetwork, Rule, Seed};
use ndarray::{Array1, Array2, array};
use rand::RngExt;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use simulation::{Learning, run_plastic};
use std::f64::consts::PI;
use std::ops::Range;

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

/// What becomes of small departures from the targets.
const CLASSES: [&str; 4] = ["converges", "swings about the targets", "too slow", "diverges"];

/// Colours of the classes.
const COLOURS: [usize; 4] = [2, 0, 7, 5];

impl Experiment for LearningRate {
    type Params = Params;
    const SECONDS: [f64; 2] = [2.0, 20.0];
    const NAME: &'static str = "learning-rate";
    const TITLE: &'static str = "too slow, converging, swinging, diverging: how fast weights may learn";
    const CAPTION: &'static str = include_str!("learning_rate.md");

    fn params(&self, scale: Scale) -> Params {
        match scale {
            Scale::Quick => Params { networks: 40, trials: 100, cells: 8, couplings: 7 },
            Scale::Paper => Params { networks: 200, trials: 400, cells: 24, couplings: 13 },
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
        let places: Vec<(usize, usize)> =
            (0..params.cells).flat_map(|i| (0..params.cells).map(move |j| (i, j))).collect();
        bench.begin("learning-rate", places.len() + params.networks);
        let rate = |k: usize| 0.03 * 1000_f64.powf((k as f64 + 0.5) / params.cells as f64);
        let map: Vec<(usize, usize, Watched)> = places
            .into_par_iter()
            .filter_map(|(i, j)| {
                bench.advance();
                watched(&zhu_rosenbaum(rate(i), rate(j)), params.trials, seed).map(|watched| (i, j, watched))
            })
            .collect();
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
        let random: Vec<Watched> = (0..params.networks as u64)
            .into_par_iter()
            .filter_map(|k| {
                bench.advance();
                watched(&random(seed, k), params.trials, seed.replicate(k))
            })
            .collect();
        for watched in &random {
            let class = CLASSES[watched.predicted.class(params.trials)];
            table.point("factor", class, watched.predicted.factor, watched.seen.factor);
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
        let line = Mark::new(Kind::Line, 6, "", &[0.0, 4.0], &[0.0, 4.0]);
        let seen = Panel::new(
            "B",
            "random networks",
            Axis::linear("factor a trial, theory").between(0.0, 4.0),
            Axis::linear("factor a trial, simulation").between(0.0, 4.0),
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

/// Turn a trial from which on departures swing from one side of the targets to the other.
const SWINGS: f64 = 0.9 * PI;

/// How departures change from trial to trial.
#[derive(Clone, Copy, Debug)]
struct Change {
    /// Factor a trial.
    factor: f64,
    /// Turn a trial, up to π.
    turn: f64,
}

impl Change {
    /// Which of the classes.
    fn class(self, trials: usize) -> usize {
        let left = self.factor.powf(trials as f64);
        match self.factor {
            factor if factor >= 1.0 => 3,
            // A tenth of the departures is left.
            _ if left > 0.1 => 2,
            _ if self.turn > SWINGS => 1,
            _ => 0,
        }
    }
}

/// What theory says of a network, and what its simulation showed.
struct Watched {
    predicted: Change,
    seen: Change,
    /// Largest departure of a rate in the last trial over that in the first.
    left: f64,
}

impl Watched {
    /// Whether the simulation has another course, or ends otherwise than its course says.
    fn is_misjudged(&self, trials: usize) -> bool {
        let (own, seen) = (self.predicted, self.seen);
        let ends = match own.class(trials) {
            3 if own.factor.powf(trials as f64) > 10.0 => self.left > 1.0,
            0 | 1 => self.left < 1.0,
            _ => true,
        };
        // Where the classes meet a factor that is right to a hundredth may fall on either side.
        let near = (own.factor.ln() - seen.factor.ln()).abs() <= 0.01 * own.factor.ln().abs() + 1e-5;
        let alike = (own.factor >= 1.0) == (seen.factor >= 1.0) && (own.turn > SWINGS) == (seen.turn > SWINGS);
        !(near && alike && ends)
    }
}

/// Relative departures of weights from those that have been learned, at which networks are watched: the largest that leaves most trials in which
/// departures are small.
const STARTS: [f64; 3] = [1e-8, 1e-6, 1e-5];

/// Trials that are watched where rates run away in more.
const FEW: usize = 8;

/// Departures of rates in Hz that are small, and more than rounding.
const SEEN: Range<f64> = 1e-7..1e-2;

/// The course of learning from near the state where it rests; `None` where there is none that all populations take part in.
fn watched(network: &PlasticNetwork, trials: usize, seed: Seed) -> Option<Watched> {
    let state = learned_state(network, std::slice::from_ref(&network.drive)).ok()?;
    if !state.reached || state.rates[0].iter().any(|r| *r <= 0.0) {
        return None;
    }
    let predicted = course(network, &state, 1.0).ok()?;
    let largest = |v: &Array1<f64>| v.iter().fold(0.0_f64, |most, d| most.max(d.abs()));
    let run = |start: f64| {
        // Rates that run away have left the targets.
        let (all, left) = match departures(network, &state, start, (trials, 1.0, Learning::QuasiStatic), seed) {
            Some(all) => {
                let left = largest(&all[trials - 1]) / largest(&all[0]);
                (Some(all), left)
            }
            None => (departures(network, &state, start, (FEW, 1.0, Learning::QuasiStatic), seed), f64::INFINITY),
        };
        (seen(all.unwrap_or_default()), left)
    };
    let (longest, left) = STARTS.into_iter().map(run).max_by_key(|(seen, _)| seen.len())?;
    Some(Watched { predicted: Change { factor: predicted.factor, turn: predicted.turn }, seen: change(&longest), left })
}

/// Departures of rates `[trials][A]` in Hz from where a network rests, from weights that are relatively off by up to `start`; lessons are so many trials of
/// so many seconds. `None` where rates run away.
fn departures(
    network: &PlasticNetwork,
    state: &LearnedState,
    start: f64,
    (trials, trial, learning): (usize, f64, Learning),
    seed: Seed,
) -> Option<Vec<Array1<f64>>> {
    let mut rng = seed.stream("departures").rng(0);
    let mut near = PlasticNetwork { coupling: state.weights.clone(), ..network.clone() };
    for (weight, rule) in near.coupling.iter_mut().zip(&network.rules) {
        if rule.is_some() {
            *weight *= 1.0 + start * rng.random_range(-1.0..1.0);
        }
    }
    let phases = vec![Phase { name: "during".into(), stimuli: vec![String::new()], trials, learning: true }];
    let lessons = Lessons { trial, stimuli: Vec::new(), phases };
    let learned = run_plastic(&near, &lessons, learning).ok()?;
    Some(learned.trials.iter().map(|trial| &trial.rates - &state.rates[0]).collect())
}

/// The first departures that are small and more than rounding.
fn seen(departures: Vec<Array1<f64>>) -> Vec<Array1<f64>> {
    let size = |v: &Array1<f64>| v.iter().fold(0.0_f64, |most, d| most.max(d.abs()));
    departures.into_iter().take_while(|v| SEEN.contains(&size(v))).collect()
}

/// Factor and turn a trial of the slowest mode.
fn change(departures: &[Array1<f64>]) -> Change {
    let slowest = linear_modes(departures).map(|modes| modes[0]);
    slowest.map_or(Change { factor: f64::NAN, turn: f64::NAN }, |(re, im)| Change {
        factor: re.hypot(im),
        turn: im.atan2(re).abs(),
    })
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

/// Zhu & Rosenbaum's network under one stimulus, with learning rates times these.
fn zhu_rosenbaum(onto_e: f64, onto_i: f64) -> PlasticNetwork {
    let mut network = PlasticNetwork::zhu_rosenbaum();
    for (a, factor) in [onto_e, onto_e, onto_i].into_iter().enumerate() {
        network.rules[[a, 2]] = network.rules[[a, 2]].map(|rule| Rule::Additive { rate: factor * rule.rate() });
    }
    network.drive *= &array![1.2, 0.8, 1.0];
    network
}

/// One to four excitatory populations and an inhibitory one that learns to inhibit all: weights between half and three halves of Zhu & Rosenbaum's,
/// targets from 2 to 10 Hz, drives from half to twice theirs, learning rates over a factor of a thousand.
fn random(seed: Seed, number: u64) -> PlasticNetwork {
    let whole = PlasticNetwork::zhu_rosenbaum();
    let mut rng = seed.stream("random networks").rng(number);
    let excitatory = rng.random_range(1..=4_usize);
    let n = excitatory + 1;
    let kind = |a: usize| if a < excitatory { 0 } else { 2 };
    let share = |b: usize| if b < excitatory { 2.0 / excitatory as f64 } else { 1.0 };
    let mut coupling = Array2::from_shape_fn((n, n), |(a, b)| whole.coupling[[kind(a), kind(b)]] * share(b));
    coupling.mapv_inplace(|w| w * rng.random_range(0.5..1.5));
    let drive = (0..n).map(|a| whole.drive[kind(a)] * 2_f64.powf(rng.random_range(-1.0..1.0))).collect();
    let names: Vec<String> = (0..n).map(|a| if a < excitatory { format!("e{}", a + 1) } else { "i".into() }).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut network = PlasticNetwork::new(&names, whole.gain, coupling, drive);
    for (a, to) in names.iter().enumerate() {
        let rate = whole.rules[[kind(a), 2]].expect("all inhibition learns").rate();
        let rate = rate * 10_f64.powf(rng.random_range(-2.0..1.0));
        network = network.learning("i", to, Rule::Additive { rate }, rng.random_range(2.0..10.0));
    }
    network
}

/// Pairs in which all weights learn, and how much faster those onto inhibition do.
const PAIRS: [(&str, f64); 3] =
    [("equal rates", 1.0), ("onto i ten times faster", 10.0), ("onto i ten times slower", 0.1)];

const GROWTH: &str = "growth rate of departures (1/s)";

/// Excitatory and inhibitory populations all of whose weights learn to keep them at 5 and 14 Hz, rates and weights moving together, against the coupling
/// within excitation.
fn homeostasis(couplings: usize, outcome: &mut Outcome) -> Result<(), Failure> {
    for (name, onto_i) in PAIRS {
        for k in 0..couplings {
            let coupling = 0.5 + 4.5 * k as f64 / (couplings - 1) as f64;
            let (network, state) = pair(coupling, onto_i);
            let theory = growth_of_learning(&network, &state).map_err(|e| Failure::Input(e.to_string()))?;
            let seen = grown(&network, &state);
            outcome.comparisons.push(Comparison {
                x: coupling,
                theory,
                simulation: Estimate::exact(seen),
                // Departures of up to 0.01 Hz bend growth by several times their share of a rate, a five-hundredth.
                bias: 5.0 * SEEN.end / TARGETS[0] * theory.abs(),
                ..row("C", GROWTH, "linear stability", name)
            });
        }
    }
    Ok(())
}

/// Targets of pairs, in Hz.
const TARGETS: [f64; 2] = [5.0, 14.0];

/// A pair at its targets, and that state.
fn pair(coupling: f64, onto_i: f64) -> (PlasticNetwork, LearnedState) {
    let rates = Array1::from(TARGETS.to_vec());
    let weights = array![[coupling, -1.5 * coupling], [2.0, -0.5]];
    let drive = &rates - &weights.dot(&rates);
    let rate = 2e-4;
    let mut network = PlasticNetwork::new(&["e", "i"], 1.0, weights.clone(), drive);
    network.tau = array![10.0, 2.0];
    for from in ["e", "i"] {
        network = network.learning(from, "e", Rule::Additive { rate }, rates[0]).learning(
            from,
            "i",
            Rule::Additive { rate: onto_i * rate },
            rates[1],
        );
    }
    (network, LearnedState { weights, left: Array1::zeros(2), rates: vec![rates], reached: true, unique: false })
}

/// Growth rate in 1/s of small departures, from trials of 0.1 s, in which rates forget where they were.
fn grown(network: &PlasticNetwork, state: &LearnedState) -> f64 {
    let lessons = (100, 0.1, Learning::Continuous);
    let seen = departures(network, state, STARTS[2], lessons, Seed(1)).map(seen);
    seen.map_or(f64::NAN, |seen| change(seen.get(1..).unwrap_or_default()).factor.ln() / 0.1)
}
