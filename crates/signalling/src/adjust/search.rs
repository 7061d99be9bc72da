//! The search for rates: sweeps over functions that are refitted one after the other.

use super::{Adjusted, Change, FunctionError, Options, Reading, Status, Target, hops};
use crate::branch::branch;
use crate::curve::Curve;
use crate::error::within;
use crate::kinetics::Kinetics;
use crate::steady::states_along;
use crate::{Function, Rate, ReactionSystem, SignallingError};

/// Sweeps without a gain after which an adjustment has stalled, and what counts as a gain.
const PATIENCE: usize = 4;
const GAIN: f64 = 1e-3;

/// How much further the source may vary than was asked for, on either side, so that inputs cover a target.
const FURTHER: f64 = 10.0;

/// Change of a logarithm, over that of the source, which few systems have that do not fold.
const FAST: f64 = 5.0;

/// Change of the logarithm of a rate by which slopes of curves are taken.
pub(super) const CHANGE: f64 = 1e-5;

/// What is sought, where it stands, and how many states it has taken.
pub(super) struct Search {
    pub system: ReactionSystem,
    pub targets: Vec<(usize, Target)>,
    pub options: Options,
    kinetics: Kinetics,
    /// Places of input and output of each function.
    ends: Vec<[usize; 2]>,
    /// Logarithms of all rates that may be adjusted, by function.
    pub rates: Vec<Vec<(usize, Rate, f64)>>,
    /// Logarithms as they were.
    pub old: Vec<Vec<f64>>,
    pub before: Vec<Option<Curve>>,
    /// States `[points × species]` at the rates as they were, once they are known.
    origin: Vec<f64>,
    pub states: Vec<f64>,
    /// Logarithms of rates that the states belong to.
    solved: Vec<Vec<f64>>,
    solves: usize,
    made: usize,
}

/// States `[points × species]`, and logarithms of the rates that they belong to.
type Known = (Vec<f64>, Vec<Vec<f64>>);

/// A point of a curve: logarithms of input and output, and the part of the input that is in the output.
pub(super) struct Read {
    x: f64,
    y: f64,
    part: f64,
}

/// Why there are no curves.
pub(super) enum Broken {
    NoState,
    Folded(String),
    /// Input or output of a target is not there.
    Nothing(String),
}

impl Search {
    pub fn new(system: &ReactionSystem, targets: &[Target], options: Options) -> Result<Self, SignallingError> {
        let kinetics = Kinetics::new(system)?;
        let mut places: Vec<(usize, Target)> = Vec::new();
        for target in targets {
            target.validate(system)?;
            let place = system.function("targets.function", &target.function)?;
            if places.iter().any(|(own, _)| *own == place) {
                return Err(SignallingError::Name { field: "targets.function".into(), name: target.function.clone() });
            }
            places.push((place, target.clone()));
        }
        within(|| "targets".into(), 0.0, !places.is_empty(), "1 and more")?;
        let mut rates: Vec<Vec<(usize, Rate, f64)>> = Vec::new();
        for function in &system.functions {
            let number = system.reaction("functions", &function.reaction)?;
            let own = system.adjustable(function).into_iter();
            let value = |which: Rate| system.reactions[number].rate(which).filter(|rate| *rate > 0.0);
            rates.push(own.filter_map(|which| Some((number, which, libm::log(value(which)?)))).collect());
        }
        let place = |name: &str| system.place("functions", name);
        let ends = system.functions.iter().map(|own| Ok([place(&own.input)?, place(&own.output)?]));
        let ends = ends.collect::<Result<_, SignallingError>>()?;
        let old = rates.iter().map(|own| own.iter().map(|(.., rate)| *rate).collect()).collect();
        let system = system.clone();
        let (before, origin, states, solved) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Ok(Search {
            system,
            targets: places,
            options,
            kinetics,
            ends,
            rates,
            old,
            before,
            origin,
            states,
            solved,
            solves: 0,
            made: 0,
        })
    }

    /// What ends it before it has begun; else curves as they are.
    pub fn refusal(&mut self) -> Option<Status> {
        if let Some(reason) = self.impossible() {
            return Some(Status::NotFeasible(reason));
        }
        match self.covered() {
            Ok(true) if self.jumps() && self.folds() => Some(Status::FoldedInput(self.targets[0].1.function.clone())),
            Ok(true) => None,
            Ok(false) => Some(Status::RangeNotCovered),
            Err(broken) => Some(broken.status()),
        }
    }

    /// A proof that no rates reach a target, if there is one.
    fn impossible(&self) -> Option<String> {
        // The source may bring as much as this.
        let mut start = self.kinetics.start.clone();
        let source = self.system.place("source.species", &self.system.source.species).ok()?;
        start[source] = FURTHER * self.system.source.to;
        for (place, target) in &self.targets {
            let function = &self.system.functions[*place];
            let output = self.system.place("output", &function.output).ok()?;
            let most = self.kinetics.most(output, &start);
            let Target { shape, to, .. } = target;
            let name = &target.function;
            if most == 0.0 || !self.kinetics.moving.contains(&output) {
                return Some(format!("{name}: nothing can make {}", function.output));
            }
            let wanted = shape.at(*to) * (1.0 - self.options.target);
            if wanted > most {
                let (wanted, most) = (short(shape.at(*to)), short(most));
                return Some(format!("{name}: {wanted} is wanted at {to:?}, but there are only {most} of it"));
            }
            // Where both ends are below, a hyperbola or a Hill function may still be above in between.
            let over = |x: &f64| target.input == Reading::Total && shape.at(*x) * (1.0 - self.options.target) > *x;
            if let Some(x) = target.inputs().find(over) {
                let (x, y) = (short(x), short(shape.at(x)));
                return Some(format!("{name}: {y} is wanted of a total of {x}: the output is a part of it"));
            }
        }
        None
    }

    /// Curves at the rates as they are; the target's against what it reads.
    pub fn curves(&mut self) -> Result<Vec<Option<Curve>>, Broken> {
        self.settle()?;
        (0..self.system.functions.len()).map(|place| self.curve(place)).collect()
    }

    /// Brings states to the rates as they are: the last trial of a fit may have been elsewhere.
    pub fn settle(&mut self) -> Result<(), Broken> {
        let now = self.logarithms();
        if self.is_solved(&now) {
            return Ok(());
        }
        let near = std::mem::take(&mut self.states);
        self.states = if now == self.old && !self.origin.is_empty() {
            self.origin.clone()
        } else {
            self.solve(&near).map_err(|_| Broken::NoState)?
        };
        self.solved = now;
        Ok(())
    }

    /// Whether the states are those of the rates with these logarithms.
    pub fn is_solved(&self, logarithms: &[Vec<f64>]) -> bool {
        !self.states.is_empty() && self.solved == logarithms
    }

    /// States, and the rates that they belong to.
    pub fn known(&self) -> Known {
        (self.states.clone(), self.solved.clone())
    }

    pub fn restore(&mut self, known: Known) {
        (self.states, self.solved) = known;
    }

    /// States at the rates as they are, near to others.
    pub fn solve(&mut self, near: &[f64]) -> Result<Vec<f64>, SignallingError> {
        let states = states_along(&mut self.kinetics, &self.system, near)?;
        self.solves += self.system.source.points;
        Ok(states)
    }

    /// The curve of a function in the states as they are; none where its input or its output is not there, which no target may be.
    pub fn curve(&self, place: usize) -> Result<Option<Curve>, Broken> {
        self.through(place, &self.read(place), None)
    }

    /// What the curve of a function goes through in the states as they are.
    pub fn read(&self, place: usize) -> Vec<Read> {
        let [input, output] = self.ends[place];
        let total = self.targets.iter().any(|(own, target)| *own == place && target.input == Reading::Total);
        let point = |state: &[f64]| {
            let other = if total { state[output] } else { 0.0 };
            let x = state[input] + other;
            Read { x: libm::log(x), y: libm::log(state[output]), part: other / x }
        };
        self.states.chunks_exact(self.system.species.len()).map(point).collect()
    }

    /// As [`Search::curve`], of what was read; where slopes ∂ ln x/∂ ln k `[points × species]` are given, after a change of ln k by [`CHANGE`].
    pub fn through(&self, place: usize, read: &[Read], slopes: Option<&[f64]>) -> Result<Option<Curve>, Broken> {
        let [input, output] = self.ends[place];
        let name = || self.system.functions[place].name().to_owned();
        let species = self.system.species.len();
        let point = |(k, own): (usize, &Read)| match slopes.map(|all| &all[k * species..]) {
            Some(slopes) => {
                let x = (1.0 - own.part) * slopes[input] + own.part * slopes[output];
                (own.x + CHANGE * x, own.y + CHANGE * slopes[output])
            }
            None => (own.x, own.y),
        };
        match Curve::of_logarithms(read.iter().enumerate().map(point).collect()).ok() {
            None if self.is_target(place) => Err(Broken::Nothing(name())),
            Some(curve) if curve.is_folded() && self.is_target(place) => Err(Broken::Folded(name())),
            curve => Ok(curve),
        }
    }

    /// Errors of all functions, and whether a drift was extrapolated.
    pub fn errors(&self, curves: &[Option<Curve>]) -> Vec<(f64, bool)> {
        let mut errors = Vec::new();
        for (place, curve) in curves.iter().enumerate() {
            let target = self.targets.iter().find(|(own, _)| *own == place);
            errors.push(match (curve, &self.before[place], target) {
                (Some(curve), _, Some((_, target))) => (target_error(curve, target), false),
                (Some(curve), Some(before), None) => {
                    let drift = curve.drift(before);
                    (drift.error, drift.extrapolated)
                }
                (None, None, _) => (0.0, false),
                _ => (f64::INFINITY, false),
            });
        }
        errors
    }

    pub fn is_target(&self, place: usize) -> bool {
        self.targets.iter().any(|(own, _)| *own == place)
    }

    /// Largest error, in units of what is allowed.
    pub fn merit(&self, errors: &[(f64, bool)]) -> f64 {
        let allowed = |place: usize| if self.is_target(place) { self.options.target } else { self.options.others };
        errors.iter().enumerate().map(|(place, (error, _))| error / allowed(place)).fold(0.0, f64::max)
    }

    pub fn set(&mut self, place: usize, logarithms: &[f64]) {
        for ((number, which, own), new) in self.rates[place].iter_mut().zip(logarithms) {
            *own = *new;
            self.kinetics.set(*number, *which, libm::exp(*new));
        }
    }

    pub fn logarithms(&self) -> Vec<Vec<f64>> {
        self.rates.iter().map(|own| own.iter().map(|(.., rate)| *rate).collect()).collect()
    }

    pub fn set_all(&mut self, all: &[Vec<f64>]) {
        all.iter().enumerate().for_each(|(place, own)| self.set(place, own));
    }

    /// ∂ ln x/∂ ln k `[rate][points × species]` of the states, for the rates of a function.
    pub fn sensitivities(&self, place: usize) -> Option<Vec<Vec<f64>>> {
        let rates: Vec<(usize, Rate)> = self.rates[place].iter().map(|(number, which, _)| (*number, *which)).collect();
        self.kinetics.sensitivities(&self.states, &rates)
    }

    /// Refits the targets, then all that has drifted by more than is allowed, the furthest first; curves after that.
    pub fn sweep(&mut self, targets: &[usize], allowed: f64) -> Result<Vec<Option<Curve>>, Broken> {
        for place in targets {
            self.refit(*place)?;
        }
        let curves = self.curves()?;
        let errors = self.errors(&curves);
        let mut drifted: Vec<usize> =
            (0..errors.len()).filter(|place| !self.is_target(*place) && errors[*place].0 > allowed).collect();
        drifted.sort_by(|a, b| errors[*b].0.total_cmp(&errors[*a].0));
        for place in drifted {
            self.refit(place)?;
        }
        self.curves()
    }

    pub fn tried(&mut self) -> Result<Status, Broken> {
        let before = self.before.clone();
        let mut best = (self.merit(&self.errors(&before)), self.logarithms());
        if best.0 <= 1.0 {
            return Ok(Status::Converged);
        }
        let mut idle = 0;
        let places: Vec<usize> = self.targets.iter().map(|(place, _)| *place).collect();
        let mut status = Status::MaxSweeps;
        for _ in 0..self.options.sweeps {
            self.made += 1;
            let curves = self.sweep(&places, self.options.others)?;
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
        if status != Status::Converged {
            // One function after the other was not enough: all at once.
            let merit = self.together();
            if merit < best.0 {
                best = (merit, self.logarithms());
            }
            self.set_all(&best.1);
            if best.0 <= 1.0 {
                status = Status::Converged;
            }
        }
        if status == Status::Converged {
            self.undo()?;
        }
        Ok(status)
    }

    /// Whether amounts change so fast along the source that they may have come to another state.
    fn jumps(&self) -> bool {
        let amounts = self.system.source.amounts();
        let scale = self.states.iter().copied().fold(0.0, f64::max);
        let (states, species) = (&self.states, self.system.species.len());
        let pairs = states.chunks_exact(species).zip(states.chunks_exact(species).skip(1));
        pairs.zip(amounts.windows(2)).any(|((state, next), amounts)| {
            let most = libm::pow(amounts[1] / amounts[0], FAST);
            let fast = |(a, b): (&f64, &f64)| a.min(*b) > 1e-9 * scale && a.max(*b) > most * a.min(*b);
            state.iter().zip(next).any(fast)
        })
    }

    /// Whether several steady states belong to some amounts of the source.
    fn folds(&self) -> bool {
        branch(&self.system).is_ok_and(|points| points.iter().any(|point| point.fold))
    }

    /// Whether inputs reach all over the targets, where the source varies further if it must.
    fn covered(&mut self) -> Result<bool, Broken> {
        self.before = self.curves()?;
        self.origin.clone_from(&self.states);
        if self.reaches() {
            return Ok(true);
        }
        let own = self.system.source.clone();
        self.system.source.from = own.from / FURTHER;
        self.system.source.to = own.to * FURTHER;
        // As dense as before.
        let longer = 1.0 + 2.0 * libm::log(FURTHER) / libm::log(own.to / own.from);
        self.system.source.points = ((own.points as f64 * longer) as usize).min(10_000);
        (self.states, self.origin) = (Vec::new(), Vec::new());
        self.before = self.curves()?;
        self.origin.clone_from(&self.states);
        Ok(self.reaches())
    }

    fn reaches(&self) -> bool {
        self.targets.iter().all(|(place, target)| {
            let Some((low, high)) = self.before[*place].as_ref().map(Curve::range) else { return false };
            low <= target.from * (1.0 + 1e-9) && high >= target.to * (1.0 - 1e-9)
        })
    }

    /// Takes back each change without which errors are small all the same, the smallest first: of whole functions beside the targets, then of single rates.
    fn undo(&mut self) -> Result<(), Broken> {
        let now = self.logarithms();
        let way = |&(place, k): &(usize, usize)| (now[place][k] - self.old[place][k]).abs();
        let mut single: Vec<(usize, usize)> =
            (0..now.len()).flat_map(|place| (0..now[place].len()).map(move |k| (place, k))).collect();
        single.retain(|own| way(own) > 0.0);
        single.sort_by(|a, b| way(a).total_cmp(&way(b)));
        let mut all: Vec<(usize, Vec<usize>)> = Vec::new();
        // In the order of the largest change of each.
        for &(place, _) in single.iter().rev().filter(|(place, _)| !self.is_target(*place)) {
            if all.iter().all(|(own, _)| *own != place) {
                all.push((place, (0..now[place].len()).collect()));
            }
        }
        all.reverse();
        all.extend(single.into_iter().map(|(place, k)| (place, vec![k])));
        for (place, rates) in all {
            let kept = self.logarithms();
            let mut new = kept[place].clone();
            rates.iter().for_each(|&k| new[k] = self.old[place][k]);
            if new == kept[place] {
                continue;
            }
            let known = self.known();
            self.set(place, &new);
            let curves = self.curves();
            if !curves.is_ok_and(|curves| self.merit(&self.errors(&curves)) <= 1.0) {
                self.set_all(&kept);
                self.restore(known);
            }
        }
        Ok(())
    }

    pub fn told(mut self, mut status: Status) -> Adjusted {
        if self.before.is_empty() {
            // Refused before curves were asked for: their errors as they are.
            self.before = self.curves().unwrap_or_default();
        }
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
                let factor = libm::exp(now - before);
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
    pub fn status(self) -> Status {
        match self {
            Broken::NoState => Status::NoSteadyState,
            Broken::Nothing(function) => {
                Status::NotFeasible(format!("{function}: its input or its output is not there"))
            }
            Broken::Folded(function) => Status::FoldedInput(function),
        }
    }
}

/// A number in seven digits.
fn short(v: f64) -> String {
    let rounded: f64 = format!("{v:.6e}").parse().unwrap_or(v);
    format!("{rounded:?}")
}

/// Largest relative difference of a curve from its target; infinite where its inputs do not cover it.
fn target_error(curve: &Curve, target: &Target) -> f64 {
    let (low, high) = curve.range();
    if low > target.from * (1.0 + 1e-3) || high < target.to * (1.0 - 1e-3) {
        return f64::INFINITY;
    }
    let mut cubics = curve.cubics();
    let error = |x: f64| (libm::exp(cubics.at(libm::log(x))) / target.shape.at(x) - 1.0).abs();
    target.inputs().map(error).fold(0.0, f64::max)
}
