//! Gamma weights: shape k = (mean/sd)², scale θ = sd²/mean.
//!
//! At large in-degree the shape is tiny, and most draws are smaller than any number that matters:
//! at k = 0.01 four in five are below 10⁻⁹ θ. They are not drawn at all.

use super::{Law, WeightMoments, open_unit};
use rand::Rng;
use rand_distr::{Distribution, Exp1, Gamma as RandGamma};

pub struct Gamma {
    shape: f64,
    scale: f64,
    plain: RandGamma<f64>,
}

impl Law for Gamma {
    const NAME: &'static str = "gamma";
    const ALLOWED: &'static str = "J > 0 and g > 0, or both 0 for no connection";

    fn new(moments: WeightMoments) -> Option<Self> {
        if !(moments.mean > 0.0 && moments.sd > 0.0) {
            return None;
        }
        let shape = (moments.mean / moments.sd).powi(2);
        let scale = moments.sd.powi(2) / moments.mean;
        let plain = RandGamma::new(shape, scale).ok()?;
        Some(Gamma { shape, scale, plain })
    }

    fn third_central_moment(&self) -> f64 {
        2.0 * self.shape * self.scale.powi(3)
    }

    /// E[w; w < ε θ] = k θ ε^{k+1}/Γ(k + 2) up to a factor 1 − O(ε), solved for ε.
    fn negligible_below(&self, mass: f64, count: f64) -> f64 {
        if self.shape >= 0.5 {
            return 0.0;
        }
        let k = self.shape;
        let log_floor = (libm::log(mass / (count * k * self.scale)) + libm::lgamma(k + 2.0)) / (k + 1.0);
        self.scale * libm::exp(log_floor.min(libm::log(1e-4)))
    }

    /// 1 − P(k, ε) by the first two terms of the series of P, exact to ε² ≤ 10⁻⁸.
    fn probability_above(&self, floor: f64) -> f64 {
        if floor == 0.0 {
            return 1.0;
        }
        let (k, e) = (self.shape, floor / self.scale);
        1.0 - libm::exp(k * libm::log(e) - libm::lgamma(k + 1.0)) * (1.0 - k * e / (k + 1.0))
    }

    /// Rejection from w^{k−1} on (ε, 1) and e^{−w} on (1, ∞): both lie above w^{k−1} e^{−w}, and
    /// for small k nearly every proposal is taken.
    fn sample_above<R: Rng>(&self, floor: f64, rng: &mut R) -> f64 {
        if floor == 0.0 {
            return self.plain.sample(rng);
        }
        let k = self.shape;
        let low = libm::exp(k * libm::log(floor / self.scale));
        let below_one = (1.0 - low) / k;
        let above_one = libm::exp(-1.0);
        loop {
            let (w, accept) = if open_unit(rng) * (below_one + above_one) < below_one {
                let w = libm::exp(libm::log(low + open_unit(rng) * (1.0 - low)) / k);
                (w, libm::exp(-w))
            } else {
                let tail: f64 = Exp1.sample(rng);
                (1.0 + tail, libm::exp((k - 1.0) * libm::log1p(tail)))
            };
            if open_unit(rng) < accept {
                return (self.scale * w).max(floor);
            }
        }
    }
}
