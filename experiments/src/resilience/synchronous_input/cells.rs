//! Cells of different thresholds.

use super::{LEAD, Params};
use model::Seed;
use rand_distr::{Distribution, StandardNormal};
use simulation::VolleyCell;

/// Mean rate in Hz and variation of rates over cells.
pub(super) fn cells(params: &Params, share: f64, seed: Seed) -> [f64; 2] {
    let (input, time) = (params.input(share), params.seconds * 1000.0 / params.tau);
    let mut thresholds = seed.stream("thresholds").rng(0);
    let jumps = seed.stream("jumps");
    let rates: Vec<f64> = (0..params.cells)
        .map(|cell| {
            let z: f64 = StandardNormal.sample(&mut thresholds);
            let threshold = (1.0 + params.spread * z).max(1e-3);
            params.hertz(VolleyCell { threshold }.rate(&input, LEAD, time, &mut jumps.rng(cell as u64)))
        })
        .collect();
    let n = rates.len() as f64;
    let mean = rates.iter().sum::<f64>() / n;
    let variance = rates.iter().map(|rate| (rate - mean).powi(2)).sum::<f64>() / (n - 1.0);
    [mean, variance.sqrt() / mean]
}
