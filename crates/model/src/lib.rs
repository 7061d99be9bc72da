//! What a network is: populations, coupling statistics, weight laws, response functions,
//! observables and seeds. No solver, no simulator, no files.
//!
//! # Units
//!
//! | quantity | unit |
//! |---|---|
//! | time in rate networks | the time constant τ of a unit |
//! | inputs x, η, biases I, weights J of rate networks | dimensionless |
//! | activity φ(x) | dimensionless |
//! | time in neurons | ms |
//! | voltage, and I of integrate-and-fire neurons | mV |
//! | I of Hodgkin & Huxley's neuron | µA/cm² |
//! | currents in spiking networks (C = 1), charge of a synapse there | mV/ms, mV |
//! | rates in networks | Hz |
//!
//! Index order is `[target, source]` everywhere; `i, j` are units, `a, b` populations.

mod bernoulli;
mod network;
pub mod neuron;
mod observable;
pub mod response;
mod rows;
mod seed;
pub mod spiking;
pub mod weights;

pub use bernoulli::{BernoulliError, BernoulliNetwork};
pub use network::{NetworkError, Population, RateNetwork, Sign};
pub use neuron::{Neuron, NeuronError};
pub use observable::{Autocorrelation, Distribution, InputMoments, Rates, Spike, Spikes, VarianceSplit};
pub use response::Response;
pub use seed::{Seed, Stream};
pub use spiking::{SpikingError, SpikingNetwork};
pub use weights::{WeightLaw, WeightMoments};
