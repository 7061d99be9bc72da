//! The two ways in which a command can fail, each with its exit code.

use std::path::Path;
use thiserror::Error;

/// Why a command could not do what it was asked.
#[derive(Debug, Error)]
pub enum Failure {
    /// Bad input: exit code 2. One line: what, where, the allowed range.
    #[error("{0}")]
    Input(String),
    /// Files could not be written: exit code 3.
    #[error("{0}")]
    Output(String),
}

impl Failure {
    /// A failure to write `path`.
    pub fn output(path: &Path, error: impl std::fmt::Display) -> Self {
        Failure::Output(format!("cannot write {}: {error}", path.display()))
    }

    /// With the file that it comes from in front; one that names it already stays.
    pub fn within(self, path: &Path) -> Self {
        let place = path.display().to_string();
        match self {
            Failure::Input(line) if !line.starts_with(&place) && !line.starts_with("--") => {
                Failure::Input(format!("{place}: {line}"))
            }
            other => other,
        }
    }

    /// The documented exit code.
    pub fn code(&self) -> u8 {
        match self {
            Failure::Input(_) => 2,
            Failure::Output(_) => 3,
        }
    }
}
