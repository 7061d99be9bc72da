//! What is injected into a neuron against time.

use super::{NeuronError, within};
use serde::{Deserialize, Serialize};

/// Largest number in size.
const MOST: f64 = 1e12;

/// I(t): a constant, rectangular pulses and Gaussian bumps, added up. Units are those of the neuron.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drive {
    /// At all times.
    pub constant: f64,
    /// Rectangular pulses.
    #[serde(default)]
    pub pulses: Vec<Pulse>,
    /// Gaussian bumps.
    #[serde(default)]
    pub bumps: Vec<Bump>,
}

/// A current from one time on until another.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pulse {
    /// Start in ms.
    pub from: f64,
    /// End in ms, not included.
    pub to: f64,
    /// The current.
    pub current: f64,
}

/// A current exp(−(t − t₀)²/2σ²).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bump {
    /// t₀ in ms.
    pub at: f64,
    /// σ in ms.
    pub width: f64,
    /// At t₀.
    pub current: f64,
}

impl Drive {
    /// The same current at all times.
    pub fn constant(current: f64) -> Self {
        Drive { constant: current, ..Drive::default() }
    }

    /// # Errors
    /// The first parameter found outside its range.
    pub fn validate(&self) -> Result<(), NeuronError> {
        within("drive.constant", self.constant, -MOST, MOST)?;
        for pulse in &self.pulses {
            within("drive.pulses.current", pulse.current, -MOST, MOST)?;
            // Infinite times are allowed: a pulse may have no end.
            within("drive.pulses.from", pulse.from, f64::NEG_INFINITY, pulse.to)?;
        }
        for bump in &self.bumps {
            within("drive.bumps.current", bump.current, -MOST, MOST)?;
            within("drive.bumps.at", bump.at, -MOST, MOST)?;
            within("drive.bumps.width", bump.width, 1e-9, MOST)?;
        }
        Ok(())
    }

    /// I(t).
    pub fn at(&self, t: f64) -> f64 {
        let pulses: f64 = self.pulses.iter().filter(|p| (p.from..p.to).contains(&t)).map(|p| p.current).sum();
        let bump = |b: &Bump| b.current * libm::exp(-0.5 * ((t - b.at) / b.width).powi(2));
        self.constant + pulses + self.bumps.iter().map(bump).sum::<f64>()
    }
}
