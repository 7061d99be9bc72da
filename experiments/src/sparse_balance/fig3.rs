//! Figure 3: four response functions.

use super::examples::{add_examples, add_raster, examples_panel, raster_panel};
use super::networks::protocol;
use lab::plot::{Axis, Figure, Kind, Legend, Mark, Panel};
use lab::{Claim, Outcome, Plan, Scale, SeriesTable, Study, Sweep};
use meanfield::ggc_beta;
use model::{RateNetwork, Response};
use systems::rate_network::{GGC_BETA, GivenRatio, Measured, PopulationMeasure, RateSystem, Rows, anomalies, mean};

pub struct Fig3;

/// The four responses of the paper.
const RESPONSES: [Response; 4] =
    [Response::Heaviside, Response::RectifiedTanh, Response::RectifiedLinear, Response::RectifiedQuadratic];

impl Study for Fig3 {
    type System = RateSystem;
    const SECONDS: [f64; 2] = [4.4, 11.8];
    const NAME: &'static str = "fig3";
    const TITLE: &'static str = "four response functions: activity, ON-times, inputs, autocorrelations";
    const CAPTION: &'static str = include_str!("fig3.md");

    fn plans(&self, scale: Scale) -> Vec<Plan<RateSystem>> {
        let replicates = if scale == Scale::Quick { 5 } else { 10 };
        let network = RateNetwork::inhibitory(1000, 2.0, 2.0, 0.5, 2.0, Response::Heaviside);
        let system = RateSystem { protocol: Some(protocol(scale)), network };
        let responses = Sweep::of("network.response", RESPONSES.map(Response::name));
        vec![Plan::new("", replicates, system).along(responses).sharing_draws()]
    }

    fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        outcome.notes.extend(anomalies(all));
        let mut table = SeriesTable::new();
        for (index, measured) in all.iter().enumerate() {
            response(index, measured, outcome, &mut table);
        }
        outcome.series = table;
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let first = |letter: &'static str, i: usize| if i == 0 { letter } else { "" };
        let all = || RESPONSES.iter().enumerate();
        let rasters = all().map(|(i, r)| {
            raster_panel(outcome, first("A", i), &format!("active units, {}", r.symbol()), &[(r.name(), i)], 100)
        });
        let traces = all().map(|(i, r)| {
            examples_panel(outcome, first("B", i), &format!("four units, {}", r.symbol()), r.name(), -8.0)
        });
        let curves = |quantity: &str, kind: Kind, labelled: bool| -> Vec<Mark> {
            let label = |r: &Response| if labelled { r.symbol() } else { "" };
            all().map(|(i, r)| outcome.mark(kind, i, label(r), quantity, r.name())).collect()
        };
        let names = Axis::names("response", &["step", "tanh", "linear", "quad."]);
        let active = all().fold(
            Panel::new("C", "active fraction", names, Axis::linear("*f*").between(0.0, 0.36)),
            |panel, (i, r)| panel.compared(&outcome.of("f", r.name()), i, ""),
        );
        let on_times = Panel::new(
            "D",
            "ON-times of units",
            Axis::linear("share of the time").between(0.0, 0.8),
            Axis::log("density").between(0.02, 40.0),
        );
        let inputs = Panel::new(
            "E",
            "inputs",
            Axis::linear("input *x*").between(-12.0, 2.2),
            Axis::linear("density (1/*x*)"),
        );
        let autocorrelation = Panel::new(
            "F",
            "autocorrelation of *x*",
            Axis::linear("lag (*τ*)").between(0.0, 20.0),
            Axis::linear("*R*_{x}/*R*_{x}(0)").between(-0.1, 1.05),
        );
        let rows = vec![
            rasters.collect(),
            traces.collect(),
            vec![
                active,
                on_times.with(curves("on-time", Kind::Steps, true)).legend(Legend::TopRight),
                inputs.with(curves("density", Kind::Steps, false)).with(curves("density theory", Kind::Dashed, false)),
                autocorrelation.with(curves("autocorrelation", Kind::Trace, true)).legend(Legend::TopRight),
            ],
        ];
        Figure::new(52.0, rows)
            .key(Kind::Line, "closure given *r* (C)")
            .key(Kind::Steps, "simulation (D, E)")
            .key(Kind::Trace, "simulation (B, F)")
            .key(Kind::Dashed, "closure in E, threshold in B")
    }
}

fn response(index: usize, measured: &Measured, outcome: &mut Outcome, table: &mut SeriesTable) {
    let network = &measured.case.system.network;
    let name = network.response.name();
    let x = index as f64;
    add_raster(table, name, measured, 0, 0, 100);
    add_examples(table, name, measured, 0);
    let simulated = |what: fn(&PopulationMeasure) -> f64| mean(measured, 0, what);
    averaged(table, "on-time", name, measured, |p| {
        let d = p.on_time.distribution(50);
        (0..50).map(|b| (d.centre(b), d.density[b])).collect()
    });
    averaged(table, "density", name, measured, |p| {
        (0..p.histogram.density.len()).map(|b| (p.histogram.centre(b), p.histogram.density[b])).collect()
    });
    averaged(table, "autocorrelation", name, measured, |p| {
        p.r_x.values.iter().enumerate().map(|(l, v)| (l as f64 * p.r_x.step, v / p.r_x.values[0])).collect()
    });
    let solved = GivenRatio::new(measured, 0, &GGC_BETA)
        .and_then(|given| Ok((given, ggc_beta(network, &[simulated(|p| p.ratio_total()).mean])?)));
    let mut rows = Rows { rows: &mut outcome.comparisons, panel: "C", label: name, x };
    match solved {
        Ok((given, closure)) => {
            rows.add_static(&GGC_BETA, &given, measured);
            let low = -12.0;
            table.curve(
                "density theory",
                name,
                (0..=280).map(|k| low + 0.05 * f64::from(k)).map(|x| (x, closure.density(0, x))),
            );
        }
        Err(error) => outcome.notes.push(format!("{name}: {error}")),
    }
    let mut rows = Rows { rows: &mut outcome.comparisons, panel: "A", label: name, x };
    rows.add(
        "synchrony of phi",
        "published:khajeh2022 caption",
        Claim::Contrast,
        1e-4,
        simulated(|p| p.phi.synchrony),
        0.0,
    );
    rows.add("synchrony of x", "published:khajeh2022 caption", Claim::Contrast, 1e-4, simulated(|p| p.x.synchrony), 0.0);
    rows.panel = "F";
    rows.add_exact(measured, 0);
}

/// A curve averaged over realisations.
fn averaged(
    table: &mut SeriesTable,
    quantity: &str,
    curve: &str,
    measured: &Measured,
    of: impl Fn(&PopulationMeasure) -> Vec<(f64, f64)>,
) {
    let all: Vec<Vec<(f64, f64)>> = measured.seen.iter().map(|r| of(&r.populations[0])).collect();
    let count = all.len() as f64;
    table.curve(
        quantity,
        curve,
        (0..all[0].len()).map(|i| (all[0][i].0, all.iter().map(|c| c[i].1).sum::<f64>() / count)),
    );
}
