//! Resilience, inhibition alone, neuromodulation and conditional memory: what one critic of balance claims of networks.

mod coding_device;
mod coherence;
mod conditional_memory;
mod delay_activity;
mod gain_dimension;
mod inhibition_alone;
mod mismatch;
mod presynaptic_switch;
mod range_control;
mod relearning;
mod reward_limit;
mod sign_map;
mod synchronous_input;

use lab::{AnyExperiment, Source, SystemKind};
use systems::circuit::CircuitSystem;

/// The figures. A figure is one file and one line here.
const FIGURES: &[&dyn AnyExperiment] = &[
    &mismatch::Mismatch,
    &inhibition_alone::InhibitionAlone,
    &range_control::RangeControl,
    &sign_map::SignMap,
    &gain_dimension::GainDimension,
    &relearning::Relearning,
    &reward_limit::RewardLimit,
    &presynaptic_switch::PresynapticSwitch,
    &delay_activity::DelayActivity,
    &synchronous_input::SynchronousInput,
    &coding_device::CodingDevice,
    &coherence::Coherence,
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
