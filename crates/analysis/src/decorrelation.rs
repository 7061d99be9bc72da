//! How fast an autocorrelation decays: one name for each of the rates and times in use.

use model::Autocorrelation;

/// Level 1/e for [`crossing_time`].
pub const EULER_FOLD: f64 = 0.367_879_441_171_442_33;
/// Level 1/2 for [`crossing_time`].
pub const HALF: f64 = 0.5;

/// ∫ R ds over all lags given, by the trapezoidal rule.
pub fn integral(r: &Autocorrelation) -> f64 {
    let ends = 0.5 * (r.values[0] + r.values[r.values.len() - 1]);
    r.step * (r.values.iter().sum::<f64>() - ends)
}

/// β = R(0)/∫₀^L R ds: the authors' decorrelation rate, in 1/τ.
///
/// Biased upward by 1/(1 − 2L/T) where each unit's mean over the record T was removed: see
/// [`beta_corrected`]. Source: Khajeh, Fumarola & Abbott 2022, their analysis code.
pub fn beta(r: &Autocorrelation) -> f64 {
    r.values[0] / integral(r)
}

/// β_c = β (1 − 2L/T), the first-order correction for the removal of each unit's mean over a
/// record of length `duration`. Source: docs/derivations.md, eq. (14).
pub fn beta_corrected(r: &Autocorrelation, duration: f64) -> f64 {
    let longest = r.step * (r.values.len() - 1) as f64;
    beta(r) * (1.0 - 2.0 * longest / duration)
}

/// β_L = 1/L − 1, the rate of the exponential whose low-pass at τ = 1 leaves the fraction L of the
/// variance. Source: docs/derivations.md, eq. (13).
pub fn beta_from_ratio(ratio: f64) -> f64 {
    1.0 / ratio - 1.0
}

/// First lag at which R/R(0) falls to `level`, by linear interpolation; `None` if it never does.
pub fn crossing_time(r: &Autocorrelation, level: f64) -> Option<f64> {
    let target = level * r.values[0];
    let after = r.values.iter().position(|&v| v <= target)?;
    if after == 0 {
        return None;
    }
    let (high, low) = (r.values[after - 1], r.values[after]);
    Some(r.step * (after as f64 - (target - low) / (high - low)))
}

/// The fraction of a temporal variance that the filter y ← d y + (1 − d) η, applied every `step`,
/// leaves: (1 − d)/(1 + d) (1 + 2 Σ_{k ≥ 1} d^k ρ(k `step`)), ρ = R/R(0). With d = e^(−step) and step → 0
/// it is ∫₀^∞ e^−s ρ(s) ds; forward Euler, d = 1 − step, lies above that by (step/2) L (1 − L).
///
/// ρ is taken as linear between the lags given, and as 0 beyond. Source: docs/derivations.md, eq. (13).
pub fn filtered_share(r: &Autocorrelation, decay: f64, step: f64) -> f64 {
    let between = |lag: f64| -> f64 {
        let k = lag.floor() as usize;
        match (r.values.get(k), r.values.get(k + 1)) {
            (Some(a), Some(b)) => a + (b - a) * (lag - k as f64),
            (Some(a), None) => *a,
            _ => 0.0,
        }
    };
    let longest = r.step * (r.values.len() - 1) as f64;
    let mut weight = 1.0;
    let mut sum = 0.5 * r.values[0];
    for k in 1..=(longest / step).round() as usize {
        weight *= decay;
        sum += weight * between(k as f64 * step / r.step);
    }
    2.0 * (1.0 - decay) / (1.0 + decay) * sum / r.values[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exponential(rate: f64, step: f64, longest: f64) -> Autocorrelation {
        let count = (longest / step) as usize;
        Autocorrelation { step, values: (0..=count).map(|k| 3.0 * libm::exp(-rate * step * k as f64)).collect() }
    }

    #[test]
    fn an_exponential_has_its_rate_by_every_measure() {
        for rate in [0.3, 1.0, 2.5] {
            let r = exponential(rate, 0.01, 60.0);
            // Trapezoid and linear interpolation: second order in the step.
            let tolerance = 1e-4 * (1.0 + rate * rate);
            assert!((beta(&r) / rate - 1.0).abs() < tolerance);
            let share = filtered_share(&r, libm::exp(-1e-3), 1e-3);
            assert!((share * (1.0 + rate) - 1.0).abs() < tolerance);
            assert!((beta_from_ratio(share) / rate - 1.0).abs() < 4.0 * tolerance);
            assert!((crossing_time(&r, EULER_FOLD).expect("decays") * rate - 1.0).abs() < tolerance);
            assert!((crossing_time(&r, HALF).expect("decays") * rate - libm::log(2.0)).abs() < tolerance);
        }
    }

    #[test]
    fn what_never_decays_has_no_crossing() {
        assert_eq!(crossing_time(&Autocorrelation { step: 1.0, values: vec![1.0; 5] }, HALF), None);
    }

    #[test]
    fn the_correction_undoes_the_removal_of_the_mean() {
        // Removing the mean over T lowers an autocovariance by 2I/T at every lag, I = ∫₀^∞ R.
        let (rate, duration, longest) = (0.5, 2000.0, 40.0);
        let mut r = exponential(rate, 0.05, longest);
        let area = 3.0 / rate;
        r.values.iter_mut().for_each(|v| *v -= 2.0 * area / duration);
        // What is left is of second order: R(0) too is lowered, by 2I/(T R(0)) = 0.2 %.
        assert!((beta_corrected(&r, duration) / rate - 1.0).abs() < 4e-3);
        assert!((beta(&r) / rate - 1.0).abs() > 3e-2);
    }

    #[test]
    fn eulers_filter_is_that_of_its_own_recursion() {
        // An AR(1) input of correlation c a step through y ← d y + (1 − d) η has, in closed form, the
        // share (1 − d)/(1 + d) (1 + c d)/(1 − c d).
        let (step, rate) = (0.02_f64, 0.85_f64);
        let r = exponential(rate, step, 60.0);
        let (d, c) = (1.0 - step, libm::exp(-rate * step));
        let exact = (1.0 - d) / (1.0 + d) * (1.0 + c * d) / (1.0 - c * d);
        assert!((filtered_share(&r, d, step) - exact).abs() < 1e-12);
        let limit = 1.0 / (1.0 + rate);
        assert!((exact - limit - 0.5 * step * limit * (1.0 - limit)).abs() < 1e-4, "the first-order excess of Euler");
    }
}
