//! Simulators: from a network and a seed to activity. Nothing here predicts.
//!
//! ```
//! use model::{RateNetwork, Response, Seed};
//! use simulation::{RateSimulation, Scheme};
//!
//! let network = RateNetwork::inhibitory(200, 2.0, 2.0, 0.5, 1.0, Response::RectifiedTanh);
//! let mut simulation = RateSimulation::new(&network, Seed(1));
//! (0..1000).for_each(|_| simulation.step(0.02, Scheme::Euler));
//! let active = simulation.x().iter().filter(|x| **x > 0.0).count();
//! assert!(active > 0 && active < 100, "few units are above threshold");
//! ```

mod bandit;
mod bernoulli;
mod circuit;
mod columns;
mod connectivity;
mod gated_readout;
mod guards;
mod kernel;
mod membranes;
mod memory;
mod mixed_pair;
pub mod neuron;
mod plastic;
mod rate;
mod ring;
mod rivals;
pub mod spiking;
mod volleys;

pub use bandit::Bandit;
pub use bernoulli::{BernoulliEnd, BernoulliRun, run_bernoulli};
pub use circuit::{Fate, RateDynamics, Transfer};
pub use columns::{Columns, Layout, Weight};
pub use connectivity::{Precision, draw_columns};
pub use gated_readout::{Course, GatedReadout};
pub use guards::GuardedPair;
pub use membranes::{Membranes, Threshold};
pub use memory::ConditionalMemory;
pub use mixed_pair::{MixedNetwork, MixedRun};
pub use plastic::{Learned, Learning, PlasticRunError, Trial, plastic_steps, run_plastic};
pub use rate::{Protocol, ProtocolError, RateSimulation, Sample, Scheme, memory};
pub use ring::Ring;
pub use rivals::RivalPools;
pub use volleys::{VolleyCell, Volleys};
