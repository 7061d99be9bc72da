//! How many states there are, without looking for them.

use crate::{Circuit, State};
use ndarray::{Array1, Array2, s};

/// Whether all principal minors of M are positive: then r = [−M r + X + r]₊ has exactly one solution for every X.
///
/// With m₀₀ > 0 this is so exactly if the rest of M, and its Schur complement on m₀₀, are P-matrices; 2ⁿ steps. A pivot
/// that rounding might have made of 0 does not count as positive. Source: Tsatsomeros & Li 2000.
///
/// # Panics
/// If M is not square.
pub fn is_p_matrix(matrix: &Array2<f64>) -> bool {
    let (rows, columns) = matrix.dim();
    assert_eq!(rows, columns, "a square matrix");
    if rows == 0 {
        return true;
    }
    let pivot = matrix[[0, 0]];
    let largest = matrix.row(0).iter().fold(0.0_f64, |most, v| v.abs().max(most));
    if pivot <= 8.0 * f64::EPSILON * largest {
        return false;
    }
    let rest = matrix.slice(s![1.., 1..]).to_owned();
    let (row, column) = (matrix.slice(s![0, 1..]), matrix.slice(s![1.., 0]));
    let complement = Array2::from_shape_fn(rest.dim(), |(a, b)| rest[[a, b]] - column[a] * row[b] / pivot);
    is_p_matrix(&rest) && is_p_matrix(&complement)
}

/// M_eff = −W_EE + w_Ei w_iE/w_ii `[A−1 × A−1]` and X_eff = X_E − (w_Ei/w_ii) X_i `[A−1]`, w_ii < 0: what is left when
/// the inhibitory population i, which is active wherever X_i > 0, has been eliminated.
///
/// There is exactly one state for every X > 0 exactly if M_eff is a P-matrix. `None` unless population `inhibitory` is
/// the only one with a negative column. Source: eq. (19).
pub fn effective_matrix(circuit: &Circuit, inhibitory: usize) -> Option<(Array2<f64>, Array1<f64>)> {
    let (w, x) = (circuit.coupling(), circuit.drive());
    let n = circuit.populations();
    let excitatory: Vec<usize> = (0..n).filter(|&a| a != inhibitory).collect();
    let all = |column: usize, allowed: fn(f64) -> bool| w.column(column).iter().all(|v| allowed(*v));
    let dale = inhibitory < n
        && all(inhibitory, |v| v <= 0.0)
        && w[[inhibitory, inhibitory]] < 0.0
        && excitatory.iter().all(|&e| all(e, |v| v >= 0.0));
    dale.then(|| {
        let i = inhibitory;
        let m = Array2::from_shape_fn((n - 1, n - 1), |(a, b)| {
            let (a, b) = (excitatory[a], excitatory[b]);
            -w[[a, b]] + w[[a, i]] * w[[i, b]] / w[[i, i]]
        });
        let x = Array1::from_shape_fn(n - 1, |a| x[excitatory[a]] - w[[excitatory[a], i]] * x[i] / w[[i, i]]);
        (m, x)
    })
}

/// Σ sign det(−W_SS) over states: +1 wherever −W is regular (LCP(0, −W) and LCP(d, −W), some d > 0, have only r = 0),
/// as long as no state is degenerate.
pub fn sign_sum(states: &[State]) -> i32 {
    states.iter().map(|state| i32::from(state.index)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn p_matrices_are_told_from_others() {
        assert!(is_p_matrix(&array![[2.0, 1.0], [1.0, 2.0]]));
        assert!(is_p_matrix(&array![[1.0, -5.0], [5.0, 1.0]]), "not symmetric, not positive definite, and P");
        assert!(!is_p_matrix(&array![[1.0, 2.0], [2.0, 1.0]]));
        assert!(!is_p_matrix(&array![[0.0]]));
        assert!(is_p_matrix(&Array2::eye(12)));
    }

    #[test]
    fn eliminating_inhibition_gives_the_known_matrices() {
        let s3 = array![[0.5, 1.5, -3.0], [1.5, 0.5, -3.0], [4.5, 4.5, -5.0]];
        let circuit = Circuit::new(s3, array![36.0, 36.0, 27.0]).expect("a circuit");
        let (m, x) = effective_matrix(&circuit, 2).expect("one inhibitory population");
        for (ours, exact) in m.iter().zip([2.2, 1.2, 1.2, 2.2]) {
            assert!((ours - exact).abs() < 1e-14);
        }
        assert!((x[0] - 19.8).abs() < 1e-13);
        assert!(is_p_matrix(&m) && effective_matrix(&circuit, 0).is_none());
    }
}
