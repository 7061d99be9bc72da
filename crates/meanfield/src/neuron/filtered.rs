//! Firing rates under noise that synapses have filtered.

use super::membrane::Membrane;
use gauss_quad::GaussHermite;
use model::Neuron;
use ndarray::{Array1, Array2};
use ndarray_linalg::{Inverse, Solve};
use std::num::NonZeroUsize;
use std::sync::LazyLock;

/// Current with Gaussian fluctuations of one correlation time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Filtered {
    /// Mean in mV/ms.
    pub mean: f64,
    /// Standard deviation in mV/ms.
    pub deviation: f64,
    /// Correlation time in ms.
    pub tau: f64,
}

/// Values that the fluctuating current takes: nodes of Gauss and Hermite's rule.
const NODES: usize = 8;

/// Cells in voltage; the rate is extrapolated from these and from twice as many.
const CELLS: usize = 100;

/// Nodes in standard deviations, and how probability flows among them.
struct Ladder {
    nodes: Vec<f64>,
    /// Of the equation dP/dt = L P/τ.
    flow: Array2<f64>,
}

/// Rate in 1/ms of a neuron under a current that fluctuates as an Ornstein-Uhlenbeck process.
///
/// Stationary state of ∂_t P = −∂_V[(drift(V) + σ z) P] + (1/τ_s) ∂_z(z + ∂_z) P with reset: z on Gauss and Hermite's nodes, where the second
/// operator is exact on polynomials; V in upwind volumes, extrapolated in their size. `refractory` in ms. `None` for neurons that do not
/// integrate and fire. Derivation (33), where its error is measured.
///
/// # Panics
/// If deviation or correlation time is not positive.
pub fn filtered_rate(neuron: &Neuron, current: Filtered, refractory: f64) -> Option<f64> {
    assert!(current.deviation > 0.0 && current.tau > 0.0, "noise");
    let membrane = Membrane::of(neuron)?;
    let (coarse, fine) = (stationary(&membrane, current, CELLS)?, stationary(&membrane, current, 2 * CELLS)?);
    let free = (2.0 * fine - coarse).max(0.0);
    Some(free / (1.0 + free * refractory))
}

static LADDER: LazyLock<Ladder> = LazyLock::new(ladder);

/// With P_k = w_k u(z_k) and c_n = Σ_k P_k h_n(z_k), h_n orthonormal: L P = −Σ_n n c_n w_k h_n(z_k).
fn ladder() -> Ladder {
    let rule = GaussHermite::new(NonZeroUsize::new(NODES).expect("some nodes"));
    // Of the weight e^{−x²}: z = √2 x, and weights that sum to √π.
    let pairs: Vec<(f64, f64)> = rule
        .as_node_weight_pairs()
        .iter()
        .map(|(x, w)| (std::f64::consts::SQRT_2 * x, w / std::f64::consts::PI.sqrt()))
        .collect();
    let hermite: Vec<Vec<f64>> = pairs
        .iter()
        .map(|(z, _)| {
            let mut h = vec![1.0, *z];
            for n in 1..NODES - 1 {
                let (n, last) = (n as f64, h.len() - 1);
                h.push((z * h[last] - n.sqrt() * h[last - 1]) / (n + 1.0).sqrt());
            }
            h
        })
        .collect();
    let flow = Array2::from_shape_fn((NODES, NODES), |(k, l)| {
        let sum: f64 = (1..NODES).map(|n| n as f64 * hermite[k][n] * hermite[l][n]).sum();
        -pairs[k].1 * sum
    });
    Ladder { nodes: pairs.iter().map(|(z, _)| *z).collect(), flow }
}

/// The rate with so many cells.
///
/// Balance of cell i: in by upwind fluxes from i ± 1, out by its own, exchange among nodes. Cells above the reset are eliminated from the
/// top, P_{i+1} = G_i P_i, those below it from the bottom; what leaves at the top enters at the reset, which leaves one small singular system.
fn stationary(membrane: &Membrane, current: Filtered, cells: usize) -> Option<f64> {
    let ladder = &*LADDER;
    let deviation = current.deviation * membrane.tau * (current.tau / (current.tau + membrane.tau)).sqrt();
    let bottom = membrane.bottom(current.mean, deviation);
    let h = (membrane.top - bottom) / cells as f64;
    let reset = (((membrane.reset - bottom) / h) as usize).min(cells - 1);
    let velocity = |edge: usize| -> Vec<f64> {
        // Nothing passes the bottom.
        let drift = membrane.drift(bottom + h * edge as f64, current.mean);
        ladder.nodes.iter().map(|z| if edge == 0 { 0.0 } else { (drift + current.deviation * z) / h }).collect()
    };
    let velocities: Vec<Vec<f64>> = (0..=cells).map(velocity).collect();
    // At the top whatever is carried back comes from nowhere.
    let own = |i: usize| {
        let mut block = &ladder.flow / current.tau;
        for k in 0..NODES {
            block[[k, k]] -= velocities[i + 1][k].max(0.0) - velocities[i][k].min(0.0);
        }
        block
    };
    let up = |edge: usize| Array1::from_iter(velocities[edge].iter().map(|v| v.max(0.0)));
    let down = |edge: usize| Array1::from_iter(velocities[edge].iter().map(|v| (-v).max(0.0)));
    // G_i of all cells from the reset on.
    let mut above: Vec<Array2<f64>> = Vec::with_capacity(cells - reset);
    let mut block = own(cells - 1);
    for i in (reset..cells - 1).rev() {
        let step = solve_diagonal(&block, &up(i + 1))?;
        block = own(i) + &rows_scaled(&down(i + 1), &step);
        above.push(step);
    }
    above.reverse();
    let at_reset = block;
    let mut below: Vec<Array2<f64>> = Vec::with_capacity(reset);
    let mut returned = Array2::zeros((NODES, NODES));
    if reset > 0 {
        let mut block = own(0);
        for i in 0..reset {
            let step = solve_diagonal(&block, &down(i + 1))?;
            let passed = rows_scaled(&up(i + 1), &step);
            if i + 1 < reset {
                block = own(i + 1) + &passed;
            } else {
                returned = passed;
            }
            below.push(step);
        }
    }
    // Outflow at the top as a function of what is in the reset's cell.
    let mut top = Array2::eye(NODES);
    for step in &above {
        top = step.dot(&top);
    }
    let outflow = rows_scaled(&up(cells), &top);
    let system = at_reset + &returned + &outflow;
    let at = null_vector(system)?;
    let flux = outflow.dot(&at).sum();
    let mut mass = at.sum();
    let mut now = at.clone();
    for step in &above {
        now = step.dot(&now);
        mass += now.sum();
    }
    now = at;
    for step in below.iter().rev() {
        now = step.dot(&now);
        mass += now.sum();
    }
    let rate = flux / mass;
    rate.is_finite().then_some(rate)
}

/// −B⁻¹ diag(d).
fn solve_diagonal(block: &Array2<f64>, diagonal: &Array1<f64>) -> Option<Array2<f64>> {
    let mut inverse = block.inv().ok()?;
    inverse.columns_mut().into_iter().zip(diagonal).for_each(|(mut column, d)| column *= -*d);
    Some(inverse)
}

/// diag(d) B.
fn rows_scaled(diagonal: &Array1<f64>, block: &Array2<f64>) -> Array2<f64> {
    let mut out = block.clone();
    out.rows_mut().into_iter().zip(diagonal).for_each(|(mut row, d)| row *= *d);
    out
}

/// v with S v = 0, for a matrix whose columns sum to 0: the last equation is replaced by Σ v = 1.
fn null_vector(mut system: Array2<f64>) -> Option<Array1<f64>> {
    let last = system.nrows() - 1;
    system.row_mut(last).fill(1.0);
    let mut right = Array1::zeros(last + 1);
    right[last] = 1.0;
    system.solve(&right).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neuron::{exponential_rate, white_noise_rate};
    use model::neuron::{Exponential, Leaky};

    const EXPONENTIAL: Neuron = Neuron::Exponential(Exponential {
        tau: 15.0,
        rest: -72.0,
        sharpness: 1.0,
        onset: -55.0,
        threshold: -50.0,
        reset: -75.0,
    });

    /// On a grid that is fine enough for anything here.
    fn resolved(neuron: &Neuron, current: Filtered) -> f64 {
        let membrane = Membrane::of(neuron).expect("it fires");
        let at = |cells| stationary(&membrane, current, cells).expect("it fires");
        2.0 * at(2000) - at(1000)
    }

    /// Fast noise is white: σ_V² = σ_I² τ_s τ²/(τ + τ_s); the rate differs by √(τ_s/τ), which is extrapolated.
    #[test]
    fn fast_noise_is_white() {
        for (neuron, mean) in [(EXPONENTIAL, 0.7), (Neuron::Leaky(Leaky::TALK), 0.8)] {
            let white = white_noise_rate(&neuron, mean, 4.0).expect("it fires");
            let at = |tau: f64| {
                let deviation = 4.0 / 15.0 * ((15.0 + tau) / tau).sqrt();
                resolved(&neuron, Filtered { mean, deviation, tau })
            };
            // a + b √τ + c τ from three points, each at a quarter of the one before.
            let (near, nearer) = (2.0 * at(0.5) - at(2.0), 2.0 * at(0.125) - at(0.5));
            let limit = (4.0 * nearer - near) / 3.0;
            assert!((limit / white - 1.0).abs() < 0.04, "{near} {nearer} {limit} for {white}");
        }
    }

    #[test]
    fn little_noise_changes_nothing() {
        let Neuron::Exponential(exponential) = EXPONENTIAL else { panic!("it is one") };
        let current = Filtered { mean: 1.5, deviation: 0.01, tau: 8.0 };
        let own = filtered_rate(&EXPONENTIAL, current, 0.0).expect("it fires");
        let exact = exponential_rate(&exponential, 1.5 * 15.0);
        assert!((own / exact - 1.0).abs() < 5e-3, "{own} for {exact}");
        let refractory = filtered_rate(&EXPONENTIAL, current, 3.0).expect("it fires");
        assert!((1.0 / refractory - 1.0 / own - 3.0).abs() < 1e-9);
    }

    /// More nodes and cells: what the truncation leaves where networks work, and where a population is nearly silent.
    #[test]
    fn the_grid_is_fine_enough() {
        for (mean, deviation) in [(0.32, 0.6), (0.42, 1.2), (0.8, 0.4), (-0.1, 0.6)] {
            let current = Filtered { mean, deviation, tau: 6.0 };
            let own = filtered_rate(&EXPONENTIAL, current, 0.0).expect("it fires");
            let exact = resolved(&EXPONENTIAL, current);
            assert!((own - exact).abs() < 0.01 * exact + 1e-6, "{own} for {exact}");
        }
    }

    /// Frozen noise averages the rate at constant current over a Gaussian.
    #[test]
    fn slow_noise_is_an_average() {
        let Neuron::Exponential(exponential) = EXPONENTIAL else { panic!("it is one") };
        let current = Filtered { mean: 1.6, deviation: 0.12, tau: 5000.0 };
        let own = filtered_rate(&EXPONENTIAL, current, 0.0).expect("it fires");
        let h = 1e-3;
        let average: f64 = (-6000..6000)
            .map(|k| {
                let z = h * f64::from(k);
                let weight = h * (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt();
                weight * exponential_rate(&exponential, 15.0 * (1.6 + 0.12 * z))
            })
            .sum();
        assert!((own / average - 1.0).abs() < 0.01, "{own} for {average}");
    }
}
