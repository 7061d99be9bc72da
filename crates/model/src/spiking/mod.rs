//! Networks of integrate-and-fire neurons with connections drawn one by one.

mod file;
mod plasticity;
mod published;

pub use file::OldForm;
pub use plasticity::{PairRule, Plasticity};

use crate::weights::WeightMoments;
use crate::{BernoulliError, BernoulliNetwork, Neuron, NeuronError, WeightLaw};
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// N integrate-and-fire neurons in populations a, driven by one another, by external populations of Poisson processes and by constant
/// currents. With C = 1:
///
/// dV/dt = (E_L − V + Δ_T exp((V − V_T)/Δ_T))/τ + Σ_b I_b + I_a, τ_b dI_b/dt = −I_b + (j_ab/√N) Σ spikes of b,
///
/// so that each spike of b brings the charge j_ab/√N in mV, whatever its τ_b, or one of that mean where strengths differ. Leaky neurons lack the exponential.
///
/// Files list populations and projections; see `networks/spiking.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "file::NetworkFile", into = "file::NetworkFile")]
pub struct SpikingNetwork {
    /// Names of the populations `[A]`.
    pub names: Vec<String>,
    /// Constant currents `[A]` in mV/ms; none if empty.
    pub constant: Vec<f64>,
    /// V_lb in mV: no voltage falls below it. None if left out.
    pub floor: Option<f64>,
    /// Time in ms that a neuron stays at its reset after a spike.
    pub refractory: f64,
    /// Who sends to whom, how strongly, and what drives them from outside.
    pub connections: BernoulliNetwork,
    /// Correlation of the external spike trains; independent if left out.
    pub correlation: Option<Correlation>,
    /// What a population's spikes do `[A]`, by the population that sends.
    pub synapses: Vec<Synapses>,
    /// The same of external populations `[X]`.
    pub external_synapses: Vec<Synapses>,
    /// How projections between populations learn `[A × A]`, indexed [target, source].
    pub plasticity: Array2<Option<Plasticity>>,
    /// The neurons: one for each population `[A]`, or one for all.
    pub neurons: Vec<Neuron>,
}

/// How the spikes of one population act on their targets.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Synapses {
    /// τ_b in ms.
    pub tau: f64,
    /// Time from a spike to its arrival in ms, beyond the step that it takes anyway.
    #[serde(default)]
    pub delay: f64,
    /// Reversal potential in mV of a conductance g with dV/dt = … + g (E − V); strengths j are then dimensionless and positive. A current if
    /// left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reversal: Option<f64>,
    /// How strengths differ from synapse to synapse, about the j of their populations; not at all if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread: Option<Spread>,
}

/// A law of strengths that is drawn from for each synapse.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    /// Which.
    pub law: WeightLaw,
    /// Standard deviation of strengths over |j|; 0 for equal ones.
    pub variation: f64,
}

impl Spread {
    /// Of a strength in units of its mean.
    pub fn moments(self) -> WeightMoments {
        WeightMoments { mean: 1.0, sd: self.variation }
    }
}

impl Synapses {
    /// A current that decays in so many ms, without delay; all of one strength.
    pub fn current(tau: f64) -> Self {
        Synapses { tau, delay: 0.0, reversal: None, spread: None }
    }

    /// ⟨J²⟩ and ⟨J³⟩ of a strength J in units of its mean.
    pub fn moments(&self) -> [f64; 2] {
        let Some(spread) = self.spread.filter(|spread| spread.variation > 0.0) else { return [1.0, 1.0] };
        let second = 1.0 + spread.variation.powi(2);
        let third = spread.law.third_central_moment(spread.moments()).unwrap_or(f64::NAN);
        [second, third + 3.0 * second - 2.0]
    }
}

/// External spike trains that are copied from shared ones: any two have this correlation of counts over times beyond the jitter.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correlation {
    /// c: each spike of a shared train of rate r/c is taken with this probability.
    pub share: f64,
    /// Standard deviation of the Gaussian by which each copy is shifted, in ms.
    pub jitter: f64,
}

/// Why parameters make no such network.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum SpikingError {
    /// The connections.
    #[error("populations and projections: {0}")]
    Connections(#[from] BernoulliError),
    /// A neuron.
    #[error("{place}.{error}")]
    Neuron {
        /// That of all, or of which population.
        place: String,
        /// Why.
        error: NeuronError,
    },
    /// A kind of neuron that does not integrate and fire.
    #[error("{place}.kind: hodgkin-huxley (allowed in networks: leaky, exponential)")]
    Kind {
        /// As of [`SpikingError::Neuron`].
        place: String,
    },
    /// A key that must be there.
    #[error("{field}: missing")]
    Missing {
        /// Which.
        field: String,
    },
    /// A key that means nothing for this kind of population.
    #[error("{field}: without effect on this kind of population (allowed: none)")]
    Idle {
        /// Which.
        field: String,
    },
    /// Both of two keys, or neither.
    #[error("{place}: {} or {} (allowed: one of them)", keys[0], keys[1])]
    Either {
        /// Where.
        place: String,
        /// The keys.
        keys: [String; 2],
    },
    /// No population of this name.
    #[error("{field}: unknown population {name:?} (allowed: {known})")]
    Unknown {
        /// Where.
        field: String,
        /// The name.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// A projection that is there already.
    #[error("{place}: twice (allowed: one projection from a population to another)")]
    Twice {
        /// Which.
        place: String,
    },
    /// Spikes of a population that act differently on their targets.
    #[error(
        "{place}: projections of {population} differ in tau, delay, reversal or spread (allowed: the same for all of them)"
    )]
    Differs {
        /// Which population.
        population: String,
        /// The first projection that differs.
        place: String,
    },
    /// A list of the wrong length.
    #[error("{field}: {found} entries (allowed: {allowed})")]
    Length {
        /// Which.
        field: &'static str,
        /// Its length.
        found: usize,
        /// What it must be.
        allowed: String,
    },
    /// A value is out of range.
    #[error("{field}: {value:?} (allowed: {allowed})")]
    Range {
        /// Which.
        field: String,
        /// Its value.
        value: f64,
        /// What it may be.
        allowed: String,
    },
    /// A name that tables cannot hold, or that another population has.
    #[error("populations: name {name:?} (allowed: different names of printable characters)")]
    Name {
        /// The name.
        name: String,
    },
    /// A population that excites some and inhibits others.
    #[error("projections of {name}: strengths of both signs (allowed: one sign; two populations can have two)")]
    Signs {
        /// Name of the population.
        name: String,
    },
    /// A rule for synapses that are not there.
    #[error(
        "{place}: no synapse that could learn (allowed: where probability and strength are not 0; small ones can grow)"
    )]
    Nothing {
        /// Where.
        place: String,
    },
    /// A rule for synapses from outside.
    #[error("{place}: spikes come from outside (allowed: rules of projections between populations of neurons)")]
    Outside {
        /// Where.
        place: String,
    },
    /// A rule for synapses that excite.
    #[error("{place}: the projection excites (allowed: rules of projections that inhibit)")]
    Excites {
        /// Where.
        place: String,
    },
    /// A population without units.
    #[error("populations.{name}.share: {name} has no unit at size {size} (allowed: one and more)")]
    Empty {
        /// Which.
        name: String,
        /// N.
        size: usize,
    },
}

impl SpikingNetwork {
    /// Refuses what no network can be.
    ///
    /// # Errors
    /// The first parameter found outside its range.
    pub fn validate(&self) -> Result<(), SpikingError> {
        self.connections.validate()?;
        let (a, x) = (self.connections.shares.len(), self.connections.external_shares.len());
        let length = |field, found: usize, allowed: &[usize]| {
            let known = allowed.contains(&found);
            let words = allowed.iter().map(usize::to_string).collect::<Vec<_>>().join(" or ");
            known.then_some(()).ok_or(SpikingError::Length { field, found, allowed: words })
        };
        length("names", self.names.len(), &[a])?;
        for (index, name) in self.names.iter().enumerate() {
            let printable = !name.is_empty() && !name.chars().any(char::is_control);
            if !printable || self.names[..index].contains(name) {
                return Err(SpikingError::Name { name: name.clone() });
            }
        }
        length("constant", self.constant.len(), &[0, a])?;
        length("synapses", self.synapses.len(), &[a])?;
        length("external_synapses", self.external_synapses.len(), &[x])?;
        length("neurons", self.neurons.len(), &[1, a])?;
        for (index, neuron) in self.neurons.iter().enumerate() {
            let one = self.neurons.len() == 1;
            let place = if one { "neuron".into() } else { format!("populations.{}.neuron", self.names[index]) };
            neuron.validate().map_err(|error| SpikingError::Neuron { place: place.clone(), error })?;
            if matches!(neuron, Neuron::HodgkinHuxley(_)) {
                return Err(SpikingError::Kind { place });
            }
        }
        for (name, count) in self.names.iter().zip(self.connections.counts()) {
            if count == 0 {
                return Err(SpikingError::Empty { name: name.clone(), size: self.connections.size });
            }
        }
        let c = &self.connections;
        for (x, column) in c.strength.columns().into_iter().chain(c.external_strength.columns()).enumerate() {
            if column.iter().any(|j| *j > 0.0) && column.iter().any(|j| *j < 0.0) {
                let name = self.names.get(x).cloned().unwrap_or_else(|| format!("external population {}", x + 1 - a));
                return Err(SpikingError::Signs { name });
            }
        }
        for (index, &current) in self.constant.iter().enumerate() {
            within(format!("populations.{}.constant", self.names[index]), current, -1e6, 1e6)?;
        }
        within("refractory".into(), self.refractory, 0.0, 1e4)?;
        if let Some(floor) = self.floor {
            let lowest = (0..a).map(|a| self.reset(a)).fold(f64::INFINITY, f64::min);
            within("floor".into(), floor, -1e6, lowest)?;
        }
        if let Some(Correlation { share, jitter }) = self.correlation {
            within("correlation.share".into(), share, 1e-4, 1.0)?;
            within("correlation.jitter".into(), jitter, 0.0, 1e4)?;
        }
        let recurrent = self.synapses.iter().zip(self.connections.strength.columns()).enumerate();
        for (b, (synapses, strength)) in recurrent {
            synapses.validate(&format!("projections of {}: ", self.names[b]), strength)?;
        }
        let external = self.external_synapses.iter().zip(self.connections.external_strength.columns()).enumerate();
        for (x, (synapses, strength)) in external {
            synapses.validate(&format!("projections of external population {}: ", x + 1), strength)?;
        }
        if self.plasticity.dim() != (a, a) {
            return Err(SpikingError::Length {
                field: "plasticity",
                found: self.plasticity.len(),
                allowed: (a * a).to_string(),
            });
        }
        self.check_rules()
    }

    /// The neuron of population a.
    pub fn neuron(&self, a: usize) -> &Neuron {
        self.neurons.get(a).unwrap_or(&self.neurons[0])
    }

    /// V_re of population a in mV.
    pub fn reset(&self, a: usize) -> f64 {
        match self.neuron(a) {
            Neuron::Leaky(neuron) => neuron.reset,
            Neuron::Exponential(neuron) => neuron.reset,
            Neuron::HodgkinHuxley(_) => f64::NAN,
        }
    }

    /// Constant current to population a in mV/ms.
    pub fn constant(&self, a: usize) -> f64 {
        self.constant.get(a).copied().unwrap_or(0.0)
    }

    /// First unit of each population, and the number of units `[A + 1]`.
    pub fn starts(&self) -> Vec<usize> {
        let mut starts = vec![0];
        starts.extend(self.connections.counts().iter().scan(0, |end, n| {
            *end += n;
            Some(*end)
        }));
        starts
    }

    /// Whether all synapses carry currents: those that depend on the voltage have no W.
    pub fn is_current_based(&self) -> bool {
        self.synapses.iter().chain(&self.external_synapses).all(|s| s.reversal.is_none())
    }

    /// W_ab = p_ab j_ab q_b `[A × A]` in mV: √N W r is the mean input of rates r.
    pub fn mean_coupling(&self) -> Array2<f64> {
        self.connections.mean_coupling()
    }

    /// X_a `[A]` in mV Hz: √N X is the mean input from outside, of external populations and constant currents.
    pub fn mean_drive(&self) -> Array1<f64> {
        let root = (self.connections.size as f64).sqrt();
        let constant = (0..self.names.len()).map(|a| 1000.0 * self.constant(a) / root);
        self.connections.mean_drive() + constant.collect::<Array1<f64>>()
    }
}

impl Synapses {
    /// Refuses what is out of range; `place` stands before the key in what is said.
    fn validate(&self, place: &str, strength: ndarray::ArrayView1<f64>) -> Result<(), SpikingError> {
        within(format!("{place}tau"), self.tau, 1e-3, 1e6)?;
        within(format!("{place}delay"), self.delay, 0.0, 1e4)?;
        if let Some(reversal) = self.reversal {
            within(format!("{place}reversal"), reversal, -1e3, 1e3)?;
            if let Some(&value) = strength.iter().find(|j| **j < 0.0) {
                let allowed = "0 and more where synapses have a reversal potential".into();
                return Err(SpikingError::Range { field: format!("{place}strength"), value, allowed });
            }
        }
        if let Some(Spread { law, variation }) = self.spread {
            let field = format!("{place}spread.variation");
            within(field.clone(), variation, 0.0, 100.0)?;
            let allowed = |allowed: &str| Err(SpikingError::Range { field, value: variation, allowed: allowed.into() });
            if variation > 0.0 && !law.admits(WeightMoments { mean: 1.0, sd: variation }) {
                return allowed("0 for the constant law");
            }
            if variation > 0.0 && self.reversal.is_some() && law == WeightLaw::Gaussian {
                return allowed(
                    "0 for gaussian conductances, which would be negative; gamma and log-normal ones are not",
                );
            }
        }
        Ok(())
    }
}

fn within(field: String, value: f64, low: f64, high: f64) -> Result<(), SpikingError> {
    // Written so that NaN is refused.
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(SpikingError::Range { field, value, allowed: format!("{low} to {high}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neuron::HodgkinHuxley;

    fn pair() -> SpikingNetwork {
        SpikingNetwork::baker_2019_pair(1000)
    }

    #[test]
    fn constant_currents_drive_as_external_spikes_do() {
        let mut network = pair();
        assert_eq!(network.validate(), Ok(()));
        let by_spikes = network.mean_drive();
        network.connections.external_rates[0] = 0.0;
        let root = 1000_f64.sqrt();
        network.constant = by_spikes.iter().map(|x| x * root / 1000.0).collect();
        assert!((network.mean_drive() - by_spikes).iter().all(|d| d.abs() < 1e-12));
        assert_eq!(network.starts(), [0, 800, 1000]);
    }

    #[test]
    fn moments_of_strengths_are_those_of_their_law() {
        assert_eq!(Synapses::current(8.0).moments(), [1.0, 1.0]);
        // Gamma of shape k: ⟨J²⟩ = 1 + 1/k, ⟨J³⟩ = (1 + 1/k)(1 + 2/k).
        let spread = Some(Spread { law: WeightLaw::Gamma, variation: 0.5 });
        let [second, third] = Synapses { spread, ..Synapses::current(8.0) }.moments();
        assert!((second - 1.25).abs() < 1e-12 && (third - 1.25 * 1.5).abs() < 1e-12, "{second} {third}");
    }

    #[test]
    fn nonsense_is_refused_with_its_place_and_range() {
        type Spoil = fn(&mut SpikingNetwork);
        let cases: [(Spoil, &str); 15] = [
            (|n| n.names[1] = "e".into(), "name \"e\""),
            (|n| n.connections.strength[[0, 0]] = -1.0, "projections of e: strengths of both signs"),
            (|n| n.connections.probability[[0, 0]] = 1.5, "probability: 1.5"),
            (|n| n.synapses[1].tau = 0.0, "projections of i: tau: 0"),
            (|n| n.synapses[1].reversal = Some(-80.0), "projections of i: strength: -150"),
            (
                |n| n.synapses[0].spread = Some(Spread { law: WeightLaw::Gamma, variation: -1.0 }),
                "spread.variation: -1",
            ),
            (
                |n| n.synapses[0].spread = Some(Spread { law: WeightLaw::Constant, variation: 0.1 }),
                "0 for the constant law",
            ),
            (
                |n| {
                    n.synapses[0].reversal = Some(0.0);
                    n.connections.strength.mapv_inplace(f64::abs);
                    n.synapses[0].spread = Some(Spread { law: WeightLaw::Gaussian, variation: 0.2 });
                },
                "gaussian conductances",
            ),
            (|n| n.synapses.clear(), "synapses: 0 entries (allowed: 2)"),
            (|n| n.neurons.clear(), "neurons: 0 entries (allowed: 1 or 2)"),
            (|n| n.neurons[0] = Neuron::HodgkinHuxley(HodgkinHuxley::SQUID), "leaky, exponential"),
            (|n| n.floor = Some(-70.0), "floor: -70"),
            (|n| n.refractory = f64::NAN, "refractory: NaN"),
            (|n| n.correlation = Some(Correlation { share: 0.0, jitter: 5.0 }), "correlation.share: 0"),
            (|n| n.connections.size = 1, "has no unit"),
        ];
        for (spoil, expected) in cases {
            let mut network = pair();
            spoil(&mut network);
            let text = network.validate().expect_err(expected).to_string();
            assert!(text.contains(expected), "{text}");
        }
    }
}
