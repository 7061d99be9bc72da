//! A circuit of the user's own: its states beside where its dynamics end.

use super::basins::Populations;
use lab::{Bench, CompareRequest, Failure, Outcome};
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

/// Largest gain: the step of the dynamics falls with it, and a run takes half a minute here.
const MOST_GAIN: f64 = 1e4;

/// Most starts that a file may ask for.
const MOST_STARTS: usize = 100_000;

/// What a file holds, and the parameters of a figure.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Random starts of the dynamics; `--replicates` overrides it.
    pub starts: usize,
    /// W, X, τ and g.
    pub circuit: CircuitTable,
    /// Of a figure's parameters; `compare` runs the one circuit.
    pub sweep: Option<Sweep>,
}

/// What a figure goes through.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Sweep {
    /// Couplings within an excitatory population.
    pub within: Vec<f64>,
    /// Contrasts δ of the stimulus in Hz.
    pub contrasts: Vec<f64>,
}

/// The circuit of a file.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CircuitTable {
    /// W, indexed [target][source].
    #[serde(rename = "W")]
    pub w: Vec<Vec<f64>>,
    /// X.
    #[serde(rename = "X")]
    pub x: Vec<f64>,
    /// Time constants; 1 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tau: Option<Vec<f64>>,
    /// g √N, gain of the populations, in units of r/X.
    pub gain: f64,
}

/// States beside the ends of the dynamics for the circuit of the request.
///
/// # Errors
/// [`Failure::Input`] for a file that cannot be read or run.
pub fn compare(request: &CompareRequest, _bench: &Bench) -> Result<Outcome, Failure> {
    let place = |e: &dyn std::fmt::Display| Failure::Input(format!("{}: {e}", request.path.display()));
    let file: Params = lab::input::parse_toml(&request.path, &request.text)?;
    let starts = request.replicates.unwrap_or(file.starts);
    if starts == 0 || starts > MOST_STARTS {
        return Err(place(&format!("starts: {starts} (allowed: 1 to {MOST_STARTS})")));
    }
    let populations = file.circuit.populations().map_err(|e| place(&e))?;
    let basins = populations.basins(starts, request.seed).map_err(|e| place(&e))?;
    let mut outcome = Outcome::default();
    if file.sweep.is_some() {
        outcome.notes.push("[sweep] belongs to the figure; compare runs [circuit] as it stands".into());
    }
    basins.compare("-", "circuit", populations.gain, &mut outcome.comparisons);
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
    for (k, (_, count)) in basins.ends.iter().enumerate() {
        outcome.notes.push(format!("end {}: {count} of {starts} starts", k + 1));
    }
    for (count, what) in [(basins.moving, "still move: a cycle, or a slow approach"), (basins.ran_away, "run away")] {
        if count > 0 {
            outcome.notes.push(format!("{count} of {starts} starts {what}"));
        }
    }
    Ok(outcome)
}

impl CircuitTable {
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
