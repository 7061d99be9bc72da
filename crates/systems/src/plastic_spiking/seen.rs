//! What lessons show: rates and strengths, trial by trial.

use super::LessonRun;
use crate::spiking_network::SHORT;
use analysis::synchrony;
use lab::Failure;
use model::{Spike, Spikes, SpikingNetwork};
use serde::{Deserialize, Serialize};
use simulation::spiking::{Drives, Learned};
use std::ops::ControlFlow;

/// What one realisation did.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Course {
    /// All trials.
    pub trials: Vec<TrialSeen>,
    /// What has been learned at the end of each, by projection that learns.
    pub learned: Vec<Vec<Learned>>,
    /// Mean inputs of each cell `[N]`, in the trials in which they are kept, in order.
    pub inputs: Vec<Vec<Drives>>,
}

/// What cells did in a trial, by population.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrialSeen {
    /// Mean rates in Hz.
    pub rates: Vec<f64>,
    /// Mean over cells of the square of the rate, in Hz².
    pub squares: Vec<f64>,
    /// Share of cells that do not fire.
    pub silent: Vec<f64>,
    /// Mean correlation of counts in windows of 5 ms, the largest of a population; NaN where nobody fires.
    pub synchrony: f64,
}

/// Counts spikes of one trial after the other.
pub struct Listening {
    starts: Vec<usize>,
    /// Steps of a trial, and those at its beginning that are left out.
    steps: usize,
    left_out: usize,
    seconds: f64,
    heard: Spikes,
    trials: Vec<TrialSeen>,
}

impl Listening {
    pub fn new(network: &SpikingNetwork, steps: usize, run: &LessonRun) -> Self {
        let left_out = libm::round(run.settle / run.step) as usize;
        let (starts, seconds) = (network.starts(), (steps - left_out) as f64 * run.step / 1000.0);
        let (cells, kept) = (starts[starts.len() - 1], steps - left_out);
        let heard = Spikes { step: run.step, steps: kept, cells, events: Vec::new() };
        Listening { starts, steps, left_out, seconds, heard, trials: Vec::new() }
    }

    pub fn hear(&mut self, spikes: &[Spike]) -> ControlFlow<()> {
        if let Some(first) = spikes.first() {
            self.end_trials(first.step as usize / self.steps);
            if let Some(step) = (first.step as usize % self.steps).checked_sub(self.left_out) {
                self.heard.events.extend(spikes.iter().map(|spike| Spike { step: step as u32, cell: spike.cell }));
            }
        }
        ControlFlow::Continue(())
    }

    /// Closes trials until there are so many.
    fn end_trials(&mut self, ended: usize) {
        while self.trials.len() < ended {
            let mut seen = TrialSeen { synchrony: f64::NAN, ..TrialSeen::default() };
            let mut all = vec![0_u32; self.heard.cells];
            self.heard.events.iter().for_each(|spike| all[spike.cell as usize] += 1);
            for own in self.starts.windows(2) {
                seen.synchrony = seen.synchrony.max(synchrony(&self.heard.of(own[0]..own[1]), SHORT));
                let counts = &all[own[0]..own[1]];
                let mean =
                    |of: fn(f64) -> f64| counts.iter().map(|&n| of(f64::from(n))).sum::<f64>() / counts.len() as f64;
                seen.rates.push(mean(|n| n) / self.seconds);
                seen.silent.push(mean(|n| f64::from(u8::from(n == 0.0))));
                seen.squares.push(mean(|n| n * n) / self.seconds.powi(2));
            }
            self.trials.push(seen);
            self.heard.events.clear();
        }
    }

    pub fn finish(mut self, trials: usize, learned: Vec<Vec<Learned>>, inputs: Vec<Vec<Drives>>) -> Course {
        self.end_trials(trials);
        Course { trials: self.trials, learned, inputs }
    }
}

impl Course {
    /// Refuses what has run away: cells that fire in every other step, or strengths that are no numbers any more.
    pub fn check(&self, step: f64) -> Result<(), Failure> {
        let fast = |trial: &TrialSeen| trial.rates.iter().any(|rate| *rate > 500.0 / step);
        let far = |learned: &Vec<Learned>| learned.iter().any(|own| !own.mean.is_finite() || !own.sd.is_finite());
        let trial = self.trials.iter().position(fast).or_else(|| self.learned.iter().position(far));
        trial.map_or(Ok(()), |trial| {
            Err(Failure::Input(format!(
                "rates or strengths run away in trial {trial}: rules learn too fast, or their targets are out of reach"
            )))
        })
    }

    /// Mean over trials of a population's rate in Hz.
    pub fn rate(&self, trials: &[usize], a: usize) -> f64 {
        trials.iter().map(|&k| self.trials[k].rates[a]).sum::<f64>() / trials.len() as f64
    }

    /// Largest mean over trials of the correlation of counts in short windows.
    pub fn synchrony(&self, trials: &[usize]) -> f64 {
        trials.iter().map(|&k| self.trials[k].synchrony).sum::<f64>() / trials.len() as f64
    }

    /// Mean over trials and cells of (r − r0)² in Hz², r being the rate of a cell in one trial.
    pub fn error(&self, trials: &[usize], a: usize, target: f64) -> f64 {
        let of = |k: &usize| self.trials[*k].squares[a] - 2.0 * target * self.trials[*k].rates[a] + target * target;
        trials.iter().map(of).sum::<f64>() / trials.len() as f64
    }
}
