//! Rate networks with broadly distributed weights: what is seen of one, and the theories of sparse balance beside it.

mod anomalies;
mod closures;
mod measure;
mod rows;

pub use closures::{CLOSURES, Closure, GGC_BETA};
pub use measure::{PopulationMeasure, Realisation};
pub use rows::{
    FILTER, GivenRatio, LawOfEta, Rows, SYNCHRONOUS, Tolerance, correlation_of_sources, is_synchronous, synchrony,
};

use lab::{Claim, Detail, Draw, Estimate, Failure, Outcome, System};
use meanfield::{balanced_rates, frozen_low_variance};
use measure::{LONGEST_LAG, RECORDED};
use model::{RateNetwork, WeightLaw};
use serde::{Deserialize, Serialize};
use simulation::{Protocol, Scheme, memory};

/// A rate network, and how it is run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateSystem {
    /// How it is run; if left out, by Euler's method for 600 τ, in steps that suit the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Protocol>,
    /// The network.
    pub network: RateNetwork,
}

/// A rate network that has been run.
pub type Measured = lab::Measured<RateSystem>;

impl RateSystem {
    /// How it is run.
    pub fn protocol(&self) -> Protocol {
        self.protocol.clone().unwrap_or_else(|| {
            let step = self.network.response.max_step().min(0.02);
            Protocol {
                step,
                scheme: Scheme::Euler,
                warm_up: if self.network.exponent > 0.75 { 150.0 } else { 100.0 },
                duration: 600.0,
                sampling: 5.0 * step,
            }
        })
    }
}

impl System for RateSystem {
    const KIND: &'static str = "rate-network";
    const KEPT: bool = true;
    type Seen = Realisation;
    type Predicted = ();

    fn validate(&self) -> Result<(), Failure> {
        self.network.validate().map_err(|e| Failure::Input(e.to_string()))?;
        let protocol = self.protocol();
        protocol.validate(self.network.response).map_err(|e| Failure::Input(e.to_string()))?;
        let lags = (LONGEST_LAG / protocol.sampling).round();
        if protocol.duration < 3.0 * LONGEST_LAG {
            return Err(Failure::Input(format!(
                "protocol.duration: {} (allowed: {} and above, three times the longest lag)",
                protocol.duration,
                3.0 * LONGEST_LAG
            )));
        }
        if !(8.0..=40_000.0).contains(&lags) {
            return Err(Failure::Input(format!(
                "protocol.sampling: {} (allowed: {} to {})",
                protocol.sampling,
                LONGEST_LAG / 40_000.0,
                LONGEST_LAG / 8.0
            )));
        }
        Ok(())
    }

    /// The simulation, and what watches it.
    fn memory(&self) -> f64 {
        let lags = LONGEST_LAG / self.protocol().sampling;
        let block = libm::exp2(libm::log2(lags.max(256.0)).ceil());
        let watched: f64 = self.network.populations.iter().map(|p| p.size.min(RECORDED) as f64 * 3.0).sum();
        // A block of samples, its transform, and both ends of the record; 80 bytes of sums a unit.
        memory(&self.network) + watched * (12.0 * block + 8.0 * lags) + 80.0 * self.network.size() as f64
    }

    fn work(&self) -> f64 {
        (self.network.size() as f64).powi(2) * self.protocol().steps() as f64
    }

    fn shape(&self) -> String {
        self.network.populations.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join(", ")
    }

    fn abscissa(&self) -> f64 {
        self.network.populations.first().map_or(f64::NAN, |p| p.in_degree as f64)
    }

    fn realise(&self, draw: Draw, _: Detail) -> Result<Realisation, Failure> {
        measure::realise(self, draw.seed())
    }

    /// The closures take the variance ratio from what was seen.
    fn predict(&self) {}

    fn compare(measured: &Measured, outcome: &mut Outcome) {
        outcome.notes.extend(anomalies::anomalies(measured));
        for population in 0..measured.case.system.network.populations.len() {
            compare_population(measured, population, outcome);
        }
    }
}

/// What is out of the ordinary in the cases of a figure, a line each.
pub fn anomalies(measured: &[Measured]) -> Vec<String> {
    measured.iter().flat_map(anomalies::anomalies).collect()
}

/// One number of a population in every realisation, in order.
pub fn each(measured: &Measured, population: usize, what: impl Fn(&PopulationMeasure) -> f64) -> Vec<f64> {
    measured.each(|seen| what(&seen.populations[population]))
}

/// Its mean over realisations.
pub fn mean(measured: &Measured, population: usize, what: impl Fn(&PopulationMeasure) -> f64) -> Estimate {
    Estimate::of(each(measured, population, what))
}

/// β of all realisations that move: 1 over the mean of their decorrelation times, its error to first order. A mean
/// of rates would be biased, and a realisation whose R integrates to nothing has none.
pub fn decorrelation_rate(measured: &Measured, population: usize) -> Estimate {
    inverse(each(measured, population, PopulationMeasure::decorrelation_time))
}

/// The same, corrected for the removal of the means.
pub fn decorrelation_rate_corrected(measured: &Measured, population: usize) -> Estimate {
    inverse(each(measured, population, PopulationMeasure::decorrelation_time_corrected))
}

/// How many realisations are frozen in a population.
pub fn frozen(measured: &Measured, population: usize) -> usize {
    measured.seen.iter().filter(|seen| seen.populations[population].frozen()).count()
}

/// 1 over a mean; NaN where that is not positive.
fn inverse(times: Vec<f64>) -> Estimate {
    let mean = Estimate::of(times.iter().copied()).mean;
    let rate = if mean > 0.0 { 1.0 / mean } else { f64::NAN };
    Estimate::of(times.into_iter().map(|time| rate * (2.0 - time / mean)))
}

fn compare_population(measured: &Measured, population: usize, outcome: &mut Outcome) {
    let network = &measured.case.system.network;
    let own = &network.populations[population];
    let label = match measured.case.label.as_str() {
        "" => own.name.clone(),
        label => format!("{label}, {}", own.name),
    };
    let x = if measured.case.swept.is_empty() { own.in_degree as f64 } else { measured.case.x };
    let Outcome { comparisons, notes, .. } = outcome;
    let mut rows = Rows { rows: comparisons, panel: "-", label: &label, x };
    for closure in &CLOSURES {
        rows.add_closure(closure, population, measured, notes);
    }
    let activity = |what: fn(&PopulationMeasure) -> f64| mean(measured, population, what);
    let mut contrast = |quantity: &str, name: &str, theory: f64, seen: Estimate| {
        rows.add(quantity, name, Claim::Contrast, theory, seen, 0.0);
    };
    if let Some(rates) = balanced_rates(network).ok().and_then(|balanced| balanced.rates) {
        contrast("m", "balanced -W^-1 X", rates[population], activity(|p| p.rates.mean));
    }
    if let Ok(frozen) = frozen_low_variance(network) {
        contrast("f", "(e) frozen", frozen.rates.active, activity(|p| p.rates.active));
        contrast("m", "(e) frozen", frozen.rates.mean, activity(|p| p.rates.mean));
    }
    rows.add_exact(measured, population);
    let mut contrast = |quantity: &str, name: &str, theory: f64, seen: Estimate| {
        rows.add(quantity, name, Claim::Contrast, theory, seen, 0.0);
    };
    let corrected = decorrelation_rate_corrected(measured, population);
    let one_rate = 1.0 / (1.0 + corrected.mean);
    contrast("temporal var x / var eta", "1/(1 + beta_c)", one_rate, activity(PopulationMeasure::ratio_temporal));
    contrast("total var x / var eta", "1/(1 + beta_c)", one_rate, activity(PopulationMeasure::ratio_total));
    let from_ratio = activity(PopulationMeasure::beta_from_ratio).mean;
    contrast("beta (1/τ)", "beta_L from the temporal ratio", from_ratio, decorrelation_rate(measured, population));
    contrast("beta_c (1/τ)", "beta_L from the temporal ratio", from_ratio, corrected);
    if network.law == WeightLaw::Gamma && network.populations.len() == 1 {
        // The law of η is a gamma law for binary activities only.
        if network.response.is_binary() {
            rows.add_law_of_eta(measured, population);
        }
        let law = LawOfEta::of(measured, population);
        rows.add("alpha", "m K^nu J^2/g^2", Claim::Contrast, law.alpha.mean, law.shape, 0.0);
    }
}
