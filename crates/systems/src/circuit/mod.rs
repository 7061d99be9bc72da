//! Circuits: all states of a few populations of finite gain, beside the ends of their dynamics from random starts.

mod basins;

pub use basins::{Basins, Populations};

use lab::{Detail, Draw, Failure, Outcome, System};
use ndarray::{Array1, Array2};
use semibalance::{MOST_POPULATIONS, States};
use serde::{Deserialize, Serialize};
use simulation::Fate;

/// Largest gain: the step of the dynamics falls with it, and a run takes half a minute here.
const MOST_GAIN: f64 = 1e4;

/// Most steps of a run: a minute or so.
const MOST_STEPS: f64 = 1e9;

/// A circuit whose dynamics are run from random starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CircuitSystem {
    /// W, X, τ and g.
    pub circuit: CircuitTable,
}

/// The circuit of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CircuitTable {
    /// W, indexed `[target][source]`.
    #[serde(rename = "W")]
    pub w: Vec<Vec<f64>>,
    /// X.
    #[serde(rename = "X")]
    pub x: Vec<f64>,
    /// Time constants; 1 if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tau: Option<Vec<f64>>,
    /// g √N, gain of the populations, in units of r/X.
    pub gain: f64,
}

/// A circuit that has been run.
pub type Measured = lab::Measured<CircuitSystem>;

impl CircuitTable {
    /// Table of arrays.
    pub fn new(w: &Array2<f64>, x: &Array1<f64>, gain: f64) -> Self {
        CircuitTable { w: w.rows().into_iter().map(|row| row.to_vec()).collect(), x: x.to_vec(), tau: None, gain }
    }

    /// Arrays of the lists.
    ///
    /// # Errors
    /// [`Failure::Input`] where lengths do not fit or the gain is not positive.
    pub fn populations(&self) -> Result<Populations, Failure> {
        let n = self.x.len();
        if self.w.len() != n || self.w.iter().any(|row| row.len() != n) {
            return Err(Failure::Input(format!("circuit.W: not {n} rows of {n} entries (allowed: as many as X has)")));
        }
        if !(1e-9..=MOST_GAIN).contains(&self.gain) {
            return Err(Failure::Input(format!("circuit.gain: {} (allowed: 1e-9 to {MOST_GAIN})", self.gain)));
        }
        let populations = Populations {
            w: Array2::from_shape_fn((n, n), |(a, b)| self.w[a][b]),
            x: Array1::from(self.x.clone()),
            tau: self.tau.clone().map_or_else(|| Array1::ones(n), Array1::from),
            gain: self.gain,
        };
        populations.circuit().map(|_| populations)
    }
}

impl System for CircuitSystem {
    const KIND: &'static str = "circuit";
    const REALISATIONS: &'static str = "starts";
    type Seen = Fate;
    type Predicted = Result<States, Failure>;

    fn validate(&self) -> Result<(), Failure> {
        let populations = self.circuit.x.len();
        if populations > MOST_POPULATIONS {
            return Err(Failure::Input(format!(
                "circuit.X: {populations} populations (allowed: up to {MOST_POPULATIONS})"
            )));
        }
        let steps = self.circuit.populations()?.steps();
        if steps <= MOST_STEPS {
            return Ok(());
        }
        Err(Failure::Input(format!(
            "circuit: a run would take {steps:.1e} steps (allowed: {MOST_STEPS:.0e}): time constants, gain and W differ too much in size"
        )))
    }

    /// A few rates.
    fn memory(&self) -> f64 {
        1e3
    }

    fn work(&self) -> f64 {
        self.circuit.populations().map_or(0.0, |populations| populations.steps())
    }

    fn shape(&self) -> String {
        format!("{} populations", self.circuit.x.len())
    }

    fn abscissa(&self) -> f64 {
        self.circuit.gain
    }

    fn realise(&self, draw: Draw, _: Detail) -> Result<Fate, Failure> {
        let populations = self.circuit.populations()?;
        Ok(populations.end(&populations.start(draw.command.replicate(draw.case), draw.replicate)))
    }

    fn predict(&self) -> Result<States, Failure> {
        self.circuit.populations()?.states()
    }

    fn compare(measured: &Measured, outcome: &mut Outcome) {
        let Some(basins) = basins(measured, outcome) else { return };
        let label = if measured.case.label.is_empty() { "circuit" } else { &measured.case.label };
        basins.compare("-", label, measured.case.x, &mut outcome.comparisons);
        let (all, stable) = (basins.states.states.len(), basins.stable().count());
        outcome.notes.push(format!("{all} states, {stable} of them stable; {} continua", basins.states.continua.len()));
        for state in &basins.states.states {
            let kind = match (state.stability.stable, state.ties.is_empty()) {
                (true, true) => "stable",
                (true, false) => "at an edge, stable within its support",
                (false, _) => "unstable",
            };
            outcome.notes.push(format!("state with active {:?}: r = {:.6}, {kind}", state.support, state.r));
        }
        let starts = measured.seen.len();
        for (k, (_, count)) in basins.ends.iter().enumerate() {
            outcome.notes.push(format!("end {}: {count} of {starts} starts", k + 1));
        }
        let others = [(basins.moving, "still move: a cycle, or a slow approach"), (basins.ran_away, "run away")];
        for (count, what) in others.into_iter().filter(|(count, _)| *count > 0) {
            outcome.notes.push(format!("{count} of {starts} starts {what}"));
        }
    }
}

/// States beside ends; a note where states cannot be listed.
pub fn basins(measured: &Measured, outcome: &mut Outcome) -> Option<Basins> {
    match &measured.predicted {
        Ok(states) => Some(Basins::of(states.clone(), measured.seen.iter().map(|fate| (**fate).clone()))),
        Err(failure) => {
            outcome.notes.push(failure.to_string());
            None
        }
    }
}
