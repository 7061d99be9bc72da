//! Set A with external trains that are correlated, beside independent ones: the correlated state and the asynchronous one.

use super::measure::{Case, Measured, Params, Sweep, WINDOW, measure, memory};
use super::networks::pair;
use super::rows::FINITE;
use crate::rows::row;
use lab::plot::{Axis, Figure, Kind, Legend, Mark, Panel};
use lab::{Bench, Claim, Comparison, Experiment, Failure, Outcome, Scale, SeriesTable};
use meanfield::{correlated_state, pair_covariances, spiking_rates};
use model::spiking::Correlation;
use model::{Neuron, Seed, SpikingNetwork};
use ndarray::Array2;
use rayon::prelude::*;
use simulation::spiking::SpikingRun;

pub struct Correlated;

const POPULATIONS: [&str; 2] = ["e", "i"];

/// Pairs of populations, and their colours.
const PAIRS: [(usize, usize, &str, usize); 3] = [(0, 0, "e, e", 1), (0, 1, "e, i", 6), (1, 1, "i, i", 0)];

/// c with a jitter of 5 ms: the source's, a tenth of it, and none.
const SHARES: [(&str, f64); 3] = [("c = 0.1", 0.1), ("c = 0.01", 0.01), ("c = 0", 0.0)];
const JITTER: f64 = 5.0;

/// Name of the theory of covariances.
const LINEAR: &str = "linear response at finite N";

impl Experiment for Correlated {
    type Params = Params;
    const NAME: &'static str = "correlated";
    const TITLE: &'static str = "correlated and asynchronous states: covariances of spike counts against network size";
    const CAPTION: &'static str = "Set A, driven by Poisson trains any two of which have the correlation c (jitter 5 ms). (A, B, C) Mean covariance of the counts of pairs of cells in 250 ms, over time, at c = .1, .01 and 0: \
        simulation (points, 95 % error bars), linear response at that N (lines), the correlated state W⁻¹W_x c r_x W_xᵀW⁻ᵀ that it tends to (dashed). Where c > 0 covariances stay as N grows; without it they fall as 1/N. \
        At c = .1 the linear response is too large: a hundred times a second a tenth of all trains fire within some 10 ms, which is no small change; no value is claimed there. (D) Mean rates hardly depend on c (line: theory of independent trains; dashed: −W⁻¹X).";

    fn params(&self, scale: Scale) -> Params {
        let (sizes, replicates, run) = match scale {
            Scale::Quick => (vec![1908, 5232], 5, SpikingRun::lasting(10_000.0, 500.0)),
            Scale::Paper => (vec![504, 972, 1908, 5232, 10224, 20004], 10, SpikingRun::lasting(50_000.0, 500.0)),
        };
        let run = SpikingRun { sample: 10.0, ..run };
        let network = correlated(sizes[sizes.len() - 1], SHARES[0].1);
        Params { replicates, run, sweep: Some(Sweep { sizes, ..Sweep::default() }), network }
    }

    fn memory(&self, params: &Params) -> f64 {
        memory(&params.network, &params.run)
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        let sizes = params.sweep.iter().flat_map(|sweep| &sweep.sizes);
        let mut cases = Vec::new();
        for (draw, &size) in sizes.enumerate() {
            for (label, share) in SHARES {
                let network = correlated(size, share);
                cases.push(Case { draw, label: label.into(), x: size as f64, network });
            }
        }
        let measured = measure("correlated", &cases, &params.run, params.replicates, seed, bench)?;
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        let theories: Vec<_> = cases.par_iter().map(|case| pair_covariances(&case.network).ok()).collect();
        for (measured, theory) in measured.iter().zip(theories) {
            outcome.comparisons.extend(covariances(measured, theory, &mut table));
            outcome.comparisons.extend(rates(measured, &mut table));
        }
        outcome.frames.push(table.into_frame());
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let panel = |letter, title: &str, y, marks, legend| Panel {
            letter,
            title: title.into(),
            x: Axis::log("network size *N*"),
            y,
            right: None,
            marks,
            legend,
        };
        let covariances = |(label, share): (&str, f64)| -> Vec<Mark> {
            let mut marks = Vec::new();
            for (_, _, name, colour) in PAIRS {
                if share > 0.0 {
                    marks.push(outcome.mark(Kind::Dashed, colour, "", &format!("limit {label}"), name));
                }
                marks.push(outcome.mark(Kind::Line, colour, "", &format!("theory {label}"), name));
                marks.push(outcome.mark(Kind::Points, colour, name, &format!("covariance {label}"), name));
            }
            marks
        };
        let mut rates = Vec::new();
        for (colour, name) in [1, 0].into_iter().zip(POPULATIONS) {
            rates.push(outcome.mark(Kind::Dashed, 7, "", "rate limit", name));
            rates.push(outcome.mark(Kind::Line, colour, "", "rate theory", name));
            let kinds = [Kind::Points, Kind::Squares, Kind::Open];
            for (kind, (label, _)) in kinds.into_iter().zip(SHARES) {
                let shown = if colour == 1 { label } else { "" };
                rates.push(outcome.mark(kind, colour, shown, &format!("rate {label}"), name));
            }
        }
        let axis = || Axis::log("covariance of counts (Hz)");
        let legends = [Legend::None, Legend::None, Legend::BottomLeft];
        let mut panels: Vec<Panel> = ["A", "B", "C"]
            .into_iter()
            .zip(SHARES.into_iter().zip(legends))
            .map(|(letter, (share, legend))| panel(letter, share.0, axis(), covariances(share), legend))
            .collect();
        panels.push(panel("D", "", Axis::linear("rate (Hz)").between(0.0, 18.0), rates, Legend::BottomRight));
        let below = panels.split_off(2);
        Figure { width_mm: 180.0, row_mm: 60.0, rows: vec![panels, below] }
    }
}

fn correlated(size: usize, share: f64) -> SpikingNetwork {
    let correlation = (share > 0.0).then_some(Correlation { share, jitter: JITTER });
    SpikingNetwork { correlation, ..pair(size, 10.0) }
}

/// Part of a covariance that windows cut off: two spikes of a common cause are ⟨|u|⟩ ≤ √⟨u²⟩ apart, each being late by a synapse, a membrane and
/// a jitter.
fn cut_off(network: &SpikingNetwork) -> f64 {
    let longest = network.synapses.iter().chain(&network.external_synapses).map(|s| s.tau).fold(0.0, f64::max);
    let membrane = match network.neuron(0) {
        Neuron::Exponential(neuron) => neuron.tau,
        Neuron::Leaky(neuron) => neuron.tau,
        Neuron::HodgkinHuxley(_) => f64::NAN,
    };
    let jitter = network.correlation.map_or(0.0, |c| c.jitter);
    (2.0 * (longest.powi(2) + membrane.powi(2) + jitter.powi(2))).sqrt() / WINDOW
}

fn covariances(measured: &Measured, theory: Option<Array2<f64>>, table: &mut SeriesTable) -> Vec<Comparison> {
    let (network, x, label) = (&measured.case.network, measured.case.x, &measured.case.label);
    let share = network.correlation.map_or(0.0, |c| c.share);
    let panel = ["A", "B", "C"][SHARES.iter().position(|(_, own)| *own == share).unwrap_or(0)];
    // Of c = .1 a hundred events a second, each of a tenth of all trains, are no small change.
    let claim = if share == SHARES[0].1 { Claim::Contrast } else { Claim::Equals };
    let limit = correlated_state(network);
    let mut rows = Vec::new();
    for (a, b, name, _) in PAIRS {
        let simulation = measured.estimate(|s| s.covariance[a][b]);
        let at = |matrix: &Option<Array2<f64>>| matrix.as_ref().map_or(f64::NAN, |m| m[[a, b]]);
        let quantity = format!("covariance of counts, {name} (Hz)");
        rows.push(Comparison {
            x,
            theory: at(&theory),
            simulation,
            bias: cut_off(network) * at(&theory),
            claim,
            ..row(panel, &quantity, LINEAR, label)
        });
        rows.push(Comparison {
            x,
            theory: at(&limit),
            simulation,
            claim: Claim::Contrast,
            ..row(panel, &quantity, "correlated state, N to infinity", label)
        });
        table.estimate(&format!("covariance {label}"), name, x, simulation);
        table.point(&format!("theory {label}"), name, x, at(&theory));
        table.point(&format!("limit {label}"), name, x, at(&limit));
    }
    rows
}

/// Rates, also beside the theory of independent trains.
fn rates(measured: &Measured, table: &mut SeriesTable) -> Vec<Comparison> {
    let (network, x, label) = (&measured.case.network, measured.case.x, &measured.case.label);
    let mut rows = measured.rates("D");
    let independent = spiking_rates(&SpikingNetwork { correlation: None, ..network.clone() });
    for (a, name) in POPULATIONS.iter().enumerate() {
        let simulation = measured.estimate(|s| s.rates[a]);
        let theory = independent.as_ref().map_or(f64::NAN, |f| f.rates[a]);
        if network.correlation.is_some() {
            rows.push(Comparison {
                x,
                theory,
                simulation,
                claim: Claim::Contrast,
                ..row("D", &format!("r_{name} (Hz)"), &format!("{FINITE}, independent trains"), label)
            });
        } else {
            table.point("rate theory", name, x, theory);
            table.point("rate limit", name, x, measured.balanced.as_ref().map_or(f64::NAN, |r| r[a]));
        }
        table.estimate(&format!("rate {label}"), name, x, simulation);
    }
    rows
}
