//! Errors of the theory of spiking networks at finite N, on random networks.

mod kinds;

use super::judged::{Claims, judge};
use super::spiking_networks::{Kind, draw};
use kinds::{departures, is_stable, is_unstable, oscillates};
use lab::plot::{Axis, Figure, Kind as Shape, Legend, Mark, Panel};
use lab::{
    Bench, Claim, Comparison, Detail, Estimate, Experiment, Failure, Outcome, Plan, Scale, SeriesTable, cases, input,
    measure, row,
};
use meanfield::{INPUT_ERROR, may_be_silent};
use model::Seed;
use serde::{Deserialize, Serialize};
use simulation::spiking::SpikingRun;
use systems::spiking_network::{
    Covariances, DIVERSITY, Measured, RESPONSE, SPREAD, SYNCHRONOUS, SpikingSystem, covariances, currents, is_claimed,
    is_synchronous, rates, variability,
};

pub struct Spiking;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Networks of each kind.
    networks: usize,
    /// Realisations of each.
    replicates: usize,
    /// How long each runs, in ms.
    duration: f64,
    /// Seed of the family. The constants were set on another one, 2026.
    family: u64,
}

/// Rates of populations.
const RATES: [&str; 4] = ["r_e", "r_i", "r_e1", "r_e2"];

/// How many networks have a population whose rate swings.
const SWINGS: &str = "share of networks whose rates swing";

/// What is claimed, by the quantities of rows.
const CLAIMS: [Claims; 6] = [
    ("A", "mean inputs", &["mean input to "]),
    ("A", "excitatory and inhibitory currents", &["excitatory current to ", "inhibitory current to "]),
    ("B", "deviations of the input over cells", &["deviation of the input to "]),
    ("C", "deviations of rates over cells", &["deviation of rates over cells, "]),
    ("D", "rates", &RATES),
    ("E", "covariances of counts", &["covariance of counts, "]),
];

impl Experiment for Spiking {
    type Params = Params;
    const SECONDS: [f64; 2] = [17.0, 360.0];
    const NAME: &'static str = "spiking";
    const TITLE: &'static str = "errors of the theory of spiking networks at finite N, on random networks";
    const CAPTION: &'static str = include_str!("spiking.md");

    fn params(&self, scale: Scale) -> Params {
        let (networks, duration) = match scale {
            Scale::Quick => (6, 2_000.0),
            Scale::Paper => (60, 4_000.0),
        };
        Params { networks, replicates: 5, duration, family: 3 }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        input::count_within("networks", params.networks, 1, 10_000)?;
        input::count_within("replicates", params.replicates, 3, 1000)?;
        input::within("duration", params.duration, 1000.0, 1e6)
    }

    fn memory(&self, params: &Params) -> f64 {
        // The largest network: a bit a pair, and spikes at some 20 Hz.
        1e8 / 8.0 + 10_000.0 * params.duration / 1000.0 * 20.0 * 16.0
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        let network = |(kind, k): (Kind, u64)| {
            let network = draw(kind, Seed(params.family), k);
            let system = SpikingSystem { run: SpikingRun::lasting(params.duration, 500.0), network };
            Plan::new(kind.name(), params.replicates, system)
        };
        let all = Kind::PAIRS
            .into_iter()
            .chain(Kind::OTHERS)
            .flat_map(|kind| (0..params.networks as u64).map(move |k| (kind, k)));
        let plans: Vec<Plan<SpikingSystem>> = all.map(network).collect();
        let measured = measure(cases(&plans)?, "calibration", seed, bench, Detail::Summary)?;
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        bench.begin("calibration: rows", measured.len());
        let mut claimed: Vec<Vec<Comparison>> = Vec::new();
        for own in &measured {
            bench.advance();
            let theory = Covariances::of(own);
            departures(own, &theory, &mut table);
            let mut rows = rates(own, "-");
            rows.retain(|row| row.theory_name != "identity given I");
            rows.extend(currents(own, "-"));
            rows.extend(variability(own, "-"));
            rows.extend(covariances(own, "-", &theory));
            claimed.push(rows);
        }
        let of = measured.iter().filter(|own| is_claimed(own) && own.predicted.finite.is_ok()).count();
        let of_kind = |kind: Kind| {
            let own = measured.iter().zip(&claimed).filter(move |(own, _)| own.case.label == kind.name());
            own.map(|(_, rows)| rows.as_slice())
        };
        judge(&CLAIMS, "claimed networks", Kind::PAIRS.into_iter().flat_map(of_kind), &mut outcome);
        for kind in Kind::OTHERS {
            judge(&CLAIMS, &format!("claimed networks: {}", kind.name()), of_kind(kind), &mut outcome);
        }
        let (unstable, others): (Vec<&Measured>, Vec<&Measured>) = measured.iter().partition(|own| is_unstable(own));
        let others: Vec<&Measured> = others.into_iter().filter(|own| is_stable(own)).collect();
        let swing = |label: &str, networks: &[&Measured], theory: f64, claim: Claim| Comparison {
            theory,
            claim,
            simulation: Estimate::exact(
                networks.iter().filter(|own| oscillates(own)).count() as f64 / networks.len() as f64,
            ),
            ..row("F", SWINGS, "stability of the asynchronous state", label)
        };
        if !unstable.is_empty() {
            outcome.comparisons.push(swing("an oscillation grows", &unstable, 1.0, Claim::Equals));
            // What the claim is to be judged against.
            outcome.comparisons.push(swing("stable", &others, f64::NAN, Claim::Contrast));
        }
        let count = measured.len();
        let together = |own: &&Measured| is_synchronous(own);
        let silent = |own: &&Measured| may_be_silent(&own.case.system.network);
        let number = |wanted: &dyn Fn(&&Measured) -> bool| measured.iter().filter(wanted).count();
        outcome.notes.push(format!(
            "theories claim something of {of} of {count} networks; in {} cells fire together, in {} the asynchronous state is unstable and silence is no \
             state, {} may be silent too ({} of those fire together), and of others there is no self-consistent state",
            number(&together),
            unstable.len(),
            number(&silent),
            number(&|own| together(own) && silent(own))
        ));
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let inputs = || Axis::log("smallest number of inputs *K*");
        let marks = |quantity: &str, limit: Option<(f64, f64, f64)>| -> Vec<Mark> {
            let shapes = [
                (Shape::Points, 0),
                (Shape::Open, 0),
                (Shape::Points, 1),
                (Shape::Open, 1),
                (Shape::Squares, 2),
                (Shape::Squares, 3),
                (Shape::Squares, 4),
            ];
            let mut marks: Vec<Mark> = Kind::PAIRS
                .into_iter()
                .chain(Kind::OTHERS)
                .zip(shapes)
                .map(|(kind, (shape, colour))| outcome.mark(shape, colour, kind.name(), quantity, kind.name()))
                .filter(|mark| !mark.x.is_empty())
                .collect();
            if let Some((from, to, y)) = limit {
                marks.insert(0, Mark::new(Shape::Dashed, 7, "", &[from, to], &[y, y]));
            }
            marks
        };
        let wide = |y: f64| Some((9.0, 800.0, y));
        let errors = |letter, title: &str, y: &str, quantity: &str, limit: f64| {
            Panel::new(letter, title, inputs(), Axis::log(y).between(1e-3, 20.0)).with(marks(quantity, wide(limit)))
        };
        let synchronous = Panel::new(
            "F",
            "synchrony",
            Axis::log("correlation of counts in 5 ms").between(1e-4, 1.0),
            Axis::log("error of mean input over σ").between(1e-3, 1e5),
        );
        let synchronous = synchronous
            .with([Mark::new(Shape::Dashed, 7, "", &[SYNCHRONOUS, SYNCHRONOUS], &[1e-3, 10.0])])
            .legend(Legend::TopLeft)
            .with(marks("synchrony", None))
            .with([outcome.mark(Shape::Open, 7, "", "unstable", "all networks")]);
        let rows = vec![
            vec![
                errors("A", "mean input", "error over σ/√*K*", "input", INPUT_ERROR),
                errors("B", "input over cells", "relative error × √*K*", "quenched", SPREAD),
                errors("C", "rates over cells", "relative error × √*K*", "diversity", DIVERSITY),
            ],
            vec![
                errors("D", "rates", "error over granted", "rate", 1.0),
                errors("E", "covariances", "error over largest", "covariance", RESPONSE),
                synchronous,
            ],
        ];
        Figure::new(60.0, rows)
            .key(Shape::Open, "grey: asynchronous state unstable by theory")
            .key(Shape::Dashed, "what theory grants itself; limit of asynchrony in F")
    }
}
