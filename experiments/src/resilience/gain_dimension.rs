//! One modulator, two receptors: the directions in which it moves gains and rates.

mod networks;

use lab::input::{all_within, count_within, within};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Claim, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use meanfield::{Receptors, kernel_dimension, rate_kernel};
use model::Seed;
use networks::{Kinds, dimensions, of_size};
use serde::{Deserialize, Serialize};

pub struct GainDimension;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Half levels C₁ and C₂ of both receptors.
    halves: [f64; 2],
    /// Standard deviation of ln d.
    sigma: f64,
    /// Strengths J of random networks; a weight has the variance J²/N.
    couplings: Vec<f64>,
    /// Cells of a network.
    cells: usize,
    /// Networks.
    networks: usize,
}

/// Strength of the modulation of gains.
const STRENGTH: f64 = 0.5;

/// Levels of the modulator: from the first by equal factors to the second.
const LEVELS: [f64; 2] = [0.005, 20.0];
const COUNT: usize = 40;

/// d₂/d₁ where both densities go together.
const RATIO: f64 = 1.0;

/// Rounding of a dimension.
const ROUNDING: f64 = 1e-9;

impl Experiment for GainDimension {
    type Params = Params;
    const SECONDS: [f64; 2] = [3.0, 60.0];
    const NAME: &'static str = "gain-dimension";
    const TITLE: &'static str = "how many things one modulator can say";
    const CAPTION: &'static str = include_str!("gain_dimension.md");

    fn params(&self, scale: Scale) -> Params {
        let (cells, networks) = if scale == Scale::Quick { (400, 8) } else { (1600, 16) };
        Params { halves: [1.0, 0.1], sigma: 0.5, couplings: vec![0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8], cells, networks }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        all_within("halves", &params.halves, 1e-6, 1e6)?;
        if params.halves[0] == params.halves[1] {
            let half = params.halves[0];
            return Err(Failure::Input(format!("halves: both are {half} (allowed: two that differ)")));
        }
        within("sigma", params.sigma, 1e-3, 1.0)?;
        all_within("couplings", &params.couplings, 0.0, 0.8)?;
        count_within("cells", params.cells, 20, 20_000)?;
        count_within("networks", params.networks, 3, 10_000)
    }

    fn memory(&self, params: &Params) -> f64 {
        16.0 * (params.cells as f64).powi(2)
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        bench.begin("gain-dimension", params.networks);
        let receptors = Receptors { halves: params.halves, sigma: params.sigma, strength: STRENGTH };
        let levels: Vec<f64> =
            (0..COUNT).map(|k| LEVELS[0] * libm::pow(LEVELS[1] / LEVELS[0], k as f64 / (COUNT - 1) as f64)).collect();
        let two = receptors.gain_kernel(&levels, true);
        let cut = [false, true].map(|second| receptors.cut_gain_kernel(&levels, second));
        // Dimensions of gains of each kind, and of rates of each strength with one and with two receptors.
        let one = |_, seed| Ok(dimensions(params, &levels, seed));
        let seen: Vec<([f64; 3], Vec<[f64; 2]>)> = bench.each(&(Self::NAME, params), seed, params.networks, one)?;
        let mut outcome = Outcome::default();
        for (k, (kind, name)) in Kinds::ALL.into_iter().enumerate() {
            outcome.comparisons.push(Comparison {
                x: k as f64,
                theory: if kind == Kinds::Two { kernel_dimension(&two) } else { 1.0 },
                simulation: Estimate::of(seen.iter().map(|(gains, _)| gains[k])),
                bias: ROUNDING + if kind == Kinds::Two { 1.0 / params.cells as f64 } else { 0.0 },
                // Gains that are multiples of one function have one dimension, whatever the densities.
                claim: if kind == Kinds::Two { Claim::Equals } else { Claim::Contrast },
                ..row("A", "dimension of gains", "densities", name)
            });
        }
        let mut table = SeriesTable::new();
        for (which, (kernel, name)) in cut.iter().zip(["one receptor", "two receptors"]).enumerate() {
            for (k, &coupling) in params.couplings.iter().enumerate() {
                let theory = kernel_dimension(&rate_kernel(kernel, coupling));
                // Where gains are so high that rates have no end there is nothing to compare.
                if theory.is_nan() {
                    continue;
                }
                // Rates that gains alone make have the one dimension of these.
                let is_one = coupling == 0.0 && which == 0;
                outcome.comparisons.push(Comparison {
                    x: coupling,
                    theory,
                    simulation: Estimate::of(seen.iter().map(|(_, rates)| rates[k][which])),
                    bias: ROUNDING + if is_one { 0.0 } else { of_size(kernel, coupling, theory, params.cells) },
                    claim: if is_one { Claim::Contrast } else { Claim::Equals },
                    // What there is beyond the one direction that one receptor gives.
                    scale: Some(if which == 0 { (theory - 1.0).max(ROUNDING) } else { theory }),
                    ..row("B", "dimension of rates", "random networks", name)
                });
            }
            let fine = (0..=40).map(|k| 0.02 * f64::from(k)).map(|j| (j, kernel_dimension(&rate_kernel(kernel, j))));
            table.curve("rates", name, fine.filter(|(_, dimension)| !dimension.is_nan()));
        }
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let names = Kinds::ALL.map(|(_, name)| name);
        let gains = Panel::new("A", "gains", Axis::names("", &names), Axis::linear("dimension").between(0.0, 2.2))
            .compared(&outcome.rows(|row| row.panel == "A"), 0, "");
        let empty = Panel::new(
            "B",
            "rates of a network",
            Axis::linear("strength *J* of the network"),
            Axis::linear("dimension").between(0.9, 2.0),
        );
        let rates = ["two receptors", "one receptor"].iter().enumerate().fold(empty, |panel, (colour, name)| {
            let rows = outcome.of("dimension of rates", name);
            panel
                .with([outcome.mark(Kind::Line, colour, "", "rates", name)])
                .judged(&rows, colour)
                .simulated(&rows, colour, name)
        });
        Figure::new(66.0, vec![vec![gains, rates.legend(Legend::TopLeft)]])
            .key(Kind::Points, "cells, mean over networks")
            .key(Kind::Line, "theory, N → ∞")
    }
}
