//! Where the errors of theories come from: networks drawn at random, none of them a figure's, with theory and simulation.

mod judged;
mod rate;
mod rate_networks;
mod spiking;
mod spiking_networks;

use lab::{AnyExperiment, Source, SystemKind};
use systems::rate_network::RateSystem;
use systems::spiking_network::SpikingSystem;

/// The figures. A figure is one file and one line here.
const FIGURES: &[&dyn AnyExperiment] = &[&rate::Rate, &spiking::Spiking];

/// The source.
pub static SOURCE: Source = Source {
    name: "calibration",
    citation: "Networks drawn at random from stated priors: on them, and on no network of a paper, the errors that theories admit are measured.",
    figures: FIGURES,
    systems: &[SystemKind::of::<SpikingSystem>(), SystemKind::of::<RateSystem>()],
};
