//! Networks of populations with connections drawn one by one, and external populations that drive them.

use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// N units in populations a with shares q_a; a unit of b sends to one of a with probability p_ab and weight j_ab/√N.
///
/// External populations x of q_x N units at rates r_x send in the same way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BernoulliNetwork {
    /// N.
    pub size: usize,
    /// q `[A]`, sum 1.
    #[serde(with = "crate::rows::list")]
    pub shares: Array1<f64>,
    /// p `[A × A]`, indexed [target, source].
    #[serde(with = "crate::rows")]
    pub probability: Array2<f64>,
    /// j `[A × A]` in mV, negative where the source inhibits.
    #[serde(with = "crate::rows")]
    pub strength: Array2<f64>,
    /// q_x `[X]`.
    #[serde(with = "crate::rows::list")]
    pub external_shares: Array1<f64>,
    /// r_x `[X]` in Hz.
    #[serde(with = "crate::rows::list")]
    pub external_rates: Array1<f64>,
    /// p_ax `[A × X]`.
    #[serde(with = "crate::rows")]
    pub external_probability: Array2<f64>,
    /// j_ax `[A × X]` in mV.
    #[serde(with = "crate::rows")]
    pub external_strength: Array2<f64>,
}

/// Why parameters make no such network.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum BernoulliError {
    /// A shape does not fit.
    #[error("{field}: shape {found:?} (allowed: {expected:?})")]
    Shape {
        /// Which.
        field: &'static str,
        /// Its shape.
        found: Vec<usize>,
        /// What it must be.
        expected: Vec<usize>,
    },
    /// A value is out of range.
    #[error("{field}: {value:?} (allowed: {allowed})")]
    Range {
        /// Which.
        field: &'static str,
        /// Its value.
        value: f64,
        /// What it may be.
        allowed: &'static str,
    },
}

impl BernoulliNetwork {
    /// Most units.
    pub const MOST: usize = 1_000_000;

    /// Refuses what no network can be.
    ///
    /// # Errors
    /// The first parameter found outside its range.
    pub fn validate(&self) -> Result<(), BernoulliError> {
        let (a, x) = (self.shares.len(), self.external_shares.len());
        let shape = |field, found: &[usize], expected: &[usize]| {
            let same = found == expected;
            same.then_some(()).ok_or_else(|| BernoulliError::Shape {
                field,
                found: found.to_vec(),
                expected: expected.to_vec(),
            })
        };
        shape("probability", self.probability.shape(), &[a, a])?;
        shape("strength", self.strength.shape(), &[a, a])?;
        shape("external_rates", self.external_rates.shape(), &[x])?;
        shape("external_probability", self.external_probability.shape(), &[a, x])?;
        shape("external_strength", self.external_strength.shape(), &[a, x])?;
        let range = |field, values: Vec<f64>, low: f64, high: f64, allowed| match values
            .into_iter()
            .find(|v| !(low..=high).contains(v))
        {
            Some(value) => Err(BernoulliError::Range { field, value, allowed }),
            None => Ok(()),
        };
        range("size", vec![self.size as f64], 1.0, Self::MOST as f64, "1 to 1000000")?;
        range("shares", self.shares.iter().copied().collect(), 0.0, 1.0, "0 to 1")?;
        range("sum of shares", vec![self.shares.sum()], 1.0 - 1e-9, 1.0 + 1e-9, "1")?;
        range("probability", self.probability.iter().copied().collect(), 0.0, 1.0, "0 to 1")?;
        range("external_probability", self.external_probability.iter().copied().collect(), 0.0, 1.0, "0 to 1")?;
        range("external_shares", self.external_shares.iter().copied().collect(), 0.0, 100.0, "0 to 100")?;
        range("external_rates", self.external_rates.iter().copied().collect(), 0.0, 1e6, "0 to 1e6")?;
        range(
            "strength",
            self.strength.iter().chain(&self.external_strength).copied().collect(),
            -1e9,
            1e9,
            "-1e9 to 1e9",
        )
    }

    /// W_ab = p_ab j_ab q_b `[A × A]` in mV: √N W r is the mean input of rates r.
    pub fn mean_coupling(&self) -> Array2<f64> {
        &self.probability * &self.strength * &self.shares
    }

    /// X_a = Σ_x p_ax j_ax q_x r_x `[A]` in mV Hz: √N X is the mean input from outside.
    pub fn mean_drive(&self) -> Array1<f64> {
        (&self.external_probability * &self.external_strength * &self.external_shares).dot(&self.external_rates)
    }

    /// Units of each population `[A]`; rounding falls on the last.
    pub fn counts(&self) -> Vec<usize> {
        let mut counts: Vec<usize> = self.shares.iter().map(|q| libm::round(q * self.size as f64) as usize).collect();
        if let Some(last) = counts.pop() {
            let others: usize = counts.iter().sum();
            counts.push(self.size.checked_sub(others).unwrap_or(last));
        }
        counts
    }

    /// Units of each external population `[X]`.
    pub fn external_counts(&self) -> Vec<usize> {
        self.external_shares.iter().map(|q| libm::round(q * self.size as f64) as usize).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn pair() -> BernoulliNetwork {
        crate::SpikingNetwork::baker_2019_pair(1001).connections
    }

    #[test]
    fn the_canonical_pair_has_its_mean_coupling_and_drive() {
        let network = pair();
        assert_eq!(network.validate(), Ok(()));
        let (w, x) = (array![[2.0, -3.0], [9.0, -5.0]], array![36.0, 27.0]);
        assert!((network.mean_coupling() - w).iter().all(|d: &f64| d.abs() < 1e-12));
        assert!((network.mean_drive() - x).iter().all(|d: &f64| d.abs() < 1e-12));
        assert_eq!((network.counts(), network.external_counts()), (vec![801, 200], vec![200]));
    }

    #[test]
    fn nonsense_is_refused_with_its_range() {
        type Spoil = fn(&mut BernoulliNetwork);
        let cases: [(Spoil, &str); 5] = [
            (|n| n.size = 0, "size: 0"),
            (|n| n.shares = array![0.5, 0.2], "sum of shares"),
            (|n| n.probability[[0, 1]] = 1.5, "probability: 1.5"),
            (|n| n.strength = Array2::zeros((1, 2)), "strength: shape [1, 2]"),
            (|n| n.external_rates[0] = f64::NAN, "external_rates: NaN"),
        ];
        for (spoil, expected) in cases {
            let mut network = pair();
            spoil(&mut network);
            let text = network.validate().expect_err(expected).to_string();
            assert!(text.contains(expected) && text.contains("allowed: "), "{text}");
        }
    }
}
