//! `plasticity teach FILE.toml STATE.parquet`: a network of the user's own learns, what it has learned is kept, and it goes on learning from there.

use clap::Subcommand;
use lab::cli::Machine;
use lab::{Draw, Failure, Frame, FrameStream, Parsed, StoredFrame, System};
use model::{Seed, SpikingNetwork};
use serde::{Deserialize, Serialize};
use simulation::spiking::State;
use std::collections::HashMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use systems::plastic_spiking::{Course, PlasticSpikingSystem};

/// Commands of this source alone.
#[derive(Subcommand)]
#[command(about = "The figures of networks that learn, and networks of your own")]
pub enum Tool {
    /// Runs the lessons in a TOML file and keeps where the network has come to: the first realisation of `compare`
    Teach {
        /// A file of kind plastic-spiking-network
        file: PathBuf,
        /// Parquet file to write: cells, currents and synapses, to go on from
        state: PathBuf,
        /// State that another `teach` has kept, to go on from: of the same network, seed and step
        #[arg(long, value_name = "STATE")]
        from: Option<PathBuf>,
        /// Parquet file for the synapses that learn: cells that send and receive, and strengths in mV
        #[arg(long, value_name = "FILE")]
        strengths: Option<PathBuf>,
        /// Seed, threads, memory
        #[command(flatten)]
        machine: Machine,
    },
}

/// What a state is of.
#[derive(Serialize, Deserialize)]
struct Of {
    network: SpikingNetwork,
    seed: Seed,
    step: f64,
}

/// The key of it in the file.
const OF: &str = "state of";

/// What the tool prints: rates trial by trial.
///
/// # Errors
/// [`Failure::Input`] for lessons that cannot be run or do not go on from there, [`Failure::Output`] where a file cannot be written.
pub fn tool(tool: Tool) -> Result<String, Failure> {
    let Tool::Teach { file, state, from, strengths, machine } = tool;
    let text =
        std::fs::read_to_string(&file).map_err(|e| Failure::Input(format!("cannot read {}: {e}", file.display())))?;
    let parsed = Parsed::new(&file, &text)?;
    if parsed.header.kind.as_deref() != Some(PlasticSpikingSystem::KIND) {
        let (kind, allowed) = (parsed.header.kind.as_deref().unwrap_or("missing"), PlasticSpikingSystem::KIND);
        return Err(Failure::Input(format!("{}: kind: {kind:?} (allowed: {allowed:?})", file.display())));
    }
    let mut plans = parsed.plans::<PlasticSpikingSystem>()?;
    let (Some(plan), true) = (plans.pop(), plans.is_empty()) else {
        return Err(Failure::Input(format!("{}: several plans (allowed: one network)", file.display())));
    };
    if !plan.sweep.is_empty() {
        lab::talk("note: the network is taught as it stands; what the file sweeps is left aside");
    }
    let system = plan.system;
    system.validate().map_err(|e| e.within(&file))?;
    for path in [Some(&state), strengths.as_ref()].into_iter().flatten() {
        if file.canonicalize().is_ok_and(|own| path.canonicalize().is_ok_and(|target| own == target)) {
            return Err(Failure::Input(format!(
                "{}: the parameters are in this file (allowed: another one)",
                path.display()
            )));
        }
    }
    let same = |a: &Path, b: &Path| a == b || a.canonicalize().is_ok_and(|a| b.canonicalize().is_ok_and(|b| a == b));
    if let Some(strengths) =
        strengths.as_deref().filter(|own| same(own, &state) || from.as_ref().is_some_and(|from| same(own, from)))
    {
        return Err(Failure::Input(format!(
            "--strengths: {}: a state is kept there (allowed: another file)",
            strengths.display()
        )));
    }
    // Before minutes are spent.
    [Some(&state), strengths.as_ref()].into_iter().flatten().try_for_each(|path| FrameStream::prepare(path))?;
    let memory = machine.start()?;
    memory.check("network", system.memory())?;
    let before = from.as_deref().map(kept).transpose()?;
    let seed = Draw { command: Seed(machine.seed), case: plan.draw.unwrap_or(0), replicate: 0 }.seed();
    let (course, end) = system.teach(seed, before.as_ref()).map_err(|e| match &from {
        Some(from) => e.within(from),
        None => e,
    })?;
    keep(&state, &end, &text)?;
    if let Some(path) = &strengths {
        keep_strengths(path, &end, &text)?;
    }
    Ok(told(&system, &course, &end, &state))
}

/// What a file says of the state that it is of, and of the parameters that led to it.
fn metadata(state: &State, parameters: &str) -> [(String, String); 2] {
    let of = Of { network: state.network.clone(), seed: state.seed, step: state.length };
    [(OF.to_owned(), serde_json::json!(of).to_string()), ("parameters".to_owned(), parameters.to_owned())]
}

/// Keeps a state, kind by kind, in a Parquet file.
///
/// # Errors
/// [`Failure::Output`].
pub fn keep(path: &Path, state: &State, parameters: &str) -> Result<(), Failure> {
    let frame = |what: &str, of: u32, values: &[f64]| {
        Frame::new("state")
            .words("what", values.iter().map(|_| what.to_owned()))
            .whole("of", values.iter().map(|_| of))
            .numbers("value", values.iter().copied())
    };
    let mut stream = FrameStream::sealed(path, &frame("", 0, &[]), &metadata(state, parameters))?;
    for (what, of, values) in state.blocks() {
        stream.append(&frame(what, of, &values))?;
    }
    stream.finish()
}

/// The state that `teach` has kept in a file.
///
/// # Errors
/// [`Failure::Input`] where it holds none.
pub fn kept(path: &Path) -> Result<State, Failure> {
    let damaged = || Failure::Input(format!("{}: no state that `teach` has kept, or damaged", path.display()));
    let stored = StoredFrame::open(path)?;
    let of: Of = serde_json::from_str(stored.metadata(OF)?).map_err(|_| damaged())?;
    let (what, place, values) = (stored.words("what")?, stored.numbers("of")?, stored.numbers("value")?);
    if what.len() != values.len() || place.len() != values.len() {
        return Err(damaged());
    }
    let mut blocks: HashMap<(&str, u32), Vec<f64>> = HashMap::new();
    for ((what, place), value) in what.into_iter().zip(place).zip(values) {
        blocks.entry((what, place as u32)).or_default().push(value);
    }
    let block = |what: &str, place: u32| blocks.get(&(what, place)).cloned().unwrap_or_default();
    State::from_blocks(of.network, of.seed, of.step, block).ok_or_else(damaged)
}

/// Synapses that learn, with what they have made up for.
fn keep_strengths(path: &Path, state: &State, parameters: &str) -> Result<(), Failure> {
    let starts = state.network.starts();
    let names = &state.network.names;
    let frame = |rows: &[(usize, usize, usize, usize, f64)]| {
        Frame::new("strengths")
            .words("from", rows.iter().map(|row| names[row.0].clone()))
            .words("to", rows.iter().map(|row| names[row.1].clone()))
            .whole("source", rows.iter().map(|row| row.2 as u32))
            .whole("target", rows.iter().map(|row| row.3 as u32))
            .numbers("strength", rows.iter().map(|row| row.4))
    };
    let mut stream = FrameStream::sealed(path, &frame(&[]), &metadata(state, parameters))?;
    for own in &state.learned {
        let j = state.network.connections.strength[[own.to, own.from]];
        let mut rows = Vec::with_capacity(own.targets.len());
        for (source, target, strength) in own.current() {
            rows.push((own.from, own.to, starts[own.from] + source, starts[own.to] + target, j * strength));
        }
        stream.append(&frame(&rows))?;
    }
    stream.finish()
}

/// Rates by trial, and mean strengths at the end.
fn told(system: &PlasticSpikingSystem, course: &Course, end: &State, path: &Path) -> String {
    let names = &system.network.names;
    let mut text = format!("trial  {}", names.iter().map(|name| format!("{name:>8}")).collect::<String>());
    for (k, trial) in course.trials.iter().enumerate() {
        let rates: String = trial.rates.iter().map(|rate| format!("{rate:8.3}")).collect();
        // Writing to a string does not fail.
        let _ = write!(text, "\n{k:5}  {rates}");
    }
    for learned in course.learned.iter().last().into_iter().flatten() {
        let (from, to) = (&names[learned.from], &names[learned.to]);
        let _ = write!(text, "\nstrength from {from} to {to}: {:.4} mV, SD {:.4}", learned.mean, learned.sd);
    }
    let seconds = f64::from(end.step) * end.length / 1000.0;
    let _ = write!(text, "\n{}: the network after {seconds:.3} s in all", path.display());
    text
}
