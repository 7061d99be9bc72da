//! The theorem: every circuit with excitation and inhibition has stimuli that break balance.

use ndarray::{Array1, Array2};
use thiserror::Error;

/// Why no witness is made.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum WitnessError {
    /// A population both excites and inhibits.
    #[error("W: column {column} has both signs (allowed: one sign a column)")]
    NotDale {
        /// The column.
        column: usize,
    },
    /// There is no excitatory population.
    #[error("W: no excitatory population (allowed: one and more)")]
    NoExcitation,
    /// The population is not an excitatory one.
    #[error("population {population} (allowed: an excitatory one)")]
    NotExcitatory {
        /// The population.
        population: usize,
    },
    /// Some population gets no input that the construction could use.
    #[error("W: row {row} has no input from inhibition nor from the silenced population")]
    EmptyRow {
        /// The row.
        row: usize,
    },
}

/// A drive X > 0 `[A]` for which every excitatory entry of −W⁻¹X is −1 and every inhibitory one +1: X = |W| 1.
///
/// It proves that balance breaks there, not that a semi-balanced state exists. *Assumes* that W is regular.
/// Source: above eq. (16).
///
/// # Errors
/// [`WitnessError`].
///
/// # Panics
/// If W is not square.
pub fn unbalancing_witness(w: &Array2<f64>) -> Result<Array1<f64>, WitnessError> {
    let excitatory = excitatory(w)?;
    if !excitatory.contains(&true) {
        return Err(WitnessError::NoExcitation);
    }
    let x = w.mapv(f64::abs).sum_axis(ndarray::Axis(1));
    match x.iter().position(|x| *x == 0.0) {
        Some(row) => Err(WitnessError::EmptyRow { row }),
        None => Ok(x),
    }
}

/// A drive X > 0 `[A]` for which −W⁻¹X is −1 at one excitatory population, positive everywhere else:
/// X = w_k + Σ_I |w_I| − ε Σ_{E ≠ k} w_E with ε small enough. Source: eq. (16).
///
/// # Errors
/// [`WitnessError`].
///
/// # Panics
/// If W is not square.
pub fn silencing_witness(w: &Array2<f64>, population: usize) -> Result<Array1<f64>, WitnessError> {
    let excitatory = excitatory(w)?;
    if excitatory.get(population) != Some(&true) {
        return Err(WitnessError::NotExcitatory { population });
    }
    let n = w.nrows();
    let sum =
        |a: usize, kept: &dyn Fn(usize) -> bool| -> f64 { (0..n).filter(|&b| kept(b)).map(|b| w[[a, b]].abs()).sum() };
    let gain = Array1::from_shape_fn(n, |a| sum(a, &|b| b == population || !excitatory[b]));
    let loss = Array1::from_shape_fn(n, |a| sum(a, &|b| b != population && excitatory[b]));
    if let Some(row) = gain.iter().position(|g| *g == 0.0) {
        return Err(WitnessError::EmptyRow { row });
    }
    // Half of what would bring an entry to 0.
    let most = gain.iter().zip(&loss).map(|(g, l)| if *l > 0.0 { g / l } else { f64::INFINITY }).fold(2.0, f64::min);
    Ok(&gain - &(0.5 * most * &loss))
}

/// Which columns excite; a column of zeros counts as inhibitory.
fn excitatory(w: &Array2<f64>) -> Result<Vec<bool>, WitnessError> {
    assert_eq!(w.nrows(), w.ncols(), "a square matrix");
    w.columns()
        .into_iter()
        .enumerate()
        .map(|(column, weights)| {
            let (up, down) = (weights.iter().any(|w| *w > 0.0), weights.iter().any(|w| *w < 0.0));
            if up && down { Err(WitnessError::NotDale { column }) } else { Ok(up) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Circuit, balanced};
    use ndarray::array;

    #[test]
    fn witnesses_break_the_balance_that_they_say() {
        let w = array![[0.5, 1.5, -3.0], [1.5, 0.5, -3.0], [4.5, 4.5, -5.0]];
        let all = unbalancing_witness(&w).expect("Dale");
        let rates = |x: Array1<f64>| {
            assert!(x.iter().all(|x| *x > 0.0));
            balanced(&Circuit::new(w.clone(), x).expect("a circuit")).rates.expect("regular")
        };
        let signs: Vec<f64> = rates(all).iter().map(|r| r.signum()).collect();
        assert_eq!(signs, [-1.0, -1.0, 1.0]);
        for silenced in [0, 1] {
            let r = rates(silencing_witness(&w, silenced).expect("Dale"));
            assert!(r.iter().enumerate().all(|(a, r)| (*r < 0.0) == (a == silenced)), "{r}");
        }
    }

    #[test]
    fn what_has_no_witness_is_refused() {
        assert_eq!(unbalancing_witness(&array![[-1.0, 0.0], [0.0, -1.0]]), Err(WitnessError::NoExcitation));
        assert_eq!(unbalancing_witness(&array![[1.0, 0.0], [-1.0, -1.0]]), Err(WitnessError::NotDale { column: 0 }));
        let w = array![[1.0, -1.0], [1.0, -2.0]];
        assert_eq!(silencing_witness(&w, 1), Err(WitnessError::NotExcitatory { population: 1 }));
        assert_eq!(silencing_witness(&w, 7), Err(WitnessError::NotExcitatory { population: 7 }));
    }
}
