//! What one draw of a spiking network did.

use analysis::{SpikeCounts, cell_rates, interval_variation, modulation, synchrony};
use serde::{Deserialize, Serialize};
use simulation::spiking::{Activity, Drives, Trace};

/// Windows in ms in which spikes are counted, for Fano factors and correlations.
pub const WINDOW: f64 = 250.0;

/// Windows in ms in which cells that oscillate together fire together.
pub const SHORT: f64 = 5.0;

/// Intervals that a cell must have fired for its irregularity to count.
const INTERVALS: usize = 10;

/// What one draw of a network did, by population.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sample {
    /// All that was recorded, where it is kept: in the first draw of a case.
    pub activity: Option<Activity>,
    /// Mean rates in Hz.
    pub rates: Vec<f64>,
    /// Mean currents to the cells, in mV/ms.
    pub drives: Vec<Drives>,
    /// Standard deviation over cells of the mean input, and in time of a cell's input, in mV/ms.
    pub quenched: Vec<f64>,
    /// See `quenched`.
    pub temporal: Vec<f64>,
    /// Standard deviation over cells of the rate in Hz, less what counting adds.
    pub diversity: Vec<f64>,
    /// Mean coefficient of variation of intervals and pairwise correlation of counts; NaN where hardly anybody fires.
    pub variation: Vec<f64>,
    /// See `variation`.
    pub correlation: Vec<f64>,
    /// Mean covariance of the counts of pairs over time in Hz, from population to population.
    pub covariance: Vec<Vec<f64>>,
    /// Variance of counts over their mean, both summed over cells.
    pub fano: Vec<f64>,
    /// Mean correlation of counts in windows of 5 ms, which oscillations make large; NaN where nobody fires.
    pub synchrony: Vec<f64>,
    /// Deviation over mean of the population's rate in windows of 5 ms, beyond that of Poisson trains.
    pub modulation: Vec<f64>,
    /// Share of cells that fired at all.
    pub active: Vec<f64>,
    /// Correlation over samples of excitatory (and external) with inhibitory currents, mean over the cells that were traced.
    pub balance: f64,
}

/// A number of a population in a sample.
pub type OfSample = fn(&Sample, usize) -> f64;
/// A number of the currents of a population or a cell.
pub type OfDrives = fn(&Drives) -> f64;

impl Sample {
    /// Statistics of an activity.
    pub fn of(activity: &Activity) -> Sample {
        let populations = activity.starts.len() - 1;
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let mut sample = Sample {
            activity: None,
            rates: Vec::new(),
            drives: activity.drives.clone(),
            quenched: Vec::new(),
            temporal: Vec::new(),
            diversity: Vec::new(),
            variation: Vec::new(),
            correlation: Vec::new(),
            covariance: Vec::new(),
            fano: Vec::new(),
            synchrony: Vec::new(),
            modulation: Vec::new(),
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
            sample.synchrony.push(synchrony(&spikes, SHORT));
            sample.modulation.push(modulation(&spikes, SHORT));
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
}

/// Correlation in time of what excites with what inhibits, mean over traced cells.
fn balance(activity: &Activity) -> f64 {
    let of = |trace: &Trace| {
        let excite: Vec<f64> = trace.drives.iter().map(|d| d.excitatory + d.external).collect();
        let inhibit: Vec<f64> = trace.drives.iter().map(|d| d.inhibitory).collect();
        analysis::cross_correlation(&excite, &inhibit, 1.0, 0).map(|r| r.values[0])
    };
    let all: Vec<f64> = activity.traces.iter().filter_map(of).collect();
    all.iter().sum::<f64>() / all.len() as f64
}
