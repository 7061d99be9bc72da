//! What inhibitory plasticity does to the inputs of single cells: it cuts what excites too much, and leaves what inhibits.

use super::shown::OTHER_STEPS;
use analysis::Histogram;
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Claim, Comparison, Outcome, Plan, Scale, Study, row};
use model::{Lessons, Phase, SpikingNetwork, Stimulus};
use systems::plastic_spiking::{Course, LessonRun, Measured, PlasticSpikingSystem};

pub struct DetailedBalance;

/// What is shown before and after learning, each once.
const TESTS: [&str; 9] = ["", "U", "V", "-1*U", "-1*V", "U+V", "U+-1*V", "-1*U+V", "-1*U+-1*V"];

/// Trials with learning.
const TRIALS: usize = 80;

/// Membrane time constant in ms: inputs are shown as the depolarisation in mV that they would make.
const TAU: f64 = 15.0;

/// What is said of excitatory cells in all tests together, and what two realisations of an independent simulation had, before and after learning.
const NUMBERS: [(&str, [[f64; 2]; 2]); 9] = [
    ("mean input (mV)", [[-1.99, -2.05], [-0.92, -0.48]]),
    ("SD of inputs (mV)", [[13.76, 13.75], [9.86, 9.09]]),
    ("skewness of inputs", [[-0.27, -0.24], [-1.18, -1.38]]),
    ("input, 1 % (mV)", [[-37.3, -37.3], [-32.9, -30.7]]),
    ("input, 5 % (mV)", [[-25.9, -25.8], [-19.9, -18.1]]),
    ("input, 50 % (mV)", [[-1.1, -1.1], [1.0, 1.4]]),
    ("input, 95 % (mV)", [[19.2, 19.2], [11.6, 10.6]]),
    ("input, 99 % (mV)", [[28.5, 28.9], [17.0, 14.7]]),
    ("share of silent cells", [[0.63, 0.65], [0.31, 0.29]]),
];

/// Of those, percentiles, drawn together.
const PERCENTILES: std::ops::Range<usize> = 3..8;

const PHASES: [&str; 2] = ["before", "after"];

impl Study for DetailedBalance {
    type System = PlasticSpikingSystem;
    const SECONDS: [f64; 2] = [5.0, 14.0];
    const NAME: &'static str = "detailed-balance";
    const TITLE: &'static str = "plasticity cuts the excitatory tail of inputs and leaves the inhibitory one";
    const CAPTION: &'static str = include_str!("detailed_balance.md");

    fn plans(&self, scale: Scale) -> Vec<Plan<PlasticSpikingSystem>> {
        let network = SpikingNetwork::zhu_rosenbaum();
        let x = 0.2 * network.constant[0];
        let pattern = |name| Stimulus::pattern(name, &[("e1", x), ("e2", x)]);
        let learning = Phase::new("learning", &["U+V"], TRIALS, true);
        let phases = vec![
            Phase::new(PHASES[0], &TESTS, TESTS.len(), false),
            Phase { amplitude: Some([-1.0, 1.0]), apart: true, ..learning },
            Phase::new(PHASES[1], &TESTS, TESTS.len(), false),
        ];
        let lessons = Lessons { trial: 1.0, stimuli: vec![pattern("U"), pattern("V")], phases };
        let run = LessonRun { step: 0.1, transient: 300.0, settle: 200.0, inputs: PHASES.map(String::from).to_vec() };
        let replicates = if scale == Scale::Quick { 3 } else { 10 };
        vec![Plan::new("excitatory cells", replicates, PlasticSpikingSystem { run, network, lessons })]
    }

    fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        let measured = &all[0];
        for (p, phase) in PHASES.into_iter().enumerate() {
            let panel = if p == 0 { "B" } else { "C" };
            for (k, (quantity, independent)) in NUMBERS.into_iter().enumerate() {
                let [one, other] = independent[p];
                let (mean, spread) = (0.5 * (one + other), 0.5 * (NUMBERS[1].1[p][0] + NUMBERS[1].1[p][1]));
                // Means near 0 are small beside what they are means of; the skewness has no unit.
                let size = match k {
                    0 | 5 => spread,
                    2 => 1.0,
                    _ => mean.abs(),
                };
                outcome.comparisons.push(Comparison {
                    x: if PERCENTILES.contains(&k) { (k - PERCENTILES.start) as f64 } else { p as f64 },
                    theory: mean,
                    simulation: measured.estimate(|seen| numbers(measured, seen, p)[k]),
                    bias: OTHER_STEPS * size + (one - other).abs(),
                    scale: Some(size),
                    ..row(
                        if PERCENTILES.contains(&k) { panel } else { "-" },
                        &format!("{phase}: {quantity}"),
                        "reference:independent simulation",
                        &measured.case.label,
                    )
                });
            }
            let mut histogram = Histogram::new(-50.0, 40.0, 90);
            let all: Vec<f32> = inputs(measured, &measured.seen[0], p).into_iter().map(|input| input as f32).collect();
            histogram.push(&all);
            if let Some(law) = histogram.finish() {
                let points = law.density.iter().enumerate().map(|(k, &density)| (law.centre(k), density));
                outcome.series.curve("density of inputs", phase, points);
            }
        }
        // One side is cut by more than the other: that is what is claimed.
        let cut = |seen: &Course, k: usize| {
            let (before, after) = (numbers(measured, seen, 0), numbers(measured, seen, 1));
            1.0 - after[k] / before[k]
        };
        let (low, high) = (PERCENTILES.start, PERCENTILES.end - 1);
        outcome.comparisons.push(Comparison {
            x: 0.0,
            theory: 0.0,
            simulation: measured.estimate(|seen| cut(seen, high) - cut(seen, low)),
            claim: Claim::Lower,
            scale: Some(measured.estimate(|seen| cut(seen, high)).mean),
            ..row(
                "A",
                "share by which learning cuts the 99th percentile, less that of the 1st",
                "one-sided",
                &measured.case.label,
            )
        });
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let empty = Panel::new(
            "A",
            "inputs of excitatory cells",
            Axis::linear("mean input (mV)"),
            Axis::linear("density (1/mV)"),
        );
        let densities = PHASES.iter().enumerate().fold(empty, |panel, (colour, phase)| {
            panel.with([outcome.mark(Kind::Trace, colour, phase, "density of inputs", phase)])
        });
        let panel = |letter, colour: usize, phase: &str| {
            let names = ["1 %", "5 %", "50 %", "95 %", "99 %"];
            let rows = outcome.rows(|row| row.quantity.starts_with(&format!("{phase}: input, ")));
            Panel::new(
                letter,
                &format!("{phase} learning"),
                Axis::names("percentile", &names),
                Axis::linear("mean input (mV)").between(-42.0, 34.0),
            )
            .compared(&rows, colour, "")
        };
        let rows = vec![vec![densities.legend(Legend::TopLeft), panel("B", 0, PHASES[0]), panel("C", 1, PHASES[1])]];
        Figure::new(66.0, rows).key(Kind::Trace, "simulation (A: the first realisation)")
    }
}

/// Inputs in mV of all excitatory cells in all tests, before (0) or after (1) learning.
fn inputs(measured: &Measured, seen: &Course, phase: usize) -> Vec<f64> {
    let excitatory = measured.case.system.network.starts()[2];
    let tests = &seen.inputs[phase * TESTS.len()..(phase + 1) * TESTS.len()];
    tests.iter().flat_map(|test| &test[..excitatory]).map(|input| TAU * input.total()).collect()
}

/// What [`NUMBERS`] names.
fn numbers(measured: &Measured, seen: &Course, phase: usize) -> [f64; 9] {
    let mut all = inputs(measured, seen, phase);
    all.sort_by(f64::total_cmp);
    let n = all.len() as f64;
    let moment = |about: f64, power: i32| all.iter().map(|v| (v - about).powi(power)).sum::<f64>() / n;
    let mean = moment(0.0, 1);
    let sd = moment(mean, 2).sqrt();
    let at = |share: f64| all[(share * (n - 1.0)) as usize];
    let trials: Vec<usize> = measured.case.system.trials_of(2 * phase).collect();
    let silent = |k: &usize| 0.5 * (seen.trials[*k].silent[0] + seen.trials[*k].silent[1]);
    let silent = trials.iter().map(silent).sum::<f64>() / trials.len() as f64;
    [mean, sd, moment(mean, 3) / sd.powi(3), at(0.01), at(0.05), at(0.5), at(0.95), at(0.99), silent]
}
