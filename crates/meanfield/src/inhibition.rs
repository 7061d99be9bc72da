//! What becomes of balanced rates where inhibition alone is changed.

use crate::TheoryError;
use ndarray::{Array1, Array2};
use ndarray_linalg::Inverse;

/// r = −W⁻¹X `[A]` after the weight from one population to another has changed by `change`, from the rates before.
///
/// r′ = r − W⁻¹e_a Δw r_b/(1 + Δw (W⁻¹)_ba), exactly (Sherman & Morrison; equation (49)). At finite gain g√N W is to have 1/(g√N) taken from its diagonal.
///
/// # Errors
/// [`TheoryError::NotApplicable`] for a singular W.
pub fn shifted_rates(
    w: &Array2<f64>,
    x: &Array1<f64>,
    (to, from): (usize, usize),
    change: f64,
) -> Result<Array1<f64>, TheoryError> {
    let inverse = inverted(w)?;
    let rates = -inverse.dot(x);
    let factor = change * rates[from] / (1.0 + change * inverse[[from, to]]);
    Ok(&rates - &(&inverse.column(to) * factor))
}

/// ∂r/∂X `[A × A]` of balanced rates: −W⁻¹.
///
/// # Errors
/// As [`shifted_rates`].
pub fn drive_response(w: &Array2<f64>) -> Result<Array2<f64>, TheoryError> {
    Ok(-inverted(w)?)
}

fn inverted(w: &Array2<f64>) -> Result<Array2<f64>, TheoryError> {
    w.inv().map_err(|_| TheoryError::NotApplicable { closure: "balanced rates", reason: "W is singular" })
}
