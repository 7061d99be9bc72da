//! An excitatory and an inhibitory population whose cells and synapses differ.

/// Populations E and I: τ_a r′ = −r + R tanh(g[Σ w r + X_a − θ]₊/R), τ_E = 1.
///
/// A cell has k_b inputs of population b, each of strength J_ab/k_b times a weight of mean 1; those of E from I are multiplied by κ as well.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MixedPair {
    /// J `[2 × 2]`, target first, positive; κ is in J_EI.
    pub couplings: [[f64; 2]; 2],
    /// X_a.
    pub drive: [f64; 2],
    /// τ_I.
    pub slow: f64,
    /// R.
    pub most: f64,
    /// Cells of both populations.
    pub cells: [usize; 2],
    /// k_b.
    pub inputs: [usize; 2],
    /// θ.
    pub threshold: f64,
    /// How cells differ.
    pub spread: Spread,
}

/// How cells and synapses of a pair differ.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    /// Standard deviation of the logarithms of weights, whose mean is 1.
    pub weights: f64,
    /// Whether synapses are drawn one by one, so that in-degrees differ.
    pub degrees: bool,
    /// Standard deviation of θ.
    pub thresholds: f64,
    /// Standard deviation of the logarithms of gains, whose mean is 1.
    pub gains: f64,
}

impl MixedPair {
    /// R tanh(max(x, 0)/R): the rate at which a cell of gain 1 comes to rest.
    pub fn rate(&self, input: f64) -> f64 {
        self.most * libm::tanh(input.max(0.0) / self.most)
    }
}
