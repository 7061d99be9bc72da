//! Figure 1: how activity scales with K, at high and at low variance, and with the bias.

use super::examples::{add_examples, examples_panel};
use super::networks::{BIAS, OverInDegree};
use super::published;
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Claim, Outcome, Plan, Scale, SeriesTable, Study, Sweep};
use meanfield::frozen_low_variance;
use systems::rate_network::{GGC_BETA, GivenRatio, Measured, PopulationMeasure, RateSystem, Rows, anomalies, mean};

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
            own().for_each(|measured| scaling_point(curve, measured.case.x, measured, outcome, &mut table));
            let shown = own().min_by_key(|m| m.case.system.network.size().abs_diff(BIASED));
            shown.into_iter().for_each(|measured| add_examples(&mut table, curve, measured, 0));
        }
        for (curve, plan) in [("high", 2), ("low", 3)] {
            let own = all.iter().filter(|m| m.case.plan == plan);
            own.for_each(|measured| bias_point(curve, measured, outcome, &mut table));
        }
        outcome.frames.push(table.into_frame());
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let scaling = |letter, quantity: &str, y: Axis, legend| {
            let mut marks = vec![
                outcome.mark(Kind::Line, 0, "", quantity, "high theory"),
                outcome.mark(Kind::Line, 1, "", quantity, "low theory"),
                outcome.mark(Kind::Dashed, 1, "frozen, *K* → ∞", quantity, "low frozen"),
                outcome.mark(Kind::Open, 0, "published", quantity, "published"),
                outcome.mark(Kind::Points, 0, "high variance", quantity, "high"),
                outcome.mark(Kind::Points, 1, "low variance", quantity, "low"),
            ];
            marks.retain(|m| !m.x.is_empty());
            Panel { letter, title: String::new(), x: Axis::log("in-degree *K*"), y, right: None, marks, legend }
        };
        let bias = Panel {
            letter: "F",
            title: format!("*K* = {BIASED}"),
            x: Axis::linear("bias *I*"),
            y: Axis::log("*f* (points), *m* (squares)"),
            right: None,
            marks: vec![
                outcome.mark(Kind::Line, 0, "", "bias f", "high theory"),
                outcome.mark(Kind::Line, 0, "", "bias m", "high theory"),
                outcome.mark(Kind::Line, 1, "", "bias f", "low theory"),
                outcome.mark(Kind::Line, 1, "", "bias m", "low theory"),
                outcome.mark(Kind::Points, 0, "", "bias f", "high"),
                outcome.mark(Kind::Squares, 0, "", "bias m", "high"),
                outcome.mark(Kind::Points, 1, "", "bias f", "low"),
                outcome.mark(Kind::Squares, 1, "", "bias m", "low"),
            ],
            legend: Legend::None,
        };
        Figure {
            key: vec![(Kind::Points, "simulation"), (Kind::Squares, "simulation, *m* in F"), (Kind::Line, "closure given *r*; one unit in A, B"), (Kind::Dashed, "frozen, *K* → ∞"), (Kind::Open, "published")],
            width_mm: 180.0,
            row_mm: 58.0,
            rows: vec![
                vec![
                    examples_panel(outcome, "A", "high variance", "high", -5.0),
                    examples_panel(outcome, "B", "low variance", "low", -0.45),
                    scaling("C", "m", Axis::log("mean activity *m*"), Legend::None),
                ],
                vec![
                    scaling("D", "f", Axis::log("active fraction *f*").between(0.03, 1.6), Legend::TopRight),
                    scaling("E", "mu", Axis::log("mean activity of active units"), Legend::None),
                    bias,
                ],
            ],
        }
    }
}

fn scaling_point(curve: &str, k: f64, measured: &Measured, outcome: &mut Outcome, table: &mut SeriesTable) {
    let network = &measured.case.system.network;
    let simulated = |what: fn(&PopulationMeasure) -> f64| mean(measured, 0, what);
    let (f, m) = (simulated(|p| p.rates.active), simulated(|p| p.rates.mean));
    table.estimate("f", curve, k, f);
    table.estimate("m", curve, k, m);
    table.estimate("mu", curve, k, simulated(|p| p.rates.mean_active()));
    let mut rows = Rows { rows: &mut outcome.comparisons, panel: "CDE", label: curve, x: k };
    match GivenRatio::new(measured, 0, &GGC_BETA) {
        Ok(given) => {
            rows.add_static(&GGC_BETA, &given, measured);
            let rates = given.state().rates;
            table.point("f", &format!("{curve} theory"), k, rates.active);
            table.point("m", &format!("{curve} theory"), k, rates.mean);
            table.point("mu", &format!("{curve} theory"), k, rates.mean_active());
        }
        Err(error) => outcome.notes.push(format!("{curve} variance, K = {k}: {error}")),
    }
    let mut rows = Rows { rows: &mut outcome.comparisons, panel: "CDE", label: curve, x: k };
    if let Ok(frozen) = frozen_low_variance(network) {
        rows.add("f", "(e) frozen", Claim::Contrast, frozen.rates.active, f, 0.0);
        rows.add("m", "(e) frozen", Claim::Contrast, frozen.rates.mean, m, 0.0);
        table.point("f", "low frozen", k, frozen.rates.active);
        table.point("m", "low frozen", k, frozen.rates.mean);
        table.point("mu", "low frozen", k, frozen.rates.mean_active());
    }
    if let Some(point) = published::high(k as usize).filter(|_| curve == "high") {
        rows.add("f", published::NAME, Claim::Equals, point.active, f, published::scatter(&f, 1e-4));
        rows.add("m", published::NAME, Claim::Equals, point.mean, m, published::scatter(&m, 1e-5));
        table.point("f", "published", k, point.active);
        table.point("m", "published", k, point.mean);
        table.point("mu", "published", k, point.mean / point.active);
    }
}

fn bias_point(curve: &str, measured: &Measured, outcome: &mut Outcome, table: &mut SeriesTable) {
    let bias = measured.case.system.network.populations[0].bias;
    table.estimate("bias f", curve, bias, mean(measured, 0, |p| p.rates.active));
    table.estimate("bias m", curve, bias, mean(measured, 0, |p| p.rates.mean));
    let label = format!("{curve}, over I");
    match GivenRatio::new(measured, 0, &GGC_BETA) {
        Ok(given) => {
            let mut rows = Rows { rows: &mut outcome.comparisons, panel: "F", label: &label, x: bias };
            rows.add_static(&GGC_BETA, &given, measured);
            table.point("bias f", &format!("{curve} theory"), bias, given.state().rates.active);
            table.point("bias m", &format!("{curve} theory"), bias, given.state().rates.mean);
        }
        Err(error) => outcome.notes.push(format!("{label}, I = {bias}: {error}")),
    }
}
