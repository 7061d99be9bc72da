//! What homeostatic rules make of weights and rates, without running them.

use crate::{TheoryError, complex};
use model::{Lessons, PlasticNetwork, Rule};
use ndarray::{Array1, Array2};
use ndarray_linalg::{EigVals, Inverse, SVD};
use num_complex::Complex64;
use semibalance::{Answer, Circuit, all_states, one_state};

/// Name of the closures here, in errors.
const NAME: &str = "learned weights";

fn missing(reason: &'static str) -> TheoryError {
    TheoryError::NotApplicable { closure: NAME, reason }
}

/// r = g [W r + X]₊ `[A]` in Hz at given weights in mV/Hz and drives in mV.
///
/// Source: eq. (20), with 1/g taken from the diagonal of W.
///
/// # Errors
/// [`TheoryError::NotApplicable`] where no state is found.
pub fn settled_rates(gain: f64, weights: &Array2<f64>, drive: &Array1<f64>) -> Result<Array1<f64>, TheoryError> {
    let circuit = Circuit::new(weights - &(Array2::<f64>::eye(drive.len()) / gain), drive.clone())?;
    match one_state(&circuit) {
        Answer::State(state) => Ok(state.r),
        Answer::Nothing(_) | Answer::Unknown => Err(missing("no state at these weights")),
    }
}

/// Rates, if they settle in every trial and weights then learn from them once.
#[derive(Clone, Debug, PartialEq)]
pub struct QuasiStatic {
    /// r `[A]` in Hz of every trial.
    pub rates: Vec<Array1<f64>>,
    /// The first trial, from 0 on, whose rates the theory cannot be sure of: its state is unstable or one of several, so that the start decides, or weights
    /// that differ in the ninth digit have led to rates that differ in the fourth.
    pub doubtful: Option<usize>,
}

/// Populations up to which all states are listed.
const LISTED: usize = 6;

/// Rates of every trial, if they settle in each.
///
/// W ← W − T η (r − r0) r, clipped at 0, with r of [`settled_rates`]. *Assumes* learning that is slow against rates; that there is one state, which is looked
/// at in networks of up to 6 populations. Source: Zhu & Rosenbaum, eq. (3); Derivation (39).
///
/// # Errors
/// As [`settled_rates`].
pub fn quasi_static(network: &PlasticNetwork, lessons: &Lessons) -> Result<QuasiStatic, TheoryError> {
    let mut weights = network.coupling.clone();
    let mut twin = &network.coupling * (1.0 + TWIN);
    let mut found = QuasiStatic { rates: Vec::new(), doubtful: None };
    for phase in &lessons.phases {
        let drives: Vec<Array1<f64>> = phase.stimuli.iter().map(|shown| network.driven(lessons, shown)).collect();
        for trial in 0..phase.trials {
            let drive = &drives[trial % drives.len()];
            let (rates, sure) = state(network, &weights, drive)?;
            if !sure {
                found.doubtful.get_or_insert(found.rates.len());
            }
            if phase.learning {
                learn(network, &mut weights, &rates, lessons.trial);
            }
            if found.doubtful.is_none() {
                let (near, _) = state(network, &twin, drive)?;
                let largest = |v: &Array1<f64>| v.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
                if largest(&(&near - &rates)) > APART * largest(&rates) {
                    found.doubtful = Some(found.rates.len());
                }
                if phase.learning {
                    learn(network, &mut twin, &near, lessons.trial);
                }
            }
            found.rates.push(rates);
        }
    }
    Ok(found)
}

/// Relative distance of weights that are followed beside the network's own, and of rates at which the two have parted.
const TWIN: f64 = 1e-9;
const APART: f64 = 1e-4;

/// Weights after a trial of so many seconds.
fn learn(network: &PlasticNetwork, weights: &mut Array2<f64>, rates: &Array1<f64>, trial: f64) {
    for ((a, b), rule) in network.rules.indexed_iter() {
        let Some(rule) = rule else { continue };
        let before = weights[[a, b]];
        let drift = rule.drift(before, rates[a] - network.target[a], rates[b]);
        weights[[a, b]] = Rule::clipped(before + trial * drift, before);
    }
}

/// A state in Hz, and whether it is stable and, among few populations, the only one.
fn state(
    network: &PlasticNetwork,
    weights: &Array2<f64>,
    drive: &Array1<f64>,
) -> Result<(Array1<f64>, bool), TheoryError> {
    let n = drive.len();
    // τ dr/dt = −r + g[…]: active rates follow (W − 1/g)/τ.
    let coupling = weights - &(Array2::<f64>::eye(n) / network.gain);
    let circuit = Circuit::with_time_constants(coupling, drive.clone(), network.tau.clone())?;
    if n <= LISTED {
        let mut all = all_states(&circuit).map_err(|_| missing("too many populations"))?;
        if all.states.len() == 1 && all.continua.is_empty() {
            let only = all.states.remove(0);
            return Ok((only.r, only.stability.stable));
        }
    }
    match one_state(&circuit) {
        Answer::State(state) => Ok((state.r, n > LISTED && state.stability.stable)),
        Answer::Nothing(_) | Answer::Unknown => Err(missing("no state at these weights")),
    }
}

/// Where learning comes to rest while some drives are shown, if it can.
#[derive(Clone, Debug, PartialEq)]
pub struct LearnedState {
    /// W `[A × A]` in mV/Hz: those that come nearest, in input, by least squares over the drives.
    pub weights: Array2<f64>,
    /// r `[A]` in Hz for each drive, populations that learn being at their targets.
    pub rates: Vec<Array1<f64>>,
    /// Root mean square over the drives of what is left of the input to each population, `[A]` in mV.
    pub left: Array1<f64>,
    /// Whether nothing is left: all drives can be learned at once.
    pub reached: bool,
    /// Whether no other weights do as well; else the path of learning decides.
    pub unique: bool,
}

/// Weights that keep every population that learns at its target for all drives in mV.
///
/// Population a needs Σ_b W_ab r_b^k = r0_a/g − X_a^k − Σ_c W_ac r_c^k for every drive k, b running over what learns and c over the rest: as many
/// equations as drives, whose rank is that of the rates of b, over weights that keep their signs. *Assumes* that populations which learn are at their
/// targets; those that do not settle beside them. Source: Zhu & Rosenbaum's closed form is that of one drive and one b; Derivation (40).
///
/// # Errors
/// [`TheoryError::NotApplicable`] where populations that do not learn have no state.
pub fn learned_state(network: &PlasticNetwork, drives: &[Array1<f64>]) -> Result<LearnedState, TheoryError> {
    let rates: Vec<Array1<f64>> = drives.iter().map(|drive| at_targets(network, drive)).collect::<Result<_, _>>()?;
    let n = network.names.len();
    let mut state =
        LearnedState { weights: network.coupling.clone(), rates, left: Array1::zeros(n), reached: true, unique: true };
    for a in 0..n {
        let learns: Vec<usize> = (0..n).filter(|&b| network.rules[[a, b]].is_some()).collect();
        if learns.is_empty() {
            continue;
        }
        let others = |r: &Array1<f64>| -> f64 {
            (0..n).filter(|b| !learns.contains(b)).map(|b| network.coupling[[a, b]] * r[b]).sum()
        };
        let wanted: Array1<f64> =
            state.rates.iter().zip(drives).map(|(r, drive)| r[a] / network.gain - drive[a] - others(r)).collect();
        let sign = |b: usize| if network.coupling[[a, b]] > 0.0 { 1.0 } else { -1.0 };
        let sent =
            Array2::from_shape_fn((drives.len(), learns.len()), |(k, l)| sign(learns[l]) * state.rates[k][learns[l]]);
        let sizes = nearest(&sent, &wanted)?;
        let missed = sent.dot(&sizes) - &wanted;
        state.left[a] = (missed.mapv(|v| v * v).sum() / drives.len() as f64).sqrt();
        let largest = |values: &Array1<f64>| values.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
        state.reached &= largest(&missed) <= 1e-9 * largest(&wanted);
        let (_, singular, _) = sent.svd(false, false).map_err(|_| TheoryError::Singular)?;
        let smallest = singular.iter().copied().fold(f64::INFINITY, f64::min);
        state.unique &= drives.len() >= learns.len() && smallest > 1e-9 * largest(&singular);
        learns.iter().zip(&sizes).for_each(|(&b, size)| state.weights[[a, b]] = sign(b) * size);
    }
    Ok(state)
}

/// Rates `[A]` in Hz with all populations that learn at their targets, the others having settled beside them.
fn at_targets(network: &PlasticNetwork, drive: &Array1<f64>) -> Result<Array1<f64>, TheoryError> {
    let n = drive.len();
    let learns = |a: usize| network.rules.row(a).iter().any(Option::is_some);
    let free: Vec<usize> = (0..n).filter(|&a| !learns(a)).collect();
    let mut rates = Array1::from_shape_fn(n, |a| if learns(a) { network.target[a] } else { 0.0 });
    if !free.is_empty() {
        let own = Array2::from_shape_fn((free.len(), free.len()), |(a, b)| network.coupling[[free[a], free[b]]]);
        let driven = network.coupling.dot(&rates) + drive;
        let found = settled_rates(network.gain, &own, &free.iter().map(|&a| driven[a]).collect())?;
        free.iter().zip(&found).for_each(|(&a, r)| rates[a] = *r);
    }
    Ok(rates)
}

/// Least squares over numbers that are not negative: v ≥ 0, MᵀM v ≥ Mᵀu and v·(MᵀM v − Mᵀu) = 0 are a semi-balanced state with W = −MᵀM, X = Mᵀu.
fn nearest(matrix: &Array2<f64>, wanted: &Array1<f64>) -> Result<Array1<f64>, TheoryError> {
    let circuit = Circuit::new(-matrix.t().dot(matrix), matrix.t().dot(wanted))?;
    match one_state(&circuit) {
        Answer::State(state) => Ok(state.r),
        Answer::Nothing(_) | Answer::Unknown => Err(missing("least squares have not been solved")),
    }
}

/// The course of learning about a state where it rests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Course {
    /// Departures from the targets grow by this factor a trial: learning converges where it is below 1.
    pub factor: f64,
    /// By how much they turn in a trial, from 0, straight towards the targets, to π, from one side to the other in each trial.
    pub turn: f64,
}

/// The course of learning about the state of [`learned_state`] while its drives are shown in turn, one a trial.
///
/// Weights learn along the rates of their sources, δW_ab = Σ_k c_a^k η_ab r_b^k (η |W_ab| for the multiplicative rule). At drive l that changes the input to a by
/// y_a = Σ_k c_a^k Σ_b η_ab r_b^k r_b^l and rates by δr = (1/g − W)⁻¹ y, and the trial takes T δr_a from c_a^l: the eigenvalue of largest size of the
/// product over l decides. *Assumes* rates that settle within a trial, silent populations that stay silent, and weights away from 0. Derivation (41).
///
/// # Errors
/// [`TheoryError::Singular`]; [`TheoryError::NotApplicable`] where nothing learns.
pub fn course(network: &PlasticNetwork, state: &LearnedState, trial: f64) -> Result<Course, TheoryError> {
    let drives = state.rates.len();
    let learns: Vec<usize> =
        (0..network.names.len()).filter(|&a| network.rules.row(a).iter().any(Option::is_some)).collect();
    if learns.is_empty() {
        return Err(missing("nothing learns"));
    }
    // c_a^k, drive by drive.
    let all = learns.len() * drives;
    let mut product = Array2::<f64>::eye(all);
    for l in 0..drives {
        let response = response(network, state, l)?;
        let mut map = Array2::<f64>::eye(all);
        for (row, &a) in learns.iter().enumerate() {
            for k in 0..drives {
                for (column, &b) in learns.iter().enumerate() {
                    map[[l * learns.len() + row, k * learns.len() + column]] -=
                        trial * response[[a, b]] * reach(network, state, b, (k, l));
                }
            }
        }
        product = map.dot(&product);
    }
    let largest = |most: Complex64, z: &Complex64| {
        if complex::norm(*z) > complex::norm(most) { *z } else { most }
    };
    let slowest = eigenvalues(&product)?.iter().fold(Complex64::ZERO, largest);
    // A trial's share of what all drives do.
    Ok(Course {
        factor: libm::pow(complex::norm(slowest), 1.0 / drives as f64),
        turn: complex::arg(slowest).abs() / drives as f64,
    })
}

/// Largest growth rate in 1/s of departures from the state of [`learned_state`] of one drive, where rates and weights move together: the largest real part
/// of an eigenvalue of
///
/// ```text
/// τ δr' = −δr + g (W δr + y),   y' = −D δr.
/// ```
///
/// *Assumes* silent populations that stay silent. Source: Soldado-Magraner, Laje & Buonomano 2022; Derivation (42).
///
/// # Errors
/// As [`course`].
pub fn growth_of_learning(network: &PlasticNetwork, state: &LearnedState) -> Result<f64, TheoryError> {
    let active = active(state, 0);
    let n = active.len();
    let speeds: Vec<f64> = active.iter().map(|&a| reach(network, state, a, (0, 0))).collect();
    let learns: Vec<usize> = (0..n).filter(|&a| speeds[a] > 0.0).collect();
    // Times in s.
    let per_second = |a: usize| 1000.0 / network.tau[active[a]];
    let matrix =
        Array2::from_shape_fn((n + learns.len(), n + learns.len()), |(row, column)| match (row < n, column < n) {
            (true, true) => {
                let leak = if row == column { -1.0 } else { 0.0 };
                (leak + network.gain * state.weights[[active[row], active[column]]]) * per_second(row)
            }
            (true, false) if learns[column - n] == row => network.gain * per_second(row),
            (false, true) if learns[row - n] == column => -speeds[column],
            _ => 0.0,
        });
    Ok(eigenvalues(&matrix)?.iter().map(|z| z.re).fold(f64::NEG_INFINITY, f64::max))
}

/// Σ_b η_ab r_b^k r_b^l in mV/Hz a second.
fn reach(network: &PlasticNetwork, state: &LearnedState, a: usize, (k, l): (usize, usize)) -> f64 {
    let of = |b: usize| match network.rules[[a, b]] {
        Some(Rule::Additive { rate }) => rate * state.rates[k][b] * state.rates[l][b],
        Some(Rule::Multiplicative { rate }) => {
            rate * state.weights[[a, b]].abs() * state.rates[k][b] * state.rates[l][b]
        }
        None => 0.0,
    };
    (0..network.names.len()).map(of).sum()
}

/// dr/dX `[A × A]` in Hz/mV at a drive: (1/g − W)⁻¹ of active populations, 0 of silent ones.
fn response(network: &PlasticNetwork, state: &LearnedState, drive: usize) -> Result<Array2<f64>, TheoryError> {
    let active = active(state, drive);
    let matrix = Array2::from_shape_fn((active.len(), active.len()), |(a, b)| {
        (if a == b { 1.0 / network.gain } else { 0.0 }) - state.weights[[active[a], active[b]]]
    });
    let inverse = matrix.inv().map_err(|_| TheoryError::Singular)?;
    let mut response = Array2::zeros(state.weights.dim());
    inverse.indexed_iter().for_each(|((a, b), v)| response[[active[a], active[b]]] = *v);
    Ok(response)
}

fn active(state: &LearnedState, drive: usize) -> Vec<usize> {
    (0..state.weights.nrows()).filter(|&a| state.rates[drive][a] > 0.0).collect()
}

fn eigenvalues(matrix: &Array2<f64>) -> Result<Vec<Complex64>, TheoryError> {
    Ok(matrix.eigvals().map_err(|_| TheoryError::Singular)?.iter().map(|z| Complex64::new(z.re, z.im)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn driven(e1: f64, e2: f64) -> Array1<f64> {
        PlasticNetwork::zhu_rosenbaum().drive * array![e1, e2, 1.0]
    }

    #[test]
    fn learned_weights_make_the_targets() {
        let network = PlasticNetwork::zhu_rosenbaum();
        let state = learned_state(&network, &[driven(1.2, 0.8)]).expect("inhibition everywhere");
        let rates = settled_rates(network.gain, &state.weights, &driven(1.2, 0.8)).expect("a state");
        assert!((rates - &state.rates[0]).iter().all(|d| d.abs() < 1e-10));
        assert_eq!(state.rates[0], array![4.0, 4.0, 8.0]);
        assert!(state.reached && state.unique);
    }

    /// One population that inhibits itself: y ← (1 − T η r0²/(1/g + |W|)) y.
    #[test]
    fn the_course_of_one_population_is_known() {
        let course = |rate: f64| {
            let network = PlasticNetwork::new(&["i"], 1.0, array![[-1.0]], array![20.0]).learning(
                "i",
                "i",
                Rule::Additive { rate },
                5.0,
            );
            let state = learned_state(&network, std::slice::from_ref(&network.drive)).expect("a weight");
            assert!((state.weights[[0, 0]] + 3.0).abs() < 1e-12);
            course(&network, &state, 1.0).expect("active")
        };
        // 25 η/4: 1/2, 3/2 and 5/2.
        for (rate, factor, turn) in
            [(0.08, 0.5, 0.0), (0.24, 0.5, std::f64::consts::PI), (0.40, 1.5, std::f64::consts::PI)]
        {
            let found = course(rate);
            assert!((found.factor - factor).abs() < 1e-12 && (found.turn - turn).abs() < 1e-12, "{rate}: {found:?}");
        }
    }

    /// Slow learning grows or shrinks by ln(factor) of a trial a trial.
    #[test]
    fn slow_learning_is_the_same_by_trials_and_continuously() {
        let mut network = PlasticNetwork::zhu_rosenbaum();
        for rule in network.rules.iter_mut().flatten() {
            *rule = Rule::Additive { rate: rule.rate() * 1e-3 };
        }
        let state = learned_state(&network, &[driven(1.0, 1.0)]).expect("weights");
        let Course { factor, .. } = course(&network, &state, 1.0).expect("active");
        let growth = growth_of_learning(&network, &state).expect("active");
        assert!((libm::log(factor) / growth - 1.0).abs() < 0.01, "{factor} {growth}");
    }

    /// Two filters in turn are one of twice the time: the factor of a trial is the same.
    #[test]
    fn a_drive_that_is_shown_twice_is_one_drive() {
        let network = PlasticNetwork::zhu_rosenbaum();
        let of = |drives: &[Array1<f64>]| {
            let state = learned_state(&network, drives).expect("weights");
            let matrix = LearnedState { rates: state.rates[..1].to_vec(), ..state.clone() };
            (course(&network, &matrix, 1.0).expect("active"), state.unique)
        };
        let (once, unique) = of(&[driven(1.1, 0.9)]);
        let (twice, still) = of(&[driven(1.1, 0.9), driven(1.1, 0.9)]);
        assert!((once.factor - twice.factor).abs() < 1e-12 && unique && still);
    }

    #[test]
    fn what_cannot_be_learned_is_left() {
        let left = |network: &PlasticNetwork, drives: &[Array1<f64>]| learned_state(network, drives).expect("a state");
        // Of several learning projections the path decides.
        let two = PlasticNetwork::zhu_rosenbaum().learning("e1", "e1", Rule::Additive { rate: 1.0 }, 4.0);
        assert!(!left(&two, &[driven(1.0, 1.0)]).unique);
        // Without any drive inhibition would have to excite.
        assert!(!left(&PlasticNetwork::zhu_rosenbaum(), &[driven(-9.0, 1.0)]).reached);
        // One inhibitory population cannot tell two stimuli apart, if it is to fire at its target: half of what they differ by is left.
        let found = left(&PlasticNetwork::zhu_rosenbaum(), &[driven(1.05, 0.95), driven(0.95, 1.05)]);
        let x = PlasticNetwork::zhu_rosenbaum().drive[0];
        assert!(!found.reached && (found.left[0] - 0.05 * x).abs() < 1e-9 && found.left[2] < 1e-9, "{found:?}");
    }
}
