//! The closures that figures and `compare` set beside a simulation.

use lab::Claim;
use meanfield::{StaticState, TheoryError, adiabatic, gamma_input, gaussian_input, ggc_beta};
use model::RateNetwork;

/// A theory of the static state of a network.
pub struct Closure {
    /// Its name in comparison tables.
    pub name: &'static str,
    /// What is claimed of it.
    pub claim: Claim,
    /// The state of each population, given the variance ratio r of each.
    pub states: fn(&RateNetwork, &[f64]) -> Result<Vec<StaticState>, TheoryError>,
}

/// (c): the one that claims to hold.
pub const GGC_BETA: Closure = Closure {
    name: "(c) GGC-Beta given r",
    claim: Claim::Equals,
    states: |network, ratios| ggc_beta(network, ratios).map(|solution| solution.states),
};

/// All of them. A closure is one entry here.
pub const CLOSURES: [Closure; 4] = [
    GGC_BETA,
    Closure {
        name: "(b) gamma given r",
        claim: Claim::Contrast,
        states: |network, ratios| gamma_input(network, ratios[0]).map(|state| vec![state]),
    },
    Closure {
        name: "(a) adiabatic",
        claim: Claim::Contrast,
        states: |network, _| adiabatic(network).map(|state| vec![state]),
    },
    Closure { name: "Gaussian given r", claim: Claim::Contrast, states: gaussian_input },
];
