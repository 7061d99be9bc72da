//! Inhibitory plasticity.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::cli::one_source_with(&experiments::plasticity::SOURCE, experiments::BUILD, experiments::plasticity::tool)
}
