//! W_SS reduced by complete pivoting: its rank, and the active rates as far as they are determined.

use crate::compensated::dot_plus;
use crate::scaled::Scaled;
use ndarray::{Array1, Array2};

/// Relative error of the data that an answer must withstand: some units of rounding. A value that such
/// an error could turn to 0 counts as 0.
pub const UNIT: f64 = 4.0 * f64::EPSILON;

/// The solution of W_SS r_S + X_S = 0 for one support S.
pub enum Reduction {
    /// W_SS is regular.
    Regular(Regular),
    /// W_SS is singular, and X_S is in its range: r_S = r₀ + N t with any t.
    Underdetermined(Affine),
    /// W_SS is singular, and X_S is not in its range.
    Inconsistent,
}

/// r_S and what is needed to bound its error.
pub struct Regular {
    /// r_S, refined with residuals of twice the precision.
    pub r: Vec<f64>,
    /// W_SS⁻¹ `[S × S]`.
    pub inverse: Array2<f64>,
}

/// r_S = r₀ + N t: the members of S at `free` are the entries of t themselves.
pub struct Affine {
    /// r₀ `[S]`, 0 at `free`.
    pub origin: Vec<f64>,
    /// N `[S × d]`.
    pub directions: Array2<f64>,
    /// Which members of S are free.
    pub free: Vec<usize>,
}

impl Reduction {
    pub fn of(scaled: &Scaled, support: &[usize]) -> Self {
        let s = support.len();
        // Gauss-Jordan on [W_SS | −X_S | 1] with magnitudes of what was summed into the right-hand side.
        let mut w = Array2::from_shape_fn((s, s), |(a, b)| scaled.w[[support[a], support[b]]]);
        let mut right = Array1::from_shape_fn(s, |a| -scaled.x[support[a]]);
        let mut magnitude = right.mapv(f64::abs);
        let mut inverse = Array2::<f64>::eye(s);
        // Row a of the reduced system determines the member `of_row[a]`.
        let mut of_row: Vec<Option<usize>> = vec![None; s];
        let mut free: Vec<usize> = (0..s).collect();
        let mut rank = 0;
        while rank < s {
            let (row, column, pivot) = largest(&w, &of_row, &free);
            // Entries are of order 1 at first and grow little under complete pivoting.
            if pivot.abs() <= 4.0 * s as f64 * UNIT {
                break;
            }
            for b in 0..s {
                w[[row, b]] /= pivot;
                inverse[[row, b]] /= pivot;
            }
            right[row] /= pivot;
            magnitude[row] /= pivot.abs();
            for a in (0..s).filter(|&a| a != row) {
                let factor = w[[a, column]];
                if factor == 0.0 {
                    continue;
                }
                for b in 0..s {
                    w[[a, b]] -= factor * w[[row, b]];
                    inverse[[a, b]] -= factor * inverse[[row, b]];
                }
                w[[a, column]] = 0.0;
                right[a] -= factor * right[row];
                magnitude[a] += factor.abs() * magnitude[row];
            }
            of_row[row] = Some(column);
            free.retain(|&b| b != column);
            rank += 1;
        }
        if rank == s {
            let mut regular = Regular { r: vec![0.0; s], inverse: Array2::zeros((s, s)) };
            for (a, column) in of_row.iter().enumerate() {
                let column = column.expect("full rank determines every member");
                regular.r[column] = right[a];
                regular.inverse.row_mut(column).assign(&inverse.row(a));
            }
            regular.refine(scaled, support);
            return Reduction::Regular(regular);
        }
        let consistent =
            (0..s).filter(|&a| of_row[a].is_none()).all(|a| right[a].abs() <= 16.0 * s as f64 * UNIT * magnitude[a]);
        if !consistent {
            return Reduction::Inconsistent;
        }
        let mut origin = vec![0.0; s];
        let mut directions = Array2::zeros((s, free.len()));
        for (t, &member) in free.iter().enumerate() {
            directions[[member, t]] = 1.0;
        }
        for (a, column) in of_row.iter().enumerate() {
            if let Some(member) = *column {
                origin[member] = right[a];
                for (t, &b) in free.iter().enumerate() {
                    directions[[member, t]] = -w[[a, b]];
                }
            }
        }
        Reduction::Underdetermined(Affine { origin, directions, free })
    }
}

impl Regular {
    fn refine(&mut self, scaled: &Scaled, support: &[usize]) {
        for _ in 0..3 {
            let residual = residuals(scaled, support, &self.r);
            for (member, r) in self.r.iter_mut().enumerate() {
                *r -= self.inverse.row(member).iter().zip(&residual).map(|(b, (e, _))| b * e).sum::<f64>();
            }
        }
        self.drop_remnants(scaled, support);
    }

    /// Rates of exactly 0 keep what rounding left of larger ones, where their rows sum nothing larger that would show it. They depend on one
    /// another, so the smallest are dropped together, as many as can be.
    fn drop_remnants(&mut self, scaled: &Scaled, support: &[usize]) {
        let wrong = |r: &[f64]| -> f64 {
            let parts = residuals(scaled, support, r).into_iter().filter(|(e, _)| *e != 0.0);
            parts.map(|(e, size)| e.abs() / size).fold(0.0, f64::max)
        };
        let largest = self.r.iter().fold(0.0_f64, |most, r| most.max(r.abs()));
        let small = |member: &usize| self.r[*member] != 0.0 && self.r[*member].abs() <= UNIT * largest;
        let mut remnants: Vec<usize> = (0..self.r.len()).filter(small).collect();
        remnants.sort_by(|&a, &b| self.r[a].abs().total_cmp(&self.r[b].abs()));
        if remnants.is_empty() {
            return;
        }
        let before = wrong(&self.r);
        for count in (1..=remnants.len()).rev() {
            let mut r = self.r.clone();
            remnants[..count].iter().for_each(|&member| r[member] = 0.0);
            if wrong(&r) <= before {
                self.r = r;
                return;
            }
        }
    }
}

/// W_SS r + X_S, in twice the precision, and the magnitudes that it sums.
fn residuals(scaled: &Scaled, support: &[usize], r: &[f64]) -> Vec<(f64, f64)> {
    support
        .iter()
        .map(|&a| {
            let terms = support.iter().map(|&b| scaled.w[[a, b]]).zip(r.iter().copied());
            let size = terms.clone().map(|(w, r)| (w * r).abs()).sum::<f64>() + scaled.x[a].abs();
            (dot_plus(terms, scaled.x[a]), size)
        })
        .collect()
}

/// The entry of largest magnitude in rows and columns not yet used.
fn largest(w: &Array2<f64>, of_row: &[Option<usize>], free: &[usize]) -> (usize, usize, f64) {
    let mut best = (0, 0, 0.0_f64);
    for a in (0..of_row.len()).filter(|&a| of_row[a].is_none()) {
        for &b in free {
            if w[[a, b]].abs() >= best.2.abs() {
                best = (a, b, w[[a, b]]);
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Circuit;
    use ndarray::array;

    fn reduce(w: Array2<f64>, x: Array1<f64>) -> Reduction {
        let all: Vec<usize> = (0..x.len()).collect();
        Reduction::of(&Scaled::new(&Circuit::new(w, x).expect("a circuit")), &all)
    }

    #[test]
    fn an_ill_conditioned_system_is_solved_to_the_last_digits() {
        // Hilbert's matrix of order 8, condition 1.5e10, times (1, −1, 1, ...).
        let n = 8;
        let w = Array2::from_shape_fn((n, n), |(a, b)| 1.0 / (a + b + 1) as f64);
        let exact = Array1::from_shape_fn(n, |a| if a % 2 == 0 { 1.0 } else { -1.0 });
        let circuit = Circuit::new(w.clone(), -w.dot(&exact)).expect("a circuit");
        let scaled = Scaled::new(&circuit);
        let Reduction::Regular(solved) = Reduction::of(&scaled, &(0..n).collect::<Vec<_>>()) else { panic!("regular") };
        let r = scaled.rates(&Array1::from(solved.r));
        // The rounded right-hand side moves the solution by the condition, but its residual is nil.
        for a in 0..n {
            let left = dot_plus(w.row(a).iter().copied().zip(r.iter().copied()), circuit.drive()[a]);
            assert!(left.abs() < 1e-15, "{left}");
        }
    }

    #[test]
    fn a_rate_of_0_is_0_where_its_row_holds_nothing_else() {
        let w = array![[1.0, 1.0, -3.0], [0.0, -2.0, 1.0], [0.0, -1.0, 0.0]];
        let Reduction::Regular(solved) = reduce(w.clone(), array![1.0, -1.0, 0.0]) else { panic!("regular") };
        assert_eq!(solved.r[1], 0.0);
        // A small rate is none of that: its row says what it is.
        let Reduction::Regular(solved) = reduce(w, array![1.0, -1.0, 1e-40]) else { panic!("regular") };
        assert!(solved.r[1] > 0.0);
    }

    #[test]
    fn rates_of_0_that_depend_on_one_another_are_all_0() {
        let w = array![
            [2.0, -1.0, 0.0, 0.0, 0.0, 0.0],
            [1.0, -2.0, -3.0, 0.0, 0.0, -1.0],
            [0.0, -3.0, 3.0, 0.0, 0.0, 0.0],
            [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            [0.0, 2.0, 0.0, 0.0, 0.0, 0.0],
            [1.0, -2.0, -1.0, 0.0, 0.0, 0.0],
        ];
        let circuit = Circuit::new(w, array![0.0, 3.0, 0.0, 0.0, -1.0, 0.0]).expect("a circuit");
        let Reduction::Regular(solved) = Reduction::of(&Scaled::new(&circuit), &[0, 1, 2, 5]) else {
            panic!("regular")
        };
        assert_eq!(solved.r[..3], [0.0; 3]);
        let all = crate::all_states(&circuit).expect("few populations");
        assert!(all.states.is_empty() && !all.continua.is_empty(), "{:?}", all.states);
    }

    #[test]
    fn singular_systems_are_told_apart() {
        assert!(matches!(reduce(array![[2.0, -2.0], [3.0, -3.0]], array![1.0, 2.0]), Reduction::Inconsistent));
        let Reduction::Underdetermined(line) = reduce(array![[2.0, -2.0], [3.0, -3.0]], array![2.0, 3.0]) else {
            panic!("a line")
        };
        assert_eq!(line.free.len(), 1);
        // Rows that are multiples only up to rounding.
        let w = array![[0.1, 0.7], [0.1 * 3.3, 0.7 * 3.3]];
        assert!(matches!(reduce(w.clone(), array![0.3, 0.3 * 3.3]), Reduction::Underdetermined(_)));
        assert!(matches!(reduce(w, array![0.3, 0.3]), Reduction::Inconsistent));
        assert!(matches!(reduce(array![[0.0]], array![0.0]), Reduction::Underdetermined(_)));
        assert!(matches!(reduce(array![[0.0]], array![1.0]), Reduction::Inconsistent));
    }
}
