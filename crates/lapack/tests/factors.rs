//! The symbols through ndarray-linalg, on random matrices of both layouts, by residuals.

extern crate lapack as _;

use ndarray::{Array1, Array2, ShapeBuilder};
use ndarray_linalg::{FactorizeInto, Inverse, Solve};
use rand::{RngExt, SeedableRng};

fn matrices() -> impl Iterator<Item = (Array2<f64>, Array1<f64>)> {
    let mut rng = rand::rngs::SmallRng::seed_from_u64(1);
    (0..60).map(move |case| {
        let n = [1, 2, 3, 5, 17, 64][case % 6];
        let shape = (n, n).set_f(case % 2 == 0);
        let matrix = Array2::from_shape_simple_fn(shape, || rng.random_range(-1.0..1.0));
        let right = Array1::from_shape_simple_fn(n, || rng.random_range(-1.0..1.0));
        (matrix, right)
    })
}

/// Backward stability: the residual is rounding on the scale of the solution.
fn small(residual: &Array1<f64>, solution: &Array1<f64>) -> bool {
    let scale = solution.iter().fold(1.0_f64, |m, v| m.max(v.abs()));
    residual.iter().all(|r| r.abs() < 1e-13 * scale * solution.len() as f64)
}

#[test]
fn solutions_have_no_residual() {
    for (a, b) in matrices() {
        let x = a.solve(&b).expect("random matrices are regular");
        assert!(small(&(a.dot(&x) - &b), &x));
        let x = a.solve_t(&b).expect("random matrices are regular");
        assert!(small(&(a.t().dot(&x) - &b), &x));
        let x = a.clone().factorize_into().expect("regular").solve(&b).expect("regular");
        assert!(small(&(a.dot(&x) - &b), &x));
    }
}

#[test]
fn inverses_invert() {
    for (a, b) in matrices() {
        let inverse = a.inv().expect("random matrices are regular");
        let scale = inverse.iter().fold(1.0_f64, |m, v| m.max(v.abs()));
        let identity = a.dot(&inverse) - Array2::<f64>::eye(a.nrows());
        assert!(identity.iter().all(|e| e.abs() < 1e-12 * scale * b.len() as f64));
    }
}

#[test]
fn singular_matrices_are_said_to_be() {
    let singular = ndarray::array![[1.0, 2.0], [2.0, 4.0]];
    assert!(singular.inv().is_err());
    assert!(singular.solve(&ndarray::array![1.0, 1.0]).is_err());
    assert!(Array2::<f64>::zeros((3, 3)).inv().is_err());
}
