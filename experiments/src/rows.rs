//! The largest of many numbers, none of which is lost.

/// The largest of the magnitudes; NaN if one is, so that what failed cannot pass for agreement.
pub fn largest(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(0.0, |most: f64, v| if most.is_nan() || v.is_nan() { f64::NAN } else { most.max(v.abs()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_is_never_lost() {
        assert!(largest([1.0, f64::NAN, 2.0]).is_nan() && largest([f64::NAN]).is_nan());
        assert_eq!(largest([1.0, -3.0]), 3.0);
    }
}
