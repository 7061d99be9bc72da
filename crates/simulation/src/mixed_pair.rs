//! A network of two populations whose cells and synapses differ.

use model::{MixedPair, Seed};
use rand::seq::index::sample;
use rand::{Rng, RngExt};
use rand_distr::{Binomial, Distribution, StandardNormal};

/// One network: synapses, thresholds and gains that were drawn, for a κ that is chosen later.
#[derive(Clone, Debug)]
pub struct MixedNetwork {
    pair: MixedPair,
    /// Where the synapses of each cell begin; those from E come first, then those from I from `split` on.
    starts: Vec<usize>,
    splits: Vec<usize>,
    sources: Vec<u32>,
    /// Strength without κ, of its sign.
    strengths: Vec<f32>,
    /// X_a − θ.
    drive: Vec<f32>,
    gain: Vec<f32>,
}

/// What a run came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MixedRun {
    /// Mean rate of E.
    pub rate: f64,
    /// Share of the variance of r_E over cells and time that is within cells.
    pub temporal: f64,
    /// Share of E whose mean rate is above 0.1.
    pub active: f64,
}

/// Mean rate above which a cell counts as active: shares of seven conditions that others have published tell it from half and from three times as much.
const ACTIVE: f64 = 0.1;

impl MixedNetwork {
    /// A network whose J_EI is that of the pair; [`MixedNetwork::run`] multiplies it.
    pub fn draw(pair: &MixedPair, seed: Seed) -> Self {
        let mut network = MixedNetwork {
            pair: *pair,
            starts: vec![0],
            splits: Vec::new(),
            sources: Vec::new(),
            strengths: Vec::new(),
            drive: Vec::new(),
            gain: Vec::new(),
        };
        let (stream, spread) = (seed.stream("synapses"), pair.spread);
        let mut cells = seed.stream("cells").rng(0);
        let total = pair.cells[0] + pair.cells[1];
        for i in 0..total {
            let mut rng = stream.rng(i as u64);
            let a = usize::from(i >= pair.cells[0]);
            for b in 0..2 {
                let cells = pair.cells[b];
                let inputs = if spread.degrees {
                    Binomial::new(cells as u64, pair.inputs[b] as f64 / cells as f64)
                        .map_or(pair.inputs[b], |law| law.sample(&mut rng) as usize)
                } else {
                    pair.inputs[b]
                };
                let sign = if b == 0 { 1.0 } else { -1.0 };
                let unit = sign * pair.couplings[a][b] / pair.inputs[b] as f64;
                if b == 1 {
                    network.splits.push(network.sources.len());
                }
                for source in sample(&mut rng, cells, inputs) {
                    network.sources.push((source + b * pair.cells[0]) as u32);
                    network.strengths.push((unit * lognormal(spread.weights, &mut rng)) as f32);
                }
            }
            network.starts.push(network.sources.len());
            let z: f64 = StandardNormal.sample(&mut cells);
            network.drive.push((pair.drive[a] - pair.threshold - spread.thresholds * z) as f32);
            network.gain.push(lognormal(spread.gains, &mut cells) as f32);
        }
        network
    }

    /// The network for a time with inhibition of E multiplied by κ, by Euler's steps, from random rates below 1; averages are over the second half.
    pub fn run(&self, kappa: f64, time: f64, step: f64, seed: Seed) -> MixedRun {
        let pair = &self.pair;
        let excitatory = pair.cells[0];
        let total = excitatory + pair.cells[1];
        let mut rng = seed.stream("initial rates").rng(0);
        let mut rates: Vec<f32> = (0..total).map(|_| rng.random::<f32>()).collect();
        let mut wanted = vec![0.0_f32; total];
        let (most, kappa) = (pair.most as f32, kappa as f32);
        let shares = [step as f32, (step / pair.slow) as f32];
        let steps = (time / step).round() as usize;
        let mut sums = vec![[0.0_f64; 2]; excitatory];
        let mut counted = 0.0;
        for k in 0..steps {
            for (i, wanted) in wanted.iter_mut().enumerate() {
                let (from, split, to) = (self.starts[i], self.splits[i], self.starts[i + 1]);
                let inhibition = self.sum(split, to, &rates) * if i < excitatory { kappa } else { 1.0 };
                let input = self.gain[i] * (self.sum(from, split, &rates) + inhibition + self.drive[i]).max(0.0);
                *wanted = if input > 0.0 { most * libm::tanhf(input / most) } else { 0.0 };
            }
            for (i, (rate, wanted)) in rates.iter_mut().zip(&wanted).enumerate() {
                *rate += shares[usize::from(i >= excitatory)] * (wanted - *rate);
            }
            if 2 * k >= steps {
                counted += 1.0;
                for (sum, rate) in sums.iter_mut().zip(&rates) {
                    let rate = f64::from(*rate);
                    *sum = [sum[0] + rate, sum[1] + rate * rate];
                }
            }
        }
        let n = excitatory as f64;
        let rate = sums.iter().map(|sum| sum[0] / counted).sum::<f64>() / n;
        let between = sums.iter().map(|sum| (sum[0] / counted).powi(2)).sum::<f64>() / n;
        let squares = sums.iter().map(|sum| sum[1] / counted).sum::<f64>() / n;
        let active = sums.iter().filter(|sum| sum[0] / counted > ACTIVE).count() as f64 / n;
        MixedRun { rate, temporal: (squares - between) / (squares - rate * rate), active }
    }

    fn sum(&self, from: usize, to: usize, rates: &[f32]) -> f32 {
        let (sources, strengths) = (&self.sources[from..to], &self.strengths[from..to]);
        sources.iter().zip(strengths).map(|(j, w)| w * rates[*j as usize]).sum()
    }
}

/// A number of mean 1 whose logarithm has a standard deviation.
fn lognormal(sigma: f64, rng: &mut impl Rng) -> f64 {
    if sigma == 0.0 {
        return 1.0;
    }
    let z: f64 = StandardNormal.sample(rng);
    libm::exp(sigma * z - 0.5 * sigma * sigma)
}
