//! How irregular, how different and how correlated: a balanced network beside a semi-balanced one.

use super::networks::{MEAN, contrast_axis, s3};
use analysis::{cell_rates, interval_variation, spike_spectrum};
use lab::plot::{Axis, Figure, Kind, Legend, Mark, Panel};
use lab::{Claim, Comparison, Outcome, Plan, Scale, SeriesTable, Study, row};
use simulation::spiking::SpikingRun;
use systems::spiking_network::{Measured, SpikingSystem, first, rates, variability};

pub struct Variability;

const POPULATIONS: [&str; 3] = ["e1", "e2", "i"];
const COLOURS: [usize; 3] = [1, 2, 0];

impl Study for Variability {
    type System = SpikingSystem;
    const SECONDS: [f64; 2] = [3.7, 58.9];
    const NAME: &'static str = "variability";
    const TITLE: &'static str =
        "irregularity, diversity and correlation in balanced and semi-balanced spiking networks";
    const CAPTION: &'static str = include_str!("variability.md");

    fn plans(&self, scale: Scale) -> Vec<Plan<SpikingSystem>> {
        let (size, replicates, run) = match scale {
            Scale::Quick => (5000, 5, SpikingRun::lasting(5_000.0, 500.0)),
            Scale::Paper => (20_000, 10, SpikingRun::lasting(20_000.0, 500.0)),
        };
        let plan = |(draw, x): (i64, f64)| {
            let system = SpikingSystem { run: run.clone(), network: s3(size, MEAN, MEAN) };
            let contrast = contrast_axis(&[x]).with("draw", [draw]);
            Plan::new(&format!("delta = {x} Hz"), replicates, system).along(contrast)
        };
        [(0, 0.0), (1, 5.0)].map(plan).to_vec()
    }

    fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        let mut table = SeriesTable::new();
        for (measured, panels) in all.iter().zip([["A", "B", "C"], ["D", "E", "F"]]) {
            outcome.comparisons.extend(rates(measured, panels[0]));
            outcome.comparisons.extend(variability(measured, panels[0]));
            for (a, name) in POPULATIONS.iter().enumerate() {
                let correlation = measured.estimate(|s| s.correlation[a]);
                let variation = measured.estimate(|s| s.variation[a]);
                let shown = [
                    (panels[2], "correlation of counts", "asynchronous, N to infinity", 0.0, correlation),
                    (panels[1], "CV of intervals", "Poisson process", 1.0, variation),
                ];
                for (panel, quantity, theory_name, theory, simulation) in shown {
                    outcome.comparisons.push(Comparison {
                        x: measured.case.x,
                        theory,
                        simulation,
                        claim: Claim::Contrast,
                        ..row(panel, &format!("{quantity}, {name}"), theory_name, &measured.case.label)
                    });
                }
            }
            laws(measured, &mut table);
        }
        outcome.series = table;
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let marks = |kind, quantity: &str, x: &str| -> Vec<Mark> {
            let all = COLOURS.into_iter().zip(POPULATIONS);
            all.map(|(colour, name)| outcome.mark(kind, colour, name, &format!("{quantity} {x}"), name)).collect()
        };
        let row = |[rates, intervals, power]: [&'static str; 3], x: &str, state: &str| {
            vec![
                Panel::new(
                    rates,
                    &format!("rates, {state}"),
                    Axis::linear("rate of a cell (Hz)").between(0.0, 60.0),
                    Axis::log("density (1/Hz)").between(1e-4, 1.0),
                )
                .with(marks(Kind::Steps, "rates", x))
                .legend(Legend::TopRight),
                Panel::new(
                    intervals,
                    "irregularity of cells",
                    Axis::linear("CV of intervals").between(0.4, 1.6),
                    Axis::linear("density (1/CV)"),
                )
                .with(marks(Kind::Steps, "variation", x)),
                Panel::new(
                    power,
                    "spectrum of spike trains",
                    Axis::log("frequency (Hz)").between(2.0, 500.0),
                    Axis::linear("power over rate").between(0.0, 1.5),
                )
                .with(marks(Kind::Trace, "spectrum", x)),
            ]
        };
        let rows =
            vec![row(["A", "B", "C"], "0", "balanced, δ = 0"), row(["D", "E", "F"], "5", "semi-balanced, δ = 5 Hz")];
        Figure::new(58.0, rows).key(Kind::Steps, "cells of one network").key(Kind::Trace, "their mean spectrum")
    }
}

/// Histograms and spectra of the first draw.
fn laws(measured: &Measured, table: &mut SeriesTable) {
    let x = measured.case.x;
    for (a, name) in POPULATIONS.iter().enumerate() {
        let spikes = first(measured).population(a);
        let rates = cell_rates(&spikes);
        histogram(table, &format!("rates {x}"), name, (0.0, 60.0), &rates);
        histogram(table, &format!("variation {x}"), name, (0.0, 2.0), &interval_variation(&spikes, 10));
        let mean = rates.iter().sum::<f64>() / rates.len() as f64;
        let Some(spectrum) = spike_spectrum(&spikes, 500.0) else { continue };
        let frequency = |k: usize| spectrum.step * (k + 1) as f64;
        let shown = spectrum.power.iter().enumerate().take_while(|(k, _)| frequency(*k) <= 500.0);
        table.curve(&format!("spectrum {x}"), name, shown.map(|(k, p)| (frequency(k), p / mean)));
    }
}

fn histogram(table: &mut SeriesTable, quantity: &str, curve: &str, (low, high): (f64, f64), values: &[f64]) {
    let mut histogram = analysis::Histogram::new(low, high, 60);
    histogram.push(&values.iter().map(|v| *v as f32).collect::<Vec<_>>());
    if let Some(law) = histogram.finish() {
        table.curve(quantity, curve, (0..law.density.len()).map(|k| (law.centre(k), law.density[k])));
    }
}
