//! The squid's axon.

use super::{NeuronRun, NeuronRunError, step};
use model::neuron::{Drive, HodgkinHuxley};

/// Longest step in ms: the sodium gates open in some 0.05 ms at the peak of a spike.
const LONGEST: f64 = 0.05;

/// Voltage and gates at times 0, `step`, 2 `step`, …
#[derive(Clone, Debug, PartialEq)]
pub struct Channels {
    /// In ms.
    pub step: f64,
    /// V in mV.
    pub voltage: Vec<f64>,
    /// Open shares (n, m, h).
    pub gates: Vec<[f64; 3]>,
}

/// Runs the neuron from a voltage and open shares (n, m, h); `drive` in µA/cm².
///
/// # Errors
/// [`NeuronRunError`]: no such neuron, a step above 0.05 ms, numbers that leave their range.
pub fn run_hodgkin_huxley(
    neuron: &HodgkinHuxley,
    drive: &Drive,
    start: (f64, [f64; 3]),
    run: NeuronRun,
) -> Result<Channels, NeuronRunError> {
    neuron.validate()?;
    drive.validate()?;
    let steps = run.steps(LONGEST)?;
    let slope = |t: f64, &[v, n, m, h]: &[f64; 4]| {
        let [gate_n, gate_m, gate_h] = neuron.gating(v);
        let voltage = (drive.at(t) + neuron.ionic(v, [n, m, h])) / neuron.capacitance;
        [voltage, gate_n.slope(n), gate_m.slope(m), gate_h.slope(h)]
    };
    let (v, [n, m, h]) = start;
    let mut y = [v, n, m, h];
    let mut channels =
        Channels { step: run.step, voltage: Vec::with_capacity(steps + 1), gates: Vec::with_capacity(steps + 1) };
    for k in 0..=steps {
        let time = k as f64 * run.step;
        if !y.iter().all(|value| value.is_finite()) {
            return Err(NeuronRunError::BlewUp { time });
        }
        channels.voltage.push(y[0]);
        channels.gates.push([y[1], y[2], y[3]]);
        y = step(run.integrator, time, run.step, y, slope);
    }
    Ok(channels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neuron::Integrator;

    #[test]
    fn without_channels_it_is_a_membrane_that_relaxes() {
        let membrane = HodgkinHuxley { sodium: 0.0, potassium: 0.0, ..HodgkinHuxley::SQUID };
        let run = NeuronRun { duration: 10.0, step: 0.05, integrator: Integrator::RungeKutta };
        let channels =
            run_hodgkin_huxley(&membrane, &Drive::constant(3.0), (-65.0, [0.3, 0.05, 0.6]), run).expect("a run");
        // τ = C/g_L = 10/3 ms, towards E_L + I/g_L.
        let (far, near) = (-54.387 + 10.0, -65.0);
        let exact = far + (near - far) * libm::exp(-3.0);
        let last = channels.voltage.last().expect("not empty");
        assert!((last - exact).abs() < 1e-7, "{last} for {exact}");
    }

    #[test]
    fn a_current_beyond_all_numbers_is_caught() {
        let run = NeuronRun { duration: 10.0, step: 0.05, integrator: Integrator::Euler };
        let ended = run_hodgkin_huxley(&HodgkinHuxley::SQUID, &Drive::constant(1e9), HodgkinHuxley::START, run);
        assert!(matches!(ended, Err(NeuronRunError::BlewUp { .. })), "{ended:?}");
    }
}
