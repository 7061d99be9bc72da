//! Hodgkin & Huxley's neuron: the talk's three bumps, all or none, its rate, and its rest.

mod published;
mod rows;

use super::picture::Params;
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Experiment, Failure, Outcome, Scale, SeriesTable};
use model::neuron::{Drive, HodgkinHuxley as Squid};
use model::{Neuron, Seed};
use published::RATES;
use rows::{RATE, at_rest, bump, constant, pictures, threshold};
use simulation::neuron::{Integrator, NeuronRun, run_hodgkin_huxley};
use systems::neuron::refused;

pub struct HodgkinHuxley;

/// Currents at which departures from rest are followed, where an oscillation outlives the other modes.
const NEAR_REST: [f64; 6] = [7.0, 8.0, 9.0, 9.5, 10.0, 10.5];

impl Experiment for HodgkinHuxley {
    type Params = Params;
    const SECONDS: [f64; 2] = [0.58, 0.576];
    const NAME: &'static str = "hodgkin-huxley";
    const TITLE: &'static str = "Hodgkin & Huxley's neuron: spikes, gates, threshold, rate, rest";
    const CAPTION: &'static str = include_str!("hodgkin_huxley.md");

    fn params(&self, _scale: Scale) -> Params {
        Params {
            currents: RATES.iter().map(|(current, _)| *current).collect(),
            sharpness: vec![],
            start: None,
            run: NeuronRun { duration: 200.0, step: 0.001, integrator: Integrator::Euler },
            neuron: Neuron::HodgkinHuxley(Squid::SQUID),
            drive: Drive { bumps: [(6.0, 50.0), (12.0, 100.0), (3.0, 150.0)].map(bump).to_vec(), ..Drive::default() },
        }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        params.check()
    }

    fn memory(&self, params: &Params) -> f64 {
        32.0 * 5.0 * params.run.duration / params.run.step
    }

    fn run(&self, params: &Params, _seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        let Neuron::HodgkinHuxley(neuron) = params.neuron else {
            return Err(Failure::Input("neuron.kind (allowed: hodgkin-huxley)".into()));
        };
        bench.begin("hodgkin-huxley", 4);
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        let channels = run_hodgkin_huxley(&neuron, &params.drive, Squid::START, params.run).map_err(refused)?;
        pictures(&channels, &mut table, &mut outcome);
        bench.advance();
        threshold(&neuron, params.run, &mut table, &mut outcome)?;
        bench.advance();
        constant(params, &mut outcome)?;
        bench.advance();
        at_rest(&neuron, &mut table, &mut outcome)?;
        bench.advance();
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let gates = ["n", "m", "h"];
        let gate = |(k, name): (usize, &&str)| outcome.mark(Kind::Trace, k, &format!("*{name}*"), "gates", name);
        let trace = Panel::new(
            "A",
            "the talk's three bumps",
            Axis::linear("time (ms)").between(0.0, 200.0),
            Axis::linear("voltage *V* (mV)").between(-85.0, 50.0),
        );
        let open = Panel::new(
            "B",
            "gates",
            Axis::linear("time (ms)").between(45.0, 75.0),
            Axis::linear("share of open gates").between(0.0, 1.05),
        );
        let peaks = Panel::new(
            "C",
            "all or none",
            Axis::linear("size of the bump (µA/cm^{2})").between(1.5, 12.5),
            Axis::linear("peak (mV)").between(-70.0, 60.0),
        );
        let rates = Panel::new(
            "D",
            "rate by Euler's steps",
            Axis::linear("current (µA/cm^{2})").between(0.0, 21.0),
            Axis::linear("rate (Hz)").between(-2.0, 100.0),
        );
        let growth = Panel::new(
            "E",
            "departures from rest",
            Axis::linear("current (µA/cm^{2})").between(6.5, 11.0),
            Axis::linear("growth rate (1/ms)"),
        );
        let near_rest = outcome.of("growth rate", "squid");
        let rows = vec![
            vec![
                trace.with([outcome.mark(Kind::Trace, 0, "", "trace", "V")]),
                open.with(gates.iter().enumerate().map(gate)).legend(Legend::TopRight),
            ],
            vec![
                peaks
                    .with([outcome.mark(Kind::Dashed, 1, "threshold", "peak", "threshold")])
                    .compared(&outcome.of("peak after one bump", "bump"), 0, "")
                    .legend(Legend::BottomRight),
                rates
                    .with([outcome.mark(Kind::Dashed, 1, "Hopf current", "rate", "hopf")])
                    .compared(&outcome.of(RATE, "constant current"), 0, "")
                    .legend(Legend::TopLeft),
                growth
                    .with([outcome.mark(Kind::Line, 7, "eigenvalues", "growth", "line")])
                    .judged(&near_rest, 0)
                    .simulated(&near_rest, 0, "")
                    .legend(Legend::TopLeft),
            ],
        ];
        Figure::new(62.0, rows).key(Kind::Trace, "one run").key(Kind::Dashed, "threshold, Hopf current")
    }
}
