//! A pair of populations whose range two kinds of interneurons guard.

/// E′ = −E + f(1.6E − 1.2κI − 6H + X), .7I′ = −I + f(E + .1 − 2L), .5H′ = −H + [E − hi]₊, .5L′ = −L + 3[lo − E]₊, f(x) = 10 tanh(max(x, 0)/10); times are in τ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GuardedPair {
    /// κ, by which inhibition of E is multiplied.
    pub inhibition: f64,
    /// X.
    pub drive: f64,
    /// lo and hi; none where nothing guards.
    pub range: Option<[f64; 2]>,
    /// What drives I in place of E, if E does not.
    pub cut: Option<f64>,
}

/// Length of a step.
const STEP: f64 = 0.02;

impl GuardedPair {
    fn slope(&self, [e, i, h, l]: [f64; 4]) -> [f64; 4] {
        let f = |x: f64| 10.0 * libm::tanh(x.max(0.0) / 10.0);
        let [low, high] = self.range.unwrap_or([f64::NEG_INFINITY, f64::INFINITY]);
        let onto_i = self.cut.unwrap_or(e) + 0.1;
        [
            -e + f(1.6 * e - 1.2 * self.inhibition * i - 6.0 * h + self.drive),
            (-i + f(onto_i - 2.0 * l)) / 0.7,
            (-h + (e - high).max(0.0)) / 0.5,
            (-l + 3.0 * (low - e).max(0.0)) / 0.5,
        ]
    }

    /// E, step by step in the last `share` of a time, from E = I = `start`.
    pub fn run(&self, start: f64, time: f64, share: f64) -> Vec<f64> {
        let steps = (time / STEP).round() as usize;
        let mut y = [start, start, 0.0, 0.0];
        let mut kept = Vec::new();
        let beside = |y: [f64; 4], k: [f64; 4], h: f64| [0, 1, 2, 3].map(|n| y[n] + h * k[n]);
        for step in 0..steps {
            let k1 = self.slope(y);
            let k2 = self.slope(beside(y, k1, 0.5 * STEP));
            let k3 = self.slope(beside(y, k2, 0.5 * STEP));
            let k4 = self.slope(beside(y, k3, STEP));
            y = [0, 1, 2, 3].map(|n| y[n] + STEP / 6.0 * (k1[n] + 2.0 * (k2[n] + k3[n]) + k4[n]));
            if step as f64 >= (1.0 - share) * steps as f64 {
                kept.push(y[0]);
            }
        }
        kept
    }
}
