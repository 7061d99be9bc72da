//! How many patterns a network stores where each belongs to one of several contexts.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_PI};

/// Overlap below which a pattern counts as lost.
pub const RECALLED: f64 = 0.9;

/// Overlap m of a pattern with the state that it is recalled in: N units of ±1, P patterns in M contexts, each of which lets a share a of the units take part. 0 where it is lost.
///
/// m = erf(m/√(2v)), v = α_own/(1 − C)² + α_others/(1 − aC)², C = √(2/πv) e^{−m²/2v}, α_own = (P/M − 1)/(aN), α_others = P(1 − 1/M)a/N: equation (58), after Amit, Gutfreund &
/// Sompolinsky 1985 without temperature, where the noise of other contexts is fed back through the units shared with them alone. *Assumes* N → ∞; from m = 1 on.
pub fn conditional_overlap(units: f64, patterns: f64, contexts: f64, share: f64) -> f64 {
    let own = (patterns / contexts - 1.0).max(0.0) / (share * units);
    let others = patterns * (1.0 - 1.0 / contexts) * share / units;
    let (mut m, mut c) = (1.0, 0.0);
    for _ in 0..100_000 {
        let v: f64 = own / (1.0 - c) * (1.0 / (1.0 - c)) + others / ((1.0 - share * c) * (1.0 - share * c));
        if v == 0.0 {
            return 1.0;
        }
        let next = libm::erf(m * FRAC_1_SQRT_2 / v.sqrt());
        let susceptible = (FRAC_2_PI / v).sqrt() * libm::exp(-next * next / (2.0 * v));
        if next < 1e-3 || susceptible >= 1.0 {
            return 0.0;
        }
        if (next - m).abs() + (susceptible - c).abs() < 1e-14 {
            return next;
        }
        (m, c) = (next, susceptible);
    }
    m
}

/// The most patterns of which each is recalled with an overlap above [`RECALLED`].
pub fn conditional_capacity(units: f64, contexts: f64, share: f64) -> f64 {
    let (mut low, mut high) = (contexts, 4.0 * units * contexts);
    while high - low > 1e-9 * high {
        let middle = 0.5 * (low + high);
        if conditional_overlap(units, middle, contexts, share) > RECALLED { low = middle } else { high = middle }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of independent code; .1379 is that of Amit, Gutfreund & Sompolinsky.
    #[test]
    fn capacities_are_known() {
        for (units, contexts, share, want) in [
            (1e9, 1.0, 1.0, 0.137907),
            (1000.0, 1.0, 1.0, 0.138907),
            (1e9, 16.0, 0.25, 0.336711),
            (1000.0, 16.0, 0.25, 0.34686),
        ] {
            let seen = conditional_capacity(units, contexts, share) / units;
            assert!((seen / want - 1.0).abs() < 1e-4, "{seen} {want}");
        }
    }
}
