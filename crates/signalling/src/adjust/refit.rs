//! One function fitted by its own rates, while all others stay.

use super::search::{Broken, Search};
use crate::curve::spaced;
use crate::least_squares::{Residuals, least_squares};

/// Weight of a logarithm's way from where it was, beside errors of logarithms: it decides only where several rates do the same.
const PULL: f64 = 1e-4;

impl Search {
    /// Fits the rates of a function to its target, or to what it was.
    pub fn refit(&mut self, place: usize) -> Result<(), Broken> {
        let wanted: Vec<(f64, f64)> = match self.targets.iter().find(|(own, _)| *own == place) {
            Some((_, target)) => target.inputs().map(|x| (libm::log(x), libm::log(target.shape.at(x)))).collect(),
            None => {
                self.settle()?;
                let (Some(now), Some(before)) = (self.curve(place)?, &self.before[place]) else { return Ok(()) };
                let (now, own) = (now.ends(), before.ends());
                let (low, high) = (now.0.max(own.0), now.1.min(own.1));
                let (low, high) = if high > low { (low, high) } else { own };
                spaced(low, high).map(|x| (x, before.log_at(x))).collect()
            }
        };
        let start: Vec<f64> = self.rates[place].iter().map(|(.., rate)| *rate).collect();
        let mut refit = Refit { search: self, place, wanted, start: start.clone(), linear: None };
        let found = least_squares(&start, &mut refit);
        self.set(place, &found.unwrap_or(start));
        Ok(())
    }
}

/// States after a small change of logarithms of rates, as far as they follow it in proportion: `slopes` are ∂ ln x/∂ ln k `[state][species]`.
pub(super) fn followed(states: &[Vec<f64>], slopes: &[Vec<f64>], change: f64) -> Vec<Vec<f64>> {
    let of = |(x, slope): (&f64, &f64)| x * libm::exp((slope * change).clamp(-FOLLOWED, FOLLOWED));
    states.iter().zip(slopes).map(|(state, slopes)| state.iter().zip(slopes).map(of).collect()).collect()
}

/// Largest change of a logarithm of an amount that is foretold.
const FOLLOWED: f64 = 2.0;

/// Change of the logarithm of a rate by which slopes of curves are taken.
pub(super) const CHANGE: f64 = 1e-5;

/// A function whose rates are fitted, alone.
struct Refit<'s> {
    search: &'s mut Search,
    place: usize,
    /// Logarithms of inputs and of what outputs are to be.
    wanted: Vec<(f64, f64)>,
    start: Vec<f64>,
    /// Logarithms of rates, states there, and ∂ ln x/∂ ln k.
    linear: Option<Linear>,
}

type Linear = (Vec<f64>, Vec<Vec<f64>>, Vec<Vec<Vec<f64>>>);

impl Refit<'_> {
    fn differences(&self) -> Option<Vec<f64>> {
        let curve = self.search.curve(self.place).ok()??;
        Some(self.wanted.iter().map(|(x, y)| curve.log_at(*x) - y).collect())
    }
}

impl Residuals for Refit<'_> {
    fn at(&mut self, logarithms: &[f64]) -> Option<Vec<f64>> {
        if logarithms.iter().any(|l| l.abs() > 700.0) {
            return None;
        }
        let search = &mut *self.search;
        search.set(self.place, logarithms);
        let now = search.logarithms();
        if !search.is_solved(&now) {
            let near = std::mem::take(&mut search.states);
            let guess = match &self.linear {
                Some((from, states, slopes)) => {
                    let each = logarithms.iter().zip(from).map(|(now, from)| now - from).zip(slopes);
                    each.fold(states.clone(), |states, (change, slopes)| followed(&states, slopes, change))
                }
                None => near.clone(),
            };
            let Ok(states) = search.solve(&guess) else {
                search.states = near;
                return None;
            };
            search.restore((states, now));
        }
        let pull = logarithms.iter().zip(&self.start).map(|(l, old)| PULL * (l - old));
        Some(self.differences()?.into_iter().chain(pull).collect())
    }

    fn slopes(&mut self, logarithms: &[f64], residuals: &[f64]) -> Option<Vec<Vec<f64>>> {
        let rates = logarithms.len();
        // The last trial may have been elsewhere.
        if self.search.rates[self.place].iter().zip(logarithms).any(|(own, l)| own.2 != *l) {
            self.at(logarithms)?;
        }
        let sensitivities = self.search.sensitivities(self.place)?;
        let states = std::mem::take(&mut self.search.states);
        let mut all = Vec::with_capacity(rates);
        for (k, slopes) in sensitivities.iter().enumerate() {
            self.search.states = followed(&states, slopes, CHANGE);
            let there = self.differences();
            let Some(there) = there else { break };
            let own = there.iter().zip(residuals).map(|(b, a)| (b - a) / CHANGE);
            all.push(own.chain((0..rates).map(|other| if other == k { PULL } else { 0.0 })).collect());
        }
        self.search.states.clone_from(&states);
        self.linear = Some((logarithms.to_vec(), states, sensitivities));
        (all.len() == rates).then_some(all)
    }
}
