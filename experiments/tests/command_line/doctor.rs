//! What `doctor` finds.

use super::{binary, code, error_line};
use std::fs;
use std::process::Output;

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// In the instruction set that is asked for; CI asks for all.
#[test]
fn committed_tables_come_out_to_the_byte() {
    let mut own = binary("doctor");
    own.arg("--own").env("EQUIPOISE_ISA", "portable");
    let own = own.output().expect("runs");
    assert_eq!(code(&own), 0, "{}", said(&own));
    let all = experiments::KNOWN.len();
    assert!(said(&own).starts_with(&format!("{all} of {all} committed tables")), "{}", said(&own));
}

#[test]
fn folders_and_instruction_sets_that_will_not_do_are_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("file");
    fs::write(&file, "").expect("writable");
    let refused = binary("doctor").arg(&file).output().expect("runs");
    assert!(code(&refused) == 3 && error_line(&refused).contains("file"), "{}", error_line(&refused));
    assert!(said(&refused).contains("instruction set: ") && said(&refused).contains("features: "));
    let unknown = binary("doctor").arg(folder.path()).env("EQUIPOISE_ISA", "mmx").output().expect("runs");
    assert!(code(&unknown) == 2 && error_line(&unknown).contains("portable"), "{}", error_line(&unknown));
}
