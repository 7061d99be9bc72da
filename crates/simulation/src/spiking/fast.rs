//! The fast engine: where all weights of a block of connections are equal, counting spikes is all that synapses take; else lists are gone through.
//!
//! Threads share the targets: each owns some blocks of cells and their bits of every row, and they tell one another who fired, once a
//! step. Counts are integers and every sum has one order, so any number of threads gives the same bits.

use super::adjacency::{Adjacency, BLOCK};
use super::barrier::{Attendance, Barrier};
use super::block::{Bits, Share, advance};
use super::external::External;
use super::inputs::sample;
use super::record::Activity;
use super::recorder::{End, Recorder, conclude};
use super::state::State;
use super::{SpikingRun, SpikingRunError, Stage, steps};
use lanes::Isa;
use model::spiking::Synapses;
use model::{Seed, Spike, SpikingNetwork};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Steps whose spikes are on their way from thread to thread.
const SLOTS: usize = 3;

/// Who fired in the last steps, the latest first, by source population.
type Fired = Vec<Vec<Vec<u32>>>;

/// Who is told of the spikes of each step, and may end the run.
pub type Listener<'l> = dyn FnMut(&[Spike]) -> ControlFlow<()> + Send + 'l;

/// Bytes that a run takes: connections, cells, and what is recorded of them, but the spikes.
pub fn spiking_memory(network: &SpikingNetwork) -> f64 {
    let cells = network.connections.size as f64;
    let currents = (network.synapses.len() + network.external_synapses.len()) as f64;
    // Those that learn have their own copy, and as much again of what they have made up for.
    let learns = |(a, b): (usize, usize)| {
        let c = &network.connections;
        let synapses = c.probability[[a, b]] * (c.counts()[a] * c.counts()[b]) as f64;
        if network.rule(a, b).is_some() { 20.0 * synapses } else { 0.0 }
    };
    let n = network.names.len();
    let learned: f64 = (0..n).flat_map(|a| (0..n).map(move |b| (a, b))).map(learns).sum();
    Adjacency::memory(network) + learned + cells * (4.0 * (2.0 + currents) + 16.0)
}

/// Runs a network on so many threads at most, and keeps its spikes. The result does not depend on threads.
///
/// # Errors
/// [`SpikingRunError`].
///
/// # Panics
/// If `threads` is 0.
pub fn run_spiking(
    network: &SpikingNetwork,
    run: &SpikingRun,
    seed: Seed,
    threads: usize,
) -> Result<Activity, SpikingRunError> {
    let mut events = Vec::new();
    let mut keep = |spikes: &[Spike]| {
        events.extend_from_slice(spikes);
        ControlFlow::Continue(())
    };
    let mut activity = stream_spiking(network, run, seed, threads, &mut keep)?;
    activity.spikes.events = events;
    Ok(activity)
}

/// Runs a network on so many threads at most, and hands its spikes to `listener` step by step, where there are any, in order.
///
/// # Errors
/// [`SpikingRunError`]: [`SpikingRunError::Stopped`] where the listener ends the run, which takes a step or two.
///
/// # Panics
/// If `threads` is 0.
pub fn stream_spiking(
    network: &SpikingNetwork,
    run: &SpikingRun,
    seed: Seed,
    threads: usize,
    listener: &mut Listener,
) -> Result<Activity, SpikingRunError> {
    run_stages(network, run, &[Stage::WHOLE], seed, threads, listener)
}

/// Runs a network through stages, as [`stream_spiking`] does.
///
/// # Errors
/// [`SpikingRunError`].
///
/// # Panics
/// If `threads` is 0, or there is no stage.
pub fn run_stages(
    network: &SpikingNetwork,
    run: &SpikingRun,
    stages: &[Stage],
    seed: Seed,
    threads: usize,
    listener: &mut Listener,
) -> Result<Activity, SpikingRunError> {
    assert!(threads > 0 && !stages.is_empty(), "a thread and a stage at least");
    run.validate(network)?;
    let threads = worthwhile(network).min(threads);
    let adjacency = Adjacency::draw(network, seed, threads);
    let own = Problem { isa: Isa::detect(), network, run, stages, from: None, seed, adjacency: &adjacency };
    let threads = if threads > 1 && own.is_long() { own.faster(threads) } else { 1 };
    own.run(threads, listener).map(|(activity, _)| activity)
}

/// Runs a network through stages as [`run_stages`] does, from where another run has come to, if any; and says where this one has. A run in parts
/// has the same bytes as one in one go, if no stage is cut.
///
/// # Errors
/// [`SpikingRunError`]; [`SpikingRunError::AnotherState`] where the state is of another network.
///
/// # Panics
/// If `threads` is 0, or there is no stage.
pub fn go_on(
    network: &SpikingNetwork,
    run: &SpikingRun,
    (stages, from): (&[Stage], Option<&State>),
    seed: Seed,
    threads: usize,
    listener: &mut Listener,
) -> Result<(Activity, State), SpikingRunError> {
    assert!(threads > 0 && !stages.is_empty(), "a thread and a stage at least");
    run.validate(network)?;
    from.map_or(Ok(()), |state| state.check(network, run, seed))?;
    let threads = worthwhile(network).min(threads);
    let adjacency = Adjacency::draw(network, seed, threads);
    let own = Problem { isa: Isa::detect(), network, run, stages, from, seed, adjacency: &adjacency };
    let (activity, Left { shares, single, fired }) = own.run(threads, listener)?;
    let step = from.map_or(0, |state| state.step) + (run.discarded() + run.kept()) as u32;
    Ok((activity, State::of((network, run, seed, step), shares, single, fired)))
}

/// Blocks of cells that a thread must have: fewer take less time than telling the others.
const WORTHWHILE: usize = 10;

/// Threads that shorten a run of this network on a machine that is free.
fn worthwhile(network: &SpikingNetwork) -> usize {
    let blocks: usize = network.connections.counts().iter().map(|count| count.div_ceil(BLOCK)).sum();
    (blocks / WORTHWHILE).max(1)
}

/// A run that is about to be done, on however many threads.
#[derive(Clone, Copy)]
struct Problem<'a> {
    isa: Isa,
    network: &'a SpikingNetwork,
    run: &'a SpikingRun,
    stages: &'a [Stage<'a>],
    from: Option<&'a State>,
    seed: Seed,
    adjacency: &'a Adjacency,
}

/// Seconds of a trial: some time slices of a scheduler, so that other programs are noticed.
const TRIAL: f64 = 0.01;

/// Steps of a trial at most.
const TRIED: usize = 4000;

/// Blocks times steps from which on a run takes a second or so on one thread: trials do not matter then, and before that threads do not.
const LONG: usize = 3_000_000;

impl Problem<'_> {
    fn is_long(&self) -> bool {
        let blocks: usize = self.network.connections.counts().iter().map(|count| count.div_ceil(BLOCK)).sum();
        blocks.saturating_mul(self.run.discarded() + self.run.kept()) >= LONG
    }

    /// So many threads, or one where that is faster: on a machine that others use, threads that meet in every step wait for the one that
    /// does not get its time.
    fn faster(&self, threads: usize) -> usize {
        let duration = (TRIED as f64 * self.run.step).min(self.run.duration);
        let run = SpikingRun { cells: Vec::new(), transient: 0.0, duration, sample: duration, ..self.run.clone() };
        let trial = Problem { run: &run, ..*self };
        // Turn and turn about: the first one also brings connections near.
        let [mut together, mut alone] = [f64::INFINITY; 2];
        for _ in 0..2 {
            together = together.min(trial.pace(threads));
            alone = alone.min(trial.pace(1));
        }
        if together < alone { threads } else { 1 }
    }

    /// Seconds a step; infinite where there is no spike to count steps by.
    fn pace(&self, threads: usize) -> f64 {
        let started = Instant::now();
        let mut steps = 0;
        let mut listener = |spikes: &[Spike]| {
            steps = spikes.last().map_or(steps, |spike| spike.step + 1);
            if started.elapsed().as_secs_f64() > TRIAL { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        // What it says is of no interest.
        let _ = self.run(threads, &mut listener);
        started.elapsed().as_secs_f64() / f64::from(steps)
    }

    fn run(&self, threads: usize, listener: &mut Listener) -> Result<(Activity, Left), SpikingRunError> {
        let Problem { isa, network, run, stages, from, seed, adjacency } = *self;
        let shared = Shared {
            network,
            run,
            stages,
            from,
            seed,
            adjacency,
            starts: network.starts(),
            isa,
            barrier: Barrier::new(threads),
            last: AtomicUsize::new(usize::MAX),
            slots: (0..SLOTS * threads).map(|_| Mutex::new(Vec::new())).collect(),
            threads,
        };
        let mut listener = Some(listener);
        let (ends, fired): (Vec<End>, Vec<Fired>) = std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads)
                .map(|thread| {
                    let shared = &shared;
                    scope.spawn(move || shared.work(thread, None))
                })
                .collect();
            let first = shared.work(0, listener.take());
            let others = others.into_iter().map(|other| other.join().expect("a thread that does not panic"));
            std::iter::once(first).chain(others).unzip()
        });
        let single = usize::from(shared.has_single());
        let last = shared.last.into_inner();
        let early = (last < usize::MAX).then_some(last as f64 * run.step);
        let (activity, shares) = conclude(network, run, ends, early)?;
        Ok((activity, Left { shares, single, fired: fired.into_iter().next().unwrap_or_default() }))
    }
}

/// What a run has left behind: the cells of all threads, whether their first currents are those of single cells, and who fired.
struct Left {
    shares: Vec<Share>,
    single: usize,
    fired: Fired,
}

/// What all threads see.
pub struct Shared<'a> {
    pub network: &'a SpikingNetwork,
    pub run: &'a SpikingRun,
    pub stages: &'a [Stage<'a>],
    pub from: Option<&'a State>,
    pub seed: Seed,
    pub adjacency: &'a Adjacency,
    pub starts: Vec<usize>,
    isa: Isa,
    barrier: Barrier,
    /// Who fired, `[SLOTS × threads]`: for each population, cells in order.
    slots: Vec<Mutex<Vec<Vec<u32>>>>,
    pub threads: usize,
    /// Last step to be done, if the run ends early.
    last: AtomicUsize,
}

impl<'a> Shared<'a> {
    /// One thread from beginning to end: its cells, and what it has recorded of them.
    fn work(&self, thread: usize, mut listener: Option<&mut Listener>) -> (End, Fired) {
        let Shared { network, run, .. } = self;
        let _here = Attendance(&self.barrier);
        let populations = network.names.len();
        let mut shares = self.shares(thread);
        let mut external: Vec<External> =
            (0..network.external_synapses.len()).map(|x| External::new(network, x, run.step, self.seed)).collect();
        let synapses: Vec<&Synapses> = network.synapses.iter().chain(&network.external_synapses).collect();
        let delays: Vec<usize> = synapses.iter().map(|s| steps(s.delay, run.step)).collect();
        // Who fired in the last steps, by step and source population.
        let depth = delays.iter().max().map_or(1, |d| d + 1);
        let mut history = vec![vec![Vec::new(); synapses.len()]; depth];
        // Steps of the runs before this one.
        let past = self.from.map_or(0, |state| state.step as usize);
        for (back, fired) in self.from.iter().flat_map(|state| &state.fired).enumerate() {
            history[(past + depth - 1 - back) % depth].clone_from(fired);
        }
        for _ in 0..past {
            external.iter_mut().for_each(|external| external.advance(&mut Vec::new()));
        }
        let mut recorder = Recorder::new(run, self.stages, &self.starts, &shares);
        let mut rows: Vec<Vec<&[Bits]>> = Vec::new();
        let (discarded, kept, stride) = (run.discarded(), run.kept(), run.stride());
        let mut events = Vec::new();
        let mut at = 0;
        let mut end = discarded.saturating_add(self.stages[at].steps);
        let enter = |shares: &mut [Share], at: usize, learning: bool| {
            let stage = &self.stages[at];
            shares.iter_mut().for_each(|share| self.enter(share, stage, learning && stage.learning));
        };
        enter(&mut shares, at, false);
        for k in 0..discarded + kept {
            if k == discarded {
                enter(&mut shares, at, true);
                recorder.begin(&self.stages[at]);
            }
            while k == end && at + 1 < self.stages.len() {
                recorder.end(&self.stages[at], &mut shares);
                at += 1;
                end = end.saturating_add(self.stages[at].steps);
                enter(&mut shares, at, true);
                recorder.begin(&self.stages[at]);
            }
            // Whoever ends the run in some step names the next one: all have seen it when that is done.
            if k > self.last.load(Ordering::Acquire) {
                break;
            }
            // Step k − 1 − d stands at its own place, which is not yet overwritten.
            let fired = |s: usize| -> &[u32] { &history[(past + k + 2 * depth - 1 - delays[s]) % depth][s] };
            let sampled = k >= discarded && (k - discarded).is_multiple_of(stride);
            {
                let mut slot = lock(&self.slots[k % SLOTS * self.threads + thread]);
                slot.resize(populations, Vec::new());
                slot.iter_mut().for_each(Vec::clear);
                for (share, inputs) in shares.iter_mut().zip(&mut recorder.inputs) {
                    if sampled {
                        inputs.voltage.copy_from_slice(&share.voltage);
                    }
                    self.rows(share, fired, &mut rows);
                    self.scatter(share, (past + k) as u32, fired);
                    let own = &mut slot[share.population];
                    let before = own.len();
                    advance(self.isa, share, &rows, own);
                    for learner in share.learners.iter_mut().flatten() {
                        own[before..].iter().for_each(|&cell| learner.fire(cell as usize));
                    }
                    let first = (share.first_block * BLOCK) as u32;
                    own[before..].iter_mut().for_each(|cell| *cell += first);
                    if sampled {
                        sample(self.isa, share, inputs);
                    }
                }
                if sampled {
                    recorder.samples += 1.0;
                    recorder.trace(&shares);
                }
            }
            self.barrier.wait();
            let now = &mut history[(past + k) % depth];
            now.iter_mut().for_each(Vec::clear);
            for other in 0..self.threads {
                let slot = lock(&self.slots[k % SLOTS * self.threads + other]);
                now.iter_mut().zip(slot.iter()).for_each(|(all, own)| all.extend_from_slice(own));
            }
            external.iter_mut().zip(&mut now[populations..]).for_each(|(external, own)| external.advance(own));
            if let Some(listener) = &mut listener
                && k >= discarded
            {
                events.clear();
                for (own, start) in now[..populations].iter().zip(&self.starts) {
                    let step = (k - discarded) as u32;
                    events.extend(own.iter().map(|&i| Spike { step, cell: *start as u32 + i }));
                }
                if !events.is_empty() && listener(&events).is_break() {
                    self.last.fetch_min(k + 1, Ordering::AcqRel);
                }
            }
        }
        recorder.end(&self.stages[at], &mut shares);
        let last = past + discarded + kept;
        let fired = (0..depth.min(last)).map(|back| history[(last - 1 - back) % depth].clone()).collect();
        ((shares, recorder), fired)
    }
}

/// A lock survives the panic of another thread: what it guards is rewritten every step.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
