//! Khajeh, Fumarola & Abbott 2022.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::cli::one_source(&experiments::sparse_balance::SOURCE, experiments::BUILD)
}
