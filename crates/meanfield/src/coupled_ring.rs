//! Membranes on a ring that are coupled to their neighbours: what coupling keeps of patterns and noise.

use std::f64::consts::PI;

/// A ring v′ = −v + S − cL v, L = 1 − the mean over so many neighbours on either side; time is in τ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CoupledRing {
    /// Units N.
    pub units: usize,
    /// Neighbours on either side.
    pub neighbours: usize,
    /// c.
    pub coupling: f64,
}

impl CoupledRing {
    /// Eigenvalue of L of a wave with k periods around the ring.
    pub fn eigenvalue(&self, k: usize) -> f64 {
        let angle = 2.0 * PI * k as f64 / self.units as f64;
        let near = (1..=self.neighbours).map(|j| libm::cos(angle * j as f64)).sum::<f64>();
        1.0 - near / self.neighbours as f64
    }

    /// What a wave with k periods is multiplied by at rest: 1/(1 + cλ_k).
    pub fn gain(&self, k: usize) -> f64 {
        1.0 / (1.0 + self.coupling * self.eigenvalue(k))
    }

    /// Share of the variance of independent inputs that is left at rest: the mean of 1/(1 + cλ_k)².
    pub fn noise_kept(&self) -> f64 {
        (0..self.units).map(|k| self.gain(k).powi(2)).sum::<f64>() / self.units as f64
    }

    /// Share of the variance over trials that patterns explain, of v at rest, where inputs are a wave with k periods of variance `signal` and independent noise of variance `noise`.
    pub fn predictability(&self, k: usize, signal: f64, noise: f64) -> f64 {
        let kept = signal * self.gain(k).powi(2);
        kept / (kept + noise * self.noise_kept())
    }

    /// Power S_k of each wave at a frequency in 1/τ under independent white noise, but for a factor: 1/|1 + cλ_k + 2πif|², or that of Euler's method in steps of a length above 0.
    fn powers(&self, frequency: f64, step: f64) -> impl Iterator<Item = f64> + '_ {
        let wave = move |k| {
            let rate = 1.0 + self.coupling * self.eigenvalue(k);
            let turn = if step > 0.0 { 2.0 * libm::sin(PI * frequency * step) / step } else { 2.0 * PI * frequency };
            rate * rate + (1.0 - rate * step) * turn * turn
        };
        (0..self.units).map(move |k| 1.0 / wave(k))
    }

    /// Places of which a mean over the ring is as good at a frequency as over so many independent ones: (ΣS_k)²/ΣS_k².
    pub fn independent_places(&self, frequency: f64) -> f64 {
        let (sum, squares) =
            self.powers(frequency, 0.0).fold((0.0, 0.0), |(sum, squares), s| (sum + s, squares + s * s));
        sum * sum / squares
    }

    /// Squared coherence of two units so many places apart, at a frequency in 1/τ, under independent white noise: [Σ_k cos(2πkd/N)S_k/ΣS_k]², equation (57).
    pub fn coherence(&self, apart: usize, frequency: f64) -> f64 {
        self.coherence_in_steps(apart, frequency, 0.0)
    }

    /// As [`CoupledRing::coherence`], of Euler's method in steps of a length in τ.
    pub fn coherence_in_steps(&self, apart: usize, frequency: f64, step: f64) -> f64 {
        let (mut cross, mut own) = (0.0, 0.0);
        for (k, power) in self.powers(frequency, step).enumerate() {
            cross += power * libm::cos(2.0 * PI * (k * apart) as f64 / self.units as f64);
            own += power;
        }
        (cross / own).powi(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against independent code.
    #[test]
    fn coupling_keeps_little_noise() {
        for (coupling, wanted) in [(0.5, 0.4554), (1.0, 0.2688), (2.0, 0.1346), (5.0, 0.0493), (10.0, 0.0253)] {
            let ring = CoupledRing { units: 200, neighbours: 10, coupling };
            assert!((ring.noise_kept() - wanted).abs() < 1e-4, "{coupling}: {}", ring.noise_kept());
        }
        let ring = CoupledRing { units: 200, neighbours: 10, coupling: 10.0 };
        assert!((ring.predictability(1, 0.125, 1.44) - 0.708_513).abs() < 1e-5);
    }
}
