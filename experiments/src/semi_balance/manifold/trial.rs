//! One network at one strength of the stimulus.

use super::Params;
use crate::assemblies::{assemblies, drives};
use analysis::{nonlinear_share, participation_ratio};
use lab::Failure;
use model::Seed;
use ndarray::{Array1, Array2};
use rand_distr::{Distribution, StandardNormal};
use semibalance::{Found, balanced_many, solve_many};
use serde::{Deserialize, Serialize};
use simulation::Fate;
use systems::circuit::Populations;

/// Participation ratio and nonlinear share of a set of responses.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct Shape {
    pub(super) dimension: f64,
    pub(super) nonlinear: f64,
}

/// Responses of one network at one strength.
#[derive(Serialize, Deserialize)]
pub(super) struct Trial {
    pub(super) balanced: Shape,
    pub(super) state: Shape,
    pub(super) end: Shape,
    /// Share of silent populations.
    pub(super) silent: f64,
}

pub(super) fn trial(params: &Params, strength: f64, seed: Seed) -> Result<Trial, Failure> {
    let w = assemblies(params.pairs, 0.3, seed);
    let mut rng = seed.stream("stimuli").rng(0);
    let stimuli = Array2::from_shape_simple_fn((params.stimuli, params.dimensions), || StandardNormal.sample(&mut rng));
    let drives = drives(params.pairs, &stimuli, strength, seed);
    let n = w.nrows();
    let at_gain = &w - &(Array2::<f64>::eye(n) / params.gain);
    let batch = solve_many(at_gain.view(), drives.view()).map_err(|e| Failure::Input(e.to_string()))?;
    if let Some(k) = batch.found.iter().position(|found| *found != Found::State) {
        return Err(Failure::Input(format!("stimulus {k} at strength {strength}: no state found")));
    }
    let affine = balanced_many(&at_gain, drives.view()).ok_or_else(|| Failure::Input("W is singular".into()))?;
    let mut ends = Array2::zeros(drives.dim());
    for (k, drive) in drives.rows().into_iter().enumerate() {
        let populations = Populations { w: w.clone(), x: drive.to_owned(), tau: Array1::ones(n), gain: params.gain };
        match populations.end(&Array1::ones(n)) {
            Fate::Settled(r) => ends.row_mut(k).assign(&r),
            Fate::Moving(_) | Fate::RanAway => ends.row_mut(k).fill(f64::NAN),
        }
    }
    let shape = |responses: &Array2<f64>| Shape {
        dimension: participation_ratio(responses.view()),
        nonlinear: nonlinear_share(stimuli.view(), responses.view()),
    };
    let silent = batch.rates.iter().filter(|r| **r == 0.0).count() as f64 / batch.rates.len() as f64;
    Ok(Trial { balanced: shape(&affine), state: shape(&batch.rates), end: shape(&ends), silent })
}
