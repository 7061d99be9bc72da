//! The rest of Hodgkin & Huxley's neuron, and whether it is stable.

use model::neuron::HodgkinHuxley;
use ndarray::Array2;
use ndarray_linalg::EigVals;
use num_complex::Complex64;

/// A rest at some constant current.
#[derive(Clone, Debug, PartialEq)]
pub struct Rest {
    /// V in mV.
    pub voltage: f64,
    /// Open shares (n, m, h).
    pub gates: [f64; 3],
    /// Eigenvalues of the equations linearised there, in 1/ms.
    pub eigenvalues: Vec<Complex64>,
}

impl Rest {
    /// Largest real part: how fast departures grow, in 1/ms.
    pub fn growth(&self) -> f64 {
        self.eigenvalues.iter().map(|l| l.re).fold(f64::NEG_INFINITY, f64::max)
    }
}

/// Voltages between which rests are looked for, in mV; reversals of real channels lie within.
const RANGE: (f64, f64) = (-200.0, 200.0);

/// The lowest rest at a constant current in µA/cm²; `None` if there is none between −200 and 200 mV.
///
/// I + Σ currents at (V, n_∞(V), m_∞(V), h_∞(V)) = 0, by bisection to rounding; eigenvalues of the Jacobian of the four equations, whose
/// derivatives in V are central differences. Derivation (28).
pub fn rest(neuron: &HodgkinHuxley, current: f64) -> Option<Rest> {
    let steady = |v: f64| neuron.gating(v).map(|gate| gate.steady());
    let net = |v: f64| current + neuron.ionic(v, steady(v));
    let grid = |k: usize| RANGE.0 + (RANGE.1 - RANGE.0) * k as f64 / 4000.0;
    let crossing = (0..4000).find(|&k| net(grid(k)) > 0.0 && net(grid(k + 1)) <= 0.0)?;
    let (mut low, mut high) = (grid(crossing), grid(crossing + 1));
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if net(middle) > 0.0 { low = middle } else { high = middle }
    }
    let (voltage, gates) = (high, steady(high));
    let eigenvalues = jacobian(neuron, voltage, gates).eigvals().ok()?.to_vec();
    Some(Rest { voltage, gates, eigenvalues })
}

/// ∂(dV/dt, dn/dt, dm/dt, dh/dt)/∂(V, n, m, h).
fn jacobian(neuron: &HodgkinHuxley, voltage: f64, [n, m, h]: [f64; 3]) -> Array2<f64> {
    let mut jacobian = Array2::zeros((4, 4));
    let per_volume = 1.0 / neuron.capacitance;
    jacobian[[0, 0]] = -per_volume * (neuron.sodium * m.powi(3) * h + neuron.potassium * n.powi(4) + neuron.leak);
    jacobian[[0, 1]] = per_volume * 4.0 * neuron.potassium * n.powi(3) * (neuron.potassium_reversal - voltage);
    jacobian[[0, 2]] = per_volume * 3.0 * neuron.sodium * m.powi(2) * h * (neuron.sodium_reversal - voltage);
    jacobian[[0, 3]] = per_volume * neuron.sodium * m.powi(3) * (neuron.sodium_reversal - voltage);
    let d = 1e-4;
    let (below, here, above) = (neuron.gating(voltage - d), neuron.gating(voltage), neuron.gating(voltage + d));
    for (k, open) in [n, m, h].into_iter().enumerate() {
        jacobian[[k + 1, 0]] = (above[k].slope(open) - below[k].slope(open)) / (2.0 * d);
        jacobian[[k + 1, k + 1]] = -(here[k].opening + here[k].closing);
    }
    jacobian
}

/// Current between two others at which the rest loses its stability, in µA/cm²; `None` if it does not. By bisection to 1e-9.
pub fn hopf_current(neuron: &HodgkinHuxley, between: (f64, f64)) -> Option<f64> {
    let growth = |current: f64| rest(neuron, current).map(|rest| rest.growth());
    let (mut low, mut high) = between;
    if growth(low)? >= 0.0 || growth(high)? <= 0.0 {
        return None;
    }
    while high - low > 1e-9 {
        let middle = 0.5 * (low + high);
        if growth(middle)? < 0.0 { low = middle } else { high = middle }
    }
    Some(0.5 * (low + high))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rest of a long simulation; Hopf current of an independent computation in NumPy, which gives Hassard's 9.7796 (J Theor Biol 71: 401,
    /// 1978) for his constants: β_m's exponent 1/18 for .0556, E_L −54.401 for −54.387.
    #[test]
    fn the_squid_rests_and_loses_its_rest() {
        let rest = rest(&HodgkinHuxley::SQUID, 0.0).expect("a rest");
        assert!((rest.voltage + 64.996_378_852_612_27).abs() < 1e-9, "{}", rest.voltage);
        for (gate, value) in rest.gates.iter().zip([0.317_732_407_095, 0.052_955_097_872, 0.595_994_108_001]) {
            assert!((gate - value).abs() < 1e-9);
        }
        assert!(rest.growth() < 0.0);
        let hopf = hopf_current(&HodgkinHuxley::SQUID, (0.0, 50.0)).expect("it fires");
        assert!((hopf - 9.745_807).abs() < 1e-5, "{hopf}");
    }
}
