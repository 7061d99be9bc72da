//! Signalling functions of an embedded reaction: output against input while the source runs, whatever the source has to be for it.

use crate::shape::Shape;

/// Inputs at which curves are compared.
pub(crate) const COMPARED: usize = 21;

/// Range of the logarithm of an input below which it hardly moves.
const HARDLY: f64 = 1e-6;

/// A curve in logarithms. Where its input turns back while the source goes on it has several pieces.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Each in order of its input; the longest first.
    pieces: Vec<Vec<(f64, f64)>>,
}

/// Input or output is not there, so that states give no curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoCurve;

/// How far two curves are apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drift {
    /// Largest relative difference of outputs at one input.
    pub error: f64,
    /// Whether their inputs have no common range, so that fitted hyperbolas were compared.
    pub extrapolated: bool,
}

impl Curve {
    /// Curve of outputs against inputs along the source.
    ///
    /// # Errors
    /// [`NoCurve`].
    pub fn new(points: impl IntoIterator<Item = (f64, f64)>) -> Result<Self, NoCurve> {
        Self::of_logarithms(points.into_iter().map(|(x, y)| (libm::log(x), libm::log(y))).collect())
    }

    /// As [`Curve::new`], of logarithms.
    pub(crate) fn of_logarithms(points: Vec<(f64, f64)>) -> Result<Self, NoCurve> {
        if points.is_empty() || points.iter().any(|(x, y)| !(x.is_finite() && y.is_finite())) {
            return Err(NoCurve);
        }
        let first = points[0];
        if points.iter().all(|(x, _)| (x - first.0).abs() <= HARDLY) {
            return Ok(Curve { pieces: vec![vec![first]] });
        }
        let mut pieces: Vec<Vec<(f64, f64)>> = vec![Vec::with_capacity(points.len())];
        pieces[0].push(first);
        for pair in points.windows(2) {
            let up = pair[1].0 - pair[0].0;
            let last = pieces.last_mut().expect("one at least");
            let turns = last.len() > 1 && up * (last[last.len() - 1].0 - last[0].0) < 0.0;
            if turns {
                pieces.push(vec![pair[0]]);
            }
            if up != 0.0 {
                pieces.last_mut().expect("one at least").push(pair[1]);
            }
        }
        for piece in &mut pieces {
            if piece[piece.len() - 1].0 < piece[0].0 {
                piece.reverse();
            }
        }
        let length = |piece: &[(f64, f64)]| piece[piece.len() - 1].0 - piece[0].0;
        pieces.sort_by(|a, b| length(b).total_cmp(&length(a)));
        Ok(Curve { pieces })
    }

    /// Whether its input turns back while the source goes on: to one input belong several amounts of the source.
    pub fn is_folded(&self) -> bool {
        self.pieces.len() > 1
    }

    /// Smallest and largest input, of its longest piece.
    pub fn range(&self) -> (f64, f64) {
        let (low, high) = self.ends();
        (libm::exp(low), libm::exp(high))
    }

    /// Inputs and outputs of its longest piece, in order.
    pub fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        self.pieces[0].iter().map(|(x, y)| (libm::exp(*x), libm::exp(*y)))
    }

    /// Output at an input, on its longest piece: the cubic through the four points about it, in logarithms; beyond the ends straight on.
    pub fn at(&self, x: f64) -> f64 {
        libm::exp(self.log_at(libm::log(x)))
    }

    pub(crate) fn log_at(&self, x: f64) -> f64 {
        self.cubics().at(x)
    }

    /// As [`Curve::log_at`], for many inputs in order.
    pub(crate) fn cubics(&self) -> Cubics<'_> {
        Cubics::new(&self.pieces[0])
    }

    /// The hyperbola nearest to it, if any.
    pub fn hyperbola(&self) -> Option<Shape> {
        Shape::fit(&self.points().collect::<Vec<_>>(), false).map(|fit| fit.shape)
    }

    /// How far this curve has come from another: at each of its inputs from the nearest of the other's pieces.
    pub fn drift(&self, from: &Curve) -> Drift {
        let mut worst: Option<f64> = None;
        for piece in &self.pieces {
            let (low, high) = ends(piece);
            let inputs: Vec<f64> = match from.is_folded() || self.is_folded() {
                // A common range of each of the pieces.
                true => spaced(low, high).collect(),
                false => {
                    let other = from.ends();
                    let (low, high) = (low.max(other.0), high.min(other.1));
                    if high >= low { spaced(low, high).collect() } else { Vec::new() }
                }
            };
            let (mut own, mut others) = (Cubics::new(piece), Vec::with_capacity(from.pieces.len()));
            others.extend(from.pieces.iter().map(|other| Cubics::new(other)));
            for x in inputs {
                let y = own.at(x);
                let covers = |other: &&mut Cubics| ends(other.points).0 <= x && x <= ends(other.points).1;
                let apart = |other: &mut Cubics| libm::expm1(y - other.at(x)).abs();
                let nearest = others.iter_mut().filter(covers).map(apart).reduce(f64::min);
                worst = worst.into_iter().chain(nearest).reduce(f64::max);
            }
        }
        match worst {
            Some(error) => Drift { error, extrapolated: false },
            None => Drift { error: self.extrapolated(from), extrapolated: true },
        }
    }

    /// Drift where there is no common input: of fitted hyperbolas, over the other's range; where there are none, of the nearest ends.
    fn extrapolated(&self, from: &Curve) -> f64 {
        let (own, other) = (self.ends(), from.ends());
        let apart = |a: f64, b: f64| libm::expm1(a - b).abs();
        match (self.hyperbola(), from.hyperbola()) {
            (Some(a), Some(b)) => spaced(other.0, other.1)
                .map(|x| apart(libm::log(a.at(libm::exp(x))), libm::log(b.at(libm::exp(x)))))
                .fold(0.0, f64::max),
            _ => {
                let middle = 0.5 * (own.0.max(other.0) + own.1.min(other.1));
                apart(self.log_at(middle), from.log_at(middle))
            }
        }
    }

    pub(crate) fn ends(&self) -> (f64, f64) {
        ends(&self.pieces[0])
    }
}

fn ends(piece: &[(f64, f64)]) -> (f64, f64) {
    (piece[0].0, piece[piece.len() - 1].0)
}

/// The cubics through each four points that follow one another; the one that was asked last is kept, for inputs come in order.
pub(crate) struct Cubics<'p> {
    points: &'p [(f64, f64)],
    /// Number of its first point.
    first: usize,
    /// Divided differences.
    slopes: [f64; 4],
}

impl<'p> Cubics<'p> {
    fn new(points: &'p [(f64, f64)]) -> Self {
        Cubics { points, first: usize::MAX, slopes: [0.0; 4] }
    }

    /// Output on the cubic through the four points about an input; beyond the ends straight on.
    pub(crate) fn at(&mut self, x: f64) -> f64 {
        let (p, n) = (self.points, self.points.len());
        if n == 1 {
            return p[0].1;
        }
        if x <= p[0].0 || x >= p[n - 1].0 {
            let (a, b) = if x <= p[0].0 { (p[0], p[1]) } else { (p[n - 1], p[n - 2]) };
            return a.1 + (x - a.0) * (b.1 - a.1) / (b.0 - a.0);
        }
        let above = p.partition_point(|(own, _)| *own < x);
        let first = above.saturating_sub(2).min(n - n.min(4));
        let through = &p[first..(first + 4).min(n)];
        if first != self.first {
            self.first = first;
            self.slopes.iter_mut().zip(through).for_each(|(slope, (_, y))| *slope = *y);
            for order in 1..through.len() {
                for k in (order..through.len()).rev() {
                    let across = through[k].0 - through[k - order].0;
                    self.slopes[k] = (self.slopes[k] - self.slopes[k - 1]) / across;
                }
            }
        }
        through.iter().zip(&self.slopes).rev().fold(0.0, |sum, ((own, _), slope)| sum * (x - own) + slope)
    }
}

/// Logarithms of inputs at which curves are compared.
pub(crate) fn spaced(low: f64, high: f64) -> impl Iterator<Item = f64> {
    (0..COMPARED).map(move |k| low + (high - low) * k as f64 / (COMPARED - 1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An input that goes up and down again along one function has not drifted from itself, nor from the function.
    #[test]
    fn folded_inputs_are_compared_piece_by_piece() {
        let shape = Shape { ymax: 3.0, half: 2.0, n: 1.0 };
        let of = |inputs: &dyn Fn(f64) -> f64| {
            Curve::new((0..=60).map(|k| inputs(f64::from(k) / 60.0)).map(|x| (x, shape.at(x))))
        };
        let straight = of(&|t| 0.5 + 4.0 * t).expect("a curve");
        let folded = of(&|t| 1.0 + 3.0 * libm::sin(3.0 * t)).expect("a curve");
        assert!(folded.is_folded() && !straight.is_folded());
        assert!(folded.drift(&straight).error < 1e-4 && straight.drift(&folded).error < 1e-4);
        assert_eq!(folded.drift(&folded).error, 0.0);
    }
}
