//! What each thread of a run owns: cells, and what reaches them.

use super::adjacency::{BLOCK, Rows, source_counts};
use super::block::{Arrival, Bits, Coefficients, Group, Share, Upstroke};
use super::fast::Shared;
use super::learner::Learner;
use super::lists::soon;
use super::plain::{kind, strength};
use super::record::Kind;
use super::refractory::Held;
use super::{Cell, Stage, steps};
use lanes::Aligned;
use model::spiking::Synapses;

impl<'a> Shared<'a> {
    /// The thread's cells: all blocks of all populations are dealt out in equal parts.
    pub fn shares(&self, thread: usize) -> Vec<Share> {
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
            leak: self.leak(a, 0.0),
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
        let mut share = Share {
            population: a,
            first_block,
            cells: count.min(end_block * BLOCK) - first_block * BLOCK,
            coefficients,
            voltage,
            drive: Aligned::zeros(1),
            groups: self.groups(a, blocks),
            learners: self.learners(a, first_block * BLOCK..count.min(end_block * BLOCK)),
            held: Held::new(steps(network.refractory, h), blocks),
        };
        if let Some(state) = self.from {
            state.restore(&mut share, self.starts[a] + first_block * BLOCK, usize::from(self.has_single()));
        }
        share
    }

    /// What a step adds at V_T, with a constant current beyond that of the network.
    fn leak(&self, a: usize, added: f64) -> f32 {
        let (cell, h) = (Cell::of(self.network, a), self.run.step);
        (h / cell.tau * (cell.rest - cell.onset) + h * (self.network.constant(a) + added)) as f32
    }

    /// Whether single cells have currents of their own, as the first group.
    pub fn has_single(&self) -> bool {
        self.stages.iter().any(|stage| !stage.cells.is_empty())
    }

    /// Those of the projections to these cells of population a that learn, by source population; none where nothing does.
    fn learners(&self, a: usize, cells: std::ops::Range<usize>) -> Vec<Option<Learner>> {
        let Shared { network, run, .. } = self;
        let counts = source_counts(network);
        let learner = |b: usize| {
            let (rule, magnitude) = (network.rule(a, b)?, strength(network, a, b).abs());
            Some(Learner::new(rule, magnitude, run.step, self.adjacency.rows(a, b), counts[b], cells.clone()))
        };
        if network.learns() { (0..network.names.len()).map(learner).collect() } else { Vec::new() }
    }

    /// Sets the currents of a stage, and whether synapses learn.
    pub fn enter(&self, share: &mut Share, stage: &Stage, learning: bool) {
        let a = share.population;
        let added = stage.constant.get(a).copied().unwrap_or(0.0);
        share.coefficients.leak = self.leak(a, added);
        share.coefficients.constant = (self.network.constant(a) + added) as f32;
        if let Some(group) = share.groups.first_mut().filter(|_| self.has_single()) {
            let first = self.starts[a] + share.first_block * BLOCK;
            let own = stage.cells.get(first..first + share.cells).unwrap_or_default();
            let current = group.current.as_flattened_mut();
            current.fill(0.0);
            current.iter_mut().zip(own).for_each(|(current, own)| *current = (self.run.step * own) as f32);
        }
        share.learners.iter_mut().flatten().for_each(|learner| learner.set_learning(learning));
        self.arrange(share, stage);
    }

    /// Sources whose spikes reach population a, and their synapses.
    fn sources(&self, a: usize) -> impl Iterator<Item = (usize, &Synapses)> {
        let all = self.network.synapses.iter().chain(&self.network.external_synapses).enumerate();
        all.filter(move |(s, _)| *self.adjacency.rows(a, *s) != Rows::None)
    }

    /// Currents of cells of population a: sources of one decay, reversal and kind add to one.
    fn groups(&self, a: usize, blocks: usize) -> Vec<Group> {
        let step = self.run.step;
        let mut groups: Vec<Group> = Vec::new();
        let group = |decay, reversal, kind, back| Group {
            decay,
            reversal,
            kind,
            current: Aligned::zeros(blocks),
            back,
            arrivals: Vec::new(),
        };
        if self.has_single() {
            // Currents of single cells: they never decay.
            groups.push(group(1.0, None, Kind::External, (1.0 / step) as f32));
        }
        for (s, synapses) in self.sources(a) {
            if self.place(&groups, s, synapses).is_none() {
                let (decay, reversal) = self.current(synapses);
                let back = (1.0 / (step - step * step / synapses.tau)) as f32;
                groups.push(group(decay, reversal, kind(self.network, s), back));
            }
        }
        groups
    }

    /// What a step leaves of a current, and its reversal potential if it is a conductance.
    fn current(&self, synapses: &Synapses) -> (f32, Option<f32>) {
        ((1.0 - self.run.step / synapses.tau) as f32, synapses.reversal.map(|e| e as f32))
    }

    /// The current that source s adds to.
    fn place(&self, groups: &[Group], s: usize, synapses: &Synapses) -> Option<usize> {
        let own = (self.current(synapses), kind(self.network, s));
        let is_own = |group: &Group| ((group.decay, group.reversal), group.kind) == own;
        let single = usize::from(self.has_single());
        groups.iter().skip(single).position(is_own).map(|place| place + single)
    }

    /// Says what spikes weigh in a stage: those of one weight are counted together.
    fn arrange(&self, share: &mut Share, stage: &Stage) {
        let (a, root) = (share.population, (self.network.connections.size as f64).sqrt());
        share.groups.iter_mut().for_each(|group| group.arrivals.clear());
        for (s, synapses) in self.sources(a) {
            let Some(place) = self.place(&share.groups, s, synapses) else { continue };
            let weight = (self.run.step * stage.strength(self.network, a, s) / root / synapses.tau) as f32;
            let arrivals = &mut share.groups[place].arrivals;
            match arrivals.iter_mut().find(|arrival| arrival.weight == weight) {
                Some(arrival) => arrival.sources.push(s),
                None => arrivals.push(Arrival { weight, sources: vec![s] }),
            }
        }
    }

    /// Bits of those that fired, from the share's first block on, for each arrival of each group.
    pub fn rows<'f>(&self, share: &Share, fired: impl Fn(usize) -> &'f [u32], out: &mut Vec<Vec<&'a [Bits]>>) {
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
    pub fn scatter<'f>(&self, share: &mut Share, k: u32, fired: impl Fn(usize) -> &'f [u32]) {
        let first = share.first_block * BLOCK;
        for learner in share.learners.iter_mut().flatten() {
            learner.begin(k);
        }
        for group in &mut share.groups {
            let current = group.current.as_flattened_mut();
            for arrival in &group.arrivals {
                for &s in &arrival.sources {
                    if let Some(Some(learner)) = share.learners.get_mut(s) {
                        let sources = fired(s);
                        for (place, &j) in sources.iter().enumerate() {
                            soon(sources, place, |next, part| learner.fetch(next, part));
                            learner.arrive(j as usize, arrival.weight, current);
                        }
                        continue;
                    }
                    let Rows::Lists(lists) = self.adjacency.rows(share.population, s) else { continue };
                    let (sources, cells) = (fired(s), first..first + share.cells);
                    for (place, &j) in sources.iter().enumerate() {
                        soon(sources, place, |next, part| lists.fetch(next, &cells, part));
                        lists.scatter(j as usize, cells.clone(), arrival.weight, current);
                    }
                }
            }
        }
    }
}
