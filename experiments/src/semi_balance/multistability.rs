//! Winner-take-all: one state becomes three as coupling within a population outgrows that across.

use super::basins::{Basins, Populations};
use super::compare::{CircuitTable, Params, Sweep};
use super::networks::{drive, two_and_inhibition};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Claim, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable};
use model::Seed;
use ndarray::Array2;
use rayon::prelude::*;

pub struct Multistability;

impl Experiment for Multistability {
    type Params = Params;
    const SECONDS: [f64; 2] = [1.4, 47.8];
    const NAME: &'static str = "multistability";
    const TITLE: &'static str = "all states as coupling within excitatory populations outgrows that across";
    const CAPTION: &'static str = "Two excitatory populations and an inhibitory one at finite gain, w within a population and 2 − w \
        across. (A) Rates of the first population in all states for equal stimuli, (B) with a contrast that favours it. Lines: states by \
        enumeration, stable (solid) and unstable (dashed). Points: ends of the rate dynamics from random starts. (C) Share of starts that \
        end with the first population ahead, 95 % error bars; at contrast 0 it is 1/2 by symmetry. The symmetric state loses its \
        stability where w − (2 − w) = 1/(g √N).";

    fn params(&self, scale: Scale) -> Params {
        let (starts, count) = match scale {
            Scale::Quick => (60, 12),
            Scale::Paper => (400, 24),
        };
        let table = |w: Array2<f64>| w.rows().into_iter().map(|row| row.to_vec()).collect();
        Params {
            starts,
            circuit: CircuitTable { w: table(two_and_inhibition(1.5)), x: drive(0.0).to_vec(), tau: None, gain: 10.0 },
            sweep: Some(Sweep {
                // Between the values at which eigenvalues vanish.
                within: (0..=count).map(|k| 0.5 + 1.02 * f64::from(k) / f64::from(count)).collect(),
                contrasts: vec![0.0, 2.0],
            }),
        }
    }

    fn memory(&self, _params: &Params) -> f64 {
        // A few rates, and as many ends as starts at worst.
        1e6
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        let sweep =
            params.sweep.as_ref().ok_or_else(|| Failure::Input("no sweep (allowed: within and contrasts)".into()))?;
        let points: Vec<(f64, f64)> =
            sweep.contrasts.iter().flat_map(|&c| sweep.within.iter().map(move |&w| (c, w))).collect();
        bench.begin("multistability", points.len());
        let solved: Vec<_> = points
            .par_iter()
            .enumerate()
            .map(|(k, &(contrast, within))| {
                let w = two_and_inhibition(within);
                let populations = Populations { w, x: drive(contrast), ..params.circuit.populations()? };
                let basins = populations.basins(params.starts, seed.replicate(k as u64));
                bench.advance();
                basins
            })
            .collect::<Result<_, _>>()?;
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        for (&(contrast, within), basins) in points.iter().zip(&solved) {
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
            let undecided = basins.stable().count() == 1;
            if settled > 0.0 && !undecided {
                let share = ahead as f64 / settled;
                // Of a binomial law.
                let sem = (share * (1.0 - share) / settled).sqrt();
                let estimate = Estimate { mean: share, sem, replicates: basins.settled() };
                table.estimate("ahead", &label, within, estimate);
                if contrast == 0.0 {
                    outcome.comparisons.push(Comparison {
                        panel: "C".into(),
                        quantity: "share of starts that the first population wins".into(),
                        theory_name: "symmetry".into(),
                        claim: Claim::Equals,
                        label,
                        x: within,
                        theory: 0.5,
                        simulation: estimate,
                        bias: 0.0,
                    });
                }
            }
        }
        onset(&points, &solved, params, &mut outcome);
        outcome.frames.push(table.into_frame());
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let supports = [("both", "[0, 1, 2]"), ("the first", "[0, 2]"), ("the second", "[1, 2]")];
        let states = |letter, title: &str, contrast: &str| {
            // Below the lines, which their filling would hide.
            let mut marks = vec![outcome.mark(Kind::Open, 7, "dynamics", contrast, "ends")];
            for (colour, (name, support)) in supports.iter().enumerate() {
                marks.push(outcome.mark(
                    Kind::Line,
                    colour,
                    &format!("{name} active"),
                    contrast,
                    &format!("stable {support}"),
                ));
                marks.push(outcome.mark(Kind::Dashed, colour, "", contrast, &format!("unstable {support}")));
            }
            marks.retain(|m| !m.x.is_empty());
            Panel {
                letter,
                title: title.into(),
                x: Axis::linear("coupling within *w*").between(0.45, 1.55),
                y: Axis::linear("rate *r*_{e1} (Hz)").between(-1.0, 30.0),
                right: None,
                marks,
                legend: Legend::TopLeft,
            }
        };
        Figure {
            width_mm: 180.0,
            row_mm: 60.0,
            rows: vec![vec![
                states("A", "equal stimuli", "contrast 0"),
                states("B", "contrast 2 Hz", "contrast 2"),
                Panel {
                    letter: "C",
                    title: String::new(),
                    x: Axis::linear("coupling within *w*").between(0.45, 1.55),
                    y: Axis::linear("share that e1 wins").between(0.0, 1.05),
                    right: None,
                    marks: vec![
                        outcome.mark(Kind::Points, 0, "equal stimuli", "ahead", "contrast 0"),
                        outcome.mark(Kind::Points, 1, "contrast 2 Hz", "ahead", "contrast 2"),
                    ],
                    legend: Legend::TopLeft,
                },
            ]],
        }
    }
}

/// The coupling at which runs begin to end in two states, at equal stimuli: the antisymmetric mode has the eigenvalue
/// w − (2 − w) − 1/g, so the symmetric state is stable below w = 1 + 1/(2 g).
fn onset(points: &[(f64, f64)], solved: &[Basins], params: &Params, outcome: &mut Outcome) {
    let ends: Vec<(f64, usize)> =
        points.iter().zip(solved).filter(|((c, _), _)| *c == 0.0).map(|((_, w), b)| (*w, b.ends.len())).collect();
    for pair in ends.windows(2).filter(|pair| pair[0].1 == 1 && pair[1].1 == 2) {
        let (below, above) = (pair[0].0, pair[1].0);
        outcome.comparisons.push(Comparison {
            panel: "A".into(),
            quantity: "coupling at which one end becomes two".into(),
            theory_name: "1 + 1/(2 g)".into(),
            claim: Claim::Equals,
            label: "contrast 0".into(),
            x: 0.0,
            theory: 1.0 + 0.5 / params.circuit.gain,
            simulation: Estimate::exact(0.5 * (below + above)),
            // It lies between the two.
            bias: 0.5 * (above - below),
        });
    }
}
