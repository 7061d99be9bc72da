//! A panel: a pair of axes, and what is drawn on them. Theory and simulation come from the rows of the table: the claim of a row, and what became of
//! it, decide how its mark looks.

use super::strip::Judged;
use super::{Axis, Kind, Mark};
use crate::{Claim, Comparison, Verdict};
use std::borrow::Borrow;

/// A corner of the axes for the legend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Legend {
    /// No legend.
    None,
    /// Top left.
    TopLeft,
    /// Top right.
    TopRight,
    /// Bottom left.
    BottomLeft,
    /// Bottom right.
    BottomRight,
    /// Top left, in room of its own over the data.
    Above,
}

/// One pair of axes and what is drawn on them.
#[derive(Clone, Debug)]
pub struct Panel {
    pub(super) letter: &'static str,
    pub(super) title: String,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) second: Option<Axis>,
    pub(super) marks: Vec<Mark>,
    pub(super) legend: Legend,
    /// Kinds of the marks that rows have made.
    pub(super) compared: Vec<Kind>,
    /// Claims to equal, for the strip.
    pub(super) judged: Vec<Judged>,
}

impl Panel {
    /// Axes with a letter and words over them that say what is seen. Rich text, as all labels: `*italic*`, `_{sub}`, `^{super}`.
    pub fn new(letter: &'static str, title: &str, x: Axis, y: Axis) -> Self {
        Panel {
            letter,
            title: title.into(),
            x,
            y,
            second: None,
            marks: Vec::new(),
            legend: Legend::None,
            compared: Vec::new(),
            judged: Vec::new(),
        }
    }

    /// With a legend.
    pub fn legend(mut self, corner: Legend) -> Self {
        self.legend = corner;
        self
    }

    /// With a second ordinate on the right, for all marks that are added from here on.
    pub fn second(mut self, axis: Axis) -> Self {
        self.second = Some(axis);
        self
    }

    /// Adds marks; those without points are left out.
    pub fn with(mut self, marks: impl IntoIterator<Item = Mark>) -> Self {
        let right = self.second.is_some();
        let own = marks.into_iter().filter(|mark| !mark.x.is_empty());
        self.marks.extend(own.map(|mark| Mark { right, ..mark }));
        self
    }

    /// Adds theory and simulation of rows of one quantity and curve; `label` names the simulation in the legend. Each theory is a line: solid where it
    /// claims to equal, thin for a bound, dashed for a contrast; open circles for published values. The simulation is points with 95 % error bars, and
    /// crosses where a claim misses.
    pub fn compared(self, rows: &[impl Borrow<Comparison>], colour: usize, label: &str) -> Self {
        self.theory(rows, colour, "").simulated(rows, colour, label)
    }

    /// Adds the theories of rows, as [`Panel::compared`] does; `label` names them in the legend.
    pub fn theory(mut self, rows: &[impl Borrow<Comparison>], colour: usize, label: &str) -> Self {
        self = self.judged(rows, colour);
        let marks = theories(rows, colour, label);
        self.compared.extend(marks.iter().map(|mark| mark.kind));
        self.with(marks)
    }

    /// Adds rows to the strip alone: their theory is drawn more finely than at their abscissae.
    pub fn judged(mut self, rows: &[impl Borrow<Comparison>], colour: usize) -> Self {
        let claims = rows.iter().map(Borrow::borrow).filter(|row| row.claim == Claim::Equals);
        self.judged.extend(claims.filter_map(|row| Judged::of(row, colour)));
        self.compared.push(Kind::Line);
        self
    }

    /// Adds the simulation of rows, as [`Panel::compared`] does.
    pub fn simulated(mut self, rows: &[impl Borrow<Comparison>], colour: usize, label: &str) -> Self {
        let marks = measured(rows, colour, label);
        self.compared.extend(marks.iter().map(|mark| mark.kind));
        self.with(marks)
    }

    /// Whether marks of a kind are on it.
    pub(super) fn shows(&self, kind: Kind) -> bool {
        self.marks.iter().any(|mark| mark.kind == kind)
    }
}

/// How a theory is drawn.
fn kind(row: &Comparison) -> Kind {
    match row.claim {
        _ if is_from_elsewhere(row) => Kind::Open,
        Claim::Equals => Kind::Line,
        Claim::Upper | Claim::Lower => Kind::Trace,
        Claim::Contrast => Kind::Dashed,
    }
}

/// Whether the value is a number of others, not a theory's.
fn is_from_elsewhere(row: &Comparison) -> bool {
    row.theory_name.starts_with("published:") || row.theory_name.starts_with("reference:")
}

/// A curve for each theory in the order of x, and on top what others measured.
fn theories(rows: &[impl Borrow<Comparison>], colour: usize, label: &str) -> Vec<Mark> {
    let rows: Vec<&Comparison> = rows.iter().map(Borrow::borrow).collect();
    let mut names: Vec<(&str, bool)> = Vec::new();
    for row in &rows {
        let name = (row.theory_name.as_str(), is_from_elsewhere(row));
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.sort_by_key(|(_, elsewhere)| *elsewhere);
    names
        .into_iter()
        .flat_map(|(name, _)| {
            let mut own: Vec<&Comparison> = rows.iter().filter(|row| row.theory_name == name).copied().collect();
            own.sort_by(|a, b| a.x.total_cmp(&b.x));
            own.dedup_by(|a, b| a.x == b.x && a.theory == b.theory && a.claim == b.claim);
            curve(&own, colour, label)
        })
        .collect()
}

/// One theory. Where it claims at some abscissae and not at others, what joins the two is drawn as a contrast.
fn curve(rows: &[&Comparison], colour: usize, label: &str) -> Vec<Mark> {
    let kinds: Vec<Kind> = rows.iter().map(|row| kind(row)).collect();
    let between: Vec<Kind> =
        kinds.windows(2).map(|pair| if pair[0] == pair[1] { pair[0] } else { Kind::Dashed }).collect();
    let mut marks: Vec<Mark> = Vec::new();
    for drawn in [Kind::Line, Kind::Trace, Kind::Dashed, Kind::Open] {
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for (k, row) in rows.iter().enumerate() {
            let before = k > 0 && between[k - 1] == drawn;
            let after = between.get(k) == Some(&drawn);
            if before || after || kinds[k] == drawn {
                x.push(row.x);
                y.push(row.theory);
            }
            if !after && !x.is_empty() && drawn != Kind::Open {
                x.push(row.x);
                y.push(f64::NAN);
            }
        }
        if x.iter().zip(&y).any(|(_, y)| !y.is_nan()) {
            // Named once.
            let label = if drawn == Kind::Open || !marks.is_empty() { "" } else { label };
            let name = format!("{}, {}, {}", rows[0].quantity, rows[0].theory_name, rows[0].label);
            marks.push(Mark::new(drawn, colour, label, &x, &y).named(name.trim_end_matches(", ")));
        }
    }
    marks
}

/// Points of what agrees or claims nothing, crosses of what misses.
fn measured(rows: &[impl Borrow<Comparison>], colour: usize, label: &str) -> Vec<Mark> {
    let (missed, others): (Vec<&Comparison>, Vec<&Comparison>) =
        rows.iter().map(Borrow::borrow).partition(|row| row.verdict() == Verdict::Misses);
    let of = |kind, rows: &[&Comparison], label: &str| {
        let mut own: Vec<(f64, f64, f64)> =
            rows.iter().map(|row| (row.x, row.simulation.mean, row.simulation.error_bar())).collect();
        own.sort_by(|a, b| a.0.total_cmp(&b.0));
        own.dedup_by(|a, b| a.0 == b.0 && (a.1 == b.1 || a.1.is_nan()));
        let column = |pick: fn(&(f64, f64, f64)) -> f64| own.iter().map(pick).collect::<Vec<f64>>();
        let name = rows.first().map_or(String::new(), |row| format!("{}, simulation, {}", row.quantity, row.label));
        let mark = Mark::new(kind, colour, label, &column(|p| p.0), &column(|p| p.1)).errors(&column(|p| p.2));
        mark.named(name.trim_end_matches(", "))
    };
    // A measurement that one of its theories misses is a cross, not a point besides.
    let is_missed = |row: &&Comparison| missed.iter().any(|m| m.x == row.x && m.simulation.mean == row.simulation.mean);
    let others: Vec<&Comparison> = others.into_iter().filter(|row| !is_missed(row)).collect();
    vec![of(Kind::Points, &others, label), of(Kind::Crosses, &missed, if others.is_empty() { label } else { "" })]
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
            at(1.0, "published:x", Claim::Equals, 1.0),
            at(1.0, "l", Claim::Contrast, 2.0),
        ];
        let axes = || (Axis::linear("x"), Axis::linear("y"));
        let panel = Panel::new("A", "", axes().0, axes().1).compared(&rows.iter().collect::<Vec<_>>(), 3, "simulation");
        let kinds: Vec<Kind> = panel.marks.iter().map(|m| m.kind).collect();
        assert_eq!(kinds, [Kind::Line, Kind::Trace, Kind::Dashed, Kind::Open, Kind::Points, Kind::Crosses]);
        let line = &panel.marks[0];
        assert_eq!((&line.x[..2], &line.y[..2]), ([1.0, 2.0].as_slice(), [2.0, 1.0].as_slice()));
        assert_eq!(panel.marks[4].x, [2.0], "one point a measurement");
        assert_eq!(panel.marks[5].x, [1.0], "the claim that misses is a cross");
        assert_eq!(panel.judged.len(), 3, "bounds and contrasts are not in the strip");
        let nothing: Vec<Comparison> = (0..3).map(|k| at(f64::from(k), "t", Claim::Equals, 0.0)).collect();
        let panel = Panel::new("A", "", axes().0, axes().1).judged(&nothing, 0);
        let keys: std::collections::HashSet<&str> = panel.judged.iter().map(|judged| judged.key.as_str()).collect();
        assert_eq!(keys.len(), 3, "claims that something is 0 are told apart too");
        let empty = Panel::new("A", "", axes().0, axes().1).compared(&rows[..0], 0, "simulation");
        assert!(empty.marks.is_empty() && empty.judged.is_empty());
    }

    #[test]
    fn a_theory_is_one_curve_whatever_it_claims() {
        let claims = [Claim::Equals, Claim::Equals, Claim::Contrast, Claim::Equals];
        let rows: Vec<Comparison> = (0..4).map(|k| at(k as f64, "t", claims[k], k as f64)).collect();
        let marks = theories(&rows, 0, "theory");
        let drawn = |mark: &Mark| mark.x.iter().zip(&mark.y).filter(|(_, y)| !y.is_nan()).map(|(x, _)| *x).collect();
        let of: Vec<(Kind, Vec<f64>, &str)> = marks.iter().map(|m| (m.kind, drawn(m), m.label.as_str())).collect();
        assert_eq!(
            of,
            [(Kind::Line, vec![0.0, 1.0, 3.0], "theory"), (Kind::Dashed, vec![1.0, 2.0, 3.0], "")],
            "the last point claims, and what leads to it does not"
        );
    }

    #[test]
    fn marks_after_a_second_ordinate_belong_to_it() {
        let mark = || Mark::new(Kind::Line, 0, "", &[0.0], &[0.0]);
        let panel = Panel::new("A", "", Axis::linear("x"), Axis::linear("y")).with([mark()]);
        let panel = panel.second(Axis::linear("z")).with([mark()]);
        assert_eq!(panel.marks.iter().map(|m| m.right).collect::<Vec<_>>(), [false, true]);
    }
}
