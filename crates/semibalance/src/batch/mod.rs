//! One state each of many problems of one size, without allocation inside.
//!
//! Fast methods by size: all supports by cofactors (up to 3 populations), Newton's method on eight problems at once (up to
//! 20), and on one. What they return must pass the test of complementarity on the data themselves; what does not is
//! handed to [`crate::one_state`].

mod dense;
mod elimination;
mod layout;
mod newton;
mod three;

use crate::lemke::{End, lemke};
use crate::{Absence, Answer, Circuit, CircuitError, one_state};
use dense::{Holds, One, Solve, Start};
use lanes::{Doubles, EIGHT, Isa, Simd, Work};
use layout::spread;
use ndarray::{Array1, Array2, ArrayView2, ArrayView3};
use newton::Eight;
use rayon::prelude::*;
use thiserror::Error;

/// Largest complementarity residual, relative to the magnitudes that are summed, of an answer.
const RESIDUAL: f64 = 1e-12;

/// Pivots, in parts of the magnitudes of their row, up to which W_SS counts as singular here: rounding may have made them of 0, rates
/// can then be anything, and such problems are looked at more closely.
const REGULAR: f64 = 1e-9;

/// Steps of the projected iteration before Newton's method is tried once more.
const MORE_GUESSES: usize = 100;

/// Problems of a parallel chunk.
const CHUNK: usize = 512;

/// What is known of one problem of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A state; there may be others.
    State,
    /// There is none: proved.
    Nothing,
    /// No method found one, and none proved that there is none.
    Unknown,
}

/// Answers to a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// r `[M × A]`, NaN where none is known.
    pub rates: Array2<f64>,
    /// What is known `[M]`.
    pub found: Vec<Found>,
}

/// Why a batch is refused.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum BatchError {
    /// Lengths do not fit.
    #[error("W {w:?} and X {x:?} (allowed: [M, A, A] or [A, A] with [M, A])")]
    Shape {
        /// Shape of W.
        w: Vec<usize>,
        /// Shape of X.
        x: Vec<usize>,
    },
    /// One of the problems is no circuit.
    #[error("problem {index}: {error}")]
    Problem {
        /// Which.
        index: usize,
        /// Why.
        error: CircuitError,
    },
}

/// A state of each (W, X): `w` is `[M × A × A]`, `x` `[M × A]`.
///
/// Every state returned has a complementarity residual of at most 1e-12 of the magnitudes that are summed. Which one it is where there
/// are several is not said, but sign det(−W_SS) = 1 is preferred up to 3 populations. The answers do not depend on threads; their last bits
/// can depend on the other problems of the batch, which are solved eight at a time in one order of elimination.
///
/// # Errors
/// [`BatchError`].
pub fn solve_each(w: ArrayView3<f64>, x: ArrayView2<f64>) -> Result<Batch, BatchError> {
    let (count, rows, columns) = w.dim();
    if rows != columns || rows == 0 || x.dim() != (count, rows) {
        return Err(BatchError::Shape { w: w.shape().to_vec(), x: x.shape().to_vec() });
    }
    let (w, x) = (w.as_standard_layout(), x.as_standard_layout());
    solve(&Problems {
        w: w.as_slice().expect("standard layout"),
        x: x.as_slice().expect("standard layout"),
        n: rows,
        step: rows * rows,
    })
}

/// A state for each X of one W: `w` is `[A × A]`, `x` `[M × A]`. As [`solve_each`].
///
/// # Errors
/// [`BatchError`].
pub fn solve_many(w: ArrayView2<f64>, x: ArrayView2<f64>) -> Result<Batch, BatchError> {
    let (rows, columns) = w.dim();
    if rows != columns || rows == 0 || x.ncols() != rows {
        return Err(BatchError::Shape { w: w.shape().to_vec(), x: x.shape().to_vec() });
    }
    let (w, x) = (w.as_standard_layout(), x.as_standard_layout());
    solve(&Problems {
        w: w.as_slice().expect("standard layout"),
        x: x.as_slice().expect("standard layout"),
        n: rows,
        step: 0,
    })
}

/// Problems one after another in memory; `step` is 0 where they share W.
struct Problems<'a> {
    w: &'a [f64],
    x: &'a [f64],
    n: usize,
    step: usize,
}

impl<'a> Problems<'a> {
    #[inline(always)]
    fn get(&self, index: usize) -> (&'a [f64], &'a [f64]) {
        let (n, from) = (self.n, index * self.step);
        (&self.w[from..from + n * n], &self.x[index * n..(index + 1) * n])
    }

    /// W of so many problems after the next so many.
    #[inline(always)]
    fn following(&self, index: usize, count: usize) -> &'a [f64] {
        let (from, to) = ((index + count) * self.step, (index + 2 * count) * self.step);
        &self.w[from.min(self.w.len())..to.min(self.w.len())]
    }

    fn circuit(&self, index: usize) -> Result<Circuit, BatchError> {
        let (w, x) = self.get(index);
        let w = Array2::from_shape_vec((self.n, self.n), w.to_vec()).expect("a square");
        Circuit::new(w, Array1::from(x.to_vec())).map_err(|error| BatchError::Problem { index, error })
    }
}

fn solve(problems: &Problems) -> Result<Batch, BatchError> {
    let n = problems.n;
    let count = problems.x.len() / n;
    let mut rates = vec![0.0; count * n];
    let mut found = vec![Found::State; count];
    let isa = Isa::detect();
    rates.par_chunks_mut(CHUNK * n).zip(found.par_chunks_mut(CHUNK)).enumerate().try_for_each(
        |(chunk, (rates, found))| {
            let first = chunk * CHUNK;
            isa.run(Fast { problems, first, rates });
            for (k, (rates, found)) in rates.chunks_exact_mut(n).zip(found).enumerate() {
                if rates[0].is_nan() {
                    *found = slowly(problems, first + k, rates)?;
                }
            }
            Ok(())
        },
    )?;
    let rates = Array2::from_shape_vec((count, n), rates).expect("as many rates as populations");
    Ok(Batch { rates, found })
}

/// By Newton's method from a better guess, then by Lemke's, then by all that there is.
#[cold]
fn slowly(problems: &Problems, index: usize, rates: &mut [f64]) -> Result<Found, BatchError> {
    let isa = Isa::detect();
    let circuit = problems.circuit(index)?;
    let (w, x) = problems.get(index);
    let guessed =
        if problems.n <= newton::MOST { isa.run(Solve { w, x, start: Start::Guesses(MORE_GUESSES) }) } else { None };
    let solved = guessed.or_else(|| {
        let cover: Vec<f64> = w.chunks_exact(x.len()).map(|row| row.iter().map(|w| w.abs()).sum::<f64>()).collect();
        let opposite = |values: &[f64]| -> Vec<f64> { values.iter().map(|v| -v).collect() };
        match lemke(&opposite(w), &opposite(x), &cover) {
            End::Solution(z) => isa.run(Solve { w, x, start: Start::Rates(&z) }),
            End::Ray(_) | End::Lost => None,
        }
    });
    if let Some(one) = solved.filter(|one| isa.run(Holds { one, residual: RESIDUAL })) {
        one.rates(rates);
        return Ok(Found::State);
    }
    Ok(match one_state(&circuit) {
        Answer::State(state) => {
            rates.iter_mut().zip(&state.r).for_each(|(rate, r)| *rate = *r);
            Found::State
        }
        Answer::Nothing(Absence::Enumerated | Absence::Witness(_)) => {
            rates.fill(f64::NAN);
            Found::Nothing
        }
        Answer::Unknown => {
            rates.fill(f64::NAN);
            Found::Unknown
        }
    })
}

/// Rates of problems from `first` on, with NaN first where they fail the test.
struct Fast<'a> {
    problems: &'a Problems<'a>,
    first: usize,
    rates: &'a mut [f64],
}

impl Work for Fast<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        let Fast { problems, first, rates } = self;
        match problems.n {
            1..=3 => by_cofactors::<S::Doubles>(problems, first, rates),
            4..=newton::MOST => by_eight::<S::Doubles>(problems, first, rates),
            _ => one_by_one::<S::Doubles>(problems, first, rates),
        }
    }
}

#[inline(always)]
fn by_cofactors<V: Doubles>(problems: &Problems, first: usize, rates: &mut [f64]) {
    let n = problems.n;
    let count = rates.len() / n;
    // Populations that are missing stay silent: −1 of their own, inhibited by 1.
    let (none, own) = (V::all(0.0), V::all(-1.0));
    let mut w = [own, none, none, none, own, none, none, none, own];
    let mut x = [own; 3];
    let places: [usize; 9] = std::array::from_fn(|k| k / n * 3 + k % n);
    for group in (0..count).step_by(EIGHT) {
        // The last problem fills up the last group.
        let given = std::array::from_fn(|lane| problems.get(first + (group + lane).min(count - 1)));
        spread(&given.map(|(w, _)| w), &places[..n * n], &mut w);
        spread(&given.map(|(_, x)| x), &places[..n], &mut x);
        let w = [[w[0], w[1], w[2]], [w[3], w[4], w[5]], [w[6], w[7], w[8]]];
        let mut r = three::three(&w, &x);
        let holds = three::hold(&w, &x, &r, RESIDUAL);
        r[0] = V::choose(holds, r[0], V::all(f64::NAN));
        let r = [r[0].store(), r[1].store(), r[2].store()];
        for (lane, own) in rates[group * n..].chunks_exact_mut(n).take(EIGHT).enumerate() {
            for (a, rate) in own.iter_mut().enumerate() {
                *rate = r[a][lane];
            }
        }
    }
}

/// Eight at a time; those for which one step is not enough wait until all have had theirs.
#[inline(always)]
fn by_eight<V: Doubles>(problems: &Problems, first: usize, rates: &mut [f64]) {
    let n = problems.n;
    let count = rates.len() / n;
    let mut eight = Eight::<V>::new(n);
    let mut waiting = Vec::with_capacity(count);
    for (group, own) in rates.chunks_mut(EIGHT * n).enumerate() {
        let from = group * EIGHT;
        eight.load(&std::array::from_fn(|lane| problems.get(first + (from + lane).min(count - 1))));
        let solved = eight.attempt(RESIDUAL, problems.following(first + from, EIGHT));
        eight.rates(own);
        if solved != u8::MAX {
            waiting.extend((0..own.len() / n).filter(|lane| solved >> lane & 1 == 0).map(|lane| from + lane));
        }
    }
    let mut found = vec![0.0; EIGHT * n];
    for group in waiting.chunks(EIGHT) {
        eight.load(&std::array::from_fn(|lane| problems.get(first + group[lane.min(group.len() - 1)])));
        let solved = eight.run(RESIDUAL);
        eight.rates(&mut found);
        for (lane, (&k, found)) in group.iter().zip(found.chunks_exact(n)).enumerate() {
            let own = &mut rates[k * n..(k + 1) * n];
            own.copy_from_slice(found);
            if solved >> lane & 1 == 0 {
                own[0] = f64::NAN;
            }
        }
    }
}

#[inline(always)]
fn one_by_one<V: Doubles>(problems: &Problems, first: usize, rates: &mut [f64]) {
    let mut one = One::new(problems.n);
    for (k, own) in rates.chunks_exact_mut(problems.n).enumerate() {
        let (w, x) = problems.get(first + k);
        one.load::<V>(w, x);
        let next = problems.following(first + k, 1);
        let settled = one.run::<V>(dense::GUESSES, next) || one.run::<V>(MORE_GUESSES, &[]);
        one.rates(own);
        if !settled || !one.holds::<V>(RESIDUAL) {
            own[0] = f64::NAN;
        }
    }
}

/// Active populations at which Newton's method settles, after so many steps of the projected iteration.
pub fn newton(w: &[f64], x: &[f64], guesses: usize) -> Option<Vec<usize>> {
    let one = Isa::detect().run(Solve { w, x, start: Start::Guesses(guesses) })?;
    let mut support: Vec<usize> = one.support().collect();
    support.sort_unstable();
    Some(support)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::all_states;
    use ndarray::{Array3, Axis};

    /// Numbers from 0 to 1 that look random.
    fn noise(state: &mut u64) -> f64 {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*state >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Random excitation and inhibition among populations some of which hardly inhibit themselves, so that guesses are often wrong.
    fn networks(count: usize, n: usize) -> (Array3<f64>, Array2<f64>) {
        let mut state = n as u64;
        let (excitatory, weak) = (n / 2, 3.0 / n as f64);
        let w = Array3::from_shape_fn((count, n, n), |(_, a, b)| {
            let size = noise(&mut state);
            if a == b {
                -0.2 - 2.0 * size
            } else if b < excitatory {
                weak * size
            } else {
                -2.0 * weak * size
            }
        });
        let x = Array2::from_shape_simple_fn((count, n), || 0.2 + noise(&mut state));
        (w, x)
    }

    /// Whether r solves r = [W r + X + r]₊ to 1e-12 of the magnitudes that are summed.
    fn is_state(w: ArrayView2<f64>, x: &[f64], r: &[f64]) -> bool {
        w.rows().into_iter().zip(x).zip(r).all(|((row, x), rate)| {
            let terms = row.iter().zip(r).map(|(w, r)| w * r);
            let (input, size) = terms.fold((*x, x.abs()), |(input, size), term| (input + term, size + term.abs()));
            let wrong = if *rate > 0.0 { input.abs() } else { input };
            *rate >= 0.0 && rate.is_sign_positive() && wrong <= 1.001 * RESIDUAL * size
        })
    }

    #[test]
    fn every_size_is_solved_and_those_that_wait_are_those_that_asked() {
        for n in 4..=24 {
            // Two chunks and a group that is not full, of some sizes.
            let count = if [5, 9, 13, 20].contains(&n) { 2 * CHUNK + 3 } else { 43 };
            let (w, x) = networks(count, n);
            let batch = solve_each(w.view(), x.view()).expect("circuits");
            let mut without = 0;
            for (k, found) in batch.found.iter().enumerate() {
                let (w, x, r) = (w.index_axis(Axis(0), k), x.row(k), batch.rates.row(k));
                let (x, r) = (x.as_slice().expect("a row"), r.as_slice().expect("a row"));
                match found {
                    Found::State => assert!(is_state(w, x, r), "{n} populations, problem {k}"),
                    other => {
                        without += 1;
                        if n <= 9 {
                            let circuit = Circuit::new(w.to_owned(), Array1::from(x.to_vec())).expect("a circuit");
                            let all = all_states(&circuit).expect("few populations");
                            assert!(all.states.is_empty() && all.continua.is_empty(), "{n}, {k}: {other:?}");
                        }
                    }
                }
            }
            assert!(2 * without < count, "{n} populations: {without} of {count} without a state");
        }
    }

    /// Problems of the first chunk that one step does not solve.
    struct Waiting<'a>(&'a Problems<'a>);

    impl Work for Waiting<'_> {
        type Output = usize;

        #[inline(always)]
        fn run<S: Simd>(self) -> usize {
            let mut eight = Eight::<S::Doubles>::new(self.0.n);
            let mut waiting = 0;
            for group in 0..CHUNK / EIGHT {
                let mut given = [self.0.get(0); EIGHT];
                for (lane, own) in given.iter_mut().enumerate() {
                    *own = self.0.get(group * EIGHT + lane);
                }
                eight.load(&given);
                waiting += eight.attempt(RESIDUAL, &[]).count_zeros() as usize;
            }
            waiting
        }
    }

    #[test]
    fn some_wait_and_every_machine_gives_the_same_bits() {
        for n in [3, 4, 5, 9, 13, 20, 30] {
            let (w, x) = networks(CHUNK, n);
            let (w, x) = (w.as_slice().expect("standard layout"), x.as_slice().expect("standard layout"));
            let problems = Problems { w, x, n, step: n * n };
            if (4..=newton::MOST).contains(&n) {
                let waiting = Isa::available().into_iter().map(|isa| isa.run(Waiting(&problems))).collect::<Vec<_>>();
                assert!(waiting.iter().all(|count| *count == waiting[0]), "{waiting:?}");
                assert!(waiting[0] > EIGHT && waiting[0] < CHUNK, "{n} populations: {} wait", waiting[0]);
            }
            let bits = |rates: Vec<f64>| rates.into_iter().map(f64::to_bits).collect::<Vec<_>>();
            let count = if n > newton::MOST { 20 } else { CHUNK };
            let whole = |isa: Isa| bits(isa.run(Whole { problems: &problems, count }));
            let all: Vec<Vec<u64>> = Isa::available().into_iter().map(whole).collect();
            assert!(all.iter().all(|one| *one == all[0]), "{n} populations");
        }
    }

    /// [`Fast`], with room of its own.
    struct Whole<'a> {
        problems: &'a Problems<'a>,
        count: usize,
    }

    impl Work for Whole<'_> {
        type Output = Vec<f64>;

        #[inline(always)]
        fn run<S: Simd>(self) -> Vec<f64> {
            let mut rates = vec![0.0; self.count * self.problems.n];
            Fast { problems: self.problems, first: 0, rates: &mut rates }.run::<S>();
            rates
        }
    }
}
