//! `spiking record FILE.toml SPIKES.parquet`: spikes of the user's own network, streamed to a file.

use clap::Subcommand;
use lab::cli::Machine;
use lab::{Bench, Draw, Failure, Frame, FrameStream, Memory, Parsed, System};
use model::{Seed, Spike};
use simulation::spiking::{spiking_memory, stream_spiking};
use std::ops::ControlFlow;
use std::path::PathBuf;
use systems::spiking_network::SpikingSystem;

/// Commands of this source alone.
#[derive(Subcommand)]
#[command(about = "The figures of spiking networks, and networks of your own")]
pub enum Tool {
    /// Runs the network in a TOML file and streams its spikes to a Parquet file: the first realisation of `compare`
    Record {
        /// The file that `params` prints and `compare` reads
        file: PathBuf,
        /// Parquet file to write: time in ms after the transient, at the start of its step; cell and population, numbered from 0
        spikes: PathBuf,
        /// Seed, threads, memory
        #[command(flatten)]
        machine: Machine,
    },
}

/// Spikes of a row group.
const GROUP: usize = 1 << 20;

/// Parts of a run whose end is told.
const TICKS: usize = 100;

/// Bytes of a spike while its row group is made.
const SPIKE: f64 = 128.0;

/// What the tool prints.
///
/// # Errors
/// [`Failure::Input`] for a network that cannot be run, [`Failure::Output`] where the file cannot be written.
pub fn tool(tool: Tool) -> Result<String, Failure> {
    let Tool::Record { file, spikes, machine } = tool;
    let text =
        std::fs::read_to_string(&file).map_err(|e| Failure::Input(format!("cannot read {}: {e}", file.display())))?;
    let parsed = Parsed::new(&file, &text)?;
    if let Some(kind) = parsed.header.kind.as_deref().filter(|kind| *kind != SpikingSystem::KIND) {
        let allowed = SpikingSystem::KIND;
        return Err(Failure::Input(format!("{}: kind: {kind:?} (allowed: {allowed})", file.display())));
    }
    let mut plans = parsed.plans::<SpikingSystem>()?;
    let (Some(plan), true) = (plans.pop(), plans.is_empty()) else {
        return Err(Failure::Input(format!("{}: several plans (allowed: one network)", file.display())));
    };
    if !plan.sweep.is_empty() {
        lab::talk("note: the network is recorded as it stands; what the file sweeps is left aside");
    }
    let draw = plan.draw.unwrap_or(0);
    let mut params = plan.system;
    params.validate().map_err(|e| e.within(&file))?;
    // Nothing but spikes is kept.
    params.run.cells.clear();
    if file.canonicalize().is_ok_and(|own| spikes.canonicalize().is_ok_and(|target| own == target)) {
        return Err(Failure::Input(format!(
            "{}: the parameters are in this file (allowed: another one)",
            spikes.display()
        )));
    }
    let memory = machine.start()?;
    // One run, on all threads.
    Memory { threads: 1, ..memory }.check("network", spiking_memory(&params.network) + GROUP as f64 * SPIKE)?;
    let step = params.run.step;
    let starts = params.network.starts();
    let population = |spike: &Spike| starts.partition_point(|&start| start <= spike.cell as usize) as u32 - 1;
    let group = |events: &[Spike]| {
        Frame::new("spikes")
            .numbers("time", events.iter().map(|spike| f64::from(spike.step) * step))
            .whole("cell", events.iter().map(|spike| spike.cell))
            .whole("population", events.iter().map(population))
    };
    let names = serde_json::json!(params.network.names).to_string();
    let metadata = [
        ("populations".to_owned(), names),
        ("starts".to_owned(), serde_json::json!(starts).to_string()),
        ("seed".to_owned(), machine.seed.to_string()),
        ("parameters".to_owned(), text),
    ];
    let mut stream = FrameStream::create(&spikes, &group(&[]), &metadata)?;
    let (mut waiting, mut written, mut failed) = (Vec::with_capacity(GROUP), 0_usize, None);
    let bench = Bench::new();
    bench.begin("record", TICKS);
    let (mut ticks, every) = (0, params.run.duration / step / TICKS as f64);
    let seed = Draw { command: Seed(machine.seed), case: draw, replicate: 0 }.seed();
    let run = stream_spiking(&params.network, &params.run, seed, memory.threads, &mut |events| {
        waiting.extend_from_slice(events);
        while events.last().is_some_and(|spike| f64::from(spike.step) >= every * (ticks + 1) as f64) {
            bench.advance();
            ticks += 1;
        }
        if waiting.len() >= GROUP {
            written += waiting.len();
            failed = stream.append(&group(&waiting)).err();
            waiting.clear();
        }
        if failed.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    if let Some(failure) = failed {
        return Err(failure);
    }
    run.map_err(|e| Failure::Input(e.to_string()))?;
    bench.finish();
    written += waiting.len();
    stream.append(&group(&waiting))?;
    stream.finish()?;
    let cells = starts.last().copied().unwrap_or(0);
    Ok(format!("{}: {written} spikes of {cells} cells in {} ms", spikes.display(), params.run.duration))
}
