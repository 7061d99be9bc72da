//! A synapse whose current decays exponentially.

use super::{NeuronError, TAU, within};
use serde::{Deserialize, Serialize};

/// I(t) = Σ J/τ_s exp(−(t − t_k)/τ_s) over presynaptic spikes t_k ≤ t: each brings the charge J, whatever τ_s.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Synapse {
    /// τ_s in ms.
    pub tau: f64,
    /// J in mV ms, negative where it inhibits.
    pub charge: f64,
    /// Presynaptic spikes in ms, in order.
    pub spikes: Vec<f64>,
}

impl Synapse {
    /// # Errors
    /// The first parameter found outside its range; spikes must be finite and in order.
    pub fn validate(&self) -> Result<(), NeuronError> {
        within("synapse.tau", self.tau, TAU.0, TAU.1)?;
        within("synapse.charge", self.charge, -1e9, 1e9)?;
        let mut last = f64::NEG_INFINITY;
        for &spike in &self.spikes {
            if !(spike.is_finite() && spike >= last) {
                let allowed = "finite times in order".into();
                return Err(NeuronError::Range { field: "synapse.spikes", value: spike, allowed });
            }
            last = spike;
        }
        Ok(())
    }
}
