//! Set A against the rate of its external population: a balanced network answers linearly.

use super::networks::{SIZE, pair};
use super::{draw_rates, sizes};
use lab::plot::{Axis, Figure, Kind, Legend, Mark, Panel};
use lab::{Comparison, Estimate, Outcome, Plan, Scale, SeriesTable, Study, Sweep, row};
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
        let mut table = SeriesTable::new();
        for measured in all {
            outcome.comparisons.extend(rates(measured, "A"));
            draw_rates(measured, &mut table);
        }
        // As N → ∞ any size says the same.
        for measured in all.iter().filter(|m| m.case.label == all[0].case.label) {
            for (name, limit) in POPULATIONS.iter().zip(measured.predicted.balanced.iter().flatten()) {
                table.point("limit", name, measured.case.x, *limit);
            }
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
                    ..row("B", &format!("slope of r_{name}"), FINITE, &last.case.label)
                });
            }
        }
        sizes(all, &mut table);
        outcome.frames.push(table.into_frame());
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let sizes = outcome.mark(Kind::Points, 0, "", "sizes", "all").x;
        let panel = |letter, name: &str, title: &str| {
            let mut marks: Vec<Mark> = vec![outcome.mark(Kind::Dashed, 7, "−W^{−1}X", "limit", name)];
            for (colour, n) in sizes.iter().enumerate() {
                marks.push(outcome.mark(Kind::Line, colour, "", &format!("finite N = {n}"), name));
                marks.push(outcome.mark(Kind::Points, colour, &format!("*N* = {n}"), &format!("rate N = {n}"), name));
            }
            Panel {
                letter,
                title: title.into(),
                x: Axis::linear("external rate (Hz)"),
                y: Axis::linear("rate (Hz)"),
                right: None,
                marks,
                legend: Legend::TopLeft,
            }
        };
        Figure {
            key: vec![(Kind::Points, "simulation"), (Kind::Line, "theory at this *N*"), (Kind::Dashed, "*N* → ∞")],
            width_mm: 180.0,
            row_mm: 64.0,
            rows: vec![vec![panel("A", "e", "excitatory"), panel("B", "i", "inhibitory")]],
        }
    }
}
