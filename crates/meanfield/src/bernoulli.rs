//! Rates of networks with connections drawn one by one: the mean field with quenched Gaussian inputs, and its limits.

use crate::TheoryError;
use libm::{erfc, exp, sqrt};
use model::BernoulliNetwork;
use ndarray::{Array1, Array2};
use ndarray_linalg::Inverse;
use std::f64::consts::{PI, SQRT_2};

/// Stationary rates at finite N.
#[derive(Clone, Debug, PartialEq)]
pub struct QuenchedRates {
    /// ⟨r⟩ `[A]` in Hz.
    pub rates: Array1<f64>,
    /// ⟨r²⟩ `[A]`.
    pub squares: Array1<f64>,
    /// Mean of the input over units `[A]` in mV Hz.
    pub mean: Array1<f64>,
    /// Its standard deviation over units `[A]`.
    pub sd: Array1<f64>,
    /// What the skewness of inputs, which are sums of finitely many, changes in ⟨r⟩ at most, to first order and with what the coupling
    /// makes of it `[A]`.
    pub skewness_error: Array1<f64>,
}

/// Steps of the iteration at most.
const STEPS: usize = 2_000_000;

/// r_i = g[I_i − θ]₊ with inputs that differ between units as Gaussians: ⟨r⟩ = g⟨[μ − θ + σ z]₊⟩, μ = √N(W⟨r⟩ + X),
/// σ_a² = Σ_b p_ab(1 − p_ab) j_ab² q_b ⟨r_b²⟩ plus the same of external units.
///
/// *Assumes* a stationary state (no chaos), many inputs a unit, and inputs independent of a unit's own rate. Source: eq. (24).
///
/// # Errors
/// [`TheoryError::NotConverged`] where the rates keep moving or grow without bound.
pub fn quenched_rates(network: &BernoulliNetwork, gain: f64, threshold: f64) -> Result<QuenchedRates, TheoryError> {
    let (w, x) = (network.mean_coupling(), network.mean_drive());
    let root = sqrt(network.size as f64);
    let spread = |p: &Array2<f64>, j: &Array2<f64>, q: &Array1<f64>, power: i32| -> Array2<f64> {
        let law = p.mapv(|p| if power == 2 { p * (1.0 - p) } else { p * (1.0 - p) * (1.0 - 2.0 * p) });
        law * j.mapv(|j| j.powi(power)) * q
    };
    let inner = spread(&network.probability, &network.strength, &network.shares, 2);
    let external = |power: i32| {
        spread(&network.external_probability, &network.external_strength, &network.external_shares, power)
            .dot(&network.external_rates.mapv(|r| r.powi(power)))
    };
    let outer = external(2);
    let row = w.rows().into_iter().map(|row| row.iter().map(|w| w.abs()).sum::<f64>()).fold(0.0, f64::max);
    let step = 0.5 / (1.0 + gain * root * row);
    let n = x.len();
    let (mut rates, mut squares) = (Array1::<f64>::ones(n), Array1::<f64>::ones(n));
    let mut left = f64::NAN;
    for _ in 0..STEPS {
        let mean = (w.dot(&rates) + &x) * root;
        let sd = (inner.dot(&squares) + &outer).mapv(sqrt);
        let mut moved = 0.0_f64;
        for a in 0..n {
            let (first, second) = rectified_moments(mean[a] - threshold, sd[a]);
            let (to_rate, to_square) = (gain * first - rates[a], gain * gain * second - squares[a]);
            rates[a] += step * to_rate;
            squares[a] += step * to_square;
            moved = moved.max(to_rate.abs() / (1.0 + rates[a])).max(to_square.abs() / (1.0 + squares[a]));
        }
        left = moved;
        if !moved.is_finite() {
            break;
        }
        if moved < 1e-12 {
            let thresholds = &mean - threshold;
            let cubes = Array1::from_shape_fn(n, |a| gain.powi(3) * rectified_cube(thresholds[a], sd[a]));
            let third =
                (spread(&network.probability, &network.strength, &network.shares, 3).dot(&cubes) + external(3)) / root;
            // Edgeworth's first term changes a rate by g σ γ/6 · z φ(z) at most, z φ(z) < 0.242; the coupling passes that on.
            let open = Array1::from_shape_fn(n, |a| gain * third[a].abs() / (sd[a] * sd[a]) / 6.0 * 0.242);
            let response = Array2::from_shape_fn((n, n), |(a, b)| {
                let above = 0.5 * erfc(-thresholds[a] / sd[a] / SQRT_2);
                f64::from(u8::from(a == b)) - gain * root * above * w[[a, b]]
            });
            let closed = response.inv().map_err(|_| TheoryError::Singular)?.mapv(f64::abs);
            let skewness_error = closed.dot(&open);
            return Ok(QuenchedRates { rates, squares, mean, sd, skewness_error });
        }
    }
    Err(TheoryError::NotConverged { closure: "quenched Gaussian inputs", residual: left, iterations: STEPS })
}

/// ⟨[m + s z]₊⟩ and ⟨[m + s z]₊²⟩ of a standard Gaussian z.
fn rectified_moments(m: f64, s: f64) -> (f64, f64) {
    if s == 0.0 {
        return (m.max(0.0), m.max(0.0) * m.max(0.0));
    }
    let h = m / s;
    let above = 0.5 * erfc(-h / SQRT_2);
    let density = exp(-0.5 * h * h) / sqrt(2.0 * PI);
    (m * above + s * density, (m * m + s * s) * above + m * s * density)
}

/// ⟨[m + s z]₊³⟩.
fn rectified_cube(m: f64, s: f64) -> f64 {
    if s == 0.0 {
        return m.max(0.0).powi(3);
    }
    let h = m / s;
    let density = exp(-0.5 * h * h) / sqrt(2.0 * PI);
    (m.powi(3) + 3.0 * m * s * s) * 0.5 * erfc(-h / SQRT_2) + (m * m * s + 2.0 * s.powi(3)) * density
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semi_balanced_rates;

    #[test]
    fn rectified_moments_are_their_integrals() {
        for (m, s) in [(0.7, 1.3), (-2.0, 0.8), (3.0, 0.2)] {
            let (mut first, mut second, mut third, h) = (0.0, 0.0, 0.0, 1e-3);
            for k in -10_000..=10_000 {
                let z = f64::from(k) * h;
                let weight = exp(-0.5 * z * z) / sqrt(2.0 * PI) * h;
                let v = f64::max(m + s * z, 0.0);
                first += weight * v;
                second += weight * v * v;
                third += weight * v * v * v;
            }
            let (a, b) = rectified_moments(m, s);
            assert!((rectified_cube(m, s) - third).abs() < 1e-6);
            assert!((a - first).abs() < 1e-6 && (b - second).abs() < 1e-6, "{a} {first} {b} {second}");
        }
        assert_eq!(rectified_moments(-1.0, 0.0), (0.0, 0.0));
    }

    #[test]
    fn rates_approach_the_semi_balanced_state() {
        let network = |size| model::SpikingNetwork::baker_2019_pair(size).connections;
        let limit = semi_balanced_rates(&network(1)).expect("a circuit").expect("two populations").states[0].r.clone();
        assert!((limit[0] - 99.0 / 17.0).abs() < 1e-12);
        let distance = |size| {
            let found = quenched_rates(&network(size), 0.02, 10.0).expect("stationary").rates;
            (found - &limit).iter().fold(0.0_f64, |most, d| d.abs().max(most))
        };
        let ratio = distance(100_000) / distance(1_000_000);
        assert!((ratio / 10.0_f64.sqrt() - 1.0).abs() < 0.15, "{ratio}");
    }
}
