//! Gauss–Legendre nodes on an interval.

use gauss_quad::GaussLegendre;
use std::num::NonZeroUsize;
use std::sync::LazyLock;

/// The rule on [−1, 1] that all closures share: exact for polynomials of degree 191.
static RULE: LazyLock<GaussLegendre> =
    LazyLock::new(|| GaussLegendre::new(NonZeroUsize::new(96).expect("96 is not 0")));

/// Nodes and weights on [low, high].
pub fn nodes(low: f64, high: f64) -> Vec<(f64, f64)> {
    let (half, middle) = (0.5 * (high - low), 0.5 * (high + low));
    RULE.as_node_weight_pairs().iter().map(|&(x, w)| (middle + half * x, half * w)).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_smooth_integrand_is_exact() {
        let sum: f64 = super::nodes(0.0, 3.0).iter().map(|(x, w)| w * libm::exp(-x)).sum();
        assert!((sum + libm::expm1(-3.0)).abs() < 1e-14);
    }
}
