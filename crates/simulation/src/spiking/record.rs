//! What a run leaves: spikes, inputs, traces.

use model::Spikes;
use serde::{Deserialize, Serialize};
use std::ops::AddAssign;

/// What a network did after the transient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    /// The spikes; empty where they went to a listener.
    pub spikes: Spikes,
    /// First unit of each population, and the number of units `[A + 1]`.
    pub starts: Vec<usize>,
    /// Means over cells and samples of what drives each population `[A]`.
    pub drives: Vec<Drives>,
    /// Mean over samples of the total input of each cell `[N]` in mV/ms.
    pub input: Vec<f64>,
    /// Its variance over samples `[N]`.
    pub variance: Vec<f64>,
    /// Of the cells that were asked for, in their order.
    pub traces: Vec<Trace>,
    /// Means over the samples of a stage of what drives each cell `[N]`, for the stages that keep it, in order.
    pub inputs: Vec<Vec<Drives>>,
    /// What has been learned at the end of each stage, by projection; nothing where no synapse learns.
    pub learned: Vec<Vec<Learned>>,
}

/// Strengths of the synapses of a projection that learns.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Learned {
    /// Population that sends.
    pub from: usize,
    /// Population that receives.
    pub to: usize,
    /// Mean over synapses of the strength j, in mV; dimensionless for conductances.
    pub mean: f64,
    /// Standard deviation over synapses.
    pub sd: f64,
}

/// Currents in mV/ms, by where they come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Drives {
    /// Of synapses between the network's cells that excite.
    pub excitatory: f64,
    /// Of those that inhibit, external ones included.
    pub inhibitory: f64,
    /// From outside: external synapses that excite, and constant currents.
    pub external: f64,
}

impl Drives {
    /// Their sum.
    pub fn total(&self) -> f64 {
        self.excitatory + self.inhibitory + self.external
    }
}

/// One cell, sample by sample.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// Which cell.
    pub cell: usize,
    /// V in mV.
    pub voltage: Vec<f64>,
    /// What drives it.
    pub drives: Vec<Drives>,
}

impl Activity {
    /// Mean rate of each population in Hz `[A]`.
    pub fn rates(&self) -> Vec<f64> {
        let mut counts = vec![0_u64; self.starts.len() - 1];
        for spike in &self.spikes.events {
            counts[self.starts.partition_point(|&s| s <= spike.cell as usize) - 1] += 1;
        }
        let seconds = self.spikes.duration() / 1000.0;
        let cells = self.starts.windows(2).map(|w| (w[1] - w[0]) as f64);
        counts.iter().zip(cells).map(|(&n, cells)| n as f64 / cells / seconds).collect()
    }

    /// The spikes of population a, its cells numbered from 0 on.
    pub fn population(&self, a: usize) -> Spikes {
        self.spikes.of(self.starts[a]..self.starts[a + 1])
    }
}

/// How a current counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Excitatory,
    Inhibitory,
    External,
}

impl AddAssign for Drives {
    fn add_assign(&mut self, other: Self) {
        self.excitatory += other.excitatory;
        self.inhibitory += other.inhibitory;
        self.external += other.external;
    }
}

impl Drives {
    pub(super) fn add(&mut self, kind: Kind, current: f64) {
        match kind {
            Kind::Excitatory => self.excitatory += current,
            Kind::Inhibitory => self.inhibitory += current,
            Kind::External => self.external += current,
        }
    }

    pub(super) fn over(self, samples: f64) -> Self {
        Drives {
            excitatory: self.excitatory / samples,
            inhibitory: self.inhibitory / samples,
            external: self.external / samples,
        }
    }
}
