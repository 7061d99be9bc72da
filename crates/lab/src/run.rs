//! Computing figures, and keeping what they give.

use crate::compare::reservations;
use crate::parts::{Parts, Share};
use crate::provenance::{Missed, Provenance};
use crate::store::WholeFolder;
use crate::{
    AnyExperiment, Bench, Build, Comparison, Failure, Frame, Outcome, Scale, Source, Tally, Verdict, columns, plot,
    readers, store, talk,
};
use model::Seed;
use serde::Deserialize;
use std::collections::HashSet;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// How much memory may be taken, and by how many runs at once.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Bytes; `None` where the system does not say what is free.
    pub limit: Option<f64>,
    /// Threads.
    pub threads: usize,
}

/// Bytes that a run may take, as bits; infinite until a command has said.
static SHARE: AtomicU64 = AtomicU64::new(f64::INFINITY.to_bits());

/// Bytes that each of the runs of this command side by side may take: of what cannot be foretold, a run stops where it has taken them.
pub fn memory_of_a_run() -> f64 {
    f64::from_bits(SHARE.load(Ordering::Relaxed))
}

impl Memory {
    /// Makes the limit that of all runs of this process.
    pub(crate) fn impose(&self) {
        let share = self.limit.map_or(f64::INFINITY, |limit| limit / self.threads as f64);
        SHARE.store(share.to_bits(), Ordering::Relaxed);
    }

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

/// Where results go.
#[derive(Clone, Copy, Debug)]
pub struct Output<'a> {
    /// The folder.
    pub folder: &'a Path,
    /// Formats of figures besides SVG.
    pub formats: &'a [plot::Format],
}

/// What becomes of figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// They are kept; what the same build has finished with the same parameters and seed is not computed again.
    Keep,
    /// They are computed and kept, whatever stands there.
    Again,
    /// Their tables are compared with those that stand there; nothing is written.
    Check,
}

/// Computes the figures one after another, the cheapest first, and keeps each under `out`; the exit code says whether all claims agree, or, in a
/// check, whether all tables are those that stand there. `after_each` is called when a figure has been kept.
///
/// # Errors
/// Failures of the figures and of the disk.
pub fn run_all(
    chosen: &[(&'static Source, &'static dyn AnyExperiment)],
    (scale, seed, mode): (Scale, Seed, Mode),
    out: Output,
    (memory, build): (Memory, Build),
    mut after_each: impl FnMut(),
) -> Result<u8, Failure> {
    let mut chosen = chosen.to_vec();
    chosen.sort_by(|(_, a), (_, b)| a.seconds(scale).total_cmp(&b.seconds(scale)));
    let folder = |source: &Source, figure: &dyn AnyExperiment| out.folder.join(source.name).join(figure.name());
    let (mut total, mut complaints) = (Tally::default(), Vec::new());
    let mut to_do = Vec::new();
    for (source, figure) in chosen {
        let provenance = Provenance {
            source: source.name.into(),
            figure: figure.name().into(),
            scale: Some(scale),
            parameters: figure.params_json(scale),
            seed,
            ..Provenance::new(build, memory.threads)
        };
        let folder = folder(source, figure);
        let name = format!("{}/{}", source.name, figure.name());
        if let Some(finished) = (mode == Mode::Keep).then(|| finished(&folder, &provenance, out.formats)).flatten() {
            talk(format!("{name}: {}, finished by this build (--again computes it again)", finished.verdicts));
            total = total.and(finished.verdicts);
            complaints.extend(finished.missed.iter().map(|missed| missed.about(&name)));
            continue;
        }
        match (mode, std::fs::metadata(folder.join("comparison.csv"))) {
            (Mode::Check, Err(error)) => {
                complaints
                    .push(format!("differs: {name}: cannot read {}: {error}", folder.join("comparison.csv").display()));
                continue;
            }
            (Mode::Check, Ok(_)) => {}
            _ => WholeFolder::prepare(&folder)?,
        }
        memory.check(&name, figure.memory(scale))?;
        to_do.push((provenance, figure, folder, name));
    }
    let parts = (mode == Mode::Keep)
        .then(|| Parts::beside(out.folder, &format!("figures {scale:?} {seed:?}"), &[], Share::All, build))
        .transpose()?;
    let mut bench = Bench::new().with(parts);
    bench.expect(to_do.iter().map(|(_, figure, ..)| figure.seconds(scale)).collect());
    for (mut provenance, figure, folder, name) in to_do {
        let started = Instant::now();
        let mut outcome = figure.run(scale, seed, &bench)?;
        bench.finish();
        outcome.notes.extend(reservations(&outcome.comparisons));
        provenance.conclude(&outcome, Some(figure), started.elapsed().as_secs_f64());
        bench.say(&format!("{name}: {}, {:.1} s", provenance.verdicts, provenance.seconds));
        if mode == Mode::Check {
            complaints.extend(differences(&folder, &outcome).map(|what| format!("differs: {name}: {what}")));
        } else {
            keep(Output { folder: &folder, ..out }, figure, &outcome, &provenance)?;
            complaints.extend(provenance.missed.iter().map(|missed| missed.about(&name)));
            after_each();
        }
        bench.figure_done();
        total = total.and(provenance.verdicts);
    }
    bench.finish_parts();
    talk(format!("all figures: {total}"));
    complaints.iter().for_each(talk);
    Ok(u8::from(!complaints.is_empty()))
}

/// What stands in a folder, if the same build has finished the same figure there with the same parameters and seed.
fn finished(folder: &Path, wanted: &Provenance, formats: &[plot::Format]) -> Option<Finished> {
    // Two builds from sources that no commit names may differ.
    if wanted.commit.ends_with("-dirty") || wanted.commit == "unknown" {
        return None;
    }
    let ends = |file: &str, end: &[u8]| std::fs::read(folder.join(file)).is_ok_and(|bytes| bytes.ends_with(end));
    let whole = ends("comparison.csv", b"\n")
        && ends("figure.svg", b"</svg>\n")
        && ends("rows.parquet", b"PAR1")
        && ends("figure.parquet", b"PAR1")
        && formats.iter().all(|format| folder.join(format!("figure.{}", format.ending())).is_file());
    if !whole {
        return None;
    }
    let run: serde_json::Value = serde_json::from_slice(&std::fs::read(folder.join("run.json")).ok()?).ok()?;
    // As text and back, as the other has gone.
    let wanted: serde_json::Value = serde_json::from_str(&wanted.of_data().to_string()).ok()?;
    let table = std::fs::read(folder.join("comparison.csv")).ok()?;
    if run["table"] != digest(&table) {
        return None;
    }
    let same = wanted.as_object()?.iter().all(|(key, value)| run[key.as_str()] == *value);
    if same { serde_json::from_value(run).ok() } else { None }
}

/// FNV-1a of a file, by which a table is known to be the one that was written.
pub fn digest(bytes: &[u8]) -> String {
    let hash = bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}

/// What run.json says of a figure that stands there.
#[derive(Deserialize)]
struct Finished {
    verdicts: Tally,
    missed: Vec<Missed>,
}

/// How a table differs from the one that stands in a folder; `None` if it does not.
fn differences(folder: &Path, outcome: &Outcome) -> Option<String> {
    let path = folder.join("comparison.csv");
    let kept = match std::fs::read_to_string(&path) {
        Ok(kept) => kept,
        Err(error) => return Some(format!("cannot read {}: {error}", path.display())),
    };
    different_rows(&kept, &columns::csv(&outcome.comparisons)).map(|what| format!("{}: {what}", path.display()))
}

/// How a table differs from another, both as text; `None` if it does not.
pub fn different_rows(kept: &str, now: &str) -> Option<String> {
    if kept == now {
        return None;
    }
    let [kept, now] = [kept, now].map(|text| text.lines().skip(1).collect::<HashSet<&str>>());
    let (lost, new) = (kept.difference(&now).count(), now.difference(&kept).count());
    Some(match (lost, new) {
        (0, 0) => "the same rows, but not the same text: their order, how often they occur, or ends of lines".into(),
        _ => format!("{lost} rows are not there any more, {new} are new"),
    })
}

/// A row in words.
pub fn describe(row: &Comparison) -> String {
    format!(
        "panel {}, {} by {} ({} at {}): {} for {} ± {}, bias {}",
        row.panel,
        row.quantity_with_unit(),
        row.theory_name,
        row.label,
        readers::short(row.x),
        readers::short(row.theory),
        readers::short(row.simulation.mean),
        readers::short(row.simulation.half_width()),
        readers::short(row.bias)
    )
}

/// Claims that miss, in words.
pub fn missed(rows: &[Comparison], figure: Option<&dyn AnyExperiment>) -> Vec<Missed> {
    let all = rows.iter().filter(|row| row.verdict() == Verdict::Misses);
    let of = |row| Missed { row: describe(row), known: figure.is_some_and(|figure| figure.explains(row)) };
    all.map(of).collect()
}

/// Writes all files of a figure, and exchanges them with what stood there as one.
fn keep(
    Output { folder, formats }: Output,
    figure: &dyn AnyExperiment,
    outcome: &Outcome,
    provenance: &Provenance,
) -> Result<(), Failure> {
    if outcome.comparisons.is_empty() {
        return Err(Failure::Input(format!("{} compares nothing", provenance.figure)));
    }
    let mut keys = HashSet::new();
    if let Some(row) = outcome.comparisons.iter().find(|row| !keys.insert(row.key())) {
        return Err(Failure::Input(format!("{}: two rows are {}", provenance.figure, describe(row))));
    }
    let table = columns::csv(&outcome.comparisons);
    let mut run = serde_json::to_value(provenance).map_err(|e| Failure::output(folder, e))?;
    run["table"] = digest(table.as_bytes()).into();
    let whole = WholeFolder::begin(folder)?;
    let folder = whole.path();
    let metadata = [("provenance".to_owned(), provenance.of_data().to_string())];
    let drawn = figure.draw(outcome).of(&outcome.comparisons);
    for frame in [columns::into_frame(Frame::new("rows"), &outcome.comparisons), drawn.frame()] {
        store::write_frame(&folder.join(format!("{}.parquet", frame.name)), &frame, &metadata)?;
    }
    store::write_figure(folder, &plot::svg(&drawn, figure.title(), figure.caption()), formats)?;
    store::write(&folder.join("comparison.csv"), table.as_bytes())?;
    store::write(&folder.join("run.json"), format!("{run:#}\n").as_bytes())?;
    whole.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_this_build_has_finished_stands() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let build = |commit| Build { commit, compiler: "rustc", target: "here" };
        let of = |commit, seed| {
            let parameters = serde_json::json!({ "rate": 0.1 + 0.2, "size": 7 });
            Provenance { seed: Seed(seed), figure: "f".into(), parameters, ..Provenance::new(build(commit), 1) }
        };
        let finished = |provenance: &Provenance| finished(folder.path(), provenance, &[]);
        assert!(finished(&of("abc", 1)).is_none(), "nothing there");
        let mut kept = of("abc", 1);
        kept.missed.push(Missed { row: "a row".into(), known: true });
        let mut run = serde_json::to_value(&kept).expect("plain data");
        run["table"] = digest(b"\n").into();
        let files = [
            ("comparison.csv", "\n"),
            ("figure.svg", "</svg>\n"),
            ("rows.parquet", "PAR1"),
            ("figure.parquet", "PAR1"),
        ];
        for (file, text) in files {
            std::fs::write(folder.path().join(file), text).expect("writable");
        }
        assert!(finished(&of("abc", 1)).is_none(), "no run.json: a run has died here");
        std::fs::write(folder.path().join("run.json"), run.to_string()).expect("writable");
        // Threads and seconds change nothing.
        let stands = finished(&Provenance { threads: 8, seconds: 3.0, ..of("abc", 1) }).expect("the same");
        assert_eq!(stands.missed[0].about("s/f"), "misses (its text says why): s/f a row");
        std::fs::write(folder.path().join("comparison.csv"), "an edited table\n").expect("writable");
        assert!(finished(&of("abc", 1)).is_none(), "another table");
        std::fs::write(folder.path().join("comparison.csv"), "\n").expect("writable");
        assert!(finished(&of("abc", 2)).is_none(), "another seed");
        assert!(finished(&of("abd", 1)).is_none(), "another build");
        let other = Provenance { parameters: serde_json::json!({ "rate": 0.3, "size": 7 }), ..of("abc", 1) };
        assert!(finished(&other).is_none(), "other parameters");
        assert!(super::finished(folder.path(), &of("abc", 1), &[plot::Format::Png]).is_none(), "no such picture");
        std::fs::write(folder.path().join("figure.svg"), "<svg>half").expect("writable");
        assert!(finished(&of("abc", 1)).is_none(), "a cut picture");
        std::fs::write(folder.path().join("figure.svg"), "</svg>\n").expect("writable");
        let dirty = of("abc-dirty", 1);
        std::fs::write(folder.path().join("run.json"), serde_json::to_string(&dirty).expect("plain"))
            .expect("writable");
        assert!(finished(&dirty).is_none(), "two dirty builds may differ");
    }
}
