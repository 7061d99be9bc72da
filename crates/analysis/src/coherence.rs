//! Coherence of records on a ring, by Welch's method.

use ndarray::ArrayView2;
use rustfft::{FftPlannerScalar, num_complex::Complex64};
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// Squared coherence of units so many places apart on a ring, over frequencies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RingCoherence {
    /// Frequencies, in one over the unit of the step.
    pub frequencies: Vec<f64>,
    /// |⟨X Y*⟩|²/(⟨|X|²⟩⟨|Y|²⟩), means over segments and places.
    pub coherence: Vec<f64>,
    /// Segments that were averaged.
    pub segments: usize,
}

/// Coherence of records `[sample × unit]` that were taken every `step`, in segments of so many samples that overlap by a half, tapered by a raised cosine, without their means; `None` if there are fewer than two segments.
///
/// Places are equivalent, so that cross spectra are averaged over all pairs: where there is no coherence, some 1/(segments × independent places) is left.
pub fn ring_coherence(records: ArrayView2<f64>, apart: usize, step: f64, segment: usize) -> Option<RingCoherence> {
    let (samples, units) = records.dim();
    let segments = (2 * samples / segment.max(2)).checked_sub(1).filter(|count| *count > 1)?;
    let transform = FftPlannerScalar::new().plan_fft_forward(segment);
    let taper: Vec<f64> = (0..segment).map(|k| 0.5 - 0.5 * libm::cos(2.0 * PI * k as f64 / segment as f64)).collect();
    let half = segment / 2;
    let (mut cross, mut own) = (vec![Complex64::default(); half], vec![0.0; half]);
    for begin in (0..segments).map(|k| k * half) {
        let spectra: Vec<Vec<Complex64>> = (0..units)
            .map(|unit| {
                let part = records.slice(ndarray::s![begin..begin + segment, unit]);
                let mean = part.mean().unwrap_or(0.0);
                let mut values: Vec<Complex64> =
                    part.iter().zip(&taper).map(|(v, w)| Complex64::from(w * (v - mean))).collect();
                transform.process(&mut values);
                values
            })
            .collect();
        for (unit, spectrum) in spectra.iter().enumerate() {
            let other = &spectra[(unit + apart) % units];
            for k in 0..half {
                cross[k] += spectrum[k] * other[k].conj();
                own[k] += spectrum[k].norm_sqr();
            }
        }
    }
    let coherence = cross.iter().zip(&own).skip(1).map(|(cross, own)| cross.norm_sqr() / (own * own)).collect();
    let frequencies = (1..half).map(|k| k as f64 / (segment as f64 * step)).collect();
    Some(RingCoherence { frequencies, coherence, segments })
}

impl RingCoherence {
    /// Mean over a band of frequencies, from its low edge up to its high one; NaN for an empty band.
    pub fn band(&self, [low, high]: [f64; 2]) -> f64 {
        let own = self.frequencies.iter().zip(&self.coherence).filter(|(f, _)| (low..high).contains(*f));
        let (sum, count) = own.fold((0.0, 0.0), |(sum, count), (_, c)| (sum + c, count + 1.0));
        sum / count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    /// Units that share a signal of as much power as their own noise have a squared coherence of a quarter.
    #[test]
    fn a_shared_half_is_a_coherence_of_a_quarter() {
        let mut state = 1_u64;
        let mut noise = || {
            let mut sum = -6.0;
            for _ in 0..12 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                sum += (state >> 11) as f64 / (1_u64 << 53) as f64;
            }
            sum
        };
        let (samples, units) = (40_000, 4);
        let mut records = Array2::zeros((samples, units));
        for mut row in records.rows_mut() {
            let shared = noise();
            row.iter_mut().for_each(|v| *v = shared + noise());
        }
        let found = ring_coherence(records.view(), 1, 0.001, 200).expect("segments");
        let mean = found.band([10.0, 400.0]);
        assert!((mean - 0.25).abs() < 0.02, "{mean}");
        assert_eq!(ring_coherence(records.view(), 1, 0.001, 40_000), None);
    }
}
