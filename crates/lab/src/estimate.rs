//! A mean over replicates, with its standard error.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// Mean and standard error of the mean over independent replicates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Mean.
    pub mean: f64,
    /// Standard error; NaN with fewer than 3 replicates.
    pub sem: f64,
    /// Number of replicates; those that are NaN are left out, and not counted.
    pub replicates: usize,
}

impl Estimate {
    /// From one value a replicate, in order.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let values: Vec<f64> = values.into_iter().filter(|v| !v.is_nan()).collect();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let sem = if values.len() < 3 { f64::NAN } else { (variance / n).sqrt() };
        Estimate { mean, sem, replicates: values.len() }
    }

    /// A value without sampling error.
    pub fn exact(value: f64) -> Self {
        Estimate { mean: value, sem: 0.0, replicates: 0 }
    }

    /// Half-width of the two-sided 99.9 % confidence interval; NaN with fewer than 3 replicates.
    pub fn half_width(&self) -> f64 {
        if self.replicates == 0 { 0.0 } else { student_999(self.replicates) * self.sem }
    }

    /// Half-width of the 95 % interval, for error bars.
    pub fn error_bar(&self) -> f64 {
        if self.replicates < 3 {
            return 0.0;
        }
        student(self.replicates, 0.975) * self.sem
    }
}

/// Two-sided 99.9 % quantile of Student's law with `replicates` − 1 degrees of freedom.
pub fn student_999(replicates: usize) -> f64 {
    student(replicates, 0.9995)
}

fn student(replicates: usize, level: f64) -> f64 {
    StudentsT::new(0.0, 1.0, replicates.saturating_sub(1).max(1) as f64).map_or(f64::NAN, |law| law.inverse_cdf(level))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        // Two-sided 99.9 %: 31.60, 8.610, 4.781 for 2, 4, 9 degrees of freedom.
        for (replicates, table) in [(3, 31.60), (5, 8.610), (10, 4.781)] {
            assert!((student_999(replicates) / table - 1.0).abs() < 1e-3, "{}", student_999(replicates));
        }
    }

    #[test]
    fn few_replicates_have_no_error() {
        let e = Estimate::of([1.0, 2.0, f64::NAN]);
        assert_eq!((e.mean, e.replicates), (1.5, 2));
        assert!(e.sem.is_nan() && e.half_width().is_nan());
        assert!((Estimate::of([1.0, 2.0, 3.0]).sem - 1.0 / 3.0_f64.sqrt()).abs() < 1e-15);
    }
}
