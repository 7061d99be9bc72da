//! Input that means nothing: one line, exit code 2.

use super::*;

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

/// Rules and lessons of spiking networks that mean nothing: the example file, spoilt at one place.
#[test]
fn lessons_of_spiking_networks_that_mean_nothing_are_refused_in_one_line() {
    let text = fs::read_to_string(repository("networks/plastic-spiking.toml")).expect("in the repository");
    let rule = "plasticity = { rule = \"additive\", rate = 1.0, target = 5.0, trace = 200.0 }";
    let excites = format!("strength = 25.0\n{rule}");
    let factors = "# factors = [{ from = \"e\", to = \"i\", factor = 1.2 }]";
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (from, to, expected) in [
        ("strength = 25.0", excites.as_str(), "projections.e->e.plasticity: the projection excites"),
        ("strength = -150.0", "strength = 0.0", "projections.i->e.plasticity: no synapse that could learn"),
        ("target = 5.0", "target = -5.0", "projections.i->e.plasticity.target: -5.0"),
        ("rate = 1.0", "rate = nan", "projections.i->e.plasticity.rate: NaN"),
        ("trace = 200.0 }", "trace = 0.0 }", "projections.i->e.plasticity.trace: 0.0"),
        ("rule = \"additive\"", "rule = \"adaptive\"", "adaptive"),
        ("settle = 200.0", "settle = 1000.0", "run.settle: 1000.0"),
        (
            "settle = 200.0",
            "settle = 200.0\ninputs = [\"between\"]",
            "run.inputs: \"between\" (allowed: before, during, after)",
        ),
        ("stimuli = [\"X1\"]", "stimuli = [\"X3\"]", "\"X3\" (allowed: X1, X2)"),
        ("stimuli = [\"X1\"]", "stimuli = [\"many*X1\"]", "\"many*X1\" (allowed: names, or numbers"),
        ("pattern = { e = 0.2 }", "pattern = { x = 0.2 }", "\"x\" (allowed: e, i)"),
        ("trials = 60", "trials = 0", "phases.during.trials: 0.0"),
        ("# amplitude = [0.0, 2.0]", "amplitude = [2.0, 0.0]", "phases.during.amplitude: 0.0"),
        ("# amplitude = [0.0, 2.0]", "apart = true", "phases.during.apart: without effect"),
        (factors, &factors.replace("# ", "").replace("1.2", "-1.0"), "phases.during.factors.e->i: -1.0"),
        (factors, &factors.replace("# ", "").replace("\"i\"", "\"x\""), "phases.during.factors.e->x: \"x\""),
        (
            factors,
            &factors.replace("# ", "").replace("\"e\", to = \"i\"", "\"i\", to = \"e\""),
            "factors.i->e: the projection has a rule",
        ),
    ] {
        let spoilt = text.replacen(from, to, 1);
        assert_ne!(spoilt, text, "{from}");
        let output = binary("plasticity").arg("compare").arg(file(folder.path(), &spoilt)).output().expect("runs");
        assert_eq!(code(&output), 2, "{to}: {}", String::from_utf8_lossy(&output.stderr));
        let line = error_line(&output);
        assert!(line.contains(expected), "{to}: {line}");
    }
    // What learns in a file without lessons.
    let spiking = fs::read_to_string(repository("networks/spiking.toml")).expect("in the repository");
    let learns = spiking.replacen("strength = -150.0", &format!("strength = -150.0\n{rule}"), 1);
    assert_ne!(learns, spiking);
    let output = binary("spiking").arg("compare").arg(file(folder.path(), &learns)).output().expect("runs");
    assert_eq!(code(&output), 2);
    assert!(error_line(&output).contains("plastic-spiking-network"), "{}", error_line(&output));
}

/// Reaction systems and targets that mean nothing: the example file, spoilt at one place.
#[test]
fn reactions_that_mean_nothing_are_refused_in_one_line() {
    let text = fs::read_to_string(repository("networks/reactions.toml")).expect("in the repository");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let species = "[[network.species]]\nname = \"A\"\n";
    for (from, to, expected) in [
        ("amount = 220.0", "amount = -1.0", "network.species.A.amount: -1 (allowed: 0 to"),
        ("amount = 220.0", "amount = nan", "network.species.A.amount: NaN"),
        ("kon = 0.025", "kon = -1.0", "network.reactions.GP.kon: -1"),
        ("rate = 0.2", "rate = inf", "network.reactions.back.rate: inf"),
        ("of = [\"A\", \"G\"]", "of = [\"B\", \"G\"]", "network.reactions.GA.of, complex, products: \"B\""),
        ("complex = \"GA\"", "complex = \"G\"", "network.reactions.GA.complex"),
        ("of = [\"Pp\"]", "of = []", "network.reactions.back.of: 0"),
        (
            "name = \"back\"\nkind = \"conversion\"\nof = [\"Pp\"]\nproducts = [\"P\"]",
            "name = \"back\"\nkind = \"conversion\"\nof = [\"G\", \"A\"]\nproducts = [\"GA\"]",
            "the same step as in GA",
        ),
        (species, "[[network.species]]\nname = \"P\"\n", "\"P\" (allowed: a name of its own)"),
        ("input = \"G\"\noutput = \"GA\"", "input = \"GA\"\noutput = \"GA\"", "network.functions.GA.output"),
        ("# rates = [\"kcat\"]", "rates = [\"rate\"]", "network.functions.GP.rates"),
        ("species = \"G\"", "species = \"X\"", "network.source.species: \"X\""),
        ("from = 8.0", "from = 0.0", "network.source.from: 0"),
        ("to = 36.0", "to = 4.0", "network.source.to: 4"),
        ("points = 25", "points = 1", "network.source.points: 1"),
        ("C = 78.0", "C = 0.0", "targets.GA.C: 0"),
        ("ymax = 220.0", "ymax = -2.0", "targets.GA.ymax: -2"),
        ("n = 1.0", "n = 0.0", "targets.GA.n: 0"),
        ("to = 30.0", "to = 5.0", "targets.GA.to: 5"),
        ("function = \"GA\"", "function = \"GB\"", "targets.function: \"GB\" (allowed: GA, GP)"),
    ] {
        let spoilt = text.replacen(from, to, 1);
        assert_ne!(spoilt, text, "{from}");
        let path = file(folder.path(), &spoilt);
        for command in ["compare", "adjust"] {
            let output = binary("signalling").arg(command).arg(&path).output().expect("runs");
            assert_eq!(code(&output), 2, "{command} {to}: {}", String::from_utf8_lossy(&output.stderr));
            let line = error_line(&output);
            assert!(line.contains(expected), "{command} {to}: {line}");
        }
    }
    let good = file(folder.path(), &text);
    for (option, value) in
        [("--error", "-1"), ("--others", "nan"), ("--error", "1e300"), ("--sweeps", "-1"), ("--target", "GP")]
    {
        let output = binary("signalling").arg("adjust").arg(&good).args([option, value]).output().expect("runs");
        assert_eq!(code(&output), 2, "{option}");
        assert!(error_line(&output).contains(option), "{}", error_line(&output));
    }
}
