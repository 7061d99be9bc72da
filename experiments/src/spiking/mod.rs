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

use lab::{AnyExperiment, SeriesTable, Source, Studied, SystemKind};
use systems::spiking_network::{Measured, SpikingSystem, finite};

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

/// Points and lines of rates against the abscissa.
fn draw_rates(measured: &Measured, table: &mut SeriesTable) {
    let (label, x) = (&measured.case.label, measured.case.x);
    for (a, name) in measured.case.system.network.names.iter().enumerate() {
        table.estimate(&format!("rate {label}"), name, x, measured.estimate(|s| s.rates[a]));
        table.point(&format!("finite {label}"), name, x, finite(measured, |f| f.rates[a]));
    }
}

/// Sizes that a figure goes through, for its legend.
fn sizes(all: &[Measured], table: &mut SeriesTable) {
    let mut sizes: Vec<usize> = all.iter().map(|m| m.case.system.network.connections.size).collect();
    sizes.sort_unstable();
    sizes.dedup();
    table.curve("sizes", "all", sizes.into_iter().map(|size| (size as f64, 0.0)));
}
