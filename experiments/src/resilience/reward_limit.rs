//! Reward as a special case of modulation: three factors, two receptors, and a discount that is the trace's.

use lab::input::{all_within, count_within, within};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Claim, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use meanfield::{Choice, Receptors};
use model::Seed;
use rayon::prelude::*;
use serde::de::DeserializeOwned;
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

/// What a run of a figure has.
#[derive(Clone, Copy)]
struct Run<'a> {
    params: &'a Params,
    seed: Seed,
    bench: &'a Bench,
}

impl Run<'_> {
    /// What `look` finds in the courses of learners, each a mean over states by round. Learners are a function of `(purpose, which)` besides.
    fn learners<T: Serialize + DeserializeOwned + Send>(
        &self,
        (purpose, which): (&str, f64),
        (bandit, rounds): (&Bandit, usize),
        look: impl Fn(&[f64]) -> T + Sync,
    ) -> Result<Vec<T>, Failure> {
        let of = (RewardLimit::NAME, self.params, purpose, which);
        let one = |_, seed: Seed| Ok(look(&bandit.run(rounds, &mut seed.stream(purpose).rng(0))));
        self.bench.each(&of, self.seed, self.params.learners, one)
    }
}

/// Task of a learner, as the simulation has it.
fn bandit<'a>(params: &Params, signal: &'a (dyn Fn(f64) -> f64 + Sync)) -> Bandit<'a> {
    let (chances, states, rate) = (params.chances, params.states, params.rate);
    Bandit { states, chances, rewards: [1.0; 2], traces: [1.0; 2], rate, expects: true, signal }
}

/// Task of a learner, as theory has it.
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

/// Plasticity by a surprise, as [`modulated`], by theory's own form.
fn told(params: &Params, surprise: f64, second: f64) -> impl Fn(f64) -> f64 + Sync + use<> {
    let (level, receptors) = (params.level, params.receptors());
    move |error| receptors.told(level, surprise * error, second) / surprise
}

/// Reward itself against a modulator of one receptor.
fn three_factors(run: Run, outcome: &mut Outcome, table: &mut SeriesTable) -> Result<(), Failure> {
    let params = run.params;
    type Signal = Box<dyn Fn(f64) -> f64 + Sync>;
    let reward: (String, Signal, Signal) = ("reward".into(), Box::new(|error| error), Box::new(|error| error));
    let modulators = params.surprises.iter().map(|&surprise| -> (String, Signal, Signal) {
        let (seen, theory) = (modulated(params, surprise, 0.0), told(params, surprise, 0.0));
        (format!("modulator, β = {surprise}"), Box::new(seen), Box::new(theory))
    });
    let marks: Vec<usize> = (1..=8).map(|k| k * params.rounds / 8).collect();
    let arrives = |own: &[f64]| own.iter().position(|p| *p >= LEARNED).map_or(f64::NAN, |round| round as f64);
    // When the learner of reward itself has learned.
    let mut first: Option<Vec<f64>> = None;
    for (number, (name, signal, theory)) in std::iter::once(reward).chain(modulators).enumerate() {
        let bandit = bandit(params, &*signal);
        let look = |own: &[f64]| (marks.iter().map(|round| own[*round]).collect::<Vec<f64>>(), arrives(own));
        let (seen, arrived): (Vec<Vec<f64>>, Vec<f64>) =
            run.learners(("choices", number as f64), (&bandit, params.rounds), look)?.into_iter().unzip();
        let choice = Choice { signal: &*theory, ..choice(&bandit) };
        let theory = choice.course(params.rounds);
        for (mark, &round) in marks.iter().enumerate() {
            outcome.comparisons.push(Comparison {
                x: round as f64,
                theory: theory[round],
                simulation: Estimate::of(seen.iter().map(|own| own[mark])),
                bias: second_order(&choice, theory[round], round),
                ..row("A", "probability of the better action", "mean and variance", &name)
            });
        }
        // Updates differ by a factor of (C₁ + m₀)/(C₁ + m₀ + βe) from those by reward, and as much later or sooner all is learned.
        if let Some(reward) = &first {
            let surprise = params.surprises[number - 1];
            let bound = surprise / (params.halves[0] + params.level - surprise);
            let late = Estimate::of(reward.iter().zip(&arrived).map(|(reward, own)| own / reward - 1.0));
            outcome.comparisons.push(Comparison {
                x: surprise,
                theory: bound,
                // Of either sign.
                simulation: Estimate { mean: late.mean.abs(), ..late },
                claim: Claim::Upper,
                scale: Some(1.0),
                ..row("A", "share of time by which learning is later or sooner", "β/(C₁ + m₀ − β)", &name)
            });
        } else {
            first = Some(arrived);
        }
        let step = (params.rounds / 100).max(1);
        table.curve("course", &name, theory.iter().enumerate().step_by(step).map(|(k, p)| (k as f64, *p)));
    }
    Ok(())
}

/// What the closure may err by, which is of second order in η: half of what it changes, at first order, of learning by steps that are a twentieth as large.
fn second_order(choice: &Choice, with: f64, rounds: usize) -> f64 {
    let Choice { chances, rewards, traces, rate, expects, signal } = *choice;
    let slow = Choice { chances, rewards, traces, rate: rate / SLOWER as f64, expects, signal };
    let without = slow.course(rounds * SLOWER)[rounds * SLOWER];
    0.5 * (with - without).abs()
}

/// Smaller steps for one of a learner.
const SLOWER: usize = 20;

/// Learning turns around where the second receptor outweighs the first.
fn antagonists(run: Run, outcome: &mut Outcome, table: &mut SeriesTable) -> Result<(), Failure> {
    let params = run.params;
    let (rounds, surprise) = (params.rounds / 4, params.surprises[0]);
    let mut own = Turning::default();
    for &ratio in &params.ratios {
        let (signal, theory) = (modulated(params, surprise, 1.0 / ratio), told(params, surprise, 1.0 / ratio));
        let bandit = bandit(params, &signal);
        let choice = Choice { signal: &theory, ..choice(&bandit) };
        let seen = run.learners(("antagonists", ratio), (&bandit, rounds), |own| own[rounds])?;
        own.add(libm::log(ratio), choice.course(rounds)[rounds], seen);
        let theory = own.theory[own.theory.len() - 1];
        outcome.comparisons.push(Comparison {
            x: ratio,
            theory,
            simulation: own.last(),
            bias: second_order(&choice, theory, rounds),
            scale: Some(1.0),
            ..row("B", "probability of the better action", "mean and variance", "d₁/d₂")
        });
    }
    // Half a surprise up or down is what rewards and their absence are where nothing is preferred.
    let expected = 0.5 * (params.chances[0] + params.chances[1]);
    let levels = [1.0 - expected, -expected].map(|error| params.level + surprise * error);
    let turns = params.receptors().even_ratio(levels);
    own.compare(libm::log(turns), ("B", "ln d₁/d₂ where learning turns around", "θ(m₀)"), outcome);
    let end = |ratio: f64| {
        let theory = told(params, surprise, 1.0 / ratio);
        let nothing = |error: f64| error;
        Choice { signal: &theory, ..choice(&bandit(params, &nothing)) }.course(rounds)[rounds]
    };
    let fine = (0..=60).map(|k| 0.5 * libm::pow(10.0, f64::from(k) / 60.0));
    table.curve("ratios", "theory", fine.map(|ratio| (ratio, end(ratio))));
    Ok(())
}

/// Probabilities along something, which cross a half.
#[derive(Default)]
struct Turning {
    x: Vec<f64>,
    theory: Vec<f64>,
    /// Probabilities of each learner.
    seen: Vec<Vec<f64>>,
}

impl Turning {
    fn add(&mut self, x: f64, theory: f64, seen: Vec<f64>) {
        self.x.push(x);
        self.theory.push(theory);
        self.seen.push(seen);
    }

    fn last(&self) -> Estimate {
        Estimate::of(self.seen.iter().next_back().into_iter().flatten().copied())
    }

    /// Where straight lines between values cross a half; NaN where they do not.
    fn crossing(&self, values: &[f64]) -> f64 {
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|a, b| self.x[*a].total_cmp(&self.x[*b]));
        let pair = order.windows(2).find(|pair| (values[pair[0]] - 0.5) * (values[pair[1]] - 0.5) < 0.0);
        pair.map_or(f64::NAN, |pair| {
            let [(x, v), (y, w)] = [0, 1].map(|k| (self.x[pair[k]], values[pair[k]]));
            x + (y - x) * (0.5 - v) / (w - v)
        })
    }

    /// A row of where they cross; what straight lines err by is what they do to theory's own values.
    fn compare(&self, turns: f64, (panel, quantity, name): (&str, &str, &str), outcome: &mut Outcome) {
        let learners = self.seen.first().map_or(0, Vec::len);
        let mean = |batch: usize| -> Vec<f64> {
            let of = |all: &Vec<f64>| {
                let own: Vec<f64> = all.iter().skip(batch).step_by(BATCHES).copied().collect();
                own.iter().sum::<f64>() / own.len() as f64
            };
            self.seen.iter().map(of).collect()
        };
        let foretold = self.crossing(&self.theory);
        if foretold.is_nan() || learners < BATCHES {
            return;
        }
        outcome.comparisons.push(Comparison {
            x: 0.5,
            theory: turns,
            simulation: Estimate::of((0..BATCHES).map(|batch| self.crossing(&mean(batch)))),
            bias: (foretold - turns).abs(),
            ..row(panel, quantity, name, "half")
        });
    }
}

/// The trace's discount: rounds until learned grow by e for each time constant of delay.
fn delays(run: Run, outcome: &mut Outcome, table: &mut SeriesTable) -> Result<(), Failure> {
    let params = run.params;
    let error = |e: f64| e;
    let task = |delay: f64| Bandit { traces: [libm::exp(-delay / params.trace); 2], ..bandit(params, &error) };
    // dp/dn = 2aηε p²(1 − p)² is solved by 2x + 2 sinh x = 2aηεn, x = ln p/(1 − p).
    let x = libm::log(LEARNED / (1.0 - LEARNED));
    let slow = |delay: f64| {
        let drift = (params.chances[0] - params.chances[1]) * params.rate * libm::exp(-delay / params.trace);
        (2.0 * x + 2.0 * libm::sinh(x)) / (2.0 * drift)
    };
    let batches = BATCHES.min(params.learners);
    for &delay in &params.delays {
        let most = (4.0 * slow(delay)) as usize;
        let task = task(delay);
        // Sums over batches of learners.
        let sum = |batch: usize, _| {
            let own: Vec<usize> = (batch..params.learners).step_by(batches).collect();
            let one = |k: &usize| task.run(most, &mut run.seed.replicate(*k as u64).stream("delays").rng(0));
            let courses: Vec<Vec<f64>> = own.par_iter().map(one).collect();
            let round = |k: usize| courses.iter().map(|own| own[k]).sum::<f64>();
            Ok((own.len(), (0..=most).map(round).collect::<Vec<f64>>()))
        };
        let of = (RewardLimit::NAME, params, "delays", delay);
        let sums = run.bench.each(&of, run.seed, batches, sum)?;
        // When the mean of all learners arrives, which is later than the mean of when each does; batches of them tell its error.
        let arrives = |batches: &[(usize, Vec<f64>)]| {
            let learners = batches.iter().map(|(count, _)| count).sum::<usize>() as f64;
            let mean = |k: usize| batches.iter().map(|(_, sum)| sum[k]).sum::<f64>() / learners;
            (0..=most).find(|k| mean(*k) >= LEARNED).map_or(f64::NAN, |round| round as f64)
        };
        let error = Estimate::of(sums.chunks(1).map(arrives));
        let theory = choice(&task).choices_until(LEARNED, most).unwrap_or(f64::NAN);
        outcome.comparisons.push(Comparison {
            x: delay,
            theory,
            simulation: Estimate { mean: arrives(&sums), ..error },
            bias: 0.5 * (theory - slow(delay)).abs(),
            ..row("C", "rounds until learned", "mean and variance", "both actions late")
        });
    }
    let last = params.delays.iter().copied().fold(0.0, f64::max);
    let fine = (0..=40).map(|k| last * f64::from(k) / 40.0);
    let until = |delay: f64| choice(&task(delay)).choices_until(LEARNED, (4.0 * slow(delay)) as usize);
    table.curve("delays", "theory", fine.map(|delay| (delay, until(delay).unwrap_or(f64::NAN))));
    Ok(())
}

/// A smaller reward at once against a larger one that comes late: which is preferred turns around at D* = τ ln(1/smaller).
fn conflicts(run: Run, outcome: &mut Outcome, table: &mut SeriesTable) -> Result<(), Failure> {
    let params = run.params;
    let reward = |e: f64| e;
    let task = |delay: f64| Bandit {
        chances: [1.0; 2],
        rewards: [1.0, params.smaller],
        traces: [libm::exp(-delay / params.trace), 1.0],
        expects: false,
        ..bandit(params, &reward)
    };
    let rounds = params.rounds / 4;
    let mut own = Turning::default();
    for &delay in &params.conflicts {
        let bandit = task(delay);
        let seen = run.learners(("conflicts", delay), (&bandit, rounds), |own| own[rounds])?;
        let choice = choice(&bandit);
        own.add(delay, choice.course(rounds)[rounds], seen);
        let theory = own.theory[own.theory.len() - 1];
        outcome.comparisons.push(Comparison {
            x: delay,
            theory,
            simulation: own.last(),
            bias: second_order(&choice, theory, rounds),
            scale: Some(1.0),
            ..row("D", "probability of the larger reward", "mean and variance", "late and early")
        });
    }
    let turns = -params.trace * libm::log(params.smaller);
    own.compare(turns, ("D", "delay at which preference turns around (s)", "τ ln(1/smaller)"), outcome);
    let last = params.conflicts.iter().copied().fold(0.0, f64::max);
    let fine = (0..=60).map(|k| last * f64::from(k) / 60.0);
    table.curve("conflicts", "theory", fine.map(|delay| (delay, choice(&task(delay)).course(rounds)[rounds])));
    Ok(())
}
