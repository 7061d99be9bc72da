//! How far a change of one reaction goes in random networks, and why not further.

use super::random_dimers::{Drifted, POINTS, SMALL, Sensitivity, Shown, Tried, adjusted, show};
use lab::input::{all_within, count_within, within};
use lab::plot::{Axis, Figure, Kind, Legend, Mark, Panel};
use lab::{Bench, Claim, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use model::Seed;
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

/// Least drift that is drawn.
const LEAST: f64 = 1e-16;

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

/// The value below which so much of the others lie; NaN of none.
fn quantile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get((share * last as f64).round() as usize).copied().unwrap_or(f64::NAN)
}

fn sensitivities(shown: &[Shown], outcome: &mut Outcome, table: &mut SeriesTable) {
    outcome.comparisons.push(Comparison {
        theory: 0.0,
        simulation: Estimate::exact(shown.iter().map(|own| own.apart_by).fold(0.0, f64::max)),
        // Differences of third order in the change.
        bias: SMALL * SMALL,
        scale: Some(0.1),
        ..row("A", "largest difference of a sensitivity, with its sign", "bound fractions", "random networks")
    });
    for hop in 0..=HOPS {
        let own: Vec<_> = shown.iter().flat_map(|shown| &shown.sensitivities).filter(|own| own.hop == hop).collect();
        if own.is_empty() {
            continue;
        }
        let of =
            |value: fn(&Sensitivity) -> f64, share: f64| quantile(own.iter().map(|own| value(own)).collect(), share);
        table.point("bound", "median", hop as f64, of(|own| own.bound, 0.5));
        for (name, share) in [("median sensitivity", 0.5), ("90 % of sensitivities", 0.9)] {
            let theory = of(|own| own.theory, share);
            outcome.comparisons.push(Comparison {
                x: hop as f64,
                theory,
                simulation: Estimate::exact(of(|own| own.seen, share)),
                // Differences of third order in the change, and the last digits of amounts over it.
                bias: SMALL * SMALL * theory + 1e-9,
                ..row("A", &format!("{name}, {hop} hops"), "bound fractions", "random networks")
            });
        }
        outcome.comparisons.push(Comparison {
            x: hop as f64,
            theory: 1.0,
            simulation: Estimate::exact(own.iter().map(|own| own.seen / own.bound).fold(0.0, f64::max)),
            claim: Claim::Upper,
            ..row(
                "A",
                &format!("largest sensitivity over its bound, {hop} hops"),
                "largest bound fraction",
                "random networks",
            )
        });
    }
}

fn drifts(params: &Params, shown: &[Shown], outcome: &mut Outcome, table: &mut SeriesTable) {
    let all = || shown.iter().flat_map(|shown| &shown.drifts);
    let mut medians = Vec::new();
    for &factor in &params.factors {
        for hop in 1..=HOPS {
            let own = all().filter(|own| own.factor == factor && own.hop == hop);
            let own: Vec<f64> = own.map(|own| own.drift.max(LEAST)).collect();
            if own.is_empty() {
                continue;
            }
            medians.push(quantile(own.clone(), 0.5));
            table.point("drift", &format!("{factor} times"), hop as f64, quantile(own, 0.9));
        }
    }
    let beyond =
        |own: Vec<&Drifted>| 100.0 * own.iter().filter(|own| own.drift > 0.1).count() as f64 / own.len().max(1) as f64;
    outcome.notes.push(format!(
        "{} of {} functions lie behind a bridge; of the others {:.1} % drift by more than a tenth, of all at three hops and more {:.1} %; \
         medians of drifts are {:.1e} or less; {} more have left the range of their inputs and are not compared",
        all().filter(|own| own.behind).count(),
        all().count(),
        beyond(all().filter(|own| !own.behind).collect()),
        beyond(all().filter(|own| own.hop >= 3).collect()),
        medians.into_iter().fold(0.0, f64::max),
        shown.iter().map(|shown| shown.apart).sum::<usize>()
    ));
}

fn bridges(shown: &[Shown], outcome: &mut Outcome, table: &mut SeriesTable) {
    let all = |behind: bool| shown.iter().flat_map(|shown| &shown.drifts).filter(move |own| own.behind == behind);
    for (name, behind) in [("bridges", true), ("others", false)] {
        let mut own: Vec<f64> = all(behind).filter(|own| own.hop == 1).map(|own| own.drift.max(LEAST)).collect();
        own.sort_by(f64::total_cmp);
        let count = own.len().max(2) - 1;
        table.curve("sorted", name, own.iter().enumerate().map(|(k, drift)| (k as f64 / count as f64, *drift)));
    }
    let largest = |behind: bool| all(behind).map(|own| own.drift).fold(0.0, f64::max);
    outcome.comparisons.push(Comparison {
        x: 1.0,
        theory: 0.0,
        simulation: Estimate::exact(largest(true)),
        // What a cubic between 81 points leaves of a curve.
        bias: 1e-6,
        scale: Some(largest(false)),
        ..row("C", "largest drift of a bridge", "bridge theorem", "random networks")
    });
}

/// The source's two, three, maybe four reactions, beside what random networks need.
fn fared(params: &Params, pairs: usize, tried: &[Vec<Tried>], outcome: &mut Outcome, table: &mut SeriesTable) {
    for (k, &error) in params.errors.iter().enumerate() {
        let converged: Vec<&Tried> = tried.iter().map(|own| &own[k]).filter(|own| own.converged).collect();
        table.point("share", &format!("{pairs} pairs"), error, converged.len() as f64 / tried.len().max(1) as f64);
        let most = |of: fn(&Tried) -> usize| converged.iter().map(|own| of(own)).max().unwrap_or(0);
        let (others, farthest) = (most(|own| own.others), most(|own| own.farthest));
        outcome.notes.push(format!(
            "{pairs} pairs, errors of {error}: {} of {} adjustments converge; at most {others} other reactions change, the farthest {farthest} hops away",
            converged.len(),
            tried.len()
        ));
        for (quantity, seen) in [("most other reactions changed", others), ("hops to the farthest of them", farthest)] {
            outcome.comparisons.push(Comparison {
                x: error,
                theory: 4.0,
                simulation: Estimate::exact(seen as f64),
                // The largest of so many random networks: more of them have more.
                claim: Claim::Contrast,
                ..row("D", quantity, "two, three, maybe four, as the source says", &format!("{pairs} pairs"))
            });
        }
    }
}
