//! Runs in parts: shards, and what is left of runs that are killed.

use super::{SMALL, binary, code, error_line, file};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;
use std::time::{Duration, SystemTime};

/// Points of a sweep, each realised three times.
fn swept(points: usize) -> String {
    let values: Vec<String> = (0..points).map(|k| format!("{}", 0.5 + 0.01 * k as f64)).collect();
    let sweep = format!("\n[[sweep]]\naxis = \"network.populations.I.bias\"\nvalues = [{}]\n", values.join(", "));
    let (head, rest) = SMALL.split_once("[protocol]").expect("a table");
    format!("{head}{sweep}[protocol]{rest}").replace("duration = 150.0", "duration = 120.0")
}

fn asked(folder: &Path, command: &[&str], out: &str, more: &[&str]) -> Output {
    let mut asked = binary("sparse-balance");
    asked.current_dir(folder).args(command).args(["mine.toml", "--out", out, "--exit-zero"]).args(more);
    asked.output().expect("runs")
}

fn ends_well(output: &Output) {
    assert_eq!(code(output), 0, "{}", String::from_utf8_lossy(&output.stderr));
}

/// Files of a folder that hold results.
fn results(folder: &Path) -> Vec<Vec<u8>> {
    ["comparison.csv", "comparison.md", "comparison.tex", "rows.parquet", "figure.parquet", "figure.svg"]
        .map(|name| fs::read(folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}")))
        .into()
}

#[test]
fn shards_in_any_order_give_the_bytes_of_one_run() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = folder.path();
    file(at, &swept(5));
    ends_well(&asked(at, &["compare"], "whole", &[]));
    assert!(!at.join("whole.parts").exists());
    let wanted = results(&at.join("whole"));
    for (of, order) in [(1, vec![1]), (2, vec![2, 1]), (3, vec![2, 3, 1]), (7, vec![5, 2, 7, 1, 6, 4, 3])] {
        let out = format!("of{of}");
        for (done, number) in order.iter().enumerate() {
            if done + 1 == order.len() && of > 1 {
                let early = asked(at, &["merge"], &out, &[]);
                assert_eq!(code(&early), 2);
                assert!(error_line(&early).contains(" of 15 realisations are missing"), "{}", error_line(&early));
            }
            // Threads of a shard change nothing.
            let threads = ["1", "2"][done % 2];
            let shard = asked(at, &["compare"], &out, &["--shard", &format!("{number}/{of}"), "--threads", threads]);
            assert!(code(&shard) == 0 && shard.stdout.is_empty(), "{}", String::from_utf8_lossy(&shard.stderr));
            assert!(!at.join(&out).exists());
        }
        let other = asked(at, &["merge"], &out, &["--seed", "2"]);
        assert!(error_line(&other).contains("15 of 15"), "{}", error_line(&other));
        ends_well(&asked(at, &["merge"], &out, &[]));
        assert!(results(&at.join(&out)) == wanted, "{of} shards");
        assert!(!at.join(format!("{out}.parts")).exists());
    }
    // Shards of several machines, whose folders come together.
    for (out, shard) in [("here", "1/2"), ("there", "2/2")] {
        ends_well(&asked(at, &["compare"], out, &["--shard", shard]));
    }
    ends_well(&asked(at, &["merge"], "both", &["--from", "here", "--from", "there"]));
    assert!(results(&at.join("both")) == wanted);
}

#[test]
fn shards_are_asked_for_in_one_way() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = folder.path();
    file(at, &swept(2));
    for wrong in ["0/3", "4/3", "3", "a/b", "1/0", "-1/2", "1/2/3", ""] {
        let refused = asked(at, &["compare"], "mine", &["--shard", wrong]);
        assert!(code(&refused) == 2 && error_line(&refused).contains("I/N"), "{}", error_line(&refused));
    }
    let nowhere = asked(at, &["merge"], "mine", &["--from", "nowhere"]);
    assert!(code(&nowhere) == 2 && error_line(&nowhere).contains("nowhere.parts"), "{}", error_line(&nowhere));
    let alone = binary("sparse-balance").current_dir(at).args(["compare", "mine.toml", "--shard", "1/2"]).output();
    assert_eq!(code(&alone.expect("runs")), 2);
    let params = binary("semi-balance").args(["params", "wedge", "--quick"]).output().expect("runs");
    fs::write(at.join("mine.toml"), &params.stdout).expect("writable");
    let mut figure = binary("semi-balance");
    figure.current_dir(at).args(["compare", "mine.toml", "--out", "mine", "--shard", "1/2"]);
    let figure = figure.output().expect("runs");
    assert!(code(&figure) == 2 && error_line(&figure).contains("no shards"), "{}", error_line(&figure));
}

/// When parts were written, by name.
fn written(folder: &Path) -> BTreeMap<String, SystemTime> {
    let runs = fs::read_dir(folder).into_iter().flatten().flatten();
    let entries = runs.flat_map(|run| fs::read_dir(run.path()).into_iter().flatten().flatten());
    let parts = entries.filter(|entry| entry.path().extension().is_some_and(|ending| ending == "part"));
    parts
        .filter_map(|entry| {
            Some((entry.file_name().to_string_lossy().into_owned(), entry.metadata().ok()?.modified().ok()?))
        })
        .collect()
}

/// A sweep that is killed again and again computes nothing twice, shows nothing torn, and ends with the bytes of one that is not. `EQUIPOISE_KILLS` says how often.
#[test]
fn killed_sweeps_go_on() {
    let wanted: usize = std::env::var("EQUIPOISE_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(8);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = folder.path();
    file(at, &swept(20 + 2 * wanted));
    ends_well(&asked(at, &["compare"], "whole", &[]));
    let mut kills = 0;
    let mut state = 1_u64;
    loop {
        let before = written(&at.join("killed.parts"));
        let mut command = binary("sparse-balance");
        command.current_dir(at).args(["compare", "mine.toml", "--out", "killed", "--exit-zero"]);
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        let mut child = command.spawn().expect("runs");
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let ended = if kills < 4 * wanted {
            std::thread::sleep(Duration::from_millis(30 + (state >> 33) % 60));
            child.try_wait().expect("a child")
        } else {
            Some(child.wait().expect("a child"))
        };
        if let Some(status) = ended {
            assert_eq!(status.code(), Some(0));
            break;
        }
        child.kill().expect("a child");
        child.wait().expect("a child");
        kills += 1;
        let after = written(&at.join("killed.parts"));
        // Killed when all parts were there they may be gone with the results whole.
        let finished = at.join("killed/run.json").exists();
        for (name, time) in &before {
            assert!(finished || after.get(name) == Some(time), "{name} was computed twice");
        }
        if !finished {
            assert!(!at.join("killed").exists() || fs::read_dir(at.join("killed")).expect("a folder").count() < 9);
        }
    }
    assert!(kills >= wanted.min(4), "{kills} kills");
    assert!(results(&at.join("killed")) == results(&at.join("whole")), "after {kills} kills");
    assert!(!at.join("killed.parts").exists());
}

/// Cases that cannot be run are parts as well: shards keep them, and all is said when they come together. Other runs with the same results lose nothing.
#[test]
fn parts_of_other_runs_stay_and_failures_are_parts() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = folder.path();
    // Excitation without bound.
    let sweep = "[[sweep]]\naxis = \"network.populations.I.sign\"\nvalues = [\"excitatory\", \"inhibitory\"]\n";
    let runs_away =
        SMALL.replacen("[protocol]", &format!("{sweep}[protocol]"), 1).replace("heaviside", "rectified-linear");
    file(at, &runs_away);
    let whole = asked(at, &["compare"], "whole", &[]);
    let line = error_line(&whole);
    assert!(code(&whole) == 2 && line.contains("left out"), "{line}");
    ends_well(&asked(at, &["compare"], "mine", &["--shard", "1/2"]));
    // Another run with the same results, from beginning to end.
    file(at, &swept(1));
    let other = asked(at, &["compare"], "mine", &[]);
    ends_well(&other);
    assert!(String::from_utf8_lossy(&other.stderr).contains("parts of other runs stay in mine.parts"));
    file(at, &runs_away);
    ends_well(&asked(at, &["compare"], "mine", &["--shard", "2/2"]));
    let merged = asked(at, &["merge"], "mine", &[]);
    assert_eq!((code(&merged), error_line(&merged)), (2, line));
    assert!(results(&at.join("mine")) == results(&at.join("whole")));
    assert!(!at.join("mine.parts").exists());
}

/// Where nothing can be written that is said before anything is computed.
#[test]
fn unwritable_places_are_found_first() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = folder.path();
    file(at, &swept(2));
    fs::write(at.join("taken"), "").expect("writable");
    fs::write(at.join("blocked.parts"), "").expect("writable");
    for out in ["taken", "blocked", "taken/deeper"] {
        let refused = asked(at, &["compare"], out, &[]);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(
            code(&refused) == 3 && refused.stdout.is_empty() && !said.contains("rate-network: 0/"),
            "{out}: {said}"
        );
    }
    assert!(!at.join("taken.parts").exists());
    // A picture of another run does not stay.
    ends_well(&asked(at, &["compare"], "mine", &["--format", "png"]));
    assert!(at.join("mine/figure.png").exists());
    ends_well(&asked(at, &["compare"], "mine", &["--seed", "2"]));
    assert!(!at.join("mine/figure.png").exists() && at.join("mine/figure.svg").exists());
}
