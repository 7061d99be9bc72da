//! Up to [`MOST`] populations: the Newton's method of [`super::dense`] for eight problems at once.

use super::REGULAR;
use super::vector::{LANES, Vector, spread};

/// Most populations: eight matrices of this size still fit into the innermost cache.
pub const MOST: usize = 20;

/// Steps after which a problem counts as unsettled; few need five.
const STEPS: usize = 10;

/// Sweeps of the projected iteration r ← [r + [`STRIDE`] C I]₊ that guess the active populations first: one costs a tenth of a Newton
/// step. Blocks of populations go one after the other, each with the rates that those before it have just reached: all at
/// once, excitation and inhibition chase each other, and active populations are wrong ten times as often.
pub const GUESSES: usize = 6;

/// Length of their steps.
pub const STRIDE: f64 = 1.5;

/// Halvings of a step.
const HALVINGS: usize = 6;

/// An expression of `N`, the size, which the compiler then knows.
macro_rules! of_size {
    ($size:expr, N => $value:expr) => {
        of_size!(@ $size, $value, 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20)
    };
    (@ $size:expr, $value:expr, $($n:literal)*) => {
        match $size {
            $($n => { const N: usize = $n; $value })*
            _ => unreachable!("more than {MOST} populations, or fewer than the smallest size here"),
        }
    };
}

/// Room for eight problems.
pub struct Eight<V> {
    n: usize,
    /// W `[n × n]`.
    w: Vec<V>,
    /// X `[n]`.
    x: Vec<V>,
    /// 1/Σ|W|.
    inverse_row: Vec<V>,
    /// W_SS with the rows and columns of silent populations replaced by those of 1 `[n × n]`.
    system: Vec<V>,
    pivots: Vec<V>,
    active: Vec<u8>,
    /// Problems whose last system had no pivot that rounding might have made of 0.
    regular: u8,
    r: Vec<V>,
    input: Vec<V>,
    target: Vec<V>,
    target_input: Vec<V>,
    /// Which population stands where in the order of elimination.
    order: Vec<usize>,
    inhibits: Vec<bool>,
    /// Where each weight and each drive stands.
    places: Vec<usize>,
    x_places: Vec<usize>,
}

impl<V: Vector> Eight<V> {
    #[inline(always)]
    pub fn new(n: usize) -> Self {
        let zero = V::all(0.0);
        Eight {
            n,
            w: vec![zero; n * n],
            x: vec![zero; n],
            inverse_row: vec![zero; n],
            system: vec![zero; n * n],
            pivots: vec![zero; n],
            active: vec![0; n],
            regular: u8::MAX,
            r: vec![zero; n],
            input: vec![zero; n],
            target: vec![zero; n],
            target_input: vec![zero; n],
            order: (0..n).collect(),
            inhibits: vec![false; n],
            places: (0..n * n).collect(),
            x_places: (0..n).collect(),
        }
    }

    /// W and X of each lane, rows of length n. Populations that inhibit themselves, in the first problem, come first: the pivots of the
    /// others can be 0 before inhibition has been eliminated.
    #[inline(always)]
    pub fn load(&mut self, problems: &[(&[f64], &[f64]); LANES]) {
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
        self.order = (0..n).collect();
        self.order.sort_by_key(|&a| !self.inhibits[a]);
        for (i, &a) in self.order.iter().enumerate() {
            for (j, &b) in self.order.iter().enumerate() {
                self.places[a * n + b] = i * n + j;
            }
            self.x_places[a] = i;
        }
    }

    /// Rates of the first problems, one after the other.
    #[inline(always)]
    pub fn rates(&self, out: &mut [f64]) {
        for (&a, rate) in self.order.iter().zip(&self.target) {
            let values = rate.store();
            for (value, own) in values.iter().zip(out.chunks_exact_mut(self.n)) {
                own[a] = *value;
            }
        }
    }

    /// Runs to the end, asking for the numbers that come next on the way; which problems have settled.
    #[inline(always)]
    pub fn run(&mut self, next: &[f64]) -> u8 {
        let (zero, one) = (V::all(0.0), V::all(1.0));
        for i in 0..self.n {
            let mut sum = zero;
            for w in &self.w[i * self.n..(i + 1) * self.n] {
                sum = sum.plus(w.abs());
            }
            self.inverse_row[i] = one.over(V::choose(sum.above(zero), sum, one));
        }
        self.guess(next);
        let mut settled = 0;
        for _ in 0..STEPS {
            for i in 0..self.n {
                self.active[i] = self.r[i].above(self.input[i].times(self.inverse_row[i]).negative());
            }
            self.solve();
            settled = self.settled();
            if settled == u8::MAX {
                break;
            }
            self.step(settled);
        }
        settled
    }

    /// A start: the end of the projected iteration, or 0 where that is better.
    #[inline(always)]
    fn guess(&mut self, next: &[f64]) {
        let zero = V::all(0.0);
        for i in 0..self.n {
            self.r[i] = zero;
            self.input[i] = self.x[i];
            self.target[i] = zero;
        }
        let mut next = next.chunks(next.len().div_ceil(GUESSES).max(1));
        for _ in 0..GUESSES {
            V::fetch(next.next().unwrap_or_default());
            of_size!(self.n, N => sweep::<V, N>(&self.w, &self.inverse_row, &self.x, &mut self.target));
        }
        self.inputs_at_target();
        let better = self.merit(zero).above(self.merit(V::all(1.0)));
        for i in 0..self.n {
            self.r[i] = V::choose(better, self.target[i], zero);
            self.input[i] = V::choose(better, self.target_input[i], self.x[i]);
        }
    }

    #[inline(always)]
    fn inputs_at_target(&mut self) {
        of_size!(self.n, N => inputs::<V, N>(&self.w, &self.target, &self.x, &mut self.target_input));
    }

    /// Target rates by elimination without interchanges; a pivot of 0 leaves NaN, which never settles.
    #[inline(always)]
    fn solve(&mut self) {
        let (zero, one) = (V::all(0.0), V::all(1.0));
        let rows = self.system.chunks_exact_mut(self.n).zip(self.w.chunks_exact(self.n));
        for (i, (row, given)) in rows.enumerate() {
            let active = self.active[i];
            for ((value, w), other) in row.iter_mut().zip(given).zip(&self.active) {
                *value = V::choose(active & other, *w, zero);
            }
            row[i] = V::choose(active, row[i], one);
            self.target[i] = V::choose(active, self.x[i].negative(), zero);
        }
        of_size!(self.n, N => eliminate::<V, N>(&mut self.system, &mut self.pivots, &mut self.target));
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
        for i in 0..self.n {
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
        for i in 0..self.n {
            self.r[i] = along(self.r[i], self.target[i], length);
            self.input[i] = along(self.input[i], self.target_input[i], length);
        }
    }

    /// ‖min(r, −C I)‖² a step of this length further.
    #[inline(always)]
    fn merit(&self, length: V) -> V {
        let mut sum = V::all(0.0);
        for i in 0..self.n {
            let r = along(self.r[i], self.target[i], length);
            let other = along(self.input[i], self.target_input[i], length).times(self.inverse_row[i]).negative();
            let wrong = V::choose(r.at_most(other), r, other);
            sum = sum.plus_product(wrong, wrong);
        }
        sum
    }

    /// Which targets are states to `residual`, of regular systems.
    #[inline(always)]
    pub fn hold(&self, residual: f64) -> u8 {
        let zero = V::all(0.0);
        let mut holds = self.regular;
        for i in 0..self.n {
            let (mut input, mut size) = (self.x[i], self.x[i].abs());
            for (w, r) in self.w[i * self.n..(i + 1) * self.n].iter().zip(&self.target) {
                let term = w.times(*r);
                input = input.plus(term);
                size = size.plus(term.abs());
            }
            let active = self.target[i].above(zero);
            let wrong = V::choose(active, input.abs(), input);
            holds &= wrong.at_most(size.times(V::all(residual)))
                & zero.at_most(self.target[i])
                & size.at_most(V::all(f64::MAX));
        }
        holds
    }
}

/// W r + X, of a size that the compiler knows.
#[inline(always)]
fn inputs<V: Vector, const N: usize>(w: &[V], r: &[V], x: &[V], out: &mut [V]) {
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

/// One step of the projected iteration, the second half of the populations after the first.
#[inline(always)]
fn sweep<V: Vector, const N: usize>(w: &[V], inverse_row: &[V], x: &[V], r: &mut [V]) {
    let (rows, _) = w.as_chunks::<N>();
    let Some((r, _)) = r.split_first_chunk_mut::<N>() else { return };
    let (zero, stride) = (V::all(0.0), V::all(STRIDE));
    let mut next = *r;
    for half in [0..N / 2, N / 2..N] {
        for i in half.clone() {
            // Two sums that do not wait for each other.
            let (mut even, mut odd) = (x[i], zero);
            for k in 0..N / 2 {
                even = even.plus_product(rows[i][2 * k], r[2 * k]);
                odd = odd.plus_product(rows[i][2 * k + 1], r[2 * k + 1]);
            }
            if N % 2 == 1 {
                even = even.plus_product(rows[i][N - 1], r[N - 1]);
            }
            let moved = r[i].plus_product(even.plus(odd), inverse_row[i].times(stride));
            next[i] = V::choose(moved.above(zero), moved, zero);
        }
        r[half.clone()].copy_from_slice(&next[half]);
    }
}

/// Solves the system in place; the pivots.
#[inline(always)]
fn eliminate<V: Vector, const N: usize>(system: &mut [V], pivots: &mut [V], right: &mut [V]) {
    let (rows, _) = system.as_chunks_mut::<N>();
    let (Some((rows, _)), Some((right, _))) = (rows.split_first_chunk_mut::<N>(), right.split_first_chunk_mut::<N>())
    else {
        return;
    };
    for k in 0..N {
        let row = rows[k];
        pivots[k] = row[k];
        let inverse = V::all(1.0).over(row[k]);
        let mut scaled = row;
        for j in k + 1..N {
            scaled[j] = row[j].times(inverse);
        }
        rows[k] = scaled;
        right[k] = right[k].times(inverse);
        for i in k + 1..N {
            let factor = rows[i][k];
            for j in k + 1..N {
                rows[i][j] = rows[i][j].minus_product(factor, scaled[j]);
            }
            right[i] = right[i].minus_product(factor, right[k]);
        }
    }
    for k in (0..N).rev() {
        for i in 0..k {
            right[i] = right[i].minus_product(rows[i][k], right[k]);
        }
    }
}

#[inline(always)]
fn along<V: Vector>(from: V, to: V, length: V) -> V {
    from.plus_product(length, to.minus(from))
}
