//! Sixteen numbers at once: what can be done with them, and the definition in plain arrays.
//!
//! That and `super::registers` do the same operations in the same order, so every machine gets the same bits. Intrinsics are there because
//! compilers, left alone, turn some of these loops into single numbers.

/// Numbers in a vector.
pub const LANES: usize = 16;

/// Sixteen numbers in single precision. Masks have bit l for number l.
pub trait Lanes: Copy {
    /// 512 bits, as sixteen words.
    type Bits: Digits;
    fn all(value: f32) -> Self;
    fn load(values: &[f32; LANES]) -> Self;
    fn store(self, values: &mut [f32; LANES]);
    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
    fn times(self, other: Self) -> Self;
    /// self · a + b, rounded once.
    fn times_plus(self, a: Self, b: Self) -> Self;
    /// self + other where the mask is set.
    fn plus_where(self, mask: u16, other: Self) -> Self;
    /// `other` where the mask is set.
    fn or_where(self, mask: u16, other: Self) -> Self;
    /// The larger; the other where this one is no number.
    fn larger(self, other: Self) -> Self;
    fn smaller(self, other: Self) -> Self;
    /// Which are at least as large.
    fn at_least(self, other: Self) -> u16;
    /// self · 2ⁿ, n being the integer in the lowest bits of each number of `exponent`. Assumes that the result is a normal number.
    fn scaled(self, exponent: Self) -> Self;
}

/// 512 bits.
pub trait Digits: Copy {
    fn load(words: &[u32; LANES]) -> Self;
    /// As masks of sixteen numbers each, in order.
    fn store(self, masks: &mut [u16; 2 * LANES]);
    fn and(self, other: Self) -> Self;
    fn xor(self, other: Self) -> Self;
    /// Sum of three digits: 1 where an odd number of them is.
    fn odd(self, b: Self, c: Self) -> Self;
    /// Carry of three digits: 1 where two or three of them are.
    fn carried(self, b: Self, c: Self) -> Self;
    fn any(self) -> bool;
    /// Asks for words that will be needed soon.
    fn fetch(words: &[u32; LANES]);
}

/// Something to do with vectors of any kind; `run` must be `#[inline(always)]`, with all that it calls.
pub trait Work {
    fn run<L: Lanes>(self);
}

/// Which registers are used; chosen once, at run time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Machine {
    /// Arrays.
    Plain,
    /// 256 bits.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// 512 bits.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Machine {
    /// All that this machine has, the fastest last.
    pub fn available() -> Vec<Self> {
        #[allow(unused_mut, reason = "only x86-64 has more than one")]
        let mut all = vec![Machine::Plain];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                all.push(Machine::Avx2);
            }
            if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
                all.push(Machine::Avx512);
            }
        }
        all
    }

    /// The fastest one.
    pub fn detect() -> Self {
        Self::available().pop().unwrap_or(Machine::Plain)
    }

    /// Does it in these registers.
    pub fn run<W: Work>(self, work: W) {
        #[cfg(target_arch = "x86_64")]
        {
            use super::registers::{Avx2, Avx512};
            #[target_feature(enable = "avx512f,avx512dq")]
            fn wide<W: Work>(work: W) {
                work.run::<Avx512>();
            }
            #[target_feature(enable = "avx2,fma")]
            fn narrow<W: Work>(work: W) {
                work.run::<Avx2>();
            }
            match self {
                // SAFETY: the machine has been asked by whoever made this value: `available` alone does.
                Machine::Avx512 => unsafe { wide(work) },
                // SAFETY: as above.
                Machine::Avx2 => unsafe { narrow(work) },
                Machine::Plain => work.run::<Plain>(),
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        work.run::<Plain>();
    }
}

/// The definition.
#[derive(Clone, Copy, Debug)]
pub struct Plain([f32; LANES]);

/// The definition.
#[derive(Clone, Copy, Debug)]
pub struct PlainBits([u32; LANES]);

impl Plain {
    #[inline(always)]
    fn with(self, other: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        Plain(std::array::from_fn(|l| f(self.0[l], other.0[l])))
    }
}

impl Lanes for Plain {
    type Bits = PlainBits;

    #[inline(always)]
    fn all(value: f32) -> Self {
        Plain([value; LANES])
    }

    #[inline(always)]
    fn load(values: &[f32; LANES]) -> Self {
        Plain(*values)
    }

    #[inline(always)]
    fn store(self, values: &mut [f32; LANES]) {
        *values = self.0;
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self.with(other, |a, b| a + b)
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        self.with(other, |a, b| a - b)
    }

    #[inline(always)]
    fn times(self, other: Self) -> Self {
        self.with(other, |a, b| a * b)
    }

    #[inline(always)]
    fn times_plus(self, a: Self, b: Self) -> Self {
        Plain(std::array::from_fn(|l| self.0[l].mul_add(a.0[l], b.0[l])))
    }

    #[inline(always)]
    fn plus_where(self, mask: u16, other: Self) -> Self {
        Plain(std::array::from_fn(|l| if mask >> l & 1 == 1 { self.0[l] + other.0[l] } else { self.0[l] }))
    }

    #[inline(always)]
    fn or_where(self, mask: u16, other: Self) -> Self {
        Plain(std::array::from_fn(|l| if mask >> l & 1 == 1 { other.0[l] } else { self.0[l] }))
    }

    #[inline(always)]
    fn larger(self, other: Self) -> Self {
        self.with(other, |a, b| if a > b { a } else { b })
    }

    #[inline(always)]
    fn smaller(self, other: Self) -> Self {
        self.with(other, |a, b| if a < b { a } else { b })
    }

    #[inline(always)]
    fn at_least(self, other: Self) -> u16 {
        (0..LANES).fold(0, |mask, l| mask | u16::from(self.0[l] >= other.0[l]) << l)
    }

    #[inline(always)]
    fn scaled(self, exponent: Self) -> Self {
        self.with(exponent, |a, n| f32::from_bits(a.to_bits().wrapping_add(n.to_bits() << 23)))
    }
}

impl PlainBits {
    #[inline(always)]
    fn with(self, other: Self, f: impl Fn(u32, u32) -> u32) -> Self {
        PlainBits(std::array::from_fn(|w| f(self.0[w], other.0[w])))
    }
}

impl Digits for PlainBits {
    #[inline(always)]
    fn load(words: &[u32; LANES]) -> Self {
        PlainBits(*words)
    }

    #[inline(always)]
    fn store(self, masks: &mut [u16; 2 * LANES]) {
        for (masks, word) in masks.chunks_exact_mut(2).zip(self.0) {
            masks[0] = word as u16;
            masks[1] = (word >> 16) as u16;
        }
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        self.with(other, |a, b| a & b)
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        self.with(other, |a, b| a ^ b)
    }

    #[inline(always)]
    fn odd(self, b: Self, c: Self) -> Self {
        self.xor(b).xor(c)
    }

    #[inline(always)]
    fn carried(self, b: Self, c: Self) -> Self {
        let half = self.xor(b).and(c);
        half.with(self.and(b), |a, b| a | b)
    }

    #[inline(always)]
    fn any(self) -> bool {
        self.0.iter().any(|word| *word != 0)
    }

    #[inline(always)]
    fn fetch(_words: &[u32; LANES]) {}
}
