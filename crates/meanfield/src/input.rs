//! What all static closures share: the moments of the input that given activities make, and the
//! search for activities that reproduce themselves.

use crate::newton::newton;
use crate::{TheoryError, balanced_rates};
use model::{InputMoments, RateNetwork, Rates};

/// The stationary state of one population, as a closure predicts it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StaticState {
    /// f, m, ⟨φ²⟩.
    pub rates: Rates,
    /// Mean, variance and skewness of x.
    pub input: InputMoments,
    /// What mean and skewness of x sum, without signs: excitation and inhibition cancel there, errors do not.
    pub terms: InputTerms,
    /// Total variance of η.
    pub eta_variance: f64,
    /// Largest relative change of any activity under one more iteration.
    pub residual: f64,
}

/// Sums over sources of magnitudes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InputTerms {
    /// Σ_b |mean input from b|; mean x − I is that sum with signs.
    pub mean: f64,
    /// Σ_b |third cumulant from b|/σ³; the skewness of x is that sum with signs.
    pub skewness: f64,
}

impl StaticState {
    /// α = m K^ν J²/g² `[1]`: shape of the law of η for a binary response; of population b onto itself.
    pub fn alpha(&self, network: &RateNetwork, population: usize) -> f64 {
        let (a, _) = gamma_parameters(network, population, population);
        a * self.rates.mean
    }
}

/// a_ab = K_b^ν J²_ab/g²_ab and θ_ab = (g²_ab/J_ab) K_b^(1/2 − ν): total shape and scale of the
/// gamma weights from b to a. Eq. (3).
pub fn gamma_parameters(network: &RateNetwork, a: usize, b: usize) -> (f64, f64) {
    let k = network.populations[b].in_degree as f64;
    let (j, g) = (network.mean[[a, b]], network.spread[[a, b]]);
    (libm::pow(k, network.exponent) * j * j / (g * g), g * g / j * libm::pow(k, 0.5 - network.exponent))
}

/// First three moments of a quantity ψ ≥ 0 of the units of one population.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SourceMoments {
    /// E ψ.
    pub mean: f64,
    /// E ψ².
    pub square: f64,
    /// E ψ³.
    pub cube: f64,
}

/// Mean, variance and skewness over targets of I_a + Σ_b s_b Σ_j B_j J_j ψ_j, with weights J of any
/// law and connections B of probability p: the cumulants of one source times their number. Eq. (7).
pub fn input_moments(network: &RateNetwork, a: usize, sources: &[SourceMoments]) -> InputMoments {
    let (mut mean, mut variance, mut third) = (network.populations[a].bias, 0.0, 0.0);
    for cumulants in cumulants(network, a, sources) {
        mean += cumulants[0];
        variance += cumulants[1];
        third += cumulants[2];
    }
    InputMoments { mean, variance, skewness: third / (variance * variance.sqrt()) }
}

/// The same sums over sources, of magnitudes.
pub fn input_terms(network: &RateNetwork, a: usize, sources: &[SourceMoments]) -> InputTerms {
    let (mut mean, mut variance, mut third) = (0.0, 0.0, 0.0);
    for cumulants in cumulants(network, a, sources) {
        mean += cumulants[0].abs();
        variance += cumulants[1];
        third += cumulants[2].abs();
    }
    InputTerms { mean, skewness: third / (variance * variance.sqrt()) }
}

/// First three cumulants of the input from each population.
fn cumulants<'a>(
    network: &'a RateNetwork,
    a: usize,
    sources: &'a [SourceMoments],
) -> impl Iterator<Item = [f64; 3]> + 'a {
    sources.iter().enumerate().filter(move |&(b, _)| network.connected(a, b)).map(move |(b, psi)| {
        let population = &network.populations[b];
        let (n, p, sign) = (population.size as f64, network.probability(b), population.sign.value());
        let moments = network.weight_moments(a, b);
        let (j, v) = (moments.mean, moments.sd.powi(2));
        let central = network.law.third_central_moment(moments).unwrap_or(0.0);
        let cube = central + 3.0 * j * v + j.powi(3);
        [
            sign * n * p * j * psi.mean,
            n * (p * (v + j * j) - (p * j).powi(2)) * psi.square,
            sign * n * (p * cube - 3.0 * p * p * j * (v + j * j) + 2.0 * (p * j).powi(3)) * psi.cube,
        ]
    })
}

/// Total variance of η: [`input_moments`] with ψ = φ.
pub fn eta_variance_of(network: &RateNetwork, a: usize, rates: &[Rates]) -> f64 {
    let phi: Vec<SourceMoments> =
        rates.iter().map(|r| SourceMoments { mean: r.mean, square: r.square, cube: 0.0 }).collect();
    input_moments(network, a, &phi).variance
}

/// Activities that a map of activities leaves as they are, and the residual.
///
/// Unknowns are the logarithms of m and, for a graded response, of ⟨φ²⟩; Newton starts at `start`, or
/// at the balanced state where there is one.
pub fn self_consistent(
    network: &RateNetwork,
    closure: &'static str,
    start: Option<&[Rates]>,
    mut map: impl FnMut(&[Rates]) -> Result<Vec<Rates>, TheoryError>,
) -> Result<(Vec<Rates>, f64), TheoryError> {
    check_not_silent(network)?;
    let binary = network.response.is_binary();
    let unpack = |y: &[f64]| -> Vec<Rates> {
        if binary {
            y.iter().map(|m| libm::exp(*m)).map(|m| Rates { active: m, mean: m, square: m }).collect()
        } else {
            let pair = |p: &[f64]| Rates { active: f64::NAN, mean: libm::exp(p[0]), square: libm::exp(p[1]) };
            y.chunks_exact(2).map(pair).collect()
        }
    };
    let guess = match start {
        Some(rates) => rates.iter().map(|r| (r.mean, r.square)).collect(),
        None => initial_guess(network),
    };
    let start: Vec<f64> = guess
        .into_iter()
        .flat_map(
            |(mean, square)| if binary { vec![libm::log(mean)] } else { vec![libm::log(mean), libm::log(square)] },
        )
        .collect();
    let mut last = Vec::new();
    let found = newton(closure, start, |y| {
        last = map(&unpack(y))?;
        let positive = |v: f64| libm::log(v.max(1e-300));
        Ok(last
            .iter()
            .flat_map(|r| if binary { vec![positive(r.mean)] } else { vec![positive(r.mean), positive(r.square)] })
            .zip(y)
            .map(|(new, old)| new - old)
            .collect())
    })?;
    let rates = map(&unpack(&found.solution))?;
    Ok((rates, found.residual))
}

fn initial_guess(network: &RateNetwork) -> Vec<(f64, f64)> {
    let balanced = balanced_rates(network).ok().and_then(|balanced| balanced.rates);
    (0..network.populations.len())
        .map(|a| {
            let mean = balanced.as_ref().map_or(0.05, |rates| rates[a]);
            let mean = if mean > 1e-12 { mean } else { 0.05 }.min(0.5 * network.response.supremum());
            (mean, 0.3 * mean * reachable(network, a).min(1.0))
        })
        .collect()
}

fn check_not_silent(network: &RateNetwork) -> Result<(), TheoryError> {
    for (population, p) in network.populations.iter().enumerate() {
        if p.bias <= 0.0 && !receives_excitation(network, population) {
            return Err(TheoryError::Silent { population, bias: p.bias });
        }
    }
    Ok(())
}

/// Whether anything can lift x of population a above its bias.
pub fn receives_excitation(network: &RateNetwork, a: usize) -> bool {
    // Gaussian weights take both signs.
    let both = network.law == model::WeightLaw::Gaussian;
    let excites =
        |(b, p): (usize, &model::Population)| network.connected(a, b) && (both || p.sign == model::Sign::Excitatory);
    network.populations.iter().enumerate().any(excites)
}

/// Largest activity that a unit of population a can hold: φ(I) where all input inhibits, sup φ
/// otherwise.
pub fn reachable(network: &RateNetwork, a: usize) -> f64 {
    if receives_excitation(network, a) {
        network.response.supremum()
    } else {
        network.response.value(network.populations[a].bias)
    }
}

/// Refuses a variance ratio outside (0, 1].
pub fn check_ratio(value: f64) -> Result<f64, TheoryError> {
    if value > 0.0 && value <= 1.0 { Ok(value) } else { Err(TheoryError::Ratio { value }) }
}
