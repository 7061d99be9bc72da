//! Khajeh, Fumarola & Abbott 2022: sparse balance.

mod fig1;
mod fig2;
mod fig3;
mod fig4;
mod fig5;
mod fig6;
mod networks;
mod published;

use lab::Source;

/// The source. A figure is one file and one line here.
pub static SOURCE: Source = Source {
    name: "sparse-balance",
    citation: "R. Khajeh, F. Fumarola & L. F. Abbott, Sparse balance: excitatory-inhibitory networks with small bias \
               currents and broadly distributed synaptic weights. PLoS Comput Biol 18(2): e1008836, 2022.",
    figures: &[
        &fig1::Fig1,
        &fig2::Fig2,
        &fig3::Fig3,
        &fig4::Fig4,
        &fig5::Fig5,
        &fig6::Fig6,
    ],
    compare: crate::rate::compare,
};
