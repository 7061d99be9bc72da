//! Set A against the rate of its external population: a balanced network answers linearly.

use super::networks::{SIZE, pair};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Comparison, Estimate, Outcome, Plan, Scale, Study, Sweep, row};
use simulation::spiking::SpikingRun;
use systems::spiking_network::{FINITE, Measured, SpikingSystem, finite, rates};

pub struct Stimulus;

const POPULATIONS: [&str; 2] = ["e", "i"];

impl Study for Stimulus {
    type System = SpikingSystem;
    const SECONDS: [f64; 2] = [2.9, 73.0];
    const NAME: &'static str = "stimulus";
    const TITLE: &'static str = "rates of a balanced network against the rate of its external input";
    const CAPTION: &'static str = include_str!("stimulus.md");

    fn plans(&self, scale: Scale) -> Vec<Plan<SpikingSystem>> {
        let (sizes, rates, replicates, run) = match scale {
            Scale::Quick => (vec![1908, 5232], vec![5.0, 10.0, 15.0, 20.0], 5, SpikingRun::lasting(2_000.0, 500.0)),
            Scale::Paper => (
                vec![1908, 5232, 20004],
                vec![2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 15.0, 18.0, 22.0],
                10,
                SpikingRun::lasting(10_000.0, 500.0),
            ),
        };
        // One draw of connections answers all stimuli.
        let draws: Vec<i64> = (0..sizes.len()).map(|k| (k * rates.len()) as i64).collect();
        let by_size = Sweep::of("N", sizes.clone()).with(SIZE, sizes).with("draw", draws);
        let by_rate = Sweep::of("network.populations.x.rate", rates);
        let system = SpikingSystem { run, network: pair(5232, 10.0) };
        vec![Plan::new("", replicates, system).along(by_size).along(by_rate)]
    }

    fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        for measured in all {
            let panel = |row: Comparison| Comparison { panel: panel_of(&row).into(), ..row };
            outcome.comparisons.extend(rates(measured, "A").into_iter().map(panel));
        }
        // The slope between the two strongest stimuli, draw by draw, where the response has become a line.
        for own in all.chunk_by(|a, b| a.case.label == b.case.label) {
            let [.., before, last] = own else { continue };
            for (a, name) in POPULATIONS.iter().enumerate() {
                let span = last.case.x - before.case.x;
                let pairs = last.seen.iter().zip(&before.seen);
                let slope = Estimate::of(pairs.map(|(high, low)| (high.rates[a] - low.rates[a]) / span));
                let of = |f: &meanfield::SpikingRates| f.rates[a];
                outcome.comparisons.push(Comparison {
                    x: last.case.x,
                    theory: (finite(last, of) - finite(before, of)) / span,
                    simulation: slope,
                    // The theory's inputs are too low at both, so that the errors of rates have one sign and their difference is no larger.
                    bias: finite(last, |f| f.rate_error[a]) / span,
                    ..row(["A", "B"][a], &format!("slope of r_{name}"), FINITE, &last.case.label)
                });
            }
        }
    }

    /// Rates near silence: theory leaves out the skewness that makes them.
    fn explains(&self, missed: &Comparison) -> bool {
        let rate = POPULATIONS.iter().any(|name| missed.quantity == format!("r_{name}"));
        rate && missed.theory_name == FINITE && missed.theory.max(missed.simulation.mean) < 0.1
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let panel = |letter, name: &str, title: &str| {
            let quantity = format!("r_{name}");
            let axes = Panel::new(letter, title, Axis::linear("external rate (Hz)"), Axis::linear("rate (Hz)"));
            let labels = outcome.labels(&quantity);
            let all = labels.iter().enumerate().fold(axes, |panel, (colour, label)| {
                panel.compared(&outcome.of(&quantity, label), colour, &label.replace("N =", "*N* ="))
            });
            all.legend(Legend::TopLeft)
        };
        let row = vec![panel("A", "e", "excitatory rate"), panel("B", "i", "inhibitory rate")];
        Figure::new(68.0, vec![row]).key(Kind::Dashed, "contrast: −W^{−1}X, *N* → ∞")
    }
}

/// That of the population.
fn panel_of(row: &Comparison) -> &'static str {
    if row.quantity.starts_with("r_i") { "B" } else { "A" }
}
