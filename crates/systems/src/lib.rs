//! Where theory meets simulation: one folder a kind of system, with the value that both sides get, what is seen of it, what is predicted, and the
//! rows of both.
//!
//! To add a kind: a folder with a type that implements [`lab::System`], and its line in the sources whose users have such systems.

pub mod circuit;
pub mod neuron;
pub mod rate_network;
pub mod spiking_network;
