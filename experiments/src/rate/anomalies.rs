//! What a table of means would hide: frozen and silent realisations, and a step that is too long.

use crate::rate::Measured;
use lab::Estimate;
use model::Response;

/// One line for each thing that is out of the ordinary in one case.
pub fn anomalies(what: &str, measured: &Measured) -> Vec<String> {
    let all = measured.realisations.len();
    let network = &measured.case.network;
    let mut notes = Vec::new();
    for (index, population) in network.populations.iter().enumerate() {
        let (k, bias) = (population.in_degree, population.bias);
        let place = format!("{what}, {} (K = {k}, I = {bias})", population.name);
        let frozen = measured.frozen(index);
        if frozen > 0 {
            notes
                .push(format!("{place}: {frozen} of {all} realisations are frozen; means include them, beta does not"));
        }
        let silent = measured.realisations.iter().filter(|r| r.populations[index].silent()).count();
        if silent > 0 {
            notes.push(format!("{place}: {silent} of {all} realisations are silent: no unit is ever above threshold"));
        }
        if let Some(longest) = longest_step(measured, index) {
            let step = measured.case.protocol.step;
            notes.push(format!(
                "{place}: step {step} is too long for the common mode, which Euler makes oscillate above {longest:.3}"
            ));
        }
    }
    notes
}

/// The common mode of a population relaxes at the rate 1 + J √K E φ', and E φ' ≤ f for a response of
/// slope at most 1: forward Euler is unstable above 2 over that rate. `None` where the step is shorter.
fn longest_step(measured: &Measured, population: usize) -> Option<f64> {
    let network = &measured.case.network;
    if !matches!(network.response, Response::RectifiedTanh | Response::RectifiedLinear) {
        return None;
    }
    let f = Estimate::of(measured.each(population, |p| p.rates.active)).mean;
    let inhibition = -network.mean_coupling()[[population, population]];
    let longest = 2.0 / (1.0 + inhibition * f);
    (inhibition > 0.0 && measured.case.protocol.step > longest).then_some(longest)
}
