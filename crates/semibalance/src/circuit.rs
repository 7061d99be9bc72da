//! What is given: mean coupling, mean drive and time constants.

use ndarray::{Array1, Array2};
use thiserror::Error;

/// Mean coupling W `[A × A]`, indexed [target, source], mean drive X `[A]` and time constants τ `[A]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Circuit {
    w: Array2<f64>,
    x: Array1<f64>,
    tau: Array1<f64>,
}

/// Why W, X and τ make no circuit.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum CircuitError {
    /// There is no population.
    #[error("W: no population (allowed: 1 and more)")]
    Empty,
    /// W is not square.
    #[error("W: {rows} rows and {columns} columns (allowed: as many rows as columns)")]
    NotSquare {
        /// Rows of W.
        rows: usize,
        /// Columns of W.
        columns: usize,
    },
    /// A vector does not fit W.
    #[error("{name}: {length} entries (allowed: {populations}, one a population)")]
    Length {
        /// X or tau.
        name: &'static str,
        /// Its length.
        length: usize,
        /// Number of populations.
        populations: usize,
    },
    /// An entry is out of range.
    #[error("{name}: {value:?} (allowed: {allowed})")]
    Value {
        /// Which entry, as `W[1][0]`.
        name: String,
        /// Its value.
        value: f64,
        /// What it may be.
        allowed: &'static str,
    },
}

/// Magnitudes between which products of three entries neither overflow nor vanish.
const SMALLEST: f64 = 1e-90;
const LARGEST: f64 = 1e90;

impl Circuit {
    /// With equal time constants.
    ///
    /// # Errors
    /// [`CircuitError`]; entries are 0 or have magnitudes from 1e-90 to 1e90.
    pub fn new(w: Array2<f64>, x: Array1<f64>) -> Result<Self, CircuitError> {
        let tau = Array1::ones(x.len());
        Self::with_time_constants(w, x, tau)
    }

    /// With time constants of any unit.
    ///
    /// # Errors
    /// As [`Circuit::new`]; time constants are positive.
    pub fn with_time_constants(w: Array2<f64>, x: Array1<f64>, tau: Array1<f64>) -> Result<Self, CircuitError> {
        let (rows, columns) = w.dim();
        if rows != columns {
            return Err(CircuitError::NotSquare { rows, columns });
        }
        if rows == 0 {
            return Err(CircuitError::Empty);
        }
        for (name, vector) in [("X", &x), ("tau", &tau)] {
            if vector.len() != rows {
                return Err(CircuitError::Length { name, length: vector.len(), populations: rows });
            }
        }
        let refuse = |name: String, value, allowed| Err(CircuitError::Value { name, value, allowed });
        let usable = |v: f64| v == 0.0 || (SMALLEST..=LARGEST).contains(&v.abs());
        const ENTRY: &str = "0, or a magnitude from 1e-90 to 1e90";
        if let Some(((a, b), &value)) = w.indexed_iter().find(|(_, v)| !usable(**v)) {
            return refuse(format!("W[{a}][{b}]"), value, ENTRY);
        }
        if let Some((a, &value)) = x.indexed_iter().find(|(_, v)| !usable(**v)) {
            return refuse(format!("X[{a}]"), value, ENTRY);
        }
        if let Some((a, &value)) = tau.indexed_iter().find(|(_, v)| !(SMALLEST..=LARGEST).contains(*v)) {
            return refuse(format!("tau[{a}]"), value, "from 1e-90 to 1e90");
        }
        Ok(Circuit { w, x, tau })
    }

    /// Number of populations.
    pub fn populations(&self) -> usize {
        self.x.len()
    }

    /// W `[A × A]`.
    pub fn coupling(&self) -> &Array2<f64> {
        &self.w
    }

    /// X `[A]`.
    pub fn drive(&self) -> &Array1<f64> {
        &self.x
    }

    /// τ `[A]`.
    pub fn time_constants(&self) -> &Array1<f64> {
        &self.tau
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn what_is_no_circuit_is_refused() {
        let w = array![[1.0, -2.0], [3.0, -4.0]];
        let errors = [
            Circuit::new(Array2::zeros((0, 0)), Array1::zeros(0)),
            Circuit::new(Array2::zeros((2, 3)), Array1::zeros(2)),
            Circuit::new(w.clone(), array![1.0]),
            Circuit::new(w.clone(), array![1.0, f64::NAN]),
            Circuit::new(array![[1.0, f64::INFINITY], [1.0, 1.0]], array![1.0, 1.0]),
            Circuit::new(w.clone(), array![1.0, 1e300]),
            Circuit::with_time_constants(w.clone(), array![1.0, 1.0], array![1.0, 0.0]),
            Circuit::with_time_constants(w.clone(), array![1.0, 1.0], array![1.0]),
        ];
        for error in errors {
            let text = error.expect_err("no circuit").to_string();
            assert!(text.contains("allowed: "), "{text}");
        }
        assert!(Circuit::new(w, array![0.0, -1.0]).is_ok());
    }
}
