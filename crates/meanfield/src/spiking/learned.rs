//! Where inhibition that learns from single spikes comes to rest.

use super::noise::{Around, average};
use super::{SpikingRates, evened_rates};
use crate::TheoryError;
use crate::complex;
use crate::covariance::evened_covariances;
use model::SpikingNetwork;
use model::spiking::PairRule;
use ndarray::{Array1, Array2};
use ndarray_linalg::{EigVals, Solve};

/// Rates and strengths at which the rules of a network no longer change them.
#[derive(Clone, Debug, PartialEq)]
pub struct LearnedRates {
    /// ⟨r⟩ `[A]` in Hz.
    pub rates: Array1<f64>,
    /// How far they are above the targets because inhibition and spikes avoid one another `[A]` in Hz; 0 where nothing learns.
    pub offset: Array1<f64>,
    /// What rates of populations that do not learn may be wrong by `[A]` in Hz; of others the offset.
    pub rate_error: Array1<f64>,
    /// Mean strengths j `[A × A]` in mV.
    pub strength: Array2<f64>,
    /// What those may be wrong by that learn `[A × A]` in mV: what the errors of mean inputs, and of rates, come to.
    pub strength_error: Array2<f64>,
    /// How fast the slowest departure decays, in 1/s; 0 and below where one grows, so that rules lead away from the targets.
    pub slowest: f64,
    /// How fast the fastest one does.
    pub fastest: f64,
}

/// Name of the closure, in errors.
const NAME: &str = "learned rates and strengths";

/// Newton's steps at most for given offsets, and rounds of offsets.
const STEPS: usize = 150;
const ROUNDS: usize = 6;

/// Distance from targets and between offsets in Hz that is left.
const LEFT: f64 = 2e-4;

/// Part of a step that is tried last.
const SHORTEST: f64 = 1e-3;

/// Learned rates and strengths.
///
/// Σ over spikes of the rule's changes vanishes on average over the synapses of a cell where 2 r_b (r_a − r0_a) + c_ab = 0, with the covariance
/// c_ab = ∫ C_ab(u) e^{−|u|/τ}/τ du ≈ C̃_ab(0)/τ of spikes of a cell and one that it has a synapse from. Linear response makes C̃_ab(0) of what all pairs share
/// and of what the synapse itself does: it moves the mean of an input, and adds to its noise. Strengths are on the way along which the rules lead from where they are, the step of each being η r_b (times j, multiplicative).
///
/// *Assumes* traces that are slower than responses, rules slower than traces, and what [`evened_rates`] assumes: cells that learn all fire at one rate, and strengths of a projection are taken for equal. Source: Derivation (43).
///
/// # Errors
/// [`TheoryError::NotApplicable`] where nothing learns, projections to a population have different targets, or no strengths of their sign reach them;
/// errors of [`evened_rates`] and [`pair_covariances`](crate::pair_covariances).
pub fn learned_rates(network: &SpikingNetwork) -> Result<LearnedRates, TheoryError> {
    if !network.is_current_based() {
        return Err(TheoryError::NotApplicable { closure: NAME, reason: "conductances have no W" });
    }
    let targets = targets(network)?;
    let pupils: Vec<usize> = (0..targets.len()).filter(|&a| !targets[a].is_nan()).collect();
    let even: Vec<bool> = targets.iter().map(|target| !target.is_nan()).collect();
    let mut offset = Array1::zeros(targets.len());
    let mut now = At::along(network, &targets, &even, Array1::zeros(targets.len()))?;
    let away = |at: &At, offset: &Array1<f64>| -> Array1<f64> {
        pupils.iter().map(|&a| at.state.rates[a] - targets[a] - offset[a]).collect()
    };
    let size = |away: &Array1<f64>| away.iter().fold(0.0_f64, |most, d| most.max(d.abs()));
    let mut steps = 0;
    for _ in 0..ROUNDS {
        let mut slope = slopes(&now.network, &now.state, &pupils)?;
        let mut fresh = true;
        while size(&away(&now, &offset)) >= LEFT {
            let left = away(&now, &offset);
            let full = slope.solve(&-&left).map_err(|_| TheoryError::Singular)?;
            // Rates near silence hardly follow: a step is halved until it is nearer.
            let mut length = 1.0;
            let better = loop {
                let step = &full * length;
                let mut way = now.way.clone();
                pupils.iter().zip(&step).for_each(|(&a, step)| way[a] += step);
                steps += 1;
                match At::along(network, &targets, &even, way) {
                    Ok(next) if size(&away(&next, &offset)) < size(&left) => break Some((next, step)),
                    Err(error) if length < SHORTEST && fresh => return Err(error),
                    _ if length < SHORTEST => break None,
                    _ => length *= 0.5,
                }
            };
            if steps > STEPS || (better.is_none() && fresh) {
                return Err(TheoryError::NotConverged { closure: NAME, residual: size(&left), iterations: steps });
            }
            fresh = better.is_none();
            if let Some((next, step)) = better {
                // Broyden's rule: noise changes too, which slopes at given noise leave out.
                let missed = away(&next, &offset) - &left - slope.dot(&step);
                let square = step.dot(&step);
                slope.indexed_iter_mut().for_each(|((row, column), s)| *s += missed[row] * step[column] / square);
                now = next;
            } else {
                slope = slopes(&now.network, &now.state, &pupils)?;
            }
        }
        let At { network: learned, state, .. } = &now;
        let next = offsets(learned, state, &even)?;
        let change = (&next - &offset).iter().fold(0.0_f64, |most, d| most.max(d.abs()));
        offset = next;
        if change < LEFT {
            let rates = state.rates.clone();
            let slopes = slopes(learned, state, &pupils)? * 2.0;
            let modes = slopes.eigvals().map_err(|_| TheoryError::Singular)?;
            let slowest = modes.iter().map(|mode| -mode.re).fold(f64::INFINITY, f64::min);
            let fastest = modes.iter().map(|mode| complex::norm(*mode)).fold(0.0, f64::max);
            let strength = learned.connections.strength.clone();
            let rate_error = rate_errors(state, &offset, &even);
            let strength_error = errors(learned, state, &rate_error);
            return Ok(LearnedRates { rates, offset, rate_error, strength_error, strength, slowest, fastest });
        }
    }
    Err(TheoryError::NotConverged { closure: NAME, residual: f64::NAN, iterations: ROUNDS })
}

/// Targets `[A]` in Hz; NaN where nothing learns.
fn targets(network: &SpikingNetwork) -> Result<Array1<f64>, TheoryError> {
    let n = network.names.len();
    let mut targets = Array1::from_elem(n, f64::NAN);
    for (a, b) in (0..n).flat_map(|a| (0..n).map(move |b| (a, b))) {
        let Some(rule) = network.rule(a, b) else { continue };
        if targets[a] != rule.target && !targets[a].is_nan() {
            let reason = "projections to a population have different targets";
            return Err(TheoryError::NotApplicable { closure: NAME, reason });
        }
        targets[a] = rule.target;
    }
    if targets.iter().all(|target| target.is_nan()) {
        return Err(TheoryError::NotApplicable { closure: NAME, reason: "nothing learns" });
    }
    Ok(targets)
}

/// What a step along the way adds to the magnitude of a strength: η r_b, times it where the rule is multiplicative.
fn pace(network: &SpikingNetwork, rates: &Array1<f64>, a: usize, b: usize) -> Option<f64> {
    let rule = network.rule(a, b)?;
    Some(match rule.rule {
        PairRule::Additive => rule.rate * rates[b],
        PairRule::Multiplicative => rule.rate * rates[b] * network.connections.strength[[a, b]].abs(),
    })
}

/// A network so far along the way of each population, and its state.
struct At {
    way: Array1<f64>,
    network: SpikingNetwork,
    state: SpikingRates,
}

impl At {
    fn along(
        network: &SpikingNetwork,
        targets: &Array1<f64>,
        even: &[bool],
        way: Array1<f64>,
    ) -> Result<At, TheoryError> {
        let network = along(network, targets, &way)?;
        let state = evened_rates(&network, even)?;
        Ok(At { way, network, state })
    }
}

/// The network with strengths so far along the way of each population, rates of sources being taken for their targets where they have one and for the mean target elsewhere:
/// where a population learns from one projection the way has one direction anyway.
fn along(network: &SpikingNetwork, targets: &Array1<f64>, way: &Array1<f64>) -> Result<SpikingNetwork, TheoryError> {
    let known: Vec<f64> = targets.iter().copied().filter(|target| !target.is_nan()).collect();
    let mean = known.iter().sum::<f64>() / known.len() as f64;
    let mut learned = network.clone();
    for ((a, b), strength) in learned.connections.strength.indexed_iter_mut() {
        let Some(rule) = network.rule(a, b) else { continue };
        let rate = rule.rate * if targets[b].is_nan() { mean } else { targets[b] };
        *strength = match rule.rule {
            PairRule::Additive => strength.signum() * (strength.abs() + way[a] * rate),
            PairRule::Multiplicative => *strength * libm::exp(way[a] * rate),
        };
        if *strength > 0.0 || !strength.is_finite() {
            return Err(TheoryError::NotApplicable {
                closure: NAME,
                reason: "strengths on the way to the targets would no longer inhibit",
            });
        }
    }
    Ok(learned)
}

/// Slopes of the rates that learn with steps of those populations along the way: (G⁻¹ − √N W) δr = √N δW r.
fn slopes(network: &SpikingNetwork, state: &SpikingRates, pupils: &[usize]) -> Result<Array2<f64>, TheoryError> {
    let c = &network.connections;
    let root = (c.size as f64).sqrt() / 1000.0;
    let inverse = Array2::from_diag(&state.gain.mapv(|gain| 1.0 / gain.max(1e-9))) - network.mean_coupling() * root;
    let mut slopes = Array2::zeros((pupils.len(), pupils.len()));
    for (column, &a) in pupils.iter().enumerate() {
        let mut drive = Array1::zeros(state.rates.len());
        for b in 0..state.rates.len() {
            if let Some(pace) = pace(network, &state.rates, a, b) {
                drive[a] -= root * c.probability[[a, b]] * c.shares[b] * pace * state.rates[b];
            }
        }
        let moved = inverse.solve(&drive).map_err(|_| TheoryError::Singular)?;
        pupils.iter().enumerate().for_each(|(row, &a)| slopes[[row, column]] = moved[a]);
    }
    Ok(slopes)
}

/// How far rates at rest are above their targets `[A]` in Hz.
fn offsets(network: &SpikingNetwork, state: &SpikingRates, even: &[bool]) -> Result<Array1<f64>, TheoryError> {
    let c = &network.connections;
    let (shared, root, counts) = (evened_covariances(network, even)?, (c.size as f64).sqrt(), c.counts());
    let n = counts.len();
    let slope_of_noise: Vec<f64> = (0..n)
        .map(|a| noise_slope(network, state, a))
        .collect::<Option<_>>()
        .ok_or(TheoryError::NotConverged { closure: NAME, residual: f64::NAN, iterations: 0 })?;
    let of = |a: usize| {
        let (mut covariance, mut weight) = (0.0, 0.0);
        for b in 0..n {
            let (Some(pace), Some(rule)) = (pace(network, &state.rates, a, b), network.rule(a, b)) else { continue };
            // The sum of what synapses bring is at rest: each counts as it learns, and as often as its source fires.
            let synapses = c.probability[[a, b]] * counts[b] as f64 * pace;
            let charge = c.strength[[a, b]] / root;
            let noisier = slope_of_noise[a] * charge * charge / (2.0 * network.synapses[b].tau);
            let direct = (state.gain[a] * charge + noisier) / 1000.0 * state.rates[b] * state.fano[b];
            let pair = shared[[a, b]] + (1.0 - c.probability[[a, b]]) * direct;
            covariance += synapses * pair / (rule.trace / 1000.0);
            weight += synapses * 2.0 * state.rates[b];
        }
        if weight > 0.0 { -covariance / weight } else { 0.0 }
    };
    Ok((0..n).map(of).collect())
}

/// d⟨r⟩ in Hz by the variance in time of the input of population a in (mV/ms)².
fn noise_slope(network: &SpikingNetwork, state: &SpikingRates, a: usize) -> Option<f64> {
    const STEP: f64 = 0.02;
    let variance = state.around[a].temporal.powi(2);
    let at = |factor: f64| {
        let around = Around { temporal: (variance * factor).sqrt(), ..state.around[a].clone() };
        average(network, a, state.input[a], &around).map(|sent| sent.rate)
    };
    Some((at(1.0 + STEP)? - at(1.0 - STEP)?) / (2.0 * STEP * variance.max(1e-12)))
}

/// Errors of rates: as far as populations learn, what is left out of the offset is taken for as large as it.
fn rate_errors(state: &SpikingRates, offset: &Array1<f64>, even: &[bool]) -> Array1<f64> {
    let of = |a: usize| if even[a] { offset[a].abs() } else { state.rate_error[a] };
    (0..even.len()).map(of).collect()
}

/// Errors of the strengths that learn: an error of the mean input, and of rates that make it, is made up for by those, in proportion to what they bring.
fn errors(network: &SpikingNetwork, state: &SpikingRates, rate_error: &Array1<f64>) -> Array2<f64> {
    let c = &network.connections;
    let root = (c.size as f64).sqrt() / 1000.0;
    Array2::from_shape_fn(c.strength.dim(), |(a, b)| {
        let brings = |b: usize| {
            let learns = network.rule(a, b).is_some();
            if learns {
                root * (c.probability[[a, b]] * c.strength[[a, b]] * c.shares[b] * state.rates[b]).abs()
            } else {
                0.0
            }
        };
        let through =
            |b: usize| root * (c.probability[[a, b]] * c.strength[[a, b]] * c.shares[b]).abs() * rate_error[b];
        let wrong = state.input_error[a] + (0..state.rates.len()).map(through).sum::<f64>();
        let all: f64 = (0..state.rates.len()).map(brings).sum();
        if brings(b) > 0.0 { wrong / all * c.strength[[a, b]].abs() } else { 0.0 }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::spiking::Plasticity;

    fn pair(trace: f64) -> SpikingNetwork {
        let mut network = SpikingNetwork::baker_2019_pair(5000);
        let rule = |rate, target| Some(Plasticity { rule: PairRule::Additive, rate, target, trace });
        network.plasticity[[0, 1]] = rule(1.0, 5.0);
        network.plasticity[[1, 1]] = rule(0.5, 10.0);
        network
    }

    #[test]
    fn rates_are_targets_and_offsets_that_traces_average_away() {
        let (short, long) =
            (learned_rates(&pair(100.0)).expect("a state"), learned_rates(&pair(400.0)).expect("a state"));
        for (a, target) in [5.0, 10.0].into_iter().enumerate() {
            assert!((short.rates[a] - target - short.offset[a]).abs() < 2.0 * LEFT, "{short:?}");
            assert!(short.offset[a] > 0.0, "inhibition comes before fewer spikes");
            // In proportion to 1/τ, but for what the strengths change.
            assert!((short.offset[a] / long.offset[a] - 4.0).abs() < 0.2, "{} {}", short.offset, long.offset);
        }
        assert!(short.slowest > 0.0 && short.strength_error[[0, 0]] == 0.0 && short.strength_error[[0, 1]] > 0.0);
        // These strengths are what makes these rates.
        let mut network = pair(100.0);
        network.connections.strength.assign(&short.strength);
        let state = evened_rates(&network, &[true, true]).expect("a state");
        assert!((state.rates - &short.rates).iter().all(|d| d.abs() < 1e-6));
    }

    /// How fast is decided by the rates of learning, where it ends is not; nor by the rule, where each population learns from one.
    #[test]
    fn the_way_is_not_the_end() {
        let slow = learned_rates(&pair(200.0)).expect("a state");
        let mut network = pair(200.0);
        for (a, rate) in [(0, 2e-3), (1, 1e-3)] {
            let rule = network.plasticity[[a, 1]].as_mut().expect("a rule");
            (rule.rule, rule.rate) = (PairRule::Multiplicative, rate);
        }
        let other = learned_rates(&network).expect("a state");
        let far = (&slow.strength / &other.strength - 1.0).iter().fold(0.0_f64, |most, d| most.max(d.abs()));
        assert!(far < 1e-3, "{} {}", slow.strength, other.strength);
        for a in 0..2 {
            network.plasticity[[a, 1]].as_mut().expect("a rule").rate *= 3.0;
        }
        let faster = learned_rates(&network).expect("a state");
        assert!((faster.slowest / other.slowest - 3.0).abs() < 1e-2, "{} {}", faster.slowest, other.slowest);
    }

    #[test]
    fn what_cannot_be_learned_is_refused() {
        let message = |network: &SpikingNetwork| learned_rates(network).expect_err("refused").to_string();
        assert!(message(&SpikingNetwork::baker_2019_pair(1000)).contains("nothing learns"));
        let mut two = pair(200.0);
        two.names = vec!["i1".into(), "i2".into()];
        two.connections.strength[[0, 0]] = -25.0;
        two.plasticity[[0, 0]] = Some(Plasticity { rule: PairRule::Additive, rate: 1.0, target: 7.0, trace: 200.0 });
        assert!(message(&two).contains("different targets"), "{}", message(&two));
        // Without any inhibition the inhibitory cells do not fire as fast.
        let mut high = pair(200.0);
        high.connections.strength[[1, 0]] = 1.0;
        high.plasticity[[1, 1]].as_mut().expect("a rule").target = 200.0;
        assert!(learned_rates(&high).is_err());
    }
}
