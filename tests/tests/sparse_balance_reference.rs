//! The closures against numbers that independent code made: data/sparse_balance.json, a NumPy
//! simulation of the networks and a separate implementation of the closures (their own FFT inversion).

use analysis::{EULER_FOLD, HALF, crossing_time};
use lab::Plan;
use meanfield::{adiabatic, eta_variance, gamma_input, ggc_beta};
use model::{RateNetwork, Response};
use serde_json::Value;
use simulation::{Protocol, Scheme};
use systems::rate_network::{PopulationMeasure, RateSystem, Tolerance, correlation_of_sources, mean};

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

/// Closed form (d) from the independent simulation's own ⟨φ²⟩ and E⟨φ⟩², against its variances of η.
#[test]
fn closed_form_d_holds_in_the_independent_simulation() {
    for case in cases() {
        let number = |key: &str, what: &str| case.simulated[key][what].as_f64().expect("a number");
        let law = eta_variance(&case.network, 0, &[number("phi2", "mean")], &[number("phibar2", "mean")]);
        for (quantity, theory, key) in [("temporal", law.temporal, "tveta"), ("quenched", law.quenched, "qveta")] {
            let error = number(key, "mean") - theory;
            // The means of both are over the same realisations; 5 standard errors all the same.
            let allowed = correlation_of_sources(&case.network) * theory + 5.0 * number(key, "sem");
            assert!(error.abs() < allowed, "{}: {quantity} {theory}, off by {error}", case.name);
        }
    }
}

/// Our simulation and every estimator against the independent one: other code, other random numbers.
#[test]
fn simulation_and_estimators_agree_with_the_independent_ones() {
    type Quantity = (&'static str, fn(&PopulationMeasure) -> f64);
    let quantities: [Quantity; 18] = [
        ("f", |p| p.rates.active),
        ("m", |p| p.rates.mean),
        ("phi2", |p| p.rates.square),
        ("phibar2", PopulationMeasure::square_of_means),
        ("xbar", |p| p.x.moments.mean),
        ("stdx", |p| p.x.moments.variance.sqrt()),
        ("skewx", |p| p.x.moments.skewness),
        ("skeweta", |p| p.eta.moments.skewness),
        ("tvx", |p| p.x.split.temporal),
        ("qveta", |p| p.eta.split.quenched),
        ("ratio_total", PopulationMeasure::ratio_total),
        ("ratio_temporal", PopulationMeasure::ratio_temporal),
        ("beta", |p| 1.0 / p.decorrelation_time()),
        ("beta_c", |p| 1.0 / p.decorrelation_time_corrected()),
        ("tau_e", |p| crossing_time(&p.r_eta, EULER_FOLD).unwrap_or(f64::NAN)),
        ("tau_half", |p| crossing_time(&p.r_eta, HALF).unwrap_or(f64::NAN)),
        ("sync_x", |p| p.x.synchrony),
        ("ontime_std", |p| p.on_time.sd),
    ];
    for (name, duration) in [("heav|", 600.0), ("high|phi=tanh|nu=0.5|K=500|", 800.0)] {
        let case = cases().into_iter().find(|c| c.name.starts_with(name)).expect("in the reference");
        let protocol = Protocol { step: 0.02, scheme: Scheme::Euler, warm_up: 100.0, duration, sampling: 0.1 };
        let system = RateSystem { network: case.network.clone(), protocol: Some(protocol) };
        let cases = lab::cases(&[Plan::new("", 8, system)]).expect("can be run");
        let measured = lab::measure(cases, "reference", model::Seed(2), &lab::Bench::new(), lab::Detail::Summary);
        let measured = measured.expect("can be run").remove(0);
        for (key, ours) in quantities {
            let ours = mean(&measured, 0, ours);
            let number = |what: &str| case.simulated[key][what].as_f64().expect("a number");
            let (mean, sem) = (number("mean"), number("sem"));
            // 6 standard errors, as theirs comes of four realisations; 1 % for sampling of lags and medians.
            let allowed = 6.0 * libm::hypot(ours.sem, sem) + 0.01 * mean.abs();
            assert!(
                (ours.mean - mean).abs() < allowed,
                "{}: {key} {} ± {} for {mean} ± {sem}",
                case.name,
                ours.mean,
                ours.sem
            );
        }
    }
}
