//! Signalling functions of an embedded reaction: output against input while the source runs, whatever the source has to be for it.

use crate::shape::Shape;

/// Inputs at which curves are compared.
pub(crate) const COMPARED: usize = 21;

/// Range of the logarithm of an input below which it hardly moves.
const HARDLY: f64 = 1e-6;

/// A curve in logarithms, in order of its input.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    points: Vec<(f64, f64)>,
}

/// Why states give no curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoCurve {
    /// Input or output is not there.
    Nothing,
    /// The input turns back while the source goes on: to one source belong several inputs.
    Folded,
}

/// How far two curves are apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drift {
    /// Largest relative difference of outputs at one input.
    pub error: f64,
    /// Whether their inputs have no common range, so that fitted hyperbolas were compared.
    pub extrapolated: bool,
}

impl Curve {
    /// Of outputs against inputs along the source.
    ///
    /// # Errors
    /// [`NoCurve`].
    pub fn new(points: impl IntoIterator<Item = (f64, f64)>) -> Result<Self, NoCurve> {
        let mut points: Vec<(f64, f64)> = points.into_iter().map(|(x, y)| (x.ln(), y.ln())).collect();
        if points.is_empty() || points.iter().any(|(x, y)| !(x.is_finite() && y.is_finite())) {
            return Err(NoCurve::Nothing);
        }
        if points.last().expect("some").0 < points[0].0 {
            points.reverse();
        }
        let (low, high) = (points[0].0, points[points.len() - 1].0);
        let turns = points.windows(2).any(|pair| pair[1].0 <= pair[0].0);
        if turns {
            if high - low > HARDLY || points.iter().any(|(x, _)| (x - low).abs() > HARDLY) {
                return Err(NoCurve::Folded);
            }
            points.truncate(1);
        }
        Ok(Curve { points })
    }

    /// Smallest and largest input.
    pub fn range(&self) -> (f64, f64) {
        (self.points[0].0.exp(), self.points[self.points.len() - 1].0.exp())
    }

    /// Inputs and outputs, in order.
    pub fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        self.points.iter().map(|(x, y)| (x.exp(), y.exp()))
    }

    /// Output at an input: the cubic through the four points about it, in logarithms; beyond the ends straight on.
    pub fn at(&self, x: f64) -> f64 {
        self.log_at(x.ln()).exp()
    }

    pub(crate) fn log_at(&self, x: f64) -> f64 {
        let p = &self.points;
        let n = p.len();
        if n == 1 {
            return p[0].1;
        }
        if x <= p[0].0 || x >= p[n - 1].0 {
            let (a, b) = if x <= p[0].0 { (p[0], p[1]) } else { (p[n - 1], p[n - 2]) };
            return a.1 + (x - a.0) * (b.1 - a.1) / (b.0 - a.0);
        }
        let above = p.partition_point(|(own, _)| *own < x);
        let first = above.saturating_sub(2).min(n - n.min(4));
        let near = &p[first..(first + 4).min(n)];
        let weight = |k: usize| -> f64 {
            near.iter().enumerate().filter(|(j, _)| *j != k).map(|(_, b)| (x - b.0) / (near[k].0 - b.0)).product()
        };
        near.iter().enumerate().map(|(k, (_, y))| weight(k) * y).sum()
    }

    /// The hyperbola nearest to it, if any.
    pub fn hyperbola(&self) -> Option<Shape> {
        Shape::fit(&self.points().collect::<Vec<_>>(), false).map(|fit| fit.shape)
    }

    /// How far this curve has come from another.
    pub fn drift(&self, from: &Curve) -> Drift {
        let (own, other) = (self.ends(), from.ends());
        let (low, high) = (own.0.max(other.0), own.1.min(other.1));
        let apart = |a: f64, b: f64| (a - b).exp_m1().abs();
        if high >= low {
            let error = spaced(low, high).map(|x| apart(self.log_at(x), from.log_at(x))).fold(0.0, f64::max);
            return Drift { error, extrapolated: false };
        }
        // An input that hardly moves is compared where it is; else what both curves would be there.
        let middle = 0.5 * (low + high);
        let of = |curve: &Curve| curve.hyperbola().map_or(curve.log_at(middle), |shape| shape.at(middle.exp()).ln());
        let all = spaced(other.0, other.1);
        let error = match (self.hyperbola(), from.hyperbola()) {
            (Some(a), Some(b)) => all.map(|x| apart(a.at(x.exp()).ln(), b.at(x.exp()).ln())).fold(0.0, f64::max),
            _ => apart(of(self), of(from)),
        };
        Drift { error, extrapolated: true }
    }

    pub(crate) fn ends(&self) -> (f64, f64) {
        (self.points[0].0, self.points[self.points.len() - 1].0)
    }
}

/// Logarithms of inputs at which curves are compared.
pub(crate) fn spaced(low: f64, high: f64) -> impl Iterator<Item = f64> {
    (0..COMPARED).map(move |k| low + (high - low) * k as f64 / (COMPARED - 1) as f64)
}
