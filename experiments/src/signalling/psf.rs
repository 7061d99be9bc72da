//! Signalling functions: elementary ones in closed form, and two that share a pool.

use super::dopamine::{Pool, along, target};
use lab::input::all_within;
use lab::plot::{Axis, Figure, Kind, Legend, Mark, Panel};
use lab::{Bench, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use model::Seed;
use serde::{Deserialize, Serialize};
use signalling::{
    Curve, Kinetics, Options, Reaction, ReactionSystem, Reading, Source, Species, Status, Target, adjust, bound,
    bound_of_free, enzymatic,
};
use systems::reaction_network::refused;

pub struct Psf;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Totals of A in nM.
    totals: Vec<f64>,
    /// Dissociation constants in nM.
    kd: Vec<f64>,
    /// kcat/kcatd of an enzyme.
    ratios: Vec<f64>,
}

/// Totals of the partner, and of the enzyme, in nM.
const PARTNER: f64 = 220.0;
const ENZYME: f64 = 100.0;

/// koff, kcat and kon of the enzyme.
const RATES: [f64; 3] = [1.0, 1.0, 0.01];

impl Experiment for Psf {
    type Params = Params;
    const SECONDS: [f64; 2] = [0.1, 0.1];
    const NAME: &'static str = "psf";
    const TITLE: &'static str = "signalling functions of reactions alone, and of two that share a pool";
    const CAPTION: &'static str = include_str!("psf.md");

    fn params(&self, _: Scale) -> Params {
        Params {
            totals: vec![1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0],
            kd: vec![1.0, 78.0, 2400.0],
            ratios: vec![0.5, 2.0],
        }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        all_within("totals", &params.totals, 1e-9, 1e9)?;
        all_within("kd", &params.kd, 1e-6, 1e9)?;
        all_within("ratios", &params.ratios, 1e-6, 1e6)
    }

    fn memory(&self, _: &Params) -> f64 {
        1e6
    }

    fn run(&self, params: &Params, _: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        bench.begin("psf", 3);
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        for &kd in &params.kd {
            let label = format!("Kd {kd} nM");
            for &a in &params.totals {
                let amounts = rest(&binding(a, kd))?;
                compare(
                    &mut outcome,
                    ("A", "amount of AB (nM)", "quadratic root"),
                    &label,
                    a,
                    bound(a, PARTNER, kd),
                    amounts[2],
                );
                compare(
                    &mut outcome,
                    ("A", "amount of AB against free A (nM)", "hyperbola"),
                    &label,
                    a,
                    bound_of_free(amounts[0], PARTNER, kd),
                    amounts[2],
                );
                table.point("free", &label, amounts[0], amounts[2]);
            }
        }
        bench.advance();
        for &ratio in &params.ratios {
            let label = format!("kcat/kcatd {ratio}");
            for &a in &params.totals {
                let amounts = rest(&enzyme(a, ratio))?;
                let km = (RATES[0] + RATES[1]) / RATES[2];
                let (complex, product) = enzymatic(a, ENZYME, km, ratio);
                compare(&mut outcome, ("B", "amount of A* (nM)", "quadratic root"), &label, a, product, amounts[3]);
                compare(&mut outcome, ("B", "amount of AE (nM)", "quadratic root"), &label, a, complex, amounts[2]);
            }
        }
        bench.advance();
        pool(&mut outcome, &mut table)?;
        bench.advance();
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let total = |name: &str| Axis::log(name);
        let line = Mark::new(Kind::Dashed, 7, "all of A", &[1.0, 1000.0], &[1.0, 1000.0]);
        let panel = |letter, title: &str, quantity: &str, x: Axis| {
            let empty = Panel::new(letter, title, x, Axis::log("output (nM)"));
            outcome
                .labels(quantity)
                .into_iter()
                .enumerate()
                .fold(empty, |panel, (colour, label)| panel.compared(&outcome.of(quantity, label), colour, label))
        };
        let alone = panel("A", "a binding, by its total input", "amount of AB", total("total A (nM)"))
            .with([line])
            .legend(Legend::BottomRight);
        let turned = panel("B", "an enzyme", "amount of A*", total("total A (nM)")).legend(Legend::BottomRight);
        let empty = Panel::new("C", "two that share a pool", Axis::log("free GαGTP (nM)"), Axis::log("output (nM)"));
        let shared = ["GAC5", "GAC5Ca"].iter().enumerate().fold(empty, |panel, (colour, name)| {
            panel.compared(&outcome.by("pool hyperbola", name, "dopamine"), colour, name)
        });
        let wanted = outcome.mark(Kind::Dashed, 7, "target", "target", "GAC5Ca");
        Figure::new(66.0, vec![vec![alone, turned, shared.with([wanted]).legend(Legend::BottomRight)]])
            .key(Kind::Points, "steady states by Newton's method")
            .key(Kind::Line, "closed form")
            .key(Kind::Dashed, "bound of mass (A), wanted (C)")
    }
}

/// A row whose two sides are both exact.
fn compare(outcome: &mut Outcome, of: (&str, &str, &str), label: &str, x: f64, theory: f64, seen: f64) {
    outcome.comparisons.push(Comparison {
        x,
        theory,
        simulation: Estimate::exact(seen),
        // The residual of a steady state, times what its sensitivity may be here.
        bias: 1e-11 * theory,
        ..row(of.0, of.1, of.2, label)
    });
}

fn rest(system: &ReactionSystem) -> Result<Vec<f64>, Failure> {
    Kinetics::new(system).and_then(|kinetics| kinetics.settled()).map_err(refused)
}

fn species(all: &[(&str, f64)]) -> Vec<Species> {
    all.iter().map(|(name, amount)| Species { name: (*name).into(), amount: *amount, clamped: false }).collect()
}

/// A + B ⇌ AB.
fn binding(a: f64, kd: f64) -> ReactionSystem {
    let of = ["A".into(), "B".into()];
    ReactionSystem {
        species: species(&[("A", a), ("B", PARTNER), ("AB", 0.0)]),
        reactions: vec![Reaction::Binding { name: "AB".into(), of, complex: "AB".into(), kon: 0.01, koff: 0.01 * kd }],
        functions: vec![],
        source: Source { species: "A".into(), from: 0.5 * a, to: a, points: 4 },
    }
}

/// A + E ⇌ AE → A* + E, A* → A.
fn enzyme(a: f64, ratio: f64) -> ReactionSystem {
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
fn pool(outcome: &mut Outcome, table: &mut SeriesTable) -> Result<(), Failure> {
    let system = ReactionSystem::dopamine();
    let amounts = along(&system, &["GaGTP", "GAC5", "GAC5Ca", "ATP"])?;
    for state in amounts.iter().step_by(3) {
        let [free, bound] = Pool::new(state[3]).outputs(state[0]);
        compare(outcome, ("C", "GAC5 (nM)", "pool hyperbola"), "dopamine", state[0], free, state[1]);
        compare(outcome, ("C", "GAC5Ca (nM)", "pool hyperbola"), "dopamine", state[0], bound, state[2]);
    }
    // Both have the same half: it is the pool's.
    for (k, name) in [(1, "GAC5"), (2, "GAC5Ca")] {
        let curve = Curve::new(amounts.iter().map(|state| (state[0], state[k])));
        let half = curve.ok().and_then(|curve| curve.hyperbola()).map_or(f64::NAN, |shape| shape.half);
        let pool = Pool::new(amounts[0][3]);
        let ([k1, k2], [a1, a2], q) = (pool.kd, pool.used, pool.calcium);
        let own = (1.0 + q) / (a1 / k1 + q * a2 / k2);
        outcome.comparisons.push(Comparison {
            theory: own,
            simulation: Estimate::exact(half),
            // ATP falls by so much of itself along the curve, and it makes a tenth of what uses the complexes up.
            bias: 0.1 * (amounts[0][3] / amounts[amounts.len() - 1][3] - 1.0).abs() * own + 1e-6 * own,
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
