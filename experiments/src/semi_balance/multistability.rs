//! Winner-take-all: one state becomes three as coupling within a population outgrows that across.

use super::networks::{drive, two_and_inhibition};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Comparison, Estimate, Outcome, Plan, Scale, SeriesTable, Study, Sweep, row};
use systems::circuit::{Basins, CircuitSystem, CircuitTable, Measured, basins};

pub struct Multistability;

impl Study for Multistability {
    type System = CircuitSystem;
    const SECONDS: [f64; 2] = [1.4, 18.2];
    const NAME: &'static str = "multistability";
    const TITLE: &'static str = "all states as coupling within excitatory populations outgrows that across";
    const CAPTION: &'static str = include_str!("multistability.md");

    fn plans(&self, scale: Scale) -> Vec<Plan<CircuitSystem>> {
        let (starts, count) = match scale {
            Scale::Quick => (60, 12),
            Scale::Paper => (400, 24),
        };
        // Between the values at which eigenvalues vanish.
        let within: Vec<f64> = (0..=count).map(|k| 0.5 + 1.02 * f64::from(k) / f64::from(count)).collect();
        let across: Vec<f64> = within.iter().map(|w| 2.0 - w).collect();
        let contrasts = [0.0, 2.0];
        let drives = contrasts.map(|contrast| drive(contrast).to_vec());
        let own = |k: usize| (0..within.len()).map(|j| (k * within.len() + j) as i64).collect::<Vec<_>>();
        let by_contrast =
            Sweep::of("contrast", contrasts).with("circuit.X", drives).with("draw", [own(0)[0], own(1)[0]]);
        let by_coupling = Sweep::of("within", within.clone())
            .with("circuit.W.0.0", within.clone())
            .with("circuit.W.1.1", within.clone())
            .with("circuit.W.0.1", across.clone())
            .with("circuit.W.1.0", across)
            .with("draw", own(0));
        let circuit = CircuitTable::new(&two_and_inhibition(1.5), &drive(0.0), 10.0);
        vec![Plan::new("", starts, CircuitSystem { circuit }).along(by_contrast).along(by_coupling)]
    }

    fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        let mut table = SeriesTable::new();
        let mut solved = Vec::new();
        for measured in all {
            let Some(basins) = basins(measured, outcome) else { continue };
            point(measured, &basins, outcome, &mut table);
            solved.push((contrast(measured), measured.case.x, measured.case.system.circuit.gain, basins));
        }
        onset(&solved, outcome);
        outcome.series = table;
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let supports = [("both", "[0, 1, 2]"), ("the first", "[0, 2]"), ("the second", "[1, 2]")];
        let states = |letter, title: &str, contrast: &str| {
            let axes = Panel::new(
                letter,
                title,
                Axis::linear("coupling within *w*").between(0.45, 1.55),
                Axis::linear("rate *r*_{e1} (Hz)").between(-1.0, 30.0),
            );
            // Below the lines, which their filling would hide.
            let ends = [outcome.mark(Kind::Open, 7, "", contrast, "ends")];
            let states = supports.iter().enumerate().flat_map(|(colour, (name, support))| {
                let of = |kind, label: &str, stability: &str| {
                    outcome.mark(kind, colour, label, contrast, &format!("{stability} {support}"))
                };
                [of(Kind::Line, &format!("{name} active"), "stable"), of(Kind::Dashed, "", "unstable")]
            });
            let rows = outcome.rows(|row| row.label == contrast && row.quantity.starts_with("r[0]"));
            axes.with(ends).with(states).judged(&rows, 6).legend(Legend::TopLeft)
        };
        let wins = "share of starts that the first population wins";
        let shares = Panel::new(
            "C",
            "who wins where both could",
            Axis::linear("coupling within *w*").between(0.45, 1.55),
            Axis::linear("share that e1 wins").between(0.0, 1.05),
        );
        let shares = shares.compared(&outcome.of(wins, "contrast 0"), 0, "equal stimuli").with([outcome.mark(
            Kind::Squares,
            1,
            "contrast 2 Hz",
            "ahead",
            "contrast 2",
        )]);
        let row = vec![
            states("A", "equal stimuli", "contrast 0"),
            states("B", "contrast 2 Hz", "contrast 2"),
            shares.legend(Legend::BottomLeft),
        ];
        Figure::new(64.0, vec![row])
            .key(Kind::Open, "ends of the dynamics")
            .key(Kind::Line, "stable state; symmetry in C")
            .key(Kind::Dashed, "unstable state")
            .key(Kind::Squares, "simulation, no theory")
    }
}

/// Contrast in Hz.
fn contrast(measured: &Measured) -> f64 {
    measured.case.swept_number("contrast").unwrap_or(f64::NAN)
}

fn point(measured: &Measured, basins: &Basins, outcome: &mut Outcome, table: &mut SeriesTable) {
    let (contrast, within) = (contrast(measured), measured.case.x);
    let panel = if contrast == 0.0 { "A" } else { "B" };
    let label = format!("contrast {contrast}");
    basins.compare(panel, &label, within, &mut outcome.comparisons);
    for state in &basins.states.states {
        let kind = if state.stability.stable { "stable" } else { "unstable" };
        // One curve for each support, so that lines do not jump from one to the other.
        table.point(&label, &format!("{kind} {:?}", state.support), within, state.r[0]);
    }
    for (end, _) in &basins.ends {
        table.point(&label, "ends", within, end[0]);
    }
    let settled = basins.settled() as f64;
    let ahead = basins.ends.iter().filter(|(r, _)| r[0] > r[1] * (1.0 + 1e-6)).map(|(_, n)| *n).sum::<usize>();
    if settled == 0.0 || basins.stable().count() == 1 {
        return;
    }
    let share = ahead as f64 / settled;
    // Of a binomial law.
    let sem = (share * (1.0 - share) / settled).sqrt();
    let simulation = Estimate { mean: share, sem, replicates: basins.settled() };
    table.estimate("ahead", &label, within, simulation);
    if contrast == 0.0 {
        let row = row("C", "share of starts that the first population wins", "symmetry", &label);
        outcome.comparisons.push(Comparison { x: within, theory: 0.5, simulation, ..row });
    }
}

/// The coupling at which runs begin to end in two states, at equal stimuli: the antisymmetric mode has the eigenvalue
/// w − (2 − w) − 1/g, so the symmetric state is stable below w = 1 + 1/(2 g).
fn onset(solved: &[(f64, f64, f64, Basins)], outcome: &mut Outcome) {
    let equal: Vec<_> = solved.iter().filter(|(contrast, ..)| *contrast == 0.0).collect();
    for pair in equal.windows(2).filter(|pair| pair[0].3.ends.len() == 1 && pair[1].3.ends.len() == 2) {
        let (below, above) = (pair[0].1, pair[1].1);
        outcome.comparisons.push(Comparison {
            theory: 1.0 + 0.5 / pair[0].2,
            simulation: Estimate::exact(0.5 * (below + above)),
            // It lies between the two.
            bias: 0.5 * (above - below),
            ..row("A", "coupling at which one end becomes two", "1 + 1/(2 g)", "contrast 0")
        });
    }
}
