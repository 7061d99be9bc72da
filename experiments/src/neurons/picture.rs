//! Parameters of the figures that show one neuron under a drive and its rate at constant currents.

use lab::{Failure, Outcome, input};
use model::Neuron;
use model::neuron::Drive;
use serde::{Deserialize, Serialize};
use simulation::neuron::{NeuronRun, Trace};
use systems::neuron::{rate_rows, seen_rates};

/// Parameters of such a figure.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Constant currents at which the neuron is run, in its units.
    pub currents: Vec<f64>,
    /// Values of Δ_T in mV that a figure goes through.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sharpness: Vec<f64>,
    /// Voltage in mV at time 0 of the picture of an integrate-and-fire neuron.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<f64>,
    /// How the picture of the drive is computed, and for how long; rates take its step where they are said to be on a grid.
    pub run: NeuronRun,
    /// The neuron.
    pub neuron: Neuron,
    /// What the picture shows the neuron under.
    #[serde(default)]
    pub drive: Drive,
}

impl Params {
    /// Refuses what no such figure can show.
    ///
    /// # Errors
    /// [`Failure::Input`]: the first key found outside its range.
    pub fn check(&self) -> Result<(), Failure> {
        self.neuron.validate().map_err(|e| Failure::Input(format!("neuron.{e}")))?;
        self.drive.validate().map_err(|e| Failure::Input(format!("drive.{e}")))?;
        input::all_within("currents", &self.currents, -1e5, 1e5)?;
        self.sharpness.iter().try_for_each(|own| input::within("sharpness", *own, 1e-3, 1e3))?;
        input::within("run.step", self.run.step, 1e-4, 1.0)?;
        input::within("run.duration", self.run.duration, 200.0, 1e6)
    }
}

/// Every fifth sample of a trace, and its spikes up to the threshold.
pub fn picture(trace: &Trace, step: f64, threshold: f64) -> Vec<(f64, f64)> {
    let samples = trace.voltage.iter().enumerate().step_by(5).map(|(k, v)| (k as f64 * step, *v));
    let mut points: Vec<(f64, f64)> = samples.chain(trace.spikes.iter().map(|t| (*t, threshold))).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    points
}

/// Rows of the rates at constant currents.
pub fn rates(panel: &str, params: &Params, outcome: &mut Outcome) -> Result<(), Failure> {
    let seen = seen_rates(&params.neuron, params.run.step, &params.currents)?;
    outcome.comparisons.extend(rate_rows(panel, "talk", &params.neuron, &seen));
    Ok(())
}
