//! Postsynaptic potentials of a membrane without threshold.

use model::neuron::Synapse;

/// V − E_L at time t ≥ 0 after one presynaptic spike, in mV.
///
/// J/(τ_m − τ_s) (e^(−t/τ_m) − e^(−t/τ_s)), and J t/τ_m² e^(−t/τ_m) where the time constants are equal; `membrane` is τ_m in ms. 0 before the
/// spike. *Assumes* that neither threshold nor upstroke is felt. Derivation (29).
pub fn potential(membrane: f64, synapse: &Synapse, time: f64) -> f64 {
    if time < 0.0 {
        return 0.0;
    }
    // (e^(−t/τ_m) − e^(−t/τ_s))/(τ_m − τ_s) without loss where they are close.
    let rates = 1.0 / synapse.tau - 1.0 / membrane;
    let slow = libm::exp(-time / membrane);
    let difference = if rates == 0.0 { time } else { -libm::expm1(-rates * time) / rates };
    synapse.charge * slow * difference / (membrane * synapse.tau)
}

/// Time in ms and height in mV of the extremum of [`potential`]: ln(τ_m/τ_s) τ_m τ_s/(τ_m − τ_s), τ_m where they are equal.
pub fn potential_peak(membrane: f64, synapse: &Synapse) -> (f64, f64) {
    // ln(1 + x)/x with x = τ_m/τ_s − 1.
    let excess = membrane / synapse.tau - 1.0;
    let time = membrane * if excess == 0.0 { 1.0 } else { libm::log1p(excess) / excess };
    (time, potential(membrane, synapse, time))
}

/// V − E_L at a time under all spikes of all synapses, in mV: their potentials add up.
pub fn summed_potential(membrane: f64, synapses: &[Synapse], time: f64) -> f64 {
    let of = |synapse: &Synapse| -> f64 { synapse.spikes.iter().map(|s| potential(membrane, synapse, time - s)).sum() };
    synapses.iter().map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn synapse(tau: f64, charge: f64) -> Synapse {
        Synapse { tau, charge, spikes: vec![0.0] }
    }

    /// spiking-networks reference: +4.343 mV at 6.109 ms, −3.718 mV at 7.662 ms for J = ±80 and τ_m = 10.
    #[test]
    fn peaks_are_those_of_the_reference() {
        let (time, peak) = potential_peak(10.0, &synapse(4.0, 80.0));
        assert!((time - 6.108_604_879_161_034).abs() < 1e-12 && (peak - 4.343_068_186_551_85).abs() < 1e-12);
        let (time, peak) = potential_peak(10.0, &synapse(6.0, -80.0));
        assert!((time - 7.662_384_356_489_86).abs() < 1e-12 && (peak + 3.718_064_012_359_12).abs() < 1e-12);
    }

    /// The integral of the potential is the charge, however fast the synapse.
    #[test]
    fn charge_is_kept() {
        for tau in [0.1, 4.0, 10.0, 10.0 + 1e-9, 30.0] {
            let synapse = synapse(tau, 80.0);
            let h = 0.01;
            let sum: f64 = (0..60_000).map(|k| h * potential(10.0, &synapse, (f64::from(k) + 0.5) * h)).sum();
            assert!((sum / 80.0 - 1.0).abs() < 1e-4, "{sum} at {tau}");
        }
    }

    #[test]
    fn equal_time_constants_are_a_limit() {
        let (at, near) =
            (potential(10.0, &synapse(10.0, 80.0), 7.0), potential(10.0, &synapse(10.0 + 1e-7, 80.0), 7.0));
        assert!((at / near - 1.0).abs() < 1e-7);
        assert!((potential_peak(10.0, &synapse(10.0, 80.0)).0 - 10.0).abs() < 1e-12);
    }
}
