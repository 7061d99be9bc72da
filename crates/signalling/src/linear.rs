//! Small dense linear systems, several side by side and each in its place: a sweep takes thousands of them, of a few species each.

/// Largest multiple of a row that is taken from another. It is 1 with a system's own pivots; with those of its neighbour it may be more, and each factor of ten may
/// cost a digit. A residual tells what is lost of a step, and slopes that lead a search can spare some.
const MOST_TAKEN: f64 = 1e3;

/// Factors of L square matrices, with one order of rows: in each column the largest entry of one of them is the pivot.
pub struct Lu<const L: usize = 1> {
    n: usize,
    factors: Vec<[f64; L]>,
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
        lu.take(a.as_chunks().0, 0).then_some(lu)
    }

    /// A⁻¹ b.
    pub fn solve(&self, b: &[f64]) -> Vec<f64> {
        let mut x = vec![[0.0]; self.n];
        self.solve_into(b.as_chunks().0, &mut x);
        x.into_flattened()
    }
}

impl<const L: usize> Lu<L> {
    /// Room for the factors of matrices of n rows.
    pub fn room(n: usize) -> Self {
        Lu { n, factors: vec![[0.0; L]; n * n], rows: vec![0; n] }
    }

    /// Takes the factors of other matrices, with pivots from one of them; whether they are regular, and pivots do for all.
    #[inline(always)]
    pub fn take(&mut self, a: &[[f64; L]], pivots: usize) -> bool {
        let Lu { n, factors, rows } = self;
        factors.copy_from_slice(a);
        sized!(*n, n => factor(n, factors, rows, pivots))
    }

    /// A⁻¹ b, in place of what is in `x`.
    #[inline(always)]
    pub fn solve_into(&self, b: &[[f64; L]], x: &mut [[f64; L]]) {
        x.iter_mut().zip(&self.rows).for_each(|(x, &i)| *x = b[i]);
        sized!(self.n, n => substitute(n, &self.factors, x));
    }
}

/// Factors of matrices `[n × n]` in their place.
#[inline(always)]
fn factor<const L: usize>(n: usize, a: &mut [[f64; L]], rows: &mut [usize], pivots: usize) -> bool {
    let (mut rest, rows) = (&mut a[..n * n], &mut rows[..n]);
    (0..n).for_each(|i| rows[i] = i);
    let mut most = [0.0; L];
    for k in 0..n {
        let (mut pivot, mut largest) = (k, 0.0);
        for (i, row) in (k..).zip(rest.chunks_exact(n)) {
            let size = row[k][pivots].abs();
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
        let mut inverse = own[k];
        for l in 0..L {
            // Another one's may be nothing.
            most[l] = if inverse[l].abs() > 0.0 { most[l] } else { f64::INFINITY };
            inverse[l] = 1.0 / inverse[l];
        }
        for row in below.chunks_exact_mut(n).filter(|row| row[k] != [0.0; L]) {
            let mut part = row[k];
            for l in 0..L {
                part[l] *= inverse[l];
                let size = part[l].abs();
                most[l] = worse(most[l], size);
            }
            row[k] = part;
            for (x, y) in row.iter_mut().zip(own.iter()).skip(k + 1) {
                for l in 0..L {
                    x[l] -= part[l] * y[l];
                }
            }
        }
        rest = below;
    }
    most.iter().all(|most| *most <= MOST_TAKEN)
}

/// The larger one of two magnitudes; NaN if one is.
#[inline(always)]
pub fn worse(a: f64, b: f64) -> f64 {
    if b > a || b.is_nan() { b } else { a }
}

/// Solves for both factors in turn.
#[inline(always)]
fn substitute<const L: usize>(n: usize, a: &[[f64; L]], x: &mut [[f64; L]]) {
    let (a, x) = (&a[..n * n], &mut x[..n]);
    for i in 0..n {
        let mut own = x[i];
        for j in 0..i {
            for l in 0..L {
                own[l] -= a[i * n + j][l] * x[j][l];
            }
        }
        x[i] = own;
    }
    for i in (0..n).rev() {
        let mut own = x[i];
        for j in i + 1..n {
            for l in 0..L {
                own[l] -= a[i * n + j][l] * x[j][l];
            }
        }
        for l in 0..L {
            own[l] /= a[i * n + i][l];
        }
        x[i] = own;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(n: usize, shift: f64) -> Vec<f64> {
        let entry = |i: usize, j: usize| libm::sin((1 + i * i + 3 * j + i * j) as f64 + shift);
        (0..n * n).map(|k| entry(k / n, k % n)).collect()
    }

    #[test]
    fn solves_what_needs_pivots() {
        let lu = Lu::new(3, &[0.0, 2.0, 1.0, 1.0, 1.0, 1.0, 4.0, -1.0, 0.5]).expect("regular");
        let x = lu.solve(&[7.0, 6.0, 3.5]);
        for (x, want) in x.iter().zip([1.0, 2.0, 3.0]) {
            assert!((x - want).abs() < 1e-14, "{x} {want}");
        }
        // Small sizes are constants of the compiler's, larger ones are not.
        for n in 1..=12 {
            let a = matrix(n, 0.0);
            let want: Vec<f64> = (0..n).map(|i| 1.0 + i as f64).collect();
            let b: Vec<f64> = a.chunks_exact(n).map(|row| row.iter().zip(&want).map(|(a, x)| a * x).sum()).collect();
            let x = Lu::new(n, &a).expect("regular").solve(&b);
            let wrong = x.iter().zip(&want).map(|(x, want)| (x - want).abs()).fold(0.0, f64::max);
            assert!(wrong < 1e-11, "{n}: {wrong:e}");
        }
        assert!(Lu::new(2, &[1.0, 2.0, 2.0, 4.0]).is_none());
    }

    #[test]
    fn systems_side_by_side_are_solved_as_alone_or_say_that_their_pivots_are_others() {
        for n in 1..=12 {
            let all: [Vec<f64>; 8] = std::array::from_fn(|l| matrix(n, 0.01 * l as f64));
            let together: Vec<[f64; 8]> = (0..n * n).map(|k| std::array::from_fn(|l| all[l][k])).collect();
            let b: Vec<[f64; 8]> = (0..n).map(|i| [1.0 + i as f64; 8]).collect();
            let (mut lu, mut x) = (Lu::<8>::room(n), vec![[0.0; 8]; n]);
            assert!(lu.take(&together, 4), "{n}");
            lu.solve_into(&b, &mut x);
            for (l, own) in all.iter().enumerate() {
                let alone = Lu::new(n, own).expect("regular").solve(&b.iter().map(|b| b[l]).collect::<Vec<_>>());
                let scale = alone.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
                let wrong = alone.iter().zip(&x).map(|(x, all)| (x - all[l]).abs()).fold(0.0, f64::max);
                assert!(wrong < 1e-9 * scale, "{n}, {l}: {wrong:e} of {scale:e}");
            }
        }
        // The second one's pivots are 0 where the first one's are largest.
        let mut lu = Lu::<2>::room(2);
        assert!(!lu.take(&[[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 0.0]], 0));
        assert!(lu.take(&[[1.0, 0.0], [1.0, 1.0], [1.0, 1.0], [0.0, 0.0]], 1));
    }
}
