//! Where theory meets simulation: one folder a kind of system, with the value that both sides get, what is seen of it, what is predicted, and the
//! rows of both.
//!
//! ```
//! use lab::{Bench, Detail, Outcome, Plan, Sweep, System, cases, measure};
//! use model::{RateNetwork, Response, Seed};
//! use systems::rate_network::RateSystem;
//!
//! let network = RateNetwork::inhibitory(100, 2.0, 2.0, 0.5, 1.0, Response::Heaviside);
//! let plan = Plan::new("example", 3, RateSystem { protocol: None, network })
//!     .along(Sweep::of("network.populations.I.bias", [0.5, 1.0]));
//! let measured = measure(cases(&[plan])?, "example", Seed(1), &Bench::new(), Detail::Summary)?;
//! let mut outcome = Outcome::default();
//! measured.iter().for_each(|case| RateSystem::compare(case, &mut outcome));
//! assert!(outcome.comparisons.iter().any(|row| row.quantity == "f" && row.x == 0.5));
//! # Ok::<(), lab::Failure>(())
//! ```
//!
//! To add a kind: a folder with a type that implements [`lab::System`], and its line in the sources whose users have such systems.

pub mod circuit;
pub mod neuron;
pub mod plastic_network;
pub mod plastic_spiking;
pub mod rate_network;
pub mod reaction_network;
pub mod spiking_network;
pub mod unit_network;
