//! Talk on standard error: progress, notes, errors. Nobody may be listening: a closed pipe or a full disk there stops no run.

use std::fmt::Display;
use std::io::{Write, stderr};

/// Prints a line, if that can be done.
pub fn talk(line: impl Display) {
    let _ = writeln!(stderr(), "{line}");
}
