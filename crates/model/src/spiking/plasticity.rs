//! Rules by which inhibition learns, spike by spike.

use super::{SpikingError, SpikingNetwork, within};
use crate::Neuron;
use ndarray::Array2;
use serde::{Deserialize, Serialize};

/// How the strengths of a projection's synapses learn from single spikes, so that each cell fires at a target rate.
///
/// Each cell has a trace x of its own spikes, in Hz: it decays with a time constant and jumps by its inverse, so that its mean is the rate. Where a spike of the
/// source arrives, a strength j of magnitude w changes by x_target − 2 r0 times the rate of learning, where the target fires by x_source
/// times it; w never falls below 0. So Σ over spikes is 2 r_source (r_target − r0) a second, and a covariance.
///
/// Source: Vogels et al., Science 334: 1569 (2011), additive; V. R. Zhu's talk (2020), multiplicative.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plasticity {
    /// What the change is proportional to.
    pub rule: PairRule,
    /// η: of the strength j, in mV/Hz (1/Hz for conductances), additive; in 1/Hz, multiplicative. Nothing learns at 0.
    pub rate: f64,
    /// r0 in Hz.
    pub target: f64,
    /// Time constant of traces in ms.
    pub trace: f64,
}

/// What the change of a weight by a pair of spikes is proportional to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PairRule {
    /// Nothing but the rate of learning.
    Additive,
    /// The weight itself.
    Multiplicative,
}

impl Plasticity {
    /// Populations of which no projection learns `[A × A]`.
    pub fn none(populations: usize) -> Array2<Option<Plasticity>> {
        Array2::from_elem((populations, populations), None)
    }

    fn validate(&self, place: &str) -> Result<(), SpikingError> {
        within(format!("{place}.rate"), self.rate, 0.0, 1e9)?;
        within(format!("{place}.target"), self.target, 0.0, 1e6)?;
        within(format!("{place}.trace"), self.trace, 1e-3, 1e6)
    }
}

impl SpikingNetwork {
    /// The rule of the projection from population b to population a, if its synapses learn at all.
    pub fn rule(&self, a: usize, b: usize) -> Option<Plasticity> {
        let learns = |rule: &Plasticity| rule.rate > 0.0 && self.connections.probability[[a, b]] > 0.0;
        self.plasticity.get((a, b)).copied().flatten().filter(learns)
    }

    /// Whether anything learns.
    pub fn learns(&self) -> bool {
        self.plasticity.indexed_iter().any(|((a, b), _)| self.rule(a, b).is_some())
    }

    /// Whether spikes of population b pull their targets down.
    fn inhibits(&self, a: usize, b: usize) -> bool {
        let below = |reversal: f64| match self.neuron(a) {
            Neuron::Leaky(neuron) => reversal < neuron.threshold,
            Neuron::Exponential(neuron) => reversal < neuron.onset,
            Neuron::HodgkinHuxley(_) => false,
        };
        self.synapses[b].reversal.map_or(self.connections.strength[[a, b]] < 0.0, below)
    }

    /// Refuses rules out of range, and those of projections that do not inhibit.
    pub(super) fn check_rules(&self) -> Result<(), SpikingError> {
        for ((a, b), rule) in self.plasticity.indexed_iter() {
            let Some(rule) = rule else { continue };
            let place = format!("projections.{}->{}.plasticity", self.names[b], self.names[a]);
            rule.validate(&place)?;
            if self.connections.probability[[a, b]] == 0.0 || self.connections.strength[[a, b]] == 0.0 {
                return Err(SpikingError::Nothing { place });
            }
            if !self.inhibits(a, b) {
                return Err(SpikingError::Excites { place });
            }
        }
        Ok(())
    }
}
