//! Spiking networks: rates, currents, irregularity and correlations of integrate-and-fire neurons, beside theories at finite N and N → ∞.

mod rows;
mod sample;

pub use rows::{
    Covariances, DIVERSITY, FINITE, RARE, RESPONSE, SPREAD, SYNCHRONOUS, covariances, currents, finite, is_claimed,
    is_driven_by_noise, is_synchronous, rates, synchrony, together, variability,
};
pub(crate) use rows::{beyond_theory, together_by};
pub(crate) use sample::SHORT;
pub use sample::{OfDrives, OfSample, Sample};

use lab::{Claim, Comparison, Detail, Draw, Failure, Outcome, System, memory_of_a_run, row};
use meanfield::{GrowingModes, SpikingRates, TheoryError, ToCircuit, growing_modes, spiking_rates};
use model::spiking::OldForm;
use model::{Spike, SpikingNetwork};
use ndarray::Array1;
use semibalance::{all_states, balanced};
use serde::{Deserialize, Serialize};
use simulation::spiking::{Activity, Drives, SpikingRun, SpikingRunError, spiking_memory, stream_spiking};
use std::ops::ControlFlow;

/// Windows in ms in which spikes are counted, for Fano factors and correlations.
pub const WINDOW: f64 = 250.0;

/// A spiking network, and how it is run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpikingSystem {
    /// How long, in which steps, and what is kept.
    pub run: SpikingRun,
    /// The network.
    pub network: SpikingNetwork,
}

/// A spiking network that has been run.
pub type Measured = lab::Measured<SpikingSystem>;

/// What theories say of a spiking network.
pub struct Predicted {
    /// Self-consistent rates at its size.
    pub finite: Result<SpikingRates, TheoryError>,
    /// Modes of the rates that grow about that state.
    pub growing: Result<GrowingModes, TheoryError>,
    /// The semi-balanced state, where there is exactly one, in Hz.
    pub semi: Option<Array1<f64>>,
    /// How many semi-balanced states there are; `None` where they have not been listed.
    pub states: Option<usize>,
    /// −W⁻¹X in Hz.
    pub balanced: Option<Array1<f64>>,
}

impl SpikingSystem {
    /// Runs it once, in so many bytes.
    fn run_within(&self, bytes: f64, draw: Draw) -> Result<Activity, Failure> {
        // What they are counted from takes as much again, and a list that grows is copied.
        let most = bytes / (4 * size_of::<Spike>()) as f64;
        let mut events: Vec<Spike> = Vec::new();
        let mut keep = |spikes: &[Spike]| {
            if (events.len() + spikes.len()) as f64 > most {
                return ControlFlow::Break(());
            }
            events.extend_from_slice(spikes);
            ControlFlow::Continue(())
        };
        let ran = stream_spiking(&self.network, &self.run, draw.seed(), 1, &mut keep);
        let mut activity = ran.map_err(|error| match error {
            SpikingRunError::Stopped { .. } => Failure::Input(format!(
                "more than {most:.3e} spikes, which memory does not hold (allowed: lower rates, a shorter run.duration, fewer --threads or a larger \
                 --memory-limit)"
            )),
            other => Failure::Input(other.to_string()),
        })?;
        activity.spikes.events = events;
        Ok(activity)
    }
}

impl System for SpikingSystem {
    const KIND: &'static str = "spiking-network";
    type Seen = Sample;
    type Predicted = Predicted;

    const OLD_FORM: &'static str = "network: the old form, with matrices by population; now [[network.populations]] (name, size or share, \
        constant; kind = \"poisson\", rate) and [[network.projections]] (from, to, probability or in_degree, strength or charge, tau, delay, \
        reversal, spread): `renew FILE` prints the file in it";

    fn renewed(text: &str) -> Option<String> {
        #[derive(Deserialize)]
        struct Old {
            network: OldForm,
        }
        let old: Old = toml::from_str(text).ok()?;
        let mut table: toml::Table = toml::from_str(text).ok()?;
        // What a figure swept had keys of its own.
        if table.get("sweep").is_some_and(toml::Value::is_table) {
            table.remove("sweep");
        }
        table.insert("network".into(), toml::Value::try_from(SpikingNetwork::from(old.network)).ok()?);
        toml::to_string(&table).ok()
    }

    fn validate(&self) -> Result<(), Failure> {
        self.network.validate().map_err(|e| Failure::Input(format!("network.{e}")))?;
        if self.network.learns() {
            return Err(Failure::Input(
                "network: synapses learn (allowed: without plasticity; kind = \"plastic-spiking-network\" is taught, see networks/plastic-spiking.toml)".into(),
            ));
        }
        self.run.validate(&self.network).map_err(|e| Failure::Input(format!("run.{e}")))?;
        if self.run.duration < 2.0 * WINDOW {
            return Err(Failure::Input(format!(
                "run.duration: {} (allowed: {} ms and more: spikes are counted in windows of {WINDOW} ms)",
                self.run.duration,
                2.0 * WINDOW
            )));
        }
        Ok(())
    }

    /// The network, spikes at some 20 Hz, and traces. Of cells that spike faster a run stops where it has taken what it may.
    fn memory(&self) -> f64 {
        let size = self.network.connections.size as f64;
        let spikes = size * self.run.duration / 1000.0 * 20.0 * 8.0;
        let counts = size * self.run.duration / WINDOW * 2.0;
        let samples = self.run.cells.len() as f64 * self.run.duration / self.run.sample;
        let traces = 2.0 * samples * (size_of::<f64>() + size_of::<Drives>()) as f64;
        spiking_memory(&self.network) + 2.0 * spikes + counts + traces
    }

    fn work(&self) -> f64 {
        let size = self.network.connections.size as f64;
        let density = self.network.connections.probability.mean().unwrap_or(0.0);
        // A row of connections weighs about as much as ten cells.
        (self.run.duration + self.run.transient) / self.run.step * size * (1.0 + density * size * 1e-3)
    }

    fn shape(&self) -> String {
        self.network.names.join(", ")
    }

    fn abscissa(&self) -> f64 {
        self.network.connections.size as f64
    }

    fn realise(&self, draw: Draw, detail: Detail) -> Result<Sample, Failure> {
        let activity = self.run_within(memory_of_a_run(), draw)?;
        let sample = Sample::of(&activity);
        Ok(Sample { activity: (detail == Detail::Whole).then_some(activity), ..sample })
    }

    fn predict(&self) -> Predicted {
        let circuit = self.network.circuit().ok();
        let states = circuit.as_ref().and_then(|circuit| all_states(circuit).ok());
        let only = states.as_ref().filter(|s| s.states.len() == 1 && s.continua.is_empty());
        let finite = spiking_rates(&self.network);
        Predicted {
            growing: finite.clone().and_then(|state| growing_modes(&self.network, &state)),
            finite,
            semi: only.map(|s| s.states[0].r.clone()),
            states: states.as_ref().map(|s| s.states.len()),
            balanced: circuit.and_then(|circuit| balanced(&circuit).rates),
        }
    }

    fn compare(measured: &Measured, outcome: &mut Outcome) {
        let SpikingSystem { network, run } = &measured.case.system;
        let first = outcome.comparisons.len();
        outcome.comparisons.extend(rates(measured, "-"));
        outcome.comparisons.extend(currents(measured, "-"));
        outcome.comparisons.extend(variability(measured, "-"));
        let theory = Covariances::of(measured);
        outcome.comparisons.extend(covariances(measured, "-", &theory));
        for (a, name) in network.names.iter().enumerate() {
            let shown: [(&str, &str, f64, OfSample); 3] = [
                ("CV of intervals", "Poisson process", 1.0, |s, a| s.variation[a]),
                ("correlation of counts", "asynchronous, N to infinity", 0.0, |s, a| s.correlation[a]),
                ("share of active cells", "all", 1.0, |s, a| s.active[a]),
            ];
            for (quantity, theory_name, theory, of) in shown {
                outcome.comparisons.push(Comparison {
                    x: measured.case.x,
                    theory,
                    simulation: measured.estimate(|s| of(s, a)),
                    claim: Claim::Contrast,
                    ..row("-", &format!("{quantity}, {name}"), theory_name, &measured.case.label)
                });
            }
        }
        outcome.notes.extend(reservations(measured, &theory));
        if outcome.comparisons[first..].iter().all(|row| row.claim == Claim::Contrast) {
            outcome.notes.push("no theory claims anything of this network: nothing was tested".into());
        }
        let fastest = measured.seen.iter().flat_map(|s| &s.rates).copied().fold(0.0, f64::max);
        if fastest > 100.0 / run.step {
            outcome.notes.push(format!(
                "cells fire every {:.1} steps or so: the step, not the network, limits them",
                1000.0 / fastest / run.step
            ));
        }
    }
}

/// Why theories are missing, or claim nothing.
fn reservations(measured: &Measured, theory: &Covariances) -> Vec<String> {
    let mut notes: Vec<String> = rows::unclaimed(measured).into_iter().collect();
    let Predicted { finite, growing, .. } = &measured.predicted;
    let missing = [finite.as_ref().err(), growing.as_ref().err(), theory.missing()];
    for error in missing.into_iter().flatten().map(ToString::to_string) {
        if !notes.contains(&error) {
            notes.push(error);
        }
    }
    match measured.predicted.states {
        Some(1) => {}
        Some(count) => {
            notes.push(format!("{count} semi-balanced states as N → ∞ (states of semi-balance lists them)"));
        }
        None => notes.push("conductances, or too many populations: semi-balanced states are not listed".into()),
    }
    notes
}

/// The first draw, in full.
///
/// # Panics
/// If there is none: the loop over realisations keeps it.
pub fn first(measured: &Measured) -> &Activity {
    measured.seen[0].activity.as_ref().expect("the first draw is kept whole")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A run stops where its spikes no longer fit, and says so.
    #[test]
    fn spikes_beyond_what_memory_holds_end_a_run() {
        let file = std::fs::read_to_string("../../networks/spiking.toml").expect("an example");
        let table: toml::Table = file.parse().expect("TOML");
        let part = |key: &str| table[key].clone();
        let mut system = SpikingSystem {
            run: part("run").try_into().expect("a run"),
            network: part("network").try_into().expect("a network"),
        };
        system.run.duration = 500.0;
        let draw = Draw { command: model::Seed(1), case: 0, replicate: 0 };
        let count = system.run_within(f64::INFINITY, draw).expect("a run").spikes.events.len();
        let bytes = |spikes: usize| (4 * size_of::<Spike>() * spikes) as f64;
        assert_eq!(system.run_within(bytes(count), draw).expect("enough").spikes.events.len(), count);
        let Err(Failure::Input(line)) = system.run_within(bytes(count - 1), draw) else { panic!("too many") };
        assert!(line.contains("spikes") && line.contains("--memory-limit"), "{line}");
        // Traces are known beforehand.
        let before = system.memory();
        system.run.cells = (0..10).collect();
        let samples = 10.0 * system.run.duration / system.run.sample;
        assert!(system.memory() - before >= 8.0 * samples);
    }
}
