//! Resilience, inhibition alone, neuromodulation and conditional memory: what one critic of balance claims of networks.

mod conditional_memory;
mod delay_activity;
mod inhibition_alone;
mod range_control;
mod sign_map;

use lab::{AnyExperiment, Source, SystemKind};
use systems::circuit::CircuitSystem;

/// The figures. A figure is one file and one line here.
const FIGURES: &[&dyn AnyExperiment] = &[
    &inhibition_alone::InhibitionAlone,
    &range_control::RangeControl,
    &sign_map::SignMap,
    &delay_activity::DelayActivity,
    &conditional_memory::Conditional,
];

/// The source.
pub static SOURCE: Source = Source {
    name: "resilience",
    citation: "G. Scheler's blog on balance, neuromodulation and memory; models and parameters are a choice of this project. D. J. Amit, H. Gutfreund & H. Sompolinsky, \
               Storing infinite numbers of patterns in a spin-glass model of neural networks. Phys Rev Lett 55: 1530, 1985.",
    figures: FIGURES,
    systems: &[SystemKind::of::<CircuitSystem>()],
};
