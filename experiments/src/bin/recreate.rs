//! A run once more, from its run.json.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::cli::recreate(experiments::SOURCES, experiments::BUILD)
}
