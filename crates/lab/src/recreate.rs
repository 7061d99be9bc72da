//! The run that a run.json tells of, once more: the same bytes, or what differs.

use crate::compare::{CompareRequest, Compared, compare};
use crate::run::different_rows;
use crate::{Bench, Build, Failure, Memory, Source, columns, input};
use model::Seed;
use serde::Deserialize;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// What a run.json says of a run: what it was made of, and where.
#[derive(Deserialize)]
struct Told {
    source: String,
    figure: String,
    parameters: Value,
    seed: u64,
    commit: String,
    compiler: String,
    cpu: String,
    instruction_set: String,
}

/// A run that was made again.
pub struct Recreated {
    /// What it gave, and what it was asked.
    pub compared: Compared,
    /// See `compared`.
    pub request: CompareRequest,
    /// Its name.
    pub name: String,
    /// How its table differs from the one that stands there, and what of the two runs does; empty where the bytes are the same.
    pub differences: Vec<String>,
}

/// What a run.json asks for.
pub struct Asked {
    source: &'static Source,
    /// The file that would make the same table.
    pub request: CompareRequest,
    told: Told,
    /// The table beside it.
    table: String,
}

impl Asked {
    /// Reads a run.json, or the one in a folder, and the table beside it.
    ///
    /// # Errors
    /// [`Failure::Input`] where a file cannot be read, or tells of no source that there is.
    pub fn read(sources: &[&'static Source], path: &Path, memory: Memory) -> Result<Self, Failure> {
        let path = if path.is_dir() { path.join("run.json") } else { path.to_owned() };
        let within = |failure: Failure| failure.within(&path);
        let read = |path: &Path| {
            std::fs::read_to_string(path).map_err(|e| Failure::Input(format!("cannot read {}: {e}", path.display())))
        };
        let told: Told = serde_json::from_str(&read(&path)?)
            .map_err(|e| within(Failure::Input(format!("no run.json of ours: {e}"))))?;
        let table = read(&path.with_file_name("comparison.csv"))?;
        let names: Vec<&str> = sources.iter().map(|source| source.name).collect();
        let source = sources.iter().find(|source| source.name == told.source);
        let source = *source.ok_or_else(|| within(input::unknown("source", &told.source, &names)))?;
        let mut parameters = told.parameters.clone();
        let replicates = parameters.as_object_mut().and_then(|all| all.remove("--replicates"));
        if let (Some(all), false) = (parameters.as_object_mut(), told.figure.is_empty()) {
            all.insert("figure".into(), Value::String(told.figure.clone()));
        }
        let text = toml::to_string(&without_nulls(parameters))
            .map_err(|e| within(Failure::Input(format!("parameters: no file can hold them: {e}"))))?;
        let request = CompareRequest {
            path: PathBuf::from(format!("parameters in {}", path.display())),
            text,
            seed: Seed(told.seed),
            replicates: replicates.and_then(|r| r.as_u64()).map(|r| r as usize),
            memory,
        };
        Ok(Asked { source, request, told, table })
    }

    /// Runs it again, and compares the table with the one beside it.
    ///
    /// # Errors
    /// [`Failure::Input`] where it tells of no figure or system that there is, or cannot be run.
    pub fn recreate(self, bench: &Bench, build: Build) -> Result<Recreated, Failure> {
        let Asked { source, request, told, table } = self;
        let compared = compare(source, &request, bench, build)?;
        let mut differences = Vec::new();
        if let Some(rows) = different_rows(&table, &columns::csv(&compared.outcome.comparisons)) {
            differences.push(rows);
            let now = &compared.provenance;
            for (what, then, now) in [
                ("commit", &told.commit, now.commit),
                ("compiler", &told.compiler, now.compiler),
                ("processor", &told.cpu, &now.cpu),
                ("instruction set", &told.instruction_set, now.instruction_set),
            ] {
                if then != now {
                    differences.push(format!("{what}: {then} then, {now} now"));
                }
            }
        }
        let name = if told.figure.is_empty() { told.source } else { format!("{}/{}", told.source, told.figure) };
        Ok(Recreated { compared, request, name, differences })
    }
}

/// TOML has no null: a key without a value is left out.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(all) => {
            let some = all.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(some.map(|(key, value)| (key, without_nulls(value))).collect())
        }
        Value::Array(all) => Value::Array(all.into_iter().map(without_nulls).collect()),
        other => other,
    }
}

impl Recreated {
    /// What to say: a line, or one for each difference.
    pub fn told(&self) -> String {
        let rows = self.compared.outcome.comparisons.len();
        if self.differences.is_empty() {
            return format!("{}: the same bytes, {rows} rows", self.name);
        }
        std::iter::once(format!("{}: differs", self.name))
            .chain(self.differences.clone())
            .collect::<Vec<_>>()
            .join("\n")
    }
}
