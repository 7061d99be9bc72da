//! Protein signalling functions, their local adjustment, and a switch of the cell: what one critic of balance asks for in words.

mod adjust;
mod dopamine;
mod energy;
mod psf;
mod random_dimers;
mod spread;
mod switch;
mod timing;
mod tool;

pub use tool::tool;

use lab::{AnyExperiment, Source, SystemKind};
use systems::reaction_network::ReactionNetwork;

/// The figures. A figure is one file and one line here.
const FIGURES: &[&dyn AnyExperiment] =
    &[&psf::Psf, &adjust::Adjust, &spread::Spread, &timing::Timing, &energy::Energy, &switch::Loop];

/// The source.
pub static SOURCE: Source = Source {
    name: "signalling",
    citation: "G. Scheler, Transfer functions for protein signal transduction: application to a model of striatal neural plasticity. PLoS ONE 8(2): \
               e55762, 2013, and the author's blog; D. G. Hardie & D. A. Hawley, AMP-activated protein kinase: the energy charge hypothesis revisited. BioEssays 23: 1112, 2001.",
    figures: FIGURES,
    systems: &[SystemKind::of::<ReactionNetwork>()],
};
