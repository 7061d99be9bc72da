//! Rate dynamics of all units of a network with connections drawn one by one: τ dr_i/dt = −r_i + f(I_i − θ).

use crate::Transfer;
use model::{BernoulliError, BernoulliNetwork, Seed};
use rand_distr::{Binomial, Distribution, Geometric};
use serde::{Deserialize, Serialize};

/// How the units respond, and how long they are run.
#[derive(Clone, Copy, Debug)]
pub struct BernoulliRun {
    /// f, from mV Hz to Hz.
    pub transfer: Transfer,
    /// θ in mV Hz.
    pub threshold: f64,
    /// Step of forward Euler in τ.
    pub step: f64,
    /// Steps at most.
    pub steps: usize,
}

/// Means over the units of each population at the end of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BernoulliEnd {
    /// ⟨r⟩ `[A]` in Hz.
    pub rates: Vec<f64>,
    /// ⟨I⟩ `[A]` in mV Hz, the thresholds not taken off.
    pub input: Vec<f64>,
    /// Share of units with r > 0 `[A]`.
    pub active: Vec<f64>,
    /// Whether every unit has settled: τ dr/dt below 1e-6 of the largest rate.
    pub settled: bool,
}

/// One source's targets, in order, with where those in each population begin.
struct Targets {
    list: Vec<u32>,
    /// `[A + 1]`.
    starts: Vec<usize>,
}

/// Draws the network and runs it from small random rates. The draw of a unit's targets depends on the seed and the unit alone.
///
/// 4 bytes a connection: p N² · 4 B in all.
///
/// # Errors
/// [`BernoulliError`].
///
/// # Panics
/// If the step or the threshold is not finite.
pub fn run_bernoulli(
    network: &BernoulliNetwork,
    run: BernoulliRun,
    seed: Seed,
) -> Result<BernoulliEnd, BernoulliError> {
    network.validate()?;
    assert!(run.step.is_finite() && run.threshold.is_finite(), "finite parameters");
    let counts = network.counts();
    let starts: Vec<usize> = counts.iter().scan(0, |next, n| Some(std::mem::replace(next, *next + n))).collect();
    let root = (network.size as f64).sqrt();
    let population_of: Vec<usize> = counts.iter().enumerate().flat_map(|(a, &n)| std::iter::repeat_n(a, n)).collect();
    let targets: Vec<Targets> =
        (0..network.size).map(|j| draw_targets(network, &counts, &starts, population_of[j], seed, j)).collect();
    let drive = draw_drive(network, &counts, root, seed);
    let mut rates: Vec<f64> = (0..network.size).map(|i| (i % 7) as f64).collect();
    let mut input = vec![0.0; network.size];
    let mut settled = false;
    for _ in 0..run.steps {
        input.copy_from_slice(&drive);
        for ((own, &b), &rate) in targets.iter().zip(&population_of).zip(&rates) {
            if rate == 0.0 {
                continue;
            }
            for a in 0..counts.len() {
                let weighted = network.strength[[a, b]] / root * rate;
                for &i in &own.list[own.starts[a]..own.starts[a + 1]] {
                    input[i as usize] += weighted;
                }
            }
        }
        let (mut largest, mut moved) = (0.0_f64, 0.0_f64);
        for (rate, input) in rates.iter_mut().zip(&input) {
            let change = run.transfer.rate(input - run.threshold) - *rate;
            *rate += run.step * change;
            // What decays towards 0 is 0 once nothing can see it.
            if *rate < 1e-9 {
                *rate = 0.0;
            }
            largest = largest.max(*rate);
            moved = moved.max(change.abs());
        }
        settled = moved <= 1e-6 * largest;
        if settled {
            break;
        }
    }
    let mean =
        |values: &[f64], a: usize| values[starts[a]..starts[a] + counts[a]].iter().sum::<f64>() / counts[a] as f64;
    let active: Vec<f64> = rates.iter().map(|r| f64::from(u8::from(*r > 0.0))).collect();
    let all = 0..counts.len();
    Ok(BernoulliEnd {
        rates: all.clone().map(|a| mean(&rates, a)).collect(),
        input: all.clone().map(|a| mean(&input, a)).collect(),
        active: all.map(|a| mean(&active, a)).collect(),
        settled,
    })
}

fn draw_targets(
    network: &BernoulliNetwork,
    counts: &[usize],
    starts: &[usize],
    b: usize,
    seed: Seed,
    j: usize,
) -> Targets {
    let mut rng = seed.stream("connectivity").rng(j as u64);
    let mut targets = Targets { list: Vec::new(), starts: vec![0] };
    for (a, (&count, &start)) in counts.iter().zip(starts).enumerate() {
        let p = network.probability[[a, b]];
        // Gaps between targets are geometric.
        if let Ok(gaps) = Geometric::new(p)
            && p > 0.0
        {
            let mut next = gaps.sample(&mut rng);
            while next < count as u64 {
                targets.list.push((start as u64 + next) as u32);
                next = next.saturating_add(1).saturating_add(gaps.sample(&mut rng));
            }
        }
        targets.starts.push(targets.list.len());
    }
    targets
}

/// Constant external rates: what differs between units is how many external units reach them.
fn draw_drive(network: &BernoulliNetwork, counts: &[usize], root: f64, seed: Seed) -> Vec<f64> {
    let mut rng = seed.stream("external connectivity").rng(0);
    let external = network.external_counts();
    let mut drive = Vec::with_capacity(network.size);
    for (a, &count) in counts.iter().enumerate() {
        for _ in 0..count {
            let mut sum = 0.0;
            for (x, &units) in external.iter().enumerate() {
                let sources = Binomial::new(units as u64, network.external_probability[[a, x]])
                    .map_or(0, |law| law.sample(&mut rng));
                sum += network.external_strength[[a, x]] / root * network.external_rates[x] * sources as f64;
            }
            drive.push(sum);
        }
    }
    drive
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    fn network(probability: f64) -> BernoulliNetwork {
        BernoulliNetwork {
            size: 400,
            shares: array![0.75, 0.25],
            probability: Array2::from_elem((2, 2), probability),
            strength: array![[1.0, -3.0], [2.0, -2.0]],
            external_shares: array![1.0],
            external_rates: array![10.0],
            external_probability: Array2::from_elem((2, 1), 1.0),
            external_strength: array![[1.0], [0.5]],
        }
    }

    /// With every connection made there is nothing random left: r = f(√N(W r + X) − θ) exactly.
    #[test]
    fn full_connectivity_is_the_mean_field() {
        let network = network(1.0);
        for transfer in [
            Transfer::RectifiedLinear { gain: 0.02 },
            Transfer::PowerLaw { gain: 2e-4, power: 2.0 },
            Transfer::Sigmoid { top: 20.0, scale: 40.0 },
        ] {
            let run = BernoulliRun { transfer, threshold: 1.0, step: 0.05, steps: 20_000 };
            let end = run_bernoulli(&network, run, Seed(1)).expect("a network");
            assert!(end.settled, "{transfer:?}");
            let rates = ndarray::Array1::from(end.rates.clone());
            let input = (network.mean_coupling().dot(&rates) + network.mean_drive()) * 20.0;
            for a in 0..2 {
                assert!((end.input[a] - input[a]).abs() < 1e-4 * input[a].abs().max(1.0), "{end:?}");
                assert!((end.rates[a] - transfer.rate(input[a] - 1.0)).abs() < 1e-4, "{end:?}");
            }
        }
    }

    #[test]
    fn connections_are_as_many_as_their_probability_says() {
        let network = network(0.1);
        let counts = network.counts();
        let total: usize = (0..400)
            .map(|j| draw_targets(&network, &counts, &[0, 300], usize::from(j >= 300), Seed(2), j).list.len())
            .sum();
        // Binomial: 16 000 expected, standard deviation 120.
        assert!((total as f64 - 16_000.0).abs() < 5.0 * 120.0, "{total}");
    }
}
