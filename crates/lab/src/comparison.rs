//! The comparison table: theory beside simulation, and the verdict on each claim.

use crate::{Estimate, Frame};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt::Write;

/// What a figure claims of a theory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
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

/// What the simulation says of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The two agree, within a quarter of the scale or less.
    Holds,
    /// The two agree, but would hardly have failed to: the allowance is more than a quarter of the scale.
    Weak,
    /// The two disagree.
    Misses,
    /// Nothing was claimed.
    Contrast,
    /// The simulation has no such value, or no error of it: fewer than 3 replicates.
    Unmeasured,
}

impl Verdict {
    /// All, in the order in which they are reported.
    pub const ALL: [Verdict; 5] =
        [Verdict::Holds, Verdict::Weak, Verdict::Misses, Verdict::Contrast, Verdict::Unmeasured];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Holds => "holds",
            Verdict::Weak => "weak",
            Verdict::Misses => "misses",
            Verdict::Contrast => "contrast",
            Verdict::Unmeasured => "unmeasured",
        }
    }
}

/// Columns of the table.
const COLUMNS: [&str; 15] = [
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
    "unit",
    "scale",
    "verdict",
];

/// Largest share of the scale that the allowance of a claim may have; what agrees by a larger one is weak.
const TELLING: f64 = 0.25;

/// Units that a quantity may end with, in parentheses.
const UNITS: [&str; 8] = ["Hz", "mV", "mV²", "ms", "1/ms", "mV/ms", "µA/cm²", "1/τ"];

/// One row of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Panel of the figure.
    pub panel: String,
    /// What is compared.
    pub quantity: String,
    /// Unit of theory, simulation, sem, bias and scale; empty for none.
    pub unit: &'static str,
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
    /// Magnitude that an error is judged against; `None` for that of the theory. Where terms cancel in the theory it is the sum of theirs.
    pub scale: Option<f64>,
}

/// A row that claims equality; `Comparison { theory, simulation, ..row(…) }` fills in the rest. The quantity ends with its unit in parentheses, as
/// the label of an axis does: `rate of e (Hz)`.
pub fn row(panel: &str, quantity: &str, theory_name: &str, label: &str) -> Comparison {
    let (quantity, unit) = apart(quantity);
    Comparison {
        panel: panel.into(),
        quantity: quantity.into(),
        unit,
        theory_name: theory_name.into(),
        claim: Claim::Equals,
        label: label.into(),
        x: 0.0,
        theory: f64::NAN,
        simulation: Estimate::exact(f64::NAN),
        bias: 0.0,
        scale: None,
    }
}

/// A quantity and its unit.
fn apart(quantity: &str) -> (&str, &'static str) {
    let parts = quantity.strip_suffix(')').and_then(|open| open.rsplit_once(" ("));
    let known = parts.and_then(|(name, unit)| Some((name, *UNITS.iter().find(|known| **known == unit)?)));
    known.unwrap_or((quantity, ""))
}

impl Comparison {
    /// What the simulation says of the claim. A prediction that is no number misses.
    pub fn verdict(&self) -> Verdict {
        if self.claim == Claim::Contrast {
            return Verdict::Contrast;
        }
        let allowance = self.bias + self.simulation.half_width();
        let excess = self.theory - self.simulation.mean;
        let agrees = match self.claim {
            Claim::Equals => excess.abs() <= allowance,
            Claim::Upper => excess >= -allowance,
            _ => excess <= allowance,
        };
        match agrees {
            _ if self.simulation.mean.is_nan() || (self.simulation.sem.is_nan() && !self.theory.is_nan()) => {
                Verdict::Unmeasured
            }
            false => Verdict::Misses,
            true if allowance <= TELLING * self.scale() => Verdict::Holds,
            true => Verdict::Weak,
        }
    }

    /// Whether theory and simulation agree; `None` where nothing is claimed or nothing could be measured.
    pub fn agrees(&self) -> Option<bool> {
        match self.verdict() {
            Verdict::Holds | Verdict::Weak => Some(true),
            Verdict::Misses => Some(false),
            Verdict::Contrast | Verdict::Unmeasured => None,
        }
    }

    /// The row of `factor` times the quantity.
    pub fn times(&self, factor: f64) -> Self {
        let Estimate { mean, sem, replicates } = self.simulation;
        Comparison {
            theory: factor * self.theory,
            simulation: Estimate { mean: factor * mean, sem: factor.abs() * sem, replicates },
            bias: factor.abs() * self.bias,
            scale: self.scale.map(|scale| factor.abs() * scale),
            ..self.clone()
        }
    }

    /// What no other row of its table has.
    pub fn key(&self) -> (&str, &str, &str, Claim, &str, u64) {
        (&self.panel, &self.quantity, &self.theory_name, self.claim, &self.label, self.x.to_bits())
    }

    /// The quantity with its unit in parentheses.
    pub fn quantity_with_unit(&self) -> String {
        if self.unit.is_empty() { self.quantity.clone() } else { format!("{} ({})", self.quantity, self.unit) }
    }

    /// Replicates with which a weak claim would tell, if errors fall as their square root; infinite where the theory's own error is too large.
    pub fn replicates_to_tell(&self) -> f64 {
        let room = TELLING * self.scale() - self.bias;
        let wanted = self.simulation.replicates as f64 * (self.simulation.half_width() / room).powi(2);
        if room > 0.0 { wanted } else { f64::INFINITY }
    }

    /// (theory − simulation)/allowance: 0 where both are equal, beyond ±1 where a claim to equal misses.
    pub fn departure(&self) -> f64 {
        let excess = self.theory - self.simulation.mean;
        if excess == 0.0 { 0.0 } else { excess / (self.bias + self.simulation.half_width()) }
    }

    /// Magnitude that an error is judged against.
    pub fn scale(&self) -> f64 {
        self.scale.unwrap_or(self.theory.abs())
    }

    fn cells(&self) -> [String; 15] {
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
            self.unit.into(),
            self.scale().to_string(),
            self.verdict().name().into(),
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
        map.serialize_entry("unit", self.unit)?;
        map.serialize_entry("scale", &self.scale())?;
        map.serialize_entry("verdict", &self.verdict())?;
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
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

/// Adds the columns of the table to a frame.
pub fn into_frame(frame: Frame, rows: &[Comparison]) -> Frame {
    let word = |of: fn(&Comparison) -> String| rows.iter().map(of);
    let number = |of: fn(&Comparison) -> f64| rows.iter().map(of);
    frame
        .words("panel", word(|r| r.panel.clone()))
        .words("quantity", word(|r| r.quantity.clone()))
        .words("theory_name", word(|r| r.theory_name.clone()))
        .words("claim", word(|r| format!("{:?}", r.claim).to_lowercase()))
        .words("label", word(|r| r.label.clone()))
        .numbers("x", number(|r| r.x))
        .numbers("theory", number(|r| r.theory))
        .numbers("simulation", number(|r| r.simulation.mean))
        .numbers("sem", number(|r| r.simulation.sem))
        .whole("replicates", rows.iter().map(|r| r.simulation.replicates as u32))
        .numbers("bias", number(|r| r.bias))
        .words("agrees", word(|r| r.agrees().map_or(String::new(), |agrees| agrees.to_string())))
        .words("unit", word(|r| r.unit.into()))
        .numbers("scale", number(Comparison::scale))
        .words("verdict", word(|r| r.verdict().name().into()))
}

/// Headings of the table for readers.
const HEADINGS: [&str; 10] =
    ["verdict", "quantity", "theory", "claim", "label", "x", "predicted", "simulated", "99.9 %", "bias"];

/// A row for readers: rounded, the verdict first.
fn rounded(row: &Comparison) -> [String; 10] {
    [
        row.verdict().name().into(),
        row.quantity_with_unit(),
        row.theory_name.clone(),
        format!("{:?}", row.claim).to_lowercase(),
        row.label.clone(),
        short(row.x),
        short(row.theory),
        short(row.simulation.mean),
        match row.simulation.half_width() {
            unknown if unknown.is_nan() => "unknown".into(),
            known => format!("±{}", short(known)),
        },
        short(row.bias),
    ]
}

/// The table for a terminal.
pub fn table(rows: &[Comparison]) -> String {
    let mut lines = vec![HEADINGS.map(str::to_owned)];
    lines.extend(rows.iter().map(rounded));
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

/// The table as Markdown.
pub fn markdown(rows: &[Comparison]) -> String {
    let line =
        |cells: &[String; 10]| format!("| {} |\n", cells.each_ref().map(|cell| cell.replace('|', "\\|")).join(" | "));
    let mut text = line(&HEADINGS.map(str::to_owned));
    text.push_str(&line(&HEADINGS.map(|_| "---".to_owned())));
    rows.iter().for_each(|row| text.push_str(&line(&rounded(row))));
    text
}

/// The table as LaTeX, for the package `booktabs`.
pub fn latex(rows: &[Comparison]) -> String {
    let escape = |cell: &String| {
        let mut out = String::new();
        for c in cell.chars() {
            match c {
                '&' | '%' | '$' | '#' | '_' | '{' | '}' => out.extend(['\\', c]),
                '\\' => out.push_str("\\textbackslash{}"),
                '^' => out.push_str("\\textasciicircum{}"),
                '~' => out.push_str("\\textasciitilde{}"),
                '±' => out.push_str("$\\pm$"),
                '→' => out.push_str("$\\to$"),
                '∞' => out.push_str("$\\infty$"),
                'µ' => out.push_str("$\\mu$"),
                'κ' => out.push_str("$\\kappa$"),
                'τ' => out.push_str("$\\tau$"),
                '²' => out.push_str("$^2$"),
                '−' => out.push_str("$-$"),
                '<' | '>' => out.extend(['$', c, '$']),
                _ => out.push(c),
            }
        }
        out
    };
    let line = |cells: &[String; 10]| format!("{} \\\\\n", cells.each_ref().map(escape).join(" & "));
    let mut text = String::from("\\begin{tabular}{lllllrrrrr}\n\\toprule\n");
    text.push_str(&line(&HEADINGS.map(str::to_owned)));
    text.push_str("\\midrule\n");
    rows.iter().for_each(|row| text.push_str(&line(&rounded(row))));
    text + "\\bottomrule\n\\end{tabular}\n"
}

/// How many rows have each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Claims that hold.
    pub holds: usize,
    /// Claims that agree, but would hardly have failed.
    pub weak: usize,
    /// Claims that miss.
    pub misses: usize,
    /// Rows that claim nothing.
    pub contrast: usize,
    /// Claims on what could not be measured.
    pub unmeasured: usize,
}

impl Tally {
    /// Counts the verdicts of rows.
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a Comparison>) -> Self {
        let mut tally = Tally::default();
        for row in rows {
            *match row.verdict() {
                Verdict::Holds => &mut tally.holds,
                Verdict::Weak => &mut tally.weak,
                Verdict::Misses => &mut tally.misses,
                Verdict::Contrast => &mut tally.contrast,
                Verdict::Unmeasured => &mut tally.unmeasured,
            } += 1;
        }
        tally
    }

    /// Both together.
    pub fn and(self, other: Tally) -> Self {
        Tally {
            holds: self.holds + other.holds,
            weak: self.weak + other.weak,
            misses: self.misses + other.misses,
            contrast: self.contrast + other.contrast,
            unmeasured: self.unmeasured + other.unmeasured,
        }
    }
}

impl std::fmt::Display for Tally {
    /// `12 hold, 3 weak, 1 misses, 4 contrast`: kinds without a row are left out.
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let kinds = [
            (self.holds, if self.holds == 1 { "holds" } else { "hold" }),
            (self.weak, "weak"),
            (self.misses, if self.misses == 1 { "misses" } else { "miss" }),
            (self.contrast, "contrast"),
            (self.unmeasured, "unmeasured"),
        ];
        let parts: Vec<String> =
            kinds.iter().filter(|(count, _)| *count > 0).map(|(count, kind)| format!("{count} {kind}")).collect();
        f.write_str(&parts.join(", "))
    }
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

    fn claimed(claim: Claim, theory: f64, simulation: Estimate, bias: f64) -> Comparison {
        Comparison { claim, x: 1.0, theory, simulation, bias, ..row("A", "f, \"active\"", "t", "") }
    }

    #[test]
    fn the_rule_of_agreement() {
        let sim = Estimate { mean: 1.0, sem: 0.01, replicates: 5 };
        let reach = 8.610 * 0.01;
        assert_eq!(claimed(Claim::Equals, 1.0 + 0.99 * reach, sim, 0.0).agrees(), Some(true));
        assert_eq!(claimed(Claim::Equals, 1.0 + 1.01 * reach, sim, 0.0).agrees(), Some(false));
        assert_eq!(claimed(Claim::Equals, 1.0 + 1.01 * reach, sim, 0.01).agrees(), Some(true));
        assert_eq!(claimed(Claim::Upper, 5.0, sim, 0.0).agrees(), Some(true));
        assert_eq!(claimed(Claim::Upper, 0.5, sim, 0.0).agrees(), Some(false));
        assert_eq!(claimed(Claim::Lower, 0.5, sim, 0.0).agrees(), Some(true));
        assert_eq!(claimed(Claim::Lower, 5.0, sim, 0.0).agrees(), Some(false));
        assert_eq!(claimed(Claim::Contrast, 5.0, sim, 0.0).agrees(), None);
        let exact = Estimate::exact(1.0);
        assert_eq!(claimed(Claim::Equals, 1.0 + 1e-13, exact, 1e-12).agrees(), Some(true));
        for (theory, sim) in
            [(f64::NAN, sim), (1.0, Estimate { mean: f64::NAN, ..sim }), (1.0, Estimate::of([1.0, 1.0]))]
        {
            assert_ne!(claimed(Claim::Equals, theory, sim, 1.0).agrees(), Some(true), "NaN never agrees");
        }
    }

    #[test]
    fn verdicts_tell_weak_claims_and_missing_measurements_from_agreement() {
        let verdict = |row: Comparison| row.verdict();
        let exact = Estimate::exact(1.0);
        assert_eq!(verdict(claimed(Claim::Equals, 1.0, exact, 0.25)), Verdict::Holds, "a quarter of the scale");
        assert_eq!(verdict(claimed(Claim::Equals, 1.0, exact, 0.26)), Verdict::Weak);
        assert_eq!(verdict(claimed(Claim::Equals, 1.3, exact, 0.26)), Verdict::Misses);
        assert_eq!(verdict(claimed(Claim::Contrast, f64::NAN, exact, 0.0)), Verdict::Contrast);
        assert_eq!(verdict(claimed(Claim::Equals, f64::NAN, exact, 1.0)), Verdict::Misses, "no prediction");
        assert_eq!(verdict(claimed(Claim::Equals, 1.0, Estimate::of([f64::NAN; 5]), 1.0)), Verdict::Unmeasured);
        assert_eq!(verdict(claimed(Claim::Equals, 1.0, Estimate::of([1.0, 1.0]), 1.0)), Verdict::Unmeasured);
        // A difference of terms of magnitude 4 that cancel.
        let difference = claimed(Claim::Equals, 0.0, Estimate::exact(0.5), 1.0);
        assert_eq!(verdict(difference.clone()), Verdict::Weak);
        assert_eq!(verdict(Comparison { scale: Some(4.0), ..difference }), Verdict::Holds);
        assert_eq!(verdict(claimed(Claim::Equals, 0.0, Estimate::exact(0.0), 0.0)), Verdict::Holds, "exactly none");
        let weak = claimed(Claim::Equals, 1.0, Estimate { mean: 1.0, sem: 0.1, replicates: 5 }, 0.05);
        let enough = weak.replicates_to_tell();
        assert!((enough - 5.0 * (0.861_f64 / 0.2).powi(2)).abs() < 0.1, "{enough}");
        assert!(claimed(Claim::Equals, 1.0, exact, 0.3).replicates_to_tell().is_infinite(), "theory's own error");
    }

    #[test]
    fn units_stand_apart_and_come_back() {
        let of = |quantity: &str| row("A", quantity, "t", "");
        assert_eq!((of("rate of e (Hz)").quantity.as_str(), of("rate of e (Hz)").unit), ("rate of e", "Hz"));
        assert_eq!(of("f (X - I)").unit, "");
        for quantity in ["rate of e (Hz)", "r + W^-1 (X - I/sqrt N) (Hz)", "f"] {
            assert_eq!(of(quantity).quantity_with_unit(), quantity);
        }
    }

    #[test]
    fn tables_for_papers_keep_their_columns() {
        let odd = Comparison { label: "a|b_c & 5 %".into(), ..claimed(Claim::Equals, 1.0, Estimate::exact(1.0), 0.0) };
        let text = markdown(std::slice::from_ref(&odd));
        assert!(text.lines().all(|line| line.replace("\\|", "").matches('|').count() == 11), "{text}");
        let text = latex(&[odd]);
        let row = text.lines().nth(4).expect("a row");
        assert!(row.contains(r"a|b\_c \& 5 \%") && row.ends_with(r"\\"), "{row}");
        assert_eq!(row.replace(r"\&", "").matches('&').count(), 9, "{row}");
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
