//! What is refused.

use thiserror::Error;

/// Why a reaction system, or what is asked of it, is refused.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum SignallingError {
    /// A value is out of range.
    #[error("{field}: {} (allowed: {allowed})", shown(*value))]
    Range {
        /// Key of the value.
        field: String,
        /// The value.
        value: f64,
        /// What is allowed.
        allowed: &'static str,
    },
    /// There is no species, reaction or function of a name.
    #[error("{field}: {name:?} (allowed: {known})")]
    Unknown {
        /// Key of the name.
        field: String,
        /// The name.
        name: String,
        /// Names there are.
        known: String,
    },
    /// A name is given twice, or is none.
    #[error("{field}: {name:?} (allowed: a name of its own)")]
    Name {
        /// Key of the name.
        field: String,
        /// The name.
        name: String,
    },
    /// Two reactions have the same steps.
    #[error("{field}: the same step as in {other} (allowed: each step once)")]
    Twice {
        /// Key of the reaction.
        field: String,
        /// The other reaction.
        other: String,
    },
    /// What is given contradicts itself, or something else.
    #[error("{field}: {problem}")]
    Other {
        /// Key of it.
        field: String,
        /// What is wrong, and what is allowed.
        problem: String,
    },
    /// No steady state was found.
    #[error("no steady state{}", place(*.source_amount))]
    NoSteadyState {
        /// Amount of the source there; NaN where none was varied.
        source_amount: f64,
    },
}

/// A number without rows of zeros.
fn shown(value: f64) -> String {
    let plain = value == 0.0 || !value.is_finite() || (1e-5..1e15).contains(&value.abs());
    if plain { format!("{value}") } else { format!("{value:e}") }
}

fn place(amount: f64) -> String {
    if amount.is_nan() { String::new() } else { format!(" at {} of the source", shown(amount)) }
}

pub(crate) fn within(
    field: impl FnOnce() -> String,
    value: f64,
    ok: bool,
    allowed: &'static str,
) -> Result<(), SignallingError> {
    if ok { Ok(()) } else { Err(SignallingError::Range { field: field(), value, allowed }) }
}
