//! States of r = [W r + X + r]₊: rates r ≥ 0 whose mean inputs I = W r + X cancel in every active
//! population and inhibit every silent one. Pure mathematics on arrays; it knows no neuron.
//!
//! ```
//! use ndarray::array;
//! use semibalance::{Circuit, all_states};
//!
//! let circuit = Circuit::new(array![[2.0, -3.0], [9.0, -5.0]], array![36.0, 27.0])?;
//! let found = all_states(&circuit)?;
//! assert_eq!(found.states.len(), 1);
//! // Both populations are active: r = −W⁻¹X.
//! let state = &found.states[0];
//! assert!((state.r[0] - 99.0 / 17.0).abs() < 1e-12 && state.stability.stable);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The equation is a linear complementarity problem: r ≥ 0, I ≤ 0, r · I = 0. Nothing here depends
//! on units: rescaling rows of (W, X), or rates, rescales the answers and changes nothing else.

// ndarray-linalg calls LAPACK's symbols; this crate brings them.
use lapack as _;

mod balanced;
mod batch;
mod circuit;
mod compensated;
mod continuum;
mod enumerate;
mod exact;
mod existence;
mod finite;
mod lemke;
mod one;
mod reduction;
mod relax;
mod relu;
mod scaled;
mod stability;
mod state;
mod witness;

pub use balanced::{Balanced, balance_of_two, balanced, balanced_many};
pub use batch::{Batch, BatchError, Found, solve_each, solve_many};
pub use circuit::{Circuit, CircuitError};
pub use continuum::Continuum;
pub use enumerate::{EnumerationError, MOST_EXACT, MOST_POPULATIONS, States, all_states};
pub use existence::{effective_matrix, is_p_matrix, sign_sum};
pub use finite::{Branch, Finite, FiniteError};
pub use one::{Absence, Answer, absence, one_state};
pub use relax::{Relaxed, relax};
pub use relu::{Layer, LayerError, Stack};
pub use stability::{Stability, stability};
pub use state::State;
pub use witness::{WitnessError, silencing_witness, unbalancing_witness};
