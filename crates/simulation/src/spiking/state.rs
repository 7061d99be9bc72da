//! Where a run has come to: what it takes to go on as if it had not been interrupted.

use super::block::Share;
use super::{SpikingRun, SpikingRunError};
use lanes::Aligned;
use model::spiking::{PairRule, Plasticity};
use model::{Seed, SpikingNetwork};
use serde::{Deserialize, Serialize};

/// All that changes in a run, cells and synapses in the order of their numbers, whichever threads had them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The network.
    pub network: SpikingNetwork,
    /// Seed of the run: connections and external spikes are drawn again.
    pub seed: Seed,
    /// Length of a step in ms.
    pub length: f64,
    /// Steps since the very first.
    pub step: u32,
    /// V of each cell in mV `[N]`, and steps that it is still refractory.
    pub voltage: Vec<f32>,
    /// See `voltage`.
    pub left: Vec<f32>,
    /// Currents of each population, those of one decay after the other, in the engine's units.
    pub currents: Vec<Vec<f32>>,
    /// Who fired in the last steps, by source population, the latest first.
    pub fired: Vec<Vec<Vec<u32>>>,
    /// Projections that learn.
    pub learned: Vec<LearnedSynapses>,
}

/// Synapses of a projection that learns, and what they learn from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LearnedSynapses {
    /// Population that sends.
    pub from: usize,
    /// Population that receives.
    pub to: usize,
    /// Step in which the engine's traces were rescaled last.
    pub began: u32,
    /// Number of synapses of each source.
    pub counts: Vec<u32>,
    /// Targets of each source in turn, by their number in their population.
    pub targets: Vec<u32>,
    /// Strengths of these synapses, in units of the projection's j.
    pub strengths: Vec<f32>,
    /// What of their targets' spikes they have made up for, additive.
    pub known: Vec<f32>,
    /// Traces of sources and of targets, and the latter's sums, in the engine's units.
    pub before: Vec<f32>,
    /// See `before`.
    pub after: Vec<f32>,
    /// See `before`.
    pub sums: Vec<f32>,
}

/// Numbers of one kind, in order: what they are, of which population, projection or step, and their values.
pub type Block = (&'static str, u32, Vec<f64>);

impl State {
    /// All that a table must hold besides network, seed and length of a step; those of no numbers are left out.
    pub fn blocks(&self) -> Vec<Block> {
        let wide = |values: &[f32]| values.iter().copied().map(f64::from).collect::<Vec<f64>>();
        let whole = |values: &[u32]| values.iter().copied().map(f64::from).collect::<Vec<f64>>();
        let mut blocks = vec![
            ("step", 0, vec![f64::from(self.step)]),
            ("voltage", 0, wide(&self.voltage)),
            ("left", 0, wide(&self.left)),
        ];
        blocks.extend(self.currents.iter().enumerate().map(|(a, own)| ("current", a as u32, wide(own))));
        let sources = self.fired.first().map_or(0, Vec::len);
        for (back, fired) in self.fired.iter().enumerate() {
            blocks.extend(fired.iter().enumerate().map(|(s, own)| ("fired", (back * sources + s) as u32, whole(own))));
        }
        for (k, own) in self.learned.iter().enumerate() {
            let k = k as u32;
            blocks.push(("projection", k, whole(&[own.from as u32, own.to as u32, own.began])));
            blocks.push(("synapses of a source", k, whole(&own.counts)));
            blocks.push(("target", k, whole(&own.targets)));
            let numbers = [
                ("strength", &own.strengths),
                ("known", &own.known),
                ("trace of a source", &own.before),
                ("trace of a target", &own.after),
                ("sum", &own.sums),
            ];
            blocks.extend(numbers.map(|(what, values)| (what, k, wide(values))));
        }
        blocks.retain(|(_, _, values)| !values.is_empty());
        blocks
    }

    /// The state that a table holds; `None` where its parts do not belong together. `of` gives the numbers of a block, none where it is missing.
    pub fn from_blocks(
        network: SpikingNetwork,
        seed: Seed,
        length: f64,
        of: impl Fn(&str, u32) -> Vec<f64>,
    ) -> Option<State> {
        let narrow = |what: &str, k: usize| of(what, k as u32).into_iter().map(|v| v as f32).collect::<Vec<f32>>();
        let whole = |what: &str, k: usize| of(what, k as u32).into_iter().map(|v| v as u32).collect::<Vec<u32>>();
        let (counts, sources) =
            (network.connections.counts(), network.synapses.len() + network.external_synapses.len());
        let delays = network.synapses.iter().chain(&network.external_synapses).map(|s| super::steps(s.delay, length));
        let depth = delays.max()? + 1;
        let populations = counts.len();
        let projections = (0..populations).flat_map(|a| (0..populations).map(move |b| (a, b)));
        let learning = projections.filter(|&(a, b)| network.rule(a, b).is_some()).count();
        let learned = (0..learning).map(|k| {
            let [from, to, began] = whole("projection", k).try_into().ok()?;
            Some(LearnedSynapses {
                from: from as usize,
                to: to as usize,
                began,
                counts: whole("synapses of a source", k),
                targets: whole("target", k),
                strengths: narrow("strength", k),
                known: narrow("known", k),
                before: narrow("trace of a source", k),
                after: narrow("trace of a target", k),
                sums: narrow("sum", k),
            })
        });
        let state = State {
            seed,
            length,
            step: *whole("step", 0).first()?,
            voltage: narrow("voltage", 0),
            left: narrow("left", 0),
            currents: (0..populations).map(|a| narrow("current", a)).collect(),
            fired: (0..depth).map(|back| (0..sources).map(|s| whole("fired", back * sources + s)).collect()).collect(),
            learned: learned.collect::<Option<_>>()?,
            network,
        };
        state.is_whole(&counts).then_some(state)
    }

    /// Whether all parts have the sizes that they must have.
    fn is_whole(&self, counts: &[usize]) -> bool {
        let cells: usize = counts.iter().sum();
        let refractory = super::steps(self.network.refractory, self.length) > 0;
        self.voltage.len() == cells
            && self.left.len() == if refractory { cells } else { 0 }
            && self.currents.iter().zip(counts).all(|(own, n)| own.len().is_multiple_of(*n))
            && self.learned.iter().all(|own| {
                let (Some(&sources), Some(&targets)) = (counts.get(own.from), counts.get(own.to)) else { return false };
                let synapses: usize = own.counts.iter().map(|&count| count as usize).sum();
                let additive = self.network.rule(own.to, own.from).is_some_and(|rule| rule.rule == PairRule::Additive);
                own.counts.len() == sources
                    && own.before.len() == sources
                    && own.after.len() == targets
                    && [own.targets.len(), own.strengths.len()] == [synapses; 2]
                    && own.known.len() == if additive { synapses } else { 0 }
                    && own.sums.len() == if additive { targets } else { 0 }
                    && own.targets.iter().all(|&target| (target as usize) < targets)
            })
    }

    /// Refuses to go on with another network, seed or step; rules may have other rates, targets and traces.
    pub(super) fn check(&self, network: &SpikingNetwork, run: &SpikingRun, seed: Seed) -> Result<(), SpikingRunError> {
        let bare = |network: &SpikingNetwork| SpikingNetwork {
            plasticity: Plasticity::none(network.names.len()),
            constant: (0..network.names.len()).map(|a| network.constant(a)).collect(),
            ..network.clone()
        };
        let rules = |network: &SpikingNetwork| {
            let n = network.names.len();
            let all = (0..n).flat_map(|a| (0..n).map(move |b| (a, b)));
            all.map(|(a, b)| network.rule(a, b).map(|rule| rule.rule)).collect::<Vec<_>>()
        };
        let what = if bare(&self.network) != bare(network) {
            "network"
        } else if rules(&self.network) != rules(network) {
            "choice of projections that learn, or of their rules"
        } else if self.seed != seed {
            "seed"
        } else if self.length != run.step {
            "step"
        } else if transient(run) {
            return Err(SpikingRunError::Range {
                field: "transient",
                value: run.transient,
                allowed: "0 ms where a run goes on".into(),
            });
        } else if (f64::from(self.step) + (run.kept() as f64)) > f64::from(u32::MAX) {
            return Err(SpikingRunError::Range {
                field: "duration",
                value: run.duration,
                allowed: format!("{} steps in all", u32::MAX),
            });
        } else {
            return Ok(());
        };
        Err(SpikingRunError::AnotherState { what })
    }

    /// What all threads have come to.
    pub(super) fn of(
        (network, run, seed, step): (&SpikingNetwork, &SpikingRun, Seed, u32),
        shares: Vec<Share>,
        single: usize,
        fired: Vec<Vec<Vec<u32>>>,
    ) -> State {
        let mut state = State {
            network: network.clone(),
            seed,
            length: run.step,
            step,
            voltage: Vec::new(),
            left: Vec::new(),
            currents: vec![Vec::new(); network.names.len()],
            fired,
            learned: Vec::new(),
        };
        let mut parts: Vec<Vec<Vec<f32>>> = vec![Vec::new(); network.names.len()];
        let mut synapses: Vec<Vec<LearnedSynapses>> = Vec::new();
        for share in shares {
            state.voltage.extend_from_slice(&share.voltage.as_flattened()[..share.cells]);
            state.left.extend(share.held.left(share.cells));
            let own = &mut parts[share.population];
            own.resize(share.groups.len() - single, Vec::new());
            for (all, group) in own.iter_mut().zip(&share.groups[single..]) {
                all.extend_from_slice(&group.current.as_flattened()[..share.cells]);
            }
            for (from, learner) in share.learners.into_iter().enumerate() {
                let Some(learner) = learner else { continue };
                let part = LearnedSynapses { from, to: share.population, ..learner.save() };
                match synapses.iter_mut().find(|own| (own[0].from, own[0].to) == (from, part.to)) {
                    Some(parts) => parts.push(part),
                    None => synapses.push(vec![part]),
                }
            }
        }
        state.currents = parts.into_iter().map(|groups| groups.concat()).collect();
        state.learned = synapses.into_iter().map(LearnedSynapses::joined).collect();
        state
    }

    /// Gives a share what is its own; `first` is its first cell of all.
    pub(super) fn restore(&self, share: &mut Share, first: usize, single: usize) {
        let cells = share.cells;
        let put = |to: &mut Aligned<super::block::Cells>, from: &[f32]| {
            to.as_flattened_mut().iter_mut().zip(from).for_each(|(to, from)| *to = *from);
        };
        put(&mut share.voltage, &self.voltage[first..first + cells]);
        share.held.restore(self.left.get(first..first + cells).unwrap_or_default());
        let groups = share.groups.len() - single;
        let all = &self.currents[share.population];
        let size = all.len() / groups.max(1);
        let place = share.first_block * super::adjacency::BLOCK;
        for (k, group) in share.groups[single..].iter_mut().enumerate() {
            put(&mut group.current, all.get(k * size + place..k * size + place + cells).unwrap_or_default());
        }
        for own in self.learned.iter().filter(|own| own.to == share.population) {
            if let Some(Some(learner)) = share.learners.get_mut(own.from) {
                learner.restore(own, place..place + cells);
            }
        }
    }
}

/// Whether anything is to pass before the first stage.
fn transient(run: &SpikingRun) -> bool {
    run.discarded() > 0
}

impl LearnedSynapses {
    /// Source, target and strength in units of the projection's j of each synapse, with what its target has fired since it was touched last.
    pub fn current(&self) -> impl Iterator<Item = (usize, usize, f64)> + '_ {
        let sources = self.counts.iter().enumerate().flat_map(|(j, &count)| std::iter::repeat_n(j, count as usize));
        sources.enumerate().map(|(k, j)| {
            let target = self.targets[k] as usize;
            let since = match (self.sums.get(target), self.known.get(k)) {
                (Some(sum), Some(known)) => self.before[j] * (sum - known),
                _ => 0.0,
            };
            (j, target, f64::from(self.strengths[k] + since))
        })
    }

    /// Those of several shares in order: source by source.
    fn joined(parts: Vec<LearnedSynapses>) -> LearnedSynapses {
        let Some(first) = parts.first() else { return LearnedSynapses::default() };
        let LearnedSynapses { from, to, began, ref before, .. } = *first;
        let mut all = LearnedSynapses { from, to, began, before: before.clone(), ..LearnedSynapses::default() };
        let mut starts = vec![0; parts.len()];
        for j in 0..before.len() {
            let mut count = 0;
            for (part, start) in parts.iter().zip(&mut starts) {
                let range = *start..*start + part.counts[j] as usize;
                all.targets.extend(part.targets[range.clone()].iter().map(|i| i + part_offset(&parts, part)));
                all.strengths.extend_from_slice(&part.strengths[range.clone()]);
                all.known.extend(part.known.get(range.clone()).unwrap_or_default());
                count += part.counts[j];
                *start = range.end;
            }
            all.counts.push(count);
        }
        for part in &parts {
            all.after.extend_from_slice(&part.after);
            all.sums.extend_from_slice(&part.sums);
        }
        all
    }
}

/// Cells of the shares before this one.
fn part_offset(parts: &[LearnedSynapses], part: &LearnedSynapses) -> u32 {
    let before = parts.iter().take_while(|own| !std::ptr::eq(*own, part));
    before.map(|own| own.after.len() as u32).sum()
}
