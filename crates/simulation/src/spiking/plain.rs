//! The definition: doubles, one cell after the other, one synapse after the other.

use super::adjacency::{Adjacency, source_counts};
use super::external::External;
use super::record::{Activity, Drives, Kind, Learned, Trace};
use super::{Cell, SpikingRun, SpikingRunError, Stage, steps};
use model::spiking::{PairRule, Plasticity, Synapses};
use model::{Seed, Spike, Spikes, SpikingNetwork};

/// Runs a network through stages as [`super`] defines it. Slow; see [`super::run_spiking`].
///
/// # Errors
/// [`SpikingRunError`].
///
/// # Panics
/// If there is no stage.
pub fn run_plain(
    network: &SpikingNetwork,
    run: &SpikingRun,
    stages: &[Stage],
    seed: Seed,
) -> Result<Activity, SpikingRunError> {
    run.validate(network)?;
    let populations = network.names.len();
    let (starts, counts) = (network.starts(), source_counts(network));
    let size = starts[populations];
    let adjacency = Adjacency::draw(network, seed, 1);
    let synapses: Vec<&Synapses> = network.synapses.iter().chain(&network.external_synapses).collect();
    let cells: Vec<Cell> = (0..populations).map(|a| Cell::of(network, a)).collect();
    let mut voltage: Vec<f64> = (0..populations)
        .flat_map(|a| cells[a].first_voltages(seed, a, starts[a + 1] - starts[a]))
        .map(f64::from)
        .collect();
    // A current for each cell and source population.
    let mut current = vec![vec![0.0; size]; synapses.len()];
    let mut left = vec![0_usize; size];
    let mut external: Vec<External> =
        (0..network.external_synapses.len()).map(|x| External::new(network, x, run.step, seed)).collect();
    // Spikes of all steps so far, by source population.
    let mut fired: Vec<Vec<Vec<u32>>> = Vec::new();
    let (discarded, kept, stride) = (run.discarded(), run.kept(), run.stride());
    let mut spikes = Spikes { step: run.step, steps: kept, cells: size, events: Vec::new() };
    let (mut samples, mut sums, mut squares) = (0.0, vec![0.0; size], vec![0.0; size]);
    let mut drives = vec![Drives::default(); populations];
    let mut traces: Vec<Trace> = run.cells.iter().map(|&cell| Trace { cell, ..Trace::default() }).collect();
    let mut projections = Eager::all(network, &adjacency, run.step);
    let (mut learned, mut inputs) = (Vec::new(), Vec::new());
    let (mut of_stage, mut count) = (vec![Drives::default(); size], 0.0);
    let (mut at, mut end) = (0, discarded.saturating_add(stages[0].steps));
    for k in 0..discarded + kept {
        while k == end && at + 1 < stages.len() {
            learned.push(projections.iter().map(Eager::learned).collect());
            if stages[at].inputs {
                inputs.push(of_stage.iter().map(|sum| sum.over(count)).collect());
            }
            (of_stage, count) = (vec![Drives::default(); size], 0.0);
            at += 1;
            end = end.saturating_add(stages[at].steps);
        }
        let stage = &stages[at];
        let learning = stage.learning && k >= discarded;
        projections.iter_mut().for_each(Eager::decay);
        for (s, synapse) in synapses.iter().enumerate() {
            current[s].iter_mut().for_each(|i| *i *= 1.0 - run.step / synapse.tau);
            let Some(then) = k.checked_sub(1 + steps(synapse.delay, run.step)) else { continue };
            for &j in &fired[then][s] {
                for a in 0..populations {
                    let charge = stage.strength(network, a, s) / (network.connections.size as f64).sqrt();
                    if let Some(own) = projections.iter_mut().find(|own| (own.to, own.from) == (a, s)) {
                        for &(i, weight) in &own.synapses[j as usize] {
                            current[s][starts[a] + i] += charge * weight / synapse.tau;
                        }
                        own.arrive(j as usize, learning);
                        continue;
                    }
                    for (i, strength) in adjacency.rows(a, s).targets(j as usize) {
                        current[s][starts[a] + i] += charge * f64::from(strength) / synapse.tau;
                    }
                }
            }
        }
        let mut now: Vec<Vec<u32>> = counts.iter().map(|_| Vec::new()).collect();
        for a in 0..populations {
            let cell = &cells[a];
            for i in starts[a]..starts[a + 1] {
                let v = voltage[i];
                let drive = |s: usize| match synapses[s].reversal {
                    Some(reversal) => current[s][i] * (reversal - v),
                    None => current[s][i],
                };
                let added = stage.constant.get(a).unwrap_or(&0.0) + stage.cells.get(i).unwrap_or(&0.0);
                let constant = network.constant(a) + added;
                let total = constant + (0..synapses.len()).map(drive).sum::<f64>();
                let own = cell.upstroke * libm::exp((v - cell.onset) / cell.sharpness);
                let mut next = v + run.step * ((cell.rest - v + own) / cell.tau + total);
                next = next.max(network.floor.unwrap_or(f64::NEG_INFINITY));
                if left[i] > 0 {
                    left[i] -= 1;
                    next = cell.reset;
                }
                if next >= cell.threshold {
                    next = cell.reset;
                    left[i] = steps(network.refractory, run.step);
                    now[a].push((i - starts[a]) as u32);
                    if k >= discarded {
                        spikes.events.push(Spike { step: (k - discarded) as u32, cell: i as u32 });
                    }
                }
                if k >= discarded && (k - discarded).is_multiple_of(stride) {
                    sums[i] += total;
                    squares[i] += total * total;
                    let mut split = Drives { external: constant, ..Drives::default() };
                    (0..synapses.len()).for_each(|s| split.add(kind(network, s), drive(s)));
                    drives[a] += split;
                    of_stage[i] += split;
                    for trace in traces.iter_mut().filter(|trace| trace.cell == i) {
                        trace.voltage.push(next);
                        trace.drives.push(split);
                    }
                }
                voltage[i] = next;
            }
        }
        if k >= discarded && (k - discarded).is_multiple_of(stride) {
            samples += 1.0;
            count += 1.0;
            if sums.iter().any(|s| !s.is_finite()) {
                return Err(SpikingRunError::BlewUp { time: k as f64 * run.step });
            }
        }
        for (external, spikes) in external.iter_mut().zip(&mut now[populations..]) {
            external.advance(spikes);
        }
        for projection in &mut projections {
            now[projection.to].iter().for_each(|&i| projection.fire(i as usize, learning));
        }
        fired.push(now);
    }
    learned.push(projections.iter().map(Eager::learned).collect());
    if stages[at].inputs {
        inputs.push(of_stage.iter().map(|sum| sum.over(count)).collect());
    }
    if projections.is_empty() {
        learned.clear();
    }
    let input: Vec<f64> = sums.iter().map(|s| s / samples).collect();
    let variance = squares.iter().zip(&input).map(|(s, m)| s / samples - m * m).collect();
    let drives = drives.iter().enumerate().map(|(a, d)| d.over(samples * (starts[a + 1] - starts[a]) as f64)).collect();
    Ok(Activity { spikes, starts, drives, input, variance, traces, inputs, learned })
}

/// A projection that learns: each synapse changes at each spike of its source and of its target.
struct Eager {
    to: usize,
    from: usize,
    rule: Plasticity,
    /// j.
    strength: f64,
    /// Targets of each source, and their strengths in units of j.
    synapses: Vec<Vec<(usize, f64)>>,
    /// Traces of sources and of targets in Hz.
    before: Vec<f64>,
    after: Vec<f64>,
    /// What a step leaves of them.
    left: f64,
}

impl Eager {
    /// Projections of a network that learn.
    fn all(network: &SpikingNetwork, adjacency: &Adjacency, step: f64) -> Vec<Eager> {
        let counts = network.connections.counts();
        let eager = |(to, from): (usize, usize)| {
            let rule = network.rule(to, from)?;
            let targets = |j| adjacency.rows(to, from).targets(j).into_iter().map(|(i, w)| (i, f64::from(w)));
            Some(Eager {
                to,
                from,
                rule,
                strength: strength(network, to, from),
                synapses: (0..counts[from]).map(|j| targets(j).collect()).collect(),
                before: vec![0.0; counts[from]],
                after: vec![0.0; counts[to]],
                left: libm::exp(-step / rule.trace),
            })
        };
        let pairs = (0..counts.len()).flat_map(|to| (0..counts.len()).map(move |from| (to, from)));
        pairs.filter_map(eager).collect()
    }

    fn decay(&mut self) {
        self.before.iter_mut().chain(&mut self.after).for_each(|x| *x *= self.left);
    }

    fn changed(&self, weight: f64, by: f64) -> f64 {
        let next = match self.rule.rule {
            PairRule::Additive => weight + self.rule.rate / self.strength.abs() * by,
            PairRule::Multiplicative => weight * (1.0 + self.rule.rate * by),
        };
        next.max(0.0)
    }

    fn arrive(&mut self, j: usize, learning: bool) {
        for s in 0..if learning { self.synapses[j].len() } else { 0 } {
            let (i, weight) = self.synapses[j][s];
            self.synapses[j][s].1 = self.changed(weight, self.after[i] - 2.0 * self.rule.target);
        }
        self.before[j] += 1000.0 / self.rule.trace;
    }

    fn fire(&mut self, i: usize, learning: bool) {
        for j in 0..if learning { self.synapses.len() } else { 0 } {
            for s in 0..self.synapses[j].len() {
                let (target, weight) = self.synapses[j][s];
                if target == i {
                    self.synapses[j][s].1 = self.changed(weight, self.before[j]);
                }
            }
        }
        self.after[i] += 1000.0 / self.rule.trace;
    }

    fn learned(&self) -> Learned {
        let weights = || self.synapses.iter().flatten().map(|(_, weight)| *weight);
        let n = weights().count() as f64;
        let mean = weights().sum::<f64>() / n;
        let variance = weights().map(|w| (w - mean) * (w - mean)).sum::<f64>() / n;
        let Eager { from, to, strength, .. } = *self;
        Learned { from, to, mean: strength * mean, sd: strength.abs() * variance.sqrt() }
    }
}

/// j from source population s to population a.
pub(super) fn strength(network: &SpikingNetwork, a: usize, s: usize) -> f64 {
    let own = network.names.len();
    if s < own { network.connections.strength[[a, s]] } else { network.connections.external_strength[[a, s - own]] }
}

/// How currents of source population s count: synapses that send both signs count as what they mostly are.
pub(super) fn kind(network: &SpikingNetwork, s: usize) -> Kind {
    let own = network.names.len();
    let (synapses, strength) = if s < own {
        (&network.synapses[s], network.connections.strength.column(s))
    } else {
        (&network.external_synapses[s - own], network.connections.external_strength.column(s - own))
    };
    let excites = match synapses.reversal {
        Some(reversal) => reversal > Cell::of(network, 0).onset,
        None => strength.sum() >= 0.0,
    };
    match (excites, s < own) {
        (true, true) => Kind::Excitatory,
        (true, false) => Kind::External,
        (false, _) => Kind::Inhibitory,
    }
}
