//! The exponential integrate-and-fire neuron: the talk's current, its rate, and how it becomes leaky.

mod rows;

use super::picture::{Params, picture, rates};
use super::{PUBLISHED, TIME_BIAS};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use meanfield::neuron::{exponential_rate, rheobase};
use model::neuron::Drive;
use model::{Neuron, Seed};
use simulation::neuron::{Integrator, NeuronRun, run_exponential};
use systems::neuron::refused;

pub struct Exponential;

/// Current at which Δ_T is varied, in mV.
const SHARPENED_AT: f64 = 20.0;

/// Rates in Hz at that current, of an independent simulation by Euler's method: (Δ_T, rate).
const PUBLISHED_RATES: [(f64, f64); 6] =
    [(4.0, 25.5428), (2.0, 25.4777), (1.0, 26.5111), (0.5, 28.0034), (0.2, 29.8597), (0.1, 30.9023)];

impl Experiment for Exponential {
    type Params = Params;
    const SECONDS: [f64; 2] = [0.093, 0.0959];
    const NAME: &'static str = "exponential";
    const TITLE: &'static str =
        "the exponential integrate-and-fire neuron: the talk's current, its rate, and its leaky limit";
    const CAPTION: &'static str = include_str!("exponential.md");

    fn params(&self, _scale: Scale) -> Params {
        Params {
            currents: vec![12.9, 13.0, 13.1, 13.2, 13.5, 14.0, 15.0, 16.0, 18.0, 20.0],
            // The talk's code starts where a spike leaves the neuron.
            start: Some(model::neuron::Exponential::TALK.reset),
            sharpness: vec![4.0, 2.0, 1.0, 0.5, 0.2, 0.1, 0.05, 0.02],
            run: NeuronRun { duration: 1000.0, step: 0.1, integrator: Integrator::Euler },
            neuron: Neuron::Exponential(model::neuron::Exponential::TALK),
            drive: Drive::constant(13.5),
        }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        params.check()
    }

    fn memory(&self, params: &Params) -> f64 {
        8.0 * params.run.duration / params.run.step
    }

    fn run(&self, params: &Params, _seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        bench.begin("exponential", 3);
        let Neuron::Exponential(neuron) = params.neuron else {
            return Err(Failure::Input("neuron.kind (allowed: exponential)".into()));
        };
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        let start = params.start.unwrap_or(neuron.rest);
        let trace = run_exponential(&neuron, &params.drive, start, params.run).map_err(refused)?;
        table.curve("trace", "V", picture(&trace, params.run.step, neuron.threshold));
        // The talk's code names a spike by the start of its step.
        let spike = |k: usize| trace.spikes.get(k).map_or(f64::NAN, |t| t - params.run.step);
        let talk = [
            ("spikes", 5.0, trace.spikes.len() as f64, 0.0),
            ("time of spike 1 (ms)", 181.5, spike(0), TIME_BIAS),
            ("time of spike 5 (ms)", 907.9, spike(4), TIME_BIAS),
        ];
        for (quantity, theory, seen, bias) in talk {
            outcome.comparisons.push(Comparison {
                x: 13.5,
                theory,
                simulation: Estimate::exact(seen),
                bias,
                ..row("A", quantity, PUBLISHED, "talk")
            });
        }
        bench.advance();
        rates("B", params, &mut outcome)?;
        let onset = rheobase(&neuron);
        for current in (0..=160).map(|k| 12.0 + 0.05 * f64::from(k)) {
            table.point("rate", "quadrature", current, 1000.0 * exponential_rate(&neuron, current));
            table.point("rate", "fit of the talk", current, 7.759 * libm::pow((current - 12.99_f64).max(0.0), 0.6));
            let root = ((current - onset).max(0.0) / (2.0 * neuron.sharpness)).sqrt();
            table.point("rate", "saddle-node", current, 1000.0 * root / (std::f64::consts::PI * neuron.tau));
        }
        bench.advance();
        self.sharpen(params, neuron, &mut table, &mut outcome)?;
        bench.advance();
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let trace = Panel::new(
            "A",
            "the talk's current",
            Axis::linear("time (ms)").between(0.0, 1000.0),
            Axis::linear("voltage *V* (mV)").between(-80.0, 15.0),
        );
        let rate = "rate by Runge-Kutta";
        let rates = Panel::new(
            "B",
            "rate against current",
            Axis::linear("constant current *I* (mV)").between(12.0, 20.5),
            Axis::linear("rate (Hz)").between(0.0, 32.0),
        );
        let sharp = ("rate at 20 mV", "sharpened");
        let sharpened = Panel::new(
            "C",
            "towards the leaky neuron",
            Axis::log("sharpness Δ_{T} (mV)").between(0.01, 5.0),
            Axis::linear("rate at 20 mV (Hz)").between(24.0, 36.0),
        );
        let row = vec![
            trace.with([outcome.mark(Kind::Trace, 0, "", "trace", "V")]),
            rates
                .with([
                    outcome.mark(Kind::Line, 7, "quadrature", "rate", "quadrature"),
                    outcome.mark(Kind::Dashed, 1, "fit of the talk", "rate", "fit of the talk"),
                    outcome.mark(Kind::Dashed, 6, "saddle-node", "rate", "saddle-node"),
                ])
                .judged(&outcome.of(rate, "talk"), 0)
                .simulated(&outcome.of(rate, "talk"), 0, "")
                .legend(Legend::BottomRight),
            sharpened
                .with([outcome.mark(Kind::Line, 7, "quadrature", "sharpness", "quadrature")])
                .judged(&outcome.by("quadrature", sharp.0, sharp.1), 0)
                .theory(&outcome.by("leaky", sharp.0, sharp.1), 1, "leaky")
                .compared(&outcome.by(PUBLISHED, sharp.0, sharp.1), 2, "")
                .simulated(&outcome.by("quadrature", sharp.0, sharp.1), 0, "")
                .legend(Legend::TopRight),
        ];
        Figure::new(64.0, vec![row]).key(Kind::Trace, "one run").key(Kind::Dashed, "limits, and the fit of the talk")
    }
}
