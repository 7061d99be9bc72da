//! Single neurons at constant currents: rates beside quadratures and closed forms, departures from rest beside eigenvalues.

mod firing;

pub use firing::{
    By, Departure, SeenRate, departure_rows, departures, predicted_rate, rate_rows, refused, resolved_bias, seen_rates,
    simulated_rate,
};

use lab::{Detail, Draw, Failure, Outcome, System, input};
use model::Neuron;
use model::neuron::Drive;
use serde::{Deserialize, Serialize};
use simulation::neuron::{Integrator, NeuronRun};

/// Largest current in size: far beyond what a neuron survives.
const MOST_CURRENT: f64 = 1e5;

/// A neuron at constant currents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeuronSystem {
    /// Constant currents at which the neuron is run, in mV (Hodgkin & Huxley's: µA/cm²).
    pub currents: Vec<f64>,
    /// Step in ms of the methods that have steps.
    #[serde(default = "usual_step")]
    pub step: f64,
    /// The neuron.
    pub neuron: Neuron,
}

/// A neuron that has been run.
pub type Measured = lab::Measured<NeuronSystem>;

/// What is seen of a neuron.
#[derive(Serialize, Deserialize)]
pub struct Seen {
    rates: Vec<SeenRate>,
    departures: Vec<Departure>,
}

fn usual_step() -> f64 {
    0.1
}

impl System for NeuronSystem {
    const KIND: &'static str = "neuron";
    const DETERMINISTIC: bool = true;
    type Seen = Seen;
    type Predicted = ();

    fn validate(&self) -> Result<(), Failure> {
        self.neuron.validate().map_err(|e| Failure::Input(format!("neuron.{e}")))?;
        input::all_within("currents", &self.currents, -MOST_CURRENT, MOST_CURRENT)?;
        if let Some(k) = (1..self.currents.len()).find(|k| self.currents[..*k].contains(&self.currents[*k])) {
            return Err(Failure::Input(format!("currents: {} twice (allowed: different ones)", self.currents[k])));
        }
        input::within("step", self.step, 1e-6, 1e3)?;
        let run = NeuronRun { duration: 1.0, step: self.step, integrator: Integrator::Euler };
        match &self.neuron {
            Neuron::Leaky(own) => simulation::neuron::run_leaky(own, &Drive::default(), own.reset, run).map(drop),
            Neuron::Exponential(own) => {
                simulation::neuron::run_exponential(own, &Drive::default(), own.reset, run).map(drop)
            }
            Neuron::HodgkinHuxley(_) => Ok(()),
        }
        .map_err(refused)
    }

    /// Spikes and samples of one current.
    fn memory(&self) -> f64 {
        1e6
    }

    fn work(&self) -> f64 {
        self.currents.len() as f64 / self.step
    }

    fn abscissa(&self) -> f64 {
        self.currents.first().copied().unwrap_or(f64::NAN)
    }

    fn realise(&self, _: Draw, _: Detail) -> Result<Seen, Failure> {
        let departures = match &self.neuron {
            Neuron::HodgkinHuxley(own) => departures(own, &self.currents)?,
            _ => Vec::new(),
        };
        Ok(Seen { rates: seen_rates(&self.neuron, self.step, &self.currents)?, departures })
    }

    /// Theories are asked current by current.
    fn predict(&self) {}

    fn compare(measured: &Measured, outcome: &mut Outcome) {
        let NeuronSystem { neuron, currents, step } = &measured.case.system;
        let label = if measured.case.label.is_empty() { "neuron" } else { &measured.case.label };
        let seen = &measured.seen[0];
        outcome.comparisons.extend(rate_rows("-", label, neuron, &seen.rates));
        outcome.comparisons.extend(departure_rows("-", label, &seen.departures));
        for current in currents {
            if !seen.rates.iter().any(|s| s.current == *current)
                && !seen.departures.iter().any(|s| s.current == *current)
            {
                outcome.notes.push(match neuron {
                    Neuron::HodgkinHuxley(_) => {
                        format!("at {current}: no oscillation outlives all else about the rest")
                    }
                    _ => format!("at {current}: spikes are too rare to wait for in steps of {step} ms"),
                });
            }
        }
    }
}
