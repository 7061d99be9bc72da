//! Protein signalling functions.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::cli::one_source_with(&experiments::signalling::SOURCE, experiments::BUILD, experiments::signalling::tool)
}
