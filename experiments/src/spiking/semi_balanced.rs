//! S3 and S3c against contrast and size: balance breaks, one population falls silent, the others stay balanced.

mod rows;

use super::networks::{MEAN, SIZE, contrast_axis, s3, s3c};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Comparison, Outcome, Plan, Scale, SeriesTable, Study, Sweep};
use model::SpikingNetwork;
use rows::{distributions, independent, limits, silenced};
use simulation::spiking::SpikingRun;
use systems::spiking_network::{Measured, SpikingSystem, rates};

pub struct SemiBalanced;

/// A network by name, and its panel.
type Network = (&'static str, &'static str, fn(usize, f64, f64) -> SpikingNetwork);

const NETWORKS: [Network; 2] = [("A", "S3", s3), ("B", "S3c", s3c)];
const POPULATIONS: [&str; 3] = ["e1", "e2", "i"];
const COLOURS: [usize; 3] = [1, 2, 0];

impl Study for SemiBalanced {
    type System = SpikingSystem;
    const SECONDS: [f64; 2] = [5.1, 146.0];
    const NAME: &'static str = "semi-balanced";
    const TITLE: &'static str =
        "spiking networks that cannot balance: one population falls silent, the others stay balanced";
    const CAPTION: &'static str = include_str!("semi_balanced.md");

    fn plans(&self, scale: Scale) -> Vec<Plan<SpikingSystem>> {
        let (sizes, contrasts, replicates, run) = match scale {
            Scale::Quick => (vec![1250, 5000], vec![0.0, 2.5, 5.0], 5, SpikingRun::lasting(3_000.0, 500.0)),
            Scale::Paper => (
                vec![1250, 5000, 10_000, 20_000],
                vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 7.0],
                10,
                SpikingRun::lasting(10_000.0, 500.0),
            ),
        };
        let (of_size, count) = (contrasts.len() as i64, (sizes.len() * contrasts.len()) as i64);
        let plan = |(network, (_, name, build)): (i64, Network)| {
            let draws: Vec<i64> = (0..sizes.len() as i64).map(|k| network * count + k * of_size).collect();
            let by_size = Sweep::of("N", sizes.clone()).with(SIZE, sizes.clone()).with("draw", draws);
            let by_contrast = contrast_axis(&contrasts).with("draw", (0..of_size).collect::<Vec<_>>());
            let system = SpikingSystem { run: run.clone(), network: build(5000, MEAN, MEAN) };
            Plan::new(name, replicates, system).along(by_size).along(by_contrast)
        };
        (0..).zip(NETWORKS).map(plan).collect()
    }

    fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        let most = all.iter().map(|m| m.case.x).fold(0.0, f64::max);
        let mut table = SeriesTable::new();
        for measured in all {
            let panel = NETWORKS.iter().find(|(_, name, _)| measured.case.label.starts_with(&format!("{name},")));
            let panel = panel.map_or("A", |(panel, ..)| panel);
            // Panel C is e2 of S3.
            let of = |row: &Comparison| if panel == "A" && row.quantity.starts_with("r_e2") { "C" } else { panel };
            let placed = |row: Comparison| Comparison { panel: of(&row).into(), ..row };
            outcome.comparisons.extend(rates(measured, panel).into_iter().map(placed));
            if measured.case.label.starts_with("S3,") {
                outcome.comparisons.extend(independent(measured));
                if measured.case.x == most {
                    silenced(measured, outcome, &mut table);
                }
            }
        }
        if let Some(last) = all.iter().rev().find(|m| m.case.label.starts_with("S3,") && m.case.x == most) {
            distributions(last, &mut table);
        }
        limits(most, &mut table);
        outcome.series = table;
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let contrast = || Axis::linear("contrast δ (Hz)");
        let rates = |letter, name: &str, populations: &[&str], (low, high): (f64, f64)| {
            let title = format!("{name}: {}", populations.join(" and "));
            let axes = Panel::new(letter, &title, contrast(), Axis::linear("rate (Hz)").between(low, high));
            populations.iter().enumerate().fold(axes, |panel, (k, population)| {
                let once = |label: &str| if k == 0 { label.to_owned() } else { String::new() };
                let limit = |kind: &str, colour, label: &str| {
                    outcome.mark(Kind::Dashed, colour, &once(label), &format!("{name} {kind}"), population)
                };
                let limits = [limit("balanced", 7, "−W^{−1}X"), limit("limit", 6, "semi-balanced, *N* → ∞")];
                let quantity = format!("r_{population}");
                let labels = outcome.labels(&quantity);
                let own = labels.iter().filter(|label| label.starts_with(&format!("{name},")));
                own.enumerate().fold(panel.with(limits), |panel, (colour, label)| {
                    let legend = once(&label.replace(&format!("{name}, N"), "*N*"));
                    let rows = outcome.rows(|row| {
                        row.quantity == quantity && row.label == **label && !row.theory_name.ends_with("N to infinity")
                    });
                    panel.compared(&rows, colour, &legend)
                })
            })
        };
        let inputs = Panel::new(
            "D",
            "mean inputs, S3, largest contrast",
            Axis::log("network size *N*"),
            Axis::linear("mean input (mV/ms)").between(-1.6, 1.6),
        );
        let inputs = COLOURS.into_iter().zip(POPULATIONS).fold(
            inputs.with([outcome.mark(Kind::Dashed, 7, "√*N* net input to e2", "input limit", "e2")]),
            |panel, (colour, name)| {
                let rows = outcome.rows(|row| row.panel == "D" && row.quantity == format!("mean input to {name}"));
                panel.compared(&rows, colour, name)
            },
        );
        let laws = COLOURS.into_iter().zip(POPULATIONS);
        let laws = laws.map(|(colour, name)| outcome.mark(Kind::Steps, colour, name, "law", name));
        let cells = Panel::new(
            "E",
            "inputs of cells, S3, largest contrast and *N*",
            Axis::linear("mean input of a cell (mV/ms)").between(-4.0, 4.0),
            Axis::linear("density (ms/mV)"),
        );
        let rows = vec![
            vec![
                rates("A", "S3", &["e1", "i"], (0.0, 34.0)).legend(Legend::TopLeft),
                rates("B", "S3c", &["e1", "i"], (0.0, 34.0)).legend(Legend::TopLeft),
                rates("C", "S3", &["e2"], (-1.0, 8.0)).legend(Legend::TopRight),
            ],
            vec![inputs.legend(Legend::TopRight), cells.with(laws).legend(Legend::TopRight)],
        ];
        Figure::new(64.0, rows).key(Kind::Steps, "one network")
    }
}
