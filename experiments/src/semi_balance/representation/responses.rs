//! Responses to two stimuli.

use super::super::networks::{stimulus_drive, two_and_inhibition};
use super::{AFFINE, NAMES, Params};
use lab::{Claim, Comparison, Estimate, Failure, Outcome, row};
use ndarray::Array1;
use semibalance::{Circuit, all_states, balanced};
use simulation::Fate;
use systems::circuit::Populations;

/// Rates at one stimulus.
pub(super) struct Response {
    /// Semi-balanced, N → ∞.
    pub(super) limit: Array1<f64>,
    /// −W⁻¹X.
    pub(super) balanced: Array1<f64>,
    /// At the finite gain, by enumeration.
    pub(super) state: Array1<f64>,
    /// At the finite gain, by the dynamics.
    pub(super) end: Array1<f64>,
}

pub(super) fn respond(params: &Params, first: f64, second: f64) -> Result<Response, Failure> {
    let refuse = |e: &dyn std::fmt::Display| Failure::Input(format!("stimuli {first} and {second} Hz: {e}"));
    let (w, x) = (two_and_inhibition(0.5), stimulus_drive(first, second));
    let circuit = Circuit::new(w.clone(), x.clone()).map_err(|e| refuse(&e))?;
    let only = |circuit: &Circuit| {
        let mut states = all_states(circuit).map_err(|e| refuse(&e))?.states;
        states.pop().filter(|_| states.is_empty()).map(|state| state.r).ok_or_else(|| refuse(&"not one state"))
    };
    let populations = Populations { w, tau: Array1::ones(x.len()), x, gain: params.gain };
    let Fate::Settled(end) = populations.end(&Array1::ones(NAMES.len())) else {
        return Err(refuse(&"the dynamics do not settle"));
    };
    let balanced = balanced(&circuit).rates.ok_or_else(|| refuse(&"W is singular"))?;
    Ok(Response { limit: only(&circuit)?, balanced, state: only(&populations.circuit()?)?, end })
}

/// r(a,b) + r(b,a) − r(a,a) − r(b,b), of each kind of rates.
pub(super) fn xor(params: &Params, half: f64) -> Result<[Array1<f64>; 4], Failure> {
    let (a, b) = (10.0 - half, 10.0 + half);
    let at = |first, second| respond(params, first, second).map(|r| [r.limit, r.balanced, r.state, r.end]);
    let (ab, ba, aa, bb) = (at(a, b)?, at(b, a)?, at(a, a)?, at(b, b)?);
    Ok(std::array::from_fn(|kind| &ab[kind] + &ba[kind] - &aa[kind] - &bb[kind]))
}

pub(super) fn compare_gap(
    half: f64,
    edge: f64,
    [limit, balanced, state, end]: [&Array1<f64>; 4],
    outcome: &mut Outcome,
) {
    let readout = |r: &Array1<f64>| r[0] + r[1] - 11.0 / 15.0 * r[2];
    let values = |r: &Array1<f64>| [("e1", r[0]), ("e2", r[1]), ("i", r[2]), ("readout", readout(r))];
    for (k, (name, simulated)) in values(end).into_iter().enumerate() {
        let panel = if k == 3 { "D" } else { "C" };
        let theories = [
            ("state at this gain", values(state)[k].1, Claim::Equals),
            ("semi-balanced, N to infinity", values(limit)[k].1, Claim::Contrast),
            // All three populations active: rates are affine in the stimuli at any gain. Beyond, that fails, as it should.
            (AFFINE, values(balanced)[k].1, if half < edge { Claim::Equals } else { Claim::Contrast }),
        ];
        for (theory_name, theory, claim) in theories {
            outcome.comparisons.push(Comparison {
                x: half,
                theory,
                simulation: Estimate::exact(simulated),
                claim,
                // Four rates of some 20 Hz that are each known to 1e-8.
                bias: 1e-6,
                scale: Some(20.0),
                ..row(panel, &format!("XOR gap, {name} (Hz)"), theory_name, "stimuli 10 - d, 10 + d")
            });
        }
    }
}
