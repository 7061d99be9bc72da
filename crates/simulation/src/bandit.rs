//! Learners that choose between two actions in several states.

use rand::{Rng, RngExt};

/// Two actions in each of some states; after a choice the chosen action's preference grows by ηεg(R − V)(1 − its probability), and the other's shrinks by as much. V follows the rewards of its state.
pub struct Bandit<'a> {
    /// States, of which each is met once a round.
    pub states: usize,
    /// Probability of a reward after each action.
    pub chances: [f64; 2],
    /// Size of a reward.
    pub rewards: [f64; 2],
    /// ε: what is left of the trace of an action when its reward comes.
    pub traces: [f64; 2],
    /// η.
    pub rate: f64,
    /// Whether V is learned; if not it stays 0.
    pub expects: bool,
    /// g, from a reward less what was expected to plasticity.
    pub signal: &'a (dyn Fn(f64) -> f64 + Sync),
}

/// Share of an error by which V follows.
const FOLLOWS: f64 = 0.1;

impl Bandit<'_> {
    /// Mean probability of the first action over states after 0, 1, … rounds, from no preference.
    pub fn run(&self, rounds: usize, rng: &mut impl Rng) -> Vec<f64> {
        let expected =
            if self.expects { 0.5 * (0..2).map(|k| self.chances[k] * self.rewards[k]).sum::<f64>() } else { 0.0 };
        let mut states = vec![([0.0; 2], expected); self.states];
        let probability = |[one, two]: [f64; 2]| 1.0 / (1.0 + libm::exp(two - one));
        let mean = |states: &[([f64; 2], f64)]| {
            states.iter().map(|(preferences, _)| probability(*preferences)).sum::<f64>() / states.len() as f64
        };
        let mut all = vec![mean(&states)];
        for _ in 0..rounds {
            for (preferences, value) in &mut states {
                let first = probability(*preferences);
                let [action, share] = if rng.random_bool(first) { [0.0, first] } else { [1.0, 1.0 - first] };
                let chosen = action as usize;
                let reward = if rng.random_bool(self.chances[chosen]) { self.rewards[chosen] } else { 0.0 };
                let error = reward - *value;
                let step = self.rate * self.traces[chosen] * (self.signal)(error) * (1.0 - share);
                preferences[chosen] += step;
                preferences[1 - chosen] -= step;
                if self.expects {
                    *value += FOLLOWS * error;
                }
            }
            all.push(mean(&states));
        }
        all
    }
}
