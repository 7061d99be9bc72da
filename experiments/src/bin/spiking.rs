//! Spiking networks.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::cli::one_source(&experiments::spiking::SOURCE, experiments::BUILD)
}
