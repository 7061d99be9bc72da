//! The report: one page made from the files of the results, beside which it lies.

mod page;
mod rows;

use crate::run::digest;
use crate::{Failure, Source, Verdict, store};
use polars::prelude::{CsvReader, DataFrame, SerReader};
use serde_json::Value;
use std::io::Cursor;
use std::path::{Path, PathBuf};

/// One figure as its files tell it.
struct Entry {
    source: &'static str,
    name: &'static str,
    title: &'static str,
    caption: &'static str,
    rows: DataFrame,
    run: Value,
}

/// Files of a figure that are there wherever its results are.
const FILES: [&str; 3] = ["comparison.csv", "figure.svg", "run.json"];

impl Entry {
    /// Rows with a verdict.
    fn count(&self, verdict: Verdict) -> usize {
        column(&self.rows, "verdict").iter().filter(|own| *own == verdict.name()).count()
    }

    /// Its anchor in the page.
    fn id(&self) -> String {
        format!("{}-{}", self.source, self.name)
    }

    /// Its folder, from the page.
    fn folder(&self) -> String {
        format!("{}/{}", self.source, self.name)
    }
}

/// The page, and which figures are not on it, and why.
pub struct Written {
    /// Its file.
    pub path: PathBuf,
    /// Figures whose files are cut, or do not belong together.
    pub left_out: Vec<String>,
}

/// Writes `index.html` into the folder of the results, from every figure that has whole files there.
///
/// # Errors
/// [`Failure::Output`] if it cannot be written.
pub fn write_report(sources: &[&'static Source], out: &Path) -> Result<Written, Failure> {
    let (mut all, mut left_out) = (Vec::new(), Vec::new());
    for source in sources {
        for figure in source.figures {
            let folder = out.join(source.name).join(figure.name());
            if folder.join("run.json").exists() {
                match read(source.name, *figure, &folder) {
                    Ok(entry) => all.push(entry),
                    Err(why) => left_out.push(format!("{}/{}: {why}", source.name, figure.name())),
                }
            }
        }
    }
    let path = out.join("index.html");
    store::write(&path, page::of(sources, &all, &left_out).as_bytes())?;
    Ok(Written { path, left_out })
}

/// A figure from its files; or what is wrong with them.
fn read(source: &'static str, figure: &'static dyn crate::AnyExperiment, folder: &Path) -> Result<Entry, String> {
    let text = |name: &str| std::fs::read_to_string(folder.join(name)).map_err(|e| format!("cannot read {name}: {e}"));
    let [table, svg, run] = FILES.map(text);
    let (table, run, svg) = (table?, run?, svg?);
    let run: Value = serde_json::from_str(&run).map_err(|e| format!("cannot read run.json: {e}"))?;
    if run["figure"] != figure.name() {
        return Err("run.json tells of no such figure".into());
    }
    // Older results say nothing of their table.
    if run["table"].as_str().is_some_and(|own| own != digest(table.as_bytes())) {
        return Err("comparison.csv is not the table that run.json tells of".into());
    }
    if !svg.ends_with("</svg>\n") {
        return Err("figure.svg has no end".into());
    }
    let rows = CsvReader::new(Cursor::new(table))
        .with_options(polars::prelude::CsvReadOptions::default().with_infer_schema_length(Some(0)))
        .finish()
        .map_err(|e| format!("cannot read comparison.csv: {e}"))?;
    let (name, title, caption) = (figure.name(), figure.title(), figure.caption());
    Ok(Entry { source, name, title, caption, rows, run })
}

/// A column as text; missing values are empty.
fn column(rows: &DataFrame, name: &str) -> Vec<String> {
    let Some(strings) = rows.column(name).ok().and_then(|c| c.str().ok()) else {
        return vec![String::new(); rows.height()];
    };
    strings.iter().map(|v| v.unwrap_or("").to_owned()).collect()
}
