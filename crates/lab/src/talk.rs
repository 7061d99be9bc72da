//! Talk on standard error: progress, notes, errors. Nobody may be listening: a closed pipe or a full disk there stops no run.

use std::fmt::Display;
use std::io::{Write, stderr};

/// Most characters of a line.
const MOST: usize = 1000;

/// Prints a line, if that can be done. What names bring along cannot end it or reach the terminal: controls are spelt out, and the middle of what is very long is left out.
pub fn talk(line: impl Display) {
    let _ = writeln!(stderr(), "{}", one_line(&line.to_string()));
}

fn one_line(text: &str) -> String {
    let spelt = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    let count = text.chars().count();
    if count <= MOST {
        return text.chars().map(spelt).collect();
    }
    let (head, tail) = (text.chars().take(MOST / 2), text.chars().skip(count - MOST / 2));
    head.map(spelt).chain([" … ".to_owned()]).chain(tail.map(spelt)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_lines() {
        assert_eq!(one_line("a\nb\u{1b}[31m κ ± 1\t"), "a\\nb\\u{1b}[31m κ ± 1\\t");
        let long = one_line(&"x".repeat(5000));
        assert!(long.chars().count() < 1010 && long.contains('…'));
    }
}
