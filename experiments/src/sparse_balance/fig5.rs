//! Figure 5: the Heaviside network, for which closures (a), (b) and (c) are simplest.

use super::networks::{BIAS, over_in_degree, protocol};
use lab::plot::{Axis, Figure, Legend, Panel};
use lab::{Claim, Comparison, Outcome, Plan, Scale, Study, Sweep};
use meanfield::large_in_degree_alpha;
use model::{RateNetwork, Response};
use systems::rate_network::{
    CLOSURES, Closure, LawOfEta, Measured, PopulationMeasure, RateSystem, Rows, anomalies, mean,
};

/// The closures that the figure draws: (c), (b), (a).
const SHOWN: &[Closure] = CLOSURES.split_at(3).0;

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
        for measured in all {
            if measured.case.plan == 0 {
                closures("A", "over K", measured, outcome);
                law_of_eta(measured, outcome);
                continue;
            }
            closures("D", "over I", measured, outcome);
            let x = measured.case.x;
            let mut rows = Rows { rows: &mut outcome.comparisons, panel: "D", label: "over I", x };
            rows.add_law_of_eta(measured, 0);
            rows.add_exact(measured, 0);
        }
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let in_degree = || Axis::log("in-degree *K*");
        let drawn = [(0, 0, "(c) GGC-Beta given *r*"), (1, 2, "(b) gamma given *r*"), (2, 1, "(a) adiabatic")];
        let over = |panel: Panel, rows: &dyn Fn(&str) -> Vec<Comparison>| {
            let panel = drawn.into_iter().fold(panel, |panel, (of, colour, label)| {
                let rows = rows(SHOWN[of].name);
                panel.theory(&rows.iter().collect::<Vec<_>>(), colour, label)
            });
            let measured = rows(SHOWN[0].name);
            panel.simulated(&measured.iter().collect::<Vec<_>>(), 6, "")
        };
        let cloned = |theory: &str, quantity: &str, label: &str| -> Vec<Comparison> {
            outcome.by(theory, quantity, label).into_iter().cloned().collect()
        };
        let active = |letter, title: &str, x: Axis, y: Axis, label: &str| {
            over(Panel::new(letter, title, x, y), &|theory| cloned(theory, "f", label))
        };
        // J = g: α = m √K.
        let alpha = |theory: &str| -> Vec<Comparison> {
            outcome.by(theory, "m", "over K").into_iter().map(|row| row.times(row.x.sqrt())).collect()
        };
        let b = Panel::new("B", "shape parameter", in_degree(), Axis::linear("*α* = *m*√*K* *J* ²/*g*²"))
            .theory(&outcome.of("alpha", "over K"), 7, "(g) large *K*");
        let c = [("mean x", 0, "mean"), ("variance x", 1, "variance"), ("skewness x", 2, "skewness")].into_iter().fold(
            Panel::new("C", "moments of *x*", in_degree(), Axis::linear("moment of *x*").between(-3.2, 6.5)),
            |panel, (quantity, colour, label)| {
                panel.compared(&outcome.by(SHOWN[0].name, quantity, "over K"), colour, label)
            },
        );
        let e = Panel::new("E", "law of *η*", in_degree(), Axis::linear("shape, scale").between(0.8, 3.6))
            .compared(&outcome.of("shape of eta", "over K"), 0, "shape, mean²/variance; *α*")
            .compared(&outcome.of("scale of eta", "over K"), 1, "scale, variance/mean; *θ* = *g*²/*J*");
        let f = Axis::linear("*f*");
        let rows = vec![
            vec![
                active("A", "active fraction over *K*", in_degree(), Axis::log("*f*"), "over K").legend(Legend::BottomLeft),
                over(b, &alpha).legend(Legend::TopLeft),
                c.legend(Legend::TopRight),
            ],
            vec![
                active("D", "active fraction over the bias", Axis::linear("bias *I*"), f, "over I").legend(Legend::TopLeft),
                e.legend(Legend::TopRight),
            ],
        ];
        Figure::new(62.0, rows)
    }
}

fn network(in_degree: usize, bias: f64) -> RateNetwork {
    RateNetwork::inhibitory(in_degree, 2.0, 2.0, 0.5, bias, Response::Heaviside)
}

fn closures(panel: &str, label: &str, measured: &Measured, outcome: &mut Outcome) {
    let mut rows = Rows { rows: &mut outcome.comparisons, panel, label, x: measured.case.x };
    for closure in SHOWN {
        rows.add_closure(closure, 0, measured, &mut outcome.notes);
    }
}

fn law_of_eta(measured: &Measured, outcome: &mut Outcome) {
    let (network, k) = (&measured.case.system.network, measured.case.x);
    let law = LawOfEta::of(measured, 0);
    let mut rows = Rows { rows: &mut outcome.comparisons, panel: "E", label: "over K", x: k };
    rows.add_law_of_eta(measured, 0);
    rows.add_exact(measured, 0);
    rows.panel = "B";
    let (j, g) = (network.mean[[0, 0]], network.spread[[0, 0]]);
    let ratio = mean(measured, 0, PopulationMeasure::ratio_total).mean;
    match large_in_degree_alpha(network.populations[0].bias / law.theta, (g / j).powi(2), libm::log(k), ratio) {
        Ok(asymptotic) => rows.add("alpha", "(g) large K given r", Claim::Contrast, asymptotic, law.alpha, 0.0),
        Err(error) => outcome.notes.push(format!("over K at {k}: (g): {error}")),
    }
}
