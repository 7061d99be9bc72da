//! Closed form (d): how the variance of η splits.

use model::{RateNetwork, VarianceSplit};

/// Quenched and temporal variance of the recurrent input to population `a`:
/// quenched = Σ_b c_ab E_j⟨φ_j⟩², total = Σ_b c_ab ⟨φ²⟩, c_ab = g²_ab K_b^(1−ν) + J²_ab (1 − p_b). Eq. (8).
///
/// `mean_square[b]` is ⟨φ²⟩ and `square_of_means[b]` is E_j⟨φ_j⟩², both of population b.
/// *Assumes* independent weights, whatever their law. The quenched part of x is that of η.
///
/// # Panics
/// If there is not one value a population.
pub fn eta_variance(network: &RateNetwork, a: usize, mean_square: &[f64], square_of_means: &[f64]) -> VarianceSplit {
    let populations = network.populations.len();
    assert!(mean_square.len() == populations && square_of_means.len() == populations, "one value a population");
    let (mut total, mut quenched) = (0.0, 0.0);
    for b in 0..populations {
        let k = network.populations[b].in_degree as f64;
        let c = network.spread[[a, b]].powi(2) * libm::pow(k, 1.0 - network.exponent)
            + network.mean[[a, b]].powi(2) * (1.0 - network.probability(b));
        total += c * mean_square[b];
        quenched += c * square_of_means[b];
    }
    VarianceSplit { temporal: total - quenched, quenched }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Response;

    #[test]
    fn heaviside_at_1000_inputs() {
        let network = RateNetwork::inhibitory(1000, 2.0, 2.0, 0.5, 1.0, Response::Heaviside);
        // g² √K f and g² √K E p² at f = 0.0517, E p² = 0.004775: 6.54 and 0.604, by hand.
        let split = eta_variance(&network, 0, &[0.0517], &[0.004775]);
        assert!((split.total() - 6.54).abs() < 5e-3 && (split.quenched - 0.604).abs() < 5e-4, "{split:?}");
    }
}
