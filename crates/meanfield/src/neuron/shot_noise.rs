//! Currents and voltages under Poisson input (Campbell's theorem).

use model::neuron::Synapse;

/// Mean and variance of a stationary quantity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// Mean.
    pub mean: f64,
    /// Variance in time.
    pub variance: f64,
}

/// Current of a synapse that receives Poisson spikes at a total rate in 1/ms: mean r J, variance r J²/2τ_s. Exact. Derivation (30).
pub fn shot_noise(synapse: &Synapse, rate: f64) -> Moments {
    let charge = synapse.charge;
    Moments { mean: rate * charge, variance: rate * charge * charge / (2.0 * synapse.tau) }
}

/// What these currents make of V − E_L: mean r J, variance r J²/2(τ_m + τ_s). Exact without upstroke and threshold. `membrane` is τ_m in
/// ms. Derivation (30).
pub fn shot_noise_potential(membrane: f64, synapse: &Synapse, rate: f64) -> Moments {
    let charge = synapse.charge;
    Moments { mean: rate * charge, variance: rate * charge * charge / (2.0 * (membrane + synapse.tau)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neuron::potential;

    /// Campbell: the variance is r ∫ V(t)² dt over the potential of one spike.
    #[test]
    fn the_variance_is_the_integral_of_the_squared_potential() {
        let synapse = Synapse { tau: 4.0, charge: 80.0, spikes: vec![] };
        let h = 0.005;
        let integral: f64 = (0..60_000).map(|k| h * potential(10.0, &synapse, (f64::from(k) + 0.5) * h).powi(2)).sum();
        let own = shot_noise_potential(10.0, &synapse, 0.7).variance;
        assert!((own / (0.7 * integral) - 1.0).abs() < 1e-5, "{own}");
    }
}
