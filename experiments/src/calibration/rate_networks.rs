//! Random rate networks: the prior of the figure `rate`.

use super::spiking_networks::scale;
use meanfield::balanced_rates;
use model::{Population, RateNetwork, Response, Seed, Sign, WeightLaw};
use ndarray::{Array2, array};
use rand::{Rng, RngExt};

/// What a network consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One inhibitory population of binary units.
    Binary,
    /// One inhibitory population of graded units.
    Graded,
    /// An excitatory population and an inhibitory one.
    Pair,
    /// One inhibitory population whose weights have another law than gamma.
    Law,
}

impl Kind {
    /// Kinds with gamma weights, for which there is a closure.
    pub const GAMMA: [Kind; 3] = [Kind::Binary, Kind::Graded, Kind::Pair];

    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Binary => "one population, binary",
            Kind::Graded => "one population, graded",
            Kind::Pair => "excitatory and inhibitory",
            Kind::Law => "other laws of weights",
        }
    }
}

/// Rates of −W⁻¹X that a pair of the family has.
const RATES: std::ops::Range<f64> = 0.0..0.5;

/// The network of this number. Pairs that do not balance at moderate rates are drawn again: of what balances the prior is as stated.
///
/// K from 200 to 2000 and N from K to 2 K, log-uniform; ν = 1/2, 1 or between, each with probability 1/3; J from 1 to 4, J/g from 1/3 to 3 and I from
/// 0.25 to 4, log-uniform. Responses are all that the code knows of the kind, each as likely. Of a pair and of other laws responses are bounded, so that they cannot run
/// away;
/// J is that of figure 6 of Khajeh et al., each entry times a log-uniform factor from 2/3 to 3/2, and K goes up to 800. Other laws than gamma are those
/// that have the moments, each as likely.
pub fn draw(kind: Kind, seed: Seed, number: u64) -> RateNetwork {
    let mut rng = match kind {
        Kind::Law => seed.stream("calibration rate networks of other laws").rng(number),
        _ => seed.stream("calibration rate networks").rng(number * 3 + kind as u64),
    };
    loop {
        let network = candidate(kind, &mut rng);
        let rates = balanced_rates(&network).ok().and_then(|balanced| balanced.rates);
        if network.validate().is_err() {
            continue;
        }
        if kind != Kind::Pair || rates.is_some_and(|r| r.iter().all(|r| RATES.contains(r))) {
            return network;
        }
    }
}

fn candidate(kind: Kind, rng: &mut impl Rng) -> RateNetwork {
    let exponent = match rng.random_range(0..3) {
        0 => 0.5,
        1 => 1.0,
        _ => rng.random_range(0.5..1.0),
    };
    let fits = |r: &&Response| match kind {
        Kind::Binary => r.is_binary(),
        Kind::Graded => !r.is_binary(),
        // Excitation, which a law of both signs has too, could run away.
        Kind::Pair | Kind::Law => r.supremum().is_finite(),
    };
    let all: Vec<&Response> = Response::ALL.iter().filter(fits).collect();
    let response = *all[rng.random_range(0..all.len())];
    let laws: Vec<&WeightLaw> = WeightLaw::ALL.iter().filter(|law| **law != WeightLaw::Gamma).collect();
    let law = if kind == Kind::Law { *laws[rng.random_range(0..laws.len())] } else { WeightLaw::Gamma };
    let most = if kind == Kind::Pair { 800.0 } else { 2000.0 };
    let in_degree = scale(rng, 200.0, most) as usize;
    let size = scale(rng, in_degree as f64, 2.0 * in_degree as f64) as usize;
    let mut population = |name: &str, sign| {
        let bias = scale(rng, 0.25, 4.0);
        Population { name: name.into(), sign, size, in_degree, bias }
    };
    let populations = match kind {
        Kind::Pair => vec![population("E", Sign::Excitatory), population("I", Sign::Inhibitory)],
        _ => vec![population("I", Sign::Inhibitory)],
    };
    let mean = match kind {
        Kind::Pair => array![[1.0, 2.0], [1.0, 1.2]].mapv(|j: f64| j * scale(rng, 2.0 / 3.0, 1.5)),
        _ => Array2::from_elem((1, 1), scale(rng, 1.0, 4.0)),
    };
    let spread = mean.mapv(|j| j / scale(rng, 1.0 / 3.0, 3.0));
    RateNetwork { response, law, exponent, mean, spread, populations }
}
