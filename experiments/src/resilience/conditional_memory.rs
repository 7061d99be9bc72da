//! Memory that depends on context: more patterns, and fewer bits.

use lab::input::{count_within, counts_within};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Claim, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use meanfield::{RECALLED, conditional_capacity, conditional_overlap};
use model::Seed;
use rand::RngExt;
use serde::{Deserialize, Serialize};
use simulation::ConditionalMemory;

pub struct Conditional;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Units.
    units: usize,
    /// Contexts; each has a share of one over their root of the units.
    contexts: Vec<usize>,
    /// Networks.
    networks: usize,
    /// Patterns recalled of each.
    trials: usize,
}

/// Share of units that are turned at first.
const ERRORS: f64 = 0.1;

impl Experiment for Conditional {
    type Params = Params;
    const SECONDS: [f64; 2] = [3.0, 60.0];
    const NAME: &'static str = "conditional-memory";
    const TITLE: &'static str = "memory that depends on context: more patterns, fewer bits";
    const CAPTION: &'static str = include_str!("conditional_memory.md");

    fn params(&self, scale: Scale) -> Params {
        match scale {
            Scale::Quick => Params { units: 400, contexts: vec![1, 16], networks: 3, trials: 12 },
            Scale::Paper => Params { units: 1000, contexts: vec![1, 4, 16], networks: 10, trials: 24 },
        }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        count_within("units", params.units, 100, 20_000)?;
        counts_within("contexts", &params.contexts, 1, params.units / 10)?;
        count_within("networks", params.networks, 3, 1000)?;
        count_within("trials", params.trials, 1, 1000)
    }

    fn memory(&self, params: &Params) -> f64 {
        2.0 * (params.units as f64).powi(2)
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        bench.begin("conditional-memory", params.contexts.len() * params.networks);
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        let n = params.units as f64;
        for &contexts in &params.contexts {
            let (m, share) = (contexts as f64, 1.0 / (contexts as f64).sqrt());
            let theory = conditional_capacity(n, m, share);
            let label = format!("{contexts} context{}", if contexts == 1 { "" } else { "s" });
            let of = (Self::NAME, params, contexts);
            let one = |_, seed| Ok(capacity(params, contexts, theory, seed));
            let capacities: Vec<f64> = bench.each(&of, seed, params.networks, one)?;
            let seen = Estimate::of(capacities.iter().map(|p| p / n));
            let mut push = |panel: &str, quantity: &str, theory: f64, simulation: Estimate, claim: Claim| {
                outcome.comparisons.push(Comparison {
                    x: m,
                    theory,
                    simulation,
                    claim,
                    scale: Some(theory),
                    ..row(panel, quantity, "two noises", &label)
                });
            };
            push("B", "capacity over N", theory / n, seen, Claim::Lower);
            let bits = Estimate::of(capacities.iter().map(|p| p * share / n));
            // Capacity again, in another unit.
            push("C", "bits per entry", theory * share / n, bits, Claim::Contrast);
            for step in 1..=24 {
                let patterns = theory * f64::from(step) / 14.0;
                table.point("overlap, theory", &label, patterns / n, conditional_overlap(n, patterns, m, share));
            }
            for step in [4, 8, 12, 14, 16, 18, 20, 24] {
                let own = ((theory * f64::from(step) / 14.0) / m).round().max(1.0) as usize;
                let seen = overlap(params, contexts, own, seed);
                table.point("overlap, seen", &label, own as f64 * m / n, seen);
            }
        }
        outcome.series = table;
        compare(&mut outcome);
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let labels: Vec<&str> = outcome.labels("capacity over N");
        let empty =
            Panel::new("A", "recall", Axis::linear("patterns over *N*"), Axis::linear("overlap").between(0.0, 1.05));
        let recall = labels.iter().enumerate().fold(empty, |panel, (colour, label)| {
            panel.with([
                outcome.mark(Kind::Trace, colour, "", "overlap, theory", label),
                outcome.mark(Kind::Points, colour, label, "overlap, seen", label),
            ])
        });
        let contexts = || Axis::log("contexts");
        let rows = |quantity: &str| outcome.rows(|row| row.quantity == quantity && row.theory_name == "two noises");
        let capacity =
            Panel::new("B", "more patterns", contexts(), Axis::linear("capacity over *N*").between(0.0, 0.5)).compared(
                &rows("capacity over N"),
                0,
                "",
            );
        let bits = Panel::new("C", "fewer bits", contexts(), Axis::linear("bits per entry").between(0.0, 0.2))
            .compared(&rows("bits per entry"), 0, "");
        Figure::new(66.0, vec![vec![recall.legend(Legend::BottomLeft), capacity, bits]])
            .key(Kind::Points, "networks")
            .key(Kind::Line, "two noises (B, C)")
            .key(Kind::Trace, "two noises (A)")
    }
}

/// Mean overlap of so many patterns a context.
fn overlap(params: &Params, contexts: usize, patterns: usize, seed: Seed) -> f64 {
    let mut rng = seed.stream("memory").rng(patterns as u64);
    let share = 1.0 / (contexts as f64).sqrt();
    let memory = ConditionalMemory::random(params.units, contexts, share, patterns, &mut rng);
    let trial = |_| {
        let shown = rng.random_range(0..memory.patterns());
        memory.recall(shown, ERRORS, &mut rng)
    };
    (0..params.trials).map(trial).sum::<f64>() / params.trials as f64
}

/// The most patterns of a network that are recalled, by halves about what theory says.
fn capacity(params: &Params, contexts: usize, theory: f64, seed: Seed) -> f64 {
    let own = |patterns: f64| ((patterns / contexts as f64).round() as usize).max(1);
    let (mut low, mut high) = (own(0.4 * theory), own(2.5 * theory) + 1);
    while high - low > 1 {
        let middle = usize::midpoint(low, high);
        if overlap(params, contexts, middle, seed) > RECALLED { low = middle } else { high = middle }
    }
    (low * contexts) as f64
}

/// What contexts bring, first against last.
fn compare(outcome: &mut Outcome) {
    for (quantity, claim, name) in [
        ("capacity over N", Claim::Lower, "contexts store more patterns"),
        ("bits per entry", Claim::Upper, "contexts store fewer bits"),
    ] {
        let own: Vec<&Comparison> = outcome.rows(|row| row.quantity == quantity);
        let (Some(first), Some(last)) = (own.first(), own.last()) else { continue };
        let (one, many) = (first.simulation, last.simulation);
        let simulation = Estimate { mean: many.mean - one.mean, sem: libm::hypot(one.sem, many.sem), ..many };
        let rows = Comparison {
            x: last.x,
            theory: 0.0,
            simulation,
            claim,
            scale: Some(one.mean),
            ..row("B", &format!("{quantity}, many contexts less one"), name, &last.label)
        };
        if own.len() > 1 {
            outcome.comparisons.push(rows);
        }
    }
}
