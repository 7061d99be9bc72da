//! Rates over the plane of two stimuli: a plane where balanced, folded where semi-balanced, and XOR.

mod responses;

use lab::input::{all_within, within};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use model::Seed;
use ndarray::Array1;
use rayon::prelude::*;
use responses::{Response, compare_gap, respond, xor};
use serde::{Deserialize, Serialize};

pub struct Representation;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// g √N of the simulated populations.
    gain: f64,
    /// External rate of the first stimulus in Hz.
    first: Vec<f64>,
    /// Of the second, a curve each.
    second: Vec<f64>,
    /// Half-widths a of the square {10 − a, 10 + a}² of stimuli for XOR, in Hz.
    squares: Vec<f64>,
}

const NAMES: [&str; 3] = ["e1", "e2", "i"];

impl Experiment for Representation {
    type Params = Params;
    const SECONDS: [f64; 2] = [0.038, 0.121];
    const NAME: &'static str = "representation";
    const TITLE: &'static str = "responses over the plane of two stimuli, and XOR";
    const CAPTION: &'static str = include_str!("representation.md");

    fn params(&self, scale: Scale) -> Params {
        let count = match scale {
            Scale::Quick => 10,
            Scale::Paper => 40,
        };
        Params {
            gain: 10.0,
            first: (0..=count).map(|k| 1.0 + 19.0 * f64::from(k) / f64::from(count)).collect(),
            second: vec![4.0, 10.0, 16.0],
            squares: (0..=count).map(|k| 8.0 * f64::from(k) / f64::from(count)).collect(),
        }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        within("gain", params.gain, 1e-3, 1e4)?;
        all_within("first", &params.first, 0.0, 1e3)?;
        all_within("second", &params.second, 0.0, 1e3)?;
        all_within("squares", &params.squares, 0.0, 10.0)
    }

    fn memory(&self, _params: &Params) -> f64 {
        1e6
    }

    fn run(&self, params: &Params, _seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        bench.begin("representation", params.first.len() + params.squares.len());
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        let plane: Vec<(f64, f64, Response)> = params
            .first
            .par_iter()
            .map(|&first| {
                let column: Result<Vec<_>, Failure> =
                    params.second.iter().map(|&second| Ok((first, second, respond(params, first, second)?))).collect();
                bench.advance();
                column
            })
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .flatten()
            .collect();
        for (first, second, response) in &plane {
            let label = format!("second stimulus {second} Hz");
            table.point("balanced", &label, *first, response.balanced[0]);
            table.point("limit", &label, *first, response.limit[0]);
            for (a, name) in NAMES.iter().enumerate() {
                outcome.comparisons.push(Comparison {
                    x: *first,
                    theory: response.state[a],
                    simulation: Estimate::exact(response.end[a]),
                    // The dynamics stop where τ dr/dt is 1e-11 of the largest rate.
                    bias: 1e-8 * response.end.sum(),
                    scale: Some(response.end.sum()),
                    ..row("B", &format!("r_{name} (Hz)"), "state at this gain", &label)
                });
            }
        }
        let gaps: Vec<(f64, [Array1<f64>; 4])> = params
            .squares
            .par_iter()
            .map(|&half| {
                let gap = xor(params, half);
                bench.advance();
                gap.map(|gap| (half, gap))
            })
            .collect::<Result<_, _>>()?;
        for (half, [limit, balanced, state, end]) in &gaps {
            compare_gap(*half, edge(params.gain), [limit, balanced, state, end], &mut outcome);
        }
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let curves = ["second stimulus 4 Hz", "second stimulus 10 Hz", "second stimulus 16 Hz"];
        let short = ["*r*_{x2} = 4 Hz", "*r*_{x2} = 10 Hz", "*r*_{x2} = 16 Hz"];
        let (first, half) = (|| Axis::linear("*r*_{x1} (Hz)"), || Axis::linear("half-width *d* (Hz)"));
        let rate = || Axis::linear("rate of e1 (Hz)");
        let balanced = curves.iter().zip(short).enumerate();
        let balanced = balanced.map(|(k, (curve, label))| outcome.mark(Kind::Trace, k, label, "balanced", curve));
        let semi = curves.iter().zip(short).enumerate().fold(
            Panel::new("B", "semi-balanced rates", first(), rate()),
            |panel, (colour, (curve, label))| {
                let limit = outcome.mark(Kind::Dashed, colour, "", "limit", curve);
                panel.with([limit]).compared(&outcome.of("r_e1", curve), colour, label)
            },
        );
        let gap = |letter, title: &str, names: &[&str]| {
            let axes = Panel::new(letter, title, half(), Axis::linear("gap (Hz)"));
            names.iter().enumerate().fold(axes, |panel, (colour, name)| {
                let rows = outcome.rows(|row| row.quantity == format!("XOR gap, {name}") && row.theory_name != AFFINE);
                panel.compared(&rows, colour, name)
            })
        };
        let rows = vec![
            vec![
                Panel::new("A", "balanced rates, −W^{−1}X", first(), rate()).with(balanced).legend(Legend::TopLeft),
                semi.legend(Legend::TopLeft),
            ],
            vec![
                gap("C", "XOR gap of rates", &["e1", "i"]).legend(Legend::TopLeft),
                gap("D", "XOR gap of the readout", &["readout"]),
            ],
        ];
        Figure::new(62.0, rows).key(Kind::Dashed, "semi-balanced, *N* → ∞").key(Kind::Trace, "balanced rates (A)")
    }
}

/// Rates that are an affine function of the stimuli, in the table.
const AFFINE: &str = "affine: balanced rates";

/// The half-width at which a population falls silent at 10 ± d Hz: the symmetric rate s(ε) equals 1.8 d/(1 + ε), ε = 1/(g√N).
pub fn edge(gain: f64) -> f64 {
    let e = 1.0 / gain;
    (36.0 * (5.0 + e) - 81.0) / (27.0 - (2.0 - e) * (5.0 + e)) * (1.0 + e) / 1.8
}
