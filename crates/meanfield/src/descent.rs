//! Gradient descent on least squares: when it has arrived.

use crate::TheoryError;
use ndarray::{Array1, Array2};
use ndarray_linalg::{Eigh, UPLO};

/// Updates until the mean square of residuals `[T × O]` of a linear task with design `[T × P]` falls below a criterion, at the step that the largest curvature allows; `None` if it never does.
///
/// e ← (1 − K/λ_max)e with K = A Aᵀ: along its eigenvectors, Σ_k c_k (1 − λ_k/λ_max)^{2t}, equation (52).
///
/// # Errors
/// [`TheoryError::NotApplicable`] if the eigenvalues are not found, as of numbers that are none.
pub fn updates_until(
    design: &Array2<f64>,
    residuals: &Array2<f64>,
    criterion: f64,
) -> Result<Option<f64>, TheoryError> {
    let refused =
        |_| TheoryError::NotApplicable { closure: "gradient descent", reason: "its curvature has no eigenvalues" };
    let (curvatures, vectors) = design.dot(&design.t()).eigh(UPLO::Lower).map_err(refused)?;
    let most = curvatures.iter().copied().fold(0.0, f64::max);
    let kept: Array1<f64> = curvatures.mapv(|own| 1.0 - own.max(0.0) / most);
    let along = vectors.t().dot(residuals);
    let shares: Vec<f64> = along.rows().into_iter().map(|row| row.dot(&row) / residuals.len() as f64).collect();
    let left = |t: f64| shares.iter().zip(&kept).map(|(c, k)| c * libm::pow(*k, 2.0 * t)).sum::<f64>();
    // What never falls: directions without curvature.
    let (mut low, mut high) = (0.0, 1.0);
    while left(high) >= criterion {
        (low, high) = (high, 2.0 * high);
        if high > 1e12 {
            return Ok(None);
        }
    }
    while high - low > 1.0 {
        let middle = f64::floor(0.5 * (low + high));
        if left(middle) >= criterion { low = middle } else { high = middle }
    }
    Ok(Some(if left(low) < criterion { low } else { high }))
}
