//! Errors of the closure of rate networks, on random networks.

use super::judged::{Claims, judge};
use super::rate_networks::{Kind, draw};
use lab::plot::{Axis, Figure, Kind as Shape, Legend, Mark, Panel};
use lab::{
    Bench, Claim, Comparison, Detail, Experiment, Failure, Outcome, Plan, Scale, SeriesTable, cases, input, measure,
};
use model::Seed;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use systems::rate_network::{
    GGC_BETA, GivenRatio, Measured, RateSystem, Rows, SYNCHRONOUS, correlation_of_sources, is_synchronous, synchrony,
};

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

/// What is claimed, by the beginnings of the quantities of rows.
const CLAIMS: [Claims; 6] = [
    ("A", "active fractions", &["f"]),
    ("B", "mean activities", &["m"]),
    ("C", "variances of x", &["variance x"]),
    ("D", "skewness of x", &["skewness x"]),
    ("E", "variances of eta", &["temporal variance of eta", "quenched variance of eta"]),
    ("F", "temporal variance ratios", &["temporal var x"]),
];

impl Experiment for Rate {
    type Params = Params;
    const SECONDS: [f64; 2] = [20.0, 300.0];
    const NAME: &'static str = "rate";
    const TITLE: &'static str = "errors of the closure of rate networks, on random networks";
    const CAPTION: &'static str = include_str!("rate.md");

    fn params(&self, scale: Scale) -> Params {
        let networks = match scale {
            Scale::Quick => 4,
            Scale::Paper => 60,
        };
        Params { networks, replicates: 5, family: 3 }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        input::count_within("networks", params.networks, 1, 10_000)?;
        input::count_within("replicates", params.replicates, 3, 1000)
    }

    fn memory(&self, _params: &Params) -> f64 {
        // The largest network: 4000 units, a weight in single precision for half of all pairs, twice.
        4000.0 * 4000.0 * 4.0 * 2.0
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        let plan = |(kind, k): (Kind, u64)| {
            let system = RateSystem { protocol: None, network: draw(kind, Seed(params.family), k) };
            Plan::new(kind.name(), params.replicates, system)
        };
        let all = Kind::ALL.into_iter().flat_map(|kind| (0..params.networks as u64).map(move |k| (kind, k)));
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
        judge(&CLAIMS, &rows, &mut outcome);
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let shapes = [(Shape::Points, 0), (Shape::Points, 1), (Shape::Open, 2)];
        let panel = |letter, title: &str, quantity: &str, x: Axis, edge: (&[f64], &[f64])| {
            let marks = Kind::ALL.into_iter().zip(shapes);
            Panel::new(letter, title, x, Axis::log("error over granted").between(1e-3, 100.0))
                .with([Mark::new(Shape::Dashed, 7, "", edge.0, edge.1)])
                .with(
                    marks
                        .map(|(kind, (shape, colour))| outcome.mark(shape, colour, kind.name(), quantity, kind.name())),
                )
        };
        let over_ratio = |letter, title: &str, quantity: &str| {
            let ratio = Axis::log("smallest *J*/*g* of the network").between(0.3, 4.0);
            panel(letter, title, quantity, ratio, (&[0.3, 4.0], &[1.0, 1.0]))
        };
        let synchrony = Axis::log("synchrony *χ*² of *η*").between(1e-4, 1.0);
        let rows = vec![
            vec![
                over_ratio("A", "active fraction", "f").legend(Legend::TopLeft),
                over_ratio("B", "mean activity", "m"),
                over_ratio("C", "variance of *x*", "variance x"),
            ],
            vec![
                over_ratio("D", "skewness of *x*", "skewness x"),
                panel("E", "temporal variance of *η*", TEMPORAL, synchrony, (&[SYNCHRONOUS; 2], &[1e-3, 100.0])),
                over_ratio("F", "low-pass filter", "temporal var x / var eta"),
            ],
        ];
        Figure::new(60.0, rows).key(Shape::Dashed, "what the closure grants itself; limit of independence in E")
    }
}

/// The quantity of panel E, in the table.
const TEMPORAL: &str = "temporal variance of eta";

/// Rows of all that is claimed of a network, and for how many populations the closure has no answer.
fn claims(measured: &Measured) -> (Vec<Comparison>, usize) {
    let (mut all, mut refused) = (Vec::new(), 0);
    for (population, own) in measured.case.system.network.populations.iter().enumerate() {
        let mut rows = Rows { rows: &mut all, panel: "-", label: &own.name, x: 0.0 };
        match GivenRatio::new(measured, population, &GGC_BETA) {
            Ok(given) => rows.add_static(&GGC_BETA, &given, measured),
            Err(_) => refused += 1,
        }
        rows.add_exact(measured, population);
    }
    (all, refused)
}

/// What the panels show of one network: errors over what is granted.
fn departures(measured: &Measured, rows: &[Comparison], table: &mut SeriesTable) {
    let (network, kind) = (&measured.case.system.network, &measured.case.label);
    let ratios = network.mean.iter().zip(&network.spread).map(|(j, g)| j / g);
    let ratio = ratios.fold(f64::INFINITY, f64::min);
    for row in rows {
        let error = (row.theory - row.simulation.mean).abs();
        if row.quantity == TEMPORAL {
            // Of all networks: what is claimed of which is seen there.
            let granted = correlation_of_sources(network) * row.theory.abs();
            table.point(TEMPORAL, kind, synchrony(measured), error / granted);
        } else if row.claim == Claim::Equals {
            table.point(&row.quantity, kind, ratio, error / row.bias);
        }
    }
}
