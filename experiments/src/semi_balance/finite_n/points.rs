//! Rates of simulations at each size, beside expansions about the limit.

use super::{ORDERS, Params};
use lab::Failure;
use ndarray::{Array1, Array2};
use semibalance::{Circuit, Finite, State, all_states};
use simulation::{Fate, RateDynamics, Transfer};

/// A circuit by name.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) circuit: Circuit,
}

/// What one case shows at one size.
pub(super) struct Point {
    pub(super) size: f64,
    /// Rates at which the dynamics settle.
    pub(super) end: Array1<f64>,
    /// r∞, + r₁/√N, + r₂/N, and so on.
    pub(super) expansion: Vec<Array1<f64>>,
    /// The state at this size by enumeration.
    pub(super) state: Array1<f64>,
    /// −W⁻¹(X − I/√N) of the active populations at N → ∞, with I from the simulation.
    pub(super) identity: Vec<(usize, f64)>,
}

pub(super) fn points(case: &Case, params: &Params) -> Result<Vec<Point>, Failure> {
    let refuse = |e: &dyn std::fmt::Display| Failure::Input(format!("{}: {e}", case.name));
    let n = case.circuit.populations();
    let finite = Finite::new(case.circuit.clone(), params.gain, Array1::from_elem(n, params.threshold))
        .map_err(|e| refuse(&e))?;
    let limit = only(all_states(&case.circuit).map_err(|e| refuse(&e))?.states, case)?;
    let terms = finite.expansion(&limit, ORDERS + 1).ok_or_else(|| refuse(&"W is singular on the support"))?;
    params
        .sizes
        .iter()
        .map(|&size| {
            let root = size.sqrt();
            let state =
                only(all_states(&finite.at(size).map_err(|e| refuse(&e))?).map_err(|e| refuse(&e))?.states, case)?.r;
            let (w, x) = (case.circuit.coupling(), case.circuit.drive());
            // [g(√N (W r + X) − θ)]₊ with g√N for the gain and θ/√N off the drive.
            let dynamics = RateDynamics {
                w: w.clone(),
                x: x - params.threshold / root,
                tau: Array1::ones(n),
                transfer: Transfer::RectifiedLinear { gain: params.gain * root },
            };
            let row = w.rows().into_iter().map(|row| row.iter().map(|w| w.abs()).sum::<f64>()).fold(0.0, f64::max);
            let step = 0.5 / (1.0 + params.gain * root * row);
            let Fate::Settled(end) = dynamics.run(&Array1::from_elem(n, 1.0), step, 400.0) else {
                return Err(refuse(&format!("the dynamics do not settle at N = {size}")));
            };
            let identity = identity(case, &limit, &end, params, root);
            let mut expansion = vec![limit.r.clone()];
            for (k, term) in terms.iter().enumerate() {
                let next = &expansion[k] + &(term * root.powi(-(k as i32 + 1)));
                expansion.push(next);
            }
            Ok(Point { size, end, expansion, state, identity })
        })
        .collect()
}

pub(super) fn only(mut states: Vec<State>, case: &Case) -> Result<State, Failure> {
    match (states.pop(), states.is_empty()) {
        (Some(state), true) => Ok(state),
        _ => Err(Failure::Input(format!("{}: not one state (allowed: exactly one)", case.name))),
    }
}

/// r_S = −W_SS⁻¹(X_S − I_S/√N) for the active populations S, with the input I = θ + r/g at which the simulated rates are stationary. NaN where W_SS is singular.
pub(super) fn identity(case: &Case, limit: &State, end: &Array1<f64>, params: &Params, root: f64) -> Vec<(usize, f64)> {
    let s = &limit.support;
    let w = Array2::from_shape_fn((s.len(), s.len()), |(a, b)| case.circuit.coupling()[[s[a], s[b]]]);
    let x = Array1::from_shape_fn(s.len(), |a| {
        let input = params.threshold + end[s[a]] / params.gain;
        // Populations that a finite network has not silenced yet drive the others.
        let silent = (0..end.len()).filter(|b| !s.contains(b));
        let rest: f64 = silent.map(|b| case.circuit.coupling()[[s[a], b]] * end[b]).sum();
        case.circuit.drive()[s[a]] + rest - input / root
    });
    let solved = semibalance::balanced(&Circuit::new(w, x).expect("entries stay in range")).rates;
    let rates = solved.unwrap_or_else(|| Array1::from_elem(s.len(), f64::NAN));
    s.iter().copied().zip(rates).collect()
}

pub(super) fn largest(difference: &Array1<f64>) -> f64 {
    crate::rows::largest(difference.iter().copied())
}
