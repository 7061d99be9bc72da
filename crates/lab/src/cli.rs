//! The command line that all binaries share. Exit codes: 0 all agree, 1 some comparison does not,
//! 2 bad input, 3 files could not be written.

use crate::provenance::{self, Provenance};
use crate::{AnyExperiment, Bench, Failure, Outcome, Scale, Source, comparison, input, plot, report, store};
use clap::{Args, Parser, Subcommand};
use model::Seed;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// Options of every command that computes.
#[derive(Args, Clone, Debug)]
struct Options {
    /// Small networks and short runs: all figures in a few minutes
    #[arg(long)]
    quick: bool,
    /// Folder for the results
    #[arg(long, value_name = "DIR", default_value = "results")]
    out: PathBuf,
    /// Seed of all random draws
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Threads; results do not depend on it [default: all cores]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Memory that a run may take, in GiB [default: what is free]
    #[arg(long, value_name = "GIB")]
    memory_limit: Option<f64>,
}

#[derive(Parser, Debug)]
#[command(about = "Regenerates all figures: data frames, plots, theory against simulation, and a report")]
struct Reproduce {
    /// A source or a figure; may be given several times
    #[arg(long, value_name = "SOURCE[/FIGURE]")]
    only: Vec<String>,
    #[command(flatten)]
    options: Options,
}

#[derive(Parser, Debug)]
struct OneSource {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Lists the figures
    List,
    /// Computes figures, all of them if none is named
    Run {
        /// Names of figures
        figures: Vec<String>,
        #[command(flatten)]
        options: Options,
    },
    /// Prints the parameters of a figure as TOML, which `compare` reads
    Params {
        /// Name of the figure
        figure: String,
        /// Those of the quick scale
        #[arg(long)]
        quick: bool,
    },
    /// Theory beside simulation for the network in a TOML file
    Compare {
        /// The file
        file: PathBuf,
        /// JSON objects instead of a table
        #[arg(long)]
        json: bool,
        /// Realisations of the network [default: those of the file]
        #[arg(long, value_name = "R")]
        replicates: Option<usize>,
        /// Seed of all random draws
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u64,
        /// Threads; results do not depend on it [default: all cores]
        #[arg(long, value_name = "N")]
        threads: Option<usize>,
        /// Memory that the run may take, in GiB [default: what is free]
        #[arg(long, value_name = "GIB")]
        memory_limit: Option<f64>,
    },
}

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
    limit: Option<f64>,
    threads: usize,
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

/// The main function of `reproduce`.
pub fn reproduce(sources: &[&'static Source]) -> ExitCode {
    conclude(parse::<Reproduce>().and_then(|parsed| match parsed {
        Some(command) => reproduce_all(sources, &command),
        None => Ok(0),
    }))
}

/// The main function of one source's binary.
pub fn one_source(source: &'static Source) -> ExitCode {
    conclude(parse::<OneSource>().and_then(|parsed| match parsed.map(|p| p.command) {
        None => Ok(0),
        Some(Command::List) => {
            for figure in source.figures {
                say(&format!("{:8} {}", figure.name(), figure.title()));
            }
            Ok(0)
        }
        Some(Command::Params { figure, quick }) => {
            say(find(source, &figure)?.params_toml(scale(quick))?.trim_end());
            Ok(0)
        }
        Some(Command::Run { figures, options }) => {
            let chosen = if figures.is_empty() {
                source.figures.to_vec()
            } else {
                figures.iter().map(|name| find(source, name)).collect::<Result<_, _>>()?
            };
            let chosen: Vec<_> = chosen.into_iter().map(|figure| (source, figure)).collect();
            run_all(&chosen, &options)
        }
        Some(Command::Compare { file, json, replicates, seed, threads, memory_limit }) => {
            let memory = Memory { limit: memory_limit_bytes(memory_limit)?, threads: set_threads(threads)? };
            compare(source, &file, json, replicates, Seed(seed), memory)
        }
    }))
}

fn conclude(result: Result<u8, Failure>) -> ExitCode {
    result.map_or_else(
        |failure| {
            eprintln!("error: {failure}");
            ExitCode::from(failure.code())
        },
        ExitCode::from,
    )
}

/// Parses the command line; `None` if help or the like was asked for and printed.
fn parse<P: Parser>() -> Result<Option<P>, Failure> {
    use clap::error::ErrorKind;
    P::try_parse().map(Some).or_else(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            say(error.to_string().trim_end());
            Ok(None)
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            Err(Failure::Input("no command (allowed: list, run, params, compare); see --help".into()))
        }
        _ => {
            // clap's first paragraph is what is wrong, its "tip" lines what would be right.
            let text = error.to_string();
            let what: Vec<&str> = text.lines().take_while(|line| !line.trim().is_empty()).map(str::trim).collect();
            let tips: Vec<&str> = text.lines().filter_map(|line| line.trim().strip_prefix("tip: ")).collect();
            let what = what.join(" ");
            let line = std::iter::once(what.trim_start_matches("error: ")).chain(tips).collect::<Vec<_>>().join("; ");
            Err(Failure::Input(line))
        }
    })
}

/// Standard output is the product of `list`, `params` and `compare`.
#[allow(clippy::print_stdout, reason = "the one place that prints results")]
fn say(text: &str) {
    use std::io::Write;
    // A closed pipe (`| head`) is the reader's choice, no failure.
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn scale(quick: bool) -> Scale {
    if quick { Scale::Quick } else { Scale::Paper }
}

fn find(source: &'static Source, name: &str) -> Result<&'static dyn AnyExperiment, Failure> {
    let names: Vec<&str> = source.figures.iter().map(|f| f.name()).collect();
    source
        .figures
        .iter()
        .copied()
        .find(|f| f.name() == name)
        .ok_or_else(|| input::unknown(&format!("figure of {}", source.name), name, &names))
}

fn set_threads(threads: Option<usize>) -> Result<usize, Failure> {
    const MOST: usize = 4096;
    let threads = match threads {
        Some(n) if n == 0 || n > MOST => {
            return Err(Failure::Input(format!("--threads: {n} (allowed: 1 to {MOST})")));
        }
        Some(n) => n,
        None => std::thread::available_parallelism().map_or(1, usize::from),
    };
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global()
        .map_err(|e| Failure::Input(format!("--threads: {threads}: {e}")))?;
    Ok(threads)
}

fn memory_limit_bytes(gib: Option<f64>) -> Result<Option<f64>, Failure> {
    match gib {
        Some(gib) if gib > 0.0 && gib.is_finite() => Ok(Some(gib * f64::from(1 << 30))),
        Some(gib) => Err(Failure::Input(format!("--memory-limit: {gib} (allowed: above 0 GiB)"))),
        None => Ok(provenance::available_memory()),
    }
}

fn reproduce_all(sources: &[&'static Source], command: &Reproduce) -> Result<u8, Failure> {
    let mut chosen: Vec<(&'static Source, &'static dyn AnyExperiment)> = Vec::new();
    if command.only.is_empty() {
        chosen.extend(sources.iter().flat_map(|s| s.figures.iter().map(move |f| (*s, *f))));
    }
    for only in &command.only {
        let (name, figure) = only.split_once('/').map_or((only.as_str(), None), |(s, f)| (s, Some(f)));
        let names: Vec<&str> = sources.iter().map(|s| s.name).collect();
        let source = *sources.iter().find(|s| s.name == name).ok_or_else(|| input::unknown("source", name, &names))?;
        match figure {
            Some(figure) => chosen.push((source, find(source, figure)?)),
            None => chosen.extend(source.figures.iter().map(|f| (source, *f))),
        }
    }
    let code = run_all(&chosen, &command.options)?;
    let path = report::write_report(sources, &command.options.out)?;
    eprintln!("report: {}", path.display());
    Ok(code)
}

fn run_all(chosen: &[(&'static Source, &'static dyn AnyExperiment)], options: &Options) -> Result<u8, Failure> {
    let scale = scale(options.quick);
    let threads = set_threads(options.threads)?;
    let memory = Memory { limit: memory_limit_bytes(options.memory_limit)?, threads };
    for (source, figure) in chosen {
        store::prepare(&options.out.join(source.name).join(figure.name()))?;
        memory.check(&format!("{}/{}", source.name, figure.name()), figure.memory(scale))?;
    }
    let bench = Bench::new();
    let (mut rows, mut missed) = (0, Vec::new());
    for (source, figure) in chosen {
        let started = Instant::now();
        let outcome = figure.run(scale, Seed(options.seed), &bench)?;
        bench.finish();
        let provenance = Provenance {
            source: source.name.into(),
            figure: figure.name().into(),
            scale,
            parameters: figure.params_json(scale),
            seed: Seed(options.seed),
            commit: provenance::commit(),
            compiler: provenance::COMPILER,
            cpu: provenance::cpu(),
            threads,
            seconds: started.elapsed().as_secs_f64(),
            rows: outcome.comparisons.len(),
            misses: outcome.comparisons.iter().filter(|c| c.agrees() == Some(false)).count(),
            notes: outcome.notes.clone(),
        };
        keep(&options.out.join(source.name).join(figure.name()), *figure, &outcome, &provenance)?;
        eprintln!(
            "{}/{}: {} rows, {} do not agree, {:.1} s",
            source.name,
            figure.name(),
            provenance.rows,
            provenance.misses,
            provenance.seconds
        );
        rows += provenance.rows;
        for row in outcome.comparisons.iter().filter(|c| c.agrees() == Some(false)) {
            missed.push(format!("{}/{} {}", source.name, figure.name(), describe(row)));
        }
    }
    eprintln!("{rows} rows, {} do not agree", missed.len());
    missed.iter().for_each(|line| eprintln!("does not agree: {line}"));
    Ok(u8::from(!missed.is_empty()))
}

fn describe(row: &crate::Comparison) -> String {
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

fn compare(
    source: &'static Source,
    file: &Path,
    json: bool,
    replicates: Option<usize>,
    seed: Seed,
    memory: Memory,
) -> Result<u8, Failure> {
    const MOST: usize = 100_000;
    if let Some(r) = replicates.filter(|r| *r == 0 || *r > MOST) {
        return Err(Failure::Input(format!("--replicates: {r} (allowed: 1 to {MOST}; 3 or more for an error bar)")));
    }
    let text =
        std::fs::read_to_string(file).map_err(|e| Failure::Input(format!("cannot read {}: {e}", file.display())))?;
    let bench = Bench::new();
    let request = CompareRequest { path: file.to_owned(), text, seed, replicates, memory };
    let outcome = (source.compare)(&request, &bench)?;
    bench.finish();
    outcome.notes.iter().for_each(|note| eprintln!("note: {note}"));
    if json {
        let rows = serde_json::to_string_pretty(&outcome.comparisons)
            .map_err(|e| Failure::Output(format!("cannot write JSON: {e}")))?;
        say(&rows);
    } else {
        say(comparison::table(&outcome.comparisons).trim_end());
    }
    Ok(u8::from(outcome.comparisons.iter().any(|c| c.agrees() == Some(false))))
}
