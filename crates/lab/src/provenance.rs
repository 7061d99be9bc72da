//! Where a result came from: commit, compiler, machine, parameters.

use crate::Scale;
use model::Seed;
use serde::Serialize;
use std::process::Command;

/// What run.json holds.
#[derive(Clone, Debug, Serialize)]
pub struct Provenance {
    /// The source.
    pub source: String,
    /// The figure.
    pub figure: String,
    /// The scale.
    pub scale: Scale,
    /// All its parameters.
    pub parameters: serde_json::Value,
    /// The seed.
    pub seed: Seed,
    /// The commit of the code, `-dirty` if the working tree differed.
    pub commit: String,
    /// The compiler.
    pub compiler: &'static str,
    /// The processor.
    pub cpu: String,
    /// Threads used.
    pub threads: usize,
    /// Wall-clock seconds; 0 where an earlier figure had run the same simulations.
    pub seconds: f64,
    /// Rows of the comparison table.
    pub rows: usize,
    /// Rows that do not agree.
    pub misses: usize,
    /// What was seen that no row says.
    pub notes: Vec<String>,
}

/// The version of rustc that built this.
pub const COMPILER: &str = env!("EQUIPOISE_RUSTC");

/// The commit of the source tree, if it is one and git is there.
pub fn commit() -> String {
    let git = |arguments: &[&str]| {
        Command::new("git")
            .args(["-C", env!("CARGO_MANIFEST_DIR")])
            .args(arguments)
            .output()
            .ok()
            .filter(|out| out.status.success())
            .map(|out| String::from_utf8_lossy(&out.stdout).trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "HEAD"]) else { return "unknown".into() };
    // Results are what a run writes: they do not make the code dirty.
    let changed = git(&["status", "--porcelain", "--", ":/", ":(exclude,top)results"]);
    if changed.is_some_and(|c| c.is_empty()) { commit } else { commit + "-dirty" }
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
