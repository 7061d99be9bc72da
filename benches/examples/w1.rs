//! One side of the comparison with other tools: milliseconds a step of the rate network, and f.
//!
//! `w1 RESPONSE N STEPS` prints one JSON object.

use model::{RateNetwork, Response, Seed};
use simulation::{RateSimulation, Scheme};
use std::time::Instant;

#[allow(clippy::print_stdout, reason = "its output is what it is for")]
fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, response, size, steps] = arguments.as_slice() else {
        panic!("usage: w1 RESPONSE N STEPS");
    };
    let response = *Response::ALL.iter().find(|r| r.name() == response).expect("a response");
    let (size, steps): (usize, usize) = (size.parse().expect("a size"), steps.parse().expect("a number of steps"));
    let network = RateNetwork::inhibitory(size, 2.0, 2.0, 0.5, 1.0, response);
    let mut simulation = RateSimulation::new(&network, Seed(1));
    let step = |simulation: &mut RateSimulation| simulation.step(0.02, Scheme::Euler);
    (0..2000).for_each(|_| step(&mut simulation));
    let mut active = 0;
    let mut seconds = 0.0;
    const BLOCK: usize = 50;
    for _ in 0..steps.div_ceil(BLOCK) {
        let started = Instant::now();
        (0..BLOCK).for_each(|_| step(&mut simulation));
        seconds += started.elapsed().as_secs_f64();
        active += simulation.x().iter().filter(|x| **x > 0.0).count();
    }
    let blocks = steps.div_ceil(BLOCK) as f64;
    println!(
        "{{\"ms\": {}, \"f\": {}, \"bytes\": {}}}",
        1e3 * seconds / (blocks * BLOCK as f64),
        active as f64 / (blocks * size as f64),
        simulation.bytes()
    );
}
