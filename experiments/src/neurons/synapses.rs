//! Postsynaptic potentials: excitatory, inhibitory, mixed.

use super::PUBLISHED;
use crate::rows::largest;
use lab::plot::{Axis, Figure, Kind, Panel};
use lab::{Bench, Claim, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, input, row};
use meanfield::neuron::{potential_peak, summed_potential};
use model::Seed;
use model::neuron::{Exponential, Synapse};
use serde::{Deserialize, Serialize};
use simulation::neuron::{Integrator, Membrane, NeuronRun, run_synapses};
use systems::neuron::refused;

pub struct Synapses;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// How long, and in which steps.
    run: NeuronRun,
    /// The neuron.
    neuron: Exponential,
    /// Letter of the panel, its title, and the synapses.
    panels: Vec<(String, String, Vec<Synapse>)>,
}

/// Of an independent computation, for J = ±80 as the talk's code has it, which divides by τ_s twice, and as its slides have it: charge
/// in mV ms, time of the extremum in ms, its height in mV.
const UNITARY: [(&str, f64, f64, f64, f64); 4] = [
    ("excitatory (code)", 4.0, 20.0, 6.108_605, 1.085_767),
    ("inhibitory (code)", 6.0, -80.0 / 6.0, 7.662_384, -0.619_677),
    ("excitatory (slides)", 4.0, 80.0, 6.108_605, 4.343_068),
    ("inhibitory (slides)", 6.0, -80.0, 7.662_384, -3.718_064),
];

impl Experiment for Synapses {
    type Params = Params;
    const SECONDS: [f64; 2] = [0.033, 0.0352];
    const NAME: &'static str = "synapses";
    const TITLE: &'static str = "postsynaptic potentials: excitatory, inhibitory, mixed, against their closed form";
    const CAPTION: &'static str = include_str!("synapses.md");

    fn params(&self, _scale: Scale) -> Params {
        let excitatory = |spikes: &[f64]| Synapse { tau: 4.0, charge: 80.0, spikes: spikes.to_vec() };
        let inhibitory = |spikes: &[f64]| Synapse { tau: 6.0, charge: -80.0, spikes: spikes.to_vec() };
        let panel = |letter: &str, title: &str, synapses| (letter.to_owned(), title.to_owned(), synapses);
        Params {
            run: NeuronRun { duration: 250.0, step: 0.01, integrator: Integrator::RungeKutta },
            neuron: Exponential { tau: 10.0, rest: -72.0, sharpness: 2.0, onset: -55.0, threshold: 0.0, reset: -72.0 },
            panels: vec![
                panel("A", "excitatory", vec![excitatory(&[20.0, 30.0, 40.0])]),
                panel("B", "strongly excitatory", vec![excitatory(&[20.0, 30.0, 40.0, 50.0, 60.0, 70.0])]),
                panel("C", "inhibitory", vec![inhibitory(&[20.0, 40.0, 60.0])]),
                panel(
                    "D",
                    "mixed",
                    vec![excitatory(&[50.0, 60.0, 65.0, 100.0, 175.0]), inhibitory(&[20.0, 40.0, 150.0, 180.0])],
                ),
            ],
        }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        input::within("run.step", params.run.step, 1e-4, 0.1)?;
        input::within("run.duration", params.run.duration, 100.0, 1e5)?;
        params.neuron.validate().map_err(|e| Failure::Input(format!("neuron.{e}")))?;
        input::count_within("panels", params.panels.len(), 1, 26)?;
        let mut synapses = params.panels.iter().flat_map(|(_, _, synapses)| synapses);
        synapses.try_for_each(|s| s.validate()).map_err(|e| Failure::Input(format!("panels: {e}")))
    }

    fn memory(&self, params: &Params) -> f64 {
        4.0 * 8.0 * params.run.duration / params.run.step
    }

    fn run(&self, params: &Params, _seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        bench.begin("synapses", params.panels.len() + 1);
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        let Params { run, neuron, .. } = params;
        for (label, tau, charge, published_time, published_peak) in UNITARY {
            let synapse = Synapse { tau, charge, spikes: vec![0.0] };
            let trace =
                run_synapses(neuron, Membrane::Passive, std::slice::from_ref(&synapse), *run).map_err(refused)?;
            let departures: Vec<f64> = trace.voltage.iter().map(|v| (v - neuron.rest) * charge.signum()).collect();
            let seen = analysis::waveform(&departures, run.step);
            let (time, peak) = potential_peak(neuron.tau, &synapse);
            let peaks = [("closed form", peak, time), (PUBLISHED, published_peak, published_time)];
            for (name, peak, time) in peaks {
                // The sample next to the extremum is half a step away, and lower by its curvature.
                let pairs = [
                    (
                        "extremum (mV)",
                        peak,
                        seen.peak * charge.signum(),
                        peak.abs() * run.step * run.step / (8.0 * neuron.tau * tau) + 1e-6,
                    ),
                    ("time of the extremum (ms)", time, seen.peak_at, 0.5 * run.step + 1e-6),
                ];
                for (quantity, theory, seen, bias) in pairs {
                    outcome.comparisons.push(Comparison {
                        theory,
                        simulation: Estimate::exact(seen),
                        bias,
                        ..row("A", quantity, name, label)
                    });
                }
            }
        }
        bench.advance();
        for (letter, title, synapses) in &params.panels {
            let time = |k: usize| k as f64 * run.step;
            let passive = run_synapses(neuron, Membrane::Passive, synapses, *run).map_err(refused)?;
            let active = run_synapses(neuron, Membrane::Exponential, synapses, *run).map_err(refused)?;
            let closed: Vec<f64> = (0..passive.voltage.len())
                .map(|k| neuron.rest + summed_potential(neuron.tau, synapses, time(k)))
                .collect();
            let size = largest(closed.iter().map(|v| v - neuron.rest));
            let distance = largest(passive.voltage.iter().zip(&closed).map(|(a, b)| a - b));
            outcome.comparisons.push(Comparison {
                theory: 0.0,
                simulation: Estimate::exact(distance),
                // (step/τ_s)⁴ of a mV, and rounding.
                bias: 1e-9,
                scale: Some(size),
                ..row(letter, "largest distance without upstroke (mV)", "closed form", title)
            });
            let felt = largest(active.voltage.iter().zip(&closed).map(|(a, b)| a - b));
            outcome.comparisons.push(Comparison {
                theory: 0.0,
                simulation: Estimate::exact(felt),
                claim: Claim::Contrast,
                ..row(letter, "largest distance with upstroke (mV)", "closed form", title)
            });
            let shown = || (0..closed.len()).step_by(20);
            table.curve(title, "neuron", shown().map(|k| (time(k), active.voltage[k])));
            table.curve(title, "closed form", shown().map(|k| (time(k), closed[k])));
            bench.advance();
        }
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let panel = |letter, title: &str, low: f64, high: f64| {
            let (time, voltage) = (Axis::linear("time (ms)").between(0.0, 250.0), Axis::linear("voltage *V* (mV)"));
            Panel::new(letter, title, time, voltage.between(low, high)).with([
                outcome.mark(Kind::Line, 5, "", title, "closed form"),
                outcome.mark(Kind::Trace, 6, "", title, "neuron"),
            ])
        };
        let rows = vec![
            vec![panel("A", "excitatory", -74.0, -58.0), panel("B", "strongly excitatory", -74.0, -58.0)],
            vec![panel("C", "inhibitory", -82.0, -70.0), panel("D", "mixed", -82.0, -62.0)],
        ];
        Figure::new(52.0, rows)
            .key(Kind::Trace, "simulation, with the upstroke")
            .key(Kind::Line, "closed form, without it")
    }
}
