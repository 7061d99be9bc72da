//! The experiments: the only place, besides tests and benches, that sees theory and simulation.
//!
//! To add a figure: a file in the folder of its source that implements [`lab::Experiment`], and one
//! line in that source's list of figures.

mod assemblies;
pub mod calibration;
mod handwritten;
pub mod neurons;
pub mod plasticity;
pub mod resilience;
mod rows;
pub mod semi_balance;
pub mod signalling;
pub mod sparse_balance;
pub mod spiking;

/// All sources.
pub const SOURCES: &[&lab::Source] = &[
    &sparse_balance::SOURCE,
    &semi_balance::SOURCE,
    &neurons::SOURCE,
    &spiking::SOURCE,
    &plasticity::SOURCE,
    &signalling::SOURCE,
    &resilience::SOURCE,
    &calibration::SOURCE,
];

/// What these binaries were built from.
pub const BUILD: lab::Build = lab::Build { commit: env!("EQUIPOISE_COMMIT"), compiler: env!("EQUIPOISE_RUSTC") };
