//! Figure 6: excitatory and inhibitory units, log-normal and gamma weights.

use super::examples::{add_examples, add_raster, examples_panel, raster_panel};
use super::networks::{excitatory_inhibitory, protocol};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Claim, Estimate, Outcome, Plan, Scale, SeriesTable, Study, Sweep};
use meanfield::balanced_rates;
use model::{RateNetwork, WeightLaw};
use systems::rate_network::{
    Closure, GGC_BETA, Measured, PopulationMeasure, RateSystem, Rows, anomalies, mean,
};

/// (f): closure (c) with several populations and the mask of a sparse network.
const MASKED: Closure = Closure { name: "(f) GGC-Beta with mask, given r", ..GGC_BETA };

pub struct Fig6;

impl Study for Fig6 {
    type System = RateSystem;
    const SECONDS: [f64; 2] = [23.0, 265.0];
    const NAME: &'static str = "fig6";
    const TITLE: &'static str = "excitatory-inhibitory networks with log-normal and gamma weights";
    const CAPTION: &'static str = include_str!("fig6.md");

    fn plans(&self, scale: Scale) -> Vec<Plan<RateSystem>> {
        let (size, in_degree, replicates) = match scale {
            Scale::Quick => (1500, 300, 5),
            Scale::Paper => (3000, 600, 10),
        };
        let network = excitatory_inhibitory(size, in_degree, WeightLaw::Gamma);
        let system = RateSystem { protocol: Some(protocol(scale)), network };
        let laws = Sweep::of("network.law", [WeightLaw::LogNormal, WeightLaw::Gamma].map(WeightLaw::name));
        vec![Plan::new("", replicates, system).along(laws).sharing_draws()]
    }

    fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        outcome.notes.extend(anomalies(all));
        let mut table = SeriesTable::new();
        all.iter().for_each(|measured| network(measured, outcome, &mut table));
        outcome.series = table;
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let laws = [("log-normal", ["A", "B", "C"]), ("gamma", ["", "", ""])];
        let curves = |law: &str| [format!("{law} E"), format!("{law} I")];
        let top = laws.iter().flat_map(|(law, [letter, ..])| {
            let [e, i] = curves(law);
            [
                raster_panel(outcome, letter, &format!("active units, {law} weights"), &[(&e, 0), (&i, 1)], 100),
                examples_panel(outcome, "", "four excitatory units", &e, -6.0),
            ]
        });
        let bottom = laws.iter().flat_map(|(law, [_, active, on_times])| {
            let [e, i] = curves(law);
            // Of log-normal weights no row says it.
            let both = [(&e, 0, "E"), (&i, 1, "I")].into_iter();
            let unclaimed = both.filter(|(curve, ..)| outcome.of("f", curve).is_empty());
            let axis = Axis::names("population", &["E", "I", "all"]);
            let active = Panel::new(active, &format!("active fraction, {law}"), axis, Axis::linear("*f*").between(0.0, 0.5))
                .compared(&outcome.of("f", &e), 0, "E")
                .compared(&outcome.of("f", &i), 1, "I")
                .with(unclaimed.map(|(curve, colour, label)| outcome.mark(Kind::Squares, colour, label, "f", curve)))
                .with([outcome.mark(Kind::Squares, 6, "all", "f", &format!("{law} all"))]);
            let on_times = Panel::new(
                on_times,
                &format!("ON-times, {law}"),
                Axis::linear("share of the time").between(0.0, 1.0),
                Axis::log("density").between(0.01, 40.0),
            );
            let shares = [(&e, 0, "E"), (&i, 1, "I")].map(|(curve, colour, label)| {
                outcome.mark(Kind::Steps, colour, label, "on-time", curve)
            });
            [active.legend(Legend::TopRight), on_times.with(shares).legend(Legend::TopRight)]
        });
        Figure::new(58.0, vec![top.collect(), bottom.collect()])
            .key(Kind::Points, "simulation (B)")
            .key(Kind::Squares, "simulation, no theory (B)")
            .key(Kind::Line, "closure given *r* (B)")
            .key(Kind::Steps, "simulation (C)")
            .key(Kind::Trace, "units (A)")
            .key(Kind::Dashed, "threshold (A)")
    }
}

fn network(measured: &Measured, outcome: &mut Outcome, table: &mut SeriesTable) {
    let network = &measured.case.system.network;
    let law = network.law.name();
    for (population, own) in network.populations.iter().enumerate() {
        let curve = format!("{law} {}", own.name);
        let x = population as f64;
        add_raster(table, &curve, measured, population, 50 * population, 50);
        add_examples(table, &curve, measured, population);
        let simulated = |what: fn(&PopulationMeasure) -> f64| mean(measured, population, what);
        table.estimate("f", &curve, x, simulated(|p| p.rates.active));
        let count = measured.seen.len() as f64;
        let all: Vec<_> =
            measured.seen.iter().map(|r| r.populations[population].on_time.distribution(40)).collect();
        table.curve(
            "on-time",
            &curve,
            (0..40).map(|b| (all[0].centre(b), all.iter().map(|d| d.density[b]).sum::<f64>() / count)),
        );
        let mut rows = Rows { rows: &mut outcome.comparisons, panel: "B", label: &curve, x };
        rows.add_closure(&MASKED, population, measured, &mut outcome.notes);
        let mut rows = Rows { rows: &mut outcome.comparisons, panel: "B", label: &curve, x };
        if let Some(rates) = balanced_rates(network).ok().and_then(|balanced| balanced.rates) {
            rows.add(
                "m",
                "balanced -W^-1 X",
                Claim::Contrast,
                rates[population],
                simulated(|p| p.rates.mean),
                0.0,
            );
        }
        rows.add_exact(measured, population);
    }
    let all = measured.seen.iter().map(|r| mean_active(network, &r.populations));
    table.estimate("f", &format!("{law} all"), 2.0, Estimate::of(all));
    let excess = measured.seen.iter().map(|r| r.populations[1].rates.active - r.populations[0].rates.active);
    let mut rows = Rows { rows: &mut outcome.comparisons, panel: "B", label: law, x: 2.0 };
    let both = mean(measured, 1, |p| p.rates.active).mean + mean(measured, 0, |p| p.rates.active).mean;
    rows.add_scaled("f_I - f_E", "I more active than E", (Claim::Lower, 0.0), Estimate::of(excess), (0.0, both));
}

/// f over all units.
fn mean_active(network: &RateNetwork, populations: &[PopulationMeasure]) -> f64 {
    let weighted = network.populations.iter().zip(populations).map(|(n, p)| n.size as f64 * p.rates.active);
    weighted.sum::<f64>() / network.size() as f64
}
