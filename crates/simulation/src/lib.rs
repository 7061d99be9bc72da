//! Simulators: from a network and a seed to activity. Nothing here predicts.

mod columns;
mod connectivity;
mod kernel;
mod rate;

pub use columns::{Columns, Weight};
pub use connectivity::{Precision, draw_columns};
pub use kernel::Kernel;
pub use rate::{Protocol, ProtocolError, RateSimulation, Sample, Scheme, memory};
