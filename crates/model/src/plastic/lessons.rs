//! What a network is shown: stimuli, and phases with learning or without.

use super::{PlasticError, PlasticNetwork, within};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Stimuli, and when they are shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lessons {
    /// Length of a trial in s.
    pub trial: f64,
    /// What stimuli add to X.
    pub stimuli: Vec<Stimulus>,
    /// What is shown, in order.
    pub phases: Vec<Phase>,
}

/// What a stimulus adds to the drives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stimulus {
    /// Its name.
    pub name: String,
    /// Added drives in mV, by population; 0 where left out.
    pub drive: BTreeMap<String, f64>,
}

/// Trials of one kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// Its name.
    pub name: String,
    /// Stimuli that are shown in turn, one a trial; `X1+Y2` shows two at a time, and an empty name none.
    pub stimuli: Vec<String>,
    /// Number of trials.
    pub trials: usize,
    /// Whether weights learn.
    pub learning: bool,
}

impl Phase {
    /// What is shown in a trial of the phase.
    pub fn shown(&self, trial: usize) -> &str {
        &self.stimuli[trial % self.stimuli.len()]
    }
}

impl Lessons {
    /// Most trials of all phases together.
    pub const MOST_TRIALS: usize = 1_000_000;

    /// Refuses lessons that do not fit a network.
    ///
    /// # Errors
    /// The first parameter found outside its range.
    pub fn validate(&self, network: &PlasticNetwork) -> Result<(), PlasticError> {
        let known = |names: &[String]| names.join(", ");
        within("lessons.trial".into(), self.trial, (1e-3..=1e6).contains(&self.trial), "0.001 to 1e6 s")?;
        let names: Vec<String> = self.stimuli.iter().map(|stimulus| stimulus.name.clone()).collect();
        for (k, stimulus) in self.stimuli.iter().enumerate() {
            let name = &stimulus.name;
            if name.contains('+') {
                return Err(PlasticError::Plus { name: name.clone() });
            }
            if name.is_empty() || names[..k].contains(name) {
                return Err(PlasticError::Name { what: "lessons.stimuli", name: name.clone() });
            }
            for (population, added) in &stimulus.drive {
                let field = format!("lessons.stimuli.{name}.drive.{population}");
                if !network.names.contains(population) {
                    return Err(PlasticError::Unknown {
                        field,
                        name: population.clone(),
                        known: known(&network.names),
                    });
                }
                within(field, *added, added.abs() <= 1e9, "-1e9 to 1e9")?;
            }
        }
        if self.phases.is_empty() {
            return Err(PlasticError::Empty { field: "lessons.phases".into() });
        }
        let all: usize = self.phases.iter().map(|phase| phase.trials).sum();
        within("lessons.phases: trials in all".into(), all as f64, all <= Self::MOST_TRIALS, "up to 1e6")?;
        for (k, phase) in self.phases.iter().enumerate() {
            if phase.name.is_empty() || self.phases[..k].iter().any(|own| own.name == phase.name) {
                return Err(PlasticError::Name { what: "lessons.phases", name: phase.name.clone() });
            }
            let field = |key: &str| format!("lessons.phases.{}.{key}", phase.name);
            if phase.stimuli.is_empty() {
                return Err(PlasticError::Empty { field: field("stimuli") });
            }
            // Each stimulus is seen once at least.
            within(
                field("trials"),
                phase.trials as f64,
                phase.trials >= phase.stimuli.len(),
                "as many as stimuli, or more",
            )?;
            for (k, shown) in phase.stimuli.iter().enumerate() {
                let parts: Vec<&str> = shown.split('+').collect();
                let twice = (1..parts.len()).any(|j| parts[..j].contains(&parts[j]));
                if twice || phase.stimuli[..k].contains(shown) {
                    return Err(PlasticError::Repeated { field: field("stimuli"), name: shown.clone() });
                }
                for name in shown.split('+').filter(|_| !shown.is_empty()) {
                    if !names.iter().any(|own| own == name) {
                        let (field, name) = (field("stimuli"), name.into());
                        return Err(PlasticError::Unknown { field, name, known: known(&names) });
                    }
                }
            }
        }
        Ok(())
    }
}
