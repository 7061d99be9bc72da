//! Where a result came from: commit, compiler, machine, parameters.

use crate::run::missed;
use crate::{AnyExperiment, Outcome, Scale, Tally};
use model::Seed;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::{Path, PathBuf};

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
    /// Claims that miss, in words.
    pub missed: Vec<Missed>,
    /// What was seen that no row says.
    pub notes: Vec<String>,
    /// Cases that could not be run, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
}

/// A claim that misses.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Missed {
    /// The row in words.
    pub row: String,
    /// Whether the text of the figure explains it.
    pub known: bool,
}

impl Missed {
    /// A line on it.
    pub fn about(&self, figure: &str) -> String {
        format!("misses{}: {figure} {}", if self.known { " (its text says why)" } else { "" }, self.row)
    }
}

impl Provenance {
    /// That of this build on this machine, of nothing yet.
    pub fn new(build: Build, threads: usize) -> Self {
        Provenance {
            source: String::new(),
            figure: String::new(),
            scale: None,
            parameters: serde_json::Value::Null,
            seed: Seed(0),
            commit: build.commit,
            compiler: build.compiler,
            cpu: cpu(),
            instruction_set: lanes::Isa::detect().name(),
            threads,
            seconds: 0.0,
            rows: 0,
            verdicts: Tally::default(),
            missed: Vec::new(),
            notes: Vec::new(),
            left_out: Vec::new(),
        }
    }

    /// Adds what was found.
    pub fn conclude(&mut self, outcome: &Outcome, figure: Option<&dyn AnyExperiment>, seconds: f64) {
        self.seconds = seconds;
        self.rows = outcome.comparisons.len();
        self.verdicts = Tally::of(&outcome.comparisons);
        self.missed = missed(&outcome.comparisons, figure);
        self.notes.clone_from(&outcome.notes);
        self.left_out.clone_from(&outcome.left_out);
    }

    /// What a finished figure is known by: source, parameters, seed and build, but not the machine and how long it took. The same data have the same.
    pub fn of_data(&self) -> serde_json::Value {
        json!({
            "source": self.source,
            "figure": self.figure,
            "scale": self.scale,
            "parameters": self.parameters,
            "seed": self.seed,
            "commit": self.commit,
            "compiler": self.compiler,
        })
    }
}

/// What a binary was built from. Only its build script knows: the tree may have moved on since.
#[derive(Clone, Copy, Debug)]
pub struct Build {
    /// The commit, `-dirty` if the sources differed from it.
    pub commit: &'static str,
    /// The compiler.
    pub compiler: &'static str,
    /// What it was compiled for.
    pub target: &'static str,
}

impl Build {
    /// What may be left out of a build and is in this one.
    pub fn features(self) -> &'static str {
        if cfg!(feature = "pdf") { "pdf" } else { "none" }
    }
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

/// Bytes of memory that are free to take, of the machine or of the job or container that this is in; `None` where the system does not say.
pub fn available_memory() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let free = 1024.0 * number_after(&text, "MemAvailable:")?;
    let own = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    Some(groups(&own, Path::new("/sys/fs/cgroup")).filter_map(|group| left(&group)).fold(free, f64::min).max(0.0))
}

/// Folders of the control groups that count the memory of a process, by its list of groups: of version 2, or of 1.
fn groups(own: &str, root: &Path) -> impl Iterator<Item = PathBuf> {
    let of = |line: &str| {
        let (_, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(":/")?;
        match controllers {
            "" => Some((root.to_owned(), path.to_owned())),
            _ => controllers.split(',').any(|own| own == "memory").then(|| (root.join("memory"), path.to_owned())),
        }
    };
    let all: Vec<(PathBuf, String)> = own.lines().filter_map(of).collect();
    all.into_iter().flat_map(|(root, path)| {
        let within = root.join(path);
        let above: Vec<PathBuf> =
            within.ancestors().take_while(|own| own.starts_with(&root)).map(Path::to_owned).collect();
        above
    })
}

/// Bytes that a control group may take besides what it has; what files are cached in it gives way. `None` where it has no limit.
fn left(group: &Path) -> Option<f64> {
    let read = |names: [&str; 2]| names.iter().find_map(|name| std::fs::read_to_string(group.join(name)).ok());
    let limit: f64 = read(["memory.max", "memory.limit_in_bytes"])?.trim().parse().ok()?;
    let taken: f64 = read(["memory.current", "memory.usage_in_bytes"])?.trim().parse().ok()?;
    let stat = read(["memory.stat"; 2]).unwrap_or_default();
    let cached = ["inactive_file ", "active_file "].iter().filter_map(|key| number_after(&stat, key)).sum::<f64>();
    Some(limit - taken + cached)
}

/// The number that follows a word at the start of a line.
fn number_after(text: &str, word: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(word))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_bound_what_is_free() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("writable");
        assert_eq!(left(folder.path()), None);
        put("memory.max", "max\n");
        put("memory.current", "3000\n");
        assert_eq!(left(folder.path()), None);
        put("memory.max", "10000\n");
        assert_eq!(left(folder.path()), Some(7000.0));
        put("memory.stat", "anon 7\ninactive_file 500\nactive_file 100\n");
        assert_eq!(left(folder.path()), Some(7600.0));
        let older = folder.path().join("older");
        std::fs::create_dir(&older).expect("writable");
        std::fs::write(older.join("memory.limit_in_bytes"), "800\n").expect("writable");
        std::fs::write(older.join("memory.usage_in_bytes"), "300\n").expect("writable");
        assert_eq!(left(&older), Some(500.0));
        let named = |own: &str| -> Vec<String> {
            groups(own, Path::new("/g")).map(|group| group.display().to_string()).collect()
        };
        assert_eq!(named("0::/job/step\n"), ["/g/job/step", "/g/job", "/g"]);
        assert_eq!(named("5:cpu,cpuacct:/c\n4:memory:/m\n1:name=systemd:/s\n"), ["/g/memory/m", "/g/memory"]);
        assert!(named("").is_empty());
        assert!(available_memory().is_none_or(|bytes| bytes >= 0.0 && bytes.is_finite()));
    }
}
