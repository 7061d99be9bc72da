//! Synapses that learn. Each is touched only when a spike of its source arrives, and replays then what its target has fired since: the same changes in
//! the same order as if it had been touched at each of these spikes.

use super::adjacency::{BLOCK, Rows};
use super::lists::Lists;
use model::spiking::{PairRule, Plasticity};
use std::ops::Range;

/// Spikes of a target that are remembered before all synapses replay them: with their times they fill a cache line.
const RECENT: usize = 16;

/// The synapses from one population to the cells of a share, and the traces that they learn from.
pub struct Learner {
    rule: PairRule,
    /// η, of strengths in units of the projection's.
    rate: f32,
    /// 2 r0 in Hz.
    twice: f32,
    /// What a spike adds to a trace, in Hz.
    jump: f32,
    decay: Powers,
    learning: bool,
    /// Strengths in units of the projection's.
    synapses: Lists,
    /// How many of its target's remembered spikes each synapse has replayed.
    replayed: Vec<u8>,
    /// When a spike of each source arrived last, and its trace after that.
    arrived: Vec<u32>,
    before: Vec<f32>,
    /// Traces of the targets now, and their remembered spikes.
    after: Vec<f32>,
    fired: Vec<u8>,
    recent: Vec<[u32; RECENT]>,
}

/// Powers of a number up to 1, as products of two.
struct Powers {
    few: [f32; Powers::FEW],
    many: Vec<f32>,
}

impl Powers {
    const FEW: usize = 256;

    /// Of exp(−step/tau), until they are below the smallest that matters to a float.
    fn new(step: f64, tau: f64) -> Self {
        let power = |n: usize| libm::exp(-(n as f64) * step / tau) as f32;
        let all = (87.0 * tau / step / Self::FEW as f64).ceil().min(1e5) as usize + 1;
        Powers { few: std::array::from_fn(power), many: (0..all).map(|k| power(k * Self::FEW)).collect() }
    }

    #[inline(always)]
    fn of(&self, n: u32) -> f32 {
        let n = n as usize;
        self.many.get(n / Self::FEW).map_or(0.0, |many| many * self.few[n % Self::FEW])
    }
}

/// What a spike of a target does to a strength; `trace` is that of the source.
#[inline(always)]
fn strengthened(rule: PairRule, rate: f32, strength: f32, trace: f32) -> f32 {
    match rule {
        PairRule::Additive => strength + rate * trace,
        PairRule::Multiplicative => strength * (1.0 + rate * trace),
    }
}

/// What a spike of a source does; `above` is the target's trace less 2 r0.
#[inline(always)]
fn depressed(rule: PairRule, rate: f32, strength: f32, above: f32) -> f32 {
    let next = match rule {
        PairRule::Additive => strength + rate * above,
        PairRule::Multiplicative => strength * (1.0 + rate * above),
    };
    next.max(0.0)
}

impl Learner {
    /// Synapses of so many sources on the cells of a share. `magnitude` is |j| of the projection.
    pub fn new(rule: Plasticity, magnitude: f64, step: f64, rows: &Rows, sources: usize, cells: Range<usize>) -> Self {
        let count = cells.len();
        let synapses = Lists::within(rows, sources, cells);
        let rate = match rule.rule {
            PairRule::Additive => rule.rate / magnitude,
            PairRule::Multiplicative => rule.rate,
        };
        Learner {
            rule: rule.rule,
            rate: rate as f32,
            twice: (2.0 * rule.target) as f32,
            jump: (1000.0 / rule.trace) as f32,
            decay: Powers::new(step, rule.trace),
            learning: true,
            replayed: vec![0; synapses.len()],
            synapses,
            arrived: vec![0; sources],
            before: vec![0.0; sources],
            after: vec![0.0; count],
            fired: vec![0; count],
            recent: vec![[0; RECENT]; count],
        }
    }

    /// Begins a step.
    pub fn decay(&mut self) {
        let decay = self.decay.few[1];
        self.after.iter_mut().for_each(|x| *x *= decay);
    }

    /// Lets synapses learn from now on, or not.
    pub fn set_learning(&mut self, learning: bool) {
        if self.learning != learning {
            self.replay();
        }
        self.learning = learning;
    }

    /// A spike of source j arrives in step k: `weight` times its strengths are added to `current`, then they learn.
    pub fn arrive(&mut self, j: usize, k: u32, weight: f32, current: &mut [f32]) {
        match (self.learning, self.rule) {
            (true, PairRule::Additive) => self.deliver::<true>(PairRule::Additive, j, k, weight, current),
            (true, PairRule::Multiplicative) => self.deliver::<true>(PairRule::Multiplicative, j, k, weight, current),
            (false, rule) => self.deliver::<false>(rule, j, k, weight, current),
        }
    }

    #[inline(always)]
    fn deliver<const LEARNING: bool>(&mut self, rule: PairRule, j: usize, k: u32, weight: f32, current: &mut [f32]) {
        let Learner { rate, twice, jump, decay, synapses, replayed, arrived, before, after, fired, recent, .. } = self;
        let (last, trace, rate) = (arrived[j], before[j], *rate);
        synapses.each(j, |i, strength, synapse| {
            if LEARNING {
                let replayed = &mut replayed[synapse];
                while *replayed < fired[i] {
                    let since = recent[i][usize::from(*replayed) % RECENT] - last;
                    *strength = strengthened(rule, rate, *strength, trace * decay.of(since));
                    *replayed += 1;
                }
            }
            current[i] += weight * *strength;
            if LEARNING {
                *strength = depressed(rule, rate, *strength, after[i] - *twice);
            }
        });
        before[j] = trace * decay.of(k - last) + *jump;
        arrived[j] = k;
    }

    /// A target fires in step k.
    pub fn fire(&mut self, i: usize, k: u32) {
        if self.learning {
            if usize::from(self.fired[i]) == RECENT {
                self.replay();
            }
            self.recent[i][usize::from(self.fired[i])] = k;
            self.fired[i] += 1;
        }
        self.after[i] += self.jump;
    }

    /// Brings all synapses up to now.
    fn replay(&mut self) {
        let Learner { rule, rate, decay, synapses, replayed, arrived, before, fired, recent, .. } = self;
        for (j, (last, trace)) in arrived.iter().zip(before).enumerate() {
            synapses.each(j, |i, strength, synapse| {
                for k in &recent[i][usize::from(replayed[synapse])..usize::from(fired[i])] {
                    *strength = strengthened(*rule, *rate, *strength, *trace * decay.of(k - last));
                }
                replayed[synapse] = 0;
            });
        }
        fired.fill(0);
    }

    /// Of all synapses on each block of targets: number, sum of strengths and of their squares, in units of the projection's.
    pub fn sums(&mut self) -> Vec<[f64; 3]> {
        if self.learning {
            self.replay();
        }
        let mut sums = vec![[0.0; 3]; self.after.len().div_ceil(BLOCK)];
        for j in 0..self.arrived.len() {
            self.synapses.each(j, |i, strength, _| {
                let (sums, own) = (&mut sums[i / BLOCK], f64::from(*strength));
                *sums = [sums[0] + 1.0, sums[1] + own, sums[2] + own * own];
            });
        }
        sums
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
        Learner::new(rule, 2.0, STEP, &Rows::Lists(lists), 20, 0..7)
    }

    /// Strengths after random spikes, of source after source; synapses are brought up to date at random times too.
    fn taught(rule: Plasticity, looks: bool) -> Vec<f32> {
        let mut learner = learner(rule);
        let mut rng = Seed(4).stream("test").rng(0);
        let mut looking = Seed(5).stream("test").rng(0);
        for k in 0..20_000 {
            learner.decay();
            if looks && looking.random::<f64>() < 0.01 {
                learner.sums();
            }
            let mut current = [0.0; 7];
            (0..20).filter(|_| rng.random::<f64>() < 1e-3).for_each(|j| learner.arrive(j, k, 1.0, &mut current));
            (0..7).filter(|i| rng.random::<f64>() < 1e-3 * (1.0 + *i as f64)).for_each(|i| learner.fire(i, k));
        }
        learner.replay();
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
    fn replaying_spikes_is_learning_from_each_of_them() {
        for (rule, rate) in [(PairRule::Additive, 2e-3), (PairRule::Additive, 0.1), (PairRule::Multiplicative, 1e-3)] {
            // Rates are 10 to 70 Hz: some strengths are taken to 0 again and again.
            let rule = Plasticity { rule, rate, target: 40.0, trace: 20.0 };
            let (expected, found) = (defined(rule), taught(rule, false));
            let far = expected.iter().zip(&found).map(|(a, b)| (a - f64::from(*b)).abs() / (1.0 + a));
            let far = far.fold(0.0, f64::max);
            let spread = expected.iter().fold(0.0_f64, |most, w| most.max((w - 1.0).abs()));
            assert!(far < 1e-4 && spread > 0.5, "{rule:?}: {far} of {spread}");
            // When a synapse is brought up to date decides nothing.
            assert_eq!(found, taught(rule, true));
        }
        let clipped = defined(Plasticity { rule: PairRule::Additive, rate: 0.1, target: 40.0, trace: 20.0 });
        assert!(clipped.contains(&0.0), "some strengths are 0");
    }
}
