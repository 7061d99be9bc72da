//! Reaction systems of proteins: steady states, signalling functions, and their local adjustment.
//!
//! ```
//! use signalling::{Options, ReactionSystem, Shape, Status, Target, adjust};
//!
//! let system = ReactionSystem::two_bindings();
//! let shape = Shape { ymax: 220.0, half: 78.0, n: 1.0 };
//! let target = Target { function: "GA".into(), shape, from: 10.0, to: 30.0, input: Default::default() };
//! let adjusted = adjust(&system, &[target], Options::with_error(0.1))?;
//! assert_eq!(adjusted.status, Status::Converged);
//! // A's affinity alone has changed, from 2400 nM to 78 nM.
//! assert!((adjusted.changes[0].factor - 78.0 / 2400.0).abs() < 1e-5 && adjusted.others() == 0);
//! # Ok::<(), signalling::SignallingError>(())
//! ```
//!
//! A *protein signalling function* is the steady amount of a reaction's output against that of its input. Alone a reaction has an elementary one, in closed
//! form; embedded it has a systemic one, which the other reactions shape too. Nothing here depends on units: amounts have one, times another.

mod adjust;
mod branch;
mod conservation;
mod curve;
mod dimers;
mod elementary;
mod error;
mod examples;
mod kinetics;
mod least_squares;
mod linear;
mod newton;
mod ode;
mod shape;
mod steady;
mod switch;
mod system;
mod timing;

pub use adjust::{Adjusted, Change, FunctionError, Options, Reading, Status, Target, adjust, hops, smallest_error};
pub use branch::{BranchPoint, branch};
pub use curve::{Curve, Drift, NoCurve};
pub use dimers::{Dimers, Pair};
pub use elementary::{binding_relaxation, bound, bound_of_free, enzymatic};
pub use error::SignallingError;
pub use kinetics::Kinetics;
pub use newton::RESIDUAL;
pub use ode::{Field, Stuck, integrate};
pub use shape::{Fit, Shape};
pub use steady::steady_states;
pub use switch::{EnergySwitch, Fold, LoopState, VARIABLES};
pub use system::{Function, MOST_SPECIES, Rate, Reaction, ReactionSystem, Source, Species};
pub use timing::response_time;
