//! Modes of a linear map, from a trajectory.

use ndarray::{Array1, Array2};
use ndarray_linalg::{EigVals, Solve};

/// Eigenvalues (real and imaginary part) of the linear map A that best takes each vector of a trajectory to the next, v_{k+1} = A v_k by least squares;
/// largest first.
///
/// *Assumes* that all modes can be seen in the trajectory, which has more vectors than they have entries. `None` for shorter ones, and where vectors do
/// not span their space. Source: dynamic mode decomposition, Schmid 2010.
///
/// # Panics
/// If vectors differ in length.
pub fn linear_modes(trajectory: &[Array1<f64>]) -> Option<Vec<(f64, f64)>> {
    let n = trajectory.first()?.len();
    if trajectory.len() <= n {
        return None;
    }
    let (mut square, mut moved) = (Array2::<f64>::zeros((n, n)), Array2::<f64>::zeros((n, n)));
    for pair in trajectory.windows(2) {
        // Each pair counts as much, however small it has become.
        let size = pair[0].dot(&pair[0]);
        if size == 0.0 {
            return None;
        }
        for ((i, j), v) in square.indexed_iter_mut() {
            *v += pair[0][i] * pair[0][j] / size;
        }
        for ((i, j), v) in moved.indexed_iter_mut() {
            *v += pair[1][i] * pair[0][j] / size;
        }
    }
    // A S = M, row by row; S is symmetric.
    let mut map = Array2::zeros((n, n));
    for i in 0..n {
        map.row_mut(i).assign(&square.solve(&moved.row(i).to_owned()).ok()?);
    }
    let mut modes: Vec<(f64, f64)> = map.eigvals().ok()?.iter().map(|z| (z.re, z.im)).collect();
    modes.sort_by(|a, b| libm::hypot(b.0, b.1).total_cmp(&libm::hypot(a.0, a.1)));
    modes.iter().all(|(re, im)| re.is_finite() && im.is_finite()).then_some(modes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn modes_of_a_map_are_its_eigenvalues() {
        // A spiral of 0.9 e^{±0.3i}, and a mode that changes its sign.
        let (a, b) = (0.9 * libm::cos(0.3), 0.9 * libm::sin(0.3));
        let map = array![[a, -b, 0.2], [b, a, -0.1], [0.0, 0.0, -0.5]];
        let mut trajectory = vec![array![1.0, 0.3, 0.7]];
        (0..9).for_each(|k| trajectory.push(map.dot(&trajectory[k])));
        let found = linear_modes(&trajectory).expect("a span");
        for (found, exact) in found.iter().zip([(a, b), (a, -b), (-0.5, 0.0)]) {
            assert!(
                (found.0 - exact.0).abs() < 1e-9 && (found.1.abs() - exact.1.abs()).abs() < 1e-9,
                "{found:?} {exact:?}"
            );
        }
        assert_eq!(linear_modes(&trajectory[..3]), None);
        assert_eq!(linear_modes(&[array![0.0], array![0.0]]), None);
    }
}
