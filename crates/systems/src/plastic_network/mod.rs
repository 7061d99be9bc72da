//! Populations whose weights learn from trial to trial, beside the states and the learned weights of theory.

use lab::{Claim, Comparison, Detail, Draw, Estimate, Failure, Outcome, System, row};
use meanfield::{LearnedState, TheoryError, course, learned_state, quasi_static_rates, settled_rates};
use model::{Lessons, PlasticNetwork};
use ndarray::Array1;
use serde::{Deserialize, Serialize};
use simulation::{Learned, Learning, run_plastic};

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
    /// Of each trial, by states at the weights of the trial.
    pub trials: Result<Vec<Array1<f64>>, TheoryError>,
    /// Of each phase.
    pub rested: Vec<Option<Rested>>,
}

/// Weights that have come to rest before a phase, or are about to in it.
#[derive(Clone, Debug)]
pub struct Rested {
    /// The closed form.
    pub state: LearnedState,
    /// Share of the first departures from it that is left.
    pub left: f64,
    /// Largest departure of a rate in Hz when learning began.
    pub departure: f64,
}

/// The theory of all trials, in the table.
pub const STATES: &str = "semi-balanced states, trial by trial";

/// The theory of weights that have come to rest, in the table.
pub const RESTED: &str = "learned weights in closed form";

/// Departures that may be left where weights count as learned.
const LITTLE: f64 = 1e-2;

impl System for PlasticSystem {
    const KIND: &'static str = "plastic-network";
    const DETERMINISTIC: bool = true;
    type Seen = Learned;
    type Predicted = Predicted;

    fn validate(&self) -> Result<(), Failure> {
        let all = self.network.validate().and_then(|()| self.lessons.validate(&self.network));
        all.map_err(|e| Failure::Input(e.to_string()))
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
        Predicted { trials: quasi_static_rates(&self.network, &self.lessons), rested: self.rested() }
    }

    fn compare(measured: &Measured, outcome: &mut Outcome) {
        outcome.comparisons.extend(ends(measured, "-", |_| measured.case.x));
        outcome.notes.extend(anomalies(measured));
    }
}

impl PlasticSystem {
    fn trials(&self) -> f64 {
        self.lessons.phases.iter().map(|phase| phase.trials as f64).sum()
    }

    /// Of each phase: what weights have learned in it, or in the last one before it that learned.
    fn rested(&self) -> Vec<Option<Rested>> {
        let mut rested: Option<Rested> = None;
        let mut all = Vec::new();
        for (k, phase) in self.lessons.phases.iter().enumerate() {
            if phase.learning {
                // Departures are those of the weights that the network begins with.
                let first = self.lessons.phases[..k].iter().all(|phase| !phase.learning);
                rested = if first { self.resting(&phase.stimuli, phase.trials) } else { None };
            }
            all.push(rested.clone());
        }
        all
    }

    /// Where learning from these stimuli comes to rest, if it does within so many trials, at weights that the path does not decide.
    fn resting(&self, shown: &[String], trials: usize) -> Option<Rested> {
        let network = &self.network;
        let drives: Vec<Array1<f64>> = shown.iter().map(|shown| network.driven(&self.lessons, shown)).collect();
        let state = learned_state(network, &drives).ok().filter(|state| state.reached && state.unique)?;
        let course = course(network, &state, self.lessons.trial).ok()?;
        let away = |(drive, rates): (&Array1<f64>, &Array1<f64>)| {
            let before = settled_rates(network.gain, &network.coupling, drive).ok()?;
            Some((before - rates).iter().fold(0.0_f64, |most, d| most.max(d.abs())))
        };
        let away: Vec<f64> = drives.iter().zip(&state.rates).map(away).collect::<Option<_>>()?;
        // A stimulus that is shown last has learned as often as it was shown before.
        let learned = i32::try_from(trials - drives.len()).unwrap_or(i32::MAX);
        let left = course.factor.powi(learned);
        let departure = away.into_iter().fold(0.0, f64::max);
        (left < LITTLE).then_some(Rested { state, left, departure })
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
    let seen = &measured.seen[0];
    let claim = if system.learning == Learning::QuasiStatic { Claim::Equals } else { Claim::Contrast };
    let mut rows = Vec::new();
    for (p, phase) in system.lessons.phases.iter().enumerate() {
        for (s, shown) in phase.stimuli.iter().enumerate() {
            let trial = system.last(p, s);
            let (found, x) = (&seen.trials[trial].rates, at(trial));
            let place = format!("{}, {}", phase.name, if shown.is_empty() { "nothing" } else { shown });
            let mut push = |name: &str, claim: Claim, theory: Option<&Array1<f64>>, bias: f64| {
                let rate = |rates: Option<&Array1<f64>>, a: usize| rates.map_or(f64::NAN, |rates| rates[a]);
                for (a, population) in system.network.names.iter().enumerate().take_while(|_| found.len() <= SHOWN) {
                    rows.push(Comparison {
                        x,
                        theory: rate(theory, a),
                        simulation: Estimate::exact(found[a]),
                        bias,
                        claim,
                        scale: Some(if system.network.target[a].is_nan() {
                            found[a]
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
                        ..row(panel, &format!("error, {place} (Hz^2)"), name, label)
                    });
                }
            };
            let theory = measured.predicted.trials.as_ref().ok().map(|all| &all[trial]);
            push(STATES, claim, theory, SETTLED * found.iter().copied().fold(0.0, f64::max));
            if let Some(rested) = &measured.predicted.rested[p] {
                let drive = system.network.driven(&system.lessons, shown);
                if let Ok(rates) = settled_rates(system.network.gain, &rested.state.weights, &drive) {
                    push(RESTED, claim, Some(&rates), rested.left * rested.departure);
                }
            }
        }
    }
    rows
}

/// Error of rates that count as settled, relative to the largest.
const SETTLED: f64 = 1e-6;

/// What is out of the ordinary, a line each.
pub fn anomalies(measured: &Measured) -> Vec<String> {
    let system = &measured.case.system;
    let mut notes = Vec::new();
    let moving = measured.seen[0].trials.iter().filter(|trial| !trial.settled).count();
    if moving > 0 {
        notes.push(format!("rates do not settle in {moving} trials: a cycle, or a very slow approach"));
    }
    if let Err(error) = &measured.predicted.trials {
        notes.push(error.to_string());
    }
    if system.learning == Learning::Continuous {
        notes.push("weights learn all the time: theories of slow learning are shown without a claim".into());
    }
    for (phase, rested) in system.lessons.phases.iter().zip(&measured.predicted.rested) {
        if phase.learning && rested.is_none() {
            let name = &phase.name;
            notes.push(format!(
                "{name}: no closed form of what is learned (several stimuli or projections, or too few trials)"
            ));
        }
    }
    notes
}
