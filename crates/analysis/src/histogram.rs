//! Histograms of what is sampled, on fixed bins.

use model::Distribution;

/// Counts values on equal bins.
pub struct Histogram {
    start: f64,
    width: f64,
    counts: Vec<u64>,
    total: u64,
}

impl Histogram {
    /// `bins` bins from `start` to `end`.
    pub fn new(start: f64, end: f64, bins: usize) -> Self {
        Histogram { start, width: (end - start) / bins as f64, counts: vec![0; bins], total: 0 }
    }

    /// Counts every value; those outside the bins count for the total only.
    pub fn push(&mut self, values: &[f32]) {
        let scale = 1.0 / self.width;
        for &value in values {
            let bin = ((f64::from(value) - self.start) * scale).floor();
            if bin >= 0.0 && bin < self.counts.len() as f64 {
                self.counts[bin as usize] += 1;
            }
        }
        self.total += values.len() as u64;
    }

    /// The density; `None` before the first value.
    pub fn finish(&self) -> Option<Distribution> {
        let scale = 1.0 / (self.total as f64 * self.width);
        (self.total > 0).then(|| Distribution {
            start: self.start,
            width: self.width,
            density: self.counts.iter().map(|&c| c as f64 * scale).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn density_counts_what_is_inside_over_all() {
        let mut histogram = Histogram::new(-1.0, 1.0, 4);
        histogram.push(&[-0.9, -0.4, -0.1, 0.7, 5.0]);
        let density = histogram.finish().expect("counted").density;
        assert_eq!(density, [0.4, 0.8, 0.0, 0.4]);
    }
}
