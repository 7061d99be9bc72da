//! The closures against numbers that independent code made: data/sparse_balance.json, a NumPy
//! simulation of the networks and a separate implementation of the closures (their own FFT inversion).

use experiments::rate::Tolerance;
use meanfield::{adiabatic, gamma_input, ggc_beta};
use model::{RateNetwork, Response};
use serde_json::Value;

struct Case {
    name: String,
    network: RateNetwork,
    simulated: Value,
    theory: Value,
}

fn cases() -> Vec<Case> {
    let text = include_str!("../data/sparse_balance.json");
    let all: Value = serde_json::from_str(text).expect("valid JSON");
    let networks = all["network"].as_object().expect("cases by name");
    networks
        .iter()
        .map(|(name, simulated)| {
            let field = |key: &str| -> f64 {
                name.split('|').find_map(|part| part.strip_prefix(key)).expect(key).parse().expect("a number")
            };
            let response = if name.contains("phi=heaviside") { Response::Heaviside } else { Response::RectifiedTanh };
            let network = RateNetwork::inhibitory(
                field("N=") as usize,
                field("J0="),
                field("g="),
                field("nu="),
                field("I0="),
                response,
            );
            Case {
                name: name.clone(),
                network,
                simulated: simulated.clone(),
                theory: all["theory_given_r"][name].clone(),
            }
        })
        .collect()
}

fn close(name: &str, quantity: &str, ours: f64, theirs: &Value, tolerance: f64) {
    let theirs = theirs.as_f64().expect("a number");
    assert!((ours / theirs - 1.0).abs() < tolerance, "{name}: {quantity} {ours} for {theirs}");
}

#[test]
fn closures_equal_the_independent_implementation() {
    let mut checked = 0;
    for case in cases().into_iter().filter(|c| !c.theory.is_null()) {
        let ratio = case.simulated["ratio_total"]["mean"].as_f64().expect("a number");
        let laplace = case.simulated["laplace"]["mean"].as_f64().expect("a number");
        let beta_c = case.simulated["beta_c"]["mean"].as_f64().expect("a number");
        assert!((1.0 / (1.0 + beta_c) / laplace - 1.0).abs() < 0.2, "the reference is consistent");
        let adiabatic = adiabatic(&case.network).expect("one root");
        let gamma = gamma_input(&case.network, ratio).expect("one root");
        let ggc = ggc_beta(&case.network, &[ratio]).expect("solved").states[0];
        // Their gamma expectations and FFT inversion are grids: good to some 10⁻⁴ for graded responses.
        for (state, theirs, tolerance) in
            [(adiabatic, "gamma_r1", 2e-3), (gamma, "gamma_r", 2e-3), (ggc, "ggc_r", 1e-3)]
        {
            let theirs = &case.theory[theirs];
            close(&case.name, "f", state.rates.active, &theirs["f"], tolerance);
            close(&case.name, "m", state.rates.mean, &theirs["m"], tolerance);
            close(&case.name, "q", state.rates.square, &theirs["q"], tolerance);
            close(&case.name, "mean x", state.input.mean, &theirs["xbar"], tolerance * 3.0);
            close(&case.name, "sd x", state.input.variance.sqrt(), &theirs["stdx"], tolerance);
            close(&case.name, "skewness x", state.input.skewness, &theirs["skewx"], 2.0 * tolerance);
            close(&case.name, "var eta", state.eta_variance, &theirs["var_eta"], tolerance);
            checked += 1;
        }
    }
    assert!(checked >= 24, "only {checked} closures were compared");
}

/// What `Tolerance::ggc_beta` grants the closure is measured here, on data that it has no part in.
#[test]
fn the_ggc_closure_predicts_the_independent_simulation() {
    for case in cases() {
        let number = |key: &str, what: &str| case.simulated[key][what].as_f64().expect("a number");
        let state = ggc_beta(&case.network, &[number("ratio_total", "mean")]).expect("solved").states[0];
        let tolerance = Tolerance::ggc_beta(&case.network);
        let inhibition = number("xbar", "mean") - case.network.populations[0].bias;
        let rows = [
            ("f", state.rates.active, "f", tolerance.active * state.rates.active),
            ("m", state.rates.mean, "m", tolerance.mean * state.rates.mean),
            ("mean x", state.input.mean, "xbar", tolerance.mean * inhibition.abs()),
            ("sd x", state.input.variance.sqrt(), "stdx", 0.5 * tolerance.variance * state.input.variance.sqrt()),
            ("skewness x", state.input.skewness, "skewx", tolerance.skewness * state.input.skewness.abs()),
        ];
        for (quantity, theory, key, bias) in rows {
            let (mean, sem) = (number(key, "mean"), number(key, "sem"));
            // 5 standard errors of the reference.
            assert!((theory - mean).abs() < bias + 5.0 * sem, "{}: {quantity} {theory} for {mean}", case.name);
        }
    }
}

/// Closure (f) with masks: f_E and f_I of the network of figure 6 at 600 inputs from each population and
/// r = 0.824, from an independent implementation and an independent simulation (2 – 3 realisations).
#[test]
fn the_closure_of_two_populations_equals_the_independent_one() {
    let network = experiments::sparse_balance::networks::excitatory_inhibitory(3000, 600, model::WeightLaw::Gamma);
    let states = ggc_beta(&network, &[0.824, 0.824]).expect("solved").states;
    for (state, theirs, simulated) in [(&states[0], 0.0690, 0.0701), (&states[1], 0.2009, 0.2038)] {
        let f = state.rates.active;
        // Theirs rounds to the last digit and bounds ψ as it chose.
        assert!((f / theirs - 1.0).abs() < 0.015, "{f} for {theirs}");
        assert!((f / simulated - 1.0).abs() < 0.04, "{f} for {simulated}");
    }
}
