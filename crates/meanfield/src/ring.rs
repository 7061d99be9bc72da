//! Activity that persists on a ring of units.

use std::f64::consts::PI;

/// A bump of activity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bump {
    /// Half of its width, in rad.
    pub half_width: f64,
    /// Rate at its top.
    pub peak: f64,
}

impl Bump {
    /// Mean squared way per τ, in rad², of this bump at a gain on a ring of so many units, where the input of each unit that is active fluctuates by `noise` per √τ: g²σ²/Σ (∂r/∂θ)², to first order in σ²; equation (55).
    pub fn wandering(&self, gain: f64, noise: f64, units: usize) -> f64 {
        let steepness = self.peak / (1.0 - libm::cos(self.half_width));
        let slopes = steepness * steepness * (self.half_width - 0.5 * libm::sin(2.0 * self.half_width));
        (gain * noise).powi(2) * 2.0 * PI / (units as f64 * slopes)
    }
}

/// The bump of τ r′ = −r + g[I + Σ_j J(θ − θ_j) r_j]₊, J = (−J₀ + J₂ cos)/N, N → ∞; `None` where there is none: for g ≤ 2/J₂, or where inhibition does not hold it.
///
/// g J₂(θ_c − ½ sin 2θ_c) = 2π, r = gA(cos θ − cos θ_c)₊, A = I/(g J₀(sin θ_c − θ_c cos θ_c)/π − cos θ_c); equation (55).
pub fn ring_bump(gain: f64, uniform: f64, tuned: f64, input: f64) -> Option<Bump> {
    if gain * tuned <= 2.0 {
        return None;
    }
    let wanted = 2.0 * PI / (gain * tuned);
    let (mut low, mut high) = (0.0, PI);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if middle - 0.5 * libm::sin(2.0 * middle) < wanted { low = middle } else { high = middle }
    }
    let width = 0.5 * (low + high);
    let held = uniform * gain * (libm::sin(width) - width * libm::cos(width)) / PI - libm::cos(width);
    let peak = gain * input / held * (1.0 - libm::cos(width));
    (held > 0.0 && peak > 0.0).then_some(Bump { half_width: width, peak })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The profile solves its own equation, integrated by itself.
    #[test]
    fn a_bump_holds_itself() {
        for gain in [0.7, 1.0, 1.5] {
            let (j0, j2, input) = (2.5, 3.0, 0.5);
            let bump = ring_bump(gain, j0, j2, input).expect("a bump");
            let n = 200_000;
            let at = |k: usize| 2.0 * PI * (k as f64 + 0.5) / n as f64 - PI;
            let a = bump.peak / (1.0 - libm::cos(bump.half_width));
            let rate = |x: f64| (a * (libm::cos(x) - libm::cos(bump.half_width))).max(0.0);
            let mean = (0..n).map(|k| rate(at(k))).sum::<f64>() / n as f64;
            let tuned = (0..n).map(|k| rate(at(k)) * libm::cos(at(k))).sum::<f64>() / n as f64;
            for x in [0.0, 0.5, 1.0_f64] {
                let again = (gain * (input - j0 * mean + j2 * tuned * libm::cos(x))).max(0.0);
                assert!((again - rate(x)).abs() < 1e-8, "{gain} {x}: {again} {}", rate(x));
            }
        }
        assert_eq!(ring_bump(0.6, 2.5, 3.0, 0.5), None);
    }

    /// Noise turns a bump by what it has in common with the slope.
    #[test]
    fn noise_moves_bumps_along_their_slope() {
        let (gain, units) = (1.2, 300);
        let bump = ring_bump(gain, 2.5, 3.0, 0.5).expect("a bump");
        let a = bump.peak / (1.0 - libm::cos(bump.half_width));
        let angle = |k: usize| 2.0 * PI * k as f64 / units as f64 - PI;
        let slopes: f64 =
            (0..units).map(angle).filter(|x| x.abs() < bump.half_width).map(|x| (a * libm::sin(x)).powi(2)).sum();
        let want = (gain * 0.03).powi(2) / slopes;
        assert!((bump.wandering(gain, 0.03, units) / want - 1.0).abs() < 0.02);
    }
}
