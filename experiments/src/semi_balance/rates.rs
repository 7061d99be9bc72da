//! Rates against the contrast of two stimuli: −W⁻¹X, the semi-balanced state, and networks of N units.

use super::networks::{drive, s3, s3c, two_and_inhibition};
use super::representation::edge;
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Claim, Comparison, Estimate, Outcome, Plan, Scale, SeriesTable, Study, Sweep, System, row};
use meanfield::balanced_rates;
use model::{BernoulliNetwork, UnitNetwork};
use ndarray::Array1;
use simulation::Fate;
use systems::circuit::Populations;
use systems::unit_network::{Measured, QUENCHED, UnitSystem, anomalies, rates};

pub struct Rates;

/// A network by name, and its panel.
type Network = (&'static str, &'static str, fn(usize, f64) -> BernoulliNetwork);

const NETWORKS: [Network; 2] = [("A", "S3", s3), ("B", "S3c", s3c)];
const POPULATIONS: [&str; 3] = ["e1", "e2", "i"];

/// g √N of the populations whose kink is located.
const KINK_GAIN: f64 = 50.0;

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

/// How far the largest rate is from N → ∞.
fn approach(name: &str, measured: &Measured, series: &mut SeriesTable) {
    let Some(limit) = &measured.predicted.semi else { return };
    let size = measured.case.system.network.connections.size as f64;
    let largest = (0..limit.len()).max_by(|&a, &b| limit[a].total_cmp(&limit[b])).unwrap_or(0);
    series.estimate("distance end", name, size, measured.estimate(|end| (end.rates[largest] - limit[largest]).abs()));
    if let Ok(finite) = &measured.predicted.finite {
        series.point("distance theory", name, size, (finite.rates[largest] - limit[largest]).abs());
    }
}

/// Lines of N → ∞.
fn limits(most: f64, series: &mut SeriesTable) {
    for (_, name, build) in NETWORKS {
        for k in 0..=180 {
            let contrast = most * f64::from(k) / 180.0;
            let system = units(build(1000, contrast));
            let semi = system.predict().semi;
            let balanced = balanced_rates(&system.network.connections).ok().and_then(|balanced| balanced.rates);
            for (a, population) in POPULATIONS.iter().enumerate() {
                let of = |rates: &Option<Array1<f64>>| rates.as_ref().map_or(f64::NAN, |r| r[a]);
                series.point(&format!("{name} limit"), population, contrast, of(&semi));
                series.point(&format!("{name} balanced"), population, contrast, of(&balanced));
            }
        }
    }
}

/// Where e2 of S3 falls silent, from the dynamics of its populations at two contrasts below it, and that it is silent beyond.
fn kink(outcome: &mut Outcome) {
    let rate = |contrast: f64| {
        let populations =
            Populations { w: two_and_inhibition(0.5), x: drive(contrast), tau: Array1::ones(3), gain: KINK_GAIN };
        match populations.end(&Array1::ones(3)) {
            Fate::Settled(r) => r[1],
            Fate::Moving(_) | Fate::RanAway => f64::NAN,
        }
    };
    let (near, far) = (rate(3.0), rate(2.0));
    let crossing = 3.0 + near / (far - near);
    outcome.comparisons.push(Comparison {
        x: crossing + 0.01,
        theory: 0.0,
        simulation: Estimate::exact(rate(crossing + 0.01)),
        // Rates of some 15 Hz are known to 1e-8 of themselves.
        bias: 1e-6,
        scale: Some(15.0),
        ..row("D", "r_e2 just beyond the kink (Hz)", "silence", "populations of S3")
    });
    let theories = [
        ("closed form at this gain", edge(KINK_GAIN), Claim::Equals),
        ("55/17, N to infinity", 55.0 / 17.0, Claim::Contrast),
    ];
    for (name, theory, claim) in theories {
        outcome.comparisons.push(Comparison {
            x: KINK_GAIN,
            theory,
            simulation: Estimate::exact(crossing),
            claim,
            // Rates are known to 1e-8 of themselves.
            bias: 1e-6,
            ..row("A", "contrast at which e2 falls silent (Hz)", name, "populations of S3")
        });
    }
}
