//! [x]₊.

use super::Nonlinearity;

pub struct RectifiedLinear;

impl Nonlinearity for RectifiedLinear {
    const NAME: &'static str = "rectified-linear";
    const SYMBOL: &'static str = "[x]_{+}";
    const SUPREMUM: f64 = f64::INFINITY;
    const SLOPE: f64 = 1.0;
    const MAX_STEP: f64 = 0.1;

    fn value(x: f64) -> f64 {
        x.max(0.0)
    }

    fn fill(x: &[f32], phi: &mut [f32]) {
        phi.copy_from_slice(x);
    }
}
