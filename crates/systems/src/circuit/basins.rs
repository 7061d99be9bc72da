//! Where the rate dynamics of a circuit end, from many starts, beside the states that theory lists.

use lab::{Claim, Comparison, Estimate, Failure, row};
use model::Seed;
use ndarray::{Array1, Array2};
use rand::RngExt;
use semibalance::{Circuit, Continuum, State, States, all_states};
use simulation::{Fate, RateDynamics, Transfer};

/// Longest run, in the longest time constant.
const PATIENCE: f64 = 400.0;

/// W, X and τ of populations of finite gain g: τ dr/dt = −r + g [W r + X]₊.
#[derive(Clone, Debug)]
pub struct Populations {
    /// W `[A × A]`.
    pub w: Array2<f64>,
    /// X `[A]`.
    pub x: Array1<f64>,
    /// τ `[A]`.
    pub tau: Array1<f64>,
    /// g √N, in units of r/X.
    pub gain: f64,
}

/// What theory says and what simulations do.
#[derive(Clone, Debug)]
pub struct Basins {
    /// All states at this gain.
    pub states: States,
    /// Distinct rates at which runs settled, in the order in which they were met, and how many runs each.
    pub ends: Vec<(Array1<f64>, usize)>,
    /// Runs that still moved.
    pub moving: usize,
    /// Runs whose rates grew without bound.
    pub ran_away: usize,
}

impl Populations {
    /// The circuit whose semi-balanced states are the fixed points: r = g [W r + X]₊ is r = [(W − 1/g) r + X + r]₊.
    ///
    /// # Errors
    /// [`Failure::Input`].
    pub fn circuit(&self) -> Result<Circuit, Failure> {
        let w = &self.w - &(Array2::<f64>::eye(self.x.len()) / self.gain);
        Circuit::with_time_constants(w, self.x.clone(), self.tau.clone()).map_err(|e| Failure::Input(e.to_string()))
    }

    /// Runs the dynamics from one start.
    pub fn end(&self, start: &Array1<f64>) -> Fate {
        let transfer = Transfer::RectifiedLinear { gain: self.gain };
        let dynamics = RateDynamics { w: self.w.clone(), x: self.x.clone(), tau: self.tau.clone(), transfer };
        dynamics.run(start, self.step(), PATIENCE * self.tau.iter().copied().fold(0.0, f64::max))
    }

    /// All states at this gain.
    ///
    /// # Errors
    /// [`Failure::Input`] where they cannot be listed.
    pub fn states(&self) -> Result<States, Failure> {
        all_states(&self.circuit()?).map_err(|e| Failure::Input(e.to_string()))
    }

    /// Random rates from which a run starts: log-uniform within e³ about the largest X over the largest W: scales of the data alone, so that the
    /// simulation knows nothing of the theory.
    pub fn start(&self, seed: Seed, number: u64) -> Array1<f64> {
        let largest = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0_f64, |most, v| v.abs().max(most));
        let size = largest(&mut self.x.iter().copied()) / largest(&mut self.w.iter().copied()).max(1.0 / self.gain);
        let mut rng = seed.stream("starts").rng(number);
        Array1::from_shape_simple_fn(self.x.len(), || size * libm::exp(rng.random_range(-3.0..3.0)))
    }

    /// Steps of the longest run.
    pub fn steps(&self) -> f64 {
        PATIENCE * self.tau.iter().copied().fold(0.0, f64::max) / self.step()
    }

    /// No eigenvalue is larger than (1 + g row)/τ; Runge-Kutta is stable up to 2.7 of it.
    fn step(&self) -> f64 {
        let row = self.w.rows().into_iter().map(|row| row.iter().map(|w| w.abs()).sum::<f64>()).fold(0.0, f64::max);
        0.5 * self.tau.iter().copied().fold(f64::INFINITY, f64::min) / (1.0 + self.gain * row)
    }

    /// Lists the states, and runs the dynamics from `starts` random rates.
    ///
    /// # Errors
    /// [`Failure::Input`] where states cannot be listed.
    pub fn basins(&self, starts: usize, seed: Seed) -> Result<Basins, Failure> {
        let states = self.states()?;
        Ok(Basins::of(states, (0..starts as u64).map(|number| self.end(&self.start(seed, number)))))
    }
}

impl Basins {
    /// Of runs that ended so, in order.
    pub fn of(states: States, ends: impl IntoIterator<Item = Fate>) -> Basins {
        let mut basins = Basins { states, ends: Vec::new(), moving: 0, ran_away: 0 };
        for end in ends {
            match end {
                Fate::Settled(r) => basins.settle(r),
                Fate::Moving(_) => basins.moving += 1,
                Fate::RanAway => basins.ran_away += 1,
            }
        }
        basins
    }

    /// Settled runs are told apart at 1e-6 of the largest rate; the dynamics stop at 1e-11.
    fn settle(&mut self, r: Array1<f64>) {
        let size = r.iter().copied().fold(0.0, f64::max);
        let same = |end: &Array1<f64>| (end - &r).iter().all(|d| d.abs() <= 1e-6 * size);
        match self.ends.iter_mut().find(|(end, _)| same(end)) {
            Some((_, count)) => *count += 1,
            None => self.ends.push((r, 1)),
        }
    }

    /// The states that theory calls stable.
    pub fn stable(&self) -> impl Iterator<Item = &State> {
        self.states.states.iter().filter(|state| state.stability.stable)
    }

    /// Runs that settled.
    pub fn settled(&self) -> usize {
        self.ends.iter().map(|(_, count)| count).sum()
    }

    /// Rows: every end against the nearest state that is stable or on a line of states, population by population, and how many of either there are
    /// where no states form lines. Of areas of states nothing is claimed.
    pub fn compare(&self, panel: &str, label: &str, x: f64, rows: &mut Vec<Comparison>) {
        let mut add =
            |quantity: String, theory: f64, simulated: f64, (bias, scale): (f64, Option<f64>), claim: Claim| {
                rows.push(Comparison {
                    x,
                    theory,
                    simulation: Estimate::exact(simulated),
                    bias,
                    claim,
                    scale,
                    ..row(panel, &quantity, "all states at this gain", label)
                });
            };
        for (k, (end, _)) in self.ends.iter().enumerate() {
            let size = end.iter().copied().fold(0.0, f64::max);
            let distance = |state: &Array1<f64>| (state - end).iter().fold(0.0_f64, |most, d| d.abs().max(most));
            let on_lines = self.states.continua.iter().filter_map(|line| nearest(line, end));
            let all = self.stable().map(|state| state.r.clone()).chain(on_lines);
            let nearest = all.min_by(|a, b| distance(a).total_cmp(&distance(b)));
            let claim =
                if nearest.is_none() && !self.states.continua.is_empty() { Claim::Contrast } else { Claim::Equals };
            for (a, r) in end.iter().enumerate() {
                let theory = nearest.as_ref().map_or(f64::NAN, |state| state[a]);
                // The dynamics stop where τ dr/dt is 1e-11 of the largest rate; slow modes are further away than that.
                add(format!("r[{a}], end {}", k + 1), theory, *r, (1e-8 * size, Some(size)), claim);
            }
        }
        if !self.states.continua.is_empty() {
            return;
        }
        // A run may miss a small basin, and none can end at a state that is not stable.
        add(
            "stable states reached".into(),
            self.stable().count() as f64,
            self.ends.len() as f64,
            (0.0, None),
            Claim::Upper,
        );
        if self.stable().next().is_none() {
            add("starts that settle".into(), 0.0, self.settled() as f64, (0.0, None), Claim::Equals);
        }
    }
}

/// The point of a line of states that is nearest to some rates; `None` of what is no line.
fn nearest(continuum: &Continuum, r: &Array1<f64>) -> Option<Array1<f64>> {
    let (from, along, most) = match (continuum.ends.as_slice(), continuum.rays.as_slice()) {
        ([from], [ray]) => (from, ray.clone(), f64::INFINITY),
        ([from, to], []) => (from, to - from, 1.0),
        _ => return None,
    };
    let share = (r - from).dot(&along) / along.dot(&along);
    Some(from + &(along * share.clamp(0.0, most)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn ends_on_a_line_of_states_are_states() {
        // Two populations that compete as strongly as they inhibit themselves: r₁ + r₂ = 10.
        let w = array![[-1.0, -2.0], [-2.0, -1.0]];
        let populations = Populations { w, x: array![20.0, 20.0], tau: array![1.0, 1.0], gain: 1.0 };
        let basins = populations.basins(20, Seed(1)).expect("two populations");
        assert_eq!(basins.states.continua.len(), 1);
        let mut rows = Vec::new();
        basins.compare("-", "line", 0.0, &mut rows);
        assert_eq!(rows.len(), 2 * basins.ends.len(), "how many are reached says nothing");
        assert!(basins.ends.len() > 10 && rows.iter().all(|row| row.agrees() == Some(true)), "{rows:?}");
        let away = nearest(&basins.states.continua[0], &array![20.0, -10.0]).expect("a segment");
        assert!(away.iter().all(|r| *r >= 0.0), "a line has ends");
    }
}
