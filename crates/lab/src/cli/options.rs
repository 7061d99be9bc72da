//! Options that commands share.

use crate::plot::Format;
use crate::run::{Mode, Output, run_all};
use crate::{AnyExperiment, Build, Failure, Memory, Scale, Source, provenance, talk};
use clap::Args;
use model::Seed;
use std::path::{Path, PathBuf};

/// Options of every command that computes.
#[derive(Args, Clone, Debug)]
pub(super) struct Options {
    /// Small networks and short runs: all figures in a few minutes
    #[arg(long)]
    pub(super) quick: bool,
    /// Folder for the results [default: results, or results-quick with --quick]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Computes figures again that this build has finished with the same parameters and seed
    #[arg(long)]
    again: bool,
    /// Compares the tables with those in the folder of the results, and writes nothing
    #[arg(long, conflicts_with_all = ["again", "format"])]
    check: bool,
    #[command(flatten)]
    figure: FigureFormats,
    #[command(flatten)]
    machine: Machine,
}

/// How figures are kept.
#[derive(Args, Clone, Debug)]
pub(super) struct FigureFormats {
    /// Keeps figures in this format too, besides SVG; may be given several times
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub(super) format: Vec<Format>,
}

impl Options {
    pub(super) fn run(
        &self,
        chosen: &[(&'static Source, &'static dyn AnyExperiment)],
        build: Build,
        after_each: impl FnMut(),
    ) -> Result<u8, Failure> {
        let memory = self.machine.start()?;
        let seed = Seed(self.machine.seed);
        let folder = self.out();
        let output = self.figure.output(&folder)?;
        let what = (scale(self.quick), seed, self.mode());
        let code = run_all(chosen, what, output, (memory, build), after_each)?;
        Ok(if self.machine.exit_zero { 0 } else { code })
    }

    pub(super) fn mode(&self) -> Mode {
        match (self.check, self.again) {
            (true, _) => Mode::Check,
            (_, true) => Mode::Again,
            _ => Mode::Keep,
        }
    }

    /// Folder for the results: those of a quick run replace no others.
    pub(super) fn out(&self) -> PathBuf {
        let usual = if self.quick { "results-quick" } else { "results" };
        self.out.clone().unwrap_or_else(|| usual.into())
    }
}

impl FigureFormats {
    /// Where results go, in these formats.
    pub(super) fn output<'a>(&'a self, folder: &'a Path) -> Result<Output<'a>, Failure> {
        self.format.iter().try_for_each(|format| format.check())?;
        Ok(Output { folder, formats: &self.format })
    }
}

/// The seed, and what of the machine may be used.
#[derive(Args, Clone, Debug)]
pub struct Machine {
    /// Seed of all random draws
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true)]
    pub seed: u64,
    /// Exits with 0 where claims miss, for workflow engines
    #[arg(long)]
    pub(super) exit_zero: bool,
    #[command(flatten)]
    resources: Resources,
}

/// What of the machine may be used.
#[derive(Args, Clone, Debug)]
pub(super) struct Resources {
    /// Threads, at most one a core; results do not depend on it [default: all cores]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    threads: Option<usize>,
    /// Lets --threads exceed the number of cores
    #[arg(long, requires = "threads")]
    oversubscribe: bool,
    /// Memory that may be taken, in GiB [default: what is free]
    #[arg(long, value_name = "GIB", allow_negative_numbers = true)]
    memory_limit: Option<f64>,
}

impl Machine {
    /// Starts the threads, and says how much memory they may take.
    ///
    /// # Errors
    /// [`Failure::Input`] for options that are not allowed.
    pub fn start(&self) -> Result<Memory, Failure> {
        self.resources.start()
    }
}

impl Resources {
    /// Options that give another process the same.
    pub(super) fn options(&self) -> Vec<String> {
        let threads = self.threads.map(|n| format!("--threads={n}"));
        let limit = self.memory_limit.map(|gib| format!("--memory-limit={gib}"));
        let oversubscribe = self.oversubscribe.then(|| "--oversubscribe".to_owned());
        threads.into_iter().chain(limit).chain(oversubscribe).collect()
    }

    pub(super) fn start(&self) -> Result<Memory, Failure> {
        const MOST: usize = 4096;
        let limit = match self.memory_limit {
            Some(gib) if gib > 0.0 && gib.is_finite() => Some(gib * f64::from(1 << 30)),
            Some(gib) => return Err(Failure::Input(format!("--memory-limit: {gib} (allowed: above 0 GiB)"))),
            None => provenance::available_memory(),
        };
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = match self.threads {
            Some(n) if n == 0 || n > MOST => {
                return Err(Failure::Input(format!("--threads: {n} (allowed: 1 to {MOST})")));
            }
            Some(n) if n > cores && !self.oversubscribe => {
                talk(format!("note: --threads {n}: {cores} are used, one a core (--oversubscribe takes more)"));
                cores
            }
            Some(n) => n,
            None => cores,
        };
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build_global()
            .map_err(|e| Failure::Input(format!("--threads: {threads}: {e}")))?;
        let memory = Memory { limit, threads };
        memory.impose();
        Ok(memory)
    }
}

pub(super) fn scale(quick: bool) -> Scale {
    if quick { Scale::Quick } else { Scale::Paper }
}
