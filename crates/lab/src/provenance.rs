//! Where a result came from: commit, compiler, machine, parameters.

use crate::{Scale, Tally};
use model::Seed;
use serde::Serialize;

/// What run.json holds.
#[derive(Clone, Debug, Serialize)]
pub struct Provenance {
    /// The source.
    pub source: String,
    /// The figure; empty for a user's own network.
    pub figure: String,
    /// The scale; none for a user's own network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
    /// All its parameters.
    pub parameters: serde_json::Value,
    /// The seed.
    pub seed: Seed,
    /// The commit of the code, `-dirty` if the sources differed from it.
    pub commit: &'static str,
    /// The compiler.
    pub compiler: &'static str,
    /// The processor.
    pub cpu: String,
    /// The instruction set of the kernels.
    pub instruction_set: &'static str,
    /// Threads used.
    pub threads: usize,
    /// Wall-clock seconds; 0 where an earlier figure had run the same simulations.
    pub seconds: f64,
    /// Rows of the comparison table.
    pub rows: usize,
    /// Rows by their verdict.
    pub verdicts: Tally,
    /// Claims that miss.
    pub misses: usize,
    /// What was seen that no row says.
    pub notes: Vec<String>,
}

/// What a binary was built from. Only its build script knows: the tree may have moved on since.
#[derive(Clone, Copy, Debug)]
pub struct Build {
    /// The commit, `-dirty` if the sources differed from it.
    pub commit: &'static str,
    /// The compiler.
    pub compiler: &'static str,
}

/// The processor's name.
pub fn cpu() -> String {
    std::fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| {
            text.lines().find_map(|l| l.strip_prefix("model name")?.split_once(':').map(|x| x.1.trim().to_owned()))
        })
        .unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}

/// Bytes of memory that are free to take; `None` where the system does not say.
pub fn available_memory() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|l| l.strip_prefix("MemAvailable:"))?;
    line.split_whitespace().next()?.parse::<f64>().ok().map(|kib| kib * 1024.0)
}
