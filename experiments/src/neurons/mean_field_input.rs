//! Many Poisson inputs: the mean of their current, and what fluctuates about it.

use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, input, row};
use meanfield::neuron::{Moments, shot_noise, shot_noise_potential};
use model::Seed;
use model::neuron::{Exponential, Synapse};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use simulation::neuron::{Integrator, Membrane, NeuronRun, SynapticTrace, poisson_spikes, run_synapses};
use systems::neuron::refused;

pub struct MeanFieldInput;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Independent runs.
    replicates: usize,
    /// How long, and in which steps.
    run: NeuronRun,
    /// The neuron.
    neuron: Exponential,
    /// Excitatory inputs, then inhibitory ones.
    inputs: [Input; 2],
}

/// Inputs that are alike.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    /// Presynaptic neurons.
    neurons: usize,
    /// Rate of each in Hz.
    rate: f64,
    /// J in mV ms.
    charge: f64,
    /// τ_s in ms.
    tau: f64,
}

/// Time in ms until currents and voltage are stationary: some twenty time constants.
const STATIONARY: f64 = 200.0;

impl Experiment for MeanFieldInput {
    type Params = Params;
    const SECONDS: [f64; 2] = [0.011, 0.55];
    const NAME: &'static str = "mean-field-input";
    const TITLE: &'static str = "many Poisson inputs: mean and fluctuations of current and voltage";
    const CAPTION: &'static str = include_str!("mean_field_input.md");

    fn params(&self, scale: Scale) -> Params {
        let (replicates, duration) = match scale {
            Scale::Quick => (6, 5_000.0),
            Scale::Paper => (60, 20_000.0),
        };
        Params {
            replicates,
            run: NeuronRun { duration, step: 0.1, integrator: Integrator::RungeKutta },
            neuron: Exponential { tau: 10.0, rest: -72.0, sharpness: 2.0, onset: -55.0, threshold: 0.0, reset: -72.0 },
            inputs: [
                Input { neurons: 80, rate: 10.0, charge: 25.0, tau: 4.0 },
                Input { neurons: 20, rate: 15.0, charge: -25.0, tau: 6.0 },
            ],
        }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        input::count_within("replicates", params.replicates, 3, 1000)?;
        input::within("run.step", params.run.step, 1e-3, 0.5)?;
        input::within("run.duration", params.run.duration, 2.0 * STATIONARY + 500.0, 1e6)?;
        params.neuron.validate().map_err(|e| Failure::Input(format!("neuron.{e}")))?;
        for own in &params.inputs {
            input::count_within("inputs.neurons", own.neurons, 1, 100_000)?;
            input::within("inputs.rate", own.rate, 1e-3, 1e4)?;
            input::within("inputs.charge", own.charge, -1e6, 1e6)?;
            input::within("inputs.tau", own.tau, 0.1, 1e3)?;
        }
        Ok(())
    }

    fn memory(&self, params: &Params) -> f64 {
        // Voltage and two currents, then four quantities, in doubles.
        56.0 * params.run.duration / params.run.step
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        bench.begin("mean-field-input", params.replicates);
        let first = (STATIONARY / params.run.step) as usize;
        let runs: Vec<([Moments; 4], [Vec<f64>; 4])> = (0..params.replicates)
            .into_par_iter()
            .map(|k| {
                let synapses: Vec<Synapse> = (0..2).map(|b| params.synapse(b, seed.replicate(k as u64))).collect();
                let trace = run_synapses(&params.neuron, Membrane::Passive, &synapses, params.run).map_err(refused)?;
                let quantities = quantities(trace, params.neuron.rest);
                let seen = quantities.each_ref().map(|samples| moments(&samples[first..]));
                bench.advance();
                // The first run is drawn; of the others the moments are enough.
                Ok((seen, if k == 0 { quantities } else { Default::default() }))
            })
            .collect::<Result<_, Failure>>()?;
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        let [excitatory, inhibitory] = [0, 1].map(|b| params.synapse(b, seed));
        let rates = params.inputs.map(|input| input.neurons as f64 * input.rate / 1000.0);
        let currents = [shot_noise(&excitatory, rates[0]), shot_noise(&inhibitory, rates[1])];
        let potentials = [
            shot_noise_potential(params.neuron.tau, &excitatory, rates[0]),
            shot_noise_potential(params.neuron.tau, &inhibitory, rates[1]),
        ];
        // Independent parts: means and variances add up.
        let total = |parts: &[Moments; 2]| Moments {
            mean: parts[0].mean + parts[1].mean,
            variance: parts[0].variance + parts[1].variance,
        };
        let theories = [
            ("A", "excitatory current", currents[0], excitatory.tau),
            ("A", "inhibitory current", currents[1], inhibitory.tau),
            ("A", "total current", total(&currents), inhibitory.tau),
            ("B", "voltage above rest", total(&potentials), params.neuron.tau + inhibitory.tau),
        ];
        for (which, (panel, label, theory, memory)) in theories.into_iter().enumerate() {
            let seen = || runs.iter().map(move |(seen, _)| seen[which]);
            // The mean of a run takes up 2 τ/T of the variance, τ the time over which the quantity remembers.
            let taken = 2.0 * memory / (params.run.duration - STATIONARY);
            let pairs = [
                ("mean (mV)", theory.mean, Estimate::of(seen().map(|m| m.mean)), 0.0),
                ("variance (mV²)", theory.variance, Estimate::of(seen().map(|m| m.variance)), taken * theory.variance),
            ];
            for (quantity, theory, simulation, bias) in pairs {
                outcome.comparisons.push(Comparison {
                    theory,
                    simulation,
                    bias,
                    ..row(panel, quantity, "Campbell", label)
                });
            }
            let (begin, end) = (STATIONARY, STATIONARY + 500.0);
            let trace = &runs[0].1[which];
            let time = |k: usize| k as f64 * params.run.step;
            let shown = (0..trace.len()).filter(|&k| (begin..end).contains(&time(k))).step_by(5);
            table.curve(label, "run", shown.map(|k| (time(k) - begin, trace[k])));
            let sd = theory.variance.sqrt();
            for (curve, level) in [("mean", 0.0), ("above", 2.0 * sd), ("below", -2.0 * sd)] {
                table.curve(label, curve, [(0.0, theory.mean + level), (500.0, theory.mean + level)]);
            }
        }
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let currents =
            [("excitatory current", "*I*_{e}"), ("total current", "total"), ("inhibitory current", "*I*_{i}")];
        let mut marks = Vec::new();
        for (colour, (label, name)) in [1, 6, 0].into_iter().zip(currents) {
            marks.push(outcome.mark(Kind::Trace, colour, name, label, "run"));
            marks.push(outcome.mark(Kind::Dashed, colour, "", label, "mean"));
        }
        let voltage = |curve| outcome.mark(Kind::Dashed, 7, "", "voltage above rest", curve);
        let panel = |letter, title: &str, y: Axis| {
            Panel::new(letter, title, Axis::linear("time (ms)").between(0.0, 500.0), y).legend(Legend::TopRight)
        };
        let row = vec![
            panel("A", "currents of one run", Axis::linear("current (mV)").between(-40.0, 75.0)).with(marks),
            panel("B", "voltage of one run", Axis::linear("voltage above rest (mV)").between(-5.0, 35.0))
                .with([outcome.mark(Kind::Trace, 0, "", "voltage above rest", "run")])
                .with(["mean", "above", "below"].map(voltage)),
        ];
        Figure::new(60.0, vec![row])
            .key(Kind::Trace, "one run")
            .key(Kind::Dashed, "mean, and two standard deviations about it, by theory")
    }
}

impl Params {
    /// Inputs of one kind as a synapse: independent Poisson trains together are one.
    fn synapse(&self, kind: usize, seed: Seed) -> Synapse {
        let Input { neurons, rate, charge, tau } = self.inputs[kind];
        let stream = seed.stream(["excitatory inputs", "inhibitory inputs"][kind]);
        let trains = (0..neurons as u64).flat_map(|k| poisson_spikes(rate / 1000.0, self.run.duration, stream, k));
        let mut spikes: Vec<f64> = trains.collect();
        spikes.sort_by(f64::total_cmp);
        Synapse { tau, charge, spikes }
    }
}

/// Currents, excitatory, inhibitory and total, and the voltage above rest.
fn quantities(trace: SynapticTrace, rest: f64) -> [Vec<f64>; 4] {
    let total = trace.currents[0].iter().zip(&trace.currents[1]).map(|(e, i)| e + i).collect();
    let [excitatory, inhibitory] = [0, 1].map(|b| trace.currents[b].clone());
    [excitatory, inhibitory, total, trace.voltage.iter().map(|v| v - rest).collect()]
}

fn moments(samples: &[f64]) -> Moments {
    let n = samples.len() as f64;
    let mean = samples.iter().sum::<f64>() / n;
    Moments { mean, variance: samples.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n }
}
