//! Interneurons that guard a range: shares of a grid that they keep, and what it costs.

mod rows;

use lab::input::{all_within, within};
use lab::plot::{Axis, Figure, Kind, Legend, Mark, Panel};
use lab::{Bench, Experiment, Failure, Outcome, Scale, SeriesTable};
use model::Seed;
use rows::{INDEPENDENT, Point, lower, shares, upper};
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
const PAIRS: [(&str, bool, bool); 4] = [
    ("no guards", false, true),
    ("guards", true, true),
    ("guards, cut", true, false),
    ("no guards, cut", false, false),
];

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
                let independent =
                    known(s).map(|(_, all)| all[kind].map(|count| f64::from(count) / points.len() as f64));
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
                outcome.mark(Kind::Points, 0, "no guards", "means", "no guards"),
                outcome.mark(Kind::Points, 1, "guards", "means", "guards"),
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
                outcome.mark(Kind::Open, colour, "", "independent", name),
                outcome.mark(Kind::Points, colour, name, "shares", name),
            ])
        });
        Figure::new(66.0, vec![vec![means, above.legend(Legend::TopRight), shares.legend(Legend::TopRight)]])
            .key(Kind::Points, "in time")
            .key(Kind::Line, "fixed point (B)")
            .key(Kind::Dashed, "range")
            .key(Kind::Open, "independent code")
    }
}
