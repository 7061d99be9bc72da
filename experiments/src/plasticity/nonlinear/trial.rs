//! One network: what it learns, and what is read from it.

use super::{Params, SEEN};
use crate::assemblies::{assemblies, drives};
use crate::handwritten::Split;
use crate::rows::largest;
use analysis::participation_ratio;
use lab::Failure;
use meanfield::quasi_static;
use model::{Lessons, Phase, PlasticNetwork, Rule, Seed, Stimulus};
use ndarray::{Array2, ArrayView1, Axis as Dimension};
use semibalance::{Found, balanced_many, solve_many};
use serde::{Deserialize, Serialize};
use simulation::{Learning, run_plastic};

/// What a network does with all digits at one time.
#[derive(Serialize, Deserialize)]
pub(super) struct Look {
    pub(super) shown: usize,
    pub(super) values: [f64; SEEN.len()],
}

/// A network that has learned.
#[derive(Serialize, Deserialize)]
pub(super) struct Trial {
    pub(super) looks: Vec<Look>,
    /// Largest difference of a rate in any trial from the states of theory, and the largest rate, in Hz.
    pub(super) apart: (f64, f64),
    /// First trial in which theory is not sure of the state.
    pub(super) doubtful: Option<usize>,
}

/// The network of a trial, of which all inhibition learns towards the rates that excitatory and inhibitory populations have on average.
pub(super) fn network(w: &Array2<f64>, gain: f64, rate: f64, targets: [f64; 2]) -> PlasticNetwork {
    let n = w.nrows();
    let kind = |a: usize| usize::from(a >= n / 2);
    let names: Vec<String> = (0..n).map(|a| format!("{}{}", ["e", "i"][kind(a)], a % (n / 2))).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let drive = ndarray::Array1::zeros(n);
    PlasticNetwork {
        target: (0..n).map(|a| targets[kind(a)]).collect(),
        rules: Array2::from_shape_fn((n, n), |(_, b)| (kind(b) == 1).then_some(Rule::Additive { rate })),
        ..PlasticNetwork::new(&names, gain, w.clone(), drive)
    }
}

/// Digits shown one a trial, with a phase from each look to the next.
pub(super) fn lessons(params: &Params, names: &[String], drives: &Array2<f64>, order: &[usize]) -> Lessons {
    let stimulus = |&digit: &usize| {
        let drive: Vec<(&str, f64)> = names.iter().map(String::as_str).zip(drives.row(digit).iter().copied()).collect();
        Stimulus::new(&format!("digit {digit}"), &drive)
    };
    let mut from = 0;
    let phase = |&to: &usize| {
        let shown: Vec<String> = (from..to).map(|k| format!("digit {}", order[k % order.len()])).collect();
        let trials = to - from;
        from = to;
        let first: Vec<&str> = shown.iter().take(order.len()).map(String::as_str).collect();
        Phase::new(&format!("up to {to}"), &first, trials, true)
    };
    Lessons {
        trial: 1.0,
        stimuli: order.iter().map(stimulus).collect(),
        phases: params.looks.iter().map(phase).collect(),
    }
}

pub(super) fn trial(params: &Params, pixels: &Array2<f64>, labels: &[usize], seed: Seed) -> Result<Trial, Failure> {
    let w = assemblies(params.pairs, 0.3, seed);
    // The mean digit adds nothing, so that drives stay about the background; it is that of all digits, labels unseen.
    let mean = pixels.mean_axis(Dimension(0)).unwrap_or_default();
    let spread = pixels.std_axis(Dimension(0), 0.0).mapv(|s| s * s).sum().sqrt() / 8.0;
    let drives = drives(params.pairs, &(pixels - &mean), params.strength / spread, seed);
    let split = Split::draw(pixels.nrows(), params.train, params.validate, seed);
    let before = states(&w, params.gain, &drives)?;
    let average = |from: usize| {
        let part = before.slice(ndarray::s![.., from..from + params.pairs]);
        part.mean().unwrap_or(f64::NAN)
    };
    let network = network(&w, params.gain, params.rate, [average(0), average(params.pairs)]);
    let lessons = lessons(params, &network.names, &drives, split.train());
    let input = |e: &dyn std::fmt::Display| Failure::Input(e.to_string());
    let learned = run_plastic(&network, &lessons, Learning::QuasiStatic).map_err(|e| input(&e))?;
    let theory = quasi_static(&network, &lessons).map_err(|e| input(&e))?;
    let apart =
        learned.trials.iter().zip(&theory.rates).map(|(seen, rates)| largest((&seen.rates - rates).iter().copied()));
    let most = largest(theory.rates.iter().flatten().copied());
    let mut looks = Vec::new();
    for (weights, &shown) in std::iter::once(&w).chain(&learned.weights).zip(std::iter::once(&0).chain(&params.looks)) {
        let rates = if shown == 0 { before.clone() } else { states(weights, params.gain, &drives)? };
        let balanced = balanced_many(&finite(weights, params.gain), drives.view());
        let balanced = balanced.ok_or_else(|| Failure::Input("W is singular".into()))?;
        let away = |row: ArrayView1<f64>| row.iter().zip(&network.target).map(|(r, t)| (r - t).powi(2)).sum::<f64>();
        let error = rates.rows().into_iter().map(away).sum::<f64>() / rates.len() as f64;
        let silent = rates.iter().filter(|r| **r == 0.0).count() as f64 / rates.len() as f64;
        let values = [
            error,
            silent,
            participation_ratio(rates.view()),
            split.accuracy(rates.view(), labels),
            split.accuracy(balanced.view(), labels),
        ];
        looks.push(Look { shown, values });
    }
    let first = looks[0].values[0];
    looks.iter_mut().for_each(|look| look.values[0] /= first);
    Ok(Trial { looks, apart: (largest(apart), most), doubtful: theory.doubtful })
}

pub(super) fn finite(w: &Array2<f64>, gain: f64) -> Array2<f64> {
    w - &(Array2::<f64>::eye(w.nrows()) / gain)
}

/// Rates `[T × A]` in Hz at all drives.
pub(super) fn states(w: &Array2<f64>, gain: f64, drives: &Array2<f64>) -> Result<Array2<f64>, Failure> {
    let states = solve_many(finite(w, gain).view(), drives.view()).map_err(|e| Failure::Input(e.to_string()))?;
    match states.found.iter().position(|found| *found != Found::State) {
        Some(k) => Err(Failure::Input(format!("digit {k}: no state found"))),
        None => Ok(states.rates),
    }
}
