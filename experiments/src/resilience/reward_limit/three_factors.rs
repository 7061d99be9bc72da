//! Reward itself against a modulator of one receptor.

use super::LEARNED;
use super::task::{Run, bandit, choice, modulated, second_order, told};
use lab::{Claim, Comparison, Estimate, Failure, Outcome, SeriesTable, row};
use meanfield::Choice;

/// Reward itself against a modulator of one receptor.
pub(super) fn three_factors(run: Run, outcome: &mut Outcome, table: &mut SeriesTable) -> Result<(), Failure> {
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
