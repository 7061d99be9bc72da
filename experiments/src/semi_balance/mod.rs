//! Baker, Zhu & Rosenbaum 2020: balance, and the semi-balanced state where it breaks.

mod conditioning;
mod digits;
mod feasibility;
mod finite_n;
mod manifold;
mod multistability;
pub(crate) mod networks;
mod rates;
mod relu;
mod representation;
mod states;
mod theorem;
mod wedge;

pub use states::{Tool, tool};

use lab::{AnyExperiment, Source, Studied, SystemKind};
use systems::circuit::CircuitSystem;
use systems::unit_network::UnitSystem;

/// The figures, in the order of the list. A figure is one file and one line here.
const FIGURES: &[&dyn AnyExperiment] = &[
    &Studied(rates::Rates),
    &representation::Representation,
    &wedge::Wedge,
    &conditioning::Conditioning,
    &Studied(multistability::Multistability),
    &feasibility::Feasibility,
    &theorem::Theorem,
    &finite_n::FiniteN,
    &relu::Relu,
    &digits::Digits,
    &manifold::Manifold,
];

/// The source.
pub static SOURCE: Source = Source {
    name: "semi-balance",
    citation: "C. Baker, V. Zhu & R. Rosenbaum, Nonlinear stimulus representations in neural circuits with approximate \
               excitatory-inhibitory balance. PLoS Comput Biol 16(9): e1008192, 2020.",
    figures: FIGURES,
    systems: &[SystemKind::of::<CircuitSystem>(), SystemKind::of::<UnitSystem>()],
};
