//! Spiking networks: balance and semi-balance of exponential integrate-and-fire neurons, against theory at N → ∞ and at finite N.

mod balanced;
mod compare;
mod correlated;
pub(crate) mod measure;
mod networks;
mod record;
pub(crate) mod rows;
mod semi_balanced;
mod stimulus;
mod strengths;
mod variability;
mod xor;

pub use record::{Tool, tool};

use lab::{AnyExperiment, Source};

/// The figures. A figure is one file and one line here.
const FIGURES: &[&dyn AnyExperiment] = &[
    &balanced::Balanced,
    &stimulus::Stimulus,
    &correlated::Correlated,
    &strengths::Strengths,
    &semi_balanced::SemiBalanced,
    &xor::Xor,
    &variability::Variability,
];

/// The source.
pub static SOURCE: Source = Source {
    name: "spiking",
    citation: "C. Baker, C. Ebsch, I. Lampl & R. Rosenbaum, Correlated states in balanced neuronal networks. Phys Rev E 99: 052414, \
               2019; the spiking networks of Baker, Zhu & Rosenbaum 2020.",
    figures: FIGURES,
    compare: compare::compare,
};

/// What the values of Baker et al.'s own simulations are called in tables.
const PUBLISHED: &str = "published:Baker et al. 2019";
