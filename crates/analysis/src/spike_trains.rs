//! Statistics of spike trains: rates, irregularity, variability and correlation of counts, spectra.

use model::{Autocorrelation, Spikes};
use rustfft::FftPlannerScalar;
use rustfft::num_complex::Complex64;

/// Rate of each cell in Hz `[cells]`.
pub fn cell_rates(spikes: &Spikes) -> Vec<f64> {
    let mut counts = vec![0_u32; spikes.cells];
    spikes.events.iter().for_each(|spike| counts[spike.cell as usize] += 1);
    counts.iter().map(|&n| f64::from(n) / spikes.duration() * 1000.0).collect()
}

/// Coefficient of variation of the intervals between the spikes of each cell: 1 for a Poisson process, 1/√k for a gamma process of
/// order k. Only cells with at least `least` intervals; over few the estimate is biased low, and a cell whose intervals are long
/// compared with the record shows its short ones alone.
///
/// # Panics
/// If `least` is below 2.
pub fn interval_variation(spikes: &Spikes, least: usize) -> Vec<f64> {
    assert!(least >= 2, "a variance needs two intervals");
    let variation = |train: &Vec<u32>| {
        let intervals: Vec<f64> = train.windows(2).map(|two| f64::from(two[1] - two[0])).collect();
        let n = intervals.len() as f64;
        let mean = intervals.iter().sum::<f64>() / n;
        (intervals.iter().map(|i| (i - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt() / mean
    };
    spikes.trains().iter().filter(|train| train.len() > least).map(variation).collect()
}

/// Counts of spikes in windows of equal length, cell by cell; what is left over at the end is not counted.
#[derive(Clone, Debug, PartialEq)]
pub struct SpikeCounts {
    cells: usize,
    windows: usize,
    /// `[cells × windows]`.
    counts: Vec<u16>,
}

impl SpikeCounts {
    /// Windows of `window` ms, to the nearest number of steps.
    ///
    /// # Panics
    /// If the window is shorter than a step.
    pub fn new(spikes: &Spikes, window: f64) -> Self {
        let length = (window / spikes.step).round() as usize;
        assert!(length > 0, "a window of a step at least");
        let windows = spikes.steps / length;
        let mut counts = vec![0_u16; spikes.cells * windows];
        for spike in &spikes.events {
            let at = spike.step as usize / length;
            if at < windows {
                let count = &mut counts[spike.cell as usize * windows + at];
                *count = count.saturating_add(1);
            }
        }
        SpikeCounts { cells: spikes.cells, windows, counts }
    }

    /// Number of windows.
    pub fn windows(&self) -> usize {
        self.windows
    }

    fn of(&self, cell: usize) -> &[u16] {
        &self.counts[cell * self.windows..(cell + 1) * self.windows]
    }

    /// Mean and variance over windows of a cell's counts.
    fn moments(&self, cell: usize) -> (f64, f64) {
        let n = self.windows as f64;
        let mean = self.of(cell).iter().map(|&c| f64::from(c)).sum::<f64>() / n;
        let squares = self.of(cell).iter().map(|&c| (f64::from(c) - mean).powi(2)).sum::<f64>();
        (mean, squares / (n - 1.0))
    }

    /// Fano factor of each cell that fires at least once: variance over mean of its counts. 1 for a Poisson process.
    pub fn fano_factors(&self) -> Vec<f64> {
        let moments = (0..self.cells).map(|cell| self.moments(cell));
        moments.filter(|(mean, _)| *mean > 0.0).map(|(mean, variance)| variance / mean).collect()
    }

    /// Variance over mean of counts, both summed over cells: a mean weighted with rates, to which cells that hardly fire add nothing.
    pub fn fano_factor(&self) -> f64 {
        let add = |sum: (f64, f64), own: (f64, f64)| (sum.0 + own.0, sum.1 + own.1);
        let (mean, variance) = (0..self.cells).map(|cell| self.moments(cell)).fold((0.0, 0.0), add);
        variance / mean
    }

    /// Mean over all pairs of cells of the correlation coefficient of their counts; NaN with fewer than two cells that vary.
    ///
    /// Σ_{i≠j} ρ_ij = var(Σ_i z_i) − M for standardised counts z of M cells: no pair is looked at.
    pub fn mean_correlation(&self) -> f64 {
        let mut sum = vec![0.0; self.windows];
        let mut cells = 0.0;
        for cell in 0..self.cells {
            let (mean, variance) = self.moments(cell);
            if variance > 0.0 {
                cells += 1.0;
                let scale = 1.0 / variance.sqrt();
                sum.iter_mut().zip(self.of(cell)).for_each(|(sum, &c)| *sum += (f64::from(c) - mean) * scale);
            }
        }
        let total = sum.iter().map(|s| s * s).sum::<f64>() / (self.windows as f64 - 1.0);
        if cells < 2.0 { f64::NAN } else { (total - cells) / (cells * (cells - 1.0)) }
    }

    /// Correlation coefficients of the counts of some pairs: cells k and k + `apart`, for all k; NaN where one does not vary.
    ///
    /// # Panics
    /// If `apart` is not between 1 and the number of cells − 1.
    pub fn correlations(&self, apart: usize) -> Vec<f64> {
        assert!((1..self.cells).contains(&apart), "two cells");
        let pair = |k: usize| {
            let ((m1, v1), (m2, v2)) = (self.moments(k), self.moments(k + apart));
            let products = self.of(k).iter().zip(self.of(k + apart));
            let covariance: f64 = products.map(|(&a, &b)| (f64::from(a) - m1) * (f64::from(b) - m2)).sum();
            covariance / (self.windows as f64 - 1.0) / (v1 * v2).sqrt()
        };
        (0..self.cells - apart).map(pair).collect()
    }

    /// Counts summed over cells, less their mean over windows.
    fn departures(&self) -> Vec<f64> {
        let mut total = vec![0.0; self.windows];
        for cell in 0..self.cells {
            total.iter_mut().zip(self.of(cell)).for_each(|(total, &count)| *total += f64::from(count));
        }
        let mean = total.iter().sum::<f64>() / total.len() as f64;
        total.iter().map(|t| t - mean).collect()
    }

    /// Mean over pairs of different cells of the covariance of their counts; NaN with fewer than two cells.
    ///
    /// Σ_{i≠j} cov_ij = var(Σ_i n_i) − Σ_i var n_i: no pair is looked at.
    pub fn mean_covariance(&self) -> f64 {
        let own: f64 = (0..self.cells).map(|cell| self.moments(cell).1).sum();
        let total = self.departures().iter().map(|d| d * d).sum::<f64>() / (self.windows as f64 - 1.0);
        let cells = self.cells as f64;
        if cells < 2.0 { f64::NAN } else { (total - own) / (cells * (cells - 1.0)) }
    }

    /// The same between these cells and others, counted in the same windows.
    ///
    /// # Panics
    /// If the windows are not as many.
    pub fn mean_covariance_with(&self, others: &SpikeCounts) -> f64 {
        assert_eq!(self.windows, others.windows, "windows of both");
        let products = self.departures().iter().zip(others.departures()).map(|(a, b)| a * b).sum::<f64>();
        products / (self.windows as f64 - 1.0) / (self.cells * others.cells) as f64
    }

    /// Share of cells that fire at least once.
    pub fn active_fraction(&self) -> f64 {
        let active = (0..self.cells).filter(|&cell| self.of(cell).iter().any(|&c| c > 0)).count();
        active as f64 / self.cells as f64
    }
}

/// Mean correlation of the counts of pairs of cells in windows of `window` ms, each pair weighted with the standard deviations of both; NaN where
/// nobody fires. 0 where cells are independent, 1 where all fire as one, whatever the number of cells and however long the windows.
///
/// (Var Σ c − Σ Var c)/(Σ_{i ≠ j} √(Var c_i Var c_j)), c being the counts of a cell and Σ going over cells.
///
/// # Panics
/// If the window is shorter than a step.
pub fn synchrony(spikes: &Spikes, window: f64) -> f64 {
    let length = (window / spikes.step).round() as usize;
    assert!(length > 0, "a window of a step at least");
    let windows = spikes.steps / length;
    // Sums over windows of counts and of their squares, of each cell and of all together.
    let (mut own, mut squares) = (vec![0_u64; spikes.cells], vec![0_u64; spikes.cells]);
    let (mut all, mut all_squares) = (0_u64, 0_u64);
    let mut now = vec![0_u64; spikes.cells];
    for together in spikes.events.chunk_by(|a, b| a.step as usize / length == b.step as usize / length) {
        if together[0].step as usize / length >= windows {
            break;
        }
        for spike in together {
            now[spike.cell as usize] += 1;
        }
        for spike in together {
            let count = std::mem::take(&mut now[spike.cell as usize]);
            own[spike.cell as usize] += count;
            squares[spike.cell as usize] += count * count;
        }
        all += together.len() as u64;
        all_squares += (together.len() * together.len()) as u64;
    }
    let variance = |sum: u64, squares: u64| squares as f64 - (sum as f64).powi(2) / windows as f64;
    let variances: Vec<f64> = own.iter().zip(&squares).map(|(sum, squares)| variance(*sum, *squares)).collect();
    let (sum, deviations): (f64, f64) = (variances.iter().sum(), variances.iter().map(|v| v.max(0.0).sqrt()).sum());
    (variance(all, all_squares) - sum) / (deviations * deviations - sum)
}

/// How far the rate of all cells together swings: deviation over mean of their summed counts in windows of `window` ms, less the variance that independent
/// Poisson trains have. 0 where cells are independent, of order 1 where they oscillate together, however seldom each of them fires; NaN where nobody does.
///
/// # Panics
/// If the window is shorter than a step.
pub fn modulation(spikes: &Spikes, window: f64) -> f64 {
    let length = (window / spikes.step).round() as usize;
    assert!(length > 0, "a window of a step at least");
    let windows = spikes.steps / length;
    let mut counts = vec![0_u64; windows];
    for spike in &spikes.events {
        if let Some(count) = counts.get_mut(spike.step as usize / length) {
            *count += 1;
        }
    }
    let mean = counts.iter().sum::<u64>() as f64 / windows as f64;
    let variance = counts.iter().map(|c| (*c as f64 - mean).powi(2)).sum::<f64>() / windows as f64;
    if mean > 0.0 { (variance - mean).max(0.0).sqrt() / mean } else { f64::NAN }
}

/// A one-sided power spectrum at frequencies `step`, 2 `step`, …; the mean is removed.
#[derive(Clone, Debug, PartialEq)]
pub struct Spectrum {
    /// In Hz.
    pub step: f64,
    /// Power: for spike trains in Hz, r for a Poisson process of rate r.
    pub power: Vec<f64>,
}

/// Spectrum of spike trains, averaged over cells and over segments of `segment` ms.
///
/// S(f) = ⟨|Σ_k exp(−2πi f t_k)|²⟩/segment. `None` if the record holds no segment. No window: a spike train has no trend, and lines would be
/// widened.
pub fn spike_spectrum(spikes: &Spikes, segment: f64) -> Option<Spectrum> {
    let length = (segment / spikes.step).round() as usize;
    let segments = spikes.steps.checked_div(length)?;
    if segments == 0 || spikes.cells == 0 {
        return None;
    }
    let fft = FftPlannerScalar::new().plan_fft_forward(length);
    let mut power = vec![0.0; length / 2];
    let mut buffer = vec![Complex64::default(); length];
    for train in spikes.trains() {
        let mut left = train.as_slice();
        for k in 0..segments {
            buffer.fill(Complex64::default());
            let begin = (k * length) as u32;
            let end = left.partition_point(|&step| step < begin + length as u32);
            left[..end].iter().for_each(|step| buffer[(step - begin) as usize].re += 1.0);
            if end > 0 {
                fft.process(&mut buffer);
                power.iter_mut().zip(&buffer[1..]).for_each(|(sum, z)| *sum += z.norm_sqr());
            }
            left = &left[end..];
        }
    }
    let seconds = length as f64 * spikes.step / 1000.0;
    let scale = 1.0 / (seconds * (segments * spikes.cells) as f64);
    power.iter_mut().for_each(|p| *p *= scale);
    Some(Spectrum { step: 1.0 / seconds, power })
}

/// Cross-correlation of two series at lags 0, `step`, 2 `step`, … up to `lags`, where the second is later; their means are removed,
/// and it is 1 at most. `None` where one does not vary, or there are fewer samples than lags.
pub fn cross_correlation(first: &[f64], second: &[f64], step: f64, lags: usize) -> Option<Autocorrelation> {
    let n = first.len().min(second.len());
    if n <= lags {
        return None;
    }
    let centred = |x: &[f64]| {
        let mean = x[..n].iter().sum::<f64>() / n as f64;
        x[..n].iter().map(|v| v - mean).collect::<Vec<f64>>()
    };
    let (a, b) = (centred(first), centred(second));
    let power = |x: &[f64]| x.iter().map(|v| v * v).sum::<f64>() / n as f64;
    let scale = (power(&a) * power(&b)).sqrt();
    let at = |lag: usize| a.iter().zip(&b[lag..]).map(|(a, b)| a * b).sum::<f64>() / (n - lag) as f64 / scale;
    (scale > 0.0).then(|| Autocorrelation { step, values: (0..=lags).map(at).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(of: impl Iterator<Item = (u32, u32)>) -> Vec<Spike> {
        let mut all: Vec<_> = of.map(|(step, cell)| Spike { step, cell }).collect();
        all.sort_by_key(|spike| (spike.step, spike.cell));
        all
    }

    /// Hundred cells fire in every second window of two: 0 and 100 about 50, of which 50 are a Poisson process's.
    #[test]
    fn rates_that_swing_are_modulated_and_one_by_one_they_are_not() {
        let event = |step, cell| Spike { step, cell };
        let all = |events| Spikes { step: 1.0, steps: 40, cells: 100, events };
        let together = (0..20).flat_map(|k| (0..100).map(move |cell| event(2 * k, cell))).collect();
        assert!((modulation(&all(together), 1.0) - f64::sqrt(2500.0 - 50.0) / 50.0).abs() < 1e-12);
        let apart = (0..40).map(|k| event(k, k)).collect();
        assert_eq!(modulation(&all(apart), 1.0), 0.0);
        assert!(modulation(&all(vec![]), 1.0).is_nan());
    }

    #[test]
    fn synchrony_is_nothing_for_independent_cells_and_all_for_one_rhythm() {
        let together = events((0..100).flat_map(|k| (0..20).map(move |cell| (37 * k % 1000 / 10 * 10, cell))));
        let spikes = |events| Spikes { step: 0.1, steps: 1000, cells: 20, events };
        assert!((synchrony(&spikes(together), 1.0) - 1.0).abs() < 1e-9);
        // Each cell in a window of its own: as little as 20 cells can have together.
        let apart = events((0..50).flat_map(|k| (0..20).map(move |cell| (20 * k + cell % 20, cell))));
        assert!(synchrony(&spikes(apart), 0.1) < 0.0);
        // Two halves, each as one: the mean over pairs.
        let halves = events((0..50).flat_map(|k| (0..20).map(move |cell| (20 * k + 10 * (cell / 10), cell))));
        let measured = synchrony(&spikes(halves), 1.0);
        assert!((measured - (90.0 - 100.0) / 190.0).abs() < 1e-9, "{measured}");
        assert!(synchrony(&spikes(vec![]), 1.0).is_nan());
    }
    use model::Spike;
    use rand::{RngExt, SeedableRng};
    use rand_distr::{Distribution, Exp1};

    const STEP: f64 = 0.1;

    /// Renewal processes whose intervals are sums of `order` exponentials, at `rate` in Hz.
    fn gamma_process(cells: usize, order: usize, rate: f64, seconds: f64, seed: u64) -> Spikes {
        let mut rng = rand::rngs::SmallRng::seed_from_u64(seed);
        let steps = (seconds * 1000.0 / STEP) as usize;
        let mut events = Vec::new();
        for cell in 0..cells as u32 {
            let mut stage = |n: usize| -> f64 {
                let total: f64 = (0..n).map(|_| -> f64 { Exp1.sample(&mut rng) }).sum();
                total / (rate * order as f64) * 1000.0
            };
            // Long before the record, so that it is stationary.
            let mut time = -2000.0;
            loop {
                time += stage(order);
                let step = (time / STEP) as usize;
                if time >= 0.0 && step >= steps {
                    break;
                }
                if time >= 0.0 {
                    events.push(Spike { step: step as u32, cell });
                }
            }
        }
        events.sort_unstable();
        Spikes { step: STEP, steps, cells, events }
    }

    fn mean(values: &[f64]) -> f64 {
        values.iter().sum::<f64>() / values.len() as f64
    }

    #[test]
    fn covariances_of_pairs_are_those_of_what_they_share() {
        // Cells that copy each spike of a train of their own population's, and of one that all share, with probability 1/2.
        let (cells, seconds) = (10, 400.0);
        let trains = gamma_process(3, 1, 20.0, seconds, 9);
        let mut rng = rand::rngs::SmallRng::seed_from_u64(1);
        let mut population = |own: usize| {
            let mut events = Vec::new();
            for spike in trains.events.iter().filter(|s| s.cell as usize == own || s.cell == 2) {
                events.extend((0..cells).filter(|_| rng.random::<bool>()).map(|cell| Spike { cell, ..*spike }));
            }
            SpikeCounts::new(&Spikes { cells: cells as usize, events, ..trains.clone() }, 100.0)
        };
        let (one, other) = (population(0), population(1));
        // 4000 windows of .1 s: covariances (20 + 20)/4 and 20/4 Hz to some 3 %.
        let (within, across) = (one.mean_covariance() / 0.1, one.mean_covariance_with(&other) / 0.1);
        assert!((within / 10.0 - 1.0).abs() < 0.1 && (across / 5.0 - 1.0).abs() < 0.15, "{within} {across}");
        let alone = SpikeCounts::new(&gamma_process(40, 1, 20.0, seconds, 3), 100.0).mean_covariance() / 0.1;
        assert!(alone.abs() < 0.1, "{alone}");
    }

    #[test]
    fn poisson_and_gamma_processes_are_recognised() {
        for order in [1, 4] {
            let spikes = gamma_process(200, order, 20.0, 50.0, order as u64);
            let irregularity = 1.0 / order as f64;
            // 2·10⁵ spikes: .2 % a σ.
            assert!((mean(&cell_rates(&spikes)) / 20.0 - 1.0).abs() < 0.012);
            let cv = mean(&interval_variation(&spikes, 50));
            assert!((cv / irregularity.sqrt() - 1.0).abs() < 0.02, "{cv} of order {order}");
            // Over windows of 1 s, 20 intervals, a renewal process has F = CV² + (1 − CV⁴)/(6 · 20) to first order.
            let fano = mean(&SpikeCounts::new(&spikes, 1000.0).fano_factors());
            let exact = irregularity + (1.0 - irregularity * irregularity) / 120.0;
            assert!((fano / exact - 1.0).abs() < 0.03, "{fano} of order {order}");
            let weighted = SpikeCounts::new(&spikes, 1000.0).fano_factor();
            assert!((weighted / exact - 1.0).abs() < 0.03, "{weighted} of order {order}");
            // The spectrum begins at r CV² and ends at r.
            let spectrum = spike_spectrum(&spikes, 1000.0).expect("long enough");
            let (low, high) = (mean(&spectrum.power[..2]), mean(&spectrum.power[300..1000]));
            assert!((low / (20.0 * irregularity) - 1.0).abs() < 0.05, "{low} of order {order}");
            assert!((high / 20.0 - 1.0).abs() < 0.02, "{high} of order {order}");
        }
    }

    /// A rate that is drawn anew in every window, the same for all cells: F = 1 + var(rate) T/⟨rate⟩ and ρ = 1 − 1/F.
    #[test]
    fn shared_rates_correlate_counts() {
        let mut rng = rand::rngs::SmallRng::seed_from_u64(5);
        let (cells, windows, length) = (60_u32, 2000_usize, 1000_usize);
        let mut events = Vec::new();
        for window in 0..windows {
            let expected = if rng.random::<bool>() { 1.0 } else { 3.0 };
            for step in 0..length {
                for cell in 0..cells {
                    if rng.random::<f64>() < expected / length as f64 {
                        events.push(Spike { step: (window * length + step) as u32, cell });
                    }
                }
            }
        }
        let spikes = Spikes { step: STEP, steps: windows * length, cells: cells as usize, events };
        let counts = SpikeCounts::new(&spikes, 100.0);
        assert_eq!(counts.windows(), windows);
        // Mean 2, variance 2 + 1; and the chance of two spikes a step is left out, 1/1000.
        assert!((mean(&counts.fano_factors()) - 1.5).abs() < 0.03);
        let all = counts.mean_correlation();
        assert!((all - 1.0 / 3.0).abs() < 0.02, "{all}");
        assert!((mean(&counts.correlations(7)) - all).abs() < 0.02);
        assert_eq!(counts.active_fraction(), 1.0);
    }

    #[test]
    fn the_mean_correlation_is_that_of_all_pairs() {
        let spikes = gamma_process(12, 1, 30.0, 20.0, 9);
        let counts = SpikeCounts::new(&spikes, 50.0);
        let pairs: Vec<f64> = (1..12).flat_map(|apart| counts.correlations(apart)).collect();
        assert_eq!(pairs.len(), 66);
        assert!((mean(&pairs) - counts.mean_correlation()).abs() < 1e-12);
    }

    #[test]
    fn a_delayed_copy_correlates_at_its_delay() {
        let mut rng = rand::rngs::SmallRng::seed_from_u64(1);
        let first: Vec<f64> = (0..5000).map(|_| rng.random::<f64>()).collect();
        let mut second = vec![0.0; 7];
        second.extend(first.iter().map(|v| -2.0 * v));
        let seen = cross_correlation(&first, &second, 0.5, 20).expect("they vary");
        assert!((seen.values[7] + 1.0).abs() < 0.02);
        assert!(seen.values.iter().enumerate().all(|(k, v)| k == 7 || v.abs() < 0.08));
        assert!(cross_correlation(&first, &vec![1.0; 5000], 0.5, 20).is_none());
    }
}
