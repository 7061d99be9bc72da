//! Firing rates under white noise: the leaky neuron in closed form, others by threshold integration.

use super::membrane::Membrane;
use gauss_quad::GaussLegendre;
use libm::{erfc, exp, sqrt};
use model::Neuron;
use model::neuron::Leaky;
use std::num::NonZeroUsize;
use std::sync::LazyLock;

static RULE: LazyLock<GaussLegendre> =
    LazyLock::new(|| GaussLegendre::new(NonZeroUsize::new(32).expect("32 is not 0")));

/// Rate of a leaky neuron under white noise, in 1/ms.
///
/// 1/r = τ√π ∫ e^{u²} erfc(−u) du from (V_re − μ)/√2σ to (V_th − μ)/√2σ, with μ = E_L + I and σ the standard deviation of the free
/// membrane, both in mV. 0 where it is below 1e-290. To 1e-6 of itself. Source: Siegert 1951; Derivation (31).
pub fn siegert_rate(neuron: &Leaky, current: f64, deviation: f64) -> f64 {
    let scale = std::f64::consts::SQRT_2 * deviation;
    let at = |v: f64| (v - neuron.rest - current) / scale;
    let (low, high) = (at(neuron.reset), at(neuron.threshold));
    if high > 26.0 {
        return 0.0;
    }
    // e^{u²} erfc(−u) falls as 1/|u| below 0: panels of length 1 near 0, longer ones far away.
    let mut integral = 0.0;
    let mut from = low;
    while from < high {
        let to = high.min(from + (0.5 * from.abs()).max(0.5));
        integral += RULE.integrate(from, to, scaled_erfc);
        from = to;
    }
    1.0 / (neuron.tau * sqrt(std::f64::consts::PI) * integral)
}

/// e^{u²} erfc(−u).
fn scaled_erfc(u: f64) -> f64 {
    if u > -8.0 {
        return exp(u * u) * erfc(-u);
    }
    // 1/(√π |u|) (1 − 1/2u² + 3/4u⁴ − 15/8u⁶ + 105/16u⁸), to 1e-8 of itself at −8.
    let y = 1.0 / (2.0 * u * u);
    (1.0 - y * (1.0 - 3.0 * y * (1.0 - 5.0 * y * (1.0 - 7.0 * y)))) / (sqrt(std::f64::consts::PI) * -u)
}

/// Steps in voltage.
const STEPS: usize = 20_000;

/// Rate under a current in mV/ms with white noise, in 1/ms; `deviation` is what the noise makes of the free membrane, in mV.
///
/// Threshold integration: with the flux 1 between reset and threshold and 0 below, p' = (drift p − flux)/D is followed downwards from
/// p(V_th) = 0, with D = σ²/τ; the rate is one over ∫ p. `None` for neurons that do not integrate and fire. Source: Richardson 2007 (Phys
/// Rev E 76: 021919), eqs. 18-22. Derivation (32).
///
/// # Panics
/// If the deviation is not positive.
pub fn white_noise_rate(neuron: &Neuron, current: f64, deviation: f64) -> Option<f64> {
    assert!(deviation > 0.0, "noise");
    let membrane = Membrane::of(neuron)?;
    let diffusion = deviation * deviation / membrane.tau;
    let bottom = membrane.bottom(current, deviation);
    let h = (membrane.top - bottom) / STEPS as f64;
    let (mut p, mut sum) = (0.0, 0.0);
    for k in (0..STEPS).rev() {
        let middle = bottom + h * (k as f64 + 0.5);
        let drift = membrane.drift(middle, current);
        let flux = f64::from(u8::from(middle > membrane.reset));
        // p falls by e^{−drift h/D} a step; what the flux adds is drift-free to first order.
        let power = drift * h / diffusion;
        let decay = exp(-power);
        let shared = if power.abs() < 1e-8 { 1.0 - 0.5 * power } else { -libm::expm1(-power) / power };
        let next = p * decay + flux * h / diffusion * shared;
        sum += 0.5 * h * (p + next);
        p = next;
        // Everything is relative: what is left cannot overflow.
        if sum > 1e300 {
            return Some(0.0);
        }
    }
    Some(1.0 / sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neuron::{exponential_rate, leaky_rate};
    use model::neuron::Exponential;

    /// Brunel & Hakim's limit and plain quadrature, with the midpoint rule.
    #[test]
    fn siegert_is_its_integral() {
        for (current, deviation) in [(10.0, 5.0), (17.0, 2.0), (25.0, 4.0), (3.0, 6.0)] {
            let scale = std::f64::consts::SQRT_2 * deviation;
            let (low, high) = ((-75.0 + 72.0 - current) / scale, (-55.0 + 72.0 - current) / scale);
            let n = 200_000;
            let h = (high - low) / f64::from(n);
            let f = |u: f64| exp(u * u) * erfc(-u);
            let sum: f64 = (0..n).map(|k| h * f(low + h * (f64::from(k) + 0.5))).sum();
            let plain = 1.0 / (15.0 * sqrt(std::f64::consts::PI) * sum);
            let own = siegert_rate(&Leaky::TALK, current, deviation);
            assert!((own / plain - 1.0).abs() < 1e-8, "{own} for {plain}");
        }
        assert!((scaled_erfc(-8.0 - 1e-12) / scaled_erfc(-8.0 + 1e-12) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn threshold_integration_is_siegert_for_leaky_neurons() {
        for (current, deviation) in [(10.0, 5.0), (17.0, 2.0), (25.0, 4.0)] {
            let exact = siegert_rate(&Leaky::TALK, current, deviation);
            let own = white_noise_rate(&Neuron::Leaky(Leaky::TALK), current / 15.0, deviation).expect("it fires");
            assert!((own / exact - 1.0).abs() < 1e-5, "{own} for {exact}");
        }
    }

    #[test]
    fn without_noise_it_is_the_rate_at_constant_current() {
        let leaky = siegert_rate(&Leaky::TALK, 25.0, 0.02);
        assert!((leaky / leaky_rate(&Leaky::TALK, 25.0) - 1.0).abs() < 1e-5);
        let neuron = Neuron::Exponential(Exponential::TALK);
        let own = white_noise_rate(&neuron, 20.0 / 15.0, 0.05).expect("it fires");
        // The grid resolves e^{−drift h/D} only in part.
        assert!((own / exponential_rate(&Exponential::TALK, 20.0) - 1.0).abs() < 1e-3, "{own}");
    }
}
