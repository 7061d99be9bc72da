//! The talk's network learns: from rates that are too low over an overshoot to targets that it does not quite keep.

use super::shown::{OTHER_STEPS, show_rates, show_strengths};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Claim, Comparison, Outcome, Plan, Scale, Study, row};
use model::{Lessons, Phase, SpikingNetwork};
use systems::plastic_spiking::{Course, LessonRun, Measured, PlasticSpikingSystem, ends, reservations, strengths};

pub struct Talk;

/// Trials without learning and with it, each of so many s; the last quarter is the plateau.
const BEFORE: usize = 8;
const TRIALS: usize = 40;
const TRIAL: f64 = 0.5;

/// Labels of the network without learning, and with it.
const WITHOUT: &str = "without learning";
const LEARNS: &str = "talk";

/// The name of independent numbers, in the table.
const REFERENCE: &str = "reference:independent simulation";

/// Of an independent simulation, in Hz: the rate without learning, the highest one with it, and the mean of its last 5 s.
const RATES: [(&str, [f64; 3]); 2] = [("e", [3.4, 13.7, 8.375]), ("i", [9.6, 19.6, 10.47])];

/// Of the same, strengths of projections over those at the start: the smallest, that after a time in s, that at the end, and its variation over synapses.
const STRENGTHS: [(&str, [f64; 5]); 2] = [("e", [0.64, 5.0, 1.34, 1.23, 0.37]), ("i", [0.92, 4.5, 2.63, 2.35, 0.40])];

impl Study for Talk {
    type System = PlasticSpikingSystem;
    const SECONDS: [f64; 2] = [8.0, 12.0];
    const NAME: &'static str = "talk";
    const TITLE: &'static str = "the talk's network learns to fire at its targets";
    const CAPTION: &'static str = include_str!("talk.md");

    fn plans(&self, scale: Scale) -> Vec<Plan<PlasticSpikingSystem>> {
        let plan = |label: &str, phase, transient| {
            let lessons = Lessons { trial: TRIAL, stimuli: vec![], phases: vec![phase] };
            let run = LessonRun { step: 0.1, transient, settle: 0.0, inputs: vec![] };
            let replicates = if scale == Scale::Quick { 3 } else { 8 };
            Plan::new(
                label,
                replicates,
                PlasticSpikingSystem { run, network: SpikingNetwork::zhu_2020_talk(), lessons },
            )
        };
        vec![
            plan(WITHOUT, Phase::new("before", &[""], BEFORE, false), 300.0),
            plan(LEARNS, Phase::new("learning", &[""], TRIALS, true), 0.0),
        ]
    }

    fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        let [without, measured] = all else { return };
        outcome.comparisons.extend(ends(without, "A", |_| 0.0));
        let trials = measured.case.system.trials();
        let end = TRIAL * trials as f64;
        let time = |k: usize| TRIAL * (k + 1) as f64;
        let last: Vec<usize> = (trials - trials.div_ceil(4)..trials).collect();
        outcome.comparisons.extend(ends(measured, "A", time));
        outcome.comparisons.extend(strengths(measured, "B", time));
        for (a, (name, [before, highest, plateau])) in RATES.into_iter().enumerate() {
            let all: Vec<usize> = (0..without.case.system.trials()).collect();
            outcome.comparisons.push(Comparison {
                theory: before,
                simulation: without.estimate(|seen| seen.rate(&all, a)),
                bias: OTHER_STEPS * before,
                ..row("A", &format!("rate before, {name} (Hz)"), REFERENCE, WITHOUT)
            });
            let mut push = |quantity: &str, theory: f64, of: &dyn Fn(&Course) -> f64| {
                outcome.comparisons.push(Comparison {
                    x: end,
                    theory,
                    simulation: measured.estimate(of),
                    bias: OTHER_STEPS * theory,
                    ..row("A", &format!("{quantity}, {name} (Hz)"), REFERENCE, LEARNS)
                });
            };
            let top = |seen: &Course| seen.trials.iter().map(|trial| trial.rates[a]).fold(0.0, f64::max);
            push("highest rate", highest, &top);
            push("rate at the end", plateau, &|seen| seen.rate(&last, a));
        }
        for (p, (name, [least, when, between, at_end, variation])) in STRENGTHS.into_iter().enumerate() {
            let strength = &measured.case.system.network.connections.strength;
            let at = |seen: &Course, k: usize| {
                let learned = &seen.learned[k.min(trials - 1)][p];
                learned.mean / strength[[learned.to, learned.from]]
            };
            let smallest = |seen: &Course| (0..trials).map(|k| at(seen, k)).fold(f64::INFINITY, f64::min);
            let mut push = |quantity: &str, x: f64, theory: f64, of: &dyn Fn(&Course) -> f64| {
                outcome.comparisons.push(Comparison {
                    x,
                    theory,
                    simulation: measured.estimate(of),
                    // They depend on the neuron by some 10 %, and which one it was is not known.
                    claim: Claim::Contrast,
                    ..row("B", &format!("{quantity}, i to {name}, over that before"), REFERENCE, LEARNS)
                });
            };
            push("least strength", end, least, &smallest);
            push("strength", when, between, &|seen| at(seen, (when / TRIAL) as usize - 1));
            push("strength", end, at_end, &|seen| at(seen, trials - 1));
            push("SD of strengths", end, variation * at_end, &|seen| {
                let learned = &seen.learned[trials - 1][p];
                learned.sd / strength[[learned.to, learned.from]].abs()
            });
        }
        outcome.notes.extend(reservations(measured));
        show_rates(outcome, measured, time);
        show_strengths(&mut outcome.series, measured, time);
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let names = ["e", "i"];
        let panel = |letter, title: &str, what: &str, axis: Axis| {
            let empty = Panel::new(letter, title, Axis::linear("time (s)"), axis);
            names.iter().enumerate().fold(empty, |panel, (colour, name)| {
                panel.with([outcome.mark(Kind::Trace, colour, name, &format!("{what}, {LEARNS}"), name)])
            })
        };
        let rates = names.iter().enumerate().fold(
            panel("A", "rates", "rate", Axis::linear("rate (Hz)").between(0.0, 22.0)),
            |panel, (colour, name)| {
                let rows = outcome.rows(|row| row.quantity == format!("rate at the end, {name}"));
                let theory = outcome
                    .rows(|row| row.quantity == format!("r_{name}, learning, nothing") && row.claim != Claim::Contrast);
                panel.theory(&rows, colour, "").theory(&theory, colour, "").judged(&rows, colour)
            },
        );
        let strengths = names.iter().enumerate().fold(
            panel("B", "strengths", "strength", Axis::linear("strength, over that before").between(0.0, 3.2)),
            |panel, (colour, name)| {
                panel.compared(
                    &outcome.rows(|row| {
                        row.quantity.starts_with("strength, i to") && row.quantity.contains(&format!("to {name},"))
                    }),
                    colour,
                    "",
                )
            },
        );
        Figure::new(66.0, vec![vec![rates.legend(Legend::TopRight), strengths.legend(Legend::TopRight)]])
            .key(Kind::Trace, "simulation, mean over realisations")
    }
}
