//! Mass action: how fast amounts change, and what that depends on.

use crate::conservation::{Laws, laws, pools};
use crate::newton::Equations;
use crate::{Rate, ReactionSystem, SignallingError};

/// A step with its reactants, one for each time that it takes part, and its net changes.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) reactants: Vec<usize>,
    pub(crate) changes: Vec<(usize, f64)>,
    pub(crate) rate: f64,
    /// Whose rate it is.
    pub(crate) of: (usize, Rate),
}

/// Reactants, products, rate, and whose it is.
type Drawn = (Vec<usize>, Vec<usize>, f64, (usize, Rate));

/// A system made ready to be evaluated. Species that nothing produces are left out of its equations.
#[derive(Clone, Debug)]
pub struct Kinetics {
    /// Amounts at the beginning.
    pub(crate) start: Vec<f64>,
    /// Species whose amounts may change, in the order of the equations.
    pub(crate) moving: Vec<usize>,
    pub(crate) steps: Vec<Step>,
    /// What is conserved among those.
    pub(crate) laws: Laws,
    pub(crate) equations: Equations,
    changes: Vec<Vec<i128>>,
}

impl Kinetics {
    /// Kinetics of a system.
    ///
    /// # Errors
    /// Those of [`ReactionSystem::validate`].
    pub fn new(system: &ReactionSystem) -> Result<Self, SignallingError> {
        system.validate()?;
        let n = system.species.len();
        let start: Vec<f64> = system.species.iter().map(|species| species.amount).collect();
        let mut steps: Vec<Drawn> = Vec::new();
        for (number, reaction) in system.reactions.iter().enumerate() {
            for (reactants, products, which) in reaction.steps() {
                let place = |name: &&str| system.place("species", name);
                let reactants: Vec<usize> = reactants.iter().map(place).collect::<Result<_, _>>()?;
                let products: Vec<usize> = products.iter().map(place).collect::<Result<_, _>>()?;
                let rate = reaction.rate(which).unwrap_or(0.0);
                if rate > 0.0 {
                    steps.push((reactants, products, rate, (number, which)));
                }
            }
        }
        // What the source brings may be nothing at first.
        let source = system.place("source.species", &system.source.species)?;
        let mut there: Vec<bool> = (0..n).map(|i| start[i] > 0.0 || i == source).collect();
        loop {
            let made = |step: &&Drawn| step.0.iter().all(|&i| there[i]);
            let new: Vec<usize> =
                steps.iter().filter(made).flat_map(|step| step.1.clone()).filter(|&i| !there[i]).collect();
            if new.is_empty() {
                break;
            }
            new.into_iter().for_each(|i| there[i] = true);
        }
        steps.retain(|(reactants, ..)| reactants.iter().all(|&i| there[i]));
        let moves = |i: usize| there[i] && !system.species[i].clamped;
        let net = |(reactants, products, rate, of): Drawn| {
            let mut changes = Vec::new();
            for i in (0..n).filter(|&i| moves(i)) {
                let count = |all: &[usize]| all.iter().filter(|&&j| j == i).count() as f64;
                let change = count(&products) - count(&reactants);
                if change != 0.0 {
                    changes.push((i, change));
                }
            }
            Step { reactants, changes, rate, of }
        };
        let steps: Vec<Step> = steps.into_iter().map(net).filter(|step| !step.changes.is_empty()).collect();
        let moving: Vec<usize> = (0..n).filter(|&i| moves(i)).collect();
        let change = |i: usize, step: &Step| step.changes.iter().find(|own| own.0 == i).map_or(0, |own| own.1 as i128);
        let changes: Vec<Vec<i128>> =
            moving.iter().map(|&i| steps.iter().map(|step| change(i, step)).collect()).collect();
        let laws = laws(&changes);
        let equations = Equations::new(&steps, &moving, &laws.independent, &laws.basis);
        Ok(Kinetics { start, moving, steps, laws, equations, changes })
    }

    /// Changes a rate of a reaction, which is to stay above 0.
    pub(crate) fn set(&mut self, reaction: usize, which: Rate, rate: f64) {
        self.steps.iter_mut().filter(|step| step.of == (reaction, which)).for_each(|step| step.rate = rate);
    }

    /// Sums of amounts that reactions conserve, without negative terms: pairs of species and how often it counts.
    pub fn pools(&self) -> Vec<Vec<(usize, f64)>> {
        let of = |pool: Vec<f64>| -> Vec<(usize, f64)> {
            self.moving.iter().copied().zip(pool).filter(|(_, count)| *count != 0.0).collect()
        };
        pools(&self.changes).into_iter().map(of).collect()
    }

    /// Largest amount that a species can reach from amounts `start` at the beginning: the smallest of the pools it is in, by how often it counts there.
    pub fn most(&self, species: usize, start: &[f64]) -> f64 {
        let bound = |pool: &Vec<(usize, f64)>| {
            let (_, own) = pool.iter().find(|(i, _)| *i == species)?;
            Some(pool.iter().map(|(i, count)| count * start[*i]).sum::<f64>() / own)
        };
        self.pools().iter().filter_map(bound).fold(f64::INFINITY, f64::min)
    }

    fn flux(step: &Step, x: &[f64]) -> f64 {
        step.rate * step.reactants.iter().map(|&i| x[i]).product::<f64>()
    }

    /// dx/dt of all species, and the sum of the magnitudes that it is the difference of.
    pub(crate) fn field(&self, x: &[f64], field: &mut [f64], gross: &mut [f64]) {
        field.fill(0.0);
        gross.fill(0.0);
        for step in &self.steps {
            let flux = Self::flux(step, x);
            for &(i, change) in &step.changes {
                field[i] += change * flux;
                gross[i] += change.abs() * flux;
            }
        }
    }

    /// Calls `add(i, j, d)` for each part d of ∂(dxᵢ/dt)/∂xⱼ.
    pub(crate) fn slopes(&self, x: &[f64], mut add: impl FnMut(usize, usize, f64)) {
        for step in &self.steps {
            for (k, &j) in step.reactants.iter().enumerate() {
                let others = step.reactants.iter().enumerate().filter(|(other, _)| *other != k);
                let slope = step.rate * others.map(|(_, &i)| x[i]).product::<f64>();
                step.changes.iter().for_each(|&(i, change)| add(i, j, change * slope));
            }
        }
    }

    /// Jacobian `[moving × moving]`, row by row.
    pub(crate) fn jacobian(&self, x: &[f64]) -> Vec<f64> {
        let m = self.moving.len();
        let places = self.places(x.len());
        let mut jacobian = vec![0.0; m * m];
        self.slopes(x, |i, j, slope| {
            if let (Some(i), Some(j)) = (places[i], places[j]) {
                jacobian[i * m + j] += slope;
            }
        });
        jacobian
    }

    /// Places of species among those that move.
    pub(crate) fn places(&self, n: usize) -> Vec<Option<usize>> {
        let mut places = vec![None; n];
        self.moving.iter().enumerate().for_each(|(k, &i)| places[i] = Some(k));
        places
    }
}
