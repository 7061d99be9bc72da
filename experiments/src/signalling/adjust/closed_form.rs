//! The smallest error of a pool, in closed form.

use super::super::dopamine::{Pool, along, target};
use super::EXAMPLE;
use lab::{Claim, Comparison, Estimate, Failure, Outcome, row};
use signalling::{Adjusted, ReactionSystem, smallest_error};
use systems::reaction_network::refused;

/// Logarithms of a pool's output over the target's.
pub(super) fn beside_target(pool: Pool) -> impl Iterator<Item = f64> {
    let wanted = target();
    (0..=20).map(move |k| {
        let x = wanted.from + (wanted.to - wanted.from) * f64::from(k) / 20.0;
        libm::log(pool.outputs(x)[1] / wanted.shape.at(x))
    })
}

pub(super) fn missed(pool: Pool) -> f64 {
    beside_target(pool).map(|wrong| libm::expm1(wrong).abs()).fold(0.0, f64::max)
}

/// The second affinity at which squares of logarithms are least, by thirds of an interval that has one minimum.
pub(super) fn nearest(pool: Pool) -> Pool {
    let at = |ln_kd: f64| Pool { kd: [pool.kd[0], libm::exp(ln_kd)], ..pool };
    let squares = |ln_kd: f64| beside_target(at(ln_kd)).map(|wrong| wrong * wrong).sum::<f64>();
    let (mut low, mut high) = (libm::log(1.0), libm::log(1e3_f64));
    for _ in 0..200 {
        let third = (high - low) / 3.0;
        if squares(low + third) < squares(high - third) { high -= third } else { low += third }
    }
    at(0.5 * (low + high))
}

/// ε* of the two affinities of the pool, by its closed form and as the search finds it, and of all rates about them: the smallest.
pub(super) fn smallest(
    system: &ReactionSystem,
    example: &Adjusted,
    cells: usize,
    outcome: &mut Outcome,
) -> Result<f64, Failure> {
    let mut two = system.clone();
    for function in two.functions.iter_mut().filter(|own| own.reaction != "GAC5" && own.reaction != "GAC5Ca") {
        function.rates = Some(Vec::new());
    }
    let amounts = along(system, &["GaGTP", "ATP"])?;
    let after = along(&example.system, &["GaGTP"])?;
    let low = amounts[0][0].max(after[0][0]);
    let high = amounts[amounts.len() - 1][0].min(after[after.len() - 1][0]);
    let pool = Pool::new(amounts[0][1]);
    let theory = minimax(pool, (low, high), cells);
    let mut least = f64::INFINITY;
    for (name, system, claim) in [
        ("smallest common error, rates of GAC5 and GAC5Ca", &two, Claim::Equals),
        // Lower by inclusion: it tells how much further rates would help, and is no claim.
        ("smallest common error, rates of all functions about them", system, Claim::Contrast),
    ] {
        let seen = smallest_error(example, system, &[target()]).map_err(refused)?;
        least = least.min(seen);
        outcome.comparisons.push(Comparison {
            x: EXAMPLE,
            theory,
            simulation: Estimate::exact(seen),
            // The largest input moves a little with the rates, and the search ends where it gains little: two thousandths of the error.
            bias: 2e-3 * theory,
            claim,
            scale: Some(theory),
            ..row("B", name, "pool hyperbola, smallest error", "dopamine")
        });
    }
    Ok(least)
}

/// Smallest over both affinities of the larger of the target's error and the drift of the other complex.
pub(super) fn minimax(pool: Pool, (low, high): (f64, f64), cells: usize) -> f64 {
    let wanted = target();
    let inputs = |from: f64, to: f64| (0..=40).map(move |k| from + (to - from) * f64::from(k) / 40.0);
    let error = |u: f64, v: f64| {
        let own = Pool { kd: [pool.kd[0] * libm::exp(u), pool.kd[1] * libm::exp(v)], ..pool };
        let missed = inputs(wanted.from, wanted.to).map(|x| (own.outputs(x)[1] / wanted.shape.at(x) - 1.0).abs());
        let drifted = inputs(low, high).map(|x| (own.outputs(x)[0] / pool.outputs(x)[0] - 1.0).abs());
        missed.chain(drifted).fold(0.0, f64::max)
    };
    // A grid about the best cell of the grid before.
    let (mut at, mut width) = ([0.0, -2.0], [1.0, 4.0]);
    let mut best = f64::INFINITY;
    // Each grid covers more than a cell of the one before, on either side.
    let narrower = (8.0 / cells as f64).min(0.5);
    while width[1] > 1e-8 {
        let place = |k: usize, axis: usize| at[axis] + width[axis] * (k as f64 / cells as f64 - 0.5);
        let all = (0..=cells).flat_map(|i| (0..=cells).map(move |j| (i, j)));
        let found = all.map(|(i, j)| (error(place(i, 0), place(j, 1)), i, j)).min_by(|a, b| a.0.total_cmp(&b.0));
        let Some((least, i, j)) = found else { break };
        (at, best) = ([place(i, 0), place(j, 1)], least);
        width = width.map(|w| narrower * w);
    }
    best
}
