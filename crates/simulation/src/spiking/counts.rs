//! How many of a step's spikes hit each cell of a block: full adders over rows of bits, and what the counts add to currents.

use super::adjacency::BLOCK;
use super::block::{Bits, Cells, Group};
use super::lanes::{Digits, LANES, Lanes};

/// Vectors of a block.
pub const VECTORS: usize = BLOCK / LANES;

/// Spikes that are counted together: six digits hold up to 63.
pub const MOST: usize = 63;

/// What 0 to 15 spikes add to a current.
pub type Table = [f32; 16];

/// A count below 16 for each cell of a block: that of number l of vector 8 i + k stands in bits 4 k to 4 k + 3 of word l of the i-th part.
pub type Fields = [Bits; 4];

/// How many spikes arrive at each cell of a block, all of one weight.
#[derive(Clone, Copy)]
pub struct Counts {
    pub fields: Fields,
    pub table: Table,
}

impl Counts {
    /// Nothing arrives.
    pub const NONE: Self = Counts { fields: [[0; LANES]; 4], table: [0.0; 16] };

    /// The last arrivals of a group; all before are added to its current.
    #[inline(always)]
    pub fn of<'a, L: Lanes>(
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
                    add::<L>(current, self);
                }
                let [a, b, c, d, e, f] = count::<L>(rows, block);
                interleave([a, b, c, d], &mut self.fields);
                self.table = arrival.table;
                waiting = true;
                if e.or(f).any() {
                    let mut sixteens = Counts { table: arrival.table.map(|weight| 16.0 * weight), ..Self::NONE };
                    interleave([e, f, L::Bits::NONE, L::Bits::NONE], &mut sixteens.fields);
                    add::<L>(current, &sixteens);
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
fn count<L: Lanes>(rows: &[&[Bits]], block: usize) -> [L::Bits; 6] {
    let row = |row: &&[Bits]| L::Bits::load(&row[block]);
    let none = L::Bits::NONE;
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
                raise::<L>(fours, [&mut p2, &mut p3, &mut p4, &mut p5]);
            }
            for a in rest {
                let twos = p0.and(row(a));
                p0 = p0.xor(row(a));
                let fours = p1.and(twos);
                p1 = p1.xor(twos);
                raise::<L>(fours, [&mut p2, &mut p3, &mut p4, &mut p5]);
            }
            [p0, p1, p2, p3, p4, p5]
        }
    }
}

/// Adds a digit to the lowest plane, and what is carried to those above.
#[inline(always)]
fn raise<L: Lanes>(mut more: L::Bits, planes: [&mut L::Bits; 4]) {
    for plane in planes {
        let sum = plane.xor(more);
        more = plane.and(more);
        *plane = sum;
    }
}

/// Four digits of each bit, brought side by side: first two and two, then four.
#[inline(always)]
fn interleave<B: Digits>([a, b, c, d]: [B; 4], fields: &mut Fields) {
    const SINGLE: u32 = 0x5555_5555;
    const PAIRS: u32 = 0x3333_3333;
    let (even, odd) = (a.or_else(SINGLE, b.left::<1>()), a.right::<1>().or_else(SINGLE, b));
    let (high_even, high_odd) = (c.or_else(SINGLE, d.left::<1>()), c.right::<1>().or_else(SINGLE, d));
    even.or_else(PAIRS, high_even.left::<2>()).store(&mut fields[0]);
    odd.or_else(PAIRS, high_odd.left::<2>()).store(&mut fields[1]);
    even.right::<2>().or_else(PAIRS, high_even).store(&mut fields[2]);
    odd.right::<2>().or_else(PAIRS, high_odd).store(&mut fields[3]);
}

/// Does `act` for every vector of a block, given counts in the lowest four bits of each word.
#[inline(always)]
pub fn each<L: Lanes, const G: usize>(fields: [&Fields; G], mut act: impl FnMut(usize, [L::Bits; G])) {
    for part in 0..4 {
        let mut counts = [L::Bits::NONE; G];
        for (count, fields) in counts.iter_mut().zip(fields) {
            *count = L::Bits::load(&fields[part]);
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
pub fn vectors(cells: &mut Cells) -> &mut [[f32; LANES]; VECTORS] {
    cells.as_chunks_mut().0.try_into().expect("blocks are whole vectors")
}

/// current ← current + weight · count.
#[inline(always)]
fn add<L: Lanes>(current: &mut Cells, counts: &Counts) {
    let table = L::load(&counts.table);
    let currents = vectors(current);
    each::<L, 1>([&counts.fields], |vector, [count]| {
        let current = &mut currents[vector];
        L::load(current).plus(table.entries(count)).store(current);
    });
}

#[cfg(test)]
mod tests {
    use super::super::adjacency::{WORDS, place};
    use super::super::lanes::{Machine, Work};
    use super::super::record::Kind;
    use super::*;
    use crate::spiking::block::Arrival;
    use rand::Rng;

    struct Hits<'a>(&'a [Vec<&'a [Bits]>], &'a mut Group);

    impl Work for Hits<'_> {
        #[inline(always)]
        fn run<L: Lanes>(self) {
            let mut counts = Counts::NONE;
            counts.of::<L>(self.1, &mut self.0.iter(), 1);
            add::<L>(&mut self.1.current[1], &counts);
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
            for machine in Machine::available() {
                let arrivals = [1.0, 1000.0].map(|weight| Arrival::new(weight, vec![])).into();
                let current = vec![[0.0; BLOCK], [0.5; BLOCK]];
                let mut group =
                    Group { decay: 1.0, reversal: None, kind: Kind::External, current, back: 1.0, arrivals };
                machine.run(Hits(&views, &mut group));
                for (cell, own) in group.current[1].iter().enumerate() {
                    let (word, bit) = (place(cell) / 32, place(cell) % 32);
                    let hits = |bits: &[Vec<Bits>]| bits.iter().filter(|b| b[1][word] >> bit & 1 == 1).count() as f32;
                    assert_eq!(*own, 0.5 + hits(&bits[0]) + 1000.0 * hits(&bits[1]), "{rows} rows on {machine:?}");
                }
            }
        }
    }
}
