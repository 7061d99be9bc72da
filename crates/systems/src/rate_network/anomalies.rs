//! What a table of means would hide: frozen and silent realisations, and a step that is too long.

use super::rows::{SYNCHRONOUS, is_synchronous, synchrony};
use super::{Measured, PopulationMeasure, each, frozen, mean};

/// One line for each thing that is out of the ordinary in one case.
pub(super) fn anomalies(measured: &Measured) -> Vec<String> {
    let all = measured.seen.len();
    let network = &measured.case.system.network;
    let mut notes = Vec::new();
    if is_synchronous(measured) {
        let label = &measured.case.label;
        let what = if label.is_empty() { String::new() } else { format!("{label}: ") };
        notes.push(format!(
            "{what}units fluctuate together (synchrony of eta: {:.2}; less than {SYNCHRONOUS} where theories of independent sources hold): they are shown \
             without a claim",
            synchrony(measured)
        ));
    }
    for (index, population) in network.populations.iter().enumerate() {
        let (k, bias) = (population.in_degree, population.bias);
        let what = if measured.case.label.is_empty() { String::new() } else { format!("{}, ", measured.case.label) };
        let place = format!("{what}{} (K = {k}, I = {bias})", population.name);
        let frozen = frozen(measured, index);
        if frozen > 0 {
            notes
                .push(format!("{place}: {frozen} of {all} realisations are frozen; means include them, beta does not"));
        }
        let silent = measured.seen.iter().filter(|r| r.populations[index].silent()).count();
        if silent > 0 {
            notes.push(format!("{place}: {silent} of {all} realisations are silent: no unit is ever above threshold"));
        }
        let undefined =
            each(measured, index, PopulationMeasure::decorrelation_time).iter().filter(|t| **t <= 0.0).count();
        if undefined > 0 {
            notes.push(format!(
                "{place}: in {undefined} of {all} realisations the integral of R is not positive; beta is that of their mean"
            ));
        }
        if overshoots(measured, index) {
            let step = measured.case.system.protocol().step;
            notes.push(format!("{place}: step {step} may be too long for the common mode, which it makes oscillate"));
        }
    }
    notes
}

/// The common mode of a population feels the gain G = J √K E φ', and one step multiplies it by d − (1 − d) G, d the
/// decay of the scheme: below −1 it grows. E φ' is taken as f times the slope at threshold, which is its bound for a
/// concave response; nothing is said of others.
fn overshoots(measured: &Measured, population: usize) -> bool {
    let (network, protocol) = (&measured.case.system.network, measured.case.system.protocol());
    let slope = network.response.slope();
    let f = mean(measured, population, |p| p.rates.active).mean;
    let gain = -network.mean_coupling()[[population, population]] * f * slope;
    slope.is_finite() && (1.0 - protocol.scheme.decay(protocol.step)) * (1.0 + gain) > 2.0
}
