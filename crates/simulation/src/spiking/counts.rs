//! How many of a step's spikes hit each cell of a block: full adders over rows of bits, and what the counts add to currents.

use super::adjacency::BLOCK;
use super::block::{Bits, Cells, Group};
use super::lanes::{Digits, LANES, Lanes};

/// Vectors of a block.
pub const VECTORS: usize = BLOCK / LANES;

/// A digit of each cell of a block, a mask for each vector.
pub type Digit = [u16; VECTORS];

/// Spikes that are counted together: six planes hold up to 63.
pub const MOST: usize = 63;
pub const PLANES: usize = 6;

/// An expression of `P`, the number of planes, which the compiler then knows.
macro_rules! of_planes {
    ($used:expr, P => $value:expr) => {
        match $used {
            0 => {
                const P: usize = 0;
                $value
            }
            1 => {
                const P: usize = 1;
                $value
            }
            2 => {
                const P: usize = 2;
                $value
            }
            3 => {
                const P: usize = 3;
                $value
            }
            4 => {
                const P: usize = 4;
                $value
            }
            5 => {
                const P: usize = 5;
                $value
            }
            _ => {
                const P: usize = PLANES;
                $value
            }
        }
    };
}

pub(super) use of_planes;

/// How many spikes arrive at each cell of a block, all of one weight.
#[derive(Clone, Copy)]
pub struct Counts {
    pub digits: [Digit; PLANES],
    /// Planes that are not 0.
    pub used: usize,
    pub weight: f32,
}

impl Counts {
    /// The last arrivals of a group; all before are added to its current.
    #[inline(always)]
    pub fn of<'a, L: Lanes>(
        &mut self,
        group: &mut Group,
        rows: &mut impl Iterator<Item = &'a Vec<&'a [Bits]>>,
        block: usize,
    ) {
        self.used = 0;
        for (arrival, rows) in group.arrivals.iter().zip(rows) {
            for rows in rows.chunks(MOST) {
                of_planes!(self.used, P => add::<L, P>(&mut group.current[block], self));
                self.used = count::<L>(rows, block, &mut self.digits);
                self.weight = arrival.weight;
            }
        }
    }
}

/// How many rows have each bit of the block, as binary digits; how many planes of them are used.
#[inline(always)]
fn count<L: Lanes>(rows: &[&[Bits]], block: usize, digits: &mut [Digit; PLANES]) -> usize {
    let row = |row: &&[Bits]| L::Bits::load(&row[block]);
    match rows {
        [] => 0,
        [a] => {
            row(a).store(&mut digits[0]);
            1
        }
        [a, b] => {
            row(a).xor(row(b)).store(&mut digits[0]);
            row(a).and(row(b)).store(&mut digits[1]);
            2
        }
        [a, b, c, rest @ ..] => {
            let (mut p0, mut p1) = (row(a).odd(row(b), row(c)), row(a).carried(row(b), row(c)));
            let none = p0.xor(p0);
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
            let planes = [p0, p1, p2, p3, p4, p5];
            let used = 2 + usize::from(p2.any()).max(2 * usize::from(p3.any())).max(3 * usize::from(p4.any()));
            let used = if p5.any() { PLANES } else { used };
            for (plane, digits) in planes[..used].iter().zip(digits) {
                plane.store(digits);
            }
            used
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

/// Weights of the digits.
#[inline(always)]
pub fn weights<L: Lanes, const P: usize>(weight: f32) -> [L; P] {
    let mut weights = [L::all(weight); P];
    for p in 1..P {
        weights[p] = weights[p - 1].plus(weights[p - 1]);
    }
    weights
}

/// current + weight · count.
#[inline(always)]
pub fn arrived<L: Lanes, const P: usize>(current: L, digits: &[Digit; PLANES], weights: [L; P], vector: usize) -> L {
    let mut current = current;
    for p in 0..P {
        current = current.plus_where(digits[p][vector], weights[p]);
    }
    current
}

/// current ← current + weight · count.
#[inline(always)]
fn add<L: Lanes, const P: usize>(current: &mut Cells, counts: &Counts) {
    let weights = weights::<L, P>(counts.weight);
    let (currents, _) = current.as_chunks_mut::<LANES>();
    for (vector, current) in currents.iter_mut().enumerate() {
        arrived(L::load(current), &counts.digits, weights, vector).store(current);
    }
}

#[cfg(test)]
mod tests {
    use super::super::adjacency::WORDS;
    use super::super::lanes::{Machine, Work};
    use super::*;
    use rand::{Rng, RngExt};

    struct Hits<'a>(&'a [&'a [Bits]], &'a mut Cells);

    impl Work for Hits<'_> {
        #[inline(always)]
        fn run<L: Lanes>(self) {
            let mut counts = Counts { digits: [[0; VECTORS]; PLANES], used: 0, weight: 1.0 };
            for rows in self.0.chunks(MOST) {
                counts.used = count::<L>(rows, 1, &mut counts.digits);
                of_planes!(counts.used, P => add::<L, P>(self.1, &counts));
            }
        }
    }

    #[test]
    fn counts_are_those_of_single_bits_on_every_machine() {
        let mut rng = model::Seed(1).stream("test").rng(0);
        for rows in (0..20).chain([31, 32, 62, 63, 64, 150]) {
            let dense = rng.random::<bool>();
            let mut draw = || {
                let (a, b) = (rng.next_u64() as u32, rng.next_u64() as u32);
                if dense { a | b } else { a & b }
            };
            let bits: Vec<Vec<Bits>> = (0..rows).map(|_| vec![[0; WORDS], std::array::from_fn(|_| draw())]).collect();
            let views: Vec<&[Bits]> = bits.iter().map(|b| b.as_slice()).collect();
            for machine in Machine::available() {
                let mut current = [0.5; BLOCK];
                machine.run(Hits(&views, &mut current));
                for (k, own) in current.iter().enumerate() {
                    let hits = bits.iter().filter(|b| b[1][k / 32] >> (k % 32) & 1 == 1).count();
                    assert_eq!(*own, 0.5 + hits as f32, "{hits} of {rows} on {machine:?}");
                }
            }
        }
    }
}
