//! The balanced state r = −W⁻¹X.

use crate::TheoryError;
use model::RateNetwork;
use ndarray::{Array1, Array2};
use ndarray_linalg::Inverse;

/// Mean activities at which the mean inputs cancel.
#[derive(Clone, Debug, PartialEq)]
pub struct Balanced {
    /// r = −W⁻¹X `[A]`. A negative entry says that balance is impossible.
    pub rates: Array1<f64>,
    /// ‖W‖₁ ‖W⁻¹‖₁: how much relative errors of W and X can grow.
    pub condition: f64,
}

/// r = −W⁻¹X with W_ab = s_b J_ab √K_b and X_a = I_a.
///
/// *Assumes* that mean inputs are far larger than what is left of them: exact as K → ∞ when x stays
/// of order 1 while W grows as √K. Source: van Vreeswijk & Sompolinsky 1998; eq. (1).
///
/// # Errors
/// [`TheoryError::Singular`].
pub fn balanced_rates(network: &RateNetwork) -> Result<Balanced, TheoryError> {
    let w = network.mean_coupling();
    let inverse = w.inv().map_err(|_| TheoryError::Singular)?;
    let condition = one_norm(&w) * one_norm(&inverse);
    let rates = -inverse.dot(&network.mean_drive());
    if rates.iter().chain([&condition]).all(|r| r.is_finite()) {
        Ok(Balanced { rates, condition })
    } else {
        Err(TheoryError::Singular)
    }
}

/// Largest column sum of magnitudes.
fn one_norm(matrix: &Array2<f64>) -> f64 {
    matrix.columns().into_iter().map(|column| column.iter().map(|v| v.abs()).sum()).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Response;

    #[test]
    fn one_population_balances_at_bias_over_coupling() {
        let network = RateNetwork::inhibitory(400, 2.0, 2.0, 0.5, 1.0, Response::RectifiedLinear);
        let balanced = balanced_rates(&network).expect("one number has an inverse");
        assert!((balanced.rates[0] - 1.0 / 40.0).abs() < 1e-15);
        assert!((balanced.condition - 1.0).abs() < 1e-12);
    }

    #[test]
    fn two_populations_satisfy_the_balance_equations() {
        let mut network = RateNetwork::inhibitory(400, 2.0, 2.0, 0.5, 1.0, Response::RectifiedTanh);
        let mut excitatory = network.populations[0].clone();
        excitatory.name = "E".into();
        excitatory.sign = model::Sign::Excitatory;
        excitatory.bias = 2.0;
        network.populations.insert(0, excitatory);
        network.mean = ndarray::array![[1.0, 2.0], [1.0, 1.2]];
        network.spread = Array2::ones((2, 2));
        let rates = balanced_rates(&network).expect("regular").rates;
        let left = network.mean_coupling().dot(&rates) + network.mean_drive();
        assert!(left.iter().all(|v| v.abs() < 1e-13), "{left}");
        network.mean = ndarray::array![[1.0, 1.0], [1.0, 1.0]];
        assert_eq!(balanced_rates(&network), Err(TheoryError::Singular));
    }
}
