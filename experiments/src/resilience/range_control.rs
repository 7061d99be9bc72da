//! Interneurons that guard a range: shares of a grid that they keep, and what it costs.

use lab::input::{all_within, within};
use lab::plot::{Axis, Figure, Kind, Legend, Mark, Panel};
use lab::{Bench, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use model::Seed;
use serde::{Deserialize, Serialize};
use simulation::GuardedPair;

pub struct RangeControl;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Scales s of ranges from s/2 to 2s.
    scales: Vec<f64>,
    /// κ, by which inhibition is multiplied.
    inhibition: Vec<f64>,
    /// X.
    drives: Vec<f64>,
    /// Time constants of a run, whose last two fifths are looked at.
    time: f64,
}

/// What is looked at of each grid, in order.
const LOOKED: [&str; 3] = ["in range on average", "in range always", "oscillating"];

/// Pairs: with guards or not, and whether excitation drives inhibition.
const PAIRS: [(&str, bool, bool); 3] =
    [("no guards", false, true), ("guards", true, true), ("guards, cut", true, false)];

/// Values of s, and shares of independent code for each on the usual grid, in the order of pairs and looks.
const INDEPENDENT: [(f64, [[f64; 3]; 3]); 2] = [
    (1.0, [[0.333333, 0.333333, 0.0], [0.958333, 0.736111, 0.291667], [0.875, 0.625, 0.361111]]),
    (3.0, [[0.333333, 0.333333, 0.0], [0.902778, 0.555556, 0.5], [0.694444, 0.430556, 0.569444]]),
];

/// One point of a grid.
struct Point {
    kappa: f64,
    drive: f64,
    mean: f64,
    low: f64,
    high: f64,
}

impl Point {
    fn of(pair: GuardedPair, s: f64, time: f64) -> Point {
        let all = pair.run(s, time, 0.4);
        let mean = all.iter().sum::<f64>() / all.len() as f64;
        let (low, high) = all.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), e| (low.min(*e), high.max(*e)));
        Point { kappa: pair.inhibition, drive: pair.drive, mean, low, high }
    }

    fn oscillates(&self) -> bool {
        self.high - self.low > 0.02 * self.mean.max(1e-9) && self.high > 1e-3
    }
}

impl Experiment for RangeControl {
    type Params = Params;
    const SECONDS: [f64; 2] = [0.5, 0.5];
    const NAME: &'static str = "range-control";
    const TITLE: &'static str = "interneurons that guard a range of rates";
    const CAPTION: &'static str = include_str!("range_control.md");

    fn params(&self, _: Scale) -> Params {
        Params {
            scales: vec![1.0, 3.0],
            inhibition: (0..9).map(|k| 0.3 * libm::pow(10.0, f64::from(k) / 8.0)).collect(),
            drives: (0..8).map(|k| 0.1 + 1.9 * f64::from(k) / 7.0).collect(),
            time: 200.0,
        }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        all_within("scales", &params.scales, 0.01, 4.0)?;
        all_within("inhibition", &params.inhibition, 1e-3, 100.0)?;
        all_within("drives", &params.drives, 0.0, 100.0)?;
        within("time", params.time, 20.0, 1e5)
    }

    fn memory(&self, params: &Params) -> f64 {
        8.0 * params.time / 0.02
    }

    fn run(&self, params: &Params, _: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        bench.begin("range-control", params.scales.len() * PAIRS.len());
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        let usual = self.params(Scale::Quick);
        let grid = |params: &Params| (params.inhibition.clone(), params.drives.clone(), params.time);
        let known = |s: f64| INDEPENDENT.iter().find(|(own, _)| *own == s && grid(params) == grid(&usual));
        for (number, &s) in params.scales.iter().enumerate() {
            for (kind, (name, guarded, driven)) in PAIRS.into_iter().enumerate() {
                let range = [0.5 * s, 2.0 * s];
                let pair = |inhibition, drive| GuardedPair {
                    inhibition,
                    drive,
                    range: guarded.then_some(range),
                    cut: (!driven).then_some(s),
                };
                let grid = params.inhibition.iter().flat_map(|&k| params.drives.iter().map(move |&x| (k, x)));
                let points: Vec<Point> = grid.map(|(k, x)| Point::of(pair(k, x), s, params.time)).collect();
                let label = format!("{name}, s = {s}");
                let independent = known(s).map(|(_, all)| all[kind]);
                let seen = shares(&points, range, independent, &label, &mut outcome);
                if number == 0 {
                    let name = PAIRS[kind].0;
                    for (look, seen) in seen.into_iter().enumerate() {
                        table.point("shares", name, look as f64, seen);
                        table.point("independent", name, look as f64, independent.map_or(f64::NAN, |all| all[look]));
                    }
                }
                if number == 0 && driven {
                    table.curve("means", name, points.iter().map(|point| (point.kappa, point.mean)));
                }
                if guarded && driven {
                    upper(&points, range, &label, &mut outcome);
                    lower(&points, range, s, &label, &mut outcome);
                }
                bench.advance();
            }
        }
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let edge = |y: f64| Mark::new(Kind::Dashed, 7, "", &[0.3, 3.0], &[y, y]);
        let means = Panel::new("A", "drives of 0.1 to 2", Axis::log("*κ*"), Axis::linear("mean rate"))
            .with([
                outcome.mark(Kind::Points, 1, "no guards", "means", "no guards"),
                outcome.mark(Kind::Points, 0, "guards", "means", "guards"),
                edge(0.5),
                edge(2.0),
            ])
            .legend(Legend::TopRight);
        let upper = outcome.rows(|row| row.quantity == "rate above the range");
        let labels: Vec<&str> = outcome.labels("rate above the range");
        let empty = Panel::new("B", "the upper guard", Axis::log("*κ*"), Axis::linear("rate"));
        // A colour for each range, and a line for each drive.
        let range = |label: &str| label.split(", X").next().unwrap_or_default().to_owned();
        let mut ranges: Vec<String> = labels.iter().map(|label| range(label)).collect();
        ranges.dedup();
        let above = labels.iter().enumerate().fold(empty, |panel, (k, label)| {
            let colour = ranges.iter().position(|own| *own == range(label)).unwrap_or(0);
            let is_first = k == 0 || range(labels[k - 1]) != range(label);
            let rows: Vec<_> = upper.iter().filter(|row| row.label == *label).copied().collect();
            panel.compared(&rows, colour, if is_first { &ranges[colour] } else { "" })
        });
        let names = ["average", "always", "oscillating"];
        let empty =
            Panel::new("C", "shares of the grid", Axis::names("", &names), Axis::linear("share").between(0.0, 1.0));
        let shares = PAIRS.iter().enumerate().fold(empty, |panel, (colour, (name, ..))| {
            panel.with([
                outcome.mark(Kind::Points, colour, name, "shares", name),
                outcome.mark(Kind::Open, colour, "", "independent", name),
            ])
        });
        Figure::new(66.0, vec![vec![means, above.legend(Legend::TopRight), shares.legend(Legend::TopRight)]])
            .key(Kind::Points, "in time")
            .key(Kind::Line, "fixed point (B)")
            .key(Kind::Dashed, "range")
            .key(Kind::Open, "independent code")
    }
}

fn shares(
    points: &[Point],
    [low, high]: [f64; 2],
    independent: Option<[f64; 3]>,
    label: &str,
    outcome: &mut Outcome,
) -> [f64; 3] {
    let within = |e: f64| (0.8 * low..=1.25 * high).contains(&e);
    let share =
        |is: &dyn Fn(&Point) -> bool| points.iter().filter(|point| is(point)).count() as f64 / points.len() as f64;
    let seen = [
        share(&|point| within(point.mean)),
        share(&|point| within(point.low) && within(point.high)),
        share(&|point| point.oscillates()),
    ];
    for (look, (name, theory)) in LOOKED.iter().zip(independent.into_iter().flatten()).enumerate() {
        outcome.comparisons.push(Comparison {
            x: look as f64,
            theory,
            simulation: Estimate::exact(seen[look]),
            // Two points of the grid that lie at an edge.
            bias: 2.0 / points.len() as f64,
            scale: Some(1.0),
            ..row("C", &format!("share {name}"), "reference:independent integration", label)
        });
    }
    seen
}

/// By how much the argument of f = 10 tanh(x/10) is above its value.
fn lack(value: f64) -> f64 {
    10.0 * libm::atanh((value / 10.0).min(1.0 - 1e-9)) - value
}

/// E = (6hi + X − .12κ)/(5.4 + 1.2κ) where the upper guard holds and f is linear.
fn upper(points: &[Point], [_, high]: [f64; 2], label: &str, outcome: &mut Outcome) {
    for point in points.iter().filter(|point| !point.oscillates() && point.low > high) {
        let theory = (6.0 * high + point.drive - 0.12 * point.kappa) / (5.4 + 1.2 * point.kappa);
        outcome.comparisons.push(Comparison {
            x: point.kappa,
            theory,
            simulation: Estimate::exact(point.mean),
            // f is below its argument, of E and of I = f(E + .1): both with one sign, over the slope of what is solved.
            bias: (lack(theory) + 1.2 * point.kappa * lack(theory + 0.1)) / (5.4 + 1.2 * point.kappa),
            ..row("B", "rate above the range", "linear fixed point", &format!("{label}, X = {:.3}", point.drive))
        });
    }
}

/// E = (X + 1.2κ(6lo − .1))/(8.4κ − .6) where the lower guard would hold: unstable for κ > .206, so that all such points oscillate.
fn lower(points: &[Point], [low, _]: [f64; 2], s: f64, label: &str, outcome: &mut Outcome) {
    let fixed = |point: &Point| (point.drive + 1.2 * point.kappa * (6.0 * low - 0.1)) / (8.4 * point.kappa - 0.6);
    let guarded: Vec<&Point> = points
        .iter()
        .filter(|point| {
            let e = fixed(point);
            // Inhibition must not be silenced there.
            e > 0.0 && e < 0.99 * low && e + 0.1 > 6.0 * (low - e) && point.kappa > 0.21
        })
        .collect();
    let still = guarded.iter().filter(|point| !point.oscillates()).count();
    outcome.comparisons.push(Comparison {
        x: s,
        theory: 0.0,
        simulation: Estimate::exact(still as f64),
        scale: Some(guarded.len().max(1) as f64),
        ..row("C", "points below the range that do not oscillate", "unstable fixed point", label)
    });
}
