//! Many neurons that the same presynaptic populations drive: their currents cancel, and what they fire.

mod rows;

use super::PUBLISHED;
use lab::plot::{Axis, Figure, Kind, Legend, Mark, Panel};
use lab::{Outcome, Plan, Scale, SeriesTable, Study, Sweep};
use meanfield::neuron::exponential_rate;
use model::neuron::Exponential;
use model::spiking::{Plasticity, Synapses};
use model::{BernoulliNetwork, Neuron, SpikingNetwork};
use ndarray::{Array2, array};
use rows::{INDEPENDENT, rows, trace};
use simulation::spiking::SpikingRun;
use systems::spiking_network::{FINITE, Measured, SpikingSystem, currents};

pub struct Feedforward;

/// The talk's neuron here.
const NEURON: Exponential =
    Exponential { tau: 10.0, rest: -72.0, sharpness: 2.0, onset: -55.0, threshold: 0.0, reset: -72.0 };

/// Rate in Hz of the inhibitory presynaptic population.
const INHIBITORY: f64 = 15.0;

/// Excitatory weights in mV ms of the two panels: currents, and rates against their mean.
const WEIGHTS: [f64; 2] = [40.0, 20.0];

/// The same at a weight of 40 and a rate of 5 Hz.
const INDEPENDENT_PANEL: (f64, f64) = (12.563, 0.542);

/// 1600 excitatory and 400 inhibitory Poisson processes that send to N neurons with probability .1; weights in mV ms, as the talk has them: the
/// current of a spike in τ_m dV/dt has that integral.
fn network(weight: f64, rate: f64) -> SpikingNetwork {
    const SIZE: usize = 1000;
    let charge = |weight: f64| weight / NEURON.tau * (SIZE as f64).sqrt();
    SpikingNetwork {
        names: vec!["post".into()],
        constant: vec![],
        floor: None,
        refractory: 0.0,
        connections: BernoulliNetwork {
            size: SIZE,
            shares: array![1.0],
            probability: Array2::zeros((1, 1)),
            strength: Array2::zeros((1, 1)),
            external_shares: array![1.6, 0.4],
            external_rates: array![rate, INHIBITORY],
            external_probability: array![[0.1, 0.1]],
            external_strength: array![[charge(weight), charge(-40.0)]],
        },
        correlation: None,
        synapses: vec![Synapses::current(4.0)],
        external_synapses: vec![Synapses::current(4.0), Synapses::current(6.0)],
        plasticity: Plasticity::none(1),
        neurons: vec![Neuron::Exponential(NEURON)],
    }
}

impl Study for Feedforward {
    type System = SpikingSystem;
    const SECONDS: [f64; 2] = [0.45, 4.0];
    const NAME: &'static str = "feedforward";
    const TITLE: &'static str = "a feedforward network: currents that cancel, and rates against their mean";
    const CAPTION: &'static str = include_str!("feedforward.md");

    fn plans(&self, scale: Scale) -> Vec<Plan<SpikingSystem>> {
        let (replicates, run) = match scale {
            Scale::Quick => (5, SpikingRun::lasting(2_000.0, 300.0)),
            Scale::Paper => (10, SpikingRun::lasting(20_000.0, 300.0)),
        };
        let run = SpikingRun { cells: vec![0], ..run };
        let plan = |weight: f64, rates: Vec<f64>, draws: std::ops::Range<i64>| {
            let mean = |rate: &f64| network(weight, *rate).mean_drive()[0] * (1000.0_f64).sqrt() / 1000.0 * NEURON.tau;
            let means: Vec<f64> = rates.iter().map(mean).collect();
            let axis = Sweep::of("mean input (mV)", means)
                .with("network.populations.x1.rate", rates)
                .with("draw", draws.collect::<Vec<_>>());
            let system = SpikingSystem { run: run.clone(), network: network(weight, 5.0) };
            Plan::new(&format!("weight {weight}"), replicates, system).along(axis)
        };
        let rates: Vec<f64> = INDEPENDENT.iter().map(|(rate, ..)| *rate).collect();
        let count = rates.len() as i64;
        vec![plan(WEIGHTS[0], vec![5.0], 0..1), plan(WEIGHTS[1], rates, 1..count + 1)]
    }

    fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        let mut table = SeriesTable::new();
        let known = std::iter::once((INDEPENDENT_PANEL.0, INDEPENDENT_PANEL.1))
            .chain(INDEPENDENT.iter().map(|(_, rate, error)| (*rate, *error)));
        for ((measured, known), panel) in all.iter().zip(known).zip(std::iter::once("A").chain(std::iter::repeat("B")))
        {
            outcome.comparisons.extend(currents(measured, panel));
            outcome.comparisons.extend(rows(measured, known, panel));
        }
        for k in -150..=260 {
            let current = 0.1 * f64::from(k);
            table.point("rate", "claim", current, 1000.0 * exponential_rate(&NEURON, current));
        }
        trace(&all[0], &mut table);
        outcome.series = table;
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let mut currents: Vec<Mark> = Vec::new();
        for (colour, name, label) in [(1, "excitatory", "*I*_{e}"), (6, "total", "total"), (0, "inhibitory", "*I*_{i}")]
        {
            currents.push(outcome.mark(Kind::Trace, colour, label, "trace", name));
            currents.push(outcome.mark(Kind::Dashed, colour, "", "mean", name));
        }
        let traces = Panel::new(
            "A",
            "currents of one neuron",
            Axis::linear("time (ms)").between(0.0, 500.0),
            Axis::linear("current (mV)").between(-70.0, 90.0),
        );
        let rates = Panel::new(
            "B",
            "rate against the mean input",
            Axis::linear("mean input *Ī* (mV)").between(-15.0, 26.0),
            Axis::linear("rate (Hz)").between(0.0, 75.0),
        );
        let label = format!("weight {}", WEIGHTS[1]);
        let row = vec![
            traces.with(currents).legend(Legend::TopRight),
            rates
                .with([outcome.mark(Kind::Dashed, 7, "claim *f*(*Ī*)", "rate", "claim")])
                .theory(&outcome.by(FINITE, "rate", &label), 6, "theory with noise")
                .compared(&outcome.by(PUBLISHED, "rate", &label), 1, "")
                .simulated(&outcome.of("rate", &label), 0, "")
                .legend(Legend::TopLeft),
        ];
        Figure::new(66.0, vec![row])
            .key(Kind::Trace, "one neuron")
            .key(Kind::Dashed, "means in A; claim of the talk in B")
    }
}
