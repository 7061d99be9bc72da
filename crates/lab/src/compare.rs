//! A user's own file: its rows, and what is kept of them.

use crate::parsed::Parsed;
use crate::provenance::Provenance;
use crate::run::Output;
use crate::store::WholeFolder;
use crate::{
    AnyExperiment, Bench, Build, Comparison, Failure, Frame, Memory, Outcome, Source, Verdict, columns, input, plot,
    readers, store, talk,
};
use model::Seed;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Instant;

/// What `compare` asks of a source.
pub struct CompareRequest {
    /// Where the text came from, for error messages.
    pub path: PathBuf,
    /// The TOML text.
    pub text: String,
    /// Seed.
    pub seed: Seed,
    /// Realisations; `None` for those of the file.
    pub replicates: Option<usize>,
    /// The memory that the run may take.
    pub memory: Memory,
}

/// What `compare` found.
pub struct Compared {
    /// The rows, and what was swept.
    pub outcome: Outcome,
    /// What they came from.
    pub provenance: Provenance,
    /// The figure whose parameters the file holds.
    figure: Option<&'static dyn AnyExperiment>,
}

/// Theory beside simulation for the systems in a file.
///
/// # Errors
/// Errors of the file, and of what it describes.
pub fn compare(
    source: &'static Source,
    request: &CompareRequest,
    bench: &Bench,
    build: Build,
) -> Result<Compared, Failure> {
    let started = Instant::now();
    let parsed = Parsed::new(&request.path, &request.text)?;
    let header = parsed.header.clone();
    let table = toml::from_str::<toml::Table>(&request.text).ok();
    let mut parameters = table.and_then(|table| serde_json::to_value(table).ok());
    if let (Some(Value::Object(parameters)), Some(replicates)) = (&mut parameters, request.replicates) {
        parameters.insert("--replicates".into(), json!(replicates));
    }
    let within = |failure: Failure| failure.within(&request.path);
    let figure = header.figure.as_deref().map(|name| source.figure(name)).transpose().map_err(within)?;
    let mut outcome = match (figure, &header.kind) {
        (Some(figure), _) => figure.compare(parsed, request, bench)?,
        (None, kind) => {
            let names: Vec<&str> = source.systems.iter().map(|system| system.name).collect();
            let name = kind.as_deref().unwrap_or(names[0]);
            let system = source.systems.iter().find(|system| system.name == name);
            (system.ok_or_else(|| within(input::unknown("kind", name, &names)))?.compare)(parsed, request, bench)?
        }
    };
    bench.finish();
    let all = outcome.comparisons.len();
    let mut keys = HashSet::new();
    let is_new: Vec<bool> = outcome
        .comparisons
        .iter()
        .map(|row| keys.insert((row.key(), row.theory.to_bits(), row.simulation.mean.to_bits())))
        .collect();
    let mut is_new = is_new.into_iter();
    outcome.comparisons.retain(|_| is_new.next().unwrap_or(true));
    if outcome.comparisons.len() < all {
        let left = all - outcome.comparisons.len();
        outcome.notes.push(format!("{left} rows are there already and left out: a value was given twice"));
    }
    outcome.notes.extend(reservations(&outcome.comparisons));
    outcome.notes.iter().for_each(|note| talk(format!("note: {note}")));
    let mut provenance = Provenance {
        source: source.name.into(),
        figure: header.figure.unwrap_or_default(),
        scale: None,
        parameters: parameters.unwrap_or_default(),
        seed: request.seed,
        ..Provenance::new(build, request.memory.threads)
    };
    provenance.conclude(&outcome, figure, started.elapsed().as_secs_f64());
    Ok(Compared { outcome, provenance, figure })
}

/// Realisations that a note may advise at most.
const MOST_ADVISED: f64 = 1e6;

/// Weak rows that a note names one by one.
const NAMED: usize = 8;

/// What a reader of the rows should know about their power.
pub fn reservations(rows: &[Comparison]) -> Vec<String> {
    let with = |verdict: Verdict| rows.iter().filter(move |row| row.verdict() == verdict);
    let few = with(Verdict::Unmeasured).filter(|row| matches!(row.simulation.replicates, 1 | 2)).count();
    let missing = with(Verdict::Unmeasured).count() - few;
    let mut notes = Vec::new();
    if few > 0 {
        notes.push(format!(
            "{few} claims rest on fewer than 3 realisations, which have no error bar: nothing is said of them"
        ));
    }
    if missing > 0 {
        notes.push(format!("{missing} claims are of what could not be measured (no spikes, nothing that moves)"));
    }
    let weak = with(Verdict::Weak).count();
    if weak > 0 {
        notes.push(format!(
            "{weak} weak: claims that agree, but bias and sampling error allow more than a quarter of their scale"
        ));
    }
    for row in with(Verdict::Weak).take(NAMED) {
        let wanted = row.replicates_to_tell();
        let precision = if wanted < MOST_ADVISED {
            format!("about {:.0} realisations, or runs as much longer, would make it tell", wanted.ceil())
        } else {
            "no number of realisations that could be run would: the error that the theory admits, or the scatter, is too large".into()
        };
        let label = if row.label.is_empty() { String::new() } else { format!("{} ", row.label) };
        notes.push(format!("weak: {} ({label}at {}): {precision}", row.quantity, readers::short(row.x)));
    }
    if weak > NAMED {
        notes.push(format!("weak: and {} more", weak - NAMED));
    }
    notes
}

impl Compared {
    /// 2 where a case could not be run, 1 where some claim misses.
    pub fn code(&self) -> u8 {
        match self.outcome.left_out.as_slice() {
            [] => u8::from(self.provenance.verdicts.misses > 0),
            _ => 2,
        }
    }

    /// The rows as JSON: an array of objects with the columns of the table, what was swept, seed and commit.
    ///
    /// # Errors
    /// None in practice: numbers that JSON lacks become null.
    pub fn json(&self) -> Result<String, Failure> {
        let failed = |e: serde_json::Error| Failure::Output(format!("cannot write JSON: {e}"));
        let mut rows = Vec::new();
        for (k, row) in self.outcome.comparisons.iter().enumerate() {
            let mut object = serde_json::to_value(row).map_err(failed)?;
            let swept = self.outcome.swept.get(k).into_iter().flatten();
            let swept: serde_json::Map<String, Value> =
                swept.filter_map(|(axis, value)| Some((axis.clone(), serde_json::to_value(value).ok()?))).collect();
            object["parameters"] = Value::Object(swept);
            object["seed"] = json!(self.provenance.seed);
            object["commit"] = json!(self.provenance.commit);
            rows.push(object);
        }
        serde_json::to_string_pretty(&rows).map_err(failed)
    }

    /// One tidy frame: what was swept, then the columns of the table.
    fn frame(&self) -> Frame {
        let rows = &self.outcome.comparisons;
        let mut axes: Vec<&String> = Vec::new();
        for (axis, _) in self.outcome.swept.iter().flatten() {
            if !axes.contains(&axis) {
                axes.push(axis);
            }
        }
        let mut frame = Frame::new("rows");
        for axis in axes {
            let values: Vec<Option<&toml::Value>> = (0..rows.len())
                .map(|k| self.outcome.swept.get(k)?.iter().find(|(own, _)| own == axis).map(|(_, value)| value))
                .collect();
            let number = |value: &Option<&toml::Value>| {
                value.and_then(|v| v.as_float().or_else(|| v.as_integer().map(|n| n as f64)))
            };
            frame = if values.iter().all(|value| value.is_none() || number(value).is_some()) {
                frame.numbers(axis, values.iter().map(|value| number(value).unwrap_or(f64::NAN)))
            } else {
                let word = |value: &Option<&toml::Value>| match value {
                    Some(toml::Value::String(text)) => text.clone(),
                    Some(other) => other.to_string(),
                    None => String::new(),
                };
                frame.words(axis, values.iter().map(word))
            };
        }
        columns::into_frame(frame, rows)
    }

    /// The figure whose parameters these are, or a picture of any table, with a title and a description.
    fn picture(&self) -> (plot::Figure, &'static str, String) {
        if let Some(figure) = self.figure {
            return (figure.draw(&self.outcome).of(&self.outcome.comparisons), figure.title(), figure.caption().into());
        }
        let axis = self.outcome.swept.iter().find_map(|swept| swept.last()).map_or("", |(axis, _)| axis.as_str());
        let overview = plot::overview(&self.outcome.comparisons, axis);
        (overview, "theory against simulation", self.provenance.verdicts.to_string())
    }

    /// Keeps table (CSV, Markdown, LaTeX, Parquet), figure, the file itself and run.json in a folder, which is exchanged as one.
    ///
    /// # Errors
    /// [`Failure::Output`].
    pub fn keep(&self, request: &CompareRequest, Output { folder, formats }: Output) -> Result<(), Failure> {
        let rows = &self.outcome.comparisons;
        let run = serde_json::to_string_pretty(&self.provenance).map_err(|e| Failure::output(folder, e))? + "\n";
        let metadata = [("provenance".to_owned(), self.provenance.of_data().to_string())];
        let (drawn, title, description) = self.picture();
        let whole = WholeFolder::begin(folder)?;
        let folder = whole.path();
        for frame in [self.frame(), drawn.frame()] {
            store::write_frame(&folder.join(format!("{}.parquet", frame.name)), &frame, &metadata)?;
        }
        store::write_figure(folder, &plot::svg(&drawn, title, &description), formats)?;
        for (name, text) in [
            ("parameters.toml", request.text.as_str()),
            ("comparison.csv", &columns::csv(rows)),
            ("comparison.md", &readers::markdown(rows)),
            ("comparison.tex", &readers::latex(rows)),
            ("run.json", &run),
        ] {
            store::write(&folder.join(name), text.as_bytes())?;
        }
        whole.finish()
    }
}
