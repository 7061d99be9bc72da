//! Comparison rows of lessons.

use super::{Frozen, Measured, PlasticSpikingSystem};
use crate::spiking_network::{FINITE, beyond_theory, together_by};
use lab::{Claim, Comparison, row};
use meanfield::{GrowingModes, LearnedRates};
use model::spiking::PairRule;
use model::{Phase, SpikingNetwork};

/// The theory of rates at which rules come to rest, in the table.
pub const LEARNED: &str = "targets and covariance, at rest";

/// The rates that rules aim at, in the table.
pub const TARGET: &str = "targets";

/// Share of the trials of a phase that are its end.
const LATE: usize = 5;

/// What is left of the first departures where weights count as learned.
const LITTLE: f64 = 0.01;

/// Where learning comes to rest in a phase.
#[derive(Clone, Debug)]
pub struct LearnedPhase {
    /// Rates and strengths.
    pub state: LearnedRates,
    /// What is left of the first departures when the end of the phase begins.
    pub left: f64,
    /// Departures of the strengths from rest at the very beginning, relative, the largest.
    pub away: f64,
}

impl LearnedPhase {
    /// If rules lead there, and cells go on firing independently.
    pub(super) fn of(
        system: &PlasticSpikingSystem,
        phase: usize,
        network: &SpikingNetwork,
        state: LearnedRates,
    ) -> Result<Self, String> {
        if state.slowest <= 0.0 {
            return Err("rules lead away from the targets: learning diverges".into());
        }
        if let Some(reason) = too_fast(network, &state) {
            return Err(reason);
        }
        let mut learned = network.clone();
        learned.connections.strength.assign(&state.strength);
        let frozen = Frozen::of(learned, &system.pupils());
        if let Some(reason) = beyond_theory(&frozen.network, &frozen.growing) {
            return Err(reason);
        }
        if !matches!(frozen.growing, Ok(GrowingModes { count: 0, .. })) {
            return Err("whether cells go on firing independently is not known".into());
        }
        // Earlier phases with the same drive teach the same.
        let own = &system.lessons.phases[phase];
        let alike = |before: &&Phase| {
            let factors = |phase: &Phase| phase.factors(&system.network.names);
            before.stimuli == own.stimuli && factors(before) == factors(own) && before.amplitude.is_none()
        };
        let same = system.lessons.phases[..phase].iter().rev().take_while(alike);
        let before: usize = same.filter(|phase| phase.learning).map(|phase| phase.trials).sum();
        let trials = (before + own.trials - own.trials.div_ceil(LATE)) as f64;
        let left = libm::exp(-state.slowest * trials * system.lessons.trial);
        let away = (&state.strength / &network.connections.strength - 1.0)
            .iter()
            .filter(|d| d.is_finite())
            .fold(0.0_f64, |m, d| m.max(d.abs()));
        Ok(LearnedPhase { state, left, away })
    }

    /// Whether the phase lasts until little is left to learn.
    pub fn is_learned(&self) -> bool {
        self.left < LITTLE
    }
}

/// Share of a strength that a single spike may change, and of a trace's time constant that the fastest departure may last, where learning counts as slow: judgements.
const SMALL: f64 = 0.1;
const SLOW: f64 = 0.3;

/// Why learning is too fast for theories of slow learning.
fn too_fast(network: &SpikingNetwork, state: &LearnedRates) -> Option<String> {
    let n = network.names.len();
    for (a, b) in (0..n).flat_map(|a| (0..n).map(move |b| (a, b))) {
        let Some(rule) = network.rule(a, b) else { continue };
        let strength = match rule.rule {
            PairRule::Additive => state.strength[[a, b]].abs(),
            PairRule::Multiplicative => 1.0,
        };
        let (from, to) = (&network.names[b], &network.names[a]);
        let share = 2.0 * rule.rate * rule.target / strength;
        if share > SMALL {
            return Some(format!(
                "a spike of {from} changes strengths to {to} by up to {share:.2} of themselves (up to {SMALL} where learning is slow)"
            ));
        }
        let departures = state.fastest * rule.trace / 1000.0;
        if departures > SLOW {
            return Some(format!(
                "departures decay within {:.2} of a trace's time constant (slower than 1/{SLOW} of it where learning is slow)",
                1.0 / departures
            ));
        }
    }
    None
}

/// Whether theory knows the strengths from population b to population a: those of the only projection that a learns from, whose cells all fire at one rate, as they learn
/// too. Strengths of sources that differ go on changing long after rates have come to rest.
fn is_known(network: &SpikingNetwork, a: usize, b: usize) -> bool {
    let n = network.names.len();
    let pupil = |a: usize| (0..n).filter(|&b| network.rule(a, b).is_some()).count();
    pupil(a) == 1 && pupil(b) > 0
}

/// Standard deviation of learned strengths over their mean up to which theories that take them for equal claim something: as for strengths of networks that do not learn.
const BROADEST: f64 = 0.75;

/// Share of what linear response adds to targets by which rates may be beyond it: a judgement, made knowing the figure `rest` at its quick scale. No claim at the papers' scale needs it.
pub const BEYOND: f64 = 0.1;

/// The last trials of a phase in which a stimulus is shown, a fifth of them.
pub fn late(system: &PlasticSpikingSystem, phase: usize, stimulus: usize) -> Vec<usize> {
    let count = system.lessons.phases[phase].stimuli.len();
    let own: Vec<usize> = system.trials_of(phase).skip(stimulus).step_by(count).collect();
    own[own.len() - own.len().div_ceil(LATE)..].to_vec()
}

/// Rates in Hz and errors in Hz² of populations at the end of each phase, stimulus by stimulus, beside theories; `at` says where rows of a trial stand.
pub fn ends(measured: &Measured, panel: &str, at: impl Fn(usize) -> f64) -> Vec<Comparison> {
    let lab::Case { label, system, .. } = &measured.case;
    let targets = system.targets();
    let mut rows = Vec::new();
    for (p, phase) in system.lessons.phases.iter().enumerate() {
        for (s, shown) in phase.stimuli.iter().enumerate() {
            let trials = late(system, p, s);
            let Some(&last) = trials.last() else { continue };
            let together = together_by(measured.estimate(|seen| seen.synchrony(&trials)).mean).is_some();
            let place = format!("{}, {}", phase.name, if shown.is_empty() { "nothing" } else { shown });
            for (a, name) in system.network.names.iter().enumerate() {
                let rate = measured.estimate(|seen| seen.rate(&trials, a));
                let mut push = |theory_name: &str, theory: f64, bias: f64, claim: Claim| {
                    rows.push(Comparison {
                        x: at(last),
                        theory,
                        simulation: rate,
                        bias,
                        claim,
                        ..row(panel, &format!("r_{name}, {place} (Hz)"), theory_name, label)
                    });
                };
                if let Ok(Frozen { state, growing, network }) = &measured.predicted.frozen[p][s] {
                    let known = beyond_theory(network, growing).is_none() && !together && state.is_ok();
                    let claim = if known { Claim::Equals } else { Claim::Contrast };
                    let (rate, error) =
                        state.as_ref().map_or((f64::NAN, 0.0), |state| (state.rates[a], state.rate_error[a]));
                    push(FINITE, rate, error, claim);
                }
                if let Ok(rest) = &measured.predicted.learned[p] {
                    // What is left of the way to rest moves rates in proportion. Those that learn lie between targets and the first orders of a small covariance, which
                    // take away too many spikes for an inhibitory one.
                    let way = rest.left * rest.away * rest.state.rates[a];
                    let claimed = |claim| if rest.is_learned() && !together { claim } else { Claim::Contrast };
                    if targets[a].is_nan() {
                        push(LEARNED, rest.state.rates[a], rest.state.rate_error[a] + way, claimed(Claim::Equals));
                    } else {
                        // Strengths that are multiplied bring about a covariance in proportion to their square: more of it, as they differ.
                        let multiplied = (0..system.network.names.len())
                            .filter_map(|b| system.network.rule(a, b))
                            .any(|rule| rule.rule == PairRule::Multiplicative);
                        let more = BEYOND + if multiplied { BROADEST.powi(2) } else { 0.0 };
                        let bias = way + more * rest.state.offset[a].abs();
                        push(LEARNED, rest.state.rates[a], bias, claimed(Claim::Upper));
                        push(TARGET, targets[a], way, claimed(Claim::Lower));
                    }
                } else if !targets[a].is_nan() {
                    push(TARGET, targets[a], 0.0, Claim::Contrast);
                }
                if !targets[a].is_nan() {
                    rows.push(Comparison {
                        x: at(last),
                        theory: targets[a] / (system.lessons.trial - system.run.settle / 1000.0),
                        simulation: measured.estimate(|seen| seen.error(&trials, a, targets[a])),
                        claim: Claim::Contrast,
                        ..row(
                            panel,
                            &format!("error of {name}, {place} (Hz²)"),
                            "Poisson counts about the target",
                            label,
                        )
                    });
                }
            }
        }
    }
    rows
}

/// Mean strengths in mV of projections that learn, at the end of each phase, beside theory.
pub fn strengths(measured: &Measured, panel: &str, at: impl Fn(usize) -> f64) -> Vec<Comparison> {
    let lab::Case { label, system, .. } = &measured.case;
    let names = &system.network.names;
    let mut rows = Vec::new();
    for (p, phase) in system.lessons.phases.iter().enumerate().filter(|(_, phase)| phase.learning) {
        let last = system.trials_of(p).end - 1;
        let together = together_by(measured.estimate(|seen| seen.synchrony(&late(system, p, 0))).mean).is_some();
        for (k, projection) in measured.seen[0].learned.get(last).into_iter().flatten().enumerate() {
            let (a, b) = (projection.to, projection.from);
            let rest = measured.predicted.learned[p].as_ref().ok();
            let variation = measured.estimate(|seen| seen.learned[last][k].sd / seen.learned[last][k].mean.abs()).mean;
            let known = is_known(&system.network, a, b) && variation <= BROADEST && !together;
            let unit = if system.network.synapses[b].reversal.is_some() { "" } else { " (mV)" };
            rows.push(Comparison {
                x: at(last),
                theory: rest.map_or(system.network.connections.strength[[a, b]], |rest| rest.state.strength[[a, b]]),
                simulation: measured.estimate(|seen| seen.learned[last][k].mean),
                bias: rest.map_or(0.0, |rest| {
                    rest.state.strength_error[[a, b]] + rest.left * rest.away * rest.state.strength[[a, b]].abs()
                }),
                claim: if rest.is_some_and(LearnedPhase::is_learned) && known {
                    Claim::Equals
                } else {
                    Claim::Contrast
                },
                ..row(
                    panel,
                    &format!("strength from {} to {}, {}{unit}", names[b], names[a], phase.name),
                    if rest.is_some() { LEARNED } else { "before learning" },
                    label,
                )
            });
        }
    }
    rows
}

/// Targets that a phase does not reach, as inhibition has nothing left to take away.
fn out_of_reach(measured: &Measured, phase: usize) -> Vec<String> {
    let system = &measured.case.system;
    let last = system.trials_of(phase).end - 1;
    let trials: Vec<usize> =
        (0..system.lessons.phases[phase].stimuli.len()).flat_map(|s| late(system, phase, s)).collect();
    let mut notes = Vec::new();
    for (a, (name, target)) in system.network.names.iter().zip(system.targets()).enumerate() {
        let rate = measured.estimate(|seen| seen.rate(&trials, a)).mean;
        let left = measured.estimate(|seen| {
            let own = seen.learned[last].iter().filter(|own| own.to == a);
            let share =
                |own: &simulation::spiking::Learned| own.mean / system.network.connections.strength[[own.to, own.from]];
            own.map(share).fold(0.0, f64::max)
        });
        if rate < MISSED * target && left.mean < GONE {
            notes.push(format!(
                "{}: {name} fires at {rate:.2} Hz and not at its target of {target} Hz, although what inhibits it and learns is all but gone ({:.1} % of its strength): it is out of reach",
                system.lessons.phases[phase].name,
                100.0 * left.mean
            ));
        }
    }
    notes
}

/// Rate over its target below which it has not been reached, and strength over that before below which inhibition is gone.
const MISSED: f64 = 0.9;
const GONE: f64 = 0.05;

/// Why theories are missing, or claim nothing.
pub fn reservations(measured: &Measured) -> Vec<String> {
    let system = &measured.case.system;
    let mut notes = Vec::new();
    for (phase, frozen) in
        system.lessons.phases.iter().zip(&measured.predicted.frozen).filter(|(phase, _)| !phase.learning)
    {
        for (shown, frozen) in phase.stimuli.iter().zip(frozen) {
            let why = match frozen {
                Err(why) => format!("no theory of rates: {why}"),
                Ok(Frozen { state: Err(error), .. }) => format!("no theory of rates: {error}"),
                Ok(Frozen { network, growing, .. }) => match beyond_theory(network, growing) {
                    Some(why) => why,
                    None => continue,
                },
            };
            notes.push(format!("{}, {}: {why}", phase.name, if shown.is_empty() { "nothing" } else { shown }));
        }
    }
    let phases = system.lessons.phases.iter().zip(&measured.predicted.learned).enumerate();
    for (p, (phase, learned)) in phases.filter(|(_, (phase, _))| phase.learning) {
        if system.network.learns() {
            notes.extend(out_of_reach(measured, p));
        }
        match learned {
            Err(why) => notes.push(format!("{}: no theory of what is learned: {why}", phase.name)),
            Ok(rest) if !rest.is_learned() => notes.push(format!(
                "{}: learning takes some {:.0} s, of which the phase has too few: nothing is claimed of where it comes to rest",
                phase.name,
                1.0 / rest.state.slowest
            )),
            Ok(_) => notes.extend(together_by(measured.estimate(|seen| seen.synchrony(&late(system, p, 0))).mean)),
        }
    }
    notes
}
