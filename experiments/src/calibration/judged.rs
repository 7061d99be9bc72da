//! The share of random networks that lie beyond the errors which theories grant themselves.

use lab::{Claim, Comparison, Estimate, Outcome, row};

/// Share of networks that may lie beyond.
pub const BEYOND: f64 = 0.01;

/// Claims that are judged together: a panel, a name, and the quantities of their rows; a blank at the end stands for what follows it.
pub type Claims<'a> = (&'a str, &'a str, &'a [&'a str]);

/// Adds a row for each kind of claims: how many of the networks, whose own rows these are, have one that misses. Rows of one network stand or fall together.
pub fn judge<'a>(
    claims: &[Claims],
    label: &str,
    networks: impl Iterator<Item = &'a [Comparison]> + Clone,
    outcome: &mut Outcome,
) {
    for (panel, name, quantities) in claims {
        let own = |row: &&Comparison| {
            row.claim == Claim::Equals
                && quantities
                    .iter()
                    .any(|own| *own == row.quantity || (own.ends_with(' ') && row.quantity.starts_with(own)))
        };
        let verdicts = networks.clone().map(|rows| all_agree(rows.iter().filter(own)));
        let judged: Vec<bool> = verdicts.flatten().collect();
        if judged.is_empty() {
            continue;
        }
        let beyond = judged.iter().filter(|agrees| !**agrees).count();
        outcome.comparisons.push(Comparison {
            theory: BEYOND,
            simulation: share(judged.len(), beyond),
            claim: Claim::Upper,
            ..row(
                panel,
                &format!("share of networks beyond the error: {name}"),
                "errors that the theory grants itself",
                label,
            )
        });
    }
}

/// Whether all claims agree; `None` where nothing is claimed.
fn all_agree<'a>(rows: impl Iterator<Item = &'a Comparison>) -> Option<bool> {
    rows.filter_map(Comparison::agrees).reduce(|all, own| all && own)
}

/// So many of n, as a share with the error of a binomial law that has the share that may be beyond.
fn share(of: usize, beyond: usize) -> Estimate {
    let n = of as f64;
    Estimate { mean: beyond as f64 / n, sem: (BEYOND * (1.0 - BEYOND) / n).sqrt(), replicates: of }
}
