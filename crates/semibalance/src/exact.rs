//! Supports judged in whole numbers: W_SS r + X_S = 0 is solved without any rounding.

use crate::reduction::UNIT;
use crate::scaled::Scaled;
use crate::state::{Candidate, Verdict, judge};
use ndarray::{Array1, Array2};
use num_bigint::{BigInt, Sign};

/// [W | X] of the scaled circuit, each row times a power of two.
pub struct Exact<'a> {
    scaled: &'a Scaled,
    rows: Vec<Vec<BigInt>>,
    /// Exponents of these powers.
    shifts: Vec<i64>,
}

/// r_S and I as numerators over a common denominator that is positive.
struct Solved {
    denominator: BigInt,
    /// r_S `[S]`.
    rates: Vec<BigInt>,
    /// I `[A]`, 0 in S, each times the power of two of its row.
    inputs: Vec<BigInt>,
    /// sign det(−W_SS).
    index: i8,
}

impl<'a> Exact<'a> {
    pub fn new(scaled: &'a Scaled) -> Self {
        let row = |a: usize| -> (Vec<BigInt>, i64) {
            let parts: Vec<(i64, i64)> = scaled.w.row(a).iter().chain([&scaled.x[a]]).map(|v| parts(*v)).collect();
            let least = parts.iter().filter(|(whole, _)| *whole != 0).map(|part| part.1).min().unwrap_or(0);
            let entry = |&(whole, power): &(i64, i64)| {
                if whole == 0 { BigInt::ZERO } else { BigInt::from(whole) << (power - least) as u64 }
            };
            (parts.iter().map(entry).collect(), -least)
        };
        let (rows, shifts) = (0..scaled.x.len()).map(row).unzip();
        Exact { scaled, rows, shifts }
    }

    /// Judges one support. A rate or an input counts as 0 where it is, or where a relative error of the data by [`UNIT`] may turn it to 0.
    pub fn judge(&self, support: &[usize]) -> Verdict {
        // Where W_SS is singular, how states hang together is asked in plain numbers.
        let Some(solved) = self.solve(support) else { return judge(self.scaled, support) };
        let positive = solved.rates.iter().all(|r| r.sign() != Sign::Minus);
        if positive && solved.inputs.iter().all(|i| i.sign() != Sign::Plus) {
            return self.found(support, &solved);
        }
        // By a rounding it may be at the edge all the same.
        match judge(self.scaled, support) {
            Verdict::Tied(state) if state.holds(self.scaled) => Verdict::Tied(state),
            _ => Verdict::None,
        }
    }

    /// A state, with what is 0 in it.
    fn found(&self, support: &[usize], solved: &Solved) -> Verdict {
        let scaled = self.scaled;
        let n = scaled.x.len();
        let r: Vec<f64> = solved.rates.iter().map(|r| ratio(r, &solved.denominator, 0)).collect();
        let input = |a: usize| ratio(&solved.inputs[a], &solved.denominator, self.shifts[a]);
        let magnitude = |a: usize| -> f64 {
            support.iter().zip(&r).map(|(&b, r)| (scaled.w[[a, b]] * r).abs()).sum::<f64>() + scaled.x[a].abs()
        };
        let mut state = Candidate {
            support: Vec::new(),
            ties: Vec::new(),
            r: Array1::zeros(n),
            input: Array1::from_shape_fn(n, |a| if support.contains(&a) { 0.0 } else { input(a) }),
            index: solved.index,
        };
        let inverse = self.inverse(support, solved);
        let backward: Vec<f64> = support.iter().map(|&a| UNIT * magnitude(a)).collect();
        let weigh =
            |row: &mut dyn Iterator<Item = f64>| -> f64 { row.zip(&backward).map(|(b, e)| (b * e).abs()).sum() };
        for (member, &a) in support.iter().enumerate() {
            if r[member] <= weigh(&mut inverse.row(member).iter().copied()) {
                state.ties.push(a);
            } else {
                state.support.push(a);
                state.r[a] = r[member];
            }
        }
        let reduced = state.support.len() < support.len();
        for j in (0..n).filter(|j| !support.contains(j)) {
            let reach = |member: usize| -> f64 {
                support.iter().enumerate().map(|(row, &b)| inverse[[row, member]] * scaled.w[[j, b]]).sum()
            };
            if state.input[j] >= -(UNIT * magnitude(j) + weigh(&mut (0..support.len()).map(reach))) {
                state.ties.push(j);
                state.input[j] = 0.0;
            }
        }
        state.ties.sort_unstable();
        if !reduced {
            return Verdict::State(state);
        }
        if state.holds(scaled) {
            return Verdict::Tied(state);
        }
        // Without these rates it is no state: they are small, and count.
        support.iter().zip(&r).for_each(|(&a, r)| state.r[a] = *r);
        state.ties.retain(|a| !support.contains(a));
        state.support = support.to_vec();
        Verdict::State(state)
    }

    /// Gauss and Jordan's elimination, in which every division leaves nothing: [`None`] where W_SS is singular.
    fn solve(&self, support: &[usize]) -> Option<Solved> {
        let s = support.len();
        let n = self.rows.len();
        let mut table: Vec<Vec<BigInt>> = support
            .iter()
            .map(|&a| support.iter().map(|&b| self.rows[a][b].clone()).chain([-&self.rows[a][n]]).collect())
            .collect();
        let (determinant, odd) = eliminate(&mut table, s)?;
        let negative = determinant.sign() == Sign::Minus;
        let denominator = if negative { -determinant } else { determinant };
        let turned = |v: &BigInt| if negative { -v } else { v.clone() };
        let rates: Vec<BigInt> = table.iter().map(|row| turned(&row[s])).collect();
        let input = |a: usize| -> BigInt {
            if support.contains(&a) {
                return BigInt::ZERO;
            }
            let own = &self.rows[a];
            support.iter().zip(&rates).map(|(&b, r)| &own[b] * r).sum::<BigInt>() + &own[n] * &denominator
        };
        // Each of s rows of −W_SS has the other sign; each interchange of rows too.
        let index = if negative ^ odd ^ (s % 2 == 1) { -1 } else { 1 };
        Some(Solved { inputs: (0..n).map(input).collect(), denominator, rates, index })
    }

    /// W_SS⁻¹ of the scaled circuit, rounded once.
    fn inverse(&self, support: &[usize], solved: &Solved) -> Array2<f64> {
        let s = support.len();
        let one = |row: usize, column: usize| if row == column { BigInt::from(1) } else { BigInt::ZERO };
        let mut table: Vec<Vec<BigInt>> = support
            .iter()
            .enumerate()
            .map(|(row, &a)| {
                support.iter().map(|&b| self.rows[a][b].clone()).chain((0..s).map(|column| one(row, column))).collect()
            })
            .collect();
        let Some((determinant, _)) = eliminate(&mut table, s) else { return Array2::zeros((s, s)) };
        debug_assert_eq!(determinant.magnitude(), solved.denominator.magnitude());
        // Columns belong to rows of W, which were multiplied.
        Array2::from_shape_fn((s, s), |(row, column)| {
            ratio(&table[row][s + column], &determinant, -self.shifts[support[column]])
        })
    }
}

/// Brings the first s columns of a table to a diagonal of one number, up to its sign the determinant, by interchanges of rows and operations on them; that number, and
/// whether interchanges were odd.
fn eliminate(table: &mut [Vec<BigInt>], s: usize) -> Option<(BigInt, bool)> {
    let (mut before, mut odd) = (BigInt::from(1), false);
    for k in 0..s {
        let pivot = (k..s).find(|&row| table[row][k].sign() != Sign::NoSign)?;
        if pivot != k {
            table.swap(k, pivot);
            odd = !odd;
        }
        let own = std::mem::take(&mut table[k]);
        for row in table.iter_mut().filter(|row| !row.is_empty()) {
            let factor = std::mem::take(&mut row[k]);
            for (j, value) in row.iter_mut().enumerate() {
                // Columns that are settled hold the diagonal only.
                if j > k || value.sign() != Sign::NoSign {
                    *value = (&*value * &own[k] - &factor * &own[j]) / &before;
                }
            }
        }
        before = own[k].clone();
        table[k] = own;
    }
    Some((before, odd))
}

/// v = whole · 2^power.
fn parts(v: f64) -> (i64, i64) {
    let bits = v.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as i64;
    let fraction = (bits & ((1 << 52) - 1)) as i64;
    // Entries are normal numbers, or 0.
    let whole = if exponent == 0 { 0 } else { fraction | 1 << 52 };
    (if v < 0.0 { -whole } else { whole }, exponent - 1075)
}

/// numerator/(denominator · 2^shift), rounded.
fn ratio(numerator: &BigInt, denominator: &BigInt, shift: i64) -> f64 {
    const DIGITS: i64 = 64;
    let power = DIGITS + denominator.bits() as i64 - numerator.bits() as i64;
    let quotient = if power >= 0 {
        (numerator << power as u64) / denominator
    } else {
        numerator / (denominator << (-power) as u64)
    };
    let whole = i128::try_from(quotient).unwrap_or(0) as f64;
    // In two steps, so that neither overflows before the other.
    let power = -(power + shift);
    let half = power / 2;
    whole * 2.0_f64.powi(half as i32) * 2.0_f64.powi((power - half) as i32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Circuit, all_states};
    use ndarray::array;

    #[test]
    fn numbers_go_there_and_back() {
        for v in [1.0, -0.1, 3e-90, -7e90, 0.0, 1.0 / 3.0] {
            let (whole, power) = parts(v);
            assert_eq!(ratio(&BigInt::from(whole), &BigInt::from(1), -power), v);
        }
        let third = ratio(&BigInt::from(-1), &BigInt::from(3), 2);
        assert_eq!(third, -1.0 / 12.0);
    }

    /// Circuits whose entries differ by many orders: states that rounding had hidden or made.
    #[test]
    fn wide_circuits_have_the_states_that_they_have() {
        for (w, x, want) in [
            (array![[0.0, 8.66e-12], [-7.63e12, -0.000778]], array![-0.00648, 0.0321], vec![vec![0.0, 41.2596401]]),
            (
                array![[-7.79e-9, -6470000.0], [-9.39e-7, -7.53e-9]],
                array![3440000.0, 0.497],
                vec![vec![4.41591784e14, 0.0], vec![0.0, 6.60026560e7], vec![529286.475, 0.5316846979716937]],
            ),
            (
                array![
                    [-1.0, 1.0, -1e-5, -1e5],
                    [-10.0, -1e4, -1e4, -1e-6],
                    [1e4, 100.0, 1e4, 0.001],
                    [-10.0, 0.0001, 1e5, -1e6]
                ],
                array![1e5, 0.0, -0.0001, 1e6],
                vec![],
            ),
        ] {
            let found = all_states(&Circuit::new(w, x).expect("a circuit")).expect("few populations");
            assert!(found.complete && found.states.len() == want.len(), "{:?}", found.states);
            for (state, want) in found.states.iter().zip(&want) {
                assert!(state.residual < 1e-14);
                for (r, want) in state.r.iter().zip(want) {
                    assert!((r - want).abs() <= 1e-8 * want, "{r} {want}");
                }
            }
        }
    }
}
