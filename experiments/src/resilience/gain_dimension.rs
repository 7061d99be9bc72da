//! One modulator, two receptors: the directions in which it moves gains and rates.

use analysis::participation_ratio;
use lab::input::{all_within, count_within, within};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Claim, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use meanfield::{Receptors, kernel_dimension, rate_kernel};
use model::Seed;
use ndarray::Array2;
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

pub struct GainDimension;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Half levels C₁ and C₂ of both receptors.
    halves: [f64; 2],
    /// Standard deviation of ln d.
    sigma: f64,
    /// Strengths J of random networks; a weight has the variance J²/N.
    couplings: Vec<f64>,
    /// Cells of a network.
    cells: usize,
    /// Networks.
    networks: usize,
}

/// Strength of the modulation of gains.
const STRENGTH: f64 = 0.5;

/// Levels of the modulator: from the first by equal factors to the second.
const LEVELS: [f64; 2] = [0.005, 20.0];
const COUNT: usize = 40;

/// d₂/d₁ where both densities go together.
const RATIO: f64 = 1.0;

/// Rounding of a dimension.
const ROUNDING: f64 = 1e-9;

/// Error of a dimension that cells are finitely many: of order 1/N, raised by the square of the largest susceptibility 1/(1 − J²⟨g²⟩). Networks of 20 cells, which no figure shows, stay within it.
fn of_size(kernel: &Array2<f64>, coupling: f64, dimension: f64, cells: usize) -> f64 {
    let most = kernel.diag().iter().copied().fold(0.0, f64::max);
    dimension / (1.0 - coupling * coupling * most).powi(2) / cells as f64
}

/// Steps of a network towards its rates.
const STEPS: usize = 400;

/// Cells that read the modulator.
#[derive(Clone, Copy, PartialEq)]
enum Kinds {
    One,
    Fixed,
    Two,
}

impl Kinds {
    const ALL: [(Kinds, &'static str); 3] =
        [(Kinds::One, "one receptor"), (Kinds::Fixed, "two, d₂ = d₁"), (Kinds::Two, "two receptors")];
}

impl Experiment for GainDimension {
    type Params = Params;
    const SECONDS: [f64; 2] = [3.0, 60.0];
    const NAME: &'static str = "gain-dimension";
    const TITLE: &'static str = "how many things one modulator can say";
    const CAPTION: &'static str = include_str!("gain_dimension.md");

    fn params(&self, scale: Scale) -> Params {
        let (cells, networks) = if scale == Scale::Quick { (400, 8) } else { (1600, 16) };
        Params { halves: [1.0, 0.1], sigma: 0.5, couplings: vec![0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8], cells, networks }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        all_within("halves", &params.halves, 1e-6, 1e6)?;
        if params.halves[0] == params.halves[1] {
            let half = params.halves[0];
            return Err(Failure::Input(format!("halves: both are {half} (allowed: two that differ)")));
        }
        within("sigma", params.sigma, 1e-3, 1.0)?;
        all_within("couplings", &params.couplings, 0.0, 0.8)?;
        count_within("cells", params.cells, 20, 20_000)?;
        count_within("networks", params.networks, 3, 10_000)
    }

    fn memory(&self, params: &Params) -> f64 {
        16.0 * (params.cells as f64).powi(2)
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        bench.begin("gain-dimension", params.networks);
        let receptors = Receptors { halves: params.halves, sigma: params.sigma, strength: STRENGTH };
        let levels: Vec<f64> =
            (0..COUNT).map(|k| LEVELS[0] * libm::pow(LEVELS[1] / LEVELS[0], k as f64 / (COUNT - 1) as f64)).collect();
        let two = receptors.gain_kernel(&levels, true);
        let cut = [false, true].map(|second| receptors.cut_gain_kernel(&levels, second));
        // Dimensions of gains of each kind, and of rates of each strength with one and with two receptors.
        let one = |_, seed| Ok(dimensions(params, &levels, seed));
        let seen: Vec<([f64; 3], Vec<[f64; 2]>)> = bench.each(&(Self::NAME, params), seed, params.networks, one)?;
        let mut outcome = Outcome::default();
        for (k, (kind, name)) in Kinds::ALL.into_iter().enumerate() {
            outcome.comparisons.push(Comparison {
                x: k as f64,
                theory: if kind == Kinds::Two { kernel_dimension(&two) } else { 1.0 },
                simulation: Estimate::of(seen.iter().map(|(gains, _)| gains[k])),
                bias: ROUNDING + if kind == Kinds::Two { 1.0 / params.cells as f64 } else { 0.0 },
                // Gains that are multiples of one function have one dimension, whatever the densities.
                claim: if kind == Kinds::Two { Claim::Equals } else { Claim::Contrast },
                ..row("A", "dimension of gains", "densities", name)
            });
        }
        let mut table = SeriesTable::new();
        for (which, (kernel, name)) in cut.iter().zip(["one receptor", "two receptors"]).enumerate() {
            for (k, &coupling) in params.couplings.iter().enumerate() {
                let theory = kernel_dimension(&rate_kernel(kernel, coupling));
                // Where gains are so high that rates have no end there is nothing to compare.
                if theory.is_nan() {
                    continue;
                }
                // Rates that gains alone make have the one dimension of these.
                let is_one = coupling == 0.0 && which == 0;
                outcome.comparisons.push(Comparison {
                    x: coupling,
                    theory,
                    simulation: Estimate::of(seen.iter().map(|(_, rates)| rates[k][which])),
                    bias: ROUNDING + if is_one { 0.0 } else { of_size(kernel, coupling, theory, params.cells) },
                    claim: if is_one { Claim::Contrast } else { Claim::Equals },
                    // What there is beyond the one direction that one receptor gives.
                    scale: Some(if which == 0 { (theory - 1.0).max(ROUNDING) } else { theory }),
                    ..row("B", "dimension of rates", "random networks", name)
                });
            }
            let fine = (0..=40).map(|k| 0.02 * f64::from(k)).map(|j| (j, kernel_dimension(&rate_kernel(kernel, j))));
            table.curve("rates", name, fine.filter(|(_, dimension)| !dimension.is_nan()));
        }
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let names = Kinds::ALL.map(|(_, name)| name);
        let gains = Panel::new("A", "gains", Axis::names("", &names), Axis::linear("dimension").between(0.0, 2.2))
            .compared(&outcome.rows(|row| row.panel == "A"), 0, "");
        let empty = Panel::new(
            "B",
            "rates of a network",
            Axis::linear("strength *J* of the network"),
            Axis::linear("dimension").between(0.9, 2.0),
        );
        let rates = ["two receptors", "one receptor"].iter().enumerate().fold(empty, |panel, (colour, name)| {
            let rows = outcome.of("dimension of rates", name);
            panel
                .with([outcome.mark(Kind::Line, colour, "", "rates", name)])
                .judged(&rows, colour)
                .simulated(&rows, colour, name)
        });
        Figure::new(66.0, vec![vec![gains, rates.legend(Legend::TopLeft)]])
            .key(Kind::Points, "cells, mean over networks")
            .key(Kind::Line, "theory, N → ∞")
    }
}

fn dimensions(params: &Params, levels: &[f64], seed: Seed) -> ([f64; 3], Vec<[f64; 2]>) {
    let n = params.cells;
    let mut rng = seed.stream("densities").rng(0);
    let mut density = || -> f64 { libm::exp(params.sigma * normal(&mut rng)) };
    let cells: Vec<[f64; 2]> = (0..n).map(|_| [density(), density()]).collect();
    let gains = |kind: Kinds| {
        let gain = |level: f64, [d1, d2]: [f64; 2]| {
            let [h1, h2] = params.halves.map(|c| level / (level + c));
            let second = match kind {
                Kinds::One => 0.0,
                Kinds::Fixed => RATIO * d1,
                Kinds::Two => d2,
            };
            1.0 + STRENGTH * (d1 * h1 - second * h2)
        };
        Array2::from_shape_fn((levels.len(), n), |(m, i)| gain(levels[m], cells[i]))
    };
    let dimension = |gains: &Array2<f64>| participation_ratio(gains.view());
    let [one, fixed, two] = Kinds::ALL.map(|(kind, _)| gains(kind));
    // A gain below 0 is none.
    let cut = [&one, &two].map(|gains| gains.mapv(|g| g.max(0.0)));
    let mut rng = seed.stream("weights").rng(0);
    let weights = Array2::from_shape_simple_fn((n, n), || normal(&mut rng) / (n as f64).sqrt());
    let rates = params.couplings.iter().map(|&coupling| {
        let j = &weights * coupling;
        [0, 1].map(|which| dimension(&rates(&cut[which], &j)))
    });
    ([dimension(&one), dimension(&fixed), dimension(&two)], rates.collect())
}

/// Rates `[level × cell]` at which r′ = −r + g(J r + 1) comes to rest.
fn rates(gains: &Array2<f64>, j: &Array2<f64>) -> Array2<f64> {
    let mut rates = gains.clone();
    for _ in 0..STEPS {
        let next = gains * &(rates.dot(&j.t()) + 1.0);
        let change = (&next - &rates).iter().fold(0.0_f64, |most, d| most.max(d.abs()));
        rates = next;
        if change < 1e-10 {
            break;
        }
    }
    rates
}

fn normal(rng: &mut impl Rng) -> f64 {
    StandardNormal.sample(rng)
}
