//! Single neurons driven by a current.

mod hodgkin_huxley;
mod integrate_and_fire;
mod poisson;
mod synaptic;

pub use hodgkin_huxley::{Channels, run_hodgkin_huxley};
pub use integrate_and_fire::{Trace, leaky_spikes, run_exponential, run_leaky};
pub use poisson::poisson_spikes;
pub use synaptic::{Membrane, SynapticTrace, run_synapses};

use model::NeuronError;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// How equations are integrated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Integrator {
    /// Forward Euler, order 1: what published figures were made with.
    Euler,
    /// The classical method of Runge and Kutta, order 4.
    RungeKutta,
}

/// How long, and in which steps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeuronRun {
    /// In ms.
    pub duration: f64,
    /// In ms.
    pub step: f64,
    /// The method.
    pub integrator: Integrator,
}

/// Why a neuron cannot be run.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum NeuronRunError {
    /// No such neuron.
    #[error(transparent)]
    Neuron(#[from] NeuronError),
    /// The neuron cannot start from this voltage.
    #[error("start: {start} mV (allowed: finite, below the threshold, {threshold} mV)")]
    Start {
        /// What was asked for.
        start: f64,
        /// V_th.
        threshold: f64,
    },
    /// The step is not a positive number, or too long for the fastest time constant.
    #[error("step: {step} ms (allowed: above 0, up to {most} ms for this neuron)")]
    Step {
        /// What was asked for.
        step: f64,
        /// The longest.
        most: f64,
    },
    /// The duration is not a positive number, or too many steps.
    #[error("duration: {duration} ms (allowed: above 0, up to {MOST_STEPS} steps)")]
    Duration {
        /// What was asked for.
        duration: f64,
    },
    /// Numbers left their range.
    #[error("the voltage left all numbers at {time} ms: the step is too long, or the current too strong")]
    BlewUp {
        /// When.
        time: f64,
    },
}

/// Most steps of a run: 0.8 GB a variable.
pub const MOST_STEPS: usize = 100_000_000;

impl NeuronRun {
    /// Number of steps, where the step fits a neuron that allows `most` ms.
    fn steps(&self, most: f64) -> Result<usize, NeuronRunError> {
        if !(self.step > 0.0 && self.step <= most) {
            return Err(NeuronRunError::Step { step: self.step, most });
        }
        let steps = self.duration / self.step;
        if !(steps > 0.0 && steps <= MOST_STEPS as f64) {
            return Err(NeuronRunError::Duration { duration: self.duration });
        }
        // A duration of so many steps is that many, whatever rounding makes of the quotient.
        Ok((steps - 1e-9 * steps).ceil() as usize)
    }
}

/// One step of y' = f(t, y).
fn step<const N: usize>(
    integrator: Integrator,
    time: f64,
    step: f64,
    y: [f64; N],
    f: impl Fn(f64, &[f64; N]) -> [f64; N],
) -> [f64; N] {
    let along = |slope: &[f64; N], by: f64| -> [f64; N] { std::array::from_fn(|k| y[k] + by * slope[k]) };
    let first = f(time, &y);
    if integrator == Integrator::Euler {
        return along(&first, step);
    }
    let second = f(time + 0.5 * step, &along(&first, 0.5 * step));
    let third = f(time + 0.5 * step, &along(&second, 0.5 * step));
    let fourth = f(time + step, &along(&third, step));
    std::array::from_fn(|k| y[k] + step / 6.0 * (first[k] + 2.0 * (second[k] + third[k]) + fourth[k]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// y' = −t y: y = exp(−t²/2). Errors fall with the order of the method.
    #[test]
    fn orders_are_as_stated() {
        let error = |integrator, n: i32| {
            let h = 1.0 / f64::from(n);
            let end = (0..n).fold([1.0], |y, k| step(integrator, f64::from(k) * h, h, y, |t, y| [-t * y[0]]));
            (end[0] - libm::exp(-0.5)).abs()
        };
        for (integrator, order) in [(Integrator::Euler, 1), (Integrator::RungeKutta, 4)] {
            let ratio = error(integrator, 50) / error(integrator, 100);
            let exact = 2.0_f64.powi(order);
            assert!((ratio / exact - 1.0).abs() < 0.05, "{ratio} for {exact}");
        }
    }

    #[test]
    fn impossible_runs_are_refused() {
        let run = |duration, step| NeuronRun { duration, step, integrator: Integrator::Euler }.steps(1.0);
        assert_eq!(run(1.0, 0.1), Ok(10));
        assert_eq!(run(1.05, 0.1), Ok(11));
        for step in [0.0, -1.0, f64::NAN, 2.0] {
            assert!(matches!(run(1.0, step), Err(NeuronRunError::Step { .. })));
        }
        for duration in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(run(duration, 0.1), Err(NeuronRunError::Duration { .. })));
        }
    }
}
