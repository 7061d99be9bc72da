//! The experimenter's bench: experiments, comparisons, data frames, plots, provenance, report.
//! It knows no neuroscience.
//!
//! ```
//! use lab::{Comparison, Estimate, Verdict, row};
//!
//! let simulation = Estimate::of([4.9, 5.0, 5.1, 5.0, 5.0]);
//! let claim = Comparison { theory: 5.1, simulation, bias: 0.05, ..row("A", "rate of e (Hz)", "theory", "network") };
//! assert_eq!((claim.verdict(), claim.unit), (Verdict::Holds, "Hz"));
//! let off = Comparison { theory: 7.0, ..claim };
//! assert_eq!(off.verdict(), Verdict::Misses);
//! ```

mod bench;
pub mod cli;
mod columns;
mod compare;
mod comparison;
mod doctor;
mod estimate;
mod experiment;
mod failure;
mod frame;
pub mod input;
mod measure;
mod parsed;
mod parts;
mod plan;
pub mod plot;
mod provenance;
mod readers;
mod recreate;
mod report;
mod run;
mod series;
mod store;
mod study;
mod system;
mod talk;
mod tally;

pub use bench::Bench;
pub use columns::csv;
pub use compare::CompareRequest;
pub use comparison::{Claim, Comparison, Verdict, row};
pub use doctor::Known;
pub use estimate::Estimate;
pub use experiment::{AnyExperiment, Experiment, Outcome, Scale, Source};
pub use failure::Failure;
pub use frame::Frame;
pub use measure::{cases, measure};
pub use parsed::{Header, Parsed};
pub use plan::{Plan, Sweep};
pub use provenance::Build;
pub use readers::{short, table};
pub use recreate::Asked;
pub use report::write_report;
pub use run::{Memory, memory_of_a_run};
pub use series::SeriesTable;
pub use store::{FrameStream, StoredFrame, WholeFolder, write, write_figure, write_frame};
pub use study::{Studied, Study, SystemKind};
pub use system::{Case, Detail, Draw, Measured, System};
pub use talk::talk;
pub use tally::Tally;
