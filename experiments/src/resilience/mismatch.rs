//! Mismatch of excitation and inhibition: how much of it networks tolerate whose cells differ.

use lab::input::{count_within, within};
use lab::plot::{Axis, Figure, Kind, Legend, Mark, Panel};
use lab::{Bench, Claim, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use meanfield::{SampledPaths, static_rates, steepness, tolerated_width};
use model::{MixedPair, Seed, Spread};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use simulation::MixedNetwork;

pub struct Mismatch;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Cells, a fifth of which inhibits, where coupling is weak and where it is balanced.
    cells: [usize; 2],
    /// Inputs from excitation and from inhibition of each cell.
    inputs: [usize; 2],
    /// Standard deviations of ln w, of θ and of ln g where they are spread.
    spreads: [f64; 3],
    /// Points of κ, by which inhibition of excitation is multiplied: from .5 by equal factors to 8 (weak) and 4 (balanced).
    points: usize,
    /// Networks of each kind.
    networks: usize,
    /// Time constants of a run.
    time: f64,
    /// Paths of a population that are sampled, and rounds in which they are.
    paths: usize,
    rounds: usize,
}

/// What is spread in networks of a kind: weights, degrees, thresholds, gains.
type Kinds = [bool; 4];

/// Names of all kinds by their number, in letters of what is spread.
const NAMES: [&str; 16] =
    ["none", "W", "D", "WD", "T", "WT", "DT", "WDT", "G", "WG", "DG", "WDG", "TG", "WTG", "DTG", "all"];

const FACTORS: [&str; 4] = ["weights", "degrees", "thresholds", "gains"];

/// Kinds whose rates are drawn.
const DRAWN: [(Kinds, &str); 4] = [
    ([false; 4], "uniform"),
    ([true, true, false, false], "weights, degrees"),
    ([false, false, true, true], "thresholds, gains"),
    ([true; 4], "all"),
];

/// Colours of these that differ in lightness too.
const COLOURS: [usize; 4] = [5, 4, 0, 6];

/// How much wider the tolerance of networks in which all differs is, at least.
const WIDER: f64 = 1.25;

/// Smallest κ.
const LEAST: f64 = 0.5;

/// Levels of r_E between which κ is tolerated.
const LEVELS: [f64; 2] = [1.0, 40.0];

/// An arm of the design: its name, largest κ and length of a step.
struct Arm {
    name: &'static str,
    balanced: bool,
    most: f64,
    step: f64,
}

const ARMS: [Arm; 2] = [
    Arm { name: "weak", balanced: false, most: 8.0, step: 0.1 },
    Arm { name: "balanced", balanced: true, most: 4.0, step: 0.04 },
];

/// Errors of widths under weak coupling, that 800 cells are few: where thresholds and gains are equal, and where they are not. Allowed before these networks were run.
const WEAK: [f64; 2] = [0.02, 0.03];

/// Error of the width of sampled paths, which are those of N → ∞ at the same number of inputs: its source measured .08 in networks of 800 cells and .03 in two of 3200; none of smaller ones, of which nothing is claimed.
fn of_size(cells: usize) -> Option<f64> {
    match cells {
        3200.. => Some(0.03),
        800.. => Some(0.08),
        _ => None,
    }
}

/// Sets of paths that are sampled, each on its own.
const SETS: usize = 3;

fn all_kinds() -> Vec<Kinds> {
    (0..16).map(|k| [0, 1, 2, 3].map(|bit| k >> bit & 1 == 1)).collect()
}

impl Params {
    fn pair(&self, arm: &Arm, kinds: Kinds, kappa: f64) -> MixedPair {
        let cells = self.cells[usize::from(arm.balanced)];
        let (couplings, drive, scale) = if arm.balanced {
            let scale = ((self.inputs[0] + self.inputs[1]) as f64).sqrt() / 2.0;
            ([[1.9, 2.6], [1.9, 2.2]], [1.5, 1.2], scale)
        } else {
            ([[1.9, 1.0], [1.0, 0.4]], [5.0, 4.0], 1.0)
        };
        let mut couplings = couplings.map(|row| row.map(|j| scale * j));
        couplings[0][1] *= kappa;
        let spread = |k: usize, on: bool| if on { self.spreads[k] } else { 0.0 };
        MixedPair {
            couplings,
            drive: drive.map(|x| scale * x),
            slow: 0.7,
            most: 100.0,
            cells: [cells - cells / 5, cells / 5],
            inputs: self.inputs,
            threshold: 4.0,
            spread: Spread {
                weights: spread(0, kinds[0]),
                degrees: kinds[1],
                thresholds: spread(1, kinds[2]),
                gains: spread(2, kinds[3]),
            },
        }
    }

    fn scales(&self, arm: &Arm) -> Vec<f64> {
        let all = (self.points - 1) as f64;
        (0..self.points).map(|k| LEAST * libm::pow(arm.most / LEAST, k as f64 / all)).collect()
    }
}

/// Widths, steepnesses and rates of the networks of a kind.
struct Seen {
    widths: Vec<f64>,
    steepness: Vec<f64>,
    rates: Vec<Vec<f64>>,
    temporal: Vec<Vec<f64>>,
}

impl Experiment for Mismatch {
    type Params = Params;
    const SECONDS: [f64; 2] = [60.0, 1500.0];
    const NAME: &'static str = "mismatch";
    const TITLE: &'static str = "mismatch of excitation and inhibition: what cells that differ tolerate";
    const CAPTION: &'static str = include_str!("mismatch.md");

    fn params(&self, scale: Scale) -> Params {
        let (cells, points, networks, time, paths, rounds) = match scale {
            Scale::Quick => ([400, 400], 11, 5, 40.0, 250, 150),
            Scale::Paper => ([800, 3200], 21, 6, 60.0, 1000, 300),
        };
        Params { cells, inputs: [64, 16], spreads: [1.0, 6.0, 0.5], points, networks, time, paths, rounds }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        for cells in params.cells {
            count_within("cells", cells, 400, 100_000)?;
            count_within("inputs[0]", params.inputs[0], 1, cells - cells / 5)?;
            count_within("inputs[1]", params.inputs[1], 1, cells / 5)?;
        }
        within("spreads[0]", params.spreads[0], 0.0, 2.0)?;
        within("spreads[1]", params.spreads[1], 0.0, 50.0)?;
        within("spreads[2]", params.spreads[2], 0.0, 2.0)?;
        count_within("points", params.points, 9, 200)?;
        count_within("networks", params.networks, 3, 1000)?;
        within("time", params.time, 40.0, 10_000.0)?;
        count_within("paths", params.paths, 100, 100_000)?;
        count_within("rounds", params.rounds, 100, 100_000)
    }

    fn memory(&self, params: &Params) -> f64 {
        let cells = params.cells[0].max(params.cells[1]);
        12.0 * (cells * (params.inputs[0] + params.inputs[1])) as f64 + 8.0 * 255.0 * params.paths as f64
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        let kinds = all_kinds();
        bench.begin("mismatch", ARMS.len() * (kinds.len() * params.networks + DRAWN.len() * SETS));
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        for arm in &ARMS {
            let mut widths = Vec::new();
            for (number, &kinds) in kinds.iter().enumerate() {
                let seen = watch(params, arm, kinds, seed, bench)?;
                tolerance(params, (arm, number, kinds), &seen, &mut outcome, &mut table);
                widths.push(seen.widths);
            }
            effects(arm, &widths, &mut outcome);
        }
        for arm in &ARMS {
            for (kinds, name) in DRAWN {
                sampled(params, arm, (kinds, name), (seed, bench), &mut outcome, &mut table)?;
            }
        }
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let rates = |letter: &'static str, arm: &Arm| {
            let axis = Axis::log("rate of E").between(0.05, 120.0);
            let empty = Panel::new(letter, &format!("{} coupling", arm.name), Axis::log("*κ*"), axis);
            DRAWN.iter().zip(COLOURS).fold(empty, |panel, ((_, name), colour)| {
                let own = |what: &str| format!("{what}, {}", arm.name);
                let label = if arm.balanced { "" } else { *name };
                panel.with([
                    outcome.mark(Kind::Trace, colour, "", &own("sampled"), name),
                    outcome.mark(Kind::Points, colour, label, &own("rates"), name),
                ])
            })
        };
        let widths = |letter: &'static str, arm: &Arm| {
            let rows = |theory: &str| outcome.by(theory, "width", arm.name);
            let kind = Axis::names("", &NAMES);
            let empty =
                Panel::new(letter, &format!("tolerance, {}", arm.name), kind, Axis::linear("width (decades of κ)"));
            let sampled = rows("sampled paths");
            let (x, y): (Vec<f64>, Vec<f64>) = sampled.iter().map(|row| (row.x, row.theory)).unzip();
            let part = |claim: Claim| rows("static").into_iter().filter(|row| row.claim == claim).collect::<Vec<_>>();
            empty
                .with([Mark::new(Kind::Open, 7, "", &x, &y).named("sampled paths")])
                .compared(&part(Claim::Equals), 0, "")
                .compared(&part(Claim::Contrast), 0, "")
                .judged(&sampled, 7)
        };
        let [weak, balanced] = &ARMS;
        let rows = vec![
            vec![rates("A", weak).legend(Legend::BottomLeft), rates("B", balanced)],
            vec![widths("C", weak)],
            vec![widths("D", balanced)],
        ];
        Figure::new(58.0, rows)
            .key(Kind::Points, "networks")
            .key(Kind::Trace, "sampled paths (A, B)")
            .key(Kind::Open, "sampled paths (C, D)")
            .key(Kind::Line, "static mean field")
            .key(Kind::Dashed, "static mean field, where it leaves out what matters")
    }
}

/// Networks of a kind over κ.
fn watch(params: &Params, arm: &Arm, kinds: Kinds, seed: Seed, bench: &Bench) -> Result<Seen, Failure> {
    let scales = params.scales(arm);
    let one = |_, seed: Seed| -> Result<(Vec<f64>, Vec<f64>), Failure> {
        let network = MixedNetwork::draw(&params.pair(arm, kinds, 1.0), seed);
        let runs = scales.iter().map(|kappa| network.run(*kappa, params.time, arm.step, seed));
        Ok(runs.map(|run| (run.rate, run.temporal)).unzip())
    };
    let of = ("mismatch", params, arm.name, kinds);
    let (rates, temporal): (Vec<_>, Vec<_>) = bench.each(&of, seed, params.networks, one)?.into_iter().unzip();
    Ok(Seen {
        widths: rates.iter().map(|own| tolerated_width(&scales, own, LEVELS)).collect(),
        steepness: rates.iter().map(|own| steepness(&scales, own)).collect(),
        rates,
        temporal,
    })
}

/// Rows and curves of one kind.
fn tolerance(
    params: &Params,
    (arm, number, kinds): (&Arm, usize, Kinds),
    seen: &Seen,
    outcome: &mut Outcome,
    table: &mut SeriesTable,
) {
    let scales = params.scales(arm);
    let rate = |kappa: &f64| static_rates(&params.pair(arm, kinds, *kappa)).map_or(f64::NAN, |state| state[0][0]);
    let drawn = DRAWN.iter().find(|(own, _)| *own == kinds);
    // Under balanced coupling the theory is a contrast, of a few kinds.
    let is_asked = !arm.balanced || drawn.is_some();
    let rates: Vec<f64> = scales.par_iter().map(|kappa| if is_asked { rate(kappa) } else { f64::NAN }).collect();
    // Where weights differ and thresholds do, a few cells of low threshold hold the mean, through few and heavy inputs.
    let is_skewed = kinds[0] && kinds[2];
    let theory = tolerated_width(&scales, &rates, LEVELS);
    outcome.comparisons.push(Comparison {
        x: number as f64,
        theory,
        simulation: Estimate::of(seen.widths.iter().copied()),
        // Inputs that are skewed, or that fluctuate, the theory leaves out.
        claim: if arm.balanced || is_skewed || !theory.is_finite() { Claim::Contrast } else { Claim::Equals },
        bias: WEAK[usize::from(kinds[2] || kinds[3])],
        ..row(if arm.balanced { "D" } else { "C" }, "width", "static", arm.name)
    });
    if let Some((_, name)) = drawn {
        outcome.comparisons.push(Comparison {
            x: number as f64,
            theory: steepness(&scales, &rates),
            simulation: Estimate::of(seen.steepness.iter().copied()),
            claim: Claim::Contrast,
            ..row(if arm.balanced { "D" } else { "C" }, "steepness", "static", arm.name)
        });
        for (k, kappa) in scales.iter().enumerate() {
            let rate = Estimate::of(seen.rates.iter().map(|own| own[k]));
            table.estimate(&format!("rates, {}", arm.name), name, *kappa, rate);
            let temporal = Estimate::of(seen.temporal.iter().map(|own| own[k]));
            table.estimate(&format!("temporal share, {}", arm.name), name, *kappa, temporal);
        }
    }
}

/// What each factor adds to the width, and the claim that networks whose cells differ tolerate more.
fn effects(arm: &Arm, widths: &[Vec<f64>], outcome: &mut Outcome) {
    let networks = widths[0].len();
    let mean = Estimate::of(widths.iter().flatten().copied()).mean;
    let panel = if arm.balanced { "D" } else { "C" };
    for (bit, name) in FACTORS.into_iter().enumerate() {
        let effect = |k: usize| {
            let signed = |(kind, own): (usize, &Vec<f64>)| if kind >> bit & 1 == 1 { own[k] } else { -own[k] };
            widths.iter().enumerate().map(signed).sum::<f64>() / 8.0
        };
        outcome.comparisons.push(Comparison {
            x: bit as f64,
            theory: 0.0,
            simulation: Estimate::of((0..networks).map(effect)),
            claim: Claim::Contrast,
            scale: Some(mean),
            ..row(panel, "width gained by a factor", "nothing gained", &format!("{name}, {}", arm.name))
        });
    }
    let ratio = Estimate::of((0..networks).map(|k| widths[15][k] / widths[0][k]));
    outcome.comparisons.push(Comparison {
        x: 15.0,
        theory: WIDER,
        simulation: ratio,
        claim: Claim::Lower,
        ..row(panel, "width of all over that of uniform", "cells that differ tolerate more", arm.name)
    });
}

/// Sampled paths against networks.
fn sampled(
    params: &Params,
    arm: &Arm,
    (kinds, name): (Kinds, &str),
    (seed, bench): (Seed, &Bench),
    outcome: &mut Outcome,
    table: &mut SeriesTable,
) -> Result<(), Failure> {
    // Rates are constant under weak coupling.
    let period = if arm.balanced { 51.0 } else { 10.0 };
    let paths = SampledPaths { paths: params.paths, period, step: 0.2, rounds: params.rounds };
    let scales = params.scales(arm);
    let set = |_, seed: Seed| -> Result<Vec<f64>, Failure> {
        Ok(scales.par_iter().map(|kappa| paths.rates(&params.pair(arm, kinds, *kappa), seed)[0]).collect())
    };
    let sets = bench.each(&("mismatch, sampled", params, arm.name, kinds), seed, SETS, set)?;
    let mean = |k: usize| sets.iter().map(|set| set[k]).sum::<f64>() / sets.len() as f64;
    let rates: Vec<f64> = (0..scales.len()).map(mean).collect();
    table.curve(&format!("sampled, {}", arm.name), name, scales.iter().copied().zip(rates.iter().copied()));
    let width = tolerated_width(&scales, &rates, LEVELS);
    // What sets differ by: the theory's own sampling error.
    let apart = sets.iter().map(|set| (tolerated_width(&scales, set, LEVELS) - width).abs()).fold(0.0, f64::max);
    let number = all_kinds().iter().position(|own| *own == kinds).unwrap_or(0);
    let seen = outcome
        .rows(|row| row.quantity == "width" && row.label == arm.name && row.theory_name == "static")
        .iter()
        .find(|row| row.x == number as f64)
        .map(|row| row.simulation);
    let Some(simulation) = seen else { return Ok(()) };
    let bias = if arm.balanced { of_size(params.cells[1]) } else { Some(WEAK[usize::from(kinds[2] || kinds[3])]) };
    outcome.comparisons.push(Comparison {
        x: number as f64,
        theory: width,
        simulation,
        claim: if bias.is_none() { Claim::Contrast } else { Claim::Equals },
        bias: bias.unwrap_or(0.0) + apart,
        ..row(if arm.balanced { "D" } else { "C" }, "width", "sampled paths", arm.name)
    });
    Ok(())
}
