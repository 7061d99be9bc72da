//! What theory and simulation are asked about, and what they say: one value for both sides.

use crate::{Estimate, Failure, Outcome};
use model::Seed;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// What theory and simulation are asked about: a network, how it is run, what is seen of it.
pub trait System: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Its name in files: `kind = "spiking-network"`.
    const KIND: &'static str;
    /// Whether all realisations are the same: a file then asks for none, and rows have no sampling error.
    const DETERMINISTIC: bool = false;
    /// Key of their number in files.
    const REALISATIONS: &'static str = "replicates";
    /// Whether realisations are small enough to be kept for other figures of the same command.
    const KEPT: bool = false;
    /// What one realisation shows.
    type Seen: Serialize + DeserializeOwned + Send + Sync + 'static;
    /// What theories say, with the errors that they admit.
    type Predicted: Send + Sync;

    /// What a figure relies on: names of populations, say. A file for that figure must have the same.
    fn shape(&self) -> String {
        String::new()
    }
    /// What is said of files of an old form: how it differs from the present one.
    const OLD_FORM: &'static str = "";
    /// A file of an old form in the present one; `None` if it is of no old form.
    fn renewed(_text: &str) -> Option<String> {
        None
    }

    /// Refuses what cannot be run.
    ///
    /// # Errors
    /// [`Failure::Input`]: the first key found outside its range, its value, what is allowed.
    fn validate(&self) -> Result<(), Failure>;
    /// Bytes that one realisation holds.
    fn memory(&self) -> f64;
    /// Work of one realisation, in any unit: the longest are begun first.
    fn work(&self) -> f64;
    /// Where it stands on the abscissa if nothing is swept.
    fn abscissa(&self) -> f64;
    /// Runs one realisation. The first of a case is wanted whole, for pictures.
    ///
    /// # Errors
    /// [`Failure::Input`] where the run shows that the system cannot be run.
    fn realise(&self, draw: Draw, detail: Detail) -> Result<Self::Seen, Failure>;
    /// What theories say; they know no seed.
    fn predict(&self) -> Self::Predicted;
    /// Adds a row for every theory that applies beside what was seen, and notes of what no row says.
    fn compare(measured: &Measured<Self>, outcome: &mut Outcome);
}

/// How much of a realisation is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// What rows need.
    Summary,
    /// All that was recorded.
    Whole,
}

/// Which random numbers: those of one realisation of one case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    /// Seed of the command.
    pub command: Seed,
    /// Number of the case; cases that share it share their random numbers.
    pub case: u64,
    /// Number of the realisation.
    pub replicate: u64,
}

/// Realisations of a case before the numbers of another's begin.
const OF_A_CASE: u64 = 1000;

impl Draw {
    /// Seed of this realisation alone.
    pub fn seed(self) -> Seed {
        // Past the thousandth realisation numbers go on where no case is.
        let (lap, place) = (self.replicate / OF_A_CASE, self.replicate % OF_A_CASE);
        self.command.replicate((lap << 40) + self.case * OF_A_CASE + place)
    }
}

/// One system among those that a plan goes through.
#[derive(Clone, Debug)]
pub struct Case<S> {
    /// Number of its plan.
    pub plan: usize,
    /// Number by which its random numbers are drawn; cases that share it share them.
    pub draw: u64,
    /// Label of the plan, and what is swept besides the abscissa.
    pub label: String,
    /// Position on the abscissa.
    pub x: f64,
    /// What was swept, with its value here.
    pub swept: Vec<(String, toml::Value)>,
    /// Realisations.
    pub replicates: usize,
    /// The system.
    pub system: S,
}

impl<S> Case<S> {
    /// Value of a number that is swept.
    pub fn swept_number(&self, axis: &str) -> Option<f64> {
        let (_, value) = self.swept.iter().find(|(own, _)| own == axis)?;
        value.as_float().or_else(|| value.as_integer().map(|n| n as f64))
    }
}

/// What was seen of a case, and what theories say of it.
pub struct Measured<S: System> {
    /// The case.
    pub case: Case<S>,
    /// In order of the realisations.
    pub seen: Vec<Arc<S::Seen>>,
    /// The theories.
    pub predicted: S::Predicted,
}

impl<S: System> Measured<S> {
    /// One number of every realisation, in order.
    pub fn each(&self, of: impl Fn(&S::Seen) -> f64) -> Vec<f64> {
        self.seen.iter().map(|seen| of(seen)).collect()
    }

    /// Mean over realisations of one number of each.
    pub fn estimate(&self, of: impl Fn(&S::Seen) -> f64) -> Estimate {
        Estimate::of(self.each(of))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_realisations_share_their_random_numbers() {
        let mut seen = HashSet::new();
        for case in 0..5 {
            for replicate in (0..3).chain(998..1003).chain(5000..5002) {
                let draw = Draw { command: Seed(7), case, replicate };
                assert!(seen.insert(draw.seed().0), "case {case}, realisation {replicate}");
            }
        }
    }
}
