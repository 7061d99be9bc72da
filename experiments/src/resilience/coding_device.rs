//! A coding device: coupled membranes filter input, and thresholds of their own add what is stored.

mod rows;
mod watch;

use lab::input::{all_within, count_within, within};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Experiment, Failure, Outcome, Scale, SeriesTable};
use meanfield::CoupledRing;
use model::Seed;
use rows::{compare, gained};
use serde::{Deserialize, Serialize};
use watch::{INPUT, Seen, watch};

pub struct CodingDevice;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Couplings c of neighbours.
    couplings: Vec<f64>,
    /// Standard deviations A of stored thresholds, from 0.
    stored: Vec<f64>,
    /// Standard deviation of inputs over trials.
    noise: f64,
    /// Cells.
    cells: usize,
    /// Neighbours on either side.
    neighbours: usize,
    /// Trials of each pattern with each memory.
    trials: usize,
    /// Length of a trial, in τ.
    time: f64,
    /// Networks.
    networks: usize,
}

/// Patterns, and memories.
const KINDS: usize = 8;

impl Experiment for CodingDevice {
    type Params = Params;
    const SECONDS: [f64; 2] = [20.0, 240.0];
    const NAME: &'static str = "coding-device";
    const TITLE: &'static str = "a coding device: membranes that filter, thresholds that store";
    const CAPTION: &'static str = include_str!("coding_device.md");

    fn params(&self, scale: Scale) -> Params {
        let (couplings, networks) =
            if scale == Scale::Quick { (vec![0.0, 1.0, 10.0], 5) } else { (vec![0.0, 0.5, 1.0, 2.0, 5.0, 10.0], 10) };
        let stored = vec![0.0, 0.2];
        Params { couplings, stored, noise: 1.2, cells: 200, neighbours: 10, trials: 8, time: 40.0, networks }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        all_within("couplings", &params.couplings, 0.0, 15.0)?;
        all_within("stored", &params.stored, 0.0, 1.0)?;
        within("noise", params.noise, 0.01, 100.0)?;
        count_within("cells", params.cells, 20, 100_000)?;
        count_within("neighbours", params.neighbours, 1, (params.cells - 1) / 2)?;
        count_within("trials", params.trials, 2, 1000)?;
        within("time", params.time, 5.0, 1e4)?;
        count_within("networks", params.networks, 3, 1000)
    }

    fn memory(&self, params: &Params) -> f64 {
        16.0 * (KINDS * KINDS * params.trials * params.cells) as f64
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        bench.begin("coding-device", params.couplings.len() * params.stored.len() * params.networks);
        let mut outcome = Outcome::default();
        for &stored in &params.stored {
            let label = format!("A = {stored}");
            let mut ends: Vec<Vec<Seen>> = Vec::new();
            for &coupling in &params.couplings {
                let of = (Self::NAME, params, coupling, stored);
                let seen =
                    bench.each(&of, seed, params.networks, |_, seed| Ok(watch(params, coupling, stored, seed)))?;
                compare(params, (coupling, stored), &label, &seen, &mut outcome);
                ends.push(seen);
            }
            if let (Some(first), Some(last), true) = (ends.first(), ends.last(), ends.len() > 1) {
                gained(params, (stored, &label), [first, last], &mut outcome);
            }
        }
        let fine: Vec<f64> = (0..=100).map(|k| 0.1 * f64::from(k)).collect();
        let ring = |coupling: f64| CoupledRing { units: params.cells, neighbours: params.neighbours, coupling };
        let mut table = SeriesTable::new();
        table.curve("kept", "theory", fine.iter().map(|c| (*c, ring(*c).noise_kept())));
        let signal = 0.5 * INPUT[1].powi(2);
        let bound = |c: f64| ring(c).predictability(1, signal, params.noise.powi(2));
        table.curve("repeated", "theory", fine.iter().map(|c| (*c, bound(*c))));
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let coupling = || Axis::linear("coupling *c*");
        let rows = |quantity: &str| outcome.rows(|row| row.quantity == quantity);
        let kept = Panel::new("A", "membranes filter", coupling(), Axis::log("share of noise that is kept"))
            .with([outcome.mark(Kind::Line, 0, "", "kept", "theory")])
            .judged(&rows("share of noise kept"), 0)
            .simulated(&rows("share of noise kept"), 0, "");
        let share = |label: &str| Axis::linear(label).between(0.0, 1.05);
        let empty = Panel::new("B", "output repeats", coupling(), share("share of variance")).with([outcome.mark(
            Kind::Trace,
            0,
            "",
            "repeated",
            "theory",
        )]);
        let labels = outcome.labels("share of output that repeats");
        let repeated = labels.iter().enumerate().fold(empty, |panel, (colour, label)| {
            panel.simulated(&outcome.of("share of output that repeats", label), colour, label)
        });
        let read = |letter: &'static str, title: &str, quantity: &str| {
            let empty = Panel::new(letter, title, coupling(), share("share of trials read"));
            labels
                .iter()
                .enumerate()
                .fold(empty, |panel, (colour, label)| panel.compared(&outcome.of(quantity, label), colour, label))
        };
        let (memories, patterns) = (read("C", "memories", "memories read"), read("D", "waves", "patterns read"));
        Figure::new(58.0, vec![vec![kept, repeated.legend(Legend::BottomRight)], vec![memories, patterns]])
            .key(Kind::Points, "cells that fire (B to D), membranes (A)")
            .key(Kind::Line, "theory")
            .key(Kind::Trace, "bound: what membranes at rest repeat (B, A = 0), chance and twice it (C, D)")
    }
}
