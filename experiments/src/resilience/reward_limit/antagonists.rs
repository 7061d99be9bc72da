//! Two receptors, of which the second undoes what the first does.

use super::task::{Run, bandit, choice, modulated, second_order, told};
use super::turning::Turning;
use lab::{Comparison, Failure, Outcome, SeriesTable, row};
use meanfield::Choice;

/// Learning turns around where the second receptor outweighs the first.
pub(super) fn antagonists(run: Run, outcome: &mut Outcome, table: &mut SeriesTable) -> Result<(), Failure> {
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
