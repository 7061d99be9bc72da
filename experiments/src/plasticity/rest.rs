//! Where rules of single spikes come to rest: above their targets, by what the covariance of spikes seen through traces adds.

use lab::plot::{Axis, Figure, Legend, Panel};
use lab::{Claim, Comparison, Outcome, Plan, Scale, Study, Sweep, row};
use model::{Lessons, Phase, SpikingNetwork};
use systems::plastic_spiking::{
    BEYOND, LEARNED, LessonRun, Measured, PlasticSpikingSystem, ends, late, reservations, strengths,
};

pub struct Rest;

/// Time constants of traces in ms.
const TRACES: [&[f64]; 2] = [&[50.0, 400.0], &[25.0, 50.0, 100.0, 200.0, 400.0]];

/// Populations that are shown: both excitatory halves are alike.
const SHOWN: [(usize, &str); 2] = [(0, "e1"), (2, "i")];

impl Study for Rest {
    type System = PlasticSpikingSystem;
    const SECONDS: [f64; 2] = [9.0, 60.0];
    const NAME: &'static str = "rest";
    const TITLE: &'static str = "rules come to rest above their targets, the less so the slower their traces are";
    const CAPTION: &'static str = include_str!("rest.md");

    fn plans(&self, scale: Scale) -> Vec<Plan<PlasticSpikingSystem>> {
        let (trials, replicates) = if scale == Scale::Quick { (100, 3) } else { (200, 8) };
        let lessons =
            Lessons { trial: 1.0, stimuli: vec![], phases: vec![Phase::new("learning", &[""], trials, true)] };
        let run = LessonRun { step: 0.1, transient: 300.0, settle: 0.0, inputs: vec![] };
        let traces = TRACES[usize::from(scale == Scale::Paper)].iter().copied();
        let sweep = ["e1", "e2", "i"].iter().fold(Sweep::of("trace", traces.clone()), |sweep, to| {
            sweep.with(&format!("network.projections.i->{to}.plasticity.trace"), traces.clone())
        });
        let system = PlasticSpikingSystem { run, network: SpikingNetwork::zhu_rosenbaum(), lessons };
        vec![Plan::new("", replicates, system).along(sweep)]
    }

    fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        for measured in all {
            let system = &measured.case.system;
            let x = measured.case.x;
            outcome.comparisons.extend(ends(measured, "-", |_| x));
            outcome.comparisons.extend(strengths(measured, "C", |_| x));
            let (trials, targets) = (late(system, 0, 0), system.targets());
            for ((a, name), panel) in SHOWN.into_iter().zip(["A", "B"]) {
                let rest = measured.predicted.learned[0].as_ref().ok();
                outcome.comparisons.push(Comparison {
                    x,
                    theory: rest.map_or(f64::NAN, |rest| rest.state.offset[a]),
                    simulation: measured.estimate(|seen| seen.rate(&trials, a) - targets[a]),
                    bias: rest.map_or(0.0, |rest| BEYOND * rest.state.offset[a]),
                    claim: if rest.is_some_and(|rest| rest.is_learned()) { Claim::Upper } else { Claim::Contrast },
                    ..row(panel, &format!("rate above target, {name} (Hz)"), LEARNED, &measured.case.label)
                });
            }
            outcome.notes.extend(reservations(measured).into_iter().map(|note| format!("trace of {x} ms: {note}")));
        }
        // As long as strengths stay about the same, the covariance is that of the same spikes.
        if let (Some(short), Some(long)) = (all.first(), all.last()) {
            for ((a, name), panel) in SHOWN.into_iter().zip(["A", "B"]) {
                let above = |measured: &Measured| {
                    let (trials, target) = (late(&measured.case.system, 0, 0), measured.case.system.targets()[a]);
                    measured.estimate(|seen| seen.rate(&trials, a) - target).mean
                };
                let times = short.case.system.trials() as f64;
                outcome.comparisons.push(Comparison {
                    x: times,
                    theory: long.case.x / short.case.x,
                    simulation: lab::Estimate::exact(above(short) / above(long)),
                    claim: Claim::Contrast,
                    ..row(
                        panel,
                        &format!("rate above target with the fastest trace over that with the slowest, {name}"),
                        "in proportion to 1/trace",
                        "",
                    )
                });
            }
        }
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let trace = || Axis::log("time constant of traces (ms)");
        let above = |letter, colour: usize, name: &str, title: &str| {
            let rows = outcome.rows(|row| row.quantity == format!("rate above target, {name}"));
            Panel::new(letter, title, trace(), Axis::log("rate above target (Hz)")).compared(&rows, colour, "")
        };
        let empty = Panel::new("C", "learned strengths", trace(), Axis::linear("mean strength (mV)"));
        let strengths = SHOWN.iter().fold(empty, |panel, (colour, name)| {
            panel.compared(
                &outcome.rows(|row| row.quantity.starts_with(&format!("strength from i to {name},"))),
                *colour,
                &format!("i to {name}"),
            )
        });
        Figure::new(
            66.0,
            vec![vec![
                above("A", 0, "e1", "excitatory cells"),
                above("B", 2, "i", "inhibitory cells"),
                strengths.legend(Legend::Above),
            ]],
        )
    }
}
