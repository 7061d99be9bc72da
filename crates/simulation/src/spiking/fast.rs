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
mod tests {
    use super::super::plain::strength;
    use super::super::run_plain;
    use super::super::tests::pair;
    use super::*;
    use model::WeightLaw;
    use model::spiking::{Correlation, PairRule, Plasticity, Spread};

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
        let learning = |rule, rate| Some(Plasticity { rule, rate, target: 5.0, trace: 20.0 });
        let mut learns = |name, rule, rate, change: fn(&mut SpikingNetwork)| {
            let mut network = base.clone();
            network.plasticity[[0, 1]] = learning(rule, rate);
            network.plasticity[[1, 1]] = learning(rule, 2.0 * rate);
            change(&mut network);
            all.push((name, network));
        };
        learns("additive rule", PairRule::Additive, 0.15, |_| {});
        learns("multiplicative rule", PairRule::Multiplicative, 1e-3, |n| n.synapses[1].delay = 1.0);
        learns("conductances that learn and differ", PairRule::Additive, 1e-3, |n| {
            n.connections.strength.mapv_inplace(|j| j.abs() * 0.03);
            n.connections.external_strength.mapv_inplace(|j| j * 0.03);
            n.synapses[0].reversal = Some(0.0);
            n.synapses[1].reversal = Some(-80.0);
            n.synapses[1].spread = Some(Spread { law: WeightLaw::Gamma, variation: 1.0 });
            n.external_synapses[0].reversal = Some(0.0);
        });
        let mut add = |name, change: fn(&mut SpikingNetwork)| {
            let mut network = base.clone();
            change(&mut network);
            all.push((name, network));
        };
        add("correlated", |n| n.correlation = Some(Correlation { share: 0.1, jitter: 5.0 }));
        all
    }

    /// The same spikes before chaos sets in, but for those that rounding moves to the next step: one in some hundred, more where leaky
    /// neurons creep to their threshold. From such a spike on networks part; with this seed it comes late.
    #[test]
    fn the_first_spikes_are_those_of_the_definition() {
        let run = SpikingRun { sample: 0.5, cells: vec![3, 1100], ..SpikingRun::lasting(40.0, 0.0) };
        for (name, network) in variants() {
            let plain = run_plain(&network, &run, &[Stage::WHOLE], Seed(8)).expect("a run");
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
            assert_eq!(plain.learned.len(), usize::from(network.learns()), "{name}");
            for (a, b) in plain.learned.iter().flatten().zip(fast.learned.iter().flatten()) {
                let changed = (a.mean - strength(&network, a.to, a.from)).abs() + a.sd;
                let far = (a.mean - b.mean).abs() + (a.sd - b.sd).abs();
                assert!(changed > 0.0 && far < 0.05 * changed, "{name}: {a:?} {b:?}");
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
                let own = Problem {
                    isa,
                    network: &network,
                    run: &run,
                    stages: &[Stage::WHOLE],
                    from: None,
                    seed: Seed(2),
                    adjacency: &adjacency,
                };
                let (mut activity, _) = own.run(threads, &mut keep).expect("a run");
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

    /// Stages with currents to populations and to single cells, with learning and without.
    #[test]
    fn stages_are_those_of_the_definition_on_any_machine() {
        let mut network = pair(1200);
        network.plasticity[[0, 1]] =
            Some(Plasticity { rule: PairRule::Additive, rate: 0.15, target: 5.0, trace: 20.0 });
        let run = SpikingRun { cells: vec![3], ..SpikingRun::lasting(40.0, 5.0) };
        let cells: Vec<f64> = (0..1200).map(|i| f64::from(i % 7) * 0.3).collect();
        let stage = Stage { steps: 100, ..Stage::WHOLE };
        // What excites is stronger, and what inhibits inhibition is cut.
        let factors = ndarray::array![[1.5, 1.0], [2.0, 0.0]];
        let stages = [
            Stage { constant: &[1.0, 0.5], learning: false, ..stage },
            Stage { cells: &cells, inputs: true, factors: Some(&factors), ..stage },
            Stage { constant: &[0.5, 0.0], cells: &cells, learning: false, ..stage },
            Stage { inputs: true, ..stage },
        ];
        let plain = run_plain(&network, &run, &stages, Seed(8)).expect("a run");
        let of = |isa, threads| {
            let mut events = Vec::new();
            let mut keep = |spikes: &[Spike]| {
                events.extend_from_slice(spikes);
                ControlFlow::Continue(())
            };
            let adjacency = Adjacency::draw(&network, Seed(8), threads);
            let own = Problem {
                isa,
                network: &network,
                run: &run,
                stages: &stages,
                from: None,
                seed: Seed(8),
                adjacency: &adjacency,
            };
            let (mut activity, _) = own.run(threads, &mut keep).expect("a run");
            activity.spikes.events = events;
            activity
        };
        let one = of(Isa::detect(), 1);
        assert!(one == of(Isa::detect(), 3) && Isa::available().into_iter().all(|isa| one == of(isa, 2)));
        let all = plain.spikes.events.len();
        let moved = plain.spikes.events.iter().filter(|s| one.spikes.events.binary_search(s).is_err()).count();
        assert!(all > 100 && moved <= all / 30, "{moved} of {all} spikes");
        let means: Vec<f64> = one.learned.iter().map(|stage| stage[0].mean).collect();
        assert!(
            means[0] == -150.0 && means[1] != means[0] && means[2] == means[1] && means[3] != means[2],
            "{means:?}"
        );
        for (a, b) in plain.learned.iter().flatten().zip(one.learned.iter().flatten()) {
            assert!(
                (a.mean - b.mean).abs() < 1e-3 * a.mean.abs() && (a.sd - b.sd).abs() < 1e-2 * a.mean.abs(),
                "{a:?} {b:?}"
            );
        }
        assert!(plain.inputs.len() == 2 && one.inputs.len() == 2);
        for (a, b) in plain.inputs.iter().flatten().zip(one.inputs.iter().flatten()) {
            let pairs = [(a.excitatory, b.excitatory), (a.inhibitory, b.inhibitory), (a.external, b.external)];
            assert!(pairs.iter().all(|(a, b)| (a - b).abs() < 0.05 * (1.0 + a.abs())), "{a:?} {b:?}");
        }
        assert!(plain.drives.iter().zip(&one.drives).all(|(a, b)| (a.external - b.external).abs() < 1e-3));
        // A rule of rate 0 is none.
        let mut idle = network.clone();
        idle.plasticity[[0, 1]].as_mut().expect("a rule").rate = 0.0;
        let none = SpikingNetwork { plasticity: Plasticity::none(2), ..network.clone() };
        let run = SpikingRun::lasting(40.0, 5.0);
        assert!(run_spiking(&idle, &run, Seed(8), 1) == run_spiking(&none, &run, Seed(8), 1));
    }

    /// A run in parts has the bytes of one in one go, whoever had which cells.
    #[test]
    fn runs_go_on_as_if_they_had_not_been_interrupted() {
        let half = SpikingRun { sample: 1.0, ..SpikingRun::lasting(60.0, 0.0) };
        let whole = SpikingRun { duration: 120.0, ..half.clone() };
        let cells: Vec<f64> = (0..1200).map(|i| f64::from(i % 5) * 0.2).collect();
        let stages = [Stage { steps: 600, cells: &cells, ..Stage::WHOLE }, Stage::WHOLE];
        for (name, network) in variants() {
            let run = |run: &SpikingRun, stages: &[Stage], from: Option<&State>, threads: usize| {
                let mut events = Vec::new();
                let mut keep = |spikes: &[Spike]| {
                    events.extend_from_slice(spikes);
                    ControlFlow::Continue(())
                };
                let adjacency = Adjacency::draw(&network, Seed(2), threads);
                let isa = Isa::detect();
                let own = Problem { isa, network: &network, run, stages, from, seed: Seed(2), adjacency: &adjacency };
                let (activity, Left { shares, single, fired }) = own.run(threads, &mut keep).expect("a run");
                let step = from.map_or(0, |state| state.step) + run.kept() as u32;
                (activity, State::of((&network, run, Seed(2), step), shares, single, fired), events)
            };
            let (activity, end, spikes) = run(&whole, &stages, None, 1);
            let (_, middle, mut first) = run(&half, &stages[..1], None, 3);
            let (last, parts, second) = run(&half, &stages[1..], Some(&middle), 2);
            first.extend(second.iter().map(|spike| Spike { step: spike.step + 600, ..*spike }));
            assert!(first == spikes && first.len() > 50, "{name}");
            assert!(parts == end, "{name}: where it comes to");
            let blocks = end.blocks();
            let of = |what: &str, k: u32| {
                let found = blocks.iter().find(|(own, place, _)| *own == what && *place == k);
                found.map_or(Vec::new(), |(_, _, values)| values.clone())
            };
            let read = State::from_blocks(network.clone(), Seed(2), half.step, of);
            assert!(read.as_ref() == Some(&end), "{name}: written and read");
            let cut = |what: &str, k: u32| if what == "voltage" { Vec::new() } else { of(what, k) };
            assert!(State::from_blocks(network.clone(), Seed(2), half.step, cut).is_none(), "{name}: cut");
            assert_eq!(activity.learned.last(), last.learned.last(), "{name}");
        }
        // Of something else.
        let (_, network) = variants().swap_remove(0);
        let mut silent = |_: &[Spike]| ControlFlow::Continue(());
        let (_, state) = go_on(&network, &half, (&[Stage::WHOLE], None), Seed(2), 1, &mut silent).expect("a run");
        let mut other = network.clone();
        other.connections.strength[[0, 0]] += 1.0;
        for (network, run, seed, expected) in [
            (&other, half.clone(), Seed(2), "another network"),
            (&network, half.clone(), Seed(3), "another seed"),
            (&network, SpikingRun { step: 0.05, ..half.clone() }, Seed(2), "another step"),
            (&network, SpikingRun { transient: 10.0, ..half.clone() }, Seed(2), "transient: 10"),
        ] {
            let refused = go_on(network, &run, (&[Stage::WHOLE], Some(&state)), seed, 1, &mut silent);
            let text = refused.expect_err(expected).to_string();
            assert!(text.contains(expected), "{text}");
        }
    }

    /// A run that is long enough for a trial, of a network that is large enough for two threads.
    #[test]
    fn trials_leave_no_trace() {
        let network = pair(10_500);
        let run = SpikingRun { step: 0.01, sample: 1500.0, ..SpikingRun::lasting(1500.0, 0.0) };
        let adjacency = Adjacency::draw(&network, Seed(3), 1);
        let own = Problem {
            isa: Isa::detect(),
            network: &network,
            run: &run,
            stages: &[Stage::WHOLE],
            from: None,
            seed: Seed(3),
            adjacency: &adjacency,
        };
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
            let own = Problem {
                isa: Isa::detect(),
                network: &network,
                run: &run,
                stages: &[Stage::WHOLE],
                from: None,
                seed: Seed(1),
                adjacency: &adjacency,
            };
            let ended = own.run(threads, &mut listener);
            let ended = ended.map(drop);
            assert!(matches!(ended, Err(SpikingRunError::Stopped { time }) if time < 1000.0), "{ended:?}");
        }
    }
}
