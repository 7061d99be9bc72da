//! Rates against the contrast of two stimuli: −W⁻¹X, the semi-balanced state, and networks of N units.

mod rows;

use super::networks::{s3, s3c};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Comparison, Outcome, Plan, Scale, Study, Sweep};
use model::{BernoulliNetwork, UnitNetwork};
use rows::{approach, kink, limits};
use systems::unit_network::{Measured, QUENCHED, UnitSystem, anomalies, rates};

pub struct Rates;

/// A network by name, and its panel.
type Network = (&'static str, &'static str, fn(usize, f64) -> BernoulliNetwork);

const NETWORKS: [Network; 2] = [("A", "S3", s3), ("B", "S3c", s3c)];
const POPULATIONS: [&str; 3] = ["e1", "e2", "i"];

impl Study for Rates {
    type System = UnitSystem;
    const SECONDS: [f64; 2] = [2.4, 55.0];
    const NAME: &'static str = "rates";
    const TITLE: &'static str = "rates against contrast: balance, semi-balance and networks of N units";
    const CAPTION: &'static str = include_str!("rates.md");

    fn plans(&self, scale: Scale) -> Vec<Plan<UnitSystem>> {
        let (sizes, count, replicates) = match scale {
            Scale::Quick => (vec![500, 2000], 4, 5),
            Scale::Paper => (vec![500, 2000, 5000], 9, 10),
        };
        let contrasts: Vec<f64> = (0..=count).map(|k| 9.0 * f64::from(k) / f64::from(count)).collect();
        let (of_size, of_network) = (contrasts.len() as i64, (sizes.len() * contrasts.len()) as i64);
        let plan = |(network, (_, name, build)): (i64, Network)| {
            let draws: Vec<i64> = (0..sizes.len() as i64).map(|k| network * of_network + k * of_size).collect();
            let by_size = Sweep::of("N", sizes.clone()).with("network.size", sizes.clone()).with("draw", draws);
            let by_contrast = Sweep::of("contrast", contrasts.clone())
                .with("network.populations.x1.rate", contrasts.iter().map(|x| 10.0 + x))
                .with("network.populations.x2.rate", contrasts.iter().map(|x| 10.0 - x))
                .with("draw", (0..of_size).collect::<Vec<_>>());
            Plan::new(name, replicates, units(build(2000, 0.0))).along(by_size).along(by_contrast)
        };
        (0..).zip(NETWORKS).map(plan).collect()
    }

    fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        let most = all.iter().map(|m| m.case.x).fold(0.0, f64::max);
        for measured in all {
            let of = |(_, name, _): &&Network| measured.case.label.starts_with(&format!("{name},"));
            let Some((panel, name, _)) = NETWORKS.iter().find(of) else { continue };
            outcome.notes.extend(anomalies(measured));
            // Panel D is e2 of S3.
            let of = |row: &Comparison| if *panel == "A" && row.quantity == "r_e2" { "D" } else { panel };
            let placed = |row: Comparison| Comparison { panel: of(&row).into(), ..row };
            outcome.comparisons.extend(rates(measured, panel).into_iter().map(placed));
            if measured.case.x == most {
                approach(name, measured, &mut outcome.series);
            }
        }
        limits(most, &mut outcome.series);
        kink(outcome);
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let labels = |name: &str| -> Vec<String> {
            let all = outcome.labels("r_e1").into_iter().filter(|label| label.starts_with(&format!("{name},")));
            all.map(str::to_owned).collect()
        };
        let rates = |letter, name: &str, populations: &[&str], (low, high): (f64, f64)| {
            let title = format!("{name}: {}", populations.join(" and "));
            let y = Axis::linear("rate (Hz)").between(low, high);
            let axes = Panel::new(letter, &title, Axis::linear("contrast δ (Hz)"), y);
            populations.iter().enumerate().fold(axes, |panel, (k, population)| {
                let once = |label: &str| if k == 0 { label.to_owned() } else { String::new() };
                let limit = |kind: &str, colour, label: &str| {
                    outcome.mark(Kind::Dashed, colour, &once(label), &format!("{name} {kind}"), population)
                };
                let limits = [limit("balanced", 7, "−W^{−1}X"), limit("limit", 6, "semi-balanced, *N* → ∞")];
                labels(name).iter().enumerate().fold(panel.with(limits), |panel, (colour, label)| {
                    let legend = once(&label.replace(&format!("{name}, N"), "*N*"));
                    panel.compared(&outcome.by(QUENCHED, &format!("r_{population}"), label), colour, &legend)
                })
            })
        };
        let approach = NETWORKS.iter().enumerate().flat_map(|(colour, (_, name, _))| {
            [
                outcome.mark(Kind::Squares, colour, name, "distance end", name),
                outcome.mark(Kind::Trace, colour, "", "distance theory", name),
            ]
        });
        let distance = Panel::new(
            "C",
            "approach to *N* → ∞, largest contrast",
            Axis::log("network size *N*"),
            Axis::log("distance of the largest rate (Hz)"),
        );
        let rows = vec![
            vec![
                rates("A", "S3", &["e1", "i"], (0.0, 25.0)).legend(Legend::TopLeft),
                rates("B", "S3c", &["e1", "i"], (0.0, 30.0)).legend(Legend::TopLeft),
            ],
            vec![
                distance.with(approach).legend(Legend::TopRight),
                rates("D", "S3", &["e2"], (-1.0, 8.0)).legend(Legend::TopRight),
            ],
        ];
        Figure::new(66.0, rows).key(Kind::Squares, "simulation (C)").key(Kind::Trace, "theory at this *N* (C)")
    }
}

/// The network at the gain and the threshold of the figure.
fn units(connections: BernoulliNetwork) -> UnitSystem {
    let names = POPULATIONS.map(str::to_owned).to_vec();
    let external = vec!["x1".into(), "x2".into()];
    UnitSystem { network: UnitNetwork { names, external, gain: 0.02, threshold: 10.0, connections } }
}
