//! One state, or a proof that there is none, for any number of populations.

use crate::batch::newton;
use crate::lemke::{End, lemke};
use crate::scaled::Scaled;
use crate::state::{Candidate, State, Verdict, index, judge};
use crate::{Circuit, all_states};
use ndarray::{Array1, Array2};
use ndarray_linalg::Inverse;

/// Most populations whose supports are enumerated where faster methods fail.
const ENUMERATED: usize = 16;

/// Most active populations whose support is judged by complete pivoting, which bounds all errors.
const JUDGED: usize = 150;

/// Residual, relative to the magnitudes that are summed, up to which a large state is accepted.
const RESIDUAL: f64 = 1e-12;

/// Steps of the projected iteration before Newton's method: the more, the closer it starts to a stable state.
const GUESSES: [usize; 3] = [12, 200, 3000];

/// What a search for one state finds.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// A state: stable if one of those that were met is. There may be others.
    State(State),
    /// There is none.
    Nothing(Absence),
    /// No method found one, and none proved that there is none.
    Unknown,
}

/// Why there is no state.
#[derive(Clone, Debug, PartialEq)]
pub enum Absence {
    /// Every support was tried.
    Enumerated,
    /// y ≥ 0 with yᵀW ≥ 0 and y · X > 0: no r ≥ 0 leaves every population without excess excitation.
    Witness(Array1<f64>),
}

/// Looks for a state: by Newton's method on the active populations from several starts, then by Lemke's with several covering vectors, then by enumeration
/// of up to 16 populations; else for a proof of absence.
///
/// Some thousand populations are solved in seconds. *Assumes* nothing of W and X. The state passes the test of [`all_states`] up to 150
/// active populations; a larger one has a complementarity residual of at most 1e-12. Source: eq. (20).
pub fn one_state(circuit: &Circuit) -> Answer {
    let scaled = Scaled::new(circuit);
    let mut unstable = None;
    let (w, x) = (flat(&scaled.w), flat(&scaled.x));
    let by_newton = GUESSES.into_iter().filter_map(|guesses| newton(&w, &x, guesses));
    let supports = by_newton.chain(covers(&scaled).into_iter().filter_map(|cover| by_lemke(&scaled, &cover)));
    for support in supports {
        if let Some(candidate) = verify(&scaled, &support) {
            let state = candidate.into_state(circuit, &scaled);
            if state.stability.stable {
                return Answer::State(state);
            }
            unstable.get_or_insert(state);
        }
    }
    if circuit.populations() <= ENUMERATED {
        let mut all = all_states(circuit).expect("few populations");
        let stable = all.states.iter().position(|state| state.stability.stable).unwrap_or(0);
        if stable < all.states.len() {
            return Answer::State(all.states.swap_remove(stable));
        }
        return match all.continua.first() {
            Some(continuum) => Answer::State(State::on(circuit, continuum)),
            None => Answer::Nothing(Absence::Enumerated),
        };
    }
    unstable.map_or_else(
        || absence(circuit).map_or(Answer::Unknown, |y| Answer::Nothing(Absence::Witness(y))),
        Answer::State,
    )
}

/// y ≥ 0 with Wᵀy ≥ 0 and y · X > 0, if there is one: then r ≥ 0 and W r + X ≤ 0 contradict each other, and there is no state.
///
/// Found as the ray on which Lemke's method ends for M = [[0, Wᵀ], [−W, 0]], which is copositive-plus; checked on the data with
/// all roundings against it. `None` proves nothing. Source: eq. (21).
pub fn absence(circuit: &Circuit) -> Option<Array1<f64>> {
    let scaled = Scaled::new(circuit);
    let n = circuit.populations();
    let mut m = vec![0.0; 4 * n * n];
    for ((a, b), &w) in scaled.w.indexed_iter() {
        m[b * 2 * n + n + a] = w;
        m[(n + a) * 2 * n + b] = -w;
    }
    let q: Vec<f64> = (0..2 * n).map(|i| if i < n { 0.0 } else { -scaled.x[i - n] }).collect();
    let End::Ray(ray) = lemke(&m, &q, &vec![1.0; 2 * n]) else { return None };
    let mut y = Array1::from(ray[n..].to_vec());
    let largest = y.iter().copied().fold(0.0, f64::max);
    y.mapv_inplace(|v| if v > 1e-12 * largest { v / largest } else { 0.0 });
    let slack = 4.0 * n as f64 * f64::EPSILON;
    let excess = |terms: &mut dyn Iterator<Item = f64>| {
        let (sum, size) = terms.fold((0.0, 0.0), |(sum, size), t: f64| (sum + t, size + t.abs()));
        sum - slack * size
    };
    let columns = (0..n).all(|b| {
        // An exact 0 needs no margin: no term, or none that rounds.
        let terms = || scaled.w.column(b).into_iter().zip(&y).map(|(w, y)| w * y);
        terms().all(|t| t >= 0.0) || excess(&mut terms()) >= 0.0
    });
    let proved = columns && excess(&mut scaled.x.iter().zip(&y).map(|(x, y)| x * y)) > 0.0;
    proved.then(|| scaled.dual(&y))
}

fn flat<D: ndarray::Dimension>(values: &ndarray::Array<f64, D>) -> Vec<f64> {
    values.iter().copied().collect()
}

/// r with I_S = 0 and no rate outside S; `None` where W_SS is singular.
fn rates(scaled: &Scaled, support: &[usize]) -> Option<Array1<f64>> {
    let s = support.len();
    let mut r = Array1::zeros(scaled.x.len());
    if s == 0 {
        return Some(r);
    }
    let block = Array2::from_shape_fn((s, s), |(a, b)| scaled.w[[support[a], support[b]]]);
    let right = Array1::from_shape_fn(s, |a| -scaled.x[support[a]]);
    let inverse = block.inv().ok()?;
    // Entries of W are of order 1: a larger inverse may be that of a singular matrix, and rates anything.
    if !inverse.iter().all(|v| v.abs() < 1e9) {
        return None;
    }
    let mut solved = inverse.dot(&right);
    solved += &inverse.dot(&(right - block.dot(&solved)));
    support.iter().zip(&solved).for_each(|(&a, v)| r[a] = *v);
    Some(r)
}

/// Directions along which all populations are inhibited at first.
fn covers(scaled: &Scaled) -> Vec<Vec<f64>> {
    let n = scaled.x.len();
    let rows: Vec<f64> =
        scaled.w.rows().into_iter().map(|row| 0.1 + row.iter().map(|w| w.abs()).sum::<f64>()).collect();
    let drives: Vec<f64> = scaled.x.iter().map(|x| 0.1 + x.abs()).collect();
    // Multiples of the golden ratio spread evenly: no two populations are covered alike.
    let uneven = |turn: f64| (0..n).map(|a| 0.1 + (turn * (a + 1) as f64 * 0.618_033_988_749_895).fract()).collect();
    vec![vec![1.0; n], rows, drives, uneven(1.0), uneven(7.0)]
}

fn by_lemke(scaled: &Scaled, cover: &[f64]) -> Option<Vec<usize>> {
    let m: Vec<f64> = scaled.w.iter().map(|w| -w).collect();
    let q: Vec<f64> = scaled.x.iter().map(|x| -x).collect();
    match lemke(&m, &q, cover) {
        End::Solution(z) => Some((0..z.len()).filter(|&a| z[a] > 0.0).collect()),
        End::Ray(_) | End::Lost => None,
    }
}

/// The state with this support, or with what is left of it where rates vanish.
fn verify(scaled: &Scaled, support: &[usize]) -> Option<Candidate> {
    if support.len() <= JUDGED {
        return match judge(scaled, support) {
            Verdict::State(candidate) | Verdict::Tied(candidate) => Some(candidate).filter(|own| own.holds(scaled)),
            Verdict::Underdetermined(_) | Verdict::None => None,
        };
    }
    let r = rates(scaled, support)?;
    let mut input = scaled.w.dot(&r) + &scaled.x;
    let mut active = vec![false; r.len()];
    support.iter().for_each(|&a| active[a] = true);
    for (a, row) in scaled.w.rows().into_iter().enumerate() {
        let size = row.iter().zip(&r).map(|(w, r)| (w * r).abs()).sum::<f64>() + scaled.x[a].abs();
        let wrong = if active[a] { input[a].abs() } else { input[a] };
        if wrong > RESIDUAL * size || (active[a] && r[a] <= 0.0) {
            return None;
        }
        if active[a] {
            input[a] = 0.0;
        }
    }
    Some(Candidate { support: support.to_vec(), ties: Vec::new(), r, input, index: index(scaled, support) })
}
