//! The network, with names for the cells of two memories, and the currents of its cells.

use super::{POPULATIONS, TESTED};
use model::{BernoulliNetwork, SpikingNetwork};
use ndarray::{Array2, array};
use simulation::spiking::Drives;
use systems::plastic_spiking::Course;

/// The network, with names for the cells of two memories of 784 cells.
pub(super) fn network() -> SpikingNetwork {
    let pair = SpikingNetwork::vogels_2011();
    let of = |a: usize| usize::from(a == 4);
    let like = |pair: &Array2<f64>| Array2::from_shape_fn((5, 5), |(a, b)| pair[[of(a), of(b)]]);
    let none = || Array2::zeros((5, 0));
    SpikingNetwork {
        names: POPULATIONS.map(String::from).to_vec(),
        constant: vec![pair.constant[0]; 5],
        connections: BernoulliNetwork {
            shares: array![0.6432, 0.0196, 0.0588, 0.0784, 0.2],
            probability: like(&pair.connections.probability),
            strength: like(&pair.connections.strength),
            external_probability: none(),
            external_strength: none(),
            ..pair.connections.clone()
        },
        synapses: (0..5).map(|b| pair.synapses[of(b)]).collect(),
        plasticity: Array2::from_shape_fn((5, 5), |(a, b)| pair.plasticity[[of(a), of(b)]]),
        ..pair
    }
}

/// Mean currents of cells outside the memories in the trials of a phase that keeps them: excitation and inhibition.
pub(super) fn currents(seen: &Course, cells: usize, place: usize) -> Vec<[f64; 2]> {
    let trials = &seen.inputs[place * TESTED..(place + 1) * TESTED];
    let mean =
        |cell: usize, of: fn(&Drives) -> f64| trials.iter().map(|own| of(&own[cell])).sum::<f64>() / TESTED as f64;
    (0..cells).map(|cell| [mean(cell, |own| own.excitatory), mean(cell, |own| own.inhibitory)]).collect()
}

/// Correlation over cells of excitation with what inhibits.
pub(super) fn balance(currents: &[[f64; 2]]) -> f64 {
    let n = currents.len() as f64;
    let mean = |k: usize| currents.iter().map(|own| own[k]).sum::<f64>() / n;
    let means = [mean(0), mean(1)];
    let moment = |j: usize, k: usize| currents.iter().map(|own| (own[j] - means[j]) * (own[k] - means[k])).sum::<f64>();
    -moment(0, 1) / (moment(0, 0) * moment(1, 1)).sqrt()
}
