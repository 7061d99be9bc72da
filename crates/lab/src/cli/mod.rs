//! The command line that all binaries share. Exit codes: 0 all agree, 1 some comparison does not,
//! 2 bad input, 3 files could not be written.

mod options;
mod own_file;
mod terminal;

pub use options::Machine;

use crate::parts::{Shard, Share};
use crate::recreate::Asked;
use crate::run::{Mode, Output};
use crate::store::WholeFolder;
use crate::{AnyExperiment, Bench, Build, Failure, Known, Source, doctor, input, report, talk};
use clap::{Parser, Subcommand};
use options::{Options, Resources, scale};
use own_file::OwnFile;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use terminal::{about, conclude, parse, read, say};

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

#[derive(Parser, Debug)]
#[command(
    about = "Says what this build finds here: processor, memory, whether results can be written, and whether committed tables come out to the byte in every instruction set"
)]
struct Doctor {
    /// Folder into which results shall go
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// Compares tables in the chosen instruction set, and does nothing else
    #[arg(long)]
    own: bool,
    #[command(flatten)]
    resources: Resources,
}

#[derive(Parser)]
#[command(about = "The figures of one source, and networks of your own")]
struct OneSource<T: Subcommand> {
    #[command(subcommand)]
    command: Command<T>,
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
        /// Prints those of the quick scale
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
        out.as_deref().map(WholeFolder::prepare).transpose()?;
        let made = Asked::read(sources, &run, memory)?.recreate(&Bench::new(), build)?;
        if let Some(folder) = out {
            made.compared.keep(&made.request, Output { folder: &folder, formats: &[] })?;
            talk(format!("kept in {}", folder.display()));
        }
        say(&made.told())?;
        Ok(u8::from(!made.differences.is_empty()))
    }))
}

/// The main function of `doctor`: exit code 0 where all is well, 1 where a table differs, 3 where results cannot be written.
pub fn doctor(sources: &[&'static Source], known: &[Known], build: Build) -> ExitCode {
    conclude(parse::<Doctor>(build).and_then(|parsed| {
        let Some(Doctor { folder, own, resources }) = parsed else { return Ok(0) };
        resources.start()?;
        if own {
            let told = doctor::tables(sources, known)?;
            say(&told.join("\n"))?;
            return Ok(u8::from(told.len() > 1));
        }
        say(&about(build, lanes::Isa::detect()))?;
        say(&doctor::memory())?;
        say(&doctor::folder(&folder)?)?;
        let mut worst = 0;
        for isa in lanes::Isa::available() {
            let (code, told) = doctor::elsewhere(isa, &resources.options())?;
            say(&format!("{isa}: {told}"))?;
            worst = worst.max(code);
        }
        Ok(worst)
    }))
}

/// The main function of one source's binary.
pub fn one_source(source: &'static Source, build: Build) -> ExitCode {
    one_source_with::<NoTool>(source, build, |tool| match tool {})
}

/// Main function of a source with commands of its own; `tool` gives what they print.
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
