//! A tenth of a second of set A, set-up included: N = 5000 and 20000.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use model::spiking::Spread;
use model::{Seed, SpikingNetwork, WeightLaw};
use simulation::spiking::{Adjacency, SpikingRun, run_spiking};

fn spiking(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("spiking, 100 ms");
    group.sample_size(10);
    for size in [5000, 20_000] {
        let network = SpikingNetwork::baker_2019_pair(size);
        let run = SpikingRun { sample: 100.0, ..SpikingRun::lasting(100.0, 0.0) };
        group.throughput(Throughput::Elements(1000 * size as u64));
        group.bench_with_input(BenchmarkId::from_parameter(size), &network, |bencher, network| {
            bencher.iter(|| run_spiking(network, &run, Seed(1), 1).expect("a network"));
        });
    }
    // Lists: few connections, and strengths that differ.
    let run = SpikingRun { sample: 100.0, ..SpikingRun::lasting(100.0, 0.0) };
    let mut few = SpikingNetwork::baker_2019_pair(20_000);
    few.connections.probability.fill(0.02);
    let mut differ = SpikingNetwork::baker_2019_pair(5000);
    let spread = Some(Spread { law: WeightLaw::Gamma, variation: 0.5 });
    differ.synapses.iter_mut().chain(&mut differ.external_synapses).for_each(|s| s.spread = spread);
    for (name, network) in [
        ("20000, p = .02", few),
        ("5000, strengths differ", differ),
        ("5000, inhibition learns", benches::zhu_rosenbaum_learned()),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| run_spiking(&network, &run, Seed(1), 1).expect("a network"));
        });
    }
    group.finish();
    let mut group = criterion.benchmark_group("spiking connections");
    group.sample_size(10);
    let network = SpikingNetwork::baker_2019_pair(5000);
    group.bench_function("5000", |bencher| bencher.iter(|| Adjacency::draw(&network, Seed(1), 1)));
}

/// The theory at finite N.
fn theory(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("spiking_rates");
    group.sample_size(10);
    let network = SpikingNetwork::baker_2019_pair(5000);
    group.bench_function("set A", |bencher| bencher.iter(|| meanfield::spiking_rates(&network).expect("a state")));
}

criterion_group!(benches, spiking, theory);
criterion_main!(benches);
