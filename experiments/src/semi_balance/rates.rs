//! Rates against the contrast of two stimuli: −W⁻¹X, the semi-balanced state, and networks of N units.

use super::networks::{drive, s3, s3c, two_and_inhibition};
use super::representation::edge;
use lab::input::{all_within, count_within, counts_within, within};
use lab::plot::{Axis, Figure, Kind, Legend, Panel};
use lab::{Bench, Claim, Comparison, Estimate, Experiment, Failure, Outcome, Scale, SeriesTable, row};
use meanfield::{QuenchedRates, ToCircuit, quenched_rates};
use model::{BernoulliNetwork, Seed};
use ndarray::Array1;
use rayon::prelude::*;
use semibalance::{all_states, balanced};
use serde::{Deserialize, Serialize};
use simulation::{BernoulliEnd, BernoulliRun, Fate, Transfer, run_bernoulli};
use systems::circuit::Populations;

pub struct Rates;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// g in Hz/(mV Hz).
    gain: f64,
    /// θ in mV Hz.
    threshold: f64,
    /// Numbers of units N.
    sizes: Vec<usize>,
    /// Contrasts δ in Hz: external rates 10 ± δ.
    contrasts: Vec<f64>,
    /// Networks drawn of each.
    replicates: usize,
    /// g √N of the populations whose kink is located.
    kink_gain: f64,
}

/// A network by name, and its panel.
type Network = (&'static str, &'static str, fn(usize, f64) -> BernoulliNetwork);

const NETWORKS: [Network; 2] = [("A", "S3", s3), ("B", "S3c", s3c)];
const POPULATIONS: [&str; 3] = ["e1", "e2", "i"];

/// One network at one contrast and size.
struct Case {
    network: usize,
    size: usize,
    contrast: f64,
    theory: Result<QuenchedRates, meanfield::TheoryError>,
    ends: Vec<BernoulliEnd>,
}

impl Experiment for Rates {
    type Params = Params;
    const SECONDS: [f64; 2] = [2.4, 55.0];
    const NAME: &'static str = "rates";
    const TITLE: &'static str = "rates against contrast: balance, semi-balance and networks of N units";
    const CAPTION: &'static str = include_str!("rates.md");

    fn params(&self, scale: Scale) -> Params {
        let (sizes, count, replicates) = match scale {
            Scale::Quick => (vec![500, 2000], 4, 5),
            Scale::Paper => (vec![500, 2000, 5000], 9, 10),
        };
        Params {
            gain: 0.02,
            threshold: 10.0,
            sizes,
            contrasts: (0..=count).map(|k| 9.0 * f64::from(k) / f64::from(count)).collect(),
            replicates,
            kink_gain: 50.0,
        }
    }

    fn check(&self, params: &Params) -> Result<(), Failure> {
        within("gain", params.gain, 1e-6, 1.0)?;
        within("threshold", params.threshold, -1e4, 1e4)?;
        counts_within("sizes", &params.sizes, 50, 50_000)?;
        all_within("contrasts", &params.contrasts, 0.0, 10.0)?;
        count_within("replicates", params.replicates, 1, 1000)?;
        within("kink_gain", params.kink_gain, 1e-3, 1e4)
    }

    fn memory(&self, params: &Params) -> f64 {
        let largest = params.sizes.iter().max().copied().unwrap_or(0) as f64;
        // A tenth of all pairs are connected, 4 bytes each; lists grow by doubling.
        largest * largest * 0.1 * 4.0 * 2.0
    }

    fn run(&self, params: &Params, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        let mut points = Vec::new();
        for network in 0..NETWORKS.len() {
            for &size in &params.sizes {
                points.extend(params.contrasts.iter().map(|&contrast| (network, size, contrast)));
            }
        }
        let runs: Vec<(usize, usize)> =
            (0..points.len()).flat_map(|point| (0..params.replicates).map(move |k| (point, k))).collect();
        bench.begin("rates", runs.len());
        let protocol = BernoulliRun {
            transfer: Transfer::RectifiedLinear { gain: params.gain },
            threshold: params.threshold,
            step: 0.1,
            steps: 4000,
        };
        let ends: Vec<BernoulliEnd> = runs
            .par_iter()
            .map(|&(point, k)| {
                let (network, size, contrast) = points[point];
                let seed = seed.replicate((point * 1000 + k) as u64);
                let end = run_bernoulli(&NETWORKS[network].2(size, contrast), protocol, seed);
                bench.advance();
                end.map_err(|e| Failure::Input(e.to_string()))
            })
            .collect::<Result<_, _>>()?;
        let mut ends = ends.into_iter();
        let cases: Vec<Case> = points
            .iter()
            .map(|&(network, size, contrast)| Case {
                network,
                size,
                contrast,
                theory: quenched_rates(&NETWORKS[network].2(size, contrast), params.gain, params.threshold),
                ends: ends.by_ref().take(params.replicates).collect(),
            })
            .collect();
        let mut outcome = Outcome::default();
        let mut table = SeriesTable::new();
        for case in &cases {
            compare(case, params, &mut outcome, &mut table)?;
        }
        limits(params, &mut table)?;
        kink(params, &mut outcome)?;
        outcome.series = table;
        Ok(outcome)
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        let labels = |name: &str| -> Vec<String> {
            let all = outcome.labels("r_e1").into_iter().filter(|label| label.starts_with(&format!("{name},")));
            all.map(str::to_owned).collect()
        };
        let rates = |letter, name: &str, populations: &[&str], (low, high): (f64, f64)| {
            let title = format!("{name}: {}", populations.join(" and "));
            let y = Axis::linear("rate (Hz)").between(low, high);
            let axes = Panel::new(letter, &title, Axis::linear("contrast δ (Hz)"), y);
            populations.iter().enumerate().fold(axes, |panel, (k, population)| {
                let once = |label: &str| if k == 0 { label.to_owned() } else { String::new() };
                let limit = |kind: &str, colour, label: &str| {
                    outcome.mark(Kind::Dashed, colour, &once(label), &format!("{name} {kind}"), population)
                };
                let limits = [limit("balanced", 7, "−W^{−1}X"), limit("limit", 6, "semi-balanced, *N* → ∞")];
                labels(name).iter().enumerate().fold(panel.with(limits), |panel, (colour, label)| {
                    let legend = once(&label.replace(&format!("{name}, N"), "*N*"));
                    panel.compared(&outcome.by(QUENCHED, &format!("r_{population}"), label), colour, &legend)
                })
            })
        };
        let approach = NETWORKS.iter().enumerate().flat_map(|(colour, (_, name, _))| {
            [
                outcome.mark(Kind::Squares, colour, name, "distance end", name),
                outcome.mark(Kind::Trace, colour, "", "distance theory", name),
            ]
        });
        let distance = Panel::new(
            "C",
            "approach to *N* → ∞, largest contrast",
            Axis::log("network size *N*"),
            Axis::log("distance of the largest rate (Hz)"),
        );
        let rows = vec![
            vec![
                rates("A", "S3", &["e1", "i"], (0.0, 25.0)).legend(Legend::TopLeft),
                rates("B", "S3c", &["e1", "i"], (0.0, 30.0)).legend(Legend::TopLeft),
            ],
            vec![
                distance.with(approach).legend(Legend::TopRight),
                rates("D", "S3", &["e2"], (-1.0, 8.0)).legend(Legend::TopRight),
            ],
        ];
        Figure::new(66.0, rows).key(Kind::Squares, "simulation (C)").key(Kind::Trace, "theory at this *N* (C)")
    }
}

/// The theory at finite N, in the table.
const QUENCHED: &str = "quenched Gaussian inputs at N";

fn limit(network: usize, contrast: f64) -> Result<(Array1<f64>, Array1<f64>), Failure> {
    let refuse = |e: &dyn std::fmt::Display| Failure::Input(format!("{}: {e}", NETWORKS[network].1));
    let circuit = NETWORKS[network].2(1, contrast).circuit().map_err(|e| refuse(&e))?;
    let mut states = all_states(&circuit).map_err(|e| refuse(&e))?.states;
    let state = states.pop().filter(|_| states.is_empty()).ok_or_else(|| refuse(&"not one state"))?;
    Ok((state.r, balanced(&circuit).rates.ok_or_else(|| refuse(&"W is singular"))?))
}

fn compare(case: &Case, params: &Params, outcome: &mut Outcome, table: &mut SeriesTable) -> Result<(), Failure> {
    let (panel, name, build) = NETWORKS[case.network];
    let network = build(case.size, case.contrast);
    let label = format!("{name}, N = {}", case.size);
    let (limit, _) = limit(case.network, case.contrast)?;
    let moving = case.ends.iter().filter(|end| !end.settled).count();
    if moving > 0 {
        outcome.notes.push(format!(
            "{label}, δ = {}: {moving} of {} networks still move",
            case.contrast,
            case.ends.len()
        ));
    }
    if let Err(error) = &case.theory {
        outcome.notes.push(format!("{label}, δ = {}: {error}", case.contrast));
    }
    // NaN where theory has no answer: such rows never agree.
    let theory = |of: fn(&QuenchedRates) -> &Array1<f64>, a: usize| case.theory.as_ref().map_or(f64::NAN, |t| of(t)[a]);
    let root = (case.size as f64).sqrt();
    let w = network.mean_coupling();
    for (a, population) in POPULATIONS.iter().enumerate() {
        let simulated = Estimate::of(case.ends.iter().map(|end| end.rates[a]));
        let quantity = format!("r_{population} (Hz)");
        outcome.comparisons.push(Comparison {
            x: case.contrast,
            theory: theory(|t| &t.rates, a),
            simulation: simulated,
            // Inputs are sums of finitely many: what their skewness does to rates, to first order; derivations, below eq. (24).
            bias: theory(|t| &t.skewness_error, a),
            ..row(panel, &quantity, QUENCHED, &label)
        });
        outcome.comparisons.push(Comparison {
            x: case.contrast,
            theory: limit[a],
            simulation: simulated,
            claim: Claim::Contrast,
            ..row(panel, &quantity, "semi-balanced, N to infinity", &label)
        });
        // (W r)_a + X_a = I_a/√N with r and I from the simulation: the two sides differ by the draw of connections alone.
        let left = Estimate::of(case.ends.iter().map(|end| {
            let inner: f64 = (0..POPULATIONS.len()).map(|b| w[[a, b]] * end.rates[b]).sum();
            inner + network.mean_drive()[a] - end.input[a] / root
        }));
        outcome.comparisons.push(Comparison {
            x: case.contrast,
            theory: 0.0,
            simulation: left,
            scale: Some(network.mean_drive()[a]),
            ..row(panel, &format!("W r + X - I/sqrt N, {population}"), "identity given r and I", &label)
        });
    }
    if case.contrast == params.contrasts.iter().copied().fold(0.0, f64::max) {
        let largest = (0..POPULATIONS.len()).max_by(|&a, &b| limit[a].total_cmp(&limit[b])).unwrap_or(0);
        let distance = Estimate::of(case.ends.iter().map(|end| (end.rates[largest] - limit[largest]).abs()));
        table.estimate("distance end", name, case.size as f64, distance);
        table.point("distance theory", name, case.size as f64, (theory(|t| &t.rates, largest) - limit[largest]).abs());
    }
    Ok(())
}

/// Lines of N → ∞.
fn limits(params: &Params, table: &mut SeriesTable) -> Result<(), Failure> {
    let most = params.contrasts.iter().copied().fold(0.0, f64::max);
    for (network, (_, name, _)) in NETWORKS.iter().enumerate() {
        for k in 0..=180 {
            let contrast = most * f64::from(k) / 180.0;
            let (semi, linear) = limit(network, contrast)?;
            for (a, population) in POPULATIONS.iter().enumerate() {
                table.point(&format!("{name} limit"), population, contrast, semi[a]);
                table.point(&format!("{name} balanced"), population, contrast, linear[a]);
            }
        }
    }
    Ok(())
}

/// Where e2 of S3 falls silent, from the dynamics of its populations at two contrasts below it, and that it is silent beyond.
fn kink(params: &Params, outcome: &mut Outcome) -> Result<(), Failure> {
    let rate = |contrast: f64| {
        let populations = Populations {
            w: two_and_inhibition(0.5),
            x: drive(contrast),
            tau: Array1::ones(3),
            gain: params.kink_gain,
        };
        match populations.end(&Array1::ones(3)) {
            Fate::Settled(r) => Ok(r[1]),
            Fate::Moving(_) | Fate::RanAway => Err(Failure::Input("the dynamics of S3 do not settle".into())),
        }
    };
    let (near, far) = (rate(3.0)?, rate(2.0)?);
    let crossing = 3.0 + near / (far - near);
    outcome.comparisons.push(Comparison {
        x: crossing + 0.01,
        theory: 0.0,
        simulation: Estimate::exact(rate(crossing + 0.01)?),
        // Rates of some 15 Hz are known to 1e-8 of themselves.
        bias: 1e-6,
        scale: Some(15.0),
        ..row("D", "r_e2 just beyond the kink (Hz)", "silence", "populations of S3")
    });
    let theories = [
        ("closed form at this gain", edge(params.kink_gain), Claim::Equals),
        ("55/17, N to infinity", 55.0 / 17.0, Claim::Contrast),
    ];
    for (name, theory, claim) in theories {
        outcome.comparisons.push(Comparison {
            x: params.kink_gain,
            theory,
            simulation: Estimate::exact(crossing),
            claim,
            // Rates are known to 1e-8 of themselves.
            bias: 1e-6,
            ..row("A", "contrast at which e2 falls silent (Hz)", name, "populations of S3")
        });
    }
    Ok(())
}
