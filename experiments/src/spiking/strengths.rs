//! Set A with strengths that differ from synapse to synapse: where the theory of many small inputs ends.

use super::networks::pair;
use lab::plot::{Axis, Figure, Kind, Legend, Mark, Panel};
use lab::{Outcome, Plan, Scale, SeriesTable, Study, Sweep};
use meanfield::SpikingRates;
use model::spiking::Spread;
use model::{SpikingNetwork, WeightLaw};
use simulation::spiking::SpikingRun;
use systems::spiking_network::{Measured, OfSample, SpikingSystem, currents, finite, rates, together, variability};

pub struct Strengths;

const POPULATIONS: [&str; 2] = ["e", "i"];
const COLOURS: [usize; 2] = [1, 0];

/// What is drawn beside rates: name, theory, simulation.
type Shown = (&'static str, fn(&SpikingRates, usize) -> f64, OfSample);
const SHOWN: [Shown; 3] = [
    ("spread", |f, a| f.quenched[a], |s, a| s.quenched[a]),
    ("noise", |f, a| f.temporal[a], |s, a| s.temporal[a]),
    ("fano", |f, a| f.fano[a], |s, a| s.fano[a]),
];

impl Study for Strengths {
    type System = SpikingSystem;
    const SECONDS: [f64; 2] = [1.5, 104.0];
    const NAME: &'static str = "strengths";
    const TITLE: &'static str = "strengths that differ from synapse to synapse: rates, inputs and irregularity";
    const CAPTION: &'static str = include_str!("strengths.md");

    fn plans(&self, scale: Scale) -> Vec<Plan<SpikingSystem>> {
        let (size, variations, replicates, run) = match scale {
            Scale::Quick => (3744, vec![0.0, 0.5], 5, SpikingRun::lasting(4_000.0, 500.0)),
            Scale::Paper => {
                (10_224, vec![0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0], 10, SpikingRun::lasting(10_000.0, 500.0))
            }
        };
        let spread = Sweep::of("network.projections.*.spread.variation", variations);
        let system = SpikingSystem { run, network: spread_pair(size) };
        // One draw of connections for all.
        vec![Plan::new(&format!("N = {size}"), replicates, system).along(spread).sharing_draws()]
    }

    fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        let mut table = SeriesTable::new();
        for measured in all {
            outcome.comparisons.extend(rates(measured, "A"));
            outcome.comparisons.extend(currents(measured, "B, C"));
            outcome.comparisons.extend(variability(measured, "D"));
            series(measured, &mut table);
        }
        outcome.frames.push(table.into_frame());
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let panel = |letter, y, marks, legend| Panel {
            letter,
            title: String::new(),
            x: Axis::linear("coefficient of variation of strengths"),
            y,
            right: None,
            marks,
            legend,
        };
        let marks = |quantity: &str, labels: [&str; 2]| -> Vec<Mark> {
            let all = COLOURS.into_iter().zip(POPULATIONS).zip(labels);
            let of = |((colour, name), label)| {
                let line = outcome.mark(Kind::Line, colour, "", &format!("{quantity} theory"), name);
                [line, outcome.mark(Kind::Points, colour, label, quantity, name)]
            };
            all.flat_map(of).collect()
        };
        let mut rates = marks("rate", ["excitatory", "inhibitory"]);
        rates.extend(POPULATIONS.map(|name| outcome.mark(Kind::Dashed, 7, "", "limit", name)));
        let plain = |quantity| marks(quantity, ["", ""]);
        let mut noise = plain("noise");
        let bounds = COLOURS.into_iter().zip(POPULATIONS);
        noise.extend(bounds.map(|(colour, name)| outcome.mark(Kind::Dashed, colour, "", "noise bound", name)));
        Figure {
            key: vec![
                (Kind::Points, "simulation"),
                (Kind::Line, "theory at this *N*"),
                (Kind::Dashed, "−W^{−1}X in A, shared inputs in C"),
            ],
            width_mm: 180.0,
            row_mm: 60.0,
            rows: vec![
                vec![
                    panel("A", Axis::linear("rate (Hz)"), rates, Legend::TopLeft),
                    panel("B", Axis::linear("deviation over cells (mV/ms)"), plain("spread"), Legend::None),
                ],
                vec![
                    panel("C", Axis::linear("deviation in time (mV/ms)"), noise, Legend::None),
                    panel("D", Axis::linear("Fano factor"), plain("fano"), Legend::None),
                ],
            ],
        }
    }
}

/// Set A with strengths that differ.
fn spread_pair(size: usize) -> SpikingNetwork {
    let mut network = pair(size, 10.0);
    let spread = Some(Spread { law: WeightLaw::Gamma, variation: 0.5 });
    network.synapses.iter_mut().chain(&mut network.external_synapses).for_each(|s| s.spread = spread);
    network
}

fn series(measured: &Measured, table: &mut SeriesTable) {
    let x = measured.case.x;
    for (a, name) in POPULATIONS.iter().enumerate() {
        table.estimate("rate", name, x, measured.estimate(|s| s.rates[a]));
        table.point("rate theory", name, x, finite(measured, |f| f.rates[a]));
        table.point("limit", name, x, measured.predicted.balanced.as_ref().map_or(f64::NAN, |r| r[a]));
        for (quantity, theory, simulation) in SHOWN {
            table.estimate(quantity, name, x, measured.estimate(|s| simulation(s, a)));
            table.point(&format!("{quantity} theory"), name, x, finite(measured, |f| theory(f, a)));
        }
        let bound = together(&measured.case.system.network);
        table.point("noise bound", name, x, finite(measured, |f| bound * f.temporal[a]));
    }
}
