//! Two pools of units that hold each other down.

use ndarray::Array1;
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

/// Pools A and B: r′ = −r + clip(w r_own − u r_other + I − θ + ξ, 0, 1) in each unit, r_own and r_other being means over pools; time is in τ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RivalPools {
    /// Units of a pool.
    pub units: usize,
    /// w.
    pub own: f64,
    /// u.
    pub other: f64,
    /// I.
    pub input: f64,
    /// Standard deviation of ξ, which is drawn again in each step.
    pub noise: f64,
    /// Standard deviation of θ over units.
    pub thresholds: f64,
}

/// Length of a step, and how long pools settle before and after a pulse, in τ.
const STEP: f64 = 0.02;
const SETTLED: f64 = 30.0;

impl RivalPools {
    /// Whether B wins after a pulse of so many τ that multiplies all that A sends out by 1 − `weakened`, A having won before.
    pub fn switches(&self, pulse: f64, weakened: f64, rng: &mut impl Rng) -> bool {
        let threshold = Array1::from_shape_simple_fn(2 * self.units, || normal(self.thresholds, rng));
        let mut rates = Array1::from_shape_fn(2 * self.units, |k| if k < self.units { 1.0 } else { 0.0 });
        let steps = |time: f64| (time / STEP).round() as usize;
        for (time, left) in [(SETTLED, 1.0), (pulse, 1.0 - weakened), (SETTLED, 1.0)] {
            for _ in 0..steps(time) {
                let [a, b] = self.means(&rates);
                let inputs = [self.own * left * a - self.other * b, self.own * b - self.other * left * a];
                for (k, (rate, threshold)) in rates.iter_mut().zip(&threshold).enumerate() {
                    let input = inputs[k / self.units] + self.input - threshold + normal(self.noise, rng);
                    *rate += STEP * (input.clamp(0.0, 1.0) - *rate);
                }
            }
        }
        let [a, b] = self.means(&rates);
        b > a
    }

    /// The shortest pulse in τ after which B wins, to a step, by halves; `None` if the longest of them is not long enough. The random numbers of a unit are the same for each pulse.
    pub fn shortest_pulse<R: Rng + Clone>(&self, weakened: f64, longest: f64, rng: &R) -> Option<f64> {
        let (mut low, mut high) = (0, (longest / STEP).round() as usize);
        if !self.switches(longest, weakened, &mut rng.clone()) {
            return None;
        }
        while high - low > 1 {
            let middle = usize::midpoint(low, high);
            let switches = self.switches(middle as f64 * STEP, weakened, &mut rng.clone());
            if switches { high = middle } else { low = middle }
        }
        Some(high as f64 * STEP)
    }

    fn means(&self, rates: &Array1<f64>) -> [f64; 2] {
        let mut sums = [0.0; 2];
        rates.iter().enumerate().for_each(|(k, r)| sums[k / self.units] += r / self.units as f64);
        sums
    }
}

fn normal(sigma: f64, rng: &mut impl Rng) -> f64 {
    if sigma == 0.0 {
        return 0.0;
    }
    let z: f64 = StandardNormal.sample(rng);
    sigma * z
}
