//! Drawing the connectivity: each source its own random stream, each stored weight one draw.

use crate::columns::{Columns, GROUP, Layout, Weight};
use lanes::Isa;
use model::weights::{Law, LawVisitor};
use model::{RateNetwork, Seed};
use rand::Rng;
use std::ops::Range;

/// Mean weight that the draw may leave out per unit, all sources active at φ = 1.
const NEGLIGIBLE: f64 = 1e-7;

/// How the weights of a network are stored, and so defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// Eight significant bits: the rounding is far below the width of the law.
    Brief,
    /// Single precision, for laws so narrow that eight bits would change their variance.
    Single,
}

impl Precision {
    /// Brief where every law is wider than 1/16 of its mean.
    pub fn of(network: &RateNetwork) -> Self {
        let populations = network.populations.len();
        let narrow = (0..populations).any(|a| {
            (0..populations).any(|b| {
                let moments = network.weight_moments(a, b);
                network.connected(a, b) && moments.sd < moments.mean / 16.0
            })
        });
        if narrow { Precision::Single } else { Precision::Brief }
    }

    /// Bytes of one weight.
    pub fn bytes(self) -> usize {
        match self {
            Precision::Brief => 2,
            Precision::Single => 4,
        }
    }
}

/// Draws the weights of a network, magnitudes only: signs belong to the sources.
///
/// A pair is connected with probability K_b/N_b; of the connections those are stored whose weight
/// exceeds a floor under which the weights of a row sum to 10⁻⁷ in expectation.
pub fn draw_columns<W: Weight>(network: &RateNetwork, seed: Seed) -> Columns<W> {
    draw_columns_as(network, seed, layout(Isa::detect(), network))
}

/// [`draw_columns`], with the layout given: the weights do not depend on it.
pub fn draw_columns_as<W: Weight>(network: &RateNetwork, seed: Seed, layout: Layout) -> Columns<W> {
    let n = network.size();
    let stream = seed.stream("connectivity");
    let ranges = population_ranges(network);
    // 1 % and a little more than expected: five standard deviations of any count above 10⁵.
    let room = 1.01 * expected_weights(network) + 1000.0;
    let mut columns = Columns::new(layout, n, n, (room as usize).min(n * n));
    let mut column = vec![0.0; n];
    for (b, sources) in ranges.iter().enumerate() {
        for source in sources.clone() {
            let mut rng = stream.rng(source as u64);
            column.fill(0.0);
            for (a, targets) in ranges.iter().enumerate() {
                if network.connected(a, b) {
                    let draw = Draw { network, source: b, rng: &mut rng, column: &mut column[targets.clone()] };
                    network.law.visit(network.weight_moments(a, b), draw).expect("a validated network has weight laws");
                }
            }
            columns.push(&column);
        }
    }
    columns.seal();
    columns
}

/// The layout that is faster with this instruction set.
///
/// Measured on Zen 5 for gamma weights, ns for a source and 32 targets, at N = 4000, 10000, 20000, 30000. Dense: 1.1, 1.1, 1.8, 2.3 with
/// AVX-512, 1.3, 1.2, 1.5, 2.2 with AVX2, 2.0, 2.2, 2.5, 2.7 in plain arrays: memory is what counts from some size on. Packed: 1.1, 2.1 and
/// 15, whatever the size. Packed columns take a quarter of the memory or less, which counts where many realisations run side by side.
pub fn layout(isa: Isa, network: &RateNetwork) -> Layout {
    let most = match isa.name() {
        "avx512" => 128e6,
        "avx2" => 5e8,
        _ => 2e9,
    };
    if dense_bytes(network) <= most { Layout::Dense } else { Layout::Packed }
}

fn dense_bytes(network: &RateNetwork) -> f64 {
    let n = network.size();
    n as f64 * n.next_multiple_of(GROUP) as f64 * Precision::of(network).bytes() as f64
}

/// Bytes of the connectivity that [`draw_columns`] draws.
pub fn connectivity_bytes(network: &RateNetwork) -> f64 {
    bytes_as(network, layout(Isa::detect(), network))
}

fn bytes_as(network: &RateNetwork, layout: Layout) -> f64 {
    match layout {
        Layout::Dense => dense_bytes(network),
        Layout::Packed => {
            let bits = network.size() as f64 * network.size().next_multiple_of(GROUP) as f64;
            expected_weights(network) * Precision::of(network).bytes() as f64 + bits / 8.0
        }
    }
}

/// Expected number of weights that [`draw_columns`] stores.
pub fn expected_weights(network: &RateNetwork) -> f64 {
    let count = network.populations.len();
    let mut total = 0.0;
    for a in 0..count {
        for b in (0..count).filter(|&b| network.connected(a, b)) {
            let density =
                network.law.visit(network.weight_moments(a, b), Density { network, source: b }).unwrap_or(0.0);
            total += density * network.populations[a].size as f64 * network.populations[b].size as f64;
        }
    }
    total
}

/// The units of each population, which lie one population after the other.
pub fn population_ranges(network: &RateNetwork) -> Vec<Range<usize>> {
    let mut next = 0;
    network
        .populations
        .iter()
        .map(|population| {
            let start = next;
            next += population.size;
            start..next
        })
        .collect()
}

fn floor<L: Law>(law: &L, network: &RateNetwork, source: usize) -> f64 {
    law.negligible_below(NEGLIGIBLE, network.populations[source].in_degree as f64)
}

struct Density<'a> {
    network: &'a RateNetwork,
    source: usize,
}

impl LawVisitor for Density<'_> {
    type Output = f64;
    fn visit<L: Law>(self, law: L) -> f64 {
        self.network.probability(self.source) * law.probability_above(floor(&law, self.network, self.source))
    }
}

struct Draw<'a, R> {
    network: &'a RateNetwork,
    source: usize,
    rng: &'a mut R,
    column: &'a mut [f64],
}

impl<R: Rng> LawVisitor for Draw<'_, R> {
    type Output = ();

    /// Jumps from stored weight to stored weight: the gaps of Bernoulli trials are geometric.
    fn visit<L: Law>(self, law: L) {
        let floor = floor(&law, self.network, self.source);
        let keep = self.network.probability(self.source) * law.probability_above(floor);
        if keep >= 1.0 {
            self.column.iter_mut().for_each(|w| *w = law.sample_above(floor, self.rng));
            return;
        }
        let log_skip = libm::log1p(-keep);
        let mut target = gap(self.rng, log_skip);
        while target < self.column.len() {
            self.column[target] = law.sample_above(floor, self.rng);
            target = target.saturating_add(1).saturating_add(gap(self.rng, log_skip));
        }
    }
}

/// Failures before the first success, from one uniform draw on (0, 1).
fn gap<R: Rng>(rng: &mut R, log_skip: f64) -> usize {
    let u = ((rng.next_u64() >> 12) as f64 + 0.5) / (1_u64 << 52) as f64;
    (libm::log(u) / log_skip) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::Brief;
    use model::{Response, WeightLaw};

    /// Row sums and sums of squares against K J/√K and K (g²/K^ν + J²/K), 5 standard errors.
    fn check(law: WeightLaw, exponent: f64, in_degree: usize) {
        let mut network = RateNetwork::inhibitory(1500, 2.0, 1.5, exponent, 1.0, Response::Heaviside);
        network.law = law;
        network.populations[0].in_degree = in_degree;
        let columns = draw_columns::<Brief>(&network, Seed(11));
        let k = in_degree as f64;
        let (mut sum, mut square, mut fourth) = (0.0, 0.0, 0.0);
        for (_, _, w) in columns.iter() {
            let w = f64::from(w);
            sum += w;
            square += w * w;
            fourth += w.powi(4);
        }
        let moments = network.weight_moments(0, 0);
        let pairs = 1500.0 * k;
        let (mean, second) = (pairs * moments.mean, pairs * (moments.sd.powi(2) + moments.mean.powi(2)));
        assert!((sum - mean).abs() < 5.0 * second.sqrt() + 1e-5 * mean, "{law:?}: {sum} for {mean}");
        assert!((square - second).abs() < 5.0 * fourth.sqrt() + 1e-5 * second, "{law:?}: {square} for {second}");
        let expected = expected_weights(&network);
        assert!((columns.stored() as f64 - expected).abs() < 5.0 * expected.sqrt() + 1.0, "{law:?}: stored");
    }

    #[test]
    fn drawn_networks_have_the_moments_of_the_law() {
        for law in [WeightLaw::Gaussian, WeightLaw::Gamma, WeightLaw::LogNormal] {
            for exponent in [0.5, 1.0] {
                check(law, exponent, 1500);
                check(law, exponent, 300);
            }
        }
    }

    #[test]
    fn memory_is_foretold_of_either_layout_and_large_networks_are_packed() {
        let network = RateNetwork::inhibitory(1500, 2.0, 2.0, 0.5, 1.0, Response::Heaviside);
        for layout in [Layout::Dense, Layout::Packed] {
            let held = draw_columns_as::<Brief>(&network, Seed(1), layout).bytes() as f64;
            let foretold = bytes_as(&network, layout);
            assert!((foretold / held - 1.0).abs() < 0.05, "{layout:?}: {foretold} foretold, {held} held");
        }
        let large = RateNetwork::inhibitory(100_000, 2.0, 2.0, 0.5, 1.0, Response::Heaviside);
        for isa in Isa::available() {
            assert_eq!((layout(isa, &network), layout(isa, &large)), (Layout::Dense, Layout::Packed), "{isa}");
        }
    }

    #[test]
    fn narrow_laws_keep_single_precision() {
        let mut network = RateNetwork::inhibitory(100, 1.0, 0.01, 1.0, 1.0, Response::Heaviside);
        assert_eq!(Precision::of(&network), Precision::Single);
        network.spread.fill(1.0);
        assert_eq!(Precision::of(&network), Precision::Brief);
    }
}
