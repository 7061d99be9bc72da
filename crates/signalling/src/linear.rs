//! Small dense linear systems, solved in place: a sweep takes thousands of them, of a few species each.

/// Factors of a square matrix, with the largest entry of each column as its pivot.
pub struct Lu {
    n: usize,
    factors: Vec<f64>,
    rows: Vec<usize>,
}

impl Lu {
    /// Factors of a matrix given row by row; `None` where it is singular.
    pub fn new(n: usize, a: Vec<f64>) -> Option<Self> {
        let mut lu = Lu { n, factors: a, rows: Vec::with_capacity(n) };
        lu.factor().then_some(lu)
    }

    /// Room for the factors of matrices of n rows.
    pub fn room(n: usize) -> Self {
        Lu { n, factors: vec![0.0; n * n], rows: Vec::with_capacity(n) }
    }

    /// Takes the factors of another matrix; whether it is regular.
    pub fn take(&mut self, a: &[f64]) -> bool {
        self.factors.copy_from_slice(a);
        self.factor()
    }

    fn factor(&mut self) -> bool {
        let Lu { n, factors: a, rows } = self;
        let n = *n;
        rows.clear();
        rows.extend(0..n);
        for k in 0..n {
            let size = |i: &usize| a[i * n + k].abs();
            let Some(pivot) = (k..n).max_by(|i, j| size(i).total_cmp(&size(j))) else { return false };
            if !(a[pivot * n + k].abs() > 0.0 && a[pivot * n + k].is_finite()) {
                return false;
            }
            if pivot != k {
                rows.swap(k, pivot);
                (0..n).for_each(|j| a.swap(k * n + j, pivot * n + j));
            }
            let (above, below) = a.split_at_mut((k + 1) * n);
            let own = &above[k * n..];
            for row in below.chunks_exact_mut(n) {
                let factor = row[k] / own[k];
                row[k] = factor;
                if factor != 0.0 {
                    row[k + 1..].iter_mut().zip(&own[k + 1..]).for_each(|(x, y)| *x -= factor * y);
                }
            }
        }
        true
    }

    /// A⁻¹ b.
    pub fn solve(&self, b: &[f64]) -> Vec<f64> {
        let mut x = Vec::with_capacity(self.n);
        self.solve_into(b, &mut x);
        x
    }

    /// As [`Lu::solve`], in place of what is in `x`.
    pub fn solve_into(&self, b: &[f64], x: &mut Vec<f64>) {
        let row = |i: usize| &self.factors[i * self.n..(i + 1) * self.n];
        x.clear();
        x.extend(self.rows.iter().map(|&i| b[i]));
        for i in 0..self.n {
            x[i] -= row(i)[..i].iter().zip(x.iter()).map(|(a, x)| a * x).sum::<f64>();
        }
        for i in (0..self.n).rev() {
            let later: f64 = row(i)[i + 1..].iter().zip(&x[i + 1..]).map(|(a, x)| a * x).sum();
            x[i] = (x[i] - later) / row(i)[i];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_what_needs_pivots() {
        let lu = Lu::new(3, vec![0.0, 2.0, 1.0, 1.0, 1.0, 1.0, 4.0, -1.0, 0.5]).expect("regular");
        let x = lu.solve(&[7.0, 6.0, 3.5]);
        for (x, want) in x.iter().zip([1.0, 2.0, 3.0]) {
            assert!((x - want).abs() < 1e-14, "{x} {want}");
        }
        assert!(Lu::new(2, vec![1.0, 2.0, 2.0, 4.0]).is_none());
    }
}
