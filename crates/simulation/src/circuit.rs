//! Rate dynamics of whole populations: τ dr/dt = −r + f(W r + X).

use ndarray::linalg::general_mat_vec_mul;
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
    /// Rates count as settled when dr/dt, times τ, is below 1e-11 of the largest rate, or below 1e-9 of it where a step changes none in its last digit; as
    /// run away above 1e12 times the largest of the start and of f(|X|). Where no input can rise above 0 any more rates are 0 in the end.
    ///
    /// # Panics
    /// If lengths differ.
    pub fn run(&self, start: &Array1<f64>, step: f64, time: f64) -> Fate {
        assert_eq!(start.len(), self.x.len(), "one rate a population");
        let largest = |r: &Array1<f64>| r.iter().fold(0.0_f64, |most, v| v.abs().max(most));
        let driven = self.x.mapv(|x| self.transfer.rate(x.abs()));
        let bound = 1e12 * largest(start).max(largest(&driven)).max(f64::MIN_POSITIVE);
        let (n, mut r) = (start.len(), start.clone());
        let mut slopes: [Array1<f64>; 4] = std::array::from_fn(|_| Array1::zeros(n));
        let mut between = Array1::zeros(n);
        for _ in 0..(time / step).ceil() as usize {
            self.slope(&r, &mut slopes[0]);
            let size = largest(&r);
            let rests = |part: f64| slopes[0].iter().zip(&self.tau).all(|(s, tau)| (s * tau).abs() <= part * size);
            if rests(1e-11) {
                return Fate::Settled(r);
            }
            let nearly = rests(1e-9);
            if size > bound || size.is_nan() {
                return Fate::RanAway;
            }
            if self.is_silenced(&r) {
                return Fate::Settled(Array1::zeros(n));
            }
            for (k, part) in [(1, 0.5), (2, 0.5), (3, 1.0)] {
                let (known, next) = slopes.split_at_mut(k);
                (0..n).for_each(|a| between[a] = r[a] + known[k - 1][a] * (part * step));
                self.slope(&between, &mut next[0]);
            }
            let mut changed = false;
            for a in 0..n {
                let [first, second, third, fourth] = [0, 1, 2, 3].map(|k| slopes[k][a]);
                let next = r[a] + (first + second * 2.0 + third * 2.0 + fourth) * (step / 6.0);
                changed |= next != r[a];
                r[a] = next;
            }
            // Further steps would change nothing either.
            if !changed {
                return if nearly { Fate::Settled(r) } else { Fate::Moving(r) };
            }
        }
        Fate::Moving(r)
    }

    /// Whether no population fires, nor will while rates decay, however unevenly they do.
    fn is_silenced(&self, r: &Array1<f64>) -> bool {
        let most = |a: usize| self.x[a] + self.w.row(a).iter().zip(r).map(|(w, r)| w.max(0.0) * r).sum::<f64>();
        (0..r.len()).all(|a| self.transfer.rate(most(a)) == 0.0)
    }

    /// Slope dr/dt, into `slope`.
    fn slope(&self, r: &Array1<f64>, slope: &mut Array1<f64>) {
        general_mat_vec_mul(1.0, &self.w, r, 0.0, slope);
        for (a, slope) in slope.iter_mut().enumerate() {
            *slope = (self.transfer.rate(*slope + self.x[a]) - r[a]) / self.tau[a];
        }
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
        let exact = fixed + (0.5 - fixed) * libm::exp(-(1.0 - g * w) * time);
        let error = |steps: f64| match single.run(&array![0.5], time / steps, time) {
            Fate::Moving(r) => (r[0] - exact).abs(),
            other => panic!("{other:?}"),
        };
        let order = libm::log2(error(16.0) / error(32.0));
        assert!((order - 4.0).abs() < 0.15, "order {order}");
        assert!(matches!(single.run(&array![0.5], 0.05, 100.0), Fate::Settled(r) if (r[0] - fixed).abs() < 1e-10));
    }

    /// Where steps are short beside what rates are made of, the last of them are lost in rounding: that is rest.
    #[test]
    fn rates_rest_where_steps_are_lost_in_rounding() {
        let stiff =
            dynamics(array![[-1.0, 0.0], [0.0, -5000.0]], array![1.0, 1.0], Transfer::RectifiedLinear { gain: 20.0 });
        let Fate::Settled(r) = stiff.run(&array![1e-4, 1e-4], 0.5 / 100_001.0, 400.0) else { panic!("at rest") };
        for (r, w) in r.iter().zip([1.0, 5000.0]) {
            // The largest slope that counts as rest, twice.
            assert!((r * (1.0 + 20.0 * w) / 20.0 - 1.0).abs() < 2e-9, "{r}");
        }
        // Steps that are too short to show anything are no rest.
        let endless =
            dynamics(array![[0.0, 0.0], [0.0, -1e17]], array![1.0, 1.0], Transfer::RectifiedLinear { gain: 1.0 });
        assert!(matches!(endless.run(&array![0.5, 1e-17], 5e-18, 1e-9), Fate::Moving(_)));
    }

    /// Silence is a state that is reached, though rates only decay towards it.
    #[test]
    fn silent_circuits_come_to_rest() {
        for transfer in [Transfer::RectifiedLinear { gain: 10.0 }, Transfer::PowerLaw { gain: 2.0, power: 2.0 }] {
            let silent = dynamics(array![[-2.0, 1.0], [1.0, -2.0]], array![-1.0, -3.0], transfer);
            assert_eq!(silent.run(&array![3.0, 20.0], 0.01, 100.0), Fate::Settled(array![0.0, 0.0]));
        }
        // Excitation that is still there may wake others: too early to tell.
        let waking =
            dynamics(array![[0.0, 3.0], [0.0, 0.0]], array![-1.0, 2.0], Transfer::RectifiedLinear { gain: 1.0 });
        assert!(matches!(waking.run(&array![0.0, 0.0], 0.01, 100.0), Fate::Settled(r) if (r[0] - 5.0).abs() < 1e-8));
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
