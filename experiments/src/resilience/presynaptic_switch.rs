//! Modulation of synapses where they come from: the shortest pulse that switches a pair of pools.

use lab::input::{all_within, count_within, within};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use meanfield::{least_weakening, one_wins, shortest_pulse};
use model::Seed;
use serde::{Deserialize, Serialize};
use simulation::RivalPools;

pub struct PresynapticSwitch;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// w, by which a pool excites itself, and u, by which it holds the other down.
    couplings: [f64; 2],
    /// I.
    input: f64,
    /// Inputs at which the least weakening that switches is looked for.
    inputs: Vec<f64>,
    /// Shares by which all that the active pool sends out is weakened.
    weakened: Vec<f64>,
    /// Standard deviations of what fluctuates in each unit, and of thresholds over units.
    spreads: [f64; 2],
    /// Units of a pool.
    units: usize,
    /// Realisations.
    replicates: usize,
}

/// Longest pulse, in τ.
const LONGEST: f64 = 60.0;

/// A step of the simulation, in τ: by one pulses are told apart, and Euler's method lags by half of one for each time that the winner grows e-fold.
const STEP: f64 = 0.02;

/// Digits of the least weakening.
const FINE: f64 = 1e-3;

impl Experiment for PresynapticSwitch {
    type Params = Params;
    const SECONDS: [f64; 2] = [4.0, 20.0];
    const NAME: &'static str = "presynaptic-switch";
    const TITLE: &'static str = "how long a modulator has to act to switch a pair of pools";
    const CAPTION: &'static str = include_str!("presynaptic_switch.md");

    fn params(&self, scale: Scale) -> Params {
        let (units, replicates) = if scale == Scale::Quick { (200, 8) } else { (800, 16) };
        Params {
            couplings: [1.5, 1.5],
            input: 0.5,
            inputs: vec![0.3, 0.4, 0.5, 0.6, 0.7, 0.8],
            weakened: vec![0.5, 0.6, 0.7, 0.8, 0.9, 1.0],
            spreads: [0.64, 0.15],
            units,
            replicates,
        }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        let [own, other] = params.couplings;
        // A slower pool takes longer to win than it is watched.
        within("couplings[0]", own, 1.2, 10.0)?;
        within("couplings[1]", other, 0.1, 20.0)?;
        for (key, inputs) in [("input", &[params.input][..]), ("inputs", &params.inputs)] {
            all_within(key, inputs, 0.01, 10.0)?;
            if let Some(input) = inputs.iter().find(|input| !one_wins([own, other, **input])) {
                let most = other.min(1.0 + other - own).max(0.0);
                return Err(Failure::Input(format!(
                    "{key}: {input} (allowed: below {most:.4} at these couplings, where one pool wins)"
                )));
            }
        }
        all_within("weakened", &params.weakened, 0.0, 1.0)?;
        all_within("spreads", &params.spreads, 0.0, 10.0)?;
        count_within("units", params.units, 20, 100_000)?;
        count_within("replicates", params.replicates, 3, 10_000)
    }

    fn memory(&self, params: &Params) -> f64 {
        64.0 * params.units as f64
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        bench.begin("presynaptic-switch", params.weakened.len() * (3 + params.replicates) + params.inputs.len());
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        let [own, other] = params.couplings;
        let pools = |input: f64, [noise, thresholds]: [f64; 2]| {
            // Units without noise are all alike.
            let units = if noise == 0.0 && thresholds == 0.0 { 1 } else { params.units };
            RivalPools { units, own, other, input, noise, thresholds }
        };
        for (name, spreads) in [("no noise", [0.0; 2]), ("noise", params.spreads)] {
            let spread = libm::hypot(spreads[0], spreads[1]);
            let theory = |weakened: f64| shortest_pulse([own, other, params.input], spread, weakened);
            // Under much noise neither pool wins, and there is nothing to switch.
            if theory(1.0).is_none() {
                continue;
            }
            for &weakened in &params.weakened {
                let pools = pools(params.input, spreads);
                // Units that are all alike differ from run to run by nothing.
                let replicates = if pools.units == 1 { 3 } else { params.replicates };
                let pulses = bench.each(&(Self::NAME, params, name, weakened), seed, replicates, |_, seed| {
                    Ok(pools.shortest_pulse(weakened, LONGEST, &seed.stream("pools").rng(0)))
                })?;
                let wanted = theory(weakened).filter(|pulse| *pulse < LONGEST);
                let switched = Estimate::of(pulses.iter().map(|pulse| f64::from(u8::from(pulse.is_some()))));
                outcome.comparisons.push(Comparison {
                    x: weakened,
                    theory: f64::from(u8::from(wanted.is_some())),
                    simulation: switched,
                    scale: Some(1.0),
                    ..row("A", "share of pairs that some pulse switches", "two mean rates", name)
                });
                let Some(wanted) = wanted else { continue };
                outcome.comparisons.push(Comparison {
                    x: weakened,
                    theory: wanted,
                    simulation: Estimate::of(pulses.iter().map(|pulse| pulse.unwrap_or(f64::NAN))),
                    bias: STEP * (1.0 + 0.5 * wanted),
                    ..row("A", "shortest pulse that switches", "two mean rates", name)
                });
            }
            let fine = (0..=120).map(|k| 0.4 + 0.005 * f64::from(k));
            let line = fine.map(|share| (share, theory(share).filter(|pulse| *pulse < LONGEST).unwrap_or(f64::NAN)));
            table.curve("pulse", name, line);
        }
        for &input in &params.inputs {
            let pools = pools(input, [0.0; 2]);
            let mut rng = seed.stream("pools").rng(0);
            let least = least_share(|share| pools.switches(LONGEST, share, &mut rng));
            bench.advance();
            outcome.comparisons.push(Comparison {
                x: input,
                theory: least_weakening([own, other, input]),
                simulation: Estimate::exact(least),
                // By halves, and a pulse is not endless.
                bias: 2.0 * FINE,
                ..row("B", "least weakening that switches", "1 − max(I/u, 1/(w + u))", "no noise")
            });
        }
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let empty = Panel::new(
            "A",
            "shortest pulse",
            Axis::linear("share weakened"),
            Axis::linear("pulse (τ)").between(0.0, 8.0),
        );
        let pulse = ["no noise", "noise"].iter().enumerate().fold(empty, |panel, (colour, name)| {
            let rows = outcome.of("shortest pulse that switches", name);
            panel
                .with([outcome.mark(Kind::Line, colour, "", "pulse", name)])
                .judged(&rows, colour)
                .simulated(&rows, colour, name)
        });
        let least = Panel::new("B", "least weakening", Axis::linear("input *I*"), Axis::linear("share weakened"))
            .compared(&outcome.rows(|row| row.panel == "B"), 0, "");
        Figure::new(66.0, vec![vec![pulse.legend(Legend::TopRight), least]])
            .key(Kind::Points, "pools of units")
            .key(Kind::Line, "two mean rates")
    }
}

/// The smallest share that does it, by halves; NaN if the whole does not.
fn least_share(mut does: impl FnMut(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    if !does(high) {
        return f64::NAN;
    }
    while high - low > FINE {
        let middle = 0.5 * (low + high);
        if does(middle) { high = middle } else { low = middle }
    }
    high
}
