//! Delay activity on a ring: gain makes bumps sharper and steadier, and differences between gains destroy them.

mod rows;

use lab::input::{all_within, count_within};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Experiment, Failure, Outcome, Scale};
use model::Seed;
use rows::{shape, wandering, way};
use serde::{Deserialize, Serialize};

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
