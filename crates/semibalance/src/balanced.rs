//! The balanced state r = −W⁻¹X, and when a pair of populations has one.

use crate::Circuit;
use crate::reduction::Reduction;
use crate::scaled::Scaled;
use ndarray::{Array1, Array2, ArrayView2};
use ndarray_linalg::{Factorize, SVD, Solve};

/// The balanced state.
#[derive(Clone, Debug, PartialEq)]
pub struct Balanced {
    /// r = −W⁻¹X `[A]`; `None` where W is singular to working precision.
    pub rates: Option<Array1<f64>>,
    /// ‖W‖₂ ‖W⁻¹‖₂, the ratio of the singular values: how much relative errors can grow; infinite where W is singular.
    pub condition: f64,
    /// Populations whose rate would be negative: where balance must break.
    pub negative: Vec<usize>,
}

/// r = −W⁻¹X.
///
/// *Assumes* N → ∞: mean inputs of order √N cancel. Source: van Vreeswijk & Sompolinsky 1998.
pub fn balanced(circuit: &Circuit) -> Balanced {
    let scaled = Scaled::new(circuit);
    let all: Vec<usize> = (0..circuit.populations()).collect();
    let rates = match Reduction::of(&scaled, &all) {
        Reduction::Regular(regular) => Some(scaled.rates(&Array1::from(regular.r))),
        _ => None,
    };
    let negative = rates.iter().flatten().enumerate().filter(|(_, r)| **r < 0.0).map(|(a, _)| a).collect();
    Balanced { rates, condition: condition(circuit.coupling()), negative }
}

/// −W⁻¹X for each row X of `drives` `[M × A]`: `[M × A]`, or `None` where W is singular to working precision.
///
/// # Panics
/// If W is not square or X does not fit it.
pub fn balanced_many(w: &Array2<f64>, drives: ArrayView2<f64>) -> Option<Array2<f64>> {
    assert_eq!(w.nrows(), drives.ncols(), "one drive a population");
    let factors = w.factorize().ok()?;
    let mut rates = Array2::zeros(drives.dim());
    for (drive, mut row) in drives.rows().into_iter().zip(rates.rows_mut()) {
        row.assign(&factors.solve(&drive.mapv(|x| -x)).ok()?);
    }
    rates.iter().all(|r| r.is_finite()).then_some(rates)
}

fn condition(w: &Array2<f64>) -> f64 {
    let (_, values, _) = w.svd(false, false).expect("the QR iteration converges on finite matrices");
    let largest = values.iter().copied().fold(0.0, f64::max);
    let smallest = values.iter().copied().fold(f64::INFINITY, f64::min);
    if smallest > 0.0 { largest / smallest } else { f64::INFINITY }
}

/// Whether an excitatory and an inhibitory population balance, stably for equal time constants at N → ∞:
/// X_e/X_i > |w_ei/w_ii| > w_ee/w_ie.
///
/// `None` unless the circuit is such a pair: w_ee ≥ 0, w_ie > 0, w_ei < 0, w_ii < 0, X > 0, in this order. The condition on
/// the trace, w_ee/τ_e < |w_ii|/τ_i, is not part of it: see [`crate::stability()`]. Source: van Vreeswijk & Sompolinsky 1998.
pub fn balance_of_two(circuit: &Circuit) -> Option<bool> {
    let (w, x) = (circuit.coupling(), circuit.drive());
    if w.dim() != (2, 2) {
        return None;
    }
    let [ee, ei, ie, ii] = [w[[0, 0]], w[[0, 1]], w[[1, 0]], w[[1, 1]]];
    let pair = ee >= 0.0 && ie > 0.0 && ei < 0.0 && ii < 0.0 && x.iter().all(|x| *x > 0.0);
    pair.then(|| x[0] / x[1] > ei / ii && ei / ii > ee / ie)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn circuit(x: Array1<f64>) -> Circuit {
        Circuit::new(array![[2.0, -3.0], [9.0, -5.0]], x).expect("a circuit")
    }

    #[test]
    fn the_inequalities_say_when_the_pair_balances() {
        for (x, balances) in [(array![36.0, 27.0], true), (array![10.0, 27.0], false)] {
            let circuit = circuit(x);
            assert_eq!(balance_of_two(&circuit), Some(balances));
            assert_eq!(balanced(&circuit).negative.is_empty(), balances);
        }
        assert_eq!(balance_of_two(&circuit(array![-1.0, 1.0])), None);
    }

    #[test]
    fn many_drives_give_what_each_gives() {
        let drives = array![[36.0, 27.0], [10.0, 27.0], [1.0, -3.0]];
        let w = array![[2.0, -3.0], [9.0, -5.0]];
        let many = balanced_many(&w, drives.view()).expect("regular");
        for (drive, row) in drives.rows().into_iter().zip(many.rows()) {
            let one = balanced(&circuit(drive.to_owned())).rates.expect("regular");
            assert!((&one - &row).iter().all(|d| d.abs() < 1e-13));
        }
        assert!(balanced_many(&Array2::zeros((2, 2)), drives.view()).is_none());
    }

    #[test]
    fn condition_is_the_ratio_of_singular_values() {
        // Singular values of [[2, −3], [9, −5]]: σ² = (119 ± √(119² − 4·17²))/2.
        let root = (119.0_f64.powi(2) - 4.0 * 289.0).sqrt();
        let exact = ((119.0 + root) / (119.0 - root)).sqrt();
        assert!((balanced(&circuit(array![1.0, 1.0])).condition / exact - 1.0).abs() < 1e-13);
        let singular = Circuit::new(array![[2.0, -2.0], [3.0, -3.0]], array![1.0, 2.0]).expect("a circuit");
        let balanced = balanced(&singular);
        assert!(balanced.rates.is_none() && balanced.condition > 1e15);
    }
}
