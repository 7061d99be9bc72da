//! What the three tasks share: networks that are taught, their errors trial by trial, and whether all that was taught was learned.

use super::networks::Pupil;
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Comparison, Estimate, Outcome, Plan, Scale, row};
use meanfield::{course, learned_state};
use model::{Lessons, Phase, Seed};
use ndarray::Array1;
use simulation::Learning;
use systems::plastic_network::{Measured, PlasticSystem, anomalies, ends};

/// A task: what is shown before and after learning, what is taught, for how many trials at the quick scale and at the papers', and the size of stimuli.
pub struct Task {
    pub shown: &'static [&'static str],
    pub taught: &'static [&'static str],
    pub trials: [usize; 2],
    pub size: f64,
}

/// Seed of the random network: it is one network, whatever the seed of the command.
const NETWORK: Seed = Seed(1);

/// Letters of the panels, one a network.
const PANELS: [&str; 4] = ["A", "B", "C", "D"];

/// Names of the networks.
const NAMES: [&str; 4] =
    ["three populations", "four populations", "fifty populations", "four populations, learning fast"];

impl Task {
    /// The networks that are taught.
    pub fn plans(&self, scale: Scale) -> Vec<Plan<PlasticSystem>> {
        let trials = self.trials[usize::from(scale == Scale::Paper)];
        let phase = |name: &str, stimuli: &[&str], trials: usize, learning| Phase {
            name: name.into(),
            stimuli: stimuli.iter().map(|shown| (*shown).into()).collect(),
            trials,
            learning,
        };
        let plan = |pupil: Pupil| {
            let phases = vec![
                phase("before", self.shown, self.shown.len(), false),
                phase("during", self.taught, trials, true),
                phase("after", self.shown, self.shown.len(), false),
            ];
            let lessons = Lessons { trial: 1.0, stimuli: pupil.stimuli(self.size), phases };
            let system = PlasticSystem { learning: Learning::QuasiStatic, network: pupil.network, lessons };
            Plan::new(pupil.name, 1, system)
        };
        [
            Pupil::three(NAMES[0]),
            Pupil::four(NAMES[1], 0.25),
            Pupil::fifty(NAMES[2], NETWORK),
            Pupil::four(NAMES[3], 1.0),
        ]
        .into_iter()
        .map(plan)
        .collect()
    }

    /// Rows of what each network shows at the ends of its phases, whether it learned, and its errors trial by trial.
    pub fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        for (measured, panel) in all.iter().zip(PANELS) {
            let number = |trial: usize| trial as f64 + 1.0;
            outcome.comparisons.extend(ends(measured, panel, number));
            outcome.comparisons.push(self.learned(measured, panel));
            let label = &measured.case.label;
            outcome.notes.extend(anomalies(measured).into_iter().map(|note| format!("{label}: {note}")));
            let system = &measured.case.system;
            let name = |phase: usize, stimulus: usize| &system.lessons.phases[phase].stimuli[stimulus];
            let predicted = measured.predicted.trials.as_ref();
            for (k, trial) in
                measured.seen[0].trials.iter().enumerate().filter(|(k, trial)| trial.phase != 1 || drawn(*k))
            {
                let stimulus = name(trial.phase, trial.stimulus);
                outcome.series.point(&format!("{label}, error"), stimulus, number(k), system.error(&trial.rates));
                if let Ok(all) = predicted {
                    outcome.series.point(&format!("{label}, theory"), stimulus, number(k), system.error(&all[k]));
                }
            }
        }
    }

    /// Whether all that was taught is known afterwards: errors below a hundredth of what they were. Theory asks whether weights can keep every
    /// population at its target for all of it, and whether learning comes to them: to a tenth of the departures.
    fn learned(&self, measured: &Measured, panel: &str) -> Comparison {
        let system = &measured.case.system;
        let drives: Vec<Array1<f64>> =
            self.taught.iter().map(|shown| system.network.driven(&system.lessons, shown)).collect();
        let trials = system.lessons.phases[1].trials;
        let predicted = learned_state(&system.network, &drives).and_then(|state| {
            let course = course(&system.network, &state, system.lessons.trial)?;
            Ok(state.reached && course.factor.powf(trials as f64) < 0.1)
        });
        let error = |phase: usize, shown: &str| {
            let seen = &measured.seen[0].trials;
            let is = |trial: &&simulation::Trial| {
                trial.phase == phase && system.lessons.phases[phase].stimuli[trial.stimulus] == shown
            };
            seen.iter().find(is).map_or(f64::NAN, |trial| system.error(&trial.rates))
        };
        let known = self.taught.iter().all(|shown| error(2, shown) < 0.01 * error(0, shown));
        Comparison {
            x: trials as f64,
            theory: predicted.map_or(f64::NAN, |learned| f64::from(u8::from(learned))),
            simulation: Estimate::exact(f64::from(u8::from(known))),
            ..row(
                panel,
                "all that is taught is learned (1: yes)",
                "weights exist and learning comes to them",
                &measured.case.label,
            )
        }
    }

    /// One panel a network: errors of each stimulus, trial by trial.
    pub fn draw(&self, outcome: &Outcome) -> Figure {
        let panel = |(name, letter): (&str, &'static str)| {
            let y = Axis::log("error (Hz²)").between(1e-6, 1e3);
            let mut panel = Panel::new(letter, name, Axis::log("trial"), y);
            let mut shown: Vec<&str> = self.taught.to_vec();
            shown.extend(self.shown.iter().filter(|own| !self.taught.contains(own)));
            for (colour, stimulus) in shown.iter().enumerate() {
                panel = panel.with([
                    outcome.mark(Kind::Trace, colour, "", &format!("{name}, theory"), stimulus),
                    outcome.mark(Kind::Points, colour, stimulus, &format!("{name}, error"), stimulus),
                ]);
            }
            let errors = outcome.rows(|row| row.label == name && row.quantity.starts_with("error"));
            panel.judged(&errors, 6).legend(Legend::BottomLeft)
        };
        let panels: Vec<Panel> = NAMES.into_iter().zip(PANELS).map(panel).collect();
        Figure::new(60.0, panels.chunks(2).map(<[Panel]>::to_vec).collect())
            .key(Kind::Points, "simulation; first and last trials: nothing is learned")
            .key(Kind::Trace, "states, trial by trial")
    }
}

/// Trials of learning that are drawn: all of the first, then two of more and more.
fn drawn(trial: usize) -> bool {
    let mut step = 1;
    while trial >= 16 * step {
        step *= 2;
    }
    trial % step < 2
}
