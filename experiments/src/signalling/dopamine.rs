//! The pathway of dopamine, and what is known of it in closed form.

use lab::Failure;
use signalling::{ReactionSystem, Shape, Target, steady_states};
use systems::reaction_network::refused;

/// The target of the source: inputs of 10 to 30 nM, in which the output is to go from 25 to 61 nM.
pub fn target() -> Target {
    let shape = Shape { ymax: 220.0, half: 78.0, n: 1.0 };
    Target { function: "GAC5Ca".into(), shape, from: 10.0, to: 30.0, input: signalling::Reading::Free }
}

/// Two complexes of one pool of adenylyl cyclase with one input: T = 700 nM, q = Ca/Kd, both used up further by ATP.
#[derive(Clone, Copy, Debug)]
pub struct Pool {
    /// Dissociation constants in nM, without calcium and with it.
    pub kd: [f64; 2],
    /// a = 1 + ATP/Km of both.
    pub used: [f64; 2],
    /// q.
    pub calcium: f64,
    /// T.
    pub total: f64,
}

impl Pool {
    /// Of the pathway at rest; ATP in nM.
    pub fn new(atp: f64) -> Self {
        Pool { kd: [200.0, 240.0], used: [1.0 + atp / 1e6, 1.0 + atp / 9.5e5], calcium: 60.0 / 900.0, total: 700.0 }
    }

    /// Amounts of both complexes at a free input x in nM.
    pub fn outputs(self, x: f64) -> [f64; 2] {
        let ([k1, k2], [a1, a2], q) = (self.kd, self.used, self.calcium);
        let free = self.total / (1.0 + q + x * a1 / k1 + q * x * a2 / k2);
        [free * x / k1, q * free * x / k2]
    }

    /// The hyperbola that the second of them is.
    pub fn shape(self) -> Shape {
        let ([k1, k2], [a1, a2], q) = (self.kd, self.used, self.calcium);
        let both = a1 / k1 + q * a2 / k2;
        Shape { ymax: self.total * q / k2 / both, half: (1.0 + q) / both, n: 1.0 }
    }
}

/// Amounts of a species while the source runs.
pub fn along(system: &ReactionSystem, names: &[&str]) -> Result<Vec<Vec<f64>>, Failure> {
    let places: Vec<usize> =
        names.iter().map(|name| system.place("species", name)).collect::<Result<_, _>>().map_err(refused)?;
    let states = steady_states(system).map_err(refused)?;
    Ok(states.iter().map(|state| places.iter().map(|&i| state[i]).collect()).collect())
}
