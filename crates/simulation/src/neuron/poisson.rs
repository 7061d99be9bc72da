//! Poisson spike trains.

use model::Stream;
use rand_distr::{Distribution, Exp1};

/// Spikes in ms up to `duration` of a Poisson process at `rate` in 1/ms, element `index` of the stream.
///
/// # Panics
/// If the rate is negative or no number.
pub fn poisson_spikes(rate: f64, duration: f64, stream: Stream, index: u64) -> Vec<f64> {
    assert!(rate >= 0.0, "a rate");
    let mut rng = stream.rng(index);
    let mut spikes = Vec::new();
    let mut time = 0.0;
    loop {
        let interval: f64 = Exp1.sample(&mut rng);
        time += interval / rate;
        // A rate of 0 makes the first interval infinite.
        if time >= duration {
            return spikes;
        }
        spikes.push(time);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Seed;

    #[test]
    fn counts_are_poisson() {
        let stream = Seed(3).stream("spikes");
        let counts: Vec<f64> = (0..4000).map(|k| poisson_spikes(0.02, 1000.0, stream, k).len() as f64).collect();
        let mean = counts.iter().sum::<f64>() / 4000.0;
        let variance = counts.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / 3999.0;
        // Standard errors √(20/4000) = .07 and 20 √(2/4000 + 1/80000) = .45; five of each.
        assert!((mean - 20.0).abs() < 0.36 && (variance - 20.0).abs() < 2.3, "{mean} {variance}");
        assert!(poisson_spikes(0.0, 1000.0, stream, 0).is_empty());
    }
}
