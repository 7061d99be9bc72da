//! One door to theory and simulation of balanced, semi-balanced and sparsely balanced neural circuits.
//!
//! States of a circuit, r = [W r + X + r]₊:
//!
//! ```
//! use equipoise::semibalance::{Circuit, all_states};
//! use ndarray::array;
//!
//! // Two populations that compete by way of inhibition: two stable states, and one between them.
//! let w = array![[1.5, 0.5, -3.0], [0.5, 1.5, -3.0], [4.5, 4.5, -5.0]];
//! let found = all_states(&Circuit::new(w, array![36.0, 36.0, 27.0])?)?;
//! assert_eq!(found.states.iter().filter(|state| state.stability.stable).count(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Rates of a spiking network by theory and by simulation:
//!
//! ```
//! use equipoise::meanfield::spiking_rates;
//! use equipoise::model::{Seed, SpikingNetwork};
//! use equipoise::simulation::spiking::{SpikingRun, run_spiking};
//!
//! let network = SpikingNetwork::baker_2019_pair(1000);
//! let theory = spiking_rates(&network)?;
//! let seen = run_spiking(&network, &SpikingRun::lasting(1000.0, 300.0), Seed(1), 1)?;
//! for (theory, (error, seen)) in theory.rates.iter().zip(theory.rate_error.iter().zip(seen.rates())) {
//!     // One draw of connections, one second.
//!     assert!((theory - seen).abs() < error + 0.1 * seen, "{seen} Hz for {theory} ± {error}");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Theory beside simulation as rows of a table, swept, as `compare` prints them: see [`systems`]. Files of networks are read by [`lab::Parsed`].
//!
//! | crate | what it is |
//! |---|---|
//! | [`model`] | networks, neurons, laws, responses, seeds, units |
//! | [`semibalance`] | states of r = [W r + X + r]₊ |
//! | [`signalling`] | reaction systems of proteins, their signalling functions, local adjustment |
//! | [`meanfield`] | theory, with the errors that it admits |
//! | [`simulation`] | simulators |
//! | [`analysis`] | estimators |
//! | [`lab`] | plans, the one loop, rows, tables, plots, files, command line |
//! | [`systems`] | theory beside simulation, one folder a kind of system |

pub use {analysis, lab, meanfield, model, semibalance, signalling, simulation, systems};
