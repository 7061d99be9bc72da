//! How often balance is possible, and how many states there are, as populations become many.

use super::networks::{random_dale, random_drive};
use lab::input::{count_within, counts_within};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use model::Seed;
use ndarray::{Array1, Array2};
use rand_distr::{Distribution, StandardNormal};
use semibalance::{Circuit, all_states, balanced};
use serde::{Deserialize, Serialize};

pub struct Feasibility;

/// The two ensembles.
const KINDS: [&str; 2] = ["signs at random", "Dale"];

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Networks of each size and ensemble.
    networks: usize,
    /// Equal parts of them, for errors.
    parts: usize,
    /// Numbers of populations; half of them excite in the Dale ensemble.
    populations: Vec<usize>,
}

/// Sums over the networks of a part.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct Sums {
    balanced: f64,
    states: f64,
    any: f64,
    stable: f64,
}

impl Experiment for Feasibility {
    type Params = Params;
    const SECONDS: [f64; 2] = [0.69, 15.5];
    const NAME: &'static str = "feasibility";
    const TITLE: &'static str = "how often balance is possible, and how many semi-balanced states there are";
    const CAPTION: &'static str = include_str!("feasibility.md");

    fn params(&self, scale: Scale) -> Params {
        let (networks, most) = match scale {
            Scale::Quick => (4_000, 8),
            Scale::Paper => (40_000, 10),
        };
        Params { networks, parts: 20, populations: (2..=most).collect() }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        count_within("parts", params.parts, 1, 1000)?;
        count_within("networks", params.networks, params.parts, 10_000_000)?;
        counts_within("populations", &params.populations, 2, 16)
    }

    fn memory(&self, _params: &Params) -> f64 {
        1e6
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        let points: Vec<(usize, usize)> =
            params.populations.iter().flat_map(|&n| (0..KINDS.len()).map(move |kind| (kind, n))).collect();
        bench.begin("feasibility", points.len() * params.parts);
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        for (kind, n) in points {
            let each = params.networks / params.parts;
            let own = seed.replicate((kind * 100 + n) as u64);
            let parts = bench.each(&(Self::NAME, params, kind, n), own, params.parts, |part, _| {
                Ok((0..each).fold(Sums::default(), |sums, k| sums.add(kind, n, own, (part * each + k) as u64)))
            })?;
            let share = |of: fn(&Sums) -> f64| Estimate::of(parts.iter().map(|sums| of(sums) / each as f64));
            let (possible, states) = (share(|s| s.balanced), share(|s| s.states));
            table.estimate("possible", KINDS[kind], n as f64, possible);
            table.estimate("states", KINDS[kind], n as f64, states);
            table.estimate("any", KINDS[kind], n as f64, share(|s| s.any));
            table.estimate("stable", KINDS[kind], n as f64, share(|s| s.stable));
            let random = kind == 0;
            if !random && n > 2 {
                // No symmetry is known that would decide it under Dale's law: points without a theory.
                continue;
            }
            let laws = [
                ("A", "probability of balance", possible, if random { 0.5_f64.powi(n as i32) } else { 1.0 / 3.0 }),
                ("B", "mean number of states", states, if random { 1.0 } else { 5.0 / 6.0 }),
            ];
            for (panel, quantity, simulation, theory) in laws {
                let name = if random { "symmetry of signs" } else { "exchangeable ratios of a pair" };
                outcome.comparisons.push(Comparison {
                    x: n as f64,
                    theory,
                    simulation,
                    ..row(panel, quantity, name, KINDS[kind])
                });
            }
        }
        outcome.notes.push(
            "signs at random, any n: balance is possible with probability 2^-n, so beyond some populations hardly ever"
                .into(),
        );
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let populations = || Axis::linear("populations *n*").between(1.5, 10.5);
        let claimed = |letter, quantity: &str, axis: &str, drawn: &str| {
            let axes = Panel::new(letter, quantity, populations(), Axis::log(axis));
            let [random, dale] = KINDS;
            axes.compared(&outcome.of(quantity, random), 0, random)
                .compared(&outcome.of(quantity, dale), 1, "")
                .with([outcome.mark(Kind::Squares, 1, dale, drawn, dale)])
        };
        let share = Axis::linear("share of networks").between(0.0, 1.4);
        let any = Panel::new("C", "networks with a state", populations(), share);
        let shapes = [("any", "any state", Kind::Squares, 0), ("stable", "a stable state", Kind::Open, 2)];
        let any = shapes.into_iter().fold(any, |panel, (name, what, shape, colour)| {
            let marks = KINDS.iter().enumerate();
            panel.with(marks.map(|(k, kind)| outcome.mark(shape, colour + k, &format!("{what}, {kind}"), name, kind)))
        });
        let row = vec![
            claimed("A", "probability of balance", "probability", "possible").legend(Legend::BottomLeft),
            claimed("B", "mean number of states", "states", "states").legend(Legend::TopLeft),
            any.legend(Legend::TopLeft),
        ];
        Figure::new(66.0, vec![row])
            .key(Kind::Squares, "random networks; Dale's law has a theory at *n* = 2 alone")
            .key(Kind::Open, "random networks, a stable state (C)")
    }
}

impl Sums {
    fn add(self, kind: usize, n: usize, seed: Seed, index: u64) -> Self {
        let (w, x) = if kind == 0 {
            gaussian(n, seed, index)
        } else {
            (random_dale(n, n / 2, seed, index), random_drive(n, seed, index))
        };
        let circuit = Circuit::new(w, x).expect("entries are far from the limits");
        let balanced = balanced(&circuit);
        let found = all_states(&circuit).expect("few populations").states;
        let count = |holds: bool| f64::from(u8::from(holds));
        Sums {
            balanced: self.balanced + count(balanced.rates.is_some() && balanced.negative.is_empty()),
            states: self.states + found.len() as f64,
            any: self.any + count(!found.is_empty()),
            stable: self.stable + count(found.iter().any(|state| state.stability.stable)),
        }
    }
}

fn gaussian(n: usize, seed: Seed, index: u64) -> (Array2<f64>, Array1<f64>) {
    let mut rng = seed.stream("Gaussian").rng(index);
    let w = Array2::from_shape_simple_fn((n, n), || StandardNormal.sample(&mut rng));
    (w, Array1::from_shape_simple_fn(n, || StandardNormal.sample(&mut rng)))
}
