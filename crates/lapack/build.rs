//! Nothing to build: `links = "lapack"` makes Cargo refuse a second provider of these symbols.
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
}
