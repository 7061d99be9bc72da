//! A learner that chooses between two actions, and learns from what a modulator tells it of rewards.

/// Two actions, chosen with probabilities p = 1/(1 + e^{−x}) and 1 − p; an update after each choice: the chosen action's preference by ηεg(R − V)(1 − its probability), the other's by the opposite.
pub struct Choice<'a> {
    /// Probability of a reward after each action.
    pub chances: [f64; 2],
    /// Size of a reward.
    pub rewards: [f64; 2],
    /// ε: what is left of the trace of an action when its reward comes.
    pub traces: [f64; 2],
    /// η.
    pub rate: f64,
    /// Whether V is the mean reward; if not it is 0.
    pub expects: bool,
    /// g, from a reward less what was expected to plasticity.
    pub signal: &'a dyn Fn(f64) -> f64,
}

impl Choice<'_> {
    /// Mean and mean square of a step of x = x₁ − x₂.
    fn step(&self, x: f64) -> (f64, f64) {
        let p = chosen(x);
        let mean = |k: usize| self.chances[k] * self.rewards[k];
        let expected = if self.expects { p * mean(0) + (1.0 - p) * mean(1) } else { 0.0 };
        // ε g and its square, over rewards.
        let told = |k: usize, power: i32| {
            let (with, without) = ((self.signal)(self.rewards[k] - expected), (self.signal)(-expected));
            self.traces[k].powi(power)
                * (self.chances[k] * with.powi(power) + (1.0 - self.chances[k]) * without.powi(power))
        };
        let q = 1.0 - p;
        let (rate, both) = (self.rate, p * q);
        (2.0 * rate * both * (told(0, 1) - told(1, 1)), 4.0 * rate * rate * both * (q * told(0, 2) + p * told(1, 2)))
    }

    /// Mean probability of the first action after 0, 1, … choices, from no preference.
    ///
    /// Mean m and variance v of x follow m ← m + f + f″v/2, v ← v + 2f′v + q, f and q being mean and mean square of a step: exact as η → 0, and to first order in η; equation (53).
    pub fn course(&self, choices: usize) -> Vec<f64> {
        let (mut mean, mut variance) = (0.0, 0.0);
        let mut all = Vec::with_capacity(choices + 1);
        for _ in 0..=choices {
            let p = chosen(mean);
            all.push((p + 0.5 * variance * p * (1.0 - p) * (1.0 - 2.0 * p)).clamp(0.0, 1.0));
            let [(low, _), (here, square), (high, _)] = [-SMALL, 0.0, SMALL].map(|d| self.step(mean + d));
            let (slope, bend) = ((high - low) / (2.0 * SMALL), (high - 2.0 * here + low) / (SMALL * SMALL));
            mean += here + 0.5 * bend * variance;
            variance = (variance + 2.0 * slope * variance + square).max(0.0);
        }
        all
    }

    /// Choices until the mean probability of the first action reaches a level; `None` within so many.
    pub fn choices_until(&self, level: f64, most: usize) -> Option<f64> {
        let course = self.course(most);
        let after = course.iter().position(|p| *p >= level)?;
        let before = course[after.checked_sub(1)?];
        Some(after as f64 - (course[after] - level) / (course[after] - before))
    }
}

fn chosen(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}

/// Difference of x over which slopes are taken.
const SMALL: f64 = 1e-3;

#[cfg(test)]
mod tests {
    use super::Choice;

    /// dx/dn = 2aηp(1 − p) is solved by 2x + 2 sinh x = 2aηn.
    #[test]
    fn slow_learning_has_a_closed_form() {
        let choice = Choice {
            chances: [0.8, 0.2],
            rewards: [1.0; 2],
            traces: [0.5; 2],
            rate: 1e-4,
            expects: true,
            signal: &|error| error,
        };
        let x = libm::log(9.0);
        let wanted = (2.0 * x + 2.0 * libm::sinh(x)) / (2.0 * 0.6 * 0.5 * 1e-4);
        let found = choice.choices_until(0.9, 400_000).expect("learned");
        assert!((found / wanted - 1.0).abs() < 1e-3, "{found} {wanted}");
    }
}
