//! Figure 4: how fast the recurrent input decorrelates, and what that does to the variance of x.

use super::networks::OverInDegree;
use super::published;
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Claim, Outcome, Plan, Scale, SeriesTable, Study};
use systems::rate_network::{
    Measured, PopulationMeasure, RateSystem, Rows, anomalies, decorrelation_rate, decorrelation_rate_corrected, each, mean,
};

pub struct Fig4;

impl Study for Fig4 {
    type System = RateSystem;
    const SECONDS: [f64; 2] = [8.9, 474.0];
    const NAME: &'static str = "fig4";
    const TITLE: &'static str =
        "autocorrelation of the recurrent input, its rate of decay, and the variance that is left";
    const CAPTION: &'static str = include_str!("fig4.md");

    fn plans(&self, scale: Scale) -> Vec<Plan<RateSystem>> {
        OverInDegree::of(scale).plans(scale).to_vec()
    }

    fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        outcome.notes.extend(anomalies(all));
        let mut table = SeriesTable::new();
        let (high, low): (Vec<_>, Vec<_>) = all.iter().partition(|m| m.case.plan == 0);
        for (index, measured) in high.iter().enumerate() {
            autocorrelation(index, measured, high.len(), &mut table);
            at_high_variance(measured, outcome, &mut table);
        }
        low.iter().for_each(|measured| at_low_variance(measured, outcome, &mut table));
        outcome.frames.push(table.into_frame());
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let panel = |letter, x: Axis, y: Axis, right, marks, legend| Panel {
            letter,
            title: String::new(),
            x,
            y,
            right,
            marks,
            legend,
        };
        let in_degree = || Axis::log("in-degree *K*");
        let shown: Vec<_> = ["0", "1", "2"]
            .iter()
            .enumerate()
            .map(|(c, i)| {
                let mut mark = outcome.mark(Kind::Line, c, "", "autocorrelation", i);
                let in_degree = outcome.mark(Kind::Line, 0, "", "shown", i);
                mark.label = in_degree.y.first().map_or(String::new(), |k| format!("*K* = {k}"));
                mark
            })
            .collect();
        let mut both = outcome.mark(Kind::Squares, 1, "var *x*/var *η* (right)", "ratio total", "high").on_right();
        both.label = "var *x*/var *η* (right)".into();
        Figure {
            key: vec![(Kind::Points, "simulation"), (Kind::Squares, "simulation, right axis"), (Kind::Line, "low-pass filter of *R* in D, simulation in A"), (Kind::Dashed, "contrast"), (Kind::Open, "published")],
            width_mm: 180.0,
            row_mm: 60.0,
            rows: vec![
                vec![
                    panel(
                        "A",
                        Axis::linear("lag (*τ*)").between(0.0, 15.0),
                        Axis::linear("autocorrelation of *η*").between(-0.05, 1.05),
                        None,
                        shown,
                        Legend::TopRight,
                    ),
                    panel(
                        "B",
                        in_degree(),
                        Axis::linear("decorrelation rate *β* (1/*τ*)").between(0.0, 1.05),
                        None,
                        vec![
                            outcome.mark(Kind::Dashed, 7, "fit to published", "beta", "trend"),
                            outcome.mark(Kind::Open, 0, "published", "beta", "published high"),
                            outcome.mark(Kind::Open, 1, "", "beta", "published low"),
                            outcome.mark(Kind::Points, 0, "high variance", "beta", "high"),
                            outcome.mark(Kind::Points, 1, "low variance", "beta", "low"),
                        ],
                        Legend::TopLeft,
                    ),
                ],
                vec![
                    panel(
                        "C",
                        in_degree(),
                        Axis::linear("*β* (1/*τ*)").between(0.2, 1.0),
                        Some(Axis::linear("total var *x*/var *η*").between(0.55, 0.95)),
                        vec![
                            outcome.mark(Kind::Open, 0, "", "beta", "published high"),
                            outcome.mark(Kind::Open, 1, "", "ratio total", "published").on_right(),
                            outcome.mark(Kind::Points, 0, "*β* (left)", "beta", "high"),
                            both,
                        ],
                        Legend::TopRight,
                    ),
                    panel(
                        "D",
                        in_degree(),
                        Axis::linear("temporal var *x*/var *η*").between(0.5, 0.9),
                        None,
                        vec![
                            outcome.mark(Kind::Line, 0, "low-pass filter of *R*", "ratio temporal", "filter"),
                            outcome.mark(Kind::Dashed, 1, "1/(1 + *β*_{c})", "ratio temporal", "one rate"),
                            outcome.mark(Kind::Open, 0, "published", "ratio temporal", "published"),
                            outcome.mark(Kind::Points, 0, "simulation", "ratio temporal", "high"),
                        ],
                        Legend::TopRight,
                    ),
                ],
            ],
        }
    }
}

/// Three autocorrelations: the smallest, the middle and the largest K.
fn autocorrelation(index: usize, measured: &Measured, count: usize, table: &mut SeriesTable) {
    let Some(shown) = [0, count / 2, count - 1].iter().position(|i| *i == index) else { return };
    let curve = shown.to_string();
    let n = measured.seen.len() as f64;
    let first = &measured.seen[0].populations[0].r_eta;
    table.point("shown", &curve, 0.0, measured.case.system.network.populations[0].in_degree as f64);
    let value = |lag: usize| each(measured, 0, |p| p.r_eta.values[lag] / p.r_eta.values[0]).iter().sum::<f64>() / n;
    table.curve("autocorrelation", &curve, (0..first.values.len()).map(|l| (l as f64 * first.step, value(l))));
}

fn at_high_variance(measured: &Measured, outcome: &mut Outcome, table: &mut SeriesTable) {
    let k = measured.case.system.network.populations[0].in_degree;
    let x = k as f64;
    let simulated = |what: fn(&PopulationMeasure) -> f64| mean(measured, 0, what);
    let beta = decorrelation_rate(measured, 0);
    let corrected = decorrelation_rate_corrected(measured, 0);
    let (total, temporal) = (simulated(PopulationMeasure::ratio_total), simulated(PopulationMeasure::ratio_temporal));
    table.estimate("beta", "high", x, beta);
    table.estimate("ratio total", "high", x, total);
    table.estimate("ratio temporal", "high", x, temporal);
    table.estimate("ratio temporal", "filter", x, simulated(PopulationMeasure::filtered_share));
    table.point("ratio temporal", "one rate", x, 1.0 / (1.0 + corrected.mean));
    // A logarithmic fit to the authors' eight points, from the notes on their data; ours play no part in it.
    let trend = 0.484 + 0.223 * (x / 1000.0).log10();
    table.point("beta", "trend", x, trend);
    let mut rows = Rows { rows: &mut outcome.comparisons, panel: "D", label: "high", x };
    rows.add_exact(measured, 0);
    rows.add(
        "temporal var x / var eta",
        "1/(1 + beta_c)",
        Claim::Contrast,
        1.0 / (1.0 + corrected.mean),
        temporal,
        0.0,
    );
    rows.add("total var x / var eta", "1/(1 + beta_c)", Claim::Contrast, 1.0 / (1.0 + corrected.mean), total, 0.0);
    rows.panel = "B";
    rows.add("beta (1/τ)", "log fit to the authors' points", Claim::Contrast, trend, beta, 0.0);
    rows.add(
        "beta (1/τ)",
        "beta_L from the temporal ratio",
        Claim::Contrast,
        simulated(PopulationMeasure::beta_from_ratio).mean,
        beta,
        0.0,
    );
    let Some(point) = published::high(k) else { return };
    table.point("beta", "published high", x, point.beta);
    table.point("ratio total", "published", x, point.ratio_total);
    table.point("ratio temporal", "published", x, point.ratio_temporal);
    // β by their estimator depends on the record, T = 2000.
    let same = measured.case.system.protocol().duration == 2000.0;
    let claim = if same { Claim::Equals } else { Claim::Contrast };
    rows.add("beta (1/τ)", published::NAME, claim, point.beta, beta, published::scatter(&beta, 1e-3));
    rows.panel = "CD";
    for (quantity, theory, seen) in [
        ("total var x / var eta", point.ratio_total, total),
        ("temporal var x / var eta", point.ratio_temporal, temporal),
    ] {
        rows.add(quantity, published::NAME, Claim::Equals, theory, seen, published::scatter(&seen, 1e-3));
    }
}

fn at_low_variance(measured: &Measured, outcome: &mut Outcome, table: &mut SeriesTable) {
    let k = measured.case.system.network.populations[0].in_degree;
    let x = k as f64;
    let beta = decorrelation_rate(measured, 0);
    table.estimate("beta", "low", x, beta);
    let mut rows = Rows { rows: &mut outcome.comparisons, panel: "B", label: "low", x };
    rows.add_filter(measured, 0);
    if let Some((_, published)) = published::LOW_BETA.iter().find(|(at, _)| *at == k) {
        table.point("beta", "published low", x, *published);
        // Their scatter over K is that of frozen and quasi-periodic states, one realisation each.
        rows.add("beta (1/τ)", published::NAME, Claim::Contrast, *published, beta, 0.0);
    }
}
