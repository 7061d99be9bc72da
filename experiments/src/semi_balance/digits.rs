//! Handwritten digits: what a linear readout makes of pixels, of balanced rates, of semi-balanced rates and of a ReLU layer.

use crate::assemblies::{assemblies, drives, projection};
use crate::handwritten::{Split, digits};
use crate::rows::largest;
use lab::input::{all_within, count_within, counts_within, within};
use lab::plot::{Axis, Figure, Kind, Legend, Mark, Panel};
use lab::{Bench, Claim, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use model::Seed;
use ndarray::{Array1, Array2, Axis as Dimension};
use rand_distr::{Distribution, StandardNormal};
use semibalance::{Found, balanced_many, solve_many};
use serde::{Deserialize, Serialize};
use simulation::Fate;
use systems::circuit::Populations;

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

/// Of one network and split.
#[derive(Serialize, Deserialize)]
struct Trial {
    /// Test accuracy `[noise][feature]`.
    accuracy: Vec<[f64; FEATURES.len()]>,
    /// Semi-balanced rates of a few digits at the finite gain, and the ends of the dynamics.
    rates: Vec<(f64, f64)>,
    /// Share of silent populations.
    silent: f64,
}

fn trial(
    params: &Params,
    pairs: usize,
    with_dynamics: bool,
    pixels: &Array2<f64>,
    labels: &[usize],
    seed: Seed,
) -> Result<Trial, Failure> {
    let seed_of_size = seed.replicate(pairs as u64);
    let w = assemblies(pairs, 0.3, seed_of_size);
    let n = w.nrows();
    // The mean digit adds nothing, so that drives stay about the background; it is that of all digits, labels unseen.
    let mean = pixels.mean_axis(Dimension(0)).unwrap_or_default();
    let spread = pixels.std_axis(Dimension(0), 0.0).mapv(|s| s * s).sum().sqrt() / 8.0;
    let strength = params.strength / spread;
    let stimuli = pixels - &mean;
    let drives = drives(pairs, &stimuli, strength, seed_of_size);
    let states = solve_many(w.view(), drives.view()).map_err(|e| Failure::Input(e.to_string()))?;
    if let Some(k) = states.found.iter().position(|found| *found != Found::State) {
        return Err(Failure::Input(format!("digit {k}, {n} populations: no state found")));
    }
    let balanced = balanced_many(&w, drives.view()).ok_or_else(|| Failure::Input("W is singular".into()))?;
    let relu = (stimuli.dot(&projection(n, 64, strength, seed_of_size.replicate(1)).t()) + 1.0).mapv(|x| x.max(0.0));
    let features = [pixels, &balanced, &states.rates, &relu];
    let split = Split::draw(pixels.nrows(), params.train, params.validate, seed);
    let accuracy = params
        .noise
        .iter()
        .enumerate()
        .map(|(level, &noise)| {
            let mut row = [f64::NAN; FEATURES.len()];
            for (k, (accuracy, feature)) in row.iter_mut().zip(features).enumerate() {
                let noisy = with_noise(feature, noise, seed_of_size, (level * FEATURES.len() + k) as u64);
                *accuracy = split.accuracy(noisy.view(), labels);
            }
            row
        })
        .collect();
    let rates = if with_dynamics { some_rates(params, &w, &drives, &split)? } else { Vec::new() };
    let silent = states.rates.iter().filter(|r| **r == 0.0).count() as f64 / states.rates.len() as f64;
    Ok(Trial { accuracy, rates, silent })
}

fn with_noise(feature: &Array2<f64>, noise: f64, seed: Seed, index: u64) -> Array2<f64> {
    let scale = feature.std_axis(Dimension(0), 0.0) * noise;
    let mut rng = seed.stream("noise").rng(index);
    let noise = Array2::from_shape_simple_fn(feature.dim(), || -> f64 { StandardNormal.sample(&mut rng) });
    feature + &(noise * &scale)
}

/// Rates of the first test digits, by the state at the finite gain and by the dynamics.
fn some_rates(
    params: &Params,
    w: &Array2<f64>,
    drives: &Array2<f64>,
    split: &Split,
) -> Result<Vec<(f64, f64)>, Failure> {
    let n = w.nrows();
    let chosen = drives.select(Dimension(0), &split.test()[split.test().len() - 3..]);
    let at_gain = w - &(Array2::<f64>::eye(n) / params.gain);
    let batch = solve_many(at_gain.view(), chosen.view()).map_err(|e| Failure::Input(e.to_string()))?;
    let mut pairs = Vec::new();
    for (state, drive) in batch.rates.rows().into_iter().zip(chosen.rows()) {
        let populations = Populations { w: w.clone(), x: drive.to_owned(), tau: Array1::ones(n), gain: params.gain };
        let end = match populations.end(&Array1::ones(n)) {
            Fate::Settled(r) => r,
            Fate::Moving(_) | Fate::RanAway => Array1::from_elem(n, f64::NAN),
        };
        pairs.extend(state.iter().zip(&end).map(|(s, e)| (*s, *e)));
    }
    Ok(pairs)
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
