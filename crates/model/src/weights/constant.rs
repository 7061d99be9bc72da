//! Every weight equals its mean.

use super::{Law, WeightMoments};
use rand::Rng;

pub struct Constant(f64);

impl Law for Constant {
    const NAME: &'static str = "constant";
    const ALLOWED: &'static str = "g = 0";

    fn new(moments: WeightMoments) -> Option<Self> {
        (moments.sd == 0.0).then_some(Constant(moments.mean))
    }

    fn third_central_moment(&self) -> f64 {
        0.0
    }

    fn sample_above<R: Rng>(&self, _floor: f64, _rng: &mut R) -> f64 {
        self.0
    }
}
