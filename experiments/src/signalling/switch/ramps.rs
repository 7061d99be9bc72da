//! Ramps up and down, beside the folds and independent code.

use super::folds::Known;
use lab::{Bench, Claim, Comparison, Estimate, Failure, Outcome, SeriesTable, row};
use rayon::prelude::*;
use signalling::EnergySwitch;

/// v in µM/s from which ramps go, and to which.
const RAMP: [f64; 2] = [1.0, 20.0];

impl Known<'_> {
    pub(super) fn ramps(
        &self,
        ramps: &[f64],
        bench: &Bench,
        outcome: &mut Outcome,
        table: &mut SeriesTable,
    ) -> Result<(), Failure> {
        let last = ramps.iter().copied().fold(0.0, f64::max);
        let all: Vec<(f64, Ramp)> = ramps
            .par_iter()
            .map(|&time| {
                let ramp = self.ramp(time, time == last);
                bench.advance();
                ramp.map(|ramp| (time, ramp))
            })
            .collect::<Result<_, _>>()?;
        let mut excess = Vec::new();
        for (time, ramp) in &all {
            let over = ramp.off - self.drives[1];
            table.point("excess", "off", *time, over);
            table.point("excess", "on", *time, self.drives[0] - ramp.on);
            excess.push((*time, over));
            for (name, way) in [("up", &ramp.up), ("down", &ramp.down)] {
                table.curve("way", name, way.iter().copied());
            }
            if *self.switch == EnergySwitch::default() {
                outcome.comparisons.extend(independent(*time, ramp));
            }
        }
        excess.sort_by(|a, b| a.0.total_cmp(&b.0));
        if let [.., (a, x), (b, y)] = excess[..] {
            let two_thirds = |t: f64| (t, y * libm::pow(t / b, -2.0 / 3.0));
            table.curve("excess", "two thirds", [two_thirds(excess[0].0), two_thirds(b)]);
            outcome.comparisons.push(Comparison {
                x: b,
                theory: 2.0 / 3.0,
                simulation: Estimate::exact(-libm::log(y / x) / libm::log(b / a)),
                // Ramps of finite rate, at these parameters; at others nothing is known of it.
                bias: 0.1,
                claim: if *self.switch == EnergySwitch::default() { Claim::Equals } else { Claim::Contrast },
                ..row("D", "exponent of the excess", "slow passage of a fold", "up")
            });
        }
        Ok(())
    }

    /// Up and down again in so many seconds each.
    pub(super) fn ramp(&self, time: f64, whole: bool) -> Result<Ramp, Failure> {
        let [low, high] = RAMP;
        let climb = (high - low) / time;
        let stuck = |_| Failure::Input(format!("switch: a ramp of {time} s cannot be followed"));
        let half = self.half;
        let mut ramp = Ramp { off: f64::NAN, on: f64::NAN, up: Vec::new(), down: Vec::new() };
        let mut before = (low, f64::INFINITY);
        let top = self
            .switch
            .run(self.start(low, true)?, (low, climb), time, |_, v, y| {
                if before.1 >= half && y[6] < half {
                    ramp.off = before.0 + (v - before.0) * (before.1 - half) / (before.1 - y[6]);
                }
                before = (v, y[6]);
                if whole {
                    ramp.up.push((v, y[6]));
                }
                true
            })
            .map_err(stuck)?;
        let mut before = (high, top[6]);
        self.switch
            .run(top, (high, -climb), time, |_, v, y| {
                if before.1 <= half && y[6] > half {
                    ramp.on = before.0 + (v - before.0) * (half - before.1) / (y[6] - before.1);
                }
                before = (v, y[6]);
                if whole {
                    ramp.down.push((v, y[6]));
                }
                true
            })
            .map_err(stuck)?;
        Ok(ramp)
    }
}

/// What a ramp shows.
pub(super) struct Ramp {
    /// v at which mTORC1 goes off and on, NaN where it does not.
    off: f64,
    on: f64,
    /// v and mTORC1 along both ways.
    up: Vec<(f64, f64)>,
    down: Vec<(f64, f64)>,
}

/// Both ways of a ramp beside independent code (LSODA and BDF of scipy 1.17.1 at relative errors of 1e-9 a step), which reads them off where mTORC1 is halfway between the folds too.
pub(super) fn independent(time: f64, ramp: &Ramp) -> Vec<Comparison> {
    let known = [(1e5, 11.311204577, f64::NAN), (1e6, 9.678561931, 1.378565043), (1e7, 9.287959797, 1.750785636)];
    let mut rows = Vec::new();
    for (_, off, on) in known.into_iter().filter(|known| known.0 == time) {
        for (way, name, theory, seen) in [("up", "off", off, ramp.off), ("down", "on", on, ramp.on)] {
            if theory.is_finite() {
                rows.push(Comparison {
                    x: time,
                    theory,
                    simulation: Estimate::exact(seen),
                    // Errors of steps add, and between two of ours a straight line is drawn.
                    bias: 2e-6 * theory,
                    ..row("D", &format!("v at which mTORC1 goes {name} (µM/s)"), "reference:independent ramps", way)
                });
            }
        }
    }
    rows
}
