//! Elementary signalling functions: what a reaction does alone, in closed form.

/// AB = 2ab/(S + √(S² − 4ab)), S = a + b + Kd, of totals a and b: an amount.
///
/// The other root of the quadratic cancels where Kd is large. Kd = 0 gives min(a, b). NaN for negative totals or Kd.
pub fn bound(a: f64, b: f64, kd: f64) -> f64 {
    if !(a >= 0.0 && b >= 0.0 && kd >= 0.0) {
        return f64::NAN;
    }
    let s = a + b + kd;
    if s == 0.0 { 0.0 } else { 2.0 * a * b / (s + discriminant(a, b, kd)) }
}

/// √(S² − 4ab) without cancellation: S² − 4ab = (a − b)² + Kd (2a + 2b + Kd).
fn discriminant(a: f64, b: f64, kd: f64) -> f64 {
    libm::hypot(a - b, (kd * (2.0 * (a + b) + kd)).sqrt())
}

/// AB = b x/(Kd + x) of the free amount x of A: a hyperbola with b as its largest value and Kd as where it is half of that.
pub fn bound_of_free(x: f64, b: f64, kd: f64) -> f64 {
    if x >= 0.0 && b >= 0.0 && kd >= 0.0 { if x == 0.0 { 0.0 } else { b * x / (kd + x) } } else { f64::NAN }
}

/// Amounts of AE and A* of A + E ⇌ AE → A* + E, A* → A, with totals a of A and e of E.
///
/// AE = 2ae/(q + √(q² − 4(1 + ρ)ae)), q = a + (1 + ρ)e + Km, Km = (koff + kcat)/kon, ρ = kcat/kcatd; A* = ρ AE. NaN for negative totals or rates.
pub fn enzymatic(a: f64, e: f64, km: f64, ratio: f64) -> (f64, f64) {
    if ratio.is_nan() || ratio < 0.0 {
        return (f64::NAN, f64::NAN);
    }
    // (1 + ρ) AE is what A and (1 + ρ) E would bind.
    let complex = bound(a, (1.0 + ratio) * e, km) / (1.0 + ratio);
    (complex, ratio * complex)
}

/// λ = kon √(S² − 4ab), per time: the rate at which a binding with totals a and b comes to rest.
pub fn binding_relaxation(a: f64, b: f64, kon: f64, koff: f64) -> f64 {
    kon * discriminant(a, b, koff / kon)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Amounts of independent code with 50 digits, as far as given.
    #[test]
    fn roots_are_exact() {
        let near = |x: f64, want: f64| assert!((x / want - 1.0).abs() < 1e-8, "{x} {want}");
        near(bound(10.0, 220.0, 78.0), 7.31666761);
        near(bound(30.0, 220.0, 78.0), 21.5359695);
        near(bound(1e-6, 1e6, 1.0), 9.99999e-7);
        near(bound(1e6, 1e-6, 1e-3), 9.99999999e-7);
        assert_eq!(bound(100.0, 100.0, 0.0), 100.0);
        assert_eq!(bound(3.0, 5.0, 0.0), 3.0);
        assert!(bound(1.0, 1.0, -1.0).is_nan());
        near(enzymatic(1000.0, 100.0, 200.0, 2.0).0, 79.2174872);
        near(enzymatic(500.0, 50.0, 10.0 / 0.003, 2.0 / 0.3).1, 39.9612094);
        near(enzymatic(1e5, 1.0, 1e6, 1.0).0, 0.0909089406);
        near(binding_relaxation(10.0, 220.0, 0.01, 0.78), 2.93366665);
    }

    /// Both sides of the equation that AB solves, at extremes where the other root would be noise.
    #[test]
    fn mass_action_is_met() {
        for (a, b, kd) in [(1e-9, 1e9, 1e3), (5.0, 5.0, 1e-12), (1e8, 3.0, 1e-3), (2.0, 7.0, 0.5)] {
            let ab = bound(a, b, kd);
            assert!(((a - ab) * (b - ab) - kd * ab).abs() <= 1e-12 * (a * b + kd * ab), "{a} {b} {kd}");
        }
    }
}
