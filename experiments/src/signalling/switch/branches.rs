//! Branches that are followed, beside roots and folds in closed form.

use lab::{Comparison, Estimate, Failure, Outcome, SeriesTable, row};
use signalling::{EnergySwitch, LoopState, Reaction, ReactionSystem, Source, Species, branch};
use systems::reaction_network::refused;

/// The loop by mass action, whose source is what switches mTORC1 off.
pub(super) fn reactions(switch: &EnergySwitch, folds: [f64; 2]) -> ReactionSystem {
    let all = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let species = |name: &str, amount: f64, clamped: bool| Species { name: name.into(), amount, clamped };
    let step = |name: &str, of: &[&str], products: &[&str], rate: f64| Reaction::Conversion {
        name: name.into(),
        of: all(of),
        products: all(products),
        rate,
    };
    let (from, to) = (folds[0] / 5.0, folds[1] * 5.0);
    ReactionSystem {
        species: vec![
            species("M", 0.0, false),
            species("M off", 1.0, false),
            species("S", 0.0, false),
            species("S off", 1.0, false),
            species("b", from, true),
        ],
        reactions: vec![
            step("on", &["M off"], &["M"], switch.on[0]),
            step("loop", &["M off", "S", "S"], &["M", "S", "S"], switch.on[1]),
            step("off", &["M", "b"], &["M off", "b"], 1.0),
            step("S6K1 on", &["S off", "M"], &["S", "M"], switch.s6k1[0]),
            step("S6K1 off", &["S"], &["S off"], switch.s6k1[1]),
        ],
        functions: vec![],
        source: Source { species: "b".into(), from, to, points: 4 },
    }
}

pub(super) fn branches(
    switch: &EnergySwitch,
    folds: [f64; 2],
    outcome: &mut Outcome,
    table: &mut SeriesTable,
) -> Result<(), Failure> {
    let points = branch(&reactions(switch, folds)).map_err(refused)?;
    let found: Vec<f64> = points.iter().filter(|point| point.fold).map(|point| point.source).collect();
    for (k, (name, theory)) in [("goes off", folds[1]), ("goes on", folds[0])].into_iter().enumerate() {
        outcome.comparisons.push(Comparison {
            theory,
            simulation: Estimate::exact(found.get(k).copied().unwrap_or(f64::NAN)),
            // Folds are halved down to where rounding decides, 1e-16 of a square.
            bias: 1e-9 * theory,
            ..row("A", &format!("rate at which mTORC1 {name} (1/s)"), "folds in closed form", "branch")
        });
    }
    let mut apart: f64 = 0.0;
    for point in points.iter().filter(|point| !point.fold) {
        table.point("branch", if point.stable { "stable" } else { "unstable" }, point.source, point.amounts[0]);
        let states = switch.states(point.source);
        let gap = |state: &LoopState| {
            (state.m - point.amounts[0]).abs() + if (state.gain < 1.0) == point.stable { 0.0 } else { 1.0 }
        };
        apart = apart.max(states.iter().map(gap).fold(f64::INFINITY, f64::min));
    }
    outcome.comparisons.push(Comparison {
        theory: 0.0,
        simulation: Estimate::exact(apart),
        bias: 1e-6,
        scale: Some(1.0),
        ..row("A", "largest distance of a branch from a root of like stability", "roots of the cubic", "branch")
    });
    for k in 0..=200 {
        let b = folds[0] / 5.0 * libm::pow(25.0 * folds[1] / folds[0], f64::from(k) / 200.0);
        let states = switch.states(b);
        for state in &states {
            let name = match (state.gain < 1.0, state.s > states[0].s || states.len() == 1 && b < folds[0]) {
                (false, _) => "between",
                (true, true) => "on",
                (true, false) => "off",
            };
            table.point("roots", name, b, state.m);
        }
    }
    Ok(())
}
