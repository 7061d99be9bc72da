//! Inhibitory plasticity: networks that learn to balance, and what they can learn.

mod detailed_balance;
mod homeostasis;
mod learning_rate;
mod mismatch;
mod networks;
mod nonlinear;
mod prediction_errors;
mod rest;
mod shown;
mod spiking_tasks;
mod talk;
mod tasks;
mod teach;
mod vogels;
mod watched;

pub use teach::{keep, kept, tool};

use lab::{AnyExperiment, Source, Studied, SystemKind};
use systems::plastic_network::PlasticSystem;
use systems::plastic_spiking::PlasticSpikingSystem;

/// The figures. A figure is one file and one line here.
const FIGURES: &[&dyn AnyExperiment] = &[
    &Studied(mismatch::Mismatch),
    &Studied(tasks::Taught::<0>),
    &Studied(tasks::Taught::<1>),
    &Studied(tasks::Taught::<2>),
    &learning_rate::LearningRate,
    &Studied(talk::Talk),
    &Studied(prediction_errors::PredictionErrors),
    &Studied(homeostasis::Homeostasis),
    &Studied(detailed_balance::DetailedBalance),
    &Studied(vogels::Vogels),
    &Studied(spiking_tasks::SpikingTasks),
    &Studied(rest::Rest),
    &nonlinear::Nonlinear,
];

/// The source.
pub static SOURCE: Source = Source {
    name: "plasticity",
    citation: "T. P. Vogels, H. Sprekeler, F. Zenke, C. Clopath & W. Gerstner, Inhibitory plasticity balances excitation and inhibition in sensory \
               pathways and memory networks. Science 334: 1569, 2011; V. R. Zhu & R. Rosenbaum, Evaluating the extent to which homeostatic plasticity learns to compute prediction errors in unstructured neuronal networks. J Comput Neurosci 50: 357, 2022.",
    figures: FIGURES,
    systems: &[SystemKind::of::<PlasticSystem>(), SystemKind::of::<PlasticSpikingSystem>()],
};
