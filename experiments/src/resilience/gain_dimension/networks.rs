//! Random networks of cells with receptors.

use super::{Params, RATIO, STRENGTH};
use analysis::participation_ratio;
use model::Seed;
use ndarray::Array2;
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

/// Error of a dimension that cells are finitely many: of order 1/N, raised by the square of the largest susceptibility 1/(1 − J²⟨g²⟩). Networks of 20 cells, which no figure shows, stay within it.
pub(super) fn of_size(kernel: &Array2<f64>, coupling: f64, dimension: f64, cells: usize) -> f64 {
    let most = kernel.diag().iter().copied().fold(0.0, f64::max);
    dimension / (1.0 - coupling * coupling * most).powi(2) / cells as f64
}

/// Steps of a network towards its rates.
pub(super) const STEPS: usize = 400;

/// Cells that read the modulator.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kinds {
    One,
    Fixed,
    Two,
}

impl Kinds {
    pub(super) const ALL: [(Kinds, &'static str); 3] =
        [(Kinds::One, "one receptor"), (Kinds::Fixed, "two, d₂ = d₁"), (Kinds::Two, "two receptors")];
}

pub(super) fn dimensions(params: &Params, levels: &[f64], seed: Seed) -> ([f64; 3], Vec<[f64; 2]>) {
    let n = params.cells;
    let mut rng = seed.stream("densities").rng(0);
    let mut density = || -> f64 { libm::exp(params.sigma * normal(&mut rng)) };
    let cells: Vec<[f64; 2]> = (0..n).map(|_| [density(), density()]).collect();
    let gains = |kind: Kinds| {
        let gain = |level: f64, [d1, d2]: [f64; 2]| {
            let [h1, h2] = params.halves.map(|c| level / (level + c));
            let second = match kind {
                Kinds::One => 0.0,
                Kinds::Fixed => RATIO * d1,
                Kinds::Two => d2,
            };
            1.0 + STRENGTH * (d1 * h1 - second * h2)
        };
        Array2::from_shape_fn((levels.len(), n), |(m, i)| gain(levels[m], cells[i]))
    };
    let dimension = |gains: &Array2<f64>| participation_ratio(gains.view());
    let [one, fixed, two] = Kinds::ALL.map(|(kind, _)| gains(kind));
    // A gain below 0 is none.
    let cut = [&one, &two].map(|gains| gains.mapv(|g| g.max(0.0)));
    let mut rng = seed.stream("weights").rng(0);
    let weights = Array2::from_shape_simple_fn((n, n), || normal(&mut rng) / (n as f64).sqrt());
    let rates = params.couplings.iter().map(|&coupling| {
        let j = &weights * coupling;
        [0, 1].map(|which| dimension(&rates(&cut[which], &j)))
    });
    ([dimension(&one), dimension(&fixed), dimension(&two)], rates.collect())
}

/// Rates `[level × cell]` at which r′ = −r + g(J r + 1) comes to rest.
pub(super) fn rates(gains: &Array2<f64>, j: &Array2<f64>) -> Array2<f64> {
    let mut rates = gains.clone();
    for _ in 0..STEPS {
        let next = gains * &(rates.dot(&j.t()) + 1.0);
        let change = (&next - &rates).iter().fold(0.0_f64, |most, d| most.max(d.abs()));
        rates = next;
        if change < 1e-10 {
            break;
        }
    }
    rates
}

pub(super) fn normal(rng: &mut impl Rng) -> f64 {
    StandardNormal.sample(rng)
}
