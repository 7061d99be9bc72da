//! The circuit in units in which its entries are of order 1: powers of two, so nothing is rounded.

use crate::Circuit;
use ndarray::{Array1, Array2};

/// W' = R W C and X' = R X u for diagonal R and C and a number u, all powers of two; then r = C r'/u and I = R⁻¹ I'/u.
pub struct Scaled {
    /// W' `[A × A]`: the largest magnitude of every row and column that is not 0 is about 1.
    pub w: Array2<f64>,
    /// X' `[A]`: the largest magnitude is about 1.
    pub x: Array1<f64>,
    rows: Array1<f64>,
    columns: Array1<f64>,
    unit: f64,
}

/// Scaled entries below this, beside those of order 1, make a circuit wide.
const WIDE: f64 = 1e-5;

impl Scaled {
    pub fn new(circuit: &Circuit) -> Self {
        let n = circuit.populations();
        let mut w = circuit.coupling().clone();
        let (mut rows, mut columns) = (Array1::ones(n), Array1::ones(n));
        // Three rounds bring rows and columns within a factor of a few of 1.
        for _ in 0..3 {
            for (mut row, scale) in w.rows_mut().into_iter().zip(&mut rows) {
                let step = inverse_power_of_two(largest(row.iter()));
                row.mapv_inplace(|v| v * step);
                *scale *= step;
            }
            for (mut column, scale) in w.columns_mut().into_iter().zip(&mut columns) {
                let step = inverse_power_of_two(largest(column.iter()));
                column.mapv_inplace(|v| v * step);
                *scale *= step;
            }
        }
        let mut x = circuit.drive() * &rows;
        let unit = inverse_power_of_two(largest(x.iter()));
        x.mapv_inplace(|v| v * unit);
        Scaled { w, x, rows, columns, unit }
    }

    /// Whether entries differ by more than sums of them can show in plain numbers.
    pub fn is_wide(&self) -> bool {
        self.w.iter().chain(&self.x).any(|v| *v != 0.0 && v.abs() < WIDE)
    }

    /// Rates of the circuit from those of the scaled one.
    pub fn rates(&self, scaled: &Array1<f64>) -> Array1<f64> {
        scaled * &self.columns / self.unit
    }

    /// An entry of an inverse of W from that of an inverse of W'.
    pub fn inverse_entry(&self, entry: f64, a: usize, b: usize) -> f64 {
        entry * self.columns[a] * self.rows[b]
    }

    /// What weighs rows of the circuit, from what weighs those of the scaled one; largest entry 1.
    pub fn dual(&self, scaled: &Array1<f64>) -> Array1<f64> {
        let weights = scaled * &self.rows;
        let most = largest(weights.iter());
        weights / most
    }

    /// Inputs of the circuit from those of the scaled one.
    pub fn inputs(&self, scaled: &Array1<f64>) -> Array1<f64> {
        scaled / &self.rows / self.unit
    }
}

fn largest<'a>(values: impl Iterator<Item = &'a f64>) -> f64 {
    values.fold(0.0, |most, v| v.abs().max(most))
}

/// A power of two that brings a magnitude to between 1 and 2; 1 for 0.
fn inverse_power_of_two(magnitude: f64) -> f64 {
    if magnitude == 0.0 {
        return 1.0;
    }
    let exponent = ((magnitude.to_bits() >> 52) & 0x7ff) as i64 - 1023;
    f64::from_bits(((1023 - exponent) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn scaling_is_exact_and_brings_entries_to_order_one() {
        let circuit = Circuit::new(array![[3e-12, -7e40], [1e3, 0.0]], array![5e20, -1e-9]).expect("a circuit");
        let scaled = Scaled::new(&circuit);
        assert!(scaled.w.iter().all(|v| v.abs() < 4.0));
        assert!(scaled.w.rows().into_iter().all(|row| largest(row.iter()) > 0.2));
        // Any r' and its I' are those of the circuit.
        let r = array![0.75, 1.5];
        let input = scaled.w.dot(&r) + &scaled.x;
        let plain = circuit.coupling().dot(&scaled.rates(&r)) + circuit.drive();
        for (a, b) in scaled.inputs(&input).iter().zip(&plain) {
            assert!((a / b - 1.0).abs() < 1e-14, "{a} for {b}");
        }
    }
}
