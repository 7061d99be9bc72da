//! Single calibration: the pictures of V. R. Zhu's talk.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::cli::one_source(&experiments::calibration::SOURCE, experiments::BUILD)
}
