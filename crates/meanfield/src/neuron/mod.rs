//! Single neurons at constant current: firing rates of integrate-and-fire neurons in closed form or by quadrature, and the rest of
//! Hodgkin & Huxley's with what is near it.

mod firing;
mod rest;

pub use firing::{exponential_rate, leaky_rate, rheobase};
pub use rest::{Rest, hopf_current, rest};
