//! A neuromodulator that every cell reads by two receptors of its own densities.

use crate::gaussian::normal_cdf;
use crate::quadrature::nodes;
use ndarray::{Array1, Array2, Axis};
use std::f64::consts::{PI, SQRT_2};

/// Receptors of a population of cells: the gain of a cell at level m is g = 1 + s(d₁h₁ − d₂h₂), h = m/(m + C); logarithms of its densities d are normal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Receptors {
    /// C₁ and C₂, in units of the level.
    pub halves: [f64; 2],
    /// Standard deviation σ of ln d.
    pub sigma: f64,
    /// s.
    pub strength: f64,
}

impl Receptors {
    /// θ(m) = C₂(m + C₁)²/(C₁(m + C₂)²): a cell whose densities have a ratio d₁/d₂ above it is excited by a little more of the modulator, one below is inhibited.
    pub fn sign_threshold(&self, level: f64) -> f64 {
        let [c1, c2] = self.halves;
        c2 / c1 * ((level + c1) / (level + c2)).powi(2)
    }

    /// Share of cells that a little more of the modulator excites: Φ(−ln θ/(σ√2)).
    pub fn excited_share(&self, level: f64) -> f64 {
        self.share_below(1.0 / self.sign_threshold(level))
    }

    /// Share of cells whose d₁/d₂ is below a ratio.
    fn share_below(&self, ratio: f64) -> f64 {
        normal_cdf(libm::log(ratio) / (self.sigma * SQRT_2))
    }

    /// ⟨g(m)g(m′)⟩ over cells `[levels × levels]`, before gains are cut at 0. With `second` false cells have the first receptor alone.
    ///
    /// ⟨d⟩ = e^{σ²/2}, ⟨d²⟩ = e^{2σ²}.
    pub fn gain_kernel(&self, levels: &[f64], second: bool) -> Array2<f64> {
        let [one, two] = self.halves.map(|c| levels.iter().map(|m| m / (m + c)).collect::<Vec<f64>>());
        let (mean, square) = (libm::exp(0.5 * self.sigma.powi(2)), libm::exp(2.0 * self.sigma.powi(2)));
        let on = f64::from(u8::from(second));
        Array2::from_shape_fn((levels.len(), levels.len()), |(a, b)| {
            let first = mean * (one[a] + one[b] - on * (two[a] + two[b]));
            let both = square * (one[a] * one[b] + on * two[a] * two[b]);
            let mixed = on * mean * mean * (one[a] * two[b] + two[a] * one[b]);
            1.0 + self.strength * first + self.strength.powi(2) * (both - mixed)
        })
    }

    /// ⟨g(m)g(m′)⟩ as [`Receptors::gain_kernel`], of gains that are cut at 0, by quadrature over both densities.
    pub fn cut_gain_kernel(&self, levels: &[f64], second: bool) -> Array2<f64> {
        let [one, two] = self.halves.map(|c| levels.iter().map(|m| m / (m + c)).collect::<Vec<f64>>());
        let law: Vec<(f64, f64)> = nodes(-WIDEST, WIDEST)
            .into_iter()
            .map(|(z, w)| (libm::exp(self.sigma * z), w * libm::exp(-0.5 * z * z) / (2.0 * PI).sqrt()))
            .collect();
        let none = [(0.0, 1.0)];
        let others = if second { &law[..] } else { &none[..] };
        let mut kernel = Array2::zeros((levels.len(), levels.len()));
        for (d1, weight) in &law {
            for (d2, other) in others {
                let gains: Array1<f64> = one.iter().zip(&two).map(|(h1, h2)| self.gain(d1 * h1 - d2 * h2)).collect();
                for (a, mut row) in kernel.rows_mut().into_iter().enumerate() {
                    row.scaled_add(weight * other * gains[a], &gains);
                }
            }
        }
        kernel
    }

    /// [1 + s x]₊.
    fn gain(&self, x: f64) -> f64 {
        (1.0 + self.strength * x).max(0.0)
    }

    /// d₁Δh₁ − d₂Δh₂ over d₁h₁′(m), where the level changes by so much from m: what plasticity reads of a small change, in its units. `second` is d₂/d₁.
    ///
    /// Δh = CΔm/((m + C)(m + Δm + C)).
    pub fn told(&self, level: f64, change: f64, second: f64) -> f64 {
        let [first, other] = self.halves.map(|c| c / ((level + c) * (level + change + c)));
        let slope = self.halves[0] / (level + self.halves[0]).powi(2);
        change * (first - second * other) / slope
    }

    /// The ratio d₁/d₂ at which both receptors tell the same of a change from one level to another.
    pub fn even_ratio(&self, [from, to]: [f64; 2]) -> f64 {
        let [first, other] = self.halves.map(|c| c / ((from + c) * (to + c)));
        other / first
    }

    /// The densities d′ = S d with which a cell has at each of two levels the gain that it had at the other: S `[2 × 2]`.
    pub fn exchange(&self, levels: [f64; 2]) -> [[f64; 2]; 2] {
        let [[a, b], [c, d]] = levels.map(|m| self.halves.map(|half| m / (m + half)));
        // H = (a −b; c −d), S = H⁻¹ P H with P that exchanges rows.
        let determinant = b * c - a * d;
        [
            [(b * a - d * c) / determinant, (d * d - b * b) / determinant],
            [(a * a - c * c) / determinant, (c * d - a * b) / determinant],
        ]
    }

    /// Share of cells whose densities stay at or above 0 under [`Receptors::exchange`].
    pub fn exchangeable_share(&self, levels: [f64; 2]) -> f64 {
        let (mut low, mut high) = (0.0_f64, f64::INFINITY);
        for [one, two] in self.exchange(levels) {
            // one · d₁/d₂ + two ≥ 0.
            let edge = -two / one;
            if one > 0.0 { low = low.max(edge) } else { high = high.min(edge) }
        }
        (self.share_below(high) - self.share_below(low)).max(0.0)
    }
}

/// Standard deviations of ln d up to which densities are integrated over.
const WIDEST: f64 = 7.0;

/// ⟨r(m)r(m′)⟩ of a linear network r = g(m)(J r + X) of infinitely many cells, from ⟨g(m)g(m′)⟩: weights are independent, of mean 0 and variance J²/N, and X is 1.
///
/// η = J r is Gaussian, independent of g, with covariance J²⟨rr′⟩: ⟨rr′⟩ = ⟨gg′⟩/(1 − J²⟨gg′⟩), equation (51). NaN where J²⟨g²⟩ ≥ 1, and rates have no end.
pub fn rate_kernel(gains: &Array2<f64>, coupling: f64) -> Array2<f64> {
    let squared = coupling * coupling;
    gains.mapv(|g| if squared * g < 1.0 { g / (1.0 - squared * g) } else { f64::NAN })
}

/// PR = (tr K)²/tr K² of responses over levels, from their mean products `[levels × levels]` over cells, with the mean over levels taken from each cell.
pub fn kernel_dimension(products: &Array2<f64>) -> f64 {
    let mean = |axis| products.mean_axis(Axis(axis)).unwrap_or_default();
    let (rows, all) = (mean(1), products.mean().unwrap_or(f64::NAN));
    let centred = Array2::from_shape_fn(products.dim(), |(a, b)| products[[a, b]] - rows[a] - rows[b] + all);
    centred.diag().sum().powi(2) / centred.iter().map(|k| k * k).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECEPTORS: Receptors = Receptors { halves: [1.0, 0.1], sigma: 0.5, strength: 0.5 };

    /// Against independent code.
    #[test]
    fn two_receptors_span_two_directions() {
        let levels: Vec<f64> = (0..40).map(|k| 0.005 * libm::pow(4000.0, f64::from(k) / 39.0)).collect();
        let two = kernel_dimension(&RECEPTORS.gain_kernel(&levels, true));
        assert!((two - 1.77944).abs() < 1e-5, "{two}");
        let one = kernel_dimension(&RECEPTORS.gain_kernel(&levels, false));
        assert!((one - 1.0).abs() < 1e-9, "{one}");
    }

    /// Where nothing is cut both kernels are one.
    #[test]
    fn quadrature_is_the_closed_form() {
        let narrow = Receptors { sigma: 0.05, ..RECEPTORS };
        let levels = [0.01, 0.3, 8.0];
        for second in [false, true] {
            let difference = narrow.cut_gain_kernel(&levels, second) - narrow.gain_kernel(&levels, second);
            assert!(difference.iter().all(|d| d.abs() < 1e-9), "{difference}");
        }
    }

    #[test]
    fn gains_exchange_between_levels() {
        let levels = [0.05, 1.0];
        let s = RECEPTORS.exchange(levels);
        let wanted = [[-3.55556, 5.79798], [-2.00794, 3.55556]];
        for (own, wanted) in s.as_flattened().iter().zip(wanted.as_flattened()) {
            assert!((own - wanted).abs() < 1e-5, "{s:?}");
        }
        let gain = |m: f64, [d1, d2]: [f64; 2]| 1.0 + 0.5 * (d1 * m / (m + 1.0) - d2 * m / (m + 0.1));
        let old = [0.7, 1.3];
        let new = s.map(|[a, b]| a * old[0] + b * old[1]);
        assert!((gain(0.05, new) - gain(1.0, old)).abs() < 1e-12);
        assert!((gain(1.0, new) - gain(0.05, old)).abs() < 1e-12);
        let share = RECEPTORS.exchangeable_share(levels);
        assert!((share - 0.7554).abs() < 2e-4, "{share}");
    }
}
