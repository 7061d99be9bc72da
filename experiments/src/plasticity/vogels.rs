//! Vogels et al.'s network: inhibition that learns brings rates down, hides two memories, and lets one be recalled.

use super::shown::show_rates;
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Claim, Comparison, Outcome, Plan, Scale, Study, row};
use model::{BernoulliNetwork, Lessons, Phase, SpikingNetwork, Stimulus};
use ndarray::{Array2, array};
use systems::plastic_spiking::{Course, LessonRun, Measured, PlasticSpikingSystem, TARGET, late};

pub struct Vogels;

/// The excitatory cells outside the memories, the cells of the first memory that are cued and the others, the second memory, the inhibitory cells.
const POPULATIONS: [&str; 5] = ["e", "cue", "m1", "m2", "i"];

/// Trials of 1 s with learning, at both scales, and without it afterwards, without a cue and with it.
const TRIALS: [usize; 2] = [30, 200];
const TESTED: usize = 3;

/// By what strengths within a memory are larger, and the current in mV/ms to the cells that are cued.
const STRONGER: f64 = 5.0;
const CUE: f64 = 0.5;

/// Strength j of an inhibitory conductance of 1 nS: 10 ms over 200 pF, times √N.
const PER_NANOSIEMENS: f64 = 5.0;

/// The network with two memories of 784 cells.
fn network() -> SpikingNetwork {
    let pair = SpikingNetwork::vogels_2011();
    let of = |a: usize| usize::from(a == 4);
    let memory = |a: usize| [0, 1, 1, 2, 0][a];
    let strength = Array2::from_shape_fn((5, 5), |(a, b)| {
        let within = memory(a) == memory(b) && memory(a) > 0;
        pair.connections.strength[[of(a), of(b)]] * if within { STRONGER } else { 1.0 }
    });
    let none = || Array2::zeros((5, 0));
    SpikingNetwork {
        names: POPULATIONS.map(String::from).to_vec(),
        constant: vec![pair.constant[0]; 5],
        connections: BernoulliNetwork {
            shares: array![0.6432, 0.0196, 0.0588, 0.0784, 0.2],
            probability: Array2::from_elem((5, 5), pair.connections.probability[[0, 0]]),
            strength,
            external_probability: none(),
            external_strength: none(),
            ..pair.connections.clone()
        },
        synapses: (0..5).map(|b| pair.synapses[of(b)]).collect(),
        plasticity: Array2::from_shape_fn((5, 5), |(a, b)| pair.plasticity[[of(a), of(b)]]),
        ..pair
    }
}

impl Study for Vogels {
    type System = PlasticSpikingSystem;
    const SECONDS: [f64; 2] = [6.0, 50.0];
    const NAME: &'static str = "vogels";
    const TITLE: &'static str = "inhibition that learns hides memories, and lets them be recalled";
    const CAPTION: &'static str = include_str!("vogels.md");

    fn plans(&self, scale: Scale) -> Vec<Plan<PlasticSpikingSystem>> {
        let phases = vec![
            Phase::new("learning", &[""], TRIALS[usize::from(scale == Scale::Paper)], true),
            Phase::new("rest", &[""], TESTED, false),
            Phase::new("recall", &["cue"], TESTED, false),
        ];
        let lessons = Lessons { trial: 1.0, stimuli: vec![Stimulus::new("cue", &[("cue", CUE)])], phases };
        let run = LessonRun { step: 0.1, transient: 0.0, settle: 200.0, inputs: vec![] };
        let replicates = if scale == Scale::Quick { 3 } else { 4 };
        vec![Plan::new("memories", replicates, PlasticSpikingSystem { run, network: network(), lessons })]
    }

    fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        let measured = &all[0];
        let system = &measured.case.system;
        let [learned, rest, recall] = [0, 1, 2].map(|phase| late(system, phase, 0));
        let tests = |phase: usize| -> Vec<usize> { system.trials_of(phase).collect() };
        let (resting, recalling) = (tests(1), tests(2));
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
            push("A", &format!("rate at the end of learning, {name} (Hz)"), TARGET, 3.0, Claim::Contrast, &|seen| {
                seen.rate(&learned, a)
            });
            push(
                "B",
                &format!("rate with a cue less that without, {name} (Hz)"),
                "no recall",
                0.0,
                if *name == "m1" { Claim::Lower } else { Claim::Contrast },
                &|seen| seen.rate(&recalling, a) - seen.rate(&resting, a),
            );
        }
        // The memory that is cued answers, the other does not as much.
        push("B", "answer of m1 less that of m2 (Hz)", "recall of one memory", 0.0, Claim::Lower, &|seen| {
            let answer = |a: usize| seen.rate(&recalling, a) - seen.rate(&resting, a);
            answer(2) - answer(3)
        });
        push(
            "A",
            "synchrony in the first trial less that in the last",
            "asynchronous after learning",
            0.0,
            Claim::Lower,
            &|seen| seen.synchrony(&[0]) - seen.synchrony(&rest),
        );
        push("B", "largest synchrony with a cue", "asynchronous", 0.0, Claim::Contrast, &|seen| {
            seen.synchrony(&recall)
        });
        let first = system.trials_of(0).end - 1;
        for (p, name) in ["e", "cue", "m1", "m2"].iter().enumerate().skip(1) {
            let more = |seen: &Course| seen.learned[first][p].mean / seen.learned[first][0].mean - 1.0;
            push(
                "C",
                &format!("inhibition onto {name} over that onto e, less 1"),
                "memories need more",
                0.0,
                Claim::Lower,
                &more,
            );
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
        let rows = vec![vec![rates.legend(Legend::Above), recall, strengths.legend(Legend::Above)]];
        Figure::new(66.0, rows).key(Kind::Trace, "simulation, mean over realisations (A, C)")
    }
}
