//! Simulators: from a network and a seed to activity. Nothing here predicts.

mod bernoulli;
mod circuit;
mod columns;
mod connectivity;
mod kernel;
pub mod neuron;
mod rate;
pub mod spiking;

pub use bernoulli::{BernoulliEnd, BernoulliRun, run_bernoulli};
pub use circuit::{Fate, RateDynamics, Transfer};
pub use columns::{Columns, Layout, Weight};
pub use connectivity::{Precision, draw_columns};
pub use rate::{Protocol, ProtocolError, RateSimulation, Sample, Scheme, memory};
