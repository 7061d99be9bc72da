//! Newton's method for a handful of unknowns, with differences for derivatives.

use crate::TheoryError;
use ndarray::{Array1, Array2};
use ndarray_linalg::Solve;

/// Where the function vanishes.
pub struct Root {
    /// The unknowns.
    pub solution: Vec<f64>,
    /// Largest component of the function there.
    pub residual: f64,
}

const ITERATIONS: usize = 60;
const TOLERANCE: f64 = 1e-11;
/// Longest step of any unknown; they are logarithms, so a factor of 1.8.
const LONGEST: f64 = 0.6;

/// Solves f(y) = 0 from `start`, halving a step that does not shorten f.
pub fn newton(
    name: &'static str,
    start: Vec<f64>,
    mut f: impl FnMut(&[f64]) -> Result<Vec<f64>, TheoryError>,
) -> Result<Root, TheoryError> {
    let n = start.len();
    let mut y = start;
    let mut value = f(&y)?;
    for _ in 0..ITERATIONS {
        if largest(&value) < TOLERANCE {
            return Ok(Root { residual: largest(&value), solution: y });
        }
        let mut jacobian = Array2::zeros((n, n));
        for j in 0..n {
            let mut moved = y.clone();
            moved[j] += 1e-6;
            for (i, (new, old)) in f(&moved)?.iter().zip(&value).enumerate() {
                jacobian[[i, j]] = (new - old) / 1e-6;
            }
        }
        let negative: Array1<f64> = value.iter().map(|v| -v).collect();
        let Ok(step) = jacobian.solve_into(negative) else { break };
        let longest = largest(step.as_slice().unwrap_or(&[]));
        let mut scale = (LONGEST / longest).min(1.0);
        let mut shorter = None;
        for _ in 0..12 {
            let trial: Vec<f64> = y.iter().zip(&step).map(|(y, s)| y + scale * s).collect();
            let trial_value = f(&trial)?;
            if largest(&trial_value) < largest(&value) {
                shorter = Some((trial, trial_value));
                break;
            }
            scale *= 0.5;
        }
        // Where no step shortens f only rounding is left, if f is short already.
        let Some(next) = shorter else { break };
        (y, value) = next;
    }
    let residual = largest(&value);
    if residual < 1e-8 {
        return Ok(Root { solution: y, residual });
    }
    Err(TheoryError::NotConverged { closure: name, residual, iterations: ITERATIONS })
}

/// Largest magnitude; NaN counts as infinite.
fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |m: f64, v| if v.is_nan() { f64::INFINITY } else { m.max(v.abs()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_of_a_nonlinear_system() {
        let root = newton("test", vec![1.0, 1.0], |y| Ok(vec![y[0] * y[0] + y[1] - 3.0, y[0] - libm::exp(y[1]) + 1.0]))
            .expect("regular");
        let (a, b) = (root.solution[0], root.solution[1]);
        assert!((a * a + b - 3.0).abs() < 1e-10 && (a - libm::exp(b) + 1.0).abs() < 1e-10);
    }

    #[test]
    fn no_root_is_an_error() {
        assert!(newton("test", vec![0.5], |y| Ok(vec![y[0] * y[0] + 1.0])).is_err());
    }
}
