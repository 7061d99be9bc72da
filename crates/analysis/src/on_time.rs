//! ON-times: the fraction of time that each unit is above threshold, x > 0.

use model::Distribution;
use serde::{Deserialize, Serialize};

/// Counts how often each unit is above threshold.
pub struct OnTime {
    samples: usize,
    counts: Vec<u32>,
}

/// The distribution of ON-times over units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OnTimeEstimate {
    /// f: mean over units.
    pub mean: f64,
    /// Standard deviation over units.
    pub sd: f64,
    /// Median over units.
    pub median: f64,
    /// Fraction of units that never were above threshold.
    pub silent: f64,
    /// ON-time of each unit.
    pub units: Vec<f64>,
}

impl OnTime {
    /// For `units` units.
    pub fn new(units: usize) -> Self {
        OnTime { samples: 0, counts: vec![0; units] }
    }

    /// Takes x of every unit.
    ///
    /// # Panics
    /// If the sample does not have one value a unit.
    pub fn push(&mut self, x: &[f32]) {
        assert_eq!(x.len(), self.counts.len(), "one value a unit");
        for (count, &x) in self.counts.iter_mut().zip(x) {
            *count += u32::from(x > 0.0);
        }
        self.samples += 1;
    }

    /// The estimate; `None` before the first sample or without units.
    pub fn finish(&self) -> Option<OnTimeEstimate> {
        if self.samples == 0 || self.counts.is_empty() {
            return None;
        }
        let units: Vec<f64> = self.counts.iter().map(|&c| f64::from(c) / self.samples as f64).collect();
        let n = units.len() as f64;
        let mean = units.iter().sum::<f64>() / n;
        let sd = (units.iter().map(|p| (p - mean).powi(2)).sum::<f64>() / n).sqrt();
        let mut sorted = units.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 { sorted[middle] } else { 0.5 * (sorted[middle - 1] + sorted[middle]) };
        let silent = units.iter().filter(|&&p| p == 0.0).count() as f64 / n;
        Some(OnTimeEstimate { mean, sd, median, silent, units })
    }
}

impl OnTimeEstimate {
    /// Density over `bins` equal bins of [0, 1].
    pub fn distribution(&self, bins: usize) -> Distribution {
        let width = 1.0 / bins as f64;
        let mut density = vec![0.0; bins];
        for p in &self.units {
            density[((p * bins as f64) as usize).min(bins - 1)] += 1.0 / (self.units.len() as f64 * width);
        }
        Distribution { start: 0.0, width, density }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_times_are_counted_strictly_above_zero() {
        let mut on = OnTime::new(4);
        on.push(&[1.0, 0.0, -1.0, 1e-30]);
        on.push(&[1.0, 0.5, -1.0, -0.0]);
        let estimate = on.finish().expect("sampled");
        assert_eq!(estimate.units, [1.0, 0.5, 0.0, 0.5]);
        assert_eq!((estimate.mean, estimate.median, estimate.silent), (0.5, 0.5, 0.25));
        let total: f64 = estimate.distribution(10).density.iter().map(|d| d * 0.1).sum();
        assert!((total - 1.0).abs() < 1e-12);
    }
}
