//! Closure (e): the frozen state of a low-variance network.

use crate::TheoryError;
use crate::gaussian::normal_cdf;
use model::{InputMoments, RateNetwork, Rates, Sign};
use std::f64::consts::PI;

/// A fixed point in which the units hold different inputs that do not move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frozen {
    /// u: mean of x in units of its standard deviation.
    pub level: f64,
    /// f, m, ⟨φ²⟩.
    pub rates: Rates,
    /// Mean, standard deviation squared and skewness 0 of x.
    pub input: InputMoments,
    /// g² f: above 1 the state is unstable, and the network is slowly chaotic.
    pub instability: f64,
}

/// g² h₂(u) = 1 with h₂(u) = (1 + u²) Φ(u) + u φ(u): since x is of order 1/√K, the response is
/// linear above threshold and the equation knows neither K nor I. Eq. (11).
///
/// *Assumes* ν = 1, one inhibitory population with K = N, K → ∞, a response with φ(x) ≈ x near 0.
/// Error: of order K^(−1/2), by the skewness of the input.
///
/// # Errors
/// [`TheoryError::NotApplicable`] elsewhere, [`TheoryError::Silent`] without bias.
pub fn frozen_low_variance(network: &RateNetwork) -> Result<Frozen, TheoryError> {
    let refuse = |reason| Err(TheoryError::NotApplicable { closure: "the frozen solution", reason });
    if network.populations.len() != 1 || network.populations[0].sign != Sign::Inhibitory {
        return refuse("it is for one inhibitory population");
    }
    if network.exponent != 1.0 {
        return refuse("it is for nu = 1");
    }
    if network.response.slope() != 1.0 {
        return refuse("it needs a response of slope 1 at threshold");
    }
    let population = &network.populations[0];
    if population.bias <= 0.0 {
        return Err(TheoryError::Silent { population: 0, bias: population.bias });
    }
    // Weights of Bernoulli connections vary more: g² + J² (1 − p).
    let g = (network.spread[[0, 0]].powi(2) + network.mean[[0, 0]].powi(2) * (1.0 - network.probability(0))).sqrt();
    if g == 0.0 {
        return refuse("all units receive the same input");
    }
    let level = solve_level(g);
    let h1 = level * normal_cdf(level) + density(level);
    // m = s h₁ and s u = I − J √K m.
    let coupling = network.mean[[0, 0]] * (population.in_degree as f64).sqrt();
    let sd = population.bias / (coupling * h1 + level);
    // A broad law needs a level so far below threshold that J √K h₁ < |u|: no fixed point is near.
    if sd <= 0.0 {
        return refuse("the weights are too broad for a frozen state at this in-degree");
    }
    let active = normal_cdf(level);
    Ok(Frozen {
        level,
        rates: Rates { active, mean: sd * h1, square: sd * sd * second_moment(level) },
        input: InputMoments { mean: sd * level, variance: sd * sd, skewness: 0.0 },
        instability: g * g * active,
    })
}

/// h₂ rises from 0 to ∞, so bisection finds the one root.
fn solve_level(g: f64) -> f64 {
    let (mut low, mut high) = (-37.0, 1.0 / g + 10.0);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if g * g * second_moment(middle) < 1.0 { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

fn second_moment(u: f64) -> f64 {
    (1.0 + u * u) * normal_cdf(u) + u * density(u)
}

fn density(u: f64) -> f64 {
    libm::exp(-0.5 * u * u) / (2.0 * PI).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gaussian_input;
    use model::Response;

    #[test]
    fn the_level_at_g_2() {
        let network = RateNetwork::inhibitory(1000, 2.0, 2.0, 1.0, 1.0, Response::RectifiedLinear);
        let frozen = frozen_low_variance(&network).expect("applies");
        // An independent solution of g² h₂(u) = 1: u = −0.405, f = 0.343, g² f = 1.37.
        assert!((frozen.level + 0.405).abs() < 1e-3);
        assert!((frozen.rates.active - 0.343).abs() < 1e-3);
        assert!((frozen.instability - 1.37).abs() < 5e-3);
    }

    #[test]
    fn where_there_is_no_frozen_state_that_is_said() {
        let network = |j, g, k| RateNetwork::inhibitory(k, j, g, 1.0, 1.0, Response::RectifiedTanh);
        for (j, g, k) in [(1.0, 4.0, 200), (1.0, 10.0, 10_000), (1.0, 0.0, 100)] {
            assert!(matches!(frozen_low_variance(&network(j, g, k)), Err(TheoryError::NotApplicable { .. })));
        }
    }

    #[test]
    fn it_is_the_gaussian_closure_without_filtering() {
        let network = RateNetwork::inhibitory(2000, 1.05, 2.0, 1.0, 1.0, Response::RectifiedLinear);
        let frozen = frozen_low_variance(&network).expect("applies");
        let gaussian = gaussian_input(&network, &[1.0]).expect("applies")[0];
        assert!((frozen.rates.active / gaussian.rates.active - 1.0).abs() < 1e-8);
        assert!((frozen.rates.mean / gaussian.rates.mean - 1.0).abs() < 1e-8);
        assert!((frozen.input.mean / gaussian.input.mean - 1.0).abs() < 1e-7);
    }
}
