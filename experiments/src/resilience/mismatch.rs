//! Mismatch of excitation and inhibition: how much of it networks tolerate whose cells differ.

mod design;
mod rows;

use design::{ARMS, Arm, DRAWN, Kinds, NAMES, all_kinds};
use lab::input::{count_within, within};
use lab::plot::{Axis, Figure, Kind, Legend, Mark, Panel};
use lab::{Bench, Claim, Experiment, Failure, Outcome, Scale, SeriesTable};
use model::{MixedPair, Seed, Spread};
use rows::{LEAST, SETS, effects, sampled, tolerance, watch};
use serde::{Deserialize, Serialize};

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

/// Colours of these that differ in lightness too.
const COLOURS: [usize; 4] = [5, 4, 0, 6];

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
