//! Up to [`MOST`] populations: the Newton's method of [`super::dense`] for eight problems at once.

use super::REGULAR;
use super::layout::spread;
use lanes::{Doubles, EIGHT};
use std::slice::Chunks;

/// Most populations: eight matrices of this size are about what the innermost cache holds.
pub const MOST: usize = 20;

/// Steps after which a problem counts as unsettled.
const STEPS: usize = 10;

/// Sweeps of the projected iteration r ← [r + [`STRIDE`] C I]₊ that guess the active populations first: one costs a fraction of a Newton
/// step. Blocks of populations go one after the other, each with the rates that those before it have just reached: all at
/// once, excitation and inhibition chase each other, and active populations are wrong ten times as often.
const GUESSES: usize = 3;

/// Length of their steps.
pub const STRIDE: f64 = 1.5;

/// Halvings of a step.
const HALVINGS: usize = 6;

/// Sizes that have code of their own; others are filled up by silent populations, coupled to nobody and inhibited by 1.
const SIZES: [usize; 7] = [4, 6, 8, 10, 12, 16, MOST];

/// An expression of `N`, one of [`SIZES`], which the compiler then knows.
macro_rules! of_size {
    ($size:expr, N => $value:expr) => { of_size!(@ $size, $value, 0 1 2 3 4 5 6) };
    (@ $size:expr, $value:expr, $($k:literal)*) => {
        match $size {
            $(size if size == SIZES[$k] => { const N: usize = SIZES[$k]; $value })*
            _ => unreachable!("no such size"),
        }
    };
}

/// Columns of a row that are in registers together.
const WIDTH: usize = 5;
const _: () = assert!(MOST <= 4 * WIDTH, "four blocks of columns hold every size");

/// The same for `C` = 0, 1, .. and `K` = 0, 1, .. below a few, one after the other: arrays whose places the compiler knows stay in
/// registers.
macro_rules! each_block {
    ($c:ident => $body:block) => { each_block!(@ $c, $body, 0 1 2 3) };
    (@ $c:ident, $body:block, $($n:literal)*) => { $({ const $c: usize = $n; $body })* };
}
macro_rules! each_column {
    ($k:ident => $body:block) => { each_column!(@ $k, $body, 0 1 2 3 4) };
    (@ $k:ident, $body:block, $($n:literal)*) => { $({ const $k: usize = $n; $body })* };
}

/// Room for eight problems.
pub struct Eight<V> {
    n: usize,
    /// n, filled up.
    size: usize,
    /// W `[size × size]`.
    w: Vec<V>,
    /// X `[size]`.
    x: Vec<V>,
    /// 1/Σ|W|.
    inverse_row: Vec<V>,
    /// Above the diagonal: rows of W_SS after elimination `[size × size]`. Those of silent populations are 0, and so are their rates:
    /// whatever stands in their columns is only ever multiplied by 0.
    upper: Vec<V>,
    pivots: Vec<V>,
    active: Vec<u8>,
    /// Problems whose last system had no pivot that rounding might have made of 0.
    regular: u8,
    r: Vec<V>,
    input: Vec<V>,
    target: Vec<V>,
    target_input: Vec<V>,
    inhibits: Vec<bool>,
    /// Where each weight and each drive stands.
    places: Vec<usize>,
    x_places: Vec<usize>,
}

impl<V: Doubles> Eight<V> {
    #[inline(always)]
    pub fn new(n: usize) -> Self {
        let zero = V::all(0.0);
        let size = SIZES.into_iter().find(|&size| size >= n).expect("at most the largest size");
        let mut eight = Eight {
            n,
            size,
            w: vec![zero; size * size],
            x: vec![zero; size],
            inverse_row: vec![zero; size],
            upper: vec![zero; size * size],
            pivots: vec![zero; size],
            active: vec![0; size],
            regular: u8::MAX,
            r: vec![zero; size],
            input: vec![zero; size],
            target: vec![zero; size],
            target_input: vec![zero; size],
            inhibits: vec![false; n],
            places: vec![0; n * n],
            x_places: vec![0; n],
        };
        for filling in n..size {
            eight.w[filling * size + filling] = V::all(-1.0);
            eight.x[filling] = V::all(-1.0);
        }
        eight.sort();
        eight
    }

    /// W and X of each lane, rows of length n. Populations that inhibit themselves, in the first problem, come first: the pivots of the
    /// others can be 0 before inhibition has been eliminated.
    #[inline(always)]
    pub fn load(&mut self, problems: &[(&[f64], &[f64]); EIGHT]) {
        let n = self.n;
        let inhibits = |a: usize| problems[0].0[a * n + a] < 0.0;
        if (0..n).any(|a| self.inhibits[a] != inhibits(a)) {
            (0..n).for_each(|a| self.inhibits[a] = inhibits(a));
            self.sort();
        }
        let [w, x] = [problems.map(|(w, _)| w), problems.map(|(_, x)| x)];
        spread(&w, &self.places, &mut self.w);
        spread(&x, &self.x_places, &mut self.x);
    }

    fn sort(&mut self) {
        let n = self.n;
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by_key(|&a| !self.inhibits[a]);
        for (i, &a) in order.iter().enumerate() {
            for (j, &b) in order.iter().enumerate() {
                self.places[a * n + b] = i * self.size + j;
            }
            self.x_places[a] = i;
        }
    }

    /// Rates of the first problems, one after the other.
    #[inline(always)]
    pub fn rates(&self, out: &mut [f64]) {
        let n = self.n;
        if n < EIGHT {
            for (rate, &place) in self.x_places.iter().enumerate() {
                for (value, own) in self.target[place].store().iter().zip(out.chunks_exact_mut(n)) {
                    own[rate] = *value;
                }
            }
            return;
        }
        for from in (0..n).step_by(EIGHT) {
            let from = from.min(n - EIGHT);
            let block = V::transposed(std::array::from_fn(|k| self.target[self.x_places[from + k]]));
            for (vector, own) in block.iter().zip(out.chunks_exact_mut(n)) {
                vector.put(&mut own[from..]);
            }
        }
    }

    /// Which problems one step of Newton's method, from the populations that the guess leaves active, clearly solves to `residual`: nearly
    /// all. Asks for the numbers that come next on the way.
    #[inline(always)]
    pub fn attempt(&mut self, residual: f64, next: &[f64]) -> u8 {
        self.guess(next);
        for (active, rate) in self.active.iter_mut().zip(&self.target) {
            *active = rate.above(V::all(0.0));
        }
        self.solve();
        self.regular
            & of_size!(self.size, N => clearly_hold::<V, N>(&self.w, &self.x, &self.active, &self.target, residual))
    }

    /// Which problems as many steps as it takes solve to `residual`.
    #[inline(always)]
    pub fn run(&mut self, residual: f64) -> u8 {
        self.guess(&[]);
        self.start();
        for _ in 0..STEPS {
            for i in 0..self.size {
                self.active[i] = self.r[i].above(self.input[i].times(self.inverse_row[i]).negative());
            }
            self.solve();
            let settled = self.settled();
            if settled == u8::MAX {
                break;
            }
            self.step(settled);
        }
        self.hold(residual)
    }

    /// Rates after some steps of the projected iteration.
    #[inline(always)]
    fn guess(&mut self, next: &[f64]) {
        // A little with each population: more at once waits for memory.
        let share = next.len().div_ceil(GUESSES * self.size).next_multiple_of(EIGHT).max(EIGHT);
        let mut next = next.chunks(share);
        of_size!(self.size, N => {
            first_sweep::<V, N>(&self.w, &mut self.inverse_row, &self.x, &mut self.target, &mut next);
            for _ in 1..GUESSES {
                sweep::<V, N>(&self.w, &self.inverse_row, &self.x, &mut self.target, &mut next);
            }
        });
    }

    /// From the guess, or from 0 where that is better.
    #[inline(always)]
    fn start(&mut self) {
        let zero = V::all(0.0);
        for i in 0..self.size {
            self.r[i] = zero;
            self.input[i] = self.x[i];
        }
        self.inputs_at_target();
        let better = self.merit(zero).above(self.merit(V::all(1.0)));
        for i in 0..self.size {
            self.r[i] = V::choose(better, self.target[i], zero);
            self.input[i] = V::choose(better, self.target_input[i], self.x[i]);
        }
    }

    #[inline(always)]
    fn inputs_at_target(&mut self) {
        of_size!(self.size, N => inputs::<V, N>(&self.w, &self.target, &self.x, &mut self.target_input));
    }

    /// Target rates by elimination without interchanges; a pivot of 0, which leaves no finite rates, is not regular.
    #[inline(always)]
    fn solve(&mut self) {
        of_size!(self.size, N => eliminate::<V, N>(
            &self.w, &self.x, &self.active, &mut self.upper, &mut self.pivots, &mut self.target,
        ));
        self.regular = u8::MAX;
        for ((pivot, inverse_row), active) in self.pivots.iter().zip(&self.inverse_row).zip(&self.active) {
            self.regular &= !active | pivot.abs().times(*inverse_row).above(V::all(REGULAR));
        }
    }

    /// Inputs at the target; in which problems it is a state.
    #[inline(always)]
    fn settled(&mut self) -> u8 {
        let zero = V::all(0.0);
        let mut settled = u8::MAX;
        self.inputs_at_target();
        for i in 0..self.size {
            let active = self.active[i];
            settled &= active & self.target[i].above(zero) | !active & self.target_input[i].at_most(zero);
        }
        settled
    }

    /// The longest halved step of each problem that lowers its merit, or the shortest.
    #[inline(always)]
    fn step(&mut self, settled: u8) {
        let before = self.merit(V::all(0.0));
        let mut length = V::all(1.0);
        let mut lower = settled;
        for _ in 0..HALVINGS {
            lower |= before.above(self.merit(length));
            if lower == u8::MAX {
                break;
            }
            length = V::choose(lower, length, length.times(V::all(0.5)));
        }
        for i in 0..self.size {
            self.r[i] = along(self.r[i], self.target[i], length);
            self.input[i] = along(self.input[i], self.target_input[i], length);
        }
    }

    /// ‖min(r, −C I)‖² a step of this length further.
    #[inline(always)]
    fn merit(&self, length: V) -> V {
        let mut sum = V::all(0.0);
        for i in 0..self.size {
            let r = along(self.r[i], self.target[i], length);
            let other = along(self.input[i], self.target_input[i], length).times(self.inverse_row[i]).negative();
            let wrong = V::choose(r.at_most(other), r, other);
            sum = sum.plus_product(wrong, wrong);
        }
        sum
    }

    /// Which targets are states to `residual`, of regular systems.
    #[inline(always)]
    fn hold(&self, residual: f64) -> u8 {
        self.regular & of_size!(self.size, N => hold::<V, N>(&self.w, &self.x, &self.target, residual))
    }
}

/// W r + X, of a size that the compiler knows.
#[inline(always)]
fn inputs<V: Doubles, const N: usize>(w: &[V], r: &[V], x: &[V], out: &mut [V]) {
    let (rows, _) = w.as_chunks::<N>();
    let Some((r, _)) = r.split_first_chunk::<N>() else { return };
    for ((row, x), out) in rows.iter().zip(x).zip(out) {
        let mut sum = *x;
        for k in 0..N {
            sum = sum.plus_product(row[k], r[k]);
        }
        *out = sum;
    }
}

/// Which rates are those of a state.
#[inline(always)]
fn hold<V: Doubles, const N: usize>(w: &[V], x: &[V], r: &[V], residual: f64) -> u8 {
    let (rows, _) = w.as_chunks::<N>();
    let Some((&r, _)) = r.split_first_chunk::<N>() else { return 0 };
    let zero = V::all(0.0);
    let mut holds = u8::MAX;
    for ((row, x), rate) in rows.iter().zip(x).zip(r) {
        let (mut input, mut size) = (*x, x.abs());
        for k in 0..N {
            let term = row[k].times(r[k]);
            input = input.plus(term);
            size = size.plus(term.abs());
        }
        let wrong = V::choose(rate.above(zero), input.abs(), input);
        holds &= wrong.at_most(size.times(V::all(residual))) & zero.at_most(rate) & size.at_most(V::all(f64::MAX));
    }
    holds
}

/// Which rates are those of a state by a test that is cheaper than [`hold`] and, unless magnitudes overflow, never kinder: they are those
/// of X and of what a population does to itself, and half of the residual is left to rounding.
#[inline(always)]
fn clearly_hold<V: Doubles, const N: usize>(w: &[V], x: &[V], active: &[u8], r: &[V], residual: f64) -> u8 {
    let (rows, _) = w.as_chunks::<N>();
    let Some((&r, _)) = r.split_first_chunk::<N>() else { return 0 };
    let (zero, residual) = (V::all(0.0), V::all(0.5 * residual));
    let mut holds = u8::MAX;
    for (i, ((row, x), &active)) in rows.iter().zip(x).zip(active).enumerate().take(N) {
        let mut input = *x;
        for k in 0..N {
            input = input.plus_product(row[k], r[k]);
        }
        let size = x.abs().plus_product(row[i].abs(), r[i]);
        let wrong = V::choose(active, input.abs(), input);
        let most = V::choose(active, size.times(residual), zero);
        holds &= wrong.at_most(most) & zero.at_most(r[i]) & size.at_most(V::all(f64::MAX));
    }
    holds
}

/// The first step of the projected iteration, from 0; and 1/Σ|W|.
#[inline(always)]
fn first_sweep<V: Doubles, const N: usize>(
    w: &[V],
    inverse_row: &mut [V],
    x: &[V],
    r: &mut [V],
    next: &mut Chunks<f64>,
) {
    let (rows, _) = w.as_chunks::<N>();
    let Some((r, _)) = r.split_first_chunk_mut::<N>() else { return };
    let (zero, one, stride) = (V::all(0.0), V::all(1.0), V::all(STRIDE));
    for (i, ((row, inverse), x)) in rows.iter().zip(inverse_row).zip(x).enumerate().take(N) {
        V::fetch(next.next().unwrap_or_default());
        let mut sum = zero;
        for w in row {
            sum = sum.plus(w.abs());
        }
        *inverse = one.over(V::choose(sum.above(zero), sum, one));
        let mut input = *x;
        if i >= N / 2 {
            for k in 0..N / 2 {
                input = input.plus_product(row[k], r[k]);
            }
        }
        let moved = input.times(inverse.times(stride));
        r[i] = moved.positive();
    }
}

/// One step of the projected iteration, the second half of the populations after the first.
#[inline(always)]
fn sweep<V: Doubles, const N: usize>(w: &[V], inverse_row: &[V], x: &[V], r: &mut [V], next: &mut Chunks<f64>) {
    let (rows, _) = w.as_chunks::<N>();
    let Some((all, _)) = r.split_first_chunk_mut::<N>() else { return };
    let stride = V::all(STRIDE);
    for half in [0..N / 2, N / 2..N] {
        // What was reached before, in registers.
        let r = *all;
        for i in half {
            V::fetch(next.next().unwrap_or_default());
            // Two sums that do not wait for each other; all sizes are even.
            let (mut even, mut odd) = (x[i], V::all(0.0));
            for k in 0..N / 2 {
                even = even.plus_product(rows[i][2 * k], r[2 * k]);
                odd = odd.plus_product(rows[i][2 * k + 1], r[2 * k + 1]);
            }
            let moved = all[i].plus_product(even.plus(odd), inverse_row[i].times(stride));
            all[i] = moved.positive();
        }
    }
}

/// Solves W_SS r_S = −X_S, with r = 0 outside S. Row by row, a few columns at a time, in registers until all rows above have been
/// taken out of them.
#[inline(always)]
fn eliminate<V: Doubles, const N: usize>(
    w: &[V],
    x: &[V],
    active: &[u8],
    upper: &mut [V],
    pivots: &mut [V],
    right: &mut [V],
) {
    let (rows, _) = w.as_chunks::<N>();
    let (upper, _) = upper.as_chunks_mut::<N>();
    let Some((active, _)) = active.split_first_chunk::<N>() else { return };
    let (zero, one) = (V::all(0.0), V::all(1.0));
    // How often the rows above are taken out of this one.
    let mut factors = [zero; N];
    for i in 0..N {
        let (above, rest) = upper.split_at_mut(i);
        let out = &mut rest[0];
        let mut drive = x[i].negative();
        let mut inverse = one;
        each_block!(C => {
            let from = C * WIDTH;
            if from < N {
                let mut row = [zero; WIDTH];
                for m in 0..WIDTH {
                    if from + m < N {
                        row[m] = rows[i][from + m];
                    }
                }
                for k in 0..from.min(i) {
                    for m in 0..WIDTH {
                        if from + m < N {
                            row[m] = row[m].minus_product(factors[k], above[k][from + m]);
                        }
                    }
                }
                each_column!(K => {
                    if from + K < N {
                        if from + K < i {
                            factors[from + K] = row[K];
                            drive = drive.minus_product(row[K], right[from + K]);
                            for m in 0..WIDTH {
                                if m > K && from + m < N {
                                    row[m] = row[m].minus_product(row[K], above[from + K][from + m]);
                                }
                            }
                        } else if from + K == i {
                            pivots[i] = row[K];
                            inverse = V::choose(active[i], one.over(row[K]), zero);
                        } else {
                            out[from + K] = row[K].times(inverse);
                        }
                    }
                });
            }
        });
        // Silent populations have 0, not -0.
        right[i] = drive.times(inverse).plus(zero);
    }
    for k in (0..N).rev() {
        for i in 0..k {
            right[i] = right[i].minus_product(upper[i][k], right[k]);
        }
    }
}

#[inline(always)]
fn along<V: Doubles>(from: V, to: V, length: V) -> V {
    from.plus_product(length, to.minus(from))
}
