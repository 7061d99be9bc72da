//! The circuits of the source, in Hz and Hz mV.

use model::Seed;
use ndarray::{Array1, Array2, array};
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};

/// Two excitatory populations and an inhibitory one: W_ee is `within` in a population and 2 − `within` across, so that
/// 1/2 is the circuit S3, which balances, and 3/2 its winner-take-all; 0 is S3c.
pub fn two_and_inhibition(within: f64) -> Array2<f64> {
    let across = 2.0 - within;
    array![[within, across, -3.0], [across, within, -3.0], [4.5, 4.5, -5.0]]
}

/// X of S3 for external rates 10 + δ and 10 − δ Hz.
pub fn drive(contrast: f64) -> Array1<f64> {
    stimulus_drive(10.0 + contrast, 10.0 - contrast)
}

/// X of S3 for external rates in Hz.
pub fn stimulus_drive(first: f64, second: f64) -> Array1<f64> {
    array![2.7 * first + 0.9 * second, 0.9 * first + 2.7 * second, 1.35 * (first + second)]
}

/// X of S3c for external rates in Hz: each drives one excitatory population alone.
pub fn selective_drive(first: f64, second: f64) -> Array1<f64> {
    array![3.6 * first, 3.6 * second, 1.35 * (first + second)]
}

/// W with log-normal magnitudes, the first columns positive, the last `inhibitory` ones negative.
pub fn random_dale(populations: usize, inhibitory: usize, seed: Seed, index: u64) -> Array2<f64> {
    let mut rng = seed.stream("coupling").rng(index);
    Array2::from_shape_simple_fn((populations, populations), || StandardNormal.sample(&mut rng))
        .indexed_iter()
        .map(|((_, b), z): (_, &f64)| libm::exp(*z) * if b + inhibitory >= populations { -1.0 } else { 1.0 })
        .collect::<Array1<f64>>()
        .into_shape_with_order((populations, populations))
        .expect("as many entries")
}

/// X with log-normal entries.
pub fn random_drive(populations: usize, seed: Seed, index: u64) -> Array1<f64> {
    let mut rng = seed.stream("drive").rng(index);
    Array1::from_shape_simple_fn(populations, || {
        let z: f64 = StandardNormal.sample(&mut rng);
        libm::exp(z)
    })
}

/// A number of populations from `least` to `most`, and how many of them inhibit: at least one of either kind.
pub fn random_size(least: usize, most: usize, seed: Seed, index: u64) -> (usize, usize) {
    let mut rng = seed.stream("size").rng(index);
    let populations = rng.random_range(least..=most);
    (populations, rng.random_range(1..populations))
}
