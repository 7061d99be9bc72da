//! The rate network in time: τ dxᵢ/dt = −xᵢ + ηᵢ + I, ηᵢ = Σⱼ sⱼ Jᵢⱼ φ(xⱼ).
//!
//! A unit below threshold sends nothing, so a step reads the columns of the active units only; of
//! a binary response it reads the columns of the units that have just switched.

use crate::columns::{Brief, Columns, Weight};
use crate::connectivity::{Precision, connectivity_bytes, draw_columns_as, layout, population_ranges};
use crate::kernel::{SPARE, accumulate, flip, positive, relax, switched};
use lanes::{Isa, SIXTEEN};
use model::{RateNetwork, Response, Seed, Sign};
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};
use std::ops::Range;
use thiserror::Error;

/// How a step moves x, both as x ← d x + (1 − d)(η + I).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// d = 1 − dt/τ: the authors' forward Euler.
    Euler,
    /// d = e^(−dt/τ): exact for an input that is constant over the step. Both are of first order
    /// in dt for the input of a network.
    Exponential,
}

impl Scheme {
    /// d of a step `dt`.
    pub fn decay(self, dt: f64) -> f64 {
        match self {
            Scheme::Euler => 1.0 - dt,
            Scheme::Exponential => libm::exp(-dt),
        }
    }
}

/// What is run, and how often it is looked at. All times in τ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protocol {
    /// Time step.
    pub step: f64,
    /// Integration scheme.
    pub scheme: Scheme,
    /// Time before the first sample.
    pub warm_up: f64,
    /// Time over which samples are taken.
    pub duration: f64,
    /// Time between samples, a whole number of steps.
    pub sampling: f64,
}

/// Steps that a run may have: days of computing for a small network.
const MOST_STEPS: f64 = 1e10;

/// A protocol that cannot be run, or a run that did not stay finite.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum ProtocolError {
    /// A time outside its range.
    #[error("protocol.{field}: {value:?} (allowed: {allowed})")]
    Range {
        /// Which time.
        field: &'static str,
        /// What it is.
        value: f64,
        /// What it may be.
        allowed: String,
    },
    /// The activity grew without bound.
    #[error(
        "the network ran away: an input was no longer finite {} (excitation too strong for an unbounded response, or the step too large)",
        if *time > 0.0 { format!("by time {time:.4}") } else { "by the end of the warm-up".into() }
    )]
    RanAway {
        /// When it was seen, in τ.
        time: f64,
    },
}

impl Protocol {
    /// Refuses what cannot be run for this response.
    ///
    /// # Errors
    /// The first time found outside its range.
    pub fn validate(&self, response: Response) -> Result<(), ProtocolError> {
        let largest = response.max_step();
        range("step", self.step, self.step >= 1e-5 && self.step <= largest, || {
            format!("0.00001 to {largest} for {}", response.name())
        })?;
        range("warm_up", self.warm_up, (0.0..=1e6).contains(&self.warm_up), || "0 to 1000000".into())?;
        range("duration", self.duration, self.duration > 0.0 && self.duration <= 1e6, || "above 0, to 1000000".into())?;
        let ratio = self.sampling / self.step;
        let whole = ratio >= 0.5 && (ratio - ratio.round()).abs() < 1e-6 * ratio;
        range("sampling", self.sampling, whole && self.sampling <= self.duration, || {
            format!("whole multiples of step = {}, to duration = {}", self.step, self.duration)
        })?;
        let steps = (self.warm_up + self.duration) / self.step;
        range("duration", self.duration, steps <= MOST_STEPS, || format!("up to {MOST_STEPS:e} steps in all"))
    }

    /// Steps between two samples.
    pub fn stride(&self) -> usize {
        (self.sampling / self.step).round() as usize
    }

    /// Number of samples.
    pub fn samples(&self) -> usize {
        (self.duration / self.sampling).round() as usize
    }

    /// Number of steps, warm-up included.
    pub fn steps(&self) -> usize {
        self.warm_up_steps() + self.samples() * self.stride()
    }

    fn warm_up_steps(&self) -> usize {
        (self.warm_up / self.step).round() as usize
    }
}

fn range(field: &'static str, value: f64, allowed: bool, describe: impl Fn() -> String) -> Result<(), ProtocolError> {
    // A comparison with NaN is false, so NaN is refused.
    if allowed { Ok(()) } else { Err(ProtocolError::Range { field, value, allowed: describe() }) }
}

/// Bytes that a simulation of this network will hold.
pub fn memory(network: &RateNetwork) -> f64 {
    connectivity_bytes(network) + 64.0 * network.size() as f64
}

/// The network at one moment; each slice has one entry a unit.
pub struct Sample<'a> {
    /// Time since the end of the warm-up, in τ.
    pub time: f64,
    /// x: inputs after filtering.
    pub x: &'a [f32],
    /// η: recurrent inputs, negative where inhibition prevails.
    pub eta: &'a [f32],
    /// φ(x): activities.
    pub phi: &'a [f32],
}

enum Storage {
    Brief(Columns<Brief>),
    Single(Columns<f32>),
}

/// One realisation of a network, in motion.
pub struct RateSimulation {
    response: Response,
    isa: Isa,
    storage: Storage,
    /// s = ±1 of each unit.
    signs: Vec<f32>,
    /// Units whose activities count with a negative sign.
    inhibitory: Vec<Range<u32>>,
    /// I of each unit.
    bias: Vec<f32>,
    x: Vec<f32>,
    /// η, padded to whole groups.
    eta: Vec<f32>,
    /// Units with x > 0, in order; what follows them is scratch.
    active: Vec<u32>,
    /// Their x; what follows is scratch.
    active_x: Vec<f32>,
    /// Their activities with the units' signs.
    active_phi: Vec<f32>,
    /// Of a binary response: η in units of `quantum`, and which units it counts as on.
    switched: Option<Switched>,
}

struct Switched {
    quantum: f32,
    /// Sums in units of `quantum`, as two's complement.
    counts: Vec<u32>,
    /// Bit l of entry k is of unit 16 k + l.
    on: Vec<u16>,
    flips: Vec<(u32, f32)>,
}

impl RateSimulation {
    /// Draws weights and initial state: x = g_a z, z standard normal, g_a the largest spread onto
    /// population a, as the authors start theirs.
    ///
    /// # Panics
    /// If the network was not validated.
    pub fn new(network: &RateNetwork, seed: Seed) -> Self {
        Self::with_isa(network, seed, Isa::detect())
    }

    /// [`RateSimulation::new`], with the instruction set given.
    pub fn with_isa(network: &RateNetwork, seed: Seed, isa: Isa) -> Self {
        let layout = layout(isa, network);
        let storage = match Precision::of(network) {
            Precision::Brief => Storage::Brief(draw_columns_as(network, seed, layout)),
            Precision::Single => Storage::Single(draw_columns_as(network, seed, layout)),
        };
        let n = network.size();
        let mut inhibitory = Vec::new();
        let (mut signs, mut bias, mut x) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
        let initial = seed.stream("initial state");
        for (a, units) in population_ranges(network).into_iter().enumerate() {
            let population = &network.populations[a];
            let spread = network.spread.row(a).iter().copied().fold(0.0, f64::max);
            signs[units.clone()].fill(population.sign.value() as f32);
            if population.sign == Sign::Inhibitory {
                inhibitory.push(units.start as u32..units.end as u32);
            }
            bias[units.clone()].fill(population.bias as f32);
            let mut rng = initial.rng(a as u64);
            for x in &mut x[units] {
                let z: f64 = StandardNormal.sample(&mut rng);
                *x = (spread * z) as f32;
            }
        }
        let padded = match &storage {
            Storage::Brief(columns) => columns.padded(),
            Storage::Single(columns) => columns.padded(),
        };
        let switched = network.response.is_binary().then(|| Switched {
            quantum: match &storage {
                Storage::Brief(columns) => quantum(columns),
                Storage::Single(columns) => quantum(columns),
            },
            counts: vec![0; padded],
            on: vec![0; n.div_ceil(SIXTEEN)],
            flips: Vec::new(),
        });
        RateSimulation {
            response: network.response,
            isa,
            storage,
            signs,
            inhibitory,
            bias,
            x,
            eta: vec![0.0; padded],
            active: vec![0; n + SPARE],
            active_x: vec![0.0; n + SPARE],
            active_phi: vec![0.0; n],
            switched,
        }
    }

    /// x of every unit.
    pub fn x(&self) -> &[f32] {
        &self.x
    }

    /// Bytes held by the connectivity.
    pub fn bytes(&self) -> usize {
        match &self.storage {
            Storage::Brief(columns) => columns.bytes(),
            Storage::Single(columns) => columns.bytes(),
        }
    }

    /// One step of length `dt` (in τ).
    pub fn step(&mut self, dt: f64, scheme: Scheme) {
        self.gather();
        self.relax(dt, scheme);
    }

    /// Runs the protocol and shows every sample to `observe`.
    ///
    /// # Errors
    /// [`ProtocolError::RanAway`] if an input is no longer finite.
    pub fn run(&mut self, protocol: &Protocol, mut observe: impl FnMut(&Sample)) -> Result<(), ProtocolError> {
        for _ in 0..protocol.warm_up_steps() {
            self.step(protocol.step, protocol.scheme);
        }
        let mut phi = vec![0.0; self.x.len()];
        for sample in 0..protocol.samples() {
            for substep in 0..protocol.stride() {
                self.gather();
                if substep == 0 {
                    let time = sample as f64 * protocol.sampling;
                    if !self.x.iter().all(|x| x.is_finite()) {
                        return Err(ProtocolError::RanAway { time });
                    }
                    self.activities(&mut phi);
                    observe(&Sample { time, x: &self.x, eta: &self.eta[..self.x.len()], phi: &phi });
                }
                self.relax(protocol.step, protocol.scheme);
            }
        }
        Ok(())
    }

    /// η from x.
    fn gather(&mut self) {
        let Some(binary) = &mut self.switched else {
            let count = positive(self.isa, &self.x, &mut self.active, &mut self.active_x);
            let active = &self.active[..count];
            let phi = &mut self.active_phi[..count];
            self.response.fill(&self.active_x[..count], phi);
            for units in &self.inhibitory {
                let place = |unit: u32| active.partition_point(|&own| own < unit);
                phi[place(units.start)..place(units.end)].iter_mut().for_each(|phi| *phi = -*phi);
            }
            match &self.storage {
                Storage::Brief(columns) => accumulate(self.isa, columns, active, phi, &mut self.eta),
                Storage::Single(columns) => accumulate(self.isa, columns, active, phi, &mut self.eta),
            }
            return;
        };
        let count = switched(self.isa, &self.x, &mut binary.on, &mut self.active);
        let scale = 1.0 / binary.quantum;
        binary.flips.clear();
        binary.flips.extend(self.active[..count].iter().map(|&unit| {
            let on = binary.on[unit as usize / SIXTEEN] >> (unit as usize % SIXTEEN) & 1 == 1;
            (unit, if on { scale } else { -scale } * self.signs[unit as usize])
        }));
        match &self.storage {
            Storage::Brief(columns) => flip(self.isa, columns, &binary.flips, &mut binary.counts),
            Storage::Single(columns) => flip(self.isa, columns, &binary.flips, &mut binary.counts),
        }
        for (eta, &count) in self.eta.iter_mut().zip(&binary.counts) {
            *eta = count as i32 as f32 * binary.quantum;
        }
    }

    /// x from η.
    fn relax(&mut self, dt: f64, scheme: Scheme) {
        let n = self.x.len();
        relax(self.isa, &mut self.x, &self.eta[..n], &self.bias, scheme.decay(dt));
    }

    fn activities(&self, phi: &mut [f32]) {
        match &self.switched {
            Some(switched) => {
                for (phi, on) in phi.chunks_mut(SIXTEEN).zip(&switched.on) {
                    phi.iter_mut().enumerate().for_each(|(l, phi)| *phi = f32::from(on >> l & 1));
                }
            }
            None => {
                phi.fill(0.0);
                let count = positive_count(&self.x);
                for (&unit, &signed) in self.active[..count].iter().zip(&self.active_phi) {
                    phi[unit as usize] = signed.abs();
                }
            }
        }
    }
}

fn positive_count(x: &[f32]) -> usize {
    x.iter().filter(|&&x| x > 0.0).count()
}

/// The smallest power of two at which no sum of weights onto a target can overflow 30 bits.
fn quantum<W: Weight>(columns: &Columns<W>) -> f32 {
    let mut totals = vec![0.0_f64; columns.targets()];
    for (target, _, weight) in columns.iter() {
        totals[target] += f64::from(weight.abs());
    }
    let largest = totals.into_iter().fold(1e-27, f64::max);
    libm::exp2(libm::ceil(libm::log2(largest)) - 30.0) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(response: Response, size: usize) -> RateNetwork {
        RateNetwork::inhibitory(size, 2.0, 2.0, 0.5, 1.0, response)
    }

    /// The network as its definition reads: a full matrix in double precision.
    fn slow(network: &RateNetwork, seed: Seed, steps: usize, dt: f64, decay: f64) -> Vec<f64> {
        let n = network.size();
        let mut weights = vec![vec![0.0; n]; n];
        for (i, j, w) in crate::draw_columns::<Brief>(network, seed).iter() {
            weights[i][j] = f64::from(w);
        }
        let mut x: Vec<f64> = RateSimulation::new(network, seed).x().iter().map(|&x| f64::from(x)).collect();
        assert!(dt > 0.0);
        for _ in 0..steps {
            let phi: Vec<f64> = x.iter().map(|&x| network.response.value(x)).collect();
            for (x, row) in x.iter_mut().zip(&weights) {
                let eta: f64 = row.iter().zip(&phi).map(|(w, phi)| -w * phi).sum();
                *x = decay * *x + (1.0 - decay) * (eta + network.populations[0].bias);
            }
        }
        x
    }

    #[test]
    fn fast_engine_follows_the_definition_before_chaos_parts_them() {
        for &response in Response::ALL {
            for (scheme, dt) in [(Scheme::Euler, 0.02), (Scheme::Exponential, 0.02)] {
                let network = network(response, 200);
                let decay = if scheme == Scheme::Euler { 1.0 - dt } else { libm::exp(-dt) };
                let slow = slow(&network, Seed(1), 100, dt, decay);
                for isa in Isa::available() {
                    let mut fast = RateSimulation::with_isa(&network, Seed(1), isa);
                    (0..100).for_each(|_| fast.step(dt, scheme));
                    for (fast, slow) in fast.x().iter().zip(&slow) {
                        // Two time constants: f32 rounding, grown by the chaos of the network.
                        assert!((f64::from(*fast) - slow).abs() < 2e-4, "{response:?} {isa}: {fast} for {slow}");
                    }
                }
            }
        }
    }

    #[test]
    fn samples_are_consistent_and_counted() {
        let protocol = Protocol { step: 0.02, scheme: Scheme::Euler, warm_up: 1.0, duration: 5.0, sampling: 0.1 };
        for &response in Response::ALL {
            let network = network(response, 100);
            protocol.validate(response).expect("allowed");
            let mut times = vec![];
            RateSimulation::new(&network, Seed(2))
                .run(&protocol, |sample| {
                    times.push(sample.time);
                    for (&x, &phi) in sample.x.iter().zip(sample.phi) {
                        let exact = response.value(f64::from(x));
                        assert!((f64::from(phi) - exact).abs() <= 3e-7 * exact, "{response:?}");
                    }
                    assert!(sample.eta.iter().all(|&eta| eta <= 0.0), "inhibition only");
                })
                .expect("stays finite");
            assert_eq!(times.len(), protocol.samples());
        }
    }

    #[test]
    fn runaway_excitation_is_reported() {
        let mut network = network(Response::RectifiedLinear, 50);
        network.populations[0].sign = Sign::Excitatory;
        let protocol = Protocol { step: 0.02, scheme: Scheme::Euler, warm_up: 50.0, duration: 10.0, sampling: 1.0 };
        let error = RateSimulation::new(&network, Seed(1)).run(&protocol, |_| {}).expect_err("grows without bound");
        assert!(matches!(error, ProtocolError::RanAway { .. }));
    }

    #[test]
    fn memory_is_foretold() {
        let network = network(Response::RectifiedTanh, 3000);
        let held = RateSimulation::new(&network, Seed(1)).bytes() as f64;
        assert!((memory(&network) / held - 1.0).abs() < 0.05, "{} foretold, {held} held", memory(&network));
    }

    #[test]
    fn impossible_protocols_are_refused() {
        let good = Protocol { step: 0.02, scheme: Scheme::Euler, warm_up: 1.0, duration: 5.0, sampling: 0.1 };
        let bad = [
            Protocol { step: f64::NAN, ..good.clone() },
            Protocol { step: 0.5, ..good.clone() },
            Protocol { sampling: 0.03, ..good.clone() },
            Protocol { duration: -1.0, ..good.clone() },
            Protocol { warm_up: f64::INFINITY, ..good.clone() },
            Protocol { sampling: 6.0, ..good },
        ];
        for protocol in bad {
            assert!(protocol.validate(Response::RectifiedTanh).is_err(), "{protocol:?}");
        }
    }
}
