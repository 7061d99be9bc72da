//! Rules in the regime that inhibition stabilises.

use super::super::networks::{TARGETS, pair};
use super::super::watched::{SEEN, grown};
use lab::{Comparison, Estimate, Failure, Outcome, row};
use meanfield::growth_of_learning;

/// Pairs in which all weights learn, and how much faster those onto inhibition do.
pub(super) const PAIRS: [(&str, f64); 3] =
    [("equal rates", 1.0), ("onto i ten times faster", 10.0), ("onto i ten times slower", 0.1)];

/// What panel C shows, in 1/s.
pub(super) const GROWTH: &str = "growth rate of departures";

/// Excitatory and inhibitory populations all of whose weights learn to keep them at 5 and 14 Hz, rates and weights moving together, against the coupling
/// within excitation.
pub(super) fn homeostasis(couplings: usize, outcome: &mut Outcome) -> Result<(), Failure> {
    for (name, onto_i) in PAIRS {
        for k in 0..couplings {
            let coupling = 0.5 + 4.5 * k as f64 / (couplings - 1) as f64;
            let (network, state) = pair(coupling, onto_i);
            let theory = growth_of_learning(&network, &state).map_err(|e| Failure::Input(e.to_string()))?;
            let seen = grown(&network, &state);
            outcome.comparisons.push(Comparison {
                x: coupling,
                theory,
                simulation: Estimate::exact(seen),
                // Departures of up to 0.01 Hz bend growth by about their share of a rate, a five-hundredth.
                bias: SEEN.end / TARGETS[0] * theory.abs(),
                ..row("C", &format!("{GROWTH} (1/s)"), "linear stability", name)
            });
        }
    }
    Ok(())
}
