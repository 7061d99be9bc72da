//! The binaries as a user runs them: exit codes, one-line errors, whole files, any number of threads.

mod doctor;
mod figures;
mod nonsense;
mod own_networks;
mod parts;
mod recreate;
mod tools;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn binary(name: &str) -> Command {
    Command::new(match name {
        "reproduce" => env!("CARGO_BIN_EXE_reproduce"),
        "doctor" => env!("CARGO_BIN_EXE_doctor"),
        "recreate" => env!("CARGO_BIN_EXE_recreate"),
        "neurons" => env!("CARGO_BIN_EXE_neurons"),
        "plasticity" => env!("CARGO_BIN_EXE_plasticity"),
        "signalling" => env!("CARGO_BIN_EXE_signalling"),
        "semi-balance" => env!("CARGO_BIN_EXE_semi-balance"),
        "spiking" => env!("CARGO_BIN_EXE_spiking"),
        _ => env!("CARGO_BIN_EXE_sparse-balance"),
    })
}

fn run(arguments: &[&str]) -> Output {
    binary("sparse-balance").args(arguments).output().expect("runs")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("no signal")
}

fn error_line(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = text.lines().find(|l| l.starts_with("error: ")).unwrap_or_else(|| panic!("no error line in {text}"));
    assert!(!text.contains("panicked"), "{text}");
    line.to_owned()
}

/// A small network that runs in a second.
const SMALL: &str = r#"
replicates = 3
[protocol]
step = 0.02
scheme = "euler"
warm_up = 20.0
duration = 150.0
sampling = 0.1
[network]
response = "heaviside"
law = "gamma"
exponent = 0.5
mean = [[2.0]]
spread = [[2.0]]
[[network.populations]]
name = "I"
sign = "inhibitory"
size = 200
in_degree = 200
bias = 1.0
"#;

fn file(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("mine.toml");
    fs::write(&path, text).expect("a temporary folder is writable");
    path
}

fn compare(text: &str, more: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = file(folder.path(), text);
    let mut arguments = vec!["compare", path.to_str().expect("UTF-8")];
    arguments.extend(more);
    run(&arguments)
}

/// Rows of `compare` as (quantity, label, x, theory, simulation), numbers to ten digits: JSON is read to the last but one.
fn told(output: &Output) -> Vec<[String; 5]> {
    let rows: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)));
    let text = |value: &serde_json::Value| value.as_str().map_or_else(|| number(value.as_f64()), str::to_owned);
    let keys = ["quantity", "label", "x", "theory", "simulation"];
    rows.as_array().expect("an array").iter().map(|row| keys.map(|key| text(&row[key]))).collect()
}

fn number(value: Option<f64>) -> String {
    value.map_or("NaN".into(), |v| format!("{v:.9e}"))
}

/// A table of results, the same columns.
fn kept(path: &Path) -> Vec<[String; 5]> {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let cells = |line: &str| {
        let (mut all, mut quoted) = (vec![String::new()], false);
        for c in line.chars() {
            match c {
                '"' => quoted = !quoted,
                ',' if !quoted => all.push(String::new()),
                _ => all.last_mut().expect("one").push(c),
            }
        }
        all
    };
    text.lines()
        .skip(1)
        .map(cells)
        .map(|c| {
            [
                c[1].clone(),
                c[4].clone(),
                number(c[5].parse().ok()),
                number(c[6].parse().ok()),
                number(c[7].parse().ok()),
            ]
        })
        .collect()
}

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}
