//! Figure 2: the distribution of inputs, at low and at high variance, for several K.

use super::networks::{OverInDegree, protocol};
use lab::plot::{Axis, Figure, Kind, Legend, Mark, Panel};
use lab::{Claim, Estimate, Outcome, Plan, Scale, SeriesTable, Study};
use meanfield::{GgcBeta, ggc_beta};
use systems::rate_network::{GGC_BETA, GivenRatio, Measured, RateSystem, Rows, anomalies, each, is_synchronous};

pub struct Fig2;

impl Study for Fig2 {
    type System = RateSystem;
    const SECONDS: [f64; 2] = [10.0, 86.0];
    const NAME: &'static str = "fig2";
    const TITLE: &'static str = "distribution of inputs at low and high variance of the weights";
    const CAPTION: &'static str = include_str!("fig2.md");

    fn plans(&self, scale: Scale) -> Vec<Plan<RateSystem>> {
        let (high, low) = match scale {
            Scale::Quick => (vec![500, 1135, 1710], vec![500, 1135, 1710]),
            Scale::Paper => (vec![500, 1710, 5848], vec![500, 1135, 2576]),
        };
        // Euler follows the common mode, which relaxes at the rate 1 + J √K f, for dt below 2 over that
        // only: at J = 2 the longer step of the other figures would make it oscillate from K = 4000 on.
        let over = OverInDegree { high, low, low_mean: 2.0, low_step: protocol(scale).step, ..OverInDegree::of(scale) };
        let [high, low] = over.plans(scale);
        vec![low, high]
    }

    fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        outcome.notes.extend(anomalies(all));
        let mut table = SeriesTable::new();
        for measured in all {
            let (panel, curve) = [("A", "low"), ("B", "high")][measured.case.plan];
            distribution(panel, curve, measured, outcome, &mut table);
        }
        outcome.series = table;
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let marks = |curve: &str| -> Vec<Mark> {
            let shown = outcome.comparisons.iter().filter(|c| c.label == curve);
            let mut in_degrees: Vec<String> = shown.map(|c| c.x.to_string()).collect();
            in_degrees.dedup();
            let both = in_degrees.iter().enumerate().flat_map(|(c, k)| {
                let label = format!("*K* = {k}");
                [
                    outcome.mark(Kind::Steps, c, &label, "density", &format!("{curve} {k}")),
                    outcome.mark(Kind::Dashed, 6, "", "density", &format!("{curve} theory {k}")),
                ]
            });
            both.collect()
        };
        let panel = |letter, title: &str, curve: &str, from: f64, to: f64, y: Axis| {
            Panel::new(letter, title, Axis::linear("input *x*").between(from, to), y).with(marks(curve))
        };
        let row = vec![
            panel("A", "low variance", "low", -0.5, 0.3, Axis::linear("density (1/*x*)")).legend(Legend::TopLeft),
            panel("B", "high variance", "high", -8.0, 1.5, Axis::linear("density (1/*x*)")).legend(Legend::TopLeft),
            panel("C", "the same, logarithmic", "high", -8.0, 1.5, Axis::log("density (1/*x*)").between(2e-4, 1.0)),
        ];
        Figure::new(58.0, vec![row]).key(Kind::Steps, "simulation").key(Kind::Dashed, "closure given *r*")
    }
}

fn distribution(panel: &str, curve: &str, measured: &Measured, outcome: &mut Outcome, table: &mut SeriesTable) {
    let network = &measured.case.system.network;
    let k = network.populations[0].in_degree as f64;
    let count = measured.seen.len() as f64;
    let first = &measured.seen[0].populations[0].histogram;
    let density =
        |bin: usize| measured.seen.iter().map(|r| r.populations[0].histogram.density[bin]).sum::<f64>() / count;
    let bins = first.density.len();
    table.curve("density", &format!("{curve} {k}"), (0..bins).map(|b| (first.centre(b), density(b))));
    let given = GivenRatio::new(measured, 0, &GGC_BETA);
    let ratio = Estimate::of(each(measured, 0, |p| p.ratio_total())).mean.min(1.0);
    let (given, closure) = match given.and_then(|g| Ok((g, ggc_beta(network, &[ratio])?))) {
        Ok(both) => both,
        Err(error) => return outcome.notes.push(format!("{curve} variance, K = {k}: {error}")),
    };
    table.curve(
        "density",
        &format!("{curve} theory {k}"),
        (0..bins).map(|b| (first.centre(b), closure.density(0, first.centre(b)))),
    );
    let mut rows = Rows { rows: &mut outcome.comparisons, panel, label: curve, x: k };
    rows.add_static(&GGC_BETA, &given, measured);
    let distances = measured.seen.iter().map(|r| kolmogorov(&r.populations[0].histogram, &closure));
    // At ν = 1/2 the errors that the closure admits in the mean, 4 % of an inhibition of 2 at a peak
    // density of 0.5, and in the standard deviation, 5 % times max |z φ(z)| = 0.24. At ν = 1 its
    // skewness and standard deviation, and that each realisation is nearly frozen: N inputs scatter
    // about their law by 0.87/√N, the mean of Kolmogorov's statistic.
    let bias = if network.exponent < 0.75 { 0.05 } else { 0.02 + 0.87 / (network.size() as f64).sqrt() };
    // Distribution functions go from 0 to 1.
    let claim = (if is_synchronous(measured) { Claim::Contrast } else { Claim::Equals }, 0.0);
    rows.add_scaled("Kolmogorov distance", "(c) GGC-Beta given r", claim, Estimate::of(distances), (bias, 1.0));
    rows.add_exact(measured, 0);
}

/// Largest difference of distribution functions, at the edges of the bins.
fn kolmogorov(simulated: &model::Distribution, closure: &GgcBeta) -> f64 {
    let (mut below, mut predicted, mut largest) = (0.0, 0.0, 0.0_f64);
    for (bin, density) in simulated.density.iter().enumerate() {
        below += density * simulated.width;
        predicted += closure.density(0, simulated.centre(bin)) * simulated.width;
        largest = largest.max((below - predicted).abs());
    }
    largest
}
