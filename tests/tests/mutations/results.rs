//! Results that the report and `recreate` read: what does not belong together is left out of the one and refused by the other.

use crate::survives;
use experiments::SOURCES;
use lab::{Asked, Failure, Memory, Parsed, write_report};
use std::fs;
use std::path::{Path, PathBuf};

/// A folder of results with one figure, and that of the figure.
fn results() -> (tempfile::TempDir, PathBuf) {
    let all = tempfile::tempdir().expect("a temporary folder");
    let own = all.path().join("signalling/psf");
    fs::create_dir_all(&own).expect("writable");
    let committed = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../results/signalling/psf"));
    for file in ["run.json", "comparison.csv", "figure.svg"] {
        fs::copy(committed.join(file), own.join(file)).expect("committed");
    }
    (all, own)
}

#[test]
fn runs() {
    let (_all, own) = results();
    let memory = Memory { limit: None, threads: 1 };
    survives(&fs::read(own.join("run.json")).expect("there"), |bytes| {
        fs::write(own.join("run.json"), bytes).expect("writable");
        let request = Asked::read(SOURCES, &own, memory)?.request;
        Parsed::new(&request.path, &request.text).map(drop)
    });
}

/// Mutants of a file of the figure, read as the report does.
fn reported(file: &str) {
    let (all, own) = results();
    survives(&fs::read(own.join(file)).expect("there"), |bytes| {
        fs::write(own.join(file), bytes).expect("writable");
        let mut written = write_report(SOURCES, all.path())?;
        written.left_out.pop().map_or(Ok(()), |why| Err(Failure::Input(why)))
    });
}

#[test]
fn reports_of_runs() {
    reported("run.json");
}

#[test]
fn reports_of_tables() {
    reported("comparison.csv");
}
