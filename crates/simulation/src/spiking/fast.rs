//! The fast engine: where all weights of a block of connections are equal, counting spikes is all that synapses take; else lists are gone through.
//!
//! Threads share the targets: each owns some blocks of cells and their bits of every row, and they tell one another who fired, once a
//! step. Counts are integers and every sum has one order, so any number of threads gives the same bits.

use super::adjacency::{Adjacency, BLOCK, Rows};
use super::barrier::{Attendance, Barrier};
use super::block::{Arrival, Bits, Coefficients, Group, Share, Upstroke, advance};
use super::external::External;
use super::inputs::sample;
use super::plain::{kind, strength};
use super::record::Activity;
use super::recorder::{End, Recorder, conclude};
use super::{Cell, SpikingRun, SpikingRunError, steps};
use lanes::{Aligned, Isa};
use model::spiking::Synapses;
use model::{Seed, Spike, SpikingNetwork};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Steps whose spikes are on their way from thread to thread.
const SLOTS: usize = 3;

/// Who is told of the spikes of each step, and may end the run.
pub type Listener<'l> = dyn FnMut(&[Spike]) -> ControlFlow<()> + Send + 'l;

/// Bytes that a run takes: connections, cells, and what is recorded of them, but the spikes.
pub fn spiking_memory(network: &SpikingNetwork) -> f64 {
    let cells = network.connections.size as f64;
    let currents = (network.synapses.len() + network.external_synapses.len()) as f64;
    Adjacency::memory(network) + cells * (4.0 * (2.0 + currents) + 16.0)
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
    assert!(threads > 0, "a thread at least");
    run.validate(network)?;
    let threads = worthwhile(network).min(threads);
    let adjacency = Adjacency::draw(network, seed, threads);
    let own = Problem { isa: Isa::detect(), network, run, seed, adjacency: &adjacency };
    let threads = if threads > 1 && own.is_long() { own.faster(threads) } else { 1 };
    own.run(threads, listener)
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

    fn run(&self, threads: usize, listener: &mut Listener) -> Result<Activity, SpikingRunError> {
        let Problem { isa, network, run, seed, adjacency } = *self;
        let shared = Shared {
            network,
            run,
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
        let ends: Vec<End> = std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads)
                .map(|thread| {
                    let shared = &shared;
                    scope.spawn(move || shared.work(thread, None))
                })
                .collect();
            let first = shared.work(0, listener.take());
            let others = others.into_iter().map(|other| other.join().expect("a thread that does not panic"));
            std::iter::once(first).chain(others).collect()
        });
        let last = shared.last.into_inner();
        let early = (last < usize::MAX).then_some(last as f64 * run.step);
        conclude(run, shared.starts, ends, early)
    }
}

/// What all threads see.
struct Shared<'a> {
    network: &'a SpikingNetwork,
    run: &'a SpikingRun,
    seed: Seed,
    adjacency: &'a Adjacency,
    starts: Vec<usize>,
    isa: Isa,
    barrier: Barrier,
    /// Who fired, `[SLOTS × threads]`: for each population, cells in order.
    slots: Vec<Mutex<Vec<Vec<u32>>>>,
    threads: usize,
    /// Last step to be done, if the run ends early.
    last: AtomicUsize,
}

impl<'a> Shared<'a> {
    /// One thread from beginning to end: its cells, and what it has recorded of them.
    fn work(&self, thread: usize, mut listener: Option<&mut Listener>) -> End {
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
        let mut recorder = Recorder::new(run, &self.starts, &shares);
        let mut rows: Vec<Vec<&[Bits]>> = Vec::new();
        let (discarded, kept, stride) = (run.discarded(), run.kept(), run.stride());
        let mut events = Vec::new();
        for k in 0..discarded + kept {
            // Whoever ends the run in some step names the next one: all have seen it when that is done.
            if k > self.last.load(Ordering::Acquire) {
                break;
            }
            // Step k − 1 − d stands at its own place, which is not yet overwritten.
            let fired = |s: usize| -> &[u32] { &history[(k + 2 * depth - 1 - delays[s]) % depth][s] };
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
                    self.scatter(share, fired);
                    let own = &mut slot[share.population];
                    let before = own.len();
                    advance(self.isa, share, &rows, own);
                    let first = (share.first_block * BLOCK) as u32;
                    own[before..].iter_mut().for_each(|cell| *cell += first);
                    if sampled {
                        sample(self.isa, share, inputs);
                    }
                }
                if sampled {
                    recorder.trace(&shares);
                }
            }
            self.barrier.wait();
            let now = &mut history[k % depth];
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
        (shares, recorder)
    }

    /// The thread's cells: all blocks of all populations are dealt out in equal parts.
    fn shares(&self, thread: usize) -> Vec<Share> {
        let blocks: Vec<usize> = self.starts.windows(2).map(|w| (w[1] - w[0]).div_ceil(BLOCK)).collect();
        let total: usize = blocks.iter().sum();
        let (mut from, to) = (total * thread / self.threads, total * (thread + 1) / self.threads);
        let mut first = 0;
        let mut shares = Vec::new();
        for (a, &count) in blocks.iter().enumerate() {
            let end = to.min(first + count);
            if from < end {
                shares.push(self.share(a, from - first, end - first));
                from = end;
            }
            first += count;
        }
        shares
    }

    fn share(&self, a: usize, first_block: usize, end_block: usize) -> Share {
        let Shared { network, run, .. } = self;
        let (cell, h) = (Cell::of(network, a), run.step);
        let count = self.starts[a + 1] - self.starts[a];
        let blocks = end_block - first_block;
        let coefficients = Coefficients {
            rate: (-h / cell.tau) as f32,
            leak: (h / cell.tau * (cell.rest - cell.onset) + h * network.constant(a)) as f32,
            upstroke: Upstroke::new(h * cell.upstroke / cell.tau, cell.onset, cell.sharpness),
            constant: network.constant(a) as f32,
            floor: network.floor.map_or(f32::MIN, |floor| floor as f32),
            threshold: cell.threshold as f32,
            reset: cell.reset as f32,
        };
        let mut voltage = Aligned::zeros(blocks);
        voltage.fill([coefficients.reset; BLOCK]);
        let first_voltages = cell.first_voltages(self.seed, a, count);
        let own = first_voltages.into_iter().skip(first_block * BLOCK);
        voltage.as_flattened_mut().iter_mut().zip(own).for_each(|(v, first)| *v = first);
        let refractory = steps(network.refractory, h);
        Share {
            population: a,
            first_block,
            cells: count.min(end_block * BLOCK) - first_block * BLOCK,
            coefficients,
            voltage,
            drive: Aligned::zeros(1),
            groups: self.groups(a, blocks),
            left: if refractory > 0 { vec![[0; BLOCK]; blocks] } else { Vec::new() },
            refractory: refractory.min(u16::MAX.into()) as u16,
        }
    }

    /// Sources of one decay, reversal and kind add to one current; those of one weight are counted together.
    fn groups(&self, a: usize, blocks: usize) -> Vec<Group> {
        let Shared { network, run, .. } = self;
        let synapses: Vec<&Synapses> = network.synapses.iter().chain(&network.external_synapses).collect();
        let root = (network.connections.size as f64).sqrt();
        let mut groups: Vec<Group> = Vec::new();
        for (s, synapse) in synapses.iter().enumerate() {
            if *self.adjacency.rows(a, s) == Rows::None {
                continue;
            }
            let decay = (1.0 - run.step / synapse.tau) as f32;
            let reversal = synapse.reversal.map(|e| e as f32);
            let own = kind(network, s);
            let weight = (run.step * strength(network, a, s) / root / synapse.tau) as f32;
            let known = groups.iter_mut().find(|g| g.decay == decay && g.reversal == reversal && g.kind == own);
            let arrivals = match known {
                Some(group) => &mut group.arrivals,
                None => {
                    let current = Aligned::zeros(blocks);
                    let back = (1.0 / (run.step - run.step * run.step / synapse.tau)) as f32;
                    groups.push(Group { decay, reversal, kind: own, current, back, arrivals: Vec::new() });
                    let last = groups.len() - 1;
                    &mut groups[last].arrivals
                }
            };
            match arrivals.iter_mut().find(|arrival| arrival.weight == weight) {
                Some(arrival) => arrival.sources.push(s),
                None => arrivals.push(Arrival { weight, sources: vec![s] }),
            }
        }
        groups
    }

    /// Bits of those that fired, from the share's first block on, for each arrival of each group.
    fn rows<'f>(&self, share: &Share, fired: impl Fn(usize) -> &'f [u32], out: &mut Vec<Vec<&'a [Bits]>>) {
        let arrivals = share.groups.iter().flat_map(|group| &group.arrivals);
        let count = share.groups.iter().map(|group| group.arrivals.len()).sum();
        out.truncate(count);
        for (k, arrival) in arrivals.enumerate() {
            if out.len() <= k {
                out.push(Vec::new());
            }
            out[k].clear();
            for &s in &arrival.sources {
                if let Rows::Bits { blocks, words } = self.adjacency.rows(share.population, s) {
                    out[k].extend(fired(s).iter().map(|&j| {
                        let from = j as usize * blocks + share.first_block;
                        &words[from..from + share.voltage.len()]
                    }));
                }
            }
        }
    }

    /// Adds what arrives by lists of targets.
    fn scatter<'f>(&self, share: &mut Share, fired: impl Fn(usize) -> &'f [u32]) {
        let first = share.first_block * BLOCK;
        for group in &mut share.groups {
            let current = group.current.as_flattened_mut();
            for arrival in &group.arrivals {
                for &s in &arrival.sources {
                    let Rows::Lists(lists) = self.adjacency.rows(share.population, s) else { continue };
                    for &j in fired(s) {
                        lists.scatter(j as usize, first..first + share.cells, arrival.weight, current);
                    }
                }
            }
        }
    }
}

/// A lock survives the panic of another thread: what it guards is rewritten every step.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::super::run_plain;
    use super::super::tests::pair;
    use super::*;
    use model::WeightLaw;
    use model::spiking::{Correlation, Spread};

    fn variants() -> Vec<(&'static str, SpikingNetwork)> {
        let base = pair(1200);
        let mut all = vec![("set A", base.clone())];
        let mut add = |name, change: fn(&mut SpikingNetwork)| {
            let mut network = base.clone();
            change(&mut network);
            all.push((name, network));
        };
        add("delays", |n| {
            n.synapses[0].delay = 1.5;
            n.synapses[1].delay = 0.4;
            n.external_synapses[0].delay = 0.2;
        });
        add("refractory", |n| n.refractory = 2.0);
        add("lists", |n| {
            n.connections.probability.fill(0.02);
            n.connections.strength *= 3.0;
        });
        add("strengths that differ", |n| {
            let spread = |law, variation| Some(Spread { law, variation });
            n.synapses[0].spread = spread(WeightLaw::Gamma, 1.0);
            n.synapses[1].spread = spread(WeightLaw::LogNormal, 0.5);
            n.external_synapses[0].spread = spread(WeightLaw::Gaussian, 0.2);
        });
        add("conductances", |n| {
            n.connections.strength.mapv_inplace(|j| j.abs() * 0.03);
            n.connections.external_strength.mapv_inplace(|j| j * 0.03);
            n.synapses[0].reversal = Some(0.0);
            n.synapses[1].reversal = Some(-80.0);
            n.external_synapses[0].reversal = Some(0.0);
        });
        add("leaky, constant currents", |n| {
            n.neurons = vec![model::Neuron::Leaky(model::neuron::Leaky::TALK)];
            n.constant = vec![2.0, 1.5];
        });
        add("correlated", |n| n.correlation = Some(Correlation { share: 0.1, jitter: 5.0 }));
        all
    }

    /// The same spikes before chaos sets in, but for those that rounding moves to the next step: one in some hundred, more where leaky
    /// neurons creep to their threshold. From such a spike on networks part; with this seed it comes late.
    #[test]
    fn the_first_spikes_are_those_of_the_definition() {
        let run = SpikingRun { sample: 0.5, cells: vec![3, 1100], ..SpikingRun::lasting(40.0, 0.0) };
        for (name, network) in variants() {
            let plain = run_plain(&network, &run, Seed(8)).expect("a run");
            let fast = run_spiking(&network, &run, Seed(8), 1).expect("a run");
            let all = plain.spikes.events.len();
            let moved =
                plain.spikes.events.iter().filter(|spike| fast.spikes.events.binary_search(spike).is_err()).count();
            assert!(all > 10 && moved <= all / 30, "{name}: {moved} of {all} spikes");
            let distance =
                |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum::<f64>() / a.len() as f64;
            assert!(
                distance(&plain.input, &fast.input) < 1e-3 && distance(&plain.variance, &fast.variance) < 1e-3,
                "{name}"
            );
            for (a, b) in plain.drives.iter().zip(&fast.drives) {
                let pairs = [(a.excitatory, b.excitatory), (a.inhibitory, b.inhibitory), (a.external, b.external)];
                assert!(pairs.iter().all(|(a, b)| (a - b).abs() < 1e-3), "{name}: {a:?} {b:?}");
            }
            for (a, b) in plain.traces.iter().zip(&fast.traces) {
                assert!(a.cell == b.cell && a.voltage.len() == 80);
                let far = a.voltage.iter().zip(&b.voltage).filter(|(a, b)| (*a - *b).abs() > 1e-2).count();
                assert!(far <= 4, "{name}: {far} of 80 voltages differ");
            }
        }
    }

    #[test]
    fn any_number_of_threads_on_any_machine_gives_the_same_bits() {
        let run = SpikingRun { cells: vec![0, 999, 1100], ..SpikingRun::lasting(200.0, 20.0) };
        for (name, network) in variants() {
            let of = |isa, threads| {
                let mut events = Vec::new();
                let mut keep = |spikes: &[Spike]| {
                    events.extend_from_slice(spikes);
                    ControlFlow::Continue(())
                };
                let adjacency = Adjacency::draw(&network, Seed(2), threads);
                let own = Problem { isa, network: &network, run: &run, seed: Seed(2), adjacency: &adjacency };
                let mut activity = own.run(threads, &mut keep).expect("a run");
                activity.spikes.events = events;
                activity
            };
            let one = run_spiking(&network, &run, Seed(2), 1).expect("a run");
            for threads in [2, 3, 8] {
                assert!(one == of(Isa::detect(), threads), "{name} on {threads} threads");
            }
            for isa in Isa::available() {
                assert!(one == of(isa, 1), "{name} on {isa}");
            }
        }
    }

    /// A run that is long enough for a trial, of a network that is large enough for two threads.
    #[test]
    fn trials_leave_no_trace() {
        let network = pair(10_500);
        let run = SpikingRun { step: 0.01, sample: 1500.0, ..SpikingRun::lasting(1500.0, 0.0) };
        let adjacency = Adjacency::draw(&network, Seed(3), 1);
        let own = Problem { isa: Isa::detect(), network: &network, run: &run, seed: Seed(3), adjacency: &adjacency };
        // So that the second run below begins with trials.
        assert!(own.is_long() && worthwhile(&network) == 2);
        let mut kept = [Vec::new(), Vec::new()];
        for (threads, kept) in [1, 2].into_iter().zip(&mut kept) {
            let mut keep = |spikes: &[Spike]| {
                kept.extend_from_slice(spikes);
                if kept.len() > 2000 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            };
            let ended = stream_spiking(&network, &run, Seed(3), threads, &mut keep);
            assert!(matches!(ended, Err(SpikingRunError::Stopped { .. })), "{ended:?}");
        }
        assert!(kept[0].len() > 2000 && kept[0] == kept[1]);
    }

    #[test]
    fn a_listener_ends_the_run() {
        let (network, run) = (pair(1200), SpikingRun::lasting(1e6, 0.0));
        for threads in [1, 3] {
            let mut heard = 0;
            let mut listener = |spikes: &[Spike]| {
                heard += spikes.len();
                if heard > 50 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            };
            let adjacency = Adjacency::draw(&network, Seed(1), 1);
            let own =
                Problem { isa: Isa::detect(), network: &network, run: &run, seed: Seed(1), adjacency: &adjacency };
            let ended = own.run(threads, &mut listener);
            assert!(matches!(ended, Err(SpikingRunError::Stopped { time }) if time < 1000.0), "{ended:?}");
        }
    }
}
