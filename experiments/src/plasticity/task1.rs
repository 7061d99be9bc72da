//! Task 1: a network learns one stimulus, and another is new.

use super::tasks::Task;
use lab::plot::Figure;
use lab::{Outcome, Plan, Scale, Study};
use systems::plastic_network::{Measured, PlasticSystem};

pub struct Task1;

const TASK: Task = Task { shown: &["X1", "X2"], taught: &["X1"], trials: [400, 2000], size: 4.0 };

impl Study for Task1 {
    type System = PlasticSystem;
    const SECONDS: [f64; 2] = [0.7, 3.0];
    const NAME: &'static str = "task1";
    const TITLE: &'static str = "task 1: a network learns one stimulus, and another is new";
    const CAPTION: &'static str = include_str!("task1.md");

    fn plans(&self, scale: Scale) -> Vec<Plan<PlasticSystem>> {
        TASK.plans(scale)
    }

    fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        TASK.compare(all, outcome);
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        TASK.draw(outcome)
    }
}
