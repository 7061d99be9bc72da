//! Projected dynamics τ dr/dt = W r + X, held at r ≥ 0: which states are found by running, with nothing solved.

use crate::Circuit;
use ndarray::Array1;

/// How a run ends.
#[derive(Clone, Debug, PartialEq)]
pub enum Relaxed {
    /// At rates that no longer change: a stable state, or an unstable one from a start that has its symmetry.
    Settled(Array1<f64>),
    /// Still moving after all steps.
    Moving(Array1<f64>),
    /// Beyond 1e12 times the largest of the start and of X over W.
    RanAway,
}

/// Runs r ← [r + h T⁻¹(W r + X)]₊ for up to `steps` steps.
///
/// These are the rate dynamics as g√N → ∞, with time in units of √N. The step h is 0.1 over the largest row sum of |T⁻¹W|; a stable
/// state with eigenvalues l needs h < 2|Re l|/|l|², so one that turns fast and decays slowly is not found. Settled means that a step
/// moves no rate by more than 1e-13 of the largest, and that the inputs of each population cancel to 1e-9.
///
/// # Panics
/// If the start has not one rate a population.
pub fn relax(circuit: &Circuit, start: &Array1<f64>, steps: usize) -> Relaxed {
    assert_eq!(start.len(), circuit.populations(), "one rate a population");
    let largest = |values: &Array1<f64>| values.iter().fold(0.0_f64, |most, v| v.abs().max(most));
    let w = circuit.coupling() / &circuit.time_constants().view().insert_axis(ndarray::Axis(1));
    let x = circuit.drive() / circuit.time_constants();
    let row = w.rows().into_iter().map(|row| row.iter().map(|w| w.abs()).sum::<f64>()).fold(0.0, f64::max);
    // Without coupling X alone sets the scale: any step shows that rates grow.
    let h = if row > 0.0 { 0.1 / row } else { 1.0 };
    let bound = 1e12 * largest(start).max(h * largest(&x)).max(f64::MIN_POSITIVE);
    let mut r = start.clone();
    for _ in 0..steps {
        let next = (&r + &((w.dot(&r) + &x) * h)).mapv(|v| v.max(0.0));
        let size = largest(&next);
        if size > bound {
            return Relaxed::RanAway;
        }
        let moved = largest(&(&next - &r));
        r = next;
        if moved <= 1e-13 * size && is_state(circuit, &r) {
            return Relaxed::Settled(r);
        }
    }
    Relaxed::Moving(r)
}

/// Row by row, so that rows in small units count as much as others: one step moves them little however far they are.
fn is_state(circuit: &Circuit, r: &Array1<f64>) -> bool {
    let (w, x) = (circuit.coupling(), circuit.drive());
    (0..r.len()).all(|a| {
        let size = w.row(a).iter().zip(r).map(|(w, r)| (w * r).abs()).sum::<f64>() + x[a].abs();
        let input = w.row(a).dot(r) + x[a];
        let wrong = if r[a] > 0.0 { input.abs() } else { input };
        wrong <= 1e-9 * size
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_stable_state_is_reached_a_cycle_moves_on_and_excitation_runs_away() {
        let pair = Circuit::new(array![[2.0, -3.0], [9.0, -5.0]], array![36.0, 27.0]).expect("a circuit");
        let Relaxed::Settled(r) = relax(&pair, &array![1.0, 1.0], 100_000) else { panic!("stable") };
        assert!((&r - &array![99.0 / 17.0, 270.0 / 17.0]).iter().all(|d| d.abs() < 1e-9), "{r}");
        let turning = Circuit::new(array![[6.0, -7.0], [9.0, -5.0]], array![36.0, 20.0]).expect("a circuit");
        assert!(matches!(relax(&turning, &array![1.0, 1.0], 100_000), Relaxed::Moving(_)));
        // A row in small units hardly moves, and is far from its rate of 1 all the same.
        let uneven = Circuit::new(array![[-1.0, 0.0], [0.0, -1e-13]], array![1.0, 1e-13]).expect("a circuit");
        assert!(matches!(relax(&uneven, &array![0.5, 0.5], 10_000), Relaxed::Moving(_)));
        let excited = Circuit::new(array![[1.0]], array![1.0]).expect("a circuit");
        assert_eq!(relax(&excited, &array![1.0], 100_000), Relaxed::RanAway);
    }
}
