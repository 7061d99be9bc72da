//! The family of networks on which the errors of theories are measured: drawn at random from a stated prior, none of them a figure's.

use model::neuron::{Exponential, Leaky};
use model::spiking::Synapses;
use model::{BernoulliNetwork, Neuron, Seed, SpikingNetwork};
use ndarray::{Array1, Array2, array};
use rand::{Rng, RngExt};
use semibalance::{Circuit, balanced};

/// What drives a network, and what it consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Constant currents, or Poisson trains.
    pub constant: bool,
    /// Leaky neurons, or exponential ones.
    pub leaky: bool,
}

impl Kind {
    /// All four.
    pub const ALL: [Kind; 4] = [
        Kind { constant: false, leaky: false },
        Kind { constant: false, leaky: true },
        Kind { constant: true, leaky: false },
        Kind { constant: true, leaky: true },
    ];

    /// In words.
    pub fn name(self) -> &'static str {
        match (self.constant, self.leaky) {
            (false, false) => "Poisson drive, exponential neurons",
            (false, true) => "Poisson drive, leaky neurons",
            (true, false) => "constant drive, exponential neurons",
            (true, true) => "constant drive, leaky neurons",
        }
    }
}

/// Rates of −W⁻¹X in Hz that a network of the family has.
const RATES: std::ops::Range<f64> = 2.0..40.0;

/// A number whose logarithm is uniform.
pub fn scale(rng: &mut impl Rng, low: f64, high: f64) -> f64 {
    low * libm::pow(high / low, rng.random_range(0.0..1.0))
}

/// The network of this number. Draws that do not balance at moderate rates are drawn again: of what balances the prior is as stated.
///
/// N from 500 to 10000, p from 0.02 to 0.3 (10 inputs and more from each population), both log-uniform; strengths of the pair of Baker et al. at the
/// same p j, each times a log-uniform factor from 2/3 to 3/2, and all times one from 0.3 to 1.2; drive likewise; membranes of 10 to 25 ms, synapses of 3 to
/// 10 ms, thresholds 15 to 25 mV above rest, resets 0 to 8 mV below it, refractory times up to 3 ms, delays up to 1 ms.
pub fn draw(kind: Kind, seed: Seed, number: u64) -> SpikingNetwork {
    let mut rng =
        seed.stream("calibration networks").rng(number * 4 + u64::from(kind.constant) * 2 + u64::from(kind.leaky));
    loop {
        let network = candidate(kind, &mut rng);
        let circuit = Circuit::new(network.mean_coupling(), network.mean_drive()).ok();
        let rates = circuit.and_then(|circuit| balanced(&circuit).rates);
        if rates.is_some_and(|r| r.iter().all(|r| RATES.contains(r))) && network.validate().is_ok() {
            return network;
        }
    }
}

fn candidate(kind: Kind, rng: &mut impl Rng) -> SpikingNetwork {
    let size = scale(rng, 500.0, 10_000.0) as usize;
    // The inhibitory population is a fifth.
    let fewest = 10.0 / (0.2 * size as f64);
    let p = scale(rng, fewest.max(0.02), 0.3_f64.max(1.01 * fewest)).min(1.0);
    let strength = scale(rng, 0.3, 1.2) * 0.1 / p;
    let mut vary = |base: f64| base * strength * scale(rng, 2.0 / 3.0, 1.5);
    let strength = array![[vary(25.0), vary(-150.0)], [vary(112.5), vary(-250.0)]];
    let external = array![[vary(180.0)], [vary(135.0)]];
    let rate = 10.0;
    let tau = rng.random_range(10.0..25.0);
    let rest = -70.0;
    let onset = rest + rng.random_range(15.0..25.0);
    let reset = rest - rng.random_range(0.0..8.0);
    let neuron = if kind.leaky {
        Neuron::Leaky(Leaky { tau, rest, threshold: onset, reset })
    } else {
        let sharpness = rng.random_range(0.5..2.5);
        Neuron::Exponential(Exponential { tau, rest, sharpness, onset, threshold: onset + 10.0 * sharpness, reset })
    };
    let mut synapse =
        || Synapses { delay: rng.random_range(0.0..1.0), ..Synapses::current(rng.random_range(3.0..10.0)) };
    let synapses = vec![synapse(), synapse()];
    let outside = synapse();
    let refractory = rng.random_range(0.0..3.0);
    let shares = array![0.8, 0.2];
    let drive: Array1<f64> = external.column(0).mapv(|j| p * j * 0.2 * rate);
    let root = (size as f64).sqrt();
    let (constant, external_shares) =
        if kind.constant { (drive.mapv(|x| x * root / 1000.0).to_vec(), array![]) } else { (vec![], array![0.2]) };
    let sources = external_shares.len();
    SpikingNetwork {
        names: vec!["e".into(), "i".into()],
        constant,
        floor: Some(-200.0),
        refractory,
        connections: BernoulliNetwork {
            size,
            shares,
            probability: Array2::from_elem((2, 2), p),
            strength,
            external_shares,
            external_rates: Array1::from_elem(sources, rate),
            external_probability: Array2::from_elem((2, sources), p),
            external_strength: if sources == 1 { external } else { Array2::zeros((2, 0)) },
        },
        correlation: None,
        synapses,
        external_synapses: vec![outside; sources],
        neurons: vec![neuron],
    }
}
