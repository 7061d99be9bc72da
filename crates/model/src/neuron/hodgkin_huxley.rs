//! The squid's axon of Hodgkin & Huxley.

use super::{NeuronError, VOLT, within};
use serde::{Deserialize, Serialize};

/// C dV/dt = I − g_Na m³ h (V − E_Na) − g_K n⁴ (V − E_K) − g_L (V − E_L), dx/dt = α_x(V)(1 − x) − β_x(V) x for x = n, m, h.
///
/// C in µF/cm², g in mS/cm², E in mV, I in µA/cm². The rates α, β are those of the paper, shifted to a rest of −65 mV.
///
/// Source: Hodgkin & Huxley, J Physiol 117: 500 (1952), eqs. 12, 13, 20, 21, 23, 24.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HodgkinHuxley {
    /// C.
    pub capacitance: f64,
    /// g_Na.
    pub sodium: f64,
    /// g_K.
    pub potassium: f64,
    /// g_L.
    pub leak: f64,
    /// E_Na.
    pub sodium_reversal: f64,
    /// E_K.
    pub potassium_reversal: f64,
    /// E_L.
    pub leak_reversal: f64,
}

/// How one kind of gate opens and closes at some voltage, in 1/ms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gating {
    /// α.
    pub opening: f64,
    /// β.
    pub closing: f64,
}

impl HodgkinHuxley {
    /// The squid's.
    pub const SQUID: HodgkinHuxley = HodgkinHuxley {
        capacitance: 1.0,
        sodium: 120.0,
        potassium: 36.0,
        leak: 0.3,
        sodium_reversal: 50.0,
        potassium_reversal: -77.0,
        leak_reversal: -54.387,
    };

    /// V in mV and (n, m, h) from which the talk's figure starts.
    pub const START: (f64, [f64; 3]) = (-65.0, [0.3177, 0.0530, 0.5960]);

    /// Of n, m, h.
    pub fn gating(&self, voltage: f64) -> [Gating; 3] {
        let exp = libm::exp;
        [
            Gating {
                opening: 0.1 * linear_over_exponential((voltage + 55.0) / 10.0),
                closing: 0.125 * exp(-(voltage + 65.0) / 80.0),
            },
            Gating {
                opening: linear_over_exponential((voltage + 40.0) / 10.0),
                closing: 4.0 * exp(-0.0556 * (voltage + 65.0)),
            },
            Gating {
                opening: 0.07 * exp(-(voltage + 65.0) / 20.0),
                closing: 1.0 / (1.0 + exp(-(voltage + 35.0) / 10.0)),
            },
        ]
    }

    /// Current into the membrane from its channels, in µA/cm².
    pub fn ionic(&self, voltage: f64, [n, m, h]: [f64; 3]) -> f64 {
        self.sodium * m.powi(3) * h * (self.sodium_reversal - voltage)
            + self.potassium * n.powi(4) * (self.potassium_reversal - voltage)
            + self.leak * (self.leak_reversal - voltage)
    }

    /// # Errors
    /// The first parameter found outside its range.
    pub fn validate(&self) -> Result<(), NeuronError> {
        within("capacitance", self.capacitance, 1e-3, 1e3)?;
        within("sodium", self.sodium, 0.0, 1e4)?;
        within("potassium", self.potassium, 0.0, 1e4)?;
        within("leak", self.leak, 1e-6, 1e4)?;
        within("sodium_reversal", self.sodium_reversal, -VOLT, VOLT)?;
        within("potassium_reversal", self.potassium_reversal, -VOLT, VOLT)?;
        within("leak_reversal", self.leak_reversal, -VOLT, VOLT)
    }
}

impl Gating {
    /// Share of open gates after long: α/(α + β).
    pub fn steady(&self) -> f64 {
        self.opening / (self.opening + self.closing)
    }

    /// dx/dt in 1/ms where a share x is open.
    pub fn slope(&self, open: f64) -> f64 {
        self.opening * (1.0 - open) - self.closing * open
    }
}

/// u/(1 − e⁻ᵘ), which is 1 at u = 0.
fn linear_over_exponential(u: f64) -> f64 {
    if u == 0.0 { 1.0 } else { -u / libm::expm1(-u) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_are_smooth_where_the_formula_is_0_over_0() {
        for (voltage, gate, value) in [(-55.0, 0, 0.1), (-40.0, 1, 1.0)] {
            let at = |v: f64| HodgkinHuxley::SQUID.gating(v)[gate].opening;
            assert_eq!(at(voltage), value);
            // The slope there is 1/20 of the value a mV.
            for d in [-1e-6, 1e-6] {
                assert!((at(voltage + d) - value * (1.0 + d / 20.0)).abs() < 1e-12);
            }
        }
    }

    /// n, m, h at −65 mV as the talk starts from them, which rounds to four digits.
    #[test]
    fn gates_at_rest_are_published() {
        let (voltage, published) = HodgkinHuxley::START;
        for (gate, value) in HodgkinHuxley::SQUID.gating(voltage).iter().zip(published) {
            assert!((gate.steady() - value).abs() < 1.5e-4, "{} for {value}", gate.steady());
        }
    }
}
