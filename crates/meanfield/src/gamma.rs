//! Closures (a) and (b): the inhibition y of a unit is gamma-distributed.

use crate::TheoryError;
use crate::input::{
    InputTerms, SourceMoments, StaticState, check_ratio, eta_variance_of, input_moments, self_consistent,
};
use crate::quadrature::nodes;
use model::{InputMoments, RateNetwork, Rates, Sign};
use statrs::function::gamma::checked_gamma_lr;

/// (a): x = I − η without filtering; for the Heaviside response m = P(m K^ν J²/g², I/θ), eq. (5).
///
/// *Assumes* fluctuations far slower than τ. It overestimates f where they are not.
/// Source: Khajeh, Fumarola & Abbott 2022 (α), eq. (5).
///
/// # Errors
/// As [`gamma_input`].
pub fn adiabatic(network: &RateNetwork) -> Result<StaticState, TheoryError> {
    gamma_input(network, 1.0)
}

/// (b): y = I − x is gamma-distributed with the mean of η and `ratio` times its variance. For the
/// Heaviside response m = P(α/r, I/(r θ)), α = m K^ν J²/g², eq. (6).
///
/// *Assumes* one inhibitory population, and that y has the two-moment gamma law: true of η for a
/// binary response and r = 1, an approximation that is too little skewed otherwise.
///
/// # Errors
/// [`TheoryError::NotApplicable`] for other networks, [`TheoryError::Ratio`],
/// [`TheoryError::Silent`], [`TheoryError::NotConverged`].
pub fn gamma_input(network: &RateNetwork, ratio: f64) -> Result<StaticState, TheoryError> {
    const NAME: &str = "the gamma closure";
    let ratio = check_ratio(ratio)?;
    if network.populations.len() != 1 || network.populations[0].sign != Sign::Inhibitory {
        return Err(TheoryError::NotApplicable { closure: NAME, reason: "it is for one inhibitory population" });
    }
    if network.spread[[0, 0]] == 0.0 && network.probability(0) >= 1.0 {
        return Err(TheoryError::NotApplicable { closure: NAME, reason: "all units receive the same input" });
    }
    let law = |rates: &Rates| -> InputMoments {
        let psi = SourceMoments { mean: rates.mean, square: ratio * rates.square, cube: 0.0 };
        input_moments(network, 0, &[psi])
    };
    let bias = network.populations[0].bias;
    let (rates, residual) = self_consistent(network, NAME, None, |rates| {
        let x = law(&rates[0]);
        Ok(vec![expected_rates(network, bias - x.mean, x.variance, bias)])
    })?;
    let x = law(&rates[0]);
    let shape = (bias - x.mean).powi(2) / x.variance;
    Ok(StaticState {
        rates: rates[0],
        input: InputMoments { skewness: -2.0 / shape.sqrt(), ..x },
        terms: InputTerms { mean: bias - x.mean, skewness: 2.0 / shape.sqrt() },
        eta_variance: eta_variance_of(network, 0, &rates),
        residual,
    })
}

/// f, m and ⟨φ²⟩ of x = I − y for gamma-distributed y of this mean and variance.
fn expected_rates(network: &RateNetwork, mean: f64, variance: f64, bias: f64) -> Rates {
    let (shape, scale) = (mean * mean / variance, variance / mean);
    let top = bias / scale;
    let active = lower_gamma(shape, top);
    if network.response.is_binary() {
        return Rates { active, mean: active, square: active };
    }
    // With v = (y/scale)^c, c = min(shape, 1), the density is smooth down to y = 0.
    let c = shape.min(1.0);
    let log_norm = libm::lgamma(shape) + libm::log(c);
    let (mut m, mut q) = (0.0, 0.0);
    for (v, weight) in nodes(0.0, libm::pow(top, c)) {
        let y = libm::pow(v, 1.0 / c);
        let density = libm::exp((shape / c - 1.0) * libm::log(v) - y - log_norm);
        let phi = network.response.value(bias - scale * y);
        m += weight * density * phi;
        q += weight * density * phi * phi;
    }
    Rates { active, mean: m, square: q }
}

/// P(a, x), 0 for x ≤ 0.
fn lower_gamma(a: f64, x: f64) -> f64 {
    if x > 0.0 && a > 0.0 { checked_gamma_lr(a, x).unwrap_or(f64::NAN) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::gamma_parameters;
    use model::Response;

    #[test]
    fn heaviside_satisfies_the_closed_form() {
        for size in [250, 1000, 20_000] {
            for ratio in [1.0, 0.55] {
                let network = RateNetwork::inhibitory(size, 2.0, 2.0, 0.5, 1.0, Response::Heaviside);
                let state = gamma_input(&network, ratio).expect("one root");
                let (a, theta) = gamma_parameters(&network, 0, 0);
                let m = state.rates.mean;
                assert!((lower_gamma(a * m / ratio, 1.0 / (ratio * theta)) / m - 1.0).abs() < 1e-9);
                assert!((state.alpha(&network, 0) - a * m).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn graded_expectations_equal_a_fine_sum() {
        for (mean, variance) in [(2.0, 6.0), (1.5, 1.0), (1.0, 0.05)] {
            let network = RateNetwork::inhibitory(1000, 2.0, 2.0, 0.5, 1.0, Response::RectifiedTanh);
            let rates = expected_rates(&network, mean, variance, 1.0);
            let (shape, scale) = (mean * mean / variance, variance / mean);
            // E φ(I − y) = ∫ φ'(I − y) P(shape, y/scale) dy: an integrand without a singularity.
            let sum: f64 = nodes(0.0, 1.0)
                .iter()
                .map(|(y, w)| w * lower_gamma(shape, y / scale) / libm::cosh(1.0 - y).powi(2))
                .sum();
            // P itself starts as y^shape, so the reference sum is good to a few digits only for small shapes.
            assert!((rates.mean / sum - 1.0).abs() < 1e-5, "{} for {sum}", rates.mean);
        }
    }

    #[test]
    fn other_networks_are_refused() {
        let mut network = RateNetwork::inhibitory(100, 2.0, 2.0, 0.5, -1.0, Response::Heaviside);
        assert!(matches!(adiabatic(&network), Err(TheoryError::Silent { .. })));
        assert!(matches!(gamma_input(&network, f64::NAN), Err(TheoryError::Ratio { .. })));
        network.populations[0].sign = Sign::Excitatory;
        assert!(matches!(adiabatic(&network), Err(TheoryError::NotApplicable { .. })));
    }
}
