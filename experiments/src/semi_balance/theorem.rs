//! The theorem, tried: a stimulus that breaks balance for every network with excitation and inhibition.

use super::networks::{random_dale, random_size};
use lab::input::count_within;
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use model::Seed;
use semibalance::{Circuit, all_states, balanced, silencing_witness, unbalancing_witness};
use serde::{Deserialize, Serialize};

pub struct Theorem;

/// Condition of W above which the signs of −W⁻¹X say nothing in double precision.
const ILL_CONDITIONED: f64 = 1e12;

/// Most populations whose states at the witness are counted.
const COUNTED: usize = 8;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Random networks.
    networks: usize,
    /// Most populations; sizes and numbers of either kind are uniform.
    most_populations: usize,
    /// Equal parts of the networks, for errors of shares.
    parts: usize,
}

/// What one network showed.
#[derive(Serialize, Deserialize)]
struct Trial {
    populations: usize,
    /// Whether exactly the excitatory rates are negative; `None` if W is too ill-conditioned to tell.
    unbalanced: Option<bool>,
    /// Whether exactly the chosen rate is.
    silenced: Option<bool>,
    /// States at the first witness.
    states: Option<usize>,
}

/// Whether a witness did what it is made for.
type Verdict = fn(&Trial) -> Option<bool>;

impl Experiment for Theorem {
    type Params = Params;
    const SECONDS: [f64; 2] = [0.56, 2.81];
    const NAME: &'static str = "theorem";
    const TITLE: &'static str = "stimuli that break balance, for random networks of up to 20 populations";
    const CAPTION: &'static str = include_str!("theorem.md");

    fn params(&self, scale: Scale) -> Params {
        let networks = match scale {
            Scale::Quick => 20_000,
            Scale::Paper => 100_000,
        };
        Params { networks, most_populations: 20, parts: 20 }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        count_within("parts", params.parts, 1, 1000)?;
        count_within("networks", params.networks, params.parts, 10_000_000)?;
        count_within("most_populations", params.most_populations, 2, 24)
    }

    fn memory(&self, _params: &Params) -> f64 {
        1e6
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        bench.begin("theorem", params.parts);
        let each = params.networks / params.parts;
        let parts: Vec<Vec<Trial>> = bench.each(&(Self::NAME, params), seed, params.parts, |part, _| {
            Ok((0..each).map(|k| trial(params.most_populations, seed, (part * each + k) as u64)).collect())
        })?;
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        for populations in 2..=params.most_populations {
            let of_size = || parts.iter().flatten().filter(|trial| trial.populations == populations);
            let tried = of_size().count() as f64;
            table.point("tried", "networks", populations as f64, tried);
            let kinds: [(&str, Verdict); 2] = [
                ("all excitatory rates negative", |trial| trial.unbalanced),
                ("the chosen rate negative", |trial| trial.silenced),
            ];
            for (label, kind) in kinds {
                let failures = of_size().filter(|trial| kind(trial) == Some(false)).count() as f64;
                outcome.comparisons.push(Comparison {
                    x: populations as f64,
                    theory: 0.0,
                    simulation: Estimate::exact(failures),
                    ..row("A", "failures", "a witness for every network", label)
                });
            }
        }
        let unclear = parts.iter().flatten().filter(|t| t.unbalanced.is_none() || t.silenced.is_none()).count();
        outcome.notes.push(format!("{unclear} of {} networks are too ill-conditioned to tell", params.networks));
        for populations in 2..=COUNTED {
            for (name, wanted) in [("none", 0..1), ("one", 1..2), ("several", 2..usize::MAX)] {
                let share = Estimate::of(parts.iter().map(|part| {
                    let counts: Vec<usize> =
                        part.iter().filter(|t| t.populations == populations).filter_map(|t| t.states).collect();
                    counts.iter().filter(|c| wanted.contains(c)).count() as f64 / counts.len() as f64
                }));
                table.estimate("states", name, populations as f64, share);
                if populations == 2 {
                    outcome.comparisons.push(Comparison {
                        x: 2.0,
                        theory: if wanted.start == 2 { 0.0 } else { 0.5 },
                        simulation: share,
                        ..row("B", "share of networks", "sign of det W", &format!("{name} state"))
                    });
                }
            }
        }
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let populations = || Axis::linear("populations *n*").between(1.0, 21.0);
        let tried = outcome.mark(Kind::Steps, 7, "tried", "tried", "networks");
        // Room for the legend above.
        let top = 1.5 * tried.y.iter().copied().fold(1.0, f64::max);
        let witnesses =
            Panel::new("A", "networks without a witness", populations(), Axis::linear("networks").between(0.0, top))
                .with([tried])
                .compared(&outcome.of("failures", "the chosen rate negative"), 1, "failures, one of E")
                .compared(&outcome.of("failures", "all excitatory rates negative"), 0, "failures, all of E");
        let axis = Axis::linear("populations *n*").between(1.5, COUNTED as f64 + 0.5);
        let share = Axis::linear("share of networks").between(0.0, 1.0);
        let kinds = ["none", "one", "several"];
        let states = kinds.iter().enumerate().fold(
            Panel::new("B", "semi-balanced states at the stimulus", axis, share),
            |panel, (colour, name)| {
                let claimed = outcome.of("share of networks", &format!("{name} state"));
                panel.with([outcome.mark(Kind::Squares, colour, name, "states", name)]).compared(&claimed, colour, "")
            },
        );
        let row = vec![witnesses.legend(Legend::TopRight), states.legend(Legend::TopRight)];
        Figure::new(64.0, vec![row])
            .key(Kind::Steps, "networks that were tried")
            .key(Kind::Squares, "random networks; theory at *n* = 2 alone")
    }
}

fn trial(most: usize, seed: Seed, index: u64) -> Trial {
    let (populations, inhibitory) = random_size(2, most, seed, index);
    let excitatory: Vec<usize> = (0..populations - inhibitory).collect();
    let w = random_dale(populations, inhibitory, seed, index);
    let chosen = index as usize % excitatory.len();
    let circuit = |x| Circuit::new(w.clone(), x).expect("log-normal weights are far from the limits");
    let negative = |circuit: &Circuit, expected: &[usize]| {
        let found = balanced(circuit);
        (found.condition < ILL_CONDITIONED).then(|| found.negative == expected)
    };
    let all = circuit(unbalancing_witness(&w).expect("every column has one sign"));
    let one = circuit(silencing_witness(&w, chosen).expect("every row has inhibition"));
    assert!(all.drive().iter().chain(one.drive()).all(|x| *x > 0.0), "a stimulus excites");
    Trial {
        populations,
        unbalanced: negative(&all, &excitatory),
        silenced: negative(&one, &[chosen]),
        states: (populations <= COUNTED).then(|| all_states(&all).expect("few populations").states.len()),
    }
}
