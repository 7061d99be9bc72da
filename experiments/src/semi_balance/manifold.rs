//! The set of responses: a plane of as many dimensions as the stimulus where balanced, more where semi-balanced.

mod trial;

use crate::rows::largest;
use lab::input::{all_within, count_within, within};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Claim, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use model::Seed;
use serde::{Deserialize, Serialize};
use trial::{Shape, Trial, trial};

pub struct Manifold;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Pairs of an excitatory and an inhibitory population.
    pairs: usize,
    /// n_x: dimensions of the stimulus.
    dimensions: usize,
    /// Stimuli of each network, Gaussian.
    stimuli: usize,
    /// Random networks.
    networks: usize,
    /// Strengths of the stimulus: standard deviations of what it adds to a drive of 1 to 2.
    strengths: Vec<f64>,
    /// g √N of the simulated populations.
    gain: f64,
}

/// One of the two.
type Quantity = fn(&Shape) -> f64;

impl Experiment for Manifold {
    type Params = Params;
    const SECONDS: [f64; 2] = [2.7, 50.9];
    const NAME: &'static str = "manifold";
    const TITLE: &'static str = "dimension of the set of responses";
    const CAPTION: &'static str = include_str!("manifold.md");

    fn params(&self, scale: Scale) -> Params {
        let (stimuli, networks) = match scale {
            Scale::Quick => (60, 6),
            Scale::Paper => (400, 12),
        };
        Params {
            pairs: 12,
            dimensions: 2,
            stimuli,
            networks,
            strengths: vec![0.05, 0.2, 0.5, 1.0, 1.5, 2.0, 3.0, 6.0],
            gain: 20.0,
        }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        count_within("pairs", params.pairs, 1, 500)?;
        count_within("dimensions", params.dimensions, 1, 500)?;
        count_within("stimuli", params.stimuli, params.dimensions + 2, 100_000)?;
        count_within("networks", params.networks, 1, 10_000)?;
        all_within("strengths", &params.strengths, 0.0, 1e3)?;
        within("gain", params.gain, 1e-3, 1e4)
    }

    fn memory(&self, params: &Params) -> f64 {
        (params.stimuli * params.pairs) as f64 * 100.0
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        bench.begin("manifold", params.strengths.len() * params.networks);
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        for &strength in &params.strengths {
            let of = (Self::NAME, params, strength);
            let trials = bench.each(&of, seed, params.networks, |_, seed| trial(params, strength, seed))?;
            let mean = |of: &dyn Fn(&Trial) -> f64| Estimate::of(trials.iter().map(of));
            let silent = mean(&|t| t.silent);
            table.estimate("silent", "populations", strength, silent);
            let quantities: [(&str, &str, Quantity); 2] = [
                ("A", "nonlinear share of variance", |shape| shape.nonlinear),
                ("B", "participation ratio", |shape| shape.dimension),
            ];
            for (panel, quantity, of) in quantities {
                table.estimate(&format!("{panel} end"), "all", strength, mean(&|t| of(&t.end)));
                table.point(&format!("{panel} state"), "all", strength, mean(&|t| of(&t.state)).mean);
                table.point(&format!("{panel} balanced"), "all", strength, mean(&|t| of(&t.balanced)).mean);
                // Network by network: what the two sides share, the network, leaves no error of sampling.
                let difference = Estimate::exact(largest(trials.iter().map(|t| of(&t.end) - of(&t.state))));
                outcome.comparisons.push(Comparison {
                    x: strength,
                    theory: 0.0,
                    simulation: difference,
                    // Rates are known to 1e-8, shares and ratios of their squares to some ten times that.
                    bias: 1e-6,
                    // Shares are at most 1; a participation ratio is at least that.
                    scale: Some(1.0),
                    ..row(
                        panel,
                        &format!("{quantity}: largest difference"),
                        "states at this gain",
                        "networks one by one",
                    )
                });
            }
            let claim = if silent.mean == 0.0 { Claim::Equals } else { Claim::Contrast };
            outcome.comparisons.push(Comparison {
                x: strength,
                theory: 0.0,
                simulation: mean(&|t| t.end.nonlinear),
                bias: 1e-12,
                scale: Some(1.0),
                // Where a population is silenced, the plane is left: that is the finding.
                claim,
                ..row("A", "nonlinear share of variance", "hyperplane of balanced rates", "all")
            });
            outcome.comparisons.push(Comparison {
                x: strength,
                theory: 0.0,
                simulation: mean(&|t| t.end.dimension - t.balanced.dimension),
                claim: Claim::Lower,
                bias: 1e-6,
                scale: Some(mean(&|t| t.end.dimension).mean),
                ..row(
                    "B",
                    "participation ratio: excess over balanced rates",
                    "folds add dimensions",
                    "networks one by one",
                )
            });
        }
        table.curve("bound", "all", [0.04, 6.5].map(|x| (x, params.dimensions as f64)));
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let panel = |letter, title: &str, y: Axis| {
            Panel::new(letter, title, Axis::log("strength of the stimulus"), y).legend(Legend::TopLeft)
        };
        let of = |name: &str| {
            [
                outcome.mark(Kind::Line, 0, "semi-balanced", &format!("{name} state"), "all"),
                outcome.mark(Kind::Points, 0, "", &format!("{name} end"), "all"),
                outcome.mark(Kind::Dashed, 1, "balanced, −W^{−1}X", &format!("{name} balanced"), "all"),
            ]
        };
        let row = vec![
            panel("A", "how far responses leave a plane", Axis::linear("nonlinear share of variance"))
                .with(of("A"))
                .judged(&outcome.rows(|row| row.panel == "A"), 0),
            panel("B", "dimension of the responses", Axis::linear("participation ratio").between(0.0, 4.0))
                .with(of("B"))
                .with([outcome.mark(Kind::Trace, 7, "*n*_{x}", "bound", "all")])
                .judged(&outcome.rows(|row| row.panel == "B"), 0),
            panel("C", "silent populations", Axis::linear("share of populations")).with([outcome.mark(
                Kind::Squares,
                0,
                "",
                "silent",
                "populations",
            )]),
        ];
        Figure::new(64.0, vec![row])
            .key(Kind::Points, "ends of the dynamics")
            .key(Kind::Line, "states at this gain")
            .key(Kind::Dashed, "contrast")
            .key(Kind::Trace, "dimension of the stimuli")
            .key(Kind::Squares, "states, no theory (C)")
    }
}
