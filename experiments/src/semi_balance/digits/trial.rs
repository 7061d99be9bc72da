//! One network, and digits that are read from it.

use super::{FEATURES, Params};
use crate::assemblies::{assemblies, drives, projection};
use crate::handwritten::Split;
use lab::Failure;
use model::Seed;
use ndarray::{Array1, Array2, Axis as Dimension};
use rand_distr::{Distribution, StandardNormal};
use semibalance::{Found, balanced_many, solve_many};
use serde::{Deserialize, Serialize};
use simulation::Fate;
use systems::circuit::Populations;

/// Results of one network and split.
#[derive(Serialize, Deserialize)]
pub(super) struct Trial {
    /// Test accuracy `[noise][feature]`.
    pub(super) accuracy: Vec<[f64; FEATURES.len()]>,
    /// Semi-balanced rates of a few digits at the finite gain, and the ends of the dynamics.
    pub(super) rates: Vec<(f64, f64)>,
    /// Share of silent populations.
    pub(super) silent: f64,
}

pub(super) fn trial(
    params: &Params,
    pairs: usize,
    with_dynamics: bool,
    pixels: &Array2<f64>,
    labels: &[usize],
    seed: Seed,
) -> Result<Trial, Failure> {
    let seed_of_size = seed.replicate(pairs as u64);
    let w = assemblies(pairs, 0.3, seed_of_size);
    let n = w.nrows();
    // The mean digit adds nothing, so that drives stay about the background; it is that of all digits, labels unseen.
    let mean = pixels.mean_axis(Dimension(0)).unwrap_or_default();
    let spread = pixels.std_axis(Dimension(0), 0.0).mapv(|s| s * s).sum().sqrt() / 8.0;
    let strength = params.strength / spread;
    let stimuli = pixels - &mean;
    let drives = drives(pairs, &stimuli, strength, seed_of_size);
    let states = solve_many(w.view(), drives.view()).map_err(|e| Failure::Input(e.to_string()))?;
    if let Some(k) = states.found.iter().position(|found| *found != Found::State) {
        return Err(Failure::Input(format!("digit {k}, {n} populations: no state found")));
    }
    let balanced = balanced_many(&w, drives.view()).ok_or_else(|| Failure::Input("W is singular".into()))?;
    let relu = (stimuli.dot(&projection(n, 64, strength, seed_of_size.replicate(1)).t()) + 1.0).mapv(|x| x.max(0.0));
    let features = [pixels, &balanced, &states.rates, &relu];
    let split = Split::draw(pixels.nrows(), params.train, params.validate, seed);
    let accuracy = params
        .noise
        .iter()
        .enumerate()
        .map(|(level, &noise)| {
            let mut row = [f64::NAN; FEATURES.len()];
            for (k, (accuracy, feature)) in row.iter_mut().zip(features).enumerate() {
                let noisy = with_noise(feature, noise, seed_of_size, (level * FEATURES.len() + k) as u64);
                *accuracy = split.accuracy(noisy.view(), labels);
            }
            row
        })
        .collect();
    let rates = if with_dynamics { some_rates(params, &w, &drives, &split)? } else { Vec::new() };
    let silent = states.rates.iter().filter(|r| **r == 0.0).count() as f64 / states.rates.len() as f64;
    Ok(Trial { accuracy, rates, silent })
}

pub(super) fn with_noise(feature: &Array2<f64>, noise: f64, seed: Seed, index: u64) -> Array2<f64> {
    let scale = feature.std_axis(Dimension(0), 0.0) * noise;
    let mut rng = seed.stream("noise").rng(index);
    let noise = Array2::from_shape_simple_fn(feature.dim(), || -> f64 { StandardNormal.sample(&mut rng) });
    feature + &(noise * &scale)
}

/// Rates of the first test digits, by the state at the finite gain and by the dynamics.
pub(super) fn some_rates(
    params: &Params,
    w: &Array2<f64>,
    drives: &Array2<f64>,
    split: &Split,
) -> Result<Vec<(f64, f64)>, Failure> {
    let n = w.nrows();
    let chosen = drives.select(Dimension(0), &split.test()[split.test().len() - 3..]);
    let at_gain = w - &(Array2::<f64>::eye(n) / params.gain);
    let batch = solve_many(at_gain.view(), chosen.view()).map_err(|e| Failure::Input(e.to_string()))?;
    let mut pairs = Vec::new();
    for (state, drive) in batch.rates.rows().into_iter().zip(chosen.rows()) {
        let populations = Populations { w: w.clone(), x: drive.to_owned(), tau: Array1::ones(n), gain: params.gain };
        let end = match populations.end(&Array1::ones(n)) {
            Fate::Settled(r) => r,
            Fate::Moving(_) | Fate::RanAway => Array1::from_elem(n, f64::NAN),
        };
        pairs.extend(state.iter().zip(&end).map(|(s, e)| (*s, *e)));
    }
    Ok(pairs)
}
