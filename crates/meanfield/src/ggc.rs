//! Closures (c) and (f): the input is a generalised gamma convolution.
//!
//! The filtered inhibition y = Σⱼ Jⱼ ψⱼ of gamma weights and filtered activities ψ has
//! log E e^(−uy) = −a E_ψ log(1 + θ u ψ), exactly. What is closed is the law of ψ: a Beta law on
//! [0, sup ψ] with the two moments that ψ must have.

use crate::TheoryError;
use crate::input::{
    SourceMoments, StaticState, check_ratio, eta_variance_of, gamma_parameters, input_moments, reachable,
    receives_excitation, self_consistent,
};
use crate::quadrature::nodes;
use model::{InputMoments, RateNetwork, Rates, Sign, WeightLaw};
use num_complex::Complex64;
use statrs::function::beta::checked_beta_reg;
use std::f64::consts::PI;

/// The solved closure: states, and the law of the input to each population.
#[derive(Clone, Debug)]
pub struct GgcBeta {
    /// One state a population.
    pub states: Vec<StaticState>,
    laws: Vec<InputLaw>,
}

impl GgcBeta {
    /// Probability density of x of one population.
    pub fn density(&self, population: usize, x: f64) -> f64 {
        self.laws[population].density(x)
    }
}

/// The GGC-Beta closure, with `ratio[b]` = E ψ²/⟨φ²⟩ of population b given. For one population that is
/// var(x)/var(η), and with more, where all g_ab are equal, the same ratio of every target. Eq. (7).
///
/// *Assumes* gamma weights; independence of the sources given their paths (corrections of relative
/// order K^(ν−1) N⁰ from the common mode); a Beta law of ψ. Connections of probability p < 1 are
/// exact. Where there is excitation and φ is unbounded, sup ψ is taken six standard deviations of x
/// above its mean.
///
/// # Errors
/// [`TheoryError::NotApplicable`] for other weight laws, and as its variants say.
///
/// # Panics
/// If there is not one ratio a population.
pub fn ggc_beta(network: &RateNetwork, ratio: &[f64]) -> Result<GgcBeta, TheoryError> {
    const NAME: &str = "the GGC-Beta closure";
    assert_eq!(ratio.len(), network.populations.len(), "one ratio a population");
    if network.law != WeightLaw::Gamma {
        return Err(TheoryError::NotApplicable { closure: NAME, reason: "it is for gamma weights" });
    }
    ratio.iter().try_for_each(|&r| check_ratio(r).map(drop))?;
    let populations = network.populations.len();
    let laws = |rates: &[Rates]| -> Result<Vec<InputLaw>, TheoryError> {
        let psi = filtered_activities(network, rates, ratio);
        (0..populations).map(|a| InputLaw::new(network, a, &psi)).collect()
    };
    let (rates, residual) = self_consistent(network, NAME, |rates| {
        Ok(laws(rates)?.iter().map(|law| law.rates(network)).collect())
    })?;
    let psi = filtered_activities(network, &rates, ratio);
    if let Some(clamped) = psi.iter().find(|psi| psi.clamped) {
        return Err(TheoryError::Moments { mean: clamped.mean, square: clamped.asked, supremum: clamped.supremum });
    }
    let laws = laws(&rates)?;
    let states = (0..populations)
        .map(|a| StaticState {
            rates: rates[a],
            input: laws[a].moments,
            eta_variance: eta_variance_of(network, a, &rates),
            residual,
        })
        .collect();
    Ok(GgcBeta { states, laws })
}

/// The law of ψ of one population: sup ψ times a Beta(p, q) variable.
#[derive(Clone, Debug)]
struct FilteredActivity {
    p: f64,
    q: f64,
    supremum: f64,
    mean: f64,
    /// The mean square asked for.
    asked: f64,
    /// Whether no Beta law has it, and the nearest was taken: allowed on the way, not at the end.
    clamped: bool,
}

impl FilteredActivity {
    fn new(mean: f64, square: f64, supremum: f64) -> Self {
        // Strictly between m² (ψ constant) and m sup ψ (ψ two-valued).
        let m = (mean / supremum).clamp(1e-12, 1.0 - 1e-9);
        let asked = square / (supremum * supremum);
        let s = asked.clamp(m * m + 1e-6 * m * (1.0 - m), m - 1e-6 * m * (1.0 - m));
        let count = (m - s) / (s - m * m);
        FilteredActivity {
            p: m * count,
            q: (1.0 - m) * count,
            supremum,
            mean,
            asked: square,
            clamped: s != asked || m * supremum < mean * (1.0 - 1e-9),
        }
    }

    fn moments(&self) -> SourceMoments {
        let (p, q, top) = (self.p, self.q, self.supremum);
        let mean = p / (p + q);
        let square = mean * (p + 1.0) / (p + q + 1.0);
        let cube = square * (p + 2.0) / (p + q + 2.0);
        SourceMoments { mean: top * mean, square: top * top * square, cube: top * top * top * cube }
    }

    /// Nodes s and weights w S(s) for ∫₀¹ S(s) h'(s) ds, which is E h(ψ/sup ψ) − h(0) by parts, S
    /// being the survival function: the trapezoidal rule in t = ln(s/(1 − s)). With singularities
    /// of h' no nearer than |Im t| = π/2 its error is e^(−π²/0.35) = 6·10⁻¹³.
    fn survival_nodes(&self, largest_scale: f64) -> Vec<(f64, f64)> {
        const SPACING: f64 = 0.35;
        let low = -36.0 - largest_scale.max(1.0).ln();
        let count = ((36.0 - low) / SPACING) as usize;
        (0..=count)
            .map(|k| {
                let t = low + SPACING * k as f64;
                let (s, rest) = (1.0 / (1.0 + (-t).exp()), 1.0 / (1.0 + t.exp()));
                (s, SPACING * s * rest * self.survival(s, rest))
            })
            .filter(|&(_, weight)| weight > 1e-18)
            .collect()
    }

    /// P(ψ > s sup ψ) = I_{1−s}(q, p), with 1 − s given so that it keeps its digits.
    fn survival(&self, s: f64, rest: f64) -> f64 {
        if rest > 0.5 {
            1.0 - checked_beta_reg(self.p, self.q, s).unwrap_or(0.0)
        } else {
            checked_beta_reg(self.q, self.p, rest).unwrap_or(0.0)
        }
    }
}

fn filtered_activities(network: &RateNetwork, rates: &[Rates], ratio: &[f64]) -> Vec<FilteredActivity> {
    let rough: Vec<SourceMoments> = rates
        .iter()
        .zip(ratio)
        .map(|(r, ratio)| SourceMoments { mean: r.mean, square: ratio * r.square, cube: 0.0 })
        .collect();
    (0..rates.len())
        .map(|b| {
            let mut supremum = reachable(network, b);
            if supremum.is_infinite() {
                let x = input_moments(network, b, &rough);
                supremum = network.response.value(x.mean + 6.0 * x.variance.sqrt()).max(2.0 * rates[b].mean);
            }
            FilteredActivity::new(rough[b].mean, rough[b].square, supremum)
        })
        .collect()
}

/// The law of x of one population, as its characteristic function on equal steps of u.
#[derive(Clone, Debug)]
struct InputLaw {
    bias: f64,
    moments: InputMoments,
    /// Largest x with a density worth summing.
    top: f64,
    step: f64,
    /// E e^(iu(x − I)) at u = 0, step, 2 step, …
    values: Vec<Complex64>,
}

/// Most steps of u: at 1 MiB of values the inversion still takes milliseconds.
const MOST_STEPS: usize = 1 << 16;

impl InputLaw {
    fn new(network: &RateNetwork, a: usize, psi: &[FilteredActivity]) -> Result<Self, TheoryError> {
        let bias = network.populations[a].bias;
        let sources: Vec<SourceMoments> = psi.iter().map(FilteredActivity::moments).collect();
        let moments = input_moments(network, a, &sources);
        let sd = moments.variance.sqrt();
        // A sum of gammas has tails e^(−|x|/(θ sup ψ)): 40 such lengths beyond the bulk leave e^−40.
        let (mut below, mut above) = (12.0 * sd, 12.0 * sd);
        for (b, psi) in psi.iter().enumerate().filter(|&(b, _)| network.connected(a, b)) {
            let length = 40.0 * gamma_parameters(network, a, b).1 * psi.supremum;
            match network.populations[b].sign {
                Sign::Inhibitory => below += length,
                Sign::Excitatory => above += length,
            }
        }
        let top = if receives_excitation(network, a) { moments.mean + above } else { bias };
        let period = below + above + (moments.mean - bias).abs();
        let step = 2.0 * PI / period;
        let kernels: Vec<SourceKernel> = (0..psi.len())
            .filter(|&b| network.connected(a, b))
            .map(|b| SourceKernel::new(network, a, b, &psi[b], step * MOST_STEPS as f64))
            .collect();
        let mut values = vec![Complex64::ONE];
        while values[values.len() - 1].norm() > 1e-12 {
            if values.len() == MOST_STEPS {
                return Err(TheoryError::TooFewInputs);
            }
            let u = step * values.len() as f64;
            values.push(kernels.iter().map(|k| k.log_characteristic(u)).sum::<Complex64>().exp());
        }
        Ok(InputLaw { bias, moments, top, step, values })
    }

    /// p(x) = (1/π) ∫₀^∞ Re φ(u) e^(−iu(x − I)) du by the trapezoidal rule, which for a periodic sum of
    /// a smooth density converges as fast as the characteristic function decays.
    fn density(&self, x: f64) -> f64 {
        let turn = Complex64::from_polar(1.0, -self.step * (x - self.bias));
        // Horner's rule from the highest frequency down.
        let sum = self.values[1..].iter().rev().fold(Complex64::ZERO, |sum, value| (sum + value) * turn);
        (self.step / PI * (0.5 + sum.re)).max(0.0)
    }

    /// f, m and ⟨φ²⟩ = ∫₀^top (1, φ, φ²) p dx.
    fn rates(&self, network: &RateNetwork) -> Rates {
        let (mut active, mut mean, mut square) = (0.0, 0.0, 0.0);
        let sd = self.moments.variance.sqrt();
        let top = self.top.min((self.moments.mean + 40.0 * sd).max(4.0 * sd));
        // The bulk on its own, then the tail: each smooth on its own scale.
        let bulk = (self.moments.mean.max(0.0) + 4.0 * sd).min(top);
        for (low, high) in [(0.0, bulk), (bulk, top)] {
            if high <= low {
                continue;
            }
            for (x, weight) in nodes(low, high) {
                let density = weight * self.density(x);
                let phi = network.response.value(x);
                active += density;
                mean += density * phi;
                square += density * phi * phi;
            }
        }
        Rates { active, mean, square }
    }
}

/// What one source population adds to the logarithm of the characteristic function.
struct SourceKernel {
    sign: f64,
    /// θ sup ψ.
    scale: f64,
    /// a = K k; shape k of one weight; N and p of the source.
    total_shape: f64,
    shape: f64,
    size: f64,
    probability: f64,
    nodes: Vec<(f64, f64)>,
}

impl SourceKernel {
    fn new(network: &RateNetwork, a: usize, b: usize, psi: &FilteredActivity, largest_u: f64) -> Self {
        let (total_shape, theta) = gamma_parameters(network, a, b);
        let population = &network.populations[b];
        let scale = theta * psi.supremum;
        SourceKernel {
            sign: population.sign.value(),
            scale,
            total_shape,
            shape: total_shape / population.in_degree as f64,
            size: population.size as f64,
            probability: network.probability(b),
            nodes: psi.survival_nodes(largest_u * scale),
        }
    }

    /// log E e^(iu s y) = N E log(1 − p + p (1 − i c ψ/sup ψ)^(−k)) with c = s u θ sup ψ; for p = 1
    /// it is −a E log(1 − i c ψ/sup ψ), whose integral by parts needs no logarithm.
    fn log_characteristic(&self, u: f64) -> Complex64 {
        let c = self.sign * u * self.scale;
        if self.probability >= 1.0 {
            let (mut re, mut im) = (0.0, 0.0);
            for &(s, weight) in &self.nodes {
                let share = weight * c / (1.0 + c * c * s * s);
                re += share * c * s;
                im += share;
            }
            return self.total_shape * Complex64::new(-re, im);
        }
        let p = self.probability;
        let mut sum = Complex64::ZERO;
        for &(s, weight) in &self.nodes {
            let base = Complex64::new(1.0, -c * s);
            let power = (-self.shape * base.ln()).exp();
            sum += weight * power / (base * (1.0 - p + p * power));
        }
        Complex64::new(0.0, self.size * p * self.shape * c) * sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gamma_input;
    use model::Response;

    fn network(size: usize, response: Response) -> RateNetwork {
        RateNetwork::inhibitory(size, 2.0, 2.0, 0.5, 1.0, response)
    }

    /// A two-valued ψ makes y gamma: the limit q → 0, p → 0 of the Beta law.
    #[test]
    fn without_filtering_heaviside_tends_to_the_closed_form() {
        let n = network(1000, Response::Heaviside);
        let closed = gamma_input(&n, 1.0).expect("one root").rates.mean;
        let error = |ratio: f64| ggc_beta(&n, &[ratio]).expect("solved").states[0].rates.mean / closed - 1.0;
        let (near, nearer) = (error(0.99), error(0.999));
        assert!(near < 0.0 && nearer < 0.0 && nearer.abs() < 0.2 * near.abs(), "{near} {nearer}");
        assert!(nearer.abs() < 1e-3);
    }

    #[test]
    fn the_density_has_the_moments_and_mass_it_should() {
        for (response, exponent) in [
            (Response::Heaviside, 0.5),
            (Response::RectifiedTanh, 0.5),
            (Response::RectifiedQuadratic, 0.7),
            (Response::RectifiedLinear, 1.0),
        ] {
            let mut n = network(800, response);
            n.exponent = exponent;
            let solved = ggc_beta(&n, &[0.7]).expect("solved");
            let state = &solved.states[0];
            let sd = state.input.variance.sqrt();
            let (low, pieces) = (1.0 - 40.0 * sd, 40);
            let (mut mass, mut first, mut second, mut third) = (0.0, 0.0, 0.0, 0.0);
            for piece in 0..pieces {
                let edge = |k: usize| low + (1.0 - low) * k as f64 / pieces as f64;
                for (x, w) in nodes(edge(piece), edge(piece + 1)) {
                    let p = w * solved.density(0, x);
                    let d = x - state.input.mean;
                    mass += p;
                    first += p * d;
                    second += p * d * d;
                    third += p * d * d * d;
                }
            }
            // What is beyond 40 standard deviations is cut off; the rest is quadrature error.
            assert!((mass - 1.0).abs() < 1e-6, "{response:?} mass {mass}");
            assert!(first.abs() < 1e-5 * sd, "{response:?} mean {first}");
            assert!((second / state.input.variance - 1.0).abs() < 1e-5, "{response:?} variance");
            assert!((third / sd.powi(3) - state.input.skewness).abs() < 1e-3, "{response:?} skewness");
        }
    }

    #[test]
    fn order_of_populations_does_not_matter_and_a_full_mask_is_no_mask() {
        let mut n = network(300, Response::RectifiedTanh);
        let mut excitatory = n.populations[0].clone();
        excitatory.name = "E".into();
        excitatory.sign = Sign::Excitatory;
        excitatory.bias = 2.0;
        n.populations.insert(0, excitatory);
        n.mean = ndarray::array![[1.0, 2.0], [1.0, 1.2]];
        n.spread = ndarray::Array2::ones((2, 2));
        let solved = ggc_beta(&n, &[0.8, 0.8]).expect("solved");
        let mut swapped = n.clone();
        swapped.populations.swap(0, 1);
        swapped.mean = ndarray::array![[1.2, 1.0], [2.0, 1.0]];
        let other = ggc_beta(&swapped, &[0.8, 0.8]).expect("solved");
        for (a, b) in [(0, 1), (1, 0)] {
            assert!((solved.states[a].rates.mean / other.states[b].rates.mean - 1.0).abs() < 1e-7);
        }
        // The formula for p < 1 at p → 1.
        let mut masked = n.clone();
        masked.populations.iter_mut().for_each(|p| p.size += 1);
        let nearly = ggc_beta(&masked, &[0.8, 0.8]).expect("solved");
        for a in 0..2 {
            assert!((solved.states[a].rates.mean / nearly.states[a].rates.mean - 1.0).abs() < 5e-3);
        }
    }

    #[test]
    fn what_it_cannot_do_is_said() {
        let mut n = network(500, Response::Heaviside);
        assert!(matches!(ggc_beta(&n, &[1.5]), Err(TheoryError::Ratio { .. })));
        n.law = WeightLaw::LogNormal;
        assert!(matches!(ggc_beta(&n, &[0.5]), Err(TheoryError::NotApplicable { .. })));
    }
}
