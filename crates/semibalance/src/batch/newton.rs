//! Up to [`MOST`] populations: the Newton's method of [`super::dense`] for eight problems at once.

use super::REGULAR;
use super::vector::{LANES, Vector};

/// Most populations: eight matrices of this size still fit into the innermost cache.
pub const MOST: usize = 20;

/// Steps after which a problem counts as unsettled; few need five.
const STEPS: usize = 10;

/// Steps of the projected iteration r ← [r + C I]₊ that guess the active populations first: one costs a tenth of a Newton step.
pub const GUESSES: usize = 12;

/// Halvings of a step.
const HALVINGS: usize = 6;

/// Room for eight problems.
pub struct Eight<V> {
    n: usize,
    /// W and X as they lie in memory.
    given_w: Vec<f64>,
    given_x: Vec<f64>,
    /// W `[n × n]`.
    w: Vec<V>,
    /// X `[n]`.
    x: Vec<V>,
    /// 1/Σ|W|.
    inverse_row: Vec<V>,
    /// W_SS with the rows and columns of silent populations replaced by those of 1, and −X_S `[n × (n + 1)]`.
    system: Vec<V>,
    active: Vec<u8>,
    /// Problems whose last system had no pivot that rounding might have made of 0.
    regular: u8,
    r: Vec<V>,
    input: Vec<V>,
    target: Vec<V>,
    target_input: Vec<V>,
    /// Which population stands where in the order of elimination.
    order: Vec<usize>,
}

impl<V: Vector> Eight<V> {
    #[inline(always)]
    pub fn new(n: usize) -> Self {
        let zero = V::all(0.0);
        Eight {
            n,
            given_w: vec![0.0; LANES * n * n],
            given_x: vec![0.0; LANES * n],
            w: vec![zero; n * n],
            x: vec![zero; n],
            inverse_row: vec![zero; n],
            system: vec![zero; n * (n + 1)],
            active: vec![0; n],
            regular: u8::MAX,
            r: vec![zero; n],
            input: vec![zero; n],
            target: vec![zero; n],
            target_input: vec![zero; n],
            order: vec![0; n],
        }
    }

    /// W and X of each lane, rows of length n. Populations that inhibit themselves, in the first problem, come first: the pivots of the
    /// others can be 0 before inhibition has been eliminated.
    #[inline(always)]
    pub fn load(&mut self, problems: &[(&[f64], &[f64]); LANES]) {
        let n = self.n;
        let mut place = 0;
        for first in [true, false] {
            for a in 0..n {
                if (problems[0].0[a * n + a] < 0.0) == first {
                    self.order[place] = a;
                    place += 1;
                }
            }
        }
        // Into the innermost cache in one stream; eight streams at once are slower.
        for ((w, x), (own_w, own_x)) in
            problems.iter().zip(self.given_w.chunks_exact_mut(n * n).zip(self.given_x.chunks_exact_mut(n)))
        {
            own_w.copy_from_slice(w);
            own_x.copy_from_slice(x);
        }
        for (i, &a) in self.order.iter().enumerate() {
            self.x[i] = every(&self.given_x[a..], n);
            for (w, &b) in self.w[i * n..(i + 1) * n].iter_mut().zip(&self.order) {
                *w = every(&self.given_w[a * n + b..], n * n);
            }
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

    /// Runs to the end; which problems have settled.
    #[inline(always)]
    pub fn run(&mut self) -> u8 {
        let (zero, one) = (V::all(0.0), V::all(1.0));
        for i in 0..self.n {
            let mut sum = zero;
            for w in &self.w[i * self.n..(i + 1) * self.n] {
                sum = sum.plus(w.abs());
            }
            self.inverse_row[i] = one.over(V::choose(sum.above(zero), sum, one));
        }
        self.guess();
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
    fn guess(&mut self) {
        let zero = V::all(0.0);
        for i in 0..self.n {
            self.r[i] = zero;
            self.input[i] = self.x[i];
            self.target[i] = zero;
        }
        for _ in 0..GUESSES {
            self.inputs_at_target();
            for i in 0..self.n {
                let next = self.target[i].plus(self.target_input[i].times(self.inverse_row[i]));
                self.target[i] = V::choose(next.above(zero), next, zero);
            }
        }
        self.inputs_at_target();
        let better = self.merit(zero).above(self.merit(V::all(1.0)));
        for i in 0..self.n {
            self.r[i] = V::choose(better, self.target[i], zero);
            self.input[i] = V::choose(better, self.target_input[i], self.x[i]);
        }
    }

    /// Four populations at a time, whose sums do not wait for one another.
    #[inline(always)]
    fn inputs_at_target(&mut self) {
        let n = self.n;
        for first in (0..n).step_by(4) {
            // Near the end some are summed again.
            let first = first.min(n - 4);
            let rows = &self.w[first * n..(first + 4) * n];
            let (a, rest) = rows.split_at(n);
            let (b, rest) = rest.split_at(n);
            let (c, d) = rest.split_at(n);
            let x = &self.x[first..first + 4];
            let (mut sum_a, mut sum_b, mut sum_c, mut sum_d) = (x[0], x[1], x[2], x[3]);
            for ((r, (a, b)), (c, d)) in self.target.iter().zip(a.iter().zip(b)).zip(c.iter().zip(d)) {
                sum_a = sum_a.plus(a.times(*r));
                sum_b = sum_b.plus(b.times(*r));
                sum_c = sum_c.plus(c.times(*r));
                sum_d = sum_d.plus(d.times(*r));
            }
            self.target_input[first..first + 4].copy_from_slice(&[sum_a, sum_b, sum_c, sum_d]);
        }
    }

    /// Target rates by elimination without interchanges; a pivot of 0 leaves NaN, which never settles.
    #[inline(always)]
    fn solve(&mut self) {
        let n = self.n;
        let (zero, one) = (V::all(0.0), V::all(1.0));
        for i in 0..n {
            let active = self.active[i];
            let row = &mut self.system[i * (n + 1)..(i + 1) * (n + 1)];
            let given = &self.w[i * n..(i + 1) * n];
            for ((value, w), other) in row.iter_mut().zip(given).zip(&self.active) {
                *value = V::choose(active & other, *w, zero);
            }
            row[i] = V::choose(active, row[i], one);
            row[n] = V::choose(active, self.x[i].negative(), zero);
        }
        self.regular = u8::MAX;
        for k in 0..n {
            let (above, below) = self.system.split_at_mut((k + 1) * (n + 1));
            let pivot = &mut above[k * (n + 1) + k..];
            self.regular &= !self.active[k] | pivot[0].abs().times(self.inverse_row[k]).above(V::all(REGULAR));
            let inverse = one.over(pivot[0]);
            for value in &mut pivot[1..] {
                *value = value.times(inverse);
            }
            for row in below.chunks_exact_mut(n + 1) {
                let row = &mut row[k..];
                let factor = row[0];
                for (value, pivot) in row[1..].iter_mut().zip(&pivot[1..]) {
                    *value = value.minus(factor.times(*pivot));
                }
            }
        }
        for i in (0..n).rev() {
            let row = &self.system[i * (n + 1)..(i + 1) * (n + 1)];
            let mut sum = row[n];
            for (w, r) in row[i + 1..n].iter().zip(&self.target[i + 1..]) {
                sum = sum.minus(w.times(*r));
            }
            self.target[i] = sum;
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
            sum = sum.plus(wrong.times(wrong));
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

#[inline(always)]
fn along<V: Vector>(from: V, to: V, length: V) -> V {
    from.plus(length.times(to.minus(from)))
}

/// Every `stride`-th of the values.
#[inline(always)]
fn every<V: Vector>(values: &[f64], stride: usize) -> V {
    let v = &values[..7 * stride + 1];
    let s = stride;
    V::load(&[v[0], v[s], v[2 * s], v[3 * s], v[4 * s], v[5 * s], v[6 * s], v[7 * s]])
}
