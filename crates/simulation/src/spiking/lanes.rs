//! Sixteen numbers at once: what can be done with them, and the definition in plain arrays.
//!
//! That and `super::registers` do the same operations in the same order, so every machine gets the same bits. Intrinsics are there because
//! compilers, left alone, turn some of these loops into single numbers.

/// Numbers in a vector.
pub const LANES: usize = 16;

/// Bits of 2^(j/32), less j/32 of a step of the exponent: k << 18 adds n to the exponent of k = 32 n + j, and this j/32 as well.
pub const POWERS: [u32; 32] = {
    /// 2^(1/32).
    const ROOT: f64 = 1.021_897_148_654_116_6;
    let (mut powers, mut power, mut j) = ([0; 32], 1.0, 0);
    while j < 32 {
        powers[j] = (power as f32).to_bits() - ((j as u32) << 18);
        power *= ROOT;
        j += 1;
    }
    powers
};

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
    /// `other` where the mask is set.
    fn or_where(self, mask: u16, other: Self) -> Self;
    /// The larger; the other where this one is no number.
    fn larger(self, other: Self) -> Self;
    fn smaller(self, other: Self) -> Self;
    /// Which are at least as large.
    fn at_least(self, other: Self) -> u16;
    /// Of these sixteen, those whose places stand in the lowest four bits of each word.
    fn entries(self, places: Self::Bits) -> Self;
    /// 2^(k/32), k being the integer in the lowest bits of each number. Assumes that they are [`POWERS`]' kind of normal numbers.
    fn power(self) -> Self;
}

/// 512 bits, as sixteen words.
pub trait Digits: Copy {
    const NONE: Self;
    fn load(words: &[u32; LANES]) -> Self;
    fn store(self, words: &mut [u32; LANES]);
    fn and(self, other: Self) -> Self;
    fn or(self, other: Self) -> Self;
    fn xor(self, other: Self) -> Self;
    /// Bits of this one where the mask of each word is set, bits of the other where it is not.
    fn or_else(self, mask: u32, other: Self) -> Self;
    /// Each word shifted to higher bits.
    fn left<const BITS: u32>(self) -> Self;
    /// Each word shifted to lower bits.
    fn right<const BITS: u32>(self) -> Self;
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
    fn entries(self, places: PlainBits) -> Self {
        Plain(places.0.map(|place| self.0[place as usize % LANES]))
    }

    #[inline(always)]
    fn power(self) -> Self {
        Plain(self.0.map(|k| f32::from_bits(POWERS[k.to_bits() as usize % 32].wrapping_add(k.to_bits() << 18))))
    }
}

impl PlainBits {
    #[inline(always)]
    fn with(self, other: Self, f: impl Fn(u32, u32) -> u32) -> Self {
        PlainBits(std::array::from_fn(|w| f(self.0[w], other.0[w])))
    }
}

impl Digits for PlainBits {
    const NONE: Self = PlainBits([0; LANES]);

    #[inline(always)]
    fn load(words: &[u32; LANES]) -> Self {
        PlainBits(*words)
    }

    #[inline(always)]
    fn store(self, words: &mut [u32; LANES]) {
        *words = self.0;
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
    fn or(self, other: Self) -> Self {
        self.with(other, |a, b| a | b)
    }

    #[inline(always)]
    fn or_else(self, mask: u32, other: Self) -> Self {
        self.with(other, |a, b| a & mask | b & !mask)
    }

    #[inline(always)]
    fn left<const BITS: u32>(self) -> Self {
        PlainBits(self.0.map(|word| word << BITS))
    }

    #[inline(always)]
    fn right<const BITS: u32>(self) -> Self {
        PlainBits(self.0.map(|word| word >> BITS))
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
        self.0.iter().any(|word| *word != 0)
    }

    #[inline(always)]
    fn fetch(_words: &[u32; LANES]) {}
}
