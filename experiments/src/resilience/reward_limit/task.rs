//! Learners and their task, as the simulation and as theory has it.

use super::{Params, RewardLimit};
use lab::{Bench, Experiment, Failure};
use meanfield::Choice;
use model::Seed;
use serde::Serialize;
use serde::de::DeserializeOwned;
use simulation::Bandit;

/// What a run of a figure has.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) params: &'a Params,
    pub(super) seed: Seed,
    pub(super) bench: &'a Bench,
}

impl Run<'_> {
    /// What `look` finds in the courses of learners, each a mean over states by round. Learners are a function of `(purpose, which)` besides.
    pub(super) fn learners<T: Serialize + DeserializeOwned + Send>(
        &self,
        (purpose, which): (&str, f64),
        (bandit, rounds): (&Bandit, usize),
        look: impl Fn(&[f64]) -> T + Sync,
    ) -> Result<Vec<T>, Failure> {
        let of = (RewardLimit::NAME, self.params, purpose, which);
        let one = |_, seed: Seed| Ok(look(&bandit.run(rounds, &mut seed.stream(purpose).rng(0))));
        self.bench.each(&of, self.seed, self.params.learners, one)
    }
}

/// Task of a learner, as the simulation has it.
pub(super) fn bandit<'a>(params: &Params, signal: &'a (dyn Fn(f64) -> f64 + Sync)) -> Bandit<'a> {
    let (chances, states, rate) = (params.chances, params.states, params.rate);
    Bandit { states, chances, rewards: [1.0; 2], traces: [1.0; 2], rate, expects: true, signal }
}

/// Task of a learner, as theory has it.
pub(super) fn choice<'a>(bandit: &Bandit<'a>) -> Choice<'a> {
    let Bandit { chances, rewards, traces, rate, expects, signal, .. } = *bandit;
    Choice { chances, rewards, traces, rate, expects, signal }
}

/// Plasticity by a surprise e: d₁(h₁(m) − h₁(m₀)) − d₂(h₂(m) − h₂(m₀)), m = m₀ + βe, over βd₁h₁′(m₀), so that one receptor has e for small β. `second` is d₂/d₁.
pub(super) fn modulated(params: &Params, surprise: f64, second: f64) -> impl Fn(f64) -> f64 + Sync + use<> {
    let (level, halves) = (params.level, params.halves);
    let h = move |m: f64| halves.map(|c| m / (m + c));
    let slope = halves[0] / (level + halves[0]).powi(2);
    move |error| {
        let ([one, two], [one_before, two_before]) = (h(level + surprise * error), h(level));
        (one - one_before - second * (two - two_before)) / (surprise * slope)
    }
}

/// Plasticity by a surprise, as [`modulated`], by theory's own form.
pub(super) fn told(params: &Params, surprise: f64, second: f64) -> impl Fn(f64) -> f64 + Sync + use<> {
    let (level, receptors) = (params.level, params.receptors());
    move |error| receptors.told(level, surprise * error, second) / surprise
}

/// What the closure may err by, which is of second order in η: half of what it changes, at first order, of learning by steps that are a twentieth as large.
pub(super) fn second_order(choice: &Choice, with: f64, rounds: usize) -> f64 {
    let Choice { chances, rewards, traces, rate, expects, signal } = *choice;
    let slow = Choice { chances, rewards, traces, rate: rate / SLOWER as f64, expects, signal };
    let without = slow.course(rounds * SLOWER)[rounds * SLOWER];
    0.5 * (with - without).abs()
}

/// Smaller steps for one of a learner.
pub(super) const SLOWER: usize = 20;
