//! Two populations that hold each other down, and how long a pulse has to be that lets the other win.

/// Whether one of two equal populations wins without noise and keeps the other silent, whichever does: the active one excites itself on (w > 1), holds the other below threshold (I < u), and both cannot be active (I < 1 + u − w).
pub fn one_wins([own, other, input]: [f64; 3]) -> bool {
    own > 1.0 && input > 0.0 && input < other && input < 1.0 + other - own
}

/// The smallest length of time, in τ, for which the outputs of the active one of two equal populations have to be weakened for the other to take over; `None` where no pulse is long enough, or neither wins before.
///
/// r_a′ = −r_a + φ(w r_a − u r_b + I), and for b alike; φ is clip(x, 0, 1), averaged over a Gaussian of standard deviation `spread`: thresholds that differ and inputs that fluctuate, in infinitely many units. The pulse multiplies all that a sends out by
/// 1 − `weakened`. By symmetry r_a = r_b parts both basins, so that it may end when r_b reaches r_a; equation (54).
pub fn shortest_pulse([own, other, input]: [f64; 3], spread: f64, weakened: f64) -> Option<f64> {
    let slope = |[a, b]: [f64; 2], left: f64| {
        let a_sends = left * a;
        [
            -a + clipped(own * a_sends - other * b + input, spread),
            -b + clipped(own * b - other * a_sends + input, spread),
        ]
    };
    let step = |y: [f64; 2], left: f64| {
        let beside = |k: [f64; 2], h: f64| [y[0] + h * k[0], y[1] + h * k[1]];
        let k1 = slope(y, left);
        let k2 = slope(beside(k1, 0.5 * STEP), left);
        let k3 = slope(beside(k2, 0.5 * STEP), left);
        let k4 = slope(beside(k3, STEP), left);
        [0, 1].map(|n| y[n] + STEP / 6.0 * (k1[n] + 2.0 * (k2[n] + k3[n]) + k4[n]))
    };
    let steps = (LONGEST / STEP).round() as usize;
    let mut y = (0..steps).fold([1.0, 0.0], |y, _| step(y, 1.0));
    if y[0] - y[1] < HARDLY {
        return None;
    }
    for k in 0..steps {
        let next = step(y, 1.0 - weakened);
        let [before, after] = [y[0] - y[1], next[0] - next[1]];
        if after <= 0.0 {
            return Some(STEP * (k as f64 + before / (before - after)));
        }
        y = next;
    }
    None
}

/// The share by which outputs have to be weakened at least for any pulse to do without noise: 1 − max(I/u, 1/(w + u)).
///
/// With outputs times l the active population comes to rest at min(1, I/(1 − wl)); the other rises if I is above u l times that. *Assumes* [`one_wins`].
pub fn least_weakening([own, other, input]: [f64; 3]) -> f64 {
    1.0 - f64::max(input / other, 1.0 / (own + other))
}

/// Length of a step, and of what counts as endless, in τ.
const STEP: f64 = 2e-3;
const LONGEST: f64 = 60.0;

/// Difference of rates that is none.
const HARDLY: f64 = 1e-6;

/// ⟨clip(x + σz, 0, 1)⟩.
fn clipped(x: f64, sigma: f64) -> f64 {
    if sigma == 0.0 {
        return x.clamp(0.0, 1.0);
    }
    let rectified = |x: f64| {
        let z = x / sigma;
        x * crate::gaussian::normal_cdf(z) + sigma * libm::exp(-0.5 * z * z) / (2.0 * std::f64::consts::PI).sqrt()
    };
    rectified(x) - rectified(x - 1.0)
}

#[cfg(test)]
mod tests {
    use super::{least_weakening, one_wins, shortest_pulse};

    #[test]
    fn without_a_winner_there_is_no_pulse() {
        for pair in [[3.0, 0.5, 0.3], [0.5, 0.3, 0.5], [1.5, 1.5, 2.0], [1.5, 0.8, 0.7]] {
            assert!(!one_wins(pair), "{pair:?}");
        }
        assert_eq!(shortest_pulse([0.5, 0.3, 0.5], 0.6, 0.9), None);
    }

    #[test]
    fn no_pulse_is_long_enough_below_the_least() {
        for pair in [[1.5, 1.5, 0.5], [1.5, 1.5, 0.3], [1.5, 1.5, 0.8], [1.2, 2.0, 0.4]] {
            assert!(one_wins(pair));
            let least = least_weakening(pair);
            assert_eq!(shortest_pulse(pair, 0.0, least - 0.01), None, "{pair:?}");
            assert!(shortest_pulse(pair, 0.0, least + 0.01).is_some(), "{pair:?}");
        }
    }

    /// Against independent code, in steps ten times as long.
    #[test]
    #[allow(clippy::approx_constant, reason = "a pulse of 3.14 time constants")]
    fn pulses_are_a_few_time_constants_long() {
        let pair = [1.5, 1.5, 0.5];
        assert_eq!(shortest_pulse(pair, 0.0, 0.6), None);
        for (spread, weakened, wanted) in
            [(0.0, 0.7, 2.476), (0.0, 0.9, 1.0375), (0.654, 0.5, 3.14), (0.654, 0.7, 1.80), (0.654, 0.9, 1.26)]
        {
            let found = shortest_pulse(pair, spread, weakened).expect("a pulse");
            assert!((found - wanted).abs() < 0.035, "{spread} {weakened}: {found} {wanted}");
        }
    }
}
