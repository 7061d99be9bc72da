//! Rates that fluctuate: a theory whose unknowns are the paths of cells.

use super::SIGNS;
use model::{MixedPair, Seed};
use rand::{Rng, RngExt};
use rand_distr::{Binomial, Distribution, StandardNormal};

/// How paths are sampled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampledPaths {
    /// Paths of each population.
    pub paths: usize,
    /// Period of a path, in τ_E.
    pub period: f64,
    /// Length of a step, in τ_E.
    pub step: f64,
    /// Rounds; in each some paths of both populations are drawn again: a fifth in the first half, in which the law settles, and a twentieth in the second, over which rates are averaged.
    pub rounds: usize,
}

/// Shares of the paths that are drawn again in a round of the first and of the second half.
const REDRAWN: [f64; 2] = [0.2, 0.05];

impl SampledPaths {
    /// Mean rates of E and I, over the second half of the rounds, of a pair of infinitely many cells with a finite number of inputs, which are neither Gaussian nor constant.
    ///
    /// Each population is a set of periodic paths. A path that is drawn again gets a threshold, a gain, and as many inputs as a cell has: paths of the set, with weights of their own and at times of their own. Its rate is integrated around the
    /// period until it closes. Sets so reach a law that reproduces itself; correlations between cells are left out.
    pub fn rates(&self, pair: &MixedPair, seed: Seed) -> [f64; 2] {
        let mut rng = seed.stream("sampled paths").rng(0);
        let steps = (self.period / self.step).round() as usize;
        let mut paths: [Vec<Vec<f32>>; 2] = [0.5_f32; 2]
            .map(|start| (0..self.paths).map(|_| (0..steps).map(|_| start * rng.random::<f32>()).collect()).collect());
        let mut means = Vec::with_capacity(self.rounds);
        for round in 0..self.rounds {
            let share = REDRAWN[usize::from(2 * round >= self.rounds)];
            for a in 0..2 {
                for _ in 0..(share * self.paths as f64).ceil() as usize {
                    let at = rng.random_range(0..self.paths);
                    let mut path = std::mem::take(&mut paths[a][at]);
                    if path.is_empty() {
                        continue;
                    }
                    let input = self.input(pair, a, &paths, steps, &mut rng);
                    self.integrate(pair, a, &input, &mut path, &mut rng);
                    paths[a][at] = path;
                }
            }
            means.push([0, 1].map(|a| {
                let sum: f64 = paths[a].iter().flatten().map(|r| f64::from(*r)).sum();
                sum / (self.paths * steps) as f64
            }));
        }
        let late = &means[self.rounds / 2..];
        [0, 1].map(|a| late.iter().map(|m| m[a]).sum::<f64>() / late.len() as f64)
    }

    /// Σ w r(t + shift) + X − θ of a cell that is drawn.
    fn input(
        &self,
        pair: &MixedPair,
        a: usize,
        paths: &[Vec<Vec<f32>>; 2],
        steps: usize,
        rng: &mut impl Rng,
    ) -> Vec<f32> {
        let normal = |sigma: f64, rng: &mut _| if sigma == 0.0 { 0.0 } else { sigma * sample(rng) };
        let constant = pair.drive[a] - pair.threshold - normal(pair.spread.thresholds, rng);
        let mut input = vec![constant as f32; steps];
        for b in 0..2 {
            let inputs =
                if pair.spread.degrees { binomial(pair.cells[b], pair.inputs[b], rng) } else { pair.inputs[b] };
            let unit = SIGNS[b] * pair.couplings[a][b] / pair.inputs[b] as f64;
            let sigma = pair.spread.weights;
            for _ in 0..inputs {
                let weight = (unit * libm::exp(normal(sigma, rng) - 0.5 * sigma * sigma)) as f32;
                let from = &paths[b][rng.random_range(0..self.paths)];
                if from.is_empty() {
                    continue;
                }
                let shift = rng.random_range(0..steps);
                let (early, late) = input.split_at_mut(steps - shift);
                early.iter_mut().zip(&from[shift..]).for_each(|(h, r)| *h += weight * r);
                late.iter_mut().zip(&from[..shift]).for_each(|(h, r)| *h += weight * r);
            }
        }
        input
    }

    /// The periodic rate of a cell in its input.
    fn integrate(&self, pair: &MixedPair, a: usize, input: &[f32], path: &mut [f32], rng: &mut impl Rng) {
        let sigma = pair.spread.gains;
        let gain = if sigma == 0.0 { 1.0 } else { libm::exp(sigma * sample(rng) - 0.5 * sigma * sigma) };
        let tau = if a == 0 { 1.0 } else { pair.slow };
        let kept = libm::exp(-self.step / tau);
        let wanted: Vec<f64> = input.iter().map(|h| pair.rate(gain * f64::from(*h))).collect();
        // Once around from 0, and from what is left of it after many times.
        let around = wanted.iter().fold(0.0, |r, w| kept * r + (1.0 - kept) * w);
        let mut rate = around / (1.0 - kept.powi(wanted.len() as i32));
        for (own, wanted) in path.iter_mut().zip(wanted) {
            rate = kept * rate + (1.0 - kept) * wanted;
            *own = rate as f32;
        }
    }
}

fn sample(rng: &mut impl Rng) -> f64 {
    StandardNormal.sample(rng)
}

/// In-degree of a cell whose synapses are drawn one by one.
fn binomial(cells: usize, inputs: usize, rng: &mut impl Rng) -> usize {
    Binomial::new(cells as u64, inputs as f64 / cells as f64).map_or(inputs, |law| law.sample(rng) as usize)
}

#[cfg(test)]
mod tests {
    use super::super::{static_rates, tests::pair};
    use super::SampledPaths;
    use model::{Seed, Spread};

    /// Cells that do not fluctuate have the rates of the static theory.
    #[test]
    fn constant_rates_are_those_of_the_static_theory() {
        let sampled = SampledPaths { paths: 200, period: 10.0, step: 0.2, rounds: 200 };
        let pair = pair(1.0, false, Spread::default());
        let rates = sampled.rates(&pair, Seed(1));
        let wanted = static_rates(&pair).expect("a state")[0][0];
        assert!((rates[0] / wanted - 1.0).abs() < 0.02, "{rates:?} {wanted}");
    }
}
