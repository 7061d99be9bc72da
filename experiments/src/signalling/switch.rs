//! The loop of mTORC1 and S6K1: folds in closed form, beside branches that are followed and ramps in time.

mod branches;
mod folds;
mod map;
mod null;
mod ramps;

use branches::branches;
use folds::Known;
use lab::input::{all_within, count_within};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Experiment, Failure, Outcome, Scale, SeriesTable};
use map::map;
use model::Seed;
use null::without_tsc2;
use serde::{Deserialize, Serialize};
use signalling::EnergySwitch;
use systems::reaction_network::refused;

pub struct Loop;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Seconds of a ramp each way, in ascending order.
    ramps: Vec<f64>,
    /// Distances before the fold, relative to v there.
    distances: Vec<f64>,
    /// Cells along each axis of the map.
    cells: usize,
    /// Energy and loop.
    switch: EnergySwitch,
}

impl Experiment for Loop {
    type Params = Params;
    const SECONDS: [f64; 2] = [1.0, 10.0];
    const NAME: &'static str = "loop";
    const TITLE: &'static str = "a switch that AMPK throws: folds, slowing and ramps of the loop of mTORC1 and S6K1";
    const CAPTION: &'static str = include_str!("switch.md");

    fn params(&self, scale: Scale) -> Params {
        let (ramps, cells) = match scale {
            Scale::Quick => (vec![1e5, 1e6], 30),
            Scale::Paper => (vec![1e5, libm::pow(10.0, 5.5), 1e6, libm::pow(10.0, 6.5), 1e7], 100),
        };
        Params { ramps, distances: vec![0.3, 0.1, 0.03, 0.01, 0.003, 0.001], cells, switch: EnergySwitch::default() }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        params.switch.validate().map_err(refused)?;
        all_within("ramps", &params.ramps, 1e3, 1e9)?;
        all_within("distances", &params.distances, 1e-9, 0.9)?;
        count_within("cells", params.cells, 2, 1000)
    }

    fn memory(&self, _: &Params) -> f64 {
        1e7
    }

    fn run(&self, params: &Params, _: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        bench.begin("loop", 3 + params.ramps.len());
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        map(params, &mut outcome, &mut table);
        bench.advance();
        let switch = &params.switch;
        let Some([on, off]) = switch.folds() else {
            outcome.notes.push("one state whatever switches mTORC1 off: E is above 1/27".into());
            outcome.series = table;
            return Ok(outcome);
        };
        branches(switch, [on.b, off.b], &mut outcome, &mut table)?;
        bench.advance();
        without_tsc2(switch, &mut outcome);
        let (Some(low), Some(high)) = (switch.drive(on.b), switch.drive(off.b)) else {
            outcome.notes.push("AMPK does not reach both folds".into());
            outcome.series = table;
            return Ok(outcome);
        };
        let known = Known { switch, drives: [low, high], half: 0.5 * (on.m + off.m) };
        outcome.notes.push(format!("mTORC1 goes off above v = {high:.6} µM/s, and on again below {low:.6}"));
        known.beside_folds(&mut outcome)?;
        known.slowing(&params.distances, &mut outcome, &mut table);
        bench.advance();
        known.ramps(&params.ramps, bench, &mut outcome, &mut table)?;
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let states = Panel::new(
            "A",
            "states",
            Axis::log("rate at which mTORC1 goes off (1/s)"),
            Axis::linear("active mTORC1").between(0.0, 1.0),
        )
        .with([
            outcome.mark(Kind::Line, 7, "roots", "roots", "on"),
            outcome.mark(Kind::Line, 7, "", "roots", "off"),
            outcome.mark(Kind::Dashed, 7, "", "roots", "between"),
            outcome.mark(Kind::Points, 0, "stable", "branch", "stable"),
            outcome.mark(Kind::Open, 0, "unstable", "branch", "unstable"),
        ])
        .legend(Legend::TopRight);
        let map = Panel::new(
            "B",
            "two stable states",
            Axis::linear("*E*").between(0.0, 0.05),
            Axis::linear("*B*").between(0.0, 0.35),
        )
        .with([
            outcome.mark(Kind::Cells, 1, "three roots", "map", "three"),
            outcome.mark(Kind::Line, 7, "folds", "folds", "on"),
            outcome.mark(Kind::Line, 7, "", "folds", "off"),
        ])
        .legend(Legend::BottomRight);
        let slow = Panel::new("C", "slowing", Axis::log("distance *d*"), Axis::log("slowest rate (1/s)")).with([
            outcome.mark(Kind::Points, 0, "", "slowing", "rates"),
            outcome.mark(Kind::Dashed, 7, "slope 1/2", "slowing", "half"),
        ]);
        let excess = Panel::new("D", "ramps", Axis::log("ramp *T*_{r} (s)"), Axis::log("excess of *v* (µM/s)"))
            .with([
                outcome.mark(Kind::Points, 0, "off", "excess", "off"),
                outcome.mark(Kind::Squares, 1, "on", "excess", "on"),
                outcome.mark(Kind::Dashed, 7, "slope −2/3", "excess", "two thirds"),
            ])
            .legend(Legend::TopRight);
        let way = Panel::new(
            "E",
            "the slowest ramp",
            Axis::linear("cyclic AMP made (µM/s)"),
            Axis::linear("active mTORC1").between(0.0, 1.0),
        )
        .with([outcome.mark(Kind::Trace, 0, "up", "way", "up"), outcome.mark(Kind::Trace, 1, "down", "way", "down")])
        .legend(Legend::TopRight);
        Figure::new(58.0, vec![vec![states.legend(Legend::TopRight), map], vec![slow, excess, way]])
            .key(Kind::Points, "reactions")
            .key(Kind::Line, "closed form")
            .key(Kind::Dashed, "unstable (A), slopes of theory (C, D)")
    }
}
