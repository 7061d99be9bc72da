//! Why a theory has no answer.

use semibalance::CircuitError;
use thiserror::Error;

/// Why a theory has no answer for a network.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum TheoryError {
    /// The closure is not made for this network.
    #[error("{closure} does not apply: {reason}")]
    NotApplicable {
        /// Which closure.
        closure: &'static str,
        /// What it would need.
        reason: &'static str,
    },
    /// The variance ratio is no ratio.
    #[error("variance ratio {value:?} (allowed: above 0, to 1)")]
    Ratio {
        /// What was given.
        value: f64,
    },
    /// No unit can reach threshold: no bias above 0 and no excitation.
    #[error("population {population} is silent, with bias {bias} and no excitatory input: leave it out")]
    Silent {
        /// Index of the population.
        population: usize,
        /// Its bias.
        bias: f64,
    },
    /// The iteration did not settle.
    #[error("{closure} found no solution: residual {residual:.1e} after {iterations} iterations")]
    NotConverged {
        /// Which closure.
        closure: &'static str,
        /// Largest relative change that was left.
        residual: f64,
        /// Iterations done.
        iterations: usize,
    },
    /// The filtered activity cannot have the moments asked for.
    #[error("no Beta law on [0, {supremum}] has mean {mean} and mean square {square}")]
    Moments {
        /// Mean of ψ.
        mean: f64,
        /// Mean square of ψ.
        square: f64,
        /// Bound of ψ.
        supremum: f64,
    },
    /// W and X are no circuit.
    #[error("{0}")]
    Circuit(#[from] CircuitError),
    /// W has no inverse.
    #[error("the mean coupling matrix is singular: there is no balanced state")]
    Singular,
}
