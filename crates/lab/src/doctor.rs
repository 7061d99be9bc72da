//! What a build finds on the machine that it is started on.

use crate::run::different_rows;
use crate::{Bench, Failure, Scale, Source, columns, input, provenance, store};
use model::Seed;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// A table of the papers' sizes and of seed 1, as it was committed.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// The source.
    pub source: &'static str,
    /// The figure.
    pub figure: &'static str,
    /// comparison.csv.
    pub table: &'static str,
}

/// Computes tables that are known: a line that tells of all, and one for each that differs.
///
/// # Errors
/// Failures of the figures.
pub fn tables(sources: &[&'static Source], known: &[Known]) -> Result<Vec<String>, Failure> {
    let started = Instant::now();
    let mut differences = Vec::new();
    for Known { source, figure, table } in known {
        let names: Vec<&str> = sources.iter().map(|source| source.name).collect();
        let found = sources.iter().find(|own| own.name == *source);
        let found = found.ok_or_else(|| input::unknown("source", source, &names))?;
        let outcome = found.figure(figure)?.run(Scale::Paper, Seed(1), &Bench::new())?;
        if let Some(what) = different_rows(table, &columns::csv(&outcome.comparisons)) {
            differences.push(format!("differs: {source}/{figure}: {what}"));
        }
    }
    let (same, all) = (known.len() - differences.len(), known.len());
    let seconds = started.elapsed().as_secs_f64();
    let told = format!("{same} of {all} committed tables come out to the byte ({seconds:.1} s)");
    Ok(std::iter::once(told).chain(differences).collect())
}

/// Tables by a process of its own in another instruction set: its exit code, and what it says.
///
/// # Errors
/// [`Failure::Output`] where it cannot be started.
pub fn elsewhere(isa: lanes::Isa, options: &[String]) -> Result<(u8, String), Failure> {
    let failed = |e: std::io::Error| Failure::Output(format!("cannot start doctor again: {e}"));
    // Where there is no /proc, as it was called.
    let called = || std::env::args_os().next().map(PathBuf::from);
    let program = std::env::current_exe().ok().or_else(called).unwrap_or_default();
    // Standard input would else be /dev/null, which is not everywhere.
    let mut command = Command::new(program);
    command.arg("--own").args(options).env("EQUIPOISE_ISA", isa.name()).stdin(Stdio::inherit());
    let output = command.output().map_err(failed)?;
    let code = output.status.code().and_then(|code| u8::try_from(code).ok());
    let said = if output.stdout.is_empty() { output.stderr } else { output.stdout };
    let said = String::from_utf8_lossy(&said).trim().to_owned();
    Ok(code.map_or_else(|| (1, format!("ended by {}", output.status)), |code| (code, said)))
}

/// Memory in words.
pub fn memory() -> String {
    provenance::available_memory().map_or("memory: not known here".into(), |bytes| {
        format!("memory: {:.1} GiB may be taken", bytes / f64::from(1 << 30))
    })
}

/// Whether results can be written to a folder, in words.
///
/// # Errors
/// [`Failure::Output`] where they cannot.
pub fn folder(folder: &Path) -> Result<String, Failure> {
    // What is not there yet is made in the first one that is.
    let there = folder.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("."));
    let how = if store::exchanges(there)? { "at once" } else { "one after the other" };
    // `compare` exchanges the folder itself.
    let beside = std::path::absolute(there).ok().and_then(|own| own.parent().map(Path::to_owned));
    let alone = there == folder && beside.is_some_and(|beside| store::exchanges(&beside).is_err());
    let but = if alone { "; the folder that holds it is not, as `compare --out` needs" } else { "" };
    Ok(format!("results: {} is writable, and folders in it are exchanged {how}{but}", folder.display()))
}
