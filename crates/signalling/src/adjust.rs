//! Local adjustment: a function is given a new shape by its own rates, then what has drifted is brought back by its own, until errors are small.

use crate::curve::{COMPARED, Curve, NoCurve, spaced};
use crate::error::within;
use crate::kinetics::Kinetics;
use crate::least_squares::least_squares;
use crate::steady::states_along;
use crate::{Function, Rate, ReactionSystem, Shape, SignallingError};
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
    /// The same error for targets and others, and 50 sweeps.
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
    /// An input turns back while the source goes on.
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

/// Sweeps without a gain after which an adjustment has stalled, and what counts as a gain.
const PATIENCE: usize = 4;
const GAIN: f64 = 1e-3;

/// Weight of a logarithm's way from where it was, beside errors of logarithms: it decides only where several rates do the same.
const PULL: f64 = 1e-4;

/// How much further the source may vary than was asked for, on either side, so that inputs cover a target.
const FURTHER: f64 = 10.0;

impl Target {
    /// Inputs at which it is compared, evenly spaced.
    fn inputs(&self) -> impl Iterator<Item = f64> {
        spaced(self.from, self.to)
    }

    fn validate(&self, system: &ReactionSystem) -> Result<usize, SignallingError> {
        let field = |key: &str| format!("target.{}.{key}", self.function);
        let place = system.function("target.function", &self.function)?;
        self.shape.validate(&format!("target.{}", self.function))?;
        within(|| field("from"), self.from, self.from > 0.0 && self.from <= 1e15, "above 0, to 1e15")?;
        within(|| field("to"), self.to, self.to > self.from && self.to <= 1e15, "above from, to 1e15")?;
        Ok(place)
    }
}

/// What is sought, where it stands, and how many states it has taken.
struct Search {
    system: ReactionSystem,
    targets: Vec<(usize, Target)>,
    options: Options,
    kinetics: Kinetics,
    /// Logarithms of all rates that may be adjusted, by function.
    rates: Vec<Vec<(usize, Rate, f64)>>,
    /// The same as they were.
    old: Vec<Vec<f64>>,
    before: Vec<Curve>,
    states: Vec<Vec<f64>>,
    solves: usize,
    made: usize,
}

/// Why there are no curves.
enum Broken {
    NoState,
    Folded(String),
}

/// Gives functions new shapes.
///
/// Rates of each target are fitted first, then those of every function that has drifted too far, the furthest first; then again, until all errors are small.
/// What need not have been changed is undone. Amounts at the beginning stay. Source: Scheler 2013, PLoS ONE 8(2): e55762, whose wording the steps follow.
///
/// # Errors
/// What [`ReactionSystem::validate`] refuses, targets that are none, and [`SignallingError::NoSteadyState`] before anything is adjusted.
pub fn adjust(system: &ReactionSystem, targets: &[Target], options: Options) -> Result<Adjusted, SignallingError> {
    let positive = |v: f64| v > 0.0 && v <= 10.0;
    within(|| "error".into(), options.target, positive(options.target), "above 0, to 10")?;
    within(|| "others".into(), options.others, positive(options.others), "above 0, to 10")?;
    let mut search = Search::new(system, targets, options)?;
    let status = match search.refusal() {
        Some(status) => status,
        None => search.tried().unwrap_or_else(Broken::status),
    };
    Ok(search.told(status))
}

impl Search {
    fn new(system: &ReactionSystem, targets: &[Target], options: Options) -> Result<Self, SignallingError> {
        system.validate()?;
        let mut places: Vec<(usize, Target)> = Vec::new();
        for target in targets {
            let place = target.validate(system)?;
            if places.iter().any(|(own, _)| *own == place) {
                return Err(SignallingError::Name { field: "target.function".into(), name: target.function.clone() });
            }
            places.push((place, target.clone()));
        }
        within(|| "target".into(), 0.0, !places.is_empty(), "1 and more")?;
        let mut rates: Vec<Vec<(usize, Rate, f64)>> = Vec::new();
        for function in &system.functions {
            let number = system.reaction("functions", &function.reaction)?;
            let own = system.adjustable(function).into_iter();
            let value = |which: Rate| system.reactions[number].rate(which).filter(|rate| *rate > 0.0);
            rates.push(own.filter_map(|which| Some((number, which, value(which)?.ln()))).collect());
        }
        let kinetics = Kinetics::new(system)?;
        let old = rates.iter().map(|own| own.iter().map(|(.., rate)| *rate).collect()).collect();
        let system = system.clone();
        let (before, states) = (Vec::new(), Vec::new());
        Ok(Search { system, targets: places, options, kinetics, rates, old, before, states, solves: 0, made: 0 })
    }

    /// What ends it before it has begun; else curves as they are.
    fn refusal(&mut self) -> Option<Status> {
        if let Some(reason) = self.impossible() {
            return Some(Status::NotFeasible(reason));
        }
        match self.covered() {
            Ok(true) => None,
            Ok(false) => Some(Status::RangeNotCovered),
            Err(broken) => Some(broken.status()),
        }
    }

    /// A proof that no rates reach a target, if there is one.
    fn impossible(&self) -> Option<String> {
        for (place, target) in &self.targets {
            let function = &self.system.functions[*place];
            let output = self.system.place("output", &function.output).ok()?;
            let most = self.kinetics.most(output);
            let Target { shape, to, .. } = target;
            let name = &target.function;
            if most == 0.0 || !self.kinetics.moving.contains(&output) {
                return Some(format!("{name}: nothing can make {}", function.output));
            }
            let wanted = shape.at(*to) / (1.0 + self.options.target);
            if wanted > most {
                return Some(format!(
                    "{name}: {:.6} is wanted at {to}, but there are only {most} of it",
                    shape.at(*to)
                ));
            }
            // Where both ends are below, a hyperbola or a Hill function may still be above in between.
            let over = |x: &f64| target.input == Reading::Total && shape.at(*x) / (1.0 + self.options.target) > *x;
            if let Some(x) = target.inputs().find(over) {
                let y = shape.at(x);
                return Some(format!("{name}: {y:.6} is wanted of a total of {x}: the output is a part of it"));
            }
        }
        None
    }

    /// Curves at the rates as they are; the target's against what it reads.
    fn curves(&mut self) -> Result<Vec<Curve>, Broken> {
        let near = std::mem::take(&mut self.states);
        self.states = states_along(&mut self.kinetics, &self.system, &near).map_err(|_| Broken::NoState)?;
        self.solves += self.states.len();
        (0..self.system.functions.len()).map(|place| self.curve(place)).collect()
    }

    fn curve(&self, place: usize) -> Result<Curve, Broken> {
        let function = &self.system.functions[place];
        let at = |name: &str| self.system.species.iter().position(|own| own.name == name).expect("a species");
        let (input, output) = (at(&function.input), at(&function.output));
        let total = self.targets.iter().any(|(own, target)| *own == place && target.input == Reading::Total);
        let x = |state: &Vec<f64>| state[input] + if total { state[output] } else { 0.0 };
        Curve::new(self.states.iter().map(|state| (x(state), state[output]))).map_err(|no| match no {
            NoCurve::Folded => Broken::Folded(function.name().to_owned()),
            NoCurve::Nothing => Broken::NoState,
        })
    }

    /// Errors of all functions, and whether a drift was extrapolated.
    fn errors(&self, curves: &[Curve]) -> Vec<(f64, bool)> {
        let mut errors = Vec::new();
        for (place, curve) in curves.iter().enumerate() {
            let target = self.targets.iter().find(|(own, _)| *own == place);
            errors.push(match target {
                Some((_, target)) => (target_error(curve, target), false),
                None => {
                    let drift = curve.drift(&self.before[place]);
                    (drift.error, drift.extrapolated)
                }
            });
        }
        errors
    }

    fn is_target(&self, place: usize) -> bool {
        self.targets.iter().any(|(own, _)| *own == place)
    }

    /// Largest error, in units of what is allowed.
    fn merit(&self, errors: &[(f64, bool)]) -> f64 {
        let allowed = |place: usize| if self.is_target(place) { self.options.target } else { self.options.others };
        errors.iter().enumerate().map(|(place, (error, _))| error / allowed(place)).fold(0.0, f64::max)
    }

    fn set(&mut self, place: usize, logarithms: &[f64]) {
        for ((number, which, own), new) in self.rates[place].iter_mut().zip(logarithms) {
            *own = *new;
            self.kinetics.set(*number, *which, new.exp());
        }
    }

    fn logarithms(&self) -> Vec<Vec<f64>> {
        self.rates.iter().map(|own| own.iter().map(|(.., rate)| *rate).collect()).collect()
    }

    fn set_all(&mut self, all: &[Vec<f64>]) {
        all.iter().enumerate().for_each(|(place, own)| self.set(place, own));
    }

    /// Fits the rates of a function to its target, or to what it was.
    fn refit(&mut self, place: usize) -> Result<(), Broken> {
        let wanted: Vec<(f64, f64)> = match self.targets.iter().find(|(own, _)| *own == place) {
            Some((_, target)) => target.inputs().map(|x| (x.ln(), target.shape.at(x).ln())).collect(),
            None => {
                let now = self.curve(place)?.ends();
                let own = self.before[place].ends();
                let (low, high) = (now.0.max(own.0), now.1.min(own.1));
                let (low, high) = if high > low { (low, high) } else { own };
                spaced(low, high).map(|x| (x, self.before[place].log_at(x))).collect()
            }
        };
        let start: Vec<f64> = self.rates[place].iter().map(|(.., rate)| *rate).collect();
        let found = least_squares(&start, |logarithms| {
            if logarithms.iter().any(|l| l.abs() > 700.0) {
                return None;
            }
            self.set(place, logarithms);
            let near = std::mem::take(&mut self.states);
            self.states = match states_along(&mut self.kinetics, &self.system, &near) {
                Ok(states) => states,
                Err(_) => {
                    self.states = near;
                    return None;
                }
            };
            self.solves += self.states.len();
            let curve = self.curve(place).ok()?;
            let pull = logarithms.iter().zip(&start).map(|(l, old)| PULL * (l - old));
            Some(wanted.iter().map(|(x, y)| curve.log_at(*x) - y).chain(pull).collect())
        });
        self.set(place, &found.unwrap_or(start));
        Ok(())
    }

    fn tried(&mut self) -> Result<Status, Broken> {
        let mut best = (f64::INFINITY, self.logarithms());
        let mut idle = 0;
        let places: Vec<usize> = self.targets.iter().map(|(place, _)| *place).collect();
        let mut status = Status::MaxSweeps;
        for _ in 0..self.options.sweeps {
            self.made += 1;
            for place in &places {
                self.refit(*place)?;
            }
            let curves = self.curves()?;
            let errors = self.errors(&curves);
            let mut drifted: Vec<usize> = (0..errors.len())
                .filter(|place| !self.is_target(*place) && errors[*place].0 > self.options.others)
                .collect();
            drifted.sort_by(|a, b| errors[*b].0.total_cmp(&errors[*a].0));
            for place in drifted {
                self.refit(place)?;
            }
            let curves = self.curves()?;
            let merit = self.merit(&self.errors(&curves));
            if merit < best.0 - GAIN {
                idle = 0;
            } else {
                idle += 1;
            }
            if merit < best.0 {
                best = (merit, self.logarithms());
            }
            if best.0 <= 1.0 {
                status = Status::Converged;
                break;
            }
            if idle >= PATIENCE {
                status = Status::Stalled;
                break;
            }
        }
        self.set_all(&best.1);
        if status == Status::Converged {
            self.undo()?;
        }
        Ok(status)
    }

    /// Whether inputs reach all over the targets, where the source varies further if it must.
    fn covered(&mut self) -> Result<bool, Broken> {
        self.before = self.curves()?;
        if self.reaches() {
            return Ok(true);
        }
        let own = self.system.source.clone();
        self.system.source.from = own.from / FURTHER;
        self.system.source.to = own.to * FURTHER;
        // As dense as before.
        let longer = 1.0 + 2.0 * FURTHER.ln() / (own.to / own.from).ln();
        self.system.source.points = ((own.points as f64 * longer) as usize).min(10_000);
        self.states = Vec::new();
        self.before = self.curves()?;
        Ok(self.reaches())
    }

    fn reaches(&self) -> bool {
        self.targets.iter().all(|(place, target)| {
            let (low, high) = self.before[*place].range();
            low <= target.from * (1.0 + 1e-9) && high >= target.to * (1.0 - 1e-9)
        })
    }

    /// Takes back each change without which errors are small all the same, the smallest first.
    fn undo(&mut self) -> Result<(), Broken> {
        let size = |now: &[f64], old: &[f64]| now.iter().zip(old).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        let now = self.logarithms();
        let mut places: Vec<usize> =
            (0..now.len()).filter(|place| !self.is_target(*place) && now[*place] != self.old[*place]).collect();
        places.sort_by(|a, b| size(&now[*a], &self.old[*a]).total_cmp(&size(&now[*b], &self.old[*b])));
        for place in places {
            let kept = self.logarithms();
            let old = self.old[place].clone();
            self.set(place, &old);
            let curves = self.curves()?;
            if self.merit(&self.errors(&curves)) > 1.0 {
                self.set_all(&kept);
            }
        }
        Ok(())
    }

    fn told(mut self, mut status: Status) -> Adjusted {
        let errors =
            self.curves().ok().filter(|curves| curves.len() == self.before.len()).map(|curves| self.errors(&curves));
        if status == Status::Converged && errors.is_none() {
            status = Status::NoSteadyState;
        }
        let hops = hops(&self.system, &self.targets.iter().map(|(place, _)| *place).collect::<Vec<_>>());
        let error = |place: usize, function: &Function| {
            let (error, extrapolated) = errors.as_ref().map_or((f64::NAN, false), |all| all[place]);
            let function = function.name().to_owned();
            FunctionError { function, target: self.is_target(place), error, hop: hops[place], extrapolated }
        };
        let all = self.system.functions.iter().enumerate().map(|(place, function)| error(place, function)).collect();
        let mut changes = Vec::new();
        let mut system = self.system.clone();
        for (own, old) in self.rates.iter().zip(&self.old) {
            for ((number, which, now), before) in own.iter().zip(old).filter(|(own, before)| own.2 != **before) {
                let factor = (now - before).exp();
                if let Some(rate) = system.reactions[*number].rate_mut(*which) {
                    *rate *= factor;
                }
                changes.push((*number, *which, factor));
            }
        }
        changes.sort_by_key(|(number, which, _)| (*number, *which));
        let named = |(number, rate, factor): (usize, Rate, f64)| Change {
            reaction: self.system.reactions[number].name().to_owned(),
            rate,
            factor,
        };
        let changes = changes.into_iter().map(named).collect();
        Adjusted { status, sweeps: self.made, changes, errors: all, solves: self.solves, system }
    }
}

impl Broken {
    fn status(self) -> Status {
        match self {
            Broken::NoState => Status::NoSteadyState,
            Broken::Folded(function) => Status::FoldedInput(function),
        }
    }
}

/// Largest relative difference of a curve from its target; infinite where its inputs do not cover it.
fn target_error(curve: &Curve, target: &Target) -> f64 {
    let (low, high) = curve.range();
    if low > target.from * (1.0 + 1e-3) || high < target.to * (1.0 - 1e-3) {
        return f64::INFINITY;
    }
    let error = |x: f64| (curve.at(x) / target.shape.at(x) - 1.0).abs();
    target.inputs().map(error).fold(0.0, f64::max)
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

/// Numbers of rounds in which weights go to where errors are largest.
const ROUNDS: usize = 25;

/// ε*, the smallest common error range that rates of the targets and of the functions one reaction away are found to reach; and at which rates, from those of an
/// adjustment on.
///
/// Squares are weighed by Lawson's rule until the largest errors are as small as they become: what is found is reached, so that ε* is no larger.
///
/// # Errors
/// As [`adjust`].
pub fn smallest_error(
    adjusted: &Adjusted,
    system: &ReactionSystem,
    targets: &[Target],
) -> Result<f64, SignallingError> {
    let mut search = Search::new(system, targets, Options::with_error(1.0))?;
    if search.refusal().is_some() {
        return Ok(f64::INFINITY);
    }
    let places: Vec<usize> = search.targets.iter().map(|(place, _)| *place).collect();
    let near: Vec<usize> = hops(system, &places)
        .iter()
        .enumerate()
        .filter(|(_, hop)| hop.is_some_and(|hop| hop <= 1))
        .map(|(k, _)| k)
        .collect();
    for change in &adjusted.changes {
        let number = system.reaction("changes", &change.reaction)?;
        for own in search.rates.iter_mut().flatten().filter(|own| own.0 == number && own.1 == change.rate) {
            own.2 += change.factor.ln();
        }
    }
    let start: Vec<f64> = near.iter().flat_map(|&place| search.rates[place].iter().map(|own| own.2)).collect();
    let mut at = start.clone();
    let mut weights: Vec<f64> = Vec::new();
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let Some(wrong) = search.wrong(&near, &at) else { break };
        let largest = wrong.iter().map(|r| r.exp_m1().abs()).fold(0.0, f64::max);
        best = best.min(largest);
        if weights.is_empty() {
            weights = vec![1.0; wrong.len()];
        }
        weights.iter_mut().zip(&wrong).for_each(|(w, r)| *w *= r.abs() + 1e-3 * largest);
        let most = weights.iter().copied().fold(0.0, f64::max);
        weights.iter_mut().for_each(|w| *w = (*w / most).max(1e-12));
        let found = least_squares(&at, |p| {
            let wrong = search.wrong(&near, p)?;
            let pull = p.iter().zip(&start).map(|(l, old)| 1e-3 * PULL * (l - old));
            Some(wrong.iter().zip(&weights).map(|(r, w)| r * w.sqrt()).chain(pull).collect())
        });
        let Some(found) = found else { break };
        at = found;
    }
    Ok(best)
}

impl Search {
    /// Differences of all functions from what they are to be, in logarithms, at these rates of some of them.
    fn wrong(&mut self, places: &[usize], logarithms: &[f64]) -> Option<Vec<f64>> {
        if logarithms.iter().any(|l| l.abs() > 700.0) {
            return None;
        }
        let mut rest = logarithms;
        for &place in places {
            let (own, others) = rest.split_at(self.rates[place].len());
            self.set(place, own);
            rest = others;
        }
        let kept = self.states.clone();
        let Ok(curves) = self.curves() else {
            self.states = kept;
            return None;
        };
        let mut wrong = Vec::with_capacity(curves.len() * COMPARED);
        for (place, curve) in curves.iter().enumerate() {
            match self.targets.iter().find(|(own, _)| *own == place) {
                Some((_, target)) => {
                    let (low, high) = curve.range();
                    if low > target.from * 1.001 || high < target.to * 0.999 {
                        return None;
                    }
                    wrong.extend(target.inputs().map(|x| (curve.at(x) / target.shape.at(x)).ln()));
                }
                None => {
                    let (own, other) = (curve.ends(), self.before[place].ends());
                    let (low, high) = (own.0.max(other.0), own.1.min(other.1));
                    if high < low {
                        wrong.extend([curve.drift(&self.before[place]).error.ln_1p(); COMPARED]);
                        continue;
                    }
                    wrong.extend(spaced(low, high).map(|x| curve.log_at(x) - self.before[place].log_at(x)));
                }
            }
        }
        Some(wrong)
    }
}
