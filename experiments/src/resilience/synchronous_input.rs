//! Input that comes at the same time: cells whose thresholds differ fire alike.

mod cells;
mod theory;

use cells::cells;
use lab::input::{all_within, count_within, within};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Claim, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use meanfield::jump_rate;
use model::Seed;
use serde::{Deserialize, Serialize};
use simulation::VolleyCell;

pub struct SynchronousInput;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Shares of the input that come in volleys, from 0.
    shares: Vec<f64>,
    /// Thresholds at which rates are looked at.
    thresholds: Vec<f64>,
    /// Standard deviation of thresholds about 1.
    spread: f64,
    /// Size of volleys that bring all input.
    volley: f64,
    /// Size of other jumps.
    jump: f64,
    /// Volleys a second (Hz).
    volleys: f64,
    /// Time constant of cells in ms.
    tau: f64,
    /// Length of a run in s.
    seconds: f64,
    /// Cells.
    cells: usize,
    /// Realisations.
    replicates: usize,
}

/// Spikes of a run, on average, from which on variation over cells is looked at.
const FEWEST: f64 = 20.0;

/// What of the variation volleys leave at most, and the share of the input from which on they do.
const LESS: f64 = 0.9;
const MUCH: f64 = 0.9;

/// Time constants before a run is looked at.
const LEAD: f64 = 50.0;

impl Experiment for SynchronousInput {
    type Params = Params;
    const SECONDS: [f64; 2] = [4.0, 30.0];
    const NAME: &'static str = "synchronous-input";
    const TITLE: &'static str = "input that comes at once makes different cells alike";
    const CAPTION: &'static str = include_str!("synchronous_input.md");

    fn params(&self, scale: Scale) -> Params {
        let (seconds, replicates) = if scale == Scale::Quick { (10.0, 8) } else { (40.0, 16) };
        Params {
            shares: vec![0.0, 0.2, 0.4, 0.5, 0.6, 0.8, 0.9, 1.0],
            thresholds: vec![0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3],
            spread: 0.1,
            volley: 1.5,
            jump: 0.03,
            volleys: 40.0,
            tau: 20.0,
            seconds,
            cells: 200,
            replicates,
        }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        all_within("shares", &params.shares, 0.0, 1.0)?;
        all_within("thresholds", &params.thresholds, 0.1, 2.0)?;
        within("spread", params.spread, 0.0, 0.15)?;
        within("volley", params.volley, 0.1, 10.0)?;
        // What is claimed of volleys is claimed beside small jumps.
        within("jump", params.jump, 0.01, 0.2)?;
        within("volleys", params.volleys, 1.0, 1000.0)?;
        within("tau", params.tau, 1.0, 1000.0)?;
        within("seconds", params.seconds, 1.0, 10_000.0)?;
        count_within("cells", params.cells, 10, 100_000)?;
        count_within("replicates", params.replicates, 3, 10_000)
    }

    fn memory(&self, params: &Params) -> f64 {
        64.0 * params.cells as f64
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        bench.begin("synchronous-input", (params.shares.len() + 2 * params.thresholds.len()) * params.replicates);
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        let apart = params.input(0.0);
        let own = |threshold: f64| params.hertz(jump_rate(threshold, apart.jump, apart.arrivals));
        let mut first: Option<Estimate> = None;
        for &share in &params.shares {
            let of = (Self::NAME, params, share);
            let cells = bench.each(&of, seed, params.replicates, |_, seed| Ok(cells(params, share, seed)))?;
            let [rate, variation] = [0, 1].map(|k| Estimate::of(cells.iter().map(|seen| seen[k])));
            let theory = match share {
                0.0 => Some((params.over_cells(own), "jumps")),
                1.0 => Some((params.over_cells(|threshold| params.by_volleys(threshold)), "volleys")),
                _ => None,
            };
            let mut push = |quantity: &str, name: &str, theory: f64, simulation: Estimate, claim: Claim, bias: f64| {
                outcome.comparisons.push(Comparison {
                    x: share,
                    theory,
                    simulation,
                    claim,
                    bias,
                    scale: Some(if quantity.starts_with("variation") { 0.2 } else { theory }),
                    ..row("A", quantity, name, "all cells")
                });
            };
            // Where a cell hardly fires in a run nothing is told of cells.
            let told = |mean: f64| mean * params.seconds >= FEWEST;
            if let Some(([mean, spread], name)) = theory.filter(|([mean, _], _)| told(*mean)) {
                // The last volley may fall on either side of the end.
                let edge = if share == 1.0 { 1.0 / params.seconds } else { 0.0 };
                push("mean rate (Hz)", name, mean, rate, Claim::Equals, edge);
                // Counts of one run vary by less than Poisson's law, and their squares add to those of the variation.
                let counted = libm::hypot(spread, libm::pow(mean * params.seconds, -0.5)) - spread;
                push("variation of rates over cells", name, spread, variation, Claim::Equals, counted);
            }
            match first {
                None if share == 0.0 && told(rate.mean) => {
                    first = Some(variation);
                    let [_, steady] = params.over_cells(|threshold| params.by_steady_input(threshold));
                    // Steady input below all thresholds makes no cell fire.
                    if steady.is_finite() {
                        let counted = libm::hypot(steady, libm::pow(rate.mean * params.seconds, -0.5)) - steady;
                        push("variation of rates over cells", "steady input", steady, variation, Claim::Upper, counted);
                    }
                }
                Some(before) if share >= MUCH => {
                    let bound = LESS * before.mean;
                    // Where some cells need two volleys, or none, volleys tell cells apart.
                    let is_claimed = share * params.volley >= 1.0 + 3.0 * params.spread;
                    let claim = if is_claimed { Claim::Upper } else { Claim::Contrast };
                    push("variation of rates over cells", "less than all apart", bound, variation, claim, 0.0);
                }
                _ => {}
            }
            table.estimate("variation", "cells", share, variation);
        }
        for (share, name, theory) in
            [(0.0, "jumps", &own as &dyn Fn(f64) -> f64), (1.0, "volleys", &|threshold| params.by_volleys(threshold))]
        {
            let label = if share == 0.0 { "apart" } else { "in volleys" };
            for &threshold in &params.thresholds {
                let seen = bench.each(&(Self::NAME, params, name, threshold), seed, params.replicates, |_, seed| {
                    let mut rng = seed.stream("jumps").rng((threshold * 1e6) as u64);
                    let cell = VolleyCell { threshold };
                    let time = 10.0 * params.seconds * 1000.0 / params.tau;
                    Ok(params.hertz(cell.rate(&params.input(share), LEAD, time, &mut rng)))
                })?;
                outcome.comparisons.push(Comparison {
                    x: threshold,
                    theory: theory(threshold),
                    simulation: Estimate::of(seen),
                    // A volley may fall on either side of the end, and less than one spike is none.
                    bias: if share == 1.0 {
                        1.0 / params.seconds
                    } else {
                        0.1 / params.seconds / params.replicates as f64
                    },
                    ..row("B", "rate (Hz)", name, label)
                });
            }
            let fine = (0..=60).map(|k| 0.7 + 0.01 * f64::from(k));
            table.curve("rates", label, fine.map(|threshold| (threshold, theory(threshold))));
        }
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let claims = outcome.rows(|row| row.quantity == "variation of rates over cells" && row.claim == Claim::Equals);
        let variation = Panel::new(
            "A",
            "cells of different thresholds",
            Axis::linear("share of input in volleys"),
            Axis::linear("variation of rates").between(-0.01, 0.3),
        )
        .with([outcome.mark(Kind::Points, 0, "", "variation", "cells")])
        .theory(&claims, 0, "");
        let empty = Panel::new("B", "one cell", Axis::linear("threshold"), Axis::linear("rate (Hz)"));
        let rates = ["apart", "in volleys"].iter().enumerate().fold(empty, |panel, (colour, name)| {
            let rows = outcome.of("rate", name);
            panel
                .with([outcome.mark(Kind::Line, colour, "", "rates", name)])
                .judged(&rows, colour)
                .simulated(&rows, colour, name)
        });
        Figure::new(66.0, vec![vec![variation, rates.legend(Legend::TopRight)]])
            .key(Kind::Points, "cells, event by event")
            .key(Kind::Line, "time to threshold under jumps (no diffusion), every k-th volley")
    }
}
