//! Firing rates at constant current, and departures from rest: what is seen, what is predicted, and the rows of both.

use lab::{Comparison, Estimate, Failure, row};
use meanfield::neuron::{exponential_rate, leaky_rate, rest};
use model::Neuron;
use model::neuron::{Drive, HodgkinHuxley, Pulse};
use serde::{Deserialize, Serialize};
use simulation::neuron::{
    Integrator, NeuronRun, NeuronRunError, leaky_spikes, run_exponential, run_hodgkin_huxley, run_leaky,
};

/// Spikes of which the rate is taken, after the first.
const SPIKES: f64 = 12.0;

/// Time in ms that a neuron is watched where no spike is expected.
const SILENT: f64 = 2000.0;

/// Most steps of a run at one current; slower neurons are left out.
const MOST_STEPS: f64 = 2e7;

/// Time in ms that Hodgkin & Huxley's neuron is given to rest before the current comes.
const SETTLED: f64 = 200.0;

/// How a rate was obtained: exactly between jumps, or in steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum By {
    /// In closed form from spike to spike; leaky neurons alone.
    Exact,
    /// In steps of the run.
    Steps(NeuronRun),
}

/// An input that a simulator refuses.
pub fn refused(error: NeuronRunError) -> Failure {
    Failure::Input(error.to_string())
}

/// 1/ms from the intervals after the first half of the spikes; 0 where fewer than three are left, or where they have ceased before the end.
pub fn rate_of(spikes: &[f64], end: f64) -> f64 {
    let late = &spikes[spikes.len() / 2..];
    let (Some(first), Some(last)) = (late.first(), late.last()) else { return 0.0 };
    let interval = (last - first) / (late.len() - 1) as f64;
    if late.len() < 3 || end - last > 2.0 * interval { 0.0 } else { 1.0 / interval }
}

/// Rate at a constant current in Hz; `expected` in 1/ms says how long to wait for spikes. `None` where that is too long.
pub fn simulated_rate(neuron: &Neuron, current: f64, by: By, expected: f64) -> Result<Option<f64>, Failure> {
    let drive = Drive::constant(current);
    // Where no spike is expected, some hundred time constants would show one.
    let duration = if expected > 0.0 { SPIKES / expected } else { SILENT };
    if matches!(by, By::Steps(run) if duration / run.step > MOST_STEPS) {
        return Ok(None);
    }
    let lasting = |run: NeuronRun| NeuronRun { duration, ..run };
    let spikes = match (neuron, by) {
        (Neuron::Leaky(neuron), By::Exact) => leaky_spikes(neuron, &drive, neuron.reset, duration).map_err(refused)?,
        (Neuron::Leaky(neuron), By::Steps(run)) => {
            run_leaky(neuron, &drive, neuron.reset, lasting(run)).map_err(refused)?.spikes
        }
        (Neuron::Exponential(neuron), By::Steps(run)) => {
            run_exponential(neuron, &drive, neuron.reset, lasting(run)).map_err(refused)?.spikes
        }
        (Neuron::HodgkinHuxley(neuron), By::Steps(run)) => {
            // From the rest without current, which is reached by then.
            let later = Pulse { from: SETTLED, to: f64::INFINITY, current };
            let drive = Drive { pulses: vec![later], ..Drive::default() };
            let lasting = NeuronRun { duration: SETTLED + duration, ..run };
            let channels = run_hodgkin_huxley(neuron, &drive, HodgkinHuxley::START, lasting).map_err(refused)?;
            let spikes = upward_crossings(&channels.voltage, run.step);
            return Ok(Some(1000.0 * rate_of(&spikes, SETTLED + duration)));
        }
        (_, By::Exact) => return Err(Failure::Input("no closed form from spike to spike for this neuron".into())),
    };
    Ok(Some(1000.0 * rate_of(&spikes, duration)))
}

/// Times at which 0 mV is passed upwards, interpolated.
pub fn upward_crossings(voltage: &[f64], step: f64) -> Vec<f64> {
    let pairs = voltage.windows(2).enumerate().filter(|(_, pair)| pair[0] < 0.0 && pair[1] >= 0.0);
    pairs.map(|(k, pair)| step * (k as f64 - pair[0] / (pair[1] - pair[0]))).collect()
}

/// Theory's rate in 1/ms, and its name; none for Hodgkin & Huxley's neuron.
pub fn predicted_rate(neuron: &Neuron, current: f64) -> Option<(f64, &'static str)> {
    match neuron {
        Neuron::Leaky(neuron) => Some((leaky_rate(neuron, current), "closed form")),
        Neuron::Exponential(neuron) => Some((exponential_rate(neuron, current), "quadrature")),
        Neuron::HodgkinHuxley(_) => None,
    }
}

/// What Euler on a grid of step h may miss of a leaky neuron's rate r, in 1/ms: the scheme shortens an interval by h/τ over −ln(1 − h/τ), and a
/// spike waits for the end of its step, by h at most. Derivation (26).
pub fn grid_bias(rate: f64, step: f64, tau: f64) -> f64 {
    let share = step / tau;
    rate * (rate * step).max(-libm::log1p(-share) / share - 1.0)
}

/// What Runge and Kutta's method with a resolved upstroke may miss of a rate, in 1/ms: of order 4 in step/τ, 4e-4 at τ/2 for sharp and blunt
/// upstrokes alike (measured against quadrature), and 1e-6 for moves of a tenth of Δ_T.
pub fn resolved_bias(rate: f64, step: f64, tau: f64) -> f64 {
    rate * (0.01 * (step / tau).powi(4) + 1e-6)
}

/// A rate that was simulated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeenRate {
    /// Constant current in the neuron's units.
    pub current: f64,
    /// How it was obtained.
    pub quantity: String,
    /// Rate in Hz.
    pub rate: f64,
    /// What that way may miss, in Hz.
    pub bias: f64,
}

/// Rates of a neuron at constant currents, in every way that it can be run with this step in ms; those that would take too long are left out.
///
/// # Errors
/// [`Failure::Input`] where the simulator refuses.
pub fn seen_rates(neuron: &Neuron, step: f64, currents: &[f64]) -> Result<Vec<SeenRate>, Failure> {
    let by = |integrator| By::Steps(NeuronRun { duration: step, step, integrator });
    let mut seen = Vec::new();
    for &current in currents {
        let Some((expected, _)) = predicted_rate(neuron, current) else { continue };
        let ways = match neuron {
            Neuron::Leaky(own) => vec![
                // Rounding of logarithms.
                ("rate without steps (Hz)", By::Exact, 1e-10 * expected),
                ("rate by Euler (Hz)", by(Integrator::Euler), grid_bias(expected, step, own.tau)),
            ],
            Neuron::Exponential(own) => {
                vec![("rate by Runge-Kutta (Hz)", by(Integrator::RungeKutta), resolved_bias(expected, step, own.tau))]
            }
            Neuron::HodgkinHuxley(_) => vec![],
        };
        for (quantity, by, bias) in ways {
            if let Some(rate) = simulated_rate(neuron, current, by, expected)? {
                seen.push(SeenRate { current, quantity: quantity.into(), rate, bias: 1000.0 * bias });
            }
        }
    }
    Ok(seen)
}

/// Rows of rates beside theory.
pub fn rate_rows(panel: &str, label: &str, neuron: &Neuron, seen: &[SeenRate]) -> Vec<Comparison> {
    let of = |seen: &SeenRate| {
        let (theory, name) = predicted_rate(neuron, seen.current)?;
        Some(Comparison {
            x: seen.current,
            theory: 1000.0 * theory,
            simulation: Estimate::exact(seen.rate),
            bias: seen.bias,
            ..row(panel, &seen.quantity, name, label)
        })
    };
    seen.iter().filter_map(of).collect()
}

/// Largest departure from rest in mV at which growth is measured: equations bend on the scale of a mV.
const SMALL: f64 = 1e-3;

/// Time in ms that other modes are given to die, and that departures take at least from there to their largest.
const ALONE: f64 = 60.0;
const SEEN: f64 = 30.0;

/// A small departure from rest, as it grew.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Departure {
    /// Constant current in µA/cm².
    pub current: f64,
    /// Growth rate and angular frequency that were seen, in 1/ms.
    pub seen: [f64; 2],
    /// Those of linear theory.
    pub linear: [f64; 2],
    /// What is left of other modes, and departures in parts of a mV: share of the two.
    pub left: f64,
}

/// Departures from rest, by runs from close by, at currents where one oscillation outlives all else.
///
/// # Errors
/// [`Failure::Input`] where the simulator refuses.
pub fn departures(neuron: &HodgkinHuxley, currents: &[f64]) -> Result<Vec<Departure>, Failure> {
    let run = NeuronRun { duration: 300.0, step: 0.01, integrator: Integrator::RungeKutta };
    let mut all = Vec::new();
    for &current in currents {
        let Some(theory) = rest(neuron, current) else { continue };
        let upper = theory.eigenvalues.iter().filter(|l| l.im > 0.0);
        let Some(pair) = upper.max_by(|a, b| a.re.total_cmp(&b.re)) else { continue };
        // How much faster the next mode decays.
        let others = theory.eigenvalues.iter().filter(|l| (l.re - pair.re).abs() > 1e-9).map(|l| l.re);
        let share = libm::exp(-ALONE * (pair.re - others.fold(f64::NEG_INFINITY, f64::max)));
        if share > 0.02 {
            continue;
        }
        let departure = SMALL * libm::exp(-(ALONE + SEEN) * pair.re.max(0.0));
        let departed = (theory.voltage + departure, theory.gates);
        let channels = run_hodgkin_huxley(neuron, &Drive::constant(current), departed, run).map_err(refused)?;
        let late = &channels.voltage[(ALONE / run.step) as usize..];
        let small = late.iter().take_while(|v| (*v - theory.voltage).abs() <= SMALL);
        let samples: Vec<f64> = small.copied().step_by(10).collect();
        let Some((growth, frequency)) = analysis::oscillation(&samples, 10.0 * run.step) else { continue };
        all.push(Departure { current, seen: [growth, frequency], linear: [pair.re, pair.im], left: share + SMALL });
    }
    Ok(all)
}

/// Rows of departures beside linear theory.
pub fn departure_rows(panel: &str, label: &str, departures: &[Departure]) -> Vec<Comparison> {
    let quantities = ["growth rate (1/ms)", "angular frequency (1/ms)"];
    let of = |d: &Departure| {
        let size = libm::hypot(d.linear[0], d.linear[1]);
        [0, 1].map(|k| Comparison {
            x: d.current,
            theory: d.linear[k],
            simulation: Estimate::exact(d.seen[k]),
            bias: size * d.left,
            ..row(panel, quantities[k], "linear at rest", label)
        })
    };
    departures.iter().flat_map(of).collect()
}
