//! Whether a spiking network that has learned stimuli shows when they change: Zhu & Rosenbaum's protocols.

use super::shown::{OTHER_STEPS, show_rates, show_strengths};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Comparison, Outcome, Plan, Scale, Study, row};
use model::{Lessons, Phase, SpikingNetwork, Stimulus};
use systems::plastic_spiking::{
    Course, LEARNED, LessonRun, Measured, PlasticSpikingSystem, ends, reservations, strengths,
};

pub struct PredictionErrors;

/// Trials with the match, at both scales, and those with it after the mismatch.
const TRIALS: [usize; 2] = [20, 100];
const AGAIN: usize = 9;

/// What is learned, in the order of the panels.
const CONSTANT: &str = "two halves";
const DISTRIBUTED: &str = "single cells";
const VARYING: &str = "two halves, varying";

/// Rates in Hz of e1, e2 and i, and error of all cells in Hz², in trials of an independent simulation of the first protocol (two realisations); trials are counted from the
/// mismatch where they are negative or behind it.
const INDEPENDENT: [(&str, [f64; 3], f64); 6] = [
    ("0", [7.84, 0.35, 10.95], 30.0),
    ("5", [4.27, 4.05, 10.3], f64::NAN),
    ("50", [4.27, 4.17, 8.41], f64::NAN),
    ("last match", [4.13, 4.10, 8.17], 5.4),
    ("mismatch", [1.66, 8.77, 9.64], 18.3),
    ("after it", [5.51, 2.44, 7.97], 8.0),
];

/// What its rates scatter by in single trials of .8 s, in Hz.
const SCATTER: f64 = 0.15;

impl Study for PredictionErrors {
    type System = PlasticSpikingSystem;
    const SECONDS: [f64; 2] = [10.0, 36.0];
    const NAME: &'static str = "prediction-errors";
    const TITLE: &'static str = "whether a network that has learned stimuli shows when they change";
    const CAPTION: &'static str = include_str!("prediction_errors.md");

    fn plans(&self, scale: Scale) -> Vec<Plan<PlasticSpikingSystem>> {
        let network = SpikingNetwork::zhu_rosenbaum();
        let x = network.constant[0];
        let halves =
            |change: f64| vec![Stimulus::new("U", &[("e1", change * x)]), Stimulus::new("V", &[("e2", -change * x)])];
        let both = [("e1", 0.2 * x), ("e2", 0.2 * x)];
        let cells = vec![Stimulus::pattern("U", &both), Stimulus::pattern("V", &both)];
        let protocols = [
            (CONSTANT, halves(0.2), "U", None),
            (DISTRIBUTED, cells, "5*U", None),
            (VARYING, halves(0.05), "U", Some([0.0, 2.0])),
        ];
        let trials = TRIALS[usize::from(scale == Scale::Paper)];
        let plan = |(name, stimuli, mismatch, amplitude): (&str, Vec<Stimulus>, &str, Option<[f64; 2]>)| {
            let shown = |phase, what: &str, trials| Phase { amplitude, ..Phase::new(phase, &[what], trials, true) };
            let phases = vec![
                shown("match", "U+V", trials),
                Phase::new("mismatch", &[mismatch], 1, true),
                shown("again", "U+V", AGAIN),
            ];
            let run = LessonRun { step: 0.1, transient: 0.0, settle: 200.0, inputs: vec![] };
            let lessons = Lessons { trial: 1.0, stimuli, phases };
            Plan::new(name, 3, PlasticSpikingSystem { run, network: network.clone(), lessons })
        };
        protocols.into_iter().map(plan).collect()
    }

    fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        for (measured, panel) in all.iter().zip(["A", "B", "C"]) {
            let label = &measured.case.label;
            outcome.comparisons.extend(ends(measured, panel, |trial| trial as f64));
            outcome.comparisons.extend(strengths(measured, "E", |trial| trial as f64));
            if label == CONSTANT {
                outcome.comparisons.extend(independent(measured, panel));
            }
            outcome.notes.extend(reservations(measured).into_iter().map(|note| format!("{label}: {note}")));
            show_rates(outcome, measured, |trial| trial as f64);
            show_strengths(&mut outcome.series, measured, |trial| trial as f64);
            for trial in 0..measured.case.system.trials() {
                outcome.series.point(
                    "error of all cells",
                    label,
                    trial as f64,
                    measured.estimate(|seen| error(&measured.case.system, seen, trial)).mean,
                );
            }
        }
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let trial = || Axis::linear("trial");
        let rates = |letter, label: &str| {
            let empty = Panel::new(letter, label, trial(), Axis::linear("rate (Hz)").between(0.0, 15.0));
            ["e1", "e2", "i"].iter().enumerate().fold(empty, |panel, (colour, name)| {
                let rows = outcome.rows(|row| {
                    row.label == label
                        && row.quantity.starts_with(&format!("r_{name}, match"))
                        && row.theory_name == LEARNED
                });
                let reference = outcome.rows(|row| {
                    row.label == label
                        && row.quantity == format!("r_{name}")
                        && row.theory_name.starts_with("reference")
                });
                panel
                    .with([outcome.mark(Kind::Trace, colour, name, &format!("rate, {label}"), name)])
                    .theory(&reference, colour, "")
                    .judged(&rows, colour)
                    .judged(&reference, colour)
            })
        };
        let errors = [CONSTANT, DISTRIBUTED, VARYING].iter().enumerate().fold(
            Panel::new("D", "errors", trial(), Axis::log("mean (r − target)² (Hz²)")),
            |panel, (colour, label)| {
                panel.with([outcome.mark(Kind::Trace, colour, label, "error of all cells", label)])
            },
        );
        let weights = ["e1", "e2", "i"].iter().enumerate().fold(
            Panel::new("E", CONSTANT, trial(), Axis::linear("strength, over that before").between(0.6, 1.8)),
            |panel, (colour, name)| {
                panel.with([outcome.mark(
                    Kind::Trace,
                    colour,
                    &format!("i to {name}"),
                    &format!("strength, {CONSTANT}"),
                    name,
                )])
            },
        );
        let rows = vec![
            vec![rates("A", CONSTANT).legend(Legend::TopRight), rates("B", DISTRIBUTED), rates("C", VARYING)],
            vec![errors.legend(Legend::Above), weights.legend(Legend::TopLeft)],
        ];
        Figure::new(60.0, rows).key(Kind::Trace, "simulation, mean over realisations")
    }
}

/// Mean over all cells of (r − r0)² in Hz², in one trial.
fn error(system: &PlasticSpikingSystem, seen: &Course, trial: usize) -> f64 {
    let of = |((a, share), target): ((usize, &f64), f64)| share * seen.error(&[trial], a, target);
    system.network.connections.shares.iter().enumerate().zip(system.targets()).map(of).sum()
}

/// Single trials beside independent numbers.
fn independent(measured: &Measured, panel: &str) -> Vec<Comparison> {
    let system = &measured.case.system;
    let matches = system.lessons.phases[0].trials;
    let mut rows = Vec::new();
    for (name, rates, squares) in INDEPENDENT {
        let trial = match name {
            "last match" => matches - 1,
            "mismatch" => matches,
            "after it" => matches + 1,
            number => number.parse().unwrap_or(usize::MAX),
        };
        // How far learning has come by the last trials was found after a hundred.
        let far = matches == TRIALS[1] || trial + 1 < matches;
        if !far || trial >= system.trials() {
            continue;
        }
        let mut push = |quantity: &str, theory: f64, bias: f64, of: &dyn Fn(&Course) -> f64| {
            rows.push(Comparison {
                x: trial as f64,
                theory,
                simulation: measured.estimate(of),
                bias,
                ..row(panel, quantity, "reference:independent simulation", &measured.case.label)
            });
        };
        for (a, population) in system.network.names.iter().enumerate() {
            let bias = OTHER_STEPS * rates[a] + SCATTER;
            push(&format!("r_{population} (Hz)"), rates[a], bias, &|seen| seen.trials[trial].rates[a]);
        }
        if !squares.is_nan() {
            push("error of all cells (Hz²)", squares, 2.0 * OTHER_STEPS * squares, &|seen| {
                error(&measured.case.system, seen, trial)
            });
        }
    }
    rows
}
