//! Coherence of membrane potentials: what couples them, and what spikes do to it.

use analysis::{RingCoherence, ring_coherence};
use lab::input::{all_within, count_within, counts_within, within};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Claim, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use meanfield::CoupledRing;
use model::Seed;
use ndarray::Array1;
use rand::RngExt;
use serde::{Deserialize, Serialize};
use simulation::{Membranes, Threshold};

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

/// Length of a step in τ. Each is a sample: coupled membranes are so fast that fewer samples would fold what is above their rate into the bands, 8 % of incoherent power at c = 10 with every fifth.
const STEP: f64 = 0.02;

/// Synapses onto each cell where cells are connected, by excitation and by inhibition, and what a spike adds.
const SYNAPSES: [(usize, f64); 2] = [(16, 0.02), (4, -0.08)];

/// A reset leaves the threshold as it is.
const FIRES: Threshold = Threshold { raised: 0.0, back: 1.0 };

/// What is coupled, and whether it fires.
#[derive(Clone, Copy)]
struct Kinds {
    name: &'static str,
    coupled: bool,
    fires: bool,
    connected: bool,
}

const FIRING: [Kinds; 3] = [
    Kinds { name: "synapses alone", coupled: false, fires: true, connected: true },
    Kinds { name: "coupled, firing", coupled: true, fires: true, connected: false },
    Kinds { name: "coupled, silent", coupled: true, fires: false, connected: false },
];

/// Frequency in Hz up to which resets are said to destroy coherence.
const RESET: f64 = 30.0;

impl Params {
    fn ring(&self, coupling: f64) -> CoupledRing {
        CoupledRing { units: self.cells, neighbours: self.neighbours, coupling }
    }

    /// Mean coherence of a band, in theory, over the frequencies of segments of a second: that of membranes in steps, as they are run.
    fn theory(&self, coupling: f64, apart: usize, [low, high]: [f64; 2]) -> f64 {
        let at = |f: usize| self.ring(coupling).coherence_in_steps(apart, f as f64 * self.tau / 1000.0, STEP);
        let own: Vec<f64> = (low as usize..high as usize).map(at).collect();
        own.iter().sum::<f64>() / own.len() as f64
    }

    /// What an estimate of a coherence is on average, and what it may err by: the estimator adds its floor to what is not coherent, of which a quarter is granted.
    fn estimate(&self, coupling: f64, apart: usize, band: [f64; 2], seen: &[(RingCoherence, f64)]) -> (f64, f64) {
        let coherence = self.theory(coupling, apart, band);
        let floor = floor(self.ring(coupling), seen, band, self.tau);
        (coherence + (1.0 - coherence).powi(2) * floor, 0.25 * floor)
    }

    /// Coherence of realisations at a distance, with the rate of cells in Hz.
    fn seen(
        &self,
        kinds: Kinds,
        (coupling, apart): (f64, usize),
        seed: Seed,
        bench: &Bench,
    ) -> Result<Vec<(RingCoherence, f64)>, Failure> {
        let n = self.cells;
        let time = 1000.0 * self.seconds / self.tau;
        let one = |_, seed: Seed| {
            let ring = Membranes {
                units: n,
                neighbours: self.neighbours,
                coupling: if kinds.coupled { coupling } else { 0.0 },
                noise: self.noise,
                step: STEP,
                synapses: if kinds.connected { synapses(n, seed) } else { Vec::new() },
                threshold: kinds.fires.then_some(FIRES),
            };
            let input = Array1::from_elem(n, self.inputs[usize::from(kinds.fires)]);
            let mut rng = seed.stream("noise").rng(0);
            let (spikes, samples) = ring.run(&input, &Array1::ones(n), (20.0, time), 1, &mut rng);
            let sample = STEP * self.tau / 1000.0;
            let segment = (1.0 / sample).round() as usize;
            let rate = spikes.mean().unwrap_or(f64::NAN) / self.seconds;
            Ok(ring_coherence(samples.view(), apart, sample, segment).map(|found| (found, rate)))
        };
        let of = ("coherence", self, kinds.name, coupling, apart);
        Ok(bench.each(&of, seed, self.replicates, one)?.into_iter().flatten().collect())
    }
}

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

/// What the estimator adds: one over its independent pieces, which are segments times the places that are independent. Tapered segments that overlap by a half are as good as .94 of them apart.
fn floor(ring: CoupledRing, seen: &[(RingCoherence, f64)], [low, high]: [f64; 2], tau: f64) -> f64 {
    let segments = seen.first().map_or(1, |(own, _)| own.segments);
    1.0 / (0.94 * segments as f64 * ring.independent_places(0.5 * (low + high) * tau / 1000.0))
}

/// Targets of each cell: four fifths of cells excite and the rest inhibit, and each cell hears so many of either.
fn synapses(cells: usize, seed: Seed) -> Vec<Vec<(usize, f64)>> {
    let mut rng = seed.stream("synapses").rng(0);
    let mut targets = vec![Vec::new(); cells];
    let excitatory = cells * 4 / 5;
    for target in 0..cells {
        for (kind, (count, strength)) in SYNAPSES.into_iter().enumerate() {
            for _ in 0..count {
                let source =
                    if kind == 0 { rng.random_range(0..excitatory) } else { rng.random_range(excitatory..cells) };
                targets[source].push((target, strength));
            }
        }
    }
    targets
}
