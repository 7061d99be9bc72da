//! Finite networks: r = [g(√N (W r + X) − θ)]₊, and how its states approach those of N → ∞.

use crate::{Circuit, CircuitError, EnumerationError, State, all_states};
use ndarray::{Array1, Array2};
use ndarray_linalg::Solve;
use thiserror::Error;

/// A circuit whose populations have a gain and thresholds.
#[derive(Clone, Debug)]
pub struct Finite {
    circuit: Circuit,
    gain: f64,
    threshold: Array1<f64>,
}

/// Why there is no finite network of a size.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum FiniteError {
    /// A number is out of range.
    #[error("{name}: {value:?} (allowed: {allowed})")]
    Value {
        /// What.
        name: &'static str,
        /// Its value.
        value: f64,
        /// What it may be.
        allowed: &'static str,
    },
    /// Thresholds do not fit.
    #[error(transparent)]
    Circuit(#[from] CircuitError),
    /// There are too many populations.
    #[error(transparent)]
    Enumeration(#[from] EnumerationError),
}

/// States of one support at several sizes.
#[derive(Clone, Debug)]
pub struct Branch {
    /// Active populations.
    pub support: Vec<usize>,
    /// N and the state, in the order of the sizes asked for; sizes at which the support has no state are missing.
    pub points: Vec<(f64, State)>,
}

impl Finite {
    /// `gain` is g, in units of r over those of √N X; `threshold` is θ `[A]`, in units of √N X.
    ///
    /// # Errors
    /// [`FiniteError`] for a gain that is not positive, or thresholds that are too few or not finite.
    pub fn new(circuit: Circuit, gain: f64, threshold: Array1<f64>) -> Result<Self, FiniteError> {
        if !(gain > 0.0 && gain.is_finite()) {
            return Err(FiniteError::Value { name: "gain", value: gain, allowed: "above 0" });
        }
        let populations = circuit.populations();
        if threshold.len() != populations {
            return Err(CircuitError::Length { name: "threshold", length: threshold.len(), populations }.into());
        }
        if let Some(&value) = threshold.iter().find(|v| !v.is_finite()) {
            return Err(FiniteError::Value { name: "threshold", value, allowed: "finite" });
        }
        Ok(Finite { circuit, gain, threshold })
    }

    /// The circuit whose states are the rates at size N: W − ε1 and X − θ/√N with ε = 1/(g√N).
    ///
    /// Source: eq. (22).
    ///
    /// # Errors
    /// [`FiniteError`] for a size that is not positive, or entries that vanish or overflow.
    pub fn at(&self, size: f64) -> Result<Circuit, FiniteError> {
        if !(size > 0.0 && size.is_finite()) {
            return Err(FiniteError::Value { name: "size", value: size, allowed: "above 0" });
        }
        let root = size.sqrt();
        let n = self.circuit.populations();
        let w = self.circuit.coupling() - &(Array2::<f64>::eye(n) / (self.gain * root));
        let x = self.circuit.drive() - &(&self.threshold / root);
        Ok(Circuit::with_time_constants(w, x, self.circuit.time_constants().clone())?)
    }

    /// r₁, r₂, … of r_N = r + r₁/√N + r₂/N + …, `[A]` each, about a state at N → ∞.
    ///
    /// On its support r₁ = W_SS⁻¹(r/g + θ) and r_(k+1) = W_SS⁻¹ r_k/g. *Assumes* that the support stays as it is: no ties, and N large.
    /// `None` where W_SS is singular. Source: eq. (22).
    pub fn expansion(&self, state: &State, order: usize) -> Option<Vec<Array1<f64>>> {
        let s = &state.support;
        let block = Array2::from_shape_fn((s.len(), s.len()), |(a, b)| self.circuit.coupling()[[s[a], s[b]]]);
        let mut right = Array1::from_shape_fn(s.len(), |a| state.r[s[a]] / self.gain + self.threshold[s[a]]);
        let mut terms = Vec::with_capacity(order);
        for _ in 0..order {
            let solved = if s.is_empty() { right.clone() } else { block.solve(&right).ok()? };
            let mut term = Array1::zeros(state.r.len());
            s.iter().zip(&solved).for_each(|(&a, v)| term[a] = *v);
            terms.push(term);
            right = solved / self.gain;
        }
        Some(terms)
    }

    /// All states at several sizes, by support: a branch begins or ends where a rate or an input passes 0.
    ///
    /// # Errors
    /// As [`Finite::at`] and [`all_states`].
    pub fn branches(&self, sizes: &[f64]) -> Result<Vec<Branch>, FiniteError> {
        let mut branches: Vec<Branch> = Vec::new();
        for &size in sizes {
            for state in all_states(&self.at(size)?)?.states {
                match branches.iter_mut().find(|branch| branch.support == state.support) {
                    Some(branch) => branch.points.push((size, state)),
                    None => branches.push(Branch { support: state.support.clone(), points: vec![(size, state)] }),
                }
            }
        }
        Ok(branches)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn pair() -> Finite {
        let circuit = Circuit::new(array![[2.0, -3.0], [9.0, -5.0]], array![36.0, 27.0]).expect("a circuit");
        Finite::new(circuit, 0.5, array![1.0, 2.0]).expect("a network")
    }

    #[test]
    fn the_expansion_is_approached_with_the_order_that_is_left_out() {
        let finite = pair();
        let limit = &all_states(&finite.circuit).expect("two").states[0];
        let terms = finite.expansion(limit, 2).expect("regular");
        let error = |size: f64, order: usize| {
            let exact = &all_states(&finite.at(size).expect("a circuit")).expect("two").states[0].r;
            let sum = terms[..order]
                .iter()
                .enumerate()
                .fold(limit.r.clone(), |sum, (k, term)| sum + term * libm::pow(size, -0.5 * (k + 1) as f64));
            (exact - &sum).iter().fold(0.0_f64, |most, d| d.abs().max(most))
        };
        for order in 0..=2 {
            // Larger N leave nothing but rounding of the highest order.
            let power = libm::log(error(1e5, order) / error(1e7, order)) / libm::log(100.0);
            assert!((power - 0.5 * (order + 1) as f64).abs() < 0.02, "order {order}: {power}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        let circuit = || pair().circuit;
        assert!(Finite::new(circuit(), 0.0, array![1.0, 1.0]).is_err());
        assert!(Finite::new(circuit(), 1.0, array![1.0]).is_err());
        assert!(Finite::new(circuit(), 1.0, array![1.0, f64::NAN]).is_err());
        assert!(pair().at(-1.0).is_err() && pair().at(f64::NAN).is_err());
    }
}
