//! Estimators: from activity to observables. They see samples and know nothing of where they came from.
//!
//! ```
//! use analysis::MomentAccumulator;
//!
//! // Three units, ten samples.
//! let mut moments = MomentAccumulator::new(3);
//! for k in 0..10_u8 {
//!     moments.push(&[1.0, 2.0, f32::from(k % 2)]);
//! }
//! let seen = moments.finish().expect("ten samples");
//! assert!((seen.moments.mean - 3.5 / 3.0).abs() < 1e-6);
//! ```

// ndarray-linalg calls LAPACK's symbols; this crate brings them.
use lapack as _;

mod autocorrelation;
mod coherence;
mod decorrelation;
mod fourier;
mod histogram;
mod modes;
mod moments;
mod on_time;
mod readout;
mod spike_trains;
mod waveform;

pub use autocorrelation::{AutocorrelationAccumulator, Mean, Normalisation, population_autocorrelation};
pub use coherence::{RingCoherence, ring_coherence};
pub use decorrelation::{
    EULER_FOLD, HALF, beta, beta_corrected, beta_from_ratio, crossing_time, filtered_share, integral,
};
pub use histogram::Histogram;
pub use modes::linear_modes;
pub use moments::{MomentAccumulator, MomentEstimate, Regime, corrected_split};
pub use on_time::{OnTime, OnTimeEstimate};
pub use readout::{Ridge, nonlinear_share, participation_ratio};
pub use spike_trains::{
    Spectrum, SpikeCounts, cell_rates, cross_correlation, interval_variation, modulation, spike_spectrum, synchrony,
};
pub use waveform::{Waveform, oscillation, waveform};
