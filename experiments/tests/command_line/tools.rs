//! Commands of one source: `states` and `record`.

use super::*;

fn states(text: &str, more: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("mine.json");
    fs::write(&path, text).expect("a temporary folder is writable");
    binary("semi-balance").arg("states").arg(&path).args(more).output().expect("runs")
}

#[test]
fn states_of_a_file_are_listed_as_objects() {
    let all = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/semi_balanced_states.json"));
    let all = all.expect("in the repository");
    let output = states(&all, &["--json"]);
    assert_eq!(code(&output), 0);
    let objects: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let objects = objects.as_array().expect("one object a case");
    let reference: serde_json::Value = serde_json::from_str(&all).expect("JSON");
    assert_eq!(objects.len(), reference["cases"].as_array().expect("cases").len());
    for (object, case) in objects.iter().zip(reference["cases"].as_array().expect("cases")) {
        assert_eq!(object["name"], case["name"]);
        assert_eq!(object["complete"], true);
        assert_eq!(object["balanced"].is_null(), case["balanced_minusWinvX"].is_null(), "{}", case["name"]);
        let supports = |list: &serde_json::Value| {
            let mut all: Vec<String> =
                list.as_array().expect("states").iter().map(|s| s["support"].to_string()).collect();
            all.sort();
            all
        };
        assert_eq!(supports(&object["states"]), supports(&case["solutions"]), "{}", case["name"]);
    }
    let one = states(r#"{"W": [[-1]], "X": [2], "tau": [0.01]}"#, &["--json"]);
    let one: serde_json::Value = serde_json::from_slice(&one.stdout).expect("JSON");
    assert_eq!((one["states"][0]["r"][0].as_f64(), one["states"][0]["stable"].as_bool()), (Some(2.0), Some(true)));
    let table = states(r#"{"W": [[-1]], "X": [2]}"#, &[]);
    assert!(String::from_utf8_lossy(&table.stdout).contains("r = 2"), "{table:?}");
}

#[test]
fn what_is_no_circuit_is_refused_in_one_line() {
    let big = format!(r#"{{"W": {:?}, "X": {:?}}}"#, vec![vec![-1.0; 40]; 40], vec![1.0; 40]);
    for text in [
        r#"{"W": [[1, 2]], "X": [1]}"#,
        r#"{"W": [[1, 2], [3]], "X": [1, 1]}"#,
        r#"{"W": [[1, 2], [3, 4]], "X": [1]}"#,
        r#"{"W": [], "X": []}"#,
        r#"{"W": [[1e300]], "X": [1]}"#,
        r#"{"W": [[null]], "X": [1]}"#,
        r#"{"W": [[-1]], "X": [1], "tau": [0]}"#,
        r#"{"W": [[-1]], "X": [1], "Tau": [2]}"#,
        r#"{"W": [[-1]], "X": [1], "cases": [{"W": [[-1]], "X": [1]}]}"#,
        r#"{"cases": []}"#,
        r#"{"cases": [{"name": "a", "W": [[1]]}]}"#,
        r#"{"W": [[1]], "X": [1], "gain": 2}"#,
        "W = 1",
        "",
        &big,
    ] {
        let output = states(text, &["--json"]);
        assert_eq!(code(&output), 2, "{text}");
        assert!(error_line(&output).contains("mine.json") && output.stdout.is_empty(), "{text}");
    }
}

#[test]
fn spikes_are_recorded_whole_or_not_at_all() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let spiking = |arguments: &[&str]| binary("spiking").args(arguments).output().expect("runs");
    let printed = spiking(&["params", "balanced", "--quick"]).stdout;
    let text = String::from_utf8(printed).expect("TOML").replace("duration = 4000.0", "duration = 600.0");
    let mine = file(folder.path(), &text);
    let mine = mine.to_str().expect("UTF-8");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    for threads in ["1", "2"] {
        let output = spiking(&["record", mine, &path(threads), "--threads", threads]);
        assert_eq!(code(&output), 0, "{}", String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains("spikes of 5232 cells in 600 ms"), "{said}");
    }
    let spikes = fs::read(path("1")).expect("there");
    assert!(spikes.starts_with(b"PAR1") && spikes.ends_with(b"PAR1"));
    assert!(spikes == fs::read(path("2")).expect("there"), "threads change nothing");
    assert_eq!(code(&spiking(&["record", mine, &path("none/x")])), 3);
    assert_eq!(code(&spiking(&["record", &path("none"), &path("x")])), 2);
    assert_eq!(code(&spiking(&["record", mine, mine])), 2, "parameters are not overwritten");
    assert_eq!(code(&spiking(&["record", mine, &path("")])), 3, "a folder is no file");
    let step = file(folder.path(), &text.replace("step = 0.1", "step = 100.0"));
    let refused = spiking(&["record", step.to_str().expect("UTF-8"), &path("x")]);
    assert_eq!(code(&refused), 2);
    assert!(error_line(&refused).contains("step"), "{}", error_line(&refused));
    assert!(!folder.path().join("x").exists());
}

/// A file is adjusted, what comes of it is kept as a file of the same kind, and that has nothing left to adjust.
#[test]
fn an_adjusted_system_goes_on_from_there() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("adjusted");
    let adjust = |file: &Path| {
        let mut command = binary("signalling");
        command.arg("adjust").arg(file).arg("--json").arg("--out").arg(&out);
        let output = command.output().expect("runs");
        assert_eq!(code(&output), 0, "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<serde_json::Value>(&output.stdout).expect("JSON")
    };
    let first = adjust(&repository("networks/reactions.toml"));
    assert_eq!(first["status"], "converged");
    assert!((first["changes"][0]["factor"].as_f64().expect("a factor") - 78.0 / 2400.0).abs() < 1e-6, "{first}");
    for name in ["adjusted.toml", "adjustment.json", "figure.svg", "figure.parquet"] {
        assert!(out.join(name).exists(), "{name}");
    }
    let kept = folder.path().join("kept.toml");
    fs::copy(out.join("adjusted.toml"), &kept).expect("copied");
    let second = adjust(&kept);
    assert!((second["changes"][0]["factor"].as_f64().unwrap_or(1.0) - 1.0).abs() < 1e-6, "{second}");
}
