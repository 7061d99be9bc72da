//! Comparison rows of this source, one field after the other.

use lab::{Claim, Comparison, Estimate};

/// A row that claims equality; `Comparison { theory, simulation, ..row(…) }` fills in the rest.
pub fn row(panel: &str, quantity: &str, theory_name: &str, label: &str) -> Comparison {
    Comparison {
        panel: panel.into(),
        quantity: quantity.into(),
        theory_name: theory_name.into(),
        claim: Claim::Equals,
        label: label.into(),
        x: 0.0,
        theory: f64::NAN,
        simulation: Estimate::exact(f64::NAN),
        bias: 0.0,
    }
}
