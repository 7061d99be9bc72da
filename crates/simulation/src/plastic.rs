//! Rates of populations whose weights learn, trial by trial.

use crate::{Fate, RateDynamics, Transfer};
use model::{Lessons, PlasticNetwork, Rule};
use ndarray::{Array1, Array2, Zip};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// How rates and weights are followed in a trial.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Learning {
    /// Rates settle at the weights of the trial, which then learn from them once: slow learning.
    #[default]
    QuasiStatic,
    /// Rates and weights move together.
    Continuous,
}

/// What a trial showed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// Number of its phase.
    pub phase: usize,
    /// Which of the stimuli of the phase.
    pub stimulus: usize,
    /// r `[A]` in Hz at its end.
    pub rates: Array1<f64>,
    /// Whether rates had settled, where they were to.
    pub settled: bool,
}

/// What the lessons did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Learned {
    /// All trials, in order.
    pub trials: Vec<Trial>,
    /// W `[A × A]` in mV/Hz after each phase.
    pub weights: Vec<Array2<f64>>,
}

/// Why lessons could not be finished.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum PlasticRunError {
    /// Rates grew without bound.
    #[error("rates run away in trial {trial} of phase {phase}: excitation that inhibition does not balance")]
    RanAway {
        /// Name of the phase.
        phase: String,
        /// Number of the trial in it, from 1 on.
        trial: usize,
    },
}

/// Time constants for which a run waits for rates to settle; and once they have not.
const PATIENCE: f64 = 200.0;
const IMPATIENCE: f64 = 20.0;

/// Steps for each of them at most.
const MOST_STEPS: f64 = 2000.0;

/// Runs all phases of the lessons, from silence on.
///
/// # Errors
/// [`PlasticRunError`].
///
/// # Panics
/// If the lessons have not been found to fit the network.
pub fn run_plastic(
    network: &PlasticNetwork,
    lessons: &Lessons,
    learning: Learning,
) -> Result<Learned, PlasticRunError> {
    let mut weights = network.coupling.clone();
    let mut rates = Array1::zeros(network.names.len());
    // Whether rates have settled so far.
    let mut calm = true;
    let mut learned = Learned { trials: Vec::new(), weights: Vec::new() };
    for (number, phase) in lessons.phases.iter().enumerate() {
        let drives: Vec<Array1<f64>> = phase.stimuli.iter().map(|shown| network.driven(lessons, shown)).collect();
        for trial in 0..phase.trials {
            let stimulus = trial % drives.len();
            let settled;
            (rates, settled) = match (learning, phase.learning) {
                (Learning::Continuous, true) => {
                    (together(network, &mut weights, &drives[stimulus], rates, 1000.0 * lessons.trial), true)
                }
                _ => {
                    let patience = if calm { PATIENCE } else { IMPATIENCE };
                    let found = settle(network, &weights, &drives[stimulus], &rates, patience);
                    if phase.learning {
                        let drift = drifts(network, &weights, &found.0);
                        weights = moved(&weights, &drift, lessons.trial);
                    }
                    found
                }
            };
            if !rates.iter().all(|r| r.is_finite()) {
                return Err(PlasticRunError::RanAway { phase: phase.name.clone(), trial: trial + 1 });
            }
            calm &= settled;
            learned.trials.push(Trial { phase: number, stimulus, rates: rates.clone(), settled });
        }
        learned.weights.push(weights.clone());
    }
    Ok(learned)
}

/// Steps that the lessons may take: of trials in which rates settle as many as a slow approach needs.
pub fn plastic_steps(network: &PlasticNetwork, lessons: &Lessons, learning: Learning) -> f64 {
    const SLOW: f64 = 50.0;
    let (step, longest) = (step(network, &network.coupling), network.tau.iter().copied().fold(0.0, f64::max));
    let of = |phase: &model::Phase| {
        let time =
            if learning == Learning::Continuous && phase.learning { 1000.0 * lessons.trial } else { SLOW * longest };
        phase.trials as f64 * time / step
    };
    lessons.phases.iter().map(of).sum()
}

/// Longest step in ms: no eigenvalue is larger than (1 + g row)/τ, and Runge-Kutta is stable up to 2.7 of it.
fn step(network: &PlasticNetwork, weights: &Array2<f64>) -> f64 {
    let row = weights.rows().into_iter().map(|row| row.iter().map(|w| w.abs()).sum::<f64>()).fold(0.0, f64::max);
    0.5 * network.tau.iter().copied().fold(f64::INFINITY, f64::min) / (1.0 + network.gain * row)
}

/// Rates at which fixed weights settle, and whether they do; NaN where they run away.
fn settle(
    network: &PlasticNetwork,
    weights: &Array2<f64>,
    drive: &Array1<f64>,
    start: &Array1<f64>,
    patience: f64,
) -> (Array1<f64>, bool) {
    let transfer = Transfer::RectifiedLinear { gain: network.gain };
    let dynamics = RateDynamics { w: weights.clone(), x: drive.clone(), tau: network.tau.clone(), transfer };
    let longest = network.tau.iter().copied().fold(0.0, f64::max);
    let step = step(network, weights);
    // Weights that have grown beyond all measure make steps short: rates then count as moving.
    match dynamics.run(start, step, (patience * longest).min(patience * MOST_STEPS * step)) {
        Fate::Settled(rates) => (rates, true),
        Fate::Moving(rates) => (rates, false),
        Fate::RanAway => (start * f64::NAN, false),
    }
}

/// dW/dt `[A × A]` in mV/Hz a second.
fn drifts(network: &PlasticNetwork, weights: &Array2<f64>, rates: &Array1<f64>) -> Array2<f64> {
    Array2::from_shape_fn(weights.dim(), |(a, b)| {
        let drift = |rule: Rule| rule.drift(weights[[a, b]], rates[a] - network.target[a], rates[b]);
        network.rules[[a, b]].map_or(0.0, drift)
    })
}

/// Weights after a time in s, never past 0.
fn moved(weights: &Array2<f64>, drift: &Array2<f64>, time: f64) -> Array2<f64> {
    let mut moved = weights + &(drift * time);
    Zip::from(&mut moved).and(weights).for_each(|new, &before| *new = Rule::clipped(*new, before));
    moved
}

/// Rates and weights by fourth-order Runge-Kutta steps through a time in ms; weights are clipped after each.
fn together(
    network: &PlasticNetwork,
    weights: &mut Array2<f64>,
    drive: &Array1<f64>,
    mut rates: Array1<f64>,
    time: f64,
) -> Array1<f64> {
    let slopes = |r: &Array1<f64>, w: &Array2<f64>| {
        let input = w.dot(r) + drive;
        let change = (input.mapv(|i| network.gain * i.max(0.0)) - r) / &network.tau;
        (change, drifts(network, w, r) / 1000.0)
    };
    let steps = (time / step(network, weights)).ceil();
    let h = time / steps;
    for _ in 0..steps as usize {
        let (r1, w1) = slopes(&rates, weights);
        let (r2, w2) = slopes(&(&rates + &(&r1 * (0.5 * h))), &(&*weights + &(&w1 * (0.5 * h))));
        let (r3, w3) = slopes(&(&rates + &(&r2 * (0.5 * h))), &(&*weights + &(&w2 * (0.5 * h))));
        let (r4, w4) = slopes(&(&rates + &(&r3 * h)), &(&*weights + &(&w3 * h)));
        rates = rates + (r1 + (r2 + r3) * 2.0 + r4) * (h / 6.0);
        *weights = moved(weights, &((w1 + (w2 + w3) * 2.0 + w4) / 6.0), h);
    }
    rates
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Phase, Stimulus};

    fn lessons(trials: usize) -> Lessons {
        let x = PlasticNetwork::zhu_rosenbaum().drive[0];
        let stimuli = vec![Stimulus::new("X1", &[("e1", 0.2 * x), ("e2", -0.2 * x)])];
        let phases = vec![Phase::new("during", &["X1"], trials, true)];
        Lessons { trial: 1.0, stimuli, phases }
    }

    /// The step of the full system is far below what moves weights: halved drifts in twice as many trials end at the same weights.
    #[test]
    fn slow_continuous_learning_is_quasi_static() {
        let distance = |slower: f64| {
            let mut network = PlasticNetwork::zhu_rosenbaum();
            for rule in network.rules.iter_mut().flatten() {
                *rule = Rule::Additive { rate: rule.rate() / slower };
            }
            let ends = [Learning::QuasiStatic, Learning::Continuous].map(|learning| {
                run_plastic(&network, &lessons(4), learning).expect("balanced").trials[3].rates.clone()
            });
            (&ends[0] - &ends[1]).iter().fold(0.0_f64, |most, d| most.max(d.abs()))
        };
        // Both errors, of the trial and of τ, are of first order in the learning rate.
        let (fast, slow) = (distance(100.0), distance(400.0));
        assert!(slow < 0.3 * fast && slow > 0.0, "{fast} {slow}");
    }

    #[test]
    fn weights_that_do_not_learn_stay() {
        let mut network = PlasticNetwork::zhu_rosenbaum();
        network.rules.fill(None);
        for learning in [Learning::QuasiStatic, Learning::Continuous] {
            let learned = run_plastic(&network, &lessons(2), learning).expect("balanced");
            assert_eq!(learned.weights[0], network.coupling);
        }
    }
}
