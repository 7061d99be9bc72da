//! The networks of the paper, and how they are run.

use lab::{Plan, Scale, Sweep};
use model::{Population, RateNetwork, Response, Sign, WeightLaw};
use ndarray::array;
use simulation::{Protocol, Scheme};
use systems::rate_network::RateSystem;

/// Figures 1, 2 and 4, high variance: ν = 1/2, J = g = 2, I = 1, `[tanh]₊`, N = K.
pub fn high(in_degree: usize) -> RateNetwork {
    RateNetwork::inhibitory(in_degree, 2.0, 2.0, 0.5, 1.0, Response::RectifiedTanh)
}

/// Figure 6: excitatory and inhibitory units, 3000 each, 600 inputs from each population.
///
/// The caption's K = 600 may mean that, or 600 in all; here it is 600 from each.
pub fn excitatory_inhibitory(size: usize, in_degree: usize, law: WeightLaw) -> RateNetwork {
    let population = |name: &str, sign, bias| Population { name: name.into(), sign, size, in_degree, bias };
    RateNetwork {
        response: Response::RectifiedTanh,
        law,
        exponent: 0.5,
        mean: array![[1.0, 2.0], [1.0, 1.2]],
        spread: array![[1.0, 1.0], [1.0, 1.0]],
        populations: vec![population("E", Sign::Excitatory, 2.0), population("I", Sign::Inhibitory, 1.0)],
    }
}

/// The authors' grid: round(10^linspace(log10 500, log10 20000, 10)).
pub const GRID: [usize; 10] = [500, 753, 1135, 1710, 2576, 3882, 5848, 8811, 13_274, 20_000];

/// Forward Euler at dt = 0.02 as the authors run it, with a warm-up that lets transients go.
pub fn protocol(scale: Scale) -> Protocol {
    let duration = match scale {
        Scale::Quick => 1000.0,
        Scale::Paper => 2000.0,
    };
    Protocol { step: 0.02, scheme: Scheme::Euler, warm_up: 100.0, duration, sampling: 0.1 }
}

/// Number K = N of the network's inputs.
pub const IN_DEGREE: &str = "K";

/// Key of the bias.
pub const BIAS: &str = "network.populations.0.bias";

/// A sweep over K = N, with so many realisations of each network.
pub fn over_in_degree(in_degrees: &[usize], replicates: impl Fn(usize) -> usize) -> Sweep {
    let values: Vec<i64> = in_degrees.iter().map(|&k| k as i64).collect();
    Sweep::of(IN_DEGREE, values.clone())
        .with("network.populations.0.size", values.clone())
        .with("network.populations.0.in_degree", values)
        .with("replicates", in_degrees.iter().map(|&k| replicates(k) as i64))
}

/// How a sweep over K is set up: realisations, and K at high and at low variance.
pub struct OverInDegree {
    /// Realisations of small networks.
    pub replicates: usize,
    /// K at high variance, ν = 1/2.
    pub high: Vec<usize>,
    /// K at low variance, ν = 1.
    pub low: Vec<usize>,
    /// J at low variance.
    pub low_mean: f64,
    /// Step at low variance, whose fluctuations are slow.
    pub low_step: f64,
}

impl OverInDegree {
    /// That of figures 1 and 4.
    pub fn of(scale: Scale) -> Self {
        let (replicates, high, low) = match scale {
            Scale::Quick => (5, &GRID[..4], &GRID[..3]),
            Scale::Paper => (10, &GRID[..], &GRID[..7]),
        };
        // J = 1.05 equalises the mean response with that at high variance.
        OverInDegree { replicates, high: high.to_vec(), low: low.to_vec(), low_mean: 1.05, low_step: 0.05 }
    }

    /// Large networks have fewer realisations.
    fn replicates_at(&self, in_degree: usize) -> usize {
        match in_degree {
            13_274.. => 3,
            3882.. => 5,
            _ => self.replicates,
        }
    }

    /// The system at high variance.
    pub fn high_system(&self, scale: Scale) -> RateSystem {
        RateSystem { protocol: Some(protocol(scale)), network: high(1135) }
    }

    /// The system at low variance: a longer step and a longer warm-up for slower fluctuations.
    pub fn low_system(&self, scale: Scale) -> RateSystem {
        let mut network = RateNetwork { exponent: 1.0, ..high(1135) };
        network.mean.fill(self.low_mean);
        let protocol = Protocol { step: self.low_step, warm_up: 150.0, ..protocol(scale) };
        RateSystem { protocol: Some(protocol), network }
    }

    /// Plans at high and at low variance. All cases share their draws.
    pub fn plans(&self, scale: Scale) -> [Plan<RateSystem>; 2] {
        let plan = |label: &str, system: RateSystem, in_degrees: &[usize]| {
            let sweep = over_in_degree(in_degrees, |k| self.replicates_at(k));
            Plan::new(label, self.replicates, system).along(sweep).sharing_draws()
        };
        [plan("high", self.high_system(scale), &self.high), plan("low", self.low_system(scale), &self.low)]
    }
}
