//! Newton's method on min(r, −C I) = 0, one problem at a time.
//!
//! From the active populations S the rates with I_S = 0 follow, and the step towards them is halved until
//! ‖min(r, −C I)‖ falls; without that, S cycles in many networks of fifty populations. C is one over the row sums of |W|, so
//! that units do not matter.

use super::REGULAR;
use super::vector::{LANES, Vector};
use ndarray::{Array1, Array2};
use ndarray_linalg::Inverse;

/// Steps after which a problem counts as unsettled; few need ten.
const STEPS: usize = 15;

/// Halvings of a step.
const HALVINGS: usize = 10;

/// Rows that are eliminated together: each of the rows below is then read and written once for all of them.
const PANEL: usize = 4;

/// Vectors of inputs that are summed side by side.
const GROUP: usize = 4;

/// Active populations above which the factors come from LAPACK, whose blocks then pay.
const LARGE: usize = 400;

/// Room for one problem.
pub struct One {
    /// W_SS and −X_S, rows padded to whole vectors, so that no loop over them has a remainder.
    system: Aligned,
    /// Wᵀ, rows padded to whole groups.
    columns: Aligned,
    /// Active populations in the order of elimination: those that inhibit themselves come first, as the pivots of the others can be
    /// 0 before inhibition has been eliminated.
    support: Vec<usize>,
    order: Vec<usize>,
    solution: Vec<f64>,
    active: Vec<bool>,
    /// Rates of the step, its inputs, and 1/Σ|W|.
    r: Vec<f64>,
    input: Vec<f64>,
    inverse_row: Vec<f64>,
    /// Where the full step leads: rates and inputs.
    pub target: Vec<f64>,
    target_input: Vec<f64>,
}

/// Numbers from the start of a cache line on: vectors that straddle two of them take twice as long.
struct Aligned {
    values: Vec<f64>,
    start: usize,
}

impl Aligned {
    fn new(count: usize) -> Self {
        let values = vec![0.0_f64; count + LANES];
        let start = values.as_ptr().align_offset(LANES * size_of::<f64>()).min(LANES);
        Aligned { values, start }
    }

    #[inline(always)]
    fn get(&mut self) -> &mut [f64] {
        &mut self.values[self.start..]
    }
}

impl One {
    pub fn new(n: usize) -> Self {
        let zeros = || vec![0.0; n];
        let rows = n.min(LARGE);
        One {
            system: Aligned::new(rows * (rows + 1).next_multiple_of(LANES)),
            columns: Aligned::new(n * n.next_multiple_of(GROUP * LANES)),
            support: Vec::with_capacity(n),
            order: vec![0; n],
            solution: vec![0.0; rows.next_multiple_of(LANES)],
            active: vec![false; n],
            r: zeros(),
            input: zeros(),
            inverse_row: zeros(),
            target: zeros(),
            target_input: zeros(),
        }
    }

    /// Runs to the end after so many steps of the projected iteration; whether the problem has settled, at `target`.
    #[inline(always)]
    pub fn run<V: Vector>(&mut self, w: &[f64], x: &[f64], guesses: usize) -> bool {
        let n = x.len();
        self.weigh::<V>(w);
        self.sort(w);
        self.transpose(w);
        self.guess::<V>(x, guesses);
        for _ in 0..STEPS {
            for a in 0..n {
                self.active[a] = self.r[a] > -self.input[a] * self.inverse_row[a];
            }
            if !self.solve::<V>(w, x) {
                return false;
            }
            self.inputs_at_target::<V>(x);
            let mut settled = true;
            for a in 0..n {
                settled &= if self.active[a] { self.target[a] > 0.0 } else { self.target_input[a] <= 0.0 };
            }
            if settled {
                return true;
            }
            self.step();
        }
        false
    }

    /// Goes to the rates with these populations active; whether there are any.
    pub fn at<V: Vector>(&mut self, w: &[f64], x: &[f64], active: impl Fn(usize) -> bool) -> bool {
        self.weigh::<V>(w);
        self.sort(w);
        self.active.iter_mut().enumerate().for_each(|(a, own)| *own = active(a));
        self.solve::<V>(w, x)
    }

    /// Active populations, in order.
    pub fn support(&self) -> &[usize] {
        &self.support
    }

    #[inline(always)]
    fn weigh<V: Vector>(&mut self, w: &[f64]) {
        for (inverse, row) in self.inverse_row.iter_mut().zip(w.chunks_exact(self.r.len())) {
            let sum = magnitude::<V>(row);
            *inverse = if sum > 0.0 { 1.0 / sum } else { 1.0 };
        }
    }

    #[inline(always)]
    fn transpose(&mut self, w: &[f64]) {
        let n = self.r.len();
        let stride = n.next_multiple_of(GROUP * LANES);
        let columns = self.columns.get();
        for (a, row) in w.chunks_exact(n).enumerate() {
            for (column, w) in columns.chunks_exact_mut(stride).zip(row) {
                column[a] = *w;
            }
        }
    }

    #[inline(always)]
    fn sort(&mut self, w: &[f64]) {
        let n = self.r.len();
        let inhibits = |a: &usize| w[a * n + a] < 0.0;
        let sorted = (0..n).filter(inhibits).chain((0..n).filter(|a| !inhibits(a)));
        self.order.iter_mut().zip(sorted).for_each(|(place, a)| *place = a);
    }

    /// A start: the end of the projected iteration, or 0 where that is better.
    #[inline(always)]
    fn guess<V: Vector>(&mut self, x: &[f64], guesses: usize) {
        self.target.fill(0.0);
        for _ in 0..guesses {
            self.inputs_at_target::<V>(x);
            for a in 0..x.len() {
                self.target[a] = (self.target[a] + self.target_input[a] * self.inverse_row[a]).max(0.0);
            }
        }
        self.inputs_at_target::<V>(x);
        self.r.fill(0.0);
        self.input.copy_from_slice(x);
        if self.merit(1.0) < self.merit(0.0) {
            self.r.copy_from_slice(&self.target);
            self.input.copy_from_slice(&self.target_input);
        }
    }

    /// Column by column, so that nothing is summed across a vector.
    #[inline(always)]
    fn inputs_at_target<V: Vector>(&mut self, x: &[f64]) {
        let stride = x.len().next_multiple_of(GROUP * LANES);
        let columns = self.columns.get();
        for from in (0..stride).step_by(GROUP * LANES) {
            let zero = V::all(0.0);
            let (mut a, mut b, mut c, mut d) = (zero, zero, zero, zero);
            for (column, r) in columns.chunks_exact(stride).zip(&self.target) {
                let (column, r) = (&column[from..from + GROUP * LANES], V::all(*r));
                a = a.plus(r.times(V::load(column)));
                b = b.plus(r.times(V::load(&column[LANES..])));
                c = c.plus(r.times(V::load(&column[2 * LANES..])));
                d = d.plus(r.times(V::load(&column[3 * LANES..])));
            }
            let sums = [a.store(), b.store(), c.store(), d.store()];
            let sums = sums.as_flattened();
            for ((input, x), sum) in self.target_input[from..].iter_mut().zip(&x[from..]).zip(sums) {
                *input = sum + x;
            }
        }
    }

    /// ‖min(r, −C I)‖² a step of this length further.
    #[inline(always)]
    fn merit(&self, length: f64) -> f64 {
        let mut sum = 0.0;
        for a in 0..self.r.len() {
            let r = self.r[a] + length * (self.target[a] - self.r[a]);
            let input = self.input[a] + length * (self.target_input[a] - self.input[a]);
            let wrong = r.min(-input * self.inverse_row[a]);
            sum += wrong * wrong;
        }
        sum
    }

    /// The longest halved step that lowers the merit, or the shortest.
    #[inline(always)]
    fn step(&mut self) {
        let before = self.merit(0.0);
        let mut length = 1.0;
        for _ in 0..HALVINGS {
            if self.merit(length) < before {
                break;
            }
            length *= 0.5;
        }
        for a in 0..self.r.len() {
            self.r[a] += length * (self.target[a] - self.r[a]);
            self.input[a] += length * (self.target_input[a] - self.input[a]);
        }
    }

    /// Rates that leave the active populations without input; false where W_SS is singular.
    #[inline(always)]
    fn solve<V: Vector>(&mut self, w: &[f64], x: &[f64]) -> bool {
        let n = x.len();
        self.support.clear();
        self.support.extend(self.order.iter().filter(|&&a| self.active[a]));
        self.target.fill(0.0);
        let s = self.support.len();
        if s > LARGE {
            return self.solve_large(w, x);
        }
        let stride = (s + 1).next_multiple_of(LANES);
        let system = &mut self.system.get()[..s * stride];
        for (row, &a) in system.chunks_exact_mut(stride).zip(&self.support) {
            let source = &w[a * n..(a + 1) * n];
            let (whole, rest) = self.support.as_chunks::<LANES>();
            let (blocks, last) = row.split_at_mut(whole.len() * LANES);
            for (block, &[a, b, c, d, e, f, g, h]) in blocks.chunks_exact_mut(LANES).zip(whole) {
                let values = [source[a], source[b], source[c], source[d], source[e], source[f], source[g], source[h]];
                block.copy_from_slice(&V::load(&values).store());
            }
            last.iter_mut().zip(rest).for_each(|(value, &b)| *value = source[b]);
            row[s] = -x[a];
        }
        for k in (0..s).step_by(PANEL) {
            let pivots = eliminate::<V>(system, stride, k, s);
            for (pivot, &a) in pivots.iter().zip(&self.support[k..]) {
                let share = pivot.abs() * self.inverse_row[a];
                if share.is_nan() || share <= REGULAR {
                    return false;
                }
            }
        }
        self.solution.fill(0.0);
        for k in (0..s).step_by(PANEL).rev() {
            // The solution is still 0 in these rows, so whole vectors may be taken; sums of the rows do not wait for one another.
            let rows = &system[k * stride..(k + PANEL).min(s) * stride];
            let mut left = [0.0; PANEL];
            for (left, row) in left.iter_mut().zip(rows.chunks_exact(stride)) {
                let mut sum = V::all(0.0);
                for from in (k / LANES * LANES..s).step_by(LANES) {
                    sum = sum.plus(V::load(&row[from..]).times(V::load(&self.solution[from..])));
                }
                *left = row[s] - sum.total();
            }
            for (i, row) in rows.chunks_exact(stride).enumerate().rev() {
                for j in i + 1..PANEL.min(s - k) {
                    left[i] -= row[k + j] * left[j];
                }
                self.solution[k + i] = left[i];
                self.target[self.support[k + i]] = left[i];
            }
        }
        self.target.iter().all(|r| r.is_finite())
    }

    #[cold]
    fn solve_large(&mut self, w: &[f64], x: &[f64]) -> bool {
        let (n, s) = (x.len(), &self.support);
        // Rows of sum 1 at most: entries of the inverse are then the reciprocals of how near W_SS is to a singular matrix.
        let scale = |a: usize| self.inverse_row[a];
        let block = Array2::from_shape_fn((s.len(), s.len()), |(a, b)| w[s[a] * n + s[b]] * scale(s[a]));
        let right = Array1::from_shape_fn(s.len(), |a| -x[s[a]] * scale(s[a]));
        let Ok(inverse) = block.inv() else { return false };
        if !inverse.iter().all(|v| v.abs() < 1.0 / REGULAR) {
            return false;
        }
        let mut solved = inverse.dot(&right);
        solved += &inverse.dot(&(right - block.dot(&solved)));
        s.iter().zip(&solved).for_each(|(&a, r)| self.target[a] = *r);
        true
    }
}

/// Takes the rows from k on, [`PANEL`] of them and divided by their pivots, out of one another and out of all below; the pivots.
#[inline(always)]
fn eliminate<V: Vector>(system: &mut [f64], stride: usize, k: usize, s: usize) -> [f64; PANEL] {
    let count = PANEL.min(s - k);
    // Columns before k of the first vector are spoilt; nothing reads them again.
    let first = k / LANES * LANES;
    let (above, below) = system.split_at_mut((k + count) * stride);
    let panel = &mut above[k * stride..];
    // Entries of the panel's own columns, which the factors of other rows need.
    let mut corner = [[0.0; PANEL]; PANEL];
    let mut pivots = [1.0; PANEL];
    for i in 0..count {
        let (done, own) = panel.split_at_mut(i * stride);
        let own = &mut own[..stride];
        for (j, pivot) in done.chunks_exact(stride).enumerate() {
            let factor = V::all(own[k + j]);
            for (own, pivot) in own[first..].chunks_exact_mut(LANES).zip(pivot[first..].chunks_exact(LANES)) {
                own.copy_from_slice(&V::load(own).minus(factor.times(V::load(pivot))).store());
            }
        }
        pivots[i] = own[k + i];
        let inverse = V::all(1.0 / pivots[i]);
        for own in own[first..].chunks_exact_mut(LANES) {
            own.copy_from_slice(&V::load(own).times(inverse).store());
        }
        corner[i][..count].copy_from_slice(&own[k..k + count]);
    }
    if count < PANEL {
        return pivots;
    }
    let [_, c01, c02, c03] = corner[0];
    let [_, _, c12, c13] = corner[1];
    let c23 = corner[2][3];
    let (row0, rest) = panel.split_at(stride);
    let (row1, rest) = rest.split_at(stride);
    let (row2, row3) = rest.split_at(stride);
    let (row0, row1, row2, row3) = (&row0[first..], &row1[first..], &row2[first..], &row3[first..]);
    for row in below.chunks_exact_mut(stride) {
        let f0 = row[k];
        let f1 = row[k + 1] - f0 * c01;
        let f2 = row[k + 2] - f0 * c02 - f1 * c12;
        let f3 = row[k + 3] - f0 * c03 - f1 * c13 - f2 * c23;
        // Neither closures nor `map` on vectors: they are compiled without the registers of the caller.
        let (v0, v1, v2, v3) = (V::all(f0), V::all(f1), V::all(f2), V::all(f3));
        let blocks = row0.chunks_exact(LANES).zip(row1.chunks_exact(LANES));
        let more = row2.chunks_exact(LANES).zip(row3.chunks_exact(LANES));
        for ((own, (a, b)), (c, d)) in row[first..].chunks_exact_mut(LANES).zip(blocks).zip(more) {
            let ab = v0.times(V::load(a)).plus(v1.times(V::load(b)));
            let cd = v2.times(V::load(c)).plus(v3.times(V::load(d)));
            own.copy_from_slice(&V::load(own).minus(ab.plus(cd)).store());
        }
    }
    pivots
}

/// Σ|w|.
#[inline(always)]
fn magnitude<V: Vector>(w: &[f64]) -> f64 {
    let (mut parts, whole) = (V::all(0.0), w.len() / LANES * LANES);
    for from in (0..whole).step_by(LANES) {
        parts = parts.plus(V::load(&w[from..]).abs());
    }
    w[whole..].iter().fold(parts.total(), |sum, w| sum + w.abs())
}

/// I = W r + X of one population, and the magnitudes it sums.
#[inline(always)]
pub fn input_and_size<V: Vector>(w: &[f64], r: &[f64], x: f64) -> (f64, f64) {
    let (mut parts, mut sizes, whole) = (V::all(0.0), V::all(0.0), w.len() / LANES * LANES);
    for from in (0..whole).step_by(LANES) {
        let term = V::load(&w[from..]).times(V::load(&r[from..]));
        parts = parts.plus(term);
        sizes = sizes.plus(term.abs());
    }
    let rest = w[whole..].iter().zip(&r[whole..]).map(|(w, r)| w * r);
    rest.fold((parts.total() + x, sizes.total() + x.abs()), |(sum, size), t| (sum + t, size + t.abs()))
}
