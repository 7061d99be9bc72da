//! What this build finds on this machine.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::cli::doctor(experiments::SOURCES, experiments::KNOWN, experiments::BUILD)
}
