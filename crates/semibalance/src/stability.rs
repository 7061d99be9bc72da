//! Whether small departures from a state die out.

use crate::Circuit;
use crate::reduction::Reduction;
use crate::scaled::Scaled;
use ndarray::Array2;
use ndarray_linalg::EigVals;

/// Linear stability of τ dr/dt = −r + g [√N (W r + X)]₊ about a state, as N → ∞.
///
/// Only active populations matter: of a silent one with I < 0 the perturbation decays by itself. With
/// g √N → ∞ the sign of the growth rates is that of the eigenvalues of T_S⁻¹ W_SS; at finite g √N it is that of
/// W − 1/(g √N) in place of W. Source: eq. (18).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stability {
    /// Largest real part of the eigenvalues of T_S⁻¹ W_SS, in units of W/τ; −∞ with no active population.
    pub growth: f64,
    /// Whether it is negative beyond rounding.
    pub stable: bool,
    /// Whether the eigenvalue of largest real part is one of a complex pair: growth is then an oscillation, and where
    /// the state is unstable a limit cycle is near; real growth is runaway or a switch to another state.
    pub oscillatory: bool,
}

/// Stability of the state with this support, for the time constants of the circuit.
///
/// # Panics
/// If a member of the support is no population.
pub fn stability(circuit: &Circuit, support: &[usize]) -> Stability {
    let (w, tau) = (circuit.coupling(), circuit.time_constants());
    let matrix =
        Array2::from_shape_fn((support.len(), support.len()), |(a, b)| w[[support[a], support[b]]] / tau[support[a]]);
    let plain: Vec<(f64, f64)> = match support.len() {
        0 => Vec::new(),
        1 => vec![(matrix[[0, 0]], 0.0)],
        2 => of_two(&matrix).to_vec(),
        _ => eigenvalues(&matrix),
    };
    let rounding = rounding(&matrix);
    let mut all: Vec<Eigenvalue> = plain.into_iter().map(|(re, im)| Eigenvalue { re, im, rounding }).collect();
    if support.len() > 1 && all.iter().any(|z| z.re.abs() <= rounding) {
        // Small beside the largest entry, and perhaps well known all the same: an inverse has them as its largest.
        if let Some(inverse) = inverse(circuit, support) {
            refine(&mut all, &inverse);
        }
    }
    let most = all.iter().copied().reduce(|most, z| if z.re > most.re { z } else { most });
    let Some(most) = most else { return Stability { growth: f64::NEG_INFINITY, stable: true, oscillatory: false } };
    Stability {
        growth: most.re,
        stable: all.iter().all(|z| z.re < -z.rounding),
        oscillatory: most.im.abs() > most.rounding,
    }
}

/// An eigenvalue, and what one may be where an exact one is 0.
#[derive(Clone, Copy)]
struct Eigenvalue {
    re: f64,
    im: f64,
    rounding: f64,
}

fn eigenvalues(matrix: &Array2<f64>) -> Vec<(f64, f64)> {
    let all = matrix.eigvals().expect("the QR iteration converges on finite matrices");
    all.iter().map(|z| (z.re, z.im)).collect()
}

fn rounding(matrix: &Array2<f64>) -> f64 {
    let size = matrix.iter().fold(0.0_f64, |most, v| v.abs().max(most));
    16.0 * f64::EPSILON * size * matrix.nrows() as f64
}

/// W_SS⁻¹ T_S; `None` where W_SS is singular up to rounding.
fn inverse(circuit: &Circuit, support: &[usize]) -> Option<Array2<f64>> {
    let scaled = Scaled::new(circuit);
    let Reduction::Regular(regular) = Reduction::of(&scaled, support) else { return None };
    let tau = circuit.time_constants();
    Some(Array2::from_shape_fn(regular.inverse.dim(), |(a, b)| {
        scaled.inverse_entry(regular.inverse[[a, b]], support[a], support[b]) * tau[support[b]]
    }))
}

/// Takes eigenvalues that are nearer to the smallest than to the largest, in their logarithm, from the inverse.
fn refine(all: &mut [Eigenvalue], inverse: &Array2<f64>) {
    let size = |z: &Eigenvalue| libm::hypot(z.re, z.im);
    let unit = rounding(inverse);
    let mut others: Vec<Eigenvalue> = eigenvalues(inverse)
        .into_iter()
        .filter(|z| z.0 != 0.0 || z.1 != 0.0)
        .map(|(re, im)| {
            // 1/z, and what an error of z makes of it.
            let size = libm::hypot(re, im);
            Eigenvalue { re: re / size / size, im: -im / size / size, rounding: unit / size / size }
        })
        .collect();
    all.sort_by(|a, b| size(a).total_cmp(&size(b)));
    others.sort_by(|a, b| size(a).total_cmp(&size(b)));
    let (Some(largest), Some(smallest)) = (all.last().map(size), others.first().map(size)) else { return };
    for (own, other) in all.iter_mut().zip(others) {
        if size(&other) < (largest * smallest).sqrt() {
            *own = other;
        }
    }
}

/// Both eigenvalues of a 2 × 2 matrix.
fn of_two(matrix: &Array2<f64>) -> [(f64, f64); 2] {
    let half_trace = 0.5 * (matrix[[0, 0]] + matrix[[1, 1]]);
    let half_difference = 0.5 * (matrix[[0, 0]] - matrix[[1, 1]]);
    let discriminant = half_difference * half_difference + matrix[[0, 1]] * matrix[[1, 0]];
    let root = discriminant.abs().sqrt();
    if discriminant < 0.0 {
        [(half_trace, root), (half_trace, -root)]
    } else {
        [(half_trace + root, 0.0), (half_trace - root, 0.0)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, array};

    fn of(w: Array2<f64>, tau: Array1<f64>, support: &[usize]) -> Stability {
        let x = Array1::ones(tau.len());
        stability(&Circuit::with_time_constants(w, x, tau).expect("a circuit"), support)
    }

    #[test]
    fn two_populations_follow_trace_and_determinant() {
        let w = array![[6.0, -7.0], [9.0, -5.0]];
        let both = of(w.clone(), array![1.0, 1.0], &[0, 1]);
        assert!(!both.stable && both.oscillatory && (both.growth - 0.5).abs() < 1e-14);
        // Slow excitation, fast inhibition: 6/2 < 5.
        assert!(of(w.clone(), array![2.0, 1.0], &[0, 1]).stable);
        assert!(of(w.clone(), array![1.0, 1.0], &[1]).stable);
        let excitation = of(w.clone(), array![1.0, 1.0], &[0]);
        assert!(!excitation.stable && !excitation.oscillatory);
        assert!(of(w, array![1.0, 1.0], &[]).stable);
    }

    /// Rows of very different size: both eigenvalues are far from 0 beside what they are made of.
    #[test]
    fn units_of_rows_hide_no_sign() {
        for scale in [1.0, 1e4, 1e8, 1e12] {
            let two = array![[-2.57 * scale, 0.58 * scale], [0.58 / scale, -2.59 / scale]];
            let found = of(two, array![1.0, 1.0], &[0, 1]);
            assert!(found.stable && !found.oscillatory, "{scale} {found:?}");
            // det/trace, where the trace is that of the first row.
            let slow = -(2.57 * 2.59 - 0.58 * 0.58) / 2.57 / scale;
            assert!(scale < 1e4 || (found.growth / slow - 1.0).abs() < 1e-6, "{scale} {}", found.growth);
            let three =
                |sign: f64| array![[-2.0 * scale, scale, 0.0], [1.0, -3.0, 0.5], [0.2 / scale, 0.0, sign / scale]];
            let tau = || array![1.0, 1.0, 1.0];
            assert!(of(three(-1.0), tau(), &[0, 1, 2]).stable && !of(three(1.0), tau(), &[0, 1, 2]).stable, "{scale}");
        }
        let marginal = of(array![[-1e9, 1e9], [1e-9, -1e-9]], array![1.0, 1.0], &[0, 1]);
        assert!(!marginal.stable, "{marginal:?}");
    }

    #[test]
    fn larger_supports_follow_the_eigenvalues() {
        // A ring of three: eigenvalues −1 + 2 cos(2πk/3 ...) of a circulant, known in closed form.
        let w = array![[-1.0, 0.0, -3.0], [-3.0, -1.0, 0.0], [0.0, -3.0, -1.0]];
        // −1 − 3 e^{2πik/3}: largest real part −1 + 3/2, a complex pair.
        let ring = of(w, array![1.0, 1.0, 1.0], &[0, 1, 2]);
        assert!((ring.growth - 0.5).abs() < 1e-12 && ring.oscillatory && !ring.stable);
        let marginal =
            of(array![[-1.0, 1.0, 0.0], [1.0, -1.0, 0.0], [0.0, 0.0, -1.0]], array![1.0, 1.0, 1.0], &[0, 1, 2]);
        assert!(!marginal.stable && marginal.growth.abs() < 1e-14);
    }
}
