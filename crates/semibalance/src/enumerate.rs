//! All states, by trying every support.
//!
//! Supports are the leaves of a binary tree: population k is left out or taken in at depth k. Taking
//! it in is one principal pivot of the dictionary r, I ↦ r, I; leaving it out costs nothing. A pivot at
//! depth k works on the columns that are still to come, so all 2ⁿ supports together cost about 2ⁿ · 4n
//! operations in place of 2ⁿ · n³/3. What passes the test of signs there is solved again, alone and
//! with complete pivoting, by [`crate::state::judge`].

use crate::exact::Exact;
use crate::scaled::Scaled;
use crate::state::{Candidate, RESIDUAL, State, Verdict, index, judge, residual};
use crate::{Circuit, Continuum};
use ndarray::Array1;
use rayon::prelude::*;
use thiserror::Error;

/// Most populations whose supports are enumerated: 2²⁴ of them take seconds.
pub const MOST_POPULATIONS: usize = 24;

/// Most populations of a circuit whose entries differ so widely that its supports are judged in whole numbers, which takes seconds.
pub const MOST_EXACT: usize = 12;

/// Pivots smaller than this, where entries are of order 1, wait until others have been made.
const SMALL: f64 = 1e-3;

/// Signs count as wrong beyond this part of the magnitudes that were summed: rounding may have grown by a factor of
/// SMALL⁻³ and is still far below.
const LOOSE: f64 = 1e-6;

/// Depth of the tree at which it is cut into parallel parts.
const CUT: usize = 6;

/// Why supports are not enumerated.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum EnumerationError {
    /// There are too many.
    #[error("{populations} populations have 2^{populations} supports (allowed: up to {MOST_POPULATIONS} populations)")]
    TooMany {
        /// Number of populations.
        populations: usize,
    },
}

/// States of a circuit.
#[derive(Clone, Debug, PartialEq)]
pub struct States {
    /// States with a support of their own, ends of continua among them, in the order of supports as binary numbers.
    pub states: Vec<State>,
    /// Where states are not isolated.
    pub continua: Vec<Continuum>,
    /// Whether these are all.
    pub complete: bool,
}

/// Every solution of r = [W r + X + r]₊.
///
/// Degenerate states, where r_a = I_a = 0, are counted once, with the smaller support. *Assumes* nothing of W and X; a
/// value counts as 0 where a relative error of W and X of four units of rounding may turn it to 0. Where entries differ so widely that plain numbers
/// cannot tell, supports are judged in whole numbers, up to [`MOST_EXACT`] populations; of larger ones the list is said not to be complete.
/// Source: eq. (17).
///
/// # Errors
/// [`EnumerationError::TooMany`].
pub fn all_states(circuit: &Circuit) -> Result<States, EnumerationError> {
    let n = circuit.populations();
    if n > MOST_POPULATIONS {
        return Err(EnumerationError::TooMany { populations: n });
    }
    let scaled = Scaled::new(circuit);
    if scaled.is_wide() && n <= MOST_EXACT {
        return Ok(all_exact(circuit, &scaled));
    }
    let cut = CUT.min(n);
    let parts: Vec<Vec<u32>> = (0..1_u32 << cut)
        .into_par_iter()
        .map(|prefix| {
            let mut tree = Tree::new(&scaled);
            tree.begin(prefix, cut);
            tree.likely
        })
        .collect();
    let mut likely: Vec<u32> = parts.into_iter().flatten().collect();
    likely.sort_unstable();
    let mut found = Found::default();
    for members in likely {
        let support: Vec<usize> = (0..n).filter(|&a| members >> a & 1 == 1).collect();
        found.take(&scaled, judge(&scaled, &support), support);
    }
    Ok(found.settle(circuit, &scaled, !scaled.is_wide()))
}

/// As [`all_states`], every support in whole numbers.
fn all_exact(circuit: &Circuit, scaled: &Scaled) -> States {
    let n = circuit.populations();
    let exact = Exact::new(scaled);
    let judged: Vec<(Vec<usize>, Verdict)> = (0..1_u32 << n)
        .into_par_iter()
        .map(|support| {
            let support: Vec<usize> = members(support).collect();
            let verdict = exact.judge(&support);
            (support, verdict)
        })
        .filter(|(_, verdict)| !matches!(verdict, Verdict::None))
        .collect();
    let mut found = Found::default();
    judged.into_iter().for_each(|(support, verdict)| found.take(scaled, verdict, support));
    found.settle(circuit, scaled, true)
}

/// The dictionary at every depth, and the supports that passed its test.
struct Tree<'a> {
    scaled: &'a Scaled,
    n: usize,
    levels: Vec<Dictionary>,
    likely: Vec<u32>,
}

/// Every row gives a rate or an input as a function of the rates of populations to come:
/// value = Σ_j `table[row][j]` r_j + `table[row][n]`, with the magnitude of what the constant sums in `table[row][n + 1]`.
#[derive(Clone)]
struct Dictionary {
    table: Vec<f64>,
    /// Rows that give a rate.
    rates: u32,
    /// Populations taken in whose pivot is still too small: their rows and their columns.
    waiting_rows: u32,
    waiting_columns: u32,
}

impl<'a> Tree<'a> {
    fn new(scaled: &'a Scaled) -> Self {
        let n = scaled.x.len();
        let mut table = vec![0.0; n * (n + 2)];
        for a in 0..n {
            for b in 0..n {
                table[a * (n + 2) + b] = scaled.w[[a, b]];
            }
            table[a * (n + 2) + n] = scaled.x[a];
            table[a * (n + 2) + n + 1] = scaled.x[a].abs();
        }
        let root = Dictionary { table, rates: 0, waiting_rows: 0, waiting_columns: 0 };
        Tree { scaled, n, levels: vec![root; n + 1], likely: Vec::new() }
    }

    /// Follows the first `cut` decisions, then all that come after them.
    fn begin(&mut self, prefix: u32, cut: usize) {
        for k in 0..cut {
            if prefix >> k & 1 == 1 {
                self.take_in(k);
            } else {
                self.leave_out(k);
            }
        }
        self.descend(cut, prefix);
    }

    fn descend(&mut self, k: usize, members: u32) {
        if k == self.n {
            if self.passes(members) {
                self.likely.push(members);
            }
            return;
        }
        self.leave_out(k);
        self.descend(k + 1, members);
        self.take_in(k);
        self.descend(k + 1, members | 1 << k);
    }

    fn leave_out(&mut self, k: usize) {
        let (before, after) = self.levels.split_at_mut(k + 1);
        after[0].clone_from(&before[k]);
    }

    fn take_in(&mut self, k: usize) {
        self.leave_out(k);
        let n = self.n;
        let dictionary = &mut self.levels[k + 1];
        dictionary.waiting_rows |= 1 << k;
        dictionary.waiting_columns |= 1 << k;
        while let Some((row, column)) = dictionary.largest_waiting(n) {
            dictionary.pivot(n, k, row, column);
        }
    }

    /// Whether the leaf may be a state: no sign is wrong, or W_SS needs a closer look.
    fn passes(&self, members: u32) -> bool {
        let n = self.n;
        let leaf = &self.levels[n];
        debug_assert_eq!(leaf.rates.count_ones() + leaf.waiting_rows.count_ones(), members.count_ones());
        leaf.waiting_rows != 0
            || (0..self.scaled.x.len()).all(|row| {
                let (value, magnitude) = (leaf.table[row * (n + 2) + n], leaf.table[row * (n + 2) + n + 1]);
                let value = if leaf.rates >> row & 1 == 1 { value } else { -value };
                value >= -LOOSE * magnitude
            })
    }
}

impl Dictionary {
    /// The largest entry among waiting rows and columns, if it is large enough.
    fn largest_waiting(&self, n: usize) -> Option<(usize, usize)> {
        let mut best = (None, SMALL);
        for row in members(self.waiting_rows) {
            for column in members(self.waiting_columns) {
                let size = self.table[row * (n + 2) + column].abs();
                if size >= best.1 {
                    best = (Some((row, column)), size);
                }
            }
        }
        best.0
    }

    /// Sets the input of `row` to 0 and lets the row give the rate of `column` instead. Columns up to `k` that do not
    /// wait are settled and left alone.
    fn pivot(&mut self, n: usize, k: usize, row: usize, column: usize) {
        let stride = n + 2;
        self.waiting_rows &= !(1 << row);
        self.waiting_columns &= !(1 << column);
        self.rates |= 1 << row;
        let inverse = -1.0 / self.table[row * stride + column];
        let waiting = self.waiting_columns;
        let own: &mut [f64] = &mut self.table[row * stride..(row + 1) * stride];
        for j in members(waiting).chain(k + 1..n + 1) {
            own[j] *= inverse;
        }
        own[n + 1] *= inverse.abs();
        let (above, rest) = self.table.split_at_mut(row * stride);
        let (own, below) = rest.split_at_mut(stride);
        for other in above.chunks_exact_mut(stride).chain(below.chunks_exact_mut(stride)) {
            let factor = other[column];
            for j in members(waiting) {
                other[j] += factor * own[j];
            }
            for (value, own) in other[k + 1..n + 1].iter_mut().zip(&own[k + 1..n + 1]) {
                *value += factor * own;
            }
            other[n + 1] += factor.abs() * own[n + 1];
        }
    }
}

/// The positions of set bits.
fn members(mut bits: u32) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let position = bits.trailing_zeros() as usize;
        (bits != 0).then(|| {
            bits &= bits - 1;
            position
        })
    })
}

/// What the closer look has found, in scaled units.
#[derive(Default)]
struct Found {
    states: Vec<Candidate>,
    tied: Vec<Candidate>,
    continua: Vec<Continuum>,
}

impl Found {
    fn take(&mut self, scaled: &Scaled, verdict: Verdict, support: Vec<usize>) {
        match verdict {
            Verdict::None => {}
            Verdict::State(state) => self.states.push(state),
            Verdict::Tied(state) => self.tied.push(state),
            Verdict::Underdetermined(affine) => {
                if let Some(continuum) = Continuum::of(scaled, &support, &affine) {
                    if continuum.is_point() {
                        self.states.push(point(scaled, continuum));
                    } else {
                        self.continua.push(continuum);
                    }
                }
            }
        }
    }

    /// A tied state is one of smaller support that has been found too, unless the two tests of zero disagree by a
    /// rounding: then it is the only witness, and is kept; the smaller support may have others, on a line of which it is the end.
    /// What rounding has spoilt is no state, and then there may be others.
    fn settle(mut self, circuit: &Circuit, scaled: &Scaled, mut complete: bool) -> States {
        for tied in self.tied {
            let known = self.states.iter().any(|state| state.support == tied.support)
                || self.continua.iter().any(|continuum| continuum.support == tied.support);
            if !known {
                complete = false;
                self.states.push(tied);
            }
        }
        let number = |support: &[usize]| support.iter().map(|a| 1_u32 << a).sum::<u32>();
        self.states.sort_by_key(|state| number(&state.support));
        let mut states: Vec<State> = self.states.into_iter().map(|state| state.into_state(circuit, scaled)).collect();
        let mut continua: Vec<Continuum> = self.continua.into_iter().map(|own| own.rescaled(scaled)).collect();
        let all = states.len() + continua.len();
        states.retain(|state| state.residual <= RESIDUAL);
        continua.retain(|own| own.ends.iter().all(|end| residual(circuit, end, &active(end)) <= RESIDUAL));
        States { complete: complete && states.len() + continua.len() == all, states, continua }
    }
}

fn active(r: &Array1<f64>) -> Vec<usize> {
    (0..r.len()).filter(|&a| r[a] > 0.0).collect()
}

/// A singular W_SS with a single state all the same: inputs of silent populations pin it.
fn point(scaled: &Scaled, continuum: Continuum) -> Candidate {
    let r = continuum.ends.into_iter().next().expect("a point has one end");
    let mut input = scaled.w.dot(&r) + &scaled.x;
    let mut ties = Vec::new();
    for a in (0..input.len()).filter(|a| !continuum.support.contains(a)) {
        let scale: f64 = scaled.w.row(a).iter().zip(&r).map(|(w, r)| (w * r).abs()).sum::<f64>() + scaled.x[a].abs();
        if input[a].abs() <= 1e-12 * scale {
            input[a] = 0.0;
            ties.push(a);
        }
    }
    continuum.support.iter().for_each(|&a| input[a] = 0.0);
    let index = index(scaled, &continuum.support);
    Candidate { support: continuum.support, ties, r: Array1::from(r.to_vec()), input, index }
}
