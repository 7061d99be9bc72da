//! How far a change of one reaction goes in random networks, and why not further.

use lab::input::{count_within, within};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Claim, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use model::Seed;
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use signalling::{
    Change, Curve, Dimers, Kinetics, Options, Pair, Rate, ReactionSystem, Reading, Shape, Status, Target, adjust,
    steady_states,
};
use systems::reaction_network::refused;

pub struct Spread;

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Random networks.
    networks: usize,
    /// Proteins of each.
    proteins: usize,
    /// Pairs that bind.
    pairs: usize,
    /// Standard deviation of ln totals and ln dissociation constants.
    sigma: f64,
    /// By how many times the affinity of a pair becomes stronger.
    factor: f64,
}

/// Relative change of an affinity by which sensitivities are seen.
const SMALL: f64 = 1e-3;

/// Hops that are shown.
const HOPS: usize = 5;

/// Amounts of the source at which curves are solved for.
const POINTS: usize = 81;

/// Of a protein and a pair: hops, sensitivity by theory, as seen, and its bound.
type Sensitivity = (usize, f64, f64, f64);

/// What a network shows.
#[derive(Default)]
struct Shown {
    /// Of each protein and pair.
    sensitivities: Vec<Sensitivity>,
    /// Of each function and a pair that changes: hops, drift, whether theory says that there is none.
    drifts: Vec<(usize, f64, bool)>,
    /// Functions whose inputs have left their range.
    apart: usize,
    /// Largest difference of a sensitivity, with its sign, from theory.
    apart_by: f64,
}

impl Experiment for Spread {
    type Params = Params;
    const SECONDS: [f64; 2] = [1.0, 10.0];
    const NAME: &'static str = "spread";
    const TITLE: &'static str = "how far a change of one reaction goes";
    const CAPTION: &'static str = include_str!("spread.md");

    fn params(&self, scale: Scale) -> Params {
        let networks = match scale {
            Scale::Quick => 10,
            Scale::Paper => 60,
        };
        Params { networks, proteins: 12, pairs: 14, sigma: 1.0, factor: 5.0 }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        count_within("networks", params.networks, 1, 10_000)?;
        count_within("proteins", params.proteins, 3, 60)?;
        count_within("pairs", params.pairs, params.proteins - 1, params.proteins * (params.proteins - 1) / 2)?;
        within("sigma", params.sigma, 0.0, 5.0)?;
        within("factor", params.factor, 1.0, 1e3)
    }

    fn memory(&self, params: &Params) -> f64 {
        8e3 * (params.pairs + params.proteins) as f64 * POINTS as f64
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        bench.begin("spread", params.networks);
        let shown: Vec<Shown> = (0..params.networks as u64)
            .into_par_iter()
            .map(|k| {
                let shown = show(&random(params, seed.replicate(k)), params.factor, seed.replicate(k));
                bench.advance();
                shown
            })
            .collect::<Result<_, _>>()?;
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        sensitivities(&shown, &mut outcome, &mut table);
        drifts(&shown, &mut outcome, &mut table);
        compare_adjusted(params, seed, &mut outcome)?;
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let hop = || Axis::linear("hops");
        let rows = |what: &str| outcome.rows(|row| row.quantity.starts_with(what));
        let near = Panel::new("A", "free amounts", hop(), Axis::log("|∂ ln *x*/∂ ln *K*|"))
            .compared(&rows("median sensitivity"), 0, "median")
            .compared(&rows("90 % of sensitivities"), 1, "90 %")
            .with([outcome.mark(Kind::Dashed, 7, "bound, median", "bound", "median")])
            .legend(Legend::BottomLeft);
        let far = Panel::new("B", "signalling functions", hop(), Axis::log("relative drift")).with(
            ["median", "90 %"].iter().enumerate().flat_map(|(colour, name)| {
                [
                    outcome.mark(Kind::Points, colour, name, "drift", name),
                    outcome.mark(Kind::Trace, colour, "", "drift", name),
                ]
            }),
        );
        let sorted = Axis::linear("share of functions").between(0.0, 1.0);
        let bridges = Panel::new("C", "at one hop", sorted, Axis::log("relative drift, and 1e-16")).with([
            outcome.mark(Kind::Points, 0, "bridges", "sorted", "bridges"),
            outcome.mark(Kind::Squares, 1, "others", "sorted", "others"),
        ]);
        let row = vec![near, far.legend(Legend::TopRight), bridges.legend(Legend::TopLeft)];
        Figure::new(66.0, vec![row]).key(Kind::Points, "simulation").key(Kind::Line, "bound fractions (A)")
    }
}

/// A network all of whose proteins hang together.
fn random(params: &Params, seed: Seed) -> Dimers {
    let mut rng = seed.stream("dimers").rng(0);
    let n = params.proteins;
    let amount = |rng: &mut _| {
        let z: f64 = StandardNormal.sample(rng);
        100.0 * (params.sigma * z).exp()
    };
    let totals = (0..n).map(|_| amount(&mut rng)).collect();
    let mut pairs: Vec<Pair> = Vec::new();
    for b in 1..n {
        let a = rng.random_range(0..b);
        pairs.push(Pair { of: [a, b], kd: amount(&mut rng) });
    }
    while pairs.len() < params.pairs {
        let of = [rng.random_range(0..n), rng.random_range(0..n)];
        let known = pairs.iter().any(|pair| pair.of == of || pair.of == [of[1], of[0]]);
        if of[0] != of[1] && !known {
            pairs.push(Pair { of, kd: amount(&mut rng) });
        }
    }
    Dimers { totals, pairs }
}

fn show(dimers: &Dimers, factor: f64, seed: Seed) -> Result<Shown, Failure> {
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
        let (up, down) = (rest(&changed(pair, SMALL.exp()))?, rest(&changed(pair, (-SMALL).exp()))?);
        let hops = dimers.hops(pair);
        for (i, hop) in hops.iter().enumerate() {
            let (Some(hop), seen) = (hop, (up[i] / down[i]).ln() / (2.0 * SMALL)) else { continue };
            shown.apart_by = shown.apart_by.max((theory[i] - seen).abs());
            shown.sensitivities.push((*hop, theory[i].abs(), seen.abs(), dimers.sensitivity_bound(pair, *hop)));
        }
    }
    // Three pairs of a network are enough to see what spreads.
    let mut rng = seed.stream("changed").rng(0);
    let before = curves(&system)?;
    for _ in 0..3 {
        let pair = rng.random_range(0..dimers.pairs.len());
        let after = curves(&changed(pair, factor))?;
        let hops = dimers.hops(pair);
        for (own, (old, new)) in before.iter().zip(&after).enumerate().filter(|(own, _)| *own != pair) {
            let (Some(old), Some(new)) = (old, new) else { continue };
            let of = dimers.pairs[own].of;
            let hop = of.iter().filter_map(|&i| hops[i]).min().map_or(0, |hop| hop + 1);
            let input = usize::from(system.functions[own].input == format!("P{}", of[1]));
            let behind =
                dimers.side(own, input).is_some_and(|side| side[0] && dimers.pairs[pair].of.iter().all(|&i| side[i]));
            let drift = new.drift(old);
            if drift.extrapolated {
                shown.apart += 1;
            } else {
                shown.drifts.push((hop, drift.error, behind));
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

/// The value below which so much of the others lie.
fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get((share * last as f64).round() as usize).copied().unwrap_or(f64::NAN)
}

fn sensitivities(shown: &[Shown], outcome: &mut Outcome, table: &mut SeriesTable) {
    outcome.comparisons.push(Comparison {
        theory: 0.0,
        simulation: Estimate::exact(shown.iter().map(|own| own.apart_by).fold(0.0, f64::max)),
        // Differences of third order in the change.
        bias: SMALL * SMALL,
        scale: Some(0.1),
        ..row("A", "largest difference of a sensitivity, with its sign", "bound fractions", "random networks")
    });
    for hop in 0..=HOPS {
        let own: Vec<_> = shown.iter().flat_map(|shown| &shown.sensitivities).filter(|own| own.0 == hop).collect();
        if own.is_empty() {
            continue;
        }
        let of = |value: &dyn Fn(&Sensitivity) -> f64, share: f64| {
            quantile(&mut own.iter().map(|own| value(own)).collect::<Vec<_>>(), share)
        };
        table.point("bound", "median", hop as f64, of(&|own| own.3, 0.5));
        for (name, share) in [("median sensitivity", 0.5), ("90 % of sensitivities", 0.9)] {
            let theory = of(&|own| own.1, share);
            outcome.comparisons.push(Comparison {
                x: hop as f64,
                theory,
                simulation: Estimate::exact(of(&|own| own.2, share)),
                // Differences of third order in the change, and the last digits of amounts over it.
                bias: 1e-3 * theory + 1e-9,
                ..row("A", &format!("{name}, {hop} hops"), "bound fractions", "random networks")
            });
        }
        let beyond = own.iter().map(|own| own.2 / own.3).fold(0.0, f64::max);
        outcome.comparisons.push(Comparison {
            x: hop as f64,
            theory: 1.0,
            simulation: Estimate::exact(beyond),
            claim: Claim::Upper,
            ..row(
                "A",
                &format!("largest sensitivity over its bound, {hop} hops"),
                "largest bound fraction",
                "random networks",
            )
        });
    }
}

/// How local adjustment of one function fares: how many networks converge, how many other reactions change at most, and how far away.
#[derive(Default)]
struct Fared {
    networks: usize,
    converged: usize,
    others: usize,
    farthest: usize,
}

fn adjusted(params: &Params, pairs: usize, seed: Seed, networks: usize) -> Result<Fared, Failure> {
    let params = Params { pairs, ..params.clone() };
    let tried: Vec<Option<(bool, usize, usize)>> = (0..networks as u64)
        .into_par_iter()
        .map(|k| {
            let seed = seed.replicate(k);
            let system = random(&params, seed).system(0, 25);
            let curves = curves(&system)?;
            let mut rng = seed.stream("adjusted").rng(0);
            let place = rng.random_range(0..curves.len());
            let Some(curve) = curves[place].as_ref().filter(|curve| !curve.is_folded()) else { return Ok(None) };
            let Some(shape) = curve.hyperbola() else { return Ok(None) };
            let (low, high) = curve.range();
            // The middle half of the inputs.
            let at = |share: f64| low * (high / low).powf(share);
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
            let adjusted = adjust(&system, &[target], Options::with_error(0.1)).map_err(refused)?;
            let hop = |change: &Change| {
                adjusted.errors.iter().find(|error| error.function == change.reaction).and_then(|error| error.hop)
            };
            let farthest = adjusted.changes.iter().filter_map(hop).max().unwrap_or(0);
            Ok(Some((adjusted.status == Status::Converged, adjusted.others(), farthest)))
        })
        .collect::<Result<_, Failure>>()?;
    let mut fared = Fared::default();
    for (converged, others, farthest) in tried.into_iter().flatten() {
        fared.networks += 1;
        if converged {
            fared.converged += 1;
            fared.others = fared.others.max(others);
            fared.farthest = fared.farthest.max(farthest);
        }
    }
    Ok(fared)
}

/// The source's two, three, maybe four reactions, beside what random networks need.
fn compare_adjusted(params: &Params, seed: Seed, outcome: &mut Outcome) -> Result<(), Failure> {
    for (pairs, claim) in [(params.pairs, Claim::Upper), (2 * params.pairs, Claim::Contrast)] {
        let most = params.proteins * (params.proteins - 1) / 2;
        let fared = adjusted(params, pairs.min(most), seed, params.networks)?;
        outcome.notes.push(format!(
            "{pairs} pairs: {} of {} adjustments converge; at most {} other reactions change, the farthest {} hops away",
            fared.converged, fared.networks, fared.others, fared.farthest
        ));
        for (quantity, theory, seen) in [
            ("most other reactions changed", 4.0, fared.others as f64),
            ("hops to the farthest of them", 4.0, fared.farthest as f64),
        ] {
            outcome.comparisons.push(Comparison {
                x: pairs as f64,
                theory,
                simulation: Estimate::exact(seen),
                claim,
                ..row("B", quantity, "two, three, maybe four, as the source says", &format!("{pairs} pairs"))
            });
        }
    }
    Ok(())
}

fn drifts(shown: &[Shown], outcome: &mut Outcome, table: &mut SeriesTable) {
    let all: Vec<_> = shown.iter().flat_map(|shown| &shown.drifts).collect();
    for hop in 1..=HOPS {
        let mut own: Vec<f64> = all.iter().filter(|own| own.0 == hop).map(|own| own.1.max(1e-16)).collect();
        if own.is_empty() {
            continue;
        }
        table.point("drift", "median", hop as f64, quantile(&mut own, 0.5));
        table.point("drift", "90 %", hop as f64, quantile(&mut own, 0.9));
    }
    let at = |behind: bool, any: bool| -> Vec<f64> {
        let own = all.iter().filter(|own| own.2 == behind && (any || own.0 == 1));
        let mut own: Vec<f64> = own.map(|own| own.1.max(1e-16)).collect();
        own.sort_by(f64::total_cmp);
        own
    };
    for (name, behind) in [("bridges", true), ("others", false)] {
        let own = at(behind, false);
        let count = own.len().max(2) - 1;
        table.curve("sorted", name, own.iter().enumerate().map(|(k, drift)| (k as f64 / count as f64, *drift)));
    }
    let bridges = at(true, true);
    let others = at(false, true);
    outcome.comparisons.push(Comparison {
        x: 1.0,
        theory: 0.0,
        simulation: Estimate::exact(bridges.iter().copied().fold(0.0, f64::max)),
        // What a cubic between 81 points leaves of a curve.
        bias: 1e-6,
        scale: Some(others.iter().copied().fold(0.0, f64::max)),
        ..row("C", "largest drift of a bridge", "bridge theorem", "random networks")
    });
    let moved = others.iter().filter(|drift| **drift > 0.1).count() as f64 / others.len() as f64;
    let kept = |hop: usize| -> f64 {
        let own: Vec<_> = all.iter().filter(|own| own.0 >= hop).collect();
        own.iter().filter(|own| own.1 > 0.1).count() as f64 / own.len().max(1) as f64
    };
    outcome.notes.push(format!(
        "{} of {} functions lie behind a bridge; of the others {:.1} % drift by more than a tenth, of all at three hops and more {:.1} %; \
         {} more have left the range of their inputs and are not compared",
        bridges.len(),
        all.len(),
        100.0 * moved,
        100.0 * kept(3),
        shown.iter().map(|shown| shown.apart).sum::<usize>()
    ));
}
