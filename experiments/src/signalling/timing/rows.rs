//! Times of the pathway and of single functions.

use super::{CUBIC, JUMP};
use lab::{Claim, Comparison, Estimate, Failure, Outcome, row};
use signalling::{
    Curve, Rate, Reaction, ReactionSystem, Source, Species, binding_relaxation, response_time, steady_states,
};
use systems::reaction_network::refused;

/// With kon and koff of a binding so many times as large.
pub(super) fn faster(system: &ReactionSystem, name: &str, speed: f64) -> Result<ReactionSystem, Failure> {
    scaled(system, name, &[Rate::Kon, Rate::Koff], speed)
}

pub(super) fn scaled(system: &ReactionSystem, name: &str, rates: &[Rate], by: f64) -> Result<ReactionSystem, Failure> {
    let mut other = system.clone();
    let place = other.reaction("reactions", name).map_err(refused)?;
    for rate in rates {
        if let Some(rate) = other.reactions[place].rate_mut(*rate) {
            *rate *= by;
        }
    }
    Ok(other)
}

/// Times at three speeds beside independent numbers, and the least that the adjusted pathway needs.
pub(super) fn times(
    before: &ReactionSystem,
    after: &ReactionSystem,
    (usual, floor): (f64, f64),
    outcome: &mut Outcome,
) -> Result<(), Failure> {
    for (label, system, known, bias) in [
        ("as it was", before, [4.82044223, 0.810331056, 0.38443315], 1e-5),
        // koff that was adjusted differs by 1.1e-4 from that of the independent search, and times go with it at most.
        ("adjusted", after, [62.5728588, 7.67762319, 1.9137393], 2e-4),
    ] {
        for (speed, theory) in [0.1, 1.0, 10.0].into_iter().zip(known) {
            let seen = response_time(&faster(system, "GAC5Ca", speed)?, "GAC5Ca", JUMP).map_err(refused)?;
            outcome.comparisons.push(Comparison {
                x: speed,
                theory,
                simulation: Estimate::exact(seen.unwrap_or(f64::NAN)),
                bias: bias * theory,
                ..row("A", "time of GAC5Ca (s)", "reference:independent integration", label)
            });
        }
    }
    outcome.comparisons.push(Comparison {
        x: 1e5,
        theory: 1.23,
        simulation: Estimate::exact(floor),
        // Three digits.
        bias: 5e-3,
        ..row("A", "time at any speed of the target reaction (s)", "reference:independent integration", "adjusted")
    });
    outcome.comparisons.push(Comparison {
        x: 1e5,
        theory: usual,
        simulation: Estimate::exact(floor),
        claim: Claim::Lower,
        ..row("A", "time at any speed of the target reaction (s)", "slower than the pathway was", "adjusted")
    });
    Ok(())
}

/// A binding alone after a small step.
pub(super) fn alone(total: f64, outcome: &mut Outcome) -> Result<(), Failure> {
    let (a, kon, koff) = (10.0, 0.01, 0.78);
    let species = |name: &str, amount: f64| Species { name: name.into(), amount, clamped: false };
    let system = ReactionSystem {
        species: vec![species("A", a), species("B", total), species("AB", 0.0)],
        reactions: vec![Reaction::Binding {
            name: "AB".into(),
            of: ["A".into(), "B".into()],
            complex: "AB".into(),
            kon,
            koff,
        }],
        functions: vec![],
        source: Source { species: "A".into(), from: a, to: 2.0 * a, points: 4 },
    };
    let seen = response_time(&system, "AB", [a, a * (1.0 + 1e-6)]).map_err(refused)?;
    let theory = 1.0 / binding_relaxation(a, total, kon, koff);
    outcome.comparisons.push(Comparison {
        x: total,
        theory,
        simulation: Estimate::exact(seen.unwrap_or(f64::NAN)),
        // The step is a millionth, and what steps in time leave of amounts is some 1e-11 of them.
        bias: 1e-5 * theory,
        ..row("B", "time of a small step (s)", "λ = kon √(S² − 4ab)", "binding")
    });
    Ok(())
}

/// Functions after reactions have been made faster.
pub(super) fn kept(outcome: &mut Outcome) -> Result<(), Failure> {
    let system = ReactionSystem::dopamine();
    let of = |system: &ReactionSystem, function: usize| -> Result<Curve, Failure> {
        let states = steady_states(system).map_err(refused)?;
        let place = |name: &str| system.place("functions", name).map_err(refused);
        let (input, output) = (place(&system.functions[function].input)?, place(&system.functions[function].output)?);
        Curve::new(states.iter().map(|state| (state[input], state[output])))
            .map_err(|e| Failure::Input(format!("{}: {e:?}", system.functions[function].reaction)))
    };
    let moved = |other: &ReactionSystem, name: &str| -> Result<f64, Failure> {
        let function = system.function("functions", name).map_err(refused)?;
        Ok(of(other, function)?.drift(&of(&system, function)?).error)
    };
    let all = [Rate::Kon, Rate::Koff, Rate::Kcat];
    // kcat and what takes the product back, at a fixed koff/kon; and with kon such that Km stays.
    let speed = 3.0;
    let turned = scaled(&scaled(&system, "D32", &[Rate::Kcat], speed)?, "dephosphorylation", &[Rate::Rate], speed)?;
    let of_d32 = (8.0 + speed * 2.0) / (8.0 + 2.0);
    let same_km = scaled(&turned, "D32", &[Rate::Kon], of_d32)?;
    let open = scaled(&scaled(&system, "Gact", &all, speed)?, "GTPase", &[Rate::Rate], speed)?;
    let closed = scaled(&open, "trimer", &[Rate::Rate], speed)?;
    let pde = scaled(&scaled(&system, "PDE", &[Rate::Kcat], speed)?, "rephosphorylation", &[Rate::Rate], speed)?;
    let of_pde = (1.0 + speed * 2.0) / (1.0 + 2.0);
    let pde_km = scaled(&pde, "PDE", &[Rate::Kon], of_pde)?;
    // What independent code gives for those that move. Where the largest input moves as well it reads its curve between 25 points: here 25 and 1,600 of them give .0407742.
    for (name, reaction, seen, theory, bias) in [
        ("PDE, kcat", "PDE", &pde, 0.571315312, 1e-6),
        ("D32, kcat", "D32", &turned, 0.28493615, 1e-6),
        ("G, part", "Gact", &open, 0.0407844008, 3e-4),
    ] {
        outcome.comparisons.push(Comparison {
            theory,
            simulation: Estimate::exact(moved(seen, reaction)?),
            bias: bias * theory,
            ..row("C", &format!("function moved by, {name}"), "reference:independent curves", reaction)
        });
    }
    outcome.comparisons.push(Comparison {
        theory: 0.0,
        simulation: Estimate::exact(moved(&pde_km, "PDE")?),
        bias: CUBIC,
        scale: Some(0.1),
        ..row("C", "function moved by, PDE, Km kept", "equal ratios, equal function", "PDE")
    });
    for (k, (name, reaction, seen, still)) in [
        ("binding", "GAC5Ca", faster(&system, "GAC5Ca", speed)?, true),
        ("enzyme", "D32", turned.clone(), false),
        ("enzyme, Km kept", "D32", same_km, true),
        ("G, cycle open", "Gact", open.clone(), false),
        ("G, all", "Gact", closed, true),
    ]
    .into_iter()
    .enumerate()
    {
        outcome.comparisons.push(Comparison {
            x: k as f64,
            theory: 0.0,
            simulation: Estimate::exact(moved(&seen, reaction)?),
            bias: CUBIC,
            claim: if still { Claim::Equals } else { Claim::Contrast },
            scale: Some(0.1),
            ..row("C", &format!("function moved, {name}"), "equal ratios, equal function", reaction)
        });
    }
    Ok(())
}
