//! How many of a step's spikes hit each cell of a block: full adders over rows of bits, and what the counts add to currents.

use super::adjacency::BLOCK;
use super::block::{Bits, Cells, Group};
use lanes::{SIXTEEN, Simd, Singles, Words};

/// Vectors of a block.
pub const VECTORS: usize = BLOCK / SIXTEEN;

/// Spikes that are counted together: six digits hold up to 63.
pub const MOST: usize = 63;

/// A count below 16 for each cell of a block: that of number l of vector 8 i + k stands in bits 4 k to 4 k + 3 of word l of the i-th part.
pub type Fields = [Bits; 4];

/// How many spikes arrive at each cell of a block, all of one weight.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub struct Counts {
    pub fields: Fields,
    /// What a spike adds to a current.
    pub weight: f32,
    /// Whether all counts are below 8.
    pub few: bool,
}

impl Counts {
    /// Nothing arrives.
    pub const NONE: Self = Counts { fields: [[0; SIXTEEN]; 4], weight: 0.0, few: true };

    /// The last arrivals of a group; all before are added to its current.
    #[inline(always)]
    pub fn of<'a, S: Simd>(
        &mut self,
        group: &mut Group,
        rows: &mut impl Iterator<Item = &'a Vec<&'a [Bits]>>,
        block: usize,
    ) {
        let mut waiting = false;
        for (arrival, rows) in group.arrivals.iter().zip(rows) {
            for rows in rows.chunks(MOST) {
                let current = &mut group.current[block];
                if waiting {
                    add::<S>(current, self);
                }
                let [a, b, c, d, e, f] = count::<S>(rows, block);
                match rows.len() {
                    ..4 => interleave_two(a, b, &mut self.fields),
                    _ => interleave([a, b, c, d], &mut self.fields),
                }
                self.weight = arrival.weight;
                self.few = rows.len() < 8 || !d.any();
                waiting = true;
                if e.or(f).any() {
                    let mut sixteens = Counts { weight: 16.0 * arrival.weight, ..Self::NONE };
                    interleave([e, f, S::Words::NONE, S::Words::NONE], &mut sixteens.fields);
                    add::<S>(current, &sixteens);
                }
            }
        }
        if !waiting {
            *self = Self::NONE;
        }
    }
}

/// How many rows have each bit of the block, as binary digits.
#[inline(always)]
fn count<S: Simd>(rows: &[&[Bits]], block: usize) -> [S::Words; 6] {
    let row = |row: &&[Bits]| S::Words::load(&row[block]);
    let none = S::Words::NONE;
    match rows {
        [] => [none; 6],
        [a] => [row(a), none, none, none, none, none],
        [a, b] => [row(a).xor(row(b)), row(a).and(row(b)), none, none, none, none],
        [a, b, c, rest @ ..] => {
            let (mut p0, mut p1) = (row(a).odd(row(b), row(c)), row(a).carried(row(b), row(c)));
            let (mut p2, mut p3, mut p4, mut p5) = (none, none, none, none);
            // Full adders of three digits, then what they carry through half adders.
            let (fours, rest) = rest.as_chunks::<4>();
            for [a, b, c, d] in fours {
                let twos = p0.carried(row(a), row(b));
                p0 = p0.odd(row(a), row(b));
                let more = p0.carried(row(c), row(d));
                p0 = p0.odd(row(c), row(d));
                let fours = p1.carried(twos, more);
                p1 = p1.odd(twos, more);
                raise::<S>(fours, [&mut p2, &mut p3, &mut p4, &mut p5]);
            }
            for a in rest {
                let twos = p0.and(row(a));
                p0 = p0.xor(row(a));
                let fours = p1.and(twos);
                p1 = p1.xor(twos);
                raise::<S>(fours, [&mut p2, &mut p3, &mut p4, &mut p5]);
            }
            [p0, p1, p2, p3, p4, p5]
        }
    }
}

/// Adds a digit to the lowest plane, and what is carried to those above.
#[inline(always)]
fn raise<S: Simd>(mut more: S::Words, planes: [&mut S::Words; 4]) {
    for plane in planes {
        let sum = plane.xor(more);
        more = plane.and(more);
        *plane = sum;
    }
}

/// Four digits of each bit, brought side by side: first two and two, then four.
#[inline(always)]
fn interleave<B: Words>([a, b, c, d]: [B; 4], fields: &mut Fields) {
    const SINGLE: u32 = 0x5555_5555;
    const PAIRS: u32 = 0x3333_3333;
    let (even, odd) = (a.or_else(SINGLE, b.left::<1>()), a.right::<1>().or_else(SINGLE, b));
    let (high_even, high_odd) = (c.or_else(SINGLE, d.left::<1>()), c.right::<1>().or_else(SINGLE, d));
    even.or_else(PAIRS, high_even.left::<2>()).store(&mut fields[0]);
    odd.or_else(PAIRS, high_odd.left::<2>()).store(&mut fields[1]);
    even.right::<2>().or_else(PAIRS, high_even).store(&mut fields[2]);
    odd.right::<2>().or_else(PAIRS, high_odd).store(&mut fields[3]);
}

/// Two digits of each bit, brought side by side as by [`interleave`] where higher digits are 0.
#[inline(always)]
fn interleave_two<B: Words>(a: B, b: B, fields: &mut Fields) {
    const LOWEST: u32 = 0x1111_1111;
    let lowest = B::all(LOWEST);
    let pair = |a: B, b: B| a.and(lowest).or(b.and(lowest).left::<1>());
    pair(a, b).store(&mut fields[0]);
    pair(a.right::<1>(), b.right::<1>()).store(&mut fields[1]);
    pair(a.right::<2>(), b.right::<2>()).store(&mut fields[2]);
    pair(a.right::<3>(), b.right::<3>()).store(&mut fields[3]);
}

/// Does `act` for every vector of a block, given counts in the lowest four bits of each word.
#[inline(always)]
pub fn each<S: Simd, const G: usize>(fields: [&Fields; G], mut act: impl FnMut(usize, [S::Words; G])) {
    for part in 0..4 {
        let mut counts = [S::Words::NONE; G];
        for (count, fields) in counts.iter_mut().zip(fields) {
            *count = S::Words::load(&fields[part]);
        }
        for vector in 8 * part..8 * (part + 1) {
            act(vector, counts);
            for count in &mut counts {
                *count = count.right::<4>();
            }
        }
    }
}

/// Cells of a block, vector by vector.
#[inline(always)]
pub fn vectors(cells: &mut Cells) -> &mut [[f32; SIXTEEN]; VECTORS] {
    cells.as_chunks_mut().0.try_into().expect("blocks are whole vectors")
}

/// current ← current + weight · count.
#[inline(always)]
fn add<S: Simd>(current: &mut Cells, counts: &Counts) {
    let weight = S::Singles::multiples::<false>(counts.weight);
    let currents = vectors(current);
    each::<S, 1>([&counts.fields], |vector, [count]| {
        let current = &mut currents[vector];
        S::Singles::load(current).plus(S::Singles::multiple::<false>(weight, count)).store(current);
    });
}

#[cfg(test)]
mod tests {
    use super::super::adjacency::{WORDS, place};

    use super::super::block::Arrival;
    use super::super::record::Kind;
    use super::*;
    use lanes::{Aligned, Isa, Work};
    use rand::Rng;

    struct Hits<'a>(&'a [Vec<&'a [Bits]>], &'a mut Group);

    impl Work for Hits<'_> {
        type Output = ();

        #[inline(always)]
        fn run<S: Simd>(self) {
            let mut counts = Counts::NONE;
            counts.of::<S>(self.1, &mut self.0.iter(), 1);
            let mut some = false;
            for fields in &counts.fields {
                some |= fields.iter().any(|word| word & 0x8888_8888 != 0);
            }
            assert!(!counts.few || !some, "few are below 8");
            add::<S>(&mut self.1.current[1], &counts);
        }
    }

    #[test]
    fn counts_are_those_of_single_bits_on_every_machine() {
        let mut rng = model::Seed(1).stream("test").rng(0);
        for rows in (0..20).chain([31, 32, 62, 63, 64, 150]) {
            let mut draw = |dense: bool| {
                let (a, b) = (rng.next_u64() as u32, rng.next_u64() as u32);
                if dense { a | b } else { a & b }
            };
            // Sources of two weights, the second fewer.
            let mut bits = |rows: usize, dense: bool| -> Vec<Vec<Bits>> {
                (0..rows).map(|_| vec![[0; WORDS], std::array::from_fn(|_| draw(dense))]).collect()
            };
            let bits = [bits(rows, rows % 2 == 0), bits(rows / 3, true)];
            let views: Vec<Vec<&[Bits]>> = bits.iter().map(|b| b.iter().map(|b| b.as_slice()).collect()).collect();
            for isa in Isa::available() {
                let arrivals = [1.0, 1000.0].map(|weight| Arrival { weight, sources: vec![] }).into();
                let mut current = Aligned::zeros(2);
                current[1] = [0.5; BLOCK];
                let mut group =
                    Group { decay: 1.0, reversal: None, kind: Kind::External, current, back: 1.0, arrivals };
                isa.run(Hits(&views, &mut group));
                for (cell, own) in group.current[1].iter().enumerate() {
                    let (word, bit) = (place(cell) / 32, place(cell) % 32);
                    let hits = |bits: &[Vec<Bits>]| bits.iter().filter(|b| b[1][word] >> bit & 1 == 1).count() as f32;
                    assert_eq!(*own, 0.5 + hits(&bits[0]) + 1000.0 * hits(&bits[1]), "{rows} rows on {isa}");
                }
            }
        }
    }
}
