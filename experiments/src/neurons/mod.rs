//! Single neurons: the pictures of V. R. Zhu's talk, held to theory and to independent simulations.

mod exponential;
mod feedforward;
mod hodgkin_huxley;
mod leaky;
mod mean_field_input;
mod picture;
mod recurrent;
mod synapses;

use lab::{AnyExperiment, Source, Studied, SystemKind};
use systems::neuron::NeuronSystem;
use systems::spiking_network::SpikingSystem;

/// The figures, in the order of the talk. A figure is one file and one line here.
const FIGURES: &[&dyn AnyExperiment] = &[
    &hodgkin_huxley::HodgkinHuxley,
    &leaky::Leaky,
    &exponential::Exponential,
    &synapses::Synapses,
    &mean_field_input::MeanFieldInput,
    &Studied(feedforward::Feedforward),
    &Studied(recurrent::Recurrent),
];

/// The source.
pub static SOURCE: Source = Source {
    name: "neurons",
    citation: "V. R. Zhu, Recurrent Neuronal Models (talk, 2020), after Hodgkin & Huxley 1952 and Fourcaud-Trocmé et al. 2003.",
    figures: FIGURES,
    systems: &[SystemKind::of::<NeuronSystem>(), SystemKind::of::<SpikingSystem>()],
};

/// What values of independent simulations at the talk's parameters are called in tables.
const PUBLISHED: &str = "reference:independent simulation";

/// What such values are granted where the scheme and the step are the same: the digits that are written down here, in mV and ms.
const VOLTAGE_BIAS: f64 = 1e-5;
const TIME_BIAS: f64 = 1e-5;
