//! Set A against the rate of its external population: a balanced network answers linearly.

use super::measure::{Case, Params, Sweep, measure, memory};
use super::networks::pair;
use crate::rows::row;
use lab::plot::{Axis, Figure, Kind, Legend, Mark, Panel};
use lab::{Bench, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable};
use model::Seed;
use simulation::spiking::SpikingRun;

pub struct Stimulus;

const POPULATIONS: [&str; 2] = ["e", "i"];

impl Experiment for Stimulus {
    type Params = Params;
    const SECONDS: [f64; 2] = [2.9, 192.0];
    const NAME: &'static str = "stimulus";
    const TITLE: &'static str = "rates of a balanced network against the rate of its external input";
    const CAPTION: &'static str = "Set A at two sizes. (A) Excitatory, (B) inhibitory rates against the external rate: simulation (points, 95 % error bars), the self-consistent theory at that N (lines), \
        −W⁻¹X (dashed), which is linear. At finite N the answer is nearly straight too, and steeper, as the input that is left, I in r = −W⁻¹(X − I/√N), falls while the noise grows with the rates; it begins later. Below 1 Hz, where few cells fire, the theory is wrong by its own skewness.";

    fn params(&self, scale: Scale) -> Params {
        let (sizes, rates, replicates, run) = match scale {
            Scale::Quick => (vec![1908, 5232], vec![5.0, 10.0, 15.0, 20.0], 5, SpikingRun::lasting(2_000.0, 500.0)),
            Scale::Paper => (
                vec![1908, 5232, 20004],
                vec![2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 15.0, 18.0, 22.0],
                10,
                SpikingRun::lasting(10_000.0, 500.0),
            ),
        };
        let network = pair(sizes[sizes.len() - 1], 10.0);
        Params { replicates, run, sweep: Some(Sweep { sizes, rates, ..Sweep::default() }), network }
    }

    fn memory(&self, params: &Params) -> f64 {
        memory(&params.network, &params.run)
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        let sweep = params.sweep.clone().unwrap_or_default();
        let mut cases = Vec::new();
        for &size in &sweep.sizes {
            // One draw of connections answers all stimuli.
            let draw = cases.len();
            let case = |&rate: &f64| Case { draw, label: format!("N = {size}"), x: rate, network: pair(size, rate) };
            cases.extend(sweep.rates.iter().map(case));
        }
        let measured = measure("stimulus", &cases, &params.run, params.replicates, seed, bench)?;
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        for measured in &measured {
            outcome.comparisons.extend(measured.rates("A"));
            measured.draw_rates(&mut table);
        }
        // As N → ∞ any size says the same.
        for measured in measured.iter().take(sweep.rates.len()) {
            for (name, limit) in POPULATIONS.iter().zip(measured.balanced.iter().flatten()) {
                table.point("limit", name, measured.case.x, *limit);
            }
        }
        // The slope between the two strongest stimuli, draw by draw, where the response has become a line.
        for own in measured.chunks(sweep.rates.len()) {
            let [.., before, last] = own else { continue };
            for (a, name) in POPULATIONS.iter().enumerate() {
                let span = last.case.x - before.case.x;
                let pairs = last.samples.iter().zip(&before.samples);
                let slope = Estimate::of(pairs.map(|(high, low)| (high.rates[a] - low.rates[a]) / span));
                let of = |f: &meanfield::SpikingRates| f.rates[a];
                outcome.comparisons.push(Comparison {
                    x: last.case.x,
                    theory: (last.theory(of) - before.theory(of)) / span,
                    simulation: slope,
                    // The theory's inputs are too low at both, so that the errors of rates have one sign and their difference is no larger.
                    bias: last.theory(|f| f.rate_error[a]) / span,
                    ..row("B", &format!("slope of r_{name}"), super::rows::FINITE, &last.case.label)
                });
            }
        }
        for &size in &sweep.sizes {
            table.point("sizes", "all", size as f64, 0.0);
        }
        outcome.frames.push(table.into_frame());
        Ok(outcome)
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
            width_mm: 180.0,
            row_mm: 64.0,
            rows: vec![vec![panel("A", "e", "excitatory"), panel("B", "i", "inhibitory")]],
        }
    }
}
