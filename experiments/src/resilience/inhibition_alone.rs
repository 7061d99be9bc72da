//! Inhibition changed alone: exact shifts, the paradox of driven inhibition, and populations that no inhibition reaches.

use lab::input::{all_within, count_within};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use meanfield::{drive_response, shifted_rates};
use model::Seed;
use ndarray::{Array1, Array2, array};
use rand::RngExt;
use semibalance::{Circuit, all_states};
use serde::{Deserialize, Serialize};
use simulation::Fate;
use systems::circuit::Populations;

pub struct InhibitionAlone;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// δ, by which inhibition of the excitatory population is changed.
    changes: Vec<f64>,
    /// N of finite networks, whose gain is √N.
    sizes: Vec<f64>,
    /// w_ee of the pair whose inhibition is driven.
    excitation: Vec<f64>,
    /// Random circuits.
    circuits: usize,
}

/// Gain at which inhibition is driven, and by how much.
const GAIN: f64 = 10.0;
const DRIVEN: f64 = 1e-4;

impl Experiment for InhibitionAlone {
    type Params = Params;
    const SECONDS: [f64; 2] = [0.3, 2.0];
    const NAME: &'static str = "inhibition-alone";
    const TITLE: &'static str = "inhibition changed alone";
    const CAPTION: &'static str = include_str!("inhibition_alone.md");

    fn params(&self, scale: Scale) -> Params {
        let circuits = if scale == Scale::Quick { 2000 } else { 20_000 };
        Params {
            changes: vec![-0.2, -0.1, 0.0, 0.1, 0.2, 0.3],
            sizes: vec![100.0, 10_000.0],
            excitation: vec![0.02, 0.05, 0.1, 0.15, 0.2],
            circuits,
        }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        all_within("changes", &params.changes, -0.24, 0.6)?;
        all_within("sizes", &params.sizes, 4.0, 1e8)?;
        all_within("excitation", &params.excitation, 0.0, 1.0)?;
        count_within("circuits", params.circuits, 1, 1_000_000)
    }

    fn memory(&self, _: &Params) -> f64 {
        1e6
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        bench.begin("inhibition-alone", 3);
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        shifts(params, &mut outcome)?;
        bench.advance();
        driven(params, &mut outcome)?;
        bench.advance();
        free(params, seed, &mut outcome, &mut table)?;
        bench.advance();
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let rates =
            |name: &str, label: &str| outcome.rows(|row| row.quantity == format!("r_{name}") && row.label == label);
        let shift = Panel::new("A", "inhibition of e times 1 + δ", Axis::linear("δ"), Axis::linear("rate"))
            .compared(&rates("e", "N → ∞"), 0, "e")
            .compared(&rates("i", "N → ∞"), 1, "i")
            .compared(&rates("e", "N = 100"), 2, "e, N = 100")
            .compared(&rates("i", "N = 100"), 4, "i, N = 100")
            .legend(Legend::TopRight);
        let paradox = Panel::new(
            "B",
            "inhibition driven",
            Axis::linear("*w*_{ee} (edge: 1/*g* = 0.1)"),
            Axis::linear("∂*r*_{i}/∂*X*_{i}"),
        )
        .compared(&outcome.rows(|row| row.quantity == "response of i to its drive"), 0, "");
        let names = ["none", "one", "more"];
        let free = Panel::new(
            "C",
            "random circuits",
            Axis::names("states", &names),
            Axis::linear("share of circuits").between(0.0, 1.0),
        )
        .with([
            outcome.mark(Kind::Points, 0, "uninhibited", "states", "uninhibited"),
            outcome.mark(Kind::Squares, 1, "inhibited", "states", "inhibited"),
        ])
        .legend(Legend::TopRight);
        Figure::new(66.0, vec![vec![shift, paradox, free]])
            .key(Kind::Points, "states, ends of dynamics")
            .key(Kind::Line, "theory")
    }
}

/// The pair: weights and drives.
fn pair(excitation: f64) -> (Array2<f64>, Array1<f64>) {
    (array![[excitation, -1.5], [1.2, -1.0]], array![1.0, 0.4])
}

fn input(error: impl std::fmt::Display) -> Failure {
    Failure::Input(error.to_string())
}

/// Where the dynamics come to rest.
fn end(w: &Array2<f64>, x: &Array1<f64>, gain: f64) -> Array1<f64> {
    let populations = Populations { w: w.clone(), x: x.clone(), tau: Array1::ones(x.len()), gain };
    match populations.end(&Array1::ones(x.len())) {
        Fate::Settled(r) => r,
        Fate::Moving(_) | Fate::RanAway => Array1::from_elem(x.len(), f64::NAN),
    }
}

fn shifts(params: &Params, outcome: &mut Outcome) -> Result<(), Failure> {
    let (w, x) = pair(1.0);
    let by = w[[0, 1]];
    for &change in &params.changes {
        let mut other = w.clone();
        other[[0, 1]] = by * (1.0 + change);
        let mut push = |label: &str, theory: &Array1<f64>, seen: &Array1<f64>, bias: f64| {
            for (a, name) in ["e", "i"].iter().enumerate() {
                outcome.comparisons.push(Comparison {
                    x: change,
                    theory: theory[a],
                    simulation: Estimate::exact(seen[a]),
                    bias: bias * theory[a].abs().max(1.0),
                    ..row("A", &format!("r_{name}"), "exact shift", label)
                });
            }
        };
        let theory = shifted_rates(&w, &x, (0, 1), by * change).map_err(input)?;
        let states = all_states(&Circuit::new(other.clone(), x.clone()).map_err(input)?).map_err(input)?;
        let both = states.states.iter().find(|state| state.support.len() == 2);
        let limit = both.map_or_else(|| Array1::from_elem(2, f64::NAN), |state| state.r.clone());
        push("N → ∞", &theory, &limit, 1e-12);
        for &size in &params.sizes {
            let finite = &w - &(Array2::<f64>::eye(2) / size.sqrt());
            let theory = shifted_rates(&finite, &x, (0, 1), by * change).map_err(input)?;
            // The dynamics stop where τ dr/dt is 1e-11 of the largest rate.
            push(&format!("N = {size}"), &theory, &end(&other, &x, size.sqrt()), 1e-8);
        }
    }
    Ok(())
}

fn driven(params: &Params, outcome: &mut Outcome) -> Result<(), Failure> {
    for &excitation in &params.excitation {
        let (w, x) = pair(excitation);
        let theory = drive_response(&(&w - &(Array2::<f64>::eye(2) / GAIN))).map_err(input)?[[1, 1]];
        let at = |change: f64| end(&w, &array![x[0], x[1] + change], GAIN)[1];
        outcome.comparisons.push(Comparison {
            x: excitation,
            theory,
            simulation: Estimate::exact((at(DRIVEN) - at(-DRIVEN)) / (2.0 * DRIVEN)),
            // Ends of the dynamics are right to 1e-9; rates are linear in drives.
            bias: 1e-9 / DRIVEN,
            scale: Some(0.1),
            ..row("B", "response of i to its drive", "−(W − 1/g)⁻¹", "g = 10")
        });
    }
    Ok(())
}

/// States of random circuits, in one of whose populations inhibition is taken away; and signs of shifts in pairs.
fn free(params: &Params, seed: Seed, outcome: &mut Outcome, table: &mut SeriesTable) -> Result<(), Failure> {
    let mut rng = seed.stream("circuits").rng(0);
    let mut counts = [[0_usize; 3]; 2];
    let mut rose = 0_usize;
    for _ in 0..params.circuits {
        let mut draw = || rng.random_range(0.1..2.0);
        let mut w = Array2::from_shape_simple_fn((3, 3), &mut draw);
        w.column_mut(2).mapv_inplace(|v| -v);
        let x = Array1::from_shape_simple_fn(3, &mut draw);
        for (kind, w) in [
            (1, w.clone()),
            (0, {
                w[[1, 2]] = 0.0;
                w.clone()
            }),
        ] {
            let found = all_states(&Circuit::new(w, x.clone()).map_err(input)?).map_err(input)?;
            counts[kind][found.states.len().min(2)] += 1;
        }
        // A pair that is balanced: bc > ad.
        let [a, b, c, d] = [draw(), draw(), draw(), draw()];
        let determinant = b * c - a * d;
        if determinant > 0.1 {
            let (w, r) = (array![[a, -b], [c, -d]], array![draw(), draw()]);
            let mut more = w.clone();
            more[[0, 1]] -= 1e-3;
            let found = all_states(&Circuit::new(more, -w.dot(&r)).map_err(input)?).map_err(input)?;
            let both = found.states.iter().find(|state| state.support.len() == 2);
            rose += usize::from(both.is_none_or(|state| state.r[0] >= r[0] || state.r[1] >= r[1]));
        }
    }
    let share = |count: usize| count as f64 / params.circuits as f64;
    for (name, counts) in ["uninhibited", "inhibited"].iter().zip(counts) {
        table.curve("states", name, counts.iter().enumerate().map(|(k, count)| (k as f64, share(*count))));
    }
    for (panel, quantity, theory_name, seen, scale) in [
        (
            "C",
            "circuits with states, one population uninhibited",
            "no state without inhibition",
            counts[0][1] + counts[0][2],
            counts[1][1] + counts[1][2],
        ),
        ("A", "pairs in which a rate rises with inhibition", "both rates fall", rose, params.circuits),
    ] {
        outcome.comparisons.push(Comparison {
            theory: 0.0,
            simulation: Estimate::exact(seen as f64),
            scale: Some(scale as f64),
            ..row(panel, quantity, theory_name, "random circuits")
        });
    }
    Ok(())
}
