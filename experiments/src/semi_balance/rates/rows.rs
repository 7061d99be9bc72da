//! How rates come to their limits, and the kink where a population falls silent.

use super::super::networks::{drive, two_and_inhibition};
use super::super::representation::edge;
use super::{NETWORKS, POPULATIONS, units};
use lab::{Claim, Comparison, Estimate, Outcome, SeriesTable, System, row};
use meanfield::balanced_rates;
use ndarray::Array1;
use simulation::Fate;
use systems::circuit::Populations;
use systems::unit_network::Measured;

/// g √N of the populations whose kink is located.
pub(super) const KINK_GAIN: f64 = 50.0;

/// How far the largest rate is from N → ∞.
pub(super) fn approach(name: &str, measured: &Measured, series: &mut SeriesTable) {
    let Some(limit) = &measured.predicted.semi else { return };
    let size = measured.case.system.network.connections.size as f64;
    let largest = (0..limit.len()).max_by(|&a, &b| limit[a].total_cmp(&limit[b])).unwrap_or(0);
    series.estimate("distance end", name, size, measured.estimate(|end| (end.rates[largest] - limit[largest]).abs()));
    if let Ok(finite) = &measured.predicted.finite {
        series.point("distance theory", name, size, (finite.rates[largest] - limit[largest]).abs());
    }
}

/// Lines of N → ∞.
pub(super) fn limits(most: f64, series: &mut SeriesTable) {
    for (_, name, build) in NETWORKS {
        for k in 0..=180 {
            let contrast = most * f64::from(k) / 180.0;
            let system = units(build(1000, contrast));
            let semi = system.predict().semi;
            let balanced = balanced_rates(&system.network.connections).ok().and_then(|balanced| balanced.rates);
            for (a, population) in POPULATIONS.iter().enumerate() {
                let of = |rates: &Option<Array1<f64>>| rates.as_ref().map_or(f64::NAN, |r| r[a]);
                series.point(&format!("{name} limit"), population, contrast, of(&semi));
                series.point(&format!("{name} balanced"), population, contrast, of(&balanced));
            }
        }
    }
}

/// Where e2 of S3 falls silent, from the dynamics of its populations at two contrasts below it, and that it is silent beyond.
pub(super) fn kink(outcome: &mut Outcome) {
    let rate = |contrast: f64| {
        let populations =
            Populations { w: two_and_inhibition(0.5), x: drive(contrast), tau: Array1::ones(3), gain: KINK_GAIN };
        match populations.end(&Array1::ones(3)) {
            Fate::Settled(r) => r[1],
            Fate::Moving(_) | Fate::RanAway => f64::NAN,
        }
    };
    let (near, far) = (rate(3.0), rate(2.0));
    let crossing = 3.0 + near / (far - near);
    outcome.comparisons.push(Comparison {
        x: crossing + 0.01,
        theory: 0.0,
        simulation: Estimate::exact(rate(crossing + 0.01)),
        // Rates of some 15 Hz are known to 1e-8 of themselves.
        bias: 1e-6,
        scale: Some(15.0),
        ..row("D", "r_e2 just beyond the kink (Hz)", "silence", "populations of S3")
    });
    let theories = [
        ("closed form at this gain", edge(KINK_GAIN), Claim::Equals),
        ("55/17, N to infinity", 55.0 / 17.0, Claim::Contrast),
    ];
    for (name, theory, claim) in theories {
        outcome.comparisons.push(Comparison {
            x: KINK_GAIN,
            theory,
            simulation: Estimate::exact(crossing),
            claim,
            // Rates are known to 1e-8 of themselves.
            bias: 1e-6,
            ..row("A", "contrast at which e2 falls silent (Hz)", name, "populations of S3")
        });
    }
}
