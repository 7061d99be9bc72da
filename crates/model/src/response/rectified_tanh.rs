//! [tanh x]₊, linear at threshold and saturating at 1.

use super::Nonlinearity;

pub struct RectifiedTanh;

impl Nonlinearity for RectifiedTanh {
    const NAME: &'static str = "rectified-tanh";
    const SYMBOL: &'static str = "[tanh x]_{+}";
    const SUPREMUM: f64 = 1.0;
    const SLOPE: f64 = 1.0;
    const MAX_STEP: f64 = 0.1;

    fn value(x: f64) -> f64 {
        if x > 0.0 { libm::tanh(x) } else { 0.0 }
    }

    /// tanh x = e/(e + 2) with e = expm1(2x): no cancellation near 0, and a loop without branches
    /// or calls, which the compiler turns into vectors.
    fn fill(x: &[f32], phi: &mut [f32]) {
        for (phi, &x) in phi.iter_mut().zip(x) {
            // Beyond 10 the quotient is 1 in f32; the bound keeps 2ⁿ finite.
            let e = expm1(2.0 * x.min(10.0));
            *phi = e / (e + 2.0);
        }
    }
}

/// expm1 for 0 < z ≤ 20: z = n ln 2 + r with |r| ≤ ln 2 / 2, then 2ⁿ (expm1 r) + (2ⁿ − 1).
///
/// The Taylor series of expm1 r to r⁸ leaves |r|⁹/9! < 2·10⁻¹⁰.
#[inline(always)]
fn expm1(z: f32) -> f32 {
    const LN2_HIGH: f32 = 0.693_359_4; // 355/512: n times this is exact for n < 2¹³
    const LN2_LOW: f32 = -2.121_944_4e-4;
    /// Adding 1.5 · 2²³ rounds to the nearest integer and leaves it in the low bits.
    const ROUND: f32 = 12_582_912.0;
    let shifted = z * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (z - n * LN2_HIGH) - n * LN2_LOW;
    let series = r * (1.0 + r * (1.0 / 2.0 + r * (1.0 / 6.0 + r * (1.0 / 24.0
        + r * (1.0 / 120.0 + r * (1.0 / 720.0 + r * (1.0 / 5040.0 + r * (1.0 / 40320.0))))))));
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(127 << 23));
    power * series + (power - 1.0)
}
