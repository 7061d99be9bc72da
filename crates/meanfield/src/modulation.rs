//! A neuromodulator that every cell reads by two receptors of its own densities.

use crate::gaussian::normal_cdf;
use std::f64::consts::SQRT_2;

/// θ(m) = C₂(m + C₁)²/(C₁(m + C₂)²): a cell whose densities have a ratio d₁/d₂ above it is excited by a little more of the modulator, one below is inhibited.
///
/// Gains are g = 1 + s(d₁h₁ − d₂h₂), h = m/(m + C); θ is where dg/dm changes its sign.
pub fn sign_threshold(level: f64, halves: [f64; 2]) -> f64 {
    let [c1, c2] = halves;
    c2 / c1 * ((level + c1) / (level + c2)).powi(2)
}

/// Share of cells that are excited, where the logarithms of both densities are normal with a standard deviation σ: Φ(−ln θ/(σ√2)).
pub fn excited_share(level: f64, halves: [f64; 2], sigma: f64) -> f64 {
    normal_cdf(-sign_threshold(level, halves).ln() / (sigma * SQRT_2))
}
