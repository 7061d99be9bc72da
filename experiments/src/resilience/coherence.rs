//! Coherence of membrane potentials: what couples them, and what spikes do to it.

mod ring;

use lab::input::{all_within, count_within, counts_within, within};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Claim, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use model::Seed;
use ring::{FIRING, RESET, STEP};
use serde::{Deserialize, Serialize};

pub struct Coherence;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Couplings c of membranes that do not fire.
    couplings: Vec<f64>,
    /// Distances on the ring.
    distances: Vec<usize>,
    /// Coupling where cells fire.
    firing: f64,
    /// Mean input where cells do not fire, and where they do; thresholds are 1.
    inputs: [f64; 2],
    /// Standard deviation of an uncoupled membrane.
    noise: f64,
    /// Time constant in ms.
    tau: f64,
    /// Cells.
    cells: usize,
    /// Neighbours on either side.
    neighbours: usize,
    /// Length of a run in s.
    seconds: f64,
    /// Realisations.
    replicates: usize,
}

/// Bands in Hz.
const BANDS: [[f64; 2]; 3] = [[4.0, 12.0], [12.0, 30.0], [30.0, 80.0]];

impl Experiment for Coherence {
    type Params = Params;
    const SECONDS: [f64; 2] = [15.0, 90.0];
    const NAME: &'static str = "coherence";
    const TITLE: &'static str = "coherence of membranes, and what spikes do to it";
    const CAPTION: &'static str = include_str!("coherence.md");

    fn params(&self, scale: Scale) -> Params {
        let (seconds, replicates) = if scale == Scale::Quick { (10.0, 5) } else { (20.0, 16) };
        Params {
            couplings: vec![3.0, 10.0],
            distances: vec![1, 3, 10],
            firing: 3.0,
            inputs: [0.45, 0.85],
            noise: 0.22,
            tau: 20.0,
            cells: 200,
            neighbours: 10,
            seconds,
            replicates,
        }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        all_within("couplings", &params.couplings, 0.0, 40.0)?;
        counts_within("distances", &params.distances, 1, params.cells / 2)?;
        within("firing", params.firing, 0.1, 40.0)?;
        all_within("inputs", &params.inputs, -10.0, 10.0)?;
        within("noise", params.noise, 1e-3, 10.0)?;
        within("tau", params.tau, 1.0, 50.0)?;
        count_within("cells", params.cells, 21, 10_000)?;
        count_within("neighbours", params.neighbours, 1, (params.cells - 1) / 2)?;
        within("seconds", params.seconds, 3.0, 1000.0)?;
        count_within("replicates", params.replicates, 3, 1000)
    }

    fn memory(&self, params: &Params) -> f64 {
        1000.0 * params.seconds / params.tau / STEP * params.cells as f64 * 16.0
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        bench.begin("coherence", params.replicates * (params.couplings.len() * params.distances.len() + FIRING.len()));
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        let silent = FIRING[2];
        for &coupling in &params.couplings {
            for &apart in &params.distances {
                let seen = params.seen(silent, (coupling, apart), seed, bench)?;
                let label = format!("c = {coupling}, {apart} apart");
                for band in BANDS {
                    let (theory, bias) = params.estimate(coupling, apart, band, &seen);
                    outcome.comparisons.push(Comparison {
                        x: 0.5 * (band[0] + band[1]),
                        theory,
                        simulation: Estimate::of(seen.iter().map(|(own, _)| own.band(band))),
                        bias,
                        ..row("A", "coherence in silence", "coupled membranes", &label)
                    });
                }
                if coupling == params.couplings[params.couplings.len() - 1] {
                    let theory = (4..=80).map(f64::from);
                    let at = |f: f64| params.ring(coupling).coherence_in_steps(apart, f * params.tau / 1000.0, STEP);
                    let line = theory.map(|f| (f, at(f)));
                    table.curve("spectrum", &label, line);
                }
            }
        }
        let apart = params.distances[params.distances.len() / 2];
        for (k, kinds) in FIRING.into_iter().enumerate() {
            let seen = params.seen(kinds, (params.firing, apart), seed, bench)?;
            let rate = Estimate::of(seen.iter().map(|(_, rate)| *rate));
            table.estimate("rate", kinds.name, k as f64, rate);
            // Cells that fire are held against the same membranes in silence.
            let coupling = if kinds.coupled { params.firing } else { 0.0 };
            for band in BANDS {
                let (theory, bias) = params.estimate(coupling, apart, band, &seen);
                outcome.comparisons.push(Comparison {
                    x: 0.5 * (band[0] + band[1]),
                    theory,
                    simulation: Estimate::of(seen.iter().map(|(own, _)| own.band(band))),
                    claim: match kinds.coupled && kinds.fires {
                        // Fast waves of cells that fire are more coherent than those of membranes.
                        true if band[0] < RESET => Claim::Upper,
                        true => Claim::Contrast,
                        false => Claim::Equals,
                    },
                    bias,
                    scale: Some(params.theory(params.firing, apart, band)),
                    ..row("B", "coherence", "coupled membranes", kinds.name)
                });
            }
        }
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let frequency = || Axis::log("frequency (Hz)");
        let labels = outcome.labels("coherence in silence");
        let strongest: Vec<&&str> = labels.iter().rev().take(labels.len().min(3)).collect();
        let empty = Panel::new("A", "no spikes", frequency(), Axis::log("coherence").between(1e-4, 1.0));
        let silent = strongest.iter().rev().enumerate().fold(empty, |panel, (colour, label)| {
            let rows = outcome.of("coherence in silence", label);
            panel
                .with([outcome.mark(Kind::Line, colour, "", "spectrum", label)])
                .judged(&rows, colour)
                .simulated(&rows, colour, label)
        });
        let empty = Panel::new("B", "what spikes do", frequency(), Axis::log("coherence").between(1e-4, 1.0));
        let firing = FIRING.iter().enumerate().fold(empty, |panel, (colour, kinds)| {
            panel.compared(&outcome.of("coherence", kinds.name), colour, kinds.name)
        });
        let corner = Legend::BottomLeft;
        Figure::new(66.0, vec![vec![silent.legend(corner), firing.legend(Legend::TopRight)]])
            .key(Kind::Points, "membranes in time, mean of a band")
            .key(Kind::Line, "theory, in (B) with what the estimator adds")
            .key(Kind::Trace, "the same membranes without spikes: a bound")
    }
}
