//! The circuits of the source, in Hz and Hz mV.

use model::{BernoulliNetwork, Seed};
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

/// S3 with N units, 40 % in each excitatory population and 20 % inhibitory, for a contrast δ of the external rates in Hz.
pub fn s3(size: usize, contrast: f64) -> BernoulliNetwork {
    network(
        size,
        contrast,
        array![[0.05, 0.15, 0.1], [0.15, 0.05, 0.1], [0.1, 0.1, 0.1]],
        array![[0.15, 0.05], [0.05, 0.15], [0.1, 0.1]],
    )
}

/// S3c: no coupling within excitatory populations, and each external population drives one of them.
pub fn s3c(size: usize, contrast: f64) -> BernoulliNetwork {
    network(
        size,
        contrast,
        array![[0.0, 0.2, 0.1], [0.2, 0.0, 0.1], [0.1, 0.1, 0.1]],
        array![[0.2, 0.0], [0.0, 0.2], [0.1, 0.1]],
    )
}

/// Weights in mV of Baker et al. 2020's family of networks, set A.
fn network(size: usize, contrast: f64, probability: Array2<f64>, external: Array2<f64>) -> BernoulliNetwork {
    BernoulliNetwork {
        size,
        shares: array![0.4, 0.4, 0.2],
        probability,
        strength: array![[25.0, 25.0, -150.0], [25.0, 25.0, -150.0], [112.5, 112.5, -250.0]],
        external_shares: array![0.1, 0.1],
        external_rates: array![10.0 + contrast, 10.0 - contrast],
        external_probability: external,
        external_strength: array![[180.0, 180.0], [180.0, 180.0], [135.0, 135.0]],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_of_units_are_the_circuits() {
        let near = |a: &Array1<f64>, b: &Array1<f64>| (a - b).iter().all(|d| d.abs() < 1e-12);
        for contrast in [0.0, 2.0, 5.0] {
            assert!(near(&s3(100, contrast).mean_drive(), &drive(contrast)));
            assert!(near(&s3c(100, contrast).mean_drive(), &selective_drive(10.0 + contrast, 10.0 - contrast)));
        }
        for (network, within) in [(s3(100, 0.0), 0.5), (s3c(100, 0.0), 0.0)] {
            assert!((network.mean_coupling() - two_and_inhibition(within)).iter().all(|d| d.abs() < 1e-12));
        }
    }
}
