//! Firing rates at constant current.

use gauss_quad::GaussLegendre;
use model::neuron::{Exponential, Leaky};
use std::num::NonZeroUsize;
use std::sync::LazyLock;

/// Rate of a leaky integrate-and-fire neuron at constant current, in 1/ms.
///
/// r = 1/(τ ln((I + E_L − V_re)/(I + E_L − V_th))), and 0 up to I = V_th − E_L. `current` in mV. Exact. Derivation (26).
pub fn leaky_rate(neuron: &Leaky, current: f64) -> f64 {
    let above = current + neuron.rest - neuron.threshold;
    if above <= 0.0 {
        return 0.0;
    }
    // ln(1 + (V_th − V_re)/above), without loss at large currents.
    1.0 / (neuron.tau * libm::log1p((neuron.threshold - neuron.reset) / above))
}

/// Current above which an exponential integrate-and-fire neuron fires for ever, in mV.
///
/// I = max over V in [V_re, V_th] of V − E_L − Δ_T exp((V − V_T)/Δ_T): V_T − E_L − Δ_T where V_re ≤ V_T ≤ V_th. Exact. Derivation (27).
///
/// # Panics
/// If V_re is not below V_th.
pub fn rheobase(neuron: &Exponential) -> f64 {
    let highest = neuron.onset.clamp(neuron.reset, neuron.threshold);
    -neuron.slope(highest, 0.0)
}

/// Rate of an exponential integrate-and-fire neuron at constant current, in 1/ms.
///
/// 1/r = τ ∫ dV / (E_L − V + Δ_T exp((V − V_T)/Δ_T) + I) from V_re to V_th, and 0 up to the [`rheobase`]. `current` in mV. By
/// quadrature to a relative 1e-11. Derivation (27).
pub fn exponential_rate(neuron: &Exponential, current: f64) -> f64 {
    let above = current - rheobase(neuron);
    if above <= 0.0 {
        return 0.0;
    }
    let slowest = neuron.onset.clamp(neuron.reset, neuron.threshold);
    let bend = neuron.sharpness;
    // What lies higher takes less than e⁻⁴⁰ of a time constant.
    let top = neuron.threshold.min(neuron.onset.max(neuron.reset) + 40.0 * bend);
    // The integrand peaks at `slowest`, as 1/(above + x²/2Δ_T) or as 1/(above + steep x): in y, x = width sinh(y), it is smooth.
    let steep = (neuron.upstroke(slowest) - 1.0).abs();
    let width = bend.min((2.0 * bend * above).sqrt()).min(above / steep);
    let integrand = |y: f64| {
        let x = width * libm::sinh(y);
        width * libm::cosh(y) / (above + rise(neuron, slowest, x))
    };
    let (low, high) = (libm::asinh((neuron.reset - slowest) / width), libm::asinh((top - slowest) / width));
    let panels = (8.0 * (high - low)).ceil().max(1.0);
    let edge = |k: f64| low + (high - low) * k / panels;
    let period: f64 =
        (0..panels as usize).map(|k| RULE.integrate(edge(k as f64), edge(k as f64 + 1.0), integrand)).sum();
    1.0 / (neuron.tau * period)
}

/// How much τ dV/dt rises from `slowest` to `x` above it, without the loss of large terms that cancel.
fn rise(neuron: &Exponential, slowest: f64, x: f64) -> f64 {
    let bend = neuron.sharpness;
    bend * neuron.upstroke(slowest) * libm::expm1(x / bend) - x
}

static RULE: LazyLock<GaussLegendre> =
    LazyLock::new(|| GaussLegendre::new(NonZeroUsize::new(16).expect("16 is not 0")));

#[cfg(test)]
mod tests {
    use super::*;

    /// spiking-networks reference: 1/(τ ln(23/3)) at I = 20 mV.
    #[test]
    fn leaky_rates_are_exact() {
        assert!((1000.0 * leaky_rate(&Leaky::TALK, 20.0) - 32.729_764_928_648_65).abs() < 1e-10);
        assert_eq!(leaky_rate(&Leaky::TALK, 17.0), 0.0);
        // At large currents the neuron integrates: r → I/(τ (V_th − V_re)).
        let r = leaky_rate(&Leaky::TALK, 1e9);
        assert!((r * 15.0 * 20.0 / 1e9 - 1.0).abs() < 1e-7);
    }

    /// Just above the saddle-node 1/r → τ π √(2 Δ_T)/√(I − I_rh).
    #[test]
    fn the_onset_is_a_saddle_node() {
        let neuron = Exponential::TALK;
        assert!((rheobase(&neuron) - 13.0).abs() < 1e-12);
        assert_eq!(exponential_rate(&neuron, 13.0), 0.0);
        for above in [1e-6_f64, 1e-8] {
            let period = 15.0 * std::f64::consts::PI * (2.0 * 4.0 / above).sqrt();
            assert!((exponential_rate(&neuron, 13.0 + above) * period - 1.0).abs() < 3.0 * above.sqrt());
        }
    }

    /// The plain sum over voltages, where it can be had: far above the onset, and with V_T above and below the range.
    #[test]
    fn quadrature_is_the_plain_sum() {
        let talk = Exponential::TALK;
        let cases = [
            (talk, 20.0),
            (Exponential { onset: 30.0, ..talk }, 90.0),
            (Exponential { onset: -80.0, reset: -75.0, ..talk }, 5.0),
            (Exponential { sharpness: 1.0, threshold: -50.0, ..talk }, 25.0),
        ];
        for (neuron, current) in cases {
            let n = 2_000_000;
            let h = (neuron.threshold - neuron.reset) / f64::from(n);
            let at = |k: i32| 1.0 / neuron.slope(neuron.reset + h * (f64::from(k) + 0.5), current);
            let plain = 1.0 / (neuron.tau * h * (0..n).map(at).sum::<f64>());
            let own = exponential_rate(&neuron, current);
            assert!((own / plain - 1.0).abs() < 1e-9, "{own} for {plain}");
        }
    }

    #[test]
    fn a_sharp_upstroke_makes_it_leaky() {
        let leaky = leaky_rate(&Leaky::TALK, 20.0);
        let at = |sharpness| exponential_rate(&Exponential { sharpness, ..Exponential::TALK }, 20.0);
        // The distance falls as Δ_T ln(1/Δ_T).
        assert!((at(0.1) / leaky - 1.0).abs() < 0.1 && (at(0.01) / leaky - 1.0).abs() < 0.01);
        assert!((at(0.001) / leaky - 1.0).abs() < 0.0015);
    }
}
