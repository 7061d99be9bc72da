//! Steady states: where reactions lead, and how states follow one another while the source takes its amounts.

use crate::kinetics::Kinetics;
use crate::linear::Lu;
use crate::newton::Newton;
use crate::ode::{Field, integrate};
use crate::{Rate, ReactionSystem, SignallingError};
use lanes::{Isa, Simd, Work};
use lapack as _;
use ndarray::Array2;
use ndarray_linalg::EigVals;
use num_complex::Complex64;

/// Most steps on the way from the beginning to rest.
const MOST_PARTS: usize = 5000;

/// Largest part of an amount by which a step on that way may miss: longer ones would leap about where a fold is near, and pass it never.
const MOST_BEND: f64 = 0.3;

/// Length of a step, in times of the fastest change at the beginning, that stands for all time.
const ENDLESS: f64 = 1e15;

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
        let (places, mut lu, mut matrix) = (self.places(x.len()), Lu::<1>::room(m), vec![[0.0]; m * m]);
        let (mut down, mut change) = (vec![[0.0]; m], vec![[0.0]; m]);
        // Linearly implicit Euler steps conserve what reactions do, and may be as long as amounts allow.
        for _ in 0..MOST_PARTS {
            matrix.fill([0.0]);
            self.slopes(&x, |i, j, slope| {
                if let (Some(i), Some(j)) = (places[i], places[j]) {
                    matrix[i * m + j][0] -= step * slope;
                }
            });
            (0..m).for_each(|i| matrix[i * m + i][0] += 1.0);
            self.moving.iter().zip(&mut down).for_each(|(&i, down)| *down = [step * field[i]]);
            if !lu.take(&matrix, 0) {
                return Err(none());
            }
            lu.solve_into(&down, &mut change);
            let below = self.moving.iter().zip(&change).any(|(&i, [d])| d.is_nan() || x[i] + d < -1e-13 * scale);
            self.moving.iter().zip(&change).for_each(|(&i, [d])| next[i] = (x[i] + d).max(0.0));
            self.field(&next, &mut field, &mut gross);
            // What the slopes at the beginning of a step left out.
            let bent =
                |(&i, [d]): (&usize, &[f64; 1])| (step * field[i] - d).abs() / (next[i].max(x[i]) + 1e-3 * scale);
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
            if step * fastest > ENDLESS && change.iter().all(|[d]| d.abs() <= 1e-13 * scale) {
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
        let mut newton = Newton::<1>::new(self);
        self.sought(near, &mut newton).map(Iterator::collect).ok_or(())
    }

    /// As [`Kinetics::polished`], in room that many states share.
    fn sought<'r>(&self, near: &[f64], room: &'r mut Newton<1>) -> Option<impl Iterator<Item = f64> + use<'r>> {
        room.place(0, self, &self.start, near);
        room.descend(self);
        room.found(0)
    }

    /// ∂ ln x/∂ ln k `[rates][states × species]` of steady states `[states × species]`, for rates of reactions; 0 where amounts stay. `None` where a state is not isolated.
    pub(crate) fn sensitivities(&self, states: &[f64], rates: &[(usize, Rate)]) -> Option<Vec<Vec<f64>>> {
        let mut all = vec![vec![0.0; states.len()]; rates.len()];
        let work = Slopes { kinetics: self, states, rates, all: &mut all };
        Isa::detect().run(work).then_some(all)
    }

    /// Largest residual of amounts, as [`RESIDUAL`](crate::RESIDUAL) counts it.
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
    let mut states = vec![0.0; amounts.len() * species];
    let mut found = vec![false; amounts.len()];
    let is_near = near.len() == states.len();
    if is_near {
        let (states, found) = (&mut states, &mut found);
        Isa::detect().run(Along { kinetics, source, amounts: &amounts, near, states, found });
    }
    if found.iter().all(|found| *found) {
        return Ok(states);
    }
    let (mut room, mut next) = (Newton::new(kinetics), Vec::with_capacity(species));
    for (k, amount) in amounts.into_iter().enumerate().filter(|(k, _)| !found[*k]) {
        kinetics.start[source] = amount;
        let (before, state) = states.split_at_mut(k * species);
        let guess = if is_near { Some(&near[k * species..][..species]) } else { ahead(before, species, &mut next) };
        if let Some(all) = guess.and_then(|guess| kinetics.sought(guess, &mut room)) {
            state.iter_mut().zip(all).for_each(|(own, x)| *own = x);
        } else {
            let none = |_| SignallingError::NoSteadyState { source_amount: amount };
            state[..species].copy_from_slice(&kinetics.settled().map_err(none)?);
        }
    }
    Ok(states)
}

/// States that are solved for side by side.
const TOGETHER: usize = 4;

/// Seeks states along the source from those near to them.
struct Along<'a> {
    kinetics: &'a mut Kinetics,
    source: usize,
    amounts: &'a [f64],
    /// States `[points × species]`.
    near: &'a [f64],
    states: &'a mut [f64],
    /// Which were found.
    found: &'a mut [bool],
}

impl Work for Along<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        let species = self.kinetics.start.len();
        let mut newton = Newton::<TOGETHER>::new(self.kinetics);
        for from in (0..self.amounts.len()).step_by(TOGETHER) {
            let count = (self.amounts.len() - from).min(TOGETHER);
            for l in 0..TOGETHER {
                // Places that are left over seek the last state too.
                let k = from + l.min(count - 1);
                self.kinetics.start[self.source] = self.amounts[k];
                newton.place(l, self.kinetics, &self.kinetics.start, &self.near[k * species..][..species]);
            }
            newton.descend(self.kinetics);
            for l in 0..count {
                let own = &mut self.states[(from + l) * species..][..species];
                let found = newton.found(l);
                self.found[from + l] = found.is_some();
                found.into_iter().flatten().zip(own).for_each(|(x, own)| *own = x);
            }
        }
    }
}

/// Takes ∂ ln x/∂ ln k of states.
struct Slopes<'a> {
    kinetics: &'a Kinetics,
    /// States `[points × species]`.
    states: &'a [f64],
    rates: &'a [(usize, Rate)],
    /// `[rates][points × species]`.
    all: &'a mut [Vec<f64>],
}

impl Slopes<'_> {
    /// Takes slopes of up to L states from number `from` on; whether they are isolated.
    #[inline(always)]
    fn take<const L: usize>(&mut self, newton: &mut Newton<L>, from: usize) -> bool {
        let species = self.kinetics.start.len();
        let count = (self.states.len() / species - from).min(L);
        for l in 0..L {
            let state = &self.states[(from + l.min(count - 1)) * species..][..species];
            newton.place(l, self.kinetics, state, state);
        }
        if !newton.linearise(self.kinetics) {
            return false;
        }
        for (rate, all) in self.rates.iter().zip(self.all.iter_mut()) {
            let slopes = newton.slopes_by(self.kinetics, *rate);
            for (&i, slopes) in self.kinetics.moving.iter().zip(slopes) {
                (0..count).for_each(|l| all[(from + l) * species + i] = slopes[l]);
            }
        }
        true
    }
}

impl Work for Slopes<'_> {
    type Output = bool;

    #[inline(always)]
    fn run<S: Simd>(mut self) -> bool {
        let points = self.states.len() / self.kinetics.start.len();
        let mut newton = Newton::<TOGETHER>::new(self.kinetics);
        for from in (0..points).step_by(TOGETHER) {
            if !self.take(&mut newton, from) {
                // Pivots of one may not do for its neighbours.
                let mut alone = Newton::<1>::new(self.kinetics);
                for k in from..points.min(from + TOGETHER) {
                    if !self.take(&mut alone, k) {
                        return false;
                    }
                }
            }
        }
        true
    }
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

    /// Largest relative difference of states from others.
    fn apart(states: &[f64], others: &[f64]) -> f64 {
        states.iter().zip(others).map(|(a, b)| (a - b).abs() / a.max(1e-12)).fold(0.0, f64::max)
    }

    #[test]
    fn states_side_by_side_are_those_of_one_after_the_other_in_all_registers() {
        for system in [ReactionSystem::two_bindings(), ReactionSystem::dopamine(), crawling(5.0)] {
            let mut kinetics = Kinetics::new(&system).expect("a system");
            let source = system.place("source", &system.source.species).expect("a source");
            let (amounts, after) =
                (system.source.amounts(), states_along(&mut kinetics, &system, &[]).expect("states"));
            // Near enough, but for one that is so far that no step leads back.
            let mut near: Vec<f64> = (0..after.len()).map(|k| after[k] * [1.1, 0.95, 1.02][k % 3]).collect();
            let (species, far) = (system.species.len(), 2);
            near[far * species + kinetics.moving[0]] = 0.0;
            let mut first: Option<Vec<u64>> = None;
            for isa in Isa::available() {
                let (mut states, mut found) = (vec![0.0; near.len()], vec![false; amounts.len()]);
                let (s, f) = (&mut states, &mut found);
                let kinetics = &mut kinetics;
                isa.run(Along { kinetics, source, amounts: &amounts, near: &near, states: s, found: f });
                assert!(!found[far] && found.iter().skip(TOGETHER).all(|found| *found), "{isa}: {found:?}");
                assert!(found.iter().filter(|found| !**found).count() <= TOGETHER, "{isa}: {found:?}");
                for (k, _) in found.iter().enumerate().filter(|(_, found)| **found) {
                    let wrong = apart(&after[k * species..][..species], &states[k * species..][..species]);
                    assert!(wrong < 1e-9, "{isa}, {k}: {wrong:e}");
                }
                let bits: Vec<u64> = states.iter().map(|x| x.to_bits()).collect();
                assert_eq!(*first.get_or_insert(bits.clone()), bits, "{isa}");
            }
            // What was not found together is found alone, or from the beginning.
            let wrong = apart(&after, &states_along(&mut kinetics, &system, &near).expect("states"));
            assert!(wrong < 1e-9, "{wrong:e}");
        }
    }

    #[test]
    fn states_that_need_other_pivots_than_their_neighbours_have_slopes_of_their_own() {
        let kinetics = Kinetics::new(&ReactionSystem::dopamine()).expect("a system");
        let species = kinetics.start.len();
        // Amounts of many magnitudes, at which equations are linearised just so.
        let amount = |k: usize| libm::pow(10.0, 6.0 * libm::sin((k * k + 3 * k) as f64));
        let states: Vec<f64> = (0..6 * TOGETHER * species).map(amount).collect();
        let rates: Vec<(usize, Rate)> = kinetics.steps.iter().map(|step| step.of).collect();
        let mut room = vec![vec![0.0; states.len()]; rates.len()];
        let mut newton = Newton::<TOGETHER>::new(&kinetics);
        let (own, rates) = (&kinetics, &rates[..]);
        let mut slopes = Slopes { kinetics: own, states: &states, rates, all: &mut room };
        let together = (0..6).filter(|k| slopes.take(&mut newton, k * TOGETHER)).count();
        assert!(together < 6, "some blocks are taken apart");
        let all = kinetics.sensitivities(&states, rates).expect("isolated");
        for (k, state) in states.chunks_exact(species).enumerate() {
            let alone = kinetics.sensitivities(state, rates).expect("isolated");
            for (all, alone) in all.iter().zip(&alone) {
                for (a, b) in all[k * species..].iter().zip(alone) {
                    assert!((a - b).abs() < 1e-6 * (1.0 + b.abs()), "{k}: {a} {b}");
                }
            }
        }
    }

    #[test]
    fn slopes_are_those_of_states_at_other_rates() {
        for mut system in [ReactionSystem::two_bindings(), ReactionSystem::dopamine(), crawling(5.0)] {
            let mut kinetics = Kinetics::new(&system).expect("a system");
            let states = states_along(&mut kinetics, &system, &[]).expect("states");
            let rates: Vec<(usize, Rate)> = kinetics.steps.iter().map(|step| step.of).collect();
            let slopes = kinetics.sensitivities(&states, &rates).expect("isolated states");
            const CHANGE: f64 = 1e-5;
            for ((number, rate), slopes) in rates.into_iter().zip(slopes) {
                let mut at = |factor: f64| {
                    let own = system.reactions[number].rate_mut(rate).expect("a rate");
                    let kept = *own;
                    *own *= factor;
                    let states = states_along(&mut Kinetics::new(&system).expect("a system"), &system, &states);
                    *system.reactions[number].rate_mut(rate).expect("a rate") = kept;
                    states.expect("states")
                };
                let (above, below) = (at(libm::exp(CHANGE)), at(libm::exp(-CHANGE)));
                for (k, slope) in slopes.into_iter().enumerate() {
                    let difference = libm::log(above[k] / below[k]) / (2.0 * CHANGE);
                    assert!((slope - difference).abs() < 1e-5, "{number} {rate:?} {k}: {slope} {difference}");
                }
            }
        }
    }
}
