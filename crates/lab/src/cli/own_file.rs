//! A user's own file: compared, computed in shards, and put together.

use super::options::{FigureFormats, Machine};
use super::terminal::{read, say};
use crate::compare::compare;
use crate::parts::{Parts, Share};
use crate::plan::MOST_REPLICATES;
use crate::store::WholeFolder;
use crate::{Bench, Build, CompareRequest, Failure, Source, Verdict, readers, run, talk};
use clap::Args;
use model::Seed;
use std::path::{Path, PathBuf};

/// What is compared, and what becomes of the rows.
#[derive(Args)]
pub(super) struct OwnFile {
    /// The file; - for standard input
    file: PathBuf,
    /// JSON objects instead of a table
    #[arg(long)]
    json: bool,
    /// Realisations of the network [default: those of the file]
    #[arg(long, value_name = "R", allow_negative_numbers = true)]
    replicates: Option<usize>,
    /// Folder that keeps the table (CSV, Markdown, LaTeX, Parquet), a figure and what they came from; what a killed run had finished is not computed again
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    #[command(flatten)]
    figure: FigureFormats,
    #[command(flatten)]
    machine: Machine,
}

impl OwnFile {
    pub(super) fn run(
        self,
        source: &'static Source,
        from: &[PathBuf],
        share: Share,
        build: Build,
    ) -> Result<u8, Failure> {
        let OwnFile { file, json, replicates, out, figure, machine } = self;
        if let Some(r) = replicates.filter(|r| *r == 0 || *r > MOST_REPLICATES) {
            let allowed = format!("1 to {MOST_REPLICATES}; 3 or more for an error bar");
            return Err(Failure::Input(format!("--replicates: {r} (allowed: {allowed})")));
        }
        if out.is_none() && !figure.format.is_empty() {
            return Err(Failure::Input("--format: nothing is kept without --out (allowed: with --out DIR)".into()));
        }
        let output = out.as_deref().map(|folder| figure.output(folder)).transpose()?;
        let text = read(&file)?;
        let memory = machine.start()?;
        let run = format!("{replicates:?} {} {text}", machine.seed);
        let parts = out.as_deref().map(|folder| Parts::beside(folder, &run, from, share, build)).transpose()?;
        out.as_deref().map(WholeFolder::prepare).transpose()?;
        let path = if file == Path::new("-") { PathBuf::from("standard input") } else { file };
        let request = CompareRequest { path, text, seed: Seed(machine.seed), replicates, memory };
        let mut bench = Bench::new().with(parts);
        let compared = compare(source, &request, &bench, build)?;
        if bench.shard().is_some() {
            return Ok(0);
        }
        let printed = if json { compared.json()? } else { readers::table(&compared.outcome.comparisons) };
        say(printed.trim_end())?;
        if let Some(output) = output {
            compared.keep(&request, output)?;
            talk(format!("kept in {}", output.folder.display()));
        }
        bench.finish_parts();
        let missed = compared.outcome.comparisons.iter().filter(|row| row.verdict() == Verdict::Misses);
        missed.for_each(|row| talk(format!("misses: {}", run::describe(row))));
        talk(compared.provenance.verdicts);
        compared.outcome.left_out.iter().for_each(|line| talk(format!("error: left out: {line}")));
        Ok(if machine.exit_zero && compared.code() == 1 { 0 } else { compared.code() })
    }
}
