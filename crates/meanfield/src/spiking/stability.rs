//! Whether cells of a spiking network go on firing independently.

use super::noise::{CELLS, OVER_CELLS};
use super::{Around, SpikingRates};
use crate::TheoryError;
use crate::complex::exp;
use crate::neuron::{Filtered, RateResponse};
use model::SpikingNetwork;
use ndarray::Array2;
use num_complex::Complex64;
use rayon::prelude::*;
use std::f64::consts::{PI, TAU};

/// Small modulations of the rates about a stationary state that grow, cells firing together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GrowingModes {
    /// How many; 0 where the asynchronous state is stable. An oscillation counts as two.
    pub count: usize,
    /// Where the loop of feedback is in phase with itself and most of it is left over, in Hz; 0 where nothing oscillates as it grows, and
    /// without growing modes.
    pub frequency: f64,
}

/// Angular frequencies in 1/ms at which a search begins and must have ended.
const SLOWEST: f64 = 0.006;
const FASTEST: f64 = 100.0;

/// Frequencies at most.
const MOST: usize = 2000;

/// Feedback of one population, as the largest sum of sizes in a row, so small that the rest of the path cannot wind.
const LITTLE: f64 = 0.1;

/// Ratio of neighbouring frequencies, and how far delays may turn between them.
const STEP: f64 = 1.25;
const TURN: f64 = 0.7;

/// Frequencies at a time.
const BATCH: usize = 8;

/// Modes of the rates that grow about the state of [`spiking_rates`](super::spiking_rates).
///
/// A modulation δr e^{st} of the rates makes δI_a = √N Σ_b W_ab e^{−s d_b}/(1 + s τ_b) δr_b, and δr_a = G_a(s) δI_a, G being the mean over cells of
/// [`RateResponse`]: δr = M(s) δr has solutions with Re s > 0 as often as det(1 − M(iω)) winds about 0 (Nyquist's criterion).
///
/// *Assumes* that what is modulated is the mean input, its noise staying as it is. Source: Brunel & Hakim 1999, Brunel 2000, for leaky cells under white
/// noise; Derivation (38).
///
/// # Errors
/// [`TheoryError::NotApplicable`] for conductances, [`TheoryError::NotConverged`] where the path is not resolved.
pub fn growing_modes(network: &SpikingNetwork, state: &SpikingRates) -> Result<GrowingModes, TheoryError> {
    if !network.is_current_based() {
        return Err(TheoryError::NotApplicable { closure: NAME, reason: "conductances have no W" });
    }
    let found = Feedback::of(network, state).and_then(|feedback| {
        let latest = network.synapses.iter().map(|s| s.delay).fold(0.0, f64::max);
        zeros(&path(|frequency| feedback.at(frequency), latest, LITTLE / network.names.len() as f64)?)
    });
    found.ok_or(TheoryError::NotConverged { closure: NAME, residual: f64::NAN, iterations: MOST })
}

/// Of the theory, in errors.
const NAME: &str = "stability of the asynchronous state";

/// det(1 − M) at an angular frequency in 1/ms.
struct Point {
    frequency: f64,
    determinant: Complex64,
    /// Largest sum of |M| along a row.
    feedback: f64,
}

/// What makes M.
struct Feedback<'a> {
    network: &'a SpikingNetwork,
    /// √N W in mV.
    coupling: Array2<f64>,
    /// Weights and responses of the cells that stand for all, by population.
    cells: Vec<Vec<(f64, RateResponse)>>,
}

impl<'a> Feedback<'a> {
    fn of(network: &'a SpikingNetwork, state: &SpikingRates) -> Option<Self> {
        let coupling = network.mean_coupling() * (network.connections.size as f64).sqrt();
        let of = |a: usize| responses(network, a, state.input[a], &state.around[a]);
        let cells = (0..network.names.len()).into_par_iter().map(of).collect::<Option<_>>()?;
        Some(Feedback { network, coupling, cells })
    }

    fn at(&self, frequency: f64) -> Option<Point> {
        let s = Complex64::new(0.0, frequency);
        let gain = |b: usize| -> Option<Complex64> {
            let of = |(weight, cell): &(f64, RateResponse)| Some(cell.at(frequency)? * *weight);
            let mean = self.cells[b].iter().map(of).sum::<Option<Complex64>>()?;
            let synapses = &self.network.synapses[b];
            Some(mean * exp(-s * synapses.delay) / (s * synapses.tau + 1.0))
        };
        let gains: Vec<Complex64> = (0..self.cells.len()).map(gain).collect::<Option<_>>()?;
        let fed_back = Array2::from_shape_fn(self.coupling.dim(), |(a, b)| gains[b] * self.coupling[[a, b]]);
        let feedback = fed_back.rows().into_iter().map(|row| row.iter().map(|m| m.norm()).sum()).fold(0.0, f64::max);
        let one = |(a, b): (usize, usize)| Complex64::from(f64::from(u8::from(a == b)));
        let left = Array2::from_shape_fn(self.coupling.dim(), |place| one(place) - fed_back[place]);
        Some(Point { frequency, determinant: determinant(left), feedback })
    }
}

/// Points so dense that the determinant never turns by more than a right angle between two of them, up to where `little` is fed back. `latest` is
/// the longest delay in ms.
fn path(at: impl Fn(f64) -> Option<Point> + Sync, latest: f64, little: f64) -> Option<Vec<Point>> {
    let mut path = vec![at(SLOWEST)?];
    while path[path.len() - 1].feedback > little {
        let mut next = path[path.len() - 1].frequency;
        if next > FASTEST || path.len() > MOST {
            return None;
        }
        let frequencies = std::iter::repeat_with(|| {
            next = (next * STEP).min(next + TURN / latest);
            next
        });
        let batch: Vec<f64> = frequencies.take(BATCH).collect();
        let found: Option<Vec<Point>> = batch.into_par_iter().map(&at).collect();
        path.extend(found?);
    }
    let mut k = 1;
    while k < path.len() {
        if (path[k].determinant / path[k - 1].determinant).arg().abs() < PI / 2.0 {
            k += 1;
        } else if path.len() < MOST {
            path.insert(k, at(0.5 * (path[k - 1].frequency + path[k].frequency))?);
        } else {
            return None;
        }
    }
    Some(path)
}

/// Zeros of a determinant to the right of the imaginary axis, which it has been followed along. It is real at ω = 0 and 1 at infinity.
fn zeros(path: &[Point]) -> Option<GrowingModes> {
    let (first, last) = (path[0].determinant, path[path.len() - 1].determinant);
    let begun = if first.re > 0.0 { first.arg() } else { (-first).arg() };
    let turned: f64 = path.windows(2).map(|pair| (pair[1].determinant / pair[0].determinant).arg()).sum();
    // From −∞ to ∞ it is twice this, and each zero adds −2π.
    let zeros = -(begun + turned - last.arg()) / PI;
    let count = zeros.round();
    if (zeros - count).abs() > 0.1 || count < 0.0 {
        return None;
    }
    let crossing = |pair: &[Point]| {
        let [a, b] = [&pair[0], &pair[1]];
        let part = a.determinant.im / (a.determinant.im - b.determinant.im);
        let real = a.determinant.re + part * (b.determinant.re - a.determinant.re);
        let crosses = a.determinant.im * b.determinant.im < 0.0 && real < 0.0;
        crosses.then_some((real, a.frequency + part * (b.frequency - a.frequency)))
    };
    let crossings = path.windows(2).filter_map(crossing);
    let (_, strongest) = crossings.fold((0.0, 0.0), |best, found| if found.0 < best.0 { found } else { best });
    let frequency = if count > 0.0 { 1000.0 * strongest / TAU } else { 0.0 };
    Some(GrowingModes { count: count as usize, frequency })
}

/// Weights and responses of the cells that stand for population a.
fn responses(network: &SpikingNetwork, a: usize, input: f64, around: &Around) -> Option<Vec<(f64, RateResponse)>> {
    let means = around.means(input);
    let response = |(&mean, &(_, weight)): (&f64, &(f64, f64))| {
        let current = Filtered { mean, ..around.current(0.0) };
        Some((weight, RateResponse::new(network.neuron(a), current, network.refractory)?))
    };
    means[..CELLS].iter().zip(OVER_CELLS.iter()).map(response).collect()
}

/// By elimination with interchanges of rows.
fn determinant(mut matrix: Array2<Complex64>) -> Complex64 {
    let n = matrix.nrows();
    let mut product = Complex64::ONE;
    for k in 0..n {
        let best =
            (k..n).fold(k, |best, i| if matrix[[i, k]].l1_norm() > matrix[[best, k]].l1_norm() { i } else { best });
        if best != k {
            product = -product;
            (0..n).for_each(|j| matrix.swap([k, j], [best, j]));
        }
        let pivot = matrix[[k, k]];
        product *= pivot;
        if pivot == Complex64::ZERO {
            return pivot;
        }
        for i in k + 1..n {
            let factor = matrix[[i, k]] / pivot;
            for j in k..n {
                let passed = factor * matrix[[k, j]];
                matrix[[i, j]] -= passed;
            }
        }
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spiking_rates;

    /// Three filters in a loop, 1 + k/(1 + s)³: two zeros from k = 8 on, at ω = √3.
    #[test]
    fn modes_of_a_loop_of_filters_are_counted() {
        let count = |strength: f64| {
            let at = |frequency: f64| {
                let fed_back = Complex64::new(1.0, frequency).powi(3).inv() * -strength;
                Some(Point { frequency, determinant: -fed_back + 1.0, feedback: fed_back.norm() })
            };
            zeros(&path(at, 0.0, LITTLE).expect("resolved")).expect("whole windings")
        };
        assert_eq!(count(7.9), GrowingModes { count: 0, frequency: 0.0 });
        let growing = count(8.1);
        assert_eq!(growing.count, 2);
        assert!((growing.frequency * TAU / 1000.0 - 3_f64.sqrt()).abs() < 0.01, "{growing:?}");
        // Excitation: one that does not oscillate, from k = −1 on.
        assert_eq!((count(-0.9).count, count(-1.1)), (0, GrowingModes { count: 1, frequency: 0.0 }));
    }

    /// Delayed inhibition, 1 + k e^{−sd}/(1 + s): a pair of zeros more from k² = 1 + ω² and ω d + atan ω = (2n + 1) π on.
    #[test]
    fn modes_of_delayed_inhibition_are_counted() {
        let delay = 30.0;
        let count = |strength: f64| {
            let at = |frequency: f64| {
                let s = Complex64::new(0.0, frequency);
                let fed_back = -strength * exp(-s * delay) / (s + 1.0);
                Some(Point { frequency, determinant: -fed_back + 1.0, feedback: fed_back.norm() })
            };
            zeros(&path(at, delay, 0.5).expect("resolved")).expect("whole windings").count
        };
        for strength in [0.9_f64, 1.02, 1.5, 3.0, 12.0] {
            // Pairs: the turns that the loop has made where its gain falls to 1.
            let highest = (strength * strength - 1.0).max(0.0).sqrt();
            let turned = highest * delay + highest.atan();
            let pairs = ((turned / PI + 1.0) / 2.0).floor();
            assert_eq!(count(strength), 2 * pairs as usize, "{strength}");
        }
    }

    /// Baker et al.'s pair is asynchronous, and late inhibition makes it oscillate, in larger networks with shorter delays: feedback grows with √N.
    #[test]
    fn delays_make_large_networks_oscillate() {
        let modes = |size, delay| {
            let mut network = SpikingNetwork::baker_2019_pair(size);
            network.synapses.iter_mut().for_each(|s| s.delay = delay);
            growing_modes(&network, &spiking_rates(&network).expect("a state")).expect("resolved")
        };
        assert_eq!([modes(5000, 0.0).count, modes(5000, 2.0).count], [0, 0]);
        assert_eq!(modes(20_000, 0.0).count, 0);
        let growing = [modes(20_000, 2.0), modes(5000, 4.0)];
        assert!(growing.iter().all(|m| m.count > 0 && (20.0..60.0).contains(&m.frequency)), "{growing:?}");
    }
}
