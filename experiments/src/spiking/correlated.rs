//! Set A with external trains that are correlated, beside independent ones: the correlated state and the asynchronous one.

use super::networks::{SIZE, pair};
use lab::plot::{Axis, Figure, Legend, Panel};
use lab::{Claim, Comparison, Outcome, Plan, Scale, Study, Sweep, row};
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

/// Their panels.
const PANELS: [&str; 3] = ["A", "B", "C"];

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
        let theories: Vec<Covariances> = all.par_iter().map(Covariances::of).collect();
        for (measured, theory) in all.iter().zip(theories) {
            let panel = SHARES.iter().zip(PANELS).find(|((label, _), _)| *label == measured.case.label);
            outcome.comparisons.extend(covariances(measured, panel.map_or("", |(_, panel)| panel), &theory));
            outcome.comparisons.extend(rates(measured, "D"));
            outcome.comparisons.extend(independent_trains(measured));
        }
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let panel = |letter, title: &str, y: Axis| Panel::new(letter, title, Axis::log("network size *N*"), y);
        let covariances = |(letter, (label, _)): (&'static str, (&str, f64))| {
            let title = format!("covariances of pairs, *{}*{}", &label[..1], &label[1..]);
            PAIRS.iter().fold(
                panel(letter, &title, Axis::log("covariance of counts (Hz)")),
                |panel, (_, _, name, colour)| {
                    panel.compared(&outcome.of(&format!("covariance of counts, {name}"), label), *colour, name)
                },
            )
        };
        let mut panels: Vec<Panel> = PANELS.into_iter().zip(SHARES).map(covariances).collect();
        let rates = SHARES.iter().enumerate().fold(
            panel("D", "rates, e below and i above", Axis::linear("rate (Hz)").between(0.0, 18.0)),
            |panel, (colour, (label, _))| {
                POPULATIONS.iter().fold(panel, |panel, name| {
                    let legend = if *name == "e" { label } else { "" };
                    panel.compared(&outcome.of(&format!("r_{name}"), label), [3, 2, 5][colour], legend)
                })
            },
        );
        panels.push(rates.legend(Legend::BottomRight));
        let below = panels.split_off(2).into_iter();
        let below = below.enumerate().map(|(k, panel)| if k == 0 { panel.legend(Legend::BottomLeft) } else { panel });
        Figure::new(64.0, vec![panels, below.collect()])
    }
}

fn correlated(size: usize, share: f64) -> SpikingNetwork {
    let correlation = (share > 0.0).then_some(Correlation { share, jitter: JITTER });
    SpikingNetwork { correlation, ..pair(size, 10.0) }
}

/// Rates of correlated networks beside the theory of independent trains.
fn independent_trains(measured: &Measured) -> Vec<Comparison> {
    let (network, x, label) = (&measured.case.system.network, measured.case.x, &measured.case.label);
    if network.correlation.is_none() {
        return Vec::new();
    }
    let independent = spiking_rates(&SpikingNetwork { correlation: None, ..network.clone() });
    let of = |(a, name): (usize, &&str)| Comparison {
        x,
        theory: independent.as_ref().map_or(f64::NAN, |f| f.rates[a]),
        simulation: measured.estimate(|s| s.rates[a]),
        claim: Claim::Contrast,
        ..row("D", &format!("r_{name} (Hz)"), &format!("{FINITE}, independent trains"), label)
    };
    POPULATIONS.iter().enumerate().map(of).collect()
}
