//! Inhibitory plasticity.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::cli::one_source(&experiments::plasticity::SOURCE, experiments::BUILD)
}
