//! Spiking networks whose inhibition learns from single spikes while stimuli come and go.

mod rows;
mod seen;

pub use rows::{BEYOND, LEARNED, LearnedPhase, TARGET, ends, late, reservations, strengths};
pub use seen::{Course, TrialSeen};

use lab::{Detail, Draw, Failure, Outcome, System};
use meanfield::{GrowingModes, SpikingRates, TheoryError, evened_rates, growing_modes, learned_rates};
use model::{Factor, Lessons, Phase, Seed, SpikingNetwork, parts};
use ndarray::Array2;
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};
use simulation::spiking::{SpikingRun, Stage, State, go_on, spiking_memory};

/// A spiking network that learns, what it is shown, and how it is run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlasticSpikingSystem {
    /// Steps, and what is left out.
    pub run: LessonRun,
    /// The network, with rules in its projections.
    pub network: SpikingNetwork,
    /// Stimuli, and when they are shown.
    pub lessons: Lessons,
}

/// How lessons are run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LessonRun {
    /// Step in ms.
    pub step: f64,
    /// Time in ms before the first trial, with its stimuli; nothing learns.
    pub transient: f64,
    /// Time in ms at the beginning of each trial in which no spikes are counted.
    pub settle: f64,
    /// Phases in which the mean input of each cell is kept, from the time on from which spikes are counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<String>,
}

/// Shortest time in ms in which spikes of a trial are counted.
const SHORTEST: f64 = 10.0;

/// Most steps of all trials.
const MOST_STEPS: f64 = 1e9;

/// A network that has learned.
pub type Measured = lab::Measured<PlasticSpikingSystem>;

/// What theories say, by phase.
pub struct Predicted {
    /// Rates at strengths that do not change, by phase and stimulus: those of the network, or those that theory has found to be learned before.
    pub frozen: Vec<Vec<Result<Frozen, String>>>,
    /// Where learning comes to rest: in phases with one stimulus that is the same in all trials.
    pub learned: Vec<Result<LearnedPhase, String>>,
}

/// Rates at strengths that do not change.
pub struct Frozen {
    /// The state, and modes that grow about it.
    pub state: Result<SpikingRates, TheoryError>,
    /// See `state`.
    pub growing: Result<GrowingModes, TheoryError>,
    /// The network.
    pub network: SpikingNetwork,
}

impl Frozen {
    /// Of a network with cells that do not differ in `even` populations.
    fn of(network: SpikingNetwork, even: &[bool]) -> Self {
        let state = evened_rates(&network, even);
        let growing = state.clone().and_then(|state| growing_modes(&network, &state));
        Frozen { state, growing, network }
    }
}

impl System for PlasticSpikingSystem {
    const KIND: &'static str = "plastic-spiking-network";
    type Seen = Course;
    type Predicted = Predicted;

    fn validate(&self) -> Result<(), Failure> {
        self.network.validate().map_err(|e| Failure::Input(format!("network.{e}")))?;
        let cells = self.lessons.validate(&self.network.names, true);
        cells.map_err(|e| Failure::Input(e.to_string()))?;
        let steps = 1000.0 * self.lessons.trial * self.trials() as f64 / self.run.step;
        if steps > MOST_STEPS {
            return Err(Failure::Input(format!(
                "lessons: {steps:.1e} steps of {} ms in all trials (allowed: {MOST_STEPS:e})",
                self.run.step
            )));
        }
        self.spiking_run().validate(&self.network).map_err(|e| Failure::Input(format!("run.{e}")))?;
        if let Some(name) =
            self.run.inputs.iter().find(|name| !self.lessons.phases.iter().any(|own| own.name == **name))
        {
            let known: Vec<&str> = self.lessons.phases.iter().map(|phase| phase.name.as_str()).collect();
            return Err(Failure::Input(format!("run.inputs: {name:?} (allowed: {})", known.join(", "))));
        }
        self.check_factors()?;
        let trial = 1000.0 * self.lessons.trial;
        if !(self.run.settle >= 0.0 && self.run.settle + SHORTEST <= trial) {
            return Err(Failure::Input(format!(
                "run.settle: {:?} (allowed: 0 and more, shorter than a trial of {trial} ms by {SHORTEST} ms and more)",
                self.run.settle
            )));
        }
        Ok(())
    }

    /// The network; for all trials rates, and patterns where there are any.
    fn memory(&self) -> f64 {
        let (cells, trials) = (self.network.connections.size as f64, self.trials() as f64);
        let patterned = self.lessons.stimuli.iter().any(|stimulus| !stimulus.pattern.is_empty());
        let kept: usize = self
            .lessons
            .phases
            .iter()
            .filter(|phase| self.run.inputs.contains(&phase.name))
            .map(|phase| phase.trials)
            .sum();
        // Sums and means of three kinds of currents in each of these trials, and sums of two beside.
        let inputs = if kept > 0 { 6.0 * kept as f64 + 2.0 } else { 0.0 };
        let vectors = if patterned { trials } else { 1.0 } + inputs;
        spiking_memory(&self.network) + 200.0 * trials + 8.0 * cells * vectors
    }

    fn work(&self) -> f64 {
        let size = self.network.connections.size as f64;
        let density = self.network.connections.probability.mean().unwrap_or(0.0);
        self.trials() as f64 * self.lessons.trial / self.run.step * size * (1.0 + density * size * 1e-2)
    }

    fn shape(&self) -> String {
        let phases: Vec<String> =
            self.lessons.phases.iter().map(|phase| format!("{}: {}", phase.name, phase.stimuli.join(", "))).collect();
        format!("{}; {}", self.network.names.join(", "), phases.join("; "))
    }

    fn abscissa(&self) -> f64 {
        self.trials() as f64 * self.lessons.trial
    }

    fn realise(&self, draw: Draw, _: Detail) -> Result<Course, Failure> {
        self.teach(draw.seed(), None).map(|(course, _)| course)
    }

    fn predict(&self) -> Predicted {
        // Strengths, as far as theory knows them.
        let mut strengths = Some(self.network.connections.strength.clone());
        // Where rules have evened cells out, for which stimulus and with which factors.
        let mut taught: Option<(Vec<bool>, Input)> = None;
        let names = &self.network.names;
        let mut predicted = Predicted { frozen: Vec::new(), learned: Vec::new() };
        for (k, phase) in self.lessons.phases.iter().enumerate() {
            let driven = |shown: &String| self.driven(shown, phase.amplitude.is_some());
            let at_rest = |shown: &String| -> Result<Frozen, String> {
                let mut network = driven(shown)?;
                let strengths = strengths.as_ref().filter(|_| !phase.learning);
                network.connections.strength.assign(strengths.ok_or("theory does not know the strengths")?);
                self.multiply(&mut network, phase);
                match &taught {
                    None => Ok(Frozen::of(network, &[])),
                    Some((even, own)) if *own == (shown.as_str(), phase.factors(names)) => {
                        Ok(Frozen::of(network, even))
                    }
                    Some(_) => Err("inhibition has learned to make up for in-degrees with another input".into()),
                }
            };
            predicted.frozen.push(phase.stimuli.iter().map(at_rest).collect());
            let rest = || {
                let [shown] = phase.stimuli.as_slice() else { return Err("its trials are driven differently".into()) };
                let mut network = driven(shown)?;
                self.multiply(&mut network, phase);
                let state = learned_rates(&network).map_err(|e| e.to_string())?;
                LearnedPhase::of(self, k, &network, state)
            };
            let learned = if phase.learning { rest() } else { Err("nothing learns in it".into()) };
            if phase.learning {
                taught = phase.stimuli.first().map(|shown| (self.pupils(), (shown.as_str(), phase.factors(names))));
                let known = learned.as_ref().ok().filter(|rest| rest.is_learned());
                strengths = known.map(|rest| self.with_learned(&rest.state.strength));
            }
            predicted.learned.push(learned);
        }
        predicted
    }

    fn compare(measured: &Measured, outcome: &mut Outcome) {
        outcome.comparisons.extend(ends(measured, "-", |_| measured.case.x));
        outcome.comparisons.extend(strengths(measured, "-", |_| measured.case.x));
        outcome.notes.extend(reservations(measured));
    }
}

/// What cells receive in a phase: a stimulus, through strengths that are multiplied by so much.
type Input<'a> = (&'a str, Option<Array2<f64>>);

/// Currents of a trial, whether it teaches, and what strengths are multiplied by.
struct Shown {
    constant: Vec<f64>,
    cells: Vec<f64>,
    learning: bool,
    inputs: bool,
    factors: Option<Array2<f64>>,
}

impl PlasticSpikingSystem {
    /// Number of trials.
    pub fn trials(&self) -> usize {
        self.lessons.trials()
    }

    /// Runs the lessons, from where others have come to, if any; and says where they come to.
    ///
    /// # Errors
    /// [`Failure::Input`] where the run shows that the network cannot be run, or does not go on from there.
    pub fn teach(&self, seed: Seed, from: Option<&State>) -> Result<(Course, State), Failure> {
        let steps = libm::round(1000.0 * self.lessons.trial / self.run.step) as usize;
        let before = libm::round(self.run.transient / self.run.step) as usize;
        let past = from.map_or(0, |state| (state.step as usize).saturating_sub(before) / steps);
        let shown = self.shown(seed, past);
        // What has been running does not start again.
        let transient = if from.is_some() { 0.0 } else { self.run.transient };
        let run = SpikingRun { transient, ..self.spiking_run() };
        let settle = libm::round(self.run.settle / self.run.step) as usize;
        let mut stages = Vec::new();
        for Shown { constant, cells, learning, inputs, factors } in &shown {
            let (learning, factors) = (*learning, factors.as_ref());
            let stage = Stage { steps: settle, constant, cells, learning, inputs: false, factors };
            stages.push(stage);
            stages.push(Stage { steps: steps - settle, inputs: *inputs, ..stage });
        }
        let mut course = seen::Listening::new(&self.network, steps, &self.run);
        let mut listener = |spikes: &[model::Spike]| course.hear(spikes);
        let (activity, state) = go_on(&self.network, &run, (&stages, from), seed, 1, &mut listener)
            .map_err(|e| Failure::Input(e.to_string()))?;
        // At the end of each trial; its first stage is that in which cells settle.
        let learned = activity.learned.into_iter().skip(1).step_by(2).collect();
        let course = course.finish(shown.len(), learned, activity.inputs);
        course.check(self.run.step)?;
        Ok((course, state))
    }

    /// Trials of a phase, from the first of all on.
    pub fn trials_of(&self, phase: usize) -> std::ops::Range<usize> {
        let first: usize = self.lessons.phases[..phase].iter().map(|phase| phase.trials).sum();
        first..first + self.lessons.phases[phase].trials
    }

    fn spiking_run(&self) -> SpikingRun {
        let duration = 1000.0 * self.lessons.trial * self.trials() as f64;
        let LessonRun { step, transient, ref inputs, .. } = self.run;
        let sample = if inputs.is_empty() { duration } else { 1.0_f64.max(step) };
        SpikingRun { duration, transient, step, sample, cells: Vec::new() }
    }

    /// Currents of all trials in one realisation: patterns are drawn once for each stimulus, amplitudes for each trial, of which there have been so many.
    fn shown(&self, seed: Seed, past: usize) -> Vec<Shown> {
        let (starts, names) = (self.network.starts(), &self.network.names);
        let pattern = |k: usize| -> Vec<f64> {
            let mut rng = seed.stream("stimulus pattern").rng(k as u64);
            let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
            let of = |a: usize| self.lessons.stimuli[k].pattern.get(&names[a]).copied().unwrap_or(0.0);
            (0..names.len())
                .flat_map(|a| (starts[a]..starts[a + 1]).map(move |_| of(a)))
                .map(|sd| sd * normal())
                .collect()
        };
        let stimuli = &self.lessons.stimuli;
        let patterns: Vec<Option<Vec<f64>>> =
            (0..stimuli.len()).map(|k| (!stimuli[k].pattern.is_empty()).then(|| pattern(k))).collect();
        let mut all = Vec::new();
        for phase in &self.lessons.phases {
            for trial in 0..phase.trials {
                let mut amplitudes = seed.stream("amplitude").rng((past + all.len()) as u64);
                let mut amplitude =
                    || phase.amplitude.map_or(1.0, |[low, high]| low + (high - low) * amplitudes.random::<f64>());
                let of_all = amplitude();
                let mut shown = Shown {
                    constant: vec![0.0; names.len()],
                    cells: Vec::new(),
                    learning: phase.learning,
                    inputs: self.run.inputs.contains(&phase.name),
                    factors: phase.factors(names),
                };
                for (factor, name) in parts(phase.shown(trial)).unwrap_or_default() {
                    let Some(k) = stimuli.iter().position(|own| own.name == name) else { continue };
                    let times = factor * if phase.apart { amplitude() } else { of_all };
                    for (added, population) in shown.constant.iter_mut().zip(names) {
                        *added += times * stimuli[k].drive.get(population).copied().unwrap_or(0.0);
                    }
                    if let Some(pattern) = &patterns[k] {
                        shown.cells.resize(pattern.len(), 0.0);
                        shown.cells.iter_mut().zip(pattern).for_each(|(cell, own)| *cell += times * own);
                    }
                }
                all.push(shown);
            }
        }
        all
    }

    /// The network as stimuli drive it, if all cells of a population are driven alike, and in all trials.
    fn driven(&self, shown: &str, varies: bool) -> Result<SpikingNetwork, String> {
        if varies {
            return Err("its trials are driven differently".into());
        }
        let mut network = self.network.clone();
        network.constant = (0..network.names.len()).map(|a| network.constant(a)).collect();
        for (factor, name) in parts(shown).unwrap_or_default() {
            let Some(stimulus) = self.lessons.stimuli.iter().find(|own| own.name == name) else { continue };
            if !stimulus.pattern.is_empty() {
                return Err("its cells are driven differently".into());
            }
            for (added, population) in network.constant.iter_mut().zip(&network.names) {
                *added += factor * stimulus.drive.get(population).copied().unwrap_or(0.0);
            }
        }
        Ok(network)
    }

    /// Refuses factors of what learns, or is not there.
    fn check_factors(&self) -> Result<(), Failure> {
        let place = |name: &String| self.network.names.iter().position(|own| own == name);
        let connections = &self.network.connections;
        for phase in &self.lessons.phases {
            for Factor { from, to, .. } in &phase.factors {
                let Some((a, b)) = place(to).zip(place(from)) else { continue };
                let wrong = if self.network.rule(a, b).is_some() {
                    "the projection has a rule (allowed: those that do not learn)"
                } else if connections.probability[[a, b]] * connections.strength[[a, b]].abs() == 0.0 {
                    "without effect (allowed: between populations that are connected)"
                } else {
                    continue;
                };
                let name = &phase.name;
                return Err(Failure::Input(format!("lessons.phases.{name}.factors.{from}->{to}: {wrong}")));
            }
        }
        Ok(())
    }

    /// Strengths of a phase.
    fn multiply(&self, network: &mut SpikingNetwork, phase: &Phase) {
        if let Some(factors) = phase.factors(&network.names) {
            network.connections.strength *= &factors;
        }
    }

    /// Strengths of the network, but for those that have been learned.
    fn with_learned(&self, learned: &Array2<f64>) -> Array2<f64> {
        let mut all = self.network.connections.strength.clone();
        for ((a, b), strength) in all.indexed_iter_mut() {
            if self.network.rule(a, b).is_some() {
                *strength = learned[[a, b]];
            }
        }
        all
    }

    /// Whether cells of a population learn `[A]`.
    fn pupils(&self) -> Vec<bool> {
        self.targets().iter().map(|target| !target.is_nan()).collect()
    }

    /// Targets of populations `[A]` in Hz; NaN where nothing learns.
    pub fn targets(&self) -> Vec<f64> {
        let n = self.network.names.len();
        let of = |a: usize| (0..n).find_map(|b| self.network.rule(a, b)).map_or(f64::NAN, |rule| rule.target);
        (0..n).map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Theory takes each phase at its own strengths.
    #[test]
    fn factors_change_strengths_of_their_phase_alone() {
        let mut network = SpikingNetwork::baker_2019_pair(1000);
        network.names = vec!["e".into(), "i".into()];
        let phase = |name: &str, factors: &[(&str, f64)]| {
            let of = |&(from, factor): &(&str, f64)| Factor { from: from.into(), to: "e".into(), factor };
            Phase { factors: factors.iter().map(of).collect(), ..Phase::new(name, &[""], 1, false) }
        };
        let phases = vec![phase("as it is", &[]), phase("other", &[("e", 1.5)]), phase("the same", &[("i", 1.0)])];
        let lessons = Lessons { trial: 1.0, stimuli: vec![], phases };
        let run = LessonRun { step: 0.1, transient: 0.0, settle: 100.0, inputs: vec![] };
        let system = PlasticSpikingSystem { run, network, lessons };
        system.validate().expect("a system");
        let own = &system.network.connections.strength;
        let frozen: Vec<_> = system.predict().frozen.into_iter().flatten().collect();
        let strength = |k: usize| &frozen[k].as_ref().expect("known").network.connections.strength;
        assert!(strength(0) == own && strength(2) == own);
        assert!(strength(1)[[0, 0]] == 1.5 * own[[0, 0]] && strength(1)[[0, 1]] == own[[0, 1]]);
        let mut without = system.clone();
        without.network.connections.probability[[0, 0]] = 0.0;
        let refused = without.validate().expect_err("no effect").to_string();
        assert!(refused.contains("factors.e->e: without effect"), "{refused}");
    }
}
