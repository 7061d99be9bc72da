//! Set A against its size: rates approach −W⁻¹X while currents grow and cancel.

use super::PUBLISHED;
use super::networks::{SIZE, pair};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Claim, Comparison, Outcome, Plan, Scale, SeriesTable, Study, Sweep, row};
use simulation::spiking::SpikingRun;
use systems::spiking_network::{Measured, SpikingSystem, currents, rates, variability};

pub struct Balanced;

/// Rates in Hz that Baker et al.'s own code gave at T = 50 s over 10 networks: N, r_e, r_i.
const RATES: [(usize, [f64; 2]); 12] = [
    (504, [4.39, 9.60]),
    (696, [4.50, 10.23]),
    (972, [4.88, 11.34]),
    (1368, [5.07, 12.19]),
    (1908, [5.32, 12.86]),
    (2676, [5.35, 13.42]),
    (3744, [5.47, 13.88]),
    (5232, [5.59, 14.24]),
    (7308, [5.63, 14.54]),
    (10224, [5.68, 14.78]),
    (14304, [5.70, 14.95]),
    (20004, [5.73, 15.11]),
];

/// Their standard error in Hz: .1 at N = 504 and .005 at 20004 are known, between them it is taken to fall as 1/N; two digits are written down.
fn published_error(size: f64) -> f64 {
    (0.1 * 504.0 / size).max(0.005)
}

const POPULATIONS: [&str; 2] = ["e", "i"];
const NAMED: [&str; 2] = ["excitatory", "inhibitory"];
const COLOURS: [usize; 2] = [1, 0];

impl Study for Balanced {
    type System = SpikingSystem;
    const SECONDS: [f64; 2] = [1.5, 65.7];
    const NAME: &'static str = "balanced";
    const TITLE: &'static str = "a balanced network against its size: rates, currents, irregularity, correlations";
    const CAPTION: &'static str = include_str!("balanced.md");

    fn plans(&self, scale: Scale) -> Vec<Plan<SpikingSystem>> {
        let (sizes, replicates, run) = match scale {
            Scale::Quick => (vec![504, 1908, 5232], 5, SpikingRun::lasting(4_000.0, 500.0)),
            Scale::Paper => (vec![504, 972, 1908, 5232, 10224, 20004, 50000], 10, SpikingRun::lasting(20_000.0, 500.0)),
        };
        // Traced, for the correlation of what excites with what inhibits a cell.
        let run = SpikingRun { cells: (0..40).collect(), ..run };
        let system = SpikingSystem { run, network: pair(5232, 10.0) };
        vec![Plan::new("set A", replicates, system).along(Sweep::of(SIZE, sizes))]
    }

    fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        let mut table = SeriesTable::new();
        for measured in all {
            outcome.comparisons.extend(rates(measured, "A"));
            outcome.comparisons.extend(currents(measured, "B"));
            outcome.comparisons.extend(published_rows(measured));
            outcome.comparisons.extend(variability(measured, "C"));
            statistics(measured, outcome, &mut table);
        }
        if let Some((first, last)) = all.first().zip(all.last()) {
            let begin = first.estimate(|s| s.correlation[0]).mean;
            for n in [first.case.x, last.case.x] {
                table.point("correlation", "1/N", n, begin * first.case.x / n);
            }
        }
        outcome.series = table;
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let panel = |letter, title: &str, y: Axis| Panel::new(letter, title, Axis::log("network size *N*"), y);
        let of = |quantity: &str| outcome.of(quantity, "set A");
        let pair = |panel: Panel, quantity: &str, labels: [&str; 2]| {
            POPULATIONS.iter().zip(COLOURS).zip(labels).fold(panel, |panel, ((name, colour), label)| {
                panel.compared(&of(&quantity.replace('?', name)), colour, label)
            })
        };
        let rates = pair(panel("A", "rates", Axis::linear("rate (Hz)").between(0.0, 18.0)), "r_?", NAMED);
        let currents = [
            ("external current to e", 2, "external"),
            ("excitatory current to e", 1, "excitatory"),
            ("mean input to e", 6, "total"),
            ("inhibitory current to e", 0, "inhibitory"),
        ]
        .into_iter()
        .fold(
            panel("B", "currents to excitatory cells", Axis::linear("current (mV/ms)")),
            |panel, (quantity, colour, label)| panel.compared(&of(quantity), colour, label),
        );
        let variation = COLOURS.into_iter().zip(POPULATIONS);
        let variation = variation.map(|(colour, name)| outcome.mark(Kind::Squares, colour, "", "variation", name));
        let irregular = panel("C", "irregularity", Axis::linear("Fano factor, CV").between(0.6, 1.2));
        let correlated = panel("D", "correlation of counts of pairs", Axis::log("correlation")).with([outcome.mark(
            Kind::Dashed,
            7,
            "1/*N*",
            "correlation",
            "1/N",
        )]);
        let rows = vec![
            vec![rates.legend(Legend::BottomRight), currents.legend(Legend::TopLeft)],
            vec![
                pair(irregular, "Fano factor of counts, ?", ["", ""]).with(variation),
                pair(correlated, "correlation of counts, ?", ["", ""]).legend(Legend::BottomLeft),
            ],
        ];
        Figure::new(64.0, rows).key(Kind::Squares, "simulation, CV of intervals")
    }
}

fn published_rows(measured: &Measured) -> Vec<Comparison> {
    let Some((_, rates)) = RATES.iter().find(|(size, _)| *size as f64 == measured.case.x) else { return Vec::new() };
    let of = |(a, name): (usize, &&str)| Comparison {
        x: measured.case.x,
        theory: rates[a],
        simulation: measured.estimate(|s| s.rates[a]),
        bias: 3.0 * published_error(measured.case.x),
        ..row("A", &format!("r_{name} (Hz)"), PUBLISHED, "set A")
    };
    POPULATIONS.iter().enumerate().map(of).collect()
}

/// What no theory here claims a value of, but for the limit of correlations.
fn statistics(measured: &Measured, outcome: &mut Outcome, table: &mut SeriesTable) {
    let n = measured.case.x;
    outcome.comparisons.push(Comparison {
        x: n,
        theory: -1.0,
        simulation: measured.estimate(|s| s.balance),
        claim: Claim::Contrast,
        ..row("B", "correlation in time of excitation and inhibition of a cell", "tight balance", "set A")
    });
    for (a, name) in POPULATIONS.iter().enumerate() {
        table.estimate("variation", name, n, measured.estimate(|s| s.variation[a]));
        outcome.comparisons.push(Comparison {
            x: n,
            theory: 0.0,
            simulation: measured.estimate(|s| s.correlation[a]),
            claim: Claim::Contrast,
            ..row("D", &format!("correlation of counts, {name}"), "asynchronous, N to infinity", "set A")
        });
    }
}
