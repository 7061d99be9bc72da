//! Delay activity on a ring: gain makes bumps sharper and steadier, and differences between gains destroy them.

use lab::input::{all_within, count_within};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Claim, Comparison, Estimate, Experiment, Failure, Outcome, Scale, row};
use meanfield::ring_bump;
use model::Seed;
use ndarray::Array1;
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};
use simulation::Ring;
use std::f64::consts::PI;

pub struct DelayActivity;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Gains of all units.
    gains: Vec<f64>,
    /// Gains at which the bump's way is looked at.
    wandering: Vec<f64>,
    /// Units.
    units: usize,
    /// Realisations.
    replicates: usize,
}

/// J₀, J₂ and I.
const RING: [f64; 3] = [2.5, 3.0, 0.5];

/// Noise of inputs, per √τ; standard deviation of ln g; τ that a bump is watched.
const NOISE: f64 = 0.05;
const SPREAD: f64 = 0.2;
const WATCHED: f64 = 200.0;
/// g J₂ from which on theory of their way is claimed; bumps are there from 2 on.
const SURE: f64 = 2.25;
const WAY: &str = "squared way (rad²)";

fn ring(gain: Array1<f64>) -> Ring {
    let [uniform, tuned, input] = RING;
    Ring { gain, uniform, tuned, input }
}

impl Experiment for DelayActivity {
    type Params = Params;
    const SECONDS: [f64; 2] = [1.5, 6.0];
    const NAME: &'static str = "delay-activity";
    const TITLE: &'static str = "delay activity on a ring: what gain does to it";
    const CAPTION: &'static str = include_str!("delay_activity.md");

    fn params(&self, scale: Scale) -> Params {
        let replicates = if scale == Scale::Quick { 100 } else { 400 };
        Params {
            gains: vec![0.7, 0.75, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0],
            wandering: vec![0.8, 1.0, 1.5],
            units: 256,
            replicates,
        }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        // Where inputs are scaled up without bound rates have no end.
        all_within("gains", &params.gains, 0.68, 5.0)?;
        all_within("wandering", &params.wandering, 0.68, 5.0)?;
        count_within("units", params.units, 16, 100_000)?;
        count_within("replicates", params.replicates, 3, 10_000)
    }

    fn memory(&self, params: &Params) -> f64 {
        64.0 * params.units as f64
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        bench.begin("delay-activity", params.gains.len() + 2 * params.wandering.len() * params.replicates);
        let mut outcome = Outcome::default();
        for &gain in &params.gains {
            shape(gain, params.units, seed, &mut outcome);
            bench.advance();
        }
        for spread in [0.0, SPREAD] {
            let own = |gain: &f64| {
                let one = |_, seed| Ok(way(*gain, params.units, spread, seed));
                bench.each(&(Self::NAME, params, gain, spread), seed, params.replicates, one)
            };
            let ways: Vec<Vec<f64>> = params.wandering.iter().map(own).collect::<Result<_, Failure>>()?;
            wandering(params, spread, &ways, &mut outcome);
        }
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let gain = || Axis::linear("gain *g*");
        let rows = |quantity: &str| outcome.rows(|row| row.quantity == quantity);
        let width = Panel::new("A", "width", gain(), Axis::linear("half width (rad)")).compared(
            &rows("half width (rad)"),
            0,
            "",
        );
        let peak = Panel::new("B", "top", gain(), Axis::linear("rate")).compared(&rows("rate at the top"), 0, "");
        let way = Panel::new("C", "way in 200 *τ*", gain(), Axis::log("squared way (rad²)"))
            .compared(&outcome.of(WAY, "noise"), 0, "noise")
            .simulated(&outcome.of(WAY, "gains that differ"), 1, "gains that differ")
            .legend(Legend::TopRight);
        Figure::new(66.0, vec![vec![width, peak, way]])
            .key(Kind::Points, "ring in time")
            .key(Kind::Line, "N → ∞ (A, B), noise along the slope (C)")
    }
}

fn shape(gain: f64, units: usize, seed: Seed, outcome: &mut Outcome) {
    let ring = ring(Array1::from_elem(units, gain));
    let rates = ring.run(4.0 * WATCHED, 0.0, &mut seed.stream("ring").rng(0));
    let [uniform, tuned, input] = RING;
    let bump = ring_bump(gain, uniform, tuned, input);
    let most = rates.iter().copied().fold(0.0, f64::max);
    for (panel, quantity, theory, seen, bias) in [
        // Units are counted, on either side.
        ("A", "half width (rad)", bump.map(|bump| bump.half_width), ring.half_width(&rates), 2.0 * PI / units as f64),
        // A sum over units in place of an integral, with an edge between two of them.
        ("B", "rate at the top", bump.map(|bump| bump.peak), most, 1e-3),
    ] {
        outcome.comparisons.push(Comparison {
            x: gain,
            theory: theory.unwrap_or(f64::NAN),
            simulation: Estimate::exact(seen),
            bias,
            ..row(panel, quantity, "ring of infinitely many units", "equal units")
        });
    }
}

/// Rows of the ways of bumps `[gain][realisation]`: under noise, or where gains differ.
fn wandering(params: &Params, spread: f64, ways: &[Vec<f64>], outcome: &mut Outcome) {
    let [uniform, tuned, input] = RING;
    let foretold = |gain: f64| {
        let bump = ring_bump(gain, uniform, tuned, input);
        bump.map_or(f64::NAN, |bump| WATCHED * bump.wandering(gain, NOISE, params.units))
    };
    let noise = spread == 0.0;
    for (&gain, ways) in params.wandering.iter().zip(ways) {
        let theory = foretold(gain);
        // The same noise moves bumps where gains differ, were it not for what else does.
        let label = if noise { "noise" } else { "gains that differ" };
        // Near the least gain bumps are so flat that noise takes rates to 0.
        let claim = if noise && gain * RING[1] >= SURE { Claim::Equals } else { Claim::Contrast };
        outcome.comparisons.push(Comparison {
            x: gain,
            theory,
            simulation: Estimate::of(ways.iter().copied()),
            claim,
            scale: Some(theory),
            ..row("C", WAY, "noise along the slope", label)
        });
    }
    let mut by_gain: Vec<(f64, &Vec<f64>)> = params.wandering.iter().copied().zip(ways).collect();
    by_gain.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (Some((lowest, first)), Some((gain, last))) = (by_gain.first(), by_gain.last()) else { return };
    let difference = Estimate::of(first.iter().zip(*last).map(|(a, b)| a - b));
    // One gain says nothing of what gain does.
    let claim = if noise && lowest < gain { Claim::Lower } else { Claim::Contrast };
    outcome.comparisons.push(Comparison {
        x: *gain,
        theory: 0.0,
        simulation: difference,
        claim,
        scale: Some(Estimate::of(first.iter().copied()).mean),
        ..row(
            "C",
            "squared way at the lowest gain less that at the highest (rad²)",
            "gain keeps bumps in place",
            if noise { "noise" } else { "gains that differ" },
        )
    });
    if !noise {
        let seen = Estimate::of(last.iter().copied());
        outcome.comparisons.push(Comparison {
            x: *gain,
            theory: foretold(*gain),
            simulation: seen,
            claim: Claim::Lower,
            scale: Some(seen.mean),
            ..row("C", "squared way at the highest gain (rad²)", "more than noise moves it", "gains that differ")
        });
    }
}

/// Squared way of a bump in rad², under noise if gains do not differ.
fn way(gain: f64, units: usize, spread: f64, seed: Seed) -> f64 {
    let mut rng = seed.stream("ring").rng(0);
    let gains = Array1::from_shape_simple_fn(units, || {
        let z: f64 = StandardNormal.sample(&mut rng);
        gain * libm::exp(spread * z)
    });
    let ring = ring(gains);
    let rates = ring.run(WATCHED, if spread == 0.0 { NOISE } else { 0.0 }, &mut rng);
    ring.place(&rates).powi(2)
}
