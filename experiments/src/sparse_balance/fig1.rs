//! Figure 1: how activity scales with K, at high and at low variance, and with the bias.

use super::examples::{add_examples, examples_panel};
use super::networks::{BIAS, OverInDegree};
use super::published;
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Claim, Outcome, Plan, Scale, SeriesTable, Study, Sweep};
use meanfield::frozen_low_variance;
use systems::rate_network::{GGC_BETA, Measured, PopulationMeasure, RateSystem, Rows, anomalies, mean};

/// In-degree of the response to the bias.
const BIASED: usize = 1135;

pub struct Fig1;

impl Study for Fig1 {
    type System = RateSystem;
    const SECONDS: [f64; 2] = [6.4, 40.9];
    const NAME: &'static str = "fig1";
    const TITLE: &'static str = "activity against in-degree and bias, at high and low variance of the weights";
    const CAPTION: &'static str = include_str!("fig1.md");

    fn plans(&self, scale: Scale) -> Vec<Plan<RateSystem>> {
        let over = OverInDegree::of(scale);
        let biases = match scale {
            Scale::Quick => vec![0.5, 1.0, 2.0],
            Scale::Paper => vec![0.25, 0.5, 0.75, 1.0, 1.5, 2.0],
        };
        let by_bias = |label: &str, system: RateSystem| {
            Plan::new(label, over.replicates, system).along(Sweep::of(BIAS, biases.clone())).sharing_draws()
        };
        let [high, low] = over.plans(scale);
        let high_by_bias = by_bias("high, over I", over.high_system(scale));
        vec![high, low, high_by_bias, by_bias("low, over I", over.low_system(scale))]
    }

    fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        outcome.notes.extend(anomalies(all));
        let mut table = SeriesTable::new();
        for (curve, plan) in [("high", 0), ("low", 1)] {
            let own = || all.iter().filter(move |m| m.case.plan == plan);
            own().for_each(|measured| scaling_point(curve, measured, outcome));
            let shown = own().min_by_key(|m| m.case.system.network.size().abs_diff(BIASED));
            shown.into_iter().for_each(|measured| add_examples(&mut table, curve, measured, 0));
        }
        for (curve, plan) in [("high, over I", 2), ("low, over I", 3)] {
            let own = all.iter().filter(|m| m.case.plan == plan);
            own.for_each(|measured| closure("F", curve, measured.case.x, measured, outcome));
        }
        outcome.series = table;
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let over_k = |letter, title: &str, quantity: &str, y: Axis| {
            Panel::new(letter, title, Axis::log("in-degree *K*"), y)
                .compared(&outcome.of(quantity, "high"), 0, "high variance")
                .compared(&outcome.of(quantity, "low"), 1, "low variance")
        };
        let over_bias = [("f", "high", 0), ("f", "low", 1), ("m", "high", 5), ("m", "low", 4)].into_iter().fold(
            Panel::new("F", &format!("over the bias, *K* = {BIASED}"), Axis::linear("bias *I*"), Axis::log("*f*, *m*")),
            |panel, (quantity, curve, colour)| {
                let rows = outcome.of(quantity, &format!("{curve}, over I"));
                panel.compared(&rows, colour, &format!("*{quantity}*, {curve}"))
            },
        );
        let rows = vec![
            vec![
                examples_panel(outcome, "A", "units at high variance", "high", -5.0),
                examples_panel(outcome, "B", "units at low variance", "low", -0.45),
                over_k("C", "mean activity", "m", Axis::log("*m*")),
            ],
            vec![
                over_k("D", "active fraction", "f", Axis::log("*f*").between(0.03, 1.6)).legend(Legend::TopRight),
                over_k("E", "mean activity of active units", "mu = m/f", Axis::log("*μ* = *m*/*f*")),
                over_bias.legend(Legend::BottomRight),
            ],
        ];
        Figure::new(62.0, rows).key(Kind::Trace, "one unit (A, B)").key(Kind::Dashed, "threshold (A, B); frozen, *K* → ∞")
    }
}

fn scaling_point(curve: &str, measured: &Measured, outcome: &mut Outcome) {
    let network = &measured.case.system.network;
    let simulated = |what: fn(&PopulationMeasure) -> f64| mean(measured, 0, what);
    let (f, m) = (simulated(|p| p.rates.active), simulated(|p| p.rates.mean));
    let k = measured.case.x;
    closure("CDE", curve, k, measured, outcome);
    let mut rows = Rows { rows: &mut outcome.comparisons, panel: "CDE", label: curve, x: k };
    if let Ok(frozen) = frozen_low_variance(network) {
        rows.add("f", "(e) frozen", Claim::Contrast, frozen.rates.active, f, 0.0);
        rows.add("m", "(e) frozen", Claim::Contrast, frozen.rates.mean, m, 0.0);
    }
    if let Some(point) = published::high(k as usize).filter(|_| curve == "high") {
        rows.add("f", published::NAME, Claim::Equals, point.active, f, published::scatter(&f, 1e-4));
        rows.add("m", published::NAME, Claim::Equals, point.mean, m, published::scatter(&m, 1e-5));
    }
}

/// Rows of closure (c).
fn closure(panel: &str, label: &str, x: f64, measured: &Measured, outcome: &mut Outcome) {
    let mut rows = Rows { rows: &mut outcome.comparisons, panel, label, x };
    rows.add_closure(&GGC_BETA, 0, measured, &mut outcome.notes);
}
