//! The population-averaged autocorrelation, streaming: no trace is stored.
//!
//! Samples are gathered in blocks of B ≥ `max_lag` and each block is transformed once, zero-padded
//! to 2B. With Z_b the transform of block b, lags 0 … B of the whole record have the spectrum
//! Σ_b |Z_b|² + (−1)^k Z̄_b Z_{b+1}: a shift by B is a factor (−1)^k at length 2B. Two units share a
//! complex transform as its real and imaginary part; the real part of the result is the sum of
//! their autocorrelations. One inverse transform at the end serves all units and blocks.

use crate::fourier::{Fourier, Powers, Sixteen};
use lanes::{Isa, SIXTEEN, Simd, Singles, Work};
use model::Autocorrelation;
use ndarray::{ArrayView1, ArrayView2, s};
use rustfft::FftPlannerScalar;
use rustfft::num_complex::Complex64;

/// What becomes of each unit's mean over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mean {
    /// Removed, unit by unit: an autocovariance.
    Removed,
    /// Kept.
    Kept,
}

/// What a sum of products is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Normalisation {
    /// The number of products, T − lag.
    Unbiased,
    /// The number of samples, T.
    Biased,
}

/// Units transposed together, so that a cache line is used whole.
const TOGETHER: usize = 16;

/// Gathers the autocorrelation of many units, one sample of all of them at a time.
pub struct AutocorrelationAccumulator {
    units: usize,
    max_lag: usize,
    /// B: samples of a block.
    block: usize,
    fourier: Fourier,
    /// The block being gathered, `[sample][unit]`.
    gathered: Vec<f32>,
    /// Samples in it.
    filled: usize,
    /// Samples in all.
    samples: usize,
    /// Subtracted from each unit before anything else, against cancellation: its mean over the first block.
    offsets: Vec<f32>,
    /// Sum over time of each unit, less its offset.
    sums: Vec<f64>,
    /// First and last `max_lag` samples of each unit, less its offset, `[sample][unit]`.
    head: Vec<f32>,
    tail: Vec<f32>,
    /// Transform of each pair of units in the previous block; empty before the second.
    previous: Vec<Sixteen>,
    /// Σ over pairs of |Z_b|², of all blocks, and of Z̄_b Z_{b+1}, in the transform's own order.
    power: Vec<f64>,
    cross: Vec<[f64; 2]>,
}

impl AutocorrelationAccumulator {
    /// For `units` units and lags from 0 to `max_lag` samples.
    pub fn new(units: usize, max_lag: usize) -> Self {
        Self::with_block(units, max_lag, max_lag.max(256))
    }

    fn with_block(units: usize, max_lag: usize, block: usize) -> Self {
        let fourier = Fourier::new(2 * block);
        let (block, vectors) = (fourier.samples() / 2, fourier.vectors());
        AutocorrelationAccumulator {
            units,
            max_lag,
            block,
            fourier,
            gathered: vec![0.0; block * units],
            filled: 0,
            samples: 0,
            offsets: vec![0.0; units],
            sums: vec![0.0; units],
            head: Vec::new(),
            tail: Vec::new(),
            previous: Vec::new(),
            power: vec![0.0; vectors * SIXTEEN],
            cross: vec![[0.0; 2]; vectors * SIXTEEN],
        }
    }

    /// Takes the next sample of every unit.
    ///
    /// # Panics
    /// If the sample does not have one value a unit.
    pub fn push(&mut self, sample: &[f32]) {
        assert_eq!(sample.len(), self.units, "one value a unit");
        self.gathered[self.filled * self.units..][..self.units].copy_from_slice(sample);
        self.filled += 1;
        self.samples += 1;
        if self.filled == self.block {
            self.transform();
        }
    }

    /// Lag step `step`; values averaged over units. `None` with fewer samples than `max_lag` + 1.
    pub fn finish(mut self, step: f64, mean: Mean, normalisation: Normalisation) -> Option<Autocorrelation> {
        if self.samples <= self.max_lag || self.units == 0 {
            return None;
        }
        if self.filled > 0 {
            self.transform();
        }
        let mut spectrum = vec![Complex64::default(); 2 * self.block];
        for ((k, power), &[re, im]) in self.fourier.frequencies().into_iter().zip(&self.power).zip(&self.cross) {
            let cross = Complex64::new(re, im);
            spectrum[k] = Complex64::from(*power) + if k % 2 == 0 { cross } else { -cross };
        }
        FftPlannerScalar::new().plan_fft_inverse(2 * self.block).process(&mut spectrum);
        let scale = 1.0 / spectrum.len() as f64;
        let raw = spectrum[..=self.max_lag].iter().map(|z| z.re * scale);

        // Products of x − offset become products of x − c (c: the mean, or 0), with d = c − offset:
        // Σ (u_t − d)(u_{t+l} − d) = Σ u_t u_{t+l} − d (Σ_{t < T−l} u + Σ_{t ≥ l} u) + (T − l) d².
        let samples = self.samples;
        let centre: Vec<f64> = match mean {
            Mean::Removed => self.sums.iter().map(|sum| sum / samples as f64).collect(),
            Mean::Kept => self.offsets.iter().map(|&offset| -f64::from(offset)).collect(),
        };
        let squares: f64 = centre.iter().map(|d| d * d).sum();
        let mut ends: f64 = 2.0 * centre.iter().zip(&self.sums).map(|(d, sum)| d * sum).sum::<f64>();
        let rows = |buffer: &[f32], row: usize| -> f64 {
            centre.iter().zip(&buffer[row * self.units..]).map(|(d, &u)| d * f64::from(u)).sum()
        };
        let values = raw
            .enumerate()
            .map(|(lag, product)| {
                if lag > 0 {
                    ends -= rows(&self.head, lag - 1) + rows(&self.tail, self.max_lag - lag);
                }
                let products = (samples - lag) as f64;
                let divisor = match normalisation {
                    Normalisation::Unbiased => products,
                    Normalisation::Biased => samples as f64,
                };
                (product - ends + products * squares) / (divisor * self.units as f64)
            })
            .collect();
        Some(Autocorrelation { step, values })
    }

    /// Adds the gathered block, zero-padded if it is the last and short.
    fn transform(&mut self) {
        let (units, filled) = (self.units, self.filled);
        if self.samples == filled {
            self.settle_offsets();
        }
        for sample in self.gathered[..filled * units].chunks_exact_mut(units) {
            for ((value, offset), sum) in sample.iter_mut().zip(&self.offsets).zip(&mut self.sums) {
                *value -= offset;
                *sum += f64::from(*value);
            }
        }
        self.keep_ends();
        let isa = Isa::detect();
        let vectors = self.fourier.vectors();
        let first_block = self.previous.is_empty();
        if first_block {
            self.previous = vec![EMPTY; units.div_ceil(2) * vectors];
        }
        let mut pairs = vec![EMPTY; TOGETHER / 2 * vectors];
        for start in (0..units).step_by(TOGETHER) {
            let width = TOGETHER.min(units - start);
            pairs.fill(EMPTY);
            for t in 0..filled {
                let row = &self.gathered[t * units + start..][..width];
                for (pair, values) in row.chunks(2).enumerate() {
                    let z = &mut pairs[pair * vectors + t / SIXTEEN];
                    z.0[0][t % SIXTEEN] = values[0];
                    z.0[1][t % SIXTEEN] = values.get(1).copied().unwrap_or(0.0);
                }
            }
            for (pair, z) in pairs.chunks_exact_mut(vectors).take(width.div_ceil(2)).enumerate() {
                self.fourier.transform(z);
                let previous = &mut self.previous[(start / 2 + pair) * vectors..][..vectors];
                let cross = (!first_block).then_some((&mut self.cross[..], &*previous));
                isa.run(AddSpectrum { z, power: &mut self.power, cross });
                previous.copy_from_slice(z);
            }
        }
        self.filled = 0;
    }

    fn settle_offsets(&mut self) {
        let mut means = vec![0.0_f64; self.units];
        for sample in self.gathered[..self.filled * self.units].chunks_exact(self.units) {
            for (mean, &value) in means.iter_mut().zip(sample) {
                *mean += f64::from(value);
            }
        }
        for (offset, mean) in self.offsets.iter_mut().zip(means) {
            *offset = (mean / self.filled as f64) as f32;
        }
    }

    /// Keeps the first `max_lag` samples once and the last `max_lag` always. A block is at least
    /// as long as the head, and a short last block is joined to what the tail held.
    fn keep_ends(&mut self) {
        let kept = self.max_lag * self.units;
        let gathered = &self.gathered[..self.filled * self.units];
        if self.head.is_empty() {
            self.head = gathered[..kept.min(gathered.len())].to_vec();
            self.tail = vec![0.0; kept];
        }
        if gathered.len() >= kept {
            self.tail.copy_from_slice(&gathered[gathered.len() - kept..]);
        } else {
            self.tail.copy_within(gathered.len().., 0);
            self.tail[kept - gathered.len()..].copy_from_slice(gathered);
        }
    }
}

/// Sixteen zeros.
const EMPTY: Sixteen = Sixteen([[0.0; SIXTEEN]; 2]);

/// power ← power + |Z|², and cross ← cross + Z̄' Z with the spectrum before.
struct AddSpectrum<'a> {
    z: &'a [Sixteen],
    power: &'a mut [f64],
    cross: Option<(&'a mut [[f64; 2]], &'a [Sixteen])>,
}

impl Work for AddSpectrum<'_> {
    type Output = ();

    /// Plain loops, compiled for each instruction set.
    #[inline(always)]
    fn run<S: Simd>(self) {
        for (Sixteen(z), power) in self.z.iter().zip(self.power.as_chunks_mut::<SIXTEEN>().0) {
            for l in 0..SIXTEEN {
                power[l] += f64::from(z[0][l] * z[0][l] + z[1][l] * z[1][l]);
            }
        }
        let Some((cross, before)) = self.cross else { return };
        for ((Sixteen(a), Sixteen(b)), cross) in before.iter().zip(self.z).zip(cross.as_chunks_mut::<SIXTEEN>().0) {
            for l in 0..SIXTEEN {
                cross[l][0] += f64::from(a[0][l] * b[0][l] + a[1][l] * b[1][l]);
                cross[l][1] += f64::from(a[0][l] * b[1][l] - a[1][l] * b[0][l]);
            }
        }
    }
}

/// The same estimate from stored traces `[units × samples]`: one transform for each pair of units.
///
/// `None` with no unit or fewer samples than `max_lag` + 1.
pub fn population_autocorrelation(
    traces: ArrayView2<f32>,
    max_lag: usize,
    step: f64,
    mean: Mean,
    normalisation: Normalisation,
) -> Option<Autocorrelation> {
    let (units, samples) = traces.dim();
    if units == 0 || samples <= max_lag {
        return None;
    }
    let fourier = Fourier::new(samples + max_lag);
    let isa = Isa::detect();
    let mut z = vec![EMPTY; fourier.vectors()];
    let length = fourier.samples();
    let mut power = vec![0.0_f64; length];
    // Single precision holds the sum of a few spectra; then it moves on to double.
    let mut few = vec![Powers([0.0; SIXTEEN]); fourier.vectors()];
    for pair in 0..units.div_ceil(2) {
        let rows = traces.slice(s![2 * pair..units.min(2 * pair + 2), ..]);
        z[samples / SIXTEEN..].fill(EMPTY);
        if rows.nrows() == 1 {
            z.fill(EMPTY);
        }
        for (part, row) in rows.rows().into_iter().enumerate() {
            let row = contiguous(row);
            isa.run(Centred { row: &row, mean, z: &mut z, part });
        }
        let next = traces
            .as_slice()
            .and_then(|all| all.get((2 * pair + 2) * samples..(2 * pair + 4) * samples))
            .unwrap_or_default();
        fourier.add_power(&mut z, &mut few, next);
        if pair % 8 == 7 || 2 * pair + 2 >= units {
            for (power, Powers(few)) in power.as_chunks_mut::<SIXTEEN>().0.iter_mut().zip(&mut few) {
                power.iter_mut().zip(few).for_each(|(power, few)| *power += f64::from(std::mem::take(few)));
            }
        }
    }
    let mut spectrum = vec![Complex64::default(); length];
    for (k, power) in fourier.frequencies().into_iter().zip(power) {
        spectrum[k] = Complex64::from(power);
    }
    FftPlannerScalar::new().plan_fft_inverse(length).process(&mut spectrum);
    let values = (0..=max_lag)
        .map(|lag| {
            let divisor = match normalisation {
                Normalisation::Unbiased => samples - lag,
                Normalisation::Biased => samples,
            };
            spectrum[lag].re / (length as f64 * divisor as f64 * units as f64)
        })
        .collect();
    Some(Autocorrelation { step, values })
}

/// A trace as a slice, copied only if its samples lie apart.
fn contiguous(row: ArrayView1<'_, f32>) -> std::borrow::Cow<'_, [f32]> {
    row.to_slice().map_or_else(|| row.to_vec().into(), std::borrow::Cow::Borrowed)
}

/// A trace, its mean removed if that is asked for, as real or imaginary part of a record.
struct Centred<'a> {
    row: &'a [f32],
    mean: Mean,
    z: &'a mut [Sixteen],
    part: usize,
}

impl Work for Centred<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        let Centred { row, mean, z, part } = self;
        let centre = if mean == Mean::Removed { mean_of::<S>(row) } else { 0.0 };
        let (whole, rest) = row.as_chunks::<SIXTEEN>();
        for (values, z) in whole.iter().zip(&mut *z) {
            S::Singles::load(values).minus(S::Singles::all(centre)).store(&mut z.0[part]);
        }
        for (l, value) in rest.iter().enumerate() {
            z[whole.len()].0[part][l] = value - centre;
        }
    }
}

/// The mean of a trace. Each of sixteen lanes adds a few values in single precision and then moves on to double, in a
/// fixed order.
#[inline(always)]
fn mean_of<S: Simd>(row: &[f32]) -> f32 {
    const FEW: usize = 64;
    let mut total = 0.0_f64;
    for block in row.chunks(SIXTEEN * FEW) {
        let mut few = S::Singles::all(0.0);
        let (whole, rest) = block.as_chunks::<SIXTEEN>();
        for chunk in whole {
            few = few.plus(S::Singles::load(chunk));
        }
        let mut lanes = [0.0; SIXTEEN];
        few.store(&mut lanes);
        total += lanes.iter().chain(rest).map(|&v| f64::from(v)).sum::<f64>();
    }
    (total / row.len() as f64) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;
    use rand::SeedableRng;
    use rand_distr::{Distribution, StandardNormal};

    /// Independent AR(1) units, each about a level of its own.
    fn traces(units: usize, samples: usize) -> Array2<f32> {
        let mut rng = rand::rngs::SmallRng::seed_from_u64(1);
        let mut traces = Array2::zeros((units, samples));
        for (u, mut row) in traces.rows_mut().into_iter().enumerate() {
            let mut y = 0.0_f32;
            for value in &mut row {
                let z: f64 = StandardNormal.sample(&mut rng);
                y = 0.9 * y + z as f32;
                *value = y + 3.0 * (u as f32 - 2.0);
            }
        }
        traces
    }

    fn naive(traces: &Array2<f32>, max_lag: usize, mean: Mean, normalisation: Normalisation) -> Vec<f64> {
        let (units, samples) = traces.dim();
        let mut values = vec![0.0; max_lag + 1];
        for row in traces.rows() {
            let centre = match mean {
                Mean::Removed => row.iter().map(|&v| f64::from(v)).sum::<f64>() / samples as f64,
                Mean::Kept => 0.0,
            };
            for (lag, value) in values.iter_mut().enumerate() {
                let sum: f64 =
                    (0..samples - lag).map(|t| (f64::from(row[t]) - centre) * (f64::from(row[t + lag]) - centre)).sum();
                let divisor = if normalisation == Normalisation::Unbiased { samples - lag } else { samples };
                *value += sum / divisor as f64 / units as f64;
            }
        }
        values
    }

    #[test]
    fn both_estimators_equal_the_naive_sum() {
        // Odd number of units; lengths that end within, at and just after a block.
        for samples in [60, 64, 65, 200, 1000] {
            let traces = traces(5, samples);
            for mean in [Mean::Removed, Mean::Kept] {
                for normalisation in [Normalisation::Unbiased, Normalisation::Biased] {
                    let naive = naive(&traces, 40, mean, normalisation);
                    let mut streaming = AutocorrelationAccumulator::with_block(5, 40, 64);
                    traces.columns().into_iter().for_each(|sample| streaming.push(&sample.to_vec()));
                    let streaming = streaming.finish(0.1, mean, normalisation).expect("enough samples");
                    let batch =
                        population_autocorrelation(traces.view(), 40, 0.1, mean, normalisation).expect("enough");
                    for lag in 0..=40 {
                        // Rounding of single-precision transforms, relative to lag 0.
                        let tolerance = 2e-5 * naive[0].abs();
                        assert!(
                            (streaming.values[lag] - naive[lag]).abs() < tolerance,
                            "streaming {samples} {mean:?} {lag}"
                        );
                        assert!((batch.values[lag] - naive[lag]).abs() < tolerance, "batch {samples} {mean:?} {lag}");
                    }
                }
            }
        }
    }

    #[test]
    fn too_short_a_record_has_no_estimate() {
        let mut short = AutocorrelationAccumulator::new(2, 10);
        (0..10).for_each(|_| short.push(&[1.0, 2.0]));
        assert!(short.finish(1.0, Mean::Removed, Normalisation::Unbiased).is_none());
    }
}
