//! Computing figures, and keeping what they give.

use crate::compare::reservations;
use crate::provenance::{self, Provenance};
use crate::{
    AnyExperiment, Bench, Build, Comparison, Failure, Outcome, Scale, Source, Tally, Verdict, comparison, plot, store,
    talk,
};
use model::Seed;
use std::collections::HashSet;
use std::path::Path;
use std::time::Instant;

/// How much memory may be taken, and by how many runs at once.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Bytes; `None` where the system does not say what is free.
    pub limit: Option<f64>,
    /// Threads.
    pub threads: usize,
}

impl Memory {
    /// Prints what a run will take, and refuses what does not fit.
    ///
    /// # Errors
    /// [`Failure::Input`].
    pub fn check(&self, what: &str, bytes_a_run: f64) -> Result<(), Failure> {
        let needed = bytes_a_run * self.threads as f64;
        talk(format!("{what}: up to {} in {} parallel runs", size(needed), self.threads));
        match self.limit {
            Some(limit) if needed > limit => Err(Failure::Input(format!(
                "{what}: needs {} in {} parallel runs (allowed: {}); use fewer --threads, smaller networks or --memory-limit",
                size(needed),
                self.threads,
                size(limit)
            ))),
            _ => Ok(()),
        }
    }
}

/// Bytes in words.
fn size(bytes: f64) -> String {
    let gib = bytes / f64::from(1 << 30);
    if gib >= 1.0 { format!("{gib:.1} GiB") } else { format!("{:.1} MiB", gib * 1024.0) }
}

/// Computes the figures one after another, the cheapest first, and keeps each under `out`; the exit code says whether all rows agree.
/// `after_each` is called when a figure has been kept.
///
/// # Errors
/// Failures of the figures and of the disk.
pub fn run_all(
    chosen: &[(&'static Source, &'static dyn AnyExperiment)],
    scale: Scale,
    out: &Path,
    seed: Seed,
    (memory, build): (Memory, Build),
    mut after_each: impl FnMut(),
) -> Result<u8, Failure> {
    let mut chosen = chosen.to_vec();
    chosen.sort_by(|(_, a), (_, b)| a.seconds(scale).total_cmp(&b.seconds(scale)));
    for (source, figure) in &chosen {
        store::prepare(&out.join(source.name).join(figure.name()))?;
        memory.check(&format!("{}/{}", source.name, figure.name()), figure.memory(scale))?;
    }
    let mut bench = Bench::new();
    bench.expect(chosen.iter().map(|(_, figure)| figure.seconds(scale)).collect());
    let (mut total, mut missed) = (Tally::default(), Vec::new());
    for (source, figure) in &chosen {
        let started = Instant::now();
        let mut outcome = figure.run(scale, seed, &bench)?;
        bench.finish();
        outcome.notes.extend(reservations(&outcome.comparisons));
        let provenance = Provenance {
            source: source.name.into(),
            figure: figure.name().into(),
            scale: Some(scale),
            parameters: figure.params_json(scale),
            seed,
            commit: build.commit,
            compiler: build.compiler,
            cpu: provenance::cpu(),
            instruction_set: lanes::Isa::detect().name(),
            threads: memory.threads,
            seconds: started.elapsed().as_secs_f64(),
            rows: outcome.comparisons.len(),
            verdicts: Tally::of(&outcome.comparisons),
            misses: Tally::of(&outcome.comparisons).misses,
            notes: outcome.notes.clone(),
        };
        keep(&out.join(source.name).join(figure.name()), *figure, &outcome, &provenance)?;
        bench.say(&format!("{}/{}: {}, {:.1} s", source.name, figure.name(), provenance.verdicts, provenance.seconds));
        bench.figure_done();
        after_each();
        total = total.and(provenance.verdicts);
        for row in outcome.comparisons.iter().filter(|row| row.verdict() == Verdict::Misses) {
            missed.push(format!("{}/{} {}", source.name, figure.name(), describe(row)));
        }
    }
    talk(format!("all figures: {total}"));
    missed.iter().for_each(|line| talk(format!("misses: {line}")));
    Ok(u8::from(!missed.is_empty()))
}

/// A row in words.
pub fn describe(row: &Comparison) -> String {
    format!(
        "panel {}, {} by {} ({} at {}): {} for {} ± {}, bias {}",
        row.panel,
        row.quantity_with_unit(),
        row.theory_name,
        row.label,
        comparison::short(row.x),
        comparison::short(row.theory),
        comparison::short(row.simulation.mean),
        comparison::short(row.simulation.half_width()),
        comparison::short(row.bias)
    )
}

/// Writes all files of a figure, run.json last: where it stands, the rest is whole.
fn keep(folder: &Path, figure: &dyn AnyExperiment, outcome: &Outcome, provenance: &Provenance) -> Result<(), Failure> {
    if outcome.comparisons.is_empty() {
        return Err(Failure::Input(format!("{} compares nothing", provenance.figure)));
    }
    let mut keys = HashSet::new();
    if let Some(row) = outcome.comparisons.iter().find(|row| !keys.insert(row.key())) {
        return Err(Failure::Input(format!("{}: two rows are {}", provenance.figure, describe(row))));
    }
    let run = serde_json::to_string_pretty(provenance).map_err(|e| Failure::output(folder, e))? + "\n";
    let metadata = [("provenance".to_owned(), run.clone())];
    for frame in &outcome.frames {
        store::write_frame(&folder.join(format!("{}.parquet", frame.name)), frame, &metadata)?;
    }
    let (title, caption) = (figure.title(), figure.caption());
    let svg = plot::svg(&figure.draw(outcome), title, caption);
    store::write(&folder.join("figure.svg"), svg.as_bytes())?;
    store::write(&folder.join("comparison.csv"), comparison::csv(&outcome.comparisons).as_bytes())?;
    store::write(&folder.join("run.json"), run.as_bytes())
}
