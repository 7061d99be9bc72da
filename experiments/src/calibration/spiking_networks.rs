//! The family of networks on which the errors of theories are measured: drawn at random from a stated prior, none of them a figure's.

use model::neuron::{Exponential, Leaky};
use model::spiking::{Plasticity, Spread, Synapses};
use model::{BernoulliNetwork, Neuron, Seed, SpikingNetwork, WeightLaw};
use ndarray::{Array1, Array2, array};
use rand::{Rng, RngExt};
use semibalance::{Circuit, balanced};

/// What a network consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An excitatory and an inhibitory population: the networks on which errors were set.
    Pair {
        /// Constant currents, or Poisson trains.
        constant: bool,
        /// Leaky neurons, or exponential ones.
        leaky: bool,
    },
    /// One inhibitory population.
    One,
    /// Two excitatory populations and an inhibitory one.
    Three,
    /// A pair whose strengths differ from synapse to synapse.
    Spread,
}

impl Kind {
    /// Pairs, on which errors were set.
    pub const PAIRS: [Kind; 4] = [
        Kind::Pair { constant: false, leaky: false },
        Kind::Pair { constant: false, leaky: true },
        Kind::Pair { constant: true, leaky: false },
        Kind::Pair { constant: true, leaky: true },
    ];

    /// Others, which have the same errors.
    pub const OTHERS: [Kind; 3] = [Kind::One, Kind::Three, Kind::Spread];

    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Pair { constant: false, leaky: false } => "Poisson drive, exponential neurons",
            Kind::Pair { constant: false, leaky: true } => "Poisson drive, leaky neurons",
            Kind::Pair { constant: true, leaky: false } => "constant drive, exponential neurons",
            Kind::Pair { constant: true, leaky: true } => "constant drive, leaky neurons",
            Kind::One => "one population",
            Kind::Three => "three populations",
            Kind::Spread => "strengths that differ",
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
/// 10 ms, thresholds 15 to 25 mV above rest, resets 0 to 8 mV below it, refractory times up to 3 ms, delays up to 1 ms. Drive and neurons of what is no
/// pair are as likely the one as the other; strengths that differ have a gamma law and a coefficient of variation up to 0.75.
pub fn draw(kind: Kind, seed: Seed, number: u64) -> SpikingNetwork {
    let mut rng = match kind {
        Kind::Pair { constant, leaky } => {
            seed.stream("calibration networks").rng(number * 4 + u64::from(constant) * 2 + u64::from(leaky))
        }
        Kind::One => seed.stream("calibration networks of one population").rng(number),
        Kind::Three => seed.stream("calibration networks of three populations").rng(number),
        Kind::Spread => seed.stream("calibration networks of strengths that differ").rng(number),
    };
    loop {
        let network = candidate(kind, &mut rng);
        let circuit = Circuit::new(network.mean_coupling(), network.mean_drive()).ok();
        let rates = circuit.and_then(|circuit| balanced(&circuit).rates);
        if rates.is_some_and(|r| r.iter().all(|r| RATES.contains(r))) && network.validate().is_ok() {
            return network;
        }
    }
}

/// Shares of the populations, strengths `[target, source]` and those from outside.
fn layout(kind: Kind) -> (Array1<f64>, Array2<f64>, Array2<f64>) {
    match kind {
        Kind::One => (array![1.0], array![[-250.0]], array![[135.0]]),
        Kind::Three => (
            array![0.4, 0.4, 0.2],
            array![[25.0, 25.0, -150.0], [25.0, 25.0, -150.0], [112.5, 112.5, -250.0]],
            array![[180.0], [180.0], [135.0]],
        ),
        Kind::Pair { .. } | Kind::Spread => {
            (array![0.8, 0.2], array![[25.0, -150.0], [112.5, -250.0]], array![[180.0], [135.0]])
        }
    }
}

fn candidate(kind: Kind, rng: &mut impl Rng) -> SpikingNetwork {
    let (constant, leaky) = match kind {
        Kind::Pair { constant, leaky } => (constant, leaky),
        _ => (rng.random_range(0..2) == 1, rng.random_range(0..2) == 1),
    };
    let (shares, strength, external) = layout(kind);
    let smallest = shares.iter().copied().fold(1.0, f64::min);
    let size = scale(rng, 500.0, 10_000.0) as usize;
    let fewest = 10.0 / (smallest * size as f64);
    let p = scale(rng, fewest.max(0.02), 0.3_f64.max(1.01 * fewest)).min(1.0);
    let factor = scale(rng, 0.3, 1.2) * 0.1 / p;
    let mut vary = |base: f64| base * factor * scale(rng, 2.0 / 3.0, 1.5);
    let (strength, external) = (strength.mapv(&mut vary), external.mapv(&mut vary));
    let rate = 10.0;
    let tau = rng.random_range(10.0..25.0);
    let rest = -70.0;
    let onset = rest + rng.random_range(15.0..25.0);
    let reset = rest - rng.random_range(0.0..8.0);
    let neuron = if leaky {
        Neuron::Leaky(Leaky { tau, rest, threshold: onset, reset })
    } else {
        let sharpness = rng.random_range(0.5..2.5);
        Neuron::Exponential(Exponential { tau, rest, sharpness, onset, threshold: onset + 10.0 * sharpness, reset })
    };
    let mut synapse =
        || Synapses { delay: rng.random_range(0.0..1.0), ..Synapses::current(rng.random_range(3.0..10.0)) };
    let mut synapses: Vec<Synapses> = shares.iter().map(|_| synapse()).collect();
    let mut outside = synapse();
    let refractory = rng.random_range(0.0..3.0);
    if kind == Kind::Spread {
        let spread = Some(Spread { law: WeightLaw::Gamma, variation: rng.random_range(0.0..0.75) });
        synapses.iter_mut().chain([&mut outside]).for_each(|synapses| synapses.spread = spread);
    }
    let drive: Array1<f64> = external.column(0).mapv(|j| p * j * 0.2 * rate);
    let root = (size as f64).sqrt();
    let (constant, external_shares) =
        if constant { (drive.mapv(|x| x * root / 1000.0).to_vec(), array![]) } else { (vec![], array![0.2]) };
    let (populations, sources) = (shares.len(), external_shares.len());
    SpikingNetwork {
        names: match kind {
            Kind::One => vec!["i".into()],
            Kind::Three => vec!["e1".into(), "e2".into(), "i".into()],
            _ => vec!["e".into(), "i".into()],
        },
        constant,
        floor: Some(-200.0),
        refractory,
        connections: BernoulliNetwork {
            size,
            shares,
            probability: Array2::from_elem((populations, populations), p),
            strength,
            external_shares,
            external_rates: Array1::from_elem(sources, rate),
            external_probability: Array2::from_elem((populations, sources), p),
            external_strength: if sources == 1 { external } else { Array2::zeros((populations, 0)) },
        },
        correlation: None,
        synapses,
        external_synapses: vec![outside; sources],
        plasticity: Plasticity::none(populations),
        neurons: vec![neuron],
    }
}
