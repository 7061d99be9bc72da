//! Enumerating all states of random networks of excitatory and inhibitory populations.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use ndarray::{Array1, Array2};
use rand::{Rng, RngExt};
use semibalance::{Circuit, all_states};

/// Half of the populations excite, half inhibit, twice as strongly.
fn random(n: usize, rng: &mut impl Rng) -> Circuit {
    let mut sign = |b: usize| if 2 * b < n { rng.random_range(0.1..1.0) } else { -rng.random_range(0.2..2.0) };
    let w = Array2::from_shape_fn((n, n), |(_, b)| sign(b));
    Circuit::new(w, Array1::from_shape_simple_fn(n, || rng.random_range(0.5..1.5))).expect("a circuit")
}

fn states(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("all_states");
    group.sample_size(10);
    for n in [3, 10, 15, 20] {
        let circuit = random(n, &mut model::Seed(1).stream("states").rng(n as u64));
        group.bench_with_input(BenchmarkId::from_parameter(n), &circuit, |bencher, circuit| {
            bencher.iter(|| all_states(circuit).expect("few populations"));
        });
    }
}

criterion_group!(benches, states);
criterion_main!(benches);
