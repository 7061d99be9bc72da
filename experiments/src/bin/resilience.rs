//! Resilience, inhibition alone, neuromodulation and conditional memory.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::cli::one_source(&experiments::resilience::SOURCE, experiments::BUILD)
}
