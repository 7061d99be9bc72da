//! The columns of the comparison table: as CSV, as objects, as a data frame.

use crate::{Comparison, Frame};
use serde::{Serialize, Serializer};

/// What stands in a cell.
enum Cell {
    Word(String),
    Number(f64),
    Whole(usize),
    Decision(Option<bool>),
}

/// A name, and what stands there in a row.
type Column = (&'static str, fn(&Comparison) -> Cell);

/// The columns in their order: other tools read them.
const COLUMNS: [Column; 15] = [
    ("panel", |row| Cell::Word(row.panel.clone())),
    ("quantity", |row| Cell::Word(row.quantity.clone())),
    ("theory_name", |row| Cell::Word(row.theory_name.clone())),
    ("claim", |row| Cell::Word(row.claim.name().into())),
    ("label", |row| Cell::Word(row.label.clone())),
    ("x", |row| Cell::Number(row.x)),
    ("theory", |row| Cell::Number(row.theory)),
    ("simulation", |row| Cell::Number(row.simulation.mean)),
    ("sem", |row| Cell::Number(row.simulation.sem)),
    ("replicates", |row| Cell::Whole(row.simulation.replicates)),
    ("bias", |row| Cell::Number(row.bias)),
    ("agrees", |row| Cell::Decision(row.agrees())),
    ("unit", |row| Cell::Word(row.unit.into())),
    ("scale", |row| Cell::Number(row.scale())),
    ("verdict", |row| Cell::Word(row.verdict().name().into())),
];

impl Cell {
    /// As text; numbers read back to the same bits, what is undecided is empty.
    fn text(self) -> String {
        match self {
            Cell::Word(word) => word,
            Cell::Number(number) => number.to_string(),
            Cell::Whole(number) => number.to_string(),
            Cell::Decision(decision) => decision.map_or(String::new(), |own| own.to_string()),
        }
    }
}

impl Serialize for Comparison {
    /// An object with the columns of the table; NaN becomes null, as JSON has none.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(Some(COLUMNS.len()))?;
        for (name, of) in COLUMNS {
            match of(self) {
                Cell::Word(word) => map.serialize_entry(name, &word)?,
                Cell::Number(number) => map.serialize_entry(name, &number)?,
                Cell::Whole(number) => map.serialize_entry(name, &number)?,
                Cell::Decision(decision) => map.serialize_entry(name, &decision)?,
            }
        }
        map.end()
    }
}

/// The table as CSV. Numbers are written so that they read back to the same bits.
pub fn csv(rows: &[Comparison]) -> String {
    let mut text = COLUMNS.map(|(name, _)| name).join(",") + "\n";
    for row in rows {
        text.push_str(&COLUMNS.map(|(_, of)| quoted(&of(row).text())).join(","));
        text.push('\n');
    }
    text
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

/// Adds the columns of the table to a frame.
pub fn into_frame(frame: Frame, rows: &[Comparison]) -> Frame {
    COLUMNS.into_iter().fold(frame, |frame, (name, of)| {
        let mut words = Vec::new();
        let mut numbers = Vec::new();
        let mut whole = Vec::new();
        for row in rows {
            match of(row) {
                Cell::Number(number) => numbers.push(number),
                Cell::Whole(number) => whole.push(number as u32),
                other => words.push(other.text()),
            }
        }
        match (numbers.is_empty(), whole.is_empty()) {
            (false, _) => frame.numbers(name, numbers),
            (_, false) => frame.whole(name, whole),
            _ => frame.words(name, words),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Claim, Estimate, row};

    fn claimed(claim: Claim, theory: f64, simulation: Estimate, bias: f64) -> Comparison {
        Comparison { claim, x: 1.0, theory, simulation, bias, ..row("A", "f, \"active\"", "t", "") }
    }

    #[test]
    fn csv_has_the_fixed_columns_and_reads_back() {
        let sim = Estimate { mean: 1.0 / 3.0, sem: 1e-17, replicates: 5 };
        let text = csv(&[claimed(Claim::Contrast, 0.1, sim, 0.0)]);
        let mut lines = text.lines();
        assert_eq!(
            lines.next(),
            Some(
                "panel,quantity,theory_name,claim,label,x,theory,simulation,sem,replicates,bias,agrees,unit,scale,verdict"
            )
        );
        let line = lines.next().expect("one row");
        assert!(line.starts_with("A,\"f, \"\"active\"\"\",t,contrast,,1,0.1,"), "{line}");
        assert!(line.ends_with(",5,0,,,0.1,contrast"), "{line}");
        let number: f64 = line.split(',').nth(8).expect("simulation").parse().expect("a number");
        assert_eq!(number.to_bits(), (1.0_f64 / 3.0).to_bits());
    }
}
