//! The exponential integrate-and-fire neuron.

use super::{NeuronError, TAU, VOLT, below, within};
use serde::{Deserialize, Serialize};

/// τ dV/dt = −(V − E_L) + Δ_T exp((V − V_T)/Δ_T) + I; at V = V_th a spike, and V starts again from V_re.
///
/// Source: Fourcaud-Trocmé, Hansel, van Vreeswijk & Brunel 2003.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exponential {
    /// τ in ms.
    pub tau: f64,
    /// E_L in mV.
    pub rest: f64,
    /// Δ_T in mV.
    pub sharpness: f64,
    /// V_T in mV: where the upstroke begins.
    pub onset: f64,
    /// V_th in mV: where it is cut.
    pub threshold: f64,
    /// V_re in mV.
    pub reset: f64,
}

impl Exponential {
    /// Of V. R. Zhu's talk *Recurrent Neuronal Models* (2020).
    pub const TALK: Exponential =
        Exponential { tau: 15.0, rest: -72.0, sharpness: 4.0, onset: -55.0, threshold: 10.0, reset: -75.0 };

    /// τ dV/dt in mV; infinite where the upstroke exceeds all numbers.
    pub fn slope(&self, voltage: f64, current: f64) -> f64 {
        self.rest - voltage + self.sharpness * self.upstroke(voltage) + current
    }

    /// exp((V − V_T)/Δ_T).
    pub fn upstroke(&self, voltage: f64) -> f64 {
        libm::exp((voltage - self.onset) / self.sharpness)
    }

    /// # Errors
    /// The first parameter found outside its range.
    pub fn validate(&self) -> Result<(), NeuronError> {
        within("tau", self.tau, TAU.0, TAU.1)?;
        within("sharpness", self.sharpness, 1e-3, 100.0)?;
        within("threshold", self.threshold, -VOLT, VOLT)?;
        within("onset", self.onset, -VOLT, VOLT)?;
        below("rest", self.rest, self.threshold, "the threshold")?;
        below("reset", self.reset, self.threshold, "the threshold")?;
        // From further up the next spike follows at once.
        below("reset", self.reset, self.onset + 5.0 * self.sharpness, "onset + 5 sharpness")
    }
}
