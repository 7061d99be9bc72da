//! Networks of N rectified-linear units with random connections, and how files describe them: a list of populations, and a list of projections.

use crate::{BernoulliError, BernoulliNetwork};
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Units τ drᵢ/dt = −rᵢ + g [Iᵢ − θ]₊ whose input I is a sum over random connections.
///
/// Source: Baker, Zhu & Rosenbaum 2020.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "UnitFile", into = "UnitFile")]
pub struct UnitNetwork {
    /// Names of the populations `[A]`.
    pub names: Vec<String>,
    /// Names of the external populations `[X]`.
    pub external: Vec<String>,
    /// g in Hz/(mV Hz).
    pub gain: f64,
    /// θ in mV Hz.
    pub threshold: f64,
    /// The connections.
    pub connections: BernoulliNetwork,
}

/// Why a file describes no such network.
#[derive(Clone, Debug, Error, PartialEq)]
#[allow(missing_docs, reason = "fields say what the messages name")]
pub enum UnitError {
    /// A number is out of range.
    #[error("network.{field}: {value:?} (allowed: {allowed})")]
    Range { field: String, value: f64, allowed: &'static str },
    /// Two populations of one name, or none.
    #[error("network.populations: two are called {name:?} (allowed: different names, not empty)")]
    Name { name: String },
    /// A projection names a population that is not there.
    #[error("network.projections[{index}].{key}: {name:?} (allowed: {known})")]
    Unknown { index: usize, key: &'static str, name: String, known: String },
    /// Two projections have the same ends.
    #[error("network.projections.{from}->{to}: there twice (allowed: once)")]
    Twice { from: String, to: String },
    /// A key is missing, or means nothing there.
    #[error("network.populations.{name}.rate: {what}")]
    Rate { name: String, what: &'static str },
    /// The connections are none.
    #[error("network.{0}")]
    Connections(#[from] BernoulliError),
}

impl UnitNetwork {
    /// Refuses what no network can be.
    ///
    /// # Errors
    /// The first parameter found outside its range.
    pub fn validate(&self) -> Result<(), UnitError> {
        // Written so that NaN is refused.
        let within = |field: &str, value: f64, ok: bool, allowed| {
            if ok { Ok(()) } else { Err(UnitError::Range { field: field.into(), value, allowed }) }
        };
        within("gain", self.gain, (1e-9..=1e4).contains(&self.gain), "1e-9 to 1e4")?;
        within("threshold", self.threshold, self.threshold.abs() <= 1e6, "-1e6 to 1e6")?;
        let all: Vec<&String> = self.names.iter().chain(&self.external).collect();
        for (index, name) in all.iter().enumerate() {
            if name.is_empty() || all[..index].contains(name) {
                return Err(UnitError::Name { name: (*name).clone() });
            }
        }
        self.connections.validate()?;
        if let Some(a) = self.connections.counts().iter().position(|units| *units == 0) {
            let field = format!("populations.{}.share", self.names[a]);
            return Err(UnitError::Range { field, value: self.connections.shares[a], allowed: "at least one unit" });
        }
        Ok(())
    }
}

/// A network in a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitFile {
    size: usize,
    gain: f64,
    threshold: f64,
    populations: Vec<PopulationFile>,
    #[serde(default)]
    projections: Vec<ProjectionFile>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PopulationFile {
    name: String,
    #[serde(default, skip_serializing_if = "Kind::is_usual")]
    kind: Kind,
    share: f64,
    /// Rate of external populations, in Hz.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rate: Option<f64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    #[default]
    Units,
    External,
}

impl Kind {
    fn is_usual(&self) -> bool {
        *self == Kind::Units
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProjectionFile {
    from: String,
    to: String,
    probability: f64,
    /// In mV: a connection has the weight strength/√N.
    strength: f64,
}

impl TryFrom<UnitFile> for UnitNetwork {
    type Error = UnitError;

    fn try_from(file: UnitFile) -> Result<Self, UnitError> {
        let (own, outside): (Vec<_>, Vec<_>) = file.populations.iter().partition(|p| p.kind == Kind::Units);
        if let Some(population) = own.iter().find(|p| p.rate.is_some()) {
            let what = "means nothing here (allowed: of populations of kind external)";
            return Err(UnitError::Rate { name: population.name.clone(), what });
        }
        let rate = |p: &&PopulationFile| {
            p.rate.ok_or(UnitError::Rate { name: p.name.clone(), what: "missing (allowed: 0 Hz and above)" })
        };
        let (a, x) = (own.len(), outside.len());
        let names = |all: &[&PopulationFile]| all.iter().map(|p| p.name.clone()).collect::<Vec<_>>();
        let mut network = UnitNetwork {
            names: names(&own),
            external: names(&outside),
            gain: file.gain,
            threshold: file.threshold,
            connections: BernoulliNetwork {
                size: file.size,
                shares: own.iter().map(|p| p.share).collect(),
                probability: Array2::zeros((a, a)),
                strength: Array2::zeros((a, a)),
                external_shares: outside.iter().map(|p| p.share).collect(),
                external_rates: outside.iter().map(rate).collect::<Result<Array1<f64>, _>>()?,
                external_probability: Array2::zeros((a, x)),
                external_strength: Array2::zeros((a, x)),
            },
        };
        let sources: Vec<String> = network.names.iter().chain(&network.external).cloned().collect();
        let mut seen: Vec<(usize, usize)> = Vec::new();
        for (index, projection) in file.projections.iter().enumerate() {
            let find = |key, name: &String, known: &[String]| {
                known.iter().position(|own| own == name).ok_or_else(|| UnitError::Unknown {
                    index,
                    key,
                    name: name.clone(),
                    known: known.join(", "),
                })
            };
            let (from, to) = (find("from", &projection.from, &sources)?, find("to", &projection.to, &sources[..a])?);
            if seen.contains(&(from, to)) {
                return Err(UnitError::Twice { from: projection.from.clone(), to: projection.to.clone() });
            }
            seen.push((from, to));
            let c = &mut network.connections;
            let (p, j) = if from < a {
                (&mut c.probability[[to, from]], &mut c.strength[[to, from]])
            } else {
                (&mut c.external_probability[[to, from - a]], &mut c.external_strength[[to, from - a]])
            };
            (*p, *j) = (projection.probability, projection.strength);
        }
        Ok(network)
    }
}

impl From<UnitNetwork> for UnitFile {
    fn from(network: UnitNetwork) -> Self {
        let c = &network.connections;
        let own = network.names.iter().zip(&c.shares);
        let own = own.map(|(name, &share)| PopulationFile { name: name.clone(), kind: Kind::Units, share, rate: None });
        let outside = network.external.iter().zip(&c.external_shares).zip(&c.external_rates);
        let outside = outside.map(|((name, &share), &rate)| PopulationFile {
            name: name.clone(),
            kind: Kind::External,
            share,
            rate: Some(rate),
        });
        let mut projections = Vec::new();
        let matrices = [
            (&network.names, &c.probability, &c.strength),
            (&network.external, &c.external_probability, &c.external_strength),
        ];
        for (sources, probability, strength) in matrices {
            for (b, from) in sources.iter().enumerate() {
                for (a, to) in network.names.iter().enumerate().filter(|(a, _)| probability[[*a, b]] != 0.0) {
                    projections.push(ProjectionFile {
                        from: from.clone(),
                        to: to.clone(),
                        probability: probability[[a, b]],
                        strength: strength[[a, b]],
                    });
                }
            }
        }
        UnitFile {
            size: c.size,
            gain: network.gain,
            threshold: network.threshold,
            populations: own.chain(outside).collect(),
            projections,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn network() -> UnitNetwork {
        UnitNetwork {
            names: vec!["e".into(), "i".into()],
            external: vec!["x".into()],
            gain: 0.02,
            threshold: 10.0,
            connections: BernoulliNetwork {
                size: 100,
                shares: array![0.8, 0.2],
                probability: array![[0.1, 0.2], [0.3, 0.0]],
                strength: array![[1.0, -2.0], [3.0, 0.0]],
                external_shares: array![0.2],
                external_rates: array![10.0],
                external_probability: array![[0.1], [0.0]],
                external_strength: array![[5.0], [0.0]],
            },
        }
    }

    #[test]
    fn a_file_comes_back() {
        let file = UnitFile::from(network());
        assert_eq!(file.projections.len(), 4, "what has no connections is left out");
        assert_eq!(UnitNetwork::try_from(file), Ok(network()));
    }

    #[test]
    fn nonsense_is_refused_with_its_place() {
        type Spoil = fn(&mut UnitFile);
        let told = |spoil: Spoil| {
            let mut file = UnitFile::from(network());
            spoil(&mut file);
            let refused = UnitNetwork::try_from(file).and_then(|network| network.validate());
            refused.expect_err("nonsense").to_string()
        };
        let cases: [(Spoil, &str); 8] = [
            (|f| f.gain = f64::NAN, "network.gain: NaN"),
            (|f| f.populations[0].share = 0.9, "network.sum of shares"),
            (|f| f.populations[0].rate = Some(1.0), "network.populations.e.rate: means nothing here"),
            (|f| f.populations[2].rate = None, "network.populations.x.rate: missing"),
            (
                |f| {
                    f.populations[2].name = "e".into();
                    f.projections.clear();
                },
                "two are called \"e\"",
            ),
            (|f| f.projections[0].to = "x".into(), "network.projections[0].to: \"x\" (allowed: e, i)"),
            (|f| f.projections[1] = f.projections[0].clone(), "network.projections.e->e: there twice"),
            (|f| f.size = 2, "at least one unit"),
        ];
        for (spoil, expected) in cases {
            assert!(told(spoil).contains(expected), "{}", told(spoil));
        }
    }
}
