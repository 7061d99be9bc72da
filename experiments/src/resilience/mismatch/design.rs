//! The design: which of four things differ from cell to cell, and two arms of networks.

/// What is spread in networks of a kind: weights, degrees, thresholds, gains.
pub(super) type Kinds = [bool; 4];

/// Names of all kinds by their number, in letters of what is spread.
pub(super) const NAMES: [&str; 16] =
    ["none", "W", "D", "WD", "T", "WT", "DT", "WDT", "G", "WG", "DG", "WDG", "TG", "WTG", "DTG", "all"];

pub(super) const FACTORS: [&str; 4] = ["weights", "degrees", "thresholds", "gains"];

/// Kinds whose rates are drawn.
pub(super) const DRAWN: [(Kinds, &str); 4] = [
    ([false; 4], "uniform"),
    ([true, true, false, false], "weights, degrees"),
    ([false, false, true, true], "thresholds, gains"),
    ([true; 4], "all"),
];

/// An arm of the design: its name, largest κ and length of a step.
pub(super) struct Arm {
    pub(super) name: &'static str,
    pub(super) balanced: bool,
    pub(super) most: f64,
    pub(super) step: f64,
}

pub(super) const ARMS: [Arm; 2] = [
    Arm { name: "weak", balanced: false, most: 8.0, step: 0.1 },
    Arm { name: "balanced", balanced: true, most: 4.0, step: 0.04 },
];

/// Errors of widths under weak coupling, that 800 cells are few: where thresholds and gains are equal, and where they are not. Allowed before these networks were run.
pub(super) const WEAK: [f64; 2] = [0.02, 0.03];

/// Error of the width of sampled paths, which are those of N → ∞ at the same number of inputs: its source measured .08 in networks of 800 cells and .03 in two of 3200; none of smaller ones, of which nothing is claimed.
pub(super) fn of_size(cells: usize) -> Option<f64> {
    match cells {
        3200.. => Some(0.03),
        800.. => Some(0.08),
        _ => None,
    }
}

pub(super) fn all_kinds() -> Vec<Kinds> {
    (0..16).map(|k| [0, 1, 2, 3].map(|bit| k >> bit & 1 == 1)).collect()
}
