//! Eigenvalues and singular values through ndarray-linalg, against matrices that have known ones.

extern crate lapack as _;

use ndarray::{Array1, Array2, ShapeBuilder};
use ndarray_linalg::{EigVals, Eigh, Inverse, SVD, UPLO};
use rand::{RngExt, SeedableRng};

#[test]
fn eigenvalues_are_those_that_the_matrix_was_made_of() {
    let mut rng = rand::rngs::SmallRng::seed_from_u64(2);
    for n in [1, 2, 3, 6, 20] {
        for column_major in [false, true] {
            // Blocks [[a, b], [−b, a]] with eigenvalues a ± ib on the diagonal, seen through a random change of basis.
            let mut blocks = Array2::zeros((n, n));
            let mut known: Vec<(f64, f64)> = Vec::new();
            for at in (0..n).step_by(2) {
                let (a, b): (f64, f64) = (rng.random_range(-1.0..1.0), rng.random_range(0.1..1.0));
                blocks[[at, at]] = a;
                if at + 1 == n {
                    known.push((a, 0.0));
                } else {
                    blocks[[at + 1, at + 1]] = a;
                    blocks[[at, at + 1]] = b;
                    blocks[[at + 1, at]] = -b;
                    known.extend([(a, b), (a, -b)]);
                }
            }
            // Close to orthogonal, so that eigenvalues are well conditioned.
            let basis =
                Array2::from_shape_simple_fn((n, n), || rng.random_range(-0.1..0.1)) + Array2::<f64>::eye(n) * 2.0;
            let product = basis.dot(&blocks).dot(&basis.inv().expect("dominated by its diagonal"));
            let mut matrix = Array2::zeros((n, n).set_f(column_major));
            matrix.assign(&product);
            let mut seen: Vec<(f64, f64)> = matrix.eigvals().expect("converges").iter().map(|z| (z.re, z.im)).collect();
            for (a, b) in known {
                let near = seen.iter().position(|(re, im)| libm::hypot(re - a, im - b) < 1e-11);
                seen.remove(near.unwrap_or_else(|| panic!("no {a} + {b}i among {seen:?}")));
            }
        }
    }
}

#[test]
fn symmetric_matrices_are_put_together_again() {
    let mut rng = rand::rngs::SmallRng::seed_from_u64(4);
    for n in [1, 2, 5, 30] {
        for column_major in [false, true] {
            let half = Array2::from_shape_simple_fn((n, n), || rng.random_range(-1.0..1.0));
            let mut matrix = Array2::zeros((n, n).set_f(column_major));
            matrix.assign(&(&half + &half.t()));
            let (values, vectors) = matrix.eigh(UPLO::Lower).expect("converges");
            assert!(values.windows(2).into_iter().all(|pair| pair[0] <= pair[1]), "{values}");
            let again = (&vectors * &values).dot(&vectors.t());
            assert!((&again - &matrix).iter().all(|d: &f64| d.abs() < 1e-12), "{n}");
            let one = vectors.t().dot(&vectors) - Array2::<f64>::eye(n);
            assert!(one.iter().all(|d: &f64| d.abs() < 1e-12), "{n}");
        }
    }
}

#[test]
fn singular_values_are_those_of_the_diagonal() {
    let mut rng = rand::rngs::SmallRng::seed_from_u64(3);
    for (m, n) in [(1, 1), (2, 2), (3, 5), (7, 4), (20, 20)] {
        // Q D with Q a product of reflections: the singular values are |D|.
        let known: Vec<f64> = (0..m.min(n)).map(|i| 3.0 * 0.5_f64.powi(i as i32)).collect();
        let mut matrix = Array2::<f64>::zeros((m, n));
        for (i, value) in known.iter().enumerate() {
            matrix[[i, i]] = *value;
        }
        for _ in 0..3 {
            let v = Array1::from_shape_simple_fn(m, || rng.random_range(-1.0..1.0));
            let along = v.dot(&matrix) * (2.0 / v.dot(&v));
            for (mut row, v) in matrix.rows_mut().into_iter().zip(&v) {
                row.scaled_add(-v, &along);
            }
        }
        let (_, seen, _) = matrix.svd(false, false).expect("converges");
        for (seen, known) in seen.iter().zip(&known) {
            assert!((seen - known).abs() < 1e-14, "{m} × {n}: {seen} for {known}");
        }
    }
}
