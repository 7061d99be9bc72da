//! A network that has learned one pair of stimuli sees half of it: prediction errors as Zhu & Rosenbaum's mean field has them.

use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Claim, Comparison, Estimate, Outcome, Plan, Scale, Study, row};
use meanfield::{course, learned_state};
use model::{Lessons, Phase, PlasticNetwork, Stimulus};
use simulation::Learning;
use systems::plastic_network::{Measured, PlasticSystem, STATES, anomalies};

pub struct Mismatch;

/// Trials with both stimuli, and with them again after one without the second.
const TRIALS: [usize; 2] = [100, 9];

/// Trials, from 0 on, that have rows: those of the source's numbers.
const LISTED: [usize; 8] = [0, 1, 5, 20, 50, 99, 100, 101];

/// Rates in Hz of e1, e2 and i in these trials by independent code for the same mean field, to the digits given.
const INDEPENDENT: [[f64; 3]; 8] = [
    [9.622, 0.0, 11.091],
    [7.947, 0.490, 9.968],
    [4.441, 4.342, 9.826],
    [4.440, 4.301, 8.891],
    [4.106, 4.067, 8.104],
    [3.994, 3.996, 7.980],
    [0.0, 9.537, 8.973],
    [7.063, 0.831, 7.888],
];

/// Rates and weights one after the other, or together.
const WAYS: [(&str, Learning); 2] =
    [("settled rates", Learning::QuasiStatic), ("rates and weights together", Learning::Continuous)];

impl Study for Mismatch {
    type System = PlasticSystem;
    const SECONDS: [f64; 2] = [0.5, 0.5];
    const NAME: &'static str = "mismatch";
    const TITLE: &'static str = "learning one pair of stimuli, and a mismatch";
    const CAPTION: &'static str = include_str!("mismatch.md");

    fn plans(&self, _: Scale) -> Vec<Plan<PlasticSystem>> {
        let network = PlasticNetwork::zhu_rosenbaum();
        let stimulus = |name, population, change: f64| Stimulus::new(name, &[(population, change * network.drive[0])]);
        let phase = |name, shown, trials| Phase::new(name, &[shown], trials, true);
        let lessons = Lessons {
            trial: 1.0,
            stimuli: vec![stimulus("U", "e1", 0.2), stimulus("V", "e2", -0.2)],
            phases: vec![phase("match", "U+V", TRIALS[0]), phase("mismatch", "U", 1), phase("again", "U+V", TRIALS[1])],
        };
        let plan = |(name, learning): (&str, Learning)| {
            Plan::new(name, 1, PlasticSystem { learning, network: network.clone(), lessons: lessons.clone() })
        };
        WAYS.into_iter().map(plan).collect()
    }

    fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        for (measured, panel) in all.iter().zip(["A", "B"]) {
            outcome.comparisons.extend(trials(measured, panel));
            outcome
                .notes
                .extend(anomalies(measured).into_iter().map(|note| format!("{}: {note}", measured.case.label)));
            let seen = &measured.seen[0].trials;
            for (a, name) in measured.case.system.network.names.iter().enumerate() {
                let curve = |what: &str| format!("{}, {what}", measured.case.label);
                for (k, trial) in seen.iter().enumerate() {
                    outcome.series.point(&curve("simulation"), name, k as f64, trial.rates[a]);
                }
                for (k, rates) in measured.predicted.trials.iter().flat_map(|theory| &theory.rates).enumerate() {
                    outcome.series.point(&curve("theory"), name, k as f64, rates[a]);
                }
            }
        }
        outcome.comparisons.extend(all.first().and_then(weights).into_iter().flatten());
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let rates = |letter, way: &str| {
            let axes = Panel::new(letter, way, Axis::linear("trial"), Axis::linear("rate (Hz)").between(0.0, 14.0));
            let panel = ["e1", "e2", "i"].iter().enumerate().fold(axes, |panel, (colour, name)| {
                panel.with([
                    outcome.mark(Kind::Trace, colour, "", &format!("{way}, theory"), name),
                    outcome.mark(Kind::Points, colour, name, &format!("{way}, simulation"), name),
                ])
            });
            let rows = outcome.rows(|row| row.label == way && row.theory_name == STATES);
            panel.judged(&rows, 6).legend(Legend::TopRight)
        };
        let names = ["e1", "e2", "i"];
        let learned = outcome.rows(|row| row.quantity.starts_with("weight from i"));
        let weights =
            Panel::new("C", "learned weights", Axis::names("inhibition onto", &names), Axis::linear("weight (mV/Hz)"));
        let row = vec![rates("A", WAYS[0].0), rates("B", WAYS[1].0), weights.compared(&learned, 0, "")];
        Figure::new(66.0, vec![row])
            .key(Kind::Points, "simulation")
            .key(Kind::Trace, "states at the weights of each trial (A, B)")
    }
}

/// Rates of the listed trials, beside states at the weights of the trial, and independent numbers.
fn trials(measured: &Measured, panel: &str) -> Vec<Comparison> {
    let lab::Case { label, system, .. } = &measured.case;
    let settled = system.learning == Learning::QuasiStatic;
    let claim = if settled { Claim::Equals } else { Claim::Contrast };
    let mut rows = Vec::new();
    for (trial, independent) in LISTED.into_iter().zip(INDEPENDENT).filter(|(k, _)| *k < measured.seen[0].trials.len())
    {
        let found = &measured.seen[0].trials[trial].rates;
        for (a, name) in system.network.names.iter().enumerate() {
            let mut push = |theory_name: &str, theory: f64, bias: f64| {
                rows.push(Comparison {
                    x: trial as f64,
                    theory,
                    simulation: Estimate::exact(found[a]),
                    bias,
                    claim,
                    scale: Some(system.network.target[a]),
                    ..row(panel, &format!("r_{name} (Hz)"), theory_name, label)
                });
            };
            let theory = measured.predicted.trials.as_ref().map_or(f64::NAN, |theory| theory.rates[trial][a]);
            push(STATES, theory, 1e-6 * found.iter().copied().fold(0.0, f64::max));
            if settled {
                // Three digits behind the point.
                push("reference:independent mean field", independent[a], 5.1e-4);
            }
        }
    }
    rows
}

/// Weights after the first phase beside their closed form.
fn weights(measured: &Measured) -> Option<Vec<Comparison>> {
    let system = &measured.case.system;
    let network = &system.network;
    let state = learned_state(network, &[network.driven(&system.lessons, "U+V")]).ok()?;
    let left = course(network, &state, system.lessons.trial).ok()?.factor.powi(TRIALS[0] as i32);
    let away = (&network.coupling - &state.weights).iter().fold(0.0_f64, |most, d| most.max(d.abs()));
    let weight = |(a, name): (usize, &String)| Comparison {
        x: a as f64,
        theory: state.weights[[a, 2]],
        simulation: Estimate::exact(measured.seen[0].weights[0][[a, 2]]),
        // What so many trials leave of the first departures.
        bias: left * away,
        ..row("C", &format!("weight from i to {name} (mV/Hz)"), "learned weights in closed form", &measured.case.label)
    };
    Some(network.names.iter().enumerate().map(weight).collect())
}
