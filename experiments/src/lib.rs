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
pub const BUILD: lab::Build = lab::Build {
    commit: env!("EQUIPOISE_COMMIT"),
    compiler: env!("EQUIPOISE_RUSTC"),
    target: env!("EQUIPOISE_TARGET"),
};

/// Committed tables that take a second each.
pub const KNOWN: &[lab::Known] = &[
    known("neurons", "recurrent", include_str!("../../results/neurons/recurrent/comparison.csv")),
    known("neurons", "mean-field-input", include_str!("../../results/neurons/mean-field-input/comparison.csv")),
    known("semi-balance", "relu", include_str!("../../results/semi-balance/relu/comparison.csv")),
    known("signalling", "adjust", include_str!("../../results/signalling/adjust/comparison.csv")),
    known("plasticity", "mismatch", include_str!("../../results/plasticity/mismatch/comparison.csv")),
    known("resilience", "inhibition-alone", include_str!("../../results/resilience/inhibition-alone/comparison.csv")),
];

const fn known(source: &'static str, figure: &'static str, table: &'static str) -> lab::Known {
    lab::Known { source, figure, table }
}
