//! Local adjustment: a function is given a new shape by its own rates, then what has drifted is brought back by its own, until errors are small.

mod refit;
mod search;
mod smallest;

pub use smallest::smallest_error;

use crate::curve::spaced;
use crate::error::within;
use crate::{Rate, ReactionSystem, Shape, SignallingError};
use search::{Broken, Search};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// What a function is to become.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The function.
    pub function: String,
    /// Its new shape, `ymax`, `C` and `n`.
    #[serde(flatten)]
    pub shape: Shape,
    /// Smallest input at which it is wanted.
    pub from: f64,
    /// Largest input.
    pub to: f64,
    /// What an input is.
    #[serde(default)]
    pub input: Reading,
}

/// What an input is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reading {
    /// The amount that is free.
    #[default]
    Free,
    /// Free and in the output: a total, which the output cannot exceed.
    Total,
}

/// How far an adjustment goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Largest relative error of a target.
    pub target: f64,
    /// Largest relative drift of any other function.
    pub others: f64,
    /// Most sweeps over all functions.
    pub sweeps: usize,
}

impl Options {
    /// Options with one error for targets and others, and 50 sweeps.
    pub fn with_error(error: f64) -> Self {
        Options { target: error, others: error, sweeps: 50 }
    }
}

/// How an adjustment ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "status", content = "reason", rename_all = "snake_case")]
pub enum Status {
    /// All errors are within what was allowed.
    Converged,
    /// No rates reach the target; the reason is a proof.
    NotFeasible(String),
    /// Sweeps no longer made errors smaller.
    Stalled,
    /// So many sweeps were not enough.
    MaxSweeps,
    /// Rates on the way left the system without a steady state.
    NoSteadyState,
    /// The source does not bring the input through the range of the target, even where it varies ten times as far.
    RangeNotCovered,
    /// The input of a target turns back while the source goes on, or several steady states belong to some amounts of the source.
    FoldedInput(String),
}

/// A rate that was changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The reaction.
    pub reaction: String,
    /// Which of its rates.
    pub rate: Rate,
    /// By what it was multiplied.
    pub factor: f64,
}

/// Error of a function.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FunctionError {
    /// The function.
    pub function: String,
    /// Whether it is a target.
    pub target: bool,
    /// Largest relative difference from the target, or from what it was.
    pub error: f64,
    /// Reactions from it to a target, which share a species from one to the next; `None` where there is no way. Species that are clamped do not count.
    pub hop: Option<usize>,
    /// Whether its inputs have left their former range.
    pub extrapolated: bool,
}

/// An adjustment.
#[derive(Clone, Debug, PartialEq)]
pub struct Adjusted {
    /// How it ended.
    pub status: Status,
    /// Sweeps that were made.
    pub sweeps: usize,
    /// Rates that were changed, in the order of the reactions.
    pub changes: Vec<Change>,
    /// Errors of all functions, in their order.
    pub errors: Vec<FunctionError>,
    /// Steady states that were solved for.
    pub solves: usize,
    /// The system with its new rates.
    pub system: ReactionSystem,
}

impl Adjusted {
    /// Largest error of a target.
    pub fn target_error(&self) -> f64 {
        largest(self.errors.iter().filter(|own| own.target))
    }

    /// Largest drift of any other function.
    pub fn drift(&self) -> f64 {
        largest(self.errors.iter().filter(|own| !own.target))
    }

    /// Reactions other than those of targets whose rates were changed.
    pub fn others(&self) -> usize {
        let targets: Vec<&str> = self.errors.iter().filter(|own| own.target).map(|own| own.function.as_str()).collect();
        let mut names: Vec<&str> = self.changes.iter().map(|change| change.reaction.as_str()).collect();
        names.dedup();
        names.iter().filter(|name| !targets.contains(name)).count()
    }
}

fn largest<'e>(errors: impl Iterator<Item = &'e FunctionError>) -> f64 {
    errors.fold(0.0, |most, own| if own.error.is_nan() || most.is_nan() { f64::NAN } else { most.max(own.error) })
}

impl Target {
    /// Inputs at which it is compared, evenly spaced.
    fn inputs(&self) -> impl Iterator<Item = f64> {
        spaced(self.from, self.to)
    }

    /// Refuses what is no target of a system.
    ///
    /// # Errors
    /// The first key found to be wrong.
    pub fn validate(&self, system: &ReactionSystem) -> Result<(), SignallingError> {
        let field = |key: &str| format!("targets.{}.{key}", self.function);
        system.function("targets.function", &self.function)?;
        self.shape.validate(&format!("targets.{}", self.function))?;
        within(|| field("from"), self.from, self.from > 0.0 && self.from <= 1e15, "above 0, to 1e15")?;
        within(|| field("to"), self.to, self.to > self.from && self.to <= 1e15, "above from, to 1e15")
    }
}

/// Gives functions new shapes.
///
/// Rates of each target are fitted first, then those of every function that has drifted too far, the furthest first; then again, until all errors are small.
/// What need not have been changed is undone. Where sweeps are not enough all rates of the targets and their neighbours are searched at once. Amounts at the beginning stay. Source: Scheler 2013, PLoS ONE 8(2): e55762, whose wording the steps follow.
///
/// # Errors
/// What [`ReactionSystem::validate`] refuses, targets that are none, and [`SignallingError::NoSteadyState`] before anything is adjusted.
pub fn adjust(system: &ReactionSystem, targets: &[Target], options: Options) -> Result<Adjusted, SignallingError> {
    let positive = |v: f64| v > 0.0 && v <= 10.0;
    within(|| "error".into(), options.target, positive(options.target), "above 0, to 10")?;
    within(|| "others".into(), options.others, positive(options.others), "above 0, to 10")?;
    let mut search = Search::new(system, targets, options)?;
    let status = match search.refusal() {
        Some(Status::NoSteadyState) => return Err(SignallingError::NoSteadyState { source_amount: f64::NAN }),
        Some(status) => status,
        None => search.tried().unwrap_or_else(Broken::status),
    };
    Ok(search.told(status))
}

/// Reactions from each function to the nearest of `targets`, by species that they share and that are not clamped.
pub fn hops(system: &ReactionSystem, targets: &[usize]) -> Vec<Option<usize>> {
    let clamped = |name: &str| system.species.iter().any(|own| own.clamped && own.name == name);
    let of = |k: usize| -> Vec<&str> {
        let steps = system.reactions[k].steps().into_iter();
        steps.flat_map(|(from, to, _)| from.into_iter().chain(to)).filter(|name| !clamped(name)).collect()
    };
    let species: Vec<Vec<&str>> = (0..system.reactions.len()).map(of).collect();
    let place = |function: usize| {
        let name = &system.functions[function].reaction;
        system.reactions.iter().position(|own| own.name() == name)
    };
    let mut hop: Vec<Option<usize>> = vec![None; system.reactions.len()];
    let mut queue: VecDeque<usize> = targets.iter().filter_map(|target| place(*target)).collect();
    queue.iter().for_each(|&k| hop[k] = Some(0));
    while let Some(k) = queue.pop_front() {
        for other in 0..hop.len() {
            if hop[other].is_none() && species[k].iter().any(|name| species[other].contains(name)) {
                hop[other] = hop[k].map(|hop| hop + 1);
                queue.push_back(other);
            }
        }
    }
    (0..system.functions.len()).map(|function| place(function).and_then(|k| hop[k])).collect()
}
