//! Halves of a population that differ in what they receive: balance breaks for one of them, and is learned again.

use super::shown::show_rates;
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Outcome, Plan, Scale, Study, Sweep};
use model::{Lessons, Phase, SpikingNetwork};
use systems::plastic_spiking::{LEARNED, LessonRun, Measured, PlasticSpikingSystem, ends, reservations, strengths};
use systems::spiking_network::FINITE;

pub struct Homeostasis;

/// Differences of the numbers of excitatory inputs from their mean, relative: e1 has more, e2 fewer.
const DIFFERENCES: [&[f64]; 2] = [&[0.0, 0.4], &[0.0, 0.1, 0.2, 0.3, 0.4]];

/// The one whose rates are shown trial by trial.
const SHOWN: f64 = 0.4;

const POPULATIONS: [&str; 3] = ["e1", "e2", "i"];

impl Study for Homeostasis {
    type System = PlasticSpikingSystem;
    const SECONDS: [f64; 2] = [13.0, 50.0];
    const NAME: &'static str = "homeostasis";
    const TITLE: &'static str = "numbers of inputs that differ break balance, and plasticity restores it";
    const CAPTION: &'static str = include_str!("homeostasis.md");

    fn plans(&self, scale: Scale) -> Vec<Plan<PlasticSpikingSystem>> {
        let (trials, replicates) = if scale == Scale::Quick { (100, 3) } else { (120, 6) };
        let phases = vec![
            Phase::new("before", &[""], 5, false),
            Phase::new("learning", &[""], trials, true),
            Phase::new("after", &[""], 5, false),
        ];
        let lessons = Lessons { trial: 1.0, stimuli: vec![], phases };
        let run = LessonRun { step: 0.1, transient: 300.0, settle: 0.0, inputs: vec![] };
        let network = SpikingNetwork::zhu_rosenbaum();
        let p = network.connections.probability[[0, 0]];
        let differences = DIFFERENCES[usize::from(scale == Scale::Paper)];
        let of = |sign: f64| differences.iter().map(move |difference| p * (1.0 + sign * difference));
        let sweep = [("e1", 1.0), ("e2", -1.0)].into_iter().fold(
            Sweep::of("difference", differences.iter().copied()),
            |sweep, (to, sign)| {
                ["e1", "e2"].iter().fold(sweep, |sweep, from| {
                    sweep.with(&format!("network.projections.{from}->{to}.probability"), of(sign))
                })
            },
        );
        vec![Plan::new("", replicates, PlasticSpikingSystem { run, network, lessons }).along(sweep)]
    }

    fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        for measured in all {
            let difference = measured.case.x;
            let mut rows = ends(measured, "B", |_| difference);
            rows.iter_mut().filter(|row| row.quantity.contains("before")).for_each(|row| row.panel = "A".into());
            outcome.comparisons.extend(rows);
            outcome.comparisons.extend(strengths(measured, "C", |_| difference));
            outcome
                .notes
                .extend(reservations(measured).into_iter().map(|note| format!("difference {difference}: {note}")));
            if difference == SHOWN {
                show_rates(outcome, measured, |trial| trial as f64);
            }
        }
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let difference = || Axis::linear("difference of in-degrees, relative");
        let panel = |letter, title: &str, phase: &str, theory: &str, high: f64| {
            let empty = Panel::new(letter, title, difference(), Axis::linear("rate (Hz)").between(0.0, high));
            POPULATIONS.iter().enumerate().fold(empty, |panel, (colour, name)| {
                let rows = outcome
                    .rows(|row| row.quantity == format!("r_{name}, {phase}, nothing") && row.theory_name == theory);
                panel.compared(&rows, colour, name)
            })
        };
        let empty = Panel::new("C", "learned inhibition", difference(), Axis::linear("mean strength (mV)"));
        let strengths = POPULATIONS.iter().enumerate().fold(empty, |panel, (colour, name)| {
            panel.compared(
                &outcome.rows(|row| row.quantity.starts_with(&format!("strength from i to {name},"))),
                colour,
                &format!("i to {name}"),
            )
        });
        let empty =
            Panel::new("D", "a difference of .4", Axis::linear("trial"), Axis::linear("rate (Hz)").between(0.0, 14.0));
        let course = POPULATIONS
            .iter()
            .enumerate()
            .fold(empty, |panel, (colour, name)| panel.with([outcome.mark(Kind::Trace, colour, name, "rate, ", name)]));
        let rows = vec![
            vec![
                panel("A", "before learning", "before", FINITE, 14.0).legend(Legend::TopLeft),
                panel("B", "at its end", "learning", LEARNED, 14.0),
            ],
            vec![strengths.legend(Legend::Above), course.legend(Legend::TopRight)],
        ];
        Figure::new(60.0, rows).key(Kind::Trace, "simulation, mean over realisations (D)")
    }
}
