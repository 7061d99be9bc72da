//! A picture of any table, for what no figure of the papers shows.

use super::{Axis, Figure, Kind, Legend, Mark, Panel};
use crate::{Claim, Comparison, Verdict, short};

/// Most panels of an overview.
const MOST_PANELS: usize = 12;

/// Most curves of a panel.
const MOST_CURVES: usize = 6;

/// Most rows of an overview that has no abscissa.
const MOST_ROWS: usize = 60;

/// A picture of any table: one panel a quantity against the abscissa where several values of it were seen, else how far each claim is from failing.
pub fn overview(rows: &[Comparison], axis: &str) -> Figure {
    let mut positions: Vec<f64> = rows.iter().map(|row| row.x).filter(|x| x.is_finite()).collect();
    positions.sort_by(f64::total_cmp);
    positions.dedup();
    if axis.is_empty() || positions.len() < 2 { allowances(rows) } else { curves(rows, axis, &positions) }
}

const LETTERS: [&str; MOST_PANELS] = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L"];

fn curves(rows: &[Comparison], axis: &str, positions: &[f64]) -> Figure {
    let mut quantities: Vec<String> = Vec::new();
    // What is claimed comes first.
    for claimed in [true, false] {
        for row in rows.iter().filter(|row| (row.claim != Claim::Contrast) == claimed) {
            let quantity = row.quantity_with_unit();
            if !quantities.contains(&quantity) {
                quantities.push(quantity);
            }
        }
    }
    let (low, high) = (positions[0], positions[positions.len() - 1]);
    let abscissa = || if low > 0.0 && high / low >= 8.0 { Axis::log(axis) } else { Axis::linear(axis) };
    // As many curves a panel as colours tell apart; first one panel of each quantity, then more of those that have more.
    let mut chosen: Vec<(usize, usize)> = Vec::new();
    let own: Vec<Vec<&Comparison>> = quantities.iter().map(|quantity| claimed_of(rows, quantity)).collect();
    let labels: Vec<Vec<&str>> = own.iter().map(|own| labels(own)).collect();
    for part in 0..MOST_PANELS {
        let more = (0..quantities.len()).filter(|q| labels[*q].len() > part * MOST_CURVES);
        chosen.extend(more.map(|q| (q, part)));
    }
    chosen.truncate(MOST_PANELS);
    chosen.sort_unstable();
    let panels = chosen.into_iter().zip(LETTERS).map(|((q, part), letter)| {
        let axes = Panel::new(letter, &rich(&quantities[q]), abscissa(), Axis::linear("")).legend(Legend::Above);
        match labels[q].as_slice() {
            [_] => of_one_curve(axes, &own[q]),
            several => {
                let shared = shared_parts(several);
                let drawn = several.iter().skip(part * MOST_CURVES).take(MOST_CURVES);
                drawn.enumerate().fold(axes, |panel, (colour, label)| {
                    let curve: Vec<&Comparison> = own[q].iter().filter(|row| row.label == *label).copied().collect();
                    panel.compared(&curve, colour, &rich(&without(label, &shared)))
                })
            }
        }
    });
    let panels: Vec<Panel> = panels.collect();
    Figure::new(62.0, panels.chunks(2).map(<[Panel]>::to_vec).collect())
}

/// Rows of a quantity: what is claimed of it, if anything is; the table has the rest.
fn claimed_of<'a>(rows: &'a [Comparison], quantity: &str) -> Vec<&'a Comparison> {
    let mut own: Vec<&Comparison> = rows.iter().filter(|row| row.quantity_with_unit() == quantity).collect();
    if own.iter().any(|row| row.claim != Claim::Contrast) {
        own.retain(|row| row.claim != Claim::Contrast);
    }
    own
}

fn labels<'a>(rows: &[&'a Comparison]) -> Vec<&'a str> {
    let mut labels: Vec<&str> = Vec::new();
    rows.iter().for_each(|row| {
        if !labels.contains(&row.label.as_str()) {
            labels.push(&row.label);
        }
    });
    labels
}

/// Parts of labels, between commas, that all have: they tell nothing apart.
fn shared_parts<'a>(labels: &[&'a str]) -> Vec<&'a str> {
    let first = labels.first().into_iter().flat_map(|label| label.split(", "));
    first.filter(|part| labels.iter().all(|label| label.split(", ").any(|own| own == *part))).collect()
}

fn without(label: &str, shared: &[&str]) -> String {
    let parts: Vec<&str> = label.split(", ").filter(|part| !shared.contains(part)).collect();
    if parts.is_empty() { label.into() } else { parts.join(", ") }
}

/// The simulation in black, theories in colours with their names.
fn of_one_curve(panel: Panel, rows: &[&Comparison]) -> Panel {
    let mut theories: Vec<&str> = Vec::new();
    rows.iter().for_each(|row| {
        if !theories.contains(&row.theory_name.as_str()) {
            theories.push(&row.theory_name);
        }
    });
    let all = theories.iter().enumerate().fold(panel, |panel, (colour, name)| {
        let own: Vec<&Comparison> = rows.iter().filter(|row| row.theory_name == *name).copied().collect();
        panel.theory(&own, colour % 6, &rich(name))
    });
    all.simulated(rows, 6, "")
}

/// Labels of a user's own may hold what rich text takes for commands.
fn rich(text: &str) -> String {
    text.replace('*', "∗")
}

/// (theory − simulation)/allowance of each claim: within ±1 it agrees.
fn allowances(rows: &[Comparison]) -> Figure {
    let claims: Vec<&Comparison> = rows
        .iter()
        .filter(|row| matches!(row.verdict(), Verdict::Holds | Verdict::Weak | Verdict::Misses))
        .take(MOST_ROWS)
        .collect();
    let names: Vec<String> = claims
        .iter()
        .rev()
        .map(|row| rich(&format!("{}, {} at {}", row.quantity_with_unit(), row.label, short(row.x))))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let count = claims.len();
    let of = |verdict: Verdict| -> (Vec<f64>, Vec<f64>) {
        let own = claims.iter().enumerate().filter(|(_, row)| row.verdict() == verdict);
        own.map(|(k, row)| (row.departure().clamp(-3.0, 3.0), (count - 1 - k) as f64)).unzip()
    };
    let kinds =
        [(Verdict::Holds, Kind::Points, 0), (Verdict::Weak, Kind::Open, 0), (Verdict::Misses, Kind::Crosses, 1)];
    let edges = [-1.0, 1.0].map(|edge| Mark::new(Kind::Dashed, 7, "", &[edge, edge], &[-0.6, count as f64 - 0.4]));
    let axis = Axis::linear("(theory − simulation) / allowance").between(-3.2, 3.2);
    let panel = Panel::new("", "how far each claim is from failing", axis, Axis::names("", &names)).with(edges);
    let points = kinds.into_iter().map(|(verdict, kind, colour)| {
        let (x, y) = of(verdict);
        Mark::new(kind, colour, verdict.name(), &x, &y)
    });
    Figure::new(30.0 + 4.0 * count as f64, vec![vec![panel.with(points).legend(Legend::Above)]])
}

#[cfg(test)]
mod tests {
    use super::super::{Scale, svg};
    use super::*;
    use crate::{Estimate, row};

    #[test]
    fn any_table_has_a_picture() {
        let at = |x: f64| Comparison {
            x,
            theory: 1.0,
            simulation: Estimate { mean: 1.0, sem: 0.01, replicates: 5 },
            ..row("A", "rate (Hz)", "t", "network")
        };
        let swept = [at(1.0), at(10.0)];
        assert_eq!(overview(&swept, "N").rows[0][0].x.scale, Scale::Log);
        // Nine curves are more than a panel has colours for.
        let nine: Vec<Comparison> = (0..18)
            .map(|k| Comparison { label: format!("network, K = {}", k / 2), ..at(f64::from(1 + k % 2)) })
            .collect();
        let panels = overview(&nine, "N").rows.concat();
        let named = |panel: &Panel| panel.marks.iter().filter(|mark| mark.label.starts_with("K = ")).count();
        assert_eq!(panels.iter().map(named).collect::<Vec<_>>(), [6, 3]);
        for rows in [&swept[..1], &swept[..0]] {
            assert!(svg(&overview(rows, ""), "", "").ends_with("</svg>\n"));
        }
    }
}
