//! Computing figures and comparisons, and keeping what they give.

use crate::provenance::{self, Provenance};
use crate::{AnyExperiment, Bench, Build, Claim, Comparison, Failure, Outcome, Scale, Source, comparison, plot, store};
use model::Seed;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What `compare` asks of a source.
pub struct CompareRequest {
    /// Where the text came from, for error messages.
    pub path: PathBuf,
    /// The TOML text.
    pub text: String,
    /// Seed.
    pub seed: Seed,
    /// Realisations; `None` for those of the file.
    pub replicates: Option<usize>,
    /// The memory that the run may take.
    pub memory: Memory,
}

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
        eprintln!("{what}: up to {} in {} parallel runs", size(needed), self.threads);
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
    let (mut rows, mut missed) = (0, Vec::new());
    for (source, figure) in &chosen {
        let started = Instant::now();
        let mut outcome = figure.run(scale, seed, &bench)?;
        bench.finish();
        outcome.notes.extend(reservations(&outcome.comparisons));
        let provenance = Provenance {
            source: source.name.into(),
            figure: figure.name().into(),
            scale,
            parameters: figure.params_json(scale),
            seed,
            commit: build.commit,
            compiler: build.compiler,
            cpu: provenance::cpu(),
            instruction_set: lanes::Isa::detect().name(),
            threads: memory.threads,
            seconds: started.elapsed().as_secs_f64(),
            rows: outcome.comparisons.len(),
            misses: outcome.comparisons.iter().filter(|c| c.agrees() == Some(false)).count(),
            notes: outcome.notes.clone(),
        };
        keep(&out.join(source.name).join(figure.name()), *figure, &outcome, &provenance)?;
        bench.say(&format!(
            "{}/{}: {} rows, {} do not agree, {:.1} s",
            source.name,
            figure.name(),
            provenance.rows,
            provenance.misses,
            provenance.seconds
        ));
        bench.figure_done();
        after_each();
        rows += provenance.rows;
        for row in outcome.comparisons.iter().filter(|c| c.agrees() == Some(false)) {
            missed.push(format!("{}/{} {}", source.name, figure.name(), describe(row)));
        }
    }
    eprintln!("{rows} rows, {} do not agree", missed.len());
    missed.iter().for_each(|line| eprintln!("does not agree: {line}"));
    Ok(u8::from(!missed.is_empty()))
}

fn describe(row: &Comparison) -> String {
    format!(
        "panel {}, {} by {} ({} at {}): {} for {} ± {}, bias {}",
        row.panel,
        row.quantity,
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
    let run = serde_json::to_string_pretty(provenance).map_err(|e| Failure::output(folder, e))? + "\n";
    let metadata = [("provenance".to_owned(), run.clone())];
    for frame in &outcome.frames {
        store::write_frame(&folder.join(format!("{}.parquet", frame.name)), frame, &metadata)?;
    }
    let svg = plot::svg(&figure.draw(outcome), &plot::font_face_css());
    store::write(&folder.join("figure.svg"), svg.as_bytes())?;
    store::write(&folder.join("comparison.csv"), comparison::csv(&outcome.comparisons).as_bytes())?;
    store::write(&folder.join("run.json"), run.as_bytes())
}

/// What a reader of the rows should know about their power.
fn reservations(rows: &[Comparison]) -> Vec<String> {
    let claims = rows.iter().filter(|row| row.claim != Claim::Contrast);
    let (all, weak) = (claims.clone().count(), claims.clone().filter(|row| row.is_weak()).count());
    let few = claims.filter(|row| matches!(row.simulation.replicates, 1 | 2)).count();
    let mut notes = Vec::new();
    if few > 0 {
        notes
            .push(format!("{few} of {all} claims rest on fewer than 3 realisations: without an error bar none agrees"));
    }
    if weak > 0 {
        notes.push(format!(
            "{weak} of {all} claims allow more than half of what they predict, by bias and sampling error: they say little"
        ));
    }
    notes
}

/// Theory beside simulation for the network in a file: its rows, and the exit code.
///
/// # Errors
/// Those of the file, and of the source.
pub fn compare(
    source: &'static Source,
    file: &Path,
    replicates: Option<usize>,
    seed: Seed,
    memory: Memory,
) -> Result<(Vec<Comparison>, u8), Failure> {
    const MOST: usize = 100_000;
    if let Some(r) = replicates.filter(|r| *r == 0 || *r > MOST) {
        return Err(Failure::Input(format!("--replicates: {r} (allowed: 1 to {MOST}; 3 or more for an error bar)")));
    }
    let text =
        std::fs::read_to_string(file).map_err(|e| Failure::Input(format!("cannot read {}: {e}", file.display())))?;
    let bench = Bench::new();
    let request = CompareRequest { path: file.to_owned(), text, seed, replicates, memory };
    let mut outcome = (source.compare)(&request, &bench)?;
    bench.finish();
    outcome.notes.extend(reservations(&outcome.comparisons));
    outcome.notes.iter().for_each(|note| eprintln!("note: {note}"));
    let missed = outcome.comparisons.iter().any(|c| c.agrees() == Some(false));
    Ok((outcome.comparisons, u8::from(missed)))
}
