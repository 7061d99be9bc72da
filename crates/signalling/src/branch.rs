//! Branches of steady states, followed through folds by pseudo-arclength continuation.

use crate::kinetics::Kinetics;
use crate::linear::Lu;
use crate::{ReactionSystem, SignallingError};

/// A point of a branch.
#[derive(Clone, Debug, PartialEq)]
pub struct BranchPoint {
    /// Amount of the source.
    pub source: f64,
    /// Amounts of all species.
    pub amounts: Vec<f64>,
    /// Whether small departures go by.
    pub stable: bool,
    /// Whether the branch turns back here: a fold, at the amount of the source to some ten digits.
    pub fold: bool,
}

/// Longest step, in logarithms of all amounts that move and of the source; and the shortest.
const LONGEST: f64 = 0.2;
const SHORTEST: f64 = 1e-9;

/// Most points of a branch.
const MOST_POINTS: usize = 100_000;

/// Newton's steps that a point may take, and their length at the end.
const CORRECTIONS: usize = 8;
const CORRECTED: f64 = 1e-12;

/// A place in logarithms: of the amounts that move, and of the source last.
type Place = Vec<f64>;

/// Steady states from the least amount of the source on, where reactions lead from the amounts at the beginning, until the branch leaves the source's range
/// on either side. Through folds it goes back and on.
///
/// # Errors
/// [`SignallingError::NoSteadyState`] at the beginning, and those of [`ReactionSystem::validate`].
pub fn branch(system: &ReactionSystem) -> Result<Vec<BranchPoint>, SignallingError> {
    let source = system.place("source.species", &system.source.species)?;
    let mut kinetics = Kinetics::new(system)?;
    let (low, high) = (libm::log(system.source.from), libm::log(system.source.to));
    kinetics.start[source] = system.source.from;
    let rest = kinetics.settled().map_err(|_| SignallingError::NoSteadyState { source_amount: system.source.from })?;
    let mut follow = Follow { kinetics, source, clamped: system.species[source].clamped };
    let mut at: Place = follow.kinetics.moving.iter().map(|&i| libm::log(rest[i])).collect();
    at.push(low);
    let n = at.len();
    let mut towards = vec![0.0; n];
    towards[n - 1] = 1.0;
    let mut points = vec![follow.point(&at, false)];
    let Some(mut tangent) = follow.tangent(&at, &towards) else { return Ok(points) };
    let mut step = 0.1 * LONGEST;
    while points.len() < MOST_POINTS && step > SHORTEST {
        let ahead: Place = at.iter().zip(&tangent).map(|(z, t)| z + step * t).collect();
        let next = follow.corrected(ahead, &tangent).and_then(|next| Some((follow.tangent(&next, &tangent)?, next)));
        let turned = |new: &[f64]| new.iter().zip(&tangent).map(|(a, b)| a * b).sum::<f64>() < 0.95;
        let Some((new, next)) = next.filter(|(new, _)| !turned(new)) else {
            step *= 0.5;
            continue;
        };
        if new[n - 1] * tangent[n - 1] < 0.0
            && let Some(fold) = follow.fold(&at, &tangent, step)
        {
            points.push(follow.point(&fold, true));
        }
        if next[n - 1] > high || next[n - 1] < low {
            // The last point lies on the edge of the range.
            let edge = if next[n - 1] > high { high } else { low };
            let share = (edge - at[n - 1]) / (next[n - 1] - at[n - 1]);
            let near: Place = at.iter().zip(&next).map(|(a, b)| a + share * (b - a)).collect();
            if let Some(last) = follow.corrected(near, &towards) {
                points.push(follow.point(&last, false));
            }
            break;
        }
        points.push(follow.point(&next, false));
        (at, tangent) = (next, new);
        step = (1.5 * step).min(LONGEST);
    }
    Ok(points)
}

struct Follow {
    kinetics: Kinetics,
    source: usize,
    clamped: bool,
}

impl Follow {
    fn amounts(&mut self, at: &[f64]) -> Vec<f64> {
        let u = libm::exp(at[at.len() - 1]);
        self.kinetics.start[self.source] = u;
        let mut x = self.kinetics.start.clone();
        for (&i, z) in self.kinetics.moving.iter().zip(at) {
            x[i] = libm::exp(*z);
        }
        x
    }

    /// Equations, and their slopes `[m × m + 1]` in logarithms.
    fn equations(&mut self, at: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let x = self.amounts(at);
        let k = &self.kinetics;
        let (m, width) = (k.moving.len(), k.moving.len() + 1);
        let (mut field, mut gross) = (vec![0.0; x.len()], vec![0.0; x.len()]);
        k.field(&x, &mut field, &mut gross);
        let mut rows = vec![None; x.len()];
        k.laws.independent.iter().enumerate().for_each(|(row, &own)| rows[k.moving[own]] = Some(row));
        let mut columns = k.places(x.len());
        if self.clamped {
            columns[self.source] = Some(m);
        }
        let mut wrong = vec![0.0; m];
        for (row, &own) in k.laws.independent.iter().enumerate() {
            wrong[row] = field[k.moving[own]] / gross[k.moving[own]].max(f64::MIN_POSITIVE);
        }
        let mut slopes = vec![0.0; m * width];
        k.slopes(&x, |i, j, slope| {
            if let (Some(row), Some(column)) = (rows[i], columns[j]) {
                slopes[row * width + column] += slope * x[j] / gross[i].max(f64::MIN_POSITIVE);
            }
        });
        for (law, row) in k.laws.basis.iter().zip(k.laws.independent.len()..) {
            let size: f64 = law.iter().zip(&k.moving).map(|(l, &i)| l.abs() * x[i].max(k.start[i])).sum();
            wrong[row] = law.iter().zip(&k.moving).map(|(l, &i)| l * (x[i] - k.start[i])).sum::<f64>() / size;
            for (column, (l, &i)) in law.iter().zip(&k.moving).enumerate() {
                slopes[row * width + column] = l * x[i] / size;
                if !self.clamped && i == self.source {
                    slopes[row * width + m] = -l * k.start[i] / size;
                }
            }
        }
        (wrong, slopes)
    }

    /// Matrix of the slopes with a direction as its last row.
    fn bordered(slopes: Vec<f64>, direction: &[f64]) -> Option<Lu> {
        let mut matrix = slopes;
        matrix.extend_from_slice(direction);
        Lu::new(direction.len(), &matrix)
    }

    /// Unit vector along the branch, in about a direction.
    fn tangent(&mut self, at: &[f64], direction: &[f64]) -> Option<Vec<f64>> {
        let (_, slopes) = self.equations(at);
        let mut right = vec![0.0; direction.len()];
        right[direction.len() - 1] = 1.0;
        let along = Self::bordered(slopes, direction)?.solve(&right);
        let length = along.iter().map(|t| t * t).sum::<f64>().sqrt();
        (length.is_finite() && length > 0.0).then(|| along.iter().map(|t| t / length).collect())
    }

    /// The point of the branch in the plane through a place, across a direction.
    fn corrected(&mut self, mut at: Place, direction: &[f64]) -> Option<Place> {
        for _ in 0..CORRECTIONS {
            let (mut wrong, slopes) = self.equations(&at);
            wrong.push(0.0);
            let change = Self::bordered(slopes, direction)?.solve(&wrong);
            at.iter_mut().zip(&change).for_each(|(z, d)| *z -= d);
            let length = change.iter().fold(0.0_f64, |most, d| most.max(d.abs()));
            if length.is_nan() || length >= 1.0 {
                return None;
            }
            if length < CORRECTED {
                return Some(at);
            }
        }
        None
    }

    /// The fold within a step, by halves: where the source no longer changes along the branch.
    fn fold(&mut self, at: &[f64], tangent: &[f64], step: f64) -> Option<Place> {
        let last = at.len() - 1;
        let (mut low, mut high) = (0.0, step);
        let mut found = None;
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            let near: Place = at.iter().zip(tangent).map(|(z, t)| z + middle * t).collect();
            let point = self.corrected(near, tangent)?;
            let there = self.tangent(&point, tangent)?;
            if there[last] * tangent[last] > 0.0 {
                low = middle
            } else {
                high = middle
            }
            found = Some(point);
        }
        found
    }

    fn point(&mut self, at: &[f64], fold: bool) -> BranchPoint {
        let amounts = self.amounts(at);
        let rates = self.kinetics.relaxation(&amounts);
        let stable = rates.is_some_and(|rates| rates.iter().all(|rate| rate.re < 0.0));
        BranchPoint { source: libm::exp(at[at.len() - 1]), amounts, stable, fold }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EnergySwitch, Reaction, Source, Species};

    /// The loop of mTORC1 and S6K1 by mass action: its folds are those in closed form.
    #[test]
    fn folds_of_a_loop_are_found() {
        let switch = EnergySwitch::default();
        let species = |name: &str, amount: f64, clamped: bool| Species { name: name.into(), amount, clamped };
        let step = |name: &str, of: &[&str], products: &[&str], rate: f64| {
            let all = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            Reaction::Conversion { name: name.into(), of: all(of), products: all(products), rate }
        };
        let system = ReactionSystem {
            species: vec![
                species("M", 0.0, false),
                species("Mi", 1.0, false),
                species("S", 0.0, false),
                species("Si", 1.0, false),
                species("B", 1e-4, true),
            ],
            reactions: vec![
                step("on", &["Mi"], &["M"], switch.on[0]),
                step("loop", &["Mi", "S", "S"], &["M", "S", "S"], switch.on[1]),
                step("off", &["M", "B"], &["Mi", "B"], 1.0),
                step("kinase", &["Si", "M"], &["S", "M"], switch.s6k1[0]),
                step("rest", &["S"], &["Si"], switch.s6k1[1]),
            ],
            functions: vec![],
            source: Source { species: "B".into(), from: 1e-4, to: 1e-2, points: 10 },
        };
        let points = branch(&system).expect("a branch");
        let folds: Vec<&BranchPoint> = points.iter().filter(|point| point.fold).collect();
        let [on, off] = switch.folds().expect("two states");
        assert_eq!(folds.len(), 2);
        // mTORC1 is on at first: the fold at which it goes off comes first.
        assert!((folds[0].source / off.b - 1.0).abs() < 1e-9 && (folds[1].source / on.b - 1.0).abs() < 1e-9);
        assert!((folds[0].amounts[2] * 2.0 / off.s - 1.0).abs() < 1e-4);
        let last = points.last().expect("some");
        assert!((last.source / 1e-2 - 1.0).abs() < 1e-9 && last.stable);
        for point in points.iter().filter(|point| !point.fold) {
            let states = switch.states(point.source);
            let own = states.iter().find(|state| (state.s / point.amounts[2] - 1.0).abs() < 1e-7).expect("a state");
            assert_eq!(point.stable, own.gain < 1.0, "{}", point.source);
        }
    }
}
