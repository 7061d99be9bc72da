//! Reaction networks: steady states by Newton's method, beside where the reactions lead in time.

use lab::{Claim, Comparison, Detail, Draw, Estimate, Failure, Outcome, System, row};
use serde::{Deserialize, Serialize};
use signalling::{Kinetics, ReactionSystem, SignallingError, Target, branch};

/// A reaction system, from the amounts at the beginning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReactionNetwork {
    /// Species, reactions, functions, the source.
    pub network: ReactionSystem,
    /// What functions are to become where they are adjusted; `compare` only checks it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Target>,
}

/// A reaction network that has been run.
pub type Measured = lab::Measured<ReactionNetwork>;

/// Amounts at one amount of the source.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct At {
    /// Amount of the source.
    pub source: f64,
    /// Amounts of all species.
    pub amounts: Vec<f64>,
}

/// What theory says at one amount of the source.
#[derive(Clone, Debug)]
pub struct Rest {
    /// Amounts at rest.
    pub at: At,
    /// Rate, per time, of the slowest departure from there.
    pub slowest: f64,
}

/// The theory, in the table.
pub const STEADY: &str = "steady state";

/// Amounts of the source that are looked at: the least, the middle one, the largest.
const LOOKS: usize = 3;

/// Error of a step in time, relative to each amount.
const TOLERANCE: f64 = 1e-9;

/// Share of the largest amount that counts as none.
const NOTHING: f64 = 1e-9;

/// Parts of a run, each twice as long as the one before, and the change in the last that counts as rest.
const MOST_PARTS: usize = 60;
const STILL: f64 = 1e-7;

/// Times of the slowest departure that reactions are run for: e⁻³⁰ is left of it.
const LONG: f64 = 30.0;

/// A failure of what the user has written.
pub fn refused(error: SignallingError) -> Failure {
    Failure::Input(error.to_string())
}

impl ReactionNetwork {
    fn looks(&self) -> Vec<f64> {
        let all = self.network.source.amounts();
        (0..LOOKS).map(|k| all[k * (all.len() - 1) / (LOOKS - 1)]).collect()
    }

    /// With the source at an amount.
    fn with(&self, amount: f64) -> ReactionSystem {
        let mut network = self.network.clone();
        let source = network.source.species.clone();
        network.species.iter_mut().filter(|own| own.name == source).for_each(|own| own.amount = amount);
        network
    }

    fn rest(&self, source: f64) -> Result<Rest, SignallingError> {
        let kinetics = Kinetics::new(&self.with(source))?;
        let none = |_| SignallingError::NoSteadyState { source_amount: source };
        let amounts = kinetics.settled().map_err(none)?;
        let slowest = kinetics.relaxation(&amounts).and_then(|rates| Some(-rates.first()?.re)).unwrap_or(f64::INFINITY);
        Ok(Rest { at: At { source, amounts }, slowest })
    }

    fn run(&self, source: f64) -> Result<At, SignallingError> {
        let kinetics = Kinetics::new(&self.with(source))?;
        let start: Vec<f64> = self.with(source).species.iter().map(|own| own.amount).collect();
        // As long as the slowest departure from where it has come to needs, which is known only there.
        let mut amounts = start;
        let mut time = 1.0;
        for _ in 0..MOST_PARTS {
            let before = amounts.clone();
            let Ok(next) = kinetics.run(&amounts, time, TOLERANCE, |_, _, _| true) else { break };
            amounts = next;
            let largest = amounts.iter().copied().fold(0.0, f64::max);
            let slowest = kinetics.relaxation(&amounts).and_then(|rates| Some(-rates.first()?.re));
            // What oscillates has not come back to where it was by chance.
            let still =
                amounts.iter().zip(&before).all(|(a, b)| (a - b).abs() <= STILL * a.max(*b) + STILL * STILL * largest);
            if still && slowest.is_none_or(|slowest| time * slowest >= LONG || slowest * largest <= 0.0) {
                return Ok(At { source, amounts });
            }
            time *= 2.0;
        }
        Err(SignallingError::Other {
            field: "network".into(),
            problem: format!("amounts do not come to rest in time, with {source} of the source"),
        })
    }
}

impl System for ReactionNetwork {
    const KIND: &'static str = "reaction-network";
    const DETERMINISTIC: bool = true;
    type Seen = Vec<At>;
    type Predicted = Result<Vec<Rest>, Failure>;

    fn validate(&self) -> Result<(), Failure> {
        self.network.validate().map_err(|e| Failure::Input(format!("network.{e}")))?;
        self.targets.iter().try_for_each(|target| target.validate(&self.network)).map_err(refused)
    }

    /// The matrices of a step.
    fn memory(&self) -> f64 {
        let n = self.network.species.len() as f64;
        100.0 * n * n + 1e4
    }

    fn work(&self) -> f64 {
        (self.network.species.len() as f64).powi(3)
    }

    fn shape(&self) -> String {
        let names: Vec<&str> = self.network.species.iter().map(|own| own.name.as_str()).collect();
        names.join(", ")
    }

    fn abscissa(&self) -> f64 {
        self.network.source.from
    }

    fn realise(&self, _: Draw, _: Detail) -> Result<Vec<At>, Failure> {
        self.looks().into_iter().map(|source| self.run(source).map_err(refused)).collect()
    }

    fn predict(&self) -> Result<Vec<Rest>, Failure> {
        self.looks().into_iter().map(|source| self.rest(source).map_err(refused)).collect()
    }

    fn compare(measured: &Measured, outcome: &mut Outcome) {
        let network = &measured.case.system.network;
        let label = &measured.case.label;
        let named = if label.is_empty() { String::new() } else { format!("{label}: ") };
        let rests = match &measured.predicted {
            Ok(rests) => rests,
            Err(failure) => {
                outcome.notes.push(format!("{named}no theory: {failure}"));
                return;
            }
        };
        if branch(network).is_ok_and(|points| points.iter().any(|point| point.fold)) {
            outcome
                .notes
                .push(format!("{named}several steady states belong to some amounts of {}", network.source.species));
        }
        for (seen, rest) in measured.seen[0].iter().zip(rests) {
            let largest = rest.at.amounts.iter().copied().fold(0.0, f64::max);
            // Where several states are stable the way in time decides which is reached.
            let apart = |(a, b): (&f64, &f64)| (a - b).abs() > 1e-3 * a.max(*b) && a.max(*b) > 1e3 * NOTHING * largest;
            let other = seen.amounts.iter().zip(&rest.at.amounts).any(apart);
            if other {
                outcome.notes.push(format!(
                    "{named}{} = {}: reactions lead to another state than the one that was solved for",
                    network.source.species, seen.source
                ));
            }
            let swept = measured.case.swept.is_empty();
            for (i, species) in network.species.iter().enumerate().filter(|(_, own)| !own.clamped) {
                outcome.comparisons.push(Comparison {
                    x: if swept { seen.source } else { measured.case.x },
                    theory: rest.at.amounts[i],
                    simulation: Estimate::exact(seen.amounts[i]),
                    bias: 1e-6 * rest.at.amounts[i] + NOTHING * largest,
                    claim: if other { Claim::Contrast } else { Claim::Equals },
                    // Of what there is next to nothing all of the amounts are the measure.
                    scale: Some(if rest.at.amounts[i] > 1e3 * NOTHING * largest {
                        rest.at.amounts[i]
                    } else {
                        largest
                    }),
                    ..row(
                        "-",
                        &format!("amount of {}{}", species.name, look(swept, network, seen.source)),
                        STEADY,
                        label,
                    )
                });
            }
        }
        for rest in rests {
            let (name, source) = (&network.source.species, rest.at.source);
            outcome.notes.push(format!(
                "{named}{name} = {source:.6}: the slowest departure goes by at {:.4e} per time",
                rest.slowest
            ));
        }
    }
}

/// Which amount of the source, where it is not the abscissa.
fn look(is_abscissa: bool, network: &ReactionSystem, source: f64) -> String {
    if is_abscissa { String::new() } else { format!(" at {} = {}", network.source.species, lab::short(source)) }
}
