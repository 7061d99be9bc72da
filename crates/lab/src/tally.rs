//! Rows counted by their verdict.

use crate::{Comparison, Verdict};
use serde::{Deserialize, Serialize};

/// How many rows have each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Claims that hold.
    pub holds: usize,
    /// Claims that agree, but would hardly have failed.
    pub weak: usize,
    /// Claims that miss.
    pub misses: usize,
    /// Rows that claim nothing.
    pub contrast: usize,
    /// Claims on what could not be measured.
    pub unmeasured: usize,
}

impl Tally {
    /// Counts the verdicts of rows.
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a Comparison>) -> Self {
        let mut tally = Tally::default();
        for row in rows {
            *match row.verdict() {
                Verdict::Holds => &mut tally.holds,
                Verdict::Weak => &mut tally.weak,
                Verdict::Misses => &mut tally.misses,
                Verdict::Contrast => &mut tally.contrast,
                Verdict::Unmeasured => &mut tally.unmeasured,
            } += 1;
        }
        tally
    }

    /// Both together.
    pub fn and(self, other: Tally) -> Self {
        Tally {
            holds: self.holds + other.holds,
            weak: self.weak + other.weak,
            misses: self.misses + other.misses,
            contrast: self.contrast + other.contrast,
            unmeasured: self.unmeasured + other.unmeasured,
        }
    }
}

impl std::fmt::Display for Tally {
    /// `12 hold, 3 weak, 1 misses, 4 contrast`: kinds without a row are left out.
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let kinds = [
            (self.holds, if self.holds == 1 { "holds" } else { "hold" }),
            (self.weak, "weak"),
            (self.misses, if self.misses == 1 { "misses" } else { "miss" }),
            (self.contrast, "contrast"),
            (self.unmeasured, "unmeasured"),
        ];
        let parts: Vec<String> =
            kinds.iter().filter(|(count, _)| *count > 0).map(|(count, kind)| format!("{count} {kind}")).collect();
        f.write_str(&parts.join(", "))
    }
}
