//! Running a rate network and measuring everything that any figure asks of it.

use super::RateSystem;
use analysis::{
    AutocorrelationAccumulator, Histogram, Mean, MomentAccumulator, MomentEstimate, Normalisation, OnTime,
    OnTimeEstimate, Regime, beta, beta_corrected, beta_from_ratio, filtered_share,
};
use lab::Failure;
use model::{Autocorrelation, Distribution, RateNetwork, Rates, Seed};
use serde::{Deserialize, Serialize};
use simulation::{Protocol, RateSimulation, Sample};

/// Longest lag of autocorrelations, in τ, as the authors take it.
pub(super) const LONGEST_LAG: f64 = 40.0;
/// Units whose autocorrelation is taken, per population, as the authors take it.
pub(super) const RECORDED: usize = 1000;
/// Units and time kept as examples.
const EXAMPLES: usize = 100;
const EXAMPLE_TIME: f64 = 50.0;

/// What one realisation showed of one population.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Realisation {
    /// Its populations.
    pub populations: Vec<PopulationMeasure>,
    /// x of the first units of each population, `[population][unit][sample]`.
    pub examples: Vec<Vec<Vec<f32>>>,
}

/// Runs one realisation, watched.
///
/// # Errors
/// [`Failure::Input`] where the run shows that the network cannot be run.
pub(super) fn realise(system: &RateSystem, seed: Seed) -> Result<Realisation, Failure> {
    let protocol = system.protocol();
    let mut observers = Vec::new();
    let mut start = 0;
    for population in &system.network.populations {
        observers.push(Observer::new(&system.network, &protocol, start, population.size));
        start += population.size;
    }
    RateSimulation::new(&system.network, seed)
        .run(&protocol, |sample| observers.iter_mut().for_each(|o| o.observe(sample)))
        .map_err(|e| Failure::Input(e.to_string()))?;
    let examples = observers.iter_mut().map(|o| std::mem::take(&mut o.examples)).collect();
    let populations = observers.into_iter().map(|o| o.finish(&protocol)).collect();
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
    fn new(network: &RateNetwork, protocol: &Protocol, start: usize, size: usize) -> Self {
        let recorded = size.min(RECORDED);
        let lags = (LONGEST_LAG / protocol.sampling).round() as usize;
        // Inputs are of order 1 at ν = 1/2, and of order K^(−1/2) at ν = 1.
        let histogram =
            if network.exponent < 0.75 { Histogram::new(-24.0, 6.0, 600) } else { Histogram::new(-3.0, 1.5, 900) };
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
            r_phi: (network.populations.len() > 1).then(|| AutocorrelationAccumulator::new(recorded, lags)),
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
