//! Membranes on a ring, and how coherent they are.

use super::Params;
use analysis::{RingCoherence, ring_coherence};
use lab::{Bench, Failure};
use meanfield::CoupledRing;
use model::Seed;
use ndarray::Array1;
use rand::RngExt;
use simulation::{Membranes, Threshold};

/// Length of a step in τ. Each is a sample: coupled membranes are so fast that fewer samples would fold what is above their rate into the bands, 8 % of incoherent power at c = 10 with every fifth.
pub(super) const STEP: f64 = 0.02;

/// Synapses onto each cell where cells are connected, by excitation and by inhibition, and what a spike adds.
pub(super) const SYNAPSES: [(usize, f64); 2] = [(16, 0.02), (4, -0.08)];

/// A reset leaves the threshold as it is.
pub(super) const FIRES: Threshold = Threshold { raised: 0.0, back: 1.0 };

/// What is coupled, and whether it fires.
#[derive(Clone, Copy)]
pub(super) struct Kinds {
    pub(super) name: &'static str,
    pub(super) coupled: bool,
    pub(super) fires: bool,
    pub(super) connected: bool,
}

pub(super) const FIRING: [Kinds; 3] = [
    Kinds { name: "synapses alone", coupled: false, fires: true, connected: true },
    Kinds { name: "coupled, firing", coupled: true, fires: true, connected: false },
    Kinds { name: "coupled, silent", coupled: true, fires: false, connected: false },
];

/// Frequency in Hz up to which resets are said to destroy coherence.
pub(super) const RESET: f64 = 30.0;

impl Params {
    pub(super) fn ring(&self, coupling: f64) -> CoupledRing {
        CoupledRing { units: self.cells, neighbours: self.neighbours, coupling }
    }

    /// Mean coherence of a band, in theory, over the frequencies of segments of a second: that of membranes in steps, as they are run.
    pub(super) fn theory(&self, coupling: f64, apart: usize, [low, high]: [f64; 2]) -> f64 {
        let at = |f: usize| self.ring(coupling).coherence_in_steps(apart, f as f64 * self.tau / 1000.0, STEP);
        let own: Vec<f64> = (low as usize..high as usize).map(at).collect();
        own.iter().sum::<f64>() / own.len() as f64
    }

    /// What an estimate of a coherence is on average, and what it may err by: the estimator adds its floor to what is not coherent, of which a quarter is granted.
    pub(super) fn estimate(
        &self,
        coupling: f64,
        apart: usize,
        band: [f64; 2],
        seen: &[(RingCoherence, f64)],
    ) -> (f64, f64) {
        let coherence = self.theory(coupling, apart, band);
        let floor = floor(self.ring(coupling), seen, band, self.tau);
        (coherence + (1.0 - coherence).powi(2) * floor, 0.25 * floor)
    }

    /// Coherence of realisations at a distance, with the rate of cells in Hz.
    pub(super) fn seen(
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

/// What the estimator adds: one over its independent pieces, which are segments times the places that are independent. Tapered segments that overlap by a half are as good as .94 of them apart.
pub(super) fn floor(ring: CoupledRing, seen: &[(RingCoherence, f64)], [low, high]: [f64; 2], tau: f64) -> f64 {
    let segments = seen.first().map_or(1, |(own, _)| own.segments);
    1.0 / (0.94 * segments as f64 * ring.independent_places(0.5 * (low + high) * tau / 1000.0))
}

/// Targets of each cell: four fifths of cells excite and the rest inhibit, and each cell hears so many of either.
pub(super) fn synapses(cells: usize, seed: Seed) -> Vec<Vec<(usize, f64)>> {
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
