//! The networks of the source.

use crate::semi_balance::networks::{s3 as connections_s3, s3c as connections_s3c};
use lab::Sweep;
use model::SpikingNetwork;

/// Key of N.
pub const SIZE: &str = "network.size";

/// Mean external rate in Hz, which the contrast moves.
pub const MEAN: f64 = 10.0;

/// Contrasts δ in Hz: external rates 10 ± δ.
pub fn contrast_axis(contrasts: &[f64]) -> Sweep {
    let pairs: Vec<[f64; 2]> = contrasts.iter().map(|x| [MEAN + x, MEAN - x]).collect();
    external_rates(Sweep::of("contrast", contrasts.to_vec()), &pairs)
}

/// Rates of the two external populations along a sweep.
pub fn external_rates(sweep: Sweep, pairs: &[[f64; 2]]) -> Sweep {
    sweep
        .with("network.populations.x1.rate", pairs.iter().map(|pair| pair[0]))
        .with("network.populations.x2.rate", pairs.iter().map(|pair| pair[1]))
}

/// Set A with external rates in Hz.
pub fn pair(size: usize, rate: f64) -> SpikingNetwork {
    let mut network = SpikingNetwork::baker_2019_pair(size);
    network.connections.external_rates[0] = rate;
    network
}

/// S3: two excitatory populations that excite each other more than themselves; external rates 10 ± δ Hz, or any two.
pub fn s3(size: usize, first: f64, second: f64) -> SpikingNetwork {
    let mut network = SpikingNetwork::baker_2019(&["e1", "e2", "i"], connections_s3(size, 0.0));
    network.connections.external_rates = ndarray::array![first, second];
    network
}

/// S3c: no coupling within excitatory populations, each driven by one external population.
pub fn s3c(size: usize, first: f64, second: f64) -> SpikingNetwork {
    let mut network = SpikingNetwork::baker_2019(&["e1", "e2", "i"], connections_s3c(size, 0.0));
    network.connections.external_rates = ndarray::array![first, second];
    network
}
