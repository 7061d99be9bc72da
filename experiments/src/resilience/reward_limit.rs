//! Reward as a special case of modulation: three factors, two receptors, and a discount that is the trace's.

use lab::input::{all_within, count_within, within};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Claim, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use meanfield::{Choice, Receptors};
use model::Seed;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use simulation::Bandit;

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
        all_within("delays", &params.delays, 0.0, 3.0 * params.trace)?;
        all_within("conflicts", &params.conflicts, 0.0, 10.0 * params.trace)?;
        within("smaller", params.smaller, 0.01, 1.0)?;
        within("trace", params.trace, 0.01, 1e4)?;
        all_within("chances", &params.chances, 0.0, 1.0)?;
        within("chances[0]", params.chances[0], params.chances[1] + 0.05, 1.0)?;
        within("rate", params.rate, 1e-4, 0.2)?;
        count_within("rounds", params.rounds, 10, 1_000_000)?;
        count_within("states", params.states, 1, 10_000)?;
        count_within("learners", params.learners, 3, 100_000)
    }

    fn memory(&self, params: &Params) -> f64 {
        16.0 * (params.rounds * params.learners) as f64
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        bench.begin(
            "reward-limit",
            1 + params.surprises.len() + params.ratios.len() + params.delays.len() + params.conflicts.len(),
        );
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        three_factors(params, seed, bench, &mut outcome, &mut table);
        antagonists(params, seed, bench, &mut outcome, &mut table);
        delays(params, seed, bench, &mut outcome, &mut table);
        conflicts(params, seed, bench, &mut outcome, &mut table);
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let probability = |label: &str| Axis::linear(label).between(0.0, 1.05);
        let empty = Panel::new("A", "one receptor", Axis::linear("rounds"), probability("better action"));
        let mut names: Vec<&str> = outcome.rows(|row| row.panel == "A").iter().map(|row| row.label.as_str()).collect();
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
        let ratios = line(ratios, "", "ratios", &outcome.rows(|row| row.panel == "B" && row.claim == Claim::Equals));
        let delays = Panel::new("C", "delay", Axis::linear("delay (s)"), Axis::log("rounds until learned"));
        let delays = line(delays, "", "delays", &outcome.rows(|row| row.panel == "C" && row.claim == Claim::Equals));
        let conflict = Axis::linear("delay of the larger reward (s)");
        let conflicts = Panel::new("D", "smaller now, or larger late", conflict, probability("larger one"));
        let conflicts =
            line(conflicts, "", "conflicts", &outcome.rows(|row| row.panel == "D" && row.claim == Claim::Equals));
        Figure::new(58.0, vec![vec![course.legend(Legend::BottomRight), ratios], vec![delays, conflicts]])
            .key(Kind::Points, "learners")
            .key(Kind::Line, "mean and variance of preferences")
    }
}

/// Courses of learners, each a mean over states by round.
fn learners(params: &Params, bandit: &Bandit, purpose: &str, rounds: usize, seed: Seed) -> Vec<Vec<f64>> {
    let one = |k: u64| bandit.run(rounds, &mut seed.replicate(k).stream(purpose).rng(0));
    (0..params.learners as u64).into_par_iter().map(one).collect()
}

/// The same task for the simulation and for theory.
fn bandit<'a>(params: &Params, signal: &'a (dyn Fn(f64) -> f64 + Sync)) -> Bandit<'a> {
    let (chances, states, rate) = (params.chances, params.states, params.rate);
    Bandit { states, chances, rewards: [1.0; 2], traces: [1.0; 2], rate, expects: true, signal }
}

fn choice<'a>(bandit: &Bandit<'a>) -> Choice<'a> {
    let Bandit { chances, rewards, traces, rate, expects, signal, .. } = *bandit;
    Choice { chances, rewards, traces, rate, expects, signal }
}

/// Plasticity by a surprise e: d₁(h₁(m) − h₁(m₀)) − d₂(h₂(m) − h₂(m₀)), m = m₀ + βe, over βd₁h₁′(m₀), so that one receptor has e for small β. `second` is d₂/d₁.
fn modulated(params: &Params, surprise: f64, second: f64) -> impl Fn(f64) -> f64 + Sync + use<> {
    let (level, halves) = (params.level, params.halves);
    let h = move |m: f64| halves.map(|c| m / (m + c));
    let slope = halves[0] / (level + halves[0]).powi(2);
    move |error| {
        let ([one, two], [one_before, two_before]) = (h(level + surprise * error), h(level));
        (one - one_before - second * (two - two_before)) / (surprise * slope)
    }
}

/// Reward itself against a modulator of one receptor.
fn three_factors(params: &Params, seed: Seed, bench: &Bench, outcome: &mut Outcome, table: &mut SeriesTable) {
    let modulators = params.surprises.iter().map(|&surprise| {
        let name = format!("modulator, β = {surprise}");
        (name, Box::new(modulated(params, surprise, 0.0)) as Box<dyn Fn(f64) -> f64 + Sync>)
    });
    let reward: (String, Box<dyn Fn(f64) -> f64 + Sync>) = ("reward".into(), Box::new(|error| error));
    let marks: Vec<usize> = (1..=8).map(|k| k * params.rounds / 8).collect();
    for (name, signal) in std::iter::once(reward).chain(modulators) {
        let bandit = bandit(params, &*signal);
        let seen = learners(params, &bandit, "choices", params.rounds, seed);
        let theory = choice(&bandit).course(params.rounds);
        for &round in &marks {
            outcome.comparisons.push(Comparison {
                x: round as f64,
                theory: theory[round],
                simulation: Estimate::of(seen.iter().map(|own| own[round])),
                bias: second_order(&bandit, theory[round], round),
                ..row("A", "probability of the better action", "mean and variance", &name)
            });
        }
        let step = (params.rounds / 100).max(1);
        table.curve("course", &name, theory.iter().enumerate().step_by(step).map(|(k, p)| (k as f64, *p)));
        bench.advance();
    }
}

/// What the closure may err by, which is of second order in η: half of what it changes, at first order, of learning by steps that are a twentieth as large.
fn second_order(bandit: &Bandit, with: f64, rounds: usize) -> f64 {
    let slow = Choice { rate: bandit.rate / SLOWER as f64, ..choice(bandit) };
    let without = slow.course(rounds * SLOWER)[rounds * SLOWER];
    0.5 * (with - without).abs()
}

/// Smaller steps for one of a learner.
const SLOWER: usize = 20;

/// Learning turns around where the second receptor outweighs the first.
fn antagonists(params: &Params, seed: Seed, bench: &Bench, outcome: &mut Outcome, table: &mut SeriesTable) {
    let rounds = params.rounds / 4;
    let end = |ratio: f64| {
        let signal = modulated(params, params.surprises[0], 1.0 / ratio);
        choice(&bandit(params, &signal)).course(rounds)[rounds]
    };
    let receptors = Receptors { halves: params.halves, sigma: 1.0, strength: 1.0 };
    let threshold = receptors.sign_threshold(params.level);
    for &ratio in &params.ratios {
        let signal = modulated(params, params.surprises[0], 1.0 / ratio);
        let bandit = bandit(params, &signal);
        let seen = learners(params, &bandit, "antagonists", rounds, seed);
        let last = Estimate::of(seen.iter().map(|own| own[rounds]));
        let theory = end(ratio);
        outcome.comparisons.push(Comparison {
            x: ratio,
            theory,
            simulation: last,
            bias: second_order(&bandit, theory, rounds),
            scale: Some(1.0),
            ..row("B", "probability of the better action", "mean and variance", "d₁/d₂")
        });
        outcome.comparisons.push(Comparison {
            x: ratio,
            theory: 0.5,
            simulation: last,
            claim: if ratio > threshold { Claim::Lower } else { Claim::Upper },
            scale: Some(1.0),
            ..row("B", "probability of the better action", "sign of d₁/d₂ − θ(m₀)", "side of a half")
        });
        bench.advance();
    }
    let fine = (0..=60).map(|k| 0.5 * 10_f64.powf(f64::from(k) / 60.0));
    table.curve("ratios", "theory", fine.map(|ratio| (ratio, end(ratio))));
}

/// The trace's discount: rounds until learned grow by e for each time constant of delay.
fn delays(params: &Params, seed: Seed, bench: &Bench, outcome: &mut Outcome, table: &mut SeriesTable) {
    let error = |e: f64| e;
    let task = |delay: f64| Bandit { traces: [(-delay / params.trace).exp(); 2], ..bandit(params, &error) };
    // dp/dn = 2aηε p²(1 − p)² is solved by 2x + 2 sinh x = 2aηεn, x = ln p/(1 − p).
    let x = (LEARNED / (1.0 - LEARNED)).ln();
    let slow = |delay: f64| {
        let drift = (params.chances[0] - params.chances[1]) * params.rate * (-delay / params.trace).exp();
        (2.0 * x + 2.0 * x.sinh()) / (2.0 * drift)
    };
    for &delay in &params.delays {
        let most = (4.0 * slow(delay)) as usize;
        let seen = learners(params, &task(delay), "delays", most, seed);
        // When the mean of all learners arrives, which is later than the mean of when each does; batches of them tell its error.
        let arrives = |batch: &[Vec<f64>]| {
            let mean = |k: usize| batch.iter().map(|own| own[k]).sum::<f64>() / batch.len() as f64;
            (0..=most).find(|k| mean(*k) >= LEARNED).map_or(f64::NAN, |round| round as f64)
        };
        let batches = Estimate::of(seen.chunks_exact((seen.len() / BATCHES).max(1)).map(arrives));
        let theory = choice(&task(delay)).choices_until(LEARNED, most).unwrap_or(f64::NAN);
        outcome.comparisons.push(Comparison {
            x: delay,
            theory,
            simulation: Estimate { mean: arrives(&seen), ..batches },
            bias: 0.5 * (theory - slow(delay)).abs(),
            ..row("C", "rounds until learned", "mean and variance", "both actions late")
        });
        bench.advance();
    }
    let last = params.delays.iter().copied().fold(0.0, f64::max);
    let fine = (0..=40).map(|k| last * f64::from(k) / 40.0);
    let until = |delay: f64| choice(&task(delay)).choices_until(LEARNED, (4.0 * slow(delay)) as usize);
    table.curve("delays", "theory", fine.map(|delay| (delay, until(delay).unwrap_or(f64::NAN))));
}

/// A smaller reward at once against a larger one that comes late: which is preferred turns around at D* = τ ln(1/smaller).
fn conflicts(params: &Params, seed: Seed, bench: &Bench, outcome: &mut Outcome, table: &mut SeriesTable) {
    let reward = |e: f64| e;
    let task = |delay: f64| Bandit {
        chances: [1.0; 2],
        rewards: [1.0, params.smaller],
        traces: [(-delay / params.trace).exp(), 1.0],
        expects: false,
        ..bandit(params, &reward)
    };
    let rounds = params.rounds / 4;
    let turns = -params.trace * params.smaller.ln();
    for &delay in &params.conflicts {
        let bandit = task(delay);
        let seen = learners(params, &bandit, "conflicts", rounds, seed);
        let last = Estimate::of(seen.iter().map(|own| own[rounds]));
        let theory = choice(&bandit).course(rounds)[rounds];
        outcome.comparisons.push(Comparison {
            x: delay,
            theory,
            simulation: last,
            bias: second_order(&bandit, theory, rounds),
            scale: Some(1.0),
            ..row("D", "probability of the larger reward", "mean and variance", "late and early")
        });
        outcome.comparisons.push(Comparison {
            x: delay,
            theory: 0.5,
            simulation: last,
            claim: if delay < turns { Claim::Lower } else { Claim::Upper },
            scale: Some(1.0),
            ..row("D", "probability of the larger reward", "τ ln(1/smaller)", "side of a half")
        });
        bench.advance();
    }
    let last = params.conflicts.iter().copied().fold(0.0, f64::max);
    let fine = (0..=60).map(|k| last * f64::from(k) / 60.0);
    table.curve("conflicts", "theory", fine.map(|delay| (delay, choice(&task(delay)).course(rounds)[rounds])));
}
