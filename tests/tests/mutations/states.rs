//! Circuits in JSON, and what `teach` has kept.

use crate::survives;
use experiments::{plasticity, semi_balance};
use lab::{Draw, Parsed};
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

#[test]
fn kept_states() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("state.parquet");
    let small = include_str!("../../../networks/plastic-spiking.toml")
        .replace("size = 1000", "size = 20")
        .replace("transient = 300.0", "transient = 10.0");
    let mut plans = Parsed::new(Path::new("small.toml"), &small)
        .and_then(Parsed::plans::<PlasticSpikingSystem>)
        .expect("an example");
    let system = plans.pop().expect("one plan").system;
    let seed = Draw { command: Seed(1), case: 0, replicate: 0 }.seed();
    let (_, state) = system.teach(seed, None).expect("lessons");
    plasticity::keep(&file, &state, "").expect("writable");
    let original = fs::read(&file).expect("there");
    survives(&original, |bytes| {
        fs::write(&file, bytes).expect("writable");
        plasticity::kept(&file).map(drop)
    });
}
