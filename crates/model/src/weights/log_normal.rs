//! Log-normal weights: log-mean ln(mean²/√(mean² + sd²)), log-variance ln(1 + sd²/mean²).

use super::{Law, WeightMoments};
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

pub struct LogNormal {
    log_mean: f64,
    log_sd: f64,
    third: f64,
}

impl Law for LogNormal {
    const NAME: &'static str = "log-normal";
    const ALLOWED: &'static str = "J > 0 and g > 0, or both 0 for no connection";

    fn new(moments: WeightMoments) -> Option<Self> {
        if !(moments.mean > 0.0 && moments.sd > 0.0) {
            return None;
        }
        let ratio = (moments.sd / moments.mean).powi(2);
        let log_variance = libm::log1p(ratio);
        Some(LogNormal {
            log_mean: libm::log(moments.mean) - 0.5 * log_variance,
            log_sd: log_variance.sqrt(),
            // Skewness of a log-normal law: (e^{s²} + 2) √(e^{s²} − 1).
            third: (ratio + 3.0) * ratio.sqrt() * moments.sd.powi(3),
        })
    }

    fn third_central_moment(&self) -> f64 {
        self.third
    }

    fn sample_above<R: Rng>(&self, _floor: f64, rng: &mut R) -> f64 {
        let z: f64 = StandardNormal.sample(rng);
        libm::exp(self.log_mean + self.log_sd * z)
    }
}
