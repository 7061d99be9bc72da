//! Random networks of proteins that bind in pairs: what a change of one affinity does in them, and how adjustment of one function fares.

use super::spread::Params;
use lab::Failure;
use model::Seed;
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};
use signalling::{
    Adjusted, Change, Curve, Dimers, Kinetics, Options, Pair, Rate, ReactionSystem, Reading, Shape, Status, Target,
    adjust, steady_states,
};
use systems::reaction_network::refused;

/// Relative change of an affinity by which sensitivities are seen.
pub const SMALL: f64 = 1e-3;

/// Amounts of the source at which curves are solved for.
pub const POINTS: usize = 81;

/// Pairs of a network whose affinities change much: enough to see what spreads.
const CHANGED: usize = 3;

/// What a protein's free amount does when a pair binds a little more strongly.
#[derive(Serialize, Deserialize)]
pub struct Sensitivity {
    pub hop: usize,
    pub theory: f64,
    pub seen: f64,
    pub bound: f64,
}

/// What a function does when a pair binds much more strongly.
#[derive(Serialize, Deserialize)]
pub struct Drifted {
    pub factor: f64,
    pub hop: usize,
    pub drift: f64,
    /// Whether theory says that there is none.
    pub behind: bool,
}

/// What a network shows.
#[derive(Default, Serialize, Deserialize)]
pub struct Shown {
    pub sensitivities: Vec<Sensitivity>,
    pub drifts: Vec<Drifted>,
    /// Functions whose inputs have left their range.
    pub apart: usize,
    /// Largest difference of a sensitivity, with its sign, from theory.
    pub apart_by: f64,
}

/// A network all of whose proteins hang together: by a tree, each tree as likely as any other, and by further pairs.
fn random(params: &Params, pairs: usize, seed: Seed) -> Dimers {
    let mut rng = seed.stream("dimers").rng(0);
    let n = params.proteins;
    let amount = |rng: &mut _| {
        let z: f64 = StandardNormal.sample(rng);
        100.0 * libm::exp(params.sigma * z)
    };
    let totals = (0..n).map(|_| amount(&mut rng)).collect();
    let mut all: Vec<Pair> = Vec::new();
    // A walk over proteins: each is bound to where the walk came from first.
    let mut here = rng.random_range(0..n);
    let mut seen = vec![false; n];
    seen[here] = true;
    while all.len() < n - 1 {
        let next = rng.random_range(0..n);
        if !std::mem::replace(&mut seen[next], true) {
            all.push(Pair { of: [here, next], kd: amount(&mut rng) });
        }
        here = next;
    }
    while all.len() < pairs {
        let of = [rng.random_range(0..n), rng.random_range(0..n)];
        let known = all.iter().any(|pair| pair.of == of || pair.of == [of[1], of[0]]);
        if of[0] != of[1] && !known {
            all.push(Pair { of, kd: amount(&mut rng) });
        }
    }
    Dimers { totals, pairs: all }
}

/// What changes of affinities do in a network.
pub fn show(params: &Params, seed: Seed) -> Result<Shown, Failure> {
    let dimers = random(params, params.pairs[0], seed);
    let mut shown = Shown::default();
    let system = dimers.system(0, POINTS);
    let rest = |system: &ReactionSystem| Kinetics::new(system).and_then(|kinetics| kinetics.settled()).map_err(refused);
    let changed = |pair: usize, by: f64| {
        let mut other = system.clone();
        *other.reactions[pair].rate_mut(Rate::Koff).expect("a binding") /= by;
        other
    };
    for pair in 0..dimers.pairs.len() {
        let theory = dimers.sensitivity(pair).map_err(refused)?;
        let (up, down) = (rest(&changed(pair, libm::exp(SMALL)))?, rest(&changed(pair, libm::exp(-SMALL)))?);
        for (i, hop) in dimers.hops(pair).into_iter().enumerate() {
            let (Some(hop), seen) = (hop, libm::log(up[i] / down[i]) / (2.0 * SMALL)) else { continue };
            shown.apart_by = shown.apart_by.max((theory[i] - seen).abs());
            let bound = dimers.sensitivity_bound(pair, hop);
            shown.sensitivities.push(Sensitivity { hop, theory: theory[i].abs(), seen: seen.abs(), bound });
        }
    }
    let mut rng = seed.stream("changed").rng(0);
    let before = curves(&system)?;
    for _ in 0..CHANGED {
        let pair = rng.random_range(0..dimers.pairs.len());
        let hops = dimers.hops(pair);
        for &factor in &params.factors {
            let after = curves(&changed(pair, factor))?;
            for (own, (old, new)) in before.iter().zip(&after).enumerate().filter(|(own, _)| *own != pair) {
                let (Some(old), Some(new)) = (old, new) else { continue };
                let of = dimers.pairs[own].of;
                let hop = of.iter().filter_map(|&i| hops[i]).min().map_or(0, |hop| hop + 1);
                let input = usize::from(system.functions[own].input == format!("P{}", of[1]));
                let side = dimers.side(own, input);
                let behind = side.is_some_and(|side| side[0] && dimers.pairs[pair].of.iter().all(|&i| side[i]));
                let drift = new.drift(old);
                if drift.extrapolated {
                    shown.apart += 1;
                } else {
                    shown.drifts.push(Drifted { factor, hop, drift: drift.error, behind });
                }
            }
        }
    }
    Ok(shown)
}

/// Curves of all functions; `None` where an input turns back.
fn curves(system: &ReactionSystem) -> Result<Vec<Option<Curve>>, Failure> {
    let states = steady_states(system).map_err(refused)?;
    let place = |name: &str| system.place("functions", name).map_err(refused);
    let mut curves = Vec::new();
    for function in &system.functions {
        let (input, output) = (place(&function.input)?, place(&function.output)?);
        curves.push(Curve::new(states.iter().map(|state| (state[input], state[output]))).ok());
    }
    Ok(curves)
}

/// How adjustment of one function ended.
#[derive(Serialize, Deserialize)]
pub struct Tried {
    pub converged: bool,
    /// Other reactions that changed.
    pub others: usize,
    /// Hops to the farthest of them.
    pub farthest: usize,
}

/// Halves the constant C of one function of a network of so many pairs, over the middle half of its inputs, at each error that is allowed; `None` where the
/// function is no hyperbola of its input, or its input hardly moves.
pub fn adjusted(params: &Params, pairs: usize, seed: Seed) -> Result<Option<Vec<Tried>>, Failure> {
    let system = random(params, pairs, seed).system(0, 25);
    let curves = curves(&system)?;
    let place = seed.stream("adjusted").rng(0).random_range(0..curves.len());
    let Some(curve) = curves[place].as_ref().filter(|curve| !curve.is_folded()) else { return Ok(None) };
    let Some(shape) = curve.hyperbola() else { return Ok(None) };
    let (low, high) = curve.range();
    let at = |share: f64| low * libm::pow(high / low, share);
    let target = Target {
        function: system.functions[place].reaction.clone(),
        shape: Shape { half: 0.5 * shape.half, ..shape },
        from: at(0.25),
        to: at(0.75),
        input: Reading::Free,
    };
    if target.to <= target.from * (1.0 + 1e-6) {
        return Ok(None);
    }
    let tried = |error: &f64| {
        let target = std::slice::from_ref(&target);
        adjust(&system, target, Options::with_error(*error)).map(|adjusted| told(&adjusted)).map_err(refused)
    };
    Ok(Some(params.errors.iter().map(tried).collect::<Result<_, _>>()?))
}

fn told(adjusted: &Adjusted) -> Tried {
    let hop = |change: &Change| {
        adjusted.errors.iter().find(|error| error.function == change.reaction).and_then(|error| error.hop)
    };
    Tried {
        converged: adjusted.status == Status::Converged,
        others: adjusted.others(),
        farthest: adjusted.changes.iter().filter_map(hop).max().unwrap_or(0),
    }
}
