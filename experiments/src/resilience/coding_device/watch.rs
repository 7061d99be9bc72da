//! Cells that store or do not, and what their counts tell.

use super::{KINDS, Params};
use model::{Seed, Stream};
use ndarray::{Array1, Array2};
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};
use simulation::{Membranes, Threshold};
use std::f64::consts::PI;

/// Mean and amplitude of inputs.
pub(super) const INPUT: [f64; 2] = [1.2, 0.5];

/// Fluctuations of v, and what a spike adds to a threshold and how fast it goes back.
pub(super) const JITTER: f64 = 0.3;

pub(super) const THRESHOLD: Threshold = Threshold { raised: 1.0, back: 5.0 };

/// Length of a step at the strongest coupling, in τ.
pub(super) const STEP: f64 = 0.05;

/// How long membranes come to rest, in τ.
pub(super) const RESTED: f64 = 20.0;

/// What is measured of one network.
#[derive(Serialize, Deserialize)]
pub(super) struct Seen {
    /// Share of the variance of independent inputs that is left in membranes that do not fire.
    pub(super) kept: f64,
    /// Shares of the variances of inputs and of spike counts that repeat.
    pub(super) repeated: [f64; 2],
    /// Shares of trials of which pattern and memory are read.
    pub(super) read: [f64; 2],
}

pub(super) fn watch(params: &Params, coupling: f64, stored: f64, seed: Seed) -> Seen {
    let n = params.cells;
    let normals = |stream: Stream, index: u64| -> Array1<f64> {
        let mut rng = stream.rng(index);
        Array1::from_shape_simple_fn(n, || StandardNormal.sample(&mut rng))
    };
    let ring = Membranes {
        units: n,
        neighbours: params.neighbours,
        coupling,
        noise: JITTER,
        step: STEP,
        synapses: Vec::new(),
        threshold: Some(THRESHOLD),
    };
    let (memories, trials) = (seed.stream("memories"), seed.stream("trials"));
    let resting: Vec<Array1<f64>> = (0..KINDS as u64)
        .map(|memory| normals(memories, memory).mapv(|z: f64| (1.0 + stored * z).clamp(0.3, 2.5)))
        .collect();
    let [mut inputs, mut counts] = [0, 1].map(|_| Array2::zeros((KINDS * KINDS * params.trials, n)));
    for trial in 0..inputs.nrows() {
        let (pattern, memory) = kinds(trial, params.trials);
        let noise = normals(trials, trial as u64);
        let input = Array1::from_shape_fn(n, |x| {
            let phase = 2.0 * PI * (x as f64 / n as f64 + pattern as f64 / KINDS as f64);
            INPUT[0] + INPUT[1] * libm::cos(phase) + params.noise * noise[x]
        });
        let mut rng = seed.stream("jitter").rng(trial as u64);
        let (spikes, _) = ring.run(&input, &resting[memory], (0.0, params.time), 0, &mut rng);
        inputs.row_mut(trial).assign(&input);
        counts.row_mut(trial).assign(&spikes);
    }
    Seen {
        kept: kept(&ring, normals(seed.stream("noise"), 0), seed),
        repeated: [repeated(&inputs, params.trials), repeated(&counts, params.trials)],
        read: [read(&counts, params.trials, |kinds| kinds.0), read(&counts, params.trials, |kinds| kinds.1)],
    }
}

/// Pattern and memory of a trial.
pub(super) fn kinds(trial: usize, trials: usize) -> (usize, usize) {
    let condition = trial / trials;
    (condition / KINDS, condition % KINDS)
}

/// Share of the variance of independent inputs that is left at rest in membranes that neither fire nor fluctuate.
pub(super) fn kept(ring: &Membranes, noise: Array1<f64>, seed: Seed) -> f64 {
    let silent = Membranes { noise: 0.0, threshold: None, ..ring.clone() };
    let lasts = (RESTED, silent.step);
    let (_, rest) = silent.run(&noise, &Array1::ones(noise.len()), lasts, 1, &mut seed.stream("jitter").rng(0));
    let square = |values: ndarray::ArrayView1<f64>| values.dot(&values);
    square(rest.row(0)) / square(noise.view())
}

/// Share of the variance over trials `[trial × cell]` that conditions explain, without what they would by chance.
pub(super) fn repeated(values: &Array2<f64>, trials: usize) -> f64 {
    let conditions = values.nrows() / trials;
    let (mut between, mut within) = (0.0, 0.0);
    for cell in values.columns() {
        let all = cell.mean().unwrap_or(0.0);
        for condition in cell.exact_chunks(trials) {
            let mean = condition.mean().unwrap_or(0.0);
            between += (mean - all).powi(2);
            within += condition.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
        }
    }
    let within = within / (conditions * (trials - 1)) as f64;
    // Means of conditions vary by a part of what trials do.
    let chance = within / trials as f64 * (conditions - 1) as f64 / conditions as f64;
    let between = between / conditions as f64 - chance;
    between / (between + within)
}

/// Share of trials whose kind has the nearest mean, means being those of every other trial.
pub(super) fn read(counts: &Array2<f64>, trials: usize, kind: impl Fn((usize, usize)) -> usize) -> f64 {
    let mut right = 0;
    for half in 0..2 {
        let mut means = Array2::<f64>::zeros((KINDS, counts.ncols()));
        let own = |trial: &usize| trial % trials % 2 == half;
        let all = counts.nrows();
        for trial in (0..all).filter(|trial| !own(trial)) {
            let mut mean = means.row_mut(kind(kinds(trial, trials)));
            mean += &counts.row(trial);
        }
        let others = (trials + half) / 2;
        means /= (others * KINDS) as f64;
        for trial in (0..all).filter(own) {
            let distance =
                |k: &usize| counts.row(trial).iter().zip(means.row(*k)).map(|(v, m)| (v - m).powi(2)).sum::<f64>();
            let nearest = (0..KINDS).min_by(|a, b| distance(a).total_cmp(&distance(b)));
            right += usize::from(nearest == Some(kind(kinds(trial, trials))));
        }
    }
    right as f64 / counts.nrows() as f64
}
