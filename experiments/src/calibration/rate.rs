//! Errors of the closure of rate networks, on random networks.

use super::judged::{Claims, judge};
use super::rate_networks::{Kind, draw};
use lab::plot::{Axis, Figure, Kind as Shape, Legend, Mark, Panel};
use lab::{Bench, Comparison, Detail, Experiment, Failure, Outcome, Plan, Scale, SeriesTable, cases, input, measure};
use model::Seed;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use systems::rate_network::{GGC_BETA, Measured, RateSystem, Rows, SYNCHRONOUS, is_synchronous, synchrony};

pub struct Rate;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Networks of each kind.
    networks: usize,
    /// Realisations of each.
    replicates: usize,
    /// Seed of the family. The constants were set on another one, 2026.
    family: u64,
}

/// What is claimed, by the quantities of rows.
const CLAIMS: [Claims; 6] = [
    ("A", "active fractions", &["f"]),
    ("B", "mean activities", &["m", "mu = m/f", "mean x"]),
    ("C", "variances of x", &["variance x"]),
    ("D", "skewness of x", &["skewness x"]),
    ("E", "variances of eta", &["temporal variance of eta", "quenched variance of eta"]),
    ("F", "temporal variance ratios", &["temporal var x / var eta"]),
];

impl Experiment for Rate {
    type Params = Params;
    const SECONDS: [f64; 2] = [14.0, 400.0];
    const NAME: &'static str = "rate";
    const TITLE: &'static str = "errors of the closure of rate networks, on random networks";
    const CAPTION: &'static str = include_str!("rate.md");

    fn params(&self, scale: Scale) -> Params {
        let networks = match scale {
            Scale::Quick => 3,
            Scale::Paper => 60,
        };
        Params { networks, replicates: 5, family: 3 }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        input::count_within("networks", params.networks, 1, 10_000)?;
        input::count_within("replicates", params.replicates, 3, 1000)
    }

    fn memory(&self, _params: &Params) -> f64 {
        // The largest network: 4000 units with 2000 inputs each, a weight in single precision and its place.
        4000.0 * 2000.0 * 8.0
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        let plan = |(kind, k): (Kind, u64)| {
            let system = RateSystem { protocol: None, network: draw(kind, Seed(params.family), k) };
            Plan::new(kind.name(), params.replicates, system)
        };
        let all = Kind::GAMMA
            .into_iter()
            .chain([Kind::Law])
            .flat_map(|kind| (0..params.networks as u64).map(move |k| (kind, k)));
        let plans: Vec<Plan<RateSystem>> = all.map(plan).collect();
        let measured = measure(cases(&plans)?, "calibration", seed, bench, Detail::Summary)?;
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        let (rows, refused): (Vec<_>, Vec<usize>) = measured.par_iter().map(claims).unzip();
        let count = measured.len();
        let together = measured.iter().filter(|own| is_synchronous(own)).count();
        let refused = refused.iter().filter(|n| **n > 0).count();
        outcome.notes.push(format!(
            "of {count} networks units fluctuate together in {together}, of which nothing is claimed; of {refused} the closure has no answer"
        ));
        measured.iter().zip(&rows).for_each(|(own, rows)| departures(own, rows, &mut table));
        let of_kind = |kind: Kind| {
            let own = measured.iter().zip(&rows).filter(move |(own, _)| own.case.label == kind.name());
            own.map(|(_, rows)| rows.as_slice())
        };
        judge(&CLAIMS, "claimed networks", Kind::GAMMA.into_iter().flat_map(of_kind), &mut outcome);
        judge(&CLAIMS, &format!("claimed networks: {}", Kind::Law.name()), of_kind(Kind::Law), &mut outcome);
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let shapes = [(Shape::Points, 0), (Shape::Points, 1), (Shape::Open, 2), (Shape::Squares, 3)];
        let panel = |letter, title: &str, quantity: &str| {
            let marks = Kind::GAMMA.into_iter().chain([Kind::Law]).zip(shapes);
            let synchrony = Axis::log("synchrony *χ*² of *η*").between(1e-4, 1.0);
            Panel::new(letter, title, synchrony, Axis::log("error over granted").between(1e-3, 1000.0))
                .with([
                    Mark::new(Shape::Dashed, 7, "", &[1e-4, 1.0], &[1.0, 1.0]),
                    Mark::new(Shape::Dashed, 7, "", &[SYNCHRONOUS; 2], &[1e-3, 1000.0]),
                ])
                .with(
                    marks
                        .map(|(kind, (shape, colour))| outcome.mark(shape, colour, kind.name(), quantity, kind.name())),
                )
        };
        let rows = vec![
            vec![
                panel("A", "active fraction", "f").legend(Legend::Above),
                panel("B", "mean activity", "m"),
                panel("C", "variance of *x*", "variance x"),
            ],
            vec![
                panel("D", "skewness of *x*", "skewness x"),
                panel("E", "temporal variance of *η*", "temporal variance of eta"),
                panel("F", "low-pass filter", "temporal var x / var eta"),
            ],
        ];
        Figure::new(62.0, rows)
            .key(Shape::Dashed, "errors that are granted; synchrony from which on nothing is claimed, but in F")
            .key(Shape::Points, "one population of one network, as its colour and shape say in A")
            .key(Shape::Squares, "one population, other laws of weights")
    }
}

/// Rows of all that the closure and the laws of η say of a network, and for how many populations the closure has no answer.
fn claims(measured: &Measured) -> (Vec<Comparison>, usize) {
    let (mut all, mut notes) = (Vec::new(), Vec::new());
    for (population, own) in measured.case.system.network.populations.iter().enumerate() {
        let mut rows = Rows { rows: &mut all, panel: "-", label: &own.name, x: 0.0 };
        rows.add_closure(&GGC_BETA, population, measured, &mut notes);
        rows.add_exact(measured, population);
    }
    (all, notes.len())
}

/// What the panels show of one network: errors over what is granted, without their sampling errors. The abscissa ends at 1e-4.
fn departures(measured: &Measured, rows: &[Comparison], table: &mut SeriesTable) {
    let together = synchrony(measured).max(1e-4);
    for row in rows {
        let error = (row.theory - row.simulation.mean).abs() / row.bias;
        table.point(&row.quantity, &measured.case.label, together, error);
    }
}
