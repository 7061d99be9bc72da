//! Membranes on a ring that are coupled to their neighbours, and cells that fire from them.

use ndarray::{Array1, Array2};
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

/// A ring v′ = −v + S + c(Gv − v) + σ√2 ξ, G being the mean over so many neighbours on either side; time is in τ.
#[derive(Clone, Debug, PartialEq)]
pub struct Membranes {
    /// Units.
    pub units: usize,
    /// Neighbours on either side.
    pub neighbours: usize,
    /// c.
    pub coupling: f64,
    /// σ, which is the standard deviation of v where c = 0.
    pub noise: f64,
    /// Length of a step, in τ.
    pub step: f64,
    /// Synapses: what a spike of each unit adds to v of others, by target. Empty for none.
    pub synapses: Vec<Vec<(usize, f64)>>,
    /// Whether and how units fire.
    pub threshold: Option<Threshold>,
}

/// A unit fires when v reaches θ; then v ← 0 and θ grows, and goes back to its rest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Threshold {
    /// What a spike adds to θ.
    pub raised: f64,
    /// Time in which θ goes back, in τ.
    pub back: f64,
}

impl Membranes {
    /// Spikes of each unit in a time, and v `[sample × unit]` at every `every`-th step if that is above 0, in inputs S and with resting thresholds; v begins at 0, as after a spike. The first `lead` τ are left out.
    pub fn run(
        &self,
        input: &Array1<f64>,
        resting: &Array1<f64>,
        (lead, time): (f64, f64),
        every: usize,
        rng: &mut impl Rng,
    ) -> (Array1<f64>, Array2<f64>) {
        let n = self.units;
        let mut v = vec![0.0; n];
        let mut threshold = resting.clone();
        let mut spikes = Array1::zeros(n);
        let mut received = vec![0.0; n];
        let kick = self.noise * (2.0 * self.step).sqrt();
        let [leading, steps] = [lead, lead + time].map(|time| (time / self.step).round() as usize);
        let records = if every > 0 { (steps - leading).div_ceil(every) } else { 0 };
        let mut samples = Vec::with_capacity(records * n);
        for step in 0..steps {
            let near = self.neighbourhoods(&v);
            for (k, v) in v.iter_mut().enumerate() {
                let z: f64 = StandardNormal.sample(rng);
                *v += self.step * (input[k] - *v + self.coupling * (near[k] - *v)) + kick * z + received[k];
            }
            received.iter_mut().for_each(|r| *r = 0.0);
            if let Some(law) = self.threshold {
                for (k, v) in v.iter_mut().enumerate() {
                    threshold[k] -= self.step / law.back * (threshold[k] - resting[k]);
                    if *v >= threshold[k] {
                        *v = 0.0;
                        threshold[k] += law.raised;
                        if step >= leading {
                            spikes[k] += 1.0;
                        }
                        for (target, strength) in self.synapses.get(k).into_iter().flatten() {
                            received[*target] += strength;
                        }
                    }
                }
            }
            if every > 0 && step >= leading && (step - leading) % every == 0 {
                samples.extend_from_slice(&v);
            }
        }
        let samples = Array2::from_shape_vec((records, n), samples).unwrap_or_default();
        (spikes, samples)
    }

    /// Mean of the neighbours of each unit, by running sums.
    fn neighbourhoods(&self, v: &[f64]) -> Vec<f64> {
        let (n, m) = (self.units, self.neighbours);
        if self.coupling == 0.0 {
            return vec![0.0; n];
        }
        let at = |k: usize| v[k % n];
        let mut sum: f64 = (0..=2 * m).map(|k| at(k + n - m)).sum();
        (0..n)
            .map(|k| {
                let near = (sum - v[k]) / (2 * m) as f64;
                sum += at(k + m + 1) - at(k + n - m);
                near
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running_sums_are_sums() {
        let ring = Membranes {
            units: 7,
            neighbours: 2,
            coupling: 1.0,
            noise: 0.0,
            step: 0.1,
            synapses: Vec::new(),
            threshold: None,
        };
        let v = [1.0, 4.0, 2.0, 8.0, 5.0, 7.0, 3.0];
        let near = ring.neighbourhoods(&v);
        for k in 0..7 {
            let wanted = [k + 5, k + 6, k + 1, k + 2].map(|j| v[j % 7]).iter().sum::<f64>() / 4.0;
            assert!((near[k] - wanted).abs() < 1e-12, "{near:?}");
        }
    }
}
