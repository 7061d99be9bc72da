//! One side of the cross-check with other simulators: spikes of set A, with 8 ms for external synapses too, as two little-endian u32 a spike
//! (step, cell). Usage: `crosscheck N seconds seed FILE`.

use model::SpikingNetwork;
use simulation::spiking::{SpikingRun, run_spiking};
use std::io::Write;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [size, seconds, seed, file] = arguments.as_slice() else { panic!("usage: crosscheck N seconds seed FILE") };
    let mut network = SpikingNetwork::baker_2019_pair(size.parse().expect("a number"));
    network.floor = None;
    network.external_synapses[0].tau = 8.0;
    let run = SpikingRun::lasting(1000.0 * seconds.parse::<f64>().expect("a number"), 0.0);
    let activity = run_spiking(&network, &run, model::Seed(seed.parse().expect("a number")), 1).expect("a network");
    let bytes: Vec<u8> =
        activity.spikes.events.iter().flat_map(|s| [s.step.to_le_bytes(), s.cell.to_le_bytes()]).flatten().collect();
    std::fs::File::create(file).and_then(|mut f| f.write_all(&bytes)).expect("FILE can be written");
}
