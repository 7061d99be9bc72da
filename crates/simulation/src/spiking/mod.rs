//! Networks of integrate-and-fire neurons.
//!
//! Two engines: [`run_plain`] is the definition, in doubles and one cell after the other; [`run_spiking`] is the fast one.
//!
//! A step of length h, by forward Euler, from currents I and voltages V:
//! 1. I ← (1 − h/τ) I + (j/√N)/τ for each spike of the last step (earlier ones where there is a delay). Added after the decay, a spike
//!    brings Σ h (j/√N)/τ (1 − h/τ)^k = j/√N exactly.
//! 2. V ← V + h dV/dt, not below the floor; at the reset while refractory.
//! 3. Where V ≥ V_th, a spike, and V starts again from the reset.

mod adjacency;
mod barrier;
mod block;
mod counts;
mod external;
mod fast;
mod inputs;
mod learner;
mod lists;
mod plain;
mod record;
mod recorder;
mod refractory;
mod shares;
mod state;

pub use adjacency::Adjacency;
pub use fast::{Listener, go_on, run_spiking, run_stages, spiking_memory, stream_spiking};
pub use plain::run_plain;
pub use record::{Activity, Drives, Learned, Trace};
pub use state::{Block, LearnedSynapses, State};

use model::{Neuron, SpikingError, SpikingNetwork};
use ndarray::Array2;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Stream of the connections.
const SOURCES: &str = "spiking connectivity";

/// Stream of strengths that differ.
const STRENGTHS: &str = "spiking strengths";

/// Stream of the first voltages.
const VOLTAGES: &str = "initial voltage";

/// How long, in which steps, and what is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpikingRun {
    /// In ms, after the transient.
    pub duration: f64,
    /// In ms before anything is kept.
    pub transient: f64,
    /// In ms.
    pub step: f64,
    /// Time in ms between samples of currents and voltages.
    pub sample: f64,
    /// Cells whose currents and voltages are kept at every sample.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<usize>,
}

/// A part of a run, with currents of its own beside those of the network. The first one begins when the transient is over, with its currents from the very
/// beginning; the last one lasts to the end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stage<'a> {
    /// Number of steps.
    pub steps: usize,
    /// Currents in mV/ms to all cells of each population `[A]`; none if empty.
    pub constant: &'a [f64],
    /// Currents in mV/ms to single cells `[N]`; none if empty.
    pub cells: &'a [f64],
    /// Whether synapses that have a rule learn. In the transient nothing does.
    pub learning: bool,
    /// Whether the mean input of each cell is kept.
    pub inputs: bool,
    /// What the strengths of connections between cells are multiplied by `[A, A]`, column to row; by 1 if none is given.
    pub factors: Option<&'a Array2<f64>>,
}

impl Stage<'_> {
    /// j from source population s to population a.
    fn strength(&self, network: &SpikingNetwork, a: usize, s: usize) -> f64 {
        let factor = self.factors.and_then(|factors| factors.get([a, s])).unwrap_or(&1.0);
        plain::strength(network, a, s) * factor
    }

    /// All of a run, without further currents.
    pub const WHOLE: Self =
        Stage { steps: usize::MAX, constant: &[], cells: &[], learning: true, inputs: false, factors: None };
}

/// Why a network cannot be run.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum SpikingRunError {
    /// No such network.
    #[error("{0}")]
    Network(#[from] SpikingError),
    /// A value is out of range.
    #[error("{field}: {} (allowed: {allowed})", shown(*value))]
    Range {
        /// Which.
        field: &'static str,
        /// Its value.
        value: f64,
        /// What it may be.
        allowed: String,
    },
    /// A state of something else.
    #[error("the state to go on from is of another {what}")]
    AnotherState {
        /// What differs.
        what: &'static str,
    },
    /// Whoever listened to the spikes ended the run.
    #[error("ended at {time} ms by who was told of the spikes")]
    Stopped {
        /// When.
        time: f64,
    },
    /// Numbers left their range.
    #[error("currents left all numbers at {time} ms: coupling is too strong for single precision")]
    BlewUp {
        /// When.
        time: f64,
    },
}

/// Most steps of a run.
const MOST_STEPS: f64 = 1e9;

/// Most steps of a delay.
const MOST_DELAY: f64 = 1e5;

impl SpikingRun {
    /// As the papers have it: steps of .1 ms, samples every ms.
    pub fn lasting(duration: f64, transient: f64) -> Self {
        SpikingRun { duration, transient, step: 0.1, sample: 1.0, cells: Vec::new() }
    }

    /// Refuses what cannot be run.
    ///
    /// # Errors
    /// The first parameter found outside its range.
    pub fn validate(&self, network: &SpikingNetwork) -> Result<(), SpikingRunError> {
        network.validate()?;
        let range = |field, value: f64, low: f64, high: f64, allowed: String| {
            let within = (low..=high).contains(&value);
            within.then_some(()).ok_or(SpikingRunError::Range { field, value, allowed })
        };
        // Euler's method for the fastest decay; beyond half of it currents are nothing like exponentials.
        let taus = network.synapses.iter().chain(&network.external_synapses).map(|s| s.tau);
        let most =
            0.5 * (0..network.names.len()).map(|a| Cell::of(network, a).tau).chain(taus).fold(f64::MAX, f64::min);
        range("step", self.step, 1e-6, most, format!("1e-6 to {most} ms, half of the fastest time constant"))?;
        let longest = MOST_STEPS * self.step;
        range("duration", self.duration, self.step, longest, format!("{} to {longest} ms", self.step))?;
        range("transient", self.transient, 0.0, longest, format!("0 to {longest} ms"))?;
        // Spikes on their way are kept, step by step.
        let total = (self.duration + self.transient).min(MOST_DELAY * self.step);
        for synapses in network.synapses.iter().chain(&network.external_synapses) {
            range(
                "delay",
                synapses.delay,
                0.0,
                total,
                format!("0 to {total} ms, the whole run or {MOST_DELAY} steps"),
            )?;
        }
        let longest = f64::from(u16::MAX) * self.step;
        range("refractory", network.refractory, 0.0, longest, format!("0 to {longest} ms, {} steps", u16::MAX))?;
        let high = self.duration;
        range("sample", self.sample, self.step, high, format!("step = {} to duration = {high} ms", self.step))?;
        let size = network.connections.size;
        for &cell in &self.cells {
            range("cells", cell as f64, 0.0, size as f64 - 1.0, format!("0 to {}", size - 1))?;
        }
        Ok(())
    }

    /// Steps before anything is kept.
    fn discarded(&self) -> usize {
        libm::round(self.transient / self.step) as usize
    }

    /// Steps that are kept.
    fn kept(&self) -> usize {
        libm::round(self.duration / self.step) as usize
    }

    /// Steps from sample to sample.
    fn stride(&self) -> usize {
        libm::round(self.sample / self.step).max(1.0) as usize
    }
}

/// Steps that a time takes, at least some.
fn steps(time: f64, step: f64) -> usize {
    libm::round(time / step) as usize
}

/// A neuron of either kind, as an exponential one; leaky ones have no upstroke.
#[derive(Clone, Copy, Debug)]
struct Cell {
    tau: f64,
    rest: f64,
    onset: f64,
    /// Δ_T, of the exponent.
    sharpness: f64,
    /// Δ_T, before the exponential; 0 without upstroke.
    upstroke: f64,
    threshold: f64,
    reset: f64,
}

impl Cell {
    fn of(network: &SpikingNetwork, a: usize) -> Self {
        match *network.neuron(a) {
            Neuron::Leaky(n) => Cell {
                tau: n.tau,
                rest: n.rest,
                onset: n.threshold,
                sharpness: 1.0,
                upstroke: 0.0,
                threshold: n.threshold,
                reset: n.reset,
            },
            Neuron::Exponential(n) => Cell {
                tau: n.tau,
                rest: n.rest,
                onset: n.onset,
                sharpness: n.sharpness,
                upstroke: n.sharpness,
                threshold: n.threshold,
                reset: n.reset,
            },
            Neuron::HodgkinHuxley(_) => unreachable!("refused by the network's validation"),
        }
    }

    /// V at time 0 of the cells of a population: uniform between the reset and where the upstroke begins, or the threshold.
    fn first_voltages(&self, seed: model::Seed, a: usize, count: usize) -> Vec<f32> {
        use rand::RngExt;
        let mut rng = seed.stream(VOLTAGES).rng(a as u64);
        let high = self.onset.min(self.threshold).max(self.reset);
        (0..count).map(|_| (self.reset + (high - self.reset) * rng.random::<f64>()) as f32).collect()
    }
}

/// A value in a message: not with hundreds of digits.
fn shown(value: f64) -> String {
    if value.abs() < 1e15 { value.to_string() } else { format!("{value:e}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Set A of Baker et al.
    pub fn pair(size: usize) -> SpikingNetwork {
        SpikingNetwork::baker_2019_pair(size)
    }

    #[test]
    fn impossible_runs_are_refused() {
        let network = pair(1000);
        let run = SpikingRun::lasting(100.0, 0.0);
        assert_eq!(run.validate(&network), Ok(()));
        type Spoil = fn(&mut SpikingRun);
        let cases: [(Spoil, &str); 6] = [
            (|r| r.step = 2.5, "half of the fastest"),
            (|r| r.step = f64::NAN, "step: NaN"),
            (|r| r.duration = 0.0, "duration: 0"),
            (|r| r.transient = -1.0, "transient: -1"),
            (|r| r.sample = 1e3, "sample: 1000"),
            (|r| r.cells = vec![1000], "cells: 1000 (allowed: 0 to 999)"),
        ];
        for (spoil, expected) in cases {
            let mut run = run.clone();
            spoil(&mut run);
            let text = run.validate(&network).expect_err(expected).to_string();
            assert!(text.contains(expected), "{text}");
        }
    }
}
