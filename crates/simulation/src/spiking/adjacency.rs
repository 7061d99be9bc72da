//! Who sends to whom: drawn bit by bit, kept as rows of bits or, where connections are few, as lists of targets.

use super::lists::Lists;
use super::{SOURCES, STRENGTHS};
use lanes::{Aligned, SIXTEEN};
use model::spiking::Spread;
use model::weights::{Law, LawVisitor};
use model::{Seed, SpikingNetwork};
use rand::Rng;
use rand_xoshiro::Xoshiro256PlusPlus;

/// Targets that are handled together: populations are padded to whole blocks.
pub const BLOCK: usize = 512;

/// Words of a block.
pub const WORDS: usize = BLOCK / 32;

/// Which bit of a block's 512 stands for its cell c: bit 4 k + i of word l for number l of vector 8 i + k. So fields of four bits that are
/// made of several rows have a vector's counts side by side, and a shift brings the next vector.
pub const fn place(cell: usize) -> usize {
    let (vector, number) = (cell / SIXTEEN, cell % SIXTEEN);
    32 * number + 4 * (vector % 8) + vector / 8
}

/// The inverse of [`place`].
const fn cell(place: usize) -> usize {
    let (number, bit) = (place / 32, place % 32);
    SIXTEEN * (8 * (bit % 4) + bit / 4) + number
}

/// Below this probability a list of targets takes less room than a row of bits.
const FEW: f64 = 1.0 / 32.0;

/// Connections from one population to another, source by source.
#[derive(Clone, Debug, PartialEq)]
pub enum Rows {
    /// Nobody is connected.
    None,
    /// Row j: whether source j sends to each target, which stands in its block at its [`place`].
    Bits {
        /// Blocks of a row.
        blocks: usize,
        /// Rows one after the other.
        words: Aligned<[u32; WORDS]>,
    },
    /// Targets of each source, in order.
    Lists(Lists),
}

impl Rows {
    /// Targets of source j, in order, with their strengths in units of the mean.
    pub fn targets(&self, j: usize) -> Vec<(usize, f32)> {
        match self {
            Rows::None => Vec::new(),
            Rows::Bits { blocks, words } => {
                let row = words[j * blocks..(j + 1) * blocks].iter().enumerate();
                let of_block = |(block, bits): (usize, &[u32; WORDS])| {
                    let bits = *bits;
                    (0..BLOCK)
                        .filter(move |&cell| bits[place(cell) / 32] >> (place(cell) % 32) & 1 == 1)
                        .map(move |cell| (block * BLOCK + cell, 1.0))
                };
                row.flat_map(of_block).collect()
            }
            Rows::Lists(lists) => lists.targets(j),
        }
    }

    /// Lists where each synapse has a strength of its `own`.
    fn empty(p: f64, own: bool, sources: usize, targets: usize) -> Self {
        let blocks = targets.div_ceil(BLOCK);
        if p == 0.0 {
            Rows::None
        } else if p < FEW || own {
            Rows::Lists(Lists::empty(targets))
        } else {
            Rows::Bits { blocks, words: Aligned::zeros(sources * blocks) }
        }
    }

    fn bytes(p: f64, spread: bool, sources: usize, targets: usize) -> f64 {
        let (sources, blocks) = (sources as f64, targets.div_ceil(BLOCK) as f64);
        if p == 0.0 {
            0.0
        } else if p < FEW || spread {
            Lists::bytes(p, spread, sources, targets as f64)
        } else {
            4.0 * WORDS as f64 * sources * blocks
        }
    }
}

/// All connections of a network: `[A][A + X]`, external populations after the others.
#[derive(Clone, Debug, PartialEq)]
pub struct Adjacency {
    rows: Vec<Vec<Rows>>,
}

/// Units of every population that sends, external ones last.
pub fn source_counts(network: &SpikingNetwork) -> Vec<usize> {
    let mut counts = network.connections.counts();
    counts.extend(network.connections.external_counts());
    counts
}

/// Probability of a connection from source population s to population a; 0 where its strength is.
pub fn probability(network: &SpikingNetwork, a: usize, s: usize) -> f64 {
    let of = &network.connections;
    let own = of.shares.len();
    let (p, j) = if s < own {
        (of.probability[[a, s]], of.strength[[a, s]])
    } else {
        (of.external_probability[[a, s - own]], of.external_strength[[a, s - own]])
    };
    if j == 0.0 { 0.0 } else { p }
}

/// How strengths of source population s differ; `None` also where they do so by 0.
fn spread(network: &SpikingNetwork, s: usize) -> Option<Spread> {
    let mut synapses = network.synapses.iter().chain(&network.external_synapses);
    synapses.nth(s).and_then(|synapses| synapses.spread).filter(|spread| spread.variation > 0.0)
}

/// Whether each synapse from source population s to population a has a strength of its own.
fn has_own(network: &SpikingNetwork, a: usize, s: usize) -> bool {
    spread(network, s).is_some() || (s < network.names.len() && network.rule(a, s).is_some())
}

impl Adjacency {
    /// Draws every pair for itself, self-connections included but where they would learn. What a unit sends to depends on the seed and the unit alone.
    pub fn draw(network: &SpikingNetwork, seed: Seed, threads: usize) -> Self {
        let (targets, sources) = (network.connections.counts(), source_counts(network));
        let mut rows: Vec<Vec<Rows>> = targets.iter().map(|_| Vec::new()).collect();
        let mut first = 0;
        for (s, &count) in sources.iter().enumerate() {
            let p: Vec<f64> = (0..targets.len()).map(|a| probability(network, a, s)).collect();
            let spread = spread(network, s);
            let empty = |a: usize| Rows::empty(p[a], has_own(network, a, s), count, targets[a]);
            let mut drawn: Vec<Rows> = (0..targets.len()).map(empty).collect();
            // Cells would learn from their own spikes what has no end.
            let no_self = (s < targets.len() && network.rule(s, s).is_some()).then_some(s);
            draw_from(&mut drawn, Draw { p: &p, targets: &targets, spread, no_self, first, count, seed }, threads);
            rows.iter_mut().zip(drawn).for_each(|(rows, drawn)| rows.push(drawn));
            first += count;
        }
        Adjacency { rows }
    }

    /// From source population s to population a.
    pub fn rows(&self, a: usize, s: usize) -> &Rows {
        &self.rows[a][s]
    }

    /// Bytes that it will take.
    pub fn memory(network: &SpikingNetwork) -> f64 {
        let (targets, sources) = (network.connections.counts(), source_counts(network));
        let of = |(a, &n): (usize, &usize)| -> f64 {
            let bytes = |(s, &m)| Rows::bytes(probability(network, a, s), has_own(network, a, s), m, n);
            sources.iter().enumerate().map(bytes).sum()
        };
        targets.iter().enumerate().map(of).sum()
    }
}

/// What is drawn: from `count` sources, whose numbers begin at `first`, to all populations.
#[derive(Clone, Copy)]
struct Draw<'a> {
    p: &'a [f64],
    targets: &'a [usize],
    spread: Option<Spread>,
    /// The population to which cells do not send to themselves: their own, where it learns.
    no_self: Option<usize>,
    first: usize,
    count: usize,
    seed: Seed,
}

/// Where a share of the sources is kept.
enum Share<'a> {
    None,
    Bits(&'a mut [[u32; WORDS]], usize),
    Lists(Lists),
}

fn draw_from(rows: &mut [Rows], draw: Draw, threads: usize) {
    let each = draw.count.div_ceil(threads.max(1)).max(1);
    let parts = draw.count.div_ceil(each);
    let mut shares: Vec<Vec<Share>> = (0..parts).map(|_| Vec::new()).collect();
    for rows in rows.iter_mut() {
        match rows {
            Rows::None => shares.iter_mut().for_each(|own| own.push(Share::None)),
            Rows::Bits { blocks, words } => {
                let own = words.chunks_mut(each * *blocks);
                shares.iter_mut().zip(own).for_each(|(share, words)| share.push(Share::Bits(words, *blocks)));
            }
            Rows::Lists(lists) => {
                shares.iter_mut().for_each(|own| own.push(Share::Lists(lists.clone())));
            }
        }
    }
    std::thread::scope(|scope| {
        for (part, share) in shares.iter_mut().enumerate() {
            let mut work = move || draw_share(share, draw, part * each, each.min(draw.count - part * each));
            if parts == 1 {
                work();
            } else {
                scope.spawn(work);
            }
        }
    });
    let lists: Vec<Vec<Option<Lists>>> = shares
        .into_iter()
        .map(|own| {
            let list = |share| match share {
                Share::Lists(lists) => Some(lists),
                Share::None | Share::Bits(..) => None,
            };
            own.into_iter().map(list).collect()
        })
        .collect();
    for own in lists {
        for (rows, drawn) in rows.iter_mut().zip(own) {
            if let (Rows::Lists(lists), Some(drawn)) = (rows, drawn) {
                lists.append(&drawn);
            }
        }
    }
}

fn draw_share(share: &mut [Share], draw: Draw, from: usize, count: usize) {
    let mut targets = Vec::new();
    let last: Vec<_> = draw.targets.iter().map(|n| inside(n - (n.div_ceil(BLOCK).max(1) - 1) * BLOCK)).collect();
    for j in 0..count {
        let unit = (draw.first + from + j) as u64;
        let mut rng = draw.seed.stream(SOURCES).rng(unit);
        let mut strengths = draw.spread.map(|spread| Strengths { spread, rng: draw.seed.stream(STRENGTHS).rng(unit) });
        for (a, (((share, &p), &n), last)) in share.iter_mut().zip(draw.p).zip(draw.targets).zip(&last).enumerate() {
            let count = n.div_ceil(BLOCK);
            let blocks = (0..count).map(|block| {
                let inside = if block + 1 < count { [u64::MAX; BLOCK / 64] } else { *last };
                let mut bits = [0; WORDS];
                for (pair, inside) in bits.chunks_exact_mut(2).zip(inside) {
                    let word = chances(p, &mut rng) & inside;
                    (pair[0], pair[1]) = (word as u32, (word >> 32) as u32);
                }
                bits
            });
            match share {
                Share::None => {}
                Share::Bits(rows, count) => {
                    rows[j * *count..(j + 1) * *count].iter_mut().zip(blocks).for_each(|(row, bits)| *row = bits);
                }
                Share::Lists(lists) => {
                    targets.clear();
                    for (block, bits) in blocks.enumerate() {
                        for (w, mut word) in bits.into_iter().enumerate() {
                            while word != 0 {
                                let place = 32 * w + word.trailing_zeros() as usize;
                                targets.push((block * BLOCK + cell(place)) as u32);
                                word &= word - 1;
                            }
                        }
                    }
                    targets.sort_unstable();
                    if draw.no_self == Some(a) {
                        targets.retain(|&target| target as usize != from + j);
                    }
                    let drawn = strengths.as_mut().map_or_else(Vec::new, |strengths| strengths.draw(targets.len()));
                    lists.push(&targets, drawn.into_iter());
                }
            }
        }
    }
}

/// Strengths of a source's synapses, in units of their mean.
struct Strengths {
    spread: Spread,
    rng: Xoshiro256PlusPlus,
}

impl Strengths {
    fn draw(&mut self, count: usize) -> Vec<f32> {
        let Strengths { spread, rng } = self;
        spread.law.visit(spread.moments(), Draws { count, rng }).expect("a law that has been validated")
    }
}

/// So many draws from a law.
struct Draws<'r> {
    count: usize,
    rng: &'r mut Xoshiro256PlusPlus,
}

impl LawVisitor for Draws<'_> {
    type Output = Vec<f32>;
    fn visit<L: Law>(self, law: L) -> Vec<f32> {
        (0..self.count).map(|_| law.sample_above(0.0, self.rng) as f32).collect()
    }
}

/// Places of the first cells of a block.
fn inside(cells: usize) -> [u64; BLOCK / 64] {
    let mut places = [u64::MAX; BLOCK / 64];
    for cell in cells..BLOCK {
        places[place(cell) / 64] &= !(1 << (place(cell) % 64));
    }
    places
}

/// 64 independent bits, each 1 with probability p (to 2⁻⁶⁴).
///
/// Each compares a uniform number with p, bit after bit from the highest, until they differ; all have after some eight of them.
fn chances(p: f64, rng: &mut impl Rng) -> u64 {
    if p >= 1.0 {
        return u64::MAX;
    }
    let mut p = (p * 18_446_744_073_709_551_616.0) as u64;
    let (mut below, mut open) = (0, u64::MAX);
    // Beyond the last 1 of p nothing can be below it any more.
    while open != 0 && p != 0 {
        let random = rng.next_u64();
        if p >> 63 == 1 {
            below |= open & !random;
            open &= random;
        } else {
            open &= !random;
        }
        p <<= 1;
    }
    below
}

#[cfg(test)]
mod tests {
    use super::super::tests::pair;
    use super::*;
    use model::spiking::{PairRule, Plasticity};

    #[test]
    fn bits_are_as_likely_as_asked() {
        let mut rng = Seed(1).stream("test").rng(0);
        for p in [0.0, 0.05, 0.1, 0.5, 0.75, 0.999, 1.0] {
            let words = 20_000;
            let total: u32 = (0..words).map(|_| chances(p, &mut rng).count_ones()).sum();
            let n = f64::from(64 * words);
            assert!((f64::from(total) - p * n).abs() <= 5.0 * (p * (1.0 - p) * n).sqrt(), "{total} at {p}");
        }
        // Neighbours are independent: both are 1 with probability p².
        let both: u32 = (0..40_000)
            .map(|_| {
                let word = chances(0.3, &mut rng);
                (word & word >> 1 & 0x5555_5555_5555_5555).count_ones()
            })
            .sum();
        let n = 32.0 * 40_000.0;
        assert!((f64::from(both) - 0.09 * n).abs() < 5.0 * (0.09 * 0.91 * n).sqrt(), "{both}");
    }

    #[test]
    fn threads_and_storage_do_not_change_what_is_drawn() {
        let mut network = pair(700);
        network.connections.probability[[0, 1]] = 0.02;
        network.connections.probability[[1, 1]] = 0.0;
        let one = Adjacency::draw(&network, Seed(5), 1);
        assert_eq!(one, Adjacency::draw(&network, Seed(5), 3));
        assert_ne!(one, Adjacency::draw(&network, Seed(6), 3));
        assert!(matches!(one.rows(0, 1), Rows::Lists(_)) && *one.rows(1, 1) == Rows::None);
        // Cells do not send to themselves where they would learn from that.
        network.connections.probability[[1, 1]] = 0.5;
        let rule = Plasticity { rule: PairRule::Additive, rate: 1.0, target: 5.0, trace: 20.0 };
        let usual = Adjacency::draw(&network, Seed(5), 2);
        network.plasticity[[1, 1]] = Some(rule);
        let learns = Adjacency::draw(&network, Seed(5), 2);
        for j in 0..140 {
            let mut targets = usual.rows(1, 1).targets(j);
            targets.retain(|(i, _)| *i != j);
            assert_eq!(targets, learns.rows(1, 1).targets(j));
        }
        // A list holds what a row of bits of the same probability would.
        let p: Vec<f64> = vec![0.02];
        let draw = Draw { p: &p, targets: &[560], spread: None, no_self: None, first: 0, count: 50, seed: Seed(5) };
        let mut list = [Rows::Lists(Lists::empty(560))];
        let mut bits = [Rows::Bits { blocks: 2, words: Aligned::zeros(100) }];
        draw_from(&mut list, draw, 2);
        draw_from(&mut bits, draw, 2);
        for j in 0..50 {
            assert_eq!(list[0].targets(j), bits[0].targets(j));
        }
    }

    #[test]
    fn strengths_follow_their_law_and_leave_connections_as_they_are() {
        let equal = pair(1200);
        let mut spread = equal.clone();
        let law = Some(Spread { law: model::WeightLaw::Gamma, variation: 1.5 });
        spread.synapses[0].spread = law;
        spread.external_synapses[0].spread = law;
        let (equal, one) = (Adjacency::draw(&equal, Seed(5), 1), Adjacency::draw(&spread, Seed(5), 1));
        assert_eq!(one, Adjacency::draw(&spread, Seed(5), 4));
        assert!(matches!(one.rows(0, 1), Rows::Bits { .. }) && matches!(one.rows(0, 2), Rows::Lists(_)));
        let (mut n, mut sum, mut square) = (0.0, 0.0, 0.0);
        for j in 0..960 {
            let (equal, own) = (equal.rows(1, 0).targets(j), one.rows(1, 0).targets(j));
            assert!(equal.iter().map(|(i, _)| i).eq(own.iter().map(|(i, _)| i)));
            for (_, strength) in own {
                n += 1.0;
                sum += f64::from(strength);
                square += f64::from(strength).powi(2);
            }
        }
        // 23000 draws: the mean to .01, the square, of variance ⟨J⁴⟩ − ⟨J²⟩² = 128, to .07.
        assert!((sum / n - 1.0).abs() < 0.04 && (square / n - 3.25).abs() < 0.3, "{} {}", sum / n, square / n);
    }

    #[test]
    fn memory_is_what_is_taken() {
        let mut network = pair(1000);
        let taken = |network: &SpikingNetwork| -> usize {
            let one = Adjacency::draw(network, Seed(5), 1);
            let all = (0..2).flat_map(|a| (0..3).map(move |s| (a, s)));
            all.map(|(a, s)| match one.rows(a, s) {
                Rows::Bits { words, .. } => 64 * words.len(),
                Rows::Lists(lists) => lists.taken(),
                Rows::None => 0,
            })
            .sum()
        };
        assert_eq!(Adjacency::memory(&network), taken(&network) as f64);
        // Lists have up to twice the room that they need.
        network.connections.probability.fill(0.02);
        network.synapses[1].spread = Some(Spread { law: model::WeightLaw::Gamma, variation: 1.0 });
        let (announced, taken) = (Adjacency::memory(&network), taken(&network) as f64);
        assert!(taken < announced && announced < 2.2 * taken, "{announced} for {taken}");
    }
}
