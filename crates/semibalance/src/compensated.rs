//! Sums of products as if in twice the working precision.

/// a · b + c, rounded almost as if computed exactly.
///
/// Source: Ogita, Rump & Oishi 2005, algorithm Dot2: relative error ε + n² ε² · Σ|aᵢ bᵢ|/|result|.
pub fn dot_plus(a: impl Iterator<Item = (f64, f64)>, c: f64) -> f64 {
    let (mut sum, mut error) = (c, 0.0);
    for (a, b) in a {
        let product = a * b;
        let lost_in_product = a.mul_add(b, -product);
        let next = sum + product;
        let back = next - sum;
        let lost_in_sum = (sum - (next - back)) + (product - back);
        sum = next;
        error += lost_in_product + lost_in_sum;
    }
    sum + error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cancellation_leaves_the_small_part() {
        let a = [1e16, 1.0, -1e16];
        let b = [1.0, 3.0, 1.0];
        assert_eq!(dot_plus(a.into_iter().zip(b), 0.25), 3.25);
        // (1 + ε)(1 − ε) − 1 = −ε², which a plain product loses.
        let e = f64::EPSILON;
        assert_eq!(dot_plus([(1.0 + e, 1.0 - e)].into_iter(), -1.0), -e * e);
    }
}
