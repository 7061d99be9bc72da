//! Handwritten digits: what a linear readout makes of pixels, of balanced rates, of semi-balanced rates and of a ReLU layer.

mod rows;
mod trial;

use crate::handwritten::digits;
use lab::input::{all_within, count_within, counts_within, within};
use lab::plot::{Axis, Figure, Kind, Legend, Mark, Panel};
use lab::{Bench, Experiment, Failure, Outcome, Scale, SeriesTable};
use model::Seed;
use rows::{accuracy, compare, rates};
use serde::{Deserialize, Serialize};
use trial::trial;

/// What is read out, in the order of the legend.
const FEATURES: [&str; 4] = ["pixels", "balanced rates", "semi-balanced rates", "ReLU layer"];

pub struct Digits;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Pairs of an excitatory and an inhibitory population.
    pairs: Vec<usize>,
    /// Standard deviation of the noise on every feature, in units of that feature's own; the first must be 0.
    noise: Vec<f64>,
    /// Random networks and splits.
    networks: usize,
    /// Digits to learn from and to choose the penalty by; the others test.
    train: usize,
    validate: usize,
    /// Standard deviation of what the pixels add to drives of 1 to 2.
    strength: f64,
    /// g √N of the simulated populations.
    gain: f64,
}

impl Experiment for Digits {
    type Params = Params;
    const SECONDS: [f64; 2] = [1.9, 798.0];
    const NAME: &'static str = "digits";
    const TITLE: &'static str = "handwritten digits read out from balanced and semi-balanced rates";
    const CAPTION: &'static str = include_str!("digits.md");

    fn params(&self, scale: Scale) -> Params {
        let (pairs, noise, networks) = match scale {
            Scale::Quick => (vec![16, 96], vec![0.0, 1.0], 5),
            Scale::Paper => (vec![16, 32, 64, 128, 256], vec![0.0, 0.25, 0.5, 1.0, 2.0], 10),
        };
        Params { pairs, noise, networks, train: 1000, validate: 300, strength: 2.0, gain: 20.0 }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        counts_within("pairs", &params.pairs, 1, 2000)?;
        all_within("noise", &params.noise, 0.0, 100.0)?;
        within("noise (the first)", params.noise[0], 0.0, 0.0)?;
        count_within("networks", params.networks, 1, 1000)?;
        count_within("train", params.train, 50, 1500)?;
        count_within("validate", params.validate, 10, 1700 - params.train)?;
        within("strength", params.strength, 0.0, 100.0)?;
        within("gain", params.gain, 1e-3, 1e4)
    }

    fn memory(&self, params: &Params) -> f64 {
        let populations = 2 * params.pairs.iter().max().copied().unwrap_or(0);
        8.0 * 8.0 * 1797.0 * populations as f64
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        let (pixels, labels) = digits()?;
        bench.begin("digits", params.pairs.len() * params.networks);
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        let most = params.pairs.iter().max().copied().unwrap_or(0);
        for &pairs in &params.pairs {
            let one = |_, seed| trial(params, pairs, pairs == most, &pixels, &labels, seed);
            let trials = bench.each(&(Self::NAME, params, pairs), seed, params.networks, one)?;
            compare(pairs, 0.0, 0, &trials, &mut outcome, &mut table);
            if pairs == most {
                for (level, &noise) in params.noise.iter().enumerate() {
                    for (k, name) in FEATURES.iter().enumerate() {
                        table.estimate("noise", name, noise, accuracy(&trials, level, k));
                    }
                    if level > 0 {
                        compare(pairs, noise, level, &trials, &mut outcome, &mut table);
                    }
                }
                rates(&trials, &mut outcome, &mut table);
            }
        }
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let marks = |quantity: &str| -> Vec<Mark> {
            let mark = |(k, name): (usize, &&str)| {
                [
                    outcome.mark(Kind::Points, [7, 1, 0, 2][k], name, quantity, name),
                    outcome.mark(Kind::Trace, [7, 1, 0, 2][k], "", quantity, name),
                ]
            };
            FEATURES.iter().enumerate().flat_map(mark).collect()
        };
        let accuracy = |low: f64| Axis::linear("accuracy").between(low, 1.0);
        let rates = Panel::new(
            "C",
            "rates of one network",
            Axis::linear("semi-balanced rate (Hz)"),
            Axis::linear("rate of the dynamics (Hz)"),
        );
        let row = vec![
            Panel::new("A", "digits read from populations", Axis::log("populations *n*"), accuracy(0.6))
                .with(marks("size"))
                .legend(Legend::BottomRight),
            Panel::new("B", "the same with noisy pixels", Axis::linear("noise (largest pixel: 1)"), accuracy(0.5))
                .with(marks("noise"))
                .legend(Legend::BottomLeft),
            rates.with([
                outcome.mark(Kind::Line, 7, "", "identity", "line"),
                outcome.mark(Kind::Points, 0, "", "rates", "end"),
            ]),
        ];
        Figure::new(66.0, vec![row])
            .key(Kind::Points, "mean over networks and splits; a population in C")
            .key(Kind::Trace, "guide to the eye")
            .key(Kind::Line, "identity")
    }
}
