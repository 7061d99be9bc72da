//! Rates and voltages beside what is known of them.

use super::super::PUBLISHED;
use super::super::picture::Params;
use super::{Exponential, PUBLISHED_RATES, SHARPENED_AT};
use lab::{Claim, Comparison, Estimate, Failure, Outcome, SeriesTable, row};
use meanfield::neuron::{exponential_rate, leaky_rate};
use model::Neuron;
use simulation::neuron::{Integrator, NeuronRun};
use systems::neuron::{By, resolved_bias, simulated_rate};

impl Exponential {
    /// Panel C.
    pub(super) fn sharpen(
        &self,
        params: &Params,
        neuron: model::neuron::Exponential,
        table: &mut SeriesTable,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        let sharpened = |sharpness| model::neuron::Exponential { sharpness, ..neuron };
        let leaky =
            model::neuron::Leaky { tau: neuron.tau, rest: neuron.rest, threshold: neuron.onset, reset: neuron.reset };
        let limit = 1000.0 * leaky_rate(&leaky, SHARPENED_AT);
        for &sharpness in &params.sharpness {
            let theory = exponential_rate(&sharpened(sharpness), SHARPENED_AT);
            let fine = NeuronRun { integrator: Integrator::RungeKutta, ..params.run };
            let of = Neuron::Exponential(sharpened(sharpness));
            let seen = simulated_rate(&of, SHARPENED_AT, By::Steps(fine), theory)?.unwrap_or(f64::NAN);
            let at = |name: &str, theory: f64, bias: f64| Comparison {
                x: sharpness,
                theory,
                simulation: Estimate::exact(seen),
                bias,
                ..row("C", "rate at 20 mV (Hz)", name, "sharpened")
            };
            outcome.comparisons.push(at(
                "quadrature",
                1000.0 * theory,
                1000.0 * resolved_bias(theory, params.run.step, neuron.tau),
            ));
            // The limit itself, which is not reached.
            outcome.comparisons.push(Comparison { claim: Claim::Contrast, ..at("leaky", limit, 0.0) });
            if let Some((_, published)) = PUBLISHED_RATES.iter().find(|(of, _)| *of == sharpness) {
                // Theirs is Euler's method at some hundredths of a ms: each interval waits for the end of its step, 0.13 % at most.
                outcome.comparisons.push(at(PUBLISHED, *published, 2e-3 * published));
            }
        }
        for k in 0..=100 {
            let sharpness = libm::pow(10.0, -2.0 + 2.7 * f64::from(k) / 100.0);
            table.point(
                "sharpness",
                "quadrature",
                sharpness,
                1000.0 * exponential_rate(&sharpened(sharpness), SHARPENED_AT),
            );
        }
        Ok(())
    }
}
