//! What an experiment is: parameters in, comparisons and data frames out, a figure from those.

use crate::plot::Figure;
use crate::{Bench, CompareRequest, Comparison, Failure, Parsed, SeriesTable, SystemKind, input};
use model::Seed;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    /// For a first look and for CI: a few minutes for all figures on two cores.
    Quick,
    /// The papers' sizes.
    Paper,
}

/// What a run returns.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Theory beside simulation. An experiment that compares nothing is an error.
    pub comparisons: Vec<Comparison>,
    /// What the figure shows that no row says.
    pub series: SeriesTable,
    /// What was seen that no row says: frozen realisations, theories without a solution.
    pub notes: Vec<String>,
    /// What was swept, with its value, of each row of a user's own file; empty where a figure made the rows.
    pub swept: Vec<Vec<(String, toml::Value)>>,
    /// Cases of a user's own file that could not be run, and why: they have no rows.
    pub left_out: Vec<String>,
}

/// A figure that is no study of a system.
pub trait Experiment: Sync {
    /// Its parameters.
    type Params: Serialize + DeserializeOwned;
    /// Its name, and that of its folder.
    const NAME: &'static str;
    /// One line on what it shows.
    const TITLE: &'static str;
    /// The text under the figure, from a file beside it.
    const CAPTION: &'static str;
    /// Seconds that it took on two cores, quick and, as its committed run.json says, at the papers' sizes: cheaper figures come first, and the
    /// time that is left is in proportion. Of figures that share simulations the one that ran first paid.
    const SECONDS: [f64; 2];

    /// The parameters of a scale.
    fn params(&self, scale: Scale) -> Self::Params;
    /// Refuses parameters that it cannot be run with.
    ///
    /// # Errors
    /// [`Failure::Input`]: the first key found outside its range, its value, what is allowed.
    fn check(&self, params: &Self::Params) -> Result<(), Failure>;
    /// Bytes that one of its parallel runs holds at most.
    fn memory(&self, params: &Self::Params) -> f64;
    /// Computes everything. Pure: no files, no clock, no randomness but `seed`.
    ///
    /// # Errors
    /// What the parameters make impossible.
    fn run(&self, params: &Self::Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure>;
    /// Draws the figure from the outcome alone.
    fn draw(&self, outcome: &Outcome) -> Figure;
    /// Whether the text of the figure explains why this claim misses.
    fn explains(&self, _missed: &Comparison) -> bool {
        false
    }
}

/// An experiment whose parameter type is hidden, for lists of figures.
pub trait AnyExperiment: Sync {
    /// Its name.
    fn name(&self) -> &'static str;
    /// One line on what it shows.
    fn title(&self) -> &'static str;
    /// The text under the figure.
    fn caption(&self) -> &'static str;
    /// Its parameters of a scale as TOML.
    ///
    /// # Errors
    /// Where TOML cannot hold them.
    fn params_toml(&self, scale: Scale) -> Result<String, Failure>;
    /// Its parameters of a scale as JSON.
    fn params_json(&self, scale: Scale) -> serde_json::Value;
    /// Bytes that one of its parallel runs holds at most.
    fn memory(&self, scale: Scale) -> f64;
    /// Seconds that it took on two cores.
    fn seconds(&self, scale: Scale) -> f64;
    /// Runs it.
    ///
    /// # Errors
    /// As [`Experiment::run`].
    fn run(&self, scale: Scale, seed: Seed, bench: &Bench) -> Result<Outcome, Failure>;
    /// Runs it with the parameters of a file.
    ///
    /// # Errors
    /// [`Failure::Input`] for a file that cannot be read or run.
    fn compare(&self, parsed: Parsed, request: &CompareRequest, bench: &Bench) -> Result<Outcome, Failure>;
    /// Draws it.
    fn draw(&self, outcome: &Outcome) -> Figure;
    /// Whether its text explains why this claim misses.
    fn explains(&self, missed: &Comparison) -> bool;
}

impl<E: Experiment> AnyExperiment for E {
    fn name(&self) -> &'static str {
        E::NAME
    }

    fn title(&self) -> &'static str {
        E::TITLE
    }

    fn caption(&self) -> &'static str {
        E::CAPTION
    }

    fn params_toml(&self, scale: Scale) -> Result<String, Failure> {
        let failed = |e: toml::ser::Error| Failure::Input(format!("parameters of {}: {e}", E::NAME));
        let mut table = toml::Table::new();
        table.insert("figure".into(), E::NAME.into());
        table.extend(toml::Table::try_from(self.params(scale)).map_err(failed)?);
        toml::to_string(&table).map_err(failed)
    }

    fn params_json(&self, scale: Scale) -> serde_json::Value {
        serde_json::to_value(self.params(scale)).unwrap_or(serde_json::Value::Null)
    }

    fn memory(&self, scale: Scale) -> f64 {
        Experiment::memory(self, &self.params(scale))
    }

    fn seconds(&self, scale: Scale) -> f64 {
        let [quick, paper] = E::SECONDS;
        match scale {
            Scale::Quick => quick,
            Scale::Paper => paper,
        }
    }

    fn run(&self, scale: Scale, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        Experiment::run(self, &self.params(scale), seed, bench)
    }

    fn compare(&self, parsed: Parsed, request: &CompareRequest, bench: &Bench) -> Result<Outcome, Failure> {
        if request.replicates.is_some() {
            return Err(Failure::Input(format!("--replicates: {} is no study of a network (allowed: none)", E::NAME)));
        }
        if bench.shard().is_some() || bench.merges() {
            let name = E::NAME;
            return Err(Failure::Input(format!(
                "{name} is no study of a network, and has no shards (allowed: compare)"
            )));
        }
        let params: E::Params = parsed.whole()?;
        let within = |failure: Failure| failure.within(&request.path);
        self.check(&params).map_err(within)?;
        request.memory.check(E::NAME, Experiment::memory(self, &params))?;
        Experiment::run(self, &params, request.seed, bench).map_err(within)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        Experiment::draw(self, outcome)
    }

    fn explains(&self, missed: &Comparison) -> bool {
        Experiment::explains(self, missed)
    }
}

/// A source: a paper, its figures, and how to compare a network of the user's own.
pub struct Source {
    /// Its name: that of its binary and of its folder of results.
    pub name: &'static str,
    /// The reference.
    pub citation: &'static str,
    /// Its figures, in the order of the paper.
    pub figures: &'static [&'static dyn AnyExperiment],
    /// Kinds of systems that its users have; the first is meant where a file says no `kind`.
    pub systems: &'static [SystemKind],
}

impl Source {
    /// The figure of a name.
    ///
    /// # Errors
    /// [`Failure::Input`] if there is none.
    pub fn figure(&self, name: &str) -> Result<&'static dyn AnyExperiment, Failure> {
        let names: Vec<&str> = self.figures.iter().map(|figure| figure.name()).collect();
        let found = self.figures.iter().copied().find(|figure| figure.name() == name);
        found.ok_or_else(|| input::unknown(&format!("figure of {}", self.name), name, &names))
    }
}
