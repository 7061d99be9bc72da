//! How long an output takes: equal functions may differ in nothing else.

use crate::kinetics::Kinetics;
use crate::{ReactionSystem, SignallingError};

/// Share of the way to the new steady state.
const WAY: f64 = 0.632_120_558_828_557_7;

/// Error of a step, relative to each amount.
const TOLERANCE: f64 = 1e-10;

/// Longest wait, in times of the slowest reaction.
const PATIENCE: f64 = 200.0;

/// Time until `species` has come 1 − 1/e of its way to its new steady amount, from the steady state before, after the source has jumped from one amount to another; `None`
/// where it does not move, or swings back before.
///
/// # Errors
/// [`SignallingError::NoSteadyState`], and those of [`ReactionSystem::validate`].
pub fn response_time(
    system: &ReactionSystem,
    species: &str,
    [before, after]: [f64; 2],
) -> Result<Option<f64>, SignallingError> {
    let place = system.place("species", species)?;
    let source = system.place("source.species", &system.source.species)?;
    let mut kinetics = Kinetics::new(system)?;
    let mut rest = |amount: f64| {
        kinetics.start[source] = amount;
        kinetics.settled().map_err(|_| SignallingError::NoSteadyState { source_amount: amount })
    };
    let (mut from, to) = (rest(before)?, rest(after)?);
    let way = to[place] - from[place];
    let scale = to[place].abs().max(from[place].abs());
    if way.abs() <= 1e-9 * scale {
        return Ok(None);
    }
    // What is not clamped is added to what is free.
    from[source] = if system.species[source].clamped { after } else { from[source] + after - before };
    let slowest = kinetics.relaxation(&to).and_then(|rates| rates.first().map(|rate| -rate.re)).unwrap_or(f64::NAN);
    let time = PATIENCE / slowest;
    if time <= 0.0 || !time.is_finite() {
        return Ok(None);
    }
    let wanted = from[place] + WAY * way;
    let passed = |x: &[f64]| (x[place] - wanted) * way >= 0.0;
    // The step that passes it is then run in parts.
    let mut last = None;
    let mut begun = 0.0;
    kinetics.run(&from, time, TOLERANCE, |t, x, next| {
        if passed(next) {
            last = Some((begun, t - begun, x.to_vec()));
            return false;
        }
        begun = t;
        true
    })?;
    let Some((begun, step, x)) = last else { return Ok(None) };
    let (mut low, mut high) = (0.0, step);
    while high - low > 1e-9 * (begun + high) {
        let middle = 0.5 * (low + high);
        if passed(&kinetics.run(&x, middle, TOLERANCE, |_, _, _| true)?) { high = middle } else { low = middle }
    }
    Ok(Some(begun + 0.5 * (low + high)))
}
