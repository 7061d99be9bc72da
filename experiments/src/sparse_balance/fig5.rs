//! Figure 5: the Heaviside network, for which closures (a), (b) and (c) are simplest.

use super::networks::{BIAS, over_in_degree, protocol};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Claim, Outcome, Plan, Scale, SeriesTable, Study, Sweep};
use meanfield::large_in_degree_alpha;
use model::{RateNetwork, Response};
use systems::rate_network::{
    CLOSURES, GivenRatio, LawOfEta, Measured, PopulationMeasure, RateSystem, Rows, anomalies, mean,
};

/// The closures that the figure draws.
const SHOWN: [&str; 3] = ["a", "b", "c"];

pub struct Fig5;

impl Study for Fig5 {
    type System = RateSystem;
    const SECONDS: [f64; 2] = [2.6, 37.5];
    const NAME: &'static str = "fig5";
    const TITLE: &'static str =
        "Heaviside units: closures (a), (b) and (c) against simulation over K and over the bias";
    const CAPTION: &'static str = include_str!("fig5.md");

    fn plans(&self, scale: Scale) -> Vec<Plan<RateSystem>> {
        let (in_degrees, biases, replicates) = match scale {
            Scale::Quick => (vec![500, 1000, 2000], vec![0.25, 1.0, 2.0], 5),
            Scale::Paper => {
                (vec![500, 753, 1000, 1135, 1710, 2000, 3882, 8811], vec![0.25, 0.5, 0.75, 1.0, 1.5, 2.0], 10)
            }
        };
        let plan = |label: &str, sweep: Sweep| {
            let system = RateSystem { protocol: Some(protocol(scale)), network: network(1000, 1.0) };
            Plan::new(label, replicates, system).along(sweep).sharing_draws()
        };
        let by_size = over_in_degree(&in_degrees, |k| if k >= 3882 { 5 } else { replicates });
        vec![plan("over K", by_size), plan("over I", Sweep::of(BIAS, biases))]
    }

    fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        outcome.notes.extend(anomalies(all));
        let mut table = SeriesTable::new();
        for measured in all {
            let x = measured.case.x;
            if measured.case.plan == 0 {
                closures("A", "over K", x, measured, outcome, &mut table);
                law_of_eta(x, measured, outcome, &mut table);
                continue;
            }
            closures("D", "over I", x, measured, outcome, &mut table);
            let mut rows = Rows { rows: &mut outcome.comparisons, panel: "D", label: "over I", x };
            rows.add_law_of_eta(measured, 0);
            rows.add_exact(measured, 0);
        }
        outcome.frames.push(table.into_frame());
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let panel = |letter, x: Axis, y: Axis, marks, legend| Panel {
            letter,
            title: String::new(),
            x,
            y,
            right: None,
            marks,
            legend,
        };
        let in_degree = || Axis::log("in-degree *K*");
        let over = |group: &str| {
            vec![
                outcome.mark(Kind::Dashed, 1, "(a) adiabatic", &format!("f {group}"), "a"),
                outcome.mark(Kind::Dashed, 2, "(b) gamma given *r*", &format!("f {group}"), "b"),
                outcome.mark(Kind::Line, 0, "(c) GGC-Beta given *r*", &format!("f {group}"), "c"),
                outcome.mark(Kind::Points, 6, "simulation", &format!("f {group}"), "simulation"),
            ]
        };
        let moments = [("mean", 0, "mean"), ("sd", 1, "std. deviation"), ("skewness", 2, "skewness")];
        let moments = moments.iter().flat_map(|&(quantity, colour, label)| {
            [
                outcome.mark(Kind::Line, colour, "", quantity, "c"),
                outcome.mark(Kind::Points, colour, label, quantity, "simulation"),
            ]
        });
        Figure {
            key: vec![(Kind::Points, "simulation"), (Kind::Squares, "simulation, scale of *η*"), (Kind::Line, "closure (c), exact laws in E"), (Kind::Dashed, "contrast: (a), (b), (g)")],
            width_mm: 180.0,
            row_mm: 58.0,
            rows: vec![
                vec![
                    panel("A", in_degree(), Axis::log("active fraction *f*"), over("over K"), Legend::BottomLeft),
                    panel(
                        "B",
                        in_degree(),
                        Axis::linear("*α* = *m*√*K* *J* ²/*g*²").between(1.3, 2.9),
                        vec![
                            outcome.mark(Kind::Dashed, 1, "(a)", "alpha", "a"),
                            outcome.mark(Kind::Dashed, 2, "(b), (g)", "alpha", "g"),
                            outcome.mark(Kind::Line, 0, "(c)", "alpha", "c"),
                            outcome.mark(Kind::Points, 6, "simulation", "alpha", "simulation"),
                        ],
                        Legend::TopLeft,
                    ),
                    panel(
                        "C",
                        in_degree(),
                        Axis::linear("moments of *x*").between(-3.2, 4.4),
                        moments.collect(),
                        Legend::TopRight,
                    ),
                ],
                vec![
                    panel(
                        "D",
                        Axis::linear("bias *I*"),
                        Axis::linear("active fraction *f*"),
                        over("over I"),
                        Legend::TopLeft,
                    ),
                    panel(
                        "E",
                        in_degree(),
                        Axis::linear("shape and scale of *η*").between(0.8, 3.6),
                        vec![
                            outcome.mark(Kind::Line, 0, "*α*", "shape", "theory"),
                            outcome.mark(Kind::Points, 0, "shape, mean²/variance", "shape", "simulation"),
                            outcome.mark(Kind::Line, 1, "*θ* = *g*²/*J*", "scale", "theory"),
                            outcome.mark(Kind::Squares, 1, "scale, variance/mean", "scale", "simulation"),
                        ],
                        Legend::TopRight,
                    ),
                ],
            ],
        }
    }
}

fn network(in_degree: usize, bias: f64) -> RateNetwork {
    RateNetwork::inhibitory(in_degree, 2.0, 2.0, 0.5, bias, Response::Heaviside)
}

fn closures(panel: &str, group: &str, x: f64, measured: &Measured, outcome: &mut Outcome, table: &mut SeriesTable) {
    let network = &measured.case.system.network;
    let simulated = |what: fn(&PopulationMeasure) -> f64| mean(measured, 0, what);
    table.estimate(&format!("f {group}"), "simulation", x, simulated(|p| p.rates.active));
    if group == "over K" {
        table.estimate("mean", "simulation", x, simulated(|p| p.x.moments.mean));
        table.estimate("sd", "simulation", x, simulated(|p| p.x.moments.variance.sqrt()));
        table.estimate("skewness", "simulation", x, simulated(|p| p.x.moments.skewness));
    }
    for closure in CLOSURES.iter().filter(|c| SHOWN.contains(&c.letter)) {
        let curve = closure.letter;
        let given = match GivenRatio::new(measured, 0, closure) {
            Ok(given) => given,
            Err(error) => {
                outcome.notes.push(format!("{group} at {x}: {}: {error}", closure.name));
                continue;
            }
        };
        let mut rows = Rows { rows: &mut outcome.comparisons, panel, label: group, x };
        rows.add_static(closure, &given, measured);
        let state = given.state();
        table.point(&format!("f {group}"), curve, x, state.rates.active);
        if group == "over K" {
            table.point("alpha", curve, x, state.alpha(network, 0));
            table.point("mean", curve, x, state.input.mean);
            table.point("sd", curve, x, state.input.variance.sqrt());
            table.point("skewness", curve, x, state.input.skewness);
        }
    }
}

fn law_of_eta(k: f64, measured: &Measured, outcome: &mut Outcome, table: &mut SeriesTable) {
    let network = &measured.case.system.network;
    let law = LawOfEta::of(measured, 0);
    table.estimate("alpha", "simulation", k, law.alpha);
    table.point("shape", "theory", k, law.alpha.mean);
    table.estimate("shape", "simulation", k, law.shape);
    table.point("scale", "theory", k, law.theta);
    table.estimate("scale", "simulation", k, law.scale);
    let mut rows = Rows { rows: &mut outcome.comparisons, panel: "E", label: "over K", x: k };
    rows.add_law_of_eta(measured, 0);
    rows.add_exact(measured, 0);
    rows.panel = "B";
    let (j, g) = (network.mean[[0, 0]], network.spread[[0, 0]]);
    let ratio = mean(measured, 0, PopulationMeasure::ratio_total).mean;
    match large_in_degree_alpha(network.populations[0].bias / law.theta, (g / j).powi(2), k.ln(), ratio) {
        Ok(asymptotic) => {
            table.point("alpha", "g", k, asymptotic);
            rows.add("alpha", "(g) large K given r", Claim::Contrast, asymptotic, law.alpha, 0.0);
        }
        Err(error) => outcome.notes.push(format!("over K at {k}: (g): {error}")),
    }
}
