//! Khajeh, Fumarola & Abbott 2022: sparse balance.

mod examples;
pub mod networks;
mod published;

use lab::{AnyExperiment, Source, Studied, SystemKind};
use systems::rate_network::RateSystem;

macro_rules! figures {
    ($($module:ident::$figure:ident,)*) => {
        $(mod $module;)*
        const FIGURES: &[&dyn AnyExperiment] = &[$(&Studied($module::$figure),)*];
    };
}

// A figure is one file and one line here.
figures! {
    fig1::Fig1,
    fig2::Fig2,
    fig3::Fig3,
    fig4::Fig4,
    fig5::Fig5,
    fig6::Fig6,
}

/// The source.
pub static SOURCE: Source = Source {
    name: "sparse-balance",
    citation: "R. Khajeh, F. Fumarola & L. F. Abbott, Sparse balance: excitatory-inhibitory networks with small bias \
               currents and broadly distributed synaptic weights. PLoS Comput Biol 18(2): e1008836, 2022.",
    figures: FIGURES,
    systems: &[SystemKind::of::<RateSystem>()],
};
