use model::spiking::*;
use model::*;
use ndarray::*;
use simulation::spiking::*;
use std::ops::ControlFlow;
use std::time::Instant;
fn main() {
    let mut n = SpikingNetwork::baker_2019_pair(5000);
    let root = 5000f64.sqrt();
    n.connections.external_shares = array![];
    n.connections.external_rates = array![];
    n.connections.external_probability = Array2::zeros((2, 0));
    n.connections.external_strength = Array2::zeros((2, 0));
    n.external_synapses = vec![];
    n.connections.strength = array![[500. / 15., -286.], [2250. / 15., -473.]];
    n.constant = vec![0.6 * root / 15.0, 0.4 * root / 15.0];
    n.floor = Some(-80.0);
    n.synapses[0] = Synapses::current(6.0);
    n.synapses[1] = Synapses::current(4.0);
    n.neurons = vec![Neuron::Exponential(model::neuron::Exponential {
        tau: 15.0,
        rest: -72.0,
        sharpness: 2.0,
        onset: -55.0,
        threshold: 0.0,
        reset: -73.0,
    })];
    let r = |rate, target| Some(Plasticity { rule: PairRule::Additive, rate, target, trace: 200.0 });
    let fixed = n.clone();
    n.plasticity[[0, 1]] = r(4.0 / 15.0, 4.0);
    n.plasticity[[1, 1]] = r(2.0 / 15.0, 8.0);
    let mut lists = fixed.clone();
    lists.synapses[1].spread = Some(Spread { law: WeightLaw::Gamma, variation: 0.15 });
    let run = SpikingRun { sample: 20000.0, ..SpikingRun::lasting(20000.0, 0.0) };
    for round in 0..3 {
        for (name, n) in [("fixed", &fixed), ("lists", &lists), ("learns", &n)] {
            let t = Instant::now();
            let mut c = 0usize;
            let mut l = |s: &[Spike]| {
                c += s.len();
                ControlFlow::Continue(())
            };
            stream_spiking(n, &run, Seed(1), 1, &mut l).unwrap();
            println!(
                "{round} {name} {:.4} s/s  mean rate {:.3}",
                t.elapsed().as_secs_f64() / 20.0,
                c as f64 / 5000. / 20.
            );
        }
    }
}
