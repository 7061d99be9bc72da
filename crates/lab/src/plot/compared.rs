//! Theory and simulation drawn from the rows of the table: the claim of a row, and what became of it, decide how its mark looks.

use super::{Axis, Figure, Kind, Legend, Mark, Panel, Scale};
use crate::{Claim, Comparison, Verdict};

/// How a theory is drawn.
fn kind(row: &Comparison) -> Kind {
    match row.claim {
        _ if row.theory_name.starts_with("published:") || row.theory_name.starts_with("reference:") => Kind::Open,
        Claim::Equals => Kind::Line,
        Claim::Upper | Claim::Lower => Kind::Trace,
        Claim::Contrast => Kind::Dashed,
    }
}

/// Marks of rows of one quantity and curve, in the order of x: theories that claim to equal as lines, bounds thin, contrast dashed, published values
/// as open circles; the simulation as points with 95 % error bars, and as crosses where a claim misses. `label` names the simulation, theories have their own names.
pub fn compared(rows: &[&Comparison], colour: usize, label: &str) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    let mut theories: Vec<(&str, Claim)> = Vec::new();
    for row in rows {
        if !theories.contains(&(row.theory_name.as_str(), row.claim)) {
            theories.push((&row.theory_name, row.claim));
        }
    }
    for (name, claim) in theories {
        let mut own: Vec<&&Comparison> =
            rows.iter().filter(|row| row.theory_name == name && row.claim == claim).collect();
        own.sort_by(|a, b| a.x.total_cmp(&b.x));
        let (x, y): (Vec<f64>, Vec<f64>) = own.iter().map(|row| (row.x, row.theory)).unzip();
        marks.push(Mark::new(kind(own[0]), colour, name, &x, &y));
    }
    let (missed, others): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.verdict() == Verdict::Misses);
    let simulated = |kind, rows: &[&&Comparison], label: &str| {
        let mut own: Vec<(f64, f64, f64)> =
            rows.iter().map(|row| (row.x, row.simulation.mean, row.simulation.error_bar())).collect();
        own.sort_by(|a, b| a.0.total_cmp(&b.0));
        own.dedup_by(|a, b| a.0 == b.0 && (a.1 == b.1 || a.1.is_nan()));
        let of = |pick: fn(&(f64, f64, f64)) -> f64| own.iter().map(pick).collect::<Vec<f64>>();
        Mark::new(kind, colour, label, &of(|p| p.0), &of(|p| p.1)).errors(&of(|p| p.2))
    };
    marks.push(simulated(Kind::Points, &others, label));
    if !missed.is_empty() {
        marks.push(simulated(Kind::Crosses, &missed, &format!("{label}, missed")));
    }
    marks
}

/// Most panels of an overview.
const MOST_PANELS: usize = 12;

/// Most rows of an overview that has no abscissa.
const MOST_ROWS: usize = 60;

/// A picture of any table: one panel a quantity against the abscissa where several values of it were seen, else how far each claim is from failing.
pub fn overview(rows: &[Comparison], axis: &str) -> Figure {
    let mut positions: Vec<f64> = rows.iter().map(|row| row.x).filter(|x| x.is_finite()).collect();
    positions.sort_by(f64::total_cmp);
    positions.dedup();
    if axis.is_empty() || positions.len() < 2 { allowances(rows) } else { curves(rows, axis, &positions) }
}

/// What the marks of [`compared`] mean.
const KEY: [(Kind, &str); 6] = [
    (Kind::Points, "simulation"),
    (Kind::Crosses, "simulation, claim misses"),
    (Kind::Line, "claimed to equal"),
    (Kind::Trace, "bound"),
    (Kind::Dashed, "contrast"),
    (Kind::Open, "published"),
];

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
    let panels = quantities.iter().take(MOST_PANELS).zip(LETTERS).map(|(quantity, letter)| {
        let mut own: Vec<&Comparison> = rows.iter().filter(|row| row.quantity_with_unit() == *quantity).collect();
        if own.iter().any(|row| row.claim != Claim::Contrast) {
            // What is claimed of the quantity; the table has the rest.
            own.retain(|row| row.claim != Claim::Contrast);
        }
        let mut labels: Vec<&str> = Vec::new();
        own.iter().for_each(|row| {
            if !labels.contains(&row.label.as_str()) {
                labels.push(&row.label);
            }
        });
        let marks = labels.iter().enumerate().flat_map(|(colour, label)| {
            let curve: Vec<&Comparison> = own.iter().filter(|row| row.label == *label).copied().collect();
            let mut marks = compared(&curve, colour, if labels.len() > 1 { label } else { "simulation" });
            if colour > 0 {
                // Theories look alike for all labels, and are named once.
                marks
                    .iter_mut()
                    .filter(|m| !matches!(m.kind, Kind::Points | Kind::Crosses))
                    .for_each(|m| m.label.clear());
            }
            marks
        });
        let marks: Vec<Mark> = marks.map(plain).collect();
        let y = Axis { scale: Scale::Linear, ..Axis::linear(&rich(quantity)) };
        Panel { letter, title: String::new(), x: abscissa(), y, right: None, marks, legend: Legend::TopRight }
    });
    let panels: Vec<Panel> = panels.collect();
    Figure { width_mm: 180.0, row_mm: 62.0, rows: panels.chunks(2).map(<[Panel]>::to_vec).collect(), key: KEY.to_vec() }
}

/// Labels of a user's own may hold what rich text takes for commands.
fn plain(mut mark: Mark) -> Mark {
    mark.label = rich(&mark.label);
    mark
}

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
    let names: Vec<String> =
        claims.iter().rev().map(|row| rich(&format!("{}, {}", row.quantity_with_unit(), row.label))).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let count = claims.len();
    let of = |verdict: Verdict| -> (Vec<f64>, Vec<f64>) {
        let own = claims.iter().enumerate().filter(|(_, row)| row.verdict() == verdict);
        own.map(|(k, row)| (row.departure().clamp(-3.0, 3.0), (count - 1 - k) as f64)).unzip()
    };
    let kinds =
        [(Verdict::Holds, Kind::Points, 0), (Verdict::Weak, Kind::Open, 0), (Verdict::Misses, Kind::Crosses, 1)];
    let mut marks: Vec<Mark> =
        [-1.0, 1.0].map(|edge| Mark::new(Kind::Dashed, 7, "", &[edge, edge], &[-0.6, count as f64 - 0.4])).to_vec();
    for (verdict, kind, colour) in kinds {
        let (x, y) = of(verdict);
        if !x.is_empty() {
            marks.push(Mark::new(kind, colour, verdict.name(), &x, &y));
        }
    }
    let panel = Panel {
        letter: "",
        title: "how far each claim is from failing".into(),
        x: Axis::linear("(theory − simulation) / allowance").between(-3.2, 3.2),
        y: Axis::names("", &names),
        right: None,
        marks,
        legend: Legend::TopRight,
    };
    Figure { width_mm: 180.0, row_mm: 30.0 + 4.0 * count as f64, rows: vec![vec![panel]], key: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Estimate, row};

    fn at(x: f64, theory_name: &str, claim: Claim, theory: f64) -> Comparison {
        let simulation = Estimate { mean: 1.0, sem: 0.01, replicates: 5 };
        Comparison { x, theory, claim, simulation, ..row("A", "rate (Hz)", theory_name, "network") }
    }

    #[test]
    fn claims_decide_how_marks_look() {
        let rows = [
            at(2.0, "t", Claim::Equals, 1.0),
            at(1.0, "t", Claim::Equals, 2.0),
            at(1.0, "b", Claim::Upper, 2.0),
            at(1.0, "l", Claim::Contrast, 2.0),
            at(1.0, "published:x", Claim::Equals, 1.0),
        ];
        let marks = compared(&rows.iter().collect::<Vec<_>>(), 3, "simulation");
        let kinds: Vec<Kind> = marks.iter().map(|m| m.kind).collect();
        assert_eq!(kinds, [Kind::Line, Kind::Trace, Kind::Dashed, Kind::Open, Kind::Points, Kind::Crosses]);
        assert_eq!((marks[0].x.as_slice(), marks[0].y.as_slice()), ([1.0, 2.0].as_slice(), [2.0, 1.0].as_slice()));
        assert_eq!(marks[5].x, [1.0], "the claim that misses");
        assert_eq!(marks[4].x, [1.0, 2.0], "one point a measurement");
    }

    #[test]
    fn any_table_has_a_picture() {
        let swept = [at(1.0, "t", Claim::Equals, 1.0), at(10.0, "t", Claim::Equals, 1.0)];
        assert_eq!(overview(&swept, "N").rows[0][0].x.scale, Scale::Log);
        for rows in [&swept[..1], &swept[..0]] {
            assert!(super::super::svg(&overview(rows, ""), "").ends_with("</svg>\n"));
        }
    }
}
