//! One function fitted by its own rates, while all others stay.

use super::search::{Broken, CHANGE, Read, Search};
use crate::curve::spaced;
use crate::least_squares::{Residuals, least_squares};
use crate::newton::power;

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
                let mut cubics = before.cubics();
                spaced(low, high).map(|x| (x, cubics.at(x))).collect()
            }
        };
        let start: Vec<f64> = self.rates[place].iter().map(|(.., rate)| *rate).collect();
        let mut refit = Refit { search: self, place, wanted, start: start.clone(), linear: None };
        let found = least_squares(&start, &mut refit);
        self.set(place, &found.unwrap_or(start));
        Ok(())
    }
}

/// Largest change of a logarithm of an amount that is foretold.
const FORETOLD: f64 = 2.0;

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

type Linear = (Vec<f64>, Vec<f64>, Vec<Vec<f64>>);

impl Refit<'_> {
    /// States at other rates, as far as they follow them in proportion.
    fn foretold(&self, logarithms: &[f64]) -> Option<Vec<f64>> {
        let (from, states, slopes) = self.linear.as_ref()?;
        let changes: Vec<f64> = logarithms.iter().zip(from).map(|(now, from)| now - from).collect();
        let amount = |(i, x): (usize, &f64)| {
            let change: f64 = changes.iter().zip(slopes).map(|(change, slopes)| change * slopes[i]).sum();
            x * power(change.clamp(-FORETOLD, FORETOLD))
        };
        Some(states.iter().enumerate().map(amount).collect())
    }

    /// Differences of logarithms from what is wanted; after a small change of a rate, where slopes are given.
    fn differences(&self, read: &[Read], slopes: Option<&[f64]>) -> Option<Vec<f64>> {
        let curve = self.search.through(self.place, read, slopes).ok()??;
        let mut cubics = curve.cubics();
        Some(self.wanted.iter().map(|(x, y)| cubics.at(*x) - y).collect())
    }
}

impl Residuals for Refit<'_> {
    fn at(&mut self, logarithms: &[f64]) -> Option<Vec<f64>> {
        if logarithms.iter().any(|l| l.abs() > 700.0) {
            return None;
        }
        self.search.set(self.place, logarithms);
        let now = self.search.logarithms();
        if !self.search.is_solved(&now) {
            let near = self.foretold(logarithms).unwrap_or_else(|| self.search.states.clone());
            let states = self.search.solve(&near).ok()?;
            self.search.restore((states, now));
        }
        let pull = logarithms.iter().zip(&self.start).map(|(l, old)| PULL * (l - old));
        Some(self.differences(&self.search.read(self.place), None)?.into_iter().chain(pull).collect())
    }

    fn slopes(&mut self, logarithms: &[f64], residuals: &[f64]) -> Option<Vec<Vec<f64>>> {
        let rates = logarithms.len();
        // The last trial may have been elsewhere.
        if self.search.rates[self.place].iter().zip(logarithms).any(|(own, l)| own.2 != *l) {
            self.at(logarithms)?;
        }
        let sensitivities = self.search.sensitivities(self.place)?;
        let read = self.search.read(self.place);
        let mut all = Vec::with_capacity(rates);
        for (k, slopes) in sensitivities.iter().enumerate() {
            let there = self.differences(&read, Some(slopes))?;
            let own = there.iter().zip(residuals).map(|(b, a)| (b - a) / CHANGE);
            all.push(own.chain((0..rates).map(|other| if other == k { PULL } else { 0.0 })).collect());
        }
        self.linear = Some((logarithms.to_vec(), self.search.states.clone(), sensitivities));
        Some(all)
    }
}
