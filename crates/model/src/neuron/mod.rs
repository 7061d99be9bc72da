//! Single neurons: time in ms, voltage in mV.

mod drive;
mod exponential;
mod hodgkin_huxley;
mod leaky;
mod synapse;

pub use drive::{Bump, Drive, Pulse};
pub use exponential::Exponential;
pub use hodgkin_huxley::{Gating, HodgkinHuxley};
pub use leaky::Leaky;
pub use synapse::Synapse;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A neuron of any kind.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Neuron {
    /// Hodgkin & Huxley 1952.
    HodgkinHuxley(HodgkinHuxley),
    /// Leaky integrate-and-fire.
    Leaky(Leaky),
    /// Exponential integrate-and-fire.
    Exponential(Exponential),
}

/// Why parameters make no neuron.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum NeuronError {
    /// A value is out of range.
    #[error("{field}: {value:?} (allowed: {allowed})")]
    Range {
        /// Which.
        field: &'static str,
        /// Its value.
        value: f64,
        /// What it may be.
        allowed: String,
    },
}

impl Neuron {
    /// Refuses what no neuron can be.
    ///
    /// # Errors
    /// The first parameter found outside its range.
    pub fn validate(&self) -> Result<(), NeuronError> {
        match self {
            Neuron::HodgkinHuxley(neuron) => neuron.validate(),
            Neuron::Leaky(neuron) => neuron.validate(),
            Neuron::Exponential(neuron) => neuron.validate(),
        }
    }

    /// Time constant of the membrane in ms, without its active channels.
    pub fn membrane(&self) -> f64 {
        match self {
            Neuron::HodgkinHuxley(neuron) => neuron.capacitance / neuron.leak,
            Neuron::Leaky(neuron) => neuron.tau,
            Neuron::Exponential(neuron) => neuron.tau,
        }
    }
}

/// Whether `value` lies in [low, high]; NaN does not.
fn within(field: &'static str, value: f64, low: f64, high: f64) -> Result<(), NeuronError> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(NeuronError::Range { field, value, allowed: format!("{low} to {high}") })
}

/// Whether `value` lies below `high`, by more than rounding, and within a volt of 0.
fn below(field: &'static str, value: f64, high: f64, name: &str) -> Result<(), NeuronError> {
    if (-VOLT..high - 1e-9).contains(&value) {
        return Ok(());
    }
    Err(NeuronError::Range { field, value, allowed: format!("-{VOLT} to below {name}, {high}") })
}

/// In mV: no membrane holds more.
const VOLT: f64 = 1000.0;

/// Time constants in ms.
const TAU: (f64, f64) = (1e-3, 1e6);
