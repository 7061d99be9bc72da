//! The three tasks in a spiking network, whose cells are stimulated one by one.

use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Claim, Comparison, Outcome, Plan, Scale, Study, row};
use model::{Lessons, Phase, SpikingNetwork, Stimulus};
use systems::plastic_spiking::{Course, LessonRun, Measured, PlasticSpikingSystem, reservations};

pub struct SpikingTasks;

/// A task: what is taught, and what is shown before and after that, pairs that belong together first.
struct Task {
    name: &'static str,
    taught: &'static [&'static str],
    tested: &'static [&'static str],
}

const TASKS: [Task; 3] = [
    Task { name: "task 1", taught: &["X1"], tested: &["X1", "X2"] },
    Task { name: "task 2", taught: &["X1", "X2"], tested: &["X1", "X2", "X3"] },
    Task { name: "task 3", taught: &["X1+Y1", "X2+Y2"], tested: &["X1+Y1", "X2+Y2", "X1+Y2", "X2+Y1"] },
];

/// Standard deviation over cells of what a stimulus adds to their current, relative to the current.
const SIZE: f64 = 0.2;

/// The theory, in the table: weights exist that bring every cell to its target for all that is taught if rates of its sources are independent for as many stimuli.
const RANK: &str = "rank of inhibitory rates";

/// Trials of each stimulus in a test.
const TRIALS: usize = 4;

impl Study for SpikingTasks {
    type System = PlasticSpikingSystem;
    const SECONDS: [f64; 2] = [7.0, 40.0];
    const NAME: &'static str = "spiking-tasks";
    const TITLE: &'static str = "the three tasks in a spiking network";
    const CAPTION: &'static str = include_str!("spiking_tasks.md");

    fn plans(&self, scale: Scale) -> Vec<Plan<PlasticSpikingSystem>> {
        let network = SpikingNetwork::zhu_rosenbaum();
        let (trials, replicates) = if scale == Scale::Quick { (40, 3) } else { (120, 8) };
        let deviation = SIZE * network.constant[0];
        let stimulus = |name| Stimulus::pattern(name, &[("e1", deviation), ("e2", deviation)]);
        let plan = |task: &Task| {
            let test = |name| Phase::new(name, task.tested, TRIALS * task.tested.len(), false);
            let phases = vec![test("before"), Phase::new("learning", task.taught, trials, true), test("after")];
            let run = LessonRun { step: 0.1, transient: 300.0, settle: 200.0, inputs: vec![] };
            let stimuli = ["X1", "X2", "X3", "Y1", "Y2"].map(stimulus).to_vec();
            let lessons = Lessons { trial: 1.0, stimuli, phases };
            Plan::new(task.name, replicates, PlasticSpikingSystem { run, network: network.clone(), lessons })
        };
        TASKS.iter().map(plan).collect()
    }

    fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        for ((measured, task), panel) in all.iter().zip(&TASKS).zip(["A", "B", "C"]) {
            let lab::Case { label, system, .. } = &measured.case;
            let counts = 4.0 / (system.lessons.trial - system.run.settle / 1000.0);
            for (phase, name) in [(0, "before"), (2, "after")] {
                for (k, shown) in task.tested.iter().enumerate() {
                    outcome.comparisons.push(Comparison {
                        x: k as f64,
                        theory: counts,
                        simulation: measured.estimate(|seen| error(system, seen, phase, k)),
                        claim: Claim::Contrast,
                        ..row(panel, &format!("error, {name}, {shown} (Hz²)"), "Poisson counts about the target", label)
                    });
                }
            }
            let taught = task.taught.len();
            let mean = |seen: &Course, phase: usize, tests: std::ops::Range<usize>| {
                let count = tests.len() as f64;
                tests.map(|k| error(system, seen, phase, k)).sum::<f64>() / count
            };
            let known = |seen: &Course, phase: usize| mean(seen, phase, 0..taught);
            let other = |seen: &Course| mean(seen, 2, taught..task.tested.len());
            let mut push = |quantity: &str, of: &dyn Fn(&Course) -> f64| {
                let simulation = measured.estimate(of);
                outcome.comparisons.push(Comparison {
                    theory: 0.0,
                    simulation,
                    claim: Claim::Lower,
                    scale: Some(simulation.mean.abs()),
                    ..row(panel, quantity, RANK, label)
                });
            };
            push("share of the error of what is taught that learning takes away, over one half, less 1", &|seen| {
                2.0 * (1.0 - known(seen, 2) / known(seen, 0)) - 1.0
            });
            push("error of what is not taught over that of what is, less 1", &|seen| {
                other(seen) / known(seen, 2) - 1.0
            });
            outcome.notes.extend(reservations(measured).into_iter().map(|note| format!("{label}: {note}")));
        }
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let panel = |letter, task: &Task| {
            let empty = Panel::new(
                letter,
                task.name,
                Axis::names("shown", task.tested),
                Axis::log("mean (r − target)² (Hz²)").between(4.0, 300.0),
            );
            ["before", "after"].iter().enumerate().fold(empty, |panel, (colour, phase)| {
                panel.simulated(
                    &outcome.rows(|row| row.label == task.name && row.quantity.starts_with(&format!("error, {phase}"))),
                    colour,
                    phase,
                )
            })
        };
        let rows =
            vec![vec![panel("A", &TASKS[0]).legend(Legend::Above), panel("B", &TASKS[1]), panel("C", &TASKS[2])]];
        Figure::new(66.0, rows).key(Kind::Points, "simulation")
    }
}

/// Mean over excitatory cells and trials of (r − r0)² in Hz² where a stimulus is shown in a test; both halves are of one size.
fn error(system: &PlasticSpikingSystem, seen: &Course, phase: usize, stimulus: usize) -> f64 {
    let count = system.lessons.phases[phase].stimuli.len();
    let trials: Vec<usize> = system.trials_of(phase).skip(stimulus).step_by(count).collect();
    0.5 * (seen.error(&trials, 0, 4.0) + seen.error(&trials, 1, 4.0))
}
