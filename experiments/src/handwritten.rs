//! Handwritten digits, and how well a linear readout tells them apart.

use analysis::Ridge;
use lab::Failure;
use model::Seed;
use ndarray::{Array2, ArrayView2, Axis, s};
use rand::RngExt;

/// 1797 rows of 64 pixels and a label: Alpaydin & Kaynak 1998, CC BY 4.0, see the folder.
const DATA: &str = include_str!("../data/optdigits_8x8.csv");
const CLASSES: usize = 10;

/// Penalties among which each readout chooses.
const PENALTIES: [f64; 5] = [1e-4, 1e-3, 1e-2, 1e-1, 1.0];

/// Pixels `[T × 64]` between 0 and 1, and labels `[T]`.
pub fn digits() -> Result<(Array2<f64>, Vec<usize>), Failure> {
    let values: Vec<f64> = DATA
        .split([',', '\n'])
        .map(str::trim)
        .filter(|cell| !cell.is_empty())
        .map(|cell| cell.parse().map_err(|_| Failure::Input(format!("digits: {cell} is no number"))))
        .collect::<Result<_, _>>()?;
    let rows = values.len() / 65;
    let table = Array2::from_shape_vec((rows, 65), values).map_err(|e| Failure::Input(format!("digits: {e}")))?;
    let labels = table.column(64).iter().map(|label| *label as usize).collect();
    Ok((table.slice(s![.., ..64]).mapv(|pixel| pixel / 16.0), labels))
}

/// Digits to learn from, to choose a penalty by, and to test on.
pub struct Split {
    order: Vec<usize>,
    train: usize,
    validate: usize,
}

impl Split {
    /// A random split of `count` digits.
    pub fn draw(count: usize, train: usize, validate: usize, seed: Seed) -> Self {
        let mut rng = seed.stream("split").rng(0);
        let mut order: Vec<usize> = (0..count).collect();
        for k in (1..count).rev() {
            order.swap(k, rng.random_range(0..=k));
        }
        let train = train.min(count);
        Self { order, train, validate: validate.min(count - train) }
    }

    /// Digits to learn from.
    pub fn train(&self) -> &[usize] {
        &self.order[..self.train]
    }

    /// Digits to test on.
    pub fn test(&self) -> &[usize] {
        &self.order[self.train + self.validate..]
    }

    /// Share of the test digits that a linear readout of features `[T × A]` names rightly.
    pub fn accuracy(&self, features: ArrayView2<f64>, labels: &[usize]) -> f64 {
        let part = |indices: &[usize]| -> (Array2<f64>, Vec<usize>) {
            (features.select(Axis(0), indices), indices.iter().map(|&k| labels[k]).collect())
        };
        let (train, train_labels) = part(self.train());
        let (validate, validate_labels) = part(&self.order[self.train..self.train + self.validate]);
        let (test, test_labels) = part(self.test());
        let fitted = PENALTIES.iter().filter_map(|&penalty| {
            let ridge = Ridge::fit(train.view(), &train_labels, CLASSES, penalty)?;
            Some((ridge.accuracy(validate.view(), &validate_labels), ridge))
        });
        // The first of equals: the smallest penalty.
        let best = fitted.fold(None, |best: Option<(f64, Ridge)>, next| match best {
            Some(best) if best.0 >= next.0 => Some(best),
            _ => Some(next),
        });
        best.map_or(f64::NAN, |(_, ridge)| ridge.accuracy(test.view(), &test_labels))
    }
}
