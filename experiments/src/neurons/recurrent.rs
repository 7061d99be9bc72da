//! The talk's recurrent network: constant currents, strong weights, irregular spikes of its own making.

use super::PUBLISHED;
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Claim, Comparison, Outcome, Plan, Scale, SeriesTable, Study, row};
use model::neuron::Exponential;
use model::spiking::{Plasticity, Synapses};
use model::{BernoulliNetwork, Neuron, SpikingNetwork};
use ndarray::{Array2, array};
use simulation::spiking::{Drives, SpikingRun};
use systems::spiking_network::{Measured, OfDrives, SpikingSystem, currents, first, rates, variability};

pub struct Recurrent;

const POPULATIONS: [&str; 2] = ["e", "i"];

/// Rates in Hz of an independent simulation of the talk's 250 ms, start included, so that nothing is claimed of them.
const INDEPENDENT: [f64; 2] = [9.4, 22.5];

/// 4000 excitatory and 1000 inhibitory neurons, p = .05, j = (10, −40; 30, −60) mV ms and currents of (30, 15) mV in τ_m dV/dt, τ_m = 10 ms.
fn network() -> SpikingNetwork {
    const SIZE: usize = 5000;
    const TAU: f64 = 10.0;
    let root = (SIZE as f64).sqrt();
    SpikingNetwork {
        names: POPULATIONS.map(String::from).to_vec(),
        constant: vec![30.0 / TAU, 15.0 / TAU],
        floor: None,
        refractory: 0.0,
        connections: BernoulliNetwork {
            size: SIZE,
            shares: array![0.8, 0.2],
            probability: Array2::from_elem((2, 2), 0.05),
            strength: array![[10.0, -40.0], [30.0, -60.0]] * root / TAU,
            external_shares: array![],
            external_rates: array![],
            external_probability: Array2::zeros((2, 0)),
            external_strength: Array2::zeros((2, 0)),
        },
        correlation: None,
        synapses: vec![Synapses::current(8.0), Synapses::current(4.0)],
        external_synapses: vec![],
        plasticity: Plasticity::none(2),
        neurons: vec![Neuron::Exponential(Exponential {
            tau: TAU,
            rest: -72.0,
            sharpness: 2.0,
            onset: -55.0,
            threshold: 0.0,
            reset: -72.0,
        })],
    }
}

impl Study for Recurrent {
    type System = SpikingSystem;
    const SECONDS: [f64; 2] = [0.55, 1.26];
    const NAME: &'static str = "recurrent";
    const TITLE: &'static str =
        "the talk's recurrent network: irregular and asynchronous, inhibitory rate above excitatory";
    const CAPTION: &'static str = include_str!("recurrent.md");

    fn plans(&self, scale: Scale) -> Vec<Plan<SpikingSystem>> {
        let (replicates, run) = match scale {
            Scale::Quick => (5, SpikingRun::lasting(2_000.0, 300.0)),
            Scale::Paper => (10, SpikingRun::lasting(10_000.0, 300.0)),
        };
        let system = SpikingSystem { run: SpikingRun { cells: vec![3], ..run }, network: network() };
        vec![Plan::new("talk", replicates, system)]
    }

    fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        let measured = &all[0];
        let mut table = SeriesTable::new();
        outcome.comparisons.extend(rates(measured, "D"));
        outcome.comparisons.extend(currents(measured, "B"));
        outcome.comparisons.extend(variability(measured, "A"));
        for (a, name) in POPULATIONS.iter().enumerate() {
            let shown = [
                ("D", "rate", "Hz", PUBLISHED, INDEPENDENT[a], measured.estimate(|s| s.rates[a]), 0.0, Claim::Contrast),
                (
                    "A",
                    "CV of intervals",
                    "",
                    "Poisson process",
                    1.0,
                    measured.estimate(|s| s.variation[a]),
                    0.0,
                    Claim::Contrast,
                ),
                (
                    "A",
                    "correlation of counts",
                    "",
                    "asynchronous, N to infinity",
                    0.0,
                    measured.estimate(|s| s.correlation[a]),
                    0.0,
                    Claim::Contrast,
                ),
            ];
            for (panel, quantity, unit, theory_name, theory, simulation, bias, claim) in shown {
                outcome.comparisons.push(Comparison {
                    x: measured.case.x,
                    unit,
                    theory,
                    simulation,
                    bias,
                    claim,
                    ..row(panel, &format!("{quantity}, {name}"), theory_name, "talk")
                });
            }
        }
        // The slide's words, in numbers: inhibitory cells fire more.
        outcome.comparisons.push(Comparison {
            x: measured.case.x,
            theory: 0.0,
            simulation: measured.estimate(|s| s.rates[1] - s.rates[0]),
            claim: Claim::Lower,
            scale: Some(measured.estimate(|s| s.rates[1] + s.rates[0]).mean),
            ..row("D", "r_i - r_e (Hz)", "inhibitory above excitatory", "talk")
        });
        pictures(measured, &mut table);
        outcome.series = table;
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let time = || Axis::linear("time (ms)").between(0.0, 250.0);
        let currents = [(1, "excites"), (6, "total"), (0, "inhibits")]
            .map(|(colour, name)| outcome.mark(Kind::Trace, colour, name, "current", name));
        let spikes = [(1, "e"), (0, "i")].map(|(colour, name)| outcome.mark(Kind::Raster, colour, "", "spikes", name));
        let current = Axis::linear("current (mV/ms)").between(-14.0, 8.0);
        let voltage = Axis::linear("*V* (mV)").between(-95.0, -38.0);
        let names = Axis::names("", &["excitatory", "inhibitory"]);
        let rates = (0..).zip(POPULATIONS).fold(
            Panel::new("D", "rates", names, Axis::linear("rate (Hz)").between(0.0, 30.0)),
            |panel, (a, name)| {
                let place = |row: &Comparison| Comparison { x: f64::from(a), ..row.clone() };
                let own = outcome.rows(|row| [format!("r_{name}"), format!("rate, {name}")].contains(&row.quantity));
                panel.compared(&own.into_iter().map(place).collect::<Vec<_>>(), [1, 0][a as usize], "")
            },
        );
        let rows = vec![
            vec![
                Panel::new("A", "spikes: e below, i above", time(), Axis::linear("cell").between(-1.0, 101.0))
                    .with(spikes),
                Panel::new("B", "currents of one cell", time(), current).with(currents).legend(Legend::BottomLeft),
            ],
            vec![
                Panel::new("C", "voltage of one cell", time(), voltage).with([outcome.mark(
                    Kind::Trace,
                    1,
                    "",
                    "voltage",
                    "e",
                )]),
                rates,
            ],
        ];
        Figure::new(60.0, rows).key(Kind::Trace, "one cell").key(Kind::Dashed, "*N* → ∞")
    }
}

/// A quarter of a second of the first network.
fn pictures(measured: &Measured, table: &mut SeriesTable) {
    let activity = first(measured);
    let shown = [("e", 0..60, 0.0), ("i", activity.starts[1]..activity.starts[1] + 40, 60.0)];
    for (name, cells, offset) in shown {
        let own = activity.spikes.of(cells);
        let events = own.events.iter().map(|spike| (f64::from(spike.step) * own.step, offset + f64::from(spike.cell)));
        table.curve("spikes", name, events.take_while(|(time, _)| *time < 250.0));
    }
    let Some(trace) = activity.traces.first() else { return };
    let kinds: [(&str, OfDrives); 3] =
        [("excites", |d| d.excitatory + d.external), ("inhibits", |d| d.inhibitory), ("total", Drives::total)];
    for (name, of) in kinds {
        table.curve("current", name, trace.drives.iter().take(250).enumerate().map(|(k, d)| (k as f64, of(d))));
    }
    let voltage = trace.voltage.iter().take(250).enumerate();
    table.curve("voltage", "e", voltage.map(|(k, v)| (k as f64, v.min(-40.0))));
}
