//! Task 2: a network learns two stimuli, and a third is new.

use super::tasks::Task;
use lab::plot::Figure;
use lab::{Outcome, Plan, Scale, Study};
use systems::plastic_network::{Measured, PlasticSystem};

pub struct Task2;

const TASK: Task =
    Task { shown: &["X1+Y1", "X2+Y2", "X3"], taught: &["X1+Y1", "X2+Y2"], trials: [400, 2000], size: 1.0 };

impl Study for Task2 {
    type System = PlasticSystem;
    const SECONDS: [f64; 2] = [3.3, 16.0];
    const NAME: &'static str = "task2";
    const TITLE: &'static str = "task 2: a network learns two stimuli, and a third is new";
    const CAPTION: &'static str = include_str!("task2.md");

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
