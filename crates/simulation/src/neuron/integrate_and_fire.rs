//! Integrate-and-fire neurons.

use super::{Integrator, MOST_STEPS, NeuronRun, NeuronRunError, step};
use model::neuron::{Drive, Exponential, Leaky};

/// A voltage and its spikes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// V in mV after each step, from time 0 on; the reset where a spike has just been.
    pub voltage: Vec<f64>,
    /// Times of spikes in ms.
    pub spikes: Vec<f64>,
}

fn starts_below(start: f64, threshold: f64) -> Result<(), NeuronRunError> {
    if start.is_finite() && start < threshold { Ok(()) } else { Err(NeuronRunError::Start { start, threshold }) }
}

/// A leaky neuron on a grid of times, from a voltage `start` in mV; `drive` in mV. Spikes lie on the grid, at the end of the step that reaches the
/// threshold.
///
/// # Errors
/// [`NeuronRunError`]: no such neuron, a step above τ.
pub fn run_leaky(neuron: &Leaky, drive: &Drive, start: f64, run: NeuronRun) -> Result<Trace, NeuronRunError> {
    neuron.validate()?;
    drive.validate()?;
    starts_below(start, neuron.threshold)?;
    let steps = run.steps(neuron.tau)?;
    let slope = |t: f64, &[v]: &[f64; 1]| [neuron.slope(v, drive.at(t)) / neuron.tau];
    let mut trace = Trace { voltage: vec![start], spikes: Vec::new() };
    let mut voltage = start;
    for k in 0..steps {
        let time = k as f64 * run.step;
        [voltage] = step(run.integrator, time, run.step, [voltage], slope);
        if !voltage.is_finite() {
            return Err(NeuronRunError::BlewUp { time });
        }
        if voltage >= neuron.threshold {
            voltage = neuron.reset;
            trace.spikes.push(time + run.step);
        }
        trace.voltage.push(voltage);
    }
    Ok(trace)
}

/// Exact spike times in ms of a leaky neuron that starts from a voltage `start` in mV, under a current that is constant between jumps; `drive` in mV.
///
/// Between jumps V = V_∞ + (V₀ − V_∞) e^{−t/τ} with V_∞ = E_L + I.
///
/// # Errors
/// [`NeuronRunError`]: no such neuron, or so many spikes that they would fill a hundred million steps.
///
/// # Panics
/// If the drive has bumps, which are not constant between jumps.
pub fn leaky_spikes(neuron: &Leaky, drive: &Drive, start: f64, duration: f64) -> Result<Vec<f64>, NeuronRunError> {
    assert!(drive.bumps.is_empty(), "a current that is constant between jumps");
    neuron.validate()?;
    drive.validate()?;
    starts_below(start, neuron.threshold)?;
    if !(duration > 0.0 && duration.is_finite()) {
        return Err(NeuronRunError::Duration { duration });
    }
    let mut jumps: Vec<f64> = drive.pulses.iter().flat_map(|p| [p.from, p.to]).collect();
    jumps.retain(|t| (0.0..duration).contains(t) && *t > 0.0);
    jumps.push(duration);
    jumps.sort_by(f64::total_cmp);
    let (mut time, mut voltage) = (0.0, start);
    let mut spikes = Vec::new();
    for jump in jumps {
        let end = neuron.rest + drive.at(time);
        loop {
            if end <= neuron.threshold {
                break;
            }
            let next = time + neuron.tau * libm::log1p((neuron.threshold - voltage) / (end - neuron.threshold));
            if next >= jump {
                break;
            }
            time = next;
            voltage = neuron.reset;
            spikes.push(time);
            if spikes.len() >= MOST_STEPS {
                return Err(NeuronRunError::Duration { duration });
            }
        }
        voltage = end + (voltage - end) * libm::exp((time - jump) / neuron.tau);
        time = jump;
    }
    Ok(spikes)
}

/// Largest move of the voltage in a step of Runge and Kutta's method, in Δ_T.
const PART: f64 = 0.1;

/// How far below V_T the upstroke is felt, in Δ_T: e⁻³⁰ of it.
const ONSET: f64 = 30.0;

/// An exponential neuron, from a voltage `start` in mV; `drive` in mV.
///
/// With Euler on the grid, as published codes do. With Runge and Kutta the voltage moves by a tenth of Δ_T at most where the upstroke is
/// felt, and the spike lies where the threshold is crossed, by interpolation.
///
/// # Errors
/// [`NeuronRunError`]: no such neuron, a step above τ/2.
pub fn run_exponential(
    neuron: &Exponential,
    drive: &Drive,
    start: f64,
    run: NeuronRun,
) -> Result<Trace, NeuronRunError> {
    neuron.validate()?;
    drive.validate()?;
    starts_below(start, neuron.threshold)?;
    let steps = run.steps(0.5 * neuron.tau)?;
    let slope = |t: f64, &[v]: &[f64; 1]| [neuron.slope(v, drive.at(t)) / neuron.tau];
    let mut trace = Trace { voltage: vec![start], spikes: Vec::new() };
    let mut voltage = start;
    let mut pieces = 0;
    for k in 0..steps {
        let (mut time, end) = (k as f64 * run.step, (k + 1) as f64 * run.step);
        if run.integrator == Integrator::Euler {
            [voltage] = step(run.integrator, time, run.step, [voltage], slope);
            // An upstroke beyond all numbers has passed the threshold too.
            if voltage >= neuron.threshold {
                voltage = neuron.reset;
                trace.spikes.push(end);
            }
        } else {
            while time < end {
                pieces += 1;
                if pieces > MOST_STEPS {
                    return Err(NeuronRunError::Duration { duration: run.duration });
                }
                let speed = neuron.slope(voltage, drive.at(time)).abs();
                // An upstroke beyond all numbers takes no time; the drive is finite.
                if speed.is_infinite() {
                    trace.spikes.push(time);
                    voltage = neuron.reset;
                    continue;
                }
                let slowness = neuron.tau / speed;
                let far = neuron.onset - ONSET * neuron.sharpness - voltage;
                let short = (slowness * far.max(PART * neuron.sharpness)).min(end - time);
                let [next] = step(run.integrator, time, short, [voltage], slope);
                // The rest of a step may be too short to move the time.
                let later = if short == end - time { end } else { time + short };
                // Within the step, too, an upstroke may leave all numbers.
                if next.is_nan() || next >= neuron.threshold {
                    let share = (neuron.threshold - voltage) / (next - voltage);
                    time += short * if next.is_finite() { share } else { 0.0 };
                    trace.spikes.push(time);
                    voltage = neuron.reset;
                    continue;
                }
                voltage = next;
                time = later;
            }
        }
        if voltage.is_nan() {
            return Err(NeuronRunError::BlewUp { time: end });
        }
        trace.voltage.push(voltage);
    }
    Ok(trace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::neuron::Pulse;

    const RUN: NeuronRun = NeuronRun { duration: 500.0, step: 0.1, integrator: Integrator::RungeKutta };

    #[test]
    fn exact_spikes_are_the_limit_of_fine_grids() {
        let drive = Drive {
            constant: 5.0,
            pulses: vec![
                Pulse { from: 50.0, to: 200.0, current: 20.0 },
                Pulse { from: 120.0, to: 400.0, current: 7.0 },
                Pulse { from: 300.0, to: 700.0, current: 9.0 },
            ],
            bumps: vec![],
        };
        let exact = leaky_spikes(&Leaky::TALK, &drive, -72.0, 500.0).expect("spikes");
        let fine = NeuronRun { step: 1e-3, ..RUN };
        let grid = run_leaky(&Leaky::TALK, &drive, -72.0, fine).expect("a run").spikes;
        assert_eq!(exact.len(), grid.len());
        assert!(exact.len() > 10);
        // A spike waits for the end of its step, and so do all that follow it.
        for (k, (a, b)) in exact.iter().zip(&grid).enumerate() {
            assert!(b - a >= -1e-6 && b - a <= 1e-3 * (k + 1) as f64 + 1e-6, "{a} {b}");
        }
    }

    #[test]
    fn euler_converges_to_runge_and_kutta_in_first_order() {
        let drive = Drive::constant(20.0);
        let neuron = Exponential::TALK;
        let last = |step, integrator| {
            let run = NeuronRun { step, integrator, ..RUN };
            let spikes = run_exponential(&neuron, &drive, -72.0, run).expect("a run").spikes;
            (spikes.len(), spikes[10])
        };
        let (count, exact) = last(0.01, Integrator::RungeKutta);
        let (coarse, fine) = (last(0.02, Integrator::Euler), last(0.01, Integrator::Euler));
        assert_eq!((count, count), (coarse.0, fine.0));
        let ratio = (coarse.1 - exact) / (fine.1 - exact);
        assert!((ratio - 2.0).abs() < 0.2, "{ratio}");
        // And that method itself hardly depends on its step.
        assert!((last(0.1, Integrator::RungeKutta).1 - exact).abs() < 1e-4);
    }

    #[test]
    fn an_upstroke_beyond_all_numbers_is_a_spike() {
        let neuron = Exponential { sharpness: 0.01, ..Exponential::TALK };
        let run = NeuronRun { integrator: Integrator::Euler, ..RUN };
        let trace = run_exponential(&neuron, &Drive::constant(40.0), -72.0, run).expect("a run");
        assert!(trace.spikes.len() > 10 && trace.voltage.iter().all(|v| v.is_finite()));
    }
}
