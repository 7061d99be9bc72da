//! Figure 4: how fast the recurrent input decorrelates, and what that does to the variance of x.

use super::networks::OverInDegree;
use super::published;
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Claim, Outcome, Plan, Scale, SeriesTable, Study};
use systems::rate_network::{
    FILTER, Measured, PopulationMeasure, RateSystem, Rows, anomalies, decorrelation_rate, decorrelation_rate_corrected, each, mean,
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
            at_high_variance(measured, outcome);
        }
        low.iter().for_each(|measured| at_low_variance(measured, outcome));
        outcome.series = table;
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let in_degree = || Axis::log("in-degree *K*");
        let shown = ["0", "1", "2"].iter().enumerate().map(|(colour, curve)| {
            let in_degree = outcome.mark(Kind::Trace, 0, "", "shown", curve);
            let label = in_degree.y.first().map_or(String::new(), |k| format!("*K* = {k}"));
            outcome.mark(Kind::Trace, colour, &label, "autocorrelation", curve)
        });
        let total = ("total var x / var eta", "high");
        let temporal = ("temporal var x / var eta", "high");
        let a = Panel::new(
            "A",
            "autocorrelation of *η*",
            Axis::linear("lag (*τ*)").between(0.0, 15.0),
            Axis::linear("*R*(*τ*)/*R*(0)").between(-0.05, 1.05),
        );
        let rate = || Axis::linear("*β* (1/*τ*)").between(0.0, 1.05);
        let b = Panel::new("B", "decorrelation rate", in_degree(), rate())
            .theory(&outcome.by(TREND, "beta", "high"), 7, "fit to published")
            .compared(&outcome.by(published::NAME, "beta", "high"), 0, "high variance")
            .compared(&outcome.by(published::NAME, "beta", "low"), 1, "low variance")
            .simulated(&outcome.of("beta", "high"), 0, "");
        let c = Panel::new("C", "decorrelation rate and variance left", in_degree(), rate())
            .theory(&outcome.by(FROM_RATIO, "beta", "high"), 5, "*β*_{L}, from the ratio")
            .simulated(&outcome.of("beta", "high"), 0, "*β* (left)")
            .second(Axis::linear("total var *x*/var *η*").between(0.3, 0.95))
            .compared(&outcome.of(total.0, total.1), 1, "var *x*/var *η* (right)");
        let d = Panel::new("D", "temporal variance left", in_degree(), Axis::linear("temporal var *x*/var *η*").between(0.3, 0.9))
            .theory(&outcome.by(FILTER, temporal.0, temporal.1), 0, "low-pass filter of *R*")
            .theory(&outcome.by(ONE_RATE, temporal.0, temporal.1), 1, "1/(1 + *β*_{c})")
            .theory(&outcome.by(published::NAME, temporal.0, temporal.1), 0, "")
            .simulated(&outcome.of(temporal.0, temporal.1), 0, "");
        let rows = vec![
            vec![a.with(shown).legend(Legend::TopRight), b.legend(Legend::TopLeft)],
            vec![c.legend(Legend::BottomLeft), d.legend(Legend::TopRight)],
        ];
        Figure::new(62.0, rows).key(Kind::Trace, "simulation (A)")
    }
}

/// A fit of log K to the authors' points.
const TREND: &str = "log fit to the authors' points";

/// The rate of an exponential with the temporal variance ratio that is seen.
const FROM_RATIO: &str = "beta_L from the temporal ratio";

/// Variance ratio of an exponential autocorrelation.
const ONE_RATE: &str = "1/(1 + beta_c)";

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

fn at_high_variance(measured: &Measured, outcome: &mut Outcome) {
    let k = measured.case.system.network.populations[0].in_degree;
    let x = k as f64;
    let simulated = |what: fn(&PopulationMeasure) -> f64| mean(measured, 0, what);
    let beta = decorrelation_rate(measured, 0);
    let corrected = decorrelation_rate_corrected(measured, 0);
    let (total, temporal) = (simulated(PopulationMeasure::ratio_total), simulated(PopulationMeasure::ratio_temporal));
    // A logarithmic fit to the authors' eight points, from the notes on their data; ours play no part in it.
    let trend = 0.484 + 0.223 * libm::log10(x / 1000.0);
    let mut rows = Rows { rows: &mut outcome.comparisons, panel: "D", label: "high", x };
    rows.add_exact(measured, 0);
    let one_rate = 1.0 / (1.0 + corrected.mean);
    rows.add("temporal var x / var eta", ONE_RATE, Claim::Contrast, one_rate, temporal, 0.0);
    rows.add("total var x / var eta", ONE_RATE, Claim::Contrast, one_rate, total, 0.0);
    rows.panel = "B";
    rows.add("beta (1/τ)", TREND, Claim::Contrast, trend, beta, 0.0);
    rows.add(
        "beta (1/τ)",
        FROM_RATIO,
        Claim::Contrast,
        simulated(PopulationMeasure::beta_from_ratio).mean,
        beta,
        0.0,
    );
    let Some(point) = published::high(k) else { return };
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

fn at_low_variance(measured: &Measured, outcome: &mut Outcome) {
    let k = measured.case.system.network.populations[0].in_degree;
    let x = k as f64;
    let beta = decorrelation_rate(measured, 0);
    let mut rows = Rows { rows: &mut outcome.comparisons, panel: "B", label: "low", x };
    rows.add_filter(measured, 0);
    if let Some((_, published)) = published::LOW_BETA.iter().find(|(at, _)| *at == k) {
        // Their scatter over K is that of frozen and quasi-periodic states, one realisation each.
        rows.add("beta (1/τ)", published::NAME, Claim::Contrast, *published, beta, 0.0);
    }
}
