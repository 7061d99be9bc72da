//! Networks of populations whose weights learn from trial to trial.

mod file;
mod lessons;

pub use lessons::{Factor, Lessons, Phase, Stimulus, parts};

use ndarray::{Array1, Array2, array};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Populations with rates τ_a dr_a/dt = −r_a + g [Σ_b W_ab r_b + X_a]₊, of which some weights learn: homeostatically, so that the population that
/// receives fires at its target.
///
/// Source: Vogels et al. 2011 and Zhu & Rosenbaum, as rates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "file::PlasticFile", into = "file::PlasticFile")]
pub struct PlasticNetwork {
    /// Names of the populations `[A]`.
    pub names: Vec<String>,
    /// g in Hz/mV.
    pub gain: f64,
    /// τ `[A]` in ms.
    pub tau: Array1<f64>,
    /// W `[A × A]` in mV/Hz before anything is learned, indexed [target, source].
    pub coupling: Array2<f64>,
    /// X `[A]` in mV without a stimulus.
    pub drive: Array1<f64>,
    /// Rates in Hz `[A]` that learning aims at; NaN where nothing is learned.
    pub target: Array1<f64>,
    /// Rules of the projections `[A × A]` that learn.
    pub rules: Array2<Option<Rule>>,
}

/// How a weight J learns from rates r_a of its target and r_b of its source, in a time T: never past 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "rule", deny_unknown_fields)]
pub enum Rule {
    /// dJ/dt = −η (r_a − r0_a) r_b.
    Additive {
        /// η in mV/Hz³ a second.
        rate: f64,
    },
    /// dJ/dt = −η |J| (r_a − r0_a) r_b.
    Multiplicative {
        /// η in 1/Hz² a second.
        rate: f64,
    },
}

impl Rule {
    /// dJ/dt in mV/Hz a second, of a weight in mV/Hz and rates in Hz; `above` is r_a − r0_a.
    pub fn drift(self, weight: f64, above: f64, source: f64) -> f64 {
        match self {
            Rule::Additive { rate } => -rate * above * source,
            Rule::Multiplicative { rate } => -rate * weight.abs() * above * source,
        }
    }

    /// A weight that does not change its sign: what it was before decides which it has.
    pub fn clipped(weight: f64, before: f64) -> f64 {
        if before > 0.0 { weight.max(0.0) } else { weight.min(0.0) }
    }

    /// η, in the unit of its rule.
    pub fn rate(self) -> f64 {
        match self {
            Rule::Additive { rate } | Rule::Multiplicative { rate } => rate,
        }
    }
}

/// Why parameters make no such network, or lessons do not fit it.
#[derive(Clone, Debug, Error, PartialEq)]
#[allow(missing_docs, reason = "fields say what the messages name")]
pub enum PlasticError {
    /// A number is out of range.
    #[error("{field}: {value:?} (allowed: {allowed})")]
    Range { field: String, value: f64, allowed: &'static str },
    /// Two of one name, or none.
    #[error("{what}: two are called {name:?}, or nothing (allowed: different names, not empty)")]
    Name { what: &'static str, name: String },
    /// A name that would mean several stimuli.
    #[error(
        "lessons.stimuli: {name:?} (allowed: names without +, which shows several at a time, and *, which multiplies)"
    )]
    Plus { name: String },
    /// Something that rates do not have.
    #[error("{field}: not of populations that are rates (allowed: in spiking networks)")]
    Cells { field: String },
    /// A key without effect.
    #[error("{field}: without effect (allowed: where there is an amplitude)")]
    Idle { field: String },
    /// A factor that is none.
    #[error("{field}: {name:?} (allowed: names, or numbers up to 1e6 and names as in 2*X, with + between them)")]
    Factor { field: String, name: String },
    /// One stimulus twice.
    #[error("{field}: {name:?} is shown twice (allowed: once in a turn, and once at a time)")]
    Repeated { field: String, name: String },
    /// Two values of one thing.
    #[error("{field}: there twice (allowed: once)")]
    Several { field: String },
    /// No such name.
    #[error("{field}: {name:?} (allowed: {known})")]
    Unknown { field: String, name: String, known: String },
    /// Something learns that has no target.
    #[error("network.populations.{name}.target: missing (allowed: above 0 Hz, as projections to it learn)")]
    Target { name: String },
    /// Nothing is shown.
    #[error("{field}: none (allowed: 1 and more)")]
    Empty { field: String },
}

/// Most populations: W is solved for its states in each trial.
pub const MOST_POPULATIONS: usize = 1000;

fn within(field: String, value: f64, ok: bool, allowed: &'static str) -> Result<(), PlasticError> {
    if ok { Ok(()) } else { Err(PlasticError::Range { field, value, allowed }) }
}

impl PlasticNetwork {
    /// A network in which nothing learns, with time constants of 10 ms.
    pub fn new(names: &[&str], gain: f64, coupling: Array2<f64>, drive: Array1<f64>) -> Self {
        let n = names.len();
        PlasticNetwork {
            names: names.iter().map(|name| (*name).into()).collect(),
            gain,
            tau: Array1::from_elem(n, 10.0),
            coupling,
            drive,
            target: Array1::from_elem(n, f64::NAN),
            rules: Array2::from_elem((n, n), None),
        }
    }

    /// With a rule for the projection from one population to another, which is to fire at `target` Hz.
    ///
    /// # Panics
    /// If there is no population of a name.
    pub fn learning(mut self, from: &str, to: &str, rule: Rule, target: f64) -> Self {
        let place = |name: &str| self.names.iter().position(|own| own == name).expect("a population");
        let (a, b) = (place(to), place(from));
        self.rules[[a, b]] = Some(rule);
        self.target[a] = target;
        self
    }

    /// Zhu & Rosenbaum's populations e1, e2 and i at N = 5000: inhibition onto all of them learns, towards 4 Hz and 8 Hz.
    ///
    /// Source: the authors' code, the mean-field networks of figures 2 and 3.
    pub fn zhu_rosenbaum() -> Self {
        let root = 5000_f64.sqrt();
        let coupling = array![[20.0, 20.0, -70.0], [20.0, 20.0, -70.0], [90.0, 90.0, -100.0]] * root / 1000.0;
        let drive = array![0.6, 0.6, 0.4] * root;
        // η_e = 5 (4000/√N)(N_e/2)/√N_e and η_i = 5 (2000/√N) N_i/√N_i in mV/kHz³ a s, N_e = 4000, N_i = 1000.
        let rate = |r: f64, cells: f64| Rule::Additive { rate: 5.0 * r / root * cells.sqrt() * 1e-6 };
        let (onto_e, onto_i) = (rate(2000.0, 4000.0), rate(2000.0, 1000.0));
        PlasticNetwork::new(&["e1", "e2", "i"], 1.0, coupling, drive)
            .learning("i", "e1", onto_e, 4.0)
            .learning("i", "e2", onto_e, 4.0)
            .learning("i", "i", onto_i, 8.0)
    }

    /// Refuses what no network can be.
    ///
    /// # Errors
    /// The first parameter found outside its range.
    pub fn validate(&self) -> Result<(), PlasticError> {
        let n = self.names.len();
        within("network.populations".into(), n as f64, (1..=MOST_POPULATIONS).contains(&n), "1 to 1000")?;
        within("network.gain".into(), self.gain, (1e-6..=1e6).contains(&self.gain), "1e-6 to 1e6")?;
        for (a, name) in self.names.iter().enumerate() {
            if name.is_empty() || self.names[..a].contains(name) {
                return Err(PlasticError::Name { what: "network.populations", name: name.clone() });
            }
            let field = |key: &str| format!("network.populations.{name}.{key}");
            within(field("tau"), self.tau[a], (1e-3..=1e6).contains(&self.tau[a]), "0.001 to 1e6")?;
            within(field("drive"), self.drive[a], self.drive[a].abs() <= 1e9, "-1e9 to 1e9")?;
            for (b, from) in self.names.iter().enumerate() {
                let field = |key: &str| format!("network.projections.{from}->{name}.{key}");
                let weight = self.coupling[[a, b]];
                within(field("strength"), weight, weight.abs() <= 1e9, "-1e9 to 1e9")?;
                let Some(rule) = self.rules[[a, b]] else { continue };
                within(field("plasticity.rate"), rule.rate(), (0.0..=1e9).contains(&rule.rate()), "0 to 1e9")?;
                let target = self.target[a];
                if target.is_nan() {
                    return Err(PlasticError::Target { name: name.clone() });
                }
                let field = format!("network.populations.{name}.target");
                within(field, target, target > 0.0 && target <= 1e6, "above 0, to 1e6")?;
            }
        }
        Ok(())
    }

    /// X `[A]` in mV with the stimuli of a trial.
    ///
    /// # Panics
    /// If the lessons have not been found to fit the network.
    pub fn driven(&self, lessons: &Lessons, shown: &str) -> Array1<f64> {
        let mut drive = self.drive.clone();
        for (factor, name) in parts(shown).expect("found to be right") {
            let stimulus = lessons.stimuli.iter().find(|own| own.name == name).expect("a stimulus of the lessons");
            for (population, added) in &stimulus.drive {
                drive[self.names.iter().position(|own| own == population).expect("a population")] += factor * added;
            }
        }
        drive
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn lessons() -> Lessons {
        let stimulus = |name: &str, e1: f64| Stimulus::new(name, &[("e1", e1)]);
        let phase = Phase::new("during", &["X1+Y1", ""], 4, true);
        Lessons { trial: 1.0, stimuli: vec![stimulus("X1", 3.0), stimulus("Y1", -1.0)], phases: vec![phase] }
    }

    #[test]
    fn drives_of_stimuli_add_up_and_are_shown_in_turn() {
        let (network, lessons) = (PlasticNetwork::zhu_rosenbaum(), lessons());
        assert_eq!(lessons.validate(&network.names, false), Ok(()));
        let phase = &lessons.phases[0];
        assert_eq!([phase.shown(0), phase.shown(1), phase.shown(2)], ["X1+Y1", "", "X1+Y1"]);
        let added = network.driven(&lessons, "X1+Y1") - &network.drive;
        assert!((added - array![2.0, 0.0, 0.0]).iter().all(|d| d.abs() < 1e-12));
        let multiplied = network.driven(&lessons, "-2*X1 + 0.5*Y1") - &network.drive;
        assert!((multiplied - array![-6.5, 0.0, 0.0]).iter().all(|d| d.abs() < 1e-12));
    }

    #[test]
    fn nonsense_is_refused_with_its_place_and_range() {
        type Spoil = fn(&mut PlasticNetwork, &mut Lessons);
        let cases: [(Spoil, &str); 18] = [
            (|_, l| l.stimuli[0].name = "X1+X2".into(), "names without +"),
            (|_, l| l.phases[0].stimuli[0] = "two*X1".into(), "\"two*X1\" (allowed: names, or numbers"),
            (|_, l| l.phases[0].amplitude = Some([0.0, 2.0]), "amplitude: not of populations that are rates"),
            (|_, l| l.stimuli[0].pattern = BTreeMap::from([("e1".into(), 1.0)]), "X1.pattern: not of populations"),
            (|_, l| l.phases[0].stimuli[1] = "X1+Y1".into(), "shown twice"),
            (|_, l| l.phases[0].stimuli[1] = "X1+X1".into(), "shown twice"),
            (|n, _| n.gain = 0.0, "network.gain: 0.0"),
            (|n, _| n.tau[0] = f64::NAN, "populations.e1.tau: NaN"),
            (|n, _| n.names[1] = "e1".into(), "two are called \"e1\""),
            (|n, _| n.target[2] = f64::NAN, "populations.i.target: missing"),
            (|n, _| n.rules[[0, 2]] = Some(Rule::Additive { rate: -1.0 }), "i->e1.plasticity.rate: -1.0"),
            (|_, l| l.trial = 0.0, "lessons.trial: 0.0"),
            (|_, l| l.stimuli[0].drive = BTreeMap::from([("x".into(), 1.0)]), "\"x\" (allowed: e1, e2, i)"),
            (|_, l| l.stimuli[0].name = "Y1".into(), "two are called \"Y1\""),
            (|_, l| l.phases[0].stimuli[0] = "X1+X3".into(), "\"X3\" (allowed: X1, Y1)"),
            (|_, l| l.phases[0].trials = 1, "phases.during.trials: 1.0"),
            (|_, l| l.phases.clear(), "lessons.phases: none"),
            (|_, l| l.phases[0].factors = vec![factor("e1", 2.0)], "during.factors: not of populations"),
        ];
        for (spoil, expected) in cases {
            let (mut network, mut lessons) = (PlasticNetwork::zhu_rosenbaum(), lessons());
            spoil(&mut network, &mut lessons);
            let text = network
                .validate()
                .and_then(|()| lessons.validate(&network.names, false))
                .expect_err(expected)
                .to_string();
            assert!(text.contains(expected), "{text}");
        }
    }

    fn factor(from: &str, factor: f64) -> Factor {
        Factor { from: from.into(), to: "i".into(), factor }
    }

    #[test]
    fn factors_are_of_a_phase_and_of_cells() {
        let names = PlasticNetwork::zhu_rosenbaum().names;
        let mut lessons = lessons();
        assert_eq!(lessons.phases[0].factors(&names), None);
        lessons.phases[0].factors = vec![factor("e1", 2.0), factor("i", 0.0)];
        assert_eq!(lessons.validate(&names, true), Ok(()));
        let expected = array![[1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [2.0, 1.0, 0.0]];
        assert_eq!(lessons.phases[0].factors(&names), Some(expected));
        for (factors, expected) in [
            (vec![factor("x", 1.0)], "factors.x->i: \"x\" (allowed: e1, e2, i)"),
            (vec![factor("e1", -1.0)], "factors.e1->i: -1.0 (allowed: 0 to 1e6)"),
            (vec![factor("e1", f64::NAN)], "factors.e1->i: NaN"),
            (vec![factor("e1", 1.0), factor("e1", 2.0)], "factors.e1->i: there twice"),
        ] {
            lessons.phases[0].factors = factors;
            let text = lessons.validate(&names, true).expect_err(expected).to_string();
            assert!(text.contains(expected), "{text}");
        }
    }
}
