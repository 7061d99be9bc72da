//! The GGC-Beta closure, from network to rates.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use meanfield::{gamma_input, ggc_beta};
use model::{RateNetwork, Response};

fn closure(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("closure");
    for response in [Response::Heaviside, Response::RectifiedTanh] {
        let network = RateNetwork::inhibitory(1000, 2.0, 2.0, 0.5, 1.0, response);
        group.bench_function(BenchmarkId::new("ggc_beta", response.name()), |b| b.iter(|| ggc_beta(&network, &[0.6])));
        group.bench_function(BenchmarkId::new("gamma", response.name()), |b| b.iter(|| gamma_input(&network, 0.6)));
    }
    group.finish();
}

criterion_group!(benches, closure);
criterion_main!(benches);
