//! Set A against its size: rates approach −W⁻¹X while currents grow and cancel.

use super::networks::{SIZE, pair};
use super::{PUBLISHED, draw_rates};
use lab::plot::{Axis, Figure, Kind, Legend, Mark, Panel};
use lab::{Claim, Comparison, Outcome, Plan, Scale, SeriesTable, Study, Sweep, row};
use simulation::spiking::{Drives, SpikingRun};
use systems::spiking_network::{Measured, OfDrives, OfSample, SpikingSystem, currents, finite, rates, variability};

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
            draw_rates(measured, &mut table);
            outcome.comparisons.extend(variability(measured, "C"));
            statistics(measured, outcome, &mut table);
            draw_currents(measured, &mut table);
        }
        for (size, rates) in RATES {
            POPULATIONS.iter().zip(rates).for_each(|(name, r)| table.point("published", name, size as f64, r));
        }
        if let Some((first, last)) = all.first().zip(all.last()) {
            let begin = first.estimate(|s| s.correlation[0]).mean;
            for n in [first.case.x, last.case.x] {
                table.point("correlation", "1/N", n, begin * first.case.x / n);
                for (name, limit) in POPULATIONS.iter().zip(first.predicted.balanced.iter().flatten()) {
                    table.point("limit", name, n, *limit);
                }
            }
        }
        outcome.frames.push(table.into_frame());
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let size = || Axis::log("network size *N*");
        let panel =
            |letter, y, marks, legend| Panel { letter, title: String::new(), x: size(), y, right: None, marks, legend };
        let mut rates: Vec<Mark> = Vec::new();
        for (colour, name) in [1, 0].into_iter().zip(POPULATIONS) {
            rates.push(outcome.mark(Kind::Dashed, 7, if colour == 1 { "−W^{−1}X" } else { "" }, "limit", name));
            rates.push(outcome.mark(Kind::Line, colour, "", "finite set A", name));
            rates.push(outcome.mark(Kind::Open, colour, "", "published", name));
            let label = if colour == 1 { "excitatory" } else { "inhibitory" };
            rates.push(outcome.mark(Kind::Points, colour, label, "rate set A", name));
        }
        let mut currents = Vec::new();
        for (colour, name, label) in
            [(1, "excite", "excitatory + external"), (6, "total", "total"), (0, "inhibit", "inhibitory")]
        {
            currents.push(outcome.mark(Kind::Line, colour, "", "current theory", name));
            currents.push(outcome.mark(Kind::Points, colour, label, "current", name));
        }
        let pair = |quantity: &str, kind| -> Vec<Mark> {
            let labels = if kind == Kind::Points { ["excitatory", "inhibitory"] } else { ["", ""] };
            [1, 0]
                .into_iter()
                .zip(POPULATIONS)
                .zip(labels)
                .map(|((colour, name), label)| outcome.mark(kind, colour, label, quantity, name))
                .collect()
        };
        let mut irregular = pair("fano theory", Kind::Line);
        irregular.extend(pair("variation", Kind::Points));
        irregular.extend(pair("fano", Kind::Squares));
        let mut correlated = vec![outcome.mark(Kind::Dashed, 7, "1/*N*", "correlation", "1/N")];
        correlated.extend(pair("correlation", Kind::Points));
        Figure {
            key: vec![
                (Kind::Points, "simulation"),
                (Kind::Squares, "simulation, Fano factor"),
                (Kind::Line, "theory at this *N*"),
                (Kind::Dashed, "*N* → ∞; 1/*N* in D"),
                (Kind::Open, "published"),
            ],
            width_mm: 180.0,
            row_mm: 60.0,
            rows: vec![
                vec![
                    panel("A", Axis::linear("rate (Hz)").between(0.0, 18.0), rates, Legend::BottomRight),
                    panel("B", Axis::linear("current (mV/ms)"), currents, Legend::TopLeft),
                ],
                vec![
                    panel("C", Axis::linear("CV, Fano factor").between(0.6, 1.2), irregular, Legend::BottomRight),
                    panel("D", Axis::log("correlation of counts"), correlated, Legend::BottomLeft),
                ],
            ],
        }
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
        let kinds: [(&str, OfSample); 3] = [
            ("variation", |s, a| s.variation[a]),
            ("fano", |s, a| s.fano[a]),
            ("correlation", |s, a| s.correlation[a]),
        ];
        for (kind, of) in kinds {
            table.estimate(kind, name, n, measured.estimate(|s| of(s, a)));
        }
        table.point("fano theory", name, n, finite(measured, |f| f.fano[a]));
        outcome.comparisons.push(Comparison {
            x: n,
            theory: 0.0,
            simulation: measured.estimate(|s| s.correlation[a]),
            claim: Claim::Contrast,
            ..row("D", &format!("correlation of counts, {name}"), "asynchronous, N to infinity", "set A")
        });
    }
}

/// To excitatory cells, measured and by theory.
fn draw_currents(measured: &Measured, table: &mut SeriesTable) {
    let n = measured.case.x;
    let kinds: [(&str, OfDrives); 3] =
        [("excite", |d| d.excitatory + d.external), ("inhibit", |d| d.inhibitory), ("total", Drives::total)];
    for (kind, of) in kinds {
        table.estimate("current", kind, n, measured.estimate(|s| of(&s.drives[0])));
    }
    let (w, x) = (measured.case.system.network.mean_coupling(), measured.case.system.network.mean_drive());
    let root = n.sqrt() / 1000.0;
    table.point("current theory", "excite", n, finite(measured, |f| root * (w[[0, 0]] * f.rates[0] + x[0])));
    table.point("current theory", "inhibit", n, finite(measured, |f| root * w[[0, 1]] * f.rates[1]));
    table.point("current theory", "total", n, finite(measured, |f| f.input[0]));
}
