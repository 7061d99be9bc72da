//! Stiff equations in time: linearly implicit Euler steps, extrapolated.

use crate::linear::Lu;

/// Equations dy/dt = f(y).
pub trait Field {
    /// Number of variables.
    fn variables(&self) -> usize;
    /// f(y).
    fn field(&self, y: &[f64], field: &mut [f64]);
    /// ∂f/∂y, row by row.
    fn jacobian(&self, y: &[f64]) -> Vec<f64>;
}

/// Why a run has ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stuck;

/// Columns of the extrapolation, which is the order of a step.
const COLUMNS: usize = 6;

/// Most steps of a run.
const MOST_STEPS: usize = 1_000_000;

/// Runs `field` from `y` for a time; `seen(t, before, y)` is told of each step with where it began, and ends the run by `false`. Errors of a step are
/// below `tolerance`, relative to each variable and to `floor`.
///
/// # Errors
/// [`Stuck`] where steps become too short.
pub fn integrate(
    field: &impl Field,
    mut y: Vec<f64>,
    time: f64,
    (tolerance, floor): (f64, f64),
    mut seen: impl FnMut(f64, &[f64], &[f64]) -> bool,
) -> Result<Vec<f64>, Stuck> {
    let n = field.variables();
    let mut t = 0.0;
    let mut slope = vec![0.0; n];
    field.field(&y, &mut slope);
    let size = |y: f64| y.abs().max(floor);
    let fastest = slope.iter().zip(&y).map(|(f, y)| f.abs() / size(*y)).fold(0.0, f64::max);
    let mut step = (0.01 / fastest.max(1e-12)).min(time);
    for _ in 0..MOST_STEPS {
        if t >= time {
            return Ok(y);
        }
        step = step.min(time - t);
        let Some((next, error)) = extrapolated(field, &y, step, &size) else {
            step *= 0.25;
            if step < 1e-14 * time.max(t) {
                return Err(Stuck);
            }
            continue;
        };
        let error = error / tolerance;
        let factor = (0.9 * libm::pow(0.25 / error.max(1e-10), 1.0 / COLUMNS as f64)).clamp(0.1, 4.0);
        if error > 1.0 {
            step *= factor.min(0.5);
            if step < 1e-14 * time.max(t) {
                return Err(Stuck);
            }
            continue;
        }
        t = if time - t - step <= 1e-14 * time { time } else { t + step };
        if !seen(t, &y, &next) {
            return Ok(next);
        }
        y = next;
        step *= factor;
    }
    Err(Stuck)
}

/// A step by 1, 2, … linearly implicit Euler steps, extrapolated to none; with the largest difference of the last two, relative to `size`.
fn extrapolated(field: &impl Field, y: &[f64], step: f64, size: &impl Fn(f64) -> f64) -> Option<(Vec<f64>, f64)> {
    let n = y.len();
    let jacobian = field.jacobian(y);
    let mut table: Vec<Vec<f64>> = Vec::with_capacity(COLUMNS);
    let mut error = f64::INFINITY;
    let mut slope = vec![0.0; n];
    for row in 0..COLUMNS {
        let count = row + 1;
        let h = step / count as f64;
        let mut matrix: Vec<f64> = jacobian.iter().map(|j| -h * j).collect();
        (0..n).for_each(|i| matrix[i * n + i] += 1.0);
        let lu = Lu::new(n, &matrix)?;
        let mut now = y.to_vec();
        for _ in 0..count {
            field.field(&now, &mut slope);
            slope.iter_mut().for_each(|f| *f *= h);
            now.iter_mut().zip(lu.solve(&slope)).for_each(|(y, d)| *y += d);
        }
        if !now.iter().all(|y| y.is_finite()) {
            return None;
        }
        // Aitken's and Neville's scheme, in place: column k of this row from column k − 1 of this row and of the one before.
        let mut column = now;
        for (k, before) in table.iter_mut().enumerate().take(row) {
            let ratio = count as f64 / (count - k - 1) as f64;
            let next: Vec<f64> =
                column.iter().zip(&*before).map(|(new, old)| new + (new - old) / (ratio - 1.0)).collect();
            if row + 1 == COLUMNS && k + 1 == row {
                error = next
                    .iter()
                    .zip(&column)
                    .zip(y)
                    .map(|((a, b), y)| (a - b).abs() / size(a.abs().max(y.abs())))
                    .fold(0.0, f64::max);
            }
            *before = std::mem::replace(&mut column, next);
        }
        table.push(column);
    }
    table.pop().filter(|y| y.iter().all(|y| y.is_finite())).map(|y| (y, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Robertson's reactions.
    struct Robertson;

    impl Field for Robertson {
        fn variables(&self) -> usize {
            3
        }
        fn field(&self, y: &[f64], f: &mut [f64]) {
            f[0] = -0.04 * y[0] + 1e4 * y[1] * y[2];
            f[2] = 3e7 * y[1] * y[1];
            f[1] = -f[0] - f[2];
        }
        fn jacobian(&self, y: &[f64]) -> Vec<f64> {
            let (a, b, c) = (1e4 * y[2], 1e4 * y[1], 6e7 * y[1]);
            vec![-0.04, a, b, 0.04, -a - c, -b, 0.0, c, 0.0]
        }
    }

    /// Values of the test set of Mazzia & Magherini at t = 1e11, and that amounts are conserved.
    #[test]
    fn robertsons_reactions_come_to_where_they_should() {
        let end = integrate(&Robertson, vec![1.0, 0.0, 0.0], 1e11, (1e-9, 1e-12), |_, _, _| true).expect("runs");
        for (y, want) in end.iter().zip([0.208_334_015e-7, 0.833_336_077e-13, 0.999_999_979_166_505]) {
            assert!((y / want - 1.0).abs() < 1e-5, "{y} {want}");
        }
        assert!((end.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    }

    /// An oscillator has a known end: errors are what was asked for.
    #[test]
    fn errors_are_those_asked_for() {
        struct Oscillator;
        impl Field for Oscillator {
            fn variables(&self) -> usize {
                2
            }
            fn field(&self, y: &[f64], f: &mut [f64]) {
                (f[0], f[1]) = (y[1], -y[0]);
            }
            fn jacobian(&self, _: &[f64]) -> Vec<f64> {
                vec![0.0, 1.0, -1.0, 0.0]
            }
        }
        let end = integrate(&Oscillator, vec![1.0, 0.0], 10.0, (1e-10, 1.0), |_, _, _| true).expect("runs");
        assert!((end[0] - libm::cos(10.0)).abs() < 1e-7 && (end[1] + libm::sin(10.0)).abs() < 1e-7, "{end:?}");
    }
}
