//! An excitatory and an inhibitory population whose cells differ: mean rates where input to one of them is wrongly scaled.

mod paths;

use crate::quadrature::nodes;
use model::MixedPair;
pub use paths::SampledPaths;
use std::f64::consts::PI;

/// Mean and mean square of rates that do not change in time `[population]`, with inputs that are Gaussian over cells; from r = .5 and r² = .25, by relaxation; equation (50). `None` if that does not settle.
///
/// μ_a = Σ_b s_b J_ab r_b + X_a − θ, σ_a² = Σ_b J_ab²/k_b (w₂q_b − p_b r_b²) with random in-degrees and Σ_b J_ab²/k_b ((w₂ − 1)q_b + (1 − p_b)(q_b − r_b²)) with equal ones; w₂ = e^{σ_w²}, p_b = k_b/N_b, s = (1, −1).
pub fn static_rates(pair: &MixedPair) -> Option<[[f64; 2]; 2]> {
    let gains = gain_nodes(pair);
    RELAXED.into_iter().find_map(|(share, most)| relaxed(pair, &gains, share, most))
}

/// Rates that do not change, by iterations that go a share of the way to the image.
fn relaxed(pair: &MixedPair, gains: &[(f64, f64)], share: f64, most: usize) -> Option<[[f64; 2]; 2]> {
    let mut state = [[0.5, 0.25]; 2];
    for _ in 0..most {
        let image = [0, 1].map(|a| image(pair, a, &state, gains));
        let mut residual = 0.0;
        for (own, image) in state.iter_mut().zip(image) {
            for (value, image) in own.iter_mut().zip(image) {
                residual = f64::max(residual, (image - *value).abs() / value.abs().max(1e-6));
                *value += share * (image - *value);
            }
        }
        // Deviations are roots of differences that rounding leaves.
        if residual < 1e-7 {
            return Some(state);
        }
    }
    None
}

/// Mean and mean square of the rates of one population in the inputs of a state.
fn image(pair: &MixedPair, a: usize, state: &[[f64; 2]; 2], gains: &[(f64, f64)]) -> [f64; 2] {
    let second = libm::exp(pair.spread.weights.powi(2));
    let (mut mean, mut variance) = (pair.drive[a] - pair.threshold, pair.spread.thresholds.powi(2));
    for (b, [r, q]) in state.iter().enumerate() {
        let (coupling, inputs) = (pair.couplings[a][b], pair.inputs[b] as f64);
        let chance = inputs / pair.cells[b] as f64;
        mean += SIGNS[b] * coupling * r;
        let spread = if pair.spread.degrees {
            second * q - chance * r * r
        } else {
            (second - 1.0) * q + (1.0 - chance) * (q - r * r)
        };
        variance += coupling * coupling / inputs * spread.max(0.0);
    }
    let deviation = variance.sqrt();
    let mut sums = [0.0; 2];
    let mut add = |input: f64, weight: f64| {
        for (gain, share) in gains {
            let rate = pair.rate(gain * input);
            sums[0] += weight * share * rate;
            sums[1] += weight * share * rate * rate;
        }
    };
    if deviation < 1e-12 {
        add(mean, 1.0);
    } else {
        // Only what is above threshold counts, and no more than saturates.
        let (low, high) = ((-mean / deviation).clamp(-9.0, 9.0), 9.0);
        let knee = ((3.0 * pair.most - mean) / deviation).clamp(low, high);
        for (from, to) in [(low, knee), (knee, high)] {
            if to > from {
                for (z, weight) in nodes(from, to) {
                    add(mean + deviation * z, weight * libm::exp(-0.5 * z * z) / (2.0 * PI).sqrt());
                }
            }
        }
    }
    sums
}

/// Gains and their shares.
fn gain_nodes(pair: &MixedPair) -> Vec<(f64, f64)> {
    let sigma = pair.spread.gains;
    if sigma == 0.0 {
        return vec![(1.0, 1.0)];
    }
    // A sum over equal steps is exact to rounding for what is smooth beside a Gaussian.
    let gain = |z: f64| libm::exp(sigma * z - 0.5 * sigma * sigma);
    let points = (-12..=12).map(|k| 0.5 * f64::from(k));
    points.map(|z| (gain(z), 0.5 * libm::exp(-0.5 * z * z) / (2.0 * PI).sqrt())).collect()
}

const SIGNS: [f64; 2] = [1.0, -1.0];

/// Shares of the way to the image that iterations go, and most iterations: inhibition that is strong makes long steps turn around for good.
const RELAXED: [(f64, usize); 2] = [(0.2, 400), (0.05, 6000)];

/// Decades of a scale between the points where rates cross two levels, from rates that fall along it, log-log interpolated: how much a network tolerates. NaN where they do not cross.
pub fn tolerated_width(scales: &[f64], rates: &[f64], [low, high]: [f64; 2]) -> f64 {
    let crossing = |level: f64| {
        let after = rates.iter().position(|rate| *rate <= level)?;
        let before = after.checked_sub(1)?;
        let [from, to] = [before, after].map(|k| libm::log(rates[k]));
        let share = (from - libm::log(level)) / (from - to);
        let [left, right] = [before, after].map(|k| libm::log10(scales[k]));
        Some(left + share * (right - left))
    };
    match (crossing(low), crossing(high)) {
        (Some(low), Some(high)) => low - high,
        _ => f64::NAN,
    }
}

/// Steepest fall of rates that are above 0 along a scale, |Δ ln r/Δ ln κ| between neighbouring points.
pub fn steepness(scales: &[f64], rates: &[f64]) -> f64 {
    let fall = |(k, r): (&[f64], &[f64])| -libm::log(r[1] / r[0]) / libm::log(k[1] / k[0]);
    let falls = scales.windows(2).zip(rates.windows(2)).map(fall);
    falls.fold(0.0, |most, own| if own.is_nan() { own } else { f64::max(most, own) })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use model::Spread;

    pub fn pair(kappa: f64, balanced: bool, spread: Spread) -> MixedPair {
        let c = if balanced { 80_f64.sqrt() / 2.0 } else { 1.0 };
        let [ee, ei, ie, ii] = if balanced { [1.9, 2.6, 1.9, 2.2].map(|j| c * j) } else { [1.9, 1.0, 1.0, 0.4] };
        MixedPair {
            couplings: [[ee, kappa * ei], [ie, ii]],
            drive: if balanced { [1.5 * c, 1.2 * c] } else { [5.0, 4.0] },
            slow: 0.7,
            most: 100.0,
            cells: [640, 160],
            inputs: [64, 16],
            threshold: 4.0,
            spread,
        }
    }

    /// Where all cells are alike and rates are far from saturation both are linear.
    #[test]
    fn strong_inhibition_settles() {
        for kappa in [4.0, 4.6, 6.06, 8.0] {
            let rate = static_rates(&pair(kappa, false, Spread::default())).expect("a state")[0][0];
            // I: r_i = r_e − .4 r_i + 4 − 4; E: r_e = 1.9 r_e − κ r_i + 5 − 4.
            let wanted = 1.0 / (kappa / 1.4 - 0.9);
            assert!((rate / wanted - 1.0).abs() < 2e-3, "{kappa}: {rate} {wanted}");
        }
    }

    /// Against independent code; where thresholds and gains differ, against averages over 400,000 drawn cells.
    #[test]
    fn weak_widths() {
        let scales: Vec<f64> = (0..26).map(|k| 0.25 * libm::pow(2.0, f64::from(k) / 5.0)).collect();
        let width = |spread: Spread| {
            let rates: Vec<f64> = scales
                .iter()
                .map(|k| static_rates(&pair(*k, false, spread)).map_or(f64::NAN, |state| state[0][0]))
                .collect();
            tolerated_width(&scales, &rates, [1.0, 40.0])
        };
        let uniform = width(Spread::default());
        assert!((uniform - 0.346).abs() < 5e-4, "{uniform}");
        let weights = width(Spread { weights: 1.0, ..Spread::default() });
        assert!((weights - 0.365).abs() < 1e-3, "{weights}");
        let neurons = width(Spread { thresholds: 6.0, gains: 0.5, ..Spread::default() });
        assert!((neurons - 0.429).abs() < 2e-3, "{neurons}");
    }
}
