//! Comparison rows that every network has.

use super::{Measured, OfDrives, OfSample, Sample, WINDOW};
use lab::{Claim, Comparison, Estimate, row};
use meanfield::{
    GrowingModes, TheoryError, correlated_state, fewest_inputs, may_be_silent, pair_covariances, rates_given_input,
};
use model::SpikingNetwork;
use model::spiking::Synapses;
use ndarray::{Array1, Array2, ArrayView1};
use simulation::spiking::Drives;

/// Name of the theory at finite N.
pub const FINITE: &str = "self-consistent rates at finite N";

/// Error of the deviation over cells of the mean input, relative, times √K, K as in [`fewest_inputs`]: of the populations that fire at [`RARE`] and
/// more, it covers 99 % in one draw of the family of random networks (seed 2026). The figure `calibration/spiking` judges it on another.
pub const SPREAD: f64 = 1.2;
/// Error of the deviation over cells of the rate, otherwise as [`SPREAD`].
pub const DIVERSITY: f64 = 1.4;

/// Inputs from each population from which on errors were measured.
const FEWEST: f64 = 10.0;

/// Rate in Hz below which a population hardly fires: how its few spikes spread over cells is not claimed.
pub const RARE: f64 = 1.0;

/// Mean correlation of counts in windows of 5 ms from which on cells fire together: theories of asynchronous cells then claim nothing. In the family of the
/// figure `calibration/spiking` mean inputs are off by up to 0.3 of their fluctuations below, and by up to 30 times them above.
pub const SYNCHRONOUS: f64 = 0.05;

/// A deviation in mV/ms that does nothing: theory keeps noise from vanishing altogether.
const NOTHING: f64 = 1e-3;

/// Name of the theory of covariances at finite N.
const LINEAR: &str = "linear response at finite N";

/// Shared events of correlated trains within a synapse's time from which on what they do together is taken for a small change: a judgement, as
/// ten are (c = .01 of the figure `correlated`) and one is not (c = .1).
const EVENTS: f64 = 5.0;

/// Coefficient of variation of strengths up to which inputs are taken for many and small: from 1 on rows of the figure `strengths` begin to fail.
const BROADEST: f64 = 0.75;

/// Theories of how cells fire together.
pub struct Covariances {
    finite: Result<Array2<f64>, TheoryError>,
    limit: Option<Array2<f64>>,
}

impl Covariances {
    /// Covariances of the network of a case. There are none at finite N where strengths are broad: it would take long to say what is not claimed.
    pub fn of(measured: &Measured) -> Self {
        let network = &measured.case.system.network;
        let finite = if is_broad(network) {
            Err(TheoryError::NotApplicable { closure: LINEAR, reason: "strengths are broad" })
        } else {
            pair_covariances(network)
        };
        Covariances { finite, limit: correlated_state(network) }
    }

    /// Covariance between populations at finite N, in Hz; NaN where there is no theory.
    pub fn finite(&self, a: usize, b: usize) -> f64 {
        self.finite.as_ref().map_or(f64::NAN, |c| c[[a, b]])
    }

    /// Why there is no theory at finite N.
    pub fn missing(&self) -> Option<&TheoryError> {
        self.finite.as_ref().err()
    }

    /// Covariance between populations as N → ∞, in Hz; NaN where there is no theory.
    pub fn limit(&self, a: usize, b: usize) -> f64 {
        self.limit.as_ref().map_or(f64::NAN, |c| c[[a, b]])
    }
}

/// Error of covariances by linear response, over the largest of a network that external trains drive: beyond sampling errors it covers 99 % of them in
/// the draw of [`SPREAD`]. It is not claimed without external trains.
pub const RESPONSE: f64 = 0.06;

/// Part of a covariance that windows cut off, as an estimate: two spikes of a common cause are ⟨|u|⟩ ≤ √⟨u²⟩ apart, each being late by a synapse, a
/// membrane and a jitter, as far as feedback does not change that.
fn cut_off(network: &SpikingNetwork) -> f64 {
    let longest = |taus: &mut dyn Iterator<Item = f64>| taus.fold(0.0, f64::max);
    let synapse = longest(&mut network.synapses.iter().chain(&network.external_synapses).map(|s| s.tau));
    let membrane = longest(&mut (0..network.names.len()).map(|a| network.neuron(a).membrane()));
    let jitter = network.correlation.map_or(0.0, |c| c.jitter);
    (2.0 * (synapse.powi(2) + membrane.powi(2) + jitter.powi(2))).sqrt() / WINDOW
}

/// Factor by which noise in time would exceed theory's if nothing of what fluctuates in all cells alike were balanced away, p m₂ instead of p m₂ − p²: an
/// estimate, as feedback may also amplify it. Infinite where everybody is connected and strengths are equal.
pub fn together(network: &SpikingNetwork) -> f64 {
    let c = &network.connections;
    let synapses = network.synapses.iter().chain(&network.external_synapses);
    let columns = c.probability.columns().into_iter().chain(c.external_probability.columns());
    let factor = |(synapses, p): (&Synapses, ArrayView1<f64>)| {
        let [second, _] = synapses.moments();
        p.iter().map(|p| (second / (second - p)).sqrt()).fold(1.0, f64::max)
    };
    synapses.zip(columns).map(factor).fold(1.0, f64::max)
}

/// Covariances of counts, of all pairs of populations.
pub fn covariances(measured: &Measured, panel: &str, theory: &Covariances) -> Vec<Comparison> {
    let network = &measured.case.system.network;
    let claims = events(measured) >= EVENTS && is_driven_by_noise(network);
    let populations = 0..network.names.len();
    let all = populations.clone().flat_map(|a| populations.clone().map(move |b| theory.finite(a, b).abs()));
    let largest = all.fold(0.0, f64::max);
    let mut rows = Vec::new();
    for (a, cells) in network.connections.counts().into_iter().enumerate() {
        // A cell alone is no pair.
        for b in a + usize::from(cells < 2)..network.names.len() {
            let quantity = format!("covariance of counts, {}, {} (Hz)", network.names[a], network.names[b]);
            let simulation = measured.estimate(|s| s.covariance[a][b]);
            let mut push = |name: &str, theory: f64, bias: f64, claim: Claim| {
                let row = row(panel, &quantity, name, &measured.case.label);
                rows.push(Comparison { x: measured.case.x, theory, simulation, bias, claim, ..row });
            };
            if theory.finite.is_ok() {
                let claim = if claims { Claim::Equals } else { Claim::Contrast };
                let finite = theory.finite(a, b);
                push(LINEAR, finite, cut_off(network) * finite.abs() + RESPONSE * largest, claim);
            }
            if theory.limit.is_none() && theory.finite.is_err() {
                push("none", f64::NAN, 0.0, Claim::Contrast);
            }
            if theory.limit.is_some() {
                push("correlated state, N to infinity", theory.limit(a, b), 0.0, Claim::Contrast);
            }
        }
    }
    claimed(measured, rows)
}

/// Shared events of correlated trains within a synapse's time, of the external population that has fewest.
fn events(measured: &Measured) -> f64 {
    let network = &measured.case.system.network;
    let of = |(rate, synapses): (&f64, &Synapses)| {
        network.correlation.map_or(f64::INFINITY, |c| rate * synapses.tau / c.share / 1000.0)
    };
    let external = network.connections.external_rates.iter().zip(&network.external_synapses);
    external.map(of).fold(f64::INFINITY, f64::min)
}

/// Why theories at finite N claim nothing of a network: strengths are broad, inputs few, silence is a state, or the asynchronous state is unstable.
pub(crate) fn beyond_theory(network: &SpikingNetwork, growing: &Result<GrowingModes, TheoryError>) -> Option<String> {
    if is_broad(network) {
        return Some(format!(
            "strengths vary by more than {BROADEST} of their mean: theories at finite N are shown without a claim"
        ));
    }
    let inputs = (0..network.names.len()).map(|a| fewest_inputs(network, a)).fold(f64::INFINITY, f64::min);
    if inputs < FEWEST {
        return Some(format!(
            "some cells have {inputs:.1} inputs from a population (fewer than {FEWEST}, where errors were not measured): theories at finite N are shown \
             without a claim"
        ));
    }
    if network.names.len() == 1 && network.connections.probability[[0, 0]] > 0.0 {
        return Some(
            "one population alone: theories at finite N were off by more than they admit in one of seven random networks of this kind, and are shown \
             without a claim"
                .into(),
        );
    }
    if may_be_silent(network) {
        return Some(
            "silence is a state too, and the start decides: theories at finite N are shown without a claim".into(),
        );
    }
    if let Ok(GrowingModes { count: 1.., frequency }) = *growing {
        let how = if frequency > 0.0 {
            format!(", at its onset as an oscillation near {frequency:.0} Hz")
        } else {
            String::new()
        };
        return Some(format!(
            "the asynchronous state is unstable: what cells do together grows{how}; theories at finite N are shown without a claim"
        ));
    }
    None
}

/// Why theories at finite N claim nothing where cells were seen to fire together: the mean correlation of counts in short windows.
pub(crate) fn together_by(synchrony: f64) -> Option<String> {
    (synchrony >= SYNCHRONOUS).then(|| {
        format!(
            "cells fire together (correlation of counts in 5 ms: {synchrony:.2}; less than {SYNCHRONOUS} where theories of asynchronous cells hold): \
             theories at finite N are shown without a claim"
        )
    })
}

/// Why theories at finite N claim nothing of a network that was run.
fn beyond(measured: &Measured) -> Option<String> {
    beyond_theory(&measured.case.system.network, &measured.predicted.growing)
        .or_else(|| together_by(synchrony(measured)))
}

/// Why theories at finite N, or that of covariances alone, are shown without a claim.
pub fn unclaimed(measured: &Measured) -> Option<String> {
    let reason = beyond(measured);
    if reason.is_some() {
        return reason;
    }
    if !is_driven_by_noise(&measured.case.system.network) {
        let what = "external trains do not reach every population";
        return Some(format!("{what}: linear response of covariances is shown without a claim"));
    }
    let events = events(measured);
    (events < EVENTS).then(|| {
        format!(
            "{events:.1} shared events of external trains within a synapse's time (fewer than {EVENTS}): linear response is shown without a claim"
        )
    })
}

/// Largest mean correlation of counts in short windows over populations.
pub fn synchrony(measured: &Measured) -> f64 {
    let of = |a| measured.estimate(|s| s.synchrony[a]).mean;
    (0..measured.case.system.network.names.len()).map(of).fold(0.0, f64::max)
}

/// Whether cells fire together.
pub fn is_synchronous(measured: &Measured) -> bool {
    synchrony(measured) >= SYNCHRONOUS
}

/// Whether external trains reach every population.
pub fn is_driven_by_noise(network: &SpikingNetwork) -> bool {
    let c = &network.connections;
    let noise = c.external_probability.rows().into_iter().zip(c.external_strength.rows());
    let driven = |p: ArrayView1<f64>, j: ArrayView1<f64>| {
        p.iter().zip(j).zip(&c.external_rates).any(|((p, j), r)| p * j * r != 0.0)
    };
    noise.into_iter().all(|(p, j)| driven(p, j))
}

/// Rows of a theory of many small inputs to asynchronous cells, which claim nothing where strengths are broad or cells fire together.
fn claimed(measured: &Measured, mut rows: Vec<Comparison>) -> Vec<Comparison> {
    if !is_claimed(measured) {
        let finite = rows.iter_mut().filter(|row| row.theory_name.starts_with(FINITE) || row.theory_name == LINEAR);
        finite.for_each(|row| row.claim = Claim::Contrast);
    }
    rows
}

/// Whether theories at finite N claim anything of a network: strengths are narrow, inputs many, silence is no state, the asynchronous state is stable,
/// and cells fire one by one.
pub fn is_claimed(measured: &Measured) -> bool {
    beyond(measured).is_none()
}

/// Whether strengths differ by more than theories at finite N allow.
fn is_broad(network: &SpikingNetwork) -> bool {
    let mut synapses = network.synapses.iter().chain(&network.external_synapses);
    synapses.any(|s| s.spread.is_some_and(|spread| spread.variation > BROADEST))
}

/// A number of the theory at finite N; NaN, which never agrees, where it has no answer.
pub fn finite(measured: &Measured, of: impl Fn(&meanfield::SpikingRates) -> f64) -> f64 {
    measured.predicted.finite.as_ref().map_or(f64::NAN, of)
}

/// Rates by all theories: at finite N and N → ∞, and the identity.
pub fn rates(measured: &Measured, panel: &str) -> Vec<Comparison> {
    let mut rows = Vec::new();
    let label = &measured.case.label;
    for (a, name) in measured.case.system.network.names.iter().enumerate() {
        let simulation = measured.estimate(|s| s.rates[a]);
        let quantity = format!("r_{name} (Hz)");
        let mut push = |theory_name: &str, theory: f64, bias: f64, claim: Claim| {
            rows.push(Comparison {
                x: measured.case.x,
                theory,
                simulation,
                bias,
                claim,
                ..row(panel, &quantity, theory_name, label)
            });
        };
        if !matches!(measured.predicted.finite, Err(TheoryError::NotApplicable { .. })) {
            push(FINITE, finite(measured, |f| f.rates[a]), finite(measured, |f| f.rate_error[a]), Claim::Equals);
        } else if measured.predicted.balanced.is_none() {
            push("none", f64::NAN, 0.0, Claim::Contrast);
        }
        if let Some(semi) = &measured.predicted.semi {
            push("semi-balanced, N to infinity", semi[a], 0.0, Claim::Contrast);
        }
        if let Some(balanced) = &measured.predicted.balanced {
            push("-W^-1 X, N to infinity", balanced[a], 0.0, Claim::Contrast);
        }
    }
    rows.extend(identity(measured, panel));
    claimed(measured, rows)
}

/// r + W⁻¹(X − I/√N) for each draw: 0 but for the draw of connections.
fn identity(measured: &Measured, panel: &str) -> Vec<Comparison> {
    let network = &measured.case.system.network;
    if !network.is_current_based() || measured.predicted.balanced.is_none() {
        return Vec::new();
    }
    let given: Vec<Option<Array1<f64>>> = measured
        .seen
        .iter()
        .map(|s| rates_given_input(network, &s.drives.iter().map(|d| d.total()).collect()))
        .collect();
    let of = |(a, name): (usize, &String)| {
        // Theory and simulation share the draw: what is compared with 0 is their difference.
        let left = measured.seen.iter().zip(&given).map(|(s, g)| s.rates[a] - g.as_ref().map_or(f64::NAN, |g| g[a]));
        Comparison {
            x: measured.case.x,
            theory: 0.0,
            simulation: Estimate::of(left),
            // Single precision of the currents.
            bias: 1e-6 * measured.predicted.balanced.as_ref().map_or(0.0, |balanced| balanced[a].abs()),
            scale: Some(measured.estimate(|s| s.rates[a]).mean),
            ..row(panel, &format!("r_{name} + W^-1 (X - I/sqrt N) (Hz)"), "identity given I", &measured.case.label)
        }
    };
    network.names.iter().enumerate().map(of).collect()
}

/// Mean inputs, by where they come from, and their spread.
pub fn currents(measured: &Measured, panel: &str) -> Vec<Comparison> {
    let network = &measured.case.system.network;
    let Ok(finite) = &measured.predicted.finite else { return bare_currents(measured, panel) };
    let root = (network.connections.size as f64).sqrt();
    let w = network.mean_coupling();
    let c = &network.connections;
    // √N Σ_x of external populations of one sign, in mV/ms.
    let external = |a: usize, sign: f64| -> f64 {
        let of = |x: usize| {
            let sent = c.external_probability[[a, x]] * c.external_strength[[a, x]] * c.external_shares[x];
            if sent * sign > 0.0 { root * sent * c.external_rates[x] / 1000.0 } else { 0.0 }
        };
        (0..c.external_rates.len()).map(of).sum()
    };
    let bias = &finite.rate_error;
    let recurrent = w.iter().any(|w| *w != 0.0);
    let together = together(network);
    let rounding = 0.5 / c.external_counts().into_iter().min().unwrap_or(1).max(1) as f64;
    let synapses = network.synapses.iter().chain(&network.external_synapses);
    let fastest = synapses.map(|s| s.tau).fold(f64::INFINITY, f64::min);
    let mut rows = Vec::new();
    for (a, population) in network.names.iter().enumerate() {
        // √N Σ_b W_ab r_b over those that excite, or those that inhibit.
        let sum = |rates: &Array1<f64>, sign: f64| -> f64 {
            let of = |(w, r): (&f64, &f64)| if w * sign > 0.0 { w * r } else { 0.0 };
            root * w.row(a).iter().zip(rates).map(of).sum::<f64>() / 1000.0
        };
        let spread = if recurrent { SPREAD / fewest_inputs(network, a).sqrt() } else { 2.0 / root };
        let mut push = |quantity: &str, theory: f64, bias: f64, of: &dyn Fn(&Sample) -> f64| {
            // Where nobody sends there is nothing to claim.
            if theory == 0.0 {
                return;
            }
            rows.push(Comparison {
                x: measured.case.x,
                theory,
                simulation: measured.estimate(of),
                bias,
                ..row(panel, &format!("{quantity} (mV/ms)"), FINITE, &measured.case.label)
            });
        };
        // Counts of units are rounded; without recurrent connections nothing else is uncertain.
        let outside = external(a, 1.0) + network.constant(a);
        let rounded = rounding * (external(a, 1.0) - external(a, -1.0)) + 1e-5 * outside;
        let error = rounded + if recurrent { finite.input_error[a] } else { 0.0 };
        push(&format!("mean input to {population}"), finite.input[a], error, &|s| s.drives[a].total());
        for (kind, sign) in [("excitatory", 1.0), ("inhibitory", -1.0)] {
            let outside = if sign < 0.0 { external(a, sign) } else { 0.0 };
            let (theory, bias) = (sum(&finite.rates, sign) + outside, sum(bias, sign).abs() + rounded);
            push(&format!("{kind} current to {population}"), theory, bias, &|s| {
                if sign > 0.0 { s.drives[a].excitatory } else { s.drives[a].inhibitory }
            });
        }
        push(&format!("external current to {population}"), outside, rounded, &|s| s.drives[a].external);
        let (quenched, temporal) = (finite.quenched[a], finite.temporal[a]);
        push(
            &format!("deviation of the input to {population} over cells"),
            quenched,
            spread * quenched + NOTHING,
            &|s| s.quenched[a],
        );
        // Euler's steps make the variance of a filtered train larger by h/2τ.
        let steps = 0.25 * measured.case.system.run.step / fastest;
        // Between the noise of independent cells and that of cells that share their inputs, but neither is a theorem. Without recurrent connections both are exact.
        let claim = if recurrent { Claim::Contrast } else { Claim::Equals };
        let theories =
            [("independent inputs", 1.0), ("inputs shared by all cells", if recurrent { together } else { f64::NAN })];
        for (name, factor) in theories.into_iter().filter(|(_, factor)| factor.is_finite()) {
            rows.push(Comparison {
                x: measured.case.x,
                theory: temporal * factor,
                simulation: measured.estimate(|s| s.temporal[a]),
                bias: steps * temporal + NOTHING,
                claim,
                ..row(
                    panel,
                    &format!("deviation of the input to {population} in time (mV/ms)"),
                    &format!("{FINITE}, {name}"),
                    &measured.case.label,
                )
            });
        }
    }
    claimed(measured, rows)
}

/// A row of what no theory speaks of.
fn bare(measured: &Measured, panel: &str, quantity: &str, of: impl Fn(&Sample) -> f64) -> Comparison {
    Comparison {
        x: measured.case.x,
        simulation: measured.estimate(of),
        claim: Claim::Contrast,
        ..row(panel, quantity, "none", &measured.case.label)
    }
}

/// Inputs where there is no theory of them.
fn bare_currents(measured: &Measured, panel: &str) -> Vec<Comparison> {
    let mut rows = Vec::new();
    for (a, name) in measured.case.system.network.names.iter().enumerate() {
        let kinds: [(&str, OfDrives); 4] = [
            ("mean input", Drives::total),
            ("excitatory current", |d| d.excitatory),
            ("inhibitory current", |d| d.inhibitory),
            ("external current", |d| d.external),
        ];
        let current = |(kind, of): (&str, OfDrives)| {
            bare(measured, panel, &format!("{kind} to {name} (mV/ms)"), |s| of(&s.drives[a]))
        };
        rows.extend(kinds.map(current));
        let input = format!("deviation of the input to {name}");
        rows.push(bare(measured, panel, &format!("{input} over cells (mV/ms)"), |s| s.quenched[a]));
        rows.push(bare(measured, panel, &format!("{input} in time (mV/ms)"), |s| s.temporal[a]));
    }
    rows
}

/// Deviations of rates over cells, and Fano factors of counts; of the latter nothing is claimed.
pub fn variability(measured: &Measured, panel: &str) -> Vec<Comparison> {
    let Ok(finite) = &measured.predicted.finite else {
        let names = measured.case.system.network.names.iter().enumerate();
        let bare = |(a, name): (usize, &String)| {
            [
                bare(measured, panel, &format!("deviation of rates over cells, {name} (Hz)"), |s| s.diversity[a]),
                bare(measured, panel, &format!("Fano factor of counts, {name}"), |s| s.fano[a]),
            ]
        };
        return names.flat_map(bare).collect();
    };
    let network = &measured.case.system.network;
    let mut rows = Vec::new();
    for (a, name) in network.names.iter().enumerate() {
        let rare = measured.estimate(|s| s.rates[a]).mean < RARE || finite.rates[a] < RARE;
        let spread = DIVERSITY / fewest_inputs(network, a).sqrt();
        let mut push = |quantity: &str, theory: f64, bias: f64, claim: Claim, of: OfSample| {
            rows.push(Comparison {
                x: measured.case.x,
                theory,
                simulation: measured.estimate(|s| of(s, a)),
                bias,
                claim,
                ..row(panel, quantity, FINITE, &measured.case.label)
            });
        };
        let claim = if rare { Claim::Contrast } else { Claim::Equals };
        let quantity = format!("deviation of rates over cells, {name} (Hz)");
        push(&quantity, finite.diversity[a], spread * finite.diversity[a], claim, |s, a| s.diversity[a]);
        // In the family of `calibration/spiking` it is off by up to two thirds of itself: a claim with that error would be weak at best.
        push(&format!("Fano factor of counts, {name}"), finite.fano[a], 0.0, Claim::Contrast, |s, a| s.fano[a]);
    }
    claimed(measured, rows)
}
