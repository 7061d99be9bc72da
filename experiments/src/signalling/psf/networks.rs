//! Systems of a binding, of an enzyme and of a pool.

use super::super::dopamine::{Pool, along, target};
use super::{ENZYME, PARTNER, compare};
use lab::{Comparison, Estimate, Failure, Outcome, SeriesTable, row};
use signalling::{
    Kinetics, Options, Reaction, ReactionSystem, Reading, Shape, Source, Species, Status, Target, adjust,
};
use systems::reaction_network::refused;

/// koff, kcat and kon of the enzyme.
pub(super) const RATES: [f64; 3] = [1.0, 1.0, 0.01];

pub(super) fn rest(system: &ReactionSystem) -> Result<Vec<f64>, Failure> {
    Kinetics::new(system).and_then(|kinetics| kinetics.settled()).map_err(refused)
}

pub(super) fn species(all: &[(&str, f64)]) -> Vec<Species> {
    all.iter().map(|(name, amount)| Species { name: (*name).into(), amount: *amount, clamped: false }).collect()
}

/// A + B ⇌ AB.
pub(super) fn binding(a: f64, kd: f64) -> ReactionSystem {
    let of = ["A".into(), "B".into()];
    ReactionSystem {
        species: species(&[("A", a), ("B", PARTNER), ("AB", 0.0)]),
        reactions: vec![Reaction::Binding { name: "AB".into(), of, complex: "AB".into(), kon: 0.01, koff: 0.01 * kd }],
        functions: vec![],
        source: Source { species: "A".into(), from: 0.5 * a, to: a, points: 4 },
    }
}

/// A + E ⇌ AE → A* + E, A* → A.
pub(super) fn enzyme(a: f64, ratio: f64) -> ReactionSystem {
    let [koff, kcat, kon] = RATES;
    let all = |names: &[&str]| -> Vec<String> { names.iter().map(|name| (*name).into()).collect() };
    ReactionSystem {
        species: species(&[("A", a), ("E", ENZYME), ("AE", 0.0), ("A*", 0.0)]),
        reactions: vec![
            Reaction::Enzymatic {
                name: "AE".into(),
                of: ["A".into(), "E".into()],
                complex: "AE".into(),
                products: all(&["A*", "E"]),
                kon,
                koff,
                kcat,
            },
            Reaction::Conversion { name: "back".into(), of: all(&["A*"]), products: all(&["A"]), rate: kcat / ratio },
        ],
        functions: vec![],
        source: Source { species: "A".into(), from: 0.5 * a, to: a, points: 4 },
    }
}

/// Functions of the pathway that share adenylyl cyclase, and what is asked of one of them.
pub(super) fn pool(outcome: &mut Outcome, table: &mut SeriesTable) -> Result<(), Failure> {
    let system = ReactionSystem::dopamine();
    let amounts = along(&system, &["GaGTP", "GAC5", "GAC5Ca", "ATP"])?;
    for state in amounts.iter().step_by(3) {
        let [free, bound] = Pool::new(state[3]).outputs(state[0]);
        compare(outcome, ("C", "GAC5 (nM)", "pool hyperbola"), "dopamine", state[0], free, state[1]);
        compare(outcome, ("C", "GAC5Ca (nM)", "pool hyperbola"), "dopamine", state[0], bound, state[2]);
    }
    // Both have the same half: it is the pool's.
    for (k, name) in [(1, "GAC5"), (2, "GAC5Ca")] {
        let points: Vec<(f64, f64)> = amounts.iter().map(|state| (state[0], state[k])).collect();
        let fit = Shape::fit(&points, false);
        let half = |atp: f64| {
            let Pool { kd: [k1, k2], used: [a1, a2], calcium: q, .. } = Pool::new(atp);
            (1.0 + q) / (a1 / k1 + q * a2 / k2)
        };
        let ends = [half(amounts[0][3]), half(amounts[amounts.len() - 1][3])];
        outcome.comparisons.push(Comparison {
            theory: ends[0],
            simulation: Estimate::exact(fit.as_ref().map_or(f64::NAN, |fit| fit.shape.half)),
            // ATP falls along the curve, and C with it; and what is left of the fit, times how uncertain its parameters are.
            bias: (ends[0] - ends[1]).abs() + fit.map_or(0.0, |fit| fit.condition * fit.error) * ends[0],
            ..row("C", &format!("{name}: C of its hyperbola (nM)"), "C of the pool", "dopamine")
        });
    }
    let wanted = target();
    table.curve("target", "GAC5Ca", (0..=20).map(|k| 10.0 + f64::from(k)).map(|x| (x, wanted.shape.at(x))));
    let total = Target { input: Reading::Total, ..wanted };
    let refused_of = adjust(&system, &[total], Options::with_error(0.1)).map_err(refused)?;
    outcome.comparisons.push(Comparison {
        theory: 1.0,
        simulation: Estimate::exact(f64::from(u8::from(matches!(refused_of.status, Status::NotFeasible(_))))),
        ..row("C", "target refused, where inputs are totals", "bound of mass", "dopamine")
    });
    if let Status::NotFeasible(reason) = refused_of.status {
        outcome.notes.push(format!("the target, read as a total: {reason}"));
    }
    Ok(())
}
