//! Networks that papers have made known.

use super::{PairRule, Plasticity, SpikingNetwork, Synapses};
use crate::neuron::{Exponential, Leaky};
use crate::{BernoulliNetwork, Neuron};
use ndarray::{Array1, Array2, arr2, array};

impl SpikingNetwork {
    /// Exponential neurons and synapses of Baker et al.'s networks between populations with these connections; those named i inhibit with
    /// 4 ms, others excite with 8 ms, external ones with 10 ms.
    ///
    /// Source: Baker, Ebsch, Lampl & Rosenbaum, Phys Rev E 99: 052414 (2019), the authors' code.
    pub fn baker_2019(names: &[&str], connections: BernoulliNetwork) -> Self {
        let synapses = names.iter().map(|name| Synapses::current(if *name == "i" { 4.0 } else { 8.0 })).collect();
        let external_synapses = vec![Synapses::current(10.0); connections.external_shares.len()];
        SpikingNetwork {
            names: names.iter().map(|name| (*name).into()).collect(),
            constant: vec![],
            floor: Some(-100.0),
            refractory: 0.0,
            connections,
            correlation: None,
            synapses,
            external_synapses,
            plasticity: Plasticity::none(names.len()),
            neurons: vec![Neuron::Exponential(Exponential {
                tau: 15.0,
                rest: -72.0,
                sharpness: 1.0,
                onset: -55.0,
                threshold: -50.0,
                reset: -75.0,
            })],
        }
    }

    /// Set A of the family: an excitatory and an inhibitory population of N units in all, driven by N/5 Poisson processes at 10 Hz.
    pub fn baker_2019_pair(size: usize) -> Self {
        Self::baker_2019(
            &["e", "i"],
            BernoulliNetwork {
                size,
                shares: array![0.8, 0.2],
                probability: Array2::from_elem((2, 2), 0.1),
                strength: array![[25.0, -150.0], [112.5, -250.0]],
                external_shares: array![0.2],
                external_rates: array![10.0],
                external_probability: Array2::from_elem((2, 1), 0.1),
                external_strength: array![[180.0], [135.0]],
            },
        )
    }

    /// 8000 excitatory and 2000 inhibitory leaky neurons with conductances, p = .02, whose inhibition of the excitatory ones is next to nothing at first and learns, towards
    /// 3 Hz. C = 200 pF: conductances of .3 nS (5 ms, 0 mV) and 3 nS (10 ms, −80 mV), 200 pA to all cells.
    ///
    /// Source: Vogels et al., Science 334: 1569 (2011), as their published example for a simulator has it.
    pub fn vogels_2011() -> Self {
        const SIZE: usize = 10_000;
        const CAPACITANCE: f64 = 200.0;
        let charge = |conductance: f64, tau: f64| conductance * tau / CAPACITANCE * (SIZE as f64).sqrt();
        let (excites, inhibits) = (charge(0.3, 5.0), charge(3.0, 10.0));
        let synapses = |tau, reversal| Synapses { reversal: Some(reversal), ..Synapses::current(tau) };
        let mut plasticity = Plasticity::none(2);
        // η = .01 nS for traces that jump by 1 and decay with 20 ms: theirs are 1/50 Hz.
        let rate = charge(0.01, 10.0) / 50.0;
        plasticity[[0, 1]] = Some(Plasticity { rule: PairRule::Additive, rate, target: 3.0, trace: 20.0 });
        SpikingNetwork {
            names: vec!["e".into(), "i".into()],
            constant: vec![1.0, 1.0],
            floor: None,
            refractory: 5.0,
            connections: BernoulliNetwork {
                size: SIZE,
                shares: array![0.8, 0.2],
                probability: Array2::from_elem((2, 2), 0.02),
                strength: array![[excites, 1e-6 * inhibits], [excites, inhibits]],
                external_shares: array![],
                external_rates: array![],
                external_probability: Array2::zeros((2, 0)),
                external_strength: Array2::zeros((2, 0)),
            },
            correlation: None,
            synapses: vec![synapses(5.0, 0.0), synapses(10.0, -80.0)],
            external_synapses: vec![],
            plasticity,
            neurons: vec![Neuron::Leaky(Leaky { tau: 20.0, rest: -60.0, threshold: -50.0, reset: -60.0 })],
        }
    }

    /// The talk's network with plasticity: currents of (.4, .3)√N mV in τ_m dV/dt, all inhibition learning by its multiplicative rule, towards 8 and 10 Hz.
    ///
    /// Source: the talk's code, oral.m. Which neurons it has is not known: these are those of the talk's recurrent network but for τ_m, chosen among several after comparing what they learn
    /// (rates are the same, strengths differ by some 10 %).
    pub fn zhu_2020_talk() -> Self {
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
    pub fn zhu_rosenbaum() -> Self {
        const TAU: f64 = 15.0;
        let root = 5000_f64.sqrt();
        let row = [500.0, 500.0, -3500.0];
        let strength = arr2(&[row, row, [2250.0, 2250.0, -5000.0]]) / TAU;
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
}

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
