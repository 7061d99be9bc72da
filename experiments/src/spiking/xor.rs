//! Exclusive or of two stimuli by a linear readout of spiking rates: impossible for a balanced network, possible for a semi-balanced one.

use super::networks::{MEAN, SIZE, external_rates, s3};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Claim, Comparison, Estimate, Outcome, Plan, Scale, SeriesTable, Study, Sweep, row};
use meanfield::SpikingRates;
use simulation::spiking::SpikingRun;
use systems::spiking_network::{FINITE, Measured, Sample, SpikingSystem, finite};

pub struct Xor;

const POPULATIONS: [&str; 3] = ["e1", "e2", "i"];

impl Study for Xor {
    type System = SpikingSystem;
    const SECONDS: [f64; 2] = [6.7, 241.0];
    const NAME: &'static str = "xor";
    const TITLE: &'static str = "exclusive or of two stimuli, read linearly from a semi-balanced spiking network";
    const CAPTION: &'static str = include_str!("xor.md");

    fn plans(&self, scale: Scale) -> Vec<Plan<SpikingSystem>> {
        let (sizes, contrasts, replicates, run) = match scale {
            Scale::Quick => (vec![5000], vec![1.0, 4.0, 8.0], 5, SpikingRun::lasting(3_000.0, 500.0)),
            Scale::Paper => (
                vec![5000, 20_000],
                vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0],
                10,
                SpikingRun::lasting(10_000.0, 500.0),
            ),
        };
        // Different, different, equal, equal; one draw of connections sees all four.
        let stimuli = contrasts.iter().flat_map(|&x| {
            let (low, high) = (MEAN - x, MEAN + x);
            [[high, low], [low, high], [high, high], [low, low]].map(|rates| (x, rates))
        });
        let (x, rates): (Vec<f64>, Vec<[f64; 2]>) = stimuli.unzip();
        let of_size = x.len() as i64;
        let draws: Vec<i64> = (0..of_size).map(|k| k / 4 * 4).collect();
        let sizes_draws: Vec<i64> = (0..sizes.len() as i64).map(|k| k * of_size).collect();
        let by_size = Sweep::of("N", sizes.clone()).with(SIZE, sizes).with("draw", sizes_draws);
        let by_stimulus = external_rates(Sweep::of("contrast", x), &rates).with("draw", draws);
        let system = SpikingSystem { run, network: s3(5000, MEAN, MEAN) };
        vec![Plan::new("", replicates, system).along(by_size).along(by_stimulus)]
    }

    fn compare(&self, all: &[Measured], outcome: &mut Outcome) {
        let mut table = SeriesTable::new();
        for four in all.as_chunks::<4>().0 {
            gaps(four, outcome, &mut table);
        }
        outcome.series = table;
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let labels = outcome.labels("gap of r_i");
        let panel = |letter, title: &str| {
            Panel::new(letter, title, Axis::linear("contrast δ (Hz)"), Axis::linear("difference of rates (Hz)"))
        };
        let mut gaps = panel("A", "XOR gap of rates");
        let mut readout = panel("B", "readout that XOR needs");
        for (k, label) in labels.iter().enumerate() {
            let shown = label.replace("N =", "*N* =");
            for (colour, name, population) in [(1, "e1", "excitatory"), (0, "i", "inhibitory")] {
                let rows = outcome.rows(|row| {
                    row.quantity == format!("gap of r_{name}") && row.label == *label && row.theory_name != LINEAR
                });
                gaps = gaps.compared(&rows, colour + 2 * k, &format!("{population}, {shown}"));
            }
            let of = |kind, legend: &str, what: &str| outcome.mark(kind, k, legend, &format!("readout {label}"), what);
            readout = readout.with([
                of(Kind::Trace, "", "theory"),
                of(Kind::Squares, &format!("different, {shown}"), "different"),
                of(Kind::Open, &format!("equal, {shown}"), "equal"),
            ]);
        }
        let row = vec![gaps.legend(Legend::TopLeft), readout.legend(Legend::TopLeft)];
        Figure::new(68.0, vec![row])
            .key(Kind::Trace, "theory (B)")
            .key(Kind::Squares, "simulation, different stimuli (B)")
            .key(Kind::Open, "simulation, equal stimuli (B)")
    }
}

/// What XOR needs, in the table.
const LINEAR: &str = "more than linear";

/// r(a, b) + r(b, a) − r(a, a) − r(b, b).
fn gap(rates: [f64; 4]) -> f64 {
    rates[0] + rates[1] - rates[2] - rates[3]
}

/// The gap of population a as N → ∞.
fn limit(four: &[Measured; 4], a: usize) -> f64 {
    gap([0, 1, 2, 3].map(|c| four[c].predicted.semi.as_ref().map_or(f64::NAN, |s| s[a])))
}

/// Rows of four stimuli: different, different, equal, equal.
fn gaps(four: &[Measured; 4], outcome: &mut Outcome, table: &mut SeriesTable) {
    let lab::Case { label, x, .. } = &four[0].case;
    let draws = four.iter().map(|m| m.seen.len()).min().unwrap_or(0);
    let of =
        |f: &dyn Fn(&Sample) -> f64| Estimate::of((0..draws).map(|k| gap([0, 1, 2, 3].map(|c| f(&four[c].seen[k])))));
    for (a, name) in POPULATIONS.iter().enumerate() {
        let simulation = of(&|s| s.rates[a]);
        let predicted = gap([0, 1, 2, 3].map(|c| finite(&four[c], |f: &SpikingRates| f.rates[a])));
        // Errors of rates have one sign: those of the two pairs cancel, but for the larger one.
        let error = |cases: [usize; 2]| cases.iter().map(|&c| finite(&four[c], |f| f.rate_error[a])).sum::<f64>();
        let bias = error([0, 1]).max(error([2, 3]));
        // What the bias could hide is not claimed; where theory has no answer, the claim fails.
        let hidden = bias >= predicted;
        let claim = if hidden { Claim::Contrast } else { Claim::Equals };
        let above = if hidden { Claim::Contrast } else { Claim::Lower };
        let rows = [
            (FINITE, predicted, bias, claim),
            ("semi-balanced, N to infinity", limit(four, a), 0.0, Claim::Contrast),
            (LINEAR, 0.0, 0.0, above),
        ];
        for (theory_name, theory, bias, claim) in rows {
            outcome.comparisons.push(Comparison {
                x: *x,
                theory,
                simulation,
                bias,
                claim,
                scale: Some(predicted.abs()),
                ..row("A", &format!("gap of r_{name} (Hz)"), theory_name, label)
            });
        }
    }
    readouts(four, draws, outcome, table);
}

/// The readout that theory makes 0 for both equal stimuli.
fn readouts(four: &[Measured; 4], draws: usize, outcome: &mut Outcome, table: &mut SeriesTable) {
    let lab::Case { label, x, .. } = &four[0].case;
    let together = |r: &[f64]| (r[0] + r[1], r[2]);
    let theory =
        |c: usize| four[c].predicted.finite.as_ref().map_or((f64::NAN, f64::NAN), |f| together(&f.rates.to_vec()));
    let ((s_high, i_high), (s_low, i_low)) = (theory(2), theory(3));
    let slope = (s_high - s_low) / (i_high - i_low);
    let read = |(s, i): (f64, f64)| s - s_low - slope * (i - i_low);
    let predicted = read(theory(0));
    let at = |c: usize, k: usize| predicted.signum() * read(together(&four[c].seen[k].rates));
    let different = |k: usize| at(0, k).min(at(1, k));
    let equal = |k: usize| at(2, k).max(at(3, k));
    let over = |of: &dyn Fn(usize) -> f64| Estimate::of((0..draws).map(of));
    // What theory may be wrong by: of the two excitatory rates and c times the inhibitory one, in the worst of the four.
    let error = four.iter().map(|m| finite(m, |f| f.rate_error[0] + f.rate_error[1] + slope * f.rate_error[2]));
    let error = error.fold(0.0, |most: f64, e| if e.is_nan() { f64::INFINITY } else { most.max(e) });
    outcome.comparisons.push(Comparison {
        x: *x,
        theory: 0.0,
        simulation: over(&|k| different(k) - equal(k)),
        claim: if predicted.abs() > error { Claim::Lower } else { Claim::Contrast },
        scale: Some(predicted.abs()),
        ..row("B", "margin of the readout (Hz)", "different above equal", label)
    });
    table.estimate(&format!("readout {label}"), "different", *x, over(&different));
    table.estimate(&format!("readout {label}"), "equal", *x, over(&equal));
    table.point(&format!("readout {label}"), "theory", *x, predicted.abs());
}
