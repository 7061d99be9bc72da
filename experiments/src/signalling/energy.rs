//! Cyclic AMP, the ratio of AMP to ATP, and AMPK: closed forms beside reactions in time.

use lab::input::all_within;
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Claim, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use model::Seed;
use serde::{Deserialize, Serialize};
use signalling::EnergySwitch;
use systems::reaction_network::refused;

pub struct Energy;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// µM of cyclic AMP that are made a second.
    drives: Vec<f64>,
    /// Energy and loop.
    switch: EnergySwitch,
}

/// Seconds after which all but mTORC1 is at rest: hundreds of the slowest time of energy and AMPK.
const LONG: f64 = 3e4;

impl Experiment for Energy {
    type Params = Params;
    const SECONDS: [f64; 2] = [0.2, 0.5];
    const NAME: &'static str = "energy";
    const TITLE: &'static str = "cyclic AMP, the ratio of AMP to ATP, and AMPK";
    const CAPTION: &'static str = include_str!("energy.md");

    fn params(&self, scale: Scale) -> Params {
        let drives = match scale {
            Scale::Quick => vec![0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0],
            Scale::Paper => (0..=50).map(f64::from).collect(),
        };
        Params { drives, switch: EnergySwitch::default() }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        params.switch.validate().map_err(refused)?;
        let most = params.switch.adenine / (1.0 / params.switch.kp + 1.0 / params.switch.ka);
        all_within("drives", &params.drives, 0.0, 0.99 * most)
    }

    fn memory(&self, _: &Params) -> f64 {
        1e6
    }

    fn run(&self, params: &Params, _: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        bench.begin("energy", params.drives.len());
        let own = &params.switch;
        let direct = EnergySwitch { gamma: 0.0, ..own.clone() };
        let null = EnergySwitch { off: [own.off[0], 0.0, own.off[2]], ..own.clone() };
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        for &v in &params.drives {
            let (Some((ratio, atp)), Some((alone, _))) = (own.ratio(v), direct.ratio(v)) else {
                return Err(Failure::Input(format!("drives: {v}: no ATP is left (allowed: less)")));
            };
            let start = own.at_rest(own.rest[1] * own.kp, own.states(own.off_rate(own.ampk(own.rest[0])))[0]);
            let start = start.ok_or_else(|| Failure::Input("switch: no state at rest".into()))?;
            let end = own.run(start, (v, 0.0), LONG, |_, _, _| true);
            let end = end.map_err(|_| Failure::Input(format!("drives: {v}: reactions cannot be followed")))?;
            let seen = end[2] / end[0];
            for (panel, quantity, theory, simulation) in [
                ("A", "AMP:ATP", ratio, seen),
                ("A", "ATP (µM)", atp, end[0]),
                ("B", "AMPK", own.ampk(ratio), end[3]),
                ("C", "rate at which mTORC1 goes off (1/s)", own.off_rate(own.ampk(ratio)), {
                    own.off[0] + own.off[1] * end[4] + own.off[2] * end[5]
                }),
            ] {
                outcome.comparisons.push(Comparison {
                    x: v,
                    theory,
                    simulation: Estimate::exact(simulation),
                    // Steps in time are right to 1e-9 of each amount.
                    bias: 1e-9 * theory,
                    ..row(panel, quantity, "closed form", "energy")
                });
            }
            outcome.comparisons.push(Comparison {
                x: v,
                theory: alone,
                simulation: Estimate::exact(seen),
                claim: Claim::Contrast,
                ..row("A", "AMP:ATP", "direct route alone", "energy")
            });
            table.point("off", "without TSC2", v, null.off_rate(null.ampk(ratio)));
            bench.advance();
        }
        rest(own, &mut outcome);
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let v = || Axis::linear("cyclic AMP made (µM/s)");
        let of = |quantity: &str, theory: &str| outcome.by(theory, quantity, "energy");
        let ratio = Panel::new("A", "ratio of AMP to ATP", v(), Axis::linear("AMP:ATP"))
            .compared(&of("AMP:ATP", "closed form"), 0, "both routes")
            .theory(&of("AMP:ATP", "direct route alone"), 1, "direct route")
            .compared(&outcome.rows(|row| row.label == "at rest"), 7, "published")
            .legend(Legend::TopLeft);
        let ampk = Panel::new("B", "AMPK", v(), Axis::linear("active share").between(0.0, 1.0)).compared(
            &of("AMPK", "closed form"),
            0,
            "",
        );
        let off = Panel::new("C", "mTORC1 goes off", v(), Axis::linear("rate (1/s)"))
            .compared(&of("rate at which mTORC1 goes off", "closed form"), 0, "both targets")
            .with([outcome.mark(Kind::Dashed, 7, "without TSC2", "off", "without TSC2")])
            .legend(Legend::BottomRight);
        Figure::new(66.0, vec![vec![ratio, ampk, off]])
            .key(Kind::Points, "reactions in time")
            .key(Kind::Line, "closed form")
            .key(Kind::Dashed, "one route, one target")
    }
}

/// The ratio at rest, which the demand was set to; and how far the direct route would have to be driven.
fn rest(own: &EnergySwitch, outcome: &mut Outcome) {
    // What is known is known of one switch.
    if *own != EnergySwitch::default() {
        return;
    }
    let seen = own.ratio(own.rest[1] * own.kp).map_or(f64::NAN, |(ratio, _)| ratio);
    outcome.comparisons.push(Comparison {
        x: own.rest[1] * own.kp,
        theory: 0.01,
        simulation: Estimate::exact(seen),
        claim: Claim::Contrast,
        ..row("A", "AMP:ATP at rest, as set", "published:Hardie & Hawley 2001", "at rest")
    });
    let fast = EnergySwitch { gamma: 0.0, ka: 50.0, ..own.clone() };
    let off = fast.folds().and_then(|[_, off]| fast.drive(off.b));
    outcome.comparisons.push(Comparison {
        theory: 1820.0,
        simulation: Estimate::exact(off.unwrap_or(f64::NAN)),
        // Three digits.
        bias: 5.0,
        ..row("A", "drive that switches mTORC1 off by the direct route (µM/s)", "reference:independent fold", "ka 50/s")
    });
}
