//! ε*: how small errors can be at once.

use super::search::{PULL, Search};
use super::{Adjusted, Options, Target, hops};
use crate::curve::{COMPARED, spaced};
use crate::least_squares::least_squares;
use crate::{ReactionSystem, SignallingError};

/// Numbers of rounds in which weights go to where errors are largest.
const ROUNDS: usize = 60;

/// Steps of each round, which begins where the last one ended.
const STEPS: usize = 2;

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
        let found = least_squares(&at, STEPS, |p| {
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
