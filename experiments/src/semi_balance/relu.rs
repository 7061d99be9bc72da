//! Feedforward ReLU stacks as semi-balanced networks.

use crate::rows::largest;
use lab::input::{count_within, counts_within};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use model::Seed;
use ndarray::{Array1, Array2};
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use semibalance::{Answer, Layer, Stack, one_state};
use serde::{Deserialize, Serialize};
use simulation::{Fate, RateDynamics, Transfer};

pub struct Relu;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Random stacks of each depth.
    stacks: usize,
    /// Numbers of layers.
    depths: Vec<usize>,
    /// Units a layer.
    width: usize,
    /// Inputs.
    inputs: usize,
}

/// Of one stack.
struct Trial {
    /// Largest difference of state and forward pass, relative to the largest activity.
    state: f64,
    /// The same of the end of the dynamics.
    dynamics: f64,
    /// Share of units that are active.
    active: f64,
}

impl Experiment for Relu {
    type Params = Params;
    const SECONDS: [f64; 2] = [0.04, 1.01];
    const NAME: &'static str = "relu";
    const TITLE: &'static str = "feedforward ReLU stacks as semi-balanced networks";
    const CAPTION: &'static str = include_str!("relu.md");

    fn params(&self, scale: Scale) -> Params {
        let (stacks, depths) = match scale {
            Scale::Quick => (10, vec![1, 2, 3, 4, 6, 8]),
            Scale::Paper => (50, vec![1, 2, 3, 4, 6, 8, 12, 16]),
        };
        Params { stacks, depths, width: 16, inputs: 8 }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        count_within("stacks", params.stacks, 1, 10_000)?;
        counts_within("depths", &params.depths, 1, 50)?;
        count_within("width", params.width, 1, 500)?;
        count_within("inputs", params.inputs, 1, 500)
    }

    fn memory(&self, params: &Params) -> f64 {
        let units = (params.width * params.depths.iter().max().copied().unwrap_or(0)) as f64;
        8.0 * units * units * 8.0
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        bench.begin("relu", params.depths.len() * params.stacks);
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        for &depth in &params.depths {
            let trials: Vec<Trial> = (0..params.stacks)
                .into_par_iter()
                .map(|k| {
                    let trial = trial(params, depth, seed.replicate(k as u64));
                    bench.advance();
                    trial
                })
                .collect::<Result<_, _>>()?;
            let worst = |of: fn(&Trial) -> f64| largest(trials.iter().map(of));
            let (state, dynamics) = (worst(|t| t.state), worst(|t| t.dynamics));
            // Exact agreement is below the axis.
            table.point("difference", "state", depth as f64, state.max(1e-17));
            table.point("difference", "dynamics", depth as f64, dynamics.max(1e-17));
            table.estimate("active", "units", depth as f64, Estimate::of(trials.iter().map(|t| t.active)));
            // The embedding is exact; the dynamics stop where τ dr/dt is 1e-11 of the largest rate, one layer after the other.
            for (quantity, simulated, bias) in
                [("state - forward pass", state, 1e-12), ("end of dynamics - forward pass", dynamics, 1e-8)]
            {
                outcome.comparisons.push(Comparison {
                    x: depth as f64,
                    theory: 0.0,
                    simulation: Estimate::exact(simulated),
                    bias,
                    // Differences are relative to the largest output.
                    scale: Some(1.0),
                    ..row("A", quantity, "exact embedding", &format!("{} stacks", params.stacks))
                });
            }
        }
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let panel = |letter, title: &str, y: Axis| Panel::new(letter, title, Axis::linear("layers"), y);
        let difference =
            panel("A", "distance from the forward pass", Axis::log("largest relative difference").between(1e-17, 1e-6))
                .with([
                    outcome.mark(Kind::Squares, 0, "semi-balanced state", "difference", "state"),
                    outcome.mark(Kind::Squares, 1, "rate dynamics", "difference", "dynamics"),
                ])
                .judged(&outcome.rows(|row| row.quantity.starts_with("state")), 0)
                .judged(&outcome.rows(|row| row.quantity.starts_with("end")), 1);
        let active = panel("B", "active units", Axis::linear("share of units").between(0.0, 1.0));
        let row = vec![
            difference.legend(Legend::TopRight),
            active.with([outcome.mark(Kind::Squares, 0, "", "active", "units")]),
        ];
        Figure::new(64.0, vec![row]).key(Kind::Squares, "the worst stack in A, means in B")
    }
}

fn trial(params: &Params, depth: usize, seed: Seed) -> Result<Trial, Failure> {
    let mut rng = seed.stream("layers").rng(depth as u64);
    let mut normal = |sd: f64| -> f64 {
        let z: f64 = StandardNormal.sample(&mut rng);
        sd * z
    };
    let layers = (0..depth)
        .map(|k| {
            let inputs = if k == 0 { params.inputs } else { params.width };
            let sd = (2.0 / inputs as f64).sqrt();
            Layer {
                weights: Array2::from_shape_simple_fn((params.width, inputs), || normal(sd)),
                bias: Array1::from_shape_simple_fn(params.width, || normal(0.1)),
            }
        })
        .collect();
    let stack = Stack::new(layers).map_err(|e| Failure::Input(e.to_string()))?;
    let stimulus = Array1::from_shape_simple_fn(params.inputs, || normal(1.0));
    let forward = stack.forward(&stimulus);
    let circuit = stack.circuit(&stimulus).map_err(|e| Failure::Input(e.to_string()))?;
    let size = forward.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let difference = |r: &Array1<f64>| largest(r - &forward) / size;
    let state = match one_state(&circuit) {
        Answer::State(state) => difference(&state.r),
        Answer::Nothing(_) | Answer::Unknown => f64::NAN,
    };
    let units = stack.units();
    let dynamics = RateDynamics {
        w: circuit.coupling() + &Array2::<f64>::eye(units),
        x: circuit.drive().clone(),
        tau: Array1::ones(units),
        transfer: Transfer::RectifiedLinear { gain: 1.0 },
    };
    let end = match dynamics.run(&Array1::zeros(units), 0.2, 400.0) {
        Fate::Settled(r) => difference(&r),
        Fate::Moving(_) | Fate::RanAway => f64::NAN,
    };
    let active = forward.iter().filter(|r| **r > 0.0).count() as f64 / units as f64;
    Ok(Trial { state, dynamics: end, active })
}
