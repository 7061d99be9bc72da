//! The comparison table for readers: rounded, the verdict first; for a terminal, in Markdown and in LaTeX.

use crate::Comparison;
use std::fmt::Write;

/// Headings of the table for readers.
const HEADINGS: [&str; 10] =
    ["verdict", "quantity", "theory", "claim", "label", "x", "predicted", "simulated", "99.9 %", "bias"];

/// A row for readers: rounded, the verdict first.
fn rounded(row: &Comparison) -> [String; 10] {
    [
        row.verdict().name().into(),
        row.quantity_with_unit(),
        row.theory_name.clone(),
        row.claim.name().into(),
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

/// Four significant digits.
pub fn short(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let magnitude = libm::log10(value.abs()).floor() as i32;
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
    use crate::{Claim, Estimate, row};

    fn claimed(claim: Claim, theory: f64, simulation: Estimate, bias: f64) -> Comparison {
        Comparison { claim, x: 1.0, theory, simulation, bias, ..row("A", "f, \"active\"", "t", "") }
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
}
