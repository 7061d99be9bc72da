//! A neuron of the user's own at constant currents.

use super::firing::{Params, near_rest, rates};
use lab::{Bench, CompareRequest, Failure, Outcome, SeriesTable};
use model::Neuron;

/// Theory beside simulation for the neuron of the request.
///
/// # Errors
/// [`Failure::Input`] for a file that cannot be read or run.
pub fn compare(request: &CompareRequest, _bench: &Bench) -> Result<Outcome, Failure> {
    let place = |e: &dyn std::fmt::Display| Failure::Input(format!("{}: {e}", request.path.display()));
    let params: Params = lab::input::parse_toml(&request.path, &request.text)?;
    params.neuron.validate().map_err(|e| place(&format!("neuron.{e}")))?;
    if params.currents.is_empty() {
        return Err(place(&"currents: none (allowed: 1 and more)"));
    }
    let mut outcome = Outcome::default();
    let mut table = SeriesTable::new();
    rates("-", "neuron", &params, &mut table, &mut outcome.comparisons).map_err(|e| place(&e))?;
    if let Neuron::HodgkinHuxley(neuron) = &params.neuron {
        near_rest("-", "neuron", neuron, &params.currents, &mut table, &mut outcome.comparisons)
            .map_err(|e| place(&e))?;
    }
    outcome.notes.push("rates at constant current; [drive] and sharpness belong to the figure".into());
    if outcome.comparisons.is_empty() {
        return Err(place(&"currents: the neuron has no oscillation about its rest at any of them"));
    }
    Ok(outcome)
}
