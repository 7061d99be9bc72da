//! Set A with strengths that differ from synapse to synapse: where the theory of many small inputs ends.

use super::networks::pair;
use lab::plot::{Axis, Figure, Legend, Panel};
use lab::{Outcome, Plan, Scale, Study, Sweep};
use model::spiking::Spread;
use model::{SpikingNetwork, WeightLaw};
use simulation::spiking::SpikingRun;
use systems::spiking_network::{Measured, SpikingSystem, currents, rates, variability};

pub struct Strengths;

const POPULATIONS: [&str; 2] = ["e", "i"];
const COLOURS: [usize; 2] = [1, 0];

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
        for measured in all {
            outcome.comparisons.extend(rates(measured, "A"));
            outcome.comparisons.extend(currents(measured, "B, C"));
            outcome.comparisons.extend(variability(measured, "D"));
        }
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let panel = |letter, title: &str, y: &str, quantity: fn(&str) -> String| {
            let axes =
                Panel::new(letter, title, Axis::linear("coefficient of variation of strengths"), Axis::linear(y));
            COLOURS.into_iter().zip(POPULATIONS).zip(["excitatory", "inhibitory"]).fold(
                axes,
                |panel, ((colour, name), label)| {
                    panel.compared(&outcome.rows(|row| row.quantity == quantity(name)), colour, label)
                },
            )
        };
        let over_cells = |name: &str| format!("deviation of the input to {name} over cells");
        let in_time = |name: &str| format!("deviation of the input to {name} in time");
        let rows = vec![
            vec![
                panel("A", "rates", "rate (Hz)", |name| format!("r_{name}")).legend(Legend::BottomRight),
                panel("B", "inputs over cells", "standard deviation (mV/ms)", over_cells),
            ],
            vec![
                panel("C", "inputs in time", "standard deviation (mV/ms)", in_time),
                panel("D", "counts", "Fano factor", |name| format!("Fano factor of counts, {name}")),
            ],
        ];
        Figure::new(64.0, rows)
    }
}

/// Set A with strengths that differ.
fn spread_pair(size: usize) -> SpikingNetwork {
    let mut network = pair(size, 10.0);
    let spread = Some(Spread { law: WeightLaw::Gamma, variation: 0.5 });
    network.synapses.iter_mut().chain(&mut network.external_synapses).for_each(|s| s.spread = spread);
    network
}
