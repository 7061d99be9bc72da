//! All rates at once: how small errors can be together.

use super::search::{CHANGE, Search};
use super::{Adjusted, Options, Target, hops};
use crate::curve::{COMPARED, Curve, spaced};
use crate::linear::Lu;
use crate::{ReactionSystem, SignallingError};

/// Most steps from a start, and the most that a step is damped.
const MOST_STEPS: usize = 30;
const MOST_DAMPING: f64 = 1e4;

/// Rounds in which weights go to where differences are largest, and the largest change of a logarithm in a step.
const ROUNDS: usize = 1000;
const LONGEST: f64 = 2.0;

/// Rounds after which the largest difference is to be smaller by this share of it, or they end.
const SETTLING: usize = 40;
const SETTLED: f64 = 1e-4;

/// Sweeps of the start that refits one function after the other, and the drift from which on it does.
const SWEEPS: usize = 6;
const STRICT: f64 = 0.05;

/// Logarithms by which rates of the targets differ between starts.
const STARTS: [f64; 9] = [0.0, -16.0, -10.0, -5.0, -2.5, 2.5, 5.0, 10.0, 16.0];

/// Starts that are followed: the best ones.
const FOLLOWED: usize = 5;

/// ε*, the smallest common error range that rates of the targets and of the functions one reaction away are found to reach, from those of an adjustment and from
/// others on: it is reached, and may not be the least.
///
/// Each step solves for the smallest largest difference of the linearised functions, by squares that are weighed by Lawson's rule.
///
/// # Errors
/// As [`adjust`](super::adjust).
pub fn smallest_error(
    adjusted: &Adjusted,
    system: &ReactionSystem,
    targets: &[Target],
) -> Result<f64, SignallingError> {
    let mut search = Search::new(system, targets, Options::with_error(1.0))?;
    if search.refusal().is_some() {
        return Ok(f64::INFINITY);
    }
    for change in &adjusted.changes {
        let number = system.reaction("changes", &change.reaction)?;
        for own in search.rates.iter_mut().flatten().filter(|own| own.0 == number && own.1 == change.rate) {
            own.2 += libm::log(change.factor);
        }
    }
    Ok(search.together())
}

impl Search {
    /// Largest error, in units of what is allowed, at the best rates that are found for all functions at once; they are set.
    pub fn together(&mut self) -> f64 {
        let targets: Vec<usize> = self.targets.iter().map(|(place, _)| *place).collect();
        let now = self.logarithms();
        let swept = self.swept(&targets);
        let hops = hops(&self.system, &targets);
        let near: Vec<usize> = (0..hops.len()).filter(|&place| hops[place].is_some_and(|hop| hop <= 1)).collect();
        let shifted = |change: &f64| {
            let mut own = self.old.clone();
            targets.iter().for_each(|&place| own[place].iter_mut().for_each(|l| *l += change));
            own
        };
        let starts: Vec<Vec<Vec<f64>>> = STARTS.iter().map(shifted).collect();
        let best = self.best_of(&near, starts);
        // Then with all that sweeps have changed, from there and from where sweeps have led.
        let moved =
            |&place: &usize| near.contains(&place) || [&now, &swept].iter().any(|all| all[place] != self.old[place]);
        let more: Vec<usize> = (0..hops.len()).filter(moved).collect();
        let (least, found) = self.best_of(&more, vec![best.1, now, swept]);
        self.set_all(&found);
        least
    }

    /// Descends from the best of some starts, by the rates of some functions: the smallest error, and where.
    fn best_of(&mut self, places: &[usize], starts: Vec<Vec<Vec<f64>>>) -> (f64, Vec<Vec<f64>>) {
        let flat = |all: &[Vec<f64>]| -> Vec<f64> { places.iter().flat_map(|&place| all[place].clone()).collect() };
        let mut tried: Vec<(f64, Vec<Vec<f64>>)> = Vec::new();
        for start in starts {
            self.set_all(&start);
            let error = self.largest(places, &flat(&start));
            tried.push((error, start));
        }
        tried.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut best = tried[0].clone();
        for (_, start) in tried.into_iter().filter(|(error, _)| error.is_finite()).take(FOLLOWED) {
            self.set_all(&start);
            let (error, found) = self.descended(places, flat(&start));
            if error < best.0 {
                let mut rest = found.as_slice();
                let mut all = start;
                for &place in places {
                    let (own, others) = rest.split_at(all[place].len());
                    all[place] = own.to_vec();
                    rest = others;
                }
                best = (error, all);
            }
        }
        best
    }

    /// Rates to which sweeps lead from where they were, the best of them; the same whatever is allowed.
    fn swept(&mut self, targets: &[usize]) -> Vec<Vec<f64>> {
        let old = self.old.clone();
        self.set_all(&old);
        let mut best = (f64::INFINITY, old);
        for _ in 0..SWEEPS {
            let Ok(curves) = self.sweep(targets, STRICT) else { break };
            let merit = self.merit(&self.errors(&curves));
            if merit >= best.0 {
                break;
            }
            best = (merit, self.logarithms());
        }
        best.1
    }

    /// Steps from a start, each of which makes the largest of the linearised differences as small as it can: the largest error at their end, and where.
    fn descended(&mut self, places: &[usize], start: Vec<f64>) -> (f64, Vec<f64>) {
        let mut best = (self.largest(places, &start), start);
        let mut damping = 1e-6;
        for _ in 0..MOST_STEPS {
            let Some(wrong) = self.wrong(places, &best.1) else { break };
            let Some(slopes) = self.slopes(places, &wrong) else { return best };
            let before = best.0;
            while damping < MOST_DAMPING {
                let step = levelled(&wrong, &slopes, damping);
                let next: Vec<f64> = best.1.iter().zip(&step).map(|(l, d)| l + d).collect();
                let error = self.largest(places, &next);
                if error < best.0 {
                    best = (error, next);
                    damping *= 0.1;
                    break;
                }
                damping *= 10.0;
            }
            if best.0 > before * (1.0 - 1e-6) {
                break;
            }
        }
        best
    }

    fn largest(&mut self, places: &[usize], logarithms: &[f64]) -> f64 {
        let most = |wrong: Vec<f64>| wrong.iter().fold(0.0_f64, |most, r| most.max(r.abs()));
        self.wrong(places, logarithms).map_or(f64::INFINITY, most)
    }

    fn allowed(&self, place: usize) -> f64 {
        if self.is_target(place) { self.options.target } else { self.options.others }
    }

    /// Relative differences of all functions from what they are to be, over what is allowed, at these rates of some of them.
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
        let kept = self.known();
        let Ok(curves) = self.curves() else {
            self.restore(kept);
            return None;
        };
        self.differences(&curves)
    }

    /// Slopes of [`Search::wrong`] by the rates of some functions, where it was called last.
    fn slopes(&self, places: &[usize], wrong: &[f64]) -> Option<Vec<Vec<f64>>> {
        let mut sensitivities = Vec::new();
        for &place in places {
            sensitivities.extend(self.sensitivities(place)?);
        }
        let functions = 0..self.system.functions.len();
        let read: Vec<_> = functions.clone().map(|place| self.read(place)).collect();
        let slope = |slopes: &Vec<f64>| {
            let curves = functions.clone().map(|place| self.through(place, &read[place], Some(slopes)));
            let there = self.differences(&curves.collect::<Result<Vec<_>, _>>().ok()?)?;
            Some(there.iter().zip(wrong).map(|(b, a)| (b - a) / CHANGE).collect())
        };
        sensitivities.iter().map(slope).collect()
    }

    /// Relative differences of curves from what they are to be, over what is allowed.
    fn differences(&self, curves: &[Option<Curve>]) -> Option<Vec<f64>> {
        let mut wrong = Vec::with_capacity(curves.len() * COMPARED);
        for (place, curve) in curves.iter().enumerate() {
            let target = self.targets.iter().find(|(own, _)| *own == place);
            let from = wrong.len();
            match (curve, &self.before[place], target) {
                (Some(curve), _, Some((_, target))) => {
                    let (low, high) = curve.range();
                    if low > target.from * 1.001 || high < target.to * 0.999 {
                        return None;
                    }
                    let mut cubics = curve.cubics();
                    wrong.extend(target.inputs().map(|x| cubics.at(libm::log(x)) - libm::log(target.shape.at(x))));
                }
                (Some(curve), Some(before), None) => {
                    let (own, other) = (curve.ends(), before.ends());
                    let (low, high) = (own.0.max(other.0), own.1.min(other.1));
                    if high < low || curve.is_folded() || before.is_folded() {
                        wrong.extend([libm::log1p(curve.drift(before).error); COMPARED]);
                    } else {
                        let (mut now, mut then) = (curve.cubics(), before.cubics());
                        wrong.extend(spaced(low, high).map(|x| now.at(x) - then.at(x)));
                    }
                }
                (None, None, _) => wrong.extend([0.0; COMPARED]),
                _ => return None,
            }
            let allowed = self.allowed(place);
            wrong[from..].iter_mut().for_each(|r| *r = libm::expm1(*r) / allowed);
        }
        Some(wrong)
    }
}

/// The step that makes the largest of |wrong + Σ slopes · step| small.
fn levelled(wrong: &[f64], slopes: &[Vec<f64>], damping: f64) -> Vec<f64> {
    let n = slopes.len();
    let mut weights = vec![1.0; wrong.len()];
    let mut best = (f64::INFINITY, vec![0.0; n]);
    let mut checked = f64::INFINITY;
    for round in 1..=ROUNDS {
        let dot = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
        let mut matrix = vec![0.0; n * n];
        let mut down = vec![0.0; n];
        for (i, own) in slopes.iter().enumerate() {
            let weighed: Vec<f64> = own.iter().zip(&weights).map(|(a, w)| a * w).collect();
            down[i] = -dot(&weighed, wrong);
            for (j, other) in slopes.iter().enumerate().take(i + 1) {
                matrix[i * n + j] = dot(&weighed, other);
                matrix[j * n + i] = matrix[i * n + j];
            }
        }
        // Damping keeps rates in place that change little.
        let largest = (0..n).map(|i| matrix[i * n + i]).fold(f64::MIN_POSITIVE, f64::max);
        (0..n).for_each(|i| matrix[i * n + i] += damping * largest);
        let Some(step) = Lu::new(n, &matrix).map(|lu| lu.solve(&down)) else { break };
        let longest = step.iter().fold(0.0_f64, |most, d| most.max(d.abs()));
        let step: Vec<f64> = step.iter().map(|d| d * (LONGEST / longest).min(1.0)).collect();
        let mut left = wrong.to_vec();
        for (own, d) in slopes.iter().zip(&step) {
            left.iter_mut().zip(own).for_each(|(left, own)| *left += own * d);
        }
        let most = left.iter().fold(0.0_f64, |most, r| most.max(r.abs()));
        if most < best.0 {
            best = (most, step);
        }
        if round % SETTLING == 0 {
            if best.0 > checked * (1.0 - SETTLED) {
                break;
            }
            checked = best.0;
        }
        if most == 0.0 {
            break;
        }
        weights.iter_mut().zip(&left).for_each(|(w, e)| *w = (*w * e.abs() / most).max(1e-14));
        let heaviest = weights.iter().copied().fold(0.0, f64::max);
        weights.iter_mut().for_each(|w| *w /= heaviest);
    }
    best.1
}
