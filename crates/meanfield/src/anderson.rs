//! Anderson's acceleration of fixed-point iterations.

use ndarray::{Array1, Array2};
use ndarray_linalg::Solve;
use std::collections::VecDeque;

/// Rounds that are remembered.
const DEPTH: usize = 5;

/// An iteration x ← G(x), of which the last rounds are remembered.
#[derive(Default)]
pub struct Anderson {
    /// x and G(x) − x, the newest last.
    rounds: VecDeque<(Array1<f64>, Array1<f64>)>,
}

impl Anderson {
    /// Where to go from x, given G(x): the combination of the last rounds whose residuals cancel best, in least squares.
    ///
    /// Source: Walker & Ni 2011 (SIAM J Numer Anal 49: 1715).
    pub fn next(&mut self, x: Array1<f64>, image: &Array1<f64>) -> Array1<f64> {
        let f = image - &x;
        let away: Vec<(Array1<f64>, Array1<f64>)> = self.rounds.iter().map(|(px, pf)| (&x - px, &f - pf)).collect();
        let mut next = image.clone();
        if !away.is_empty() {
            let m = away.len();
            let normal = Array2::from_shape_fn((m, m), |(a, b)| {
                let ridge = if a == b { 1e-12 } else { 0.0 };
                away[a].1.dot(&away[b].1) * (1.0 + ridge) + f64::MIN_POSITIVE
            });
            let right: Array1<f64> = away.iter().map(|(_, df)| df.dot(&f)).collect();
            // Rounds that say the same leave the plain iteration.
            if let Ok(shares) = normal.solve(&right)
                && shares.iter().all(|s| s.abs() < 1e3)
            {
                for ((dx, df), share) in away.iter().zip(&shares) {
                    next = next - (dx + df) * *share;
                }
            }
        }
        self.rounds.push_back((x, f));
        if self.rounds.len() > DEPTH {
            self.rounds.pop_front();
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    /// A rotation that shrinks slowly, which plain rounds follow for hundreds of turns.
    #[test]
    fn spirals_are_cut_short() {
        let map = |x: &Array1<f64>| array![0.9 * x[1] + 1.0 + 0.05 * libm::sin(x[0]), -0.9 * x[0] + 0.5];
        let mut anderson = Anderson::default();
        let mut x = array![3.0, -2.0];
        for _ in 0..14 {
            let image = map(&x);
            x = anderson.next(x, &image);
        }
        let image = map(&x);
        assert!((&image - &x).iter().all(|d| d.abs() < 1e-9), "{x} {image}");
    }
}
