//! Whether small departures from a state die out.

use crate::Circuit;
use ndarray::Array2;
use ndarray_linalg::EigVals;

/// Linear stability of τ dr/dt = −r + g [√N (W r + X)]₊ about a state, as N → ∞.
///
/// Only active populations matter: of a silent one with I < 0 the perturbation decays by itself. With
/// g √N → ∞ the sign of the growth rates is that of the eigenvalues of T_S⁻¹ W_SS; at finite g √N it is that of
/// W − 1/(g √N) in place of W. Source: eq. (18).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stability {
    /// Largest real part of the eigenvalues of T_S⁻¹ W_SS, in units of W/τ; −∞ with no active population.
    pub growth: f64,
    /// Whether it is negative beyond rounding.
    pub stable: bool,
    /// Whether the eigenvalue of largest real part is one of a complex pair: growth is then an oscillation, and where
    /// the state is unstable a limit cycle is near; real growth is runaway or a switch to another state.
    pub oscillatory: bool,
}

/// Stability of the state with this support, for the time constants of the circuit.
///
/// # Panics
/// If a member of the support is no population.
pub fn stability(circuit: &Circuit, support: &[usize]) -> Stability {
    let (w, tau) = (circuit.coupling(), circuit.time_constants());
    let matrix =
        Array2::from_shape_fn((support.len(), support.len()), |(a, b)| w[[support[a], support[b]]] / tau[support[a]]);
    let eigenvalues: Vec<(f64, f64)> = match support.len() {
        0 => Vec::new(),
        1 => vec![(matrix[[0, 0]], 0.0)],
        2 => of_two(&matrix).to_vec(),
        _ => matrix
            .eigvals()
            .expect("the QR iteration converges on finite matrices")
            .iter()
            .map(|z| (z.re, z.im))
            .collect(),
    };
    let size = matrix.iter().fold(0.0_f64, |most, v| v.abs().max(most));
    let (growth, turning) =
        eigenvalues.into_iter().fold((f64::NEG_INFINITY, 0.0), |most, z| if z.0 > most.0 { z } else { most });
    // The eigenvalue that a matrix of this size may have where an exact one has 0.
    let rounding = 16.0 * f64::EPSILON * size * support.len() as f64;
    Stability { growth, stable: growth < -rounding, oscillatory: turning.abs() > rounding }
}

/// Both eigenvalues of a 2 × 2 matrix.
fn of_two(matrix: &Array2<f64>) -> [(f64, f64); 2] {
    let half_trace = 0.5 * (matrix[[0, 0]] + matrix[[1, 1]]);
    let half_difference = 0.5 * (matrix[[0, 0]] - matrix[[1, 1]]);
    let discriminant = half_difference * half_difference + matrix[[0, 1]] * matrix[[1, 0]];
    let root = discriminant.abs().sqrt();
    if discriminant < 0.0 {
        [(half_trace, root), (half_trace, -root)]
    } else {
        [(half_trace + root, 0.0), (half_trace - root, 0.0)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, array};

    fn of(w: Array2<f64>, tau: Array1<f64>, support: &[usize]) -> Stability {
        let x = Array1::ones(tau.len());
        stability(&Circuit::with_time_constants(w, x, tau).expect("a circuit"), support)
    }

    #[test]
    fn two_populations_follow_trace_and_determinant() {
        let w = array![[6.0, -7.0], [9.0, -5.0]];
        let both = of(w.clone(), array![1.0, 1.0], &[0, 1]);
        assert!(!both.stable && both.oscillatory && (both.growth - 0.5).abs() < 1e-14);
        // Slow excitation, fast inhibition: 6/2 < 5.
        assert!(of(w.clone(), array![2.0, 1.0], &[0, 1]).stable);
        assert!(of(w.clone(), array![1.0, 1.0], &[1]).stable);
        let excitation = of(w.clone(), array![1.0, 1.0], &[0]);
        assert!(!excitation.stable && !excitation.oscillatory);
        assert!(of(w, array![1.0, 1.0], &[]).stable);
    }

    #[test]
    fn larger_supports_follow_the_eigenvalues() {
        // A ring of three: eigenvalues −1 + 2 cos(2πk/3 ...) of a circulant, known in closed form.
        let w = array![[-1.0, 0.0, -3.0], [-3.0, -1.0, 0.0], [0.0, -3.0, -1.0]];
        // −1 − 3 e^{2πik/3}: largest real part −1 + 3/2, a complex pair.
        let ring = of(w, array![1.0, 1.0, 1.0], &[0, 1, 2]);
        assert!((ring.growth - 0.5).abs() < 1e-12 && ring.oscillatory && !ring.stable);
        let marginal =
            of(array![[-1.0, 1.0, 0.0], [1.0, -1.0, 0.0], [0.0, 0.0, -1.0]], array![1.0, 1.0, 1.0], &[0, 1, 2]);
        assert!(!marginal.stable && marginal.growth.abs() < 1e-14);
    }
}
