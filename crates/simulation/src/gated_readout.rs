//! A linear readout y = W diag(g)x whose gains a modulator sets, and what it takes to learn another task.

use ndarray::{Array1, Array2, Axis};
use serde::{Deserialize, Serialize};

/// A readout `[outputs × inputs]` with two receptors a cell: g = 1 + s(d₁h₁ − d₂h₂), h = m/(m + C).
#[derive(Clone, Debug, PartialEq)]
pub struct GatedReadout {
    /// W.
    pub weights: Array2<f64>,
    /// d `[cells × 2]`.
    pub densities: Array2<f64>,
    /// C₁ and C₂.
    pub halves: [f64; 2],
    /// s.
    pub strength: f64,
}

/// What learning came to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Course {
    /// Updates until the criterion was met; as many as were allowed if it was not.
    pub updates: usize,
    /// Whether it was met.
    pub met: bool,
}

impl GatedReadout {
    /// Gains at a level.
    pub fn gains(&self, level: f64) -> Array1<f64> {
        let [h1, h2] = self.halves.map(|c| level / (level + c));
        self.densities.rows().into_iter().map(|d| 1.0 + self.strength * (d[0] * h1 - d[1] * h2)).collect()
    }

    /// Outputs `[pattern × output]` to patterns `[pattern × cell]` at a level.
    pub fn outputs(&self, level: f64, patterns: &Array2<f64>) -> Array2<f64> {
        (patterns * &self.gains(level)).dot(&self.weights.t())
    }

    /// Mean square of outputs less targets over tasks, each of a level, patterns and targets.
    pub fn error(&self, tasks: &[(f64, &Array2<f64>, &Array2<f64>)]) -> f64 {
        let own = |(level, patterns, targets): &(f64, &Array2<f64>, &Array2<f64>)| {
            (&self.outputs(*level, patterns) - *targets).mapv(|e| e * e).mean().unwrap_or(f64::NAN)
        };
        tasks.iter().map(own).sum::<f64>() / tasks.len() as f64
    }

    /// Teaches W all tasks exactly, by as little change as that takes: conjugate gradients on what is left.
    pub fn teach(&mut self, tasks: &[(f64, &Array2<f64>, &Array2<f64>)]) {
        let design = self.weight_design(tasks);
        let targets = stacked(&tasks.iter().map(|(_, _, targets)| (*targets).clone()).collect::<Vec<_>>());
        let left = targets - design.dot(&self.weights.t());
        for (mut weights, left) in self.weights.rows_mut().into_iter().zip(left.columns()) {
            // (A Aᵀ) y = left; the change is Aᵀ y.
            let (mut y, mut r) = (Array1::<f64>::zeros(left.len()), left.to_owned());
            let mut direction = r.clone();
            let mut square = r.dot(&r);
            let enough = 1e-28 * square.max(f64::MIN_POSITIVE);
            for _ in 0..20 * left.len() {
                if square <= enough {
                    break;
                }
                let image = design.dot(&design.t().dot(&direction));
                let step = square / direction.dot(&image);
                y.scaled_add(step, &direction);
                r.scaled_add(-step, &image);
                let next = r.dot(&r);
                direction = &r + &(direction * (next / square));
                square = next;
            }
            weights += &design.t().dot(&y);
        }
    }

    /// What W multiplies, of all tasks together `[pattern × cell]`.
    fn weight_design(&self, tasks: &[(f64, &Array2<f64>, &Array2<f64>)]) -> Array2<f64> {
        let parts: Vec<Array2<f64>> =
            tasks.iter().map(|(level, patterns, _)| *patterns * &self.gains(*level)).collect();
        stacked(&parts)
    }

    /// What densities multiply, of all tasks together `[pattern and output × 2 cells]`.
    fn density_design(&self, tasks: &[(f64, &Array2<f64>, &Array2<f64>)]) -> Array2<f64> {
        let cells = self.weights.ncols();
        let parts: Vec<Array2<f64>> = tasks
            .iter()
            .map(|(level, patterns, _)| {
                let [h1, h2] = self.halves.map(|c| level / (level + c));
                let outputs = self.weights.nrows();
                Array2::from_shape_fn((patterns.nrows() * outputs, 2 * cells), |(row, column)| {
                    let (pattern, output, cell) = (row / outputs, row % outputs, column / 2);
                    let h = if column % 2 == 0 { h1 } else { -h2 };
                    self.strength * h * self.weights[[output, cell]] * patterns[[pattern, cell]]
                })
            })
            .collect();
        stacked(&parts)
    }

    /// Learns tasks by gradient descent on W, at the step that the largest curvature allows.
    pub fn learn_weights(
        &mut self,
        tasks: &[(f64, &Array2<f64>, &Array2<f64>)],
        criterion: f64,
        most: usize,
    ) -> Course {
        let design = self.weight_design(tasks);
        let targets = stacked(&tasks.iter().map(|(_, _, targets)| (*targets).clone()).collect::<Vec<_>>());
        let rate = 1.0 / largest_curvature(&design);
        for updates in 0..=most {
            let errors = design.dot(&self.weights.t()) - &targets;
            if errors.mapv(|e| e * e).mean().unwrap_or(f64::NAN) < criterion {
                return Course { updates, met: true };
            }
            self.weights.scaled_add(-rate, &errors.t().dot(&design));
        }
        Course { updates: most, met: false }
    }

    /// Learns tasks by gradient descent on densities, which stay at or above 0 if they are to.
    pub fn learn_densities(
        &mut self,
        tasks: &[(f64, &Array2<f64>, &Array2<f64>)],
        criterion: f64,
        most: usize,
        bounded: bool,
    ) -> Course {
        let design = self.density_design(tasks);
        let rate = 1.0 / largest_curvature(&design);
        let cells = self.weights.ncols();
        for updates in 0..=most {
            let errors: Vec<f64> = tasks
                .iter()
                .flat_map(|(level, patterns, targets)| (&self.outputs(*level, patterns) - *targets).into_iter())
                .collect();
            if errors.iter().map(|e| e * e).sum::<f64>() / (errors.len() as f64) < criterion {
                return Course { updates, met: true };
            }
            let slope = design.t().dot(&Array1::from_vec(errors));
            for cell in 0..cells {
                for receptor in 0..2 {
                    let density = &mut self.densities[[cell, receptor]];
                    *density -= rate * slope[2 * cell + receptor];
                    if bounded {
                        *density = density.max(0.0);
                    }
                }
            }
        }
        Course { updates: most, met: false }
    }
}

fn stacked(parts: &[Array2<f64>]) -> Array2<f64> {
    let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
    ndarray::concatenate(Axis(0), &views).unwrap_or_default()
}

/// Largest eigenvalue of AᵀA, by iteration to the last digits.
fn largest_curvature(design: &Array2<f64>) -> f64 {
    let mut direction = Array1::from_shape_fn(design.ncols(), |k| 1.0 + 0.1 * libm::sin(k as f64));
    let mut before = 0.0;
    for _ in 0..100_000 {
        let image = design.t().dot(&design.dot(&direction));
        let size = image.dot(&image).sqrt();
        direction = image / size;
        if (size - before).abs() < 1e-14 * size {
            break;
        }
        before = size;
    }
    before
}
