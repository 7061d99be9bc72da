//! Signalling functions: elementary ones in closed form, and two that share a pool.

mod networks;

use lab::input::all_within;
use lab::plot::{Axis, Figure, Kind, Legend, Mark, Panel};
use lab::{Bench, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use model::Seed;
use networks::{RATES, binding, enzyme, pool, rest};
use serde::{Deserialize, Serialize};
use signalling::{bound, bound_of_free, enzymatic};

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
        bias: 1e-12 * theory,
        ..row(of.0, of.1, of.2, label)
    });
}
