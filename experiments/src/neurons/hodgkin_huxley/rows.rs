//! Voltages, thresholds and rates beside what is known of them.

use super::super::picture::Params;
use super::super::{PUBLISHED, TIME_BIAS, VOLTAGE_BIAS};
use super::NEAR_REST;
use super::published::{PEAKS, RATES, TALK, THRESHOLD};
use analysis::waveform;
use lab::{Comparison, Estimate, Failure, Outcome, SeriesTable, row};
use meanfield::neuron::{hopf_current, rest};
use model::neuron::{Bump, Drive, HodgkinHuxley as Squid};
use rayon::prelude::*;
use simulation::neuron::{Channels, Integrator, NeuronRun, run_hodgkin_huxley};
use systems::neuron::{By, departure_rows, departures, refused, simulated_rate};

/// What panel D compares.
pub(super) const RATE: &str = "rate by Euler at 0.01 ms";

pub(super) fn bump((current, at): (f64, f64)) -> Bump {
    Bump { at, width: 1.0, current }
}

/// Panels A and B.
pub(super) fn pictures(channels: &Channels, table: &mut SeriesTable, outcome: &mut Outcome) {
    let time = |k: usize| k as f64 * channels.step;
    let shown = |k: usize| (45.0..75.0).contains(&time(k));
    let thinned = || (0..channels.voltage.len()).step_by(100);
    table.curve("trace", "V", thinned().map(|k| (time(k), channels.voltage[k])));
    for (gate, name) in ["n", "m", "h"].into_iter().enumerate() {
        table.curve("gates", name, thinned().filter(|&k| shown(k)).map(|k| (time(k), channels.gates[k][gate])));
    }
    // A window of 50 ms for each bump, from 10 ms before it.
    let window = (50.0 / channels.step) as usize;
    let mut spikes = 0;
    for (k, (label, published)) in TALK.into_iter().enumerate() {
        let first = (40.0 / channels.step) as usize + k * window;
        let samples = &channels.voltage[first.min(channels.voltage.len() - 1)..];
        let seen = waveform(&samples[..window.min(samples.len())], channels.step);
        spikes += usize::from(seen.peak > 0.0);
        let quantities = [
            ("peak (mV)", seen.peak, VOLTAGE_BIAS),
            ("time of the peak (ms)", seen.peak_at + first as f64 * channels.step, TIME_BIAS),
            ("trough (mV)", seen.trough, VOLTAGE_BIAS),
            // Theirs is a number of samples.
            ("width at half height (ms)", seen.half_width, 1.5 * channels.step),
        ];
        for ((quantity, seen, bias), theory) in quantities.into_iter().zip(published) {
            if !theory.is_nan() {
                outcome.comparisons.push(Comparison {
                    theory,
                    simulation: Estimate::exact(seen),
                    bias,
                    ..row("A", quantity, PUBLISHED, label)
                });
            }
        }
    }
    outcome.comparisons.push(Comparison {
        theory: 2.0,
        simulation: Estimate::exact(spikes as f64),
        ..row("A", "spikes", PUBLISHED, "three bumps")
    });
}

/// Panel C.
pub(super) fn threshold(
    neuron: &Squid,
    run: NeuronRun,
    table: &mut SeriesTable,
    outcome: &mut Outcome,
) -> Result<(), Failure> {
    let run = NeuronRun { duration: 70.0, ..run };
    let peak = |current: f64| -> Result<f64, Failure> {
        let drive = Drive { bumps: vec![bump((current, 50.0))], ..Drive::default() };
        let voltage = run_hodgkin_huxley(neuron, &drive, Squid::START, run).map_err(refused)?.voltage;
        Ok(waveform(&voltage[(40.0 / run.step) as usize..], run.step).peak)
    };
    let peaks: Vec<f64> = PEAKS.par_iter().map(|(current, _)| peak(*current)).collect::<Result<_, _>>()?;
    for ((current, published), seen) in PEAKS.into_iter().zip(peaks) {
        outcome.comparisons.push(Comparison {
            x: current,
            theory: published,
            simulation: Estimate::exact(seen),
            bias: VOLTAGE_BIAS,
            ..row("C", "peak after one bump (mV)", PUBLISHED, "bump")
        });
    }
    let (mut low, mut high) = (3.5, 4.0);
    while high - low > 1e-5 {
        let middle = 0.5 * (low + high);
        if peak(middle)? > 0.0 { high = middle } else { low = middle }
    }
    let found = 0.5 * (low + high);
    table.curve("peak", "threshold", [(found, -70.0), (found, 60.0)]);
    outcome.comparisons.push(Comparison {
        theory: THRESHOLD,
        simulation: Estimate::exact(found),
        // The bisection stops at 1e-5; a peak just at the threshold may come after the run.
        bias: 1e-4,
        ..row("C", "smallest bump that makes a spike (µA/cm²)", PUBLISHED, "bump")
    });
    Ok(())
}

/// Panel D.
pub(super) fn constant(params: &Params, outcome: &mut Outcome) -> Result<(), Failure> {
    let run = NeuronRun { step: 0.01, integrator: Integrator::Euler, ..params.run };
    let rates: Vec<f64> = params
        .currents
        .par_iter()
        .map(|&current| Ok(simulated_rate(&params.neuron, current, By::Steps(run), 0.0)?.unwrap_or(f64::NAN)))
        .collect::<Result<_, Failure>>()?;
    for (&current, &seen) in params.currents.iter().zip(&rates) {
        let Some((_, published)) = RATES.iter().find(|(of, _)| *of == current) else { continue };
        outcome.comparisons.push(Comparison {
            x: current,
            theory: *published,
            simulation: Estimate::exact(seen),
            // They count intervals in another window; transients have died to 0.1 % in both.
            bias: 1e-3 * published,
            ..row("D", &format!("{RATE} (Hz)"), PUBLISHED, "constant current")
        });
    }
    Ok(())
}

/// Panel E, and rows of the rest itself.
pub(super) fn at_rest(neuron: &Squid, table: &mut SeriesTable, outcome: &mut Outcome) -> Result<(), Failure> {
    if let Some(hopf) = hopf_current(neuron, (0.0, 20.0)) {
        table.curve("rate", "hopf", [(hopf, 0.0), (hopf, 100.0)]);
    }
    for current in (0..=45).map(|k| 6.5 + 0.1 * f64::from(k)) {
        if let Some(rest) = rest(neuron, current) {
            table.point("growth", "line", current, rest.growth());
        }
    }
    let before = outcome.comparisons.len();
    let seen = departures(neuron, &NEAR_REST)?;
    outcome.comparisons.extend(departure_rows("E", "squid", &seen));
    outcome.comparisons.push(Comparison {
        theory: 2.0 * NEAR_REST.len() as f64,
        simulation: Estimate::exact((outcome.comparisons.len() - before) as f64),
        ..row("E", "growth rates and frequencies measured", "one oscillation outlives all else", "squid")
    });
    let run = NeuronRun { duration: 400.0, step: 0.01, integrator: Integrator::RungeKutta };
    let settled = run_hodgkin_huxley(neuron, &Drive::default(), Squid::START, run).map_err(refused)?;
    let Some(theory) = rest(neuron, 0.0) else { return Ok(()) };
    let last = settled.gates.last().expect("a run has a start");
    let seen = [settled.voltage[settled.voltage.len() - 1], last[0], last[1], last[2]];
    let [n, m, h] = theory.gates;
    let names = ["rest V (mV)", "rest n", "rest m", "rest h"];
    for ((quantity, theory), seen) in names.into_iter().zip([theory.voltage, n, m, h]).zip(seen) {
        outcome.comparisons.push(Comparison {
            theory,
            simulation: Estimate::exact(seen),
            // The slowest mode, -0.12/ms, has fallen below e^-48.
            bias: 1e-9,
            ..row("E", quantity, "steady gates", "no current")
        });
    }
    Ok(())
}
