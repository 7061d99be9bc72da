//! What a network is: populations, coupling statistics, weight laws, response functions,
//! observables and seeds. No solver, no simulator, no files.
//!
//! ```
//! use model::{RateNetwork, Response, Seed};
//!
//! // 1000 inhibitory units: J = g = 2, ν = 1/2, bias 1.
//! let network = RateNetwork::inhibitory(1000, 2.0, 2.0, 0.5, 1.0, Response::RectifiedTanh);
//! assert_eq!(network.validate(), Ok(()));
//! assert_eq!(network.size(), 1000);
//! // Random numbers are keyed by seed, realisation and purpose.
//! assert_ne!(Seed(1).replicate(0), Seed(1).replicate(1));
//! ```
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
mod mixed_pair;
mod network;
pub mod neuron;
mod observable;
mod plastic;
pub mod response;
mod rows;
mod seed;
pub mod spiking;
mod units;
pub mod weights;

pub use bernoulli::{BernoulliError, BernoulliNetwork};
pub use mixed_pair::{MixedPair, Spread};
pub use network::{NetworkError, Population, RateNetwork, Sign};
pub use neuron::{Neuron, NeuronError};
pub use observable::{Autocorrelation, Distribution, InputMoments, Rates, Spike, Spikes, VarianceSplit};
pub use plastic::{Factor, Lessons, Phase, PlasticError, PlasticNetwork, Rule, Stimulus, parts};
pub use response::Response;
pub use seed::{Seed, Stream};
pub use spiking::{SpikingError, SpikingNetwork};
pub use units::{UnitError, UnitNetwork};
pub use weights::{WeightLaw, WeightMoments};
