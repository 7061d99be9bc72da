//! Seconds that the theory of spiking networks takes on one core: `theory SIZE` prints one JSON object for set A of Baker et al.

use meanfield::{pair_covariances, spiking_rates};
use std::time::Instant;

#[allow(clippy::print_stdout, reason = "its output is what it is for")]
fn main() {
    let size = std::env::args().nth(1).expect("usage: theory SIZE").parse().expect("a number");
    let network = model::SpikingNetwork::baker_2019_pair(size);
    let started = Instant::now();
    let rates = spiking_rates(&network).expect("a state");
    let state = started.elapsed().as_secs_f64();
    let started = Instant::now();
    let covariances = pair_covariances(&network).expect("a state");
    let pairs = started.elapsed().as_secs_f64();
    println!(
        "{{\"rates\": {}, \"r\": {:?}, \"covariances\": {pairs}, \"c\": {:?}}}",
        state,
        rates.rates.to_vec(),
        covariances.as_slice()
    );
}
