//! The command line that all binaries share. Exit codes: 0 all agree, 1 some comparison does not,
//! 2 bad input, 3 files could not be written.

use crate::Verdict;
use crate::compare::compare;
use crate::parts::{Parts, Shard, Share};
use crate::plan::MOST_REPLICATES;
use crate::plot::Format;
use crate::run::{Mode, Output};
use crate::{
    AnyExperiment, Bench, Build, CompareRequest, Failure, Memory, Scale, Source, input, provenance, readers, recreate,
    report, run, store, talk,
};
use clap::{Args, Parser, Subcommand};
use model::Seed;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Options of every command that computes.
#[derive(Args, Clone, Debug)]
struct Options {
    /// Small networks and short runs: all figures in a few minutes
    #[arg(long)]
    quick: bool,
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
struct FigureFormats {
    /// Keeps figures in this format too, besides SVG; may be given several times
    #[arg(long, value_name = "FORMAT", value_enum)]
    format: Vec<Format>,
}

impl Options {
    fn run(
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
        let code = run::run_all(chosen, what, output, (memory, build), after_each)?;
        Ok(if self.machine.exit_zero { 0 } else { code })
    }

    fn mode(&self) -> Mode {
        match (self.check, self.again) {
            (true, _) => Mode::Check,
            (_, true) => Mode::Again,
            _ => Mode::Keep,
        }
    }

    /// Folder for the results: those of a quick run replace no others.
    fn out(&self) -> PathBuf {
        let usual = if self.quick { "results-quick" } else { "results" };
        self.out.clone().unwrap_or_else(|| usual.into())
    }
}

impl FigureFormats {
    /// Where results go, in these formats.
    fn output<'a>(&'a self, folder: &'a Path) -> Result<Output<'a>, Failure> {
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
    exit_zero: bool,
    #[command(flatten)]
    resources: Resources,
}

/// What of the machine may be used.
#[derive(Args, Clone, Debug)]
struct Resources {
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
    fn start(&self) -> Result<Memory, Failure> {
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
#[command(about = "Runs again what a run.json tells of: the same table to the byte (exit code 0), or what differs (1)")]
struct Recreate {
    /// A run.json, or its folder; the table stands beside it
    run: PathBuf,
    /// Folder that keeps what comes out
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    resources: Resources,
}

#[derive(Parser)]
#[command(about = "The figures of one source, and networks of your own")]
struct OneSource<T: Subcommand> {
    #[command(subcommand)]
    command: Command<T>,
}

/// What is compared, and what becomes of the rows.
#[derive(Args)]
struct OwnFile {
    /// The file; - for standard input
    file: PathBuf,
    /// JSON objects instead of a table
    #[arg(long)]
    json: bool,
    /// Realisations of the network [default: those of the file]
    #[arg(long, value_name = "R", allow_negative_numbers = true)]
    replicates: Option<usize>,
    /// Folder that keeps the table (CSV, Markdown, LaTeX, Parquet), a figure and what they came from; what a killed run had finished is not computed again
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    figure: FigureFormats,
    #[command(flatten)]
    machine: Machine,
}

/// For sources without tools of their own.
#[derive(Subcommand)]
enum NoTool {}

#[derive(Subcommand)]
enum Command<T: Subcommand> {
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
    /// Theory beside simulation for what a TOML file describes: a system, swept or not, or the parameters of a figure
    Compare {
        #[command(flatten)]
        asked: OwnFile,
        /// Computes every N-th realisation, from the I-th on, and keeps it in DIR.parts for `merge`
        #[arg(long, value_name = "I/N", requires = "out", allow_hyphen_values = true)]
        shard: Option<Shard>,
    },
    /// Rows from realisations that shards have computed, which all must be there
    Merge {
        #[command(flatten)]
        asked: OwnFile,
        /// Results of shards that lie elsewhere: DIR, beside which is DIR.parts; may be given several times
        #[arg(long, value_name = "DIR")]
        from: Vec<PathBuf>,
    },
    /// Prints a file of an old form in the present one
    Renew {
        /// The file
        file: PathBuf,
    },
    #[command(flatten)]
    Tool(T),
}

/// The main function of `reproduce`.
pub fn reproduce(sources: &[&'static Source], build: Build) -> ExitCode {
    conclude(parse::<Reproduce>(build).and_then(|parsed| match parsed {
        Some(command) => reproduce_all(sources, &command, build),
        None => Ok(0),
    }))
}

/// The main function of `recreate`: exit code 0 for the same bytes, 1 for others.
pub fn recreate(sources: &[&'static Source], build: Build) -> ExitCode {
    conclude(parse::<Recreate>(build).and_then(|parsed| {
        let Some(Recreate { run, out, resources }) = parsed else { return Ok(0) };
        let folder = if run.is_dir() { Some(run.as_path()) } else { run.parent() };
        let same = |out: &Path| out.canonicalize().ok().zip(folder.and_then(|f| f.canonicalize().ok()));
        if out.as_deref().and_then(same).is_some_and(|(out, folder)| out == folder) {
            return Err(Failure::Input("--out: the folder of the run itself (allowed: another)".into()));
        }
        let memory = resources.start()?;
        let made = recreate::recreate(sources, &run, memory, &Bench::new(), build)?;
        if let Some(folder) = out {
            made.compared.keep(&made.request, Output { folder: &folder, formats: &[] })?;
            talk(format!("kept in {}", folder.display()));
        }
        say(&made.told())?;
        Ok(u8::from(!made.differences.is_empty()))
    }))
}

/// The main function of one source's binary.
pub fn one_source(source: &'static Source, build: Build) -> ExitCode {
    one_source_with::<NoTool>(source, build, |tool| match tool {})
}

/// The same for a source with commands of its own; `tool` gives what they print.
pub fn one_source_with<T: Subcommand>(
    source: &'static Source,
    build: Build,
    tool: fn(T) -> Result<String, Failure>,
) -> ExitCode {
    conclude(parse::<OneSource<T>>(build).and_then(|parsed| match parsed.map(|p| p.command) {
        None => Ok(0),
        Some(Command::Tool(asked)) => {
            say(tool(asked)?.trim_end())?;
            Ok(0)
        }
        Some(Command::List) => {
            let widest = source.figures.iter().map(|figure| figure.name().len()).max().unwrap_or(0);
            for figure in source.figures {
                say(&format!("{:widest$} {}", figure.name(), figure.title()))?;
            }
            Ok(0)
        }
        Some(Command::Params { figure, quick }) => {
            say(source.figure(&figure)?.params_toml(scale(quick))?.trim_end())?;
            Ok(0)
        }
        Some(Command::Run { figures, options }) => {
            let chosen = if figures.is_empty() {
                source.figures.to_vec()
            } else {
                figures.iter().map(|name| source.figure(name)).collect::<Result<_, _>>()?
            };
            let chosen: Vec<_> = chosen.into_iter().map(|figure| (source, figure)).collect();
            options.run(&chosen, build, || ())
        }
        Some(Command::Renew { file }) => {
            let text = read(&file)?;
            let renewed = source.systems.iter().find_map(|system| (system.renew)(&text));
            say(renewed.ok_or_else(|| Failure::Input(format!("{}: of no old form", file.display())))?.trim_end())?;
            Ok(0)
        }
        Some(Command::Compare { asked, shard: None }) => asked.run(source, &[], Share::All, build),
        Some(Command::Compare { asked, shard: Some(shard) }) => asked.run(source, &[], Share::Shard(shard), build),
        Some(Command::Merge { asked, from }) => {
            if asked.out.is_none() {
                return Err(Failure::Input(
                    "merge: --out is missing (allowed: --out DIR, as the shards had it)".into(),
                ));
            }
            asked.run(source, &from, Share::Merge, build)
        }
    }))
}

impl OwnFile {
    fn run(self, source: &'static Source, from: &[PathBuf], share: Share, build: Build) -> Result<u8, Failure> {
        let OwnFile { file, json, replicates, out, figure, machine } = self;
        if let Some(r) = replicates.filter(|r| *r == 0 || *r > MOST_REPLICATES) {
            let allowed = format!("1 to {MOST_REPLICATES}; 3 or more for an error bar");
            return Err(Failure::Input(format!("--replicates: {r} (allowed: {allowed})")));
        }
        if out.is_none() && !figure.format.is_empty() {
            return Err(Failure::Input("--format: nothing is kept without --out (allowed: with --out DIR)".into()));
        }
        let output = out.as_deref().map(|folder| figure.output(folder)).transpose()?;
        let text = read(&file)?;
        let memory = machine.start()?;
        let run = format!("{replicates:?} {} {text}", machine.seed);
        let parts = out.as_deref().map(|folder| Parts::beside(folder, &run, from, share, build)).transpose()?;
        let path = if file == Path::new("-") { PathBuf::from("standard input") } else { file };
        let request = CompareRequest { path, text, seed: Seed(machine.seed), replicates, memory };
        let mut bench = Bench::new().with(parts);
        let compared = compare(source, &request, &bench, build)?;
        if bench.shard().is_some() {
            return Ok(0);
        }
        let printed = if json { compared.json()? } else { readers::table(&compared.outcome.comparisons) };
        say(printed.trim_end())?;
        if let Some(output) = output {
            compared.keep(&request, output)?;
            talk(format!("kept in {}", output.folder.display()));
        }
        bench.finish_parts();
        let missed = compared.outcome.comparisons.iter().filter(|row| row.verdict() == Verdict::Misses);
        missed.for_each(|row| talk(format!("misses: {}", run::describe(row))));
        talk(compared.provenance.verdicts);
        compared.outcome.left_out.iter().for_each(|line| talk(format!("error: left out: {line}")));
        Ok(if machine.exit_zero && compared.code() == 1 { 0 } else { compared.code() })
    }
}

fn conclude(result: Result<u8, Failure>) -> ExitCode {
    result.map_or_else(
        |failure| {
            talk(format!("error: {failure}"));
            ExitCode::from(failure.code())
        },
        ExitCode::from,
    )
}

/// Parses the command line; `None` if help or the like was asked for and printed.
fn parse<P: Parser>(build: Build) -> Result<Option<P>, Failure> {
    use clap::error::ErrorKind;
    store::guard();
    let isa = lanes::Isa::chosen().map_err(|error| Failure::Input(error.to_string()))?;
    let program = std::env::args_os().next().map(PathBuf::from);
    let name = program.as_deref().and_then(Path::file_stem).map(|name| name.to_string_lossy().into_owned());
    let matches = P::command().name(name.unwrap_or_default()).version(about(build, isa)).try_get_matches();
    matches.and_then(|mut matches| P::from_arg_matches_mut(&mut matches)).map(Some).or_else(|error| {
        match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                say(error.to_string().trim_end())?;
                Ok(None)
            }
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
                Err(Failure::Input("no command (allowed: list, run, params, compare and what --help shows)".into()))
            }
            _ => {
                // clap's first paragraph is what is wrong, its "tip" lines what would be right.
                let text = error.to_string();
                let what: Vec<&str> = text.lines().take_while(|line| !line.trim().is_empty()).map(str::trim).collect();
                let tips: Vec<&str> = text.lines().filter_map(|line| line.trim().strip_prefix("tip: ")).collect();
                let what = what.join(" ");
                let line =
                    std::iter::once(what.trim_start_matches("error: ")).chain(tips).collect::<Vec<_>>().join("; ");
                Err(Failure::Input(line))
            }
        }
    })
}

/// What was built, from what, and what of this machine it uses.
fn about(build: Build, isa: lanes::Isa) -> String {
    let all: Vec<_> = lanes::Isa::available().into_iter().map(lanes::Isa::name).collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "{} (commit {})\ncompiler: {}\nprocessor: {}, {cores} cores\ninstruction set: {isa} (here: {}; EQUIPOISE_ISA picks one)",
        env!("CARGO_PKG_VERSION"),
        build.commit,
        build.compiler,
        provenance::cpu(),
        all.join(", ")
    )
}

/// Standard output is the product of `list`, `params` and `compare`.
#[allow(clippy::print_stdout, reason = "the one place that prints results")]
fn say(text: &str) -> Result<(), Failure> {
    use std::io::{ErrorKind, Write, stdout};
    match writeln!(stdout(), "{text}").and_then(|()| stdout().flush()) {
        // A closed pipe (`| head`) is the reader's choice, no failure.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::Output(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// The text of a file; of standard input for `-`.
fn read(file: &Path) -> Result<String, Failure> {
    let text =
        if file == Path::new("-") { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(file) };
    text.map_err(|e| Failure::Input(format!("cannot read {}: {e}", file.display())))
}

fn scale(quick: bool) -> Scale {
    if quick { Scale::Quick } else { Scale::Paper }
}

fn reproduce_all(sources: &[&'static Source], command: &Reproduce, build: Build) -> Result<u8, Failure> {
    let mut chosen: Vec<(&'static Source, &'static dyn AnyExperiment)> = Vec::new();
    if command.only.is_empty() {
        chosen.extend(sources.iter().flat_map(|s| s.figures.iter().map(move |f| (*s, *f))));
    }
    for only in &command.only {
        let (name, figure) = only.split_once('/').map_or((only.as_str(), None), |(s, f)| (s, Some(f)));
        let names: Vec<&str> = sources.iter().map(|s| s.name).collect();
        let source = *sources.iter().find(|s| s.name == name).ok_or_else(|| input::unknown("source", name, &names))?;
        match figure {
            Some(figure) => chosen.push((source, source.figure(figure)?)),
            None => chosen.extend(source.figures.iter().map(|f| (source, *f))),
        }
    }
    let mut named = HashSet::new();
    chosen.retain(|(source, figure)| named.insert((source.name, figure.name())));
    let out = &command.options.out();
    // The report is there as soon as the first figure is. One that cannot be written yet stops no run: it is written again at the end.
    let code = command.options.run(&chosen, build, || drop(report::write_report(sources, out)))?;
    if command.options.mode() != Mode::Check {
        let written = report::write_report(sources, out)?;
        talk(format!("report: {}", written.path.display()));
        written.left_out.iter().for_each(|line| talk(format!("note: not in the report: {line}")));
    }
    Ok(code)
}
