//! The one loop over cases and realisations.

use crate::{Bench, Case, Detail, Draw, Failure, Measured, Memory, Outcome, Plan, System};
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

/// What a command makes of its cases.
pub enum Done<S: System> {
    /// All of them, case by case: one that cannot be run does not stop the others.
    All(Vec<Result<Measured<S>, Failure>>),
    /// Parts of a shard, and a note of them.
    Shard(Outcome),
}

/// Measures all cases, or computes the shard that a command is to compute.
///
/// # Errors
/// [`Failure::Input`] for a merge of which parts are missing, [`Failure::Output`].
pub fn measure_asked<S: System>(
    cases: Vec<Case<S>>,
    what: &str,
    seed: Seed,
    bench: &Bench,
    first: Detail,
) -> Result<Done<S>, Failure> {
    if bench.shard().is_some() {
        return compute_shard(&cases, what, seed, bench, first).map(Done::Shard);
    }
    check_parts(&cases, seed, bench, first)?;
    Ok(Done::All(measure_each(cases, what, seed, bench, first)))
}

/// Realisations of the shard that a command computes: all that becomes of them is parts.
///
/// # Errors
/// [`Failure::Output`]. Realisations that cannot be run are parts as well, and named when all are put together.
fn compute_shard<S: System>(
    cases: &[Case<S>],
    what: &str,
    seed: Seed,
    bench: &Bench,
    first: Detail,
) -> Result<Outcome, Failure> {
    let seen = realise_all(cases, what, seed, bench, first);
    let all: usize = cases.iter().map(|case| case.replicates).sum();
    let count = seen.len();
    let mut refused = 0;
    for (_, seen) in seen {
        match seen {
            Err(Failure::Input(_)) => refused += 1,
            other => drop(other?),
        }
    }
    let place = bench.parts().map_or_else(String::new, |parts| parts.folder().display().to_string());
    let mut note = match count {
        0 => format!("none of {all} realisations is in this shard"),
        _ => format!("{count} of {all} realisations are in {place}"),
    };
    if refused > 0 {
        note += &format!(", {refused} of which cannot be run");
    }
    Ok(Outcome { notes: vec![note], ..Outcome::default() })
}

/// Refuses a merge of which parts are missing.
///
/// # Errors
/// [`Failure::Input`]: how many, and where.
fn check_parts<S: System>(cases: &[Case<S>], seed: Seed, bench: &Bench, first: Detail) -> Result<(), Failure> {
    let Some(parts) = bench.parts().filter(|_| bench.merges()) else { return Ok(()) };
    let all = cases.iter().flat_map(|case| (0..case.replicates as u64).map(move |k| (case, k)));
    let [mut missing, mut count] = [0_usize; 2];
    for (case, replicate) in all {
        count += 1;
        let (draw, detail) = asked(case, seed, replicate, first);
        missing += usize::from(!parts.has(&key(case, draw, detail)));
    }
    match missing {
        0 => Ok(()),
        _ => Err(Failure::Input(format!(
            "merge: {missing} of {count} realisations are missing in {} (allowed: none; compare --shard I/N computes them, of the same build, file and seed; after a merge they are gone)",
            parts.places()
        ))),
    }
}

/// Which random numbers a realisation gets, and how much of it is kept.
fn asked<S>(case: &Case<S>, command: Seed, replicate: u64, first: Detail) -> (Draw, Detail) {
    let detail = if replicate == 0 { first } else { Detail::Summary };
    (Draw { command, case: case.draw, replicate }, detail)
}

/// What a realisation is a function of.
fn key<S: System>(case: &Case<S>, draw: Draw, detail: Detail) -> String {
    format!("{} {} {draw:?} {detail:?}", S::KIND, serde_json::json!(case.system))
}

/// [`measure`], case by case: one that cannot be run does not stop the others.
fn measure_each<S: System>(
    cases: Vec<Case<S>>,
    what: &str,
    seed: Seed,
    bench: &Bench,
    first: Detail,
) -> Vec<Result<Measured<S>, Failure>> {
    let done = realise_all(&cases, what, seed, bench, first);
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

/// The realisations of all cases, in order; of a shard those that are its own.
fn realise_all<S: System>(
    cases: &[Case<S>],
    what: &str,
    seed: Seed,
    bench: &Bench,
    first: Detail,
) -> Vec<(Task, Seen<S>)> {
    let all = cases.iter().enumerate().flat_map(|(c, case)| (0..case.replicates as u64).map(move |k| (c, k)));
    let own = |place: usize| bench.shard().is_none_or(|shard| shard.has(place));
    let mut tasks: Vec<Task> = all.enumerate().filter(|(place, _)| own(*place)).map(|(_, task)| task).collect();
    bench.begin(what, tasks.len());
    tasks.sort_by(|a, b| cases[b.0].system.work().total_cmp(&cases[a.0].system.work()).then(a.cmp(b)));
    let mut done: Vec<(Task, Seen<S>)> = tasks
        .par_iter()
        .with_max_len(1)
        .map(|&(c, replicate)| {
            let case = &cases[c];
            let (draw, detail) = asked(case, seed, replicate, first);
            let key = || key(case, draw, detail);
            let run = || bench.part(key, || case.system.realise(draw, detail));
            let seen = if S::KEPT { bench.remember(key(), run) } else { run().map(Arc::new) };
            let seen = seen.map_err(|failure| at(case, failure));
            bench.advance();
            ((c, replicate), seen)
        })
        .collect();
    done.sort_by_key(|(task, _)| *task);
    done
}
