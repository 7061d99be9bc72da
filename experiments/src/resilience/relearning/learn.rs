//! Patterns that are learned again, by weights or by densities.

use super::{Params, STRENGTH};
use lab::Failure;
use meanfield::{Receptors, updates_until};
use model::Seed;
use ndarray::Array2;
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};
use simulation::{Course, GatedReadout};

/// Cells whose densities are drawn to see a share.
pub(super) const MANY: usize = 4000;

/// What one network showed.
#[derive(Serialize, Deserialize)]
pub(super) struct Seen {
    /// Updates that each way took, and whether they sufficed.
    pub(super) courses: [Course; 3],
    /// Updates that theory foretells of weights and of densities of any sign.
    pub(super) foretold: [Option<f64>; 2],
    /// Mean square error at level 0 after each way.
    pub(super) forgotten: [f64; 3],
    /// Mean square error of the new task with exchanged densities.
    pub(super) exchanged: f64,
}

pub(super) fn densities(sigma: f64, rng: &mut impl Rng) -> [f64; 2] {
    [0; 2].map(|_| {
        let z: f64 = StandardNormal.sample(rng);
        libm::exp(sigma * z)
    })
}

/// What theory takes weights `[2 patterns × cells]`, and densities `[2 patterns and outputs × 2 cells]`, to be multiplied by in the tasks of both levels.
pub(super) fn designs(
    params: &Params,
    weights: &Array2<f64>,
    densities: &Array2<f64>,
    inputs: &Array2<f64>,
) -> [Array2<f64>; 2] {
    let (patterns, cells, outputs) = (inputs.nrows(), inputs.ncols(), weights.nrows());
    // ∂g/∂d₁ and ∂g/∂d₂ at a level.
    let read = |level: f64| {
        let [c1, c2] = params.halves;
        [STRENGTH * level / (level + c1), -STRENGTH * level / (level + c2)]
    };
    let of_weights = Array2::from_shape_fn((2 * patterns, cells), |(row, i)| {
        let [one, two] = read(params.levels[row / patterns]);
        inputs[[row % patterns, i]] * (1.0 + one * densities[[i, 0]] + two * densities[[i, 1]])
    });
    let of_densities = Array2::from_shape_fn((2 * patterns * outputs, 2 * cells), |(row, column)| {
        let (sample, output) = (row / outputs, row % outputs);
        let slope = read(params.levels[sample / patterns])[column / cells];
        slope * weights[[output, column % cells]] * inputs[[sample % patterns, column % cells]]
    });
    [of_weights, of_densities]
}

/// A readout that is taught a task of each of two levels and one of level 0, and then the tasks of both levels exchanged.
pub(super) fn learn(params: &Params, receptors: Receptors, patterns: usize, seed: Seed) -> Result<Seen, Failure> {
    let normals = |purpose: &str, shape: (usize, usize)| -> Array2<f64> {
        let mut rng = seed.stream(purpose).rng(patterns as u64);
        Array2::from_shape_simple_fn(shape, || StandardNormal.sample(&mut rng))
    };
    let s = receptors.exchange(params.levels);
    let mut rng = seed.stream("densities").rng(patterns as u64);
    let drawn: Vec<f64> = (0..params.cells)
        .flat_map(|_| {
            loop {
                let d = densities(params.sigma, &mut rng);
                if s.iter().all(|row| row[0] * d[0] + row[1] * d[1] >= 0.0) {
                    break d;
                }
            }
        })
        .collect();
    let (n, outputs) = (params.cells, params.outputs);
    let inputs = normals("patterns", (patterns, n));
    let others = normals("patterns to keep", (params.kept, n));
    let [first, second] = ["first targets", "second targets"].map(|purpose| normals(purpose, (patterns, outputs)));
    let wanted = normals("targets to keep", (params.kept, outputs));
    let mut readout = GatedReadout {
        weights: normals("weights", (outputs, n)) / (n as f64).sqrt(),
        densities: Array2::from_shape_vec((n, 2), drawn).unwrap_or_default(),
        halves: params.halves,
        strength: STRENGTH,
    };
    let [low, high] = params.levels;
    readout.teach(&[(low, &inputs, &first), (high, &inputs, &second), (0.0, &others, &wanted)]);
    let task = [(low, &inputs, &second), (high, &inputs, &first)];
    let kept = [(0.0, &others, &wanted)];
    let residual = |rows: usize| {
        let parts = task.map(|(level, patterns, targets)| readout.outputs(level, patterns) - targets);
        let all: Vec<f64> = parts.iter().flatten().copied().collect();
        Array2::from_shape_vec((rows, all.len() / rows), all).unwrap_or_default()
    };
    let failed = |error: meanfield::TheoryError| Failure::Input(error.to_string());
    let [of_weights, of_densities] = designs(params, &readout.weights, &readout.densities, &inputs);
    let foretold = [
        updates_until(&of_weights, &residual(2 * patterns), params.criterion).map_err(failed)?,
        updates_until(&of_densities, &residual(2 * patterns * outputs), params.criterion).map_err(failed)?,
    ];
    let mut exchanged = readout.clone();
    for mut d in exchanged.densities.rows_mut() {
        let new = s.map(|row| row[0] * d[0] + row[1] * d[1]);
        (d[0], d[1]) = (new[0], new[1]);
    }
    let [mut weights, mut free, mut bounded] = [readout.clone(), readout.clone(), readout];
    let courses = [
        weights.learn_weights(&task, params.criterion, params.most),
        free.learn_densities(&task, params.criterion, params.most, false),
        bounded.learn_densities(&task, params.criterion, params.most, true),
    ];
    let forgotten = [&weights, &free, &bounded].map(|own| own.error(&kept));
    Ok(Seen { courses, foretold, forgotten, exchanged: exchanged.error(&task) })
}
