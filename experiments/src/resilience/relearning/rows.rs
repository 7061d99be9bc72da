//! What is said of one number of patterns.

use super::learn::Seen;
use super::{Params, WAYS};
use lab::{Claim, Comparison, Estimate, Outcome, SeriesTable, row};

/// Rows of one number of patterns.
pub(super) fn compare(params: &Params, patterns: usize, seen: &[Seen], outcome: &mut Outcome, table: &mut SeriesTable) {
    let x = patterns as f64;
    for (way, name) in WAYS.into_iter().enumerate() {
        let met: Vec<&Seen> = seen.iter().filter(|own| own.courses[way].met).collect();
        if met.len() == seen.len() {
            table.estimate("updates", name, x, Estimate::of(met.iter().map(|own| own.courses[way].updates as f64)));
        }
        let forgotten = Estimate::of(seen.iter().map(|own| own.forgotten[way]));
        table.estimate("forgotten", name, x, forgotten);
        let Some(foretold) = (way < 2).then(|| met.iter().map(|own| own.foretold[way].unwrap_or(f64::NAN))) else {
            continue;
        };
        let theory = foretold.sum::<f64>() / met.len() as f64;
        if met.is_empty() || theory > params.most as f64 {
            continue;
        }
        // Networks are the same, so that their spread is no error; rounding may cost an update.
        let mean = met.iter().map(|own| own.courses[way].updates as f64).sum::<f64>() / met.len() as f64;
        outcome.comparisons.push(Comparison {
            x,
            theory,
            simulation: Estimate::exact(mean),
            bias: 1.0,
            ..row("B", "updates until learned", "eigenvalues of the task", name)
        });
    }
    let mut push =
        |quantity: &str, name: &str, label: &str, theory: f64, simulation: Estimate, claim: Claim, bias: f64| {
            let own = row("C", quantity, name, label);
            outcome.comparisons.push(Comparison { x, theory, simulation, claim, bias, scale: Some(1.0), ..own });
        };
    let exchanged = Estimate::of(seen.iter().map(|own| own.exchanged));
    push("error of the new task", "densities S d", "exchanged", 0.0, exchanged, Claim::Equals, 1e-9);
    // Receptors do nothing at level 0: densities cannot change what is known there.
    let densities = Estimate::of(seen.iter().map(|own| own.forgotten[2]));
    push("error at level 0", "gains are 1 there", WAYS[2], 0.0, densities, Claim::Contrast, 1e-9);
    if seen.iter().all(|own| own.courses[0].met) {
        let weights = Estimate::of(seen.iter().map(|own| own.forgotten[0]));
        push("error at level 0", "as large as outputs", WAYS[0], 1.0, weights, Claim::Lower, 0.0);
    }
    // What the claim would need: that densities learn in fewer updates.
    let difference = |own: &Seen| {
        let [weights, free, _] = own.courses;
        (free.updates as f64 - weights.updates as f64) / weights.updates.max(1) as f64
    };
    let fewer = Estimate::of(seen.iter().map(difference));
    push(
        "updates of densities less those of weights",
        "densities are faster",
        WAYS[1],
        0.0,
        fewer,
        Claim::Contrast,
        0.0,
    );
}
