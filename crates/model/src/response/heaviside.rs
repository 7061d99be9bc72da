//! The Heaviside step: on or off.

use super::Nonlinearity;

pub struct Heaviside;

impl Nonlinearity for Heaviside {
    const NAME: &'static str = "heaviside";
    const SYMBOL: &'static str = "Heaviside";
    const SUPREMUM: f64 = 1.0;
    const SLOPE: f64 = f64::INFINITY;
    const BINARY: bool = true;
    const MAX_STEP: f64 = 0.1;

    fn value(x: f64) -> f64 {
        if x > 0.0 { 1.0 } else { 0.0 }
    }
}
