//! How much errors of one circuit grow.

use super::Params;
use lab::Failure;
use model::Seed;
use ndarray::{Array1, Array2, Axis as Along, array};
use rand_distr::{Distribution, StandardNormal};
use semibalance::{Circuit, balanced, balanced_many};
use serde::{Deserialize, Serialize};

/// Rates among which those at which errors grow most are looked for.
pub(super) const ANGLES: usize = 500;

/// Steps of power iterations; those of pairs with nearly equal singular values, whose growth is 1 in all directions, need not converge.
pub(super) const POWER: usize = 4000;

/// One circuit.
#[derive(Serialize, Deserialize)]
pub(super) struct Measured {
    pub(super) condition: f64,
    /// Growth of the errors of X that grow most.
    pub(super) worst: f64,
    /// Growth of the same errors where no rate and no drive is negative, of pairs that have such states.
    pub(super) positive: Option<f64>,
    /// Largest growth of random errors of X, and of W.
    pub(super) drive: f64,
    pub(super) coupling: f64,
}

/// −W⁻¹X.
pub(super) fn rates(w: &Array2<f64>, x: &Array1<f64>) -> Result<Array1<f64>, Failure> {
    let rates =
        balanced_many(w, x.view().insert_axis(Along(0))).ok_or_else(|| Failure::Input("W is singular".into()))?;
    Ok(rates.row(0).to_owned())
}

pub(super) fn condition(w: &Array2<f64>) -> Result<f64, Failure> {
    let circuit = Circuit::new(w.clone(), Array1::ones(w.nrows())).map_err(|e| Failure::Input(e.to_string()))?;
    Ok(balanced(&circuit).condition)
}

/// Perturbs X and W, and solves again.
pub(super) fn measure(w: &Array2<f64>, params: &Params, seed: Seed) -> Result<Measured, Failure> {
    let n = w.nrows();
    let mut rng = seed.stream("errors").rng(0);
    let mut direction = || -> Array1<f64> {
        let z = Array1::from_shape_simple_fn(n, || StandardNormal.sample(&mut rng));
        &z / norm(&z)
    };
    let transposed = w.t().to_owned();
    let (mut most, mut least) = (direction(), direction());
    for _ in 0..POWER {
        most = transposed.dot(&w.dot(&most));
        most = &most / norm(&most);
        least = rates(w, &rates(&transposed, &least)?)?;
        least = &least / norm(&least);
    }
    let coupling = norm(&w.dot(&most));
    let growth = |x: &Array1<f64>, error: Array1<f64>| -> Result<f64, Failure> {
        let error = &error * (params.size * norm(x) / norm(&error));
        let (before, after) = (rates(w, x)?, rates(w, &(x + &error))?);
        Ok(norm(&(&after - &before)) / norm(&before) / params.size)
    };
    // X = W v makes r = −v.
    let worst = growth(&w.dot(&most), w.dot(&least))?;
    let mut positive: Option<f64> = None;
    if n == 2 {
        for k in 0..ANGLES {
            let angle = std::f64::consts::FRAC_PI_2 * (k as f64 + 0.5) / ANGLES as f64;
            let x = -w.dot(&array![libm::cos(angle), libm::sin(angle)]);
            if x.iter().all(|x| *x > 0.0) {
                positive = Some(growth(&x, w.dot(&least))?.max(positive.unwrap_or(0.0)));
            }
        }
    }
    let (mut of_drive, mut of_coupling) = (0.0_f64, 0.0_f64);
    for _ in 0..params.errors {
        let x = direction();
        of_drive = of_drive.max(growth(&x, direction())?);
        let (left, right) = (direction(), direction());
        let error = Array2::from_shape_fn((n, n), |(a, b)| params.size * coupling * left[a] * right[b]);
        let (before, after) = (rates(w, &x)?, rates(&(w + &error), &x)?);
        of_coupling = of_coupling.max(norm(&(&after - &before)) / norm(&after) / params.size);
    }
    Ok(Measured { condition: condition(w)?, worst, positive, drive: of_drive, coupling: of_coupling })
}

pub(super) fn norm(v: &Array1<f64>) -> f64 {
    v.dot(v).sqrt()
}
