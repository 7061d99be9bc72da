//! The binaries as a user runs them: exit codes, one-line errors, whole files, any number of threads.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn binary(name: &str) -> Command {
    Command::new(match name {
        "reproduce" => env!("CARGO_BIN_EXE_reproduce"),
        "neurons" => env!("CARGO_BIN_EXE_neurons"),
        "semi-balance" => env!("CARGO_BIN_EXE_semi-balance"),
        "spiking" => env!("CARGO_BIN_EXE_spiking"),
        _ => env!("CARGO_BIN_EXE_sparse-balance"),
    })
}

fn run(arguments: &[&str]) -> Output {
    binary("sparse-balance").args(arguments).output().expect("runs")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("no signal")
}

fn error_line(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = text.lines().find(|l| l.starts_with("error: ")).unwrap_or_else(|| panic!("no error line in {text}"));
    assert!(!text.contains("panicked"), "{text}");
    line.to_owned()
}

/// A small network that runs in a second.
const SMALL: &str = r#"
replicates = 3
[protocol]
step = 0.02
scheme = "euler"
warm_up = 20.0
duration = 150.0
sampling = 0.1
[network]
response = "heaviside"
law = "gamma"
exponent = 0.5
mean = [[2.0]]
spread = [[2.0]]
[[network.populations]]
name = "I"
sign = "inhibitory"
size = 200
in_degree = 200
bias = 1.0
"#;

fn file(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("mine.toml");
    fs::write(&path, text).expect("a temporary folder is writable");
    path
}

fn compare(text: &str, more: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = file(folder.path(), text);
    let mut arguments = vec!["compare", path.to_str().expect("UTF-8")];
    arguments.extend(more);
    run(&arguments)
}

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

#[test]
fn results_do_not_depend_on_the_instruction_set() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = file(folder.path(), &SMALL.replace("heaviside", "rectified-tanh").replace("200", "333"));
    let with = |isa: &str| {
        let mut command = binary("sparse-balance");
        command.env("EQUIPOISE_ISA", isa).args(["compare", path.to_str().expect("UTF-8"), "--json"]);
        command.output().expect("runs")
    };
    let portable = with("portable");
    assert!(portable.stdout.len() > 1000, "{}", String::from_utf8_lossy(&portable.stderr));
    for isa in ["avx2", "avx512"] {
        let output = with(isa);
        if code(&output) == 2 {
            assert!(error_line(&output).contains("this machine lacks"), "{}", error_line(&output));
            eprintln!("skipped: this machine has no {isa}");
        } else {
            assert!(output.stdout == portable.stdout, "{isa} differs from portable");
        }
    }
}

#[test]
fn an_unknown_instruction_set_is_refused_and_the_chosen_one_is_named() {
    for program in ["reproduce", "sparse-balance", "semi-balance", "spiking"] {
        for isa in ["AVX2", "", "sse2", "avx2 "] {
            let output = binary(program).env("EQUIPOISE_ISA", isa).arg("--version").output().expect("runs");
            assert_eq!(code(&output), 2, "{program} with {isa:?}");
            assert!(error_line(&output).contains("allowed: avx512, avx2, portable"), "{}", error_line(&output));
            assert_eq!(String::from_utf8_lossy(&output.stderr).lines().count(), 1);
        }
        let output = binary(program).env("EQUIPOISE_ISA", "portable").arg("--version").output().expect("runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.starts_with(&format!("{program} ")) && text.contains("instruction set: portable"), "{text}");
    }
}

#[test]
fn cheaper_figures_come_first_and_the_report_with_them() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let only = ["--only", "semi-balance/theorem", "--only", "semi-balance/finite-n"];
    let mut command = binary("reproduce");
    let output = command.args(only).args(["--quick", "--out"]).arg(folder.path()).output().expect("runs");
    assert_eq!(code(&output), 0);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let place = |what: &str| text.find(what).unwrap_or_else(|| panic!("no {what} in {text}"));
    assert!(place("semi-balance/finite-n: ") < place("1/2 figures in"), "{text}");
    let done = text.find(" hold").expect("a figure");
    assert!(text[..done].contains("finite-n") && place("2/2 figures in") > place("1/2 figures in"), "{text}");
    assert!(folder.path().join("index.html").exists());
}

#[test]
fn more_threads_than_cores_are_taken_only_if_that_is_forced() {
    let cores = std::thread::available_parallelism().expect("known").get();
    let many = (4 * cores).to_string();
    let capped = compare(SMALL, &["--threads", &many]);
    let note = format!("note: --threads {many}: {cores} are used");
    assert!(String::from_utf8_lossy(&capped.stderr).contains(&note));
    let forced = compare(SMALL, &["--threads", &many, "--oversubscribe"]);
    assert!(!String::from_utf8_lossy(&forced.stderr).contains("note: --threads"));
    assert!(capped.stdout == forced.stdout);
}

#[test]
fn results_do_not_depend_on_threads() {
    let one = compare(SMALL, &["--json", "--threads", "1"]).stdout;
    for threads in ["2", "8"] {
        let output = compare(SMALL, &["--json", "--threads", threads, "--oversubscribe"]);
        assert!(output.stdout == one, "{threads} threads differ from 1");
    }
    assert!(compare(SMALL, &["--json", "--seed", "2"]).stdout != one, "another seed gives other results");
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

/// Rows of `compare` as (quantity, label, x, theory, simulation), numbers to ten digits: JSON is read to the last but one.
fn told(output: &Output) -> Vec<[String; 5]> {
    let rows: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)));
    let text = |value: &serde_json::Value| value.as_str().map_or_else(|| number(value.as_f64()), str::to_owned);
    let keys = ["quantity", "label", "x", "theory", "simulation"];
    rows.as_array().expect("an array").iter().map(|row| keys.map(|key| text(&row[key]))).collect()
}

fn number(value: Option<f64>) -> String {
    value.map_or("NaN".into(), |v| format!("{v:.9e}"))
}

/// A table of results, the same columns.
fn kept(path: &Path) -> Vec<[String; 5]> {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let cells = |line: &str| {
        let (mut all, mut quoted) = (vec![String::new()], false);
        for c in line.chars() {
            match c {
                '"' => quoted = !quoted,
                ',' if !quoted => all.push(String::new()),
                _ => all.last_mut().expect("one").push(c),
            }
        }
        all
    };
    text.lines()
        .skip(1)
        .map(cells)
        .map(|c| {
            [
                c[1].clone(),
                c[4].clone(),
                number(c[5].parse().ok()),
                number(c[6].parse().ok()),
                number(c[7].parse().ok()),
            ]
        })
        .collect()
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

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// The files that a user starts from.
#[test]
fn example_networks_run_and_nothing_misses() {
    let of_kind = |text: &str| match text.lines().find_map(|line| line.strip_prefix("kind = ")) {
        Some("\"rate-network\"") => "sparse-balance",
        Some("\"spiking-network\"") => "spiking",
        Some("\"circuit\"" | "\"unit-network\"") => "semi-balance",
        Some("\"neuron\"") => "neurons",
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

/// The README's answer is that of the committed tables.
#[test]
fn the_readme_says_what_the_committed_tables_say() {
    let mut verdicts = std::collections::BTreeMap::<String, usize>::new();
    for source in fs::read_dir(repository("results")).expect("committed").flatten().filter(|e| e.path().is_dir()) {
        for figure in fs::read_dir(source.path()).expect("a folder").flatten() {
            let text = fs::read_to_string(figure.path().join("comparison.csv")).expect("a table");
            let mut lines = text.lines();
            assert!(
                lines.next().is_some_and(|head| head.ends_with(",unit,scale,verdict")),
                "{}",
                figure.path().display()
            );
            for line in lines {
                *verdicts.entry(line.rsplit(',').next().unwrap_or_default().to_owned()).or_default() += 1;
            }
        }
    }
    let count = |name: &str| verdicts.get(name).copied().unwrap_or(0);
    let claims = count("holds") + count("weak") + count("misses");
    let answer = format!(
        "of {claims} claims at the papers' sizes **{} hold**, {} are weak (they agree, but would hardly have failed) and **{} miss**.",
        count("holds"),
        count("weak"),
        count("misses")
    );
    let readme = fs::read_to_string(repository("README.md")).expect("there");
    let readme = readme.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(readme.contains(&answer), "README.md should say: {answer}");
}

/// Files of the form before populations and projections.
#[test]
fn old_networks_are_refused_with_the_new_form_and_printed_in_it() {
    let old = r#"
replicates = 3
[run]
duration = 600.0
transient = 100.0
step = 0.1
sample = 1.0
[network]
names = ["e", "i"]
refractory = 2.0
constant = [0.9, 0.6]
external_synapses = []
[network.connections]
size = 500
shares = [0.8, 0.2]
probability = [[0.1, 0.1], [0.1, 0.2]]
strength = [[20.0, -100.0], [80.0, -150.0]]
external_shares = []
external_rates = []
external_probability = [[], []]
external_strength = [[], []]
[[network.synapses]]
tau = 5.0
[[network.synapses]]
tau = 8.0
delay = 1.0
[[network.neurons]]
kind = "leaky"
tau = 20.0
rest = -60.0
threshold = -50.0
reset = -60.0
"#;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = file(folder.path(), old);
    let spiking = |command: &str, path: &Path| binary("spiking").arg(command).arg(path).output().expect("runs");
    let refused = spiking("compare", &path);
    assert_eq!(code(&refused), 2);
    let line = error_line(&refused);
    assert!(line.contains("[[network.populations]]") && line.contains("renew"), "{line}");
    let renewed = spiking("renew", &path);
    assert_eq!(code(&renewed), 0, "{}", String::from_utf8_lossy(&renewed.stderr));
    let text = String::from_utf8(renewed.stdout).expect("UTF-8");
    assert!(
        text.contains("probability = 0.2") && text.contains("delay = 1.0") && text.contains("constant = 0.9"),
        "{text}"
    );
    fs::write(&path, &text).expect("writable");
    assert!(code(&spiking("compare", &path)) <= 1);
    assert_eq!(code(&spiking("renew", &path)), 2, "of no old form any more");
}

/// Strong recurrent coupling under constant currents makes cells fire together: nothing that assumes asynchronous cells is claimed.
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
    assert!(errors.contains("cells fire together"), "{errors}");
    let rows: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let finite = |row: &&serde_json::Value| row["theory_name"].as_str().is_some_and(|name| name.contains("finite N"));
    let rows: Vec<_> = rows.as_array().expect("rows").iter().filter(finite).collect();
    assert!(rows.len() > 5 && rows.iter().all(|row| row["verdict"] == "contrast"), "{rows:?}");
}

#[test]
fn sweeps_that_mean_nothing_are_refused_in_one_line() {
    let sweep = |text: &str| format!("[[sweep]]\n{text}\n{}", SMALL.replace("replicates = 3\n", ""));
    for (text, expected) in [
        ("axis = \"network.populations.I.bais\"\nvalues = [1.0]", "bais"),
        ("axis = \"network.populations.E.bias\"\nvalues = [1.0]", "no entry \"E\""),
        ("axis = \"network.law\"\nvalues = [\"gama\"]", "gama"),
        ("axis = \"network.exponent\"\nvalues = [0.5, 2.0]", "exponent = 2"),
        ("axis = \"network.exponent\"\nvalues = []", "none"),
        ("axis = 3\nvalues = [1.0]", "line 2"),
        ("values = [1.0]", "axis"),
    ] {
        let output = compare(&sweep(text), &[]);
        assert_eq!(code(&output), 2, "{text}: {}", String::from_utf8_lossy(&output.stderr));
        let line = error_line(&output);
        assert!(line.contains(expected) && line.contains("mine.toml"), "{text}: {line}");
    }
    let unknown = compare(&format!("kind = \"rate-netwrok\"\n{SMALL}"), &[]);
    assert!(error_line(&unknown).contains("did you mean \"rate-network\"?"), "{}", error_line(&unknown));
    let unknown = compare(&format!("figure = \"fig9\"\n{SMALL}"), &[]);
    assert!(error_line(&unknown).contains("fig1, fig2"), "{}", error_line(&unknown));
}

/// Nobody reads what is said on standard error: the run goes on.
#[test]
fn a_full_standard_error_stops_nothing() {
    let Ok(full) = fs::OpenOptions::new().write(true).open("/dev/full") else {
        return eprintln!("skipped: no /dev/full here");
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = file(folder.path(), SMALL);
    let full = |name: &str, arguments: &[&str]| {
        let mut command = binary(name);
        command.args(arguments).stderr(full.try_clone().expect("a handle")).current_dir(folder.path());
        code(&command.output().expect("runs"))
    };
    assert_eq!(full("sparse-balance", &["compare", path.to_str().expect("UTF-8")]), 0);
    assert_eq!(full("reproduce", &["--only", "neurons/leaky", "--quick", "--out", "out"]), 0);
    assert!(folder.path().join("out/neurons/leaky/run.json").exists());
    assert_eq!(full("sparse-balance", &["compare", "/nowhere"]), 2);
}

#[test]
fn neurons_that_cannot_be_run_are_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let neuron = "[neuron]\nkind = \"leaky\"\ntau = 15.0\nrest = -72.0\nthreshold = -55.0\nreset = -75.0\n";
    let run = |text: &str, more: &[&str]| {
        let path = file(folder.path(), &format!("{text}\n{neuron}"));
        binary("neurons").arg("compare").arg(&path).args(more).output().expect("runs")
    };
    assert_eq!(code(&run("currents = [10.0, 20.0]\nstep = 0.05", &[])), 0);
    for (text, more, expected) in [
        ("currents = [20.0]\nstep = 0.0", &[][..], "step: 0"),
        ("currents = [20.0]\nstep = 1e-320", &[], "step"),
        ("currents = [20.0]\nstep = nan", &[], "step: NaN"),
        ("currents = []", &[], "currents: none"),
        ("currents = [nan]", &[], "currents: NaN"),
        ("currents = [20.0]\nduration = -5.0", &[], "duration"),
        ("currents = [20.0]", &["--replicates", "3"], "no random numbers"),
        ("currents = [20.0]", &["--memory-limit", "0.000001"], "needs"),
    ] {
        let output = run(text, more);
        assert_eq!(code(&output), 2, "{text}: {}", String::from_utf8_lossy(&output.stdout));
        assert!(error_line(&output).contains(expected), "{text}: {}", error_line(&output));
    }
}

#[test]
fn nonsense_is_refused_in_one_line_with_what_is_allowed() {
    let cases: &[(&str, &str, &str)] = &[
        ("size = 200\n", "size = 100\n", "1 to size = 100"),
        ("in_degree = 200", "in_degree = 0", "in_degree"),
        ("in_degree = 200", "in_degree = -3", "line"),
        ("bias = 1.0", "bias = nan", "bias"),
        ("bias = 1.0", "bias = inf", "bias"),
        ("exponent = 0.5", "exponent = 2.0", "0.5 to 1"),
        ("exponent = 0.5", "exponentt = 0.5", "did you mean \"exponent\"?"),
        ("\"heaviside\"", "\"heavyside\"", "did you mean \"heaviside\"?"),
        ("\"gamma\"", "\"gama\"", "did you mean \"gamma\"?"),
        ("spread = [[2.0]]", "spread = [[0.0]]", "no gamma law"),
        ("spread = [[2.0]]", "spread = [[2.0, 1.0]]", "[1, 1]"),
        ("step = 0.02", "step = 0.9", "for heaviside"),
        ("step = 0.02", "step = 0.0", "step"),
        ("duration = 150.0", "duration = -1.0", "duration"),
        ("duration = 150.0", "duration = 50.0", "120"),
        ("sampling = 0.1", "sampling = 0.05001", "multiples"),
        ("replicates = 3", "replicates = 0", "replicates"),
        ("[network]", "[nettwork]", "did you mean \"network\"?"),
    ];
    for (from, to, expected) in cases {
        let output = compare(&SMALL.replacen(from, to, 1), &[]);
        assert_eq!(code(&output), 2, "{to}: {}", String::from_utf8_lossy(&output.stderr));
        let line = error_line(&output);
        assert!(line.contains(expected), "{to}: {line}");
    }
}

#[test]
fn a_command_line_that_means_nothing_is_refused() {
    let cases: &[(&[&str], &str)] = &[
        (&[], "allowed: list, run, params, compare"),
        (&["run", "fig9"], "fig1, fig2"),
        (&["run", "fig1", "--threads", "0"], "1 to 4096"),
        (&["run", "fig1", "--quik"], "--quick"),
        (&["run", "fig1", "--seed", "x"], "--seed"),
        (&["run", "fig1", "--memory-limit=-1"], "above 0"),
        (&["run", "fig1", "--quick", "--memory-limit", "0.0001", "--out", "/tmp/equipoise-never"], "needs"),
        (&["params", "figg1"], "did you mean \"fig1\"?"),
        (&["compare", "/nowhere/mine.toml"], "cannot read"),
        (&["compare", "mine.toml", "--replicates", "0"], "1 to"),
    ];
    for (arguments, expected) in cases {
        let output = run(arguments);
        assert_eq!(code(&output), 2, "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        let line = error_line(&output);
        assert!(line.contains(expected), "{arguments:?}: {line}");
    }
    let output = binary("reproduce").args(["--only", "sparse-balanse"]).output().expect("runs");
    assert_eq!(code(&output), 2);
    assert!(error_line(&output).contains("did you mean \"sparse-balance\"?"));
}

#[test]
fn a_place_that_cannot_be_written_is_exit_3_before_anything_runs() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = file(folder.path(), "a file, no folder");
    let output = run(&["run", "fig3", "--quick", "--out", path.to_str().expect("UTF-8")]);
    assert_eq!(code(&output), 3);
    assert!(error_line(&output).contains("mine.toml"));
    assert_eq!(fs::read_to_string(&path).expect("still there"), "a file, no folder");
}

#[test]
fn finished_figures_stand_and_a_check_writes_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let of = |more: &[&str]| {
        let arguments = [&["run", "leaky", "--quick", "--out", "out"], more].concat();
        let output = binary("neurons").args(arguments).current_dir(folder.path()).output().expect("runs");
        (code(&output), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let own = folder.path().join("out/neurons/leaky");
    let (failed, told) = of(&["--check"]);
    assert!(failed == 1 && told.contains("differs: neurons/leaky: cannot read"), "{told}");
    assert!(!own.exists(), "a check writes nothing");
    assert_eq!(of(&["--format", "png"]).0, 0);
    assert!(fs::read(own.join("figure.png")).expect("there").starts_with(b"\x89PNG"));
    assert_eq!(of(&["--check"]).0, 0);
    // Two builds from sources that differ from their commit may differ too.
    let clean = !experiments::BUILD.commit.ends_with("-dirty");
    assert_eq!(of(&[]).1.contains("finished by this build"), clean);
    assert!(!of(&["--again"]).1.contains("finished by this build"));
    let table = fs::read_to_string(own.join("comparison.csv")).expect("there");
    let other = table.replacen("talk", "walk", 1);
    fs::write(own.join("comparison.csv"), &other).expect("writable");
    let (differs, told) = of(&["--check"]);
    assert!(differs == 1 && told.contains("differs: neurons/leaky: 1 rows of "), "{told}");
    assert_eq!(fs::read_to_string(own.join("comparison.csv")).expect("there"), other);
    // A run that died has left no run.json.
    fs::remove_file(own.join("run.json")).expect("there");
    assert!(!of(&[]).1.contains("finished by this build"));
    assert_eq!(fs::read_to_string(own.join("comparison.csv")).expect("there"), table);
}

#[test]
fn list_names_every_figure() {
    let output = run(&["list"]);
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!((1..=6).all(|n| text.contains(&format!("fig{n}"))), "{text}");
}

#[test]
fn results_name_the_commit_that_they_were_built_from() {
    let git = Command::new("git").args(["-C", env!("CARGO_MANIFEST_DIR"), "rev-parse", "HEAD"]).output();
    match git.ok().filter(|out| out.status.success()) {
        Some(out) => {
            let head = String::from_utf8_lossy(&out.stdout).trim().to_owned();
            assert_eq!(experiments::BUILD.commit.trim_end_matches("-dirty"), head);
        }
        None => eprintln!("skipped: not a git work tree, or no git"),
    }
}

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
