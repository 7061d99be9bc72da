//! How files describe spiking networks: a list of populations, and a list of projections between them.
//!
//! What the engine cannot do yet is refused here, with its place: spikes of one population have one time course, delay and spread for all
//! their targets.

use super::{Correlation, PairRule, Plasticity, SpikingError, SpikingNetwork, Spread, Synapses, within};
use crate::{BernoulliNetwork, Neuron};
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

/// A network in a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NetworkFile {
    /// N: number of neurons, of which populations have shares; left out where populations have sizes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<usize>,
    /// V_lb in mV.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    floor: Option<f64>,
    /// In ms.
    #[serde(default, skip_serializing_if = "is_zero")]
    refractory: f64,
    /// Correlation between the trains of all Poisson populations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    correlation: Option<Correlation>,
    /// Neurons of populations without a model of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    neuron: Option<Neuron>,
    populations: Vec<PopulationFile>,
    #[serde(default)]
    projections: Vec<ProjectionFile>,
}

/// A population in a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PopulationFile {
    name: String,
    #[serde(default, skip_serializing_if = "Kind::is_usual")]
    kind: Kind,
    /// Units; or their number over N.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    share: Option<f64>,
    /// Rate of a Poisson population, in Hz.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rate: Option<f64>,
    /// In mV/ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    constant: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    neuron: Option<Neuron>,
}

/// What a population consists of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    #[default]
    Neurons,
    Poisson,
}

impl Kind {
    fn is_usual(&self) -> bool {
        *self == Kind::Neurons
    }
}

/// A projection in a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProjectionFile {
    from: String,
    to: String,
    /// p; or K = p N_from, the mean number of inputs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    probability: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    in_degree: Option<f64>,
    /// j in mV: a spike brings j/√N; or that itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    strength: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    charge: Option<f64>,
    /// In ms.
    tau: f64,
    /// In ms.
    #[serde(default, skip_serializing_if = "is_zero")]
    delay: f64,
    /// In mV.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reversal: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    spread: Option<Spread>,
    /// Its rate is of the strength or of the charge, whichever is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    plasticity: Option<Plasticity>,
}

fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

/// Exactly one of two keys.
fn either<T>(place: &str, first: (&str, Option<T>), second: (&str, Option<T>)) -> Result<Result<T, T>, SpikingError> {
    match (first.1, second.1) {
        (Some(value), None) => Ok(Ok(value)),
        (None, Some(value)) => Ok(Err(value)),
        _ => Err(SpikingError::Either { place: place.into(), keys: [first.0.into(), second.0.into()] }),
    }
}

impl TryFrom<NetworkFile> for SpikingNetwork {
    type Error = SpikingError;

    fn try_from(file: NetworkFile) -> Result<Self, SpikingError> {
        let names: Vec<&str> = file.populations.iter().map(|p| p.name.as_str()).collect();
        for (index, name) in names.iter().enumerate() {
            if names[..index].contains(name) {
                return Err(SpikingError::Name { name: (*name).into() });
            }
        }
        let (own, external): (Vec<_>, Vec<_>) = file.populations.iter().partition(|p| p.kind == Kind::Neurons);
        if own.is_empty() {
            return Err(SpikingError::Missing { field: "populations of neurons".into() });
        }
        let size = match file.size {
            Some(size) => size,
            None => {
                if let Some(population) = own.iter().find(|p| p.size.is_none()) {
                    let place = format!("populations.{}", population.name);
                    return Err(SpikingError::Either {
                        place,
                        keys: ["size".into(), "share, with network.size".into()],
                    });
                }
                own.iter().filter_map(|p| p.size).sum()
            }
        };
        within("size".into(), size as f64, 1.0, BernoulliNetwork::MOST as f64)?;
        let share = |population: &&PopulationFile| -> Result<f64, SpikingError> {
            let place = format!("populations.{}", population.name);
            let units = population.size.map(|n| n as f64 / size as f64);
            either(&place, ("share", population.share), ("size", units)).map(|share| share.unwrap_or_else(|q| q))
        };
        let shares: Array1<f64> = own.iter().map(share).collect::<Result<_, _>>()?;
        let external_shares: Array1<f64> = external.iter().map(share).collect::<Result<_, _>>()?;
        for population in &file.populations {
            population.check()?;
        }
        let neuron = |population: &&PopulationFile| {
            let missing = || SpikingError::Missing { field: format!("populations.{}.neuron", population.name) };
            population.neuron.or(file.neuron).ok_or_else(missing)
        };
        let neurons = match file.neuron {
            Some(neuron) if own.iter().all(|p| p.neuron.is_none()) => vec![neuron],
            _ => own.iter().map(neuron).collect::<Result<_, _>>()?,
        };
        let constant = if own.iter().all(|p| p.constant.is_none()) {
            Vec::new()
        } else {
            own.iter().map(|p| p.constant.unwrap_or(0.0)).collect()
        };
        let (a, x) = (own.len(), external.len());
        let mut network = SpikingNetwork {
            names: own.iter().map(|p| p.name.clone()).collect(),
            constant,
            floor: file.floor,
            refractory: file.refractory,
            connections: BernoulliNetwork {
                size,
                shares,
                probability: Array2::zeros((a, a)),
                strength: Array2::zeros((a, a)),
                external_shares,
                external_rates: external.iter().map(|p| p.rate.unwrap_or(0.0)).collect(),
                external_probability: Array2::zeros((a, x)),
                external_strength: Array2::zeros((a, x)),
            },
            correlation: file.correlation,
            synapses: Vec::new(),
            external_synapses: Vec::new(),
            plasticity: Plasticity::none(a),
            neurons,
        };
        let of = |population: &&PopulationFile| population.name.clone();
        let sources: Vec<String> = own.iter().map(of).chain(external.iter().map(of)).collect();
        let mut synapses: Vec<Option<Synapses>> = vec![None; a + x];
        for (index, projection) in file.projections.iter().enumerate() {
            projection.enter(index, &sources, &mut network, &mut synapses)?;
        }
        // What sends nothing has a time course that matters nowhere: the slowest.
        let slowest = synapses.iter().flatten().map(|s| s.tau).fold(1.0, f64::max);
        let mut all = synapses.into_iter().map(|s| s.unwrap_or(Synapses::current(slowest)));
        network.synapses = all.by_ref().take(a).collect();
        network.external_synapses = all.collect();
        Ok(network)
    }
}

impl PopulationFile {
    /// Refuses values out of range, and keys that another kind has.
    fn check(&self) -> Result<(), SpikingError> {
        let field = |key: &str| format!("populations.{}.{key}", self.name);
        let idle = |key: &str, given: bool| if given { Err(SpikingError::Idle { field: field(key) }) } else { Ok(()) };
        match self.kind {
            Kind::Neurons => {
                idle("rate", self.rate.is_some())?;
                within(field("constant"), self.constant.unwrap_or(0.0), -1e6, 1e6)?;
                within(field("share"), self.share.unwrap_or(0.0), 0.0, 1.0)?;
                self.neuron.map_or(Ok(()), |neuron| {
                    neuron.validate().map_err(|error| SpikingError::Neuron {
                        place: format!("populations.{}.neuron", self.name),
                        error,
                    })
                })
            }
            Kind::Poisson => {
                idle("constant", self.constant.is_some())?;
                idle("neuron", self.neuron.is_some())?;
                within(field("share"), self.share.unwrap_or(0.0), 0.0, 100.0)?;
                let rate = self.rate.ok_or(SpikingError::Missing { field: field("rate") })?;
                within(field("rate"), rate, 0.0, 1e6)
            }
        }
    }
}

impl ProjectionFile {
    /// Puts the projection into the matrices of the network, whose sources are its populations and then the external ones.
    fn enter(
        &self,
        index: usize,
        sources: &[String],
        network: &mut SpikingNetwork,
        synapses: &mut [Option<Synapses>],
    ) -> Result<(), SpikingError> {
        let place = format!("projections.{}->{}", self.from, self.to);
        let find = |key: &str, name: &str, known: &[String]| {
            known.iter().position(|own| own == name).ok_or_else(|| SpikingError::Unknown {
                field: format!("projections[{index}].{key}"),
                name: name.into(),
                known: known.join(", "),
            })
        };
        let populations = network.names.len();
        let to = find("to", &self.to, &sources[..populations])?;
        let from = find("from", &self.from, sources)?;
        let c = &mut network.connections;
        let root = (c.size as f64).sqrt();
        let units = if from < populations { c.counts()[from] } else { c.external_counts()[from - populations] };
        let probability = either(&place, ("probability", self.probability), ("in_degree", self.in_degree))?
            .unwrap_or_else(|inputs| inputs / units as f64);
        within(format!("{place}.probability (in_degree over the units that send)"), probability, 0.0, 1.0)?;
        let strength = either(&place, ("strength", self.strength), ("charge", self.charge))?
            .unwrap_or_else(|charge| charge * root);
        within(format!("{place}.strength"), strength, -1e9, 1e9)?;
        let own = Synapses { tau: self.tau, delay: self.delay, reversal: self.reversal, spread: self.spread };
        own.validate(&format!("{place}."), ndarray::aview1(&[strength]))?;
        match synapses[from] {
            Some(other) if other != own => {
                return Err(SpikingError::Differs { population: self.from.clone(), place });
            }
            _ => synapses[from] = Some(own),
        }
        let (p, j) = if from < populations {
            (&mut c.probability[[to, from]], &mut c.strength[[to, from]])
        } else {
            (&mut c.external_probability[[to, from - populations]], &mut c.external_strength[[to, from - populations]])
        };
        if *p != 0.0 || *j != 0.0 {
            return Err(SpikingError::Twice { place });
        }
        (*p, *j) = (probability, strength);
        if let Some(rule) = self.plasticity {
            if from >= populations {
                return Err(SpikingError::Outside { place: format!("{place}.plasticity") });
            }
            let of_charge = self.charge.is_some() && rule.rule == PairRule::Additive;
            let rate = if of_charge { rule.rate * root } else { rule.rate };
            network.plasticity[[to, from]] = Some(Plasticity { rate, ..rule });
        }
        Ok(())
    }
}

impl From<SpikingNetwork> for NetworkFile {
    fn from(network: SpikingNetwork) -> Self {
        let c = &network.connections;
        let one = network.neurons.len() == 1;
        let mut populations = Vec::new();
        for (a, name) in network.names.iter().enumerate() {
            populations.push(PopulationFile {
                name: name.clone(),
                kind: Kind::Neurons,
                size: None,
                share: Some(c.shares[a]),
                rate: None,
                constant: network.constant.get(a).copied(),
                neuron: if one { None } else { network.neurons.get(a).copied() },
            });
        }
        let mut external = Vec::new();
        for x in 0..c.external_shares.len() {
            let mut name = if c.external_shares.len() == 1 { "x".to_owned() } else { format!("x{}", x + 1) };
            while network.names.contains(&name) {
                name.insert_str(0, "external ");
            }
            populations.push(PopulationFile {
                name: name.clone(),
                kind: Kind::Poisson,
                size: None,
                share: Some(c.external_shares[x]),
                rate: Some(c.external_rates[x]),
                constant: None,
                neuron: None,
            });
            external.push(name);
        }
        let recurrent = network.names.iter().zip(&network.synapses).enumerate();
        let recurrent = recurrent.map(|(b, (name, synapses))| (name, synapses, &c.probability, &c.strength, b));
        let outside = external.iter().zip(&network.external_synapses).enumerate();
        let outside =
            outside.map(|(x, (name, synapses))| (name, synapses, &c.external_probability, &c.external_strength, x));
        let mut projections = Vec::new();
        let is_own = |from: &String| network.names.contains(from);
        for (from, synapses, probability, strength, column) in recurrent.chain(outside) {
            for (a, to) in network.names.iter().enumerate() {
                if probability[[a, column]] == 0.0 {
                    continue;
                }
                projections.push(ProjectionFile {
                    from: from.clone(),
                    to: to.clone(),
                    probability: Some(probability[[a, column]]),
                    in_degree: None,
                    strength: Some(strength[[a, column]]),
                    charge: None,
                    tau: synapses.tau,
                    delay: synapses.delay,
                    reversal: synapses.reversal,
                    spread: synapses.spread,
                    plasticity: network.plasticity.get((a, column)).copied().flatten().filter(|_| is_own(from)),
                });
            }
        }
        NetworkFile {
            size: Some(c.size),
            floor: network.floor,
            refractory: network.refractory,
            correlation: network.correlation,
            neuron: one.then(|| network.neurons[0]),
            populations,
            projections,
        }
    }
}

/// The form that files had before: matrices by population.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OldForm {
    names: Vec<String>,
    #[serde(default)]
    constant: Vec<f64>,
    #[serde(default)]
    floor: Option<f64>,
    #[serde(default)]
    refractory: f64,
    connections: BernoulliNetwork,
    #[serde(default)]
    correlation: Option<Correlation>,
    synapses: Vec<Synapses>,
    external_synapses: Vec<Synapses>,
    neurons: Vec<Neuron>,
}

impl From<OldForm> for SpikingNetwork {
    fn from(old: OldForm) -> Self {
        let plasticity = Plasticity::none(old.names.len());
        SpikingNetwork {
            names: old.names,
            constant: old.constant,
            floor: old.floor,
            refractory: old.refractory,
            connections: old.connections,
            correlation: old.correlation,
            synapses: old.synapses,
            external_synapses: old.external_synapses,
            plasticity,
            neurons: old.neurons,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<SpikingNetwork, String> {
        toml::from_str(text).map_err(|e| e.message().to_owned())
    }

    const PAIR: &str = r#"
        neuron = { kind = "leaky", tau = 15.0, rest = -72.0, threshold = -50.0, reset = -75.0 }
        populations = [
            { name = "e", size = 800 },
            { name = "i", size = 200, constant = 0.5 },
            { name = "x", kind = "poisson", size = 100, rate = 10.0 },
        ]
        projections = [
            { from = "e", to = "e", probability = 0.1, strength = 25.0, tau = 8.0 },
            { from = "e", to = "i", in_degree = 80, charge = 1.0, tau = 8.0 },
            { from = "i", to = "e", probability = 0.1, strength = -150.0, tau = 4.0, delay = 1.0 },
            { from = "x", to = "e", probability = 0.2, strength = 180.0, tau = 10.0 },
        ]
    "#;

    #[test]
    fn populations_and_projections_make_the_matrices() {
        let network = read(PAIR).expect("a network");
        assert_eq!(network.validate(), Ok(()));
        let c = &network.connections;
        assert_eq!((c.size, c.counts(), c.external_counts()), (1000, vec![800, 200], vec![100]));
        assert_eq!(c.probability, ndarray::array![[0.1, 0.1], [0.1, 0.0]]);
        assert!((c.strength[[1, 0]] - 1000_f64.sqrt()).abs() < 1e-12, "a charge of 1 mV");
        assert_eq!((network.constant.as_slice(), network.synapses[1].delay), ([0.0, 0.5].as_slice(), 1.0));
        assert_eq!((c.external_strength[[0, 0]], network.external_synapses[0].tau), (180.0, 10.0));
    }

    #[test]
    fn networks_survive_being_written_and_read() {
        let baker = SpikingNetwork::baker_2019_pair(1001);
        for network in [baker, read(PAIR).expect("a network")] {
            let text = toml::to_string(&network).expect("TOML");
            assert_eq!(read(&text).as_ref(), Ok(&network), "{text}");
        }
    }

    #[test]
    fn what_files_say_wrongly_is_refused_with_its_place() {
        for (from, to, expected) in [
            ("size = 800", "size = 800, share = 0.8", "populations.e: share or size (allowed: one of them)"),
            ("size = 800", "share = 0.8", "populations.e: size or share, with network.size"),
            ("rate = 10.0", "rate = -1.0", "populations.x.rate: -1"),
            (", rate = 10.0", "", "populations.x.rate: missing"),
            ("constant = 0.5", "rate = 0.5", "populations.i.rate: without effect"),
            ("name = \"i\"", "name = \"e\"", "\"e\""),
            ("from = \"i\"", "from = \"j\"", "projections[2].from: unknown population \"j\" (allowed: e, i, x)"),
            (
                "from = \"x\", to = \"e\"",
                "from = \"x\", to = \"x\"",
                "projections[3].to: unknown population \"x\" (allowed: e, i)",
            ),
            ("probability = 0.2", "probability = 1.2", "projections.x->e.probability"),
            ("in_degree = 80", "in_degree = 900", "projections.e->i.probability"),
            ("in_degree = 80", "in_degree = 80, probability = 0.1", "projections.e->i: probability or in_degree"),
            ("charge = 1.0, tau = 8.0", "charge = 1.0, tau = 9.0", "projections of e differ"),
            ("tau = 4.0", "tau = 0.0", "projections.i->e.tau: 0"),
            ("from = \"e\", to = \"i\"", "from = \"e\", to = \"e\"", "projections.e->e: twice"),
            ("kind = \"leaky\"", "kind = \"leeky\"", "unknown variant"),
            ("from = \"i\"", "form = \"i\"", "unknown field"),
        ] {
            let message = read(&PAIR.replacen(from, to, 1)).expect_err(to);
            assert!(message.contains(expected), "{to}: {message}");
        }
    }
}
