//! The map of where the loop has two stable states.

use super::Params;
use lab::{Comparison, Estimate, Outcome, SeriesTable, row};
use signalling::EnergySwitch;

/// Numbers of roots on a grid of E and B, beside the fold curve.
pub(super) fn map(params: &Params, outcome: &mut Outcome, table: &mut SeriesTable) {
    let [e, b] = [0.05, 0.35];
    let place = |k: usize, most: f64| most * (k as f64 + 0.5) / params.cells as f64;
    let mut wrong = 0;
    let mut three = 0_u32;
    for i in 0..params.cells {
        for j in 0..params.cells {
            // κ goes along, so that it is seen not to matter.
            let kappa = 0.1 * libm::pow(100.0, j as f64 / params.cells as f64);
            let own = with(&params.switch, place(i, e), kappa);
            let rate = place(j, b) * own.on[1] / (kappa * (1.0 + kappa));
            let count = own.states(rate).len();
            let bistable = own.folds().is_some_and(|[on, off]| on.b < rate && rate < off.b);
            wrong += usize::from((count == 3) != bistable);
            if count == 3 {
                three += 1_u32;
                table.point("map", "three", place(i, e), place(j, b));
            }
        }
    }
    let third = 1.0 / 3.0;
    for (name, from, to) in [("on", 0.0, third), ("off", third, 0.5)] {
        let curve = (0..=60).map(|k| from + (to - from) * f64::from(k) / 60.0);
        table.curve("folds", name, curve.map(|s| (s * s * (1.0 - 2.0 * s), 2.0 * s * (1.0 - s) * (1.0 - s))));
    }
    outcome.comparisons.push(Comparison {
        theory: 0.0,
        simulation: Estimate::exact(wrong as f64),
        scale: Some(f64::from(three)),
        ..row("B", "cells whose roots are others than the fold curve says", "fold curve", "map")
    });
}

pub(super) fn with(switch: &EnergySwitch, e: f64, kappa: f64) -> EnergySwitch {
    let a1 = switch.on[1];
    EnergySwitch {
        on: [e * a1 / (1.0 + kappa).powi(2), a1],
        s6k1: [switch.s6k1[0], kappa * switch.s6k1[0]],
        ..switch.clone()
    }
}
