//! An exponential neuron that presynaptic spikes drive.

use super::{NeuronRun, NeuronRunError, step};
use model::neuron::{Exponential, Synapse};

/// What a driven neuron did.
#[derive(Clone, Debug, PartialEq)]
pub struct SynapticTrace {
    /// V in mV at times 0, `step`, 2 `step`, …
    pub voltage: Vec<f64>,
    /// Current of each synapse at the same times, in mV.
    pub currents: Vec<Vec<f64>>,
    /// Times of the neuron's own spikes in ms.
    pub spikes: Vec<f64>,
}

/// Whether a membrane has an upstroke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membrane {
    /// That of the neuron.
    Exponential,
    /// Its leak alone, without upstroke and threshold.
    Passive,
}

/// Runs the neuron from its rest. Steps are cut where presynaptic spikes arrive, so that each brings its charge at its own time.
///
/// # Errors
/// [`NeuronRunError`]: no such neuron or synapse, a step above half of the fastest time constant.
pub fn run_synapses(
    neuron: &Exponential,
    membrane: Membrane,
    synapses: &[Synapse],
    run: NeuronRun,
) -> Result<SynapticTrace, NeuronRunError> {
    neuron.validate()?;
    for synapse in synapses {
        synapse.validate()?;
    }
    let fastest = synapses.iter().map(|s| s.tau).fold(neuron.tau, f64::min);
    let steps = run.steps(0.5 * fastest)?;
    let mut arrivals: Vec<(f64, usize)> =
        synapses.iter().enumerate().flat_map(|(k, s)| s.spikes.iter().map(move |&t| (t, k))).collect();
    arrivals.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut arrivals = arrivals.into_iter().filter(|(t, _)| *t >= 0.0).peekable();
    let mut current = vec![0.0; synapses.len()];
    let mut trace = SynapticTrace { voltage: vec![], currents: vec![vec![]; synapses.len()], spikes: vec![] };
    let mut voltage = neuron.rest;
    let mut time = 0.0;
    for k in 0..=steps {
        let end = k as f64 * run.step;
        // Every piece of the step up to the next arrival, then the piece that is left.
        while time < end || arrivals.peek().is_some_and(|(t, _)| *t <= end) {
            let next = arrivals.peek().map_or(end, |(t, _)| t.min(end));
            if next > time {
                voltage = advance(neuron, membrane, synapses, (&current, voltage), (time, next), run);
                decay(synapses, &mut current, next - time);
                time = next;
                // An upstroke may leave all numbers within a piece.
                let up = voltage.is_nan() || voltage >= neuron.threshold;
                if membrane == Membrane::Exponential && up {
                    voltage = neuron.reset;
                    trace.spikes.push(time);
                }
            }
            while let Some((_, of)) = arrivals.next_if(|(t, _)| *t <= time) {
                current[of] += synapses[of].charge / synapses[of].tau;
            }
        }
        if voltage.is_nan() {
            return Err(NeuronRunError::BlewUp { time });
        }
        trace.voltage.push(voltage);
        trace.currents.iter_mut().zip(&current).for_each(|(all, now)| all.push(*now));
    }
    Ok(trace)
}

/// The voltage at the end of a piece without arrivals.
fn advance(
    neuron: &Exponential,
    membrane: Membrane,
    synapses: &[Synapse],
    (current, voltage): (&[f64], f64),
    (from, to): (f64, f64),
    run: NeuronRun,
) -> f64 {
    let slope = |t: f64, &[v]: &[f64; 1]| {
        let total: f64 =
            current.iter().zip(synapses).map(|(now, synapse)| now * libm::exp((from - t) / synapse.tau)).sum();
        let leak = match membrane {
            Membrane::Exponential => neuron.slope(v, total),
            Membrane::Passive => neuron.rest - v + total,
        };
        [leak / neuron.tau]
    };
    step(run.integrator, from, to - from, [voltage], slope)[0]
}

fn decay(synapses: &[Synapse], current: &mut [f64], time: f64) {
    for (now, synapse) in current.iter_mut().zip(synapses) {
        *now *= libm::exp(-time / synapse.tau);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neuron::Integrator;

    const RUN: NeuronRun = NeuronRun { duration: 40.0, step: 0.1, integrator: Integrator::RungeKutta };

    /// A difference of exponentials from the arrival on, on the grid or between its points.
    #[test]
    fn arrivals_between_samples_are_kept() {
        let neuron = Exponential { tau: 10.0, ..Exponential::TALK };
        for arrival in [5.0, 5.04] {
            let synapse = Synapse { tau: 4.0, charge: 80.0, spikes: vec![arrival] };
            let voltage = run_synapses(&neuron, Membrane::Passive, &[synapse], RUN).expect("a run").voltage;
            assert_eq!(voltage[50], neuron.rest);
            for (k, v) in voltage.iter().enumerate().skip(51) {
                let t = 0.1 * k as f64 - arrival;
                let exact = neuron.rest + 80.0 / 6.0 * (libm::exp(-t / 10.0) - libm::exp(-t / 4.0));
                // (step/τ_s)⁵ a step of a current of 20 mV, over some hundred steps.
                assert!((v - exact).abs() < 1e-6, "{v} for {exact} at {t}");
            }
        }
    }

    /// Charge that arrives at one time at once or in halves, and nothing before it.
    #[test]
    fn spikes_add_up() {
        let neuron = Exponential { tau: 10.0, ..Exponential::TALK };
        let voltage = |charge: f64, spikes: Vec<f64>| {
            let synapse = Synapse { tau: 4.0, charge, spikes };
            run_synapses(&neuron, Membrane::Passive, &[synapse], RUN).expect("a run").voltage
        };
        let (once, twice) = (voltage(80.0, vec![0.0]), voltage(40.0, vec![0.0, 0.0]));
        assert!(once.iter().zip(&twice).all(|(a, b)| (a - b).abs() < 1e-12));
        assert!(once[100] > neuron.rest + 3.0);
    }

    #[test]
    fn strong_input_makes_it_spike() {
        let neuron = Exponential { tau: 10.0, ..Exponential::TALK };
        let synapse = Synapse { tau: 4.0, charge: 800.0, spikes: vec![5.0] };
        let trace = run_synapses(&neuron, Membrane::Exponential, &[synapse], RUN).expect("a run");
        assert!(!trace.spikes.is_empty() && trace.voltage.iter().all(|v| *v < neuron.threshold));
    }
}
