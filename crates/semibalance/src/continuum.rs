//! Where states are not isolated: a segment, a half-line or a larger polyhedron of them.

use crate::reduction::{Affine, UNIT};
use crate::scaled::Scaled;
use crate::state::is_state;
use itertools::Itertools;
use ndarray::{Array1, Array2};
use ndarray_linalg::Solve;

/// All convex combinations of `ends` plus all non-negative combinations of `rays` are states; those
/// within have the support.
#[derive(Clone, Debug, PartialEq)]
pub struct Continuum {
    /// Active populations within, in order.
    pub support: Vec<usize>,
    /// Corners `[A]` each; two of a segment.
    pub ends: Vec<Array1<f64>>,
    /// Directions `[A]` in which it is unbounded, largest entry 1.
    pub rays: Vec<Array1<f64>>,
}

/// a · t + c ≥ 0.
struct Inequality {
    a: Vec<f64>,
    c: f64,
    /// What rounding may hide.
    slack: f64,
}

impl Continuum {
    /// The states among r_S = r₀ + N t; `None` if there is none with all of S active.
    pub fn of(scaled: &Scaled, support: &[usize], affine: &Affine) -> Option<Self> {
        let inequalities = inequalities(scaled, support, affine);
        let corners = corners(&inequalities, affine.free.len(), Kind::Points);
        if corners.is_empty() {
            // t ≥ 0 is among the inequalities, so what is not empty has a corner.
            return None;
        }
        let directions = corners_of_cone(&inequalities, affine.free.len());
        let n = scaled.x.len();
        let place = |values: Array1<f64>| {
            let mut r = Array1::zeros(n);
            support.iter().zip(values).for_each(|(&a, value)| r[a] = value);
            r
        };
        let ends: Vec<Array1<f64>> = corners
            .iter()
            .map(|t| {
                let r = affine.directions.dot(t) + Array1::from(affine.origin.clone());
                let largest = r.iter().fold(0.0_f64, |most, v| v.abs().max(most));
                // A corner is where rates vanish: what is left of one is rounding, unless it is no state without.
                let vanishing = place(r.mapv(|v| if v <= 1e3 * UNIT * largest { 0.0 } else { v }));
                if is_state(scaled, &vanishing) { vanishing } else { place(r.mapv(|v| v.max(0.0))) }
            })
            .collect();
        let rays: Vec<Array1<f64>> = directions
            .iter()
            .map(|t| {
                let r = affine.directions.dot(t);
                let largest = r.iter().fold(0.0_f64, |most, v| v.abs().max(most));
                place(r.mapv(|v| if v <= 1e3 * UNIT * largest { 0.0 } else { v / largest }))
            })
            .collect();
        let active = |&a: &usize| ends.iter().chain(&rays).any(|r| r[a] > 0.0);
        support.iter().all(active).then(|| Continuum { support: support.to_vec(), ends, rays })
    }

    /// Whether it is one point after all.
    pub fn is_point(&self) -> bool {
        self.ends.len() == 1 && self.rays.is_empty()
    }

    /// In the units of the circuit.
    pub fn rescaled(self, scaled: &Scaled) -> Self {
        let direction = |ray: Array1<f64>| {
            let ray = scaled.rates(&ray);
            let largest = ray.iter().fold(0.0_f64, |most, v| v.max(most));
            ray / largest
        };
        Continuum {
            support: self.support,
            ends: self.ends.iter().map(|end| scaled.rates(end)).collect(),
            rays: self.rays.into_iter().map(direction).collect(),
        }
    }
}

/// r_a ≥ 0 for members of S, I_j ≤ 0 for the others.
fn inequalities(scaled: &Scaled, support: &[usize], affine: &Affine) -> Vec<Inequality> {
    let members = (0..support.len()).map(|member| {
        let c = affine.origin[member];
        Inequality { a: affine.directions.row(member).to_vec(), c, slack: 1e3 * UNIT * c.abs() }
    });
    let others = (0..scaled.x.len()).filter(|j| !support.contains(j)).map(|j| {
        let row = Array1::from_iter(support.iter().map(|&b| scaled.w[[j, b]]));
        let terms = || row.iter().zip(&affine.origin).map(|(w, r)| w * r);
        Inequality {
            a: row.dot(&affine.directions).mapv(|v| -v).to_vec(),
            c: -(terms().sum::<f64>() + scaled.x[j]),
            slack: 1e3 * UNIT * (terms().map(f64::abs).sum::<f64>() + scaled.x[j].abs()),
        }
    });
    members.chain(others).collect()
}

/// Points of {a · t + c ≥ 0}, or directions t of {a · t ≥ 0} with Σ t = 1.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Points,
    Directions,
}

fn corners_of_cone(inequalities: &[Inequality], dimension: usize) -> Vec<Array1<f64>> {
    corners(inequalities, dimension, Kind::Directions)
}

/// Where as many inequalities hold with equality as it takes, and all others hold.
fn corners(inequalities: &[Inequality], dimension: usize, kind: Kind) -> Vec<Array1<f64>> {
    let offset = |i: &Inequality| if kind == Kind::Points { i.c } else { 0.0 };
    let slack = |i: &Inequality| if kind == Kind::Points { i.slack } else { 0.0 };
    let tight = if kind == Kind::Points { dimension } else { dimension - 1 };
    let mut found: Vec<Array1<f64>> = Vec::new();
    for chosen in inequalities.iter().combinations(tight) {
        let mut matrix = Array2::ones((dimension, dimension));
        let mut right = Array1::ones(dimension);
        for (row, inequality) in chosen.iter().enumerate() {
            matrix.row_mut(row).assign(&Array1::from(inequality.a.clone()));
            right[row] = -offset(inequality);
        }
        let Ok(t) = matrix.solve(&right) else { continue };
        let size = t.iter().fold(0.0_f64, |most, v| v.abs().max(most));
        let holds = |i: &Inequality| {
            let along: f64 = i.a.iter().zip(&t).map(|(a, t)| a * t).sum();
            let scale: f64 = i.a.iter().map(|a| a.abs()).sum::<f64>() * size;
            along + offset(i) >= -(slack(i) + 1e3 * UNIT * scale)
        };
        let near =
            |other: &Array1<f64>| (other - &t).iter().all(|d| d.abs() <= 1e6 * UNIT * size.max(f64::MIN_POSITIVE));
        if t.iter().all(|v| v.is_finite()) && inequalities.iter().all(holds) && !found.iter().any(near) {
            found.push(t);
        }
    }
    found
}
