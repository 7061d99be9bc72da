//! Rates of networks of integrate-and-fire neurons at finite N.

mod learned;
mod noise;
mod stability;

pub use learned::{LearnedRates, learned_rates};
pub use stability::{GrowingModes, growing_modes};

use crate::TheoryError;
use crate::anderson::Anderson;
use crate::neuron::rheobase;
use model::{Neuron, SpikingNetwork};
use ndarray::{Array1, Array2, ArrayView1};
use ndarray_linalg::{Inverse, Solve};
use noise::{Around, Noise, Sent, average, averaged, cells};
use rayon::prelude::*;

/// r = −W⁻¹(X − I/√N) `[A]` in Hz, from the mean total input I `[A]` in mV/ms: an identity, up to the draw of connections, at any N. `None`
/// where W is singular.
///
/// Source: semi-balance page, 2.6; Derivation (34).
pub fn rates_given_input(network: &SpikingNetwork, input: &Array1<f64>) -> Option<Array1<f64>> {
    let root = (network.connections.size as f64).sqrt();
    let right = input.mapv(|i| 1000.0 * i / root) - network.mean_drive();
    network.mean_coupling().solve(&right).ok()
}

/// Stationary rates of a network, and what its cells receive.
#[derive(Clone, Debug, PartialEq)]
pub struct SpikingRates {
    /// ⟨r⟩ `[A]` in Hz.
    pub rates: Array1<f64>,
    /// Standard deviation of r over cells `[A]` in Hz.
    pub diversity: Array1<f64>,
    /// Variance of a cell's counts over long times, relative to a Poisson process; mean over cells `[A]`, weighted with r.
    pub fano: Array1<f64>,
    /// Mean over cells of the mean input `[A]` in mV/ms.
    pub input: Array1<f64>,
    /// Standard deviation over cells of the mean input `[A]` in mV/ms.
    pub quenched: Array1<f64>,
    /// Standard deviation in time of the input of a cell `[A]` in mV/ms.
    pub temporal: Array1<f64>,
    /// d⟨r⟩/dI `[A]` in Hz per mV/ms, the noise being as it is.
    pub gain: Array1<f64>,
    /// What the mean inputs may be wrong by `[A]` in mV/ms.
    pub input_error: Array1<f64>,
    /// What the rates may be wrong by `[A]` in Hz: what the errors of inputs and the skewness of shot noise do at these inputs, or what balance leaves of it, W⁻¹δI/√N,
    /// where that is less.
    pub rate_error: Array1<f64>,
    /// What surrounds the mean inputs `[A]`.
    around: Vec<Around>,
}

/// Error of a mean input over σ/√K, σ being the deviation of the input in time and K the smallest mean number of inputs from a population of the
/// network: what is left out first, the skewness of noise that few strong inputs make and that of slow fluctuations, is of this order. The factor covers
/// 99 % of the populations in one draw of random networks (seed 2026), none of which any other figure shows; the figure `calibration/spiking` judges it on
/// another.
pub const INPUT_ERROR: f64 = 1.3;

/// K: the smallest mean number of inputs to population a from any population that sends to it, external ones included; infinite where none does.
pub fn fewest_inputs(network: &SpikingNetwork, a: usize) -> f64 {
    let c = &network.connections;
    let fewest = |p: ArrayView1<f64>, j: ArrayView1<f64>, counts: Vec<usize>| {
        let all = p.iter().zip(j).zip(counts).filter(|((p, j), _)| **p > 0.0 && **j != 0.0);
        all.map(|((p, _), n)| p * n as f64).fold(f64::INFINITY, f64::min)
    };
    let own = fewest(c.probability.row(a), c.strength.row(a), c.counts());
    own.min(fewest(c.external_probability.row(a), c.external_strength.row(a), c.external_counts()))
}

/// Whether silence is a state of the network too: without external spikes nobody fires if no constant current is above its neuron's rheobase. Which state
/// is reached then depends on the start, and a theory of one of them claims nothing.
pub fn may_be_silent(network: &SpikingNetwork) -> bool {
    let c = &network.connections;
    let below = |a: usize| {
        // Currents are divided by the capacitance, thresholds are voltages.
        let current = network.constant(a) * network.neuron(a).membrane();
        match network.neuron(a) {
            Neuron::Leaky(neuron) => current <= neuron.threshold - neuron.rest,
            Neuron::Exponential(neuron) => current <= rheobase(neuron),
            Neuron::HodgkinHuxley(_) => false,
        }
    };
    let noise = (&c.external_probability * &c.external_strength).iter().any(|sent| *sent != 0.0);
    !noise && (0..network.names.len()).all(below)
}

/// Σ_b |W⁻¹_ab| δI_b/√N in Hz: rates depend on inputs as the identity of [`rates_given_input`] says. Infinite where W is singular.
fn balanced_error(network: &SpikingNetwork, input_error: &Array1<f64>) -> Array1<f64> {
    let Ok(inverse) = network.mean_coupling().inv() else {
        return Array1::from_elem(network.names.len(), f64::INFINITY);
    };
    let root = (network.connections.size as f64).sqrt();
    let all = inverse.mapv(f64::abs).dot(input_error) * 1000.0 / root;
    all.mapv(|e| if e.is_finite() { e } else { f64::INFINITY })
}

/// Steps of Newton's method at most, for each of so many rounds of noise.
const STEPS: usize = 60;
const ROUNDS: usize = 60;

/// Relative change of rates that is left.
const SETTLED: f64 = 1e-6;

/// Distance in mV/ms over which slopes are taken.
const NEAR: f64 = 0.01;

/// Time constant in ms through which spike trains show their variance over long times.
const LONG: f64 = 300.0;

/// Self-consistent rates at finite N, without a free parameter.
///
/// μ = √N(W r + X) is the mean over cells of their mean input. In-degrees spread it: var = Σ_b (p m₂ − p²) j² q_b ⟨r_b²⟩, m₂ = ⟨J²⟩/j² being 1
/// where strengths are equal, with the skewness of sums of p N q_b terms. In time it fluctuates as filtered spikes do: variance
/// Σ_b (p m₂ − p²) j² q_b ⟨r_b F_b⟩/2τ_b, F_b being how regular the spikes of b are (1 for external ones, which are Poisson), with the correlation
/// time that gives the sum its power at 0, spikes being as regular there as a membrane sees them. Less p², since what all cells share is balanced
/// away; not so in networks without recurrent connections. Each cell fires as [`filtered_firing`](crate::neuron::filtered_firing) says.
///
/// *Assumes* an asynchronous state, many small inputs, currents (no conductances), independent external trains. Source: Derivation (35),
/// where the error is measured (figure `calibration/spiking`).
///
/// # Errors
/// [`TheoryError::NotApplicable`], and [`TheoryError::NotConverged`] where no state is found.
pub fn spiking_rates(network: &SpikingNetwork) -> Result<SpikingRates, TheoryError> {
    evened_rates(network, &[])
}

/// Rates as of [`spiking_rates`] where the cells of some populations, `even` `[A]` or none of them if empty, all have the same mean input: inhibition that has learned makes up for
/// their in-degrees.
///
/// # Errors
/// Errors of [`spiking_rates`].
pub fn evened_rates(network: &SpikingNetwork, even: &[bool]) -> Result<SpikingRates, TheoryError> {
    if !network.is_current_based() {
        return Err(TheoryError::NotApplicable { closure: NAME, reason: "conductances have no W" });
    }
    if network.correlation.is_some() {
        return Err(TheoryError::NotApplicable { closure: NAME, reason: "external trains are correlated" });
    }
    let noise = Noise::of(network, even);
    let n = network.names.len();
    let mut input = Array1::from_shape_fn(n, |a| onset(network, a));
    let mut sent = vec![Sent { rate: 10.0, square: 100.0, cube: 1000.0, filtered: 10.0, slow: 10.0 }; n];
    let failed = |residual| TheoryError::NotConverged { closure: NAME, residual, iterations: ROUNDS };
    let mut left = f64::NAN;
    let mut anderson = Anderson::default();
    for round in 0..ROUNDS {
        let around = noise.at(&sent);
        if (0..n).any(|a| runs_away(network, a, &around[a])) {
            return Err(TheoryError::NotConverged { closure: NAME, residual: left, iterations: round });
        }
        input = balance(network, &around, input)?;
        let now: Vec<Sent> = (0..n)
            .into_par_iter()
            .map(|a| {
                let through = [network.synapses[a].tau, network.neuron(a).membrane()];
                let (sent, seen) = averaged(network, a, input[a], (&around[a], 0.0), &through)?;
                Some(Sent { filtered: seen[0], slow: seen[1], ..sent })
            })
            .collect::<Option<_>>()
            .ok_or(failed(left))?;
        let change = |(a, b): (&Sent, &Sent)| (a.filtered - b.filtered).abs() / (1.0 + a.filtered);
        let worst = |most: f64, c: f64| if c.is_nan() { f64::INFINITY } else { most.max(c) };
        left = now.iter().zip(&sent).map(change).fold(0.0, worst);
        if left < SETTLED {
            return answer(network, &noise, &now, input, around).ok_or(failed(left));
        }
        let image = Sent::logarithms(&now);
        let away = anderson.next(Sent::logarithms(&sent), &image) - &image;
        // Not further than a factor from where a plain round leads.
        let next = image + away.mapv(|d| d.clamp(-0.3, 0.3));
        sent = now.iter().zip(next.exact_chunks(4)).map(|(now, logs)| now.with(logs)).collect();
    }
    Err(failed(left))
}

/// Whether noise moves free membranes of population a by so many times the way from reset to threshold that no state is near.
fn runs_away(network: &SpikingNetwork, a: usize, around: &Around) -> bool {
    const MOST: f64 = 5.0;
    let way = match network.neuron(a) {
        Neuron::Exponential(n) => n.threshold - n.reset,
        Neuron::Leaky(n) => n.threshold - n.reset,
        Neuron::HodgkinHuxley(_) => return false,
    };
    let free = around.temporal * network.neuron(a).membrane();
    free.is_nan() || free > MOST * way
}

/// What is said of a network whose rounds have settled.
fn answer(
    network: &SpikingNetwork,
    noise: &Noise,
    sent: &[Sent],
    input: Array1<f64>,
    around: Vec<Around>,
) -> Option<SpikingRates> {
    let each = |of: &dyn Fn(usize) -> Option<f64>| (0..sent.len()).map(of).collect::<Option<Array1<f64>>>();
    let long = each(&|a| averaged(network, a, input[a], (&around[a], 0.0), &[LONG]).map(|(_, seen)| seen[0]))?;
    let (mut gain, mut squares) = (Array1::zeros(sent.len()), Array1::zeros(sent.len()));
    for a in 0..sent.len() {
        let at = |away: f64| cells(network, a, input[a] + away, &around[a]);
        let (low, high) = (at(-NEAR)?, at(NEAR)?);
        let mean = |all: &[(f64, f64)]| all.iter().map(|(weight, rate)| weight * rate).sum::<f64>();
        gain[a] = (mean(&high) - mean(&low)) / (2.0 * NEAR);
        let slope =
            |((_, low), (weight, high)): (&(f64, f64), &(f64, f64))| weight * ((high - low) / (2.0 * NEAR)).powi(2);
        squares[a] = low.iter().zip(&high).map(slope).sum();
    }
    let fano = slow_noise(noise, sent, &long, &squares);
    let skewed = each(&|a| {
        let (skewed, _) = averaged(network, a, input[a], (&around[a], around[a].asymmetry), &[])?;
        Some((skewed.rate - sent[a].rate).abs())
    })?;
    let input_error: Array1<f64> = around
        .iter()
        .enumerate()
        .map(|(a, around)| INPUT_ERROR * around.temporal / fewest_inputs(network, a).sqrt())
        .collect();
    let shifted = each(&|a| {
        let shifted = average(network, a, input[a] + input_error[a], &around[a])?;
        Some(shifted.rate - sent[a].rate)
    })?;
    let least = |(alone, balanced): (&f64, &f64)| alone.min(*balanced);
    Some(SpikingRates {
        rates: sent.iter().map(|s| s.rate).collect(),
        diversity: sent.iter().map(|s| (s.square - s.rate * s.rate).max(0.0).sqrt()).collect(),
        fano,
        input,
        quenched: around.iter().map(|a| a.quenched).collect(),
        temporal: around.iter().map(|a| a.temporal).collect(),
        gain,
        rate_error: (shifted + skewed).iter().zip(&balanced_error(network, &input_error)).map(least).collect(),
        input_error,
        around,
    })
}

/// Fano factors, with what slow noise adds to first order.
///
/// Noise of correlation time τ_s has the power of spikes as a membrane sees them. Slower than that there is more, by
/// Σ_b v_b(⟨r_b F_b(T)⟩ − ⟨r_b F_b(τ_m)⟩), and rates follow it: ⟨(dr/dI)²⟩ times it comes to ⟨r F(T)⟩. Source: Derivation (36).
fn slow_noise(noise: &Noise, sent: &[Sent], long: &Array1<f64>, squares: &Array1<f64>) -> Array1<f64> {
    let slower: Array1<f64> = long.iter().zip(sent).map(|(long, sent)| long - sent.slow).collect();
    // Rates and slopes are in Hz.
    let added = |a: usize| squares[a] / 1e6 * slower.iter().zip(noise.felt.row(a)).map(|(s, v)| s * v).sum::<f64>();
    // Spikes of a population that is silent count as a Poisson process.
    let fano = |(a, s): (usize, &Sent)| if s.rate > 0.0 { (long[a] + added(a)) / s.rate } else { 1.0 };
    sent.iter().enumerate().map(fano).collect()
}

/// Name of the closure, in errors.
const NAME: &str = "self-consistent rates at finite N";

/// Mean inputs at given noise: Newton's method on I/√N = W f(I) + X, halved where it does not help.
fn balance(network: &SpikingNetwork, around: &[Around], start: Array1<f64>) -> Result<Array1<f64>, TheoryError> {
    let failed = |residual| TheoryError::NotConverged { closure: NAME, residual, iterations: STEPS };
    let (w, x) = (network.mean_coupling() / 1000.0, network.mean_drive() / 1000.0);
    let root = (network.connections.size as f64).sqrt();
    let n = x.len();
    let rates = |input: &Array1<f64>| -> Result<Array1<f64>, TheoryError> {
        let of = |a: usize| average(network, a, input[a], &around[a]).map(|sent| sent.rate);
        let rates: Option<Vec<f64>> = (0..n).into_par_iter().map(of).collect();
        rates.map(Array1::from).ok_or(failed(f64::NAN))
    };
    let unbalanced = |input: &Array1<f64>, rates: &Array1<f64>| input / root - w.dot(rates) - &x;
    // NaN is never small.
    let size = |residual: &Array1<f64>| {
        residual.iter().fold(0.0_f64, |most, v| if v.is_nan() { f64::INFINITY } else { most.max(v.abs()) })
    };
    let scale = x.iter().fold(0.0_f64, |most, v| most.max(v.abs())).max(1e-6);
    let mut input = start;
    let mut found = rates(&input)?;
    let mut residual = unbalanced(&input, &found);
    for _ in 0..STEPS {
        if size(&residual) < 1e-10 * scale {
            return Ok(input);
        }
        let h = 1e-3;
        let slopes = (rates(&(&input + h))? - &found) / h;
        let jacobian =
            Array2::from_shape_fn((n, n), |(a, b)| f64::from(u8::from(a == b)) / root - w[[a, b]] * slopes[b]);
        let step = jacobian.solve(&residual).map_err(|_| TheoryError::Singular)?;
        // Curves bend within some tenths of mV/ms.
        let mut length = (0.5 / size(&step)).min(1.0);
        loop {
            let next = &input - &(&step * length);
            let at_next = rates(&next)?;
            let left = unbalanced(&next, &at_next);
            if size(&left) < size(&residual) || length < 1e-3 {
                (input, found, residual) = (next, at_next, left);
                break;
            }
            length *= 0.5;
        }
    }
    Err(failed(size(&residual)))
}

/// A current at which neurons of population a begin to fire, in mV/ms.
fn onset(network: &SpikingNetwork, a: usize) -> f64 {
    match network.neuron(a) {
        Neuron::Exponential(n) => 0.5 * rheobase(n) / n.tau,
        Neuron::Leaky(n) => 0.5 * (n.threshold - n.rest) / n.tau,
        Neuron::HodgkinHuxley(_) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::WeightLaw;
    use model::spiking::{Correlation, Spread};
    use ndarray::array;

    fn pair(size: usize) -> SpikingNetwork {
        SpikingNetwork::baker_2019_pair(size)
    }

    #[test]
    fn inputs_are_those_of_the_rates_and_balance_is_approached() {
        let limit = array![99.0 / 17.0, 270.0 / 17.0];
        let distance = |size| {
            let found = spiking_rates(&pair(size)).expect("a state");
            let given = rates_given_input(&pair(size), &found.input).expect("regular");
            assert!((&given - &found.rates).iter().all(|d| d.abs() < 1e-6), "{given} {}", found.rates);
            (&found.rates - &limit).iter().fold(0.0_f64, |most, d| most.max(d.abs()))
        };
        let ratio = distance(40_000) / distance(640_000);
        assert!((ratio / 4.0 - 1.0).abs() < 0.1, "{ratio}");
    }

    #[test]
    fn constant_currents_balance_without_noise_of_their_own() {
        let by_spikes = pair(10_000);
        let mut by_current = by_spikes.clone();
        by_current.constant = by_spikes.mean_drive().iter().map(|x| x * 100.0 / 1000.0).collect();
        by_current.connections.external_rates[0] = 0.0;
        let (a, b) = (spiking_rates(&by_spikes).expect("a state"), spiking_rates(&by_current).expect("a state"));
        assert!(b.temporal.iter().zip(&a.temporal).all(|(b, a)| b < a));
        assert!(b.quenched.iter().zip(&a.quenched).all(|(b, a)| b < a));
        let given = rates_given_input(&by_current, &b.input).expect("regular");
        assert!((&given - &b.rates).iter().all(|d| d.abs() < 1e-6), "{given} {}", b.rates);
    }

    #[test]
    fn broad_strengths_make_noise_by_their_second_moment() {
        // Fed forward, so that nothing else changes: m₂ = 2 where p = .1.
        let mut equal = pair(5000);
        equal.connections.strength.fill(0.0);
        equal.connections.external_rates[0] = 3.0;
        let mut broad = equal.clone();
        broad.external_synapses[0].spread = Some(Spread { law: WeightLaw::Gamma, variation: 1.0 });
        let (equal, broad) = (spiking_rates(&equal).expect("a state"), spiking_rates(&broad).expect("a state"));
        let is =
            |a: &Array1<f64>, b: &Array1<f64>, ratio: f64| a.iter().zip(b).all(|(a, b)| (a / b - ratio).abs() < 1e-9);
        assert!(is(&broad.input, &equal.input, 1.0));
        assert!(is(&broad.temporal, &equal.temporal, 2_f64.sqrt()));
        assert!(is(&broad.quenched, &equal.quenched, (1.9_f64 / 0.9).sqrt()));
        // Recurrent networks balance all the same.
        let mut broad = pair(5000);
        broad.synapses[1].spread = Some(Spread { law: WeightLaw::LogNormal, variation: 1.0 });
        let found = spiking_rates(&broad).expect("a state");
        let given = rates_given_input(&broad, &found.input).expect("regular");
        assert!((&given - &found.rates).iter().all(|d| d.abs() < 1e-6), "{given} {}", found.rates);
    }

    #[test]
    fn strong_and_weak_drives_have_states() {
        for (size, rate) in [(500, 2.0), (500, 0.5), (1908, 15.0), (1908, 20.0), (500, 40.0), (20_000, 1.0)] {
            let mut network = pair(size);
            network.connections.external_rates[0] = rate;
            let found = spiking_rates(&network);
            assert!(found.is_ok(), "{size} {rate} {found:?}");
        }
    }

    #[test]
    fn what_it_does_not_hold_for_is_refused() {
        let mut correlated = pair(1000);
        correlated.correlation = Some(Correlation { share: 0.1, jitter: 5.0 });
        assert!(matches!(spiking_rates(&correlated), Err(TheoryError::NotApplicable { .. })));
        let mut runaway = pair(1000);
        runaway.connections.strength[[0, 1]] = 0.0;
        runaway.connections.strength[[1, 0]] = 0.0;
        assert!(spiking_rates(&runaway).is_err());
    }
}
