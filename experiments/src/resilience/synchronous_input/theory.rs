//! Rates of cells in input that comes apart, or all at once.

use super::Params;
use rayon::prelude::*;
use simulation::Volleys;

impl Params {
    pub(super) fn input(&self, share: f64) -> Volleys {
        let period = 1000.0 / self.volleys / self.tau;
        Volleys {
            jump: self.jump,
            arrivals: (1.0 - share) * self.volley / self.jump / period,
            volley: share * self.volley,
            period,
        }
    }

    /// Rates in Hz, from rates per time constant.
    pub(super) fn hertz(&self, rate: f64) -> f64 {
        1000.0 / self.tau * rate
    }

    /// Rate in Hz of a cell that volleys alone drive: it fires at every k-th, size (1 − q^k)/(1 − q) being at threshold first.
    pub(super) fn by_volleys(&self, threshold: f64) -> f64 {
        let left = libm::exp(-self.input(1.0).period);
        let (mut v, mut count) = (0.0, 0.0);
        // What is added falls geometrically.
        for _ in 0..1000 {
            v = v * left + self.volley;
            count += 1.0;
            if v >= threshold {
                return self.volleys / count;
            }
        }
        0.0
    }

    /// Rate in Hz of a cell in steady input of the same mean.
    pub(super) fn by_steady_input(&self, threshold: f64) -> f64 {
        let mean = self.volley / self.input(1.0).period;
        if mean > threshold { self.hertz(1.0 / libm::log(mean / (mean - threshold))) } else { 0.0 }
    }

    /// Mean of a rate and its coefficient of variation over thresholds.
    pub(super) fn over_cells(&self, rate: impl Fn(f64) -> f64 + Sync) -> [f64; 2] {
        let points: Vec<f64> = (-60..=60).map(|k| 0.1 * f64::from(k)).collect();
        let sums = points
            .par_iter()
            .map(|z| {
                let (weight, rate) = (libm::exp(-0.5 * z * z), rate((1.0 + self.spread * z).max(1e-3)));
                [weight, weight * rate, weight * rate * rate]
            })
            .collect::<Vec<_>>();
        let [all, mean, square] = [0, 1, 2].map(|k| sums.iter().map(|sum| sum[k]).sum::<f64>());
        let mean = mean / all;
        [mean, (square / all - mean * mean).max(0.0).sqrt() / mean]
    }
}
