//! Rewards that come late, or late and early.

use super::task::{Run, bandit, choice, second_order};
use super::turning::Turning;
use super::{BATCHES, LEARNED, RewardLimit};
use lab::{Comparison, Estimate, Experiment, Failure, Outcome, SeriesTable, row};
use rayon::prelude::*;
use simulation::Bandit;

/// The trace's discount: rounds until learned grow by e for each time constant of delay.
pub(super) fn delays(run: Run, outcome: &mut Outcome, table: &mut SeriesTable) -> Result<(), Failure> {
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
pub(super) fn conflicts(run: Run, outcome: &mut Outcome, table: &mut SeriesTable) -> Result<(), Failure> {
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
