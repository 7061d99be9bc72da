//! States and slowest rates of the loop beside its folds.

use lab::{Claim, Comparison, Estimate, Failure, Outcome, SeriesTable, row};
use signalling::{EnergySwitch, LoopState, VARIABLES};

/// Seconds that are long beside all times of a loop that is not at a fold.
const LONG: f64 = 1e7;

/// What ramps and states beside folds begin with.
pub(super) struct Known<'p> {
    pub(super) switch: &'p EnergySwitch,
    /// v at the folds: mTORC1 goes on below the first, and off above the second.
    pub(super) drives: [f64; 2],
    /// mTORC1 halfway between the folds: less of it is off, more is on.
    pub(super) half: f64,
}

impl Known<'_> {
    /// The state with most mTORC1, or with least.
    pub(super) fn state(&self, v: f64, on: bool) -> Option<LoopState> {
        let (ratio, _) = self.switch.ratio(v)?;
        let states = self.switch.states(self.switch.off_rate(self.switch.ampk(ratio)));
        if on { states.last().copied() } else { states.first().copied() }
    }

    pub(super) fn start(&self, v: f64, on: bool) -> Result<[f64; VARIABLES], Failure> {
        let start = self.state(v, on).and_then(|state| self.switch.at_rest(v, state));
        start.ok_or_else(|| Failure::Input(format!("switch: no state at v = {v}")))
    }

    pub(super) fn run(&self, from: [f64; VARIABLES], v: f64) -> Result<[f64; VARIABLES], Failure> {
        let end = self.switch.run(from, (v, 0.0), LONG, |_, _, _| true);
        end.map_err(|_| Failure::Input(format!("switch: reactions cannot be followed at v = {v}")))
    }

    /// All variables in time, a hundredth before each fold and behind it.
    pub(super) fn beside_folds(&self, outcome: &mut Outcome) -> Result<(), Failure> {
        let (rested, stressed) = (self.start(0.5 * self.drives[0], true)?, self.start(2.0 * self.drives[1], false)?);
        for (name, v, from, on) in [
            ("before it goes off", 0.99 * self.drives[1], rested, true),
            ("behind", 1.01 * self.drives[1], rested, false),
            ("before it goes on", 1.01 * self.drives[0], stressed, false),
            ("behind", 0.99 * self.drives[0], stressed, true),
        ] {
            let seen = self.run(from, v)?[6];
            outcome.comparisons.push(Comparison {
                x: v,
                theory: self.state(v, on).map_or(f64::NAN, |state| state.m),
                simulation: Estimate::exact(seen),
                // Steps are right to 1e-9, and a state near a fold is ten to a hundred times as sensitive.
                bias: 1e-6,
                ..row("A", &format!("mTORC1, {name}"), "roots of the cubic", "in time")
            });
        }
        Ok(())
    }

    /// Slowest rates before the fold, and their exponent.
    pub(super) fn slowing(&self, distances: &[f64], outcome: &mut Outcome, table: &mut SeriesTable) {
        let rate = |d: f64| {
            let v = self.drives[1] * (1.0 - d);
            self.state(v, true).and_then(|state| self.switch.slowest(v, state)).unwrap_or(f64::NAN)
        };
        let mut near: Vec<(f64, f64)> = distances.iter().map(|&d| (d, rate(d))).collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0));
        near.iter().for_each(|(d, rate)| table.point("slowing", "rates", *d, *rate));
        if let Some((first, last)) = near.first().zip(near.last()) {
            let ends = [first.0, last.0];
            table.curve("slowing", "half", ends.map(|d| (d, first.1 * (d / first.0).sqrt())));
        }
        if *self.switch == EnergySwitch::default() {
            let known = [(0.3, 7.70990584e-4), (0.1, 3.85290547e-4), (0.03, 1.95474634e-4), (0.01, 1.08771401e-4)];
            for (d, seen) in &near {
                let Some((_, theory)) = known.iter().find(|(own, _)| own == d) else { continue };
                outcome.comparisons.push(Comparison {
                    x: *d,
                    theory: *theory,
                    simulation: Estimate::exact(*seen),
                    // Eigenvalues of both codes agree to some 1e-7 near a fold.
                    bias: 1e-6 * theory,
                    ..row("C", "slowest rate (1/s)", "reference:independent eigenvalues", "before mTORC1 goes off")
                });
            }
        }
        if near.len() >= 3 {
            let ((a, x), (b, y)) = (near[0], near[2]);
            outcome.comparisons.push(Comparison {
                x: a,
                theory: 0.5,
                simulation: Estimate::exact(libm::log(y / x) / libm::log(b / a)),
                // The next order of the square root, at these parameters; at others nothing is known of it.
                bias: 0.03,
                claim: if *self.switch == EnergySwitch::default() { Claim::Equals } else { Claim::Contrast },
                ..row("C", "exponent of the slowest rate", "square root of a fold", "before mTORC1 goes off")
            });
        }
    }
}
