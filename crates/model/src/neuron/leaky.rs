//! The leaky integrate-and-fire neuron.

use super::{NeuronError, TAU, VOLT, below, within};
use serde::{Deserialize, Serialize};

/// τ dV/dt = −(V − E_L) + I; at V = V_th a spike, and V starts again from V_re.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaky {
    /// τ in ms.
    pub tau: f64,
    /// E_L in mV.
    pub rest: f64,
    /// V_th in mV.
    pub threshold: f64,
    /// V_re in mV.
    pub reset: f64,
}

impl Leaky {
    /// Of V. R. Zhu's talk *Recurrent Neuronal Models* (2020).
    pub const TALK: Leaky = Leaky { tau: 15.0, rest: -72.0, threshold: -55.0, reset: -75.0 };

    /// τ dV/dt in mV.
    pub fn slope(&self, voltage: f64, current: f64) -> f64 {
        self.rest - voltage + current
    }

    /// # Errors
    /// The first parameter found outside its range.
    pub fn validate(&self) -> Result<(), NeuronError> {
        within("tau", self.tau, TAU.0, TAU.1)?;
        within("threshold", self.threshold, -VOLT, VOLT)?;
        below("rest", self.rest, self.threshold, "the threshold")?;
        below("reset", self.reset, self.threshold, "the threshold")
    }
}
