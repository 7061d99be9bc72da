//! What inhibition that learns makes of a nonlinear representation: handwritten digits before, while and after it learns from them.

mod trial;

use crate::handwritten::digits;
use lab::input::{count_within, counts_within, within};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Claim, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use model::Seed;
use serde::{Deserialize, Serialize};
use systems::plastic_network::STATES;
use trial::{Trial, trial};

pub struct Nonlinear;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Pairs of an excitatory and an inhibitory population.
    pairs: usize,
    /// Random networks and splits.
    networks: usize,
    /// Digits shown by the time of each look, one a trial.
    looks: Vec<usize>,
    /// Digits to learn from and to choose the penalty of the readout by; the others test.
    train: usize,
    validate: usize,
    /// Standard deviation of what the pixels add to drives of 1 to 2.
    strength: f64,
    /// g √N of the populations.
    gain: f64,
    /// Learning rate.
    rate: f64,
}

/// What is seen of a network at each look, in the order of [`Look::values`].
const SEEN: [&str; 5] = ["error of rates", "silent share", "dimension", "accuracy", "accuracy of balanced rates"];

impl Experiment for Nonlinear {
    type Params = Params;
    const SECONDS: [f64; 2] = [13.0, 600.0];
    const NAME: &'static str = "nonlinear";
    const TITLE: &'static str = "what inhibition that learns makes of a nonlinear representation";
    const CAPTION: &'static str = include_str!("nonlinear.md");

    fn params(&self, scale: Scale) -> Params {
        let (pairs, networks, looks) = match scale {
            Scale::Quick => (40, 3, vec![30, 100, 300]),
            Scale::Paper => (96, 6, vec![30, 100, 300, 1000, 3000]),
        };
        Params { pairs, networks, looks, train: 1000, validate: 300, strength: 2.0, gain: 20.0, rate: 1e-3 }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        count_within("pairs", params.pairs, 2, 400)?;
        count_within("networks", params.networks, 1, 1000)?;
        counts_within("looks", &params.looks, 1, 100_000)?;
        if !params.looks.is_sorted_by(|a, b| a < b) {
            return Err(Failure::Input("looks: not in ascending order".into()));
        }
        count_within("train", params.train, 50, 1500)?;
        count_within("validate", params.validate, 10, 1700 - params.train)?;
        within("strength", params.strength, 0.0, 100.0)?;
        within("gain", params.gain, 1e-3, 1e3)?;
        within("rate", params.rate, 0.0, 1.0)
    }

    fn memory(&self, params: &Params) -> f64 {
        let n = 2.0 * params.pairs as f64;
        let shown = params.looks.last().copied().unwrap_or(0) as f64;
        8.0 * n * (4.0 * 1797.0 + 3.0 * shown + 10.0 * n) * params.networks as f64
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        let (pixels, labels) = digits()?;
        bench.begin("nonlinear", params.networks);
        let one = |_, seed| trial(params, &pixels, &labels, seed);
        let trials: Vec<Trial> = bench.each(&(Self::NAME, params), seed, params.networks, one)?;
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        for (k, trial) in trials.iter().enumerate() {
            let (worst, most) = trial.apart;
            outcome.comparisons.push(Comparison {
                x: k as f64,
                theory: 0.0,
                simulation: Estimate::exact(worst),
                // Rates have settled to 1e-11; learning adds up what is left of them.
                bias: 1e-6 * most,
                claim: if trial.doubtful.is_some() { Claim::Contrast } else { Claim::Equals },
                scale: Some(most),
                ..row("A", "largest difference of rates in any trial (Hz)", STATES, &format!("network {}", k + 1))
            });
        }
        let last = params.looks.len();
        for (s, name) in SEEN.iter().enumerate() {
            let at = |look: usize| Estimate::of(trials.iter().map(|trial| trial.looks[look].values[s]));
            for look in 0..=last {
                // What has been seen before anything is shown stands at one digit.
                table.estimate("course", name, trials[0].looks[look].shown.max(1) as f64, at(look));
            }
        }
        outcome.series = table;
        compare(params, &trials, &mut outcome);
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let shown = || Axis::log("digits shown, and 1: before");
        let seen = |colour: usize, name: &str, label: &str| {
            [
                outcome.mark(Kind::Points, colour, label, "course", name),
                outcome.mark(Kind::Trace, colour, "", "course", name),
            ]
        };
        let row = vec![
            Panel::new(
                "A",
                "rates",
                shown(),
                Axis::linear("error, over its first value; silent share").between(0.0, 1.1),
            )
            .with(seen(0, SEEN[0], "mean (r − target)²"))
            .with(seen(1, SEEN[1], "silent"))
            .legend(Legend::BottomLeft),
            Panel::new("B", "dimension", shown(), Axis::linear("participation ratio")).with(seen(0, SEEN[2], "")),
            Panel::new("C", "digits read from populations", shown(), Axis::linear("accuracy").between(0.5, 1.0))
                .with(seen(0, SEEN[3], "rates"))
                .with(seen(7, SEEN[4], "balanced rates"))
                .legend(Legend::BottomLeft),
        ];
        Figure::new(66.0, vec![row])
            .key(Kind::Points, "mean over networks and splits")
            .key(Kind::Trace, "guide to the eye")
    }
}

/// Populations of the pixels' dimensions: with more that are driven, semi-balanced rates hold more than the stimuli do.
const DIMENSIONS: usize = 64;

fn compare(params: &Params, trials: &[Trial], outcome: &mut Outcome) {
    let last = params.looks.len();
    let label = "all inhibition learns";
    let mut push = |panel: &str, quantity: &str, name: &str, claim: Claim, of: &dyn Fn(&Trial) -> f64| {
        outcome.comparisons.push(Comparison {
            x: trials[0].looks[last].shown as f64,
            theory: 0.0,
            simulation: Estimate::of(trials.iter().map(of)),
            claim,
            scale: Some(1.0),
            ..row(panel, quantity, name, label)
        });
    };
    for (s, (panel, claim)) in
        [("A", Claim::Upper), ("A", Claim::Contrast), ("B", Claim::Contrast), ("C", Claim::Contrast)]
            .into_iter()
            .enumerate()
    {
        let name = if s == 0 { "rates come nearer to targets" } else { "no change" };
        push(panel, &format!("{}: after less before", SEEN[s]), name, claim, &|trial| {
            trial.looks[last].values[s] - trial.looks[0].values[s]
        });
    }
    let expands = if params.pairs > DIMENSIONS { Claim::Lower } else { Claim::Contrast };
    for (name, look) in [("before", 0), ("after", last)] {
        push("C", &format!("accuracy: rates less balanced rates, {name}"), "no gain", expands, &|trial| {
            trial.looks[look].values[3] - trial.looks[look].values[4]
        });
    }
}
