//! Networks that learn the tasks, and stimuli for them.

use meanfield::LearnedState;
use model::{PlasticNetwork, Rule, Seed, Stimulus};
use ndarray::{Array1, Array2, array, concatenate};
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};

/// A network, and the patterns of its excitatory and of its inhibitory populations: a pattern is a relative change of their drives.
pub struct Pupil {
    /// Its name in the table.
    pub name: &'static str,
    pub network: PlasticNetwork,
    /// Relative sizes of a stimulus's changes, by population.
    patterns: Vec<Array1<f64>>,
}

/// Patterns of a pupil: two that excitatory populations see, two that inhibitory ones see, and a new one.
const PATTERNS: [&str; 5] = ["X1", "X2", "Y1", "Y2", "X3"];

impl Pupil {
    /// Zhu & Rosenbaum's three populations, in which all inhibition learns: X is ±5 % of the drive to e1 and e2, Y ±5 % of that to i.
    pub fn three(name: &'static str) -> Self {
        let x = |e1: f64, e2: f64, i: f64| Array1::from(vec![e1, e2, i]);
        let patterns =
            vec![x(0.05, -0.05, 0.0), x(-0.05, 0.05, 0.0), x(0.0, 0.0, 0.05), x(0.0, 0.0, -0.05), x(0.1, 0.1, 0.0)];
        Pupil { name, network: PlasticNetwork::zhu_rosenbaum(), patterns }
    }

    /// Two of each kind, with the same total coupling: stimuli reach both kinds, inhibition onto e1 and e2 alone learns, at Zhu & Rosenbaum's rate times
    /// `speed`.
    pub fn four(name: &'static str, speed: f64) -> Self {
        let whole = PlasticNetwork::zhu_rosenbaum();
        let of = [0, 1, 2, 2];
        let share = |b: usize| if b > 1 { 0.5 } else { 1.0 };
        let coupling = Array2::from_shape_fn((4, 4), |(a, b)| whole.coupling[[of[a], of[b]]] * share(b));
        let drive = of.iter().map(|a| whole.drive[*a]).collect();
        let rule = Rule::Additive { rate: speed * whole.rules[[0, 2]].expect("inhibition onto e1 learns").rate() };
        let mut network = PlasticNetwork::new(&["e1", "e2", "i1", "i2"], whole.gain, coupling, drive);
        for (from, to) in [("i1", "e1"), ("i2", "e1"), ("i1", "e2"), ("i2", "e2")] {
            network = network.learning(from, to, rule, 4.0);
        }
        let x = |e: f64, i: f64| Array1::from(vec![e, -e, i, -i]);
        let patterns =
            vec![x(0.05, 0.0), x(-0.05, 0.0), x(0.0, 0.2), x(0.0, -0.2), Array1::from(vec![0.1, 0.1, 0.0, 0.0])];
        Pupil { name, network, patterns }
    }

    /// Forty excitatory and ten inhibitory populations of random coupling, uniform between half and three halves of what makes the same totals; patterns are
    /// Gaussian. Inhibition onto excitatory populations learns.
    pub fn fifty(name: &'static str, seed: Seed) -> Self {
        const KINDS: [usize; 2] = [40, 10];
        let whole = PlasticNetwork::zhu_rosenbaum();
        let mut rng = seed.stream("fifty populations").rng(0);
        let kind = |a: usize| usize::from(a >= KINDS[0]);
        let n = KINDS[0] + KINDS[1];
        // Two excitatory populations there, one inhibitory.
        let totals = [
            [2.0 * whole.coupling[[0, 0]], whole.coupling[[0, 2]]],
            [2.0 * whole.coupling[[2, 0]], whole.coupling[[2, 2]]],
        ];
        let coupling = Array2::from_shape_simple_fn((n, n), || rng.random_range(0.5..1.5));
        let coupling =
            Array2::from_shape_fn((n, n), |(a, b)| coupling[[a, b]] * totals[kind(a)][kind(b)] / KINDS[kind(b)] as f64);
        let names: Vec<String> = (0..n)
            .map(|a| if kind(a) == 0 { format!("e{}", a + 1) } else { format!("i{}", a + 1 - KINDS[0]) })
            .collect();
        let drive = (0..n).map(|a| whole.drive[2 * kind(a)]).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut network = PlasticNetwork::new(&names, whole.gain, coupling, drive);
        // Ten sources learn together what one does there.
        let rate = whole.rules[[0, 2]].expect("inhibition onto e1 learns").rate() / KINDS[1] as f64;
        for to in &names[..KINDS[0]] {
            for from in &names[KINDS[0]..] {
                network = network.learning(from, to, Rule::Additive { rate }, 4.0);
            }
        }
        let mut normal = |count: usize, size: f64| -> Array1<f64> {
            (0..count).map(|_| -> f64 { StandardNormal.sample(&mut rng) }).map(|z| size * z).collect()
        };
        let mut pattern = |e: f64, i: f64| {
            let (onto_e, onto_i) = (normal(KINDS[0], e), normal(KINDS[1], i));
            concatenate![ndarray::Axis(0), onto_e, onto_i]
        };
        let patterns =
            vec![pattern(0.05, 0.0), pattern(0.05, 0.0), pattern(0.0, 0.2), pattern(0.0, 0.2), pattern(0.05, 0.0)];
        Pupil { name, network, patterns }
    }

    /// Its patterns as stimuli, the relative changes times `size`.
    pub fn stimuli(&self, size: f64) -> Vec<Stimulus> {
        let stimulus = |(name, pattern): (&&str, &Array1<f64>)| {
            let changes = self.network.names.iter().zip(pattern).zip(&self.network.drive);
            let drive: Vec<(&str, f64)> = changes
                .filter(|((_, change), _)| **change != 0.0)
                .map(|((population, change), drive)| (population.as_str(), size * change * drive))
                .collect();
            Stimulus::new(name, &drive)
        };
        PATTERNS.iter().zip(&self.patterns).map(stimulus).collect()
    }
}

/// Zhu & Rosenbaum's network under one stimulus, with learning rates times these.
pub fn zhu_rosenbaum(onto_e: f64, onto_i: f64) -> PlasticNetwork {
    let mut network = PlasticNetwork::zhu_rosenbaum();
    for (a, factor) in [onto_e, onto_e, onto_i].into_iter().enumerate() {
        network.rules[[a, 2]] = network.rules[[a, 2]].map(|rule| Rule::Additive { rate: factor * rule.rate() });
    }
    network.drive *= &array![1.2, 0.8, 1.0];
    network
}

/// One to four excitatory populations and an inhibitory one that learns to inhibit all: weights between half and three halves of Zhu & Rosenbaum's,
/// targets from 2 to 10 Hz, drives from half to twice theirs, learning rates over a factor of a thousand.
pub fn random(seed: Seed, number: u64) -> PlasticNetwork {
    let whole = PlasticNetwork::zhu_rosenbaum();
    let mut rng = seed.stream("random networks").rng(number);
    let excitatory = rng.random_range(1..=4_usize);
    let n = excitatory + 1;
    let kind = |a: usize| if a < excitatory { 0 } else { 2 };
    let share = |b: usize| if b < excitatory { 2.0 / excitatory as f64 } else { 1.0 };
    let mut coupling = Array2::from_shape_fn((n, n), |(a, b)| whole.coupling[[kind(a), kind(b)]] * share(b));
    coupling.mapv_inplace(|w| w * rng.random_range(0.5..1.5));
    let drive = (0..n).map(|a| whole.drive[kind(a)] * libm::pow(2.0, rng.random_range(-1.0..1.0))).collect();
    let names: Vec<String> = (0..n).map(|a| if a < excitatory { format!("e{}", a + 1) } else { "i".into() }).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut network = PlasticNetwork::new(&names, whole.gain, coupling, drive);
    for (a, to) in names.iter().enumerate() {
        let rate = whole.rules[[kind(a), 2]].expect("all inhibition learns").rate();
        let rate = rate * libm::pow(10.0, rng.random_range(-2.0..1.0));
        network = network.learning("i", to, Rule::Additive { rate }, rng.random_range(2.0..10.0));
    }
    network
}

/// Targets of pairs, in Hz.
pub const TARGETS: [f64; 2] = [5.0, 14.0];

/// A pair at its targets, and that state.
pub fn pair(coupling: f64, onto_i: f64) -> (PlasticNetwork, LearnedState) {
    let rates = Array1::from(TARGETS.to_vec());
    let weights = array![[coupling, -1.5 * coupling], [2.0, -0.5]];
    let drive = &rates - &weights.dot(&rates);
    let rate = 2e-4;
    let mut network = PlasticNetwork::new(&["e", "i"], 1.0, weights.clone(), drive);
    network.tau = array![10.0, 2.0];
    for from in ["e", "i"] {
        network = network.learning(from, "e", Rule::Additive { rate }, rates[0]).learning(
            from,
            "i",
            Rule::Additive { rate: onto_i * rate },
            rates[1],
        );
    }
    (network, LearnedState { weights, left: Array1::zeros(2), rates: vec![rates], reached: true, unique: false })
}
