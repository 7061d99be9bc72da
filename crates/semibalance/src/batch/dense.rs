//! Newton's method on min(r, −C I) = 0, one problem at a time.
//!
//! From the active populations S the rates with I_S = 0 follow, and the step towards them is halved until
//! ‖min(r, −C I)‖ falls; without that, S cycles in many networks of fifty populations. C is one over the row sums of |W|, so
//! that units do not matter.
//!
//! Everything is kept in the order of elimination and in whole vectors of populations. Places behind the last population are silent:
//! coupled to nobody, inhibited by 1.

use super::REGULAR;
use super::elimination::{PANEL, eliminate};
use super::newton::STRIDE;
use lanes::{Aligned, Doubles, EIGHT, Simd, Work};
use ndarray::{Array1, Array2};
use ndarray_linalg::Inverse;

/// Steps after which a problem counts as unsettled; few need ten.
const STEPS: usize = 15;

/// Sweeps that guess the active populations first.
pub const GUESSES: usize = 6;

/// Halvings of a step.
const HALVINGS: usize = 10;

/// Populations whose inputs are summed side by side, in two vectors, and that step together in the guess.
const GROUP: usize = 2 * EIGHT;

/// Active populations above which the factors come from LAPACK, whose blocks then pay.
const LARGE: usize = 400;

/// Room for one problem of n populations.
pub struct One {
    n: usize,
    /// n, up to whole groups.
    padded: usize,
    /// Population at each place: those that inhibit themselves come first, as the pivots of the others can be 0 before inhibition has
    /// been eliminated.
    order: Vec<usize>,
    /// Start of its row of W.
    rows: Vec<usize>,
    /// Place of each population.
    places: Vec<usize>,
    /// Wᵀ `[n × padded]`.
    columns: Aligned<f64>,
    /// X.
    x: Aligned<f64>,
    /// 1/Σ|W|.
    inverse_row: Aligned<f64>,
    /// Rates of the step, and their inputs.
    r: Aligned<f64>,
    input: Aligned<f64>,
    /// Where the full step leads: rates and inputs.
    target: Aligned<f64>,
    target_input: Aligned<f64>,
    /// Active places, a mask a vector, and their list.
    active: Vec<u8>,
    support: Vec<usize>,
    /// W_SSᵀ, then −X_S, columns of whole vectors.
    system: Aligned<f64>,
    /// Multipliers of a panel.
    panel: Aligned<f64>,
    pivots: Vec<f64>,
}

impl One {
    pub fn new(n: usize) -> Self {
        let padded = n.next_multiple_of(GROUP);
        let most = n.min(LARGE).next_multiple_of(EIGHT);
        let line = || Aligned::zeros(padded);
        One {
            n,
            padded,
            order: vec![0; n],
            rows: vec![0; n],
            places: vec![0; n],
            columns: Aligned::zeros(n * padded),
            x: line(),
            inverse_row: line(),
            r: line(),
            input: line(),
            target: line(),
            target_input: line(),
            active: vec![0; padded / EIGHT],
            support: Vec::with_capacity(n),
            system: Aligned::zeros((most + 1) * most + EIGHT),
            panel: Aligned::zeros(PANEL * most),
            pivots: vec![0.0; most],
        }
    }

    #[inline(always)]
    pub fn load<V: Doubles>(&mut self, w: &[f64], x: &[f64]) {
        let (n, padded) = (self.n, self.padded);
        let mut place = 0;
        for first in [true, false] {
            for a in 0..n {
                if (w[a * n + a] < 0.0) == first {
                    self.order[place] = a;
                    self.rows[place] = a * n;
                    self.places[a] = place;
                    place += 1;
                }
            }
        }
        let own = &mut self.x;
        own[n..padded].fill(-1.0);
        for (own, &a) in own.iter_mut().zip(&self.order) {
            *own = x[a];
        }
        self.transpose::<V>(w);
        let columns = &self.columns;
        let (zero, one) = (V::all(0.0), V::all(1.0));
        for from in (0..padded).step_by(EIGHT) {
            let mut sum = zero;
            for j in 0..n {
                sum = sum.plus(V::load(&columns[j * padded + from..]).abs());
            }
            one.over(V::choose(sum.above(zero), sum, one)).put(&mut self.inverse_row[from..]);
        }
    }

    /// Eight rows and eight columns at a time; near the end some are taken again.
    #[inline(always)]
    fn transpose<V: Doubles>(&mut self, w: &[f64]) {
        let (n, padded) = (self.n, self.padded);
        let columns = &mut self.columns;
        for (group, rows) in self.rows.chunks(EIGHT).enumerate() {
            for from in (0..n).step_by(EIGHT) {
                let from = from.min(n.saturating_sub(EIGHT));
                let mut block = [V::all(0.0); EIGHT];
                for (vector, row) in block.iter_mut().zip(rows) {
                    *vector = if n < EIGHT { first(&w[*row..row + n]) } else { V::load(&w[row + from..]) };
                }
                let block = V::transposed(block);
                for (vector, place) in block.iter().zip(&self.places[from..]) {
                    vector.put(&mut columns[place * padded + group * EIGHT..]);
                }
            }
        }
    }

    /// Runs to the end after so many steps of the projected iteration, asking for the numbers that come next on the way; whether
    /// the problem has settled.
    #[inline(always)]
    pub fn run<V: Doubles>(&mut self, guesses: usize, next: &[f64]) -> bool {
        self.guess::<V>(guesses, next);
        for _ in 0..STEPS {
            for (v, active) in self.active.iter_mut().enumerate() {
                let from = v * EIGHT;
                let other = V::load(&self.input[from..]).times(V::load(&self.inverse_row[from..])).negative();
                *active = V::load(&self.r[from..]).above(other);
            }
            if !self.solve::<V>() {
                return false;
            }
            self.inputs_at_target::<V>();
            if self.settled::<V>() {
                return true;
            }
            self.step::<V>();
        }
        false
    }

    /// Goes to the rates with the active populations of others; whether there are any.
    #[inline(always)]
    fn at<V: Doubles>(&mut self, rates: &[f64]) -> bool {
        for (mask, places) in self.active.iter_mut().zip(self.order.chunks(EIGHT)) {
            *mask = 0;
            for (lane, &a) in places.iter().enumerate() {
                *mask |= u8::from(rates[a] > 0.0) << lane;
            }
        }
        self.solve::<V>()
    }

    /// Active populations.
    pub fn support(&self) -> impl Iterator<Item = usize> {
        self.support.iter().map(|&place| self.order[place])
    }

    /// Rates `[n]`.
    #[inline(always)]
    pub fn rates(&self, out: &mut [f64]) {
        for (&a, rate) in self.order.iter().zip(self.target.iter()) {
            out[a] = *rate;
        }
    }

    /// Whether r ≥ 0 leaves no excess excitation, and no input at all in active populations, to `residual`.
    #[inline(always)]
    pub fn holds<V: Doubles>(&self, residual: f64) -> bool {
        let zero = V::all(0.0);
        let (columns, target) = (&self.columns, &self.target);
        let mut holds = u8::MAX;
        for from in (0..self.padded).step_by(EIGHT) {
            let x = V::load(&self.x[from..]);
            let (mut input, mut size) = (x, x.abs());
            for (j, r) in target[..self.n].iter().enumerate() {
                let term = V::load(&columns[j * self.padded + from..]).times(V::all(*r));
                input = input.plus(term);
                size = size.plus(term.abs());
            }
            let rate = V::load(&target[from..]);
            let wrong = V::choose(rate.above(zero), input.abs(), input);
            holds &= wrong.at_most(size.times(V::all(residual)));
            holds &= zero.at_most(rate) & size.at_most(V::all(f64::MAX));
        }
        holds == u8::MAX
    }

    /// A start: the end of the projected iteration, or 0 where that is better.
    #[inline(always)]
    fn guess<V: Doubles>(&mut self, guesses: usize, next: &[f64]) {
        let stride = V::all(STRIDE);
        self.target.fill(0.0);
        let mut next = next.chunks(next.len().div_ceil(guesses.max(1)).max(1));
        for _ in 0..guesses {
            V::fetch(next.next().unwrap_or_default());
            for block in (0..self.padded).step_by(GROUP) {
                let inputs = self.inputs::<V>(block);
                for (from, input) in (block..).step_by(EIGHT).zip(inputs) {
                    let step = V::load(&self.inverse_row[from..]).times(stride);
                    let next = V::load(&self.target[from..]).plus_product(input, step);
                    next.positive().put(&mut self.target[from..]);
                }
            }
        }
        self.inputs_at_target::<V>();
        self.r.fill(0.0);
        self.input.copy_from_slice(&self.x);
        if self.merit::<V>(1.0) < self.merit::<V>(0.0) {
            self.r.copy_from_slice(&self.target);
            self.input.copy_from_slice(&self.target_input);
        }
    }

    #[inline(always)]
    fn inputs_at_target<V: Doubles>(&mut self) {
        for from in (0..self.padded).step_by(GROUP) {
            let [low, high] = self.inputs::<V>(from);
            low.put(&mut self.target_input[from..]);
            high.put(&mut self.target_input[from + EIGHT..]);
        }
    }

    /// W r + X of a group, at the target. Column by column, so that nothing is summed across a vector; every fourth apart, so that fewer
    /// sums wait for one another.
    #[inline(always)]
    fn inputs<V: Doubles>(&self, from: usize) -> [V; 2] {
        let padded = self.padded;
        let (x, zero) = (&self.x[from..], V::all(0.0));
        let (mut a, mut b) = (V::load(x), V::load(&x[EIGHT..]));
        let (mut c, mut d, mut e, mut f, mut g, mut h) = (zero, zero, zero, zero, zero, zero);
        let (fours, rest) = self.target[..self.n].as_chunks::<4>();
        let columns = &self.columns;
        for (four, columns) in fours.iter().zip(columns.chunks_exact(4 * padded)) {
            let (first, columns) = (V::all(four[0]), &columns[from..]);
            a = a.plus_product(first, V::load(columns));
            b = b.plus_product(first, V::load(&columns[EIGHT..]));
            let (second, columns) = (V::all(four[1]), &columns[padded..]);
            c = c.plus_product(second, V::load(columns));
            d = d.plus_product(second, V::load(&columns[EIGHT..]));
            let (third, columns) = (V::all(four[2]), &columns[padded..]);
            e = e.plus_product(third, V::load(columns));
            f = f.plus_product(third, V::load(&columns[EIGHT..]));
            let (fourth, columns) = (V::all(four[3]), &columns[padded..]);
            g = g.plus_product(fourth, V::load(columns));
            h = h.plus_product(fourth, V::load(&columns[EIGHT..]));
        }
        for (r, column) in rest.iter().zip(columns[fours.len() * 4 * padded..].chunks_exact(padded)) {
            let (r, column) = (V::all(*r), &column[from..]);
            a = a.plus_product(r, V::load(column));
            b = b.plus_product(r, V::load(&column[EIGHT..]));
        }
        [a.plus(c).plus(e.plus(g)), b.plus(d).plus(f.plus(h))]
    }

    /// Whether the target is a state.
    #[inline(always)]
    fn settled<V: Doubles>(&self) -> bool {
        let zero = V::all(0.0);
        let mut settled = u8::MAX;
        for (v, &active) in self.active.iter().enumerate() {
            let rate = V::load(&self.target[v * EIGHT..]);
            let input = V::load(&self.target_input[v * EIGHT..]);
            settled &= active & rate.above(zero) | !active & input.at_most(zero);
        }
        settled == u8::MAX
    }

    /// ‖min(r, −C I)‖² a step of this length further.
    #[inline(always)]
    fn merit<V: Doubles>(&self, length: f64) -> f64 {
        let length = V::all(length);
        let mut sum = V::all(0.0);
        for from in (0..self.padded).step_by(EIGHT) {
            let (r, input) = (V::load(&self.r[from..]), V::load(&self.input[from..]));
            let r = r.plus_product(length, V::load(&self.target[from..]).minus(r));
            let input = input.plus_product(length, V::load(&self.target_input[from..]).minus(input));
            let other = input.times(V::load(&self.inverse_row[from..])).negative();
            let wrong = V::choose(r.at_most(other), r, other);
            sum = sum.plus_product(wrong, wrong);
        }
        sum.store().iter().sum()
    }

    /// The longest halved step that lowers the merit, or the shortest.
    #[inline(always)]
    fn step<V: Doubles>(&mut self) {
        let before = self.merit::<V>(0.0);
        let mut length = 1.0;
        for _ in 0..HALVINGS {
            if self.merit::<V>(length) < before {
                break;
            }
            length *= 0.5;
        }
        for place in 0..self.padded {
            let (r, input) = (self.r[place], self.input[place]);
            self.r[place] = r + length * (self.target[place] - r);
            self.input[place] = input + length * (self.target_input[place] - input);
        }
    }

    /// Rates that leave the active populations without input; false where W_SS is singular.
    #[inline(always)]
    fn solve<V: Doubles>(&mut self) -> bool {
        self.support.clear();
        for place in 0..self.n {
            if self.active[place / EIGHT] >> (place % EIGHT) & 1 == 1 {
                self.support.push(place);
            }
        }
        self.target.fill(0.0);
        let s = self.support.len();
        if s > LARGE {
            return self.solve_large();
        }
        // Whole panels: what is added is coupled to itself alone.
        let size = s.next_multiple_of(PANEL);
        let stride = s.next_multiple_of(EIGHT);
        self.gather::<V>(size, stride);
        let system = &mut self.system[..(size + 1) * stride];
        for k in (0..size).step_by(PANEL) {
            eliminate::<V>(system, &mut self.panel[..PANEL * stride], &mut self.pivots[k..k + PANEL], k, stride);
        }
        for (pivot, &place) in self.pivots.iter().zip(&self.support) {
            let share = pivot.abs() * self.inverse_row[place];
            if share.is_nan() || share <= REGULAR {
                return false;
            }
        }
        let (factors, right) = system.split_at_mut(size * stride);
        for (k, &place) in self.support.iter().enumerate().rev() {
            let rate = right[k] / self.pivots[k];
            self.target[place] = rate;
            // What this does to places from k on is not read again.
            let column = &factors[k * stride..(k + 1) * stride];
            for from in (0..k).step_by(EIGHT) {
                let left = V::load(&right[from..]).minus_product(V::all(rate), V::load(&column[from..]));
                left.put(&mut right[from..]);
            }
        }
        self.target.iter().all(|r| r.is_finite())
    }

    /// W_SSᵀ and −X_S into `system`.
    #[inline(always)]
    fn gather<V: Doubles>(&mut self, size: usize, stride: usize) {
        let s = self.support.len();
        let columns = &self.columns;
        let system = &mut self.system;
        let sources = self.support.iter().map(|&place| &columns[place * self.padded..(place + 1) * self.padded]);
        for (k, source) in sources.enumerate() {
            gathered::<V>(source, &self.active, &mut system[k * stride..], s, stride);
        }
        for k in s..size {
            let column = &mut system[k * stride..(k + 1) * stride];
            column.fill(0.0);
            column[k] = 1.0;
        }
        let right = &mut system[size * stride..];
        gathered::<V>(&self.x, &self.active, right, s, stride);
        for value in &mut right[..s] {
            *value = -*value;
        }
    }

    #[cold]
    fn solve_large(&mut self) -> bool {
        let s = &self.support;
        // Rows of sum 1 at most: entries of the inverse are then the reciprocals of how near W_SS is to a singular matrix.
        let scale = |a: usize| self.inverse_row[s[a]];
        let columns = &self.columns;
        let block = Array2::from_shape_fn((s.len(), s.len()), |(a, b)| columns[s[b] * self.padded + s[a]] * scale(a));
        let right = Array1::from_shape_fn(s.len(), |a| -self.x[s[a]] * scale(a));
        let Ok(inverse) = block.inv() else { return false };
        if !inverse.iter().all(|v| v.abs() < 1.0 / REGULAR) {
            return false;
        }
        let mut solved = inverse.dot(&right);
        solved += &inverse.dot(&(right - block.dot(&solved)));
        let target = &mut self.target;
        s.iter().zip(&solved).for_each(|(&place, r)| target[place] = *r);
        true
    }
}

/// Where a problem is solved from.
pub enum Start<'a> {
    /// Newton's method after so many steps of the projected iteration.
    Guesses(usize),
    /// The active populations of these rates, without more ado.
    Rates(&'a [f64]),
}

/// One problem, for itself; `None` where it does not settle.
pub struct Solve<'a> {
    pub w: &'a [f64],
    pub x: &'a [f64],
    pub start: Start<'a>,
}

impl Work for Solve<'_> {
    type Output = Option<One>;

    #[inline(always)]
    fn run<S: Simd>(self) -> Option<One> {
        let mut one = One::new(self.x.len());
        one.load::<S::Doubles>(self.w, self.x);
        let settled = match self.start {
            Start::Guesses(guesses) => one.run::<S::Doubles>(guesses, &[]),
            Start::Rates(rates) => one.at::<S::Doubles>(rates),
        };
        settled.then_some(one)
    }
}

/// [`One::holds`].
pub struct Holds<'a> {
    pub one: &'a One,
    pub residual: f64,
}

impl Work for Holds<'_> {
    type Output = bool;

    #[inline(always)]
    fn run<S: Simd>(self) -> bool {
        self.one.holds::<S::Doubles>(self.residual)
    }
}

/// The active ones of a column, then zeros to the end of the last vector; what follows it is spoilt.
#[inline(always)]
fn gathered<V: Doubles>(source: &[f64], active: &[u8], out: &mut [f64], s: usize, stride: usize) {
    let mut place = 0;
    for (v, &mask) in active.iter().enumerate() {
        if mask != 0 {
            V::load(&source[v * EIGHT..]).gathered(mask).put(&mut out[place..]);
            place += mask.count_ones() as usize;
        }
    }
    out[s..stride].fill(0.0);
}

/// Less than a vector, then zeros.
#[inline(always)]
fn first<V: Doubles>(values: &[f64]) -> V {
    let mut whole = [0.0; EIGHT];
    whole[..values.len()].copy_from_slice(values);
    V::load(&whole)
}
