//! Rate dynamics of whole populations: τ dr/dt = −r + f(W r + X).

use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

/// f: rate of a population given its mean input. Silent where the input inhibits, but for the sigmoid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Transfer {
    /// g `[I]₊`.
    RectifiedLinear {
        /// g, in units of r/I.
        gain: f64,
    },
    /// k `[I]₊ᵖ`.
    PowerLaw {
        /// k, in units of r/Iᵖ.
        gain: f64,
        /// p > 0.
        power: f64,
    },
    /// top/(1 + e^(−I/scale)).
    Sigmoid {
        /// Largest rate.
        top: f64,
        /// Input that takes the rate from 1/2 to 0.73 of the largest.
        scale: f64,
    },
}

impl Transfer {
    /// f(I).
    pub fn rate(self, input: f64) -> f64 {
        match self {
            Transfer::RectifiedLinear { gain } => gain * input.max(0.0),
            Transfer::PowerLaw { gain, power } => gain * libm::pow(input.max(0.0), power),
            Transfer::Sigmoid { top, scale } => top / (1.0 + libm::exp(-input / scale)),
        }
    }
}

/// The dynamics of one circuit.
#[derive(Clone, Debug)]
pub struct RateDynamics {
    /// W `[A × A]`, indexed [target, source].
    pub w: Array2<f64>,
    /// X `[A]`.
    pub x: Array1<f64>,
    /// τ `[A]`.
    pub tau: Array1<f64>,
    /// f.
    pub transfer: Transfer,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Fate {
    /// At rates that no longer change.
    Settled(Array1<f64>),
    /// Still moving when the time was over: a cycle, or a very slow approach.
    Moving(Array1<f64>),
    /// Rates grew without bound.
    RanAway,
}

impl RateDynamics {
    /// Runs from `start` for at most `time`, with fourth-order Runge-Kutta steps of length `step`.
    ///
    /// Rates count as settled when dr/dt, times τ, is below 1e-11 of the largest rate, and as run away above 1e12 times
    /// the largest of the start and of f(|X|).
    ///
    /// # Panics
    /// If lengths differ.
    pub fn run(&self, start: &Array1<f64>, step: f64, time: f64) -> Fate {
        assert_eq!(start.len(), self.x.len(), "one rate a population");
        let largest = |r: &Array1<f64>| r.iter().fold(0.0_f64, |most, v| v.abs().max(most));
        let driven = self.x.mapv(|x| self.transfer.rate(x.abs()));
        let bound = 1e12 * largest(start).max(largest(&driven)).max(f64::MIN_POSITIVE);
        let mut r = start.clone();
        for _ in 0..(time / step).ceil() as usize {
            let slope = self.slope(&r);
            let size = largest(&r);
            if slope.iter().zip(&self.tau).all(|(s, tau)| (s * tau).abs() <= 1e-11 * size) {
                return Fate::Settled(r);
            }
            if size > bound || size.is_nan() {
                return Fate::RanAway;
            }
            let second = self.slope(&(&r + &(&slope * (0.5 * step))));
            let third = self.slope(&(&r + &(&second * (0.5 * step))));
            let fourth = self.slope(&(&r + &(&third * step)));
            r = r + (slope + second * 2.0 + third * 2.0 + fourth) * (step / 6.0);
        }
        Fate::Moving(r)
    }

    /// dr/dt.
    fn slope(&self, r: &Array1<f64>) -> Array1<f64> {
        let input = self.w.dot(r) + &self.x;
        (input.mapv(|i| self.transfer.rate(i)) - r) / &self.tau
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn dynamics(w: Array2<f64>, x: Array1<f64>, transfer: Transfer) -> RateDynamics {
        let tau = Array1::ones(x.len());
        RateDynamics { w, x, tau, transfer }
    }

    #[test]
    fn a_single_population_relaxes_as_its_closed_form_says() {
        // τ r' = −r + g(w r + x), active throughout: r = r∞ + (r₀ − r∞) e^(−(1 − g w) t).
        let (g, w, x, time) = (2.0, -1.5, 3.0, 0.6);
        let single = dynamics(array![[w]], array![x], Transfer::RectifiedLinear { gain: g });
        let fixed = g * x / (1.0 - g * w);
        let exact = fixed + (0.5 - fixed) * f64::exp(-(1.0 - g * w) * time);
        let error = |steps: f64| match single.run(&array![0.5], time / steps, time) {
            Fate::Moving(r) => (r[0] - exact).abs(),
            other => panic!("{other:?}"),
        };
        let order = (error(16.0) / error(32.0)).log2();
        assert!((order - 4.0).abs() < 0.15, "order {order}");
        assert!(matches!(single.run(&array![0.5], 0.05, 100.0), Fate::Settled(r) if (r[0] - fixed).abs() < 1e-10));
    }

    #[test]
    fn runaway_and_cycles_are_told_apart() {
        let linear = Transfer::RectifiedLinear { gain: 4.0 };
        let excited = dynamics(array![[3.0]], array![1.0], linear);
        assert_eq!(excited.run(&array![1.0], 0.01, 100.0), Fate::RanAway);
        let turning = dynamics(array![[6.0, -7.0], [9.0, -5.0]], array![36.0, 20.0], linear);
        assert!(matches!(turning.run(&array![1.0, 1.0], 0.005, 100.0), Fate::Moving(_)));
    }

    #[test]
    fn every_transfer_settles_where_rates_reproduce_themselves() {
        for transfer in [
            Transfer::RectifiedLinear { gain: 3.0 },
            Transfer::PowerLaw { gain: 0.7, power: 2.0 },
            Transfer::Sigmoid { top: 5.0, scale: 1.0 },
        ] {
            let pair = dynamics(array![[0.2, -1.0], [0.8, -0.7]], array![1.5, 0.5], transfer);
            let Fate::Settled(r) = pair.run(&array![0.1, 0.1], 0.02, 500.0) else { panic!("{transfer:?}") };
            let input = pair.w.dot(&r) + &pair.x;
            for (r, input) in r.iter().zip(&input) {
                assert!((r - transfer.rate(*input)).abs() < 1e-9, "{transfer:?}");
            }
        }
    }
}
