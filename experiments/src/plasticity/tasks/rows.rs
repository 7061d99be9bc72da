//! What is said of each task.

use super::super::networks::Pupil;
use super::{NETWORK, PANELS, Task, drawn};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Claim, Comparison, Estimate, Outcome, Plan, Scale, row};
use meanfield::{course, learned_state};
use model::{Lessons, Phase};
use ndarray::Array1;
use simulation::Learning;
use systems::plastic_network::{Measured, PlasticSystem, anomalies, ends};

/// Names of the networks.
pub(super) const NAMES: [&str; 4] =
    ["three populations", "four populations", "fifty populations", "four populations, learning fast"];

impl Task {
    /// The networks that are taught.
    pub(super) fn plans(&self, scale: Scale) -> Vec<Plan<PlasticSystem>> {
        let trials = self.trials[usize::from(scale == Scale::Paper)];
        let plan = |pupil: Pupil| {
            let phases = vec![
                Phase::new("before", self.shown, self.shown.len(), false),
                Phase::new("during", self.taught, trials, true),
                Phase::new("after", self.shown, self.shown.len(), false),
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
    pub(super) fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        for (measured, panel) in all.iter().zip(PANELS) {
            let number = |trial: usize| trial as f64 + 1.0;
            outcome.comparisons.extend(ends(measured, panel, number));
            outcome.comparisons.push(self.learned(measured, panel));
            let label = &measured.case.label;
            outcome.notes.extend(anomalies(measured).into_iter().map(|note| format!("{label}: {note}")));
            for (phase, name) in [(0, "before"), (2, "after")] {
                outcome.comparisons.extend(interaction(measured, phase, name));
            }
            let system = &measured.case.system;
            let name = |phase: usize, stimulus: usize| &system.lessons.phases[phase].stimuli[stimulus];
            let predicted = measured.predicted.trials.as_ref();
            for (k, trial) in
                measured.seen[0].trials.iter().enumerate().filter(|(k, trial)| trial.phase != 1 || drawn(*k))
            {
                let stimulus = name(trial.phase, trial.stimulus);
                outcome.series.point(&format!("{label}, error"), stimulus, number(k), system.error(&trial.rates));
                if let Ok(all) = predicted {
                    outcome.series.point(&format!("{label}, theory"), stimulus, number(k), system.error(&all.rates[k]));
                }
            }
        }
    }

    /// Whether all that was taught is known afterwards: errors below a hundredth of what they were. Theory asks whether weights can keep every
    /// population at its target for all of it, and whether learning comes to them: to a tenth of the departures.
    pub(super) fn learned(&self, measured: &Measured, panel: &str) -> Comparison {
        let system = &measured.case.system;
        let drives: Vec<Array1<f64>> =
            self.taught.iter().map(|shown| system.network.driven(&system.lessons, shown)).collect();
        let trials = system.lessons.phases[1].trials;
        let predicted = learned_state(&system.network, &drives).and_then(|state| {
            let course = course(&system.network, &state, system.lessons.trial)?;
            Ok(state.reached && libm::pow(course.factor, trials as f64) < 0.1)
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
    pub(super) fn draw(&self, outcome: &Outcome) -> Figure {
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

/// r(X1Y1) + r(X2Y2) − r(X1Y2) − r(X2Y1), its largest size over populations: 0 where rates depend linearly on drives, as they do as long as theory finds
/// no population silent.
pub(super) fn interaction(measured: &Measured, phase: usize, name: &str) -> Option<Comparison> {
    let seen = &measured.seen[0].trials;
    let of_phase: Vec<usize> = (0..seen.len()).filter(|&k| seen[k].phase == phase).collect();
    let [both, others, first, second] = of_phase.as_slice() else { return None };
    let sum = seen[*both].rates.clone() + &seen[*others].rates - &seen[*first].rates - &seen[*second].rates;
    let predicted: Vec<&Array1<f64>> = of_phase
        .iter()
        .map(|&k| measured.predicted.trials.as_ref().ok().map(|all| &all.rates[k]))
        .collect::<Option<_>>()?;
    let active = predicted.iter().all(|rates| rates.iter().all(|r| *r > 0.0));
    let largest = predicted.iter().flat_map(|rates| rates.iter()).copied().fold(0.0, f64::max);
    Some(Comparison {
        x: *second as f64 + 1.0,
        theory: 0.0,
        simulation: Estimate::exact(sum.iter().fold(0.0, |most: f64, v| most.max(v.abs()))),
        // Four rates that have settled.
        bias: 4e-6 * largest,
        claim: if active { Claim::Equals } else { Claim::Contrast },
        scale: Some(largest),
        ..row("-", &format!("interaction of X and Y {name} (Hz)"), "linear response", &measured.case.label)
    })
}
