//! How rates of finite networks approach the semi-balanced state.

mod points;
mod rows;

use super::networks::{drive, selective_drive, two_and_inhibition};
use lab::input::{all_within, within};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Experiment, Failure, Outcome, Scale, SeriesTable};
use model::Seed;
use ndarray::{Array1, Array2, array};
use points::{Case, Point, points};
use rayon::prelude::*;
use rows::{compare_orders, compare_point};
use semibalance::Circuit;
use serde::{Deserialize, Serialize};

pub struct FiniteN;

/// Orders of the expansion whose error is measured.
const ORDERS: usize = 3;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// g in Hz/(Hz mV): the gain of a population.
    gain: f64,
    /// θ in Hz mV, of every population.
    threshold: f64,
    /// Sizes N.
    sizes: Vec<f64>,
}

impl Experiment for FiniteN {
    type Params = Params;
    const SECONDS: [f64; 2] = [0.013, 0.0386];
    const NAME: &'static str = "finite-n";
    const TITLE: &'static str = "convergence to the semi-balanced state as 1/sqrt N";
    const CAPTION: &'static str = include_str!("finite_n.md");

    fn params(&self, scale: Scale) -> Params {
        let per_decade = match scale {
            Scale::Quick => 2,
            Scale::Paper => 6,
        };
        let sizes = (0..=4 * per_decade)
            .map(|k| libm::round(libm::pow(10.0, 2.0 + f64::from(k) / f64::from(per_decade))))
            .collect();
        Params { gain: 0.02, threshold: 10.0, sizes }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        within("gain", params.gain, 1e-9, 1e4)?;
        within("threshold", params.threshold, -1e6, 1e6)?;
        all_within("sizes", &params.sizes, 1.0, 1e8)
    }

    fn memory(&self, _params: &Params) -> f64 {
        1e6
    }

    fn run(&self, params: &Params, _seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        let refuse = |e: &dyn std::fmt::Display| Failure::Input(e.to_string());
        let circuit = |w: Array2<f64>, x: Array1<f64>| Circuit::new(w, x).map_err(|e| refuse(&e));
        let cases = [
            Case { name: "pair", circuit: circuit(array![[2.0, -3.0], [9.0, -5.0]], array![36.0, 27.0])? },
            Case { name: "S3, 2 Hz", circuit: circuit(two_and_inhibition(0.5), drive(2.0))? },
            Case { name: "S3, 5 Hz", circuit: circuit(two_and_inhibition(0.5), drive(5.0))? },
            Case { name: "S3c, 5 Hz", circuit: circuit(two_and_inhibition(0.0), selective_drive(15.0, 5.0))? },
        ];
        bench.begin("finite-n", cases.len());
        let solved: Vec<Vec<Point>> = cases
            .par_iter()
            .map(|case| {
                let points = points(case, params);
                bench.advance();
                points
            })
            .collect::<Result<_, _>>()?;
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        for (case, points) in cases.iter().zip(&solved) {
            for point in points {
                compare_point(case, point, &mut outcome, &mut table);
            }
            compare_orders(case, points, &mut outcome, &mut table);
        }
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let sizes = || Axis::log("network size *N*");
        let panel = |letter, title: &str, y| Panel::new(letter, title, sizes(), y);
        let rates = [
            ("pair", 0, "e, pair"),
            ("pair", 1, "i, pair"),
            ("S3, 5 Hz", 0, "e1, S3 at 5 Hz"),
            ("S3, 5 Hz", 2, "i, S3 at 5 Hz"),
        ];
        let rates = rates.iter().enumerate().fold(
            panel("A", "rates", Axis::linear("rate (Hz)").between(0.0, 30.0)),
            |panel, (colour, (case, a, label))| {
                let limit = outcome.mark(Kind::Dashed, colour, "", &format!("limit r[{a}]"), case);
                panel.with([limit]).compared(&outcome.by(STATE, &format!("r[{a}]"), case), colour, label)
            },
        );
        let orders = (0..ORDERS).flat_map(|order| {
            let label = format!("up to order {order}");
            [
                outcome.mark(Kind::Squares, order, &label, &format!("error {order}"), "S3, 5 Hz"),
                outcome.mark(Kind::Trace, order, "", &format!("law {order}"), "S3, 5 Hz"),
            ]
        });
        let names = ["pair", "S3, 2 Hz", "S3, 5 Hz", "S3c, 5 Hz"];
        let identity = names.iter().enumerate();
        let identity = identity.map(|(colour, case)| outcome.mark(Kind::Squares, colour, case, "identity", case));
        let expansion = panel("B", "expansion in 1/√*N*, S3 at 5 Hz", Axis::log("largest difference (Hz)"));
        let error = panel("C", "identity given the input", Axis::log("relative error").between(1e-14, 1e-6));
        let row = vec![
            rates.legend(Legend::TopLeft),
            expansion.with(orders).legend(Legend::BottomLeft),
            error.with(identity).legend(Legend::TopRight),
        ];
        Figure::new(66.0, vec![row])
            .key(Kind::Dashed, "*N* → ∞")
            .key(Kind::Squares, "differences (B, C)")
            .key(Kind::Trace, "powers of 1/√*N* (B)")
    }
}

/// The states that populations of a size have, in the table.
const STATE: &str = "state at this N";
