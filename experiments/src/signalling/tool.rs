//! `signalling adjust FILE.toml --target NAME`: local adjustment of a system of the user's own.

use clap::Subcommand;
use lab::plot::{self, Axis, Kind, Panel};
use lab::{Failure, Outcome, Parsed, SeriesTable, System, WholeFolder};
use serde::Serialize;
use signalling::{
    Adjusted, Change, Fit, Function, FunctionError, Options, ReactionSystem, Shape, Status, Target, adjust,
    smallest_error, steady_states,
};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use systems::reaction_network::{ReactionNetwork, refused};

/// Commands of this source alone.
#[derive(Subcommand)]
#[command(about = "The figures of protein signalling functions, and reaction systems of your own")]
pub enum Tool {
    /// Gives a function of a reaction system a new shape, and brings others back that this has moved
    Adjust {
        /// A file of kind reaction-network, with [[targets]]
        file: PathBuf,
        /// The targets that are wanted, by their function; may be given several times [default: all]
        #[arg(long, value_name = "NAME")]
        target: Vec<String>,
        /// Largest relative error, of targets and of all other functions
        #[arg(long, default_value_t = 0.1, allow_negative_numbers = true)]
        error: f64,
        /// The same of other functions alone [default: as --error]
        #[arg(long, allow_negative_numbers = true)]
        others: Option<f64>,
        /// Most sweeps over all functions
        #[arg(long, default_value_t = 50, allow_negative_numbers = true)]
        sweeps: i64,
        /// Prints JSON
        #[arg(long)]
        json: bool,
        /// Folder for the adjusted system, to go on from, and all curves before and after
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

/// A file of the adjusted system.
#[derive(Serialize)]
struct Written<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    label: &'a str,
    #[serde(flatten)]
    system: ReactionNetwork,
}

/// What is printed as JSON.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    status: &'a Status,
    sweeps: usize,
    steady_states: usize,
    /// ε*; none where no error is reached.
    smallest_error: Option<f64>,
    changes: &'a [Change],
    errors: &'a [FunctionError],
    /// Hyperbolas that are nearest to what functions are now.
    shapes: &'a [Hyperbola],
}

/// The hyperbola nearest to a function over the range of its input.
#[derive(Serialize)]
struct Hyperbola {
    function: String,
    ymax: f64,
    #[serde(rename = "C")]
    half: f64,
    /// Largest relative difference of the function from it.
    difference: f64,
    /// Condition number of the fit: above a hundred or so ymax and C are not known well, though the curve is.
    condition: f64,
}

/// What the tool prints.
///
/// # Errors
/// [`Failure::Input`] for systems and targets that are none, [`Failure::Output`] where a file cannot be written.
pub fn tool(tool: Tool) -> Result<String, Failure> {
    let Tool::Adjust { file, target, error, others, sweeps, json, out } = tool;
    let (file, text) = if file == Path::new("-") {
        (PathBuf::from("standard input"), std::io::read_to_string(std::io::stdin()))
    } else {
        let text = std::fs::read_to_string(&file);
        (file, text)
    };
    let text = text.map_err(|e| Failure::Input(format!("cannot read {}: {e}", file.display())))?;
    let (label, asked) = read(&file, &text)?;
    let refused = |e| refused(e).within(&file);
    let targets = wanted(&file, asked.targets, &target)?;
    for (option, value) in [("--error", Some(error)), ("--others", others)] {
        if let Some(value) = value.filter(|value| !(*value > 0.0 && *value <= 10.0)) {
            let value = if value.abs() < 1e15 { value.to_string() } else { format!("{value:e}") };
            return Err(Failure::Input(format!("{option}: {value} (allowed: above 0, to 10)")));
        }
    }
    let Some(sweeps) = usize::try_from(sweeps).ok().filter(|sweeps| (1..=100_000).contains(sweeps)) else {
        return Err(Failure::Input(format!("--sweeps: {sweeps} (allowed: 1 to 100000)")));
    };
    let options = Options { target: error, others: others.unwrap_or(error), sweeps };
    let adjusted = adjust(&asked.network, &targets, options).map_err(refused)?;
    let smallest = smallest_error(&adjusted, &asked.network, &targets).map_err(refused)?;
    let shapes = shapes(&adjusted.system);
    let told = Told {
        status: &adjusted.status,
        sweeps: adjusted.sweeps,
        steady_states: adjusted.solves,
        smallest_error: smallest.is_finite().then_some(smallest),
        changes: &adjusted.changes,
        errors: &adjusted.errors,
        shapes: &shapes,
    };
    let told = serde_json::to_string_pretty(&told).map_err(|e| Failure::Output(e.to_string()))?;
    if let Some(out) = out {
        keep(&out, (&label, &asked.network), &adjusted, &targets, &told)?;
        lab::talk(format!("kept in {}", out.display()));
    }
    if json {
        return Ok(told);
    }
    Ok(table(&adjusted, smallest, &shapes))
}

/// Label and network of a file.
fn read(file: &Path, text: &str) -> Result<(String, ReactionNetwork), Failure> {
    let parsed = Parsed::new(file, text)?;
    if let Some(kind) = parsed.header.kind.as_deref().filter(|kind| *kind != ReactionNetwork::KIND) {
        return Err(Failure::Input(format!(
            "{}: kind: {kind:?} (allowed: {:?})",
            file.display(),
            ReactionNetwork::KIND
        )));
    }
    let mut plans = parsed.plans::<ReactionNetwork>()?;
    let (Some(plan), true) = (plans.pop(), plans.is_empty()) else {
        return Err(Failure::Input(format!("{}: several plans (allowed: one network)", file.display())));
    };
    if !plan.sweep.is_empty() {
        lab::talk("note: the network is adjusted as it stands; what the file sweeps is left aside");
    }
    plan.system.validate().map_err(|e| e.within(file))?;
    Ok((plan.label, plan.system))
}

/// The targets of these functions; all if none is named.
fn wanted(file: &Path, all: Vec<Target>, names: &[String]) -> Result<Vec<Target>, Failure> {
    let known: Vec<String> = all.iter().map(|target| target.function.clone()).collect();
    if let Some(name) = names.iter().find(|name| !known.contains(name)) {
        let known = if known.is_empty() { "none: the file has no [[targets]]".into() } else { known.join(", ") };
        return Err(Failure::Input(format!("--target: {name:?} (allowed for {}: {known})", file.display())));
    }
    Ok(all.into_iter().filter(|target| names.is_empty() || names.contains(&target.function)).collect())
}

/// Writes the adjusted system, what is told of it, and all curves before and after.
fn keep(
    out: &Path,
    (label, before): (&str, &ReactionSystem),
    adjusted: &Adjusted,
    targets: &[Target],
    told: &str,
) -> Result<(), Failure> {
    let written = Written {
        kind: ReactionNetwork::KIND,
        label,
        system: ReactionNetwork { network: adjusted.system.clone(), targets: targets.to_vec() },
    };
    let system = toml::to_string(&written).map_err(|e| Failure::Output(e.to_string()))?;
    let outcome = Outcome { series: series(before, &adjusted.system, targets), ..Outcome::default() };
    let names: Vec<&str> = before.functions.iter().map(Function::name).collect();
    let panels: Vec<Vec<Panel>> =
        names.chunks(3).map(|row| row.iter().map(|name| panel(&outcome, name)).collect()).collect();
    let figure = plot::Figure::new(55.0, panels)
        .key(Kind::Line, "before")
        .key(Kind::Points, "after")
        .key(Kind::Dashed, "target");
    let svg = plot::svg(
        &figure,
        "signalling functions before and after local adjustment",
        "Outputs against inputs while the source runs.",
    );
    WholeFolder::prepare(out)?;
    let folder = WholeFolder::begin(out)?;
    lab::write(&folder.path().join("adjusted.toml"), system.as_bytes())?;
    lab::write(&folder.path().join("adjustment.json"), told.as_bytes())?;
    lab::write_frame(&folder.path().join("figure.parquet"), &figure.frame(), &[])?;
    lab::write_figure(folder.path(), &svg, &[])?;
    folder.finish()
}

/// Curves of all functions, and of the targets.
fn series(before: &ReactionSystem, after: &ReactionSystem, targets: &[Target]) -> SeriesTable {
    let mut table = SeriesTable::new();
    for (name, system) in [("before", before), ("after", after)] {
        // Where there is no steady state there is no curve to be shown.
        let Ok(states) = steady_states(system) else { continue };
        for function in &system.functions {
            let at = |name: &str| system.species.iter().position(|own| own.name == name);
            let (Some(input), Some(output)) = (at(&function.input), at(&function.output)) else { continue };
            table.curve(function.name(), name, states.iter().map(|state| (state[input], state[output])));
        }
    }
    for Target { function, shape, from, to, .. } in targets {
        let input = (0..=40).map(|k| from + (to - from) * f64::from(k) / 40.0);
        table.curve(function, "target", input.map(|x| (x, shape.at(x))));
    }
    table
}

/// Hyperbolas of all functions that have one.
fn shapes(system: &ReactionSystem) -> Vec<Hyperbola> {
    let Ok(states) = steady_states(system) else { return Vec::new() };
    let at = |name: &str| system.species.iter().position(|own| own.name == name);
    let of = |function: &Function| {
        let (input, output) = (at(&function.input)?, at(&function.output)?);
        let points: Vec<(f64, f64)> = states.iter().map(|state| (state[input], state[output])).collect();
        let Fit { shape, error, condition } = Shape::fit(&points, false)?;
        let function = function.name().to_owned();
        Some(Hyperbola { function, ymax: shape.ymax, half: shape.half, difference: error, condition })
    };
    system.functions.iter().filter_map(of).collect()
}

fn panel(outcome: &Outcome, name: &str) -> Panel {
    Panel::new("", name, Axis::log("input"), Axis::log("output")).with([
        outcome.mark(Kind::Line, 7, "", name, "before"),
        outcome.mark(Kind::Points, 0, "", name, "after"),
        outcome.mark(Kind::Dashed, 4, "", name, "target"),
    ])
}

/// The same for readers.
fn table(adjusted: &Adjusted, smallest: f64, shapes: &[Hyperbola]) -> String {
    let status = match &adjusted.status {
        Status::Converged => "converged: all errors are within what is allowed".to_owned(),
        Status::NotFeasible(reason) => format!("not feasible: {reason}"),
        Status::Stalled => "stalled: sweeps no longer make errors smaller".to_owned(),
        Status::MaxSweeps => "so many sweeps were not enough".to_owned(),
        Status::NoSteadyState => "rates on the way leave no steady state".to_owned(),
        Status::RangeNotCovered => {
            "at the rates as they are the source does not bring the input through the range of the target".to_owned()
        }
        Status::FoldedInput(function) => format!(
            "{function}: its input turns back while the source goes on, or several steady states belong to some amounts of it"
        ),
    };
    let mut text = format!("{status}\n{} sweeps, {} steady states", adjusted.sweeps, adjusted.solves);
    // Writing to a string does not fail.
    let _ = match smallest.is_finite() {
        true => write!(text, "\nsmallest common error that was found: {smallest:.3e}"),
        false => write!(text, "\nno common error was reached"),
    };
    for change in &adjusted.changes {
        let rate = format!("{:?}", change.rate).to_lowercase();
        let _ = write!(text, "\n{} {rate} × {:.6}", change.reaction, change.factor);
    }
    let widest = adjusted.errors.iter().map(|own| own.function.chars().count()).max().unwrap_or(0).max(8);
    let _ = write!(text, "\n{:widest$}  hops  error", "function");
    for own in &adjusted.errors {
        let hop = own.hop.map_or("-".into(), |hop| hop.to_string());
        let what = match (own.target, own.extrapolated) {
            (true, _) => "  target",
            (_, true) => "  inputs have left their range: fitted hyperbolas are compared",
            _ => "",
        };
        let _ = write!(text, "\n{:widest$}  {hop:>4}  {:.3e}{what}", own.function, own.error);
    }
    if !shapes.is_empty() {
        let _ = write!(text, "\n{:widest$}  hyperbola nearest to it now", "function");
    }
    for Hyperbola { function, ymax, half, difference, condition } in shapes {
        let _ = write!(
            text,
            "\n{function:widest$}  ymax {ymax:.4e}, C {half:.4e}, to {difference:.1e}, condition {condition:.0}"
        );
    }
    text
}
