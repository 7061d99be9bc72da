//! Who may know whom: the crate graph of docs and README, read from `cargo metadata`.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// The workspace crates that each crate may depend on, in any way that ships (not for its tests).
const ALLOWED: &[(&str, &[&str])] = &[
    ("lanes", &[]),
    ("model", &[]),
    ("lapack", &[]),
    ("semibalance", &["lanes", "lapack"]),
    ("signalling", &["lanes", "lapack"]),
    ("meanfield", &["lanes", "model", "lapack", "semibalance"]),
    ("simulation", &["lanes", "model"]),
    ("analysis", &["lanes", "model", "lapack"]),
    ("lab", &["lanes", "model"]),
    ("systems", &["analysis", "lab", "meanfield", "model", "semibalance", "signalling", "simulation"]),
    ("equipoise", &["analysis", "lab", "meanfield", "model", "semibalance", "signalling", "simulation", "systems"]),
    ("experiments", &["analysis", "lab", "meanfield", "model", "semibalance", "signalling", "simulation", "systems"]),
    ("tests", &[]),
    ("benches", &["model", "semibalance"]),
];

fn graph() -> BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)> {
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&out.stdout).expect("cargo metadata is JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let names: BTreeSet<&str> = packages.iter().filter_map(|p| p["name"].as_str()).collect();
    packages
        .iter()
        .map(|package| {
            let shipped = package["dependencies"].as_array().expect("dependencies");
            let all: BTreeSet<String> = shipped
                .iter()
                .filter(|d| d["kind"].as_str() != Some("dev"))
                .filter_map(|d| d["name"].as_str())
                .map(str::to_owned)
                .collect();
            let ours = all.iter().filter(|d| names.contains(d.as_str())).cloned().collect();
            (package["name"].as_str().expect("a name").to_owned(), (ours, all))
        })
        .collect()
}

#[test]
fn no_crate_knows_more_than_it_may() {
    let graph = graph();
    assert_eq!(graph.len(), ALLOWED.len(), "a crate is missing from the list: {:?}", graph.keys());
    for (name, allowed) in ALLOWED {
        let (ours, _) = &graph[*name];
        for other in ours {
            assert!(allowed.contains(&other.as_str()), "{name} may not depend on {other}");
        }
    }
}

#[test]
fn theory_and_simulation_share_nothing_but_the_model() {
    let graph = graph();
    assert!(!graph["meanfield"].0.contains("simulation") && !graph["simulation"].0.contains("meanfield"));
}

#[test]
fn heavy_crates_stay_at_the_bench() {
    for (name, (_, all)) in graph() {
        let heavy = all.iter().any(|d| ["polars", "plotters", "clap", "indicatif"].contains(&d.as_str()));
        assert!(
            !heavy || ["lab", "experiments"].contains(&name.as_str()),
            "{name} depends on polars, plotters or the like"
        );
    }
}
