//! What theory and simulation both answer: one set of observable types for the two sides.

use serde::{Deserialize, Serialize};

/// The stationary activity of one population.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rates {
    /// f: fraction of units with x > 0.
    pub active: f64,
    /// m = ⟨φ⟩ over units and time.
    pub mean: f64,
    /// ⟨φ²⟩ over units and time.
    pub square: f64,
}

impl Rates {
    /// μ = m/f: mean activity of the active units; NaN if none is active.
    pub fn mean_active(&self) -> f64 {
        self.mean / self.active
    }
}

/// Moments of the input x over units and time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputMoments {
    /// Mean.
    pub mean: f64,
    /// Total variance.
    pub variance: f64,
    /// Third standardised cumulant.
    pub skewness: f64,
}

/// Total variance = temporal + quenched.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct VarianceSplit {
    /// Mean over units of the variance in time.
    pub temporal: f64,
    /// Variance over units of the mean in time.
    pub quenched: f64,
}

impl VarianceSplit {
    /// Temporal + quenched.
    pub fn total(&self) -> f64 {
        self.temporal + self.quenched
    }
}

/// A population-averaged autocorrelation (or autocovariance) at lags 0, `step`, 2 `step`, …
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Autocorrelation {
    /// Spacing of the lags, in units of time of the model.
    pub step: f64,
    /// Values from lag 0 on.
    pub values: Vec<f64>,
}

/// A probability density on equal bins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    /// Left edge of the first bin.
    pub start: f64,
    /// Width of a bin.
    pub width: f64,
    /// Density of each bin; what fell outside the bins is missing from the integral.
    pub density: Vec<f64>,
}

impl Distribution {
    /// Centre of bin `k`.
    pub fn centre(&self, k: usize) -> f64 {
        self.start + (k as f64 + 0.5) * self.width
    }
}

/// One spike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Spike {
    /// Step in which it was fired.
    pub step: u32,
    /// Who fired.
    pub cell: u32,
}

/// Spikes of many cells on a grid of times, in order of steps and, within a step, of cells.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spikes {
    /// Length of a step in ms.
    pub step: f64,
    /// Number of steps.
    pub steps: usize,
    /// Number of cells.
    pub cells: usize,
    /// The spikes.
    pub events: Vec<Spike>,
}

impl Spikes {
    /// In ms.
    pub fn duration(&self) -> f64 {
        self.step * self.steps as f64
    }

    /// Steps at which each cell fired, in order `[cells]`.
    pub fn trains(&self) -> Vec<Vec<u32>> {
        let mut trains = vec![Vec::new(); self.cells];
        self.events.iter().for_each(|spike| trains[spike.cell as usize].push(spike.step));
        trains
    }

    /// Those of some cells, which are numbered from 0 on.
    pub fn of(&self, cells: std::ops::Range<usize>) -> Spikes {
        let own = |spike: &&Spike| cells.contains(&(spike.cell as usize));
        let shifted = |spike: &Spike| Spike { step: spike.step, cell: spike.cell - cells.start as u32 };
        let events = self.events.iter().filter(own).map(shifted).collect();
        Spikes { cells: cells.len(), events, ..*self }
    }
}
