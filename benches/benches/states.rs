//! All states by enumeration, and one state each of many networks.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ndarray::{Array1, Array2};
use rand::{Rng, RngExt};
use semibalance::{Circuit, all_states, solve_each};

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

/// One state of each of many networks.
fn batches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("solve_each");
    group.sample_size(10);
    for (n, count) in [(3, 100_000), (10, 20_000), (50, 500)] {
        let problems = benches::problems(n, count);
        group.throughput(Throughput::Elements(count as u64));
        group.bench_with_input(BenchmarkId::from_parameter(n), &problems, |bencher, problems| {
            bencher.iter(|| solve_each(problems.w.view(), problems.x.view()).expect("circuits"));
        });
    }
}

criterion_group!(benches, states, batches);
criterion_main!(benches);
