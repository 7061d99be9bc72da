//! Figures: order, threads, instruction sets, what stands and what is checked.

use super::*;

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
    let what = "comparison.csv: 1 rows are not there any more, 1 are new";
    assert!(differs == 1 && told.contains("differs: neurons/leaky: ") && told.contains(what), "{told}");
    assert_eq!(fs::read_to_string(own.join("comparison.csv")).expect("there"), other);
    // A run that died has left no run.json.
    fs::remove_file(own.join("run.json")).expect("there");
    assert!(!of(&[]).1.contains("finished by this build"));
    assert_eq!(fs::read_to_string(own.join("comparison.csv")).expect("there"), table);
}

/// Files that a killed run of another program has cut, or that somebody has emptied, are no reason to fail.
#[test]
fn a_neighbours_broken_file_is_left_out_of_the_report() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().to_str().expect("UTF-8");
    let only = |figure: &str| {
        let output = binary("reproduce").args(["--quick", "--only", figure, "--out", out]).output().expect("runs");
        (code(&output), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(only("neurons/leaky").0, 0);
    let page = || fs::read_to_string(folder.path().join("index.html")).expect("a page");
    assert!(page().contains("id=\"neurons-leaky\""));
    for (name, text) in [("comparison.csv", ""), ("run.json", "{}"), ("run.json", "{"), ("figure.svg", "<svg>")] {
        let path = folder.path().join("neurons/leaky").join(name);
        let whole = fs::read(&path).expect("there");
        fs::write(&path, text).expect("writable");
        let (code, said) = only("neurons/synapses");
        assert!(code == 0 && said.contains("note: not in the report: neurons/leaky: "), "{name}: {said}");
        assert!(!page().contains("id=\"neurons-leaky\"") && page().contains("Not shown: neurons/leaky"));
        fs::write(&path, whole).expect("writable");
    }
    assert!(!only("neurons/synapses").1.contains("not in the report"));
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
