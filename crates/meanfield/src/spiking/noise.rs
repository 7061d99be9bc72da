//! What cells of a population receive and send, averaged over them.

use crate::neuron::{Filtered, firings};
use gauss_quad::GaussHermite;
use lanes::EIGHT;
use model::SpikingNetwork;
use model::spiking::Synapses;
use ndarray::{Array1, Array2, ArrayView1, Axis};
use std::num::NonZeroUsize;
use std::sync::LazyLock;

/// Nodes of the average over cells.
pub(super) const CELLS: usize = EIGHT - 1;

/// Nodes and weights of a standard normal law.
pub(super) static OVER_CELLS: LazyLock<Vec<(f64, f64)>> = LazyLock::new(|| {
    let rule = GaussHermite::new(NonZeroUsize::new(CELLS).expect("some nodes"));
    let scaled = |(x, w): &(f64, f64)| (std::f64::consts::SQRT_2 * x, w / std::f64::consts::PI.sqrt());
    rule.as_node_weight_pairs().iter().map(scaled).collect()
});

/// What surrounds the mean input of a population, in mV/ms and ms.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Around {
    pub quenched: f64,
    /// Third standardised cumulant over cells.
    pub skewness: f64,
    pub temporal: f64,
    pub tau: f64,
    /// Third standardised cumulant in time.
    pub asymmetry: f64,
}

impl Around {
    /// Mean inputs of the cells that stand for all, the last one again and again.
    pub fn means(&self, input: f64) -> [f64; EIGHT] {
        std::array::from_fn(|lane| {
            let z = OVER_CELLS[lane.min(CELLS - 1)].0;
            // Cornish and Fisher's first term: sums of some hundred terms of one sign are not yet Gaussian.
            input + (z + self.skewness / 6.0 * (z * z - 1.0)) * self.quenched
        })
    }

    /// What cells receive, whatever its mean.
    pub fn current(&self, skewness: f64) -> Filtered {
        Filtered { mean: f64::NAN, deviation: self.temporal.max(1e-3), tau: self.tau, skewness }
    }
}

/// What a population sends, averages over its cells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    /// ⟨r⟩ in Hz.
    pub rate: f64,
    /// ⟨r²⟩ and ⟨r³⟩.
    pub square: f64,
    pub cube: f64,
    /// ⟨r F⟩ through its synapses, and through a membrane.
    pub filtered: f64,
    pub slow: f64,
}

impl Sent {
    /// Logarithms of what makes noise, for all populations one after the other.
    pub fn logarithms(all: &[Sent]) -> Array1<f64> {
        all.iter().flat_map(|s| [s.square, s.cube, s.filtered, s.slow]).map(|v| libm::log(v.max(1e-12))).collect()
    }

    pub fn with(&self, logs: ArrayView1<f64>) -> Sent {
        let [square, cube, filtered, slow] = [0, 1, 2, 3].map(|k| libm::exp(logs[k]));
        Sent { rate: self.rate, square, cube, filtered, slow }
    }
}

/// Averages over the cells of population a.
pub(super) fn average(network: &SpikingNetwork, a: usize, input: f64, around: &Around) -> Option<Sent> {
    averaged(network, a, input, (around, 0.0), &[]).map(|(sent, _)| sent)
}

/// Averages where fluctuations have a skewness, and ⟨r F⟩ for each time constant that spikes are seen through. What is sent through synapses
/// and a membrane is left as ⟨r⟩.
pub(super) fn averaged(
    network: &SpikingNetwork,
    a: usize,
    input: f64,
    (around, skewness): (&Around, f64),
    through: &[f64],
) -> Option<(Sent, Vec<f64>)> {
    let mut sum = Sent { rate: 0.0, square: 0.0, cube: 0.0, filtered: 0.0, slow: 0.0 };
    let mut seen = vec![0.0; through.len()];
    let firings =
        firings(network.neuron(a), &around.means(input), around.current(skewness), network.refractory, through)?;
    for (lane, &(_, weight)) in OVER_CELLS.iter().enumerate() {
        let rate = 1000.0 * firings.rates[lane];
        sum.rate += weight * rate;
        sum.square += weight * rate * rate;
        sum.cube += weight * rate.powi(3);
        seen.iter_mut().zip(&firings.filtered).for_each(|(seen, factor)| *seen += weight * rate * factor[lane]);
    }
    Some((Sent { filtered: sum.rate, slow: sum.rate, ..sum }, seen))
}

/// Recurrent and external columns side by side.
fn joined(own: &Array2<f64>, external: &Array2<f64>) -> Array2<f64> {
    ndarray::concatenate(Axis(1), &[own.view(), external.view()]).expect("rows of both")
}

/// Weights and rates in Hz of the nodes of population a.
pub(super) fn cells(network: &SpikingNetwork, a: usize, input: f64, around: &Around) -> Option<Vec<(f64, f64)>> {
    let firings = firings(network.neuron(a), &around.means(input), around.current(0.0), network.refractory, &[])?;
    Some(OVER_CELLS.iter().zip(firings.rates).map(|((_, weight), rate)| (*weight, 1000.0 * rate)).collect())
}

/// Variances of inputs as sums over those who send, for rates in Hz; m₂ and m₃ are the moments of strengths in units of their mean.
pub(super) struct Noise {
    /// (p m₂ − p²) j² q `[A × (A + X)]` in mV²: over cells.
    spread: Array2<f64>,
    /// (p m₃ − 3 p² m₂ + 2 p³) j³ q/√N in mV³: third cumulants over cells.
    third: Array2<f64>,
    /// p m₃ j³ q/√N in mV³: third cumulants in time.
    kicks: Array2<f64>,
    /// (p m₂ − p²) j² q, or p m₂ j² q without recurrent connections: in time.
    pub felt: Array2<f64>,
    /// τ_b `[A + X]` in ms.
    taus: Vec<f64>,
    external: Array1<f64>,
}

impl Noise {
    /// Noise of a network in which cells of `even` populations do not differ.
    pub fn of(network: &SpikingNetwork, even: &[bool]) -> Self {
        let c = &network.connections;
        let p = joined(&c.probability, &c.external_probability);
        let j = joined(&c.strength, &c.external_strength);
        let q: Vec<f64> = c.shares.iter().chain(&c.external_shares).copied().collect();
        let synapses: Vec<&Synapses> = network.synapses.iter().chain(&network.external_synapses).collect();
        let moments: Vec<[f64; 2]> = synapses.iter().map(|s| s.moments()).collect();
        let of = |law: fn(f64, [f64; 2]) -> f64, power: i32| {
            Array2::from_shape_fn(p.dim(), |(a, s)| law(p[[a, s]], moments[s]) * j[[a, s]].powi(power) * q[s])
        };
        let mut spread = of(|p, [m2, _]| p * m2 - p * p, 2);
        let third = of(|p, [m2, m3]| p * m3 - 3.0 * p * p * m2 + 2.0 * p.powi(3), 3) / (c.size as f64).sqrt();
        let kicks = of(|p, [_, m3]| p * m3, 3) / (c.size as f64).sqrt();
        let recurrent = network.mean_coupling().iter().any(|w| *w != 0.0);
        let felt = if recurrent { spread.clone() } else { of(|p, [m2, _]| p * m2, 2) };
        for (mut row, _) in spread.rows_mut().into_iter().zip(even).filter(|(_, even)| **even) {
            row.fill(0.0);
        }
        let taus = synapses.iter().map(|s| s.tau).collect();
        Noise { spread, third, kicks, felt, taus, external: c.external_rates.clone() }
    }

    pub fn at(&self, sent: &[Sent]) -> Vec<Around> {
        // Of all populations that send, in 1/ms: external trains are Poisson processes.
        let join = |of: fn(&Sent) -> f64, external: fn(f64) -> f64| -> Vec<f64> {
            sent.iter().map(of).chain(self.external.iter().map(|r| external(*r))).collect()
        };
        let rates = join(|s| s.rate / 1e3, |r| r / 1e3);
        let filtered = join(|s| s.filtered / 1e3, |r| r / 1e3);
        let slow = join(|s| s.slow / 1e3, |r| r / 1e3);
        let squares = join(|s| s.square / 1e6, |r| r * r / 1e6);
        let cubes = join(|s| s.cube / 1e9, |r| r.powi(3) / 1e9);
        let around = |a: usize| {
            let sum = |over: ArrayView1<f64>, f: &dyn Fn(usize) -> f64| -> f64 {
                over.iter().enumerate().map(|(s, v)| v * f(s)).sum()
            };
            let variance = sum(self.felt.row(a), &|s| filtered[s] / (2.0 * self.taus[s]));
            let power = sum(self.felt.row(a), &|s| 0.5 * slow[s]);
            let quenched = sum(self.spread.row(a), &|s| squares[s]).sqrt();
            let skewness = sum(self.third.row(a), &|s| cubes[s]) / quenched.powi(3);
            // The correlation time of the sum: its power at low frequencies over its variance.
            let tau = if variance > 0.0 { power / variance } else { self.taus.iter().copied().fold(1.0, f64::max) };
            // ∫ (e^{−t/τ}/τ)³ dt = 1/3τ².
            let kicks = sum(self.kicks.row(a), &|s| rates[s] / (3.0 * self.taus[s].powi(2)));
            // Beyond 1 the first term makes a law that is none.
            let cut = |cumulant: f64, deviation: f64| if deviation > 0.0 { cumulant.clamp(-1.0, 1.0) } else { 0.0 };
            let asymmetry = cut(kicks / (variance * variance.sqrt()), variance);
            Around { quenched, skewness: cut(skewness, quenched), temporal: variance.sqrt(), tau, asymmetry }
        };
        (0..self.spread.nrows()).map(around).collect()
    }
}
