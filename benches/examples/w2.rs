//! One side of the comparison with other tools: seconds of computing a second of model time for set A of Baker et al. at N cells.
//! Usage: `w2 N seconds threads`.

use simulation::spiking::{SpikingRun, run_spiking, spiking_memory};
use std::time::Instant;

#[allow(clippy::print_stdout, reason = "its output is what it is for")]
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [size, seconds, threads] = arguments.as_slice() else { panic!("usage: w2 N seconds threads") };
    let size: usize = size.parse().expect("a number");
    let seconds: f64 = seconds.parse().expect("a number");
    let threads: usize = threads.parse().expect("a number");
    let network = model::SpikingNetwork::baker_2019_pair(size);
    let run = |ms: f64| {
        let started = Instant::now();
        let run = SpikingRun { sample: ms, ..SpikingRun::lasting(ms, 0.0) };
        let activity = run_spiking(&network, &run, model::Seed(1), threads).expect("a network");
        (started.elapsed().as_secs_f64(), activity.rates())
    };
    // What a short run takes is set-up: it is taken off. The first one also asks the system for memory.
    let mut setups = [0.0; 4].map(|_: f64| run(0.1).0);
    setups[1..].sort_by(f64::total_cmp);
    let setup = setups[2];
    let (took, rates) = run(1000.0 * seconds);
    println!(
        "{{\"seconds\": {}, \"setup\": {setup}, \"rates\": {rates:?}, \"bytes\": {}}}",
        (took - setup) / seconds,
        spiking_memory(&network)
    );
}
