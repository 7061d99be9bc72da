//! One side of the comparison with other tools: seconds of computing a second of model time for Vogels et al.'s network, whose inhibition learns, and the rates
//! of its last second. Usage: `w3 seconds threads`; `w3 cost` tells what learning adds to the time of Zhu & Rosenbaum's network.

use model::spiking::Plasticity;
use model::{Seed, Spike, SpikingNetwork};
use simulation::spiking::{SpikingRun, stream_spiking};
use std::ops::ControlFlow;
use std::time::Instant;

/// Seconds that a run takes, and rates of the last second.
fn run(network: &SpikingNetwork, ms: f64, threads: usize) -> (f64, Vec<f64>) {
    let run = SpikingRun { sample: ms, ..SpikingRun::lasting(ms, 0.0) };
    let starts = network.starts();
    let mut counts = vec![0_u32; network.names.len()];
    let last = (ms / run.step) as u32 - (1000.0_f64.min(ms) / run.step) as u32;
    let mut listener = |spikes: &[Spike]| {
        for spike in spikes.iter().filter(|spike| spike.step >= last) {
            counts[starts.partition_point(|&start| start <= spike.cell as usize) - 1] += 1;
        }
        ControlFlow::Continue(())
    };
    let started = Instant::now();
    stream_spiking(network, &run, Seed(1), threads, &mut listener).expect("a network");
    let took = started.elapsed().as_secs_f64();
    (took, counts.iter().zip(starts.windows(2)).map(|(&n, w)| f64::from(n) / (w[1] - w[0]) as f64).collect())
}

/// Seconds a second of model time, less what setting up takes.
fn pace(network: &SpikingNetwork, seconds: f64, threads: usize) -> (f64, Vec<f64>) {
    let mut setups = [0.0; 4].map(|_: f64| run(network, 0.1, threads).0);
    setups[1..].sort_by(f64::total_cmp);
    let (took, rates) = run(network, 1000.0 * seconds, threads);
    ((took - setups[2]) / seconds, rates)
}

#[allow(clippy::print_stdout, reason = "its output is what it is for")]
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments == ["cost"] {
        // With what it has learned in the end, so that rates are the same.
        let learns = benches::zhu_rosenbaum_learned();
        let fixed = SpikingNetwork { plasticity: Plasticity::none(3), ..learns.clone() };
        let (learning, still) = (pace(&learns, 10.0, 1).0, pace(&fixed, 10.0, 1).0);
        println!("{{\"learning\": {learning}, \"strengths fixed\": {still}, \"ratio\": {}}}", learning / still);
        return;
    }
    let [seconds, threads] = arguments.as_slice() else { panic!("usage: w3 seconds threads, or w3 cost") };
    let (seconds, threads) = (seconds.parse().expect("a number"), threads.parse().expect("a number"));
    let (took, rates) = pace(&SpikingNetwork::vogels_2011(), seconds, threads);
    println!("{{\"seconds\": {took}, \"rates\": {rates:?}}}");
}
