//! The course of learning as it is watched: departures from the targets, trial by trial.

use analysis::linear_modes;
use meanfield::{LearnedState, course, learned_state};
use model::{Lessons, Phase, PlasticNetwork, Seed};
use ndarray::Array1;
use rand::RngExt;
use serde::{Deserialize, Serialize};
use simulation::{Learning, run_plastic};
use std::f64::consts::PI;
use std::ops::Range;

/// What becomes of small departures from the targets.
pub const CLASSES: [&str; 4] = ["converges", "swings about the targets", "too slow", "diverges"];

/// Turn a trial from which on departures swing from one side of the targets to the other.
const SWINGS: f64 = 0.9 * PI;

/// How departures change from trial to trial.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Change {
    /// Factor a trial.
    pub factor: f64,
    /// Turn a trial, up to π.
    pub turn: f64,
}

impl Change {
    /// Which of the classes.
    pub fn class(self, trials: usize) -> usize {
        let left = libm::pow(self.factor, trials as f64);
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
#[derive(Serialize, Deserialize)]
pub struct Watched {
    pub predicted: Change,
    pub seen: Change,
    /// Largest departure of a rate in the last trial over that in the first.
    pub left: f64,
}

impl Watched {
    /// Whether the simulation has another course, or ends otherwise than its course says.
    pub fn is_misjudged(&self, trials: usize) -> bool {
        let (own, seen) = (self.predicted, self.seen);
        let ends = match own.class(trials) {
            3 if libm::pow(own.factor, trials as f64) > 10.0 => self.left > 1.0,
            0 | 1 => self.left < 1.0,
            _ => true,
        };
        // Where the classes meet a factor that is right to a hundredth may fall on either side.
        let near = (libm::log(own.factor) - libm::log(seen.factor)).abs() <= 0.01 * libm::log(own.factor).abs() + 1e-5;
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
pub const SEEN: Range<f64> = 1e-7..1e-2;

/// The course of learning from near the state where it rests; `None` where there is none that all populations take part in.
pub fn watched(network: &PlasticNetwork, trials: usize, seed: Seed) -> Option<Watched> {
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
    // Rates come to rest first: on their way up from silence they would teach weights.
    let phases = vec![Phase::new("before", &[""], 1, false), Phase::new("during", &[""], trials, true)];
    let lessons = Lessons { trial, stimuli: Vec::new(), phases };
    let learned = run_plastic(&near, &lessons, learning).ok()?;
    Some(learned.trials[1..].iter().map(|trial| &trial.rates - &state.rates[0]).collect())
}

/// The first departures that are small and more than rounding.
fn seen(departures: Vec<Array1<f64>>) -> Vec<Array1<f64>> {
    let size = |v: &Array1<f64>| v.iter().fold(0.0_f64, |most, d| most.max(d.abs()));
    departures.into_iter().take_while(|v| SEEN.contains(&size(v))).collect()
}

/// Factor and turn a trial of the slowest mode; of the only one, where departures show no other.
fn change(departures: &[Array1<f64>]) -> Change {
    let only = || {
        let pair = departures.len().checked_sub(2).map(|k| (&departures[k], &departures[k + 1]))?;
        Some((pair.0.dot(pair.1) / pair.0.dot(pair.0), 0.0))
    };
    let slowest = linear_modes(departures).map(|modes| modes[0]).or_else(only);
    slowest.map_or(Change { factor: f64::NAN, turn: f64::NAN }, |(re, im)| Change {
        factor: libm::hypot(re, im),
        turn: libm::atan2(im, re).abs(),
    })
}

/// Growth rate in 1/s of small departures, from trials of 0.1 s, in which rates forget where they were.
pub fn grown(network: &PlasticNetwork, state: &LearnedState) -> f64 {
    let lessons = (100, 0.1, Learning::Continuous);
    let run = |start: f64| departures(network, state, start, lessons, Seed(1)).map(seen);
    let longest = STARTS.into_iter().filter_map(run).max_by_key(Vec::len).unwrap_or_default();
    libm::log(change(longest.get(1..).unwrap_or_default()).factor) / 0.1
}
