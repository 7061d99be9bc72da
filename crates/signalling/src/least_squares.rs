//! Least squares by damped Gauss-Newton steps: a few parameters, and residuals that cost a sweep of steady states each.

use crate::linear::Lu;

/// Most steps.
const MOST_STEPS: usize = 30;

/// Change of a parameter below which no step is worth its residuals.
const SHORT: f64 = 1e-10;

/// Change of a parameter below which the end is near.
const NEAR: f64 = 1e-4;

/// What is to become small.
pub trait Residuals {
    /// Residuals at parameters; `None` where there are none.
    fn at(&mut self, parameters: &[f64]) -> Option<Vec<f64>>;

    /// Slopes `[parameters][residuals]` at the parameters that residuals were found at last.
    fn slopes(&mut self, parameters: &[f64], residuals: &[f64]) -> Option<Vec<Vec<f64>>>;
}

/// Residuals whose slopes are differences.
pub struct Differenced<F>(pub F);

/// Change of a parameter by which slopes are taken.
const STEP: f64 = 1e-5;

impl<F: FnMut(&[f64]) -> Option<Vec<f64>>> Residuals for Differenced<F> {
    fn at(&mut self, parameters: &[f64]) -> Option<Vec<f64>> {
        self.0(parameters)
    }

    fn slopes(&mut self, parameters: &[f64], residuals: &[f64]) -> Option<Vec<Vec<f64>>> {
        let slope = |k: usize| {
            let mut beside = parameters.to_vec();
            beside[k] += STEP;
            Some(self.0(&beside)?.iter().zip(residuals).map(|(b, a)| (b - a) / STEP).collect())
        };
        (0..parameters.len()).map(slope).collect()
    }
}

/// Parameters that make the sum of squares of `residuals` smallest, near `start`; `None` where there are none at the start. Residuals that are `None` elsewhere
/// make a step shorter.
pub fn least_squares(start: &[f64], residuals: &mut impl Residuals) -> Option<Vec<f64>> {
    let n = start.len();
    let mut at = start.to_vec();
    let mut wrong = residuals.at(&at)?;
    let squares = |r: &[f64]| r.iter().map(|r| r * r).sum::<f64>();
    let (mut damping, mut last) = (1e-6, f64::INFINITY);
    for _ in 0..MOST_STEPS {
        let Some(slopes) = residuals.slopes(&at, &wrong) else { return Some(at) };
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let down: Vec<f64> = slopes.iter().map(|slope| -dot(slope, &wrong)).collect();
        let mut better = false;
        while damping < 1e8 {
            let entry = |i: usize, j: usize| {
                let own = dot(&slopes[i], &slopes[j]);
                if i == j { own * (1.0 + damping) + f64::MIN_POSITIVE } else { own }
            };
            let matrix: Vec<f64> = (0..n * n).map(|k| entry(k / n, k % n)).collect();
            let Some(step) = Lu::new(n, &matrix).map(|lu| lu.solve(&down)) else { return Some(at) };
            // Rates change by a factor of e² at most, at once.
            let longest = step.iter().fold(0.0_f64, |most, d| most.max(d.abs()));
            if longest < SHORT {
                return Some(at);
            }
            let factor = (2.0 / longest).min(1.0);
            let next: Vec<f64> = at.iter().zip(&step).map(|(a, d)| a + factor * d).collect();
            match residuals.at(&next) {
                // Near the end sums of squares are equal to rounding, long before parameters are: steps that become shorter go on.
                Some(there)
                    if squares(&there) < squares(&wrong)
                        || (longest < NEAR.min(0.5 * last) && squares(&there) < (1.0 + 1e-9) * squares(&wrong)) =>
                {
                    last = longest;
                    better = true;
                    (at, wrong) = (next, there);
                    damping = (damping * 0.1).max(1e-12);
                    break;
                }
                _ => damping *= 10.0,
            }
        }
        if !better {
            break;
        }
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_law_is_found() {
        let x: Vec<f64> = (1..8).map(f64::from).collect();
        let mut residuals = Differenced(|p: &[f64]| {
            Some(x.iter().map(|x| p[0] + p[1] * libm::log(*x) - (libm::log(3.0) + 2.0 * libm::log(*x))).collect())
        });
        let found = least_squares(&[0.0, 1.0], &mut residuals).expect("a start");
        assert!((found[0] - libm::log(3.0)).abs() < 1e-8 && (found[1] - 2.0).abs() < 1e-8, "{found:?}");
    }
}
