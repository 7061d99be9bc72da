//! Vogels et al.'s network: inhibition that learns brings rates down and balances each cell, hides memories that are put in, and lets one be recalled.

mod network;

use super::shown::show_rates;
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Claim, Comparison, Outcome, Plan, Scale, Study, row};
use model::{Factor, Lessons, Phase, Stimulus};
use network::{balance, currents, network};
use systems::plastic_spiking::{Course, LessonRun, Measured, PlasticSpikingSystem, TARGET, late};

pub struct Vogels;

/// The excitatory cells outside the memories, the cells of the first memory that are cued and the others, the second memory, the inhibitory cells.
const POPULATIONS: [&str; 5] = ["e", "cue", "m1", "m2", "i"];

/// Pairs of populations within one memory.
const WITHIN: [(&str, &str); 5] = [("cue", "cue"), ("cue", "m1"), ("m1", "cue"), ("m1", "m1"), ("m2", "m2")];

/// Phases, by number.
const BEFORE: usize = 0;
const LEARNING: usize = 1;
const LEARNED: usize = 2;
const EMBEDDED: usize = 3;
const HIDING: usize = 4;
const HIDDEN: usize = 5;
const RECALL: usize = 6;

/// Trials of 1 s of a phase with learning, at both scales, and of one without.
const TRIALS: [usize; 2] = [20, 200];
const TESTED: usize = 3;

/// By what strengths within a memory are larger, and the current in mV/ms to the cells that are cued.
const STRONGER: f64 = 5.0;
const CUE: f64 = 0.5;

/// Strength j of an inhibitory conductance of 1 nS: 10 ms over 200 pF, times √N.
const PER_NANOSIEMENS: f64 = 5.0;

/// When currents are kept, in the order of phases.
const TIMES: [&str; 2] = ["before learning", "after learning"];

/// Cells whose currents are shown.
const SHOWN: usize = 300;

impl Study for Vogels {
    type System = PlasticSpikingSystem;
    const SECONDS: [f64; 2] = [15.0, 250.0];
    const NAME: &'static str = "vogels";
    const TITLE: &'static str = "inhibition that learns balances cells, hides memories, and lets them be recalled";
    const CAPTION: &'static str = include_str!("vogels.md");

    fn plans(&self, scale: Scale) -> Vec<Plan<PlasticSpikingSystem>> {
        let trials = TRIALS[usize::from(scale == Scale::Paper)];
        let factor = |(to, from): (&str, &str)| Factor { from: from.into(), to: to.into(), factor: STRONGER };
        let embedded = |phase| Phase { factors: WITHIN.map(factor).to_vec(), ..phase };
        let phases = vec![
            Phase::new("before", &[""], TESTED, false),
            Phase::new("learning", &[""], trials, true),
            Phase::new("learned", &[""], TESTED, false),
            embedded(Phase::new("embedded", &[""], TESTED, false)),
            embedded(Phase::new("hiding", &[""], trials, true)),
            embedded(Phase::new("hidden", &[""], TESTED, false)),
            embedded(Phase::new("recall", &["cue"], TESTED, false)),
        ];
        let inputs = [BEFORE, LEARNED].map(|phase| phases[phase].name.clone()).to_vec();
        let lessons = Lessons { trial: 1.0, stimuli: vec![Stimulus::new("cue", &[("cue", CUE)])], phases };
        let run = LessonRun { step: 0.1, transient: 0.0, settle: 200.0, inputs };
        let replicates = if scale == Scale::Quick { 5 } else { 8 };
        vec![Plan::new("memories", replicates, PlasticSpikingSystem { run, network: network(), lessons })]
    }

    fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        let measured = &all[0];
        let system = &measured.case.system;
        let cells = system.network.starts()[1];
        let trials: Vec<Vec<usize>> = (0..system.lessons.phases.len()).map(|p| system.trials_of(p).collect()).collect();
        let taught = [LEARNING, HIDING].map(|phase| late(system, phase, 0));
        let mut push =
            |panel: &str, quantity: &str, theory_name: &str, theory: f64, claim: Claim, of: &dyn Fn(&Course) -> f64| {
                let simulation = measured.estimate(of);
                outcome.comparisons.push(Comparison {
                    x: system.trials() as f64,
                    theory,
                    simulation,
                    claim,
                    scale: Some(theory.abs().max(simulation.mean.abs())),
                    ..row(panel, quantity, theory_name, &measured.case.label)
                });
            };
        for (a, name) in POPULATIONS.iter().enumerate() {
            for (late, when) in taught.iter().zip(["before memories are put in", "when they are hidden"]) {
                push(
                    "A",
                    &format!("rate at the end of learning {when}, {name} (Hz)"),
                    TARGET,
                    3.0,
                    Claim::Contrast,
                    &|seen| seen.rate(late, a),
                );
            }
            push(
                "B",
                &format!("rate with a cue less that without, {name} (Hz)"),
                "no recall",
                0.0,
                if *name == "m1" { Claim::Lower } else { Claim::Contrast },
                &|seen| seen.rate(&trials[RECALL], a) - seen.rate(&trials[HIDDEN], a),
            );
            if ["m1", "m2"].contains(name) {
                for (before, quantity, theory) in [
                    (LEARNED, "rate as a memory is put in less that before", "memories stand out at first"),
                    (HIDDEN, "rate as a memory is put in less that when it is hidden", "inhibition hides memories"),
                ] {
                    push("A", &format!("{quantity}, {name} (Hz)"), theory, 0.0, Claim::Lower, &|seen| {
                        seen.rate(&trials[EMBEDDED], a) - seen.rate(&trials[before], a)
                    });
                }
            }
        }
        // The memory that is cued answers, the other does not as much.
        push("B", "answer of m1 less that of m2 (Hz)", "recall of one memory", 0.0, Claim::Lower, &|seen| {
            let answer = |a: usize| seen.rate(&trials[RECALL], a) - seen.rate(&trials[HIDDEN], a);
            answer(2) - answer(3)
        });
        push(
            "A",
            "synchrony before learning less that after",
            "asynchronous after learning",
            0.0,
            Claim::Lower,
            &|seen| seen.synchrony(&trials[BEFORE]) - seen.synchrony(&trials[LEARNED]),
        );
        push("B", "largest synchrony with a cue", "asynchronous", 0.0, Claim::Contrast, &|seen| {
            seen.synchrony(&trials[RECALL])
        });
        let last = trials[HIDING][trials[HIDING].len() - 1];
        for (p, name) in ["e", "cue", "m1", "m2"].iter().enumerate().skip(1) {
            let more = |seen: &Course| seen.learned[last][p].mean / seen.learned[last][0].mean - 1.0;
            push(
                "C",
                &format!("inhibition onto {name} over that onto e, less 1"),
                "memories need more",
                0.0,
                Claim::Lower,
                &more,
            );
        }
        for (place, when) in TIMES.iter().enumerate() {
            push(
                "D",
                &format!("correlation over cells of excitation with inhibition {when}"),
                "detailed balance",
                1.0,
                Claim::Contrast,
                &|seen| balance(&currents(seen, cells, place)),
            );
        }
        push(
            "D",
            "correlation over cells of excitation with inhibition, after learning less before",
            "learning balances each cell",
            0.0,
            Claim::Lower,
            &|seen| {
                let [before, after] = [0, 1].map(|place| balance(&currents(seen, cells, place)));
                after - before
            },
        );
        for (place, when) in TIMES.iter().enumerate() {
            let all = currents(&measured.seen[0], cells, place);
            let means = [0, 1].map(|k| all.iter().map(|own| own[k]).sum::<f64>() / all.len() as f64);
            for [excites, inhibits] in all.into_iter().take(SHOWN) {
                outcome.series.point("currents", when, excites / means[0], inhibits / means[1]);
            }
        }
        show_rates(outcome, measured, |trial| trial as f64);
        for trial in 0..system.trials() {
            for (p, name) in POPULATIONS[..4].iter().enumerate() {
                let conductance = measured.estimate(|seen| seen.learned[trial][p].mean / PER_NANOSIEMENS).mean;
                outcome.series.point("conductance", name, trial as f64, conductance);
            }
        }
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let label = "memories";
        let empty = Panel::new("A", "rates", Axis::linear("trial"), Axis::log("rate (Hz)"));
        let rates = POPULATIONS.iter().enumerate().fold(empty, |panel, (colour, name)| {
            panel.with([outcome.mark(Kind::Trace, colour, name, &format!("rate, {label}"), name)])
        });
        let empty = Panel::new(
            "B",
            "recall",
            Axis::names("population", &POPULATIONS),
            Axis::linear("change of rate with a cue (Hz)"),
        );
        let recall = POPULATIONS.iter().enumerate().fold(empty, |panel, (k, name)| {
            let rows = outcome.rows(|row| row.quantity == format!("rate with a cue less that without, {name}"));
            let at: Vec<Comparison> = rows.into_iter().map(|row| Comparison { x: k as f64, ..row.clone() }).collect();
            panel.simulated(&at, k, "")
        });
        let empty = Panel::new("C", "learned inhibition", Axis::linear("trial"), Axis::linear("mean conductance (nS)"));
        let strengths = POPULATIONS[..4].iter().enumerate().fold(empty, |panel, (colour, name)| {
            panel.with([outcome.mark(Kind::Trace, colour, &format!("i to {name}"), "conductance", name)])
        });
        let axis = |what: &str| Axis::linear(&format!("{what} / mean over cells"));
        let empty = Panel::new("D", "mean currents of single cells", axis("excitation"), axis("inhibition"));
        let currents = TIMES
            .iter()
            .zip([Kind::Open, Kind::Squares])
            .enumerate()
            .fold(empty, |panel, (k, (when, kind))| panel.with([outcome.mark(kind, k, when, "currents", when)]));
        let rows = vec![
            vec![rates.legend(Legend::Above), recall],
            vec![strengths.legend(Legend::Above), currents.legend(Legend::Above)],
        ];
        Figure::new(58.0, rows)
            .key(Kind::Trace, "simulation, mean over realisations (A, C)")
            .key(Kind::Open, "cells of the first realisation (D)")
    }
}
