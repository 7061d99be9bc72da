//! W1: one Euler step of the rate network, by size and response.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use model::{RateNetwork, Response, Seed};
use simulation::{RateSimulation, Scheme};

fn rate_step(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("rate_step");
    for response in [Response::RectifiedTanh, Response::Heaviside] {
        for size in [1000, 4000, 10_000] {
            let network = RateNetwork::inhibitory(size, 2.0, 2.0, 0.5, 1.0, response);
            let mut simulation = RateSimulation::new(&network, Seed(1));
            // Out of the transient, so that the active fraction is the stationary one.
            (0..2000).for_each(|_| simulation.step(0.02, Scheme::Euler));
            group.bench_function(BenchmarkId::new(response.name(), size), |bencher| {
                bencher.iter(|| simulation.step(0.02, Scheme::Euler));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, rate_step);
criterion_main!(benches);
