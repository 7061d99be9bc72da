//! Lemke's method: complementary pivoting along a covering vector, for one state of any number of populations.

use lanes::{Isa, Simd, Work};

/// How a run of pivots ends.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// At a solution z of the problem.
    Solution(Vec<f64>),
    /// On a ray, of this direction of z. It proves that there is no solution for some classes of matrices only.
    Ray(Vec<f64>),
    /// Pivots became too small, or too many.
    Lost,
}

/// Entries up to this part of the largest of a column are not pivots.
const SMALL: f64 = 1e-11;

/// Pivots after which a run counts as lost, in numbers of variables.
const PIVOTS: usize = 10;

/// Dictionary of w = q + M z + d z₀: a row gives a basic variable as the constant plus the row times the other variables.
struct Dictionary {
    n: usize,
    /// `[n × (n + 2)]`: columns of the n + 1 variables that are 0, then the constants.
    table: Vec<f64>,
    /// Which variable a row gives: w_i is i, z_i is n + i, z₀ is 2n.
    basic: Vec<usize>,
    /// Which variable a column belongs to.
    other: Vec<usize>,
}

/// z ≥ 0 with w = q + M z ≥ 0 and z · w = 0, by pivots from z₀ = ∞ down to z₀ = 0 along w = q + M z + d z₀, d > 0.
///
/// `m` is `[n × n]` row by row, of entries of order 1. Ties are broken lexicographically, so it cannot cycle.
/// Source: Cottle, Pang & Stone 1992, sections 4.4 and 4.9.
pub fn lemke(m: &[f64], q: &[f64], cover: &[f64]) -> End {
    Isa::detect().run(Pivots { m, q, cover })
}

struct Pivots<'a> {
    m: &'a [f64],
    q: &'a [f64],
    cover: &'a [f64],
}

impl Work for Pivots<'_> {
    type Output = End;

    /// Plain loops, compiled for each instruction set.
    #[inline(always)]
    fn run<S: Simd>(self) -> End {
        pivots(self.m, self.q, self.cover)
    }
}

#[inline(always)]
fn pivots(m: &[f64], q: &[f64], cover: &[f64]) -> End {
    let n = q.len();
    let stride = n + 2;
    let mut table = vec![0.0; n * stride];
    for (i, row) in table.chunks_exact_mut(stride).enumerate() {
        row[..n].copy_from_slice(&m[i * n..(i + 1) * n]);
        row[n] = cover[i];
        row[n + 1] = q[i];
    }
    let mut dictionary = Dictionary { n, table, basic: (0..n).collect(), other: (n..=2 * n).collect() };
    if q.iter().all(|q| *q >= 0.0) {
        return End::Solution(vec![0.0; n]);
    }
    // z₀ enters at the value that just covers the worst row.
    let ratio = |i: &usize| q[*i] / cover[*i];
    let Some(row) = (0..n).min_by(|a, b| ratio(a).total_cmp(&ratio(b)).then(b.cmp(a))) else { return End::Lost };
    let mut left = dictionary.pivot(row, n);
    for _ in 0..PIVOTS * n.max(8) {
        let entering = if left < n { left + n } else { left - n };
        let column = dictionary.other.iter().position(|v| *v == entering).expect("the complement of what left is 0");
        match dictionary.leaving(column) {
            Leaving::None => return End::Ray(dictionary.direction(column)),
            Leaving::Small => return End::Lost,
            Leaving::Row(row) => left = dictionary.pivot(row, column),
        }
        if left == 2 * n {
            return End::Solution(dictionary.values());
        }
    }
    End::Lost
}

enum Leaving {
    Row(usize),
    /// Nothing stops the entering variable.
    None,
    /// What stops it is too small to divide by.
    Small,
}

impl Dictionary {
    #[inline(always)]
    fn at(&self, row: usize, column: usize) -> f64 {
        self.table[row * (self.n + 2) + column]
    }

    /// The row that first reaches 0 as the variable of `column` grows.
    #[inline(always)]
    fn leaving(&self, column: usize) -> Leaving {
        let n = self.n;
        let largest = (0..n).fold(0.0_f64, |most, i| most.max(self.at(i, column).abs()));
        let falling: Vec<usize> = (0..n).filter(|&i| self.at(i, column) < -SMALL * largest).collect();
        if falling.is_empty() {
            let some = (0..n).any(|i| self.at(i, column) < 0.0);
            return if some || largest == 0.0 { Leaving::Small } else { Leaving::None };
        }
        let mut tied = falling;
        self.keep_least(&mut tied, column, |i| self.at(i, n + 1));
        // z₀ leaves as soon as it can.
        if let Some(&row) = tied.iter().find(|&&i| self.basic[i] == 2 * n) {
            return Leaving::Row(row);
        }
        // Rows of the inverse of the basis: columns of the w that are 0, units of those that are not.
        for w in 0..n {
            if tied.len() == 1 {
                break;
            }
            match self.other.iter().position(|v| *v == w) {
                Some(c) => self.keep_least(&mut tied, column, |i| -self.at(i, c)),
                None => self.keep_least(&mut tied, column, |i| if self.basic[i] == w { 1.0 } else { 0.0 }),
            }
        }
        Leaving::Row(tied[0])
    }

    /// Those of the rows whose value, over the fall along `column`, is least up to rounding.
    #[inline(always)]
    fn keep_least(&self, rows: &mut Vec<usize>, column: usize, value: impl Fn(usize) -> f64) {
        let ratio = |i: usize| value(i) / -self.at(i, column);
        let least = rows.iter().map(|&i| ratio(i)).fold(f64::INFINITY, f64::min);
        let slack = 1e-12 * rows.iter().map(|&i| ratio(i).abs()).fold(least.abs(), f64::min);
        rows.retain(|&i| ratio(i) <= least + slack);
    }

    /// Lets the variable of `column` take the place of that of `row`, which is returned.
    #[inline(always)]
    fn pivot(&mut self, row: usize, column: usize) -> usize {
        let stride = self.n + 2;
        let (above, rest) = self.table.split_at_mut(row * stride);
        let (own, below) = rest.split_at_mut(stride);
        let inverse = 1.0 / own[column];
        own[column] = -1.0;
        own.iter_mut().for_each(|v| *v *= -inverse);
        for other in above.chunks_exact_mut(stride).chain(below.chunks_exact_mut(stride)) {
            let factor = std::mem::replace(&mut other[column], 0.0);
            if factor != 0.0 {
                other.iter_mut().zip(own.iter()).for_each(|(v, own)| *v += factor * own);
            }
        }
        std::mem::swap(&mut self.basic[row], &mut self.other[column]);
        self.other[column]
    }

    /// z.
    fn values(&self) -> Vec<f64> {
        let mut z = vec![0.0; self.n];
        for (row, &variable) in self.basic.iter().enumerate() {
            if (self.n..2 * self.n).contains(&variable) {
                z[variable - self.n] = self.at(row, self.n + 1).max(0.0);
            }
        }
        z
    }

    /// How z changes as the variable of `column` grows by 1.
    fn direction(&self, column: usize) -> Vec<f64> {
        let mut z = vec![0.0; self.n];
        let mut set = |variable: usize, value: f64| {
            if (self.n..2 * self.n).contains(&variable) {
                z[variable - self.n] = value.max(0.0);
            }
        };
        set(self.other[column], 1.0);
        for (row, &variable) in self.basic.iter().enumerate() {
            set(variable, self.at(row, column));
        }
        z
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_solved_and_its_complement_is_a_ray() {
        // −W of an E-I pair, −X.
        let m = [-2.0, 3.0, -9.0, 5.0];
        let End::Solution(z) = lemke(&m, &[-36.0, -27.0], &[1.0, 1.0]) else { panic!("a state") };
        assert!((z[0] - 99.0 / 17.0).abs() < 1e-13 && (z[1] - 270.0 / 17.0).abs() < 1e-13, "{z:?}");
        // Excitation alone has no state.
        assert!(matches!(lemke(&[-1.0], &[-1.0], &[1.0]), End::Ray(_)));
        assert_eq!(lemke(&m, &[1.0, 0.0], &[1.0, 1.0]), End::Solution(vec![0.0, 0.0]));
    }

    /// Beale-like ties: every row has the same ratio at every step.
    #[test]
    fn ties_do_not_make_it_cycle() {
        let n = 6;
        let m: Vec<f64> = (0..n * n).map(|k| if k / n == k % n { 1.0 } else { 1.5 }).collect();
        let q = vec![-1.0; n];
        let End::Solution(z) = lemke(&m, &q, &vec![1.0; n]) else { panic!("a state") };
        for i in 0..n {
            let w: f64 = q[i] + (0..n).map(|j| m[i * n + j] * z[j]).sum::<f64>();
            assert!(w > -1e-12 && (w * z[i]).abs() < 1e-12);
        }
    }
}
