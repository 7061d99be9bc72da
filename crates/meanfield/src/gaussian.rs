//! Gaussian input: what remains of any weight law when very many weak inputs add up.

use crate::TheoryError;
use crate::input::{
    SourceMoments, StaticState, check_ratio, eta_variance_of, input_moments, input_terms, self_consistent,
};
use crate::quadrature::nodes;
use model::{InputMoments, RateNetwork, Rates};

/// x of population a is normal with the mean and variance that the activities make, `ratio[b]`
/// being the share of ⟨φ²⟩ of population b that the low-pass filter leaves. Eq. (10).
///
/// *Assumes* ν = 1 and K → ∞ for exactness; at ν = 1/2 it fails, and is shown because it does.
///
/// # Errors
/// [`TheoryError::Ratio`], [`TheoryError::Silent`], [`TheoryError::NotConverged`].
///
/// # Panics
/// If there is not one ratio a population.
pub fn gaussian_input(network: &RateNetwork, ratio: &[f64]) -> Result<Vec<StaticState>, TheoryError> {
    const NAME: &str = "the Gaussian closure";
    assert_eq!(ratio.len(), network.populations.len(), "one ratio a population");
    ratio.iter().try_for_each(|&r| check_ratio(r).map(drop))?;
    let populations = network.populations.len();
    let sources = |rates: &[Rates]| -> Vec<SourceMoments> {
        let moments = |(r, ratio): (&Rates, &f64)| SourceMoments { mean: r.mean, square: ratio * r.square, cube: 0.0 };
        rates.iter().zip(ratio).map(moments).collect()
    };
    let law = |rates: &[Rates], a: usize| -> InputMoments {
        InputMoments { skewness: 0.0, ..input_moments(network, a, &sources(rates)) }
    };
    let (rates, residual) = self_consistent(network, NAME, None, |rates| {
        Ok((0..populations).map(|a| expected_rates(network, law(rates, a))).collect())
    })?;
    Ok((0..populations)
        .map(|a| StaticState {
            rates: rates[a],
            input: law(&rates, a),
            terms: input_terms(network, a, &sources(&rates)),
            eta_variance: eta_variance_of(network, a, &rates),
            residual,
        })
        .collect())
}

/// f, m and ⟨φ²⟩ of normal x.
fn expected_rates(network: &RateNetwork, x: InputMoments) -> Rates {
    let sd = x.variance.sqrt();
    let active = normal_cdf(x.mean / sd);
    let (mut mean, mut square) = (0.0, 0.0);
    let low = (-x.mean / sd).max(-12.0);
    if low < 12.0 {
        for (z, weight) in nodes(low, 12.0) {
            let density = weight * libm::exp(-0.5 * z * z) / (2.0 * std::f64::consts::PI).sqrt();
            let phi = network.response.value(x.mean + sd * z);
            mean += density * phi;
            square += density * phi * phi;
        }
    }
    if network.response.is_binary() {
        return Rates { active, mean: active, square: active };
    }
    Rates { active, mean, square }
}

/// Φ(z).
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Response;

    #[test]
    fn rectified_linear_moments_are_the_textbook_ones() {
        let network = RateNetwork::inhibitory(100, 2.0, 2.0, 1.0, 1.0, Response::RectifiedLinear);
        for (mean, sd) in [(-0.3, 0.8_f64), (0.5, 0.1), (-2.0, 1.0)] {
            let rates = expected_rates(&network, InputMoments { mean, variance: sd * sd, skewness: 0.0 });
            let u = mean / sd;
            let density = libm::exp(-0.5 * u * u) / (2.0 * std::f64::consts::PI).sqrt();
            let m = sd * (u * normal_cdf(u) + density);
            let q = sd * sd * ((1.0 + u * u) * normal_cdf(u) + u * density);
            assert!((rates.mean / m - 1.0).abs() < 1e-11, "{} {m}", rates.mean);
            assert!((rates.square / q - 1.0).abs() < 1e-11);
        }
    }
}
