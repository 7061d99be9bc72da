//! Cyclic AMP, the ratio of AMP to ATP, AMPK, and the loop of mTORC1 and S6K1 that it switches off: in µM and s, in closed form and in time.

use crate::SignallingError;
use crate::error::within;
use crate::ode::{Field, Stuck, integrate};
use lapack as _;
use ndarray::Array2;
use ndarray_linalg::EigVals;
use serde::{Deserialize, Serialize};

/// Parameters of energy and loop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnergySwitch {
    /// ATP, cyclic AMP and AMP together, in µM.
    pub adenine: f64,
    /// Rate at which cyclic AMP becomes AMP, per s.
    pub kp: f64,
    /// Rate at which AMP becomes ATP, per s.
    pub ka: f64,
    /// By how many times cyclic AMP raises the demand for ATP.
    pub gamma: f64,
    /// Cyclic AMP at which half of that is reached, in µM.
    pub kc: f64,
    /// Ratio of AMP to ATP at rest, and cyclic AMP there in µM: the demand for ATP follows.
    pub rest: [f64; 2],
    /// Steepness of AMPK, and the ratio at which half of it is active.
    pub n: f64,
    /// See `n`.
    pub ka_ampk: f64,
    /// Rate of AMPK and of what it phosphorylates, per s.
    pub kph: f64,
    /// Rate at which mTORC1 is switched off: by itself, by TSC2, by RAPTOR, per s.
    pub off: [f64; 3],
    /// AMPK at which half of TSC2 and of RAPTOR are phosphorylated.
    pub half: [f64; 2],
    /// Rate at which mTORC1 is switched on: by itself, and by S6K1 squared, per s.
    pub on: [f64; 2],
    /// Rates at which S6K1 is switched on by mTORC1, and off, per s.
    pub s6k1: [f64; 2],
}

/// A steady state of the loop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LoopState {
    /// mTORC1 that is active, between 0 and 1.
    pub m: f64,
    /// S6K1 that is active.
    pub s: f64,
    /// L: below 1 the state is stable, and its sensitivity is 1/(1 − L).
    pub gain: f64,
}

/// A fold of the loop, where a state ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fold {
    /// S6K1 times 1 + κ.
    pub s: f64,
    /// b κ (1 + κ)/a₁.
    pub scaled: f64,
    /// Rate at which mTORC1 is switched off there, per s.
    pub b: f64,
    /// mTORC1 that is active there.
    pub m: f64,
}

/// Variables in time, in order: ATP, cyclic AMP, AMP, AMPK, TSC2, RAPTOR, mTORC1, S6K1.
pub const VARIABLES: usize = 8;

impl Default for EnergySwitch {
    fn default() -> Self {
        EnergySwitch {
            adenine: 4041.0,
            kp: 1.0,
            ka: 0.5,
            gamma: 5.0,
            kc: 10.0,
            rest: [0.01, 1.0],
            n: 2.0,
            ka_ampk: 0.05,
            kph: 0.05,
            off: [3e-4, 1.6e-3, 1.6e-3],
            half: [0.3, 1.0],
            on: [1.25e-5, 0.01],
            s6k1: [0.02, 0.02],
        }
    }
}

impl EnergySwitch {
    /// Refuses what cannot be.
    ///
    /// # Errors
    /// [`SignallingError::Range`]; [`SignallingError::Other`] where the flux of cyclic AMP alone exceeds the ratio at rest.
    pub fn validate(&self) -> Result<(), SignallingError> {
        let [off, tsc2, raptor] = self.off;
        let positive = [
            ("adenine", self.adenine),
            ("kp", self.kp),
            ("ka", self.ka),
            ("kc", self.kc),
            ("rest[0]", self.rest[0]),
            ("rest[1]", self.rest[1]),
            ("ka_ampk", self.ka_ampk),
            ("kph", self.kph),
            ("half[0]", self.half[0]),
            ("half[1]", self.half[1]),
            ("on[1]", self.on[1]),
            ("s6k1[0]", self.s6k1[0]),
            ("s6k1[1]", self.s6k1[1]),
        ];
        for (field, value) in positive {
            within(|| field.into(), value, value > 0.0 && value <= 1e9, "above 0, to 1e9")?;
        }
        let others =
            [("gamma", self.gamma), ("off[0]", off), ("off[1]", tsc2), ("off[2]", raptor), ("on[0]", self.on[0])];
        for (field, value) in others {
            within(|| field.into(), value, (0.0..=1e9).contains(&value), "0 to 1e9")?;
        }
        within(|| "n".into(), self.n, self.n > 0.0 && self.n <= 50.0, "above 0, to 50")?;
        if self.demand().is_nan() || self.demand() < 0.0 {
            let problem =
                "the direct flux alone exceeds the resting ratio (allowed: less cyclic AMP, a larger ratio)".into();
            return Err(SignallingError::Other { field: "rest".into(), problem });
        }
        Ok(())
    }

    /// ATP where cyclic AMP is c and the ratio is ρ.
    fn atp(&self, c: f64, ratio: f64) -> f64 {
        (self.adenine - c) / (1.0 + ratio)
    }

    /// Rate of the demand for ATP without cyclic AMP, per s, from the ratio at rest; negative where there is none.
    pub fn demand(&self) -> f64 {
        let [ratio, c] = self.rest;
        let rate = self.ka * ratio - self.kp * c / self.atp(c, ratio);
        rate / (1.0 + self.gamma * c / (self.kc + c))
    }

    /// Rate of that demand where cyclic AMP is c.
    fn demanded(&self, c: f64) -> f64 {
        self.demand() * (1.0 + self.gamma * c / (self.kc + c))
    }

    /// Ratio ρ of AMP to ATP, and ATP in µM, where adenylyl cyclase makes v µM of cyclic AMP a second; `None` from where on there is no ATP left.
    ///
    /// ρ = (k_b(c) + v/ATP)/k_a, ATP = (A_T − c − v/k_a)/(1 + k_b/k_a), c = v/k_p.
    pub fn ratio(&self, v: f64) -> Option<(f64, f64)> {
        let c = v / self.kp;
        let kb = self.demanded(c);
        let atp = (self.adenine - c - v / self.ka) / (1.0 + kb / self.ka);
        (v >= 0.0 && atp > 0.0).then(|| ((kb + v / atp) / self.ka, atp))
    }

    /// AMPK that is active at a ratio.
    pub fn ampk(&self, ratio: f64) -> f64 {
        1.0 / (1.0 + libm::pow(self.ka_ampk / ratio, self.n))
    }

    /// Rate at which mTORC1 is switched off, per s, where so much AMPK is active.
    pub fn off_rate(&self, ampk: f64) -> f64 {
        let [b0, tsc2, raptor] = self.off;
        b0 + tsc2 * ampk / (ampk + self.half[0]) + raptor * ampk / (ampk + self.half[1])
    }

    fn kappa(&self) -> f64 {
        self.s6k1[1] / self.s6k1[0]
    }

    /// E = a₀ (1 + κ)²/a₁: below 1/27 the loop may have two stable states.
    pub fn scaled_on(&self) -> f64 {
        self.on[0] / self.on[1] * (1.0 + self.kappa()).powi(2)
    }

    /// Where states end: mTORC1 switches on below the first b, and off above the second. None where the loop has one state whatever switches it off.
    ///
    /// E = s²(1 − 2s), B = 2s(1 − s)², 0 < s < 1/2; the cusp is at s = 1/3.
    pub fn folds(&self) -> Option<[Fold; 2]> {
        let e = self.scaled_on();
        if e.is_nan() || e >= 1.0 / 27.0 {
            return None;
        }
        let (kappa, third) = (self.kappa(), 1.0 / 3.0);
        let of = |s: f64| {
            let scaled = 2.0 * s * (1.0 - s) * (1.0 - s);
            let m = kappa * s / (1.0 + kappa - s);
            Fold { s, scaled, b: scaled * self.on[1] / (kappa * (1.0 + kappa)), m }
        };
        let lack = |s: f64| s * s * (1.0 - 2.0 * s) - e;
        Some([of(root(0.0, third, lack)), of(root(0.5, third, lack))])
    }

    /// All steady states of the loop where mTORC1 is switched off at a rate b, from little to much of it.
    ///
    /// Roots of c S³ − S² + (c ε + bκ/a₁) S − ε = 0 with c = 1 + κ, ε = a₀/a₁.
    pub fn states(&self, b: f64) -> Vec<LoopState> {
        let (kappa, eps) = (self.kappa(), self.on[0] / self.on[1]);
        let c = 1.0 + kappa;
        let load = b * kappa / self.on[1];
        let cubic = |s: f64| ((c * s - 1.0) * s + c * eps + load) * s - eps;
        // Between turning points the cubic has a root or none.
        let inner = 1.0 - 3.0 * c * (c * eps + load);
        let mut ends = vec![0.0];
        if inner > 0.0 {
            ends.extend([(1.0 - inner.sqrt()) / (3.0 * c), (1.0 + inner.sqrt()) / (3.0 * c)]);
        }
        ends.push(1.0 / c);
        let state = |s: f64| {
            // S = M/(M + κ).
            let gain = 2.0 * s * s * (1.0 - c * s) / (eps + s * s);
            LoopState { m: kappa * s / (1.0 - s), s, gain }
        };
        let mut states: Vec<LoopState> = Vec::new();
        for pair in ends.windows(2) {
            let (low, high) = (cubic(pair[0]), cubic(pair[1]));
            if low.signum() != high.signum() || high == 0.0 {
                states.push(state(root(pair[0], pair[1], |s| if low <= 0.0 { cubic(s) } else { -cubic(s) })));
            }
        }
        states
    }

    /// v in µM/s at which mTORC1 is switched off at a rate b; `None` where AMPK cannot do so, or does already without cyclic AMP.
    pub fn drive(&self, b: f64) -> Option<f64> {
        let most = self.adenine / (1.0 / self.kp + 1.0 / self.ka);
        let of = |v: f64| self.ratio(v).map_or(self.off_rate(1.0), |(ratio, _)| self.off_rate(self.ampk(ratio)));
        let (low, high) = (of(0.0), of(most * (1.0 - 1e-12)));
        (low <= b && b <= high).then(|| root(0.0, most, |v| of(v) - b))
    }

    /// Variables at rest where v µM of cyclic AMP are made a second, with the loop in one of its states.
    pub fn at_rest(&self, v: f64, state: LoopState) -> Option<[f64; VARIABLES]> {
        let (ratio, atp) = self.ratio(v)?;
        let a = self.ampk(ratio);
        Some([atp, v / self.kp, ratio * atp, a, a / (a + self.half[0]), a / (a + self.half[1]), state.m, state.s])
    }

    /// Slowest rate at which small departures go by, per s.
    pub fn slowest(&self, v: f64, state: LoopState) -> Option<f64> {
        let own = Driven { switch: self, climb: 0.0 };
        let mut y = self.at_rest(v, state)?.to_vec();
        y.push(v);
        let all = own.jacobian(&y);
        let of = |k: usize| all[k / VARIABLES * (VARIABLES + 1) + k % VARIABLES];
        let matrix = Array2::from_shape_fn((VARIABLES, VARIABLES), |(i, j)| of(i * VARIABLES + j));
        let mut rates: Vec<f64> = matrix.eigvals().ok()?.iter().map(|rate| -rate.re).collect();
        // One is zero: adenine is conserved.
        rates.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
        rates.get(1..)?.iter().copied().reduce(f64::min)
    }

    /// Runs from variables for a time in s, while v goes from `v` on and climbs by so many µM/s a second; `seen(t, v, variables)` ends it by `false`.
    ///
    /// # Errors
    /// [`Stuck`].
    pub fn run(
        &self,
        from: [f64; VARIABLES],
        (v, climb): (f64, f64),
        time: f64,
        mut seen: impl FnMut(f64, f64, &[f64]) -> bool,
    ) -> Result<[f64; VARIABLES], Stuck> {
        let mut y = from.to_vec();
        y.push(v);
        let end =
            integrate(&Driven { switch: self, climb }, y, time, (1e-9, 1e-9), |t, _, y| seen(t, y[VARIABLES], y))?;
        let mut variables = [0.0; VARIABLES];
        variables.copy_from_slice(&end[..VARIABLES]);
        Ok(variables)
    }
}

/// The root of a function that is below 0 at `low` and above at `high`, to the last digit.
fn root(mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> f64 {
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle == low || middle == high {
            break;
        }
        if f(middle) <= 0.0 { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// The variables, and v among them.
struct Driven<'s> {
    switch: &'s EnergySwitch,
    climb: f64,
}

impl Field for Driven<'_> {
    fn variables(&self) -> usize {
        VARIABLES + 1
    }

    fn field(&self, y: &[f64], f: &mut [f64]) {
        let EnergySwitch { kp, ka, n, ka_ampk, kph, off, half, on, s6k1, .. } = self.switch;
        let [atp, c, amp, a, t, r, m, s, v] = *y else { return };
        let used = self.switch.demanded(c) * atp;
        let ratio = (amp / atp).max(0.0);
        f[0] = ka * amp - used - v;
        f[1] = v - kp * c;
        f[2] = kp * c + used - ka * amp;
        let active = if ratio > 0.0 { 1.0 / (1.0 + libm::pow(ka_ampk / ratio, *n)) } else { 0.0 };
        f[3] = kph * (active - a);
        f[4] = kph * (a / (a + half[0]) - t);
        f[5] = kph * (a / (a + half[1]) - r);
        f[6] = (on[0] + on[1] * s * s) * (1.0 - m) - (off[0] + off[1] * t + off[2] * r) * m;
        f[7] = s6k1[0] * m * (1.0 - s) - s6k1[1] * s;
        f[8] = self.climb;
    }

    fn jacobian(&self, y: &[f64]) -> Vec<f64> {
        let EnergySwitch { kp, ka, gamma, kc, n, ka_ampk, kph, off, half, on, s6k1, .. } = self.switch;
        let [atp, c, amp, a, t, r, m, s, _] = *y else { return Vec::new() };
        let width = VARIABLES + 1;
        let mut j = vec![0.0; width * width];
        let mut set = |row: usize, column: usize, value: f64| j[row * width + column] = value;
        let by_atp = self.switch.demanded(c);
        let by_c = self.switch.demand() * gamma * kc / (kc + c).powi(2) * atp;
        for (row, sign) in [(0, -1.0), (2, 1.0)] {
            set(row, 0, sign * by_atp);
            set(row, 2, -sign * ka);
        }
        set(0, 1, -by_c);
        set(0, 8, -1.0);
        set(2, 1, kp + by_c);
        set(1, 1, -kp);
        set(1, 8, 1.0);
        let ratio = (amp / atp).max(0.0);
        let active = if ratio > 0.0 { 1.0 / (1.0 + libm::pow(ka_ampk / ratio, *n)) } else { 0.0 };
        // d active/d ln ρ = n active (1 − active).
        let slope = kph * n * active * (1.0 - active);
        set(3, 0, -slope / atp);
        set(3, 2, if amp > 0.0 { slope / amp } else { 0.0 });
        set(3, 3, -kph);
        for (row, half) in [(4, half[0]), (5, half[1])] {
            set(row, 3, kph * half / (a + half).powi(2));
            set(row, row, -kph);
        }
        set(6, 4, -off[1] * m);
        set(6, 5, -off[2] * m);
        set(6, 6, -(on[0] + on[1] * s * s) - (off[0] + off[1] * t + off[2] * r));
        set(6, 7, 2.0 * on[1] * s * (1.0 - m));
        set(7, 6, s6k1[0] * (1.0 - s));
        set(7, 7, -s6k1[0] * m - s6k1[1]);
        j
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(x: f64, want: f64, within: f64) {
        assert!((x / want - 1.0).abs() < within, "{x} {want}");
    }

    /// Numbers of independent code.
    #[test]
    fn folds_switches_and_rest() {
        let switch = EnergySwitch::default();
        switch.validate().expect("as it should be");
        near(switch.demand(), 0.003265625, 1e-12);
        let [on, off] = switch.folds().expect("two states");
        near(on.s, 0.0768653695, 1e-8);
        near(off.s, 0.489569345, 1e-8);
        near(on.m, 0.0399687927, 1e-8);
        near(off.m, 0.324125668, 1e-8);
        near(on.b, 0.000655029419, 1e-8);
        near(off.b, 0.0012755213, 1e-8);
        near(switch.drive(off.b).expect("reached"), 9.17411548, 1e-8);
        near(switch.drive(on.b).expect("reached"), 1.85958886, 1e-8);
        let (ratio, atp) = switch.ratio(1.0).expect("ATP");
        near(ratio, 0.01, 1e-12);
        near(atp, 4000.0, 1e-12);
        near(switch.ratio(20.0).expect("ATP").0, 0.0386341816, 1e-8);
        let states = switch.states(switch.off_rate(switch.ampk(ratio)));
        assert_eq!(states.len(), 1);
        near(states[0].m, 0.781687724, 1e-8);
        near(states[0].s, 0.438734416, 1e-8);
        near(states[0].gain, 0.243481188, 1e-8);
        near(switch.slowest(1.0, states[0]).expect("rates"), 0.00184210224, 1e-6);
        let null = EnergySwitch { off: [3e-4, 0.0, 1.6e-3], ..EnergySwitch::default() };
        assert_eq!(null.drive(null.folds().expect("two").map(|fold| fold.b)[1]), None);
        let direct = EnergySwitch { gamma: 0.0, ..EnergySwitch::default() };
        near(direct.ratio(20.0).expect("ATP").0, 0.0196431801, 1e-8);
    }

    /// Runs beside the folds end where states are left.
    #[test]
    fn runs_beside_folds() {
        let switch = EnergySwitch::default();
        let [_, off] = switch.folds().expect("two states");
        let v = switch.drive(off.b).expect("reached");
        let start = switch.at_rest(1.0, switch.states(switch.off_rate(switch.ampk(0.01)))[0]).expect("ATP");
        let end = |v: f64| switch.run(start, (v, 0.0), 1e7, |_, _, _| true).expect("runs")[6];
        near(end(0.99 * v), 0.352224968, 1e-6);
        near(end(1.01 * v), 0.0104954362, 1e-6);
        let states = switch.states(switch.off_rate(switch.ampk(switch.ratio(0.99 * v).expect("ATP").0)));
        assert_eq!(states.iter().map(|state| state.gain < 1.0).collect::<Vec<_>>(), [true, false, true]);
    }

    /// The region of two states, beside the number of roots.
    #[test]
    fn the_fold_curve_counts_roots() {
        use proptest::prelude::*;
        proptest!(ProptestConfig::with_cases(20_000), |(e in 1e-4..0.05f64, b in 0.01..0.4f64, kappa in 0.05..5.0f64)| {
            let a1 = 0.01;
            let a0 = e * a1 / (1.0 + kappa).powi(2);
            let switch = EnergySwitch { on: [a0, a1], s6k1: [0.02, 0.02 * kappa], ..EnergySwitch::default() };
            let rate = b * a1 / (kappa * (1.0 + kappa));
            let two = switch.folds().is_some_and(|[on, off]| on.b < rate && rate < off.b);
            let near = switch.folds().is_some_and(|folds| folds.iter().any(|fold| (fold.b / rate - 1.0).abs() < 1e-9));
            prop_assume!(!near);
            prop_assert_eq!(switch.states(rate).len(), if two { 3 } else { 1 });
        });
    }
}
