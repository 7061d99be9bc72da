//! Single neurons at constant current: firing rates of integrate-and-fire neurons in closed form or by quadrature, and the rest of
//! Hodgkin & Huxley's with what is near it; postsynaptic potentials.

mod block;
mod eight;
mod filtered;
mod firing;
mod membrane;
mod potential;
mod response;
mod rest;
mod shot_noise;
mod white;

pub(crate) use filtered::firings;
pub use filtered::{Filtered, Firing, filtered_firing, filtered_rate};
pub use firing::{exponential_rate, leaky_rate, rheobase};
pub use potential::{potential, potential_peak, summed_potential};
pub use response::RateResponse;
pub use rest::{Rest, hopf_current, rest};
pub use shot_noise::{Moments, shot_noise, shot_noise_potential};
pub use white::{siegert_rate, white_noise_rate};
