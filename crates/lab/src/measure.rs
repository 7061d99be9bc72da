//! The one loop over cases and realisations.

use crate::{Bench, Case, Detail, Draw, Failure, Measured, Memory, Plan, System};
use model::Seed;
use rayon::prelude::*;
use std::sync::Arc;

/// Most realisations of all cases together.
const MOST_RUNS: f64 = 1e7;

/// Cases of all plans, in order.
///
/// # Errors
/// [`Failure::Input`] for a plan without cases, or a case that cannot be run.
pub fn cases<S: System>(plans: &[Plan<S>]) -> Result<Vec<Case<S>>, Failure> {
    let mut all = Vec::new();
    for (number, plan) in plans.iter().enumerate() {
        all.extend(plan.cases(number)?);
    }
    let runs: f64 = all.iter().map(|case| case.replicates as f64).sum();
    if runs > MOST_RUNS {
        return Err(Failure::Input(format!("{runs} realisations in all (allowed: {MOST_RUNS})")));
    }
    for case in &all {
        case.system.validate().map_err(|failure| at(case, failure))?;
    }
    Ok(all)
}

/// Says at which case something failed: its plan, and what is swept.
fn at<S>(case: &Case<S>, failure: Failure) -> Failure {
    let swept = case.swept.iter().map(|(axis, value)| format!("{axis} = {value}"));
    let place: Vec<String> =
        (case.plan > 0).then(|| format!("plan {}", case.plan + 1)).into_iter().chain(swept).collect();
    match failure {
        Failure::Input(line) if !place.is_empty() => Failure::Input(format!("{line} (at {})", place.join(", "))),
        other => other,
    }
}

/// Prints what the largest case will take, and refuses what does not fit.
///
/// # Errors
/// [`Failure::Input`].
pub fn check_memory<S: System>(what: &str, cases: &[Case<S>], memory: Memory) -> Result<(), Failure> {
    memory.check(what, cases.iter().map(|case| case.system.memory()).fold(0.0, f64::max))
}

/// Case and realisation.
type Task = (usize, u64);

/// What a realisation showed, or why it could not be run.
type Seen<S> = Result<Arc<<S as System>::Seen>, Failure>;

/// Realises every case as often as it says, side by side, the longest first, and asks theories of each. Results do not depend on the number of
/// threads. What another figure of this command has kept is not computed again. `first` says how much of the first realisation of each case is kept.
///
/// # Errors
/// [`Failure::Input`] for a case that cannot be run.
pub fn measure<S: System>(
    cases: Vec<Case<S>>,
    what: &str,
    seed: Seed,
    bench: &Bench,
    first: Detail,
) -> Result<Vec<Measured<S>>, Failure> {
    measure_each(cases, what, seed, bench, first).into_iter().collect()
}

/// [`measure`], case by case: one that cannot be run does not stop the others.
pub fn measure_each<S: System>(
    cases: Vec<Case<S>>,
    what: &str,
    seed: Seed,
    bench: &Bench,
    first: Detail,
) -> Vec<Result<Measured<S>, Failure>> {
    let mut tasks: Vec<Task> =
        cases.iter().enumerate().flat_map(|(c, case)| (0..case.replicates as u64).map(move |k| (c, k))).collect();
    bench.begin(what, tasks.len());
    tasks.sort_by(|a, b| cases[b.0].system.work().total_cmp(&cases[a.0].system.work()).then(a.cmp(b)));
    let mut done: Vec<(Task, Seen<S>)> = tasks
        .par_iter()
        .with_max_len(1)
        .map(|&(c, replicate)| {
            let case = &cases[c];
            let draw = Draw { command: seed, case: case.draw, replicate };
            let detail = if replicate == 0 { first } else { Detail::Summary };
            let run = || case.system.realise(draw, detail).map_err(|failure| at(case, failure));
            let seen = if S::KEPT {
                let key = format!("{} {} {:?} {detail:?}", S::KIND, serde_json::json!(case.system), draw);
                bench.remember(key, run)
            } else {
                run().map(Arc::new)
            };
            bench.advance();
            ((c, replicate), seen)
        })
        .collect();
    done.sort_by_key(|(task, _)| *task);
    bench.begin(&format!("{what}: theory"), cases.len());
    let predicted: Vec<S::Predicted> = cases
        .par_iter()
        .map(|case| {
            let predicted = case.system.predict();
            bench.advance();
            predicted
        })
        .collect();
    let mut done = done.into_iter().map(|(_, seen)| seen);
    let measured = |(case, predicted): (Case<S>, S::Predicted)| {
        // All of a case are taken, whichever fails.
        let seen: Vec<Seen<S>> = done.by_ref().take(case.replicates).collect();
        Ok(Measured { seen: seen.into_iter().collect::<Result<_, _>>()?, case, predicted })
    };
    cases.into_iter().zip(predicted).map(measured).collect()
}
