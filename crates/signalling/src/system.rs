//! Reaction systems as a user writes them: species, reactions, signalling functions, the source.

use crate::error::{SignallingError, within};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Display};

/// A species.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Species {
    /// Its name.
    pub name: String,
    /// Amount at the beginning, in the unit of all amounts; 0 if left out. What reactions conserve follows from these.
    #[serde(default)]
    pub amount: f64,
    /// Whether it stays at its amount.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub clamped: bool,
}

/// A reaction by mass action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Reaction {
    /// A + B ⇌ AB.
    Binding {
        /// Its name.
        name: String,
        /// A and B.
        of: [String; 2],
        /// AB.
        complex: String,
        /// Rate of binding, per amount and time.
        kon: f64,
        /// Rate of unbinding, per time.
        koff: f64,
    },
    /// A + E ⇌ AE → products; E is among them where it is set free again.
    Enzymatic {
        /// Its name.
        name: String,
        /// A and E.
        of: [String; 2],
        /// AE.
        complex: String,
        /// What AE becomes.
        products: Vec<String>,
        /// Rate of binding, per amount and time.
        kon: f64,
        /// Rate of unbinding, per time.
        koff: f64,
        /// Rate of the products, per time.
        kcat: f64,
    },
    /// Reactants → products.
    Conversion {
        /// Its name.
        name: String,
        /// Reactants.
        of: Vec<String>,
        /// Products.
        products: Vec<String>,
        /// Rate, per time and per amount of each reactant but one.
        rate: f64,
    },
}

/// A protein signalling function: the output of a reaction against its input, while the source runs over its range.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// The reaction, whose name it has.
    pub reaction: String,
    /// Species whose amount is the input.
    pub input: String,
    /// Species whose amount is the output.
    pub output: String,
    /// Rates that may be adjusted: of a binding `koff`, of an enzyme `koff` and `kcat`, of a conversion `rate`, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rates: Option<Vec<Rate>>,
}

/// Rate constant of a reaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rate {
    /// Rate of binding.
    Kon,
    /// Rate of unbinding.
    Koff,
    /// Rate of the products of an enzyme.
    Kcat,
    /// Rate of a conversion.
    Rate,
}

/// What is varied from outside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The species: where it is clamped its amount, else its amount at the beginning.
    pub species: String,
    /// Smallest amount.
    pub from: f64,
    /// Largest amount.
    pub to: f64,
    /// Amounts, evenly spaced in their logarithm.
    pub points: usize,
}

/// Species, reactions, functions and the source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReactionSystem {
    /// Species.
    pub species: Vec<Species>,
    /// Reactions.
    pub reactions: Vec<Reaction>,
    /// Signalling functions.
    #[serde(default)]
    pub functions: Vec<Function>,
    /// The source.
    pub source: Source,
}

impl Rate {
    /// Key of a reaction that it stands at.
    fn key(self) -> &'static str {
        match self {
            Rate::Kon => "kon",
            Rate::Koff => "koff",
            Rate::Kcat => "kcat",
            Rate::Rate => "rate",
        }
    }
}

impl Reaction {
    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Reaction::Binding { name, .. } | Reaction::Enzymatic { name, .. } | Reaction::Conversion { name, .. } => {
                name
            }
        }
    }

    /// Rates that may be adjusted where nothing else is said: what only changes how fast the reaction is leaves its function as it is.
    pub fn adjustable(&self) -> &'static [Rate] {
        match self {
            Reaction::Binding { .. } => &[Rate::Koff],
            Reaction::Enzymatic { .. } => &[Rate::Koff, Rate::Kcat],
            Reaction::Conversion { .. } => &[Rate::Rate],
        }
    }

    /// A rate constant; `None` where the reaction has no such.
    pub fn rate(&self, which: Rate) -> Option<f64> {
        match (self, which) {
            (Reaction::Binding { kon, .. } | Reaction::Enzymatic { kon, .. }, Rate::Kon) => Some(*kon),
            (Reaction::Binding { koff, .. } | Reaction::Enzymatic { koff, .. }, Rate::Koff) => Some(*koff),
            (Reaction::Enzymatic { kcat, .. }, Rate::Kcat) => Some(*kcat),
            (Reaction::Conversion { rate, .. }, Rate::Rate) => Some(*rate),
            _ => None,
        }
    }

    /// A rate constant, to be changed.
    pub fn rate_mut(&mut self, which: Rate) -> Option<&mut f64> {
        match (self, which) {
            (Reaction::Binding { kon, .. } | Reaction::Enzymatic { kon, .. }, Rate::Kon) => Some(kon),
            (Reaction::Binding { koff, .. } | Reaction::Enzymatic { koff, .. }, Rate::Koff) => Some(koff),
            (Reaction::Enzymatic { kcat, .. }, Rate::Kcat) => Some(kcat),
            (Reaction::Conversion { rate, .. }, Rate::Rate) => Some(rate),
            _ => None,
        }
    }

    /// Its steps: reactants, products, rate.
    pub(crate) fn steps(&self) -> Vec<(Vec<&str>, Vec<&str>, Rate)> {
        fn all(names: &[String]) -> Vec<&str> {
            names.iter().map(String::as_str).collect()
        }
        match self {
            Reaction::Binding { of, complex, .. } => {
                vec![(all(of), vec![complex], Rate::Kon), (vec![complex], all(of), Rate::Koff)]
            }
            Reaction::Enzymatic { of, complex, products, .. } => vec![
                (all(of), vec![complex], Rate::Kon),
                (vec![complex], all(of), Rate::Koff),
                (vec![complex], all(products), Rate::Kcat),
            ],
            Reaction::Conversion { of, products, .. } => vec![(all(of), all(products), Rate::Rate)],
        }
    }
}

impl Function {
    /// Its name: that of the reaction.
    pub fn name(&self) -> &str {
        &self.reaction
    }
}

impl Source {
    /// Its amounts, in order.
    pub fn amounts(&self) -> Vec<f64> {
        let step = libm::log(self.to / self.from) / (self.points.max(2) - 1) as f64;
        (0..self.points).map(|k| self.from * libm::exp(step * k as f64)).collect()
    }
}

/// Most species: Newton's method solves for all of them.
pub const MOST_SPECIES: usize = 500;

impl ReactionSystem {
    /// Place of a species.
    ///
    /// # Errors
    /// [`SignallingError::Unknown`].
    pub fn place(&self, field: impl Display, name: &str) -> Result<usize, SignallingError> {
        self.species.iter().position(|own| own.name == name).ok_or_else(|| SignallingError::Unknown {
            field: field.to_string(),
            name: name.into(),
            known: list(self.species.iter().map(|own| own.name.as_str())),
        })
    }

    /// Place of a reaction.
    ///
    /// # Errors
    /// [`SignallingError::Unknown`].
    pub fn reaction(&self, field: impl Display, name: &str) -> Result<usize, SignallingError> {
        self.reactions.iter().position(|own| own.name() == name).ok_or_else(|| SignallingError::Unknown {
            field: field.to_string(),
            name: name.into(),
            known: list(self.reactions.iter().map(Reaction::name)),
        })
    }

    /// Place of a function.
    ///
    /// # Errors
    /// [`SignallingError::Unknown`].
    pub fn function(&self, field: impl Display, name: &str) -> Result<usize, SignallingError> {
        self.functions.iter().position(|own| own.name() == name).ok_or_else(|| SignallingError::Unknown {
            field: field.to_string(),
            name: name.into(),
            known: list(self.functions.iter().map(Function::name)),
        })
    }

    /// Rates of a function that may be adjusted.
    pub fn adjustable(&self, function: &Function) -> Vec<Rate> {
        let own = self.reactions.iter().find(|reaction| reaction.name() == function.reaction);
        function.rates.clone().unwrap_or_else(|| own.map_or_else(Vec::new, |own| own.adjustable().to_vec()))
    }

    /// Refuses what no system can be.
    ///
    /// # Errors
    /// The first key found to be wrong.
    pub fn validate(&self) -> Result<(), SignallingError> {
        let count = self.species.len();
        within(|| "species".into(), count as f64, (1..=MOST_SPECIES).contains(&count), "1 to 500")?;
        for (k, species) in self.species.iter().enumerate() {
            let Species { name, amount, .. } = species;
            let before = &self.species[..k];
            unique("species", name, before.iter().map(|own| own.name.as_str()))?;
            within(|| format!("species.{name}.amount"), *amount, (0.0..=1e15).contains(amount), "0 to 1e15")?;
        }
        within(|| "reactions".into(), 0.0, !self.reactions.is_empty(), "1 and more")?;
        let mut steps: Vec<Vec<Between>> = Vec::with_capacity(self.reactions.len());
        for (k, reaction) in self.reactions.iter().enumerate() {
            steps.push(reaction.steps().into_iter().map(between).collect());
            self.check_reaction(k, reaction, &steps)?;
        }
        for (k, function) in self.functions.iter().enumerate() {
            self.check_function(k, function)?;
        }
        let Source { species, from, to, points } = &self.source;
        self.place("source.species", species)?;
        within(|| "source.from".into(), *from, *from > 0.0 && *from <= 1e15, "above 0, to 1e15")?;
        within(|| "source.to".into(), *to, to > from && *to <= 1e15, "above from, to 1e15")?;
        within(|| "source.points".into(), *points as f64, (4..=10_000).contains(points), "4 to 10000")
    }

    /// Refuses reaction `k`, of which and of those before it `steps` are given.
    fn check_reaction(&self, k: usize, reaction: &Reaction, steps: &[Vec<Between>]) -> Result<(), SignallingError> {
        let name = reaction.name();
        unique("reactions", name, self.reactions[..k].iter().map(Reaction::name))?;
        let field = |key: &'static str| Key { of: "reactions", name, key };
        for rate in [Rate::Kon, Rate::Koff, Rate::Kcat, Rate::Rate] {
            let Some(value) = reaction.rate(rate) else { continue };
            within(|| field(rate.key()).to_string(), value, (0.0..=1e15).contains(&value), "0 to 1e15")?;
        }
        for (reactants, products) in &steps[k] {
            let (count, of) = (reactants.len(), || field("of").to_string());
            within(of, count as f64, (1..=3).contains(&count), "1 to 3 reactants")?;
            for species in reactants.iter().chain(products) {
                self.place(field("of, complex, products"), species)?;
            }
        }
        if let Reaction::Binding { of, complex, .. } | Reaction::Enzymatic { of, complex, .. } = reaction
            && of.contains(complex)
        {
            let problem = format!("{complex:?}, one of its parts (allowed: another species)");
            return Err(SignallingError::Other { field: field("complex").to_string(), problem });
        }
        if let Some(other) = steps[..k].iter().position(|other| other.iter().any(|step| steps[k].contains(step))) {
            let other = self.reactions[other].name().into();
            return Err(SignallingError::Twice { field: field("of").to_string(), other });
        }
        Ok(())
    }

    fn check_function(&self, k: usize, function: &Function) -> Result<(), SignallingError> {
        let name = function.name();
        let field = |key: &'static str| Key { of: "functions", name, key };
        unique("functions", name, self.functions[..k].iter().map(Function::name))?;
        let reaction = &self.reactions[self.reaction(field("reaction"), name)?];
        let input = self.place(field("input"), &function.input)?;
        let output = self.place(field("output"), &function.output)?;
        if input == output {
            let problem = format!("{:?}, its input (allowed: another species)", function.output);
            return Err(SignallingError::Other { field: field("output").to_string(), problem });
        }
        for (k, rate) in function.rates.iter().flatten().enumerate() {
            let called = rate.key();
            if function.rates.iter().flatten().take(k).any(|own| own == rate) {
                let problem = format!("{called} twice (allowed: each rate once)");
                return Err(SignallingError::Other { field: field("rates").to_string(), problem });
            }
            if reaction.rate(*rate).is_none_or(|value| value <= 0.0) {
                let problem = format!("{called} (allowed: rates of {name} that are above 0)");
                return Err(SignallingError::Other { field: field("rates").to_string(), problem });
            }
        }
        Ok(())
    }
}

/// Reactants and products of a step, each in the order of their names.
type Between<'n> = (Vec<&'n str>, Vec<&'n str>);

fn between<'n>((mut reactants, mut products, _): (Vec<&'n str>, Vec<&'n str>, Rate)) -> Between<'n> {
    reactants.sort_unstable();
    products.sort_unstable();
    (reactants, products)
}

/// Key of a reaction or a function, as text only where it is needed.
struct Key<'k> {
    of: &'static str,
    name: &'k str,
    key: &'static str,
}

impl Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}.{}.{}", self.of, self.name, self.key)
    }
}

fn list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

fn unique<'n>(field: &str, name: &str, mut before: impl Iterator<Item = &'n str>) -> Result<(), SignallingError> {
    if name.is_empty() || name.chars().any(char::is_control) || before.any(|own| own == name) {
        return Err(SignallingError::Name { field: field.into(), name: name.into() });
    }
    Ok(())
}
