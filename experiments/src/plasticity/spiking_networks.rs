//! Spiking networks of the sources: the talk's, and Zhu & Rosenbaum's.

use lab::{Outcome, SeriesTable};
use model::neuron::Exponential;
use model::spiking::{PairRule, Plasticity, Synapses};
use model::{BernoulliNetwork, Neuron, SpikingNetwork};
use ndarray::{Array1, Array2, array};
use systems::plastic_spiking::Measured;

/// What numbers of an independent simulation may differ by, relative: it lets currents decay after a spike has been added, so that charges are smaller by 2.5 % (τ = 4 ms) or 1.7 % (6 ms),
/// and is granted twice that.
pub const OTHER_STEPS: f64 = 0.05;

/// Populations that are all connected alike, and driven by constant currents.
fn driven(names: &[&str], shares: Array1<f64>, p: f64, strength: Array2<f64>, constant: Vec<f64>) -> SpikingNetwork {
    let none = || Array2::zeros((names.len(), 0));
    let connections = BernoulliNetwork {
        size: 5000,
        shares,
        probability: Array2::from_elem((names.len(), names.len()), p),
        strength,
        external_shares: array![],
        external_rates: array![],
        external_probability: none(),
        external_strength: none(),
    };
    SpikingNetwork { constant, external_synapses: vec![], ..SpikingNetwork::baker_2019(names, connections) }
}

/// The talk's network with plasticity: currents of (.4, .3)√N mV in τ_m dV/dt, all inhibition learning by its multiplicative rule, towards 8 and 10 Hz.
///
/// Source: the talk's code, oral.m; neurons, for which it is not known, as in the talk's recurrent network.
pub fn talk() -> SpikingNetwork {
    const TAU: f64 = 15.0;
    let root = 5000_f64.sqrt();
    let strength = array![[50.0, -300.0], [225.0, -500.0]];
    let mut network =
        driven(&["e", "i"], array![0.8, 0.2], 0.05, strength, [0.4, 0.3].map(|x| x * root / TAU).to_vec());
    network.floor = None;
    network.neurons = vec![Neuron::Exponential(Exponential {
        tau: TAU,
        rest: -72.0,
        sharpness: 2.0,
        onset: -55.0,
        threshold: 0.0,
        reset: -72.0,
    })];
    let rule = |rate, target| Some(Plasticity { rule: PairRule::Multiplicative, rate, target, trace: 200.0 });
    network.plasticity[[0, 1]] = rule(3e-3, 8.0);
    network.plasticity[[1, 1]] = rule(2e-3, 10.0);
    network
}

/// Zhu & Rosenbaum's network with two excitatory halves: currents of (.6, .4)√N mV in τ_m dV/dt, all inhibition learning by the additive rule, towards 4 and 8 Hz.
///
/// Source: the authors' code.
pub fn zhu_rosenbaum() -> SpikingNetwork {
    const TAU: f64 = 15.0;
    let root = 5000_f64.sqrt();
    let row = [500.0, 500.0, -3500.0];
    let strength = ndarray::arr2(&[row, row, [2250.0, 2250.0, -5000.0]]) / TAU;
    let constant = [0.6, 0.6, 0.4].map(|x| x * root / TAU).to_vec();
    let mut network = driven(&["e1", "e2", "i"], array![0.4, 0.4, 0.2], 0.1, strength, constant);
    network.floor = Some(-80.0);
    network.synapses = vec![Synapses::current(6.0), Synapses::current(6.0), Synapses::current(4.0)];
    network.neurons = vec![Neuron::Exponential(Exponential {
        tau: TAU,
        rest: -72.0,
        sharpness: 2.0,
        onset: -55.0,
        threshold: 0.0,
        reset: -73.0,
    })];
    // 4000/√N mV/kHz of J, which is j τ_m/√N.
    let rule = |rate, target| Some(Plasticity { rule: PairRule::Additive, rate: rate / TAU, target, trace: 200.0 });
    for (a, rate, target) in [(0, 4.0, 4.0), (1, 4.0, 4.0), (2, 2.0, 8.0)] {
        network.plasticity[[a, 2]] = rule(rate, target);
    }
    network
}

/// Adds rates of all trials, means over realisations, at their times in s or their numbers: quantity "rate, LABEL", a curve for each population.
pub fn show_rates(outcome: &mut Outcome, measured: &Measured, at: impl Fn(usize) -> f64) {
    let label = &measured.case.label;
    for (a, name) in measured.case.system.network.names.iter().enumerate() {
        for k in 0..measured.case.system.trials() {
            let rate = measured.estimate(|seen| seen.trials[k].rates[a]).mean;
            outcome.series.point(&format!("rate, {label}"), name, at(k), rate);
        }
    }
}

/// Adds mean strengths after each trial, over those before: quantity "strength, LABEL", a curve for each population that inhibition learns for.
pub fn show_strengths(series: &mut SeriesTable, measured: &Measured, at: impl Fn(usize) -> f64) {
    let lab::Case { label, system, .. } = &measured.case;
    for (k, learned) in measured.seen[0].learned.iter().enumerate() {
        for (p, projection) in learned.iter().enumerate() {
            let relative = relative_strength(measured, k, p);
            series.point(&format!("strength, {label}"), &system.network.names[projection.to], at(k), relative);
        }
    }
}

/// Mean over realisations of a projection's mean strength after a trial, over that before.
pub fn relative_strength(measured: &Measured, trial: usize, projection: usize) -> f64 {
    let strength = &measured.case.system.network.connections.strength;
    let of = |learned: &simulation::spiking::Learned| learned.mean / strength[[learned.to, learned.from]];
    measured.estimate(|seen| of(&seen.learned[trial][projection])).mean
}
