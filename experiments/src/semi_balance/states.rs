//! `semi-balance states FILE.json`: all states of the user's own circuits.

use clap::Subcommand;
use lab::{Failure, short};
use ndarray::{Array1, Array2};
use semibalance::{Circuit, States, all_states, balanced};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Commands of this source alone.
#[derive(Subcommand)]
#[command(about = "The figures of semi-balance, and circuits of your own")]
pub enum Tool {
    /// All solutions of r = [W r + X + r]+ for the circuits in a JSON file
    States {
        /// {"W": [[..]], "X": [..], "tau": [..]} (tau optional), or {"cases": [..]} of such with names
        file: PathBuf,
        /// A JSON object per circuit instead of a table
        #[arg(long)]
        json: bool,
    },
}

/// What the tool prints.
///
/// # Errors
/// [`Failure::Input`] for a file that holds no circuit.
pub fn tool(tool: Tool) -> Result<String, Failure> {
    let Tool::States { file, json } = tool;
    let text =
        std::fs::read_to_string(&file).map_err(|e| Failure::Input(format!("cannot read {}: {e}", file.display())))?;
    let parsed: File = serde_json::from_str(&text).map_err(|e| Failure::Input(format!("{}: {e}", file.display())))?;
    let many = matches!(parsed, File::Many { .. });
    let cases = match parsed {
        File::Many { cases, rest } => {
            if let Some(key) = ["W", "X", "tau"].into_iter().find(|key| rest.contains_key(*key)) {
                return Err(Failure::Input(format!(
                    "{}: {key} beside cases (allowed: in each of them)",
                    file.display()
                )));
            }
            cases
        }
        File::One(case) => vec![case],
    };
    if cases.is_empty() {
        return Err(Failure::Input(format!("{}: cases: none (allowed: 1 and more)", file.display())));
    }
    let solved: Vec<Solved> =
        cases.into_iter().enumerate().map(|(k, case)| solve(&file, k, case)).collect::<Result<_, _>>()?;
    if !json {
        return Ok(solved.iter().map(table).collect::<Vec<_>>().join("\n"));
    }
    let mut objects: Vec<Value> = solved.iter().map(object).collect();
    let value = if many { Value::Array(objects) } else { objects.remove(0) };
    serde_json::to_string_pretty(&value).map_err(|e| Failure::Output(format!("cannot write JSON: {e}")))
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "{\"W\": [[..]], \"X\": [..]} or {\"cases\": [..]} of such, with finite numbers")]
enum File {
    Many {
        cases: Vec<Case>,
        #[serde(flatten)]
        rest: Map<String, Value>,
    },
    One(Case),
}

/// A circuit; whatever else the object holds is left alone.
#[derive(Deserialize)]
struct Case {
    name: Option<String>,
    #[serde(rename = "W")]
    w: Vec<Vec<f64>>,
    #[serde(rename = "X")]
    x: Vec<f64>,
    tau: Option<Vec<f64>>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

struct Solved {
    name: String,
    circuit: Circuit,
    states: States,
}

fn solve(file: &Path, index: usize, case: Case) -> Result<Solved, Failure> {
    let name = case.name.unwrap_or_else(|| format!("case {}", index + 1));
    let refuse = |e: &dyn std::fmt::Display| Failure::Input(format!("{}, {name}: {e}", file.display()));
    if case.rest.contains_key("gain") {
        return Err(refuse(
            &"gain: states are those of N → ∞ (allowed: W, X, tau, name; a gain has a file of kind circuit)",
        ));
    }
    // Other keys are left alone; a slip must not change the answer.
    for key in case.rest.keys() {
        let letters = |word: &str| {
            let mut letters: Vec<char> = word.to_lowercase().chars().collect();
            letters.sort_unstable();
            letters
        };
        if let Some(meant) = ["W", "X", "tau", "name"].into_iter().find(|known| letters(known) == letters(key)) {
            return Err(refuse(&format!("{key}: unknown (did you mean {meant:?}?)")));
        }
    }
    let rows = case.w.len();
    let columns = case.w.first().map_or(0, Vec::len);
    if let Some(row) = case.w.iter().position(|row| row.len() != columns) {
        return Err(refuse(&format!("W[{row}]: {} entries (allowed: {columns}, as in W[0])", case.w[row].len())));
    }
    let w = Array2::from_shape_vec((rows, columns), case.w.into_iter().flatten().collect())
        .expect("all rows have the same length");
    let n = case.x.len();
    let tau = Array1::from(case.tau.unwrap_or_else(|| vec![1.0; n]));
    let circuit = Circuit::with_time_constants(w, Array1::from(case.x), tau).map_err(|e| refuse(&e))?;
    let states = all_states(&circuit).map_err(|e| refuse(&e))?;
    Ok(Solved { name, circuit, states })
}

fn object(solved: &Solved) -> Value {
    let balanced = balanced(&solved.circuit);
    let states: Vec<Value> = solved
        .states
        .states
        .iter()
        .map(|state| {
            json!({
                "r": state.r.to_vec(),
                "input": state.input.to_vec(),
                "support": state.support,
                "ties": state.ties,
                "stable": state.stability.stable,
                "growth": state.stability.growth,
                "oscillatory": state.stability.oscillatory,
                "index": state.index,
                "residual": state.residual,
            })
        })
        .collect();
    let continua: Vec<Value> = solved
        .states
        .continua
        .iter()
        .map(|continuum| {
            let lists = |points: &[Array1<f64>]| points.iter().map(|point| point.to_vec()).collect::<Vec<_>>();
            json!({"support": continuum.support, "ends": lists(&continuum.ends), "rays": lists(&continuum.rays)})
        })
        .collect();
    json!({
        "name": solved.name,
        "states": states,
        "continua": continua,
        "complete": solved.states.complete,
        "balanced": balanced.rates.map(|r| r.to_vec()),
        "condition": balanced.condition,
    })
}

fn table(solved: &Solved) -> String {
    let list = |values: &Array1<f64>| values.iter().map(|v| short(*v)).collect::<Vec<_>>().join(" ");
    let balanced = balanced(&solved.circuit);
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{}: states {}, continua {}; -W^-1 X = {}, condition {}",
        solved.name,
        solved.states.states.len(),
        solved.states.continua.len(),
        balanced.rates.map_or("none, W is singular".into(), |r| list(&r)),
        short(balanced.condition)
    );
    if !solved.states.complete {
        let _ = writeln!(text, "  perhaps not all: entries differ so widely that rounding hides signs");
    }
    for state in &solved.states.states {
        let kind = match (state.stability.stable, state.stability.oscillatory) {
            (true, _) if !state.ties.is_empty() => "stable within its support",
            (true, _) => "stable",
            (false, true) => "unstable, oscillatory",
            (false, false) => "unstable",
        };
        let edge = if state.ties.is_empty() { String::new() } else { format!(", at an edge in {:?}", state.ties) };
        let _ = writeln!(
            text,
            "  r = {}   input = {}   active {:?}, {kind}{edge}, residual {:.0e}",
            list(&state.r),
            list(&state.input),
            state.support,
            state.residual
        );
    }
    for continuum in &solved.states.continua {
        let ends: Vec<String> = continuum.ends.iter().map(list).collect();
        let rays: Vec<String> = continuum.rays.iter().map(|ray| format!("along {}", list(ray))).collect();
        let _ = writeln!(text, "  continuum, active {:?}: {}", continuum.support, [ends, rays].concat().join("; "));
    }
    text
}
