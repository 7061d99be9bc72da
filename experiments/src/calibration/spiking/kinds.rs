//! Networks that oscillate, and those that theory takes for unstable.

use lab::SeriesTable;
use meanfield::{fewest_inputs, may_be_silent};
use systems::spiking_network::{Covariances, Measured, RARE, is_claimed, is_driven_by_noise, synchrony};

/// Modulation of a population's rate from which on it swings: a judgement. Fluctuations of many networks that are stable by theory reach it too; how many is
/// a row.
pub(super) const OSCILLATES: f64 = 0.3;

/// Whether an oscillation grows by theory, and silence is no state that it may end in.
pub(super) fn is_unstable(measured: &Measured) -> bool {
    let growing = measured.predicted.growing.as_ref().is_ok_and(|growing| growing.frequency > 0.0);
    growing && !may_be_silent(&measured.case.system.network)
}

/// Whether nothing grows by theory, and silence is no state.
pub(super) fn is_stable(measured: &Measured) -> bool {
    let stable = measured.predicted.growing.as_ref().is_ok_and(|growing| growing.count == 0);
    stable && !may_be_silent(&measured.case.system.network)
}

/// Whether the rate of some population swings.
pub(super) fn oscillates(measured: &Measured) -> bool {
    let of = |a: usize| measured.estimate(|s| s.modulation[a]).mean;
    (0..measured.case.system.network.names.len()).any(|a| of(a) > OSCILLATES)
}

/// What the panels show of one network.
pub(super) fn departures(measured: &Measured, theory: &Covariances, table: &mut SeriesTable) {
    let Ok(finite) = &measured.predicted.finite else { return };
    let (network, kind) = (&measured.case.system.network, &measured.case.label);
    let together = synchrony(measured);
    let populations = 0..network.names.len();
    let all = populations.clone().flat_map(|a| populations.clone().map(move |b| theory.finite(a, b).abs()));
    let largest = all.fold(0.0, f64::max);
    for a in populations.clone() {
        let inputs = fewest_inputs(network, a);
        let root = inputs.sqrt();
        let seen = |of: &dyn Fn(&systems::spiking_network::Sample) -> f64| measured.estimate(of).mean;
        let input = (finite.input[a] - seen(&|s| s.drives[a].total())).abs() / finite.temporal[a];
        table.point("synchrony", kind, together, input);
        if is_unstable(measured) {
            table.point("unstable", "all networks", together, input);
        }
        if !is_claimed(measured) {
            continue;
        }
        let relative = |theory: f64, seen: f64| (theory - seen).abs() / theory;
        table.point("input", kind, inputs, input * root);
        table.point("quenched", kind, inputs, relative(finite.quenched[a], seen(&|s| s.quenched[a])) * root);
        let rate = seen(&|s| s.rates[a]);
        table.point("rate", kind, inputs, (finite.rates[a] - rate).abs() / finite.rate_error[a]);
        if rate >= RARE && finite.rates[a] >= RARE {
            table.point("diversity", kind, inputs, relative(finite.diversity[a], seen(&|s| s.diversity[a])) * root);
        }
        for b in (a..populations.end).filter(|_| is_driven_by_noise(network)) {
            let error = (theory.finite(a, b) - seen(&|s| s.covariance[a][b])).abs();
            table.point("covariance", kind, inputs, error / largest);
        }
    }
}
