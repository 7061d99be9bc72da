//! Inhibition changed alone: exact shifts, the paradox of driven inhibition, and populations that no inhibition reaches.

mod rows;

use lab::input::{all_within, count_within};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Experiment, Failure, Outcome, Scale, SeriesTable};
use model::Seed;
use rows::{driven, free, shifts};
use serde::{Deserialize, Serialize};

pub struct InhibitionAlone;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// δ, by which inhibition of the excitatory population is changed.
    changes: Vec<f64>,
    /// N of finite networks, whose gain is √N.
    sizes: Vec<f64>,
    /// w_ee of the pair whose inhibition is driven.
    excitation: Vec<f64>,
    /// Random circuits.
    circuits: usize,
}

impl Experiment for InhibitionAlone {
    type Params = Params;
    const SECONDS: [f64; 2] = [0.3, 2.0];
    const NAME: &'static str = "inhibition-alone";
    const TITLE: &'static str = "inhibition changed alone";
    const CAPTION: &'static str = include_str!("inhibition_alone.md");

    fn params(&self, scale: Scale) -> Params {
        let circuits = if scale == Scale::Quick { 2000 } else { 20_000 };
        Params {
            changes: vec![-0.2, -0.1, 0.0, 0.1, 0.2, 0.3],
            sizes: vec![100.0, 10_000.0],
            excitation: vec![0.02, 0.05, 0.1, 0.15, 0.2],
            circuits,
        }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        all_within("changes", &params.changes, -0.24, 0.6)?;
        all_within("sizes", &params.sizes, 4.0, 1e8)?;
        all_within("excitation", &params.excitation, 0.0, 1.0)?;
        count_within("circuits", params.circuits, 1, 1_000_000)
    }

    fn memory(&self, _: &Params) -> f64 {
        1e6
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        bench.begin("inhibition-alone", 3);
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        shifts(params, &mut outcome)?;
        bench.advance();
        driven(params, &mut outcome)?;
        bench.advance();
        free(params, seed, &mut outcome, &mut table)?;
        bench.advance();
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let rates =
            |name: &str, label: &str| outcome.rows(|row| row.quantity == format!("r_{name}") && row.label == label);
        let shift = Panel::new("A", "inhibition of e times 1 + δ", Axis::linear("δ"), Axis::linear("rate"))
            .compared(&rates("e", "N → ∞"), 0, "e")
            .compared(&rates("i", "N → ∞"), 1, "i")
            .compared(&rates("e", "N = 100"), 2, "e, N = 100")
            .compared(&rates("i", "N = 100"), 4, "i, N = 100")
            .legend(Legend::TopRight);
        let paradox = Panel::new(
            "B",
            "inhibition driven",
            Axis::linear("*w*_{ee} (edge: 1/*g* = 0.1)"),
            Axis::linear("∂*r*_{i}/∂*X*_{i}"),
        )
        .compared(&outcome.rows(|row| row.quantity == "response of i to its drive"), 0, "");
        let names = ["none", "one", "more"];
        let free = Panel::new(
            "C",
            "random circuits",
            Axis::names("states", &names),
            Axis::linear("share of circuits").between(0.0, 1.0),
        )
        .with([
            outcome.mark(Kind::Points, 0, "uninhibited", "states", "uninhibited"),
            outcome.mark(Kind::Squares, 1, "inhibited", "states", "inhibited"),
        ])
        .legend(Legend::TopRight);
        Figure::new(66.0, vec![vec![shift, paradox, free]])
            .key(Kind::Points, "states, ends of dynamics")
            .key(Kind::Line, "theory")
    }
}
