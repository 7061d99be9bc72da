//! The definition of every operation, in plain arrays, which compilers turn into whatever vectors a machine has at least.

#![allow(clippy::needless_range_loop, reason = "loops over known places stay in registers")]

use crate::singles::POWERS;
use crate::{Doubles, EIGHT, Part, SIXTEEN, Simd, Singles, Words};
use std::array::from_fn;

/// Plain arrays.
#[derive(Clone, Copy, Debug)]
pub struct Portable;

impl Simd for Portable {
    type Singles = PlainSingles;
    type Words = PlainWords;
    type Part = PlainPart;
    type Doubles = PlainDoubles;
    const FETCHES: bool = true;
}

#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub struct PlainSingles([f32; SIXTEEN]);

#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub struct PlainWords([u32; SIXTEEN]);

#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub struct PlainDoubles([f64; EIGHT]);

/// Loops over places that are known vectorise better than closures over arrays.
macro_rules! lanes {
    ($kind:ident, $zero:expr, $l:ident => $value:expr) => {{
        let mut out = $zero;
        for $l in 0..out.len() {
            out[$l] = $value;
        }
        $kind(out)
    }};
}

impl Singles for PlainSingles {
    type Words = PlainWords;
    type Multiples = f32;

    #[inline(always)]
    fn all(value: f32) -> Self {
        PlainSingles([value; SIXTEEN])
    }

    #[inline(always)]
    fn load(values: &[f32; SIXTEEN]) -> Self {
        PlainSingles(*values)
    }

    #[inline(always)]
    fn store(self, values: &mut [f32; SIXTEEN]) {
        *values = self.0;
    }

    #[inline(always)]
    fn of_bits(words: PlainWords) -> Self {
        lanes!(PlainSingles, [0.0; SIXTEEN], l => f32::from_bits(words.0[l]))
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        lanes!(PlainSingles, [0.0; SIXTEEN], l => self.0[l] + other.0[l])
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        lanes!(PlainSingles, [0.0; SIXTEEN], l => self.0[l] - other.0[l])
    }

    #[inline(always)]
    fn times(self, other: Self) -> Self {
        lanes!(PlainSingles, [0.0; SIXTEEN], l => self.0[l] * other.0[l])
    }

    #[inline(always)]
    fn or_where(self, mask: u16, other: Self) -> Self {
        lanes!(PlainSingles, [0.0; SIXTEEN], l => if mask >> l & 1 == 1 { other.0[l] } else { self.0[l] })
    }

    #[inline(always)]
    fn larger(self, other: Self) -> Self {
        lanes!(PlainSingles, [0.0; SIXTEEN], l => if self.0[l] > other.0[l] { self.0[l] } else { other.0[l] })
    }

    #[inline(always)]
    fn smaller(self, other: Self) -> Self {
        lanes!(PlainSingles, [0.0; SIXTEEN], l => if self.0[l] < other.0[l] { self.0[l] } else { other.0[l] })
    }

    #[inline(always)]
    fn at_least(self, other: Self) -> u16 {
        (0..SIXTEEN).fold(0, |mask, l| mask | u16::from(self.0[l] >= other.0[l]) << l)
    }

    #[inline(always)]
    fn above(self, other: Self) -> u16 {
        (0..SIXTEEN).fold(0, |mask, l| mask | u16::from(self.0[l] > other.0[l]) << l)
    }

    const FEW_PAY: bool = false;

    #[inline(always)]
    fn multiples<const FEW: bool>(weight: f32) -> f32 {
        weight
    }

    #[inline(always)]
    fn multiple<const FEW: bool>(weight: f32, counts: PlainWords) -> Self {
        lanes!(PlainSingles, [0.0; SIXTEEN], l => weight * (counts.0[l] & 15) as i32 as f32)
    }

    #[inline(always)]
    fn power(self) -> Self {
        let power = |k: u32| POWERS[k as usize % 8].wrapping_add(k << 20);
        lanes!(PlainSingles, [0.0; SIXTEEN], l => f32::from_bits(power(self.0[l].to_bits())))
    }

    #[inline(always)]
    fn rounded(self) -> PlainWords {
        /// Adding 2²³ and taking it away again leaves integers, ties to even; from there on all numbers are integers.
        const WHOLE: f32 = 8_388_608.0;
        let nearest = |x: f32| {
            let (size, whole) = (x.abs(), x.abs() + WHOLE - WHOLE);
            (if size < WHOLE { whole } else { size }).copysign(x)
        };
        lanes!(PlainWords, [0; SIXTEEN], l => nearest(self.0[l]) as i32 as u32)
    }

    #[inline(always)]
    fn pack(self, mask: u16, values: &mut [f32; SIXTEEN]) {
        let mut next = 0;
        for (l, value) in self.0.into_iter().enumerate() {
            values[next] = value;
            next += usize::from(mask >> l & 1).min(SIXTEEN - 1 - next);
        }
    }

    #[inline(always)]
    fn transpose(block: &mut [[f32; SIXTEEN]; SIXTEEN]) {
        for l in 1..SIXTEEN {
            for k in 0..l {
                (block[l][k], block[k][l]) = (block[k][l], block[l][k]);
            }
        }
    }
}

/// What the vectors of every machine hold.
const FOUR: usize = 4;

#[derive(Clone, Copy, Debug)]
pub struct PlainPart([f32; FOUR]);

impl Part for PlainPart {
    const COUNT: usize = SIXTEEN / FOUR;

    #[inline(always)]
    fn all(value: f32) -> Self {
        PlainPart([value; FOUR])
    }

    #[inline(always)]
    fn load(values: &[f32; SIXTEEN], part: usize) -> Self {
        PlainPart(values.as_chunks().0[part])
    }

    #[inline(always)]
    fn store(self, values: &mut [f32; SIXTEEN], part: usize) {
        values.as_chunks_mut().0[part] = self.0;
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        lanes!(PlainPart, [0.0; FOUR], l => self.0[l] + other.0[l])
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        lanes!(PlainPart, [0.0; FOUR], l => self.0[l] - other.0[l])
    }

    #[inline(always)]
    fn times(self, other: Self) -> Self {
        lanes!(PlainPart, [0.0; FOUR], l => self.0[l] * other.0[l])
    }
}

impl Words for PlainWords {
    const NONE: Self = PlainWords([0; SIXTEEN]);

    #[inline(always)]
    fn all(word: u32) -> Self {
        PlainWords([word; SIXTEEN])
    }

    #[inline(always)]
    fn load(words: &[u32; SIXTEEN]) -> Self {
        PlainWords(*words)
    }

    #[inline(always)]
    fn store(self, words: &mut [u32; SIXTEEN]) {
        *words = self.0;
    }

    #[inline(always)]
    fn load_pairs(pairs: &[u16; 2 * SIXTEEN]) -> Self {
        lanes!(PlainWords, [0; SIXTEEN], l => u32::from(pairs[2 * l]) | u32::from(pairs[2 * l + 1]) << 16)
    }

    #[inline(always)]
    unsafe fn load_packed(mask: u32, packed: *const u16) -> Self {
        let (mut pairs, mut mask, mut next) = ([0; 2 * SIXTEEN], mask, packed);
        while mask != 0 {
            // SAFETY: at most 32 are read, which the caller allows.
            unsafe {
                pairs[mask.trailing_zeros() as usize] = *next;
                next = next.add(1);
            }
            mask &= mask - 1;
        }
        Self::load_pairs(&pairs)
    }

    #[inline(always)]
    unsafe fn load_sparse(mask: u16, packed: *const u32) -> Self {
        let (mut words, mut mask, mut next) = ([0; SIXTEEN], mask, packed);
        while mask != 0 {
            // SAFETY: at most sixteen are read, which the caller allows.
            unsafe {
                words[mask.trailing_zeros() as usize] = *next;
                next = next.add(1);
            }
            mask &= mask - 1;
        }
        PlainWords(words)
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        lanes!(PlainWords, [0; SIXTEEN], l => self.0[l] & other.0[l])
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        lanes!(PlainWords, [0; SIXTEEN], l => self.0[l] | other.0[l])
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        lanes!(PlainWords, [0; SIXTEEN], l => self.0[l] ^ other.0[l])
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        lanes!(PlainWords, [0; SIXTEEN], l => self.0[l].wrapping_add(other.0[l]))
    }

    #[inline(always)]
    fn or_else(self, mask: u32, other: Self) -> Self {
        lanes!(PlainWords, [0; SIXTEEN], l => self.0[l] & mask | other.0[l] & !mask)
    }

    #[inline(always)]
    fn left<const BITS: u32>(self) -> Self {
        lanes!(PlainWords, [0; SIXTEEN], l => self.0[l] << BITS)
    }

    #[inline(always)]
    fn right<const BITS: u32>(self) -> Self {
        lanes!(PlainWords, [0; SIXTEEN], l => self.0[l] >> BITS)
    }

    #[inline(always)]
    fn odd(self, b: Self, c: Self) -> Self {
        self.xor(b).xor(c)
    }

    #[inline(always)]
    fn carried(self, b: Self, c: Self) -> Self {
        self.xor(b).and(c).or(self.and(b))
    }

    #[inline(always)]
    fn any(self) -> bool {
        self.0.iter().fold(0, |any, word| any | word) != 0
    }

    #[inline(always)]
    fn pack(self, mask: u16, words: &mut [u32; SIXTEEN]) {
        let mut next = 0;
        for (l, word) in self.0.into_iter().enumerate() {
            words[next] = word;
            next += usize::from(mask >> l & 1).min(SIXTEEN - 1 - next);
        }
    }

    #[inline(always)]
    fn fetch<T>(_address: *const T) {}
}

macro_rules! condition {
    ($l:ident => $value:expr) => {{
        let mut bits = 0;
        for $l in 0..EIGHT {
            bits |= u8::from($value) << $l;
        }
        bits
    }};
}

/// Calls: compilers take minutes to make registers of arrays of doubles that are everywhere inside one function.
impl Doubles for PlainDoubles {
    type Condition = u8;

    #[inline(never)]
    fn not_above(self, other: Self) -> u8 {
        condition!(l => self.0[l] <= other.0[l])
    }

    #[inline(never)]
    fn exceeds(self, other: Self) -> u8 {
        condition!(l => self.0[l] > other.0[l])
    }

    #[inline(always)]
    fn both(a: u8, b: u8) -> u8 {
        a & b
    }

    #[inline(always)]
    fn pick(condition: u8, yes: Self, no: Self) -> Self {
        Self::choose(condition, yes, no)
    }

    #[inline(always)]
    fn mask(condition: u8) -> u8 {
        condition
    }

    #[inline(never)]
    fn all(value: f64) -> Self {
        PlainDoubles([value; EIGHT])
    }

    #[inline(never)]
    fn load(values: &[f64]) -> Self {
        PlainDoubles(from_fn(|l| values[l]))
    }

    #[inline(never)]
    fn store(self) -> [f64; EIGHT] {
        self.0
    }

    #[inline(never)]
    fn put(self, values: &mut [f64]) {
        values[..EIGHT].copy_from_slice(&self.0);
    }

    #[inline(never)]
    fn plus(self, other: Self) -> Self {
        lanes!(PlainDoubles, [0.0; EIGHT], l => self.0[l] + other.0[l])
    }

    #[inline(never)]
    fn minus(self, other: Self) -> Self {
        lanes!(PlainDoubles, [0.0; EIGHT], l => self.0[l] - other.0[l])
    }

    #[inline(never)]
    fn times(self, other: Self) -> Self {
        lanes!(PlainDoubles, [0.0; EIGHT], l => self.0[l] * other.0[l])
    }

    #[inline(never)]
    fn over(self, other: Self) -> Self {
        lanes!(PlainDoubles, [0.0; EIGHT], l => self.0[l] / other.0[l])
    }

    #[inline(never)]
    fn plus_product(self, a: Self, b: Self) -> Self {
        lanes!(PlainDoubles, [0.0; EIGHT], l => self.0[l] + a.0[l] * b.0[l])
    }

    #[inline(never)]
    fn minus_product(self, a: Self, b: Self) -> Self {
        lanes!(PlainDoubles, [0.0; EIGHT], l => self.0[l] - a.0[l] * b.0[l])
    }

    #[inline(never)]
    fn abs(self) -> Self {
        lanes!(PlainDoubles, [0.0; EIGHT], l => self.0[l].abs())
    }

    #[inline(never)]
    fn positive(self) -> Self {
        lanes!(PlainDoubles, [0.0; EIGHT], l => if self.0[l] > 0.0 { self.0[l] } else { 0.0 })
    }

    #[inline(never)]
    fn choose(mask: u8, yes: Self, no: Self) -> Self {
        lanes!(PlainDoubles, [0.0; EIGHT], l => if mask >> l & 1 == 1 { yes.0[l] } else { no.0[l] })
    }

    #[inline(never)]
    fn gathered(self, mask: u8) -> Self {
        let (mut out, mut place) = ([0.0; EIGHT], 0);
        for (l, value) in self.0.into_iter().enumerate() {
            if mask >> l & 1 == 1 {
                out[place] = value;
                place += 1;
            }
        }
        PlainDoubles(out)
    }

    #[inline(always)]
    fn fetch(_: &[f64]) {}

    #[inline(never)]
    fn transposed(block: [Self; EIGHT]) -> [Self; EIGHT] {
        let mut out = [PlainDoubles([0.0; EIGHT]); EIGHT];
        for (l, vector) in block.into_iter().enumerate() {
            for (own, value) in out.iter_mut().zip(vector.0) {
                own.0[l] = value;
            }
        }
        out
    }
}
