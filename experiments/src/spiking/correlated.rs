//! Set A with external trains that are correlated, beside independent ones: the correlated state and the asynchronous one.

use super::networks::{SIZE, pair};
use lab::plot::{Axis, Figure, Kind, Legend, Mark, Panel};
use lab::{Claim, Comparison, Outcome, Plan, Scale, SeriesTable, Study, Sweep, row};
use meanfield::spiking_rates;
use model::SpikingNetwork;
use model::spiking::Correlation;
use rayon::prelude::*;
use simulation::spiking::SpikingRun;
use systems::spiking_network::{Covariances, FINITE, Measured, SpikingSystem, covariances, rates};

pub struct Correlated;

const POPULATIONS: [&str; 2] = ["e", "i"];

/// Pairs of populations, and their colours.
const PAIRS: [(usize, usize, &str, usize); 3] = [(0, 0, "e, e", 1), (0, 1, "e, i", 6), (1, 1, "i, i", 0)];

/// c with a jitter of 5 ms: the source's, a tenth of it, and none.
const SHARES: [(&str, f64); 3] = [("c = 0.1", 0.1), ("c = 0.01", 0.01), ("c = 0", 0.0)];
const JITTER: f64 = 5.0;

impl Study for Correlated {
    type System = SpikingSystem;
    const SECONDS: [f64; 2] = [12.0, 139.0];
    const NAME: &'static str = "correlated";
    const TITLE: &'static str = "correlated and asynchronous states: covariances of spike counts against network size";
    const CAPTION: &'static str = include_str!("correlated.md");

    fn plans(&self, scale: Scale) -> Vec<Plan<SpikingSystem>> {
        let (sizes, replicates, run) = match scale {
            Scale::Quick => (vec![1908, 5232], 5, SpikingRun::lasting(10_000.0, 500.0)),
            Scale::Paper => (vec![504, 972, 1908, 5232, 10224, 20004], 10, SpikingRun::lasting(50_000.0, 500.0)),
        };
        let run = SpikingRun { sample: 10.0, ..run };
        // Networks of one size have the same draws, whatever their correlation.
        let plan = |(label, share): (&str, f64)| {
            let system = SpikingSystem { run: run.clone(), network: correlated(5232, share) };
            Plan::new(label, replicates, system).along(Sweep::of(SIZE, sizes.clone()))
        };
        SHARES.map(plan).to_vec()
    }

    fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        let mut table = SeriesTable::new();
        let theories: Vec<Covariances> = all.par_iter().map(Covariances::of).collect();
        for (measured, theory) in all.iter().zip(theories) {
            let panel = SHARES.iter().zip(["A", "B", "C"]).find(|((label, _), _)| *label == measured.case.label);
            outcome.comparisons.extend(covariances(measured, panel.map_or("", |(_, panel)| panel), &theory));
            outcome.comparisons.extend(both_rates(measured, &mut table));
            series(measured, &theory, &mut table);
        }
        outcome.frames.push(table.into_frame());
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
        Figure {
            key: vec![
                (Kind::Points, "simulation"),
                (Kind::Squares, "*c* = 0.01 in D"),
                (Kind::Open, "*c* = 0 in D"),
                (Kind::Line, "theory at this *N*"),
                (Kind::Dashed, "*N* → ∞"),
            ],
            width_mm: 180.0,
            row_mm: 60.0,
            rows: vec![panels, below],
        }
    }
}

fn correlated(size: usize, share: f64) -> SpikingNetwork {
    let correlation = (share > 0.0).then_some(Correlation { share, jitter: JITTER });
    SpikingNetwork { correlation, ..pair(size, 10.0) }
}

/// Covariances of the panels.
fn series(measured: &Measured, theory: &Covariances, table: &mut SeriesTable) {
    let (x, label) = (measured.case.x, &measured.case.label);
    for (a, b, name, _) in PAIRS {
        table.estimate(&format!("covariance {label}"), name, x, measured.estimate(|s| s.covariance[a][b]));
        table.point(&format!("theory {label}"), name, x, theory.finite(a, b));
        table.point(&format!("limit {label}"), name, x, theory.limit(a, b));
    }
}

/// Rates, also beside the theory of independent trains.
fn both_rates(measured: &Measured, table: &mut SeriesTable) -> Vec<Comparison> {
    let (network, x, label) = (&measured.case.system.network, measured.case.x, &measured.case.label);
    let mut rows = rates(measured, "D");
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
            table.point("rate limit", name, x, measured.predicted.balanced.as_ref().map_or(f64::NAN, |r| r[a]));
        }
        table.estimate(&format!("rate {label}"), name, x, simulation);
    }
    rows
}
