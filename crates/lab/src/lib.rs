//! The experimenter's bench: experiments, comparisons, data frames, plots, provenance, report.
//! It knows no neuroscience.

mod bench;
pub mod cli;
mod comparison;
mod estimate;
mod experiment;
mod failure;
mod frame;
pub mod input;
pub mod plot;
mod provenance;
mod report;
mod run;
mod series;
mod store;

pub use bench::Bench;
pub use comparison::{Claim, Comparison, csv, short, table};
pub use estimate::Estimate;
pub use experiment::{AnyExperiment, Experiment, Outcome, Scale, Source};
pub use failure::Failure;
pub use frame::Frame;
pub use provenance::Build;
pub use report::write_report;
pub use run::{CompareRequest, Memory};
pub use series::SeriesTable;
pub use store::FrameStream;
