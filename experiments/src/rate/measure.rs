//! Running a case and measuring everything that any figure asks of it.

use crate::rate::anomalies::anomalies;
use analysis::{
    AutocorrelationAccumulator, Histogram, Mean, MomentAccumulator, MomentEstimate, Normalisation, OnTime,
    OnTimeEstimate, Regime, beta, beta_corrected, beta_from_ratio, filtered_share,
};
use lab::{Bench, Estimate, Failure};
use model::{Autocorrelation, Distribution, RateNetwork, Rates, Seed};
use rayon::prelude::*;
use serde::Serialize;
use simulation::{Protocol, RateSimulation, Sample, memory};
use std::sync::Arc;

/// Longest lag of autocorrelations, in τ, as the authors take it.
const LONGEST_LAG: f64 = 40.0;
/// Units whose autocorrelation is taken, per population, as the authors take it.
const RECORDED: usize = 1000;
/// Units and time kept as examples.
const EXAMPLES: usize = 100;
const EXAMPLE_TIME: f64 = 50.0;

/// A network, and how it is run.
#[derive(Clone, Debug, Serialize)]
pub struct Case {
    /// The network.
    pub network: RateNetwork,
    /// How it is run.
    pub protocol: Protocol,
}

impl Case {
    /// Bytes that one realisation holds: the simulation, and what watches it.
    pub fn memory(&self) -> f64 {
        let lags = LONGEST_LAG / self.protocol.sampling;
        let block = (lags.max(256.0)).log2().ceil().exp2();
        let watched: f64 = self.network.populations.iter().map(|p| p.size.min(RECORDED) as f64 * 3.0).sum();
        // A block of samples, its transform, and both ends of the record; 80 bytes of sums a unit.
        memory(&self.network) + watched * (12.0 * block + 8.0 * lags) + 80.0 * self.network.size() as f64
    }
}

/// What one realisation showed of one population.
#[derive(Clone, Debug)]
pub struct PopulationMeasure {
    /// f, m, ⟨φ²⟩.
    pub rates: Rates,
    /// Moments of x.
    pub x: MomentEstimate,
    /// Moments of η.
    pub eta: MomentEstimate,
    /// Moments of φ.
    pub phi: MomentEstimate,
    /// ON-times.
    pub on_time: OnTimeEstimate,
    /// Autocovariance of η, means over time removed.
    pub r_eta: Autocorrelation,
    /// Autocovariance of x, means over time removed.
    pub r_x: Autocorrelation,
    /// Density of x.
    pub histogram: Distribution,
    duration: f64,
    filtered: f64,
    filtered_phi: f64,
}

impl PopulationMeasure {
    /// var(x)/var(η), total.
    pub fn ratio_total(&self) -> f64 {
        self.x.split.total() / self.eta.split.total()
    }

    /// var(x)/var(η), temporal.
    pub fn ratio_temporal(&self) -> f64 {
        self.x.split.temporal / self.eta.split.temporal
    }

    /// 1/β by the authors' estimator; NaN where the population is frozen, and negative where noise or an oscillation
    /// makes it so.
    pub fn decorrelation_time(&self) -> f64 {
        self.unless_frozen(1.0 / beta(&self.r_eta))
    }

    /// 1/β corrected for the removal of the means; as [`Self::decorrelation_time`].
    pub fn decorrelation_time_corrected(&self) -> f64 {
        self.unless_frozen(1.0 / beta_corrected(&self.r_eta, self.duration))
    }

    /// β from the temporal variance ratio; NaN where the population is frozen.
    pub fn beta_from_ratio(&self) -> f64 {
        self.unless_frozen(beta_from_ratio(self.ratio_temporal()))
    }

    /// The temporal ratio that the low-pass filter must give, from R of η.
    pub fn filtered_share(&self) -> f64 {
        self.unless_frozen(self.filtered)
    }

    /// E ψ²/⟨φ²⟩ of the filtered activity ψ: what closures need of a source.
    pub fn source_ratio(&self) -> f64 {
        (self.square_of_means() + self.phi.split.temporal * self.filtered_phi) / self.rates.square
    }

    /// Whether no unit ever is above threshold.
    pub fn silent(&self) -> bool {
        self.rates.active == 0.0
    }

    /// E_j⟨φ_j⟩².
    pub fn square_of_means(&self) -> f64 {
        self.phi.moments.mean.powi(2) + self.phi.split.quenched
    }

    /// Whether the population does not move.
    pub fn frozen(&self) -> bool {
        self.x.regime == Regime::Frozen
    }

    fn unless_frozen(&self, value: f64) -> f64 {
        if self.frozen() { f64::NAN } else { value }
    }
}

/// One realisation.
#[derive(Clone, Debug)]
pub struct Realisation {
    /// Its populations.
    pub populations: Vec<PopulationMeasure>,
    /// x of the first units of each population, `[population][unit][sample]`.
    pub examples: Vec<Vec<Vec<f32>>>,
}

/// All realisations of a case.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The case.
    pub case: Case,
    /// In order of the replicate.
    pub realisations: Vec<Arc<Realisation>>,
}

impl Measured {
    /// One number of every realisation.
    pub fn each(&self, population: usize, what: impl Fn(&PopulationMeasure) -> f64) -> Vec<f64> {
        self.realisations.iter().map(|r| what(&r.populations[population])).collect()
    }

    /// β of all realisations that move: 1 over the mean of their decorrelation times, its error to first order. A mean
    /// of rates would be biased, and a realisation whose R integrates to nothing has none.
    pub fn beta(&self, population: usize) -> Estimate {
        rate(self.each(population, PopulationMeasure::decorrelation_time))
    }

    /// The same, corrected for the removal of the means.
    pub fn beta_corrected(&self, population: usize) -> Estimate {
        rate(self.each(population, PopulationMeasure::decorrelation_time_corrected))
    }

    /// How many realisations are frozen in this population.
    pub fn frozen(&self, population: usize) -> usize {
        self.realisations.iter().filter(|r| r.populations[population].frozen()).count()
    }
}

/// 1 over a mean; NaN where that is not positive.
fn rate(times: Vec<f64>) -> Estimate {
    let mean = Estimate::of(times.iter().copied()).mean;
    let rate = if mean > 0.0 { 1.0 / mean } else { f64::NAN };
    Estimate::of(times.into_iter().map(|time| rate * (2.0 - time / mean)))
}

/// Measures every case, `replicates` realisations each, in parallel. What another figure of this
/// command has measured already is taken from the bench. Anomalies go to `notes`.
///
/// # Errors
/// [`Failure::Input`] for a case that cannot be run.
pub fn measure_all(
    cases: &[(Case, usize)],
    what: &str,
    seed: Seed,
    bench: &Bench,
    notes: &mut Vec<String>,
) -> Result<Vec<Measured>, Failure> {
    for (case, _) in cases {
        check(case)?;
    }
    let mut tasks: Vec<(usize, u64)> =
        cases.iter().enumerate().flat_map(|(c, (_, n))| (0..*n as u64).map(move |k| (c, k))).collect();
    bench.begin(what, tasks.len());
    // The longest first, so that no core waits for one of them at the end.
    let cost = |c: usize| (cases[c].0.network.size() as f64).powi(2) * cases[c].0.protocol.steps() as f64;
    tasks.sort_by(|a, b| cost(b.0).total_cmp(&cost(a.0)).then(a.cmp(b)));
    let mut done: Vec<((usize, u64), Arc<Realisation>)> = tasks
        .par_iter()
        .with_max_len(1)
        .map(|&(c, replicate)| {
            let case = &cases[c].0;
            let key = format!("{} {} {replicate}", serde_json::json!(case), seed.0);
            let realisation = bench.remember(key, || realise(case, seed.replicate(replicate)))?;
            bench.advance();
            Ok(((c, replicate), realisation))
        })
        .collect::<Result<_, Failure>>()?;
    done.sort_by_key(|(task, _)| *task);
    let all: Vec<Measured> = cases
        .iter()
        .enumerate()
        .map(|(c, (case, _))| Measured {
            case: case.clone(),
            realisations: done.iter().filter(|((of, _), _)| *of == c).map(|(_, r)| r.clone()).collect(),
        })
        .collect();
    notes.extend(all.iter().flat_map(|measured| anomalies(what, measured)));
    Ok(all)
}

/// Refuses what cannot be run.
fn check(case: &Case) -> Result<(), Failure> {
    case.network.validate().map_err(|e| Failure::Input(e.to_string()))?;
    case.protocol.validate(case.network.response).map_err(|e| Failure::Input(e.to_string()))?;
    let lags = (LONGEST_LAG / case.protocol.sampling).round();
    if case.protocol.duration < 3.0 * LONGEST_LAG {
        return Err(Failure::Input(format!(
            "protocol.duration: {} (allowed: {} and above, three times the longest lag)",
            case.protocol.duration,
            3.0 * LONGEST_LAG
        )));
    }
    if !(8.0..=40_000.0).contains(&lags) {
        return Err(Failure::Input(format!(
            "protocol.sampling: {} (allowed: {} to {})",
            case.protocol.sampling,
            LONGEST_LAG / 40_000.0,
            LONGEST_LAG / 8.0
        )));
    }
    Ok(())
}

fn realise(case: &Case, seed: Seed) -> Result<Realisation, Failure> {
    let mut observers = Vec::new();
    let mut start = 0;
    for population in &case.network.populations {
        observers.push(Observer::new(case, start, population.size));
        start += population.size;
    }
    RateSimulation::new(&case.network, seed)
        .run(&case.protocol, |sample| observers.iter_mut().for_each(|o| o.observe(sample)))
        .map_err(|e| Failure::Input(e.to_string()))?;
    let examples = observers.iter_mut().map(|o| std::mem::take(&mut o.examples)).collect();
    let populations = observers.into_iter().map(|o| o.finish(&case.protocol)).collect();
    Ok(Realisation { populations, examples })
}

/// Watches one population.
struct Observer {
    start: usize,
    size: usize,
    recorded: usize,
    x: MomentAccumulator,
    eta: MomentAccumulator,
    phi: MomentAccumulator,
    on_time: OnTime,
    r_eta: AutocorrelationAccumulator,
    r_x: AutocorrelationAccumulator,
    /// Of a network of several populations, where the ratio of each source is needed.
    r_phi: Option<AutocorrelationAccumulator>,
    histogram: Histogram,
    examples: Vec<Vec<f32>>,
}

impl Observer {
    fn new(case: &Case, start: usize, size: usize) -> Self {
        let recorded = size.min(RECORDED);
        let lags = (LONGEST_LAG / case.protocol.sampling).round() as usize;
        // Inputs are of order 1 at ν = 1/2, and of order K^(−1/2) at ν = 1.
        let histogram =
            if case.network.exponent < 0.75 { Histogram::new(-24.0, 6.0, 600) } else { Histogram::new(-3.0, 1.5, 900) };
        Observer {
            start,
            size,
            recorded,
            x: MomentAccumulator::new(size),
            eta: MomentAccumulator::new(size),
            phi: MomentAccumulator::new(size),
            on_time: OnTime::new(size),
            r_eta: AutocorrelationAccumulator::new(recorded, lags),
            r_x: AutocorrelationAccumulator::new(recorded, lags),
            r_phi: (case.network.populations.len() > 1).then(|| AutocorrelationAccumulator::new(recorded, lags)),
            histogram,
            examples: vec![Vec::new(); size.min(EXAMPLES)],
        }
    }

    fn observe(&mut self, sample: &Sample) {
        let units = self.start..self.start + self.size;
        let (x, eta) = (&sample.x[units.clone()], &sample.eta[units.clone()]);
        self.x.push(x);
        self.eta.push(eta);
        let phi = &sample.phi[units];
        self.phi.push(phi);
        if let Some(r_phi) = &mut self.r_phi {
            r_phi.push(&phi[..self.recorded]);
        }
        self.on_time.push(x);
        self.r_eta.push(&eta[..self.recorded]);
        self.r_x.push(&x[..self.recorded]);
        self.histogram.push(&x[..self.recorded]);
        if sample.time < EXAMPLE_TIME {
            for (trace, &x) in self.examples.iter_mut().zip(x) {
                trace.push(x);
            }
        }
    }

    fn finish(self, protocol: &Protocol) -> PopulationMeasure {
        const SAMPLED: &str = "a validated protocol takes more samples than lags";
        let phi = self.phi.finish().expect(SAMPLED);
        let on_time = self.on_time.finish().expect(SAMPLED);
        let unbiased = |r: AutocorrelationAccumulator| {
            r.finish(protocol.sampling, Mean::Removed, Normalisation::Unbiased).expect(SAMPLED)
        };
        let r_eta = unbiased(self.r_eta);
        let share = |r: &Autocorrelation| filtered_share(r, protocol.scheme.decay(protocol.step), protocol.step);
        let filtered = share(&r_eta);
        let filtered_phi = self.r_phi.map_or(f64::NAN, |r| share(&unbiased(r)));
        PopulationMeasure {
            rates: Rates {
                active: on_time.mean,
                mean: phi.moments.mean,
                square: phi.moments.mean.powi(2) + phi.split.total(),
            },
            x: self.x.finish().expect(SAMPLED),
            eta: self.eta.finish().expect(SAMPLED),
            phi,
            on_time,
            r_eta,
            r_x: unbiased(self.r_x),
            histogram: self.histogram.finish().expect(SAMPLED),
            duration: protocol.samples() as f64 * protocol.sampling,
            filtered,
            filtered_phi,
        }
    }
}
