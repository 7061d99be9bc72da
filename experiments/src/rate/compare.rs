//! A network of the user's own: every theory that applies beside the simulation.

use crate::rate::{CLOSURES, Case, GivenRatio, LawOfEta, Measured, PopulationMeasure, Rows, Sweep, measure_all};
use lab::{Bench, Claim, CompareRequest, Estimate, Failure, Outcome};
use meanfield::{balanced_rates, frozen_low_variance};
use model::{RateNetwork, WeightLaw};
use serde::Deserialize;
use simulation::{Protocol, Scheme};

/// Most realisations that a file may ask for.
const MOST_REPLICATES: usize = 100_000;

/// What a file may hold: a network, and all else at will.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    replicates: Option<usize>,
    protocol: Option<Protocol>,
    /// Of a figure's parameters; `compare` runs the one network.
    sweep: Option<Sweep>,
    network: RateNetwork,
}

/// Theory beside simulation for the network of the request.
///
/// # Errors
/// [`Failure::Input`] for a file that cannot be read or run.
pub fn compare(request: &CompareRequest, bench: &Bench) -> Result<Outcome, Failure> {
    let file: File = lab::input::parse_toml(&request.path, &request.text)?;
    let place = |e: &dyn std::fmt::Display| Failure::Input(format!("{}: {e}", request.path.display()));
    file.network.validate().map_err(|e| place(&e))?;
    let protocol = file.protocol.unwrap_or_else(|| default_protocol(&file.network));
    protocol.validate(file.network.response).map_err(|e| place(&e))?;
    let replicates = request.replicates.or(file.replicates).unwrap_or(5);
    if replicates == 0 || replicates > MOST_REPLICATES {
        return Err(place(&format!(
            "replicates: {replicates} (allowed: 1 to {MOST_REPLICATES}; 3 or more for an error bar)"
        )));
    }
    let case = Case { network: file.network, protocol };
    request.memory.check(&request.path.display().to_string(), case.memory())?;
    let mut outcome = Outcome::default();
    let measured = measure_all(&[(case, replicates)], "compare", request.seed, bench, &mut outcome.notes)?.remove(0);
    if file.sweep.is_some_and(|s| toml::Value::try_from(&s).is_ok_and(|v| v.as_table().is_some_and(|t| !t.is_empty())))
    {
        outcome.notes.push("[sweep] belongs to the figure; compare runs [network] as it stands".into());
    }
    for population in 0..measured.case.network.populations.len() {
        compare_population(&measured, population, &mut outcome);
    }
    Ok(outcome)
}

fn default_protocol(network: &RateNetwork) -> Protocol {
    let step = network.response.max_step().min(0.02);
    Protocol {
        step,
        scheme: Scheme::Euler,
        warm_up: if network.exponent > 0.75 { 150.0 } else { 100.0 },
        duration: 600.0,
        sampling: 5.0 * step,
    }
}

fn compare_population(measured: &Measured, population: usize, outcome: &mut Outcome) {
    let network = &measured.case.network;
    let name = &network.populations[population].name;
    let Outcome { comparisons, notes, .. } = outcome;
    let x = network.populations[population].in_degree as f64;
    let mut rows = Rows { rows: comparisons, panel: "-", label: name, x };
    for closure in &CLOSURES {
        match GivenRatio::new(measured, population, closure) {
            Ok(given) => rows.add_static(closure, &given, measured),
            Err(error) => notes.push(format!("{name}: {}: {error}", closure.name)),
        }
    }
    let activity = |what: fn(&PopulationMeasure) -> f64| Estimate::of(measured.each(population, what));
    if let Some(rates) = balanced_rates(network).ok().and_then(|balanced| balanced.rates) {
        rows.add("m", "balanced -W^-1 X", Claim::Contrast, rates[population], activity(|p| p.rates.mean), 0.0);
    }
    if let Ok(frozen) = frozen_low_variance(network) {
        rows.add("f", "(e) frozen", Claim::Contrast, frozen.rates.active, activity(|p| p.rates.active), 0.0);
        rows.add("m", "(e) frozen", Claim::Contrast, frozen.rates.mean, activity(|p| p.rates.mean), 0.0);
    }
    rows.add_exact(measured, population);
    let inverse = |beta: f64| 1.0 / (1.0 + beta);
    let beta_c = measured.beta_corrected(population);
    rows.add(
        "temporal var x / var eta",
        "1/(1 + beta_c)",
        Claim::Contrast,
        inverse(beta_c.mean),
        activity(PopulationMeasure::ratio_temporal),
        0.0,
    );
    rows.add(
        "total var x / var eta",
        "1/(1 + beta_c)",
        Claim::Contrast,
        inverse(beta_c.mean),
        activity(PopulationMeasure::ratio_total),
        0.0,
    );
    let from_ratio = activity(PopulationMeasure::beta_from_ratio);
    rows.add(
        "beta",
        "beta_L from the temporal ratio",
        Claim::Contrast,
        from_ratio.mean,
        measured.beta(population),
        0.0,
    );
    rows.add("beta_c", "beta_L from the temporal ratio", Claim::Contrast, from_ratio.mean, beta_c, 0.0);
    if network.law == WeightLaw::Gamma && network.populations.len() == 1 {
        // The law of η is a gamma law for binary activities only.
        if network.response.is_binary() {
            rows.add_law_of_eta(measured, population);
        }
        let law = LawOfEta::of(measured, population);
        rows.add("alpha", "m K^nu J^2/g^2", Claim::Contrast, law.alpha.mean, law.shape, 0.0);
    }
}
