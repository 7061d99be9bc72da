//! Baker, Zhu & Rosenbaum 2020.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::cli::one_source_with(&experiments::semi_balance::SOURCE, experiments::BUILD, experiments::semi_balance::tool)
}
