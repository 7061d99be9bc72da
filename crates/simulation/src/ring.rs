//! Units on a ring, whose weights fall off with the cosine of their distance.

use ndarray::Array1;
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};
use std::f64::consts::PI;

/// A ring: τ r′ = −r + g[I + Σ_j J(θ − θ_j) r_j]₊, J = (−J₀ + J₂ cos)/N, τ = 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Ring {
    /// Gain g of each unit.
    pub gain: Array1<f64>,
    /// J₀.
    pub uniform: f64,
    /// J₂.
    pub tuned: f64,
    /// I.
    pub input: f64,
}

/// Length of a step, in τ.
const STEP: f64 = 0.05;

impl Ring {
    /// Angle of a unit.
    pub fn angle(&self, unit: usize) -> f64 {
        2.0 * PI * unit as f64 / self.gain.len() as f64
    }

    /// Rates after a time in τ, from a bump about angle 0. With `noise` the input of each unit that is active fluctuates, by so much per √τ.
    pub fn run(&self, time: f64, noise: f64, rng: &mut impl Rng) -> Array1<f64> {
        let n = self.gain.len();
        let waves: Vec<(f64, f64)> = (0..n).map(|k| (libm::cos(self.angle(k)), libm::sin(self.angle(k)))).collect();
        let mut rates: Array1<f64> = waves.iter().map(|(cos, _)| cos.max(0.0)).collect();
        for _ in 0..(time / STEP).round() as usize {
            let (mut mean, mut cos, mut sin) = (0.0, 0.0, 0.0);
            for (r, (c, s)) in rates.iter().zip(&waves) {
                mean += r;
                cos += r * c;
                sin += r * s;
            }
            let [mean, cos, sin] = [mean, cos, sin].map(|sum| sum / n as f64);
            for ((r, g), (c, s)) in rates.iter_mut().zip(&self.gain).zip(&waves) {
                let input = self.input - self.uniform * mean + self.tuned * (cos * c + sin * s);
                let mut kick = 0.0;
                if noise > 0.0 && input > 0.0 {
                    let z: f64 = StandardNormal.sample(rng);
                    kick = noise * STEP.sqrt() * g * z;
                }
                *r = (*r + STEP * (g * input.max(0.0) - *r) + kick).max(0.0);
            }
        }
        rates
    }

    /// Angle of the bump, between −π and π: that of the first wave of the rates.
    pub fn place(&self, rates: &Array1<f64>) -> f64 {
        let wave = |of: fn(f64) -> f64| rates.iter().enumerate().map(|(k, r)| r * of(self.angle(k))).sum::<f64>();
        libm::atan2(wave(libm::sin), wave(libm::cos))
    }

    /// Half of the bump's width in rad: that of the units whose rates are above a thousandth of the largest.
    pub fn half_width(&self, rates: &Array1<f64>) -> f64 {
        let most = rates.iter().copied().fold(0.0, f64::max);
        PI * rates.iter().filter(|r| **r > 1e-3 * most).count() as f64 / rates.len() as f64
    }
}
