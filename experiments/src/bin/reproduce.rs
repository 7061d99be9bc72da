//! All figures of all sources.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::cli::reproduce(experiments::SOURCES, experiments::BUILD)
}
