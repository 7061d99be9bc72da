//! Rate networks of any number of populations.

use crate::{Response, WeightLaw, WeightMoments};
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Whether the weights of a population's outgoing synapses add or subtract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// +1
    Excitatory,
    /// −1
    Inhibitory,
}

impl Sign {
    /// s = ±1.
    pub fn value(self) -> f64 {
        match self {
            Sign::Excitatory => 1.0,
            Sign::Inhibitory => -1.0,
        }
    }
}

/// One population of units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Population {
    /// Its name in tables and figures.
    pub name: String,
    /// Sign of what it sends.
    pub sign: Sign,
    /// N: number of units.
    pub size: usize,
    /// K: mean number of inputs that a unit of the network receives from this population. With
    /// K = N every pair is connected, self-connections included; with K < N each pair is
    /// connected with probability K/N.
    pub in_degree: usize,
    /// I: bias, the same for all its units.
    pub bias: f64,
}

/// A network of rate units τ dxᵢ/dt = −xᵢ + Σⱼ sⱼ Jᵢⱼ φ(xⱼ) + I, with independent weights.
///
/// Source: Khajeh, Fumarola & Abbott 2022, the model of their Methods, for several populations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateNetwork {
    /// φ.
    pub response: Response,
    /// Law of one weight.
    pub law: WeightLaw,
    /// ν: the variance of a weight falls as K^−ν; 1/2 is the high, 1 the low variance of the paper.
    pub exponent: f64,
    /// J `[A × A]`: the mean weight from b to a is J_ab/√K_b.
    #[serde(with = "crate::rows")]
    pub mean: Array2<f64>,
    /// g `[A × A]`: the standard deviation of a weight from b to a is g_ab/K_b^(ν/2).
    #[serde(with = "crate::rows")]
    pub spread: Array2<f64>,
    /// The populations `[A]`.
    pub populations: Vec<Population>,
}

/// A parameter that no network can have.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum NetworkError {
    /// No population.
    #[error("network.populations: empty (allowed: 1 to {max} populations)", max = RateNetwork::MAX_POPULATIONS)]
    Empty,
    /// More populations than the closures solve for.
    #[error("network.populations: {found} populations (allowed: 1 to {max})", max = RateNetwork::MAX_POPULATIONS)]
    TooMany {
        /// How many there are.
        found: usize,
    },
    /// A matrix is not [A × A].
    #[error(
        "network.{field}: {found:?} entries (allowed: [{expected}, {expected}], one row a target, one column a source)"
    )]
    Shape {
        /// Which matrix.
        field: &'static str,
        /// Its shape.
        found: Vec<usize>,
        /// The number of populations.
        expected: usize,
    },
    /// A number outside its range.
    #[error("network.{field}: {value:?} (allowed: {allowed})")]
    Range {
        /// Which number.
        field: String,
        /// What it is.
        value: f64,
        /// What it may be.
        allowed: String,
    },
    /// No law of the kind asked for has these moments.
    #[error(
        "network.law: no {law} law has mean {mean} and standard deviation {sd} (J and g from {source_name} to {target_name}; allowed: {allowed})"
    )]
    Law {
        /// Name of the law.
        law: &'static str,
        /// Mean asked for.
        mean: f64,
        /// Standard deviation asked for.
        sd: f64,
        /// Population that sends.
        source_name: String,
        /// Population that receives.
        target_name: String,
        /// What would do.
        allowed: &'static str,
    },
    /// Two populations of one name.
    #[error("network.populations: two are called {name:?} (allowed: different names, not empty)")]
    Name {
        /// The name.
        name: String,
    },
}

impl RateNetwork {
    /// Most populations that a network may have.
    pub const MAX_POPULATIONS: usize = 16;
    /// Most units in all.
    pub const MAX_UNITS: usize = 10_000_000;

    /// One inhibitory population with N = K: the network of the paper.
    pub fn inhibitory(size: usize, j: f64, g: f64, exponent: f64, bias: f64, response: Response) -> Self {
        RateNetwork {
            response,
            law: WeightLaw::Gamma,
            exponent,
            mean: Array2::from_elem((1, 1), j),
            spread: Array2::from_elem((1, 1), g),
            populations: vec![Population { name: "I".into(), sign: Sign::Inhibitory, size, in_degree: size, bias }],
        }
    }

    /// Refuses what no network can be.
    ///
    /// # Errors
    /// The first parameter found outside its range.
    pub fn validate(&self) -> Result<(), NetworkError> {
        let count = self.populations.len();
        if count == 0 {
            return Err(NetworkError::Empty);
        }
        if count > Self::MAX_POPULATIONS {
            return Err(NetworkError::TooMany { found: count });
        }
        in_range("exponent".into(), self.exponent, 0.5, 1.0)?;
        for (field, matrix) in [("mean", &self.mean), ("spread", &self.spread)] {
            if matrix.dim() != (count, count) {
                return Err(NetworkError::Shape { field, found: matrix.shape().to_vec(), expected: count });
            }
            for ((a, b), &value) in matrix.indexed_iter() {
                in_range(format!("{field}[{a}][{b}]"), value, 0.0, 1e6)?;
            }
        }
        for (a, population) in self.populations.iter().enumerate() {
            population.validate(a)?;
            if population.name.is_empty() || self.populations[..a].iter().any(|other| other.name == population.name) {
                return Err(NetworkError::Name { name: population.name.clone() });
            }
        }
        in_range("populations: total size".into(), self.size() as f64, 1.0, Self::MAX_UNITS as f64)?;
        for a in 0..count {
            for b in 0..count {
                self.validate_law(a, b)?;
            }
        }
        Ok(())
    }

    fn validate_law(&self, a: usize, b: usize) -> Result<(), NetworkError> {
        if !self.connected(a, b) || self.law.admits(self.weight_moments(a, b)) {
            return Ok(());
        }
        let WeightMoments { mean, sd } = self.weight_moments(a, b);
        Err(NetworkError::Law {
            law: self.law.name(),
            mean,
            sd,
            source_name: self.populations[b].name.clone(),
            target_name: self.populations[a].name.clone(),
            allowed: self.law.allowed(),
        })
    }

    /// N: number of units in all.
    pub fn size(&self) -> usize {
        self.populations.iter().map(|p| p.size).sum()
    }

    /// Whether population b sends to a at all: J = g = 0 means no connection.
    pub fn connected(&self, a: usize, b: usize) -> bool {
        self.mean[[a, b]] != 0.0 || self.spread[[a, b]] != 0.0
    }

    /// Mean J_ab/√K_b and standard deviation g_ab/K_b^(ν/2) of one weight from b to a.
    pub fn weight_moments(&self, a: usize, b: usize) -> WeightMoments {
        let k = self.populations[b].in_degree as f64;
        WeightMoments {
            mean: self.mean[[a, b]] / k.sqrt(),
            sd: self.spread[[a, b]] / libm::pow(k, 0.5 * self.exponent),
        }
    }

    /// p_b = K_b/N_b: probability of a connection from b.
    pub fn probability(&self, b: usize) -> f64 {
        self.populations[b].in_degree as f64 / self.populations[b].size as f64
    }

    /// W_ab = s_b J_ab √K_b `[A × A]`: mean input to a for unit mean activity of b.
    pub fn mean_coupling(&self) -> Array2<f64> {
        Array2::from_shape_fn(self.mean.dim(), |(a, b)| {
            let source = &self.populations[b];
            source.sign.value() * self.mean[[a, b]] * (source.in_degree as f64).sqrt()
        })
    }

    /// X_a = I_a `[A]`: drive from outside.
    pub fn mean_drive(&self) -> Array1<f64> {
        self.populations.iter().map(|p| p.bias).collect()
    }
}

impl Population {
    fn validate(&self, a: usize) -> Result<(), NetworkError> {
        let field = |name: &str| format!("populations[{a}].{name}");
        in_range(field("size"), self.size as f64, 1.0, RateNetwork::MAX_UNITS as f64)?;
        if self.in_degree == 0 || self.in_degree > self.size {
            return Err(NetworkError::Range {
                field: field("in_degree"),
                value: self.in_degree as f64,
                allowed: format!("1 to size = {}", self.size),
            });
        }
        in_range(field("bias"), self.bias, -1e6, 1e6)
    }
}

fn in_range(field: String, value: f64, low: f64, high: f64) -> Result<(), NetworkError> {
    // Written so that NaN is refused.
    if value >= low && value <= high {
        return Ok(());
    }
    Err(NetworkError::Range { field, value, allowed: format!("{low} to {high}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network() -> RateNetwork {
        RateNetwork::inhibitory(1000, 2.0, 2.0, 0.5, 1.0, Response::Heaviside)
    }

    #[test]
    fn moments_scale_as_stated() {
        let n = network();
        let WeightMoments { mean, sd } = n.weight_moments(0, 0);
        assert!((mean - 2.0 / 1000_f64.sqrt()).abs() < 1e-15);
        assert!((sd - 2.0 / libm::pow(1000.0, 0.25)).abs() < 1e-15);
        assert!((n.mean_coupling()[[0, 0]] + 2.0 * 1000_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn nonsense_is_refused_with_its_place_and_range() {
        type Spoil = fn(&mut RateNetwork);
        let cases: [(Spoil, &str); 9] = [
            (|n| n.exponent = f64::NAN, "network.exponent"),
            (|n| n.exponent = 0.3, "0.5 to 1"),
            (|n| n.populations[0].in_degree = 0, "populations[0].in_degree"),
            (|n| n.populations[0].in_degree = 1001, "1 to size = 1000"),
            (|n| n.populations[0].bias = f64::INFINITY, "populations[0].bias"),
            (|n| n.mean[[0, 0]] = -1.0, "network.mean[0][0]"),
            (|n| n.spread[[0, 0]] = 0.0, "no gamma law"),
            (|n| n.populations.clear(), "empty"),
            (|n| n.mean = Array2::zeros((2, 1)), "[2, 1]"),
        ];
        for (spoil, expected) in cases {
            let mut n = network();
            spoil(&mut n);
            let message = n.validate().expect_err(expected).to_string();
            assert!(message.contains(expected), "{message}");
            assert!(!message.contains('\n'));
        }
        assert_eq!(network().validate(), Ok(()));
    }
}
