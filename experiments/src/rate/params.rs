//! Parameters of a figure on rate networks, as TOML shows them.

use model::{RateNetwork, Response, WeightLaw};
use serde::{Deserialize, Serialize};
use simulation::Protocol;

/// The network of a figure, how it is run, and what the figure varies.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Realisations of each network; large ones may have fewer, see `sweep`.
    pub replicates: usize,
    /// How each network is run.
    pub protocol: Protocol,
    /// What the figure varies about the network.
    #[serde(default)]
    pub sweep: Sweep,
    /// The network.
    pub network: RateNetwork,
}

/// What a figure varies. Empty lists are left out.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sweep {
    /// In-degrees K = N at high variance, ν = 1/2.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub high: Vec<usize>,
    /// In-degrees K = N at low variance, ν = 1.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub low: Vec<usize>,
    /// J at low variance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low_mean: Option<f64>,
    /// Time step at low variance, whose fluctuations are slow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low_step: Option<f64>,
    /// Biases.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub biases: Vec<f64>,
    /// Responses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub responses: Vec<Response>,
    /// Weight laws.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub laws: Vec<WeightLaw>,
    /// From `[in-degree, realisations]` on, so many realisations, the last entry that applies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fewer: Vec<(usize, usize)>,
}

impl Params {
    /// Realisations of a network of this in-degree.
    pub fn replicates_at(&self, in_degree: usize) -> usize {
        self.sweep.fewer.iter().rev().find(|(from, _)| in_degree >= *from).map_or(self.replicates, |(_, count)| *count)
    }
}
