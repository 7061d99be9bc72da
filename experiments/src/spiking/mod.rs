//! Spiking networks: balance and semi-balance of exponential integrate-and-fire neurons, against theory at N → ∞ and at finite N.

mod balanced;
mod correlated;
mod networks;
mod record;
mod semi_balanced;
mod stimulus;
mod strengths;
mod variability;
mod xor;

pub use record::{Tool, tool};

use lab::{AnyExperiment, Source, Studied, SystemKind};
use systems::spiking_network::SpikingSystem;

/// The figures. A figure is one file and one line here.
const FIGURES: &[&dyn AnyExperiment] = &[
    &Studied(balanced::Balanced),
    &Studied(stimulus::Stimulus),
    &Studied(correlated::Correlated),
    &Studied(strengths::Strengths),
    &Studied(semi_balanced::SemiBalanced),
    &Studied(xor::Xor),
    &Studied(variability::Variability),
];

/// The source.
pub static SOURCE: Source = Source {
    name: "spiking",
    citation: "C. Baker, C. Ebsch, I. Lampl & R. Rosenbaum, Correlated states in balanced neuronal networks. Phys Rev E 99: 052414, \
               2019; the spiking networks of Baker, Zhu & Rosenbaum 2020.",
    figures: FIGURES,
    systems: &[SystemKind::of::<SpikingSystem>()],
};

/// What the values of Baker et al.'s own simulations are called in tables.
const PUBLISHED: &str = "published:Baker et al. 2019";
