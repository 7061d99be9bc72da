//! What a linear reader sees in responses: affine fits, dimension, and classification by ridge regression.

use ndarray::{Array1, Array2, ArrayView2, Axis, concatenate};
use ndarray_linalg::{FactorizeInto, Solve};

/// PR = (tr C)²/tr C² of the covariance C of responses `[T × A]`: the number of dimensions they fill, between 1 and A; NaN where
/// nothing varies.
///
/// Source: Gao et al. 2017.
pub fn participation_ratio(responses: ArrayView2<f64>) -> f64 {
    let centred = centred(responses);
    // Both products have the same eigenvalues but 0.
    let is_tall = centred.nrows() >= centred.ncols();
    let covariance = if is_tall { centred.t().dot(&centred) } else { centred.dot(&centred.t()) };
    covariance.diag().sum().powi(2) / covariance.iter().map(|c| c * c).sum::<f64>()
}

/// Share of the variance of responses `[T × A]` that no affine function of the stimuli `[T × D]` explains: 0 where the responses to all
/// stimuli lie on a plane over them. NaN where nothing varies, or where the stimuli are not in general position.
pub fn nonlinear_share(stimuli: ArrayView2<f64>, responses: ArrayView2<f64>) -> f64 {
    let (stimuli, responses) = (centred(stimuli), centred(responses));
    let Some(weights) = regression(&stimuli, &responses, 0.0) else { return f64::NAN };
    let left = &responses - &stimuli.dot(&weights);
    left.iter().map(|v| v * v).sum::<f64>() / responses.iter().map(|v| v * v).sum::<f64>()
}

/// A linear classifier of responses, one output a class.
#[derive(Clone, Debug)]
pub struct Ridge {
    mean: Array1<f64>,
    scale: Array1<f64>,
    /// `[A + 1 × classes]`, the last row for the constant.
    weights: Array2<f64>,
}

impl Ridge {
    /// Regresses class membership, 1 or 0, on responses `[T × A]` scaled to unit variance, with penalty `strength` · T on the squares of
    /// the weights; `None` where that has no solution.
    ///
    /// # Panics
    /// If there are not as many labels as responses, or a label is no class.
    pub fn fit(responses: ArrayView2<f64>, labels: &[usize], classes: usize, strength: f64) -> Option<Self> {
        assert_eq!(responses.nrows(), labels.len(), "one label a response");
        let mean = responses.mean_axis(Axis(0))?;
        // What hardly varies is left as it is: it would be noise blown up.
        let scale = responses.std_axis(Axis(0), 0.0).mapv(|s| if s > 1e-9 { 1.0 / s } else { 1.0 });
        let mut wanted = Array2::zeros((labels.len(), classes));
        labels.iter().enumerate().for_each(|(t, &label)| wanted[[t, label]] = 1.0);
        let mut ridge = Ridge { mean, scale, weights: Array2::zeros((0, 0)) };
        let constant = wanted.mean_axis(Axis(0))?;
        let slopes = regression(&ridge.scaled(responses), &(&wanted - &constant), strength * labels.len() as f64)?;
        ridge.weights = concatenate![Axis(0), slopes, constant.insert_axis(Axis(0))];
        Some(ridge)
    }

    /// Share of responses whose largest output is that of their label.
    ///
    /// # Panics
    /// If there are not as many labels as responses.
    pub fn accuracy(&self, responses: ArrayView2<f64>, labels: &[usize]) -> f64 {
        assert_eq!(responses.nrows(), labels.len(), "one label a response");
        let (slopes, constant) = self.weights.view().split_at(Axis(0), self.weights.nrows() - 1);
        let outputs = self.scaled(responses).dot(&slopes) + constant;
        let right = outputs.rows().into_iter().zip(labels).filter(|(output, label)| {
            let best = output.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
            best.is_some_and(|(class, _)| class == **label)
        });
        right.count() as f64 / labels.len() as f64
    }

    fn scaled(&self, responses: ArrayView2<f64>) -> Array2<f64> {
        (&responses - &self.mean) * &self.scale
    }
}

fn centred(values: ArrayView2<f64>) -> Array2<f64> {
    match values.mean_axis(Axis(0)) {
        Some(mean) => &values - &mean,
        None => values.to_owned(),
    }
}

/// (FᵀF + penalty)⁻¹ FᵀY.
fn regression(features: &Array2<f64>, wanted: &Array2<f64>, penalty: f64) -> Option<Array2<f64>> {
    let mut gram = features.t().dot(features);
    gram.diag_mut().mapv_inplace(|v| v + penalty);
    let right = features.t().dot(wanted);
    let factors = gram.factorize_into().ok()?;
    let mut weights = Array2::zeros(right.dim());
    for (column, mut out) in right.columns().into_iter().zip(weights.columns_mut()) {
        out.assign(&factors.solve(&column.to_owned()).ok()?);
    }
    weights.iter().all(|w| w.is_finite()).then_some(weights)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn planes_are_told_from_folds() {
        let stimuli = Array2::from_shape_fn((25, 2), |(t, d)| if d == 0 { (t / 5) as f64 } else { (t % 5) as f64 });
        let plane = Array2::from_shape_fn((25, 3), |(t, a)| {
            let (x, y) = (stimuli[[t, 0]], stimuli[[t, 1]]);
            [1.0 + x, 2.0 * x - y, 0.5 - 3.0 * y][a]
        });
        assert!(nonlinear_share(stimuli.view(), plane.view()) < 1e-25);
        // |x − 2| is orthogonal to x and y on this grid: its variance .56 beside that of x, 2.
        let fold = Array2::from_shape_fn((25, 2), |(t, a)| [stimuli[[t, 0]], (stimuli[[t, 0]] - 2.0).abs()][a]);
        assert!((nonlinear_share(stimuli.view(), fold.view()) - 0.56 / 2.56).abs() < 1e-12);
        assert!(nonlinear_share(array![[1.0], [1.0]].view(), array![[1.0], [2.0]].view()).is_nan());
    }

    #[test]
    fn dimension_counts_equal_directions() {
        let square = array![[1.0, 1.0, 0.0], [1.0, -1.0, 0.0], [-1.0, 1.0, 0.0], [-1.0, -1.0, 0.0]];
        assert!((participation_ratio(square.view()) - 2.0).abs() < 1e-12);
        let line = array![[0.0, 0.0], [1.0, 2.0], [2.0, 4.0]];
        assert!((participation_ratio(line.view()) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn classes_that_a_plane_separates_are_separated_and_xor_is_not() {
        let corners = array![[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
        let and = Ridge::fit(corners.view(), &[0, 0, 0, 1], 2, 1e-3).expect("regular");
        assert_eq!(and.accuracy(corners.view(), &[0, 0, 0, 1]), 1.0);
        let xor = Ridge::fit(corners.view(), &[0, 1, 1, 0], 2, 1e-3).expect("regular");
        assert!(xor.accuracy(corners.view(), &[0, 1, 1, 0]) <= 0.75);
    }
}
