//! The leaky integrate-and-fire neuron under the talk's pulses, and its rate.

use super::picture::{Params, picture, rates};
use super::{PUBLISHED, TIME_BIAS, VOLTAGE_BIAS};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use meanfield::neuron::leaky_rate;
use model::neuron::{Drive, Pulse};
use model::{Neuron, Seed};
use simulation::neuron::{Integrator, NeuronRun, leaky_spikes, run_leaky};
use systems::neuron::refused;

pub struct Leaky;

impl Experiment for Leaky {
    type Params = Params;
    const SECONDS: [f64; 2] = [0.01, 0.01];
    const NAME: &'static str = "leaky";
    const TITLE: &'static str = "the leaky integrate-and-fire neuron: the talk's pulses, and its rate";
    const CAPTION: &'static str = include_str!("leaky.md");

    fn params(&self, _scale: Scale) -> Params {
        let pulse = |from, to, current| Pulse { from, to, current };
        Params {
            currents: vec![10.0, 16.9, 17.1, 17.5, 18.0, 20.0, 25.0, 30.0, 40.0, 60.0],
            sharpness: vec![],
            start: Some(model::neuron::Leaky::TALK.rest),
            run: NeuronRun { duration: 1000.0, step: 0.1, integrator: Integrator::Euler },
            neuron: Neuron::Leaky(model::neuron::Leaky::TALK),
            drive: Drive {
                constant: 0.0,
                // The talk's code numbers samples from 1: what it calls 50 to 200 ms are the samples at 49.9 to 199.9 ms.
                pulses: vec![
                    pulse(49.9, 200.0, 10.0),
                    pulse(299.9, 400.0, 5.0),
                    pulse(499.9, 505.0, 100.0),
                    pulse(599.9, 800.0, -10.0),
                    pulse(899.9, 905.0, 100.0),
                ],
                bumps: vec![],
            },
        }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        params.check()
    }

    fn memory(&self, params: &Params) -> f64 {
        8.0 * params.run.duration / params.run.step
    }

    fn run(&self, params: &Params, _seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        bench.begin("leaky", 2);
        let Neuron::Leaky(neuron) = params.neuron else {
            return Err(Failure::Input("neuron.kind (allowed: leaky)".into()));
        };
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        let start = params.start.unwrap_or(neuron.rest);
        let trace = run_leaky(&neuron, &params.drive, start, params.run).map_err(refused)?;
        let exact = leaky_spikes(&neuron, &params.drive, start, params.run.duration).map_err(refused)?;
        let time = |k: usize| k as f64 * params.run.step;
        table.curve("trace", "V", picture(&trace, params.run.step, neuron.threshold));
        table.curve("trace", "I", (0..trace.voltage.len()).step_by(5).map(|k| (time(k), params.drive.at(time(k)))));
        bench.advance();
        let mut push = |quantity: &str, name: &str, theory: f64, seen: f64, bias: f64| {
            outcome.comparisons.push(Comparison {
                theory,
                simulation: Estimate::exact(seen),
                bias,
                ..row("A", quantity, name, "talk")
            });
        };
        push("spikes", PUBLISHED, 2.0, trace.spikes.len() as f64, 0.0);
        for (k, published) in [502.6, 902.6].into_iter().enumerate() {
            let seen = trace.spikes.get(k).copied().unwrap_or(f64::NAN);
            // The talk's code names a spike by the start of its step.
            push(&format!("time of spike {} (ms)", k + 1), PUBLISHED, published, seen - params.run.step, TIME_BIAS);
            // The exact spike comes earlier than its step's end, by a step and what the method adds.
            let without_steps = exact.get(k).copied().unwrap_or(f64::NAN);
            push(
                &format!("time of spike {}, without steps (ms)", k + 1),
                "Euler within two steps",
                seen,
                without_steps,
                2.0 * params.run.step,
            );
        }
        let before = &trace.voltage[..(500.0 / params.run.step) as usize];
        let plateau = before.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let trough = trace.voltage.iter().copied().fold(f64::INFINITY, f64::min);
        // Ten and thirteen time constants bring it there to e^-10 of 10 mV.
        push("plateau under 10 mV (mV)", "rest + I", neuron.rest + 10.0, plateau, 1e-3);
        push("trough under -10 mV (mV)", "rest + I", neuron.rest - 10.0, trough, 1e-3);
        push("plateau under 10 mV (mV)", PUBLISHED, -62.000_436, plateau, VOLTAGE_BIAS);
        push("trough under -10 mV (mV)", PUBLISHED, -81.999_985, trough, VOLTAGE_BIAS);
        rates("B", params, &mut outcome)?;
        table.curve(
            "rate",
            "closed form",
            (0..=600).map(|k| f64::from(k) * 0.1).map(|current| (current, 1000.0 * leaky_rate(&neuron, current))),
        );
        bench.advance();
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let pulses = Panel::new(
            "A",
            "the talk's pulses",
            Axis::linear("time (ms)").between(0.0, 1000.0),
            Axis::linear("voltage *V* (mV)").between(-90.0, -50.0),
        );
        let rates = Panel::new(
            "B",
            "rate against current",
            Axis::linear("constant current *I* (mV)").between(0.0, 62.0),
            Axis::linear("rate (Hz)"),
        );
        let row = vec![
            pulses
                .with([outcome.mark(Kind::Trace, 0, "voltage", "trace", "V")])
                .second(Axis::linear("current *I* (mV)").between(-50.0, 400.0))
                .with([outcome.mark(Kind::Trace, 7, "current (right)", "trace", "I")])
                .legend(Legend::TopLeft),
            rates
                .with([outcome.mark(Kind::Line, 7, "closed form", "rate", "closed form")])
                .judged(&outcome.of("rate by Euler", "talk"), 1)
                .judged(&outcome.of("rate without steps", "talk"), 0)
                .simulated(&outcome.of("rate by Euler", "talk"), 1, "Euler's steps")
                .simulated(&outcome.of("rate without steps", "talk"), 0, "spike to spike")
                .legend(Legend::TopLeft),
        ];
        Figure::new(64.0, vec![row]).key(Kind::Trace, "one run, and its current")
    }
}
