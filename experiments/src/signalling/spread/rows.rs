//! What spreads over networks: sensitivities, drifts, bridges, adjustments.

use super::super::random_dimers::{Drifted, SMALL, Sensitivity, Shown, Tried};
use super::{HOPS, Params};
use lab::{Claim, Comparison, Estimate, Outcome, SeriesTable, row};

/// Least drift that is drawn.
pub(super) const LEAST: f64 = 1e-16;

/// The value below which so much of the others lie; NaN of none.
pub(super) fn quantile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get((share * last as f64).round() as usize).copied().unwrap_or(f64::NAN)
}

pub(super) fn sensitivities(shown: &[Shown], outcome: &mut Outcome, table: &mut SeriesTable) {
    outcome.comparisons.push(Comparison {
        theory: 0.0,
        simulation: Estimate::exact(shown.iter().map(|own| own.apart_by).fold(0.0, f64::max)),
        // Differences of third order in the change.
        bias: SMALL * SMALL,
        scale: Some(0.1),
        ..row("A", "largest difference of a sensitivity, with its sign", "bound fractions", "random networks")
    });
    for hop in 0..=HOPS {
        let own: Vec<_> = shown.iter().flat_map(|shown| &shown.sensitivities).filter(|own| own.hop == hop).collect();
        if own.is_empty() {
            continue;
        }
        let of =
            |value: fn(&Sensitivity) -> f64, share: f64| quantile(own.iter().map(|own| value(own)).collect(), share);
        table.point("bound", "median", hop as f64, of(|own| own.bound, 0.5));
        for (name, share) in [("median sensitivity", 0.5), ("90 % of sensitivities", 0.9)] {
            let theory = of(|own| own.theory, share);
            outcome.comparisons.push(Comparison {
                x: hop as f64,
                theory,
                simulation: Estimate::exact(of(|own| own.seen, share)),
                // Differences of third order in the change, and the last digits of amounts over it.
                bias: SMALL * SMALL * theory + 1e-9,
                ..row("A", &format!("{name}, {hop} hops"), "bound fractions", "random networks")
            });
        }
        outcome.comparisons.push(Comparison {
            x: hop as f64,
            theory: 1.0,
            simulation: Estimate::exact(own.iter().map(|own| own.seen / own.bound).fold(0.0, f64::max)),
            claim: Claim::Upper,
            ..row(
                "A",
                &format!("largest sensitivity over its bound, {hop} hops"),
                "largest bound fraction",
                "random networks",
            )
        });
    }
}

pub(super) fn drifts(params: &Params, shown: &[Shown], outcome: &mut Outcome, table: &mut SeriesTable) {
    let all = || shown.iter().flat_map(|shown| &shown.drifts);
    let mut medians = Vec::new();
    for &factor in &params.factors {
        for hop in 1..=HOPS {
            let own = all().filter(|own| own.factor == factor && own.hop == hop);
            let own: Vec<f64> = own.map(|own| own.drift.max(LEAST)).collect();
            if own.is_empty() {
                continue;
            }
            medians.push(quantile(own.clone(), 0.5));
            table.point("drift", &format!("{factor} times"), hop as f64, quantile(own, 0.9));
        }
    }
    let beyond =
        |own: Vec<&Drifted>| 100.0 * own.iter().filter(|own| own.drift > 0.1).count() as f64 / own.len().max(1) as f64;
    outcome.notes.push(format!(
        "{} of {} functions lie behind a bridge; of the others {:.1} % drift by more than a tenth, of all at three hops and more {:.1} %; \
         medians of drifts are {:.1e} or less; {} more have left the range of their inputs and are not compared",
        all().filter(|own| own.behind).count(),
        all().count(),
        beyond(all().filter(|own| !own.behind).collect()),
        beyond(all().filter(|own| own.hop >= 3).collect()),
        medians.into_iter().fold(0.0, f64::max),
        shown.iter().map(|shown| shown.apart).sum::<usize>()
    ));
}

pub(super) fn bridges(shown: &[Shown], outcome: &mut Outcome, table: &mut SeriesTable) {
    let all = |behind: bool| shown.iter().flat_map(|shown| &shown.drifts).filter(move |own| own.behind == behind);
    for (name, behind) in [("bridges", true), ("others", false)] {
        let mut own: Vec<f64> = all(behind).filter(|own| own.hop == 1).map(|own| own.drift.max(LEAST)).collect();
        own.sort_by(f64::total_cmp);
        let count = own.len().max(2) - 1;
        table.curve("sorted", name, own.iter().enumerate().map(|(k, drift)| (k as f64 / count as f64, *drift)));
    }
    let largest = |behind: bool| all(behind).map(|own| own.drift).fold(0.0, f64::max);
    outcome.comparisons.push(Comparison {
        x: 1.0,
        theory: 0.0,
        simulation: Estimate::exact(largest(true)),
        // What a cubic between 81 points leaves of a curve.
        bias: 1e-6,
        scale: Some(largest(false)),
        ..row("C", "largest drift of a bridge", "bridge theorem", "random networks")
    });
}

/// The source's two, three, maybe four reactions, beside what random networks need.
pub(super) fn fared(
    params: &Params,
    pairs: usize,
    tried: &[Vec<Tried>],
    outcome: &mut Outcome,
    table: &mut SeriesTable,
) {
    for (k, &error) in params.errors.iter().enumerate() {
        let converged: Vec<&Tried> = tried.iter().map(|own| &own[k]).filter(|own| own.converged).collect();
        table.point("share", &format!("{pairs} pairs"), error, converged.len() as f64 / tried.len().max(1) as f64);
        let most = |of: fn(&Tried) -> usize| converged.iter().map(|own| of(own)).max().unwrap_or(0);
        let (others, farthest) = (most(|own| own.others), most(|own| own.farthest));
        outcome.notes.push(format!(
            "{pairs} pairs, errors of {error}: {} of {} adjustments converge; at most {others} other reactions change, the farthest {farthest} hops away",
            converged.len(),
            tried.len()
        ));
        for (quantity, seen) in [("most other reactions changed", others), ("hops to the farthest of them", farthest)] {
            outcome.comparisons.push(Comparison {
                x: error,
                theory: 4.0,
                simulation: Estimate::exact(seen as f64),
                // The largest of so many random networks: more of them have more.
                claim: Claim::Contrast,
                ..row("D", quantity, "two, three, maybe four, as the source says", &format!("{pairs} pairs"))
            });
        }
    }
}
