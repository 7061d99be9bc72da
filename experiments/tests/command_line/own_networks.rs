//! A user's own files: `compare` gives the rows of their systems, swept or not, and of a figure's parameters.

use super::*;

#[test]
fn compare_gives_rows_with_the_fixed_columns() {
    let output = compare(SMALL, &["--json"]);
    assert!(code(&output) <= 1, "{}", String::from_utf8_lossy(&output.stderr));
    let rows: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let rows = rows.as_array().expect("an array");
    for quantity in ["f", "m", "mean x", "variance x", "skewness x", "beta", "alpha", "temporal var x / var eta"] {
        assert!(rows.iter().any(|r| r["quantity"] == quantity), "no row for {quantity}");
    }
    for theory in ["(a) adiabatic", "(b) gamma given r", "(c) GGC-Beta given r", "closed form (d)"] {
        assert!(rows.iter().any(|r| r["theory_name"] == theory), "no row for {theory}");
    }
    let columns: Vec<&str> = rows[0].as_object().expect("an object").keys().map(String::as_str).collect();
    for column in
        "panel,quantity,theory_name,claim,label,x,theory,simulation,sem,replicates,bias,agrees,unit,scale,verdict,\
                   parameters,seed,commit"
            .split(',')
    {
        assert!(columns.contains(&column), "no column {column}");
    }
}

/// Networks for which some or all theories have no answer: rows or notes, never a panic.
#[test]
fn every_kind_of_network_is_compared_or_refused() {
    let changes: &[&[(&str, &str)]] = &[
        &[("\"gamma\"", "\"constant\""), ("spread = [[2.0]]", "spread = [[0.0]]")],
        &[
            ("\"gamma\"", "\"constant\""),
            ("spread = [[2.0]]", "spread = [[0.0]]"),
            ("in_degree = 200", "in_degree = 50"),
        ],
        &[("\"gamma\"", "\"log-normal\"")],
        &[("\"gamma\"", "\"gaussian\""), ("exponent = 0.5", "exponent = 1.0")],
        &[("in_degree = 200", "in_degree = 20")],
        &[("bias = 1.0", "bias = -1.0")],
        &[("bias = 1.0", "bias = 0.0")],
        &[
            ("exponent = 0.5", "exponent = 1.0"),
            ("spread = [[2.0]]", "spread = [[1.0]]"),
            ("heaviside", "rectified-tanh"),
        ],
        &[
            ("spread = [[2.0]]", "spread = [[4.0]]"),
            ("mean = [[2.0]]", "mean = [[1.0]]"),
            ("heaviside", "rectified-linear"),
        ],
        &[("mean = [[2.0]]", "mean = [[0.0]]"), ("spread = [[2.0]]", "spread = [[0.0]]")],
        &[("size = 200\n", "size = 1\n"), ("in_degree = 200", "in_degree = 1")],
        &[
            ("exponent = 0.5", "exponent = 1.0"),
            ("spread = [[2.0]]", "spread = [[0.02]]"),
            ("heaviside", "rectified-tanh"),
        ],
    ];
    for change in changes {
        let text = change.iter().fold(SMALL.to_owned(), |text, (from, to)| text.replacen(from, to, 1));
        let output = compare(&text, &[]);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(code(&output) <= 1 && !errors.contains("panicked"), "{change:?}: {errors}");
        assert!(!String::from_utf8_lossy(&output.stdout).contains("panicked"));
    }
}

#[test]
fn the_parameters_of_every_figure_are_networks_to_compare() {
    for figure in ["fig1", "fig2", "fig3", "fig4", "fig5", "fig6"] {
        let output = run(&["params", figure, "--quick"]);
        assert_eq!(code(&output), 0);
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        // Parsed and validated, then refused for its memory, before anything runs.
        let refused = compare(&text, &["--memory-limit", "0.000001"]);
        assert_eq!(code(&refused), 2);
        assert!(error_line(&refused).contains("needs"), "{figure}: {}", error_line(&refused));
    }
}

#[test]
fn parameters_of_a_figure_give_the_rows_of_the_figure() {
    let figures = [
        ("semi-balance", "finite-n"),
        ("semi-balance", "multistability"),
        ("neurons", "leaky"),
        ("neurons", "recurrent"),
        ("sparse-balance", "fig5"),
    ];
    for (source, figure) in figures {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let of = |arguments: &[&str]| binary(source).args(arguments).current_dir(folder.path()).output().expect("runs");
        let ran = of(&["run", figure, "--quick", "--out", "out"]);
        assert_eq!(code(&ran), 0, "{}", String::from_utf8_lossy(&ran.stderr));
        fs::write(folder.path().join("mine.toml"), of(&["params", figure, "--quick"]).stdout).expect("writable");
        let compared = of(&["compare", "mine.toml", "--json", "--out", "mine"]);
        let own = folder.path().join("out").join(source).join(figure);
        let drawn = |folder: &Path| fs::read_to_string(folder.join("figure.svg")).expect("there");
        assert!(drawn(&own) == drawn(&folder.path().join("mine")), "{source}/{figure}: another picture");
        let table = own.join("comparison.csv");
        let (told, kept) = (told(&compared), kept(&table));
        assert!(!told.is_empty() && told == kept, "{source}/{figure}: {} and {} rows", told.len(), kept.len());
    }
}

#[test]
fn any_key_is_swept_and_the_result_is_kept_as_one_tidy_table() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let swept = format!(
        "label = \"mine\"\n[[sweep]]\naxis = \"network.law\"\nvalues = [\"gamma\", \"log-normal\"]\n\
         [[sweep]]\naxis = \"network.populations.I.bias\"\nvalues = [0.5, 1]\n{}",
        SMALL.trim_start()
    );
    // Top-level keys stand before tables.
    let swept = swept.replace("replicates = 3\n", "").replacen("label", "replicates = 3\nlabel", 1);
    let path = file(folder.path(), &swept);
    let out = folder.path().join("out");
    let output = run(&["compare", path.to_str().expect("UTF-8"), "--json", "--out", out.to_str().expect("UTF-8")]);
    assert!(code(&output) <= 1, "{}", String::from_utf8_lossy(&output.stderr));
    let rows: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let rows = rows.as_array().expect("rows");
    for law in ["gamma", "log-normal"] {
        for bias in [0.5, 1.0] {
            let at = |row: &&serde_json::Value| {
                row["parameters"]["network.law"] == law
                    && row["parameters"]["network.populations.I.bias"].as_f64() == Some(bias)
            };
            let own = rows.iter().find(at).unwrap_or_else(|| panic!("no row at {law}, {bias}"));
            assert_eq!(own["x"].as_f64(), Some(bias), "the last axis is the abscissa");
            assert_eq!(own["label"], format!("mine, law = {law}, I"));
        }
    }
    let mut names: Vec<_> = fs::read_dir(&out).expect("there").map(|e| e.expect("entry").file_name()).collect();
    names.sort();
    let expected = [
        "comparison.csv",
        "comparison.md",
        "comparison.tex",
        "figure.parquet",
        "figure.svg",
        "parameters.toml",
        "rows.parquet",
        "run.json",
    ];
    assert_eq!(names, expected);
    assert!(kept(&out.join("comparison.csv")) == told(&output), "the same rows");
    let run: serde_json::Value = serde_json::from_slice(&fs::read(out.join("run.json")).expect("there")).expect("JSON");
    assert_eq!(run["rows"].as_u64(), Some(rows.len() as u64));
    assert!(run["commit"].is_string() && run["parameters"]["network"]["exponent"].as_f64() == Some(0.5), "{run}");
    let counted: u64 = run["verdicts"].as_object().expect("by verdict").values().filter_map(|n| n.as_u64()).sum();
    assert_eq!(counted, rows.len() as u64);
}

/// The files that a user starts from.
#[test]
fn example_networks_run_and_nothing_misses() {
    let of_kind = |text: &str| match text.lines().find_map(|line| line.strip_prefix("kind = ")) {
        Some("\"rate-network\"") => "sparse-balance",
        Some("\"spiking-network\"") => "spiking",
        Some("\"circuit\"" | "\"unit-network\"") => "semi-balance",
        Some("\"neuron\"") => "neurons",
        Some("\"plastic-network\"" | "\"plastic-spiking-network\"") => "plasticity",
        Some("\"reaction-network\"") => "signalling",
        other => panic!("no binary for {other:?}"),
    };
    let mut count = 0;
    for entry in fs::read_dir(repository("networks")).expect("in the repository") {
        let path = entry.expect("an entry").path();
        let text = fs::read_to_string(&path).expect("UTF-8");
        let output = binary(of_kind(&text)).arg("compare").arg(&path).arg("--json").output().expect("runs");
        assert_eq!(code(&output), 0, "{}: {}", path.display(), String::from_utf8_lossy(&output.stderr));
        assert!(told(&output).len() > 3, "{}", path.display());
        count += 1;
    }
    assert!(count >= 5, "{count} files");
}

/// Strong recurrent coupling under constant currents makes cells fire together, as theory says: nothing that assumes asynchronous cells is claimed.
#[test]
fn theories_of_asynchronous_cells_claim_nothing_of_cells_that_fire_together() {
    let text = r#"
replicates = 3
[run]
duration = 1000.0
transient = 300.0
step = 0.1
sample = 1.0
[network]
size = 2000
neuron = { kind = "leaky", tau = 15.0, rest = -70.0, threshold = -50.0, reset = -70.0 }
populations = [{ name = "e", share = 0.8, constant = 2.0 }, { name = "i", share = 0.2, constant = 1.5 }]
projections = [
    { from = "e", to = "e", probability = 0.3, strength = 8.0, tau = 5.0 },
    { from = "e", to = "i", probability = 0.3, strength = 38.0, tau = 5.0 },
    { from = "i", to = "e", probability = 0.3, strength = -50.0, tau = 10.0, delay = 2.0 },
    { from = "i", to = "i", probability = 0.3, strength = -83.0, tau = 10.0, delay = 2.0 },
]
"#;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = file(folder.path(), text);
    let output = binary("spiking").arg("compare").arg(&path).arg("--json").output().expect("runs");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(errors.contains("the asynchronous state is unstable"), "{errors}");
    let rows: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let finite = |row: &&serde_json::Value| row["theory_name"].as_str().is_some_and(|name| name.contains("finite N"));
    let rows: Vec<_> = rows.as_array().expect("rows").iter().filter(finite).collect();
    assert!(rows.len() > 5 && rows.iter().all(|row| row["verdict"] == "contrast"), "{rows:?}");
}

#[test]
fn a_circuit_is_compared_with_its_dynamics() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = |text: &str| {
        let path = file(folder.path(), text);
        binary("semi-balance").arg("compare").arg(&path).arg("--json").output().expect("runs")
    };
    let bistable = "starts = 40\n[circuit]\nW = [[1.5, 0.5, -3.0], [0.5, 1.5, -3.0], [4.5, 4.5, -5.0]]\n\
                    X = [36.0, 36.0, 27.0]\ngain = 10.0\n";
    let own = run(bistable);
    assert_eq!(code(&own), 0, "{own:?}");
    let rows: serde_json::Value = serde_json::from_slice(&own.stdout).expect("JSON");
    assert_eq!(rows.as_array().expect("rows").len(), 7, "three rates at each of two ends, and their number");
    // No stable state: a limit cycle. No state at all: runaway.
    for (w, x) in [("[[6.0, -7.0], [9.0, -5.0]]", "[36.0, 20.0]"), ("[[4.0, -2.0], [3.0, -3.0]]", "[3.0, 1.0]")] {
        let output = run(&format!("starts = 5\n[circuit]\nW = {w}\nX = {x}\ngain = 20.0\n"));
        assert_eq!(code(&output), 0, "{output:?}");
        let rows: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert!(rows.as_array().expect("rows").iter().any(|row| row["quantity"] == "starts that settle"), "{rows}");
    }
    for text in [
        "starts = 5",
        "starts = 0\n[circuit]\nW = [[-1.0]]\nX = [1.0]\ngain = 1.0",
        "starts = 5\n[circuit]\nW = [[-1.0]]\nX = [1.0, 2.0]\ngain = 1.0",
        "starts = 5\n[circuit]\nW = [[-1.0]]\nX = [1.0]\ngain = -1.0",
        "starts = 5\n[circuit]\nW = [[-1.0]]\nX = [nan]\ngain = 1.0",
    ] {
        let output = run(text);
        assert_eq!(code(&output), 2, "{text}: {output:?}");
        assert!(error_line(&output).contains("mine.toml"), "{text}");
    }
}

/// Excitation without bound runs away: the other case keeps its rows, and the command says what is missing.
#[test]
fn a_case_that_cannot_be_run_does_not_take_the_others_with_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sweep = "[[sweep]]\naxis = \"network.populations.I.sign\"\nvalues = [\"excitatory\", \"inhibitory\"]\n";
    let text = SMALL.replacen("[protocol]", &format!("{sweep}[protocol]"), 1).replace("heaviside", "rectified-linear");
    let kept = folder.path().join("kept");
    let output = compare(&text, &["--json", "--out", kept.to_str().expect("UTF-8")]);
    assert_eq!(code(&output), 2);
    let line = error_line(&output);
    assert!(line.contains("left out") && line.contains("ran away") && line.contains("\"excitatory\""), "{line}");
    let rows: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let rows = rows.as_array().expect("rows");
    let of_other = |row: &serde_json::Value| row["parameters"]["network.populations.I.sign"] == "inhibitory";
    assert!(rows.len() > 5 && rows.iter().all(of_other), "{rows:?}");
    let run = fs::read_to_string(kept.join("run.json")).expect("kept");
    assert!(run.contains("left_out"), "{run}");
}

/// What has been learned is kept, and learning goes on from there as if it had not been interrupted.
#[test]
fn lessons_in_parts_are_lessons_in_one_go() {
    let text = fs::read_to_string(repository("networks/plastic-spiking.toml")).expect("in the repository");
    let (network, _) = text.split_once("[[lessons.phases]]").expect("phases");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    let teach = |name: &str, trials: usize, more: &[&str]| {
        let phase = format!(
            "[[lessons.phases]]\nname = \"a\"\nstimuli = [\"X1+X2\"]\namplitude = [0.0, 2.0]\ntrials = {trials}\nlearning = true\n"
        );
        let file = file(folder.path(), &format!("{network}{phase}"));
        let output = binary("plasticity").arg("teach").arg(file).arg(at(name)).args(more).output().expect("runs");
        let line = if code(&output) == 0 { String::new() } else { error_line(&output) };
        (code(&output), line)
    };
    let path = |name: &str| at(name).display().to_string();
    assert_eq!(teach("whole", 3, &["--strengths", &path("whole strengths")]).0, 0);
    assert_eq!(teach("first", 1, &["--threads", "1"]).0, 0);
    assert_eq!(teach("both", 2, &["--from", &path("first"), "--strengths", &path("both strengths")]).0, 0);
    let column = |name: &str, column: &str| {
        let stored = lab::StoredFrame::open(&at(name)).expect("Parquet");
        stored.numbers(column).expect("a column")
    };
    for of in ["of", "value"] {
        assert!(column("whole", of) == column("both", of), "{of}");
    }
    for of in ["source", "target", "strength"] {
        let (whole, both) = (column("whole strengths", of), column("both strengths", of));
        assert!(whole.len() > 10_000 && whole == both, "{of}");
    }
    for (more, expected) in [
        (vec!["--from", "nowhere"], "cannot read nowhere"),
        (vec!["--from", &path("whole strengths")], "what is missing"),
        (vec!["--from", &path("first"), "--seed", "99"], "another seed"),
    ] {
        let (code, line) = teach("none", 1, &more);
        assert!(code == 2 && line.contains(expected), "{expected}: {line}");
    }
    assert!(!at("none").exists());
}
