//! Circuits in JSON, and what `teach` has kept.

use crate::survives;
use experiments::{plasticity, semi_balance};
use lab::{Draw, Frame, FrameStream, Parsed, StoredFrame};
use model::Seed;
use std::fs;
use std::path::Path;
use systems::plastic_spiking::PlasticSpikingSystem;

const CIRCUITS: &str = r#"{"cases": [
    {"name": "two", "W": [[1.0, -2.0], [3.0, -4.5e0]], "X": [1, 0.5]},
    {"name": "three", "W": [[0.5, -1, 0], [2, -1.5, -1], [1e-3, 0, -2]], "X": [1, -0.25, 3], "tau": [1, 2, 0.5]}
]}"#;

#[test]
fn circuits_in_json() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("circuits.json");
    survives(CIRCUITS.as_bytes(), |bytes| {
        fs::write(&file, bytes).expect("writable");
        semi_balance::tool(semi_balance::Tool::States { file: file.clone(), json: true }).map(drop)
    });
}

/// A state of a small network, kept.
fn keep(file: &Path) {
    let small = include_str!("../../../networks/plastic-spiking.toml")
        .replace("size = 1000", "size = 20")
        .replace("transient = 300.0", "transient = 10.0");
    let mut plans = Parsed::new(Path::new("small.toml"), &small)
        .and_then(Parsed::plans::<PlasticSpikingSystem>)
        .expect("an example");
    let system = plans.pop().expect("one plan").system;
    let seed = Draw { command: Seed(1), case: 0, replicate: 0 }.seed();
    let (_, state) = system.teach(seed, None).expect("lessons");
    plasticity::keep(file, &state, "").expect("writable");
}

/// Files that were damaged: the seal tells.
#[test]
fn kept_states() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("state.parquet");
    keep(&file);
    let original = fs::read(&file).expect("there");
    survives(&original, |bytes| {
        fs::write(&file, bytes).expect("writable");
        plasticity::kept(&file).map(drop)
    });
}

/// Whole files whose rows, or what is told of the network, are not those of a state.
#[test]
fn rows_of_states() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("state.parquet");
    keep(&file);
    let stored = StoredFrame::open(&file).expect("a state");
    let mut text = stored.metadata("state of").expect("told").to_owned();
    let (what, of) = (stored.words("what").expect("a column"), stored.numbers("of").expect("a column"));
    for ((what, of), value) in what.into_iter().zip(of).zip(stored.numbers("value").expect("a column")) {
        text += &format!("\n{what}\t{of}\t{value:?}");
    }
    survives(text.as_bytes(), |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let (told, rows) = text.split_once('\n').unwrap_or((&text, ""));
        let parsed = |line: &str| {
            let mut cells = line.split('\t');
            Some((cells.next()?.to_owned(), cells.next()?.parse().ok()?, cells.next()?.parse().ok()?))
        };
        let rows: Vec<(String, u32, f64)> = rows.lines().filter_map(parsed).collect();
        let frame = |rows: &[(String, u32, f64)]| {
            Frame::new("state")
                .words("what", rows.iter().map(|row| row.0.clone()))
                .whole("of", rows.iter().map(|row| row.1))
                .numbers("value", rows.iter().map(|row| row.2))
        };
        let told = [("state of".to_owned(), told.to_owned())];
        let mut stream = FrameStream::sealed(&file, &frame(&[]), &told)?;
        stream.append(&frame(&rows))?;
        stream.finish()?;
        plasticity::kept(&file).map(drop)
    });
}
