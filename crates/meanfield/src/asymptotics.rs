//! Closure (g): the Heaviside network at large in-degree.

use crate::TheoryError;
use crate::input::check_ratio;

/// α of the solution of P(α/r, z/r) = α (g²/J²) K^(−ν), z = I/θ: equation (6) in terms of
/// α = m K^ν J²/g², for in-degrees that no network has. Both sides are compared as logarithms, so K
/// may be 10³⁰⁰. α grows by about one half per decade of K at ν = 1/2. Eq. (9).
///
/// `z` = I J/g², `gain` = g²/J², `log_k` = ln K (times 2ν for another ν), `ratio` = r.
///
/// # Errors
/// [`TheoryError::NotApplicable`] if an argument is not positive, or not a number; [`TheoryError::Ratio`].
pub fn large_in_degree_alpha(z: f64, gain: f64, log_k: f64, ratio: f64) -> Result<f64, TheoryError> {
    let ratio = check_ratio(ratio)?;
    let finite = [z, gain, log_k].iter().all(|v| v.is_finite());
    if !finite || z <= 0.0 || gain <= 0.0 || log_k < 0.0 {
        return Err(TheoryError::NotApplicable {
            closure: "closure (g)",
            reason: "bias, mean and spread must be positive, the in-degree 1 or more",
        });
    }
    // ln P falls and ln α rises, so the difference has one root; in ln α, bisection cannot leave it.
    let difference = |log_alpha: f64| {
        log_lower_gamma(libm::exp(log_alpha) / ratio, z / ratio) - log_alpha - libm::log(gain) + 0.5 * log_k
    };
    let (mut low, mut high) = (-30.0, 30.0);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if difference(middle) > 0.0 { low = middle } else { high = middle }
    }
    Ok(libm::exp(0.5 * (low + high)))
}

/// ln P(a, x) by the series P = x^a e^−x/Γ(a + 1) (1 + x/(a + 1) + x²/((a + 1)(a + 2)) + …), whose
/// terms are positive.
fn log_lower_gamma(a: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut n) = (1.0, 1.0, 1.0);
    while term > 1e-17 * sum {
        term *= x / (a + n);
        sum += term;
        n += 1.0;
    }
    a * libm::log(x) - x - libm::lgamma(a + 1.0) + libm::log(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gamma_input;
    use model::{RateNetwork, Response};

    #[test]
    fn it_continues_the_closed_form() {
        for size in [500, 1000, 20_000] {
            for ratio in [1.0, 0.6] {
                let network = RateNetwork::inhibitory(size, 2.0, 1.5, 0.5, 0.7, Response::Heaviside);
                let state = gamma_input(&network, ratio).expect("one root");
                let alpha = large_in_degree_alpha(0.7 * 2.0 / 2.25, 2.25 / 4.0, libm::log(size as f64), ratio)
                    .expect("positive");
                assert!((alpha / state.alpha(&network, 0) - 1.0).abs() < 1e-8);
            }
        }
    }

    #[test]
    fn alpha_grows_logarithmically() {
        // z = 1/2, J = g: 2.16, 2.68, 3.18, 3.66 at K = 10³ … 10⁶, from an independent solution.
        for (decade, expected) in [(3.0, 2.16), (4.0, 2.68), (5.0, 3.18), (6.0, 3.66)] {
            let alpha = large_in_degree_alpha(0.5, 1.0, decade * libm::log(10.0), 1.0).expect("positive");
            assert!((alpha - expected).abs() < 6e-3, "{alpha} for {expected}");
        }
        let far = large_in_degree_alpha(0.5, 1.0, 300.0 * libm::log(10.0), 1.0).expect("positive");
        assert!(far.is_finite() && far > 50.0);
        assert!(
            large_in_degree_alpha(0.0, 1.0, 9.0, 1.0).is_err()
                && large_in_degree_alpha(0.5, 1.0, 9.0, f64::NAN).is_err()
        );
    }
}
