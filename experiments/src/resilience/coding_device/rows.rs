//! What is said of one coupling and memory, and of what coupling brings.

use super::watch::{INPUT, RESTED, Seen};
use super::{KINDS, Params};
use lab::{Claim, Comparison, Estimate, Outcome, row};
use meanfield::CoupledRing;

/// Share of output, or of trials, that coupling brings at least.
pub(super) const GAINED: f64 = 0.05;

/// Rows of one coupling and memory.
pub(super) fn compare(
    params: &Params,
    (coupling, stored): (f64, f64),
    label: &str,
    seen: &[Seen],
    outcome: &mut Outcome,
) {
    let of = |value: &dyn Fn(&Seen) -> f64| Estimate::of(seen.iter().map(value));
    let ring = CoupledRing { units: params.cells, neighbours: params.neighbours, coupling };
    let (signal, noise) = (0.5 * INPUT[1].powi(2), params.noise.powi(2));
    let mut push = |panel: &str, quantity: &str, name: &str, theory: f64, simulation: Estimate, claim: Claim| {
        let scale = Some(if claim == Claim::Lower { theory.max(simulation.mean) } else { theory });
        // What 20 τ leave of the way from 0: the slowest wave has τ.
        let bias = if panel == "A" { 2.0 * libm::exp(-RESTED) * theory } else { 0.0 };
        let own = row(panel, quantity, name, label);
        outcome.comparisons.push(Comparison { x: coupling, theory, simulation, bias, claim, scale, ..own });
    };
    if stored == 0.0 {
        // Without coupling all of it is kept, by definition.
        let claim = if coupling == 0.0 { Claim::Contrast } else { Claim::Equals };
        push("A", "share of noise kept", "1/(1 + cλ)²", ring.noise_kept(), of(&|own| own.kept), claim);
    }
    if stored == 0.0 && coupling == 0.0 {
        let input = ring.predictability(1, signal, noise);
        push("B", "share of input that repeats", "its variances", input, of(&|own| own.repeated[0]), Claim::Equals);
    }
    let bound = ring.predictability(1, signal, noise);
    let claim = if stored == 0.0 { Claim::Upper } else { Claim::Contrast };
    push("B", "share of output that repeats", "membranes at rest", bound, of(&|own| own.repeated[1]), claim);
    let chance = 1.0 / KINDS as f64;
    let memories = of(&|own| own.read[1]);
    match stored {
        0.0 => push("C", "memories read", "chance", chance, memories, Claim::Equals),
        _ => push("C", "memories read", "twice chance", 2.0 * chance, memories, Claim::Lower),
    }
    push("D", "patterns read", "twice chance", 2.0 * chance, of(&|own| own.read[0]), Claim::Lower);
}

/// What the last coupling brings beyond the first.
pub(super) fn gained(
    params: &Params,
    (stored, label): (f64, &str),
    [first, last]: [&[Seen]; 2],
    outcome: &mut Outcome,
) {
    let more = |value: fn(&Seen) -> f64| Estimate::of(first.iter().zip(last).map(|(a, b)| value(b) - value(a)));
    for (panel, quantity, simulation) in [
        ("B", "output that repeats, coupled less first", more(|own| own.repeated[1])),
        ("C", "memories read, coupled less first", more(|own| own.read[1])),
        ("D", "patterns read, coupled less first", more(|own| own.read[0])),
    ] {
        // Nothing is stored, nothing is read.
        if stored == 0.0 && panel == "C" {
            continue;
        }
        outcome.comparisons.push(Comparison {
            x: params.couplings.last().copied().unwrap_or(f64::NAN),
            theory: GAINED,
            simulation,
            claim: Claim::Lower,
            scale: Some(simulation.mean.max(GAINED)),
            ..row(panel, quantity, "coupling brings a twentieth", label)
        });
    }
}
