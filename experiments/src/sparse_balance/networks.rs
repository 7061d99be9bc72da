//! The networks of the paper, and how they are run.

use crate::rate::{Case, Params, Sweep};
use lab::Scale;
use model::{Population, RateNetwork, Response, Sign, WeightLaw};
use ndarray::array;
use simulation::{Protocol, Scheme};

/// Figures 1, 2 and 4, high variance: ν = 1/2, J = g = 2, I = 1, [tanh]₊, N = K.
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

/// The sweep over K that figures 1, 2 and 4 share.
pub fn sweep_over_in_degree(scale: Scale) -> Params {
    let (replicates, high_grid, low_grid) = match scale {
        Scale::Quick => (5, &GRID[..4], &GRID[..3]),
        Scale::Paper => (10, &GRID[..], &GRID[..7]),
    };
    Params {
        replicates,
        network: high(1135),
        protocol: protocol(scale),
        sweep: Sweep {
            high: high_grid.to_vec(),
            low: low_grid.to_vec(),
            // Equalises the mean response with that at high variance.
            low_mean: Some(1.05),
            low_step: Some(0.05),
            fewer: vec![(3882, 5), (13_274, 3)],
            ..Sweep::default()
        },
    }
}

impl Params {
    /// High-variance cases of the sweep, with their realisations.
    pub fn high_cases(&self) -> Vec<(Case, usize)> {
        self.sweep.high.iter().map(|&k| (self.high_case(k), self.replicates_at(k))).collect()
    }

    /// The high-variance case of one in-degree.
    pub fn high_case(&self, in_degree: usize) -> Case {
        Case { network: self.network_of(in_degree), protocol: self.protocol.clone() }
    }

    /// The network of the parameters with N = K of this size.
    fn network_of(&self, in_degree: usize) -> RateNetwork {
        let mut network = self.network.clone();
        for population in &mut network.populations {
            (population.size, population.in_degree) = (in_degree, in_degree);
        }
        network
    }

    /// Low-variance cases of the sweep, with their realisations.
    pub fn low_cases(&self) -> Vec<(Case, usize)> {
        self.sweep.low.iter().map(|&k| (self.low_case(k), self.replicates_at(k))).collect()
    }

    /// The low-variance case of one in-degree: a longer step and a longer warm-up for slower fluctuations.
    pub fn low_case(&self, in_degree: usize) -> Case {
        let mut network = RateNetwork { exponent: 1.0, ..self.network_of(in_degree) };
        if let Some(mean) = self.sweep.low_mean {
            network.mean.fill(mean);
        }
        let step = self.sweep.low_step.unwrap_or(self.protocol.step);
        Case { network, protocol: Protocol { step, warm_up: 150.0, ..self.protocol.clone() } }
    }
}
