//! Spikes of external populations, step by step.

use model::spiking::Correlation;
use model::{Seed, SpikingNetwork};
use rand::RngExt;
use rand_distr::{Distribution, Exp1, Geometric, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::collections::VecDeque;

/// Jitters beyond so many standard deviations are cut.
const WIDEST: f64 = 5.0;

/// One external population: Poisson processes, independent or copied from a shared one.
pub struct External {
    rng: Xoshiro256PlusPlus,
    units: usize,
    step: f64,
    /// Mean time in ms between the spikes of all units, or of the shared process.
    interval: f64,
    /// When the next of them comes, in ms.
    next: f64,
    correlation: Option<Correlation>,
    /// Spikes of this step and of later ones.
    pending: VecDeque<Vec<u32>>,
    now: usize,
}

impl External {
    /// Of external population x, for steps of `step` ms.
    pub fn new(network: &SpikingNetwork, x: usize, step: f64, seed: Seed) -> Self {
        let units = network.connections.external_counts()[x];
        let rate = network.connections.external_rates[x] / 1000.0;
        let mut rng = seed.stream("external spikes").rng(x as u64);
        let correlation = network.correlation;
        let interval = match correlation {
            None => 1.0 / (rate * units as f64),
            Some(Correlation { share, .. }) => share / rate,
        };
        // Copies may come earlier than what they are copied from.
        let begin = -correlation.map_or(0.0, |c| WIDEST * c.jitter);
        let next = begin + interval * draw(&mut rng);
        External { rng, units, step, interval, next, correlation, pending: VecDeque::new(), now: 0 }
    }

    /// Who fires in the next step; a unit may fire twice.
    pub fn advance(&mut self, spikes: &mut Vec<u32>) {
        spikes.clear();
        let end = self.step * (self.now + 1) as f64;
        match self.correlation {
            None => {
                while self.next < end && self.units > 0 {
                    spikes.push(self.rng.random_range(0..self.units as u32));
                    self.next += self.interval * draw(&mut self.rng);
                }
            }
            Some(correlation) => {
                while self.next < end + WIDEST * correlation.jitter {
                    self.copy(correlation);
                    self.next += self.interval * draw(&mut self.rng);
                }
                if let Some(own) = self.pending.pop_front() {
                    *spikes = own;
                }
            }
        }
        self.now += 1;
    }

    /// Copies the shared spike that is next.
    fn copy(&mut self, Correlation { share, jitter }: Correlation) {
        let Ok(gaps) = Geometric::new(share) else { return };
        let mut unit = gaps.sample(&mut self.rng);
        while unit < self.units as u64 {
            let z: f64 = StandardNormal.sample(&mut self.rng);
            let time = self.next + jitter * z.clamp(-WIDEST, WIDEST);
            // Before time 0 nobody listens. Later than now by construction, up to rounding.
            if time >= 0.0 {
                let slot = ((time / self.step) as usize).saturating_sub(self.now);
                if slot >= self.pending.len() {
                    self.pending.resize(slot + 1, Vec::new());
                }
                self.pending[slot].push(unit as u32);
            }
            unit = unit.saturating_add(1).saturating_add(gaps.sample(&mut self.rng));
        }
    }
}

fn draw(rng: &mut Xoshiro256PlusPlus) -> f64 {
    Exp1.sample(rng)
}

#[cfg(test)]
mod tests {
    use super::super::tests::pair;
    use super::*;

    /// Counts of two units and their product over windows of `steps` of .1 ms.
    fn counts(correlation: Option<Correlation>, windows: usize, steps: usize) -> (f64, f64, f64) {
        let mut network = pair(1000);
        network.correlation = correlation;
        let mut external = External::new(&network, 0, 0.1, Seed(3));
        let (mut sum, mut squares, mut product) = (0.0, 0.0, 0.0);
        let mut spikes = Vec::new();
        for _ in 0..windows {
            let mut own = [0.0; 200];
            for _ in 0..steps {
                external.advance(&mut spikes);
                spikes.iter().for_each(|&unit| own[unit as usize] += 1.0);
            }
            sum += own.iter().sum::<f64>() / 200.0;
            squares += own.iter().map(|c| c * c).sum::<f64>() / 200.0;
            product += own.chunks(2).map(|two| two[0] * two[1]).sum::<f64>() / 100.0;
        }
        let n = windows as f64;
        let mean = sum / n;
        (mean, squares / n - mean * mean, product / n - mean * mean)
    }

    #[test]
    fn trains_are_poisson_and_correlated_as_asked() {
        // 10 Hz in windows of 200 ms: 2 spikes each.
        for (correlation, c) in [(None, 0.0), (Some(Correlation { share: 0.2, jitter: 2.0 }), 0.2)] {
            let (mean, variance, covariance) = counts(correlation, 2000, 2000);
            // The mean of all units fluctuates by √(2 (1/200 + c)/2000) at most: .015 a σ.
            assert!((mean - 2.0).abs() < 0.08, "{mean}");
            assert!((variance / mean - 1.0).abs() < 0.1, "{variance}");
            // Jitter carries some of it beyond the window's edges: 4 σ/√π of 200 ms at most.
            assert!((covariance / mean - c).abs() < 0.03, "{covariance}");
        }
    }
}
