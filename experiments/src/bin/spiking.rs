//! Spiking networks.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::cli::one_source_with(&experiments::spiking::SOURCE, experiments::BUILD, experiments::spiking::tool)
}
