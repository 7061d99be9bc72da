//! The definition: doubles, one cell after the other, one synapse after the other.

use super::adjacency::{Adjacency, source_counts};
use super::external::External;
use super::record::{Activity, Drives, Kind, Trace};
use super::{Cell, SpikingRun, SpikingRunError, steps};
use model::spiking::Synapses;
use model::{Seed, Spike, Spikes, SpikingNetwork};

/// Runs a network as [`super`] defines it. Slow; see [`super::run_spiking`].
///
/// # Errors
/// [`SpikingRunError`].
pub fn run_plain(network: &SpikingNetwork, run: &SpikingRun, seed: Seed) -> Result<Activity, SpikingRunError> {
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
    for k in 0..discarded + kept {
        for (s, synapse) in synapses.iter().enumerate() {
            current[s].iter_mut().for_each(|i| *i *= 1.0 - run.step / synapse.tau);
            let Some(then) = k.checked_sub(1 + steps(synapse.delay, run.step)) else { continue };
            for &j in &fired[then][s] {
                for a in 0..populations {
                    let charge = strength(network, a, s) / (network.connections.size as f64).sqrt();
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
                let total = network.constant(a) + (0..synapses.len()).map(drive).sum::<f64>();
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
                    let mut split = Drives { external: network.constant(a), ..Drives::default() };
                    (0..synapses.len()).for_each(|s| split.add(kind(network, s), drive(s)));
                    drives[a].excitatory += split.excitatory;
                    drives[a].inhibitory += split.inhibitory;
                    drives[a].external += split.external;
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
            if sums.iter().any(|s| !s.is_finite()) {
                return Err(SpikingRunError::BlewUp { time: k as f64 * run.step });
            }
        }
        for (external, spikes) in external.iter_mut().zip(&mut now[populations..]) {
            external.advance(spikes);
        }
        fired.push(now);
    }
    let input: Vec<f64> = sums.iter().map(|s| s / samples).collect();
    let variance = squares.iter().zip(&input).map(|(s, m)| s / samples - m * m).collect();
    let drives = drives.iter().enumerate().map(|(a, d)| d.over(samples * (starts[a + 1] - starts[a]) as f64)).collect();
    Ok(Activity { spikes, starts, drives, input, variance, traces })
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
