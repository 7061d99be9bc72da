//! One state, and the test that a support passes to be one.

use crate::compensated::dot_plus;
use crate::reduction::{Affine, Reduction, Regular, UNIT};
use crate::scaled::Scaled;
use crate::{Circuit, Continuum, Stability, stability};
use ndarray::{Array1, Array2};
use ndarray_linalg::Determinant;

/// A solution of r = [W r + X + r]₊.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// r `[A]`, in units of X/W.
    pub r: Array1<f64>,
    /// I = W r + X `[A]`, in units of X: 0 in active populations, by definition.
    pub input: Array1<f64>,
    /// Active populations, r > 0, in order.
    pub support: Vec<usize>,
    /// Populations with r = 0 and I = 0: the state is at the edge of another regime.
    pub ties: Vec<usize>,
    /// Largest of |I_a| over active and of max(I_a, 0) over silent populations, evaluated from r and
    /// relative to Σ_b |W_ab| r_b + |X_a|.
    pub residual: f64,
    /// Whether small departures within the support die out. At a tie others may grow all the same: the state is at the edge of a
    /// regime in which the population is active.
    pub stability: Stability,
    /// sign det(−W_SS), 1 with no active population: −1 implies that the state is unstable.
    pub index: i8,
}

impl State {
    /// The middle of the ends of a continuum.
    pub(crate) fn on(circuit: &Circuit, continuum: &Continuum) -> Self {
        let count = continuum.ends.len() as f64;
        let r = continuum.ends.iter().fold(Array1::zeros(circuit.populations()), |sum, end| sum + end) / count;
        let mut input = circuit.coupling().dot(&r) + circuit.drive();
        let support: Vec<usize> = (0..r.len()).filter(|&a| r[a] > 0.0).collect();
        support.iter().for_each(|&a| input[a] = 0.0);
        State {
            residual: residual(circuit, &r, &support),
            stability: stability(circuit, &support),
            index: index(&Scaled::new(circuit), &support),
            ties: Vec::new(),
            r,
            input,
            support,
        }
    }
}

/// Whether scaled rates are a state, up to [`RESIDUAL`].
pub fn is_state(scaled: &Scaled, r: &Array1<f64>) -> bool {
    let support: Vec<usize> = (0..r.len()).filter(|&a| r[a] > 0.0).collect();
    residual_of((&scaled.w, &scaled.x), r, &support) <= RESIDUAL
}

/// What a support turns out to be.
pub enum Verdict {
    /// The support of a state.
    State(Candidate),
    /// Its rates solve the problem, but some of them are 0: the state belongs to a smaller support.
    Tied(Candidate),
    /// W_SS is singular and there is a line or more of solutions, some of which may be states.
    Underdetermined(Affine),
    /// Nothing.
    None,
}

/// A state in scaled units.
pub struct Candidate {
    pub support: Vec<usize>,
    pub ties: Vec<usize>,
    pub r: Array1<f64>,
    pub input: Array1<f64>,
    /// sign det(−W_SS) of the support.
    pub index: i8,
}

/// Largest residual of a state.
pub const RESIDUAL: f64 = 1e-9;

/// Judges one support. A value counts as 0 where a relative error of the data by [`UNIT`] may turn it to 0.
pub fn judge(scaled: &Scaled, support: &[usize]) -> Verdict {
    match Reduction::of(scaled, support) {
        Reduction::Inconsistent => Verdict::None,
        Reduction::Underdetermined(affine) => Verdict::Underdetermined(affine),
        Reduction::Regular(regular) => judge_regular(scaled, support, &regular),
    }
}

fn judge_regular(scaled: &Scaled, support: &[usize], regular: &Regular) -> Verdict {
    let n = scaled.x.len();
    let magnitude = |a: usize| -> f64 {
        support.iter().zip(&regular.r).map(|(&b, r)| (scaled.w[[a, b]] * r).abs()).sum::<f64>() + scaled.x[a].abs()
    };
    // |δr| ≤ u |W_SS⁻¹| (|W_SS| |r| + |X_S|), the componentwise bound to first order.
    let backward: Vec<f64> = support.iter().map(|&a| UNIT * magnitude(a)).collect();
    let weigh = |row: &[f64]| -> f64 { row.iter().zip(&backward).map(|(b, e)| (b * e).abs()).sum() };
    let mut candidate = Candidate {
        support: Vec::with_capacity(support.len()),
        ties: Vec::new(),
        r: Array1::zeros(n),
        input: Array1::zeros(n),
        index: 0,
    };
    for ((&a, &r), row) in support.iter().zip(&regular.r).zip(regular.inverse.rows()) {
        let error = weigh(&row.to_vec());
        if r < -error {
            return Verdict::None;
        }
        if r <= error {
            candidate.ties.push(a);
        } else {
            candidate.support.push(a);
            candidate.r[a] = r;
        }
    }
    let tied = !candidate.ties.is_empty();
    for j in (0..n).filter(|j| !support.contains(j)) {
        let row: Vec<f64> = support.iter().map(|&b| scaled.w[[j, b]]).collect();
        let input = dot_plus(row.iter().copied().zip(regular.r.iter().copied()), scaled.x[j]);
        // How errors of the active rows reach this one: W_jS W_SS⁻¹.
        let reach: Vec<f64> =
            regular.inverse.columns().into_iter().map(|c| c.iter().zip(&row).map(|(b, w)| b * w).sum()).collect();
        let error = UNIT * magnitude(j) + weigh(&reach);
        if input > error {
            return Verdict::None;
        }
        if input >= -error {
            candidate.ties.push(j);
        } else {
            candidate.input[j] = input;
        }
    }
    candidate.ties.sort_unstable();
    candidate.index = index(scaled, &candidate.support);
    if tied { Verdict::Tied(candidate) } else { Verdict::State(candidate) }
}

impl Candidate {
    /// Whether its rates are a state as they are, up to rounding.
    pub fn holds(&self, scaled: &Scaled) -> bool {
        is_state(scaled, &self.r)
    }

    /// The state in the units of the circuit.
    pub fn into_state(self, circuit: &Circuit, scaled: &Scaled) -> State {
        let r = scaled.rates(&self.r);
        State {
            input: scaled.inputs(&self.input),
            residual: residual(circuit, &r, &self.support),
            stability: stability(circuit, &self.support),
            index: self.index,
            r,
            support: self.support,
            ties: self.ties,
        }
    }
}

/// sign det(−W_SS), which scaling by positive numbers leaves alone.
pub fn index(scaled: &Scaled, support: &[usize]) -> i8 {
    if support.is_empty() {
        return 1;
    }
    let s = support.len();
    let minus = Array2::from_shape_fn((s, s), |(a, b)| -scaled.w[[support[a], support[b]]]);
    // A singular matrix has no factors to take the sign from.
    let sign = minus.sln_det().map_or(0.0, |(sign, _)| sign);
    sign as i8
}

/// How far r is from complementarity, from the data alone.
pub fn residual(circuit: &Circuit, r: &Array1<f64>, support: &[usize]) -> f64 {
    residual_of((circuit.coupling(), circuit.drive()), r, support)
}

fn residual_of((w, x): (&Array2<f64>, &Array1<f64>), r: &Array1<f64>, support: &[usize]) -> f64 {
    (0..r.len())
        .map(|a| {
            let input = dot_plus(w.row(a).iter().copied().zip(r.iter().copied()), x[a]);
            let scale = w.row(a).iter().zip(r).map(|(w, r)| (w * r).abs()).sum::<f64>() + x[a].abs();
            let wrong = if support.binary_search(&a).is_ok() { input.abs() } else { input.max(0.0) };
            if wrong == 0.0 { 0.0 } else { wrong / scale }
        })
        .fold(0.0, f64::max)
}
