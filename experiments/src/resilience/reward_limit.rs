//! Reward as a special case of modulation: three factors, two receptors, and a discount that is the trace's.

mod antagonists;
mod delays;
mod task;
mod three_factors;
mod turning;

use antagonists::antagonists;
use delays::{conflicts, delays};
use lab::input::{all_within, count_within, within};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Claim, Comparison, Experiment, Failure, Outcome, Scale, SeriesTable};
use meanfield::Receptors;
use model::Seed;
use serde::{Deserialize, Serialize};
use task::Run;
use three_factors::three_factors;

pub struct RewardLimit;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Level m₀ of the modulator without surprise.
    level: f64,
    /// Half levels C₁ and C₂ of both receptors.
    halves: [f64; 2],
    /// β, by which a reward beyond what was expected raises the level; the first is that of the antagonists.
    surprises: Vec<f64>,
    /// Ratios d₁/d₂ of densities.
    ratios: Vec<f64>,
    /// Delays of rewards in s.
    delays: Vec<f64>,
    /// Delays of the larger reward in s, where a smaller one comes at once.
    conflicts: Vec<f64>,
    /// Size of the smaller reward; that of the larger is 1.
    smaller: f64,
    /// Time constant of the trace in s.
    trace: f64,
    /// Probabilities of a reward after the better and the other action.
    chances: [f64; 2],
    /// Learning rate.
    rate: f64,
    /// Rounds, in each of which every state is met once.
    rounds: usize,
    /// States.
    states: usize,
    /// Learners.
    learners: usize,
}

/// Probability of the better action at which it is learned.
const LEARNED: f64 = 0.9;

/// Batches of learners.
const BATCHES: usize = 5;

/// Largest part of m₀ that a surprise may take away.
const LEFT: f64 = 0.9;

impl Params {
    /// Receptors whose densities are given beside them.
    fn receptors(&self) -> Receptors {
        Receptors { halves: self.halves, sigma: 1.0, strength: 1.0 }
    }
}

impl Experiment for RewardLimit {
    type Params = Params;
    const SECONDS: [f64; 2] = [3.0, 20.0];
    const NAME: &'static str = "reward-limit";
    const TITLE: &'static str = "reward as a limit of modulation";
    const CAPTION: &'static str = include_str!("reward_limit.md");

    fn params(&self, scale: Scale) -> Params {
        let learners = if scale == Scale::Quick { 20 } else { 100 };
        Params {
            level: 0.2,
            halves: [1.0, 0.1],
            surprises: vec![0.02, 0.15],
            ratios: vec![0.5, 1.0, 1.3, 1.5, 1.7, 2.0, 3.0, 5.0],
            delays: vec![0.0, 5.0, 10.0, 15.0, 20.0],
            conflicts: vec![4.0, 6.0, 8.0, 10.5, 13.0, 16.0],
            smaller: 0.4,
            trace: 10.0,
            chances: [0.8, 0.2],
            rate: 0.02,
            rounds: 4000,
            states: 5,
            learners,
        }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        within("level", params.level, 1e-6, 1e6)?;
        all_within("halves", &params.halves, 1e-6, 1e6)?;
        // The level stays above 0.
        all_within("surprises", &params.surprises, 1e-9, LEFT * params.level)?;
        all_within("ratios", &params.ratios, 0.01, 100.0)?;
        within("trace", params.trace, 0.01, 1e4)?;
        if params.halves[0] == params.halves[1] {
            return Err(Failure::Input(format!("halves: both are {} (allowed: two that differ)", params.halves[0])));
        }
        // Later rewards find no trace that learning would notice.
        all_within("delays", &params.delays, 0.0, 3.0 * params.trace)?;
        all_within("conflicts", &params.conflicts, 0.0, 10.0 * params.trace)?;
        within("smaller", params.smaller, 0.01, 1.0)?;
        all_within("chances", &params.chances, 0.0, 1.0)?;
        let [better, other] = params.chances;
        if better - other < 0.05 {
            return Err(Failure::Input(format!(
                "chances: {better} and {other} (allowed: the first larger by .05 and more)"
            )));
        }
        within("rate", params.rate, 1e-4, 0.2)?;
        count_within("rounds", params.rounds, 10, 1_000_000)?;
        count_within("states", params.states, 1, 10_000)?;
        count_within("learners", params.learners, 3, 100_000)
    }

    fn memory(&self, params: &Params) -> f64 {
        16.0 * (params.rounds * params.learners) as f64
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        let points = 1 + params.surprises.len() + params.ratios.len() + params.conflicts.len();
        let batches = BATCHES.min(params.learners) * params.delays.len();
        bench.begin("reward-limit", points * params.learners + batches);
        let run = Run { params, seed, bench };
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        three_factors(run, &mut outcome, &mut table)?;
        antagonists(run, &mut outcome, &mut table)?;
        delays(run, &mut outcome, &mut table)?;
        conflicts(run, &mut outcome, &mut table)?;
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let probability = |label: &str| Axis::linear(label).between(0.0, 1.05);
        let empty = Panel::new("A", "one receptor", Axis::linear("rounds"), probability("better action"));
        let mut names: Vec<&str> = outcome
            .rows(|row| row.panel == "A" && row.claim == Claim::Equals)
            .iter()
            .map(|row| row.label.as_str())
            .collect();
        names.dedup();
        let course = names.into_iter().enumerate().fold(empty, |panel, (colour, name)| {
            let rows = outcome.of("probability of the better action", name);
            let line = outcome.mark(Kind::Line, colour, "", "course", name);
            panel.with([line]).judged(&rows, colour).simulated(&rows, colour, name)
        });
        let line = |panel: Panel, quantity: &str, curve: &str, rows: &[&Comparison]| {
            panel.with([outcome.mark(Kind::Line, 0, "", curve, "theory")]).judged(rows, 0).simulated(rows, 0, quantity)
        };
        let ratio = Axis::log("densities *d*_{1}/*d*_{2}");
        let ratios = Panel::new("B", "two receptors", ratio, probability("better action"));
        let ratios = line(ratios, "", "ratios", &outcome.rows(|row| row.label == "d₁/d₂"));
        let delays = Panel::new("C", "delay", Axis::linear("delay (s)"), Axis::log("rounds until learned"));
        let delays = line(delays, "", "delays", &outcome.rows(|row| row.panel == "C" && row.claim == Claim::Equals));
        let conflict = Axis::linear("delay of the larger reward (s)");
        let conflicts = Panel::new("D", "smaller now, or larger late", conflict, probability("larger one"));
        let conflicts = line(conflicts, "", "conflicts", &outcome.rows(|row| row.label == "late and early"));
        Figure::new(58.0, vec![vec![course.legend(Legend::BottomRight), ratios], vec![delays, conflicts]])
            .key(Kind::Points, "learners")
            .key(Kind::Line, "mean and variance of preferences")
    }
}
