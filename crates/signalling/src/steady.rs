//! Steady states: Newton's method in the logarithms of amounts, with what is conserved among the equations.

use crate::kinetics::Kinetics;
use crate::linear::Lu;
use crate::ode::{Field, integrate};
use crate::{Rate, ReactionSystem, SignallingError};
use lapack as _;
use ndarray::Array2;
use ndarray_linalg::EigVals;
use num_complex::Complex64;

/// Largest residual of a steady state, relative to the fluxes that cancel and to the amounts that are conserved.
pub const RESIDUAL: f64 = 1e-12;

/// Residual that is a rounding of amounts: no step makes it smaller for certain.
const SETTLED: f64 = 1e-14;

/// Most of Newton's steps from a near start.
const MOST_STEPS: usize = 40;

/// Largest change of a logarithm in one of them.
const LONGEST: f64 = 2.0;

/// Most steps on the way from the beginning to rest.
const MOST_PARTS: usize = 5000;

/// Largest part of an amount by which a step on that way may miss: longer ones would leap about where a fold is near, and pass it never.
const MOST_BEND: f64 = 0.3;

/// Length of a step, in times of the fastest change at the beginning, that stands for all time.
const ENDLESS: f64 = 1e15;

/// Smallest amount, of the largest, that an equation is asked about: below it amounts count as none.
const NOTHING: f64 = 1e-280;

impl Kinetics {
    /// Amounts `[species]` at rest, from the beginning on: where reactions lead.
    ///
    /// # Errors
    /// [`SignallingError::NoSteadyState`] where amounts grow without bound, or do not come to rest.
    pub fn settled(&self) -> Result<Vec<f64>, SignallingError> {
        let none = || SignallingError::NoSteadyState { source_amount: f64::NAN };
        if self.moving.is_empty() {
            return Ok(self.start.clone());
        }
        let mut x = self.start.clone();
        let m = self.moving.len();
        let scale = x.iter().copied().fold(0.0, f64::max);
        let (mut field, mut gross) = (vec![0.0; x.len()], vec![0.0; x.len()]);
        self.field(&x, &mut field, &mut gross);
        let fastest = self.moving.iter().map(|&i| field[i].abs() / x[i].max(1e-3 * scale)).fold(0.0, f64::max);
        let mut step = 0.1 / fastest.max(1e-12);
        let mut next = x.clone();
        // Linearly implicit Euler steps conserve what reactions do, and may be as long as amounts allow.
        for _ in 0..MOST_PARTS {
            let mut matrix: Vec<f64> = self.jacobian(&x).iter().map(|j| -step * j).collect();
            (0..m).for_each(|i| matrix[i * m + i] += 1.0);
            let Some(lu) = Lu::new(m, matrix) else { return Err(none()) };
            let change = lu.solve(&self.moving.iter().map(|&i| step * field[i]).collect::<Vec<_>>());
            let below = self.moving.iter().zip(&change).any(|(&i, d)| d.is_nan() || x[i] + d < -1e-13 * scale);
            self.moving.iter().zip(&change).for_each(|(&i, d)| next[i] = (x[i] + d).max(0.0));
            self.field(&next, &mut field, &mut gross);
            // What the slopes at the beginning of a step left out.
            let bent = |(&i, d): (&usize, &f64)| (step * field[i] - d).abs() / (next[i].max(x[i]) + 1e-3 * scale);
            let bend = self.moving.iter().zip(&change).map(bent).fold(0.0, f64::max);
            if below || bend > MOST_BEND {
                self.field(&x, &mut field, &mut gross);
                step *= 0.3;
                if step < 1e-300 {
                    break;
                }
                continue;
            }
            x.copy_from_slice(&next);
            // Where species are used up for good their logarithms have no end: amounts no longer change in any time.
            if step * fastest > ENDLESS && change.iter().all(|d| d.abs() <= 1e-13 * scale) {
                return self.polished(&x).or(Ok(x));
            }
            if x.iter().any(|x| *x > 1e3 * scale.max(1e15)) {
                return Err(none());
            }
            if bend < 0.3 * MOST_BEND {
                step *= 2.0;
            }
            let near = self.moving.iter().all(|&i| field[i].abs() <= 1e-5 * gross[i]);
            if near && let Ok(found) = self.polished(&x) {
                return Ok(found);
            }
        }
        self.polished(&x).map_err(|()| none())
    }

    /// The steady state near amounts, which say what is conserved no more than the beginning does.
    pub(crate) fn polished(&self, near: &[f64]) -> Result<Vec<f64>, ()> {
        self.polished_in(near, &mut Equations::new(self))
    }

    /// As [`Kinetics::polished`], in room that many states share.
    fn polished_in(&self, near: &[f64], equations: &mut Equations) -> Result<Vec<f64>, ()> {
        if self.moving.is_empty() {
            return Ok(self.start.clone());
        }
        let mut x = self.start.clone();
        let scale = near.iter().chain(&x).copied().fold(0.0, f64::max);
        self.moving.iter().for_each(|&i| x[i] = near[i].max(NOTHING * scale));
        let mut best = f64::INFINITY;
        for _ in 0..MOST_STEPS {
            equations.fill(self, &x);
            let size = |most: f64, w: &f64| if w.is_finite() { most.max(w.abs()) } else { f64::INFINITY };
            let residual = equations.wrong.iter().fold(0.0, size);
            if residual < best {
                best = residual;
                equations.best.clone_from(&x);
                if residual <= SETTLED {
                    break;
                }
            } else if best <= 0.1 * RESIDUAL {
                break;
            }
            equations.fill_slopes(self, &x);
            let Some(change) = equations.step() else { break };
            let largest = change.iter().fold(0.0_f64, |most, d| most.max(d.abs()));
            if !largest.is_finite() {
                break;
            }
            let damping = (LONGEST / largest).min(1.0);
            for (&i, d) in self.moving.iter().zip(change) {
                x[i] = (x[i] * libm::exp(-damping * d)).max(NOTHING * scale);
            }
        }
        if best <= RESIDUAL {
            x.copy_from_slice(&equations.best);
            Ok(x)
        } else {
            Err(())
        }
    }

    /// ∂ ln x/∂ ln k `[rates][states][species]` of steady states, for rates of reactions; 0 where amounts stay. `None` where a state is not isolated.
    pub(crate) fn sensitivities(&self, states: &[Vec<f64>], rates: &[(usize, Rate)]) -> Option<Vec<Vec<Vec<f64>>>> {
        let mut equations = Equations::new(self);
        let mut all = vec![Vec::with_capacity(states.len()); rates.len()];
        for x in states {
            equations.fill(self, x);
            equations.fill_slopes(self, x);
            if !equations.lu.take(&equations.matrix) {
                return None;
            }
            for (rate, all) in rates.iter().zip(&mut all) {
                let mut slopes = vec![0.0; x.len()];
                equations.fill_rate(self, x, *rate);
                let moved = equations.solved();
                self.moving.iter().zip(moved).for_each(|(&i, d)| slopes[i] = -d);
                all.push(slopes);
            }
        }
        Some(all)
    }

    /// Largest residual of amounts, as [`RESIDUAL`] counts it.
    pub fn residual(&self, x: &[f64]) -> f64 {
        let (mut field, mut gross) = (vec![0.0; x.len()], vec![0.0; x.len()]);
        self.field(x, &mut field, &mut gross);
        let own = self.moving.iter().map(|&i| field[i].abs() / gross[i].max(f64::MIN_POSITIVE));
        let law = |law: &Vec<f64>| {
            let of =
                |f: &dyn Fn(f64, usize) -> f64| -> f64 { law.iter().zip(&self.moving).map(|(l, &i)| f(*l, i)).sum() };
            of(&|l, i| l * (x[i] - self.start[i])).abs()
                / of(&|l, i| l.abs() * x[i].max(self.start[i])).max(f64::MIN_POSITIVE)
        };
        own.chain(self.laws.basis.iter().map(law)).fold(0.0, f64::max)
    }

    /// Rates, per time, at which small departures from a steady state go by: the slowest first. All real parts are negative where it is stable.
    pub fn relaxation(&self, x: &[f64]) -> Option<Vec<Complex64>> {
        let m = self.moving.len();
        let jacobian = Array2::from_shape_vec((m, m), self.jacobian(x)).ok()?;
        let mut all = jacobian.eigvals().ok()?.to_vec();
        // What is conserved does not go by: as many of them are zero.
        all.sort_by(|a, b| a.norm_sqr().total_cmp(&b.norm_sqr()));
        let mut own = all.split_off(self.laws.basis.len());
        own.sort_by(|a, b| b.re.total_cmp(&a.re));
        Some(own)
    }

    /// Runs the reactions from amounts for a time, with the source's species set to what is given there; `seen` as in [`integrate`].
    ///
    /// # Errors
    /// [`SignallingError::NoSteadyState`] where amounts change without bound.
    pub fn run(
        &self,
        from: &[f64],
        time: f64,
        tolerance: f64,
        seen: impl FnMut(f64, &[f64], &[f64]) -> bool,
    ) -> Result<Vec<f64>, SignallingError> {
        let scale = from.iter().copied().fold(0.0, f64::max);
        let stuck = |_| SignallingError::NoSteadyState { source_amount: f64::NAN };
        integrate(&All(self), from.to_vec(), time, (tolerance, 1e-9 * scale), seen).map_err(stuck)
    }
}

/// What is zero at a steady state: changes of the species whose equations are independent, relative to the fluxes that cancel, and then what is conserved.
struct Equations {
    /// Column of each species, and row of each whose equation is independent.
    columns: Vec<Option<usize>>,
    rows: Vec<Option<usize>>,
    field: Vec<f64>,
    gross: Vec<f64>,
    /// What is not zero yet; or slopes by a rate.
    wrong: Vec<f64>,
    /// What rows are multiplied by.
    unit: Vec<f64>,
    /// Slopes `[moving × moving]` by the logarithms of amounts, row by row.
    matrix: Vec<f64>,
    lu: Lu,
    change: Vec<f64>,
    /// Amounts with the smallest residual.
    best: Vec<f64>,
}

impl Equations {
    fn new(kinetics: &Kinetics) -> Self {
        let (n, m) = (kinetics.start.len(), kinetics.moving.len());
        let mut rows = vec![None; n];
        let independent = kinetics.laws.independent.iter().enumerate();
        independent.for_each(|(row, &k)| rows[kinetics.moving[k]] = Some(row));
        Equations {
            columns: kinetics.places(n),
            rows,
            field: vec![0.0; n],
            gross: vec![0.0; n],
            wrong: vec![0.0; m],
            unit: vec![1.0; m],
            matrix: vec![0.0; m * m],
            lu: Lu::room(m),
            change: Vec::with_capacity(m),
            best: Vec::with_capacity(n),
        }
    }

    /// Newton's step in the logarithms of amounts; `None` where slopes are singular.
    fn step(&mut self) -> Option<&[f64]> {
        self.lu.take(&self.matrix).then(|| self.solved())
    }

    /// What is in `wrong`, divided by the matrix whose factors were taken.
    fn solved(&mut self) -> &[f64] {
        self.lu.solve_into(&self.wrong, &mut self.change);
        &self.change
    }

    /// What is wrong with amounts.
    fn fill(&mut self, kinetics: &Kinetics, x: &[f64]) {
        let Equations { field, gross, wrong, unit, .. } = self;
        let independent = &kinetics.laws.independent;
        kinetics.field(x, field, gross);
        for (row, &k) in independent.iter().enumerate() {
            let i = kinetics.moving[k];
            unit[row] = 1.0 / gross[i].max(f64::MIN_POSITIVE);
            wrong[row] = field[i] * unit[row];
        }
        for (law, row) in kinetics.laws.basis.iter().zip(independent.len()..) {
            let (mut sum, mut total, mut size) = (0.0, 0.0, f64::MIN_POSITIVE);
            for (k, &i) in kinetics.moving.iter().enumerate() {
                sum += law[k] * x[i];
                total += law[k] * kinetics.start[i];
                size += law[k].abs() * x[i].max(kinetics.start[i]);
            }
            unit[row] = 1.0 / size;
            wrong[row] = (sum - total) / size;
        }
    }

    /// Slopes by the logarithms of amounts, where the equations were filled.
    fn fill_slopes(&mut self, kinetics: &Kinetics, x: &[f64]) {
        let Equations { columns, rows, unit, matrix, .. } = self;
        let (independent, m) = (kinetics.laws.independent.len(), kinetics.moving.len());
        matrix.fill(0.0);
        kinetics.slopes(x, |i, j, slope| {
            if let (Some(row), Some(column)) = (rows[i], columns[j]) {
                matrix[row * m + column] += slope * x[j] * unit[row];
            }
        });
        for (law, row) in kinetics.laws.basis.iter().zip(independent..) {
            for (k, &i) in kinetics.moving.iter().enumerate() {
                matrix[row * m + k] = law[k] * x[i] * unit[row];
            }
        }
    }

    /// Puts slopes of the equations by the logarithm of a rate in place of what is wrong, where they were filled.
    fn fill_rate(&mut self, kinetics: &Kinetics, x: &[f64], rate: (usize, Rate)) {
        let Equations { rows, wrong, unit, .. } = self;
        wrong.fill(0.0);
        kinetics.flow(x, rate, |i, part| {
            if let Some(row) = rows[i] {
                wrong[row] += part * unit[row];
            }
        });
    }
}

/// All species, those that stay among them.
struct All<'k>(&'k Kinetics);

impl Field for All<'_> {
    fn variables(&self) -> usize {
        self.0.start.len()
    }

    fn field(&self, y: &[f64], field: &mut [f64]) {
        let mut gross = vec![0.0; y.len()];
        self.0.field(y, field, &mut gross);
    }

    fn jacobian(&self, y: &[f64]) -> Vec<f64> {
        let n = y.len();
        let mut jacobian = vec![0.0; n * n];
        self.0.slopes(y, |i, j, slope| jacobian[i * n + j] += slope);
        jacobian
    }
}

/// Steady states `[points][species]` while the source takes its amounts, each found from those before it.
///
/// # Errors
/// [`SignallingError::NoSteadyState`], and those of [`ReactionSystem::validate`].
pub fn steady_states(system: &ReactionSystem) -> Result<Vec<Vec<f64>>, SignallingError> {
    let mut kinetics = Kinetics::new(system)?;
    states_along(&mut kinetics, system, &[])
}

/// As [`steady_states`], from states that those of a system with other rates are near to, if any.
pub(crate) fn states_along(
    kinetics: &mut Kinetics,
    system: &ReactionSystem,
    near: &[Vec<f64>],
) -> Result<Vec<Vec<f64>>, SignallingError> {
    let source = system.place("source.species", &system.source.species)?;
    let mut states: Vec<Vec<f64>> = Vec::new();
    let mut equations = Equations::new(kinetics);
    for (k, amount) in system.source.amounts().into_iter().enumerate() {
        kinetics.start[source] = amount;
        let none = |_| SignallingError::NoSteadyState { source_amount: amount };
        let next = if near.len() > k { None } else { ahead(&states) };
        let guess = near.get(k).or(next.as_ref());
        let warm = guess.and_then(|guess| kinetics.polished_in(guess, &mut equations).ok());
        states.push(warm.map_or_else(|| kinetics.settled().map_err(none), Ok)?);
    }
    Ok(states)
}

/// The next state, if logarithms go on as they did: straight after two states, on a parabola after three.
fn ahead(states: &[Vec<f64>]) -> Option<Vec<f64>> {
    let (last, others) = states.split_last()?;
    let Some((before, earlier)) = others.split_last() else { return Some(last.clone()) };
    let next = |i: usize| {
        let (x, b) = (last[i], before[i]);
        if x <= 0.0 || b <= 0.0 {
            return x;
        }
        let bend = earlier.last().map_or(1.0, |e| if e[i] > 0.0 { x / b * e[i] / b } else { 1.0 });
        x * (x / b * bend).clamp(0.1, 10.0)
    };
    Some((0..last.len()).map(next).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Function, Reaction, Source, Species};

    /// P makes more of itself: from little of it, beyond a fold, amounts crawl where there would be rest before it, and come to the other state.
    fn crawling(amount: f64) -> ReactionSystem {
        let species = |name: &str, amount, clamped| Species { name: name.into(), amount, clamped };
        let of = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let made = |name: &str, from: &[&str], to: &[&str], rate| Reaction::Conversion {
            name: name.into(),
            of: of(from),
            products: of(to),
            rate,
        };
        ReactionSystem {
            species: vec![species("G", amount, true), species("P", 1.0, false), species("Q", 100.0, false)],
            reactions: vec![
                made("more", &["P", "P", "Q"], &["P", "P", "P"], 0.001),
                made("decay", &["P"], &["Q"], 1.0),
                made("leak", &["Q", "G"], &["P", "G"], 0.002),
            ],
            functions: Vec::<Function>::new(),
            source: Source { species: "G".into(), from: amount, to: 2.0 * amount, points: 4 },
        }
    }

    #[test]
    fn amounts_that_crawl_past_a_fold_come_to_rest_beyond_it() {
        for amount in [5.0, 14.0, 14.6, 15.0, 15.5, 20.0, 50.0] {
            let rest = Kinetics::new(&crawling(amount)).expect("a system").settled().expect("a state");
            // p²q/1000 − p + 0.002 q G = 0 with p + q = 101: the least root is where they come from below.
            let wrong = |p: f64| 0.001 * p * p * (101.0 - p) - p + 0.002 * (101.0 - p) * amount;
            let first = (0..101_000).map(|k| f64::from(k) / 1000.0).find(|p| *p > 1.0 && wrong(*p) <= 0.0);
            let first = first.expect("a root");
            assert!((rest[1] - first).abs() < 2e-3, "{amount}: {} for {first}", rest[1]);
        }
    }
}
