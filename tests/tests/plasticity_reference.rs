//! Rates that learn against numbers that independent code made: data/plasticity_tasks.json, Zhu & Rosenbaum's mean field with another solver.

use meanfield::{learned_state, quasi_static};
use model::{Lessons, Phase, PlasticNetwork, Stimulus};
use ndarray::Array1;
use serde_json::Value;
use simulation::{Learning, run_plastic};

fn reference() -> Value {
    serde_json::from_str(include_str!("../data/plasticity_tasks.json")).expect("JSON")
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|v| v.as_f64().expect("a number")).collect()
}

/// Relative changes of the drives to e1 and e2.
fn stimulus(name: &str, e1: f64, e2: f64) -> Stimulus {
    let x = PlasticNetwork::zhu_rosenbaum().drive[0];
    Stimulus::new(name, &[("e1", e1 * x), ("e2", e2 * x)])
}

fn phase(name: &str, stimuli: &[&str], trials: usize, learning: bool) -> Phase {
    Phase::new(name, stimuli, trials, learning)
}

/// Rates of all trials by simulation and by theory, each as near to the reference as it says.
fn both(lessons: &Lessons) -> [Vec<Array1<f64>>; 2] {
    let network = PlasticNetwork::zhu_rosenbaum();
    let seen = run_plastic(&network, lessons, Learning::QuasiStatic).expect("balanced");
    let seen = seen.trials.into_iter().map(|trial| trial.rates).collect();
    let found = quasi_static(&network, lessons).expect("a state in every trial");
    assert_eq!(found.doubtful, None);
    [seen, found.rates]
}

fn near(found: &Array1<f64>, exact: &[f64], allowed: f64) {
    assert!(found.iter().zip(exact).all(|(a, b)| (a - b).abs() < allowed), "{found} for {exact:?}");
}

/// 100 trials of one pair, a mismatch, nine more: rates, and weights in closed form.
#[test]
fn the_mean_field_of_zhu_and_rosenbaum_is_reproduced() {
    let all = &reference()["A_fig3"];
    let lessons = Lessons {
        trial: 1.0,
        stimuli: vec![stimulus("U", 0.2, 0.0), stimulus("V", 0.0, -0.2)],
        phases: vec![
            phase("match", &["U+V"], 100, true),
            phase("mismatch", &["U"], 1, true),
            phase("again", &["U+V"], 9, true),
        ],
    };
    let rates: Vec<Vec<f64>> = all["rates_Hz"].as_array().expect("trials").iter().map(numbers).collect();
    for found in both(&lessons) {
        // A hundred trials each add the error of rates that have settled.
        found.iter().zip(&rates).for_each(|(found, exact)| near(found, exact, 1e-7));
    }
    let network = PlasticNetwork::zhu_rosenbaum();
    let state = learned_state(&network, &[network.driven(&lessons, "U+V")]).expect("a state");
    // mV/kHz there.
    let weights = state.weights.column(2).mapv(|w| 1000.0 * w);
    near(&weights, &numbers(&all["closed_form_weights"]), 1e-8 * 9000.0);
}

/// Rates before and after, with as many trials as the reference has.
#[test]
fn tasks_one_and_two_of_three_populations_are_reproduced() {
    let x3 = stimulus("X3", 0.1, 0.1);
    let tasks = [
        ("task1_3pop", 200, vec![stimulus("X1", 0.2, -0.2), stimulus("X2", 0.2, 0.0)], vec!["X1"], vec!["X1", "X2"]),
        (
            "task2_3pop",
            1000,
            vec![stimulus("X1", 0.05, -0.05), stimulus("X2", -0.05, 0.05), x3],
            vec!["X1", "X2"],
            vec!["X1", "X2", "X3"],
        ),
    ];
    for (name, trials, stimuli, taught, shown) in tasks {
        let all = &reference()[name];
        let lessons = Lessons {
            trial: 1.0,
            stimuli,
            phases: vec![
                phase("before", &shown, shown.len(), false),
                phase("during", &taught, trials, true),
                phase("after", &shown, shown.len(), false),
            ],
        };
        for found in both(&lessons) {
            for (k, stimulus) in shown.iter().enumerate() {
                near(&found[k], &numbers(&all["before"][stimulus]["r_Hz"]), 1e-7);
                let last = found.len() - shown.len() + k;
                near(&found[last], &numbers(&all["after"][stimulus]["r_Hz"]), 1e-6);
            }
        }
    }
}
