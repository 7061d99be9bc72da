//! Synapses that learn. Each is touched only when a spike of its source arrives, and makes up then for what its target has fired since: the same changes as if
//! it had been touched at each of these spikes, up to rounding.
//!
//! Times are counted from the beginning of an epoch of some traces' time constants τ. A trace that decays as λ^k, λ = e^{−h/τ}, is kept as what it was at the beginning, had it been there
//! already: it grows at each spike by λ^{−k} and is never touched otherwise. A spike of the target in step m changes a strength by η X λ^m, X being the source's
//! trace at the beginning: since the last arrival by X times what the target's sum C of η λ^m has grown. Where strengths are multiplied instead, each λ^m is remembered.

use super::adjacency::{BLOCK, Rows};
use super::lists::{Ahead, Lists};
use super::state::LearnedSynapses;
use lanes::fetch_run;
use model::spiking::{PairRule, Plasticity};
use std::ops::Range;

/// Length of an epoch over the time constant: traces grow by e^5 within one, so that sums keep five digits.
const EPOCH: f64 = 5.0;

/// Spikes of a target that are remembered before all synapses make up for them: they fill a cache line.
const RECENT: usize = 16;

/// The synapses from one population to the cells of a share, and the traces that they learn from.
pub struct Learner {
    /// η, of strengths in units of the projection's.
    rate: f64,
    /// 2 r0 in Hz.
    twice: f64,
    /// What a spike adds to a trace, in Hz.
    jump: f64,
    /// h/τ.
    decay: f64,
    /// Steps of an epoch, and the step in which the present one began.
    epoch: u32,
    began: u32,
    /// λ^k and λ^{−k} now.
    left: f64,
    grown: f64,
    learning: bool,
    /// Strengths in units of the projection's.
    synapses: Lists,
    /// Traces of sources and of targets at the beginning of the epoch, in Hz.
    before: Vec<f32>,
    after: Vec<f32>,
    since: Since,
}

/// What targets have fired, and what of it their synapses have made up for.
enum Since {
    /// η Σ λ^m of each target, and what it was for each synapse.
    Sums { sums: Vec<f32>, known: Vec<f32> },
    /// η λ^m of each spike, how many there are, and how many of them each synapse knows.
    Spikes { recent: Vec<[f32; RECENT]>, fired: Vec<u8>, known: Vec<u8> },
}

impl Learner {
    /// Synapses of so many sources on the cells of a share, which do not learn yet. `magnitude` is |j| of the projection.
    pub fn new(rule: Plasticity, magnitude: f64, step: f64, rows: &Rows, sources: usize, cells: Range<usize>) -> Self {
        let count = cells.len();
        let synapses = Lists::within(rows, sources, cells);
        let (rate, since) = match rule.rule {
            PairRule::Additive => {
                (rule.rate / magnitude, Since::Sums { sums: vec![0.0; count], known: vec![0.0; synapses.len()] })
            }
            PairRule::Multiplicative => {
                let (recent, fired) = (vec![[0.0; RECENT]; count], vec![0; count]);
                (rule.rate, Since::Spikes { recent, fired, known: vec![0; synapses.len()] })
            }
        };
        Learner {
            rate,
            twice: 2.0 * rule.target,
            jump: 1000.0 / rule.trace,
            decay: step / rule.trace,
            epoch: (EPOCH * rule.trace / step).clamp(1.0, 1e9) as u32,
            began: 0,
            left: 1.0,
            grown: 1.0,
            learning: false,
            synapses,
            before: vec![0.0; sources],
            after: vec![0.0; count],
            since,
        }
    }

    /// Begins step k.
    pub fn begin(&mut self, k: u32) {
        if k - self.began >= self.epoch {
            self.make_up();
            let left = libm::exp(-f64::from(k - self.began) * self.decay) as f32;
            self.before.iter_mut().chain(&mut self.after).for_each(|trace| *trace *= left);
            match &mut self.since {
                Since::Sums { sums, known } => {
                    sums.fill(0.0);
                    known.fill(0.0);
                }
                Since::Spikes { .. } => {}
            }
            self.began = k;
        }
        let past = f64::from(k - self.began) * self.decay;
        (self.left, self.grown) = (libm::exp(-past), libm::exp(past));
    }

    /// Lets synapses learn from now on, or not.
    pub fn set_learning(&mut self, learning: bool) {
        if self.learning && !learning {
            self.make_up();
        }
        self.learning = learning;
    }

    /// Asks for what the arrival of a spike of source j will need.
    #[inline(always)]
    pub fn fetch(&self, j: usize, part: Ahead) {
        let cells = 0..self.after.len();
        self.synapses.fetch(j, &cells, part);
        if let (Ahead::Synapses, Since::Sums { known, .. }) = (part, &self.since) {
            fetch_run(&known[self.synapses.about(j, &cells)]);
        }
    }

    /// A spike of source j arrives: `weight` times its strengths are added to `current`, then they learn.
    pub fn arrive(&mut self, j: usize, weight: f32, current: &mut [f32]) {
        let before = self.before[j];
        let (factor, loss) = ((self.rate * self.left) as f32, (self.rate * self.twice) as f32);
        let Learner { synapses, after, since, .. } = self;
        if !self.learning {
            synapses.each(j, |i, strength, _| current[i] += weight * *strength);
        } else {
            match since {
                Since::Sums { sums, known } => synapses.each(j, |i, strength, synapse| {
                    let now = *strength + before * (sums[i] - known[synapse]);
                    known[synapse] = sums[i];
                    current[i] += weight * now;
                    *strength = (now + (factor * after[i] - loss)).max(0.0);
                }),
                Since::Spikes { recent, fired, known } => synapses.each(j, |i, strength, synapse| {
                    let mut now = *strength;
                    for spike in &recent[i][usize::from(known[synapse])..usize::from(fired[i])] {
                        now *= 1.0 + before * spike;
                    }
                    known[synapse] = fired[i];
                    current[i] += weight * now;
                    *strength = (now * (1.0 + (factor * after[i] - loss))).max(0.0);
                }),
            }
        }
        self.before[j] += (self.jump * self.grown) as f32;
    }

    /// A target fires.
    pub fn fire(&mut self, i: usize) {
        if self.learning {
            let spike = (self.rate * self.left) as f32;
            match &mut self.since {
                Since::Sums { sums, .. } => sums[i] += spike,
                Since::Spikes { fired, .. } if usize::from(fired[i]) == RECENT => {
                    self.make_up();
                    return self.fire(i);
                }
                Since::Spikes { recent, fired, .. } => {
                    recent[i][usize::from(fired[i])] = spike;
                    fired[i] += 1;
                }
            }
        }
        self.after[i] += (self.jump * self.grown) as f32;
    }

    /// Brings all synapses up to now.
    fn make_up(&mut self) {
        let Learner { synapses, before, since, .. } = self;
        for (j, before) in before.iter().enumerate() {
            match since {
                Since::Sums { sums, known } => synapses.each(j, |i, strength, synapse| {
                    *strength += before * (sums[i] - known[synapse]);
                    known[synapse] = sums[i];
                }),
                Since::Spikes { recent, fired, known } => synapses.each(j, |i, strength, synapse| {
                    for spike in &recent[i][usize::from(known[synapse])..usize::from(fired[i])] {
                        *strength *= 1.0 + before * spike;
                    }
                    known[synapse] = 0;
                }),
            }
        }
        if let Since::Spikes { fired, .. } = since {
            fired.fill(0);
        }
    }

    /// All that changes, as far as these cells go; `from` and `to` are left open.
    pub fn save(mut self) -> LearnedSynapses {
        // Products come out the same, whenever they are made.
        if matches!(self.since, Since::Spikes { .. }) {
            self.make_up();
        }
        let mut saved = LearnedSynapses { began: self.began, ..LearnedSynapses::default() };
        for j in 0..self.before.len() {
            let first = saved.targets.len();
            self.synapses.each(j, |i, strength, _| {
                saved.targets.push(i as u32);
                saved.strengths.push(*strength);
            });
            saved.counts.push((saved.targets.len() - first) as u32);
        }
        if let Since::Sums { sums, known } = self.since {
            (saved.sums, saved.known) = (sums, known);
        }
        (saved.before, saved.after) = (self.before, self.after);
        saved
    }

    /// Goes on where all synapses of the projection were left; `cells` are the targets here.
    pub fn restore(&mut self, saved: &LearnedSynapses, cells: Range<usize>) {
        self.began = saved.began;
        self.before.clone_from(&saved.before);
        self.after.copy_from_slice(&saved.after[cells.clone()]);
        if let Since::Sums { sums, .. } = &mut self.since {
            sums.copy_from_slice(&saved.sums[cells.clone()]);
        }
        let mut first = 0;
        for (j, &count) in saved.counts.iter().enumerate() {
            let end = first + count as usize;
            let mut own = (first..end).filter(|&k| cells.contains(&(saved.targets[k] as usize)));
            let since = &mut self.since;
            self.synapses.each(j, |_, strength, synapse| {
                let Some(k) = own.next() else { return };
                *strength = saved.strengths[k];
                if let Since::Sums { known, .. } = since {
                    known[synapse] = saved.known[k];
                }
            });
            first = end;
        }
    }

    /// Sums over all synapses on each block of targets: number, sum of strengths and of their squares, in units of the projection's. When synapses are looked at changes nothing.
    pub fn sums(&mut self) -> Vec<[f64; 3]> {
        let mut blocks = vec![[0.0; 3]; self.after.len().div_ceil(BLOCK)];
        let Learner { synapses, before, since, .. } = self;
        for (j, before) in before.iter().enumerate() {
            synapses.each(j, |i, strength, synapse| {
                let now = match since {
                    Since::Sums { sums, known } => *strength + before * (sums[i] - known[synapse]),
                    Since::Spikes { recent, fired, known } => {
                        let spikes = &recent[i][usize::from(known[synapse])..usize::from(fired[i])];
                        spikes.iter().fold(*strength, |now, spike| now * (1.0 + before * spike))
                    }
                };
                let (sums, own) = (&mut blocks[i / BLOCK], f64::from(now));
                *sums = [sums[0] + 1.0, sums[1] + own, sums[2] + own * own];
            });
        }
        blocks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Seed;
    use rand::RngExt;

    const STEP: f64 = 0.1;

    /// Twenty sources that all send to seven targets, some of which fire more often than is remembered.
    fn learner(rule: Plasticity) -> Learner {
        let mut lists = Lists::empty(7);
        (0..20).for_each(|_| lists.push(&[0, 1, 2, 3, 4, 5, 6], [1.0; 7].into_iter()));
        let mut learner = Learner::new(rule, 2.0, STEP, &Rows::Lists(lists), 20, 0..7);
        learner.set_learning(true);
        learner
    }

    /// Strengths after random spikes, of source after source; synapses are looked at at random times too.
    fn taught(rule: Plasticity, looks: bool) -> Vec<f32> {
        let mut learner = learner(rule);
        let mut rng = Seed(4).stream("test").rng(0);
        let mut looking = Seed(5).stream("test").rng(0);
        for k in 0..20_000 {
            learner.begin(k);
            if looks && looking.random::<f64>() < 0.01 {
                learner.sums();
            }
            let mut current = [0.0; 7];
            (0..20).filter(|_| rng.random::<f64>() < 1e-3).for_each(|j| learner.arrive(j, 1.0, &mut current));
            (0..7).filter(|i| rng.random::<f64>() < 1e-3 * (1.0 + *i as f64)).for_each(|i| learner.fire(i));
        }
        learner.make_up();
        let mut all = Vec::new();
        (0..20).for_each(|j| learner.synapses.each(j, |_, strength, _| all.push(*strength)));
        all
    }

    /// The rule itself: each synapse at each spike.
    fn defined(rule: Plasticity) -> Vec<f64> {
        let mut weights = vec![1.0; 140];
        let (mut before, mut after) = ([0.0; 20], [0.0; 7]);
        let mut rng = Seed(4).stream("test").rng(0);
        let change = |w: &mut f64, by: f64| {
            *w = match rule.rule {
                PairRule::Additive => (*w + rule.rate / 2.0 * by).max(0.0),
                PairRule::Multiplicative => (*w * (1.0 + rule.rate * by)).max(0.0),
            }
        };
        for _ in 0..20_000 {
            before.iter_mut().chain(&mut after).for_each(|x| *x *= libm::exp(-STEP / rule.trace));
            for j in (0..20).filter(|_| rng.random::<f64>() < 1e-3) {
                (0..7).for_each(|i| change(&mut weights[7 * j + i], after[i] - 2.0 * rule.target));
                before[j] += 1000.0 / rule.trace;
            }
            for i in (0..7).filter(|i| rng.random::<f64>() < 1e-3 * (1.0 + *i as f64)) {
                (0..20).for_each(|j| change(&mut weights[7 * j + i], before[j]));
                after[i] += 1000.0 / rule.trace;
            }
        }
        weights
    }

    #[test]
    fn making_up_for_spikes_is_learning_from_each_of_them() {
        for (rule, rate) in [(PairRule::Additive, 2e-3), (PairRule::Additive, 0.1), (PairRule::Multiplicative, 1e-3)] {
            // Rates are 10 to 70 Hz: some strengths are taken to 0 again and again.
            let rule = Plasticity { rule, rate, target: 40.0, trace: 20.0 };
            let (expected, found) = (defined(rule), taught(rule, false));
            let far = expected.iter().zip(&found).map(|(a, b)| (a - f64::from(*b)).abs() / (1.0 + a));
            let far = far.fold(0.0, f64::max);
            let spread = expected.iter().fold(0.0_f64, |most, w| most.max((w - 1.0).abs()));
            assert!(far < 1e-4 && spread > 0.5, "{rule:?}: {far} of {spread}");
            // When synapses are looked at decides nothing.
            assert_eq!(found, taught(rule, true));
        }
        let clipped = defined(Plasticity { rule: PairRule::Additive, rate: 0.1, target: 40.0, trace: 20.0 });
        assert!(clipped.contains(&0.0), "some strengths are 0");
    }
}
