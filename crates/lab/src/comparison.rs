//! The comparison table: theory beside simulation, and whether they agree.

use crate::{Estimate, Failure};
use serde::{Serialize, Serializer};
use std::fmt::Write;

/// What a figure claims of a theory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Claim {
    /// It equals the simulation.
    Equals,
    /// It bounds the simulation from above.
    Upper,
    /// It bounds the simulation from below.
    Lower,
    /// Nothing: it is shown because it fails here, or is a limit not yet reached.
    Contrast,
}

/// One row of the table. Field order is column order.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Panel of the figure.
    pub panel: String,
    /// What is compared.
    pub quantity: String,
    /// Which theory; `published:<source>` for published numbers.
    pub theory_name: String,
    /// What is claimed.
    pub claim: Claim,
    /// Which curve or condition.
    pub label: String,
    /// Position on the abscissa.
    pub x: f64,
    /// The theory's value.
    pub theory: f64,
    /// The simulation's value, with its error.
    pub simulation: Estimate,
    /// The error that the theory itself admits.
    pub bias: f64,
}

const COLUMNS: [&str; 12] = [
    "panel",
    "quantity",
    "theory_name",
    "claim",
    "label",
    "x",
    "theory",
    "simulation",
    "sem",
    "replicates",
    "bias",
    "agrees",
];

impl Comparison {
    /// Whether theory and simulation agree; `None` where nothing is claimed. NaN never agrees.
    pub fn agrees(&self) -> Option<bool> {
        let excess = self.theory - self.simulation.mean;
        let allowance = self.bias + self.simulation.half_width();
        match self.claim {
            Claim::Equals => Some(excess.abs() <= allowance),
            Claim::Upper => Some(excess >= -allowance),
            Claim::Lower => Some(excess <= allowance),
            Claim::Contrast => None,
        }
    }

    /// Whether a claim is made that half of its own prediction could not upset: agreement then says little.
    pub fn is_weak(&self) -> bool {
        let allowance = self.bias + self.simulation.half_width();
        self.claim != Claim::Contrast && self.theory != 0.0 && allowance > 0.5 * self.theory.abs()
    }

    fn cells(&self) -> [String; 12] {
        let claim = format!("{:?}", self.claim).to_lowercase();
        [
            self.panel.clone(),
            self.quantity.clone(),
            self.theory_name.clone(),
            claim,
            self.label.clone(),
            self.x.to_string(),
            self.theory.to_string(),
            self.simulation.mean.to_string(),
            self.simulation.sem.to_string(),
            self.simulation.replicates.to_string(),
            self.bias.to_string(),
            self.agrees().map_or(String::new(), |a| a.to_string()),
        ]
    }
}

impl Serialize for Comparison {
    /// An object with the columns of the table; NaN becomes null, as JSON has none.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(Some(COLUMNS.len()))?;
        map.serialize_entry("panel", &self.panel)?;
        map.serialize_entry("quantity", &self.quantity)?;
        map.serialize_entry("theory_name", &self.theory_name)?;
        map.serialize_entry("claim", &self.claim)?;
        map.serialize_entry("label", &self.label)?;
        map.serialize_entry("x", &self.x)?;
        map.serialize_entry("theory", &self.theory)?;
        map.serialize_entry("simulation", &self.simulation.mean)?;
        map.serialize_entry("sem", &self.simulation.sem)?;
        map.serialize_entry("replicates", &self.simulation.replicates)?;
        map.serialize_entry("bias", &self.bias)?;
        map.serialize_entry("agrees", &self.agrees())?;
        map.end()
    }
}

/// The table as CSV. Numbers are written so that they read back to the same bits.
pub fn csv(rows: &[Comparison]) -> String {
    let mut text = COLUMNS.join(",");
    text.push('\n');
    for row in rows {
        let cells: Vec<String> = row.cells().iter().map(|cell| quoted(cell)).collect();
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    text
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

/// The table as JSON: an array of objects.
///
/// # Errors
/// None in practice: numbers that JSON lacks become null.
pub fn json(rows: &[Comparison]) -> Result<String, Failure> {
    serde_json::to_string_pretty(rows).map_err(|e| Failure::Output(format!("cannot write JSON: {e}")))
}

/// The table for a terminal.
pub fn table(rows: &[Comparison]) -> String {
    let mut lines = vec![[
        "quantity".to_owned(),
        "theory".into(),
        "claim".into(),
        "label".into(),
        "x".into(),
        "predicted".into(),
        "simulated".into(),
        "99.9 %".into(),
        "bias".into(),
        "agrees".into(),
    ]];
    for row in rows {
        lines.push([
            row.quantity.clone(),
            row.theory_name.clone(),
            format!("{:?}", row.claim).to_lowercase(),
            row.label.clone(),
            short(row.x),
            short(row.theory),
            short(row.simulation.mean),
            format!("±{}", short(row.simulation.half_width())),
            short(row.bias),
            row.agrees().map_or("-".into(), |a| if a { "yes".into() } else { "NO".into() }),
        ]);
    }
    let widths: Vec<usize> = (0..10).map(|c| lines.iter().map(|l| l[c].chars().count()).max().unwrap_or(0)).collect();
    let mut text = String::new();
    for line in lines {
        for (cell, width) in line.iter().zip(&widths) {
            let _ = write!(text, "{cell:<width$}  ");
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

/// Four significant digits.
pub fn short(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let magnitude = value.abs().log10().floor() as i32;
    if (-4..7).contains(&magnitude) {
        let text = format!("{value:.*}", (3 - magnitude).max(0) as usize);
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
    } else {
        format!("{value:.3e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(claim: Claim, theory: f64, simulation: Estimate, bias: f64) -> Comparison {
        Comparison {
            panel: "A".into(),
            quantity: "f, \"active\"".into(),
            theory_name: "t".into(),
            claim,
            label: String::new(),
            x: 1.0,
            theory,
            simulation,
            bias,
        }
    }

    #[test]
    fn the_rule_of_agreement() {
        let sim = Estimate { mean: 1.0, sem: 0.01, replicates: 5 };
        let reach = 8.610 * 0.01;
        assert_eq!(row(Claim::Equals, 1.0 + 0.99 * reach, sim, 0.0).agrees(), Some(true));
        assert_eq!(row(Claim::Equals, 1.0 + 1.01 * reach, sim, 0.0).agrees(), Some(false));
        assert_eq!(row(Claim::Equals, 1.0 + 1.01 * reach, sim, 0.01).agrees(), Some(true));
        assert_eq!(row(Claim::Upper, 5.0, sim, 0.0).agrees(), Some(true));
        assert_eq!(row(Claim::Upper, 0.5, sim, 0.0).agrees(), Some(false));
        assert_eq!(row(Claim::Lower, 0.5, sim, 0.0).agrees(), Some(true));
        assert_eq!(row(Claim::Lower, 5.0, sim, 0.0).agrees(), Some(false));
        assert_eq!(row(Claim::Contrast, 5.0, sim, 0.0).agrees(), None);
        let exact = Estimate::exact(1.0);
        assert_eq!(row(Claim::Equals, 1.0 + 1e-13, exact, 1e-12).agrees(), Some(true));
        for (theory, sim) in
            [(f64::NAN, sim), (1.0, Estimate { mean: f64::NAN, ..sim }), (1.0, Estimate::of([1.0, 1.0]))]
        {
            assert_eq!(row(Claim::Equals, theory, sim, 1.0).agrees(), Some(false), "NaN never agrees");
        }
    }

    #[test]
    fn csv_has_the_fixed_columns_and_reads_back() {
        let sim = Estimate { mean: 1.0 / 3.0, sem: 1e-17, replicates: 5 };
        let text = csv(&[row(Claim::Contrast, 0.1, sim, 0.0)]);
        let mut lines = text.lines();
        assert_eq!(
            lines.next(),
            Some("panel,quantity,theory_name,claim,label,x,theory,simulation,sem,replicates,bias,agrees")
        );
        let line = lines.next().expect("one row");
        assert!(line.starts_with("A,\"f, \"\"active\"\"\",t,contrast,,1,0.1,"), "{line}");
        assert!(line.ends_with(",5,0,"), "{line}");
        let number: f64 = line.split(',').nth(8).expect("simulation").parse().expect("a number");
        assert_eq!(number.to_bits(), (1.0_f64 / 3.0).to_bits());
    }
}
