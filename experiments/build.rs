//! Records what the binaries are built from, for run.json: the commit and the compiler.

use std::process::Command;

/// What goes into the binaries: a change elsewhere does not make them other than the commit's.
const SOURCES: [&str; 5] = ["crates", "experiments", "Cargo.toml", "Cargo.lock", ".cargo"];

fn answer(program: &str, arguments: &[&str]) -> Option<String> {
    let out = Command::new(program).args(arguments).output().ok()?;
    out.status.success().then(|| String::from_utf8_lossy(&out.stdout).trim().to_owned())
}

fn commit() -> String {
    let root = ["-C", ".."];
    let git = |arguments: &[&str]| answer("git", &[&root, arguments].concat());
    let Some(commit) = git(&["rev-parse", "HEAD"]) else { return "unknown".into() };
    let status = ["status", "--porcelain", "--"];
    let clean = git(&[&status[..], &SOURCES].concat()).is_some_and(|changes| changes.is_empty());
    if clean { commit } else { commit + "-dirty" }
}

fn main() {
    println!("cargo::rustc-env=EQUIPOISE_COMMIT={}", commit());
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    println!("cargo::rustc-env=EQUIPOISE_RUSTC={}", answer(&rustc, &["--version"]).unwrap_or("unknown".into()));
    println!("cargo::rustc-env=EQUIPOISE_TARGET={}", std::env::var("TARGET").unwrap_or("unknown".into()));
    for source in SOURCES {
        println!("cargo::rerun-if-changed=../{source}");
    }
    if let Some(log) = answer("git", &["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo::rerun-if-changed={log}");
    }
    // Two clones may share a target folder.
    println!("cargo::rerun-if-env-changed=PWD");
}
