//! A feedforward stack of rectified-linear layers is the semi-balanced state of a circuit.

use crate::{Circuit, CircuitError};
use ndarray::{Array1, Array2, s};
use thiserror::Error;

/// One layer: x ↦ [A x + b]₊.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// A `[units × inputs]`.
    pub weights: Array2<f64>,
    /// b `[units]`.
    pub bias: Array1<f64>,
}

/// Layers one upon the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Stack {
    layers: Vec<Layer>,
}

/// Why layers make no stack.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum LayerError {
    /// There is none.
    #[error("layers: none (allowed: 1 and more)")]
    Empty,
    /// A layer does not fit.
    #[error("layer {layer}: {name} {found} (allowed: {expected})")]
    Shape {
        /// Which.
        layer: usize,
        /// Inputs, or entries of the bias.
        name: &'static str,
        /// How many.
        found: usize,
        /// How many there must be.
        expected: usize,
    },
}

impl Stack {
    /// # Errors
    /// [`LayerError`].
    pub fn new(layers: Vec<Layer>) -> Result<Self, LayerError> {
        let mut inputs = layers.first().ok_or(LayerError::Empty)?.weights.ncols();
        for (layer, Layer { weights, bias }) in layers.iter().enumerate() {
            if weights.ncols() != inputs {
                return Err(LayerError::Shape { layer, name: "inputs", found: weights.ncols(), expected: inputs });
            }
            if bias.len() != weights.nrows() {
                return Err(LayerError::Shape { layer, name: "bias", found: bias.len(), expected: weights.nrows() });
            }
            inputs = weights.nrows();
        }
        Ok(Stack { layers })
    }

    /// Activities of all layers, one after another `[A]`, for a stimulus `[inputs]`.
    ///
    /// # Panics
    /// If the stimulus does not fit the first layer.
    pub fn forward(&self, stimulus: &Array1<f64>) -> Array1<f64> {
        let mut all = Vec::with_capacity(self.units());
        let mut below = stimulus.clone();
        for layer in &self.layers {
            below = (layer.weights.dot(&below) + &layer.bias).mapv(|v| v.max(0.0));
            all.extend(&below);
        }
        Array1::from(all)
    }

    /// The circuit whose only state is [`Stack::forward`]: W = A − 1 with A block by block below the diagonal, X = (A¹ x + b¹, b², …).
    ///
    /// −W is unit lower triangular, hence a P-matrix. W does not obey Dale's law. Source: eq. (23).
    ///
    /// # Errors
    /// [`CircuitError`] for entries out of range.
    ///
    /// # Panics
    /// As [`Stack::forward`].
    pub fn circuit(&self, stimulus: &Array1<f64>) -> Result<Circuit, CircuitError> {
        let units = self.units();
        let (mut w, mut x) = (-Array2::<f64>::eye(units), Array1::zeros(units));
        let (mut row, mut column) = (0, 0);
        for (k, layer) in self.layers.iter().enumerate() {
            let end = row + layer.bias.len();
            x.slice_mut(s![row..end]).assign(&layer.bias);
            if k == 0 {
                let mut first = x.slice_mut(s![row..end]);
                first += &layer.weights.dot(stimulus);
            } else {
                w.slice_mut(s![row..end, column..row]).assign(&layer.weights);
                column = row;
            }
            row = end;
        }
        Circuit::new(w, x)
    }

    /// Units in all.
    pub fn units(&self) -> usize {
        self.layers.iter().map(|layer| layer.bias.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::all_states;
    use ndarray::array;

    #[test]
    fn two_layers_by_hand() {
        let stack = Stack::new(vec![
            Layer { weights: array![[1.0, -1.0], [2.0, 1.0]], bias: array![0.5, -1.0] },
            Layer { weights: array![[-1.0, 1.0]], bias: array![0.25] },
        ])
        .expect("a stack");
        let stimulus = array![1.0, 2.0];
        // [1 − 2 + .5]₊ = 0, [2 + 2 − 1]₊ = 3, [−0 + 3 + .25]₊ = 3.25.
        assert_eq!(stack.forward(&stimulus), array![0.0, 3.0, 3.25]);
        let states = all_states(&stack.circuit(&stimulus).expect("a circuit")).expect("three").states;
        assert_eq!(states.len(), 1);
        assert!((&states[0].r - &array![0.0, 3.0, 3.25]).iter().all(|d| d.abs() < 1e-15));
    }

    #[test]
    fn layers_that_do_not_fit_are_refused() {
        assert_eq!(Stack::new(vec![]), Err(LayerError::Empty));
        let layer = |inputs, units, bias| Layer { weights: Array2::zeros((units, inputs)), bias: Array1::zeros(bias) };
        assert!(Stack::new(vec![layer(2, 3, 3), layer(2, 1, 1)]).is_err());
        assert!(Stack::new(vec![layer(2, 3, 2)]).is_err());
    }
}
