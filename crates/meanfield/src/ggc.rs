//! Closures (c) and (f): the input is a generalised gamma convolution.
//!
//! The filtered inhibition y = Σⱼ Jⱼ ψⱼ of gamma weights and filtered activities ψ has
//! log E e^(−uy) = −a E_ψ log(1 + θ u ψ), exactly. What is closed is the law of ψ: a Beta law on
//! [0, sup ψ] with the two moments that ψ must have.

use crate::complex::{exp, ln};
use crate::input::{
    SourceMoments, StaticState, check_ratio, eta_variance_of, gamma_parameters, input_moments, input_terms, reachable,
    receives_excitation, self_consistent,
};
use crate::quadrature::nodes;
use crate::{TheoryError, gaussian_input};
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
    if (0..network.populations.len()).any(|a| (0..network.populations.len()).all(|b| !network.connected(a, b))) {
        return Err(TheoryError::NotApplicable {
            closure: NAME,
            reason: "a population without recurrent input is constant",
        });
    }
    ratio.iter().try_for_each(|&r| check_ratio(r).map(drop))?;
    let populations = network.populations.len();
    let laws = |rates: &[Rates]| -> Vec<InputLaw> {
        let psi = filtered_activities(network, rates, ratio);
        (0..populations).map(|a| InputLaw::new(network, a, &psi)).collect()
    };
    let solve = |start: Option<&[Rates]>| -> Result<(Vec<Rates>, f64), TheoryError> {
        let (rates, residual) = self_consistent(network, NAME, start, |rates| {
            Ok(laws(rates).iter().map(|law| law.rates(network)).collect())
        })?;
        match filtered_activities(network, &rates, ratio).iter().find(|psi| psi.clamped) {
            Some(psi) => Err(TheoryError::Moments { mean: psi.mean, square: psi.asked, supremum: psi.supremum }),
            None => Ok((rates, residual)),
        }
    };
    // Where inputs are many and weak the Gaussian closure is near; where they are not, Newton may leave
    // the moments that a Beta law can have, and starts again from there.
    let (rates, residual) = solve(None).or_else(|error| {
        let gaussian = gaussian_input(network, ratio).map_err(|_| error.clone())?;
        let start: Vec<Rates> = gaussian.iter().map(|state| state.rates).collect();
        solve(Some(&start)).map_err(|_| error)
    })?;
    let laws = laws(&rates);
    let sources: Vec<SourceMoments> =
        filtered_activities(network, &rates, ratio).iter().map(FilteredActivity::moments).collect();
    let states = (0..populations)
        .map(|a| StaticState {
            rates: rates[a],
            input: laws[a].moments,
            terms: input_terms(network, a, &sources),
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
    /// of h' no nearer than |Im t| = 1.28, the angle of the contour's arms with the cut, its error
    /// is e^(−2π 1.28/0.3) = 2·10⁻¹².
    fn survival_nodes(&self) -> Vec<(f64, f64)> {
        const SPACING: f64 = 0.3;
        // Down to e^−55: |z| reaches 10⁶ along the contour, and |z| ψ below e^−40 adds nothing.
        let low = -55.0;
        let count = ((36.0 - low) / SPACING) as usize;
        (0..=count)
            .map(|k| {
                let t = low + SPACING * k as f64;
                let (s, rest) = (1.0 / (1.0 + libm::exp(-t)), 1.0 / (1.0 + libm::exp(t)));
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

/// The law of x of one population: its density by inversion of the Laplace transform
/// M(s) = E e^(−sY) of the net inhibition Y = I − x.
#[derive(Clone, Debug)]
struct InputLaw {
    bias: f64,
    moments: InputMoments,
    /// Largest x with a density worth summing.
    top: f64,
    /// Nodes (s, ln(M(s) ds/2πi)) of a contour that closes to the left, for Y > 0.
    left: Vec<(Complex64, Complex64)>,
    /// And to the right, for Y < 0; empty where nothing excites.
    right: Vec<(Complex64, Complex64)>,
}

/// Steepest slope of the contour's arms: the angle with the imaginary axis is atan 0.3 = 17°. e^(sY)
/// decays along arms that lean, where M does not; but where inputs are many and weak, M e^(sY) first
/// grows as e^((k E Y/sd)²/2) along arms of slope k, and k must be small.
const STEEPEST: f64 = 0.3;

impl InputLaw {
    fn new(network: &RateNetwork, a: usize, psi: &[FilteredActivity]) -> Self {
        let bias = network.populations[a].bias;
        let sources: Vec<SourceMoments> = psi.iter().map(FilteredActivity::moments).collect();
        let moments = input_moments(network, a, &sources);
        let sd = moments.variance.sqrt();
        let mut kernels = Vec::new();
        // M is analytic for 0 < Re s < strip: the nearest pole to the right is that of the longest
        // excitatory tail. Kept below 0.6/sd, so that e^(cY) cancels no digits in the far tail.
        let mut strip = 0.6 / sd;
        let mut above = 12.0 * sd;
        for b in (0..psi.len()).filter(|&b| network.connected(a, b)) {
            let kernel = SourceKernel::new(network, a, b, &psi[b]);
            if network.populations[b].sign == Sign::Excitatory {
                strip = strip.min(1.0 / kernel.scale.abs());
                above += 40.0 * kernel.scale.abs();
            }
            kernels.push(kernel);
        }
        let excited = receives_excitation(network, a);
        let top = if excited { moments.mean + above } else { bias };
        let slope = STEEPEST.min(0.6 * sd / (moments.mean - bias).abs());
        let contour = |direction: f64| Contour { strip, slope, direction, smallest: 1e-4 * sd }.nodes(&kernels);
        InputLaw { bias, moments, top, left: contour(1.0), right: if excited { contour(-1.0) } else { Vec::new() } }
    }

    fn nodes(&self, y: f64) -> &[(Complex64, Complex64)] {
        if y > 0.0 { &self.left } else { &self.right }
    }

    /// p(x) = (1/2πi) ∫ e^(sY) M(s) ds, Y = I − x.
    fn density(&self, x: f64) -> f64 {
        let y = self.bias - x;
        self.nodes(y).iter().map(|(s, weight)| exp(s * y + weight).re).sum::<f64>().max(0.0)
    }

    /// P(x > 0) = P(Y < I) = (1/2πi) ∫ e^(sI) M(s)/s ds to the right of s = 0.
    fn active(&self) -> f64 {
        let y = self.bias;
        let below: f64 = self.nodes(y).iter().map(|(s, weight)| (exp(s * y + weight) / s).re).sum();
        below.clamp(0.0, 1.0)
    }

    /// f, m and ⟨φ²⟩ = ∫₀^top (φ, φ²) p dx.
    fn rates(&self, network: &RateNetwork) -> Rates {
        let active = self.active();
        if network.response.is_binary() {
            return Rates { active, mean: active, square: active };
        }
        let (mut mean, mut square) = (0.0, 0.0);
        let sd = self.moments.variance.sqrt();
        // The bulk on its own, then the tail: each smooth on its own scale.
        let bulk = (self.moments.mean.max(0.0) + 4.0 * sd).min(self.top);
        for (low, high) in [(0.0, bulk), (bulk, self.top)] {
            if high <= low {
                continue;
            }
            for (x, weight) in nodes(low, high) {
                let phi = network.response.value(x);
                let share = weight * self.density(x) * phi;
                mean += share;
                square += share * phi;
            }
        }
        Rates { active, mean, square }
    }
}

/// The path s(w) = c − d A k (cosh w − 1) + i A sinh w of the inversion. It crosses the real axis at
/// c = strip/2, A = strip; as long as |Im w| < atan k the crossing stays inside the strip and the arms
/// keep off the cuts and the vertical, so the trapezoidal rule of step h errs by e^(−2π k/h).
struct Contour {
    strip: f64,
    /// k.
    slope: f64,
    /// d: 1 to close to the left, −1 to the right.
    direction: f64,
    /// The smallest |Y| for which e^(sY) alone must end the sum.
    smallest: f64,
}

impl Contour {
    /// Nodes (s, ln(M(s) ds/2πi)), until nothing is left to add. As logarithms, since M and e^(sY) may
    /// each be out of range where their product is not.
    fn nodes(&self, kernels: &[SourceKernel]) -> Vec<(Complex64, Complex64)> {
        let Contour { strip, slope, direction, smallest } = *self;
        let step = 2.0 * PI * slope / 28.0;
        let last = libm::acosh(40.0 / (slope * strip * smallest));
        let mut nodes = Vec::new();
        for n in 0..=(last / step) as usize {
            let w = step * n as f64;
            let (cosh, sinh) = (libm::cosh(w), libm::sinh(w));
            let s = Complex64::new(0.5 * strip - direction * strip * slope * (cosh - 1.0), strip * sinh);
            let ds = Complex64::new(-direction * strip * slope * sinh, strip * cosh);
            // The lower half of the path is the conjugate of the upper: twice the real part.
            let share = if n == 0 { 1.0 } else { 2.0 };
            let log_m: Complex64 = kernels.iter().map(|kernel| kernel.log_transform(s)).sum();
            let weight = log_m + ln(ds * (share * step / (2.0 * PI)) / Complex64::I);
            nodes.push((s, weight));
            if weight.re < libm::log(strip) - 51.0 && w > 1.0 {
                break;
            }
        }
        nodes
    }
}

/// What one source population adds to ln M.
struct SourceKernel {
    /// s_b θ sup ψ, positive for inhibition.
    scale: f64,
    /// a = K k; shape k of one weight; N and p of the source.
    total_shape: f64,
    shape: f64,
    size: f64,
    probability: f64,
    nodes: Vec<(f64, f64)>,
}

impl SourceKernel {
    fn new(network: &RateNetwork, a: usize, b: usize, psi: &FilteredActivity) -> Self {
        let (total_shape, theta) = gamma_parameters(network, a, b);
        let population = &network.populations[b];
        SourceKernel {
            scale: -population.sign.value() * theta * psi.supremum,
            total_shape,
            shape: total_shape / population.in_degree as f64,
            size: population.size as f64,
            probability: network.probability(b),
            nodes: psi.survival_nodes(),
        }
    }

    /// ln E e^(−sy) = N E ln(1 − p + p (1 + z ψ/sup ψ)^(−k)) with z = s θ sup ψ; for p = 1 it is
    /// −a E ln(1 + z ψ/sup ψ). By parts, neither needs the density of ψ.
    fn log_transform(&self, s: Complex64) -> Complex64 {
        let z = s * self.scale;
        if self.probability >= 1.0 {
            let sum: Complex64 = self.nodes.iter().map(|&(v, weight)| weight / (1.0 + z * v)).sum();
            return -self.total_shape * z * sum;
        }
        let p = self.probability;
        let sum: Complex64 = self
            .nodes
            .iter()
            .map(|&(v, weight)| {
                let base = 1.0 + z * v;
                let power = exp(-self.shape * ln(base));
                weight * power / (base * (1.0 - p + p * power))
            })
            .sum();
        -self.size * p * self.shape * z * sum
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
            let (low, pieces) = (1.0 - 25.0 * sd, 25);
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
            // Within 10⁻⁴ sd of y = 0, where no unit is, the contour is cut short; the rest is quadrature.
            assert!((mass - 1.0).abs() < 2e-5, "{response:?} mass {mass}");
            assert!(first.abs() < 5e-5 * sd, "{response:?} mean {first}");
            assert!((second / state.input.variance - 1.0).abs() < 1e-4, "{response:?} variance");
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

    /// Why the closure's skewness is too large at ν = 1, where φ(x) is a rectified Gaussian of level
    /// u = −0.4 … −0.3 and little is filtered: its E ψ³ is too large by up to 37 %.
    #[test]
    fn beta_law_of_a_rectified_gaussian() {
        for u in [-0.405, -0.3] {
            let mut last = 0.0;
            for s in [0.15, 0.05, 0.005] {
                let moment = |power: i32| -> f64 {
                    let density = |z: f64| libm::exp(-0.5 * z * z) / (2.0 * PI).sqrt();
                    let sum: f64 = nodes(-u, 12.0).iter().map(|(z, w)| w * (u + z).powi(power) * density(*z)).sum();
                    sum * f64::powi(s, power)
                };
                let beta = FilteredActivity::new(moment(1), moment(2), libm::tanh(1.0)).moments();
                assert!((beta.square / moment(2) - 1.0).abs() < 1e-9);
                let excess = beta.cube / moment(3) - 1.0;
                assert!(excess > last && excess < 0.375, "u = {u}, s = {s}: {excess}");
                last = excess;
            }
            assert!(last > 0.32, "the limit of large K");
        }
    }

    /// At ν = 1 the input becomes Gaussian: the two closures part by the skewness, of order K^(−1/2).
    #[test]
    fn at_low_variance_it_tends_to_the_gaussian_closure() {
        let distance = |size: usize| {
            let n = RateNetwork::inhibitory(size, 2.0, 2.0, 1.0, 1.0, Response::RectifiedTanh);
            let ggc = ggc_beta(&n, &[0.98]).expect("solved").states[0].rates.active;
            let gaussian = gaussian_input(&n, &[0.98]).expect("solved")[0].rates.active;
            ggc / gaussian - 1.0
        };
        let (near, nearer) = (distance(2000), distance(20_000));
        assert!(near > 0.0 && near < 0.08, "{near}");
        assert!((near / nearer / 10_f64.sqrt() - 1.0).abs() < 0.15, "{near} {nearer}");
    }

    #[test]
    fn what_it_cannot_do_is_said() {
        let mut n = network(500, Response::Heaviside);
        assert!(matches!(ggc_beta(&n, &[1.5]), Err(TheoryError::Ratio { .. })));
        n.law = WeightLaw::LogNormal;
        assert!(matches!(ggc_beta(&n, &[0.5]), Err(TheoryError::NotApplicable { .. })));
    }
}
