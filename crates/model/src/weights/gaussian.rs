//! Normal weights. They take both signs: where the source is inhibitory a negative draw excites.

use super::{Law, WeightMoments};
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

pub struct Gaussian(WeightMoments);

impl Law for Gaussian {
    const NAME: &'static str = "gaussian";
    const ALLOWED: &'static str = "g > 0";

    fn new(moments: WeightMoments) -> Option<Self> {
        (moments.sd > 0.0).then_some(Gaussian(moments))
    }

    fn third_central_moment(&self) -> f64 {
        0.0
    }

    /// Nothing is negligible here: the floor is ignored, and no caller passes one.
    fn sample_above<R: Rng>(&self, _floor: f64, rng: &mut R) -> f64 {
        let z: f64 = StandardNormal.sample(rng);
        self.0.mean + self.0.sd * z
    }
}
