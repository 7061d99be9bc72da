//! Theory: from a network to its observables. Nothing here simulates.
//!
//! ```
//! use meanfield::ggc_beta;
//! use model::{RateNetwork, Response};
//!
//! let network = RateNetwork::inhibitory(1000, 2.0, 2.0, 0.5, 1.0, Response::Heaviside);
//! // Closure (c), given the variance ratio r = var(x)/var(η).
//! let state = ggc_beta(&network, &[0.75])?.states[0];
//! assert!((0.05..0.15).contains(&state.rates.active));
//! # Ok::<(), meanfield::TheoryError>(())
//! ```
//!
//! Equation numbers are those of docs/derivations.md.
//!
//! | closure | function | input besides the network |
//! |---|---|---|
//! | W and X of a network | [`ToCircuit`] | none |
//! | balanced rates r = −W⁻¹X | [`balanced_rates`] | none |
//! | semi-balanced rates r = [W r + X + r]₊ | [`semi_balanced_rates`] | none |
//! | rates of populations with random connections at finite N | [`quenched_rates`] | none |
//! | rates of spiking networks at finite N | [`spiking_rates`] | none |
//! | r = −W⁻¹(X − I/√N) | [`rates_given_input`] | I |
//! | growing modes of the asynchronous state | [`growing_modes`] | none |
//! | weights and rates that homeostatic rules learn | [`learned_state`], [`quasi_static`], [`course`] | none |
//! | rates where inhibition alone changes, a bump on a ring, patterns stored in contexts, cells that a modulator excites | [`shifted_rates`], [`ring_bump`], [`conditional_capacity`], [`Receptors`] | none |
//! | rates and tolerance of a pair whose cells differ | [`static_rates`], [`SampledPaths`] | none |
//! | a learner's choices, updates of gradient descent, the pulse that switches a pair, a cell driven by jumps, membranes that are coupled | [`Choice`], [`updates_until`], [`shortest_pulse`], [`jump_rate`], [`CoupledRing`] | none |
//! | (a) adiabatic, y gamma with the variance of η | [`adiabatic`] | none |
//! | (b) y gamma with r times the variance of η | [`gamma_input`] | r |
//! | (c), (f) y a generalised gamma convolution over a Beta law of filtered activities | [`ggc_beta`] | r |
//! | Gaussian input | [`gaussian_input`] | r |
//! | (d) quenched and temporal variance of η | [`eta_variance`] | activities |
//! | (e) frozen solution at low variance | [`frozen_low_variance`] | none |
//! | (g) large in-degree | [`large_in_degree_alpha`] | r |

extern crate lapack as _;

mod anderson;
mod asymptotics;
mod balanced;
mod bernoulli;
mod choice;
mod complex;
mod conditional_memory;
mod coupled_ring;
mod covariance;
mod descent;
mod error;
mod frozen;
mod gamma;
mod gaussian;
mod ggc;
mod inhibition;
mod input;
mod jumps;
mod mismatch;
mod modulation;
pub mod neuron;
mod newton;
mod plasticity;
mod quadrature;
mod ring;
mod rivals;
mod spiking;
mod variance;

pub use asymptotics::large_in_degree_alpha;
pub use balanced::{ToCircuit, balanced_rates, semi_balanced_rates};
pub use bernoulli::{QuenchedRates, quenched_rates};
pub use choice::Choice;
pub use conditional_memory::{RECALLED, conditional_capacity, conditional_overlap};
pub use coupled_ring::CoupledRing;
pub use covariance::{correlated_state, pair_covariances};
pub use descent::updates_until;
pub use error::TheoryError;
pub use frozen::{Frozen, frozen_low_variance};
pub use gamma::{adiabatic, gamma_input};
pub use gaussian::gaussian_input;
pub use ggc::{GgcBeta, ggc_beta};
pub use inhibition::{drive_response, shifted_rates};
pub use input::{InputTerms, StaticState, gamma_parameters};
pub use jumps::jump_rate;
pub use mismatch::{SampledPaths, static_rates, steepness, tolerated_width};
pub use modulation::{Receptors, kernel_dimension, rate_kernel};
pub use plasticity::{
    Course, LearnedState, QuasiStatic, course, growth_of_learning, learned_state, quasi_static, settled_rates,
};
pub use ring::{Bump, ring_bump};
pub use rivals::{least_weakening, one_wins, shortest_pulse};
pub use spiking::{
    GrowingModes, INPUT_ERROR, LearnedRates, SpikingRates, evened_rates, fewest_inputs, growing_modes, learned_rates,
    may_be_silent, rates_given_input, spiking_rates,
};
pub use variance::eta_variance;
