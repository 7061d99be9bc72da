//! Figure 1: how activity scales with K, at high and at low variance, and with the bias.

use super::{networks, published};
use crate::rate::{
    Case, GivenRatio, Measured, Params, PopulationMeasure, Rows, Tolerance, add_examples, examples_panel, measure_all,
};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Claim, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable};
use meanfield::{frozen_low_variance, ggc_beta};
use model::Seed;

pub struct Fig1;

impl Experiment for Fig1 {
    type Params = Params;
    const NAME: &'static str = "fig1";
    const TITLE: &'static str = "activity against in-degree and bias, at high and low variance of the weights";
    const CAPTION: &'static str = "(A, B) Inputs of four units at high (ν = 1/2) and low (ν = 1) variance. (C) Mean activity m, \
        (D) active fraction f and (E) mean activity of active units against the in-degree K = N. (F) f and m against the bias I at \
        K = 1135, high variance. Points: simulation, 95 % error bars over realisations. Lines: GGC-Beta closure given the measured \
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
        let high = measure_all(&params.high_cases(), "fig1 high variance", seed, bench)?;
        let low = measure_all(&params.low_cases(), "fig1 low variance", seed, bench)?;
        let by_bias = measure_all(&bias_cases(params), "fig1 bias", seed, bench)?;
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        for (curve, all) in [("high", &high), ("low", &low)] {
            for measured in all {
                let k = measured.case.network.populations[0].in_degree as f64;
                scaling_point(curve, k, measured, &mut outcome, &mut table);
            }
            let shown = all.iter().min_by_key(|m| m.case.network.size().abs_diff(1135));
            shown.into_iter().for_each(|measured| add_examples(&mut table, curve, measured, 0));
        }
        for measured in &by_bias {
            bias_point(measured, &mut outcome, &mut table);
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
            title: "*K* = 1135, high variance".into(),
            x: Axis::linear("bias *I*"),
            y: Axis::linear("*f*, *m*").between(0.0, 0.22),
            right: None,
            marks: vec![
                outcome.mark(Kind::Line, 0, "", "bias f", "theory"),
                outcome.mark(Kind::Points, 0, "active fraction *f*", "bias f", "simulation"),
                outcome.mark(Kind::Line, 2, "", "bias m", "theory"),
                outcome.mark(Kind::Squares, 2, "mean activity *m*", "bias m", "simulation"),
            ],
            legend: Legend::TopLeft,
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

fn bias_cases(params: &Params) -> Vec<(Case, usize)> {
    let case = |&bias: &f64| {
        let mut network = params.network.clone();
        network.populations[0].bias = bias;
        (Case { network, protocol: params.protocol.clone() }, params.replicates)
    };
    params.sweep.biases.iter().map(case).collect()
}

fn scaling_point(curve: &str, k: f64, measured: &Measured, outcome: &mut Outcome, table: &mut SeriesTable) {
    let network = &measured.case.network;
    let simulated = |what: fn(&PopulationMeasure) -> f64| Estimate::of(measured.each(0, what));
    let (f, m) = (simulated(|p| p.rates.active), simulated(|p| p.rates.mean));
    table.estimate("f", curve, k, f);
    table.estimate("m", curve, k, m);
    table.estimate("mu", curve, k, simulated(|p| p.rates.mean_active()));
    let frozen = measured.frozen(0);
    if frozen > 0 {
        outcome.notes.push(format!(
            "{curve} variance, K = {k}: {frozen} of {} realisations are frozen; f and m include them, beta leaves them out",
            measured.realisations.len()
        ));
    }
    let mut rows = Rows { rows: &mut outcome.comparisons, panel: "CDE", label: curve, x: k };
    match GivenRatio::new(measured, 0, |n, r| ggc_beta(n, r).map(|g| g.states)) {
        Ok(given) => {
            rows.add_static("(c) GGC-Beta given r", Claim::Equals, &given, measured, Tolerance::ggc_beta(network));
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

fn bias_point(measured: &Measured, outcome: &mut Outcome, table: &mut SeriesTable) {
    let bias = measured.case.network.populations[0].bias;
    table.estimate("bias f", "simulation", bias, Estimate::of(measured.each(0, |p| p.rates.active)));
    table.estimate("bias m", "simulation", bias, Estimate::of(measured.each(0, |p| p.rates.mean)));
    match GivenRatio::new(measured, 0, |n, r| ggc_beta(n, r).map(|g| g.states)) {
        Ok(given) => {
            let tolerance = Tolerance::ggc_beta(&measured.case.network);
            Rows { rows: &mut outcome.comparisons, panel: "F", label: "bias", x: bias }.add_static(
                "(c) GGC-Beta given r",
                Claim::Equals,
                &given,
                measured,
                tolerance,
            );
            table.point("bias f", "theory", bias, given.state().rates.active);
            table.point("bias m", "theory", bias, given.state().rates.mean);
        }
        Err(error) => outcome.notes.push(format!("I = {bias}: {error}")),
    }
}
