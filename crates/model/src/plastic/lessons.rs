//! What a network is shown: stimuli, and phases with learning or without.

use super::{PlasticError, within};
use ndarray::Array2;
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
    /// Added to the drive of each population, 0 where left out: in mV of rates, in mV/ms of spiking cells.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub drive: BTreeMap<String, f64>,
    /// Added to each cell of a spiking network beside that, in mV/ms, by population: standard deviation of a Gaussian that is drawn once for each cell.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pattern: BTreeMap<String, f64>,
}

/// Trials of one kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// Its name.
    pub name: String,
    /// Stimuli that are shown in turn, one a trial; `X1+Y2` shows two at a time, `5*X1` five times it, and an empty name none.
    pub stimuli: Vec<String>,
    /// Number of trials.
    pub trials: usize,
    /// Whether weights learn.
    pub learning: bool,
    /// All that is shown in a trial is multiplied by a number between these, drawn anew for each; by 1 if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amplitude: Option<[f64; 2]>,
    /// Whether this number is drawn for each stimulus apart.
    #[serde(default, skip_serializing_if = "is_false")]
    pub apart: bool,
    /// Strengths that are others than those of the network while the phase lasts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub factors: Vec<Factor>,
}

/// What the strengths of the connections from one population to another are multiplied by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Factor {
    /// Population that sends.
    pub from: String,
    /// Population that receives.
    pub to: String,
    /// The factor, 0 and more.
    pub factor: f64,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// Stimuli that are shown at a time, and what each is multiplied by; `None` where a factor is no number up to 1e6, or a name is missing.
pub fn parts(shown: &str) -> Option<Vec<(f64, &str)>> {
    fn of(part: &str) -> Option<(f64, &str)> {
        let (factor, name) = match part.split_once('*') {
            Some((factor, name)) => {
                (factor.trim().parse().ok().filter(|factor: &f64| factor.abs() <= 1e6)?, name.trim())
            }
            None => (1.0, part.trim()),
        };
        (!name.is_empty()).then_some((factor, name))
    }
    if shown.trim().is_empty() {
        return Some(Vec::new());
    }
    shown.split('+').map(of).collect()
}

impl Stimulus {
    /// Drives that are added to populations.
    pub fn new(name: &str, drive: &[(&str, f64)]) -> Self {
        let drive = drive.iter().map(|(name, added)| ((*name).into(), *added)).collect();
        Stimulus { name: name.into(), drive, pattern: BTreeMap::new() }
    }

    /// Patterns over the cells of populations.
    pub fn pattern(name: &str, pattern: &[(&str, f64)]) -> Self {
        let pattern = pattern.iter().map(|(name, sd)| ((*name).into(), *sd)).collect();
        Stimulus { name: name.into(), drive: BTreeMap::new(), pattern }
    }
}

impl Phase {
    /// So many trials in which these are shown in turn, as they are.
    pub fn new(name: &str, stimuli: &[&str], trials: usize, learning: bool) -> Self {
        let stimuli = stimuli.iter().map(|shown| (*shown).into()).collect();
        Phase { name: name.into(), stimuli, trials, learning, amplitude: None, apart: false, factors: Vec::new() }
    }

    /// Factors of all strengths `[A, A]`, from column to row; `None` where none is another than 1.
    pub fn factors(&self, populations: &[String]) -> Option<Array2<f64>> {
        let place = |name: &String| populations.iter().position(|own| own == name);
        let mut all = Array2::ones((populations.len(), populations.len()));
        for Factor { from, to, factor } in &self.factors {
            if let (Some(a), Some(b)) = (place(to), place(from)) {
                all[[a, b]] = *factor;
            }
        }
        all.iter().any(|factor| *factor != 1.0).then_some(all)
    }

    /// What is shown in a trial of the phase.
    pub fn shown(&self, trial: usize) -> &str {
        &self.stimuli[trial % self.stimuli.len()]
    }
}

impl Lessons {
    /// Most trials of all phases together.
    pub const MOST_TRIALS: usize = 1_000_000;

    /// Trials of all phases; the largest number where a number cannot say it.
    pub fn trials(&self) -> usize {
        self.phases.iter().fold(0, |all: usize, phase| all.saturating_add(phase.trials))
    }

    /// Refuses lessons that do not fit populations of these names, which have `cells` or are rates.
    ///
    /// # Errors
    /// The first parameter found outside its range.
    pub fn validate(&self, populations: &[String], cells: bool) -> Result<(), PlasticError> {
        let known = |names: &[String]| names.join(", ");
        within("lessons.trial".into(), self.trial, (1e-3..=1e6).contains(&self.trial), "0.001 to 1e6 s")?;
        let names: Vec<String> = self.stimuli.iter().map(|stimulus| stimulus.name.clone()).collect();
        for (k, stimulus) in self.stimuli.iter().enumerate() {
            let name = &stimulus.name;
            if name.contains(['+', '*']) {
                return Err(PlasticError::Plus { name: name.clone() });
            }
            if name.is_empty() || name.chars().any(char::is_control) || names[..k].contains(name) {
                return Err(PlasticError::Name { what: "lessons.stimuli", name: name.clone() });
            }
            if !cells && !stimulus.pattern.is_empty() {
                return Err(PlasticError::Cells { field: format!("lessons.stimuli.{name}.pattern") });
            }
            for (key, added) in [("drive", &stimulus.drive), ("pattern", &stimulus.pattern)] {
                for (population, added) in added {
                    let field = format!("lessons.stimuli.{name}.{key}.{population}");
                    if !populations.contains(population) {
                        let (name, known) = (population.clone(), known(populations));
                        return Err(PlasticError::Unknown { field, name, known });
                    }
                    if key == "pattern" {
                        within(field, *added, (0.0..=1e9).contains(added), "0 to 1e9")?;
                    } else {
                        within(field, *added, added.abs() <= 1e9, "-1e9 to 1e9")?;
                    }
                }
            }
        }
        if self.phases.is_empty() {
            return Err(PlasticError::Empty { field: "lessons.phases".into() });
        }
        let all = self.trials();
        within("lessons.phases: trials in all".into(), all as f64, all <= Self::MOST_TRIALS, "up to 1e6")?;
        for (k, phase) in self.phases.iter().enumerate() {
            let unnamed = phase.name.is_empty() || phase.name.chars().any(char::is_control);
            if unnamed || self.phases[..k].iter().any(|own| own.name == phase.name) {
                return Err(PlasticError::Name { what: "lessons.phases", name: phase.name.clone() });
            }
            let field = |key: &str| format!("lessons.phases.{}.{key}", phase.name);
            if phase.stimuli.is_empty() {
                return Err(PlasticError::Empty { field: field("stimuli") });
            }
            if phase.apart && phase.amplitude.is_none() {
                return Err(PlasticError::Idle { field: field("apart") });
            }
            if let Some([low, high]) = phase.amplitude {
                if !cells {
                    return Err(PlasticError::Cells { field: field("amplitude") });
                }
                within(field("amplitude"), low, low.abs() <= 1e6, "-1e6 to 1e6, the smaller first")?;
                within(field("amplitude"), high, (low..=1e6).contains(&high), "-1e6 to 1e6, the smaller first")?;
            }
            if !cells && !phase.factors.is_empty() {
                return Err(PlasticError::Cells { field: field("factors") });
            }
            for (k, Factor { from, to, factor }) in phase.factors.iter().enumerate() {
                let field = format!("{}.{from}->{to}", field("factors"));
                if let Some(name) = [from, to].into_iter().find(|name| !populations.contains(name)) {
                    return Err(PlasticError::Unknown { field, name: name.clone(), known: known(populations) });
                }
                if phase.factors[..k].iter().any(|own| (&own.from, &own.to) == (from, to)) {
                    return Err(PlasticError::Several { field });
                }
                within(field, *factor, (0.0..=1e6).contains(factor), "0 to 1e6")?;
            }
            // Each stimulus is seen once at least.
            within(
                field("trials"),
                phase.trials as f64,
                phase.trials >= phase.stimuli.len(),
                "as many as stimuli, or more",
            )?;
            for (k, shown) in phase.stimuli.iter().enumerate() {
                let Some(parts) = parts(shown) else {
                    return Err(PlasticError::Factor { field: field("stimuli"), name: shown.clone() });
                };
                let twice = (1..parts.len()).any(|j| parts[..j].iter().any(|part| part.1 == parts[j].1));
                if twice || phase.stimuli[..k].contains(shown) {
                    return Err(PlasticError::Repeated { field: field("stimuli"), name: shown.clone() });
                }
                for (_, name) in parts {
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
