//! Rates beside theory and independent code.

use super::super::PUBLISHED;
use super::NEURON;
use lab::{Claim, Comparison, SeriesTable, row};
use meanfield::neuron::exponential_rate;
use systems::spiking_network::{FINITE, Measured, OfDrives, finite, first};

/// Numbers of an independent simulation at a weight of 20: excitatory rate in Hz, mean rate of the postsynaptic neurons, its standard error.
pub(super) const INDEPENDENT: [(f64, f64, f64); 7] = [
    (3.0, 0.0, 0.0),
    (5.0, 0.0067, 0.0044),
    (7.0, 0.525, 0.038),
    (9.0, 4.843, 0.381),
    (11.0, 16.515, 0.437),
    (13.0, 35.288, 0.286),
    (15.0, 59.637, 0.456),
];

pub(super) fn rows(measured: &Measured, (known, error): (f64, f64), panel: &str) -> Vec<Comparison> {
    let claim = 1000.0 * exponential_rate(&NEURON, measured.case.x);
    let theory = finite(measured, |f| f.rates[0]);
    // Its inputs are exact here; what it makes of them is as wrong as elsewhere, and the skewness of shot noise is left out.
    let admitted = finite(measured, |f| f.rate_error[0]);
    // No spike at all has no standard error: a Poisson count of 6.9 is 0 with probability .001.
    let seconds =
        first(measured).spikes.duration() / 1000.0 * (measured.seen.len() * first(measured).spikes.cells) as f64;
    let unseen = if measured.seen.iter().all(|s| s.rates[0] == 0.0) { 6.9 / seconds } else { 0.0 };
    let kinds = [
        (FINITE, theory, admitted + unseen, Claim::Equals),
        ("claim f(I)", claim, 0.0, Claim::Contrast),
        (PUBLISHED, known, 3.0 * error + 0.005, Claim::Equals),
    ];
    let of = |(name, theory, bias, claim)| Comparison {
        x: measured.case.x,
        theory,
        simulation: measured.estimate(|s| s.rates[0]),
        bias,
        claim,
        ..row(panel, "rate (Hz)", name, &measured.case.label)
    };
    kinds.into_iter().map(of).collect()
}

/// Half a second of the first neuron, in mV.
pub(super) fn trace(measured: &Measured, table: &mut SeriesTable) {
    let Some(trace) = first(measured).traces.first() else { return };
    let kinds: [(&str, OfDrives); 3] = [
        ("excitatory", |d| d.external),
        ("inhibitory", |d| d.inhibitory),
        ("total", simulation::spiking::Drives::total),
    ];
    let c = &measured.case.system.network.connections;
    let root = (c.size as f64).sqrt() * NEURON.tau / 1000.0;
    let sent = [0, 1].map(|x| root * 0.1 * c.external_strength[[0, x]] * c.external_shares[x] * c.external_rates[x]);
    for ((name, of), mean) in kinds.into_iter().zip([sent[0], sent[1], sent[0] + sent[1]]) {
        let shown = trace.drives.iter().take(500).enumerate();
        table.curve("trace", name, shown.map(|(k, d)| (k as f64, NEURON.tau * of(d))));
        table.curve("mean", name, [(0.0, mean), (500.0, mean)]);
    }
}
