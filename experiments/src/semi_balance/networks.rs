//! The circuits of the source, in Hz and Hz mV.

use ndarray::{Array1, Array2, array};

/// Two excitatory populations and an inhibitory one: W_ee is `within` in a population and 2 − `within` across, so that
/// 1/2 is the circuit S3, which balances, and 3/2 its winner-take-all.
pub fn two_and_inhibition(within: f64) -> Array2<f64> {
    let across = 2.0 - within;
    array![[within, across, -3.0], [across, within, -3.0], [4.5, 4.5, -5.0]]
}

/// X of S3 for external rates 10 + δ and 10 − δ Hz.
pub fn drive(contrast: f64) -> Array1<f64> {
    array![36.0 + 1.8 * contrast, 36.0 - 1.8 * contrast, 27.0]
}
