//! Handwritten digits: what a linear readout makes of pixels, of balanced rates, of semi-balanced rates and of a ReLU layer.

mod trial;

use crate::handwritten::digits;
use crate::rows::largest;
use lab::input::{all_within, count_within, counts_within, within};
use lab::plot::{Axis, Figure, Kind, Legend, Mark, Panel};
use lab::{Bench, Claim, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use model::Seed;
use serde::{Deserialize, Serialize};
use trial::{Trial, trial};

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

fn accuracy(trials: &[Trial], level: usize, feature: usize) -> Estimate {
    Estimate::of(trials.iter().map(|t| t.accuracy[level][feature]))
}

fn compare(pairs: usize, noise: f64, level: usize, trials: &[Trial], outcome: &mut Outcome, table: &mut SeriesTable) {
    let populations = 2.0 * pairs as f64;
    if level == 0 {
        for (k, name) in FEATURES.iter().enumerate() {
            table.estimate("size", name, populations, accuracy(trials, level, k));
        }
        let silent = Estimate::of(trials.iter().map(|t| t.silent)).mean;
        outcome.notes.push(format!("{populations} populations: {:.0} % silent", 100.0 * silent));
    }
    // Network by network, on the same split: gains in accuracy.
    let gain =
        |k: usize, base: usize| Estimate::of(trials.iter().map(|t| t.accuracy[level][k] - t.accuracy[level][base]));
    let label = format!("{populations} populations, noise {noise}");
    // More driven populations than the 64 dimensions of the pixels are needed for an expansion.
    let expands = pairs > 64;
    for (name, k, base, claim) in [
        ("semi-balanced - balanced", 2, 1, if expands && noise == 0.0 { Claim::Lower } else { Claim::Contrast }),
        ("semi-balanced - pixels", 2, 0, if expands && noise == 0.0 { Claim::Lower } else { Claim::Contrast }),
        ("semi-balanced - ReLU layer", 2, 3, Claim::Contrast),
        ("balanced - pixels", 1, 0, Claim::Contrast),
    ] {
        outcome.comparisons.push(Comparison {
            x: if level == 0 { populations } else { noise },
            theory: 0.0,
            simulation: gain(k, base),
            claim,
            scale: Some(accuracy(trials, level, k).mean),
            ..row(if level == 0 { "A" } else { "B" }, &format!("accuracy: {name}"), "no gain", &label)
        });
    }
}

fn rates(trials: &[Trial], outcome: &mut Outcome, table: &mut SeriesTable) {
    let Some(trial) = trials.first() else { return };
    let most = trial.rates.iter().map(|(s, _)| *s).fold(0.0, f64::max);
    table.curve("identity", "line", [(0.0, 0.0), (most, most)]);
    trial.rates.iter().for_each(|(state, end)| table.point("rates", "end", *state, *end));
    for (k, trial) in trials.iter().enumerate() {
        let worst = largest(trial.rates.iter().map(|(s, e)| s - e));
        outcome.comparisons.push(Comparison {
            x: k as f64,
            theory: 0.0,
            simulation: Estimate::exact(worst),
            // The dynamics stop where τ dr/dt is 1e-11 of the largest rate.
            bias: 1e-8 * most,
            scale: Some(most),
            ..row("C", "largest difference of rates", "states at this gain", &format!("network {}", k + 1))
        });
    }
}
