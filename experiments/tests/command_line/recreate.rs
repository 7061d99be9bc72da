//! Runs once more, from their run.json.

use super::{SMALL, binary, code, error_line, file};
use std::fs;
use std::path::Path;
use std::process::Output;

fn recreate(what: &Path) -> Output {
    binary("recreate").arg(what).output().expect("runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn runs_are_made_again_from_what_they_tell() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = folder.path();
    let figures = at.join("figures");
    let mut figure = binary("neurons");
    figure.args(["run", "leaky", "synapses", "--quick", "--seed", "7", "--out"]).arg(&figures);
    assert_eq!(code(&figure.output().expect("runs")), 0);
    // A network of one's own, with other realisations than its file says.
    let mine = at.join("mine");
    let mut own = binary("sparse-balance");
    own.arg("compare")
        .arg(file(at, SMALL))
        .args(["--replicates", "4", "--seed", "3", "--exit-zero", "--out"])
        .arg(&mine);
    assert_eq!(code(&own.output().expect("runs")), 0);
    for place in [figures.join("neurons/leaky"), figures.join("neurons/synapses/run.json"), mine.clone()] {
        let made = recreate(&place);
        assert_eq!(code(&made), 0, "{}", String::from_utf8_lossy(&made.stderr));
        assert!(said(&made).contains("the same bytes"), "{}", said(&made));
    }
    let kept = at.join("again");
    assert_eq!(code(&binary("recreate").arg(&mine).arg("--out").arg(&kept).output().expect("runs")), 0);
    assert_eq!(fs::read(kept.join("comparison.csv")).ok(), fs::read(mine.join("comparison.csv")).ok());

    let table = fs::read_to_string(mine.join("comparison.csv")).expect("there");
    fs::write(mine.join("comparison.csv"), table.replacen(",0.", ",1.", 1)).expect("writable");
    let run = fs::read_to_string(mine.join("run.json")).expect("there");
    let mut other: serde_json::Value = serde_json::from_str(&run).expect("JSON");
    other["cpu"] = "an older one".into();
    fs::write(mine.join("run.json"), other.to_string()).expect("writable");
    let made = recreate(&mine);
    assert_eq!(code(&made), 1);
    let text = said(&made);
    assert!(
        text.contains("1 rows are not there any more, 1 are new") && text.contains("processor: an older one then"),
        "{text}"
    );
    assert!(!text.contains("commit"), "{text}");
}

#[test]
fn what_tells_of_no_run_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = folder.path();
    let mine = at.join("mine");
    let mut own = binary("neurons");
    own.args(["run", "leaky", "--quick", "--out"]).arg(&mine);
    assert_eq!(code(&own.output().expect("runs")), 0);
    let place = mine.join("neurons/leaky");
    let run = fs::read_to_string(place.join("run.json")).expect("there");
    for (wrong, what) in [
        (run[..run.len() / 2].to_owned(), "no run.json of ours"),
        ("{}".to_owned(), "no run.json of ours"),
        (run.replace("\"neurons\"", "\"nerves\""), "nerves"),
        (run.replace("\"leaky\"", "\"leeky\""), "leeky"),
        (run.replace("\"parameters\": {", "\"parameters\": { \"volume\": 3,"), "volume"),
        (run.replace("\"seed\": 1", "\"seed\": -1"), "no run.json of ours"),
    ] {
        assert_ne!(wrong, run);
        fs::write(place.join("run.json"), wrong).expect("writable");
        let made = recreate(&place);
        assert!(code(&made) == 2 && error_line(&made).contains(what), "{what}: {}", error_line(&made));
    }
    fs::write(place.join("run.json"), run).expect("writable");
    fs::remove_file(place.join("comparison.csv")).expect("there");
    assert_eq!(code(&recreate(&place)), 2);
    assert_eq!(code(&recreate(&at.join("nowhere"))), 2);
}
