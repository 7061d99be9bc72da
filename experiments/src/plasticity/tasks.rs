//! Three tasks: networks are taught stimuli, and their errors trial by trial show whether they learn them.

mod rows;

use lab::plot::Figure;
use lab::{Outcome, Plan, Scale, Study};
use model::Seed;
use systems::plastic_network::{Measured, PlasticSystem};

/// One of the tasks.
pub struct Taught<const TASK: usize>;

/// A task: what is shown before and after learning, what is taught, for how many trials at the quick scale and at the papers', and the size of stimuli.
struct Task {
    name: &'static str,
    title: &'static str,
    caption: &'static str,
    /// Seconds at both scales.
    seconds: [f64; 2],
    /// What is shown before and after learning; pairs that belong together come first.
    shown: &'static [&'static str],
    taught: &'static [&'static str],
    /// Trials of learning at both scales.
    trials: [usize; 2],
    /// Size of the stimuli, relative to the patterns of the networks.
    size: f64,
}

static TASKS: [Task; 3] = [
    Task {
        name: "task1",
        title: "task 1: a network learns one stimulus, and another is new",
        caption: include_str!("task1.md"),
        seconds: [0.7, 3.0],
        shown: &["X1", "X2"],
        taught: &["X1"],
        trials: [400, 2000],
        size: 4.0,
    },
    Task {
        name: "task2",
        title: "task 2: a network learns two stimuli, and a third is new",
        caption: include_str!("task2.md"),
        seconds: [3.3, 16.0],
        shown: &["X1+Y1", "X2+Y2", "X3"],
        taught: &["X1+Y1", "X2+Y2"],
        trials: [400, 2000],
        size: 1.0,
    },
    Task {
        name: "task3",
        title: "task 3: a network learns which stimuli belong together",
        caption: include_str!("task3.md"),
        seconds: [3.3, 16.0],
        shown: &["X1+Y1", "X2+Y2", "X1+Y2", "X2+Y1"],
        taught: &["X1+Y1", "X2+Y2"],
        trials: [400, 2000],
        size: 1.0,
    },
];

impl<const TASK: usize> Study for Taught<TASK> {
    type System = PlasticSystem;
    const SECONDS: [f64; 2] = TASKS[TASK].seconds;
    const NAME: &'static str = TASKS[TASK].name;
    const TITLE: &'static str = TASKS[TASK].title;
    const CAPTION: &'static str = TASKS[TASK].caption;

    fn plans(&self, scale: Scale) -> Vec<Plan<PlasticSystem>> {
        TASKS[TASK].plans(scale)
    }

    fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        TASKS[TASK].compare(all, outcome);
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        TASKS[TASK].draw(outcome)
    }
}

/// Seed of the random network: it is one network, whatever the seed of the command.
const NETWORK: Seed = Seed(1);

/// Letters of the panels, one a network.
const PANELS: [&str; 4] = ["A", "B", "C", "D"];

/// Trials of learning that are drawn: all of the first, then two of more and more.
fn drawn(trial: usize) -> bool {
    let mut step = 1;
    while trial >= 16 * step {
        step *= 2;
    }
    trial % step < 2
}
