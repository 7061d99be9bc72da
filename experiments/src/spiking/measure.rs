//! Runs of a network, and theories of it: what the figures and `compare` share.

use analysis::{SpikeCounts, cell_rates, interval_variation};
use lab::{Bench, Failure};
use meanfield::{SpikingRates, TheoryError, ToCircuit, spiking_rates};
use model::{Seed, SpikingNetwork};
use ndarray::Array1;
use rayon::prelude::*;
use semibalance::{all_states, balanced};
use serde::{Deserialize, Serialize};
use simulation::spiking::{Activity, Drives, SpikingRun, SpikingRunError, run_spiking, spiking_memory};

/// Windows in ms in which spikes are counted, for Fano factors and correlations.
pub const WINDOW: f64 = 250.0;

/// Intervals that a cell must have fired for its irregularity to count.
const INTERVALS: usize = 10;

/// What a file holds, and the parameters of a figure.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Networks drawn.
    pub replicates: usize,
    /// How long, in which steps, and what is kept.
    pub run: SpikingRun,
    /// What a figure goes through; `compare` runs the one network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sweep: Option<Sweep>,
    /// The network.
    pub network: SpikingNetwork,
}

/// What a figure goes through.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sweep {
    /// Sizes N.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sizes: Vec<usize>,
    /// External rates in Hz.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rates: Vec<f64>,
    /// Contrasts δ in Hz.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contrasts: Vec<f64>,
    /// Coefficients of variation of strengths.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variations: Vec<f64>,
}

/// One network, as a figure shows it.
#[derive(Clone)]
pub struct Case {
    /// Cases of one number share their draws.
    pub draw: usize,
    pub label: String,
    /// Where it stands on the abscissa.
    pub x: f64,
    pub network: SpikingNetwork,
}

/// What one draw of a network did, by population.
#[derive(Clone, Debug)]
pub struct Sample {
    /// In Hz.
    pub rates: Vec<f64>,
    /// Means of what drives the cells, in mV/ms.
    pub drives: Vec<Drives>,
    /// Standard deviation over cells of the mean input, and in time of a cell's input, in mV/ms.
    pub quenched: Vec<f64>,
    pub temporal: Vec<f64>,
    /// Standard deviation over cells of the rate in Hz, less what counting adds.
    pub diversity: Vec<f64>,
    /// Mean coefficient of variation of intervals and pairwise correlation of counts; NaN where hardly anybody fires.
    pub variation: Vec<f64>,
    pub correlation: Vec<f64>,
    /// Mean covariance of the counts of pairs over time in Hz, from population to population.
    pub covariance: Vec<Vec<f64>>,
    /// Variance of counts over their mean, both summed over cells.
    pub fano: Vec<f64>,
    /// Share of cells that fired at all.
    pub active: Vec<f64>,
    /// Correlation over samples of excitatory (and external) with inhibitory currents, mean over the cells that were traced.
    pub balance: f64,
}

/// A number of a population in a sample, and one of currents.
pub type OfSample = fn(&Sample, usize) -> f64;
pub type OfDrives = fn(&Drives) -> f64;

/// All draws of a case, and what theories say of it.
pub struct Measured {
    pub case: Case,
    pub run: SpikingRun,
    pub samples: Vec<Sample>,
    /// The first draw, in full.
    pub first: Activity,
    pub finite: Result<SpikingRates, TheoryError>,
    /// The semi-balanced state, where there is exactly one.
    pub semi: Option<Array1<f64>>,
    /// How many semi-balanced states there are; `None` where they have not been listed.
    pub states: Option<usize>,
    /// −W⁻¹X.
    pub balanced: Option<Array1<f64>>,
}

/// An input that a simulator refuses.
pub fn refused(error: SpikingRunError) -> Failure {
    Failure::Input(error.to_string())
}

/// Runs so many draws of each case, side by side.
pub fn measure(
    what: &str,
    cases: &[Case],
    run: &SpikingRun,
    replicates: usize,
    seed: Seed,
    bench: &Bench,
) -> Result<Vec<Measured>, Failure> {
    bench.begin(what, cases.len() * replicates);
    let jobs: Vec<(usize, usize)> = (0..cases.len()).flat_map(|c| (0..replicates).map(move |k| (c, k))).collect();
    let mut runs: Vec<(Sample, Option<Activity>)> = jobs
        .par_iter()
        .map(|&(c, k)| {
            let seed = seed.replicate((cases[c].draw * 1000 + k) as u64);
            let activity = run_spiking(&cases[c].network, run, seed, 1).map_err(refused)?;
            bench.advance();
            Ok((sample(&activity), (k == 0).then_some(activity)))
        })
        .collect::<Result<_, Failure>>()?;
    bench.begin(&format!("{what}: theory"), cases.len());
    let theory = |case: &Case| {
        let rates = spiking_rates(&case.network);
        bench.advance();
        rates
    };
    let finite: Vec<_> = cases.par_iter().map(theory).collect();
    let mut measured = Vec::new();
    for (case, finite) in cases.iter().zip(finite) {
        let own: Vec<_> = runs.drain(..replicates).collect();
        let mut first = None;
        let mut samples = Vec::new();
        for (sample, activity) in own {
            samples.push(sample);
            first = first.or(activity);
        }
        let first = first.ok_or_else(|| Failure::Input("replicates: 0 (allowed: 1 and more)".into()))?;
        let circuit = case.network.circuit().ok();
        let states = circuit.as_ref().and_then(|c| all_states(c).ok());
        measured.push(Measured {
            case: case.clone(),
            run: run.clone(),
            samples,
            first,
            finite,
            semi: states
                .as_ref()
                .filter(|s| s.states.len() == 1 && s.continua.is_empty())
                .map(|s| s.states[0].r.clone()),
            states: states.map(|s| s.states.len()),
            balanced: circuit.and_then(|c| balanced(&c).rates),
        });
    }
    Ok(measured)
}

/// Bytes that one of its parallel runs holds: the network, and spikes at some 20 Hz.
pub fn memory(network: &SpikingNetwork, run: &SpikingRun) -> f64 {
    let spikes = network.connections.size as f64 * run.duration / 1000.0 * 20.0 * 8.0;
    let counts = network.connections.size as f64 * run.duration / WINDOW * 2.0;
    spiking_memory(network) + 2.0 * spikes + counts
}

fn sample(activity: &Activity) -> Sample {
    let populations = activity.starts.len() - 1;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let mut sample = Sample {
        rates: Vec::new(),
        drives: activity.drives.clone(),
        quenched: Vec::new(),
        temporal: Vec::new(),
        diversity: Vec::new(),
        variation: Vec::new(),
        correlation: Vec::new(),
        covariance: Vec::new(),
        fano: Vec::new(),
        active: Vec::new(),
        balance: balance(activity),
    };
    let mut all = Vec::new();
    for a in 0..populations {
        let cells = activity.starts[a]..activity.starts[a + 1];
        let (input, variance) = (&activity.input[cells.clone()], &activity.variance[cells]);
        let centre = mean(input);
        sample.quenched.push(mean(&input.iter().map(|i| (i - centre).powi(2)).collect::<Vec<_>>()).sqrt());
        sample.temporal.push(mean(variance).sqrt());
        let spikes = activity.population(a);
        let rates = cell_rates(&spikes);
        let rate = mean(&rates);
        sample.rates.push(rate);
        sample.variation.push(mean(&interval_variation(&spikes, INTERVALS)));
        let counts = SpikeCounts::new(&spikes, WINDOW);
        let fano = counts.fano_factor();
        sample.fano.push(fano);
        let squares = mean(&rates.iter().map(|r| (r - rate).powi(2)).collect::<Vec<_>>());
        sample.diversity.push((squares - fano * rate / (spikes.duration() / 1000.0)).max(0.0).sqrt());
        sample.correlation.push(counts.mean_correlation());
        sample.active.push(counts.active_fraction());
        all.push(counts);
    }
    let covariance = |a: usize, b: usize| {
        let counts = if a == b { all[a].mean_covariance() } else { all[a].mean_covariance_with(&all[b]) };
        counts / (WINDOW / 1000.0)
    };
    sample.covariance = (0..populations).map(|a| (0..populations).map(|b| covariance(a, b)).collect()).collect();
    sample
}

/// Correlation in time of what excites with what inhibits, mean over traced cells.
fn balance(activity: &Activity) -> f64 {
    let of = |trace: &simulation::spiking::Trace| {
        let excite: Vec<f64> = trace.drives.iter().map(|d| d.excitatory + d.external).collect();
        let inhibit: Vec<f64> = trace.drives.iter().map(|d| d.inhibitory).collect();
        analysis::cross_correlation(&excite, &inhibit, 1.0, 0).map(|r| r.values[0])
    };
    let all: Vec<f64> = activity.traces.iter().filter_map(of).collect();
    all.iter().sum::<f64>() / all.len() as f64
}
