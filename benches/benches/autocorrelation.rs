//! W5: the population-averaged autocorrelation, of stored traces and streaming.

use analysis::{AutocorrelationAccumulator, Mean, Normalisation, population_autocorrelation};
use criterion::{Criterion, criterion_group, criterion_main};
use ndarray::Array2;
use rand_distr::{Distribution, StandardNormal};

fn autocorrelation(criterion: &mut Criterion) {
    let mut rng = model::Seed(1).stream("traces").rng(0);
    let (units, samples, lags) = (1000, 20_000, 2000);
    let traces = Array2::<f32>::from_shape_simple_fn((units, samples), || StandardNormal.sample(&mut rng));
    let by_time = traces.t().as_standard_layout().to_owned();
    let mut group = criterion.benchmark_group("autocorrelation");
    group.sample_size(10);
    group.bench_function("stored", |bencher| {
        bencher.iter(|| population_autocorrelation(traces.view(), lags, 1.0, Mean::Removed, Normalisation::Unbiased));
    });
    group.bench_function("streaming", |bencher| {
        bencher.iter(|| {
            let mut accumulator = AutocorrelationAccumulator::new(units, lags);
            for sample in by_time.rows() {
                accumulator.push(sample.as_slice().expect("standard layout"));
            }
            accumulator.finish(1.0, Mean::Removed, Normalisation::Unbiased)
        });
    });
    group.finish();
}

criterion_group!(benches, autocorrelation);
criterion_main!(benches);
