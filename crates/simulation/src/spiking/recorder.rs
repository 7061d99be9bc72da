//! What the threads of a run record, and how it is joined.

use super::adjacency::BLOCK;
use super::block::Share;
use super::inputs::{Inputs, undecayed};
use super::plain::strength;
use super::record::{Activity, Drives, Learned, Trace};
use super::{SpikingRun, SpikingRunError, Stage};
use model::{Spikes, SpikingNetwork};

/// A thread's cells, and what it has recorded of them.
pub type End = (Vec<Share>, Recorder);

/// What one thread has recorded.
pub struct Recorder {
    /// Of each share.
    pub inputs: Vec<Inputs>,
    /// Of its cells: where the cell stands in the run's list, its share, block and place.
    traces: Vec<(usize, [usize; 3], Trace)>,
    /// Samples of the stage.
    pub samples: f64,
    /// Number of samples and sums of inputs in the stages that keep them, by share and block.
    kept: Vec<(f64, Vec<Vec<Sums>>)>,
    /// Of synapses that learn, at the end of each stage.
    learned: Vec<Vec<Incoming>>,
}

/// Sums over samples for the cells of a block: of all input, of what excites and of what inhibits.
type Sums = [[f64; BLOCK]; 3];

/// Sums up to now, of a share.
fn sums(inputs: &Inputs) -> impl Iterator<Item = Sums> {
    inputs.sums.iter().zip(&inputs.parts).map(|(all, [excites, inhibits])| [*all, *excites, *inhibits])
}

/// Synapses on the cells of a share: sums for each block in turn, as [`Learner::sums`](super::learner::Learner::sums) gives them.
struct Incoming {
    to: usize,
    from: usize,
    blocks: Vec<[f64; 3]>,
}

impl Recorder {
    /// Of a thread's shares; `starts` as in [`super::Activity`].
    pub fn new(run: &SpikingRun, stages: &[Stage], starts: &[usize], shares: &[Share]) -> Self {
        let keeps = stages.iter().any(|stage| stage.inputs);
        let inputs = shares.iter().map(|share| {
            let blocks = share.voltage.len();
            Inputs {
                voltage: share.voltage.clone(),
                sums: vec![[0.0; BLOCK]; blocks],
                squares: vec![[0.0; BLOCK]; blocks],
                drives: vec![Drives::default(); blocks],
                parts: vec![[[0.0; BLOCK]; 2]; if keeps { blocks } else { 0 }],
            }
        });
        let mut traces = Vec::new();
        for (place, &cell) in run.cells.iter().enumerate() {
            for (k, share) in shares.iter().enumerate() {
                let first = starts[share.population] + share.first_block * BLOCK;
                if (first..first + share.cells).contains(&cell) {
                    let at = [k, (cell - first) / BLOCK, (cell - first) % BLOCK];
                    traces.push((place, at, Trace { cell, ..Trace::default() }));
                }
            }
        }
        Recorder { inputs: inputs.collect(), traces, samples: 0.0, kept: Vec::new(), learned: Vec::new() }
    }

    /// After the inputs of a sample have been gathered.
    pub fn trace(&mut self, shares: &[Share]) {
        for (_, [k, block, place], trace) in &mut self.traces {
            let share = &shares[*k];
            trace.voltage.push(f64::from(share.voltage[*block][*place]));
            let mut drives = Drives { external: f64::from(share.coefficients.constant), ..Drives::default() };
            for group in &share.groups {
                let mut own = [0.0; BLOCK];
                undecayed(group, *block, &self.inputs[*k].voltage[*block], &mut own);
                drives.add(group.kind, f64::from(own[*place]));
            }
            trace.drives.push(drives);
        }
    }

    /// Begins a stage: what was summed before is taken off in the end.
    pub fn begin(&mut self, stage: &Stage) {
        self.samples = 0.0;
        if stage.inputs {
            let before = self.inputs.iter().map(|inputs| sums(inputs).collect());
            self.kept.push((0.0, before.collect()));
        }
    }

    /// Ends it: with what it brought to cells, and what synapses have learned up to now.
    pub fn end(&mut self, stage: &Stage, shares: &mut [Share]) {
        if let Some((samples, before)) = self.kept.last_mut().filter(|_| stage.inputs) {
            *samples = self.samples;
            for (before, inputs) in before.iter_mut().zip(&self.inputs) {
                for (before, now) in before.iter_mut().zip(sums(inputs)) {
                    let cells = before.as_flattened_mut().iter_mut().zip(now.as_flattened());
                    cells.for_each(|(sum, now)| *sum = now - *sum);
                }
            }
        }
        let mut all = Vec::new();
        for share in shares {
            for (from, learner) in share.learners.iter_mut().enumerate() {
                if let Some(learner) = learner {
                    all.push(Incoming { to: share.population, from, blocks: learner.sums() });
                }
            }
        }
        self.learned.push(all);
    }
}

/// What all threads have recorded, joined in the order of cells; `early` is when a run in ms was ended.
pub fn conclude(
    network: &SpikingNetwork,
    run: &SpikingRun,
    ends: Vec<End>,
    early: Option<f64>,
) -> Result<(Activity, Vec<Share>), SpikingRunError> {
    let starts = network.starts();
    let size = starts[starts.len() - 1];
    let (discarded, kept, stride) = (run.discarded(), run.kept(), run.stride());
    let samples = kept.div_ceil(stride) as f64;
    let (mut input, mut variance) = (Vec::with_capacity(size), Vec::with_capacity(size));
    let mut drives = vec![Drives::default(); starts.len() - 1];
    let mut traces: Vec<Trace> = run.cells.iter().map(|_| Trace::default()).collect();
    let learned = joined(network, &ends);
    let inputs = stage_inputs(&ends);
    // Threads own blocks in order of populations, so that sums here do not depend on their number.
    let mut all = Vec::new();
    for (shares, recorder) in ends {
        for (share, inputs) in shares.iter().zip(recorder.inputs) {
            let sums = inputs.sums.as_flattened().iter().zip(inputs.squares.as_flattened());
            for (sum, square) in sums.take(share.cells) {
                let mean = sum / samples;
                input.push(mean);
                variance.push(square / samples - mean * mean);
            }
            let total = &mut drives[share.population];
            inputs.drives.into_iter().for_each(|own| *total += own);
        }
        recorder.traces.into_iter().for_each(|(place, _, trace)| traces[place] = trace);
        all.extend(shares);
    }
    if input.iter().any(|i| !i.is_finite()) {
        return Err(SpikingRunError::BlewUp { time: (discarded + kept) as f64 * run.step });
    }
    if let Some(time) = early {
        return Err(SpikingRunError::Stopped { time });
    }
    let counts = starts.windows(2).map(|w| (w[1] - w[0]) as f64);
    let drives = drives.into_iter().zip(counts).map(|(d, count)| d.over(samples * count)).collect();
    let spikes = Spikes { step: run.step, steps: kept, cells: size, events: Vec::new() };
    Ok((Activity { spikes, starts, drives, input, variance, traces, inputs, learned }, all))
}

/// Mean inputs of all cells in the stages that keep them.
fn stage_inputs(ends: &[End]) -> Vec<Vec<Drives>> {
    let stages = ends.iter().map(|(_, recorder)| recorder.kept.len()).min().unwrap_or(0);
    let of = |stage: usize| {
        let mut all = Vec::new();
        for (shares, recorder) in ends {
            let (samples, sums) = &recorder.kept[stage];
            for (share, sums) in shares.iter().zip(sums) {
                let cells = sums.iter().flat_map(|[all, excites, inhibits]| all.iter().zip(excites).zip(inhibits));
                all.extend(cells.take(share.cells).map(|((all, &excitatory), &inhibitory)| {
                    Drives { excitatory, inhibitory, external: all - excitatory - inhibitory }.over(*samples)
                }));
            }
        }
        all
    };
    (0..stages).map(of).collect()
}

/// What synapses have learned at the end of each stage, summed block by block, whichever thread owns them.
fn joined(network: &SpikingNetwork, ends: &[End]) -> Vec<Vec<Learned>> {
    if !network.learns() {
        return Vec::new();
    }
    let populations = network.names.len();
    let pairs = (0..populations).flat_map(|to| (0..populations).map(move |from| (to, from)));
    let pairs: Vec<(usize, usize)> = pairs.filter(|&(to, from)| network.rule(to, from).is_some()).collect();
    let stages = ends.iter().map(|(_, recorder)| recorder.learned.len()).min().unwrap_or(0);
    let of = |stage: usize, (to, from): (usize, usize)| {
        let all = ends.iter().flat_map(|(_, recorder)| &recorder.learned[stage]);
        let own =
            all.filter(|incoming| (incoming.to, incoming.from) == (to, from)).flat_map(|incoming| &incoming.blocks);
        let [n, sum, square] = own.fold([0.0; 3], |sums, block| std::array::from_fn(|k| sums[k] + block[k]));
        let (j, mean) = (strength(network, to, from), sum / n);
        Learned { from, to, mean: j * mean, sd: j.abs() * (square / n - mean * mean).max(0.0).sqrt() }
    };
    (0..stages).map(|stage| pairs.iter().map(|&pair| of(stage, pair)).collect()).collect()
}
