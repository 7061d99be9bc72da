//! How files describe networks that learn: a list of populations, and a list of projections.

use super::{PlasticError, PlasticNetwork, Rule};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

/// A network in a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlasticFile {
    gain: f64,
    populations: Vec<PopulationFile>,
    #[serde(default)]
    projections: Vec<ProjectionFile>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PopulationFile {
    name: String,
    /// ms.
    #[serde(default = "ten")]
    tau: f64,
    /// mV.
    #[serde(default)]
    drive: f64,
    /// Hz.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target: Option<f64>,
}

fn ten() -> f64 {
    10.0
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProjectionFile {
    from: String,
    to: String,
    /// mV/Hz.
    strength: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    plasticity: Option<Rule>,
}

impl TryFrom<PlasticFile> for PlasticNetwork {
    type Error = PlasticError;

    fn try_from(file: PlasticFile) -> Result<Self, PlasticError> {
        let names: Vec<&str> = file.populations.iter().map(|p| p.name.as_str()).collect();
        let n = names.len();
        if let Some(a) = (0..n).find(|&a| names[a].is_empty() || names[..a].contains(&names[a])) {
            return Err(PlasticError::Name { what: "network.populations", name: names[a].into() });
        }
        let drive = file.populations.iter().map(|p| p.drive).collect();
        let mut network = PlasticNetwork::new(&names, file.gain, Array2::zeros((n, n)), drive);
        network.tau = file.populations.iter().map(|p| p.tau).collect();
        network.target = file.populations.iter().map(|p| p.target.unwrap_or(f64::NAN)).collect();
        let mut seen = Vec::new();
        for (index, projection) in file.projections.iter().enumerate() {
            let place = |key: &str, name: &String| {
                names.iter().position(|own| own == name).ok_or_else(|| PlasticError::Unknown {
                    field: format!("network.projections[{index}].{key}"),
                    name: name.clone(),
                    known: names.join(", "),
                })
            };
            let (b, a) = (place("from", &projection.from)?, place("to", &projection.to)?);
            if seen.contains(&(a, b)) {
                let field = format!("network.projections.{}->{}", projection.from, projection.to);
                return Err(PlasticError::Several { field });
            }
            seen.push((a, b));
            network.coupling[[a, b]] = projection.strength;
            network.rules[[a, b]] = projection.plasticity;
        }
        Ok(network)
    }
}

impl From<PlasticNetwork> for PlasticFile {
    fn from(network: PlasticNetwork) -> Self {
        let population = |(a, name): (usize, &String)| PopulationFile {
            name: name.clone(),
            tau: network.tau[a],
            drive: network.drive[a],
            target: Some(network.target[a]).filter(|target| !target.is_nan()),
        };
        let projection = |((a, b), &strength): ((usize, usize), &f64)| {
            let plasticity = network.rules[[a, b]];
            (strength != 0.0 || plasticity.is_some()).then(|| ProjectionFile {
                from: network.names[b].clone(),
                to: network.names[a].clone(),
                strength,
                plasticity,
            })
        };
        PlasticFile {
            gain: network.gain,
            populations: network.names.iter().enumerate().map(population).collect(),
            projections: network.coupling.indexed_iter().filter_map(projection).collect(),
        }
    }
}
