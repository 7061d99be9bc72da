//! Measures of a voltage against time.

/// A peak and what follows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Waveform {
    /// Highest value.
    pub peak: f64,
    /// Where, from the start of the trace.
    pub peak_at: f64,
    /// Lowest value after the peak.
    pub trough: f64,
    /// Width at the mean of the peak and of the value that the trace starts from; NaN where it is not crossed on both sides.
    pub half_width: f64,
}

/// The highest peak of samples at equal steps. Widths are interpolated between samples, peaks are not.
///
/// # Panics
/// If there are no samples.
pub fn waveform(samples: &[f64], step: f64) -> Waveform {
    let top = (0..samples.len()).fold(0, |top, k| if samples[k] > samples[top] { k } else { top });
    let trough = samples[top..].iter().copied().fold(f64::INFINITY, f64::min);
    let level = 0.5 * (samples[top] + samples[0]);
    let crossing = |k: usize| k as f64 + (level - samples[k]) / (samples[k + 1] - samples[k]);
    let rises = (0..top).rev().find(|&k| samples[k] < level).map(crossing);
    let falls = (top..samples.len() - 1).find(|&k| samples[k + 1] < level).map(crossing);
    let half_width = rises.zip(falls).map_or(f64::NAN, |(rise, fall)| (fall - rise) * step);
    Waveform { peak: samples[top], peak_at: top as f64 * step, trough, half_width }
}

/// Growth rate and angular frequency of samples A e^{λt} cos(ωt + φ) + constant at equal steps; the rate is negative where they decay.
///
/// Differences of such samples obey x_{k+2} = 2 e^{λh} cos(ωh) x_{k+1} − e^{2λh} x_k, whose two coefficients are fitted by least
/// squares (Prony's method). `None` where they are those of no oscillation.
pub fn oscillation(samples: &[f64], step: f64) -> Option<(f64, f64)> {
    let x: Vec<f64> = samples.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let (mut aa, mut ab, mut bb, mut ac, mut bc) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for w in x.windows(3) {
        aa += w[1] * w[1];
        ab += w[1] * w[0];
        bb += w[0] * w[0];
        ac += w[1] * w[2];
        bc += w[0] * w[2];
    }
    let determinant = aa * bb - ab * ab;
    // One mode alone leaves rounding.
    if determinant.is_nan() || determinant <= 1e-12 * aa * bb {
        return None;
    }
    let first = (ac * bb - bc * ab) / determinant;
    let second = (bc * aa - ac * ab) / determinant;
    let decay = (-second).sqrt();
    let cosine = 0.5 * first / decay;
    // NaN too is no oscillation.
    (decay > 0.0 && cosine.abs() < 1.0).then(|| (libm::log(decay) / step, libm::acos(cosine) / step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_triangle_is_measured() {
        // From 0 up to 4 and down to −2 in steps of 1, at a spacing of 0.5.
        let samples = [0.0, 1.0, 2.0, 3.0, 4.0, 3.0, 2.0, 1.0, 0.0, -1.0, -2.0, -1.0];
        let seen = waveform(&samples, 0.5);
        assert_eq!(seen, Waveform { peak: 4.0, peak_at: 2.0, trough: -2.0, half_width: 2.0 });
        assert!(waveform(&[1.0, 1.0], 1.0).half_width.is_nan());
    }

    #[test]
    fn a_damped_oscillation_is_recognised() {
        for rate in [-0.2, 0.05] {
            let at = |k: i32| 7.0 + libm::exp(rate * 0.1 * f64::from(k)) * libm::cos(0.6 * 0.1 * f64::from(k) + 0.3);
            let samples: Vec<f64> = (0..500).map(at).collect();
            let (growth, frequency) = oscillation(&samples, 0.1).expect("an oscillation");
            assert!((growth - rate).abs() < 1e-9 && (frequency - 0.6).abs() < 1e-9, "{growth} {frequency}");
        }
        for rate in 1..40 {
            let decays: Vec<f64> = (0..50).map(|k| libm::exp(-0.05 * f64::from(rate * k))).collect();
            assert_eq!(oscillation(&decays, 1.0), None, "{rate}");
        }
        assert_eq!(oscillation(&[1.0, 2.0], 1.0), None);
    }
}
