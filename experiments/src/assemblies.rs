//! Networks of many populations with one state for a wide range of stimuli: pairs of excitation and inhibition, weakly coupled.

use model::Seed;
use ndarray::{Array2, s};
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};

/// W of `pairs` excitatory populations and as many inhibitory ones, each of which inhibits one of the former; all are coupled at
/// random with a total weight of `weak`.
pub fn assemblies(pairs: usize, weak: f64, seed: Seed) -> Array2<f64> {
    let mut rng = seed.stream("assemblies").rng(0);
    Array2::from_shape_fn((2 * pairs, 2 * pairs), |(a, b)| {
        let strong = match (a < pairs, b < pairs) {
            _ if a % pairs != b % pairs => 0.0,
            (true, true) => 0.2,
            (false, false) => 2.0,
            _ => 1.5,
        };
        let size = strong + weak / pairs as f64 * rng.random_range(0.0..2.0);
        if b < pairs { size } else { -size }
    })
}

/// A random projection `[rows × inputs]` with entries of zero mean and row sums of squares `strength`² on average.
pub fn projection(rows: usize, inputs: usize, strength: f64, seed: Seed) -> Array2<f64> {
    let mut rng = seed.stream("projection").rng(0);
    let sd = strength / (inputs as f64).sqrt();
    Array2::from_shape_simple_fn((rows, inputs), || {
        let z: f64 = StandardNormal.sample(&mut rng);
        sd * z
    })
}

/// Drives `[T × 2 pairs]` of the excitatory populations by stimuli `[T × inputs]` over a background that keeps all active. Inhibitory
/// populations see the background alone: where stimuli inhibit inhibition, a network may have no state at all.
pub fn drives(pairs: usize, stimuli: &Array2<f64>, strength: f64, seed: Seed) -> Array2<f64> {
    let project = projection(pairs, stimuli.ncols(), strength, seed);
    let mut drives = Array2::from_shape_fn((stimuli.nrows(), 2 * pairs), |(_, a)| if a < pairs { 2.0 } else { 1.0 });
    let mut excitatory = drives.slice_mut(s![.., ..pairs]);
    excitatory += &stimuli.dot(&project.t());
    drives
}
