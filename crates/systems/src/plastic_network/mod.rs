//! Populations whose weights learn from trial to trial, beside the states and the learned weights of theory.

use lab::{Claim, Comparison, Detail, Draw, Estimate, Failure, Outcome, System, row};
use meanfield::{LearnedState, QuasiStatic, TheoryError, learned_state, quasi_static, settled_rates};
use model::{Lessons, PlasticNetwork};
use ndarray::Array1;
use serde::{Deserialize, Serialize};
use simulation::{Learned, Learning, plastic_steps, run_plastic};

/// A network, what it is shown, and how rates and weights are followed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlasticSystem {
    /// Whether weights learn once a trial, from rates that have settled, or all the time.
    #[serde(default)]
    pub learning: Learning,
    /// The network.
    pub network: PlasticNetwork,
    /// Stimuli, and when they are shown.
    pub lessons: Lessons,
}

/// A network that has learned.
pub type Measured = lab::Measured<PlasticSystem>;

/// What theories say of the rates of trials, in Hz.
pub struct Predicted {
    /// States at the weights of each trial.
    pub trials: Result<QuasiStatic, TheoryError>,
    /// State at which weights have come to rest in each phase, or in the last one before it that learned; else why there is no closed form.
    pub rested: Vec<Result<LearnedState, &'static str>>,
}

/// The theory of all trials, in the table.
pub const STATES: &str = "semi-balanced states, trial by trial";

/// The theory of weights that have come to rest, in the table.
pub const RESTED: &str = "learned weights in closed form";

/// Share of the first departures that may be left where weights count as learned.
const LITTLE: f64 = 1e-2;

/// Most steps of a simulation.
const MOST_STEPS: f64 = 2e9;

impl System for PlasticSystem {
    const KIND: &'static str = "plastic-network";
    const DETERMINISTIC: bool = true;
    type Seen = Learned;
    type Predicted = Predicted;

    fn validate(&self) -> Result<(), Failure> {
        let all = self.network.validate().and_then(|()| self.lessons.validate(&self.network.names, false));
        all.map_err(|e| Failure::Input(e.to_string()))?;
        let steps = plastic_steps(&self.network, &self.lessons, self.learning) * self.network.names.len() as f64;
        if steps <= MOST_STEPS {
            return Ok(());
        }
        Err(Failure::Input(format!(
            "a run may take {steps:.0e} steps of a population (allowed: {MOST_STEPS:.0e}): fewer trials, or time constants and weights that differ less"
        )))
    }

    /// Rates of all trials, and weights after each phase.
    fn memory(&self) -> f64 {
        let n = self.network.names.len() as f64;
        16.0 * n * self.trials() + 8.0 * n * n * (self.lessons.phases.len() as f64 + 10.0)
    }

    fn work(&self) -> f64 {
        (self.network.names.len() as f64).powi(2) * self.trials()
    }

    fn shape(&self) -> String {
        let phases: Vec<String> =
            self.lessons.phases.iter().map(|phase| format!("{}: {}", phase.name, phase.stimuli.join(", "))).collect();
        format!("{}; {}", self.network.names.join(", "), phases.join("; "))
    }

    fn abscissa(&self) -> f64 {
        self.trials()
    }

    fn realise(&self, _: Draw, _: Detail) -> Result<Learned, Failure> {
        run_plastic(&self.network, &self.lessons, self.learning).map_err(|e| Failure::Input(e.to_string()))
    }

    fn predict(&self) -> Predicted {
        let trials = quasi_static(&self.network, &self.lessons);
        let rested = self.rested(trials.as_ref().ok());
        Predicted { trials, rested }
    }

    fn compare(measured: &Measured, outcome: &mut Outcome) {
        outcome.comparisons.extend(ends(measured, "-", |_| measured.case.x));
        outcome.notes.extend(anomalies(measured));
    }
}

impl PlasticSystem {
    fn trials(&self) -> f64 {
        self.lessons.trials() as f64
    }

    fn rested(&self, trials: Option<&QuasiStatic>) -> Vec<Result<LearnedState, &'static str>> {
        let mut rested = Err("nothing has been learned yet");
        let mut all = Vec::new();
        for (k, phase) in self.lessons.phases.iter().enumerate() {
            if phase.learning {
                rested = trials.ok_or("a trial has no state").and_then(|trials| self.resting(k, trials));
            }
            all.push(rested.clone());
        }
        all
    }

    /// Where learning in a phase comes to rest, if theory finds it there at its end, at weights that the path does not decide.
    fn resting(&self, phase: usize, trials: &QuasiStatic) -> Result<LearnedState, &'static str> {
        let network = &self.network;
        let own = &self.lessons.phases[phase];
        let drives: Vec<Array1<f64>> = own.stimuli.iter().map(|shown| network.driven(&self.lessons, shown)).collect();
        let state = learned_state(network, &drives).map_err(|_| "populations that do not learn have no state")?;
        if !state.reached {
            return Err("no weights of their sign reach all targets");
        }
        if !state.unique {
            return Err("several weights reach the targets, and the path decides");
        }
        let first: usize = self.lessons.phases[..phase].iter().map(|phase| phase.trials).sum();
        let away = |trial: usize, s: usize| largest(&(&trials.rates[trial] - &state.rates[s]));
        let over = |trial: &dyn Fn(usize) -> usize| (0..drives.len()).map(|s| away(trial(s), s)).fold(0.0, f64::max);
        let (before, after) = (over(&|s| first + s), over(&|s| self.last(phase, s)));
        if after > LITTLE * before.max(SETTLED * largest(&state.rates[0])) {
            return Err(
                "more than a hundredth of the first departures is left: more trials, or learning that converges",
            );
        }
        Ok(state)
    }

    /// The first trial after which a stimulus of a phase is not shown any more in it.
    fn last(&self, phase: usize, stimulus: usize) -> usize {
        let before: usize = self.lessons.phases[..phase].iter().map(|phase| phase.trials).sum();
        let Lessons { phases, .. } = &self.lessons;
        let (count, trials) = (phases[phase].stimuli.len(), phases[phase].trials);
        before + stimulus + (trials - 1 - stimulus) / count * count
    }

    /// Mean over the populations that learn of (r − r0)², in Hz².
    pub fn error(&self, rates: &Array1<f64>) -> f64 {
        let squares = rates.iter().zip(&self.network.target).map(|(r, target)| (r - target).powi(2));
        let known: Vec<f64> = squares.filter(|square| !square.is_nan()).collect();
        known.iter().sum::<f64>() / known.len() as f64
    }

    /// Mean square of the targets in Hz²: what errors are judged against.
    fn magnitude(&self) -> f64 {
        let targets: Vec<f64> = self.network.target.iter().copied().filter(|target| !target.is_nan()).collect();
        targets.iter().map(|target| target * target).sum::<f64>() / targets.len() as f64
    }
}

/// Populations whose rates have rows of their own: of more, only the mean errors.
const SHOWN: usize = 8;

/// Rates in Hz and errors in Hz² where a stimulus is shown last in each phase, beside theories; `at` says where rows of a trial stand.
pub fn ends(measured: &Measured, panel: &str, at: impl Fn(usize) -> f64) -> Vec<Comparison> {
    let lab::Case { label, system, .. } = &measured.case;
    let (seen, theory) = (&measured.seen[0], measured.predicted.trials.as_ref().ok());
    let mut rows = Vec::new();
    for (p, phase) in system.lessons.phases.iter().enumerate() {
        for (s, shown) in phase.stimuli.iter().enumerate() {
            let trial = system.last(p, s);
            let (found, x) = (&seen.trials[trial].rates, at(trial));
            let claim = if is_claimed(measured, p, trial) { Claim::Equals } else { Claim::Contrast };
            let place = format!("{}, {}", phase.name, if shown.is_empty() { "nothing" } else { shown });
            let mut push = |name: &str, theory: Option<&Array1<f64>>, bias: f64| {
                let rate = |rates: Option<&Array1<f64>>, a: usize| rates.map_or(f64::NAN, |rates| rates[a]);
                for (a, population) in system.network.names.iter().enumerate().take_while(|_| found.len() <= SHOWN) {
                    rows.push(Comparison {
                        x,
                        theory: rate(theory, a),
                        simulation: Estimate::exact(found[a]),
                        bias,
                        claim,
                        scale: Some(if system.network.target[a].is_nan() {
                            largest(found)
                        } else {
                            system.network.target[a]
                        }),
                        ..row(panel, &format!("r_{population}, {place} (Hz)"), name, label)
                    });
                }
                let error = theory.map_or(f64::NAN, |rates| system.error(rates));
                if !error.is_nan() || theory.is_none() {
                    rows.push(Comparison {
                        x,
                        theory: error,
                        simulation: Estimate::exact(system.error(found)),
                        // (δ + ε)² − δ², to both orders.
                        bias: bias * (2.0 * error.max(0.0).sqrt() + bias),
                        claim,
                        scale: Some(system.magnitude()),
                        ..row(panel, &format!("error, {place} (Hz²)"), name, label)
                    });
                }
            };
            let states = theory.map(|theory| &theory.rates[trial]);
            let settled = SETTLED * largest(found);
            push(STATES, states, settled);
            if let (Ok(rested), Some(states)) = (&measured.predicted.rested[p], states) {
                let drive = system.network.driven(&system.lessons, shown);
                if let Ok(rates) = settled_rates(system.network.gain, &rested.weights, &drive) {
                    // What theory itself finds left of the way to rest.
                    push(RESTED, Some(&rates), largest(&(&rates - states)) + settled);
                }
            }
        }
    }
    rows
}

fn largest(values: &Array1<f64>) -> f64 {
    values.iter().fold(0.0, |most, v| most.max(v.abs()))
}

/// Whether theories of slow learning claim anything of a trial: rates settle in all trials up to it at states that are stable and the only ones, and
/// weights have not learned continuously.
fn is_claimed(measured: &Measured, phase: usize, trial: usize) -> bool {
    let system = &measured.case.system;
    let slow =
        system.learning == Learning::QuasiStatic || system.lessons.phases[..=phase].iter().all(|own| !own.learning);
    let sure = measured.predicted.trials.as_ref().is_ok_and(|theory| theory.doubtful.is_none_or(|first| trial < first));
    slow && sure && measured.seen[0].trials[..=trial].iter().all(|trial| trial.settled)
}

/// Error of rates that count as settled, relative to the largest.
const SETTLED: f64 = 1e-6;

/// What is out of the ordinary, a line each.
pub fn anomalies(measured: &Measured) -> Vec<String> {
    let system = &measured.case.system;
    let mut notes = Vec::new();
    let moving = measured.seen[0].trials.iter().filter(|trial| !trial.settled).count();
    if moving > 0 {
        notes.push(format!(
            "rates do not settle in {moving} trials, a cycle or a very slow approach: nothing is claimed from the first on"
        ));
    }
    match &measured.predicted.trials {
        Err(error) => notes.push(format!("{STATES}: {error}")),
        Ok(QuasiStatic { doubtful: Some(first), .. }) => notes.push(format!(
            "from trial {} on the state is unstable, one of several, or changes with the smallest differences: nothing is claimed",
            first + 1
        )),
        Ok(_) => {}
    }
    if system.learning == Learning::Continuous {
        notes
            .push("weights learn all the time: theories of slow learning claim nothing once learning has begun".into());
    }
    for (phase, rested) in system.lessons.phases.iter().zip(&measured.predicted.rested) {
        if let (true, Err(why)) = (phase.learning, rested) {
            notes.push(format!("{}: no closed form of what is learned: {why}", phase.name));
        }
    }
    notes
}
