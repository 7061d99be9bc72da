//! Where the errors of theories come from: networks drawn at random, none of them a figure's, with theory and simulation.

mod networks;
mod spiking;

use lab::{AnyExperiment, Source};

/// The figures. A figure is one file and one line here.
const FIGURES: &[&dyn AnyExperiment] = &[&spiking::Spiking];

/// The source.
pub static SOURCE: Source = Source {
    name: "calibration",
    citation: "Networks drawn at random from stated priors: on them, and on no network of a paper, the errors that theories admit are measured.",
    figures: FIGURES,
    systems: &[lab::SystemKind::of::<systems::spiking_network::SpikingSystem>()],
};
