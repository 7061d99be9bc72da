//! W and X of networks, and their balanced and semi-balanced states.

use crate::TheoryError;
use model::{BernoulliNetwork, RateNetwork, SpikingNetwork};
use semibalance::{Balanced, Circuit, States, all_states, balanced};

/// A network whose populations are a circuit as N → ∞, or as K → ∞.
pub trait ToCircuit {
    /// W `[A × A]` and X `[A]`.
    ///
    /// # Errors
    /// [`TheoryError::Circuit`], [`TheoryError::NotApplicable`].
    fn circuit(&self) -> Result<Circuit, TheoryError>;
}

/// W_ab = s_b J_ab √K_b and X_a = I_a: the bias does not grow with K, so that r = −W⁻¹X falls as 1/√K.
impl ToCircuit for RateNetwork {
    fn circuit(&self) -> Result<Circuit, TheoryError> {
        Ok(Circuit::new(self.mean_coupling(), self.mean_drive())?)
    }
}

/// W_ab = p_ab j_ab q_b, X of external units and constant drive.
impl ToCircuit for BernoulliNetwork {
    fn circuit(&self) -> Result<Circuit, TheoryError> {
        Ok(Circuit::new(self.mean_coupling(), self.mean_drive())?)
    }
}

/// In mV and mV Hz, of networks whose synapses carry currents.
impl ToCircuit for SpikingNetwork {
    fn circuit(&self) -> Result<Circuit, TheoryError> {
        if !self.is_current_based() {
            return Err(TheoryError::NotApplicable { closure: "W and X", reason: "conductances have no W" });
        }
        Ok(Circuit::new(self.mean_coupling(), self.mean_drive())?)
    }
}

/// r = −W⁻¹X.
///
/// *Assumes* that mean inputs are far larger than what is left of them. Source: van Vreeswijk & Sompolinsky 1998; eq. (1).
///
/// # Errors
/// As [`ToCircuit::circuit`].
pub fn balanced_rates(network: &impl ToCircuit) -> Result<Balanced, TheoryError> {
    network.circuit().map(|circuit| balanced(&circuit))
}

/// All r = [W r + X + r]₊; `None` where there are too many populations to list them.
///
/// *Assumes* that mean inputs are far larger than what is left of them where populations are active. Source: Baker, Zhu & Rosenbaum 2020.
///
/// # Errors
/// As [`ToCircuit::circuit`].
pub fn semi_balanced_rates(network: &impl ToCircuit) -> Result<Option<States>, TheoryError> {
    network.circuit().map(|circuit| all_states(&circuit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Response;
    use ndarray::Array2;

    #[test]
    fn one_population_balances_at_bias_over_coupling() {
        let network = RateNetwork::inhibitory(400, 2.0, 2.0, 0.5, 1.0, Response::RectifiedLinear);
        let balanced = balanced_rates(&network).expect("a circuit");
        assert!((balanced.rates.expect("regular")[0] - 1.0 / 40.0).abs() < 1e-15);
        assert!((balanced.condition - 1.0).abs() < 1e-12);
    }

    fn pair() -> RateNetwork {
        let mut network = RateNetwork::inhibitory(400, 2.0, 2.0, 0.5, 1.0, Response::RectifiedTanh);
        let mut excitatory = network.populations[0].clone();
        excitatory.name = "E".into();
        excitatory.sign = model::Sign::Excitatory;
        excitatory.bias = 2.0;
        network.populations.insert(0, excitatory);
        network.mean = ndarray::array![[1.0, 2.0], [1.0, 1.2]];
        network.spread = Array2::ones((2, 2));
        network
    }

    #[test]
    fn two_populations_satisfy_the_balance_equations() {
        let mut network = pair();
        let rates = balanced_rates(&network).expect("a circuit").rates.expect("regular");
        let left = network.mean_coupling().dot(&rates) + network.mean_drive();
        assert!(left.iter().all(|v| v.abs() < 1e-13), "{left}");
        network.mean = ndarray::array![[1.0, 1.0], [1.0, 1.0]];
        assert_eq!(balanced_rates(&network).expect("a circuit").rates, None);
    }

    #[test]
    fn conductances_have_no_circuit() {
        let mut network = SpikingNetwork::baker_2019_pair(1000);
        let rates = balanced_rates(&network).expect("a circuit").rates.expect("regular");
        assert!(
            (&rates / &network.connections.circuit().map(|c| balanced(&c)).expect("a circuit").rates.expect("regular")
                - 1.0)
                .iter()
                .all(|d| d.abs() < 1e-12)
        );
        network.synapses[0].reversal = Some(0.0);
        assert!(matches!(network.circuit(), Err(TheoryError::NotApplicable { .. })));
    }

    #[test]
    fn a_population_with_too_little_drive_falls_silent() {
        let mut network = pair();
        network.populations[0].bias = 0.5;
        let states = semi_balanced_rates(&network).expect("a circuit").expect("two populations").states;
        assert_eq!(states.len(), 1);
        assert_eq!(states[0].support, [1]);
        // I alone: 1 over 1.2 of 20.
        assert!((states[0].r[1] - 1.0 / 24.0).abs() < 1e-15, "{}", states[0].r);
    }
}
