//! The command line read, and results and failures said.

use crate::{Build, Failure, provenance, store, talk};
use clap::Parser;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub(super) fn conclude(result: Result<u8, Failure>) -> ExitCode {
    result.map_or_else(
        |failure| {
            talk(format!("error: {failure}"));
            ExitCode::from(failure.code())
        },
        ExitCode::from,
    )
}

/// Parses the command line; `None` if help or the like was asked for and printed.
pub(super) fn parse<P: Parser>(build: Build) -> Result<Option<P>, Failure> {
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
pub(super) fn about(build: Build, isa: lanes::Isa) -> String {
    let all: Vec<_> = lanes::Isa::available().into_iter().map(lanes::Isa::name).collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "{} (commit {})\ncompiler: {}, for {}\nfeatures: {}\nprocessor: {}, {cores} cores\ninstruction set: {isa} (here: {}; EQUIPOISE_ISA picks one)",
        env!("CARGO_PKG_VERSION"),
        build.commit,
        build.compiler,
        build.target,
        build.features(),
        provenance::cpu(),
        all.join(", ")
    )
}

/// Standard output is the product of `list`, `params` and `compare`.
#[allow(clippy::print_stdout, reason = "the one place that prints results")]
pub(super) fn say(text: &str) -> Result<(), Failure> {
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
pub(super) fn read(file: &Path) -> Result<String, Failure> {
    let text =
        if file == Path::new("-") { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(file) };
    text.map_err(|e| Failure::Input(format!("cannot read {}: {e}", file.display())))
}
