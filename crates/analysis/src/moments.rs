//! Moments over units and time, and how a variance splits into temporal and quenched.

use model::{Autocorrelation, InputMoments, VarianceSplit};
use serde::{Deserialize, Serialize};

/// Gathers the moments of one quantity of many units, one sample of all of them at a time.
pub struct MomentAccumulator {
    samples: usize,
    sums: Vec<f64>,
    squares: Vec<f64>,
    cubes: f64,
    /// Sum and sum of squares over time of the population mean.
    mean_sum: f64,
    mean_square: f64,
}

/// What the samples say.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MomentEstimate {
    /// Mean, total variance and skewness over units and time.
    pub moments: InputMoments,
    /// Temporal and quenched variance; their sum is the total variance exactly.
    pub split: VarianceSplit,
    /// χ² = Var_t(mean over units)/mean over units of Var_t, Golomb & Rinzel 1993: 1 for a population
    /// in lockstep, 1/N for independent units; NaN where nothing varies.
    pub synchrony: f64,
    /// Whether the units move.
    pub regime: Regime,
}

/// How a population behaves in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Regime {
    /// It fluctuates.
    Fluctuating,
    /// Temporal variance at most 10⁻³ of the quenched: a fixed point, silence or a small cycle. Its
    /// autocorrelation is that of noise or of nothing, and says nothing about decorrelation.
    Frozen,
}

impl MomentAccumulator {
    /// For `units` units.
    pub fn new(units: usize) -> Self {
        MomentAccumulator {
            samples: 0,
            sums: vec![0.0; units],
            squares: vec![0.0; units],
            cubes: 0.0,
            mean_sum: 0.0,
            mean_square: 0.0,
        }
    }

    /// Takes the next sample of every unit.
    ///
    /// # Panics
    /// If the sample does not have one value a unit.
    pub fn push(&mut self, sample: &[f32]) {
        assert_eq!(sample.len(), self.sums.len(), "one value a unit");
        // Four partial sums in a fixed order: vectors without changing the result from run to run.
        let (mut total, mut cubes) = ([0.0_f64; 4], [0.0_f64; 4]);
        let chunks = sample.chunks(4).zip(self.sums.chunks_mut(4)).zip(self.squares.chunks_mut(4));
        for ((values, sums), squares) in chunks {
            for (lane, &value) in values.iter().enumerate() {
                let value = f64::from(value);
                let square = value * value;
                sums[lane] += value;
                squares[lane] += square;
                total[lane] += value;
                cubes[lane] += square * value;
            }
        }
        let mean = total.iter().sum::<f64>() / sample.len() as f64;
        self.cubes += cubes.iter().sum::<f64>();
        self.mean_sum += mean;
        self.mean_square += mean * mean;
        self.samples += 1;
    }

    /// The mean over time of each unit.
    pub fn unit_means(&self) -> impl Iterator<Item = f64> + '_ {
        self.sums.iter().map(|sum| sum / self.samples as f64)
    }

    /// The estimate; `None` before the first sample or without units.
    pub fn finish(&self) -> Option<MomentEstimate> {
        if self.samples == 0 || self.sums.is_empty() {
            return None;
        }
        let (units, samples) = (self.sums.len() as f64, self.samples as f64);
        let mean = self.unit_means().sum::<f64>() / units;
        let square = self.squares.iter().sum::<f64>() / (units * samples);
        let quenched = self.unit_means().map(|m| (m - mean).powi(2)).sum::<f64>() / units;
        let total = square - mean * mean;
        let temporal = (total - quenched).max(0.0);
        let cube = self.cubes / (units * samples);
        let third = cube - 3.0 * mean * square + 2.0 * mean.powi(3);
        let common = (self.mean_square / samples - (self.mean_sum / samples).powi(2)).max(0.0);
        let regime = if temporal <= 1e-3 * quenched { Regime::Frozen } else { Regime::Fluctuating };
        Some(MomentEstimate {
            moments: InputMoments { mean, variance: total, skewness: third / (total * total.sqrt()) },
            split: VarianceSplit { temporal, quenched },
            synchrony: common / temporal,
            regime,
        })
    }
}

/// The split corrected for the finite length of the record.
///
/// The mean over a record of length T of a process with autocovariance R has itself the variance
/// s = (2/T) ∫ (1 − u/T) R(u) du, which the plain estimate books as quenched: s moves back. `r` is
/// the estimated autocovariance with means removed, whose own deficit s at every lag is added back.
/// Source: docs/derivations.md, eq. (12).
pub fn corrected_split(split: VarianceSplit, r: &Autocorrelation, duration: f64) -> VarianceSplit {
    let longest = r.step * (r.values.len() - 1) as f64;
    let weighted = |k: usize| (1.0 - r.step * k as f64 / duration) * r.values[k];
    let last = r.values.len() - 1;
    let sum: f64 = (0..=last).map(weighted).sum::<f64>() - 0.5 * (weighted(0) + weighted(last));
    let plain = 2.0 * r.step * sum / duration;
    // R is too low by s over the window: s = plain + s (2L/T − (L/T)²).
    let share = longest / duration;
    let s = plain / (1.0 - share).powi(2);
    VarianceSplit { temporal: split.temporal + s, quenched: split.quenched - s }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AutocorrelationAccumulator, Mean, Normalisation};
    use rand::SeedableRng;
    use rand_distr::{Distribution, StandardNormal};

    /// Units with a fixed level of variance `quenched`, an AR(1) process of variance `temporal` and
    /// correlation time 1/rate, and a shared AR(1) process of variance `common`.
    fn synthetic(quenched: f64, temporal: f64, common: f64, seed: u64) -> (MomentEstimate, VarianceSplit) {
        let (units, samples, step, rate) = (400, 4000, 0.1, 0.5);
        let mut rng = rand::rngs::SmallRng::seed_from_u64(seed);
        let mut normal = move || -> f64 { StandardNormal.sample(&mut rng) };
        let decay: f64 = libm::exp(-rate * step);
        let kick = (1.0 - decay * decay).sqrt();
        let levels: Vec<f64> = (0..units).map(|_| quenched.sqrt() * normal()).collect();
        let mut noise: Vec<f64> = (0..=units).map(|_| normal()).collect();
        let mut moments = MomentAccumulator::new(units);
        let mut r = AutocorrelationAccumulator::new(units, 400);
        for _ in 0..samples {
            noise.iter_mut().for_each(|y| *y = decay * *y + kick * normal());
            let shared = common.sqrt() * noise[units];
            let sample: Vec<f32> =
                (0..units).map(|u| (levels[u] + temporal.sqrt() * noise[u] + shared) as f32).collect();
            moments.push(&sample);
            r.push(&sample);
        }
        let estimate = moments.finish().expect("sampled");
        let r = r.finish(step, Mean::Removed, Normalisation::Unbiased).expect("sampled");
        let split = corrected_split(estimate.split, &r, samples as f64 * step);
        (estimate, split)
    }

    #[test]
    fn the_split_of_a_known_process_is_recovered() {
        for (quenched, temporal) in [(1.0, 1.0), (0.05, 2.0), (3.0, 0.2)] {
            let (plain, corrected) = synthetic(quenched, temporal, 0.0, 1);
            let split = plain.split;
            assert!((split.total() - plain.moments.variance).abs() < 1e-12 * split.total());
            // Over 400 levels the variance of a variance is 2/400; 5 σ.
            let spread = 5.0 * (2.0_f64 / 400.0).sqrt();
            let s = 2.0 * temporal / 0.5 / 400.0;
            assert!((corrected.quenched - quenched).abs() < spread * (quenched + s), "{corrected:?}");
            assert!((corrected.temporal / temporal - 1.0).abs() < 0.03, "{corrected:?}");
            // The bias that is corrected is there to begin with.
            assert!((split.quenched - corrected.quenched - s).abs() < 0.15 * s, "{split:?} {corrected:?}");
        }
    }

    #[test]
    fn synchrony_of_shared_noise() {
        let (estimate, _) = synthetic(0.0, 1.0, 1.0, 2);
        // Shared half of the variance; its time average fluctuates by √(2·2/(0.5·400)) = 14 % a σ.
        assert!((estimate.synchrony - 0.5).abs() < 0.25, "{}", estimate.synchrony);
        let (estimate, _) = synthetic(0.0, 1.0, 0.0, 3);
        assert!((estimate.synchrony * 400.0 - 1.0).abs() < 0.7, "{}", estimate.synchrony);
    }

    #[test]
    fn skewness_and_frozen_units_are_seen() {
        let mut moments = MomentAccumulator::new(4);
        (0..10).for_each(|_| moments.push(&[0.0, 0.0, 0.0, 1.0]));
        let estimate = moments.finish().expect("sampled");
        assert_eq!(estimate.regime, Regime::Frozen);
        // Bernoulli(1/4): (1 − 2p)/√(p(1 − p)).
        assert!((estimate.moments.skewness - 0.5 / 0.1875_f64.sqrt()).abs() < 1e-12);
    }
}
