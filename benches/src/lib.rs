//! Problems that benches and comparisons with other tools share.

use model::SpikingNetwork;
use ndarray::{Array1, Array2, Array3};
use rand::{Rng, RngExt};
use semibalance::{Circuit, all_states};

/// Problems of one size: W `[M × A × A]` and X `[M × A]`.
pub struct Problems {
    /// W.
    pub w: Array3<f64>,
    /// X.
    pub x: Array2<f64>,
}

/// Zhu & Rosenbaum's network with about the strengths that it has learned in the end.
pub fn zhu_rosenbaum_learned() -> SpikingNetwork {
    let mut network = SpikingNetwork::zhu_rosenbaum();
    for (a, strength) in [(0, -286.0), (1, -286.0), (2, -473.0)] {
        network.connections.strength[[a, 2]] = strength;
    }
    network
}

/// Random networks that excite and inhibit, with a stable state, so that iterations can find it. Up to 10 populations they
/// have no other one, as enumeration says; larger ones are of the same family.
pub fn problems(populations: usize, count: usize) -> Problems {
    let mut rng = model::Seed(1).stream("problems").rng(populations as u64);
    let (mut w, mut x) = (Array3::zeros((count, populations, populations)), Array2::zeros((count, populations)));
    let mut k = 0;
    while k < count {
        let circuit = if populations == 3 { stimulated(&mut rng) } else { assemblies(populations, &mut rng) };
        if populations <= 10 {
            let found = all_states(&circuit).expect("few populations").states;
            // Iterations crawl where nothing but a slow mode is left.
            let slowest = if populations == 3 { -0.5 } else { -0.2 };
            if found.len() != 1 || found[0].stability.growth > slowest {
                continue;
            }
        }
        w.index_axis_mut(ndarray::Axis(0), k).assign(circuit.coupling());
        x.row_mut(k).assign(circuit.drive());
        k += 1;
    }
    Problems { w, x }
}

/// Two excitatory populations with more coupling across than within, one inhibitory: about those of Baker et al. 2020.
fn stimulated(rng: &mut impl Rng) -> Circuit {
    let mut draw = |low: f64, high: f64| rng.random_range(low..high);
    let w = Array2::from_shape_fn((3, 3), |(a, b)| match (a, b) {
        (2, 2) => -draw(4.0, 6.0),
        (_, 2) => -draw(2.5, 3.5),
        (2, _) => draw(3.5, 5.5),
        _ if a == b => draw(0.0, 0.8),
        _ => draw(1.2, 2.0),
    });
    let x = Array1::from(vec![draw(18.0, 54.0), draw(18.0, 54.0), draw(20.0, 34.0)]);
    Circuit::new(w, x).expect("a circuit")
}

/// Half of the populations excite and are each inhibited by one of the other half, with weak coupling among all.
fn assemblies(populations: usize, rng: &mut impl Rng) -> Circuit {
    let excitatory = populations / 2;
    let weak = 0.5 / populations as f64;
    let w = Array2::from_shape_fn((populations, populations), |(a, b)| {
        let paired = a % excitatory == b % excitatory;
        let strong = match (a < excitatory, b < excitatory) {
            (true, true) => 0.2,
            (false, true) | (true, false) => 1.5,
            (false, false) => 2.0,
        };
        let size = weak * rng.random_range(0.0..1.0) + if paired { strong } else { 0.0 };
        if b < excitatory { size } else { -size }
    });
    let x = Array1::from_shape_fn(populations, |a| rng.random_range(0.0..if a < excitatory { 4.0 } else { 3.0 }));
    Circuit::new(w, x).expect("a circuit")
}
