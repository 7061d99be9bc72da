//! [x]₊².

use super::Nonlinearity;

pub struct RectifiedQuadratic;

impl Nonlinearity for RectifiedQuadratic {
    const NAME: &'static str = "rectified-quadratic";
    const SYMBOL: &'static str = "[x]_{+}^{2}";
    const SUPREMUM: f64 = f64::INFINITY;
    const SLOPE: f64 = 0.0;
    // The gain grows with x, so a common excursion of the network steepens it.
    const MAX_STEP: f64 = 0.02;

    fn value(x: f64) -> f64 {
        x.max(0.0) * x.max(0.0)
    }

    fn fill(x: &[f32], phi: &mut [f32]) {
        for (phi, &x) in phi.iter_mut().zip(x) {
            *phi = x * x;
        }
    }
}
