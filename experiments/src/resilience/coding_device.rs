//! A coding device: coupled membranes filter input, and thresholds of their own add what is stored.

use lab::input::{all_within, count_within, within};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Claim, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use meanfield::CoupledRing;
use model::{Seed, Stream};
use ndarray::{Array1, Array2};
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};
use simulation::{Membranes, Threshold};
use std::f64::consts::PI;

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

/// Share of output, or of trials, that coupling brings at least.
const GAINED: f64 = 0.05;

/// Patterns, and memories.
const KINDS: usize = 8;

/// Mean and amplitude of inputs.
const INPUT: [f64; 2] = [1.2, 0.5];

/// Fluctuations of v, and what a spike adds to a threshold and how fast it goes back.
const JITTER: f64 = 0.3;
const THRESHOLD: Threshold = Threshold { raised: 1.0, back: 5.0 };

/// Length of a step at the strongest coupling, in τ.
const STEP: f64 = 0.05;

/// How long membranes come to rest, in τ.
const RESTED: f64 = 20.0;

/// What is measured of one network.
#[derive(Serialize, Deserialize)]
struct Seen {
    /// Share of the variance of independent inputs that is left in membranes that do not fire.
    kept: f64,
    /// Shares of the variances of inputs and of spike counts that repeat.
    repeated: [f64; 2],
    /// Shares of trials of which pattern and memory are read.
    read: [f64; 2],
}

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

/// Rows of one coupling and memory.
fn compare(params: &Params, (coupling, stored): (f64, f64), label: &str, seen: &[Seen], outcome: &mut Outcome) {
    let of = |value: &dyn Fn(&Seen) -> f64| Estimate::of(seen.iter().map(value));
    let ring = CoupledRing { units: params.cells, neighbours: params.neighbours, coupling };
    let (signal, noise) = (0.5 * INPUT[1].powi(2), params.noise.powi(2));
    let mut push = |panel: &str, quantity: &str, name: &str, theory: f64, simulation: Estimate, claim: Claim| {
        let scale = Some(if panel == "A" { theory } else { 1.0 });
        // What 20 τ leave of the way from 0: the slowest wave has τ.
        let bias = if panel == "A" { 2.0 * libm::exp(-RESTED) * theory } else { 0.0 };
        let own = row(panel, quantity, name, label);
        outcome.comparisons.push(Comparison { x: coupling, theory, simulation, bias, claim, scale, ..own });
    };
    if stored == 0.0 {
        push("A", "share of noise kept", "1/(1 + cλ)²", ring.noise_kept(), of(&|own| own.kept), Claim::Equals);
    }
    if stored == 0.0 && coupling == 0.0 {
        let input = ring.predictability(1, signal, noise);
        push("B", "share of input that repeats", "its variances", input, of(&|own| own.repeated[0]), Claim::Equals);
    }
    let bound = ring.predictability(1, signal, noise);
    let claim = if stored == 0.0 { Claim::Upper } else { Claim::Contrast };
    push("B", "share of output that repeats", "membranes at rest", bound, of(&|own| own.repeated[1]), claim);
    let chance = 1.0 / KINDS as f64;
    let memories = of(&|own| own.read[1]);
    match stored {
        0.0 => push("C", "memories read", "chance", chance, memories, Claim::Equals),
        _ => push("C", "memories read", "twice chance", 2.0 * chance, memories, Claim::Lower),
    }
    push("D", "patterns read", "twice chance", 2.0 * chance, of(&|own| own.read[0]), Claim::Lower);
}

/// What the last coupling brings beyond the first.
fn gained(params: &Params, (stored, label): (f64, &str), [first, last]: [&[Seen]; 2], outcome: &mut Outcome) {
    let more = |value: fn(&Seen) -> f64| Estimate::of(first.iter().zip(last).map(|(a, b)| value(b) - value(a)));
    for (panel, quantity, simulation) in [
        ("B", "output that repeats, coupled less first", more(|own| own.repeated[1])),
        ("C", "memories read, coupled less first", more(|own| own.read[1])),
        ("D", "patterns read, coupled less first", more(|own| own.read[0])),
    ] {
        // Nothing is stored, nothing is read.
        if stored == 0.0 && panel == "C" {
            continue;
        }
        outcome.comparisons.push(Comparison {
            x: params.couplings.last().copied().unwrap_or(f64::NAN),
            theory: GAINED,
            simulation,
            claim: Claim::Lower,
            scale: Some(1.0),
            ..row(panel, quantity, "coupling brings a twentieth", label)
        });
    }
}

fn watch(params: &Params, coupling: f64, stored: f64, seed: Seed) -> Seen {
    let n = params.cells;
    let normals = |stream: Stream, index: u64| -> Array1<f64> {
        let mut rng = stream.rng(index);
        Array1::from_shape_simple_fn(n, || StandardNormal.sample(&mut rng))
    };
    let ring = Membranes {
        units: n,
        neighbours: params.neighbours,
        coupling,
        noise: JITTER,
        step: STEP,
        synapses: Vec::new(),
        threshold: Some(THRESHOLD),
    };
    let (memories, trials) = (seed.stream("memories"), seed.stream("trials"));
    let resting: Vec<Array1<f64>> = (0..KINDS as u64)
        .map(|memory| normals(memories, memory).mapv(|z: f64| (1.0 + stored * z).clamp(0.3, 2.5)))
        .collect();
    let [mut inputs, mut counts] = [0, 1].map(|_| Array2::zeros((KINDS * KINDS * params.trials, n)));
    for trial in 0..inputs.nrows() {
        let (pattern, memory) = kinds(trial, params.trials);
        let noise = normals(trials, trial as u64);
        let input = Array1::from_shape_fn(n, |x| {
            let phase = 2.0 * PI * (x as f64 / n as f64 + pattern as f64 / KINDS as f64);
            INPUT[0] + INPUT[1] * libm::cos(phase) + params.noise * noise[x]
        });
        let mut rng = seed.stream("jitter").rng(trial as u64);
        let (spikes, _) = ring.run(&input, &resting[memory], (0.0, params.time), 0, &mut rng);
        inputs.row_mut(trial).assign(&input);
        counts.row_mut(trial).assign(&spikes);
    }
    Seen {
        kept: kept(&ring, normals(seed.stream("noise"), 0), seed),
        repeated: [repeated(&inputs, params.trials), repeated(&counts, params.trials)],
        read: [read(&counts, params.trials, |kinds| kinds.0), read(&counts, params.trials, |kinds| kinds.1)],
    }
}

/// Pattern and memory of a trial.
fn kinds(trial: usize, trials: usize) -> (usize, usize) {
    let condition = trial / trials;
    (condition / KINDS, condition % KINDS)
}

/// Share of the variance of independent inputs that is left at rest in membranes that neither fire nor fluctuate.
fn kept(ring: &Membranes, noise: Array1<f64>, seed: Seed) -> f64 {
    let silent = Membranes { noise: 0.0, threshold: None, ..ring.clone() };
    let lasts = (RESTED, silent.step);
    let (_, rest) = silent.run(&noise, &Array1::ones(noise.len()), lasts, 1, &mut seed.stream("jitter").rng(0));
    let square = |values: ndarray::ArrayView1<f64>| values.dot(&values);
    square(rest.row(0)) / square(noise.view())
}

/// Share of the variance over trials `[trial × cell]` that conditions explain, without what they would by chance.
fn repeated(values: &Array2<f64>, trials: usize) -> f64 {
    let conditions = values.nrows() / trials;
    let (mut between, mut within) = (0.0, 0.0);
    for cell in values.columns() {
        let all = cell.mean().unwrap_or(0.0);
        for condition in cell.exact_chunks(trials) {
            let mean = condition.mean().unwrap_or(0.0);
            between += (mean - all).powi(2);
            within += condition.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
        }
    }
    let within = within / (conditions * (trials - 1)) as f64;
    // Means of conditions vary by a part of what trials do.
    let chance = within / trials as f64 * (conditions - 1) as f64 / conditions as f64;
    let between = between / conditions as f64 - chance;
    between / (between + within)
}

/// Share of trials whose kind has the nearest mean, means being those of every other trial.
fn read(counts: &Array2<f64>, trials: usize, kind: impl Fn((usize, usize)) -> usize) -> f64 {
    let mut right = 0;
    for half in 0..2 {
        let mut means = Array2::<f64>::zeros((KINDS, counts.ncols()));
        let own = |trial: &usize| trial % trials % 2 == half;
        let all = counts.nrows();
        for trial in (0..all).filter(|trial| !own(trial)) {
            let mut mean = means.row_mut(kind(kinds(trial, trials)));
            mean += &counts.row(trial);
        }
        let others = (trials + half) / 2;
        means /= (others * KINDS) as f64;
        for trial in (0..all).filter(own) {
            let distance =
                |k: &usize| counts.row(trial).iter().zip(means.row(*k)).map(|(v, m)| (v - m).powi(2)).sum::<f64>();
            let nearest = (0..KINDS).min_by(|a, b| distance(a).total_cmp(&distance(b)));
            right += usize::from(nearest == Some(kind(kinds(trial, trials))));
        }
    }
    right as f64 / counts.nrows() as f64
}
