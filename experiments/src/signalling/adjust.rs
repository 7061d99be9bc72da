//! Local adjustment of one function in a pathway: errors that are allowed, errors that are left, rates that are changed.

mod closed_form;
mod rows;

use super::dopamine::{along, target};
use closed_form::smallest;
use lab::input::{all_within, count_within};
use lab::plot::{Axis, Figure, Kind, Legend, Mark, Panel};
use lab::{Bench, Experiment, Failure, Outcome, Scale, SeriesTable};
use model::Seed;
use rayon::prelude::*;
use rows::{alone, neighbour, of_the_example, own_rate, refitted, show};
use serde::{Deserialize, Serialize};
use signalling::{Adjusted, Options, ReactionSystem, adjust};
use systems::reaction_network::refused;

pub struct Adjust;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Errors that are allowed, of the target and of all others.
    errors: Vec<f64>,
    /// Cells along each axis of the search for the closed form's smallest error.
    cells: usize,
}

/// The error range of the source's example.
const EXAMPLE: f64 = 0.1;

impl Experiment for Adjust {
    type Params = Params;
    const SECONDS: [f64; 2] = [2.0, 10.0];
    const NAME: &'static str = "adjust";
    const TITLE: &'static str = "local adjustment: one function is changed, and what that changes is changed back";
    const CAPTION: &'static str = include_str!("adjust.md");

    fn params(&self, scale: Scale) -> Params {
        match scale {
            Scale::Quick => Params { errors: vec![0.04, 0.1, 0.2], cells: 40 },
            Scale::Paper => Params { errors: (1..=10).map(|k| 0.02 * f64::from(k)).collect(), cells: 120 },
        }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        all_within("errors", &params.errors, 1e-4, 10.0)?;
        count_within("cells", params.cells, 5, 2000)
    }

    fn memory(&self, _: &Params) -> f64 {
        1e7
    }

    fn run(&self, params: &Params, _: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        let system = ReactionSystem::dopamine();
        bench.begin("adjust", params.errors.len() + 1);
        let adjusted: Vec<Adjusted> = params
            .errors
            .par_iter()
            .map(|&error| {
                let adjusted = adjust(&system, &[target()], Options::with_error(error)).map_err(refused);
                bench.advance();
                adjusted
            })
            .collect::<Result<_, _>>()?;
        let example = adjust(&system, &[target()], Options::with_error(EXAMPLE)).map_err(refused)?;
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        let least = smallest(&system, &example, params.cells, &mut outcome)?;
        table.curve("error", "least", [0.02, 0.3].map(|error| (error, least)));
        bench.advance();
        for (adjusted, &error) in adjusted.iter().zip(&params.errors) {
            show(adjusted, error, &mut outcome, &mut table);
        }
        for (name, system) in [("before", &system), ("after", &example.system)] {
            let points = along(system, &["GaGTP", "GAC5Ca", "GAC5"])?;
            table.curve("GAC5Ca", name, points.iter().map(|state| (state[0], state[1])));
            table.curve("GAC5", name, points.iter().map(|state| (state[0], state[2])));
        }
        let shape = target().shape;
        table.curve("GAC5Ca", "target", (0..=20).map(|k| 10.0 + f64::from(k)).map(|x| (x, shape.at(x))));
        of_the_example(&example, &mut outcome);
        refitted(&system, &example, &mut outcome)?;
        own_rate(&system, &mut outcome)?;
        neighbour(&system, &mut outcome)?;
        alone(&mut outcome)?;
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let curves = [
            outcome.mark(Kind::Line, 0, "GAC5Ca before", "GAC5Ca", "before"),
            outcome.mark(Kind::Points, 0, "after", "GAC5Ca", "after"),
            outcome.mark(Kind::Dashed, 7, "target", "GAC5Ca", "target"),
            outcome.mark(Kind::Line, 1, "GAC5 before", "GAC5", "before"),
            outcome.mark(Kind::Points, 1, "after", "GAC5", "after"),
        ];
        let before = Panel::new("A", "errors of a tenth", Axis::log("free GαGTP (nM)"), Axis::log("output (nM)"));
        let allowed = || Axis::log("error that is allowed");
        let errors = Panel::new("B", "errors", allowed(), Axis::log("error that is left")).with([
            Mark::new(Kind::Dashed, 7, "allowed", &[0.02, 0.3], &[0.02, 0.3]),
            outcome.mark(Kind::Line, 7, "smallest common error", "error", "least"),
            outcome.mark(Kind::Points, 0, "target", "error", "target"),
            outcome.mark(Kind::Squares, 1, "largest drift", "error", "drift"),
            outcome.mark(Kind::Crosses, 4, "not reached", "error", "not reached"),
        ]);
        let factors = Panel::new("C", "changed rates", allowed(), Axis::log("new rate over old")).with(
            ["GAC5Ca koff", "GAC5 koff", "Gact koff", "Gact kcat"].iter().enumerate().flat_map(|(colour, name)| {
                [
                    outcome.mark(Kind::Points, colour, name, "factor", name),
                    outcome.mark(Kind::Trace, colour, "", "factor", name),
                ]
            }),
        );
        let row = vec![
            before.with(curves).legend(Legend::BottomRight),
            errors.legend(Legend::TopLeft),
            factors.legend(Legend::Above),
        ];
        Figure::new(66.0, vec![row]).key(Kind::Points, "adjusted").key(Kind::Trace, "guide to the eye")
    }
}
