//! Small dense linear systems, solved in place: a sweep takes thousands of them, of a few species each.

/// Factors of a square matrix, with the largest entry of each column as its pivot.
pub struct Lu {
    n: usize,
    factors: Vec<f64>,
    rows: Vec<usize>,
}

/// Evaluates for a size, of which the small ones are constants, so that loops are unrolled.
macro_rules! sized {
    ($n:expr, $size:ident => $call:expr) => {
        sized!($n, $size => $call; 1 2 3 4 5 6 7 8)
    };
    ($n:expr, $size:ident => $call:expr; $($small:literal)*) => {
        match $n {
            $($small => {
                let $size = $small;
                $call
            })*
            $size => $call,
        }
    };
}

impl Lu {
    /// Factors of a matrix given row by row; `None` where it is singular.
    pub fn new(n: usize, a: &[f64]) -> Option<Self> {
        let mut lu = Lu::room(n);
        lu.take(a).then_some(lu)
    }

    /// Room for the factors of matrices of n rows.
    pub fn room(n: usize) -> Self {
        Lu { n, factors: vec![0.0; n * n], rows: vec![0; n] }
    }

    /// Takes the factors of another matrix; whether it is regular.
    pub fn take(&mut self, a: &[f64]) -> bool {
        let Lu { n, factors, rows } = self;
        factors.copy_from_slice(a);
        sized!(*n, n => factor(n, factors, rows))
    }

    /// A⁻¹ b.
    pub fn solve(&self, b: &[f64]) -> Vec<f64> {
        let mut x = vec![0.0; self.n];
        self.solve_into(b, &mut x);
        x
    }

    /// As [`Lu::solve`], in place of what is in `x`.
    pub fn solve_into(&self, b: &[f64], x: &mut [f64]) {
        x.iter_mut().zip(&self.rows).for_each(|(x, &i)| *x = b[i]);
        sized!(self.n, n => substitute(n, &self.factors, x));
    }
}

/// Factors of a matrix `[n × n]` in its place; whether it is regular.
#[inline(always)]
fn factor(n: usize, a: &mut [f64], rows: &mut [usize]) -> bool {
    let (mut rest, rows) = (&mut a[..n * n], &mut rows[..n]);
    (0..n).for_each(|i| rows[i] = i);
    for k in 0..n {
        let (mut pivot, mut largest) = (k, 0.0);
        for (i, row) in (k..).zip(rest.chunks_exact(n)) {
            let size = row[k].abs();
            if size > largest || size.is_nan() {
                (pivot, largest) = (i, size);
            }
        }
        if !(largest > 0.0 && largest.is_finite()) {
            return false;
        }
        let (own, below) = rest.split_at_mut(n);
        if pivot != k {
            rows.swap(k, pivot);
            own.swap_with_slice(&mut below[(pivot - k - 1) * n..(pivot - k) * n]);
        }
        let inverse = 1.0 / own[k];
        for row in below.chunks_exact_mut(n).filter(|row| row[k] != 0.0) {
            let part = row[k] * inverse;
            row[k] = part;
            row.iter_mut().zip(own.iter()).skip(k + 1).for_each(|(x, y)| *x -= part * y);
        }
        rest = below;
    }
    true
}

/// Solves for both factors in turn.
#[inline(always)]
fn substitute(n: usize, a: &[f64], x: &mut [f64]) {
    let (a, x) = (&a[..n * n], &mut x[..n]);
    for i in 0..n {
        (0..i).for_each(|j| x[i] -= a[i * n + j] * x[j]);
    }
    for i in (0..n).rev() {
        (i + 1..n).for_each(|j| x[i] -= a[i * n + j] * x[j]);
        x[i] /= a[i * n + i];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_what_needs_pivots() {
        let lu = Lu::new(3, &[0.0, 2.0, 1.0, 1.0, 1.0, 1.0, 4.0, -1.0, 0.5]).expect("regular");
        let x = lu.solve(&[7.0, 6.0, 3.5]);
        for (x, want) in x.iter().zip([1.0, 2.0, 3.0]) {
            assert!((x - want).abs() < 1e-14, "{x} {want}");
        }
        // Small sizes are constants of the compiler's, larger ones are not.
        for n in 1..=12 {
            let entry = |i: usize, j: usize| libm::sin((1 + i * i + 3 * j + i * j) as f64);
            let a: Vec<f64> = (0..n * n).map(|k| entry(k / n, k % n)).collect();
            let want: Vec<f64> = (0..n).map(|i| 1.0 + i as f64).collect();
            let b: Vec<f64> = a.chunks_exact(n).map(|row| row.iter().zip(&want).map(|(a, x)| a * x).sum()).collect();
            let x = Lu::new(n, &a).expect("regular").solve(&b);
            let wrong = x.iter().zip(&want).map(|(x, want)| (x - want).abs()).fold(0.0, f64::max);
            assert!(wrong < 1e-11, "{n}: {wrong:e}");
        }
        assert!(Lu::new(2, &[1.0, 2.0, 2.0, 4.0]).is_none());
    }
}
