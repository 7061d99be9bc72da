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
            let Some(lu) = Lu::new(m, &matrix) else { return Err(none()) };
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
        let mut equations = Equations::new(self);
        self.polish(near, &mut equations)?;
        Ok(equations.best)
    }

    /// As [`Kinetics::polished`], in room that many states share: amounts are in its `best`.
    fn polish(&self, near: &[f64], equations: &mut Equations) -> Result<(), ()> {
        equations.best.clone_from(&self.start);
        if self.moving.is_empty() {
            return Ok(());
        }
        let mut x = std::mem::take(&mut equations.x);
        x.clone_from(&self.start);
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
        equations.x = x;
        if best <= RESIDUAL { Ok(()) } else { Err(()) }
    }

    /// ∂ ln x/∂ ln k `[rates][states × species]` of steady states `[states × species]`, for rates of reactions; 0 where amounts stay. `None` where a state is not isolated.
    pub(crate) fn sensitivities(&self, states: &[f64], rates: &[(usize, Rate)]) -> Option<Vec<Vec<f64>>> {
        let mut equations = Equations::new(self);
        let mut all = vec![vec![0.0; states.len()]; rates.len()];
        for (k, x) in states.chunks_exact(self.start.len()).enumerate() {
            equations.fill(self, x);
            equations.fill_slopes(self, x);
            if !equations.lu.take(&equations.matrix) {
                return None;
            }
            for (rate, all) in rates.iter().zip(&mut all) {
                equations.fill_rate(self, *rate);
                let slopes = &mut all[k * x.len()..];
                self.moving.iter().zip(equations.solved()).for_each(|(&i, d)| slopes[i] = -d);
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
    /// Step, row and net change, for each step and each independent species that it changes.
    changes: Vec<(usize, usize, f64)>,
    /// Step, place in the matrix and net change, for each of those and each reactant that moves.
    slopes: Vec<(usize, usize, f64)>,
    /// Species, their columns and how often they count, for each law.
    laws: Vec<Vec<(usize, usize, f64)>>,
    /// Flux of each step.
    flux: Vec<f64>,
    gross: Vec<f64>,
    /// What is not zero yet; or slopes by a rate.
    wrong: Vec<f64>,
    /// What rows are multiplied by.
    unit: Vec<f64>,
    /// Slopes `[moving × moving]` by the logarithms of amounts, row by row.
    matrix: Vec<f64>,
    lu: Lu,
    change: Vec<f64>,
    /// Amounts that are tried, and those with the smallest residual.
    x: Vec<f64>,
    best: Vec<f64>,
}

impl Equations {
    fn new(kinetics: &Kinetics) -> Self {
        let m = kinetics.moving.len();
        let independent = &kinetics.laws.independent;
        let columns = kinetics.places(kinetics.start.len());
        let row = |i: usize| independent.iter().position(|&k| kinetics.moving[k] == i);
        let (mut changes, mut slopes) = (Vec::new(), Vec::new());
        for (number, step) in kinetics.steps.iter().enumerate() {
            for (row, change) in step.changes.iter().filter_map(|&(i, change)| Some((row(i)?, change))) {
                changes.push((number, row, change));
                let by = step.reactants.iter().filter_map(|&j| columns[j]);
                slopes.extend(by.map(|column| (number, row * m + column, change)));
            }
        }
        let law = |law: &Vec<f64>| {
            let all = kinetics.moving.iter().zip(law).enumerate().map(|(column, (&i, &count))| (i, column, count));
            all.filter(|(.., count)| *count != 0.0).collect()
        };
        Equations {
            changes,
            slopes,
            laws: kinetics.laws.basis.iter().map(law).collect(),
            flux: vec![0.0; kinetics.steps.len()],
            gross: vec![0.0; m],
            wrong: vec![0.0; m],
            unit: vec![1.0; m],
            matrix: vec![0.0; m * m],
            lu: Lu::room(m),
            change: vec![0.0; m],
            x: Vec::with_capacity(kinetics.start.len()),
            best: Vec::with_capacity(kinetics.start.len()),
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
        let Equations { changes, laws, flux, gross, wrong, unit, .. } = self;
        let independent = kinetics.laws.independent.len();
        kinetics.fluxes(x, flux);
        wrong[..independent].fill(0.0);
        gross[..independent].fill(f64::MIN_POSITIVE);
        for &(step, row, change) in changes.iter() {
            wrong[row] += change * flux[step];
            gross[row] += change.abs() * flux[step];
        }
        for row in 0..independent {
            unit[row] = 1.0 / gross[row];
            wrong[row] *= unit[row];
        }
        for (row, law) in (independent..).zip(laws.iter()) {
            let (mut sum, mut size) = (0.0, f64::MIN_POSITIVE);
            for &(i, _, count) in law {
                let (x, start) = (x[i], kinetics.start[i]);
                sum += count * (x - start);
                size += count.abs() * x.max(start);
            }
            unit[row] = 1.0 / size;
            wrong[row] = sum * unit[row];
        }
    }

    /// Slopes by the logarithms of amounts, where the equations were filled: a flux changes in proportion with each of its reactants.
    fn fill_slopes(&mut self, kinetics: &Kinetics, x: &[f64]) {
        let Equations { slopes, laws, flux, unit, matrix, .. } = self;
        let (independent, m) = (kinetics.laws.independent.len(), kinetics.moving.len());
        matrix.fill(0.0);
        for &(step, place, change) in slopes.iter() {
            matrix[place] += change * flux[step];
        }
        for (row, unit) in matrix.chunks_exact_mut(m).zip(unit.iter()).take(independent) {
            row.iter_mut().for_each(|slope| *slope *= unit);
        }
        for (row, law) in (independent..).zip(laws.iter()) {
            law.iter().for_each(|&(i, column, count)| matrix[row * m + column] = count * x[i] * unit[row]);
        }
    }

    /// Puts slopes of the equations by the logarithm of a rate in place of what is wrong, where they were filled.
    fn fill_rate(&mut self, kinetics: &Kinetics, rate: (usize, Rate)) {
        let Equations { changes, flux, wrong, unit, .. } = self;
        wrong.fill(0.0);
        for &(step, row, change) in changes.iter().filter(|own| kinetics.steps[own.0].of == rate) {
            wrong[row] += change * flux[step] * unit[row];
        }
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
    let states = states_along(&mut kinetics, system, &[])?;
    Ok(states.chunks_exact(system.species.len()).map(<[f64]>::to_vec).collect())
}

/// As [`steady_states`], `[points × species]`, from states that those of a system with other rates are near to, if any.
pub(crate) fn states_along(
    kinetics: &mut Kinetics,
    system: &ReactionSystem,
    near: &[f64],
) -> Result<Vec<f64>, SignallingError> {
    let source = system.place("source.species", &system.source.species)?;
    let (species, amounts) = (kinetics.start.len(), system.source.amounts());
    let mut states: Vec<f64> = Vec::with_capacity(amounts.len() * species);
    let mut equations = Equations::new(kinetics);
    let mut next = Vec::with_capacity(species);
    for (k, amount) in amounts.into_iter().enumerate() {
        kinetics.start[source] = amount;
        let guess = near.get(k * species..(k + 1) * species).or_else(|| ahead(&states, species, &mut next));
        if guess.is_some_and(|guess| kinetics.polish(guess, &mut equations).is_ok()) {
            states.extend_from_slice(&equations.best);
        } else {
            let none = |_| SignallingError::NoSteadyState { source_amount: amount };
            states.append(&mut kinetics.settled().map_err(none)?);
        }
    }
    Ok(states)
}

/// The next state, if logarithms go on as they did: straight after two states, on a parabola after three.
fn ahead<'n>(states: &[f64], species: usize, next: &'n mut Vec<f64>) -> Option<&'n [f64]> {
    let mut back = states.rchunks_exact(species);
    let last = back.next()?;
    let (before, earlier) = (back.next(), back.next());
    let of = |(i, x): (usize, &f64)| match before {
        Some(b) if *x > 0.0 && b[i] > 0.0 => {
            let bend = earlier.map_or(1.0, |e| if e[i] > 0.0 { x / b[i] * e[i] / b[i] } else { 1.0 });
            x * (x / b[i] * bend).clamp(0.1, 10.0)
        }
        _ => *x,
    };
    next.clear();
    next.extend(last.iter().enumerate().map(of));
    Some(next)
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
