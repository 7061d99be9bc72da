//! S3 and S3c against contrast and size: balance breaks, one population falls silent, the others stay balanced.

use super::networks::{MEAN, SIZE, contrast_axis, s3, s3c};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Claim, Comparison, Outcome, Plan, Scale, SeriesTable, Study, Sweep, row};
use meanfield::ToCircuit;
use model::SpikingNetwork;
use semibalance::{all_states, balanced};
use simulation::spiking::SpikingRun;
use systems::spiking_network::{Measured, SpikingSystem, currents, finite, first, rates};

pub struct SemiBalanced;

/// A network by name, and its panel.
type Network = (&'static str, &'static str, fn(usize, f64, f64) -> SpikingNetwork);

const NETWORKS: [Network; 2] = [("A", "S3", s3), ("B", "S3c", s3c)];
const POPULATIONS: [&str; 3] = ["e1", "e2", "i"];
const COLOURS: [usize; 3] = [1, 2, 0];

/// Rates of an independent simulation of S3: N, δ in Hz, networks, rates in Hz, their standard errors.
const INDEPENDENT: [(usize, f64, [f64; 3], [f64; 3]); 3] = [
    (5000, 0.0, [5.49, 5.57, 14.13], [0.045, 0.058, 0.064]),
    (5000, 5.0, [10.32, 1.57, 14.91], [0.022, 0.037, 0.046]),
    (10_000, 5.0, [11.01, 1.17, 15.59], [0.051, 0.003, 0.059]),
];

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

/// Against the independent simulation: standard errors of both sides.
fn independent(measured: &Measured) -> Vec<Comparison> {
    let case = &measured.case;
    let known = INDEPENDENT.iter().find(|(n, x, ..)| *n == case.system.network.connections.size && *x == case.x);
    let Some((_, _, rates, errors)) = known else { return Vec::new() };
    let of = |(a, name): (usize, &&str)| Comparison {
        x: case.x,
        theory: rates[a],
        simulation: measured.estimate(|s| s.rates[a]),
        // Three of their standard errors, of three or four networks, and the last digit.
        bias: 3.0 * errors[a] + 0.005,
        ..row(["A", "C", "A"][a], &format!("r_{name} (Hz)"), "reference:independent simulation", &case.label)
    };
    POPULATIONS.iter().enumerate().map(of).collect()
}

/// Inputs at the largest contrast.
fn silenced(measured: &Measured, outcome: &mut Outcome, table: &mut SeriesTable) {
    let n = measured.case.system.network.connections.size as f64;
    outcome.comparisons.extend(currents(measured, "D").into_iter().map(|row| Comparison { x: n, ..row }));
    // The sign is what semi-balance claims, once N is large enough for theory to have it.
    let below = finite(measured, |f| f.input[1] + f.input_error[1]) < 0.0;
    outcome.comparisons.push(Comparison {
        x: n,
        theory: 0.0,
        simulation: measured.estimate(|s| s.drives[1].total()),
        claim: if below { Claim::Upper } else { Claim::Contrast },
        scale: Some(finite(measured, |f| f.input[1]).abs()),
        ..row("D", "mean input to e2 (mV/ms)", "excess of inhibition", "S3, largest contrast")
    });
    if let Some(net) = measured.predicted.semi.as_ref().map(|semi| {
        let (w, x) = (measured.case.system.network.mean_coupling(), measured.case.system.network.mean_drive());
        (w.row(1).dot(semi) + x[1]) * n.sqrt() / 1000.0
    }) {
        table.point("input limit", "e2", n, net);
    }
}

/// Laws of mean inputs over the cells of the first draw.
fn distributions(measured: &Measured, table: &mut SeriesTable) {
    const WIDTH: f64 = 0.2;
    for (a, name) in POPULATIONS.iter().enumerate() {
        let cells = first(measured).starts[a]..first(measured).starts[a + 1];
        let mut histogram = analysis::Histogram::new(-4.0, 4.0, (8.0 / WIDTH) as usize);
        let inputs: Vec<f32> = first(measured).input[cells].iter().map(|i| *i as f32).collect();
        histogram.push(&inputs);
        if let Some(law) = histogram.finish() {
            table.curve("law", name, (0..law.density.len()).map(|k| (law.centre(k), law.density[k])));
        }
    }
}

/// Lines of N → ∞.
fn limits(most: f64, table: &mut SeriesTable) {
    for (_, name, build) in NETWORKS {
        for k in 0..=140 {
            let contrast = most * f64::from(k) / 140.0;
            let network = build(1, MEAN + contrast, MEAN - contrast);
            let circuit = network.circuit().expect("weights of the paper");
            let states = all_states(&circuit).expect("three populations").states;
            let balanced = balanced(&circuit).rates;
            for (a, population) in POPULATIONS.iter().enumerate() {
                let semi = states.first().map_or(f64::NAN, |s| s.r[a]);
                table.point(&format!("{name} limit"), population, contrast, semi);
                let linear = balanced.as_ref().map_or(f64::NAN, |b| b[a]);
                table.point(&format!("{name} balanced"), population, contrast, linear);
            }
        }
    }
}
