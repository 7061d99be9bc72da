//! One side of the comparison with other tools: milliseconds for the population autocorrelation of
//! 1000 units × 20000 samples to lag 2000, and its decay at lag 10 of an AR(1) process.

use analysis::{Mean, Normalisation, population_autocorrelation};
use ndarray::Array2;
use rand_distr::{Distribution, StandardNormal};
use std::time::Instant;

#[allow(clippy::print_stdout, reason = "its output is what it is for")]
fn main() {
    let (units, samples, lags) = (1000, 20_000, 2000);
    let mut rng = model::Seed(1).stream("traces").rng(0);
    let mut traces = Array2::<f32>::zeros((units, samples));
    for mut row in traces.rows_mut() {
        let mut y = 0.0_f32;
        for value in &mut row {
            let z: f32 = StandardNormal.sample(&mut rng);
            y = 0.9 * y + z;
            *value = y;
        }
    }
    let mut times = [0.0; 5];
    let mut decay = 0.0;
    for time in &mut times {
        let started = Instant::now();
        let r = population_autocorrelation(traces.view(), lags, 1.0, Mean::Removed, Normalisation::Unbiased)
            .expect("more samples than lags");
        *time = 1e3 * started.elapsed().as_secs_f64();
        decay = r.values[10] / r.values[0];
    }
    times.sort_by(f64::total_cmp);
    println!("{{\"ms\": {}, \"decay\": {decay}}}", times[2]);
}
