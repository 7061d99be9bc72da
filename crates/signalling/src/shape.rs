//! Shapes of signalling functions: hyperbolas and Hill functions.

use crate::SignallingError;
use crate::error::within;
use crate::least_squares::{Differenced, least_squares};
use ndarray::Array2;
use ndarray_linalg::SVD;
use serde::{Deserialize, Serialize};

/// y = ymax xⁿ/(Cⁿ + xⁿ).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// Largest output.
    pub ymax: f64,
    /// Input at which the output is half of it.
    #[serde(rename = "C")]
    pub half: f64,
    /// Steepness; 1 if left out.
    #[serde(default = "one")]
    pub n: f64,
}

fn one() -> f64 {
    1.0
}

/// A shape that was fitted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// The shape.
    pub shape: Shape,
    /// Largest relative departure of a point from it.
    pub error: f64,
    /// Condition number of the fit: by how much less the least certain combination of ln ymax and ln C is known than the most certain one. Above a
    /// hundred or so the curve is known well, and its parameters are not.
    pub condition: f64,
}

impl Shape {
    /// Output at an input.
    pub fn at(&self, x: f64) -> f64 {
        // Of the ratio, which neither overflows nor vanishes where powers do.
        if x > 0.0 { self.ymax / (1.0 + libm::pow(self.half / x, self.n)) } else { 0.0 }
    }

    /// Refuses what is no shape.
    ///
    /// # Errors
    /// [`SignallingError::Range`].
    pub fn validate(&self, field: &str) -> Result<(), SignallingError> {
        let positive = |v: f64| v > 0.0 && v <= 1e15;
        within(|| format!("{field}.ymax"), self.ymax, positive(self.ymax), "above 0, to 1e15")?;
        within(|| format!("{field}.C"), self.half, positive(self.half), "above 0, to 1e15")?;
        within(|| format!("{field}.n"), self.n, self.n > 0.0 && self.n <= 20.0, "above 0, to 20")
    }

    /// The hyperbola, or the Hill function where `steep`, that is nearest in its logarithm to points; `None` where they have none: less than four, not
    /// positive, or a straight line.
    pub fn fit(points: &[(f64, f64)], steep: bool) -> Option<Fit> {
        if points.len() < 4 || points.iter().any(|(x, y)| !(*x > 0.0 && *y > 0.0)) {
            return None;
        }
        let of =
            |p: &[f64]| Shape { ymax: libm::exp(p[0]), half: libm::exp(p[1]), n: p.get(2).copied().unwrap_or(1.0) };
        let wrong = |p: &[f64]| {
            let shape = of(p);
            let all: Vec<f64> = points.iter().map(|(x, y)| libm::log(shape.at(*x) / y)).collect();
            (shape.n > 0.0 && all.iter().all(|r| r.is_finite())).then_some(all)
        };
        let (x, y) = points[points.len() - 1];
        let mut start = vec![libm::log(2.0 * y), libm::log(x)];
        start.extend(steep.then_some(1.0));
        let found = least_squares(&start, &mut Differenced(wrong))?;
        let shape = of(&found);
        let largest = points.iter().fold(0.0_f64, |most, (x, _)| most.max(*x));
        if shape.half > 1e4 * largest {
            return None;
        }
        let error = points.iter().map(|(x, y)| (shape.at(*x) / y - 1.0).abs()).fold(0.0, f64::max);
        // ∂ ln y/∂ ln ymax = 1, ∂ ln y/∂ ln C = −n Cⁿ/(Cⁿ + xⁿ).
        let slopes = Array2::from_shape_fn((points.len(), 2), |(k, column)| match column {
            0 => 1.0,
            _ => -shape.n * (1.0 - shape.at(points[k].0) / shape.ymax),
        });
        let condition = slopes.svd(false, false).ok().map_or(f64::NAN, |(_, s, _)| s[0] / s[1]);
        Some(Fit { shape, error, condition })
    }
}
