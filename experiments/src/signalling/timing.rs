//! Equal functions that differ in their times, and what has to be kept for functions to be equal.

mod rows;

use super::dopamine::target;
use lab::input::all_within;
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Experiment, Failure, Outcome, Scale, SeriesTable};
use model::Seed;
use rows::{alone, faster, kept, times};
use serde::{Deserialize, Serialize};
use signalling::{Options, ReactionSystem, adjust, response_time};
use systems::reaction_network::refused;

pub struct Timing;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Speeds of the target reaction.
    speeds: Vec<f64>,
    /// Totals of B in nM, for a binding with 10 nM of A.
    totals: Vec<f64>,
}

/// Jump of dopamine in nM.
const JUMP: [f64; 2] = [50.0, 100.0];

/// What a cubic in logarithms between the points of the source leaves of a curve whose inputs move a little: seen up to 3e-9.
const CUBIC: f64 = 1e-7;

impl Experiment for Timing {
    type Params = Params;
    const SECONDS: [f64; 2] = [1.0, 3.0];
    const NAME: &'static str = "timing";
    const TITLE: &'static str = "equal signalling functions that differ in their times";
    const CAPTION: &'static str = include_str!("timing.md");

    fn params(&self, scale: Scale) -> Params {
        let speeds = match scale {
            Scale::Quick => vec![0.1, 1.0, 10.0, 100.0],
            Scale::Paper => (-8..=16).map(|k| libm::pow(10.0, 0.125 * f64::from(k))).collect(),
        };
        Params { speeds, totals: vec![3.0, 30.0, 220.0, 1000.0] }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        all_within("speeds", &params.speeds, 1e-4, 1e6)?;
        all_within("totals", &params.totals, 1e-3, 1e6)
    }

    fn memory(&self, _: &Params) -> f64 {
        1e6
    }

    fn run(&self, params: &Params, _: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        bench.begin("timing", 3);
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        let system = ReactionSystem::dopamine();
        let adjusted = adjust(&system, &[target()], Options::with_error(0.1)).map_err(refused)?;
        let time = |system: &ReactionSystem, speed: f64| {
            let found = response_time(&faster(system, "GAC5Ca", speed)?, "GAC5Ca", JUMP).map_err(refused)?;
            found.ok_or_else(|| Failure::Input("GAC5Ca does not respond".into()))
        };
        let usual = time(&system, 1.0)?;
        let floor = time(&adjusted.system, 1e5)?;
        for &speed in &params.speeds {
            for (name, system) in [("as it was", &system), ("adjusted", &adjusted.system)] {
                table.point("time", name, speed, time(system, speed)?);
            }
            table.point("time", "usual", speed, usual);
        }
        times(&system, &adjusted.system, (usual, floor), &mut outcome)?;
        bench.advance();
        for &total in &params.totals {
            alone(total, &mut outcome)?;
        }
        bench.advance();
        kept(&mut outcome)?;
        bench.advance();
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let times = Panel::new("A", "the pathway", Axis::log("speed of the target reaction"), Axis::log("time (s)"))
            .with([
                outcome.mark(Kind::Points, 0, "as it was", "time", "as it was"),
                outcome.mark(Kind::Trace, 0, "", "time", "as it was"),
                outcome.mark(Kind::Squares, 1, "adjusted", "time", "adjusted"),
                outcome.mark(Kind::Trace, 1, "", "time", "adjusted"),
                outcome.mark(Kind::Dashed, 7, "what is measured", "time", "usual"),
            ]);
        let alone = outcome.rows(|row| row.quantity.starts_with("time of a small step"));
        let binding =
            Panel::new("B", "a binding", Axis::log("total B (nM)"), Axis::log("1/*λ* (s)")).compared(&alone, 0, "");
        let names = ["binding", "kcat", "Km", "G part", "G all"];
        let moved = outcome.rows(|row| row.quantity.starts_with("function moved, "));
        let equal = Panel::new("C", "three times as fast", Axis::names("", &names), Axis::linear("relative change"))
            .compared(&moved, 0, "");
        Figure::new(66.0, vec![vec![times.legend(Legend::TopRight), binding, equal]])
            .key(Kind::Points, "reactions in time")
            .key(Kind::Line, "closed form (B, C)")
            .key(Kind::Trace, "guide to the eye")
    }
}
