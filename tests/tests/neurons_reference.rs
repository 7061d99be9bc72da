//! Single neurons against an independent simulation of the talk's pictures (`data/single_neurons.json`), at its steps.

use analysis::waveform;
use meanfield::neuron::{exponential_rate, leaky_rate, rest};
use model::neuron::{Bump, Drive, Exponential, HodgkinHuxley, Leaky};
use serde_json::Value;
use simulation::neuron::{Integrator, NeuronRun, run_exponential, run_hodgkin_huxley};

fn reference() -> Value {
    serde_json::from_str(include_str!("../data/single_neurons.json")).expect("JSON")
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("no number: {value}"))
}

#[test]
fn peaks_after_single_bumps_are_those_of_the_reference() {
    let run = NeuronRun { duration: 70.0, step: 0.001, integrator: Integrator::Euler };
    let reference = reference();
    for (size, seen) in reference["hh_single_pulses"].as_object().expect("an object") {
        let current = size.parse().expect("a current");
        let drive = Drive { bumps: vec![Bump { at: 50.0, width: 1.0, current }], ..Drive::default() };
        let channels = run_hodgkin_huxley(&HodgkinHuxley::SQUID, &drive, HodgkinHuxley::START, run).expect("a run");
        let own = waveform(&channels.voltage[40_000..], run.step);
        // The same scheme at the same step: rounding alone may differ, grown by the steepness of the upstroke.
        assert!((own.peak - number(&seen["peak"])).abs() < 1e-6, "{size}: {}", own.peak);
        assert!((own.peak_at + 40.0 - number(&seen["t_peak"])).abs() < 2e-3, "{size}");
        assert!((own.trough - number(&seen["min_after"])).abs() < 1e-6, "{size}");
    }
}

#[test]
fn the_rest_is_that_of_the_reference() {
    let rest = rest(&HodgkinHuxley::SQUID, 0.0).expect("a rest");
    let own = [rest.voltage, rest.gates[0], rest.gates[1], rest.gates[2]];
    for (own, seen) in own.iter().zip(reference()["hh_rest"].as_array().expect("a list")) {
        assert!((own - number(seen)).abs() < 1e-9, "{own} for {seen}");
    }
}

#[test]
fn the_talks_exponential_neuron_fires_five_times_a_second() {
    let reference = reference();
    let run = NeuronRun { duration: 1000.0, step: 0.1, integrator: Integrator::Euler };
    let neuron = Exponential::TALK;
    let spikes = run_exponential(&neuron, &Drive::constant(13.5), neuron.reset, run).expect("a run").spikes;
    let seen = &reference["eif_talk_13.5"];
    assert_eq!(spikes.len() as f64, number(&seen["n_spikes_1s"]));
    // There a spike is named by the start of its step.
    assert!((spikes[0] - run.step - number(&seen["first_ms"])).abs() < 1e-9);
    assert!((spikes[4] - run.step - number(&seen["last_ms"])).abs() < 1e-9);
}

#[test]
fn quadrature_gives_the_rates_of_the_reference() {
    let reference = reference();
    assert!((1000.0 * leaky_rate(&Leaky::TALK, 20.0) - number(&reference["lif_exact_I20"])).abs() < 1e-9);
    for (sharpness, seen) in reference["eif_to_lif"].as_object().expect("an object") {
        let neuron = Exponential { sharpness: sharpness.parse().expect("mV"), ..Exponential::TALK };
        // There by Euler's method in steps of hundredths of a ms, each spike waiting for the end of its step.
        let rate = 1000.0 * exponential_rate(&neuron, 20.0);
        assert!((rate / number(seen) - 1.0).abs() < 2e-3, "{rate} for {seen}");
    }
    for (current, seen) in reference["eif_fI_talk_Hz"].as_object().expect("an object") {
        let rate = 1000.0 * exponential_rate(&Exponential::TALK, current.parse().expect("mV"));
        // There at 0.1 ms, and by counts over some seconds below 14 mV.
        assert!((rate - number(seen)).abs() < 0.012 * rate + 0.02, "{rate} for {seen} at {current}");
    }
}
