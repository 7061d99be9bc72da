//! What an adjustment left, changed and did not change.

use super::super::dopamine::{Pool, along, target};
use super::EXAMPLE;
use super::closed_form::{missed, nearest};
use lab::{Comparison, Estimate, Failure, Outcome, SeriesTable, row};
use signalling::{Adjusted, Curve, Options, Rate, ReactionSystem, Shape, Status, Target, adjust};
use systems::reaction_network::refused;

pub(super) fn show(adjusted: &Adjusted, error: f64, outcome: &mut Outcome, table: &mut SeriesTable) {
    let converged = adjusted.status == Status::Converged;
    let (own, drift) = (adjusted.target_error(), adjusted.drift());
    if converged {
        table.point("error", "target", error, own);
        table.point("error", "drift", error, drift);
    } else {
        table.point("error", "not reached", error, own.max(drift));
    }
    for change in &adjusted.changes {
        let rate = if change.rate == Rate::Koff { "koff" } else { "kcat" };
        table.point("factor", &format!("{} {rate}", change.reaction), error, change.factor);
    }
    let changed: Vec<String> = adjusted.changes.iter().map(|c| format!("{} × {:.4}", c.reaction, c.factor)).collect();
    outcome.notes.push(format!(
        "errors of {error}: {:?} after {} sweeps and {} steady states; {}",
        adjusted.status,
        adjusted.sweeps,
        adjusted.solves,
        changed.join(", ")
    ));
}

/// The example of the source, beside what it says and what independent code gives.
pub(super) fn of_the_example(example: &Adjusted, outcome: &mut Outcome) {
    let factor = |name: &str| {
        example.changes.iter().find(|change| change.reaction == name).map_or(f64::NAN, |change| change.factor)
    };
    let independent = "reference:independent adjustment";
    for (panel, quantity, name, theory, seen, bias) in [
        ("B", "other reactions changed", "one, as the source says", 1.0, example.others() as f64, 0.0),
        // The two searches end where they gain little. The independent code's interpolation leaves 1e-4 of a drift: at its rates curves in closed form give .08633.
        ("B", "error of the target", independent, 0.0276353608, example.target_error(), 2e-6),
        ("B", "drift of GAC5", independent, 0.0862299585, example.drift(), 1e-4),
        ("C", "GAC5Ca koff, new over old", independent, 0.0683089851, factor("GAC5Ca"), 2e-5),
        ("C", "GAC5 koff, new over old", independent, 0.928343844, factor("GAC5"), 2e-5),
    ] {
        outcome.comparisons.push(Comparison {
            x: EXAMPLE,
            theory,
            simulation: Estimate::exact(seen),
            bias,
            ..row(panel, quantity, name, "errors of a tenth")
        });
    }
}

/// The pathway's pool with the affinities of a changed pathway, at the middle of its ATP; and the relative range of a = 1 + ATP/Km, by which it may be wrong.
pub(super) fn pool_of(changed: &ReactionSystem, system: &ReactionSystem) -> Result<(Pool, f64), Failure> {
    let atp: Vec<f64> = along(changed, &["ATP"])?.into_iter().flatten().collect();
    let (least, most) = (atp.iter().copied().fold(f64::INFINITY, f64::min), atp.iter().copied().fold(0.0, f64::max));
    let mut pool = Pool::new(0.5 * (least + most));
    for (kd, name) in pool.kd.iter_mut().zip(["GAC5", "GAC5Ca"]) {
        let koff = |system: &ReactionSystem| {
            let place = system.reaction("reactions", name).map_err(refused)?;
            Ok::<_, Failure>(system.reactions[place].rate(Rate::Koff).unwrap_or(f64::NAN))
        };
        *kd *= koff(changed)? / koff(system)?;
    }
    let used = |atp: f64| Pool::new(atp).used;
    Ok((pool, used(most)[0] / used(least)[0] - 1.0))
}

/// The hyperbola nearest to the curve that was reached: far from the target's, though the curve is near.
pub(super) fn refitted(system: &ReactionSystem, example: &Adjusted, outcome: &mut Outcome) -> Result<(), Failure> {
    let points: Vec<(f64, f64)> =
        along(&example.system, &["GaGTP", "GAC5Ca"])?.iter().map(|state| (state[0], state[1])).collect();
    let fit = Shape::fit(&points, false).ok_or_else(|| Failure::Input("GAC5Ca: no hyperbola is near".into()))?;
    let (pool, apart) = pool_of(&example.system, system)?;
    let (theory, seen) = (pool.shape(), fit.shape);
    for (quantity, theory, seen) in [
        ("ymax of the adjusted function (nM)", theory.ymax, seen.ymax),
        ("C of the adjusted function (nM)", theory.half, seen.half),
    ] {
        outcome.comparisons.push(Comparison {
            x: EXAMPLE,
            theory,
            simulation: Estimate::exact(seen),
            // As ATP is not the same all along; and what is left of the fit, times how uncertain its parameters are.
            bias: (apart + fit.condition * fit.error) * theory,
            ..row("A", quantity, "pool hyperbola", "errors of a tenth")
        });
    }
    Ok(())
}

/// The target's own rate alone: as near to the target, with more drift of the other complex than is allowed.
pub(super) fn own_rate(system: &ReactionSystem, outcome: &mut Outcome) -> Result<(), Failure> {
    let mut alone = system.clone();
    for function in alone.functions.iter_mut().filter(|own| own.reaction != "GAC5Ca") {
        function.rates = Some(Vec::new());
    }
    let options = Options { others: 2.0 * EXAMPLE, ..Options::with_error(EXAMPLE) };
    let adjusted = adjust(&alone, &[target()], options).map_err(refused)?;
    let (seen, apart) = pool_of(&adjusted.system, system)?;
    let nearest = nearest(seen);
    let x = along(&adjusted.system, &["GaGTP"])?.into_iter().flatten().fold(0.0, f64::max);
    let drift = 1.0 - nearest.outputs(x)[0] / Pool { kd: [seen.kd[0], 240.0], ..seen }.outputs(x)[0];
    for (quantity, theory, seen, bias) in [
        ("dissociation constant, own rate alone (nM)", nearest.kd[1], seen.kd[1], apart * nearest.kd[1]),
        ("error of the target, own rate alone", missed(nearest), adjusted.target_error(), apart),
        ("drift of GAC5, own rate alone", drift, adjusted.drift(), apart),
    ] {
        outcome.comparisons.push(Comparison {
            x: EXAMPLE,
            theory,
            simulation: Estimate::exact(seen),
            bias,
            ..row("B", quantity, "pool hyperbola, nearest to the target", "own rate alone")
        });
    }
    Ok(())
}

/// Drift of the neighbour where nothing makes up for a stronger affinity: 1 − (1 + q + x(A₁ + A₂))/(1 + q + x(A₁ + f A₂)).
pub(super) fn neighbour(system: &ReactionSystem, outcome: &mut Outcome) -> Result<(), Failure> {
    let function = |system: &ReactionSystem| -> Result<(Curve, f64), Failure> {
        let points = along(system, &["GaGTP", "GAC5", "ATP"])?;
        let curve = Curve::new(points.iter().map(|state| (state[0], state[1])));
        Ok((curve.map_err(|e| Failure::Input(format!("GAC5: {e:?}")))?, points[points.len() - 1][2]))
    };
    let (before, atp) = function(system)?;
    for f in [2.0, 10.0] {
        let mut other = system.clone();
        let place = other.reaction("reactions", "GAC5Ca").map_err(refused)?;
        *other.reactions[place].rate_mut(Rate::Koff).expect("a binding") /= f;
        let (after, atp_after) = function(&other)?;
        let x = before.range().1.min(after.range().1);
        let Pool { kd: [k1, k2], used: [a1, a2], calcium: q, .. } = Pool::new(atp);
        let theory = 1.0 - (1.0 + q + x * (a1 / k1 + q * a2 / k2)) / (1.0 + q + x * (a1 / k1 + f * q * a2 / k2));
        outcome.comparisons.push(Comparison {
            x: f,
            theory,
            simulation: Estimate::exact(after.drift(&before).error),
            // What ATP changes by between the two, of what uses complexes up; and a cubic between points of the source.
            bias: 0.1 * (atp / atp_after - 1.0).abs() + 1e-5 * theory,
            ..row("B", "drift of GAC5, affinity alone stronger", "pool hyperbola", &format!("{f} times"))
        });
    }
    Ok(())
}

/// Two bindings of one clamped species: nothing else can move.
pub(super) fn alone(outcome: &mut Outcome) -> Result<(), Failure> {
    let shape = Shape { ymax: 220.0, half: 78.0, n: 1.0 };
    let wanted = Target { function: "GA".into(), shape, ..target() };
    let adjusted = adjust(&ReactionSystem::two_bindings(), &[wanted], Options::with_error(EXAMPLE)).map_err(refused)?;
    let factor = adjusted.changes.first().map_or(f64::NAN, |change| change.factor);
    outcome.comparisons.push(Comparison {
        x: EXAMPLE,
        theory: 78.0,
        simulation: Estimate::exact(2400.0 * factor),
        // A cubic in logarithms between the points of the source leaves some 1e-8 of a hyperbola.
        bias: 1e-7 * 78.0,
        ..row("B", "dissociation constant (nM)", "elementary function", "two bindings")
    });
    Ok(())
}
