//! The networks of the source.

use crate::semi_balance::networks::{s3 as connections_s3, s3c as connections_s3c};
use model::SpikingNetwork;

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
