//! What is said of a size, and of the orders of expansions.

use super::points::{Case, Point, largest};
use super::{ORDERS, STATE};
use lab::{Comparison, Estimate, Outcome, SeriesTable, row};

pub(super) fn compare_point(case: &Case, point: &Point, outcome: &mut Outcome, table: &mut SeriesTable) {
    let size = largest(&point.end);
    for a in 0..point.end.len() {
        table.point(&format!("limit r[{a}]"), case.name, point.size, point.expansion[0][a]);
        // The dynamics stop where τ dr/dt is 1e-11 of the largest rate.
        outcome.comparisons.push(Comparison {
            x: point.size,
            theory: point.state[a],
            simulation: Estimate::exact(point.end[a]),
            bias: 1e-8 * size,
            scale: Some(size),
            ..row("A", &format!("r[{a}] (Hz)"), STATE, case.name)
        });
    }
    for &(a, theory) in &point.identity {
        outcome.comparisons.push(Comparison {
            x: point.size,
            theory,
            simulation: Estimate::exact(point.end[a]),
            // What is left of τ dr/dt at the end, 1e-11 of the largest rate, is divided by g√N and multiplied by W⁻¹.
            bias: 1e-9 * size,
            ..row("C", &format!("r[{a}] (Hz)"), "-W^-1 (X - I/sqrt N) given I", case.name)
        });
    }
    let worst = crate::rows::largest(point.identity.iter().map(|(a, r)| r - point.end[*a]));
    table.point("identity", case.name, point.size, (worst / size).max(1e-17));
    for (order, theory) in point.expansion.iter().take(ORDERS).enumerate() {
        table.point(&format!("error {order}"), case.name, point.size, largest(&(theory - &point.end)));
    }
}

/// The exponent of what the expansion leaves, between the two largest N.
pub(super) fn compare_orders(case: &Case, points: &[Point], outcome: &mut Outcome, table: &mut SeriesTable) {
    let [.., before, last] = points else { return };
    for order in 0..ORDERS {
        let error = |p: &Point| largest(&(&p.expansion[order] - &p.end));
        let theory = -0.5 * (order as f64 + 1.0);
        let simulated = libm::log(error(last) / error(before)) / libm::log(last.size / before.size);
        table.curve(
            &format!("law {order}"),
            case.name,
            points.iter().map(|p| (p.size, error(last) * libm::pow(p.size / last.size, theory))),
        );
        // What is left is r_(k+1)/√N^(k+1) (1 + c/√N) with c = r_(k+2)/r_(k+1): c/√N at the smaller N bounds what bends the slope.
        let term = |k: usize| largest(&(&before.expansion[k] - &before.expansion[k - 1]));
        let weight = term(order + 2) / term(order + 1);
        outcome.comparisons.push(Comparison {
            x: order as f64,
            theory,
            simulation: Estimate::exact(simulated),
            bias: weight,
            ..row("B", "exponent of the difference", &format!("expansion up to order {order}"), case.name)
        });
    }
}
