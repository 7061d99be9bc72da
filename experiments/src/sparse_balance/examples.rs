//! Example units and rasters, as several figures show them.

use lab::plot::{Axis, Kind, Mark, Panel};
use lab::{Outcome, SeriesTable};
use systems::rate_network::Measured;

/// Units shown as traces.
const TRACES: usize = 4;

/// Adds x of the first units of the first realisation.
pub fn add_examples(table: &mut SeriesTable, curve: &str, measured: &Measured, population: usize) {
    let step = measured.case.system.protocol().sampling;
    for (unit, trace) in measured.seen[0].examples[population].iter().take(TRACES).enumerate() {
        let points = trace.iter().enumerate().map(|(t, &x)| (t as f64 * step, f64::from(x)));
        table.curve("example", &format!("{curve} {unit}"), points);
    }
}

/// Adds the times at which the first `units` units of the first realisation are above threshold,
/// numbered from `first`.
pub fn add_raster(
    table: &mut SeriesTable,
    curve: &str,
    measured: &Measured,
    population: usize,
    first: usize,
    units: usize,
) {
    let step = measured.case.system.protocol().sampling;
    for (unit, trace) in measured.seen[0].examples[population].iter().take(units).enumerate() {
        let on = trace.iter().enumerate().filter(|(_, x)| **x > 0.0);
        // Every second sample: at 0.2 τ a tick the raster looks the same, and weighs half.
        let points = on.filter(|(t, _)| t % 2 == 0).map(|(t, _)| (t as f64 * step, (first + unit) as f64));
        table.curve("raster", curve, points);
    }
}

/// Traces, each in a colour of its own, with the threshold.
pub fn examples_panel(outcome: &Outcome, letter: &'static str, title: &str, curve: &str, low: f64) -> Panel {
    let traces: Vec<Mark> =
        (0..TRACES).map(|u| outcome.mark(Kind::Trace, u, "", "example", &format!("{curve} {u}"))).collect();
    let high = traces.iter().flat_map(|m| &m.y).copied().fold(0.0, f64::max);
    let y = Axis::linear("input *x*").between(low, (1.15 * high).max(0.05 * -low));
    Panel::new(letter, title, time(), y).with([Mark::new(Kind::Dashed, 7, "", &[0.0, 50.0], &[0.0, 0.0])]).with(traces)
}

fn time() -> Axis {
    Axis::linear("time (*τ*)").between(0.0, 50.0)
}

/// A raster; each curve in a colour of its own.
pub fn raster_panel(
    outcome: &Outcome,
    letter: &'static str,
    title: &str,
    curves: &[(&str, usize)],
    units: usize,
) -> Panel {
    let spikes = curves.iter().map(|(curve, colour)| outcome.mark(Kind::Raster, *colour, "", "raster", curve));
    Panel::new(letter, title, time(), Axis::linear("unit").between(0.0, units as f64)).with(spikes)
}
