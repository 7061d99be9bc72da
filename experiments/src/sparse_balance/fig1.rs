//! Figure 1: how activity scales with K, at high and at low variance, and with the bias.

use super::{networks, published};
use crate::rate::{
    Case, GGC_BETA, GivenRatio, Measured, Params, PopulationMeasure, Rows, add_examples, examples_panel, measure_all,
};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Claim, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable};
use meanfield::frozen_low_variance;
use model::Seed;

/// In-degree of the response to the bias.
const BIASED: usize = 1135;

pub struct Fig1;

impl Experiment for Fig1 {
    type Params = Params;
    const SECONDS: [f64; 2] = [6.4, 1540.0];
    const NAME: &'static str = "fig1";
    const TITLE: &'static str = "activity against in-degree and bias, at high and low variance of the weights";
    const CAPTION: &'static str = "(A, B) Inputs of four units at high (ν = 1/2) and low (ν = 1) variance. (C) Mean activity m, \
        (D) active fraction f and (E) mean activity of active units against the in-degree K = N. (F) f and m against the bias I at \
        K = 1135, in the colours of C and D. Points: simulation, 95 % error bars over realisations. Lines: GGC-Beta closure given the measured \
        variance ratio r. Open circles: the authors' published values (one realisation). Dashed: frozen solution for K → ∞ at low \
        variance, a limit that is not yet reached (the excess of f is the skewness of the input, and r < 1). Panels A and F are \
        inferred from the authors' code, as the published caption was not available.";

    fn params(&self, scale: Scale) -> Params {
        let mut params = networks::sweep_over_in_degree(scale);
        params.sweep.biases = match scale {
            Scale::Quick => vec![0.5, 1.0, 2.0],
            Scale::Paper => vec![0.25, 0.5, 0.75, 1.0, 1.5, 2.0],
        };
        params
    }

    fn memory(&self, params: &Params) -> f64 {
        let cases = params.high_cases().into_iter().chain(params.low_cases());
        cases.map(|(case, _)| case.memory()).fold(0.0, f64::max)
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        let mut measure = |cases: &[_], what| measure_all(cases, what, seed, bench, &mut outcome.notes);
        let high = measure(&params.high_cases(), "fig1 high variance")?;
        let low = measure(&params.low_cases(), "fig1 low variance")?;
        let high_by_bias = measure(&by_bias(params, params.high_case(BIASED)), "fig1 bias, high variance")?;
        let low_by_bias = measure(&by_bias(params, params.low_case(BIASED)), "fig1 bias, low variance")?;
        for (curve, all) in [("high", &high), ("low", &low)] {
            for measured in all {
                let k = measured.case.network.populations[0].in_degree as f64;
                scaling_point(curve, k, measured, &mut outcome, &mut table);
            }
            let shown = all.iter().min_by_key(|m| m.case.network.size().abs_diff(1135));
            shown.into_iter().for_each(|measured| add_examples(&mut table, curve, measured, 0));
        }
        for (curve, all) in [("high", &high_by_bias), ("low", &low_by_bias)] {
            all.iter().for_each(|measured| bias_point(curve, measured, &mut outcome, &mut table));
        }
        outcome.frames.push(table.into_frame());
        Ok(outcome)
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

/// The case at every bias.
fn by_bias(params: &Params, case: Case) -> Vec<(Case, usize)> {
    let at = |&bias: &f64| {
        let mut case = case.clone();
        case.network.populations[0].bias = bias;
        (case, params.replicates)
    };
    params.sweep.biases.iter().map(at).collect()
}

fn scaling_point(curve: &str, k: f64, measured: &Measured, outcome: &mut Outcome, table: &mut SeriesTable) {
    let network = &measured.case.network;
    let simulated = |what: fn(&PopulationMeasure) -> f64| Estimate::of(measured.each(0, what));
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
        // 3 %: one realisation of T = 2000; before K = 1135 realisations differ by more.
        let claim = if point.in_degree >= published::RELIABLE_FROM { Claim::Equals } else { Claim::Contrast };
        rows.add("f", published::NAME, claim, point.active, f, 0.03 * point.active);
        rows.add("m", published::NAME, claim, point.mean, m, 0.03 * point.mean);
        table.point("f", "published", k, point.active);
        table.point("m", "published", k, point.mean);
        table.point("mu", "published", k, point.mean / point.active);
    }
}

fn bias_point(curve: &str, measured: &Measured, outcome: &mut Outcome, table: &mut SeriesTable) {
    let bias = measured.case.network.populations[0].bias;
    table.estimate("bias f", curve, bias, Estimate::of(measured.each(0, |p| p.rates.active)));
    table.estimate("bias m", curve, bias, Estimate::of(measured.each(0, |p| p.rates.mean)));
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
