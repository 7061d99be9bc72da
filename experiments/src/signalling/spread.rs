//! How far a change of one reaction goes in random networks, and why not further.

mod rows;

use super::random_dimers::{POINTS, Tried, adjusted, show};
use lab::input::{all_within, count_within, within};
use lab::plot::{Axis, Figure, Kind, Legend, Mark, Panel};
use lab::{Bench, Experiment, Failure, Outcome, Scale, SeriesTable};
use model::Seed;
use rows::{bridges, drifts, fared, sensitivities};
use serde::{Deserialize, Serialize};

pub struct Spread;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Random networks.
    pub(super) networks: usize,
    /// Proteins of each.
    pub(super) proteins: usize,
    /// Pairs that bind: of the first, sensitivities and drifts are shown; of all, how adjustment fares.
    pub(super) pairs: Vec<usize>,
    /// Standard deviation of ln totals and ln dissociation constants.
    pub(super) sigma: f64,
    /// By how many times the affinity of a pair becomes stronger.
    pub(super) factors: Vec<f64>,
    /// Errors that an adjustment is allowed.
    pub(super) errors: Vec<f64>,
}

/// Hops that are shown.
const HOPS: usize = 5;

impl Experiment for Spread {
    type Params = Params;
    const SECONDS: [f64; 2] = [1.0, 50.0];
    const NAME: &'static str = "spread";
    const TITLE: &'static str = "how far a change of one reaction goes";
    const CAPTION: &'static str = include_str!("spread.md");

    fn params(&self, scale: Scale) -> Params {
        let shared = |networks: usize, pairs: &[usize], factors: &[f64], errors: &[f64]| Params {
            networks,
            proteins: 12,
            pairs: pairs.to_vec(),
            sigma: 1.0,
            factors: factors.to_vec(),
            errors: errors.to_vec(),
        };
        match scale {
            Scale::Quick => shared(10, &[14, 28], &[5.0], &[0.1]),
            Scale::Paper => shared(60, &[14, 20, 28], &[2.0, 5.0, 10.0], &[0.02, 0.05, 0.1, 0.2]),
        }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        count_within("networks", params.networks, 1, 10_000)?;
        count_within("proteins", params.proteins, 3, 60)?;
        count_within("pairs", params.pairs.len(), 1, 20)?;
        for pairs in &params.pairs {
            count_within("pairs", *pairs, params.proteins - 1, params.proteins * (params.proteins - 1) / 2)?;
        }
        // Where networks and changes are wider, a cubic between points of the source leaves more than is granted to bridges.
        within("sigma", params.sigma, 0.0, 1.5)?;
        all_within("factors", &params.factors, 1.0, 50.0)?;
        all_within("errors", &params.errors, 1e-4, 10.0)
    }

    fn memory(&self, params: &Params) -> f64 {
        8e3 * (params.pairs.iter().max().unwrap_or(&0) + params.proteins) as f64 * POINTS as f64
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        bench.begin("spread", params.networks * (1 + params.pairs.len()));
        let shown = bench.each(&(Self::NAME, params), seed, params.networks, |_, seed| show(params, seed))?;
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        sensitivities(&shown, &mut outcome, &mut table);
        drifts(params, &shown, &mut outcome, &mut table);
        bridges(&shown, &mut outcome, &mut table);
        for &pairs in &params.pairs {
            let of = (Self::NAME, params, pairs);
            let tried = bench.each(&of, seed, params.networks, |_, seed| adjusted(params, pairs, seed))?;
            let tried: Vec<Vec<Tried>> = tried.into_iter().flatten().collect();
            fared(params, pairs, &tried, &mut outcome, &mut table);
        }
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let hop = || Axis::linear("hops");
        let rows = |what: &str| outcome.rows(|row| row.quantity.starts_with(what));
        let near = Panel::new("A", "free amounts", hop(), Axis::log("|∂ ln *x*/∂ ln *K*|"))
            .compared(&rows("median sensitivity"), 0, "median")
            .compared(&rows("90 % of sensitivities"), 1, "90 %")
            .with([outcome.mark(Kind::Dashed, 7, "bound, median", "bound", "median")])
            .legend(Legend::BottomLeft);
        let far = Panel::new("B", "signalling functions, 90 %", hop(), Axis::log("relative drift"))
            .with(followed(outcome, "drift"));
        let sorted = Axis::linear("share of functions").between(0.0, 1.0);
        let bridges = Panel::new("C", "at one hop", sorted, Axis::log("relative drift, and 1e-16")).with([
            outcome.mark(Kind::Points, 0, "bridges", "sorted", "bridges"),
            outcome.mark(Kind::Squares, 1, "others", "sorted", "others"),
        ]);
        let share = Axis::linear("share that converges").between(0.0, 1.0);
        let shares = Panel::new("D", "adjustment of one function", Axis::log("error that is allowed"), share)
            .with(followed(outcome, "share"));
        let first = vec![near, far.legend(Legend::TopRight)];
        let second = vec![bridges.legend(Legend::TopLeft), shares.legend(Legend::TopLeft)];
        Figure::new(62.0, vec![first, second])
            .key(Kind::Points, "simulation")
            .key(Kind::Line, "bound fractions (A)")
            .key(Kind::Trace, "guide to the eye")
    }
}

/// Points and a trace through them, of each curve of a quantity.
fn followed(outcome: &Outcome, quantity: &str) -> Vec<Mark> {
    let both = |(colour, name): (usize, &str)| {
        [Kind::Points, Kind::Trace].map(|kind| {
            let label = if kind == Kind::Points { name } else { "" };
            outcome.mark(kind, colour, label, quantity, name)
        })
    };
    outcome.curves(quantity).into_iter().enumerate().flat_map(both).collect()
}
