//! Records the compiler for run.json.
use std::process::Command;

fn main() {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().ok();
    let version = version.map_or("unknown".into(), |out| String::from_utf8_lossy(&out.stdout).trim().to_owned());
    println!("cargo::rustc-env=EQUIPOISE_RUSTC={version}");
    println!("cargo::rerun-if-changed=build.rs");
}
