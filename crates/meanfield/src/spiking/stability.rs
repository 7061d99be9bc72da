//! Whether cells of a spiking network go on firing independently.

use super::noise::{CELLS, OVER_CELLS};
use super::{Around, SpikingRates};
use crate::TheoryError;
use crate::complex::{self, exp};
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
    /// Where the loop of feedback is in phase with itself and most of it is left over, in Hz: the frequency of an oscillation that just begins to
    /// grow, and far from there no more than a guess. 0 where nothing oscillates as it grows, and without growing modes.
    pub frequency: f64,
}

/// Smallest angular frequency in 1/ms: responses are real there but for rounding.
const REST: f64 = 1e-7;

/// Largest angular frequency in 1/ms at which feedback must have become small.
const FASTEST: f64 = 1e4;

/// Feedback, as the largest sum of sizes in a row, below which no mode is left.
const LITTLE: f64 = 0.9;

/// Ratio of frequencies at which responses are computed, and the error, relative to the largest response, from which on they are computed between two.
const RATIO: f64 = 1.25;
const ERROR: f64 = 0.01;

/// Halvings of an interval at most: resonances at the firing rate are narrow where noise is weak.
const HALVINGS: usize = 6;

/// How far the product of all delays and filters may turn in a step, and steps at most.
const TURN: f64 = 0.2;
const MOST: f64 = 2e6;

/// Modes of the rates that grow about the state of [`spiking_rates`](super::spiking_rates).
///
/// A modulation δr e^{st} of the rates makes δI_a = √N Σ_b W_ab e^{−s d_b}/(1 + s τ_b) δr_b, and δr_a = G_a(s) δI_a, G being the mean over cells of
/// [`RateResponse`]: δr = M(s) δr has solutions with Re s > 0 as often as det(1 − M(iω)) winds about 0 (Nyquist's criterion).
///
/// *Assumes* that what is modulated is the mean input, its noise staying as it is, and small modulations: a network may oscillate beside a stable asynchronous state. Source:
/// Brunel & Hakim 1999, Brunel 2000, for leaky cells under white noise; Derivation (38).
///
/// # Errors
/// [`TheoryError::NotApplicable`] for conductances, [`TheoryError::NotConverged`] where the path is not resolved.
pub fn growing_modes(network: &SpikingNetwork, state: &SpikingRates) -> Result<GrowingModes, TheoryError> {
    if !network.is_current_based() {
        return Err(TheoryError::NotApplicable { closure: NAME, reason: "conductances have no W" });
    }
    let found = Feedback::of(network, state).and_then(|feedback| zeros(&feedback.path()?));
    found.ok_or(TheoryError::NotConverged { closure: NAME, residual: f64::NAN, iterations: MOST as usize })
}

/// Name of the theory, in errors.
const NAME: &str = "stability of the asynchronous state";

/// det(1 − M) at an angular frequency in 1/ms.
#[derive(Clone, Copy, Debug)]
struct Point {
    frequency: f64,
    determinant: Complex64,
}

/// What makes M: computed responses, and all else at any frequency.
struct Feedback {
    /// √N W in mV.
    coupling: Array2<f64>,
    /// τ_b and d_b in ms.
    synapses: Vec<(f64, f64)>,
    /// Frequencies, and G of all populations.
    responses: Vec<(f64, Vec<Complex64>)>,
}

impl Feedback {
    fn of(network: &SpikingNetwork, state: &SpikingRates) -> Option<Self> {
        let coupling = network.mean_coupling() * (network.connections.size as f64).sqrt();
        let synapses: Vec<(f64, f64)> = network.synapses.iter().map(|s| (s.tau, s.delay)).collect();
        let of = |a: usize| responses(network, a, state.input[a], &state.around[a]);
        let cells: Vec<Vec<(f64, RateResponse)>> =
            (0..network.names.len()).into_par_iter().map(of).collect::<Option<_>>()?;
        let at = |frequency: f64| -> Option<Vec<Complex64>> {
            let mean = |cells: &Vec<(f64, RateResponse)>| -> Option<Complex64> {
                cells.iter().map(|(weight, cell)| Some(cell.at(frequency)? * *weight)).sum()
            };
            cells.iter().map(mean).collect()
        };
        let mut feedback = Feedback { coupling, synapses, responses: vec![(REST, at(REST)?)] };
        // From where the slowest filter is still in phase up to where little is fed back.
        let slowest = feedback.synapses.iter().map(|(tau, delay)| tau + delay).fold(20.0, f64::max);
        let mut next = 0.02 / slowest;
        loop {
            let batch: Vec<f64> = (0..BATCH).map(|k| next * RATIO.powi(k)).collect();
            next *= RATIO.powi(BATCH);
            let found: Option<Vec<(f64, Vec<Complex64>)>> =
                batch.into_par_iter().map(|frequency| Some((frequency, at(frequency)?))).collect();
            feedback.responses.extend(found?);
            if feedback.size(feedback.responses.len() - 1) < LITTLE {
                break;
            }
            if next > FASTEST {
                return None;
            }
        }
        feedback.refine(&at)?;
        Some(feedback)
    }

    /// Computes responses between those that a straight line does not describe.
    fn refine(&mut self, at: &(impl Fn(f64) -> Option<Vec<Complex64>> + Sync)) -> Option<()> {
        let largest = self.responses[0].1.iter().map(|g| complex::norm(*g)).fold(0.0, f64::max);
        let mut open: Vec<(f64, f64)> = self.responses.windows(2).map(|pair| (pair[0].0, pair[1].0)).collect();
        for _ in 0..HALVINGS {
            let middles: Option<Vec<(f64, Vec<Complex64>)>> =
                open.par_iter().map(|(low, high)| Some((0.5 * (low + high), at(0.5 * (low + high))?))).collect();
            let mut bent = Vec::new();
            for ((low, high), (middle, found)) in open.iter().zip(middles?) {
                let straight = self.response(middle);
                let size = largest.max(found.iter().map(|g| complex::norm(*g)).fold(0.0, f64::max));
                if found.iter().zip(&straight).any(|(g, line)| complex::norm(g - line) > ERROR * size) {
                    bent.extend([(*low, middle), (middle, *high)]);
                    let place = self.responses.partition_point(|(frequency, _)| *frequency < middle);
                    self.responses.insert(place, (middle, found));
                }
            }
            open = bent;
        }
        Some(())
    }

    /// G of all populations at any frequency, by straight lines between those that were computed.
    fn response(&self, frequency: f64) -> Vec<Complex64> {
        let place = self.responses.partition_point(|(own, _)| *own < frequency).clamp(1, self.responses.len() - 1);
        let ((low, below), (high, above)) = (&self.responses[place - 1], &self.responses[place]);
        let part = ((frequency - low) / (high - low)).clamp(0.0, 1.0);
        below.iter().zip(above).map(|(a, b)| a + (b - a) * part).collect()
    }

    /// M at a frequency, acting on inputs.
    fn matrix(&self, frequency: f64) -> Array2<Complex64> {
        let s = Complex64::new(0.0, frequency);
        let response = self.response(frequency);
        let gain = |b: usize| {
            let (tau, delay) = self.synapses[b];
            response[b] * exp(-s * delay) / (s * tau + 1.0)
        };
        let gains: Vec<Complex64> = (0..response.len()).map(gain).collect();
        Array2::from_shape_fn(self.coupling.dim(), |(a, b)| gains[b] * self.coupling[[a, b]])
    }

    /// Largest sum of |M| along a row at a computed frequency.
    fn size(&self, place: usize) -> f64 {
        let matrix = self.matrix(self.responses[place].0);
        matrix.rows().into_iter().map(|row| row.iter().map(|m| complex::norm(*m)).sum()).fold(0.0, f64::max)
    }

    fn path(&self) -> Option<Vec<Point>> {
        // Of a determinant each population's delay may be a factor once.
        let delays: f64 = self.synapses.iter().map(|(_, delay)| delay).sum();
        let computed: Vec<f64> = self.responses.iter().map(|(frequency, _)| *frequency).collect();
        path(|frequency| self.matrix(frequency), &computed, delays)
    }
}

/// det(1 − M) from the lowest to the highest of the computed frequencies, and from there to M = 0: in steps in which `delays`, the sum in ms of all that
/// may turn with the frequency, turns little, halved where the determinant turns all the same.
fn path(matrix: impl Fn(f64) -> Array2<Complex64>, computed: &[f64], delays: f64) -> Option<Vec<Point>> {
    let of = |frequency: f64, share: f64| {
        let matrix = matrix(frequency);
        let one = |(a, b): (usize, usize)| Complex64::from(f64::from(u8::from(a == b)));
        Point {
            frequency,
            determinant: determinant(Array2::from_shape_fn(matrix.dim(), |at| one(at) - matrix[at] * share)),
        }
    };
    let mut path = vec![of(computed[0], 1.0)];
    for pair in computed.windows(2) {
        let steps = ((pair[1] - pair[0]) * delays / TURN).ceil().max(4.0);
        if path.len() as f64 + steps > MOST {
            return None;
        }
        for k in 1..=steps as usize {
            let frequency = pair[0] + (pair[1] - pair[0]) * k as f64 / steps;
            follow(&mut path, of(frequency, 1.0), &|frequency| of(frequency, 1.0), HALVINGS);
        }
    }
    // Feedback is too small for a zero: what is left of the path is as good as the straight way to M = 0.
    let last = computed[computed.len() - 1];
    path.extend((0..20).rev().map(|k| of(last, f64::from(k) / 20.0)));
    Some(path)
}

/// Adds a point, and others before it where the determinant turns by more than half a right angle.
fn follow(path: &mut Vec<Point>, next: Point, at: &impl Fn(f64) -> Point, halvings: usize) {
    let last = path[path.len() - 1];
    if halvings > 0 && complex::arg(next.determinant / last.determinant).abs() > PI / 4.0 {
        let middle = at(0.5 * (last.frequency + next.frequency));
        follow(path, middle, at, halvings - 1);
        follow(path, next, at, halvings - 1);
    } else {
        path.push(next);
    }
}

/// Zeros of a determinant to the right of the imaginary axis, which it has been followed along from where it is real to where it is 1.
fn zeros(path: &[Point]) -> Option<GrowingModes> {
    let turned: f64 = path.windows(2).map(|pair| complex::arg(pair[1].determinant / pair[0].determinant)).sum();
    // From −∞ to ∞ it is twice this, and each zero adds −2π.
    let count = (-turned / PI).round();
    if count < 0.0 || !count.is_finite() {
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

/// Frequencies at a time.
const BATCH: i32 = 8;

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

    /// Modes of a loop whose feedback is given, up to a frequency at which it is small.
    fn count(feedback: impl Fn(Complex64) -> Array2<Complex64>, highest: f64, delays: f64) -> GrowingModes {
        let computed: Vec<f64> = std::iter::once(REST)
            .chain((0..200).map(|k| 1e-3 * libm::pow(highest / 1e-3, f64::from(k) / 199.0)))
            .collect();
        zeros(&path(|frequency| feedback(Complex64::new(0.0, frequency)), &computed, delays).expect("short"))
            .expect("zeros to the right")
    }

    fn one(value: Complex64) -> Array2<Complex64> {
        Array2::from_elem((1, 1), value)
    }

    /// Three filters in a loop, 1 + k/(1 + s)³: two zeros from k = 8 on, at ω = √3.
    #[test]
    fn modes_of_a_loop_of_filters_are_counted() {
        let count = |strength: f64| count(|s| one((s + 1.0).powi(3).inv() * -strength), 10.0, 0.0);
        assert_eq!(count(7.9), GrowingModes { count: 0, frequency: 0.0 });
        let growing = count(8.1);
        assert_eq!(growing.count, 2);
        assert!((growing.frequency * TAU / 1000.0 - 3_f64.sqrt()).abs() < 0.01, "{growing:?}");
        // Excitation: one that does not oscillate, from k = −1 on.
        assert_eq!((count(-0.9).count, count(-1.1)), (0, GrowingModes { count: 1, frequency: 0.0 }));
    }

    /// Delayed inhibition, 1 + k e^{−sd}/(1 + s): a pair of zeros more from each k² = 1 + ω² and ω d + atan ω = (2n + 1) π on.
    #[test]
    fn modes_of_delayed_inhibition_are_counted() {
        let delay = 30.0;
        for strength in [0.9_f64, 1.02, 1.5, 3.0, 12.0] {
            // Pairs: the turns that the loop has made where its gain falls to 1.
            let highest = (strength * strength - 1.0).max(0.0).sqrt();
            let turned = highest * delay + libm::atan(highest);
            let pairs = ((turned / PI + 1.0) / 2.0).floor();
            let found = count(|s| one(-strength * exp(-s * delay) / (s + 1.0)), 1.2 * strength, delay);
            assert_eq!(found.count, 2 * pairs as usize, "{strength}");
        }
    }

    /// A ring of n delays is one loop of n times the delay: 1 − (k e^{−sd}/(1 + s))ⁿ, whose zeros are those of its n factors 1 − u k e^{−sd}/(1 + s), uⁿ = 1.
    #[test]
    fn modes_of_a_ring_are_those_of_its_factors() {
        let (delay, strength, n) = (20.0, -1.5, 7);
        let ring = |s: Complex64| {
            let m = strength * exp(-s * delay) / (s + 1.0);
            Array2::from_shape_fn((n, n), |(a, b)| if (b + 1) % n == a { m } else { Complex64::ZERO })
        };
        let found = count(ring, 2.0, n as f64 * delay).count;
        // Of each factor: phases −ω d − atan ω + arg(u k) that are whole turns, where the gain |k|/√(1 + ω²) is above 1; both signs of ω.
        let highest = f64::sqrt(strength * strength - 1.0);
        let end = highest * delay + libm::atan(highest);
        let of_factor = |j: usize| {
            let start = TAU * j as f64 / n as f64 + PI;
            // Solutions of phase(ω) = 2π m for −end ≤ phase ≤ end, each a mode that grows.
            let whole = |from: f64, to: f64| ((to / TAU).floor() - (from / TAU).ceil() + 1.0).max(0.0);
            whole(start - end, start + end)
        };
        let exact: f64 = (0..n).map(of_factor).sum();
        assert_eq!(found as f64, exact);
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
        // Leaky cells answer fast inputs at once: feedback falls with the synapses alone.
        let mut leaky = SpikingNetwork::baker_2019_pair(10_000);
        leaky.neurons =
            vec![model::Neuron::Leaky(model::neuron::Leaky { threshold: -55.0, ..model::neuron::Leaky::TALK })];
        leaky.synapses.iter_mut().for_each(|s| (s.tau, s.delay) = (1.0, 1.0));
        let state = spiking_rates(&leaky).expect("a state");
        assert_eq!(growing_modes(&leaky, &state).expect("resolved").count, 2);
    }

    /// Two excitatory populations that excite themselves more than each other part: one real mode, however slow their synapses.
    #[test]
    fn slow_excitation_that_parts_is_one_mode() {
        for tau in [8.0, 100.0] {
            let names = ["e1", "e2", "i"];
            let mut connections = SpikingNetwork::baker_2019_pair(4000).connections;
            connections.shares = ndarray::array![0.4, 0.4, 0.2];
            connections.probability = Array2::from_elem((3, 3), 0.1);
            connections.strength = ndarray::array![[45.0, 5.0, -150.0], [5.0, 45.0, -150.0], [112.5, 112.5, -250.0]];
            connections.external_probability = Array2::from_elem((3, 1), 0.1);
            connections.external_strength = ndarray::array![[180.0], [180.0], [135.0]];
            let mut network = SpikingNetwork::baker_2019(&names, connections);
            network.synapses[..2].iter_mut().for_each(|s| s.tau = tau);
            let state = spiking_rates(&network).expect("a state");
            let found = growing_modes(&network, &state).expect("resolved");
            assert_eq!(found, GrowingModes { count: 1, frequency: 0.0 }, "{tau}");
        }
    }
}
