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
        outcome.frames.push(table.into_frame());
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let responses = &RESPONSES;
        let rasters = responses
            .iter()
            .enumerate()
            .map(|(i, r)| raster_panel(outcome, if i == 0 { "A" } else { "" }, r.symbol(), &[(r.name(), i)], 100));
        let traces = responses
            .iter()
            .enumerate()
            .map(|(i, r)| examples_panel(outcome, if i == 0 { "B" } else { "" }, "", r.name(), -8.0));
        let curves = |quantity: &str, kind: Kind| -> Vec<Mark> {
            let mark = |(i, r): (usize, &Response)| outcome.mark(kind, i, r.symbol(), quantity, r.name());
            responses.iter().enumerate().map(mark).collect()
        };
        let panel = |letter, x: Axis, y: Axis, marks, legend| Panel {
            letter,
            title: String::new(),
            x,
            y,
            right: None,
            marks,
            legend,
        };
        let mut active = vec![outcome.mark(Kind::Squares, 7, "closure given *r*", "f", "theory")];
        active.extend(
            responses.iter().enumerate().map(|(i, r)| outcome.mark(Kind::Points, i, r.symbol(), "f", r.name())),
        );
        let mut inputs = curves("density", Kind::Line);
        inputs.iter_mut().for_each(|m| m.label.clear());
        inputs.extend(
            responses.iter().enumerate().map(|(i, r)| outcome.mark(Kind::Dashed, i, "", "density theory", r.name())),
        );
        Figure {
            key: vec![(Kind::Points, "simulation"), (Kind::Line, "simulation"), (Kind::Squares, "closure given *r*"), (Kind::Dashed, "closure in E, threshold in B")],
            width_mm: 180.0,
            row_mm: 50.0,
            rows: vec![
                rasters.collect(),
                traces.collect(),
                vec![
                    panel(
                        "C",
                        Axis::names("response", &["step", "tanh", "linear", "quad."]),
                        Axis::linear("active fraction *f*").between(0.0, 0.36),
                        active,
                        Legend::TopLeft,
                    ),
                    panel(
                        "D",
                        Axis::linear("ON-time of a unit").between(0.0, 0.8),
                        Axis::log("density").between(0.02, 40.0),
                        curves("on-time", Kind::Line),
                        Legend::TopRight,
                    ),
                    panel(
                        "E",
                        Axis::linear("input *x*").between(-12.0, 2.2),
                        Axis::linear("density"),
                        inputs,
                        Legend::None,
                    ),
                    panel(
                        "F",
                        Axis::linear("lag (*τ*)").between(0.0, 20.0),
                        Axis::linear("autocorrelation of *x*").between(-0.1, 1.05),
                        curves("autocorrelation", Kind::Line),
                        Legend::TopRight,
                    ),
                ],
            ],
        }
    }
}

fn response(index: usize, measured: &Measured, outcome: &mut Outcome, table: &mut SeriesTable) {
    let network = &measured.case.system.network;
    let name = network.response.name();
    let x = index as f64;
    add_raster(table, name, measured, 0, 0, 100);
    add_examples(table, name, measured, 0);
    let simulated = |what: fn(&PopulationMeasure) -> f64| mean(measured, 0, what);
    table.estimate("f", name, x, simulated(|p| p.rates.active));
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
            table.point("f", "theory", x, given.state().rates.active);
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
