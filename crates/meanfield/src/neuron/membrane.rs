//! What theories of noise ask of an integrate-and-fire neuron.

use model::Neuron;

/// A membrane with one slope at each voltage.
#[derive(Clone, Copy, Debug)]
pub(super) struct Membrane {
    neuron: Neuron,
    /// τ in ms.
    pub tau: f64,
    /// V_re in mV.
    pub reset: f64,
    /// In mV: from here on the spike takes no time any more, or V_th.
    pub top: f64,
}

/// How far above V_T, in Δ_T, the upstroke is followed: the rest takes e⁻⁸ τ.
const FOLLOWED: f64 = 8.0;

impl Membrane {
    /// `None` for neurons that do not integrate and fire.
    pub fn of(neuron: &Neuron) -> Option<Self> {
        match neuron {
            Neuron::Leaky(n) => Some(Membrane { neuron: *neuron, tau: n.tau, reset: n.reset, top: n.threshold }),
            Neuron::Exponential(n) => {
                let top = n.threshold.min(n.onset.max(n.reset) + FOLLOWED * n.sharpness);
                Some(Membrane { neuron: *neuron, tau: n.tau, reset: n.reset, top })
            }
            Neuron::HodgkinHuxley(_) => None,
        }
    }

    /// dV/dt in mV/ms at a voltage in mV and a current in mV/ms.
    pub fn drift(&self, voltage: f64, current: f64) -> f64 {
        match &self.neuron {
            Neuron::Leaky(n) => n.slope(voltage, current * n.tau) / n.tau,
            Neuron::Exponential(n) => n.slope(voltage, current * n.tau) / n.tau,
            Neuron::HodgkinHuxley(_) => f64::NAN,
        }
    }

    /// A voltage in mV below which a neuron at this current hardly ever is: six standard deviations of the free membrane below its rest,
    /// or below the reset.
    pub fn bottom(&self, current: f64, deviation: f64) -> f64 {
        let rest = current * self.tau
            + match &self.neuron {
                Neuron::Leaky(n) => n.rest,
                Neuron::Exponential(n) => n.rest,
                Neuron::HodgkinHuxley(_) => f64::NAN,
            };
        rest.min(self.reset).min(self.top) - 6.0 * deviation - 1.0
    }
}
