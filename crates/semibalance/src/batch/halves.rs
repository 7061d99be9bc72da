//! Eight numbers in two AVX registers.

use super::vector::{LANES, Plain, Vector};
use std::arch::x86_64::*;

/// Numbers in a register.
const HALF: usize = LANES / 2;

/// Two AVX registers.
///
/// Its functions are for functions that are compiled for AVX2 and FMA and called where the machine has them:
/// [`super::vector::dispatch`] sees to that.
#[derive(Clone, Copy, Debug)]
pub struct Halves(__m256d, __m256d);

/// An operation on each half.
macro_rules! each {
    ($operation:ident, $($vector:expr),+) => {
        Halves(unsafe { $operation($($vector.0),+) }, unsafe { $operation($($vector.1),+) })
    };
}

/// A condition on each half, as bits.
macro_rules! condition {
    ($kind:ident, $a:expr, $b:expr) => {{
        let [low, high] = unsafe {
            [
                _mm256_movemask_pd(_mm256_cmp_pd::<$kind>($a.0, $b.0)),
                _mm256_movemask_pd(_mm256_cmp_pd::<$kind>($a.1, $b.1)),
            ]
        };
        (low | high << HALF) as u8
    }};
}

/// Bits 0 to 3, or 4 to 7, as a mask of numbers.
#[inline(always)]
fn spread_bits(mask: u8, bits: [i64; HALF]) -> __m256d {
    unsafe {
        let bits = _mm256_setr_epi64x(bits[0], bits[1], bits[2], bits[3]);
        _mm256_castsi256_pd(_mm256_cmpeq_epi64(_mm256_and_si256(_mm256_set1_epi64x(i64::from(mask)), bits), bits))
    }
}

#[inline(always)]
fn transposed(a: __m256d, b: __m256d, c: __m256d, d: __m256d) -> [__m256d; HALF] {
    unsafe {
        let (even, odd) = (_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b));
        let (next_even, next_odd) = (_mm256_unpacklo_pd(c, d), _mm256_unpackhi_pd(c, d));
        [
            _mm256_permute2f128_pd::<0x20>(even, next_even),
            _mm256_permute2f128_pd::<0x20>(odd, next_odd),
            _mm256_permute2f128_pd::<0x31>(even, next_even),
            _mm256_permute2f128_pd::<0x31>(odd, next_odd),
        ]
    }
}

// SAFETY: (all) the instructions exist, by the rule above; loads and stores stay within arrays of eight.
impl Vector for Halves {
    #[inline(always)]
    fn all(value: f64) -> Self {
        let half = unsafe { _mm256_set1_pd(value) };
        Halves(half, half)
    }

    #[inline(always)]
    fn load(values: &[f64]) -> Self {
        let (low, high) = values[..LANES].split_at(HALF);
        unsafe { Halves(_mm256_loadu_pd(low.as_ptr()), _mm256_loadu_pd(high.as_ptr())) }
    }

    #[inline(always)]
    fn store(self) -> [f64; LANES] {
        let mut out = [0.0; LANES];
        self.put(&mut out);
        out
    }

    #[inline(always)]
    fn put(self, values: &mut [f64]) {
        let (low, high) = values[..LANES].split_at_mut(HALF);
        unsafe {
            _mm256_storeu_pd(low.as_mut_ptr(), self.0);
            _mm256_storeu_pd(high.as_mut_ptr(), self.1);
        }
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        each!(_mm256_add_pd, self, other)
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        each!(_mm256_sub_pd, self, other)
    }

    #[inline(always)]
    fn times(self, other: Self) -> Self {
        each!(_mm256_mul_pd, self, other)
    }

    #[inline(always)]
    fn over(self, other: Self) -> Self {
        each!(_mm256_div_pd, self, other)
    }

    #[inline(always)]
    fn plus_product(self, a: Self, b: Self) -> Self {
        each!(_mm256_fmadd_pd, a, b, self)
    }

    #[inline(always)]
    fn minus_product(self, a: Self, b: Self) -> Self {
        each!(_mm256_fnmadd_pd, a, b, self)
    }

    #[inline(always)]
    fn abs(self) -> Self {
        each!(_mm256_andnot_pd, Self::all(-0.0), self)
    }

    /// Of two zeros, and where a number is NaN, the instruction takes the second.
    #[inline(always)]
    fn positive(self) -> Self {
        each!(_mm256_max_pd, self, Self::all(0.0))
    }

    #[inline(always)]
    fn at_most(self, other: Self) -> u8 {
        condition!(_CMP_LE_OQ, self, other)
    }

    #[inline(always)]
    fn above(self, other: Self) -> u8 {
        condition!(_CMP_GT_OQ, self, other)
    }

    #[inline(always)]
    fn choose(mask: u8, yes: Self, no: Self) -> Self {
        let mask = Halves(spread_bits(mask, [1, 2, 4, 8]), spread_bits(mask, [16, 32, 64, 128]));
        each!(_mm256_blendv_pd, no, yes, mask)
    }

    #[inline(always)]
    fn gathered(self, mask: u8) -> Self {
        Self::load(&Plain::load(&self.store()).gathered(mask).store())
    }

    #[inline(always)]
    fn fetch(values: &[f64]) {
        for line in values.chunks(LANES) {
            unsafe { _mm_prefetch::<_MM_HINT_T1>(line.as_ptr().cast()) };
        }
    }

    #[inline(always)]
    fn transposed(block: [Self; LANES]) -> [Self; LANES] {
        let [a, b, c, d, e, f, g, h] = block;
        let (top_left, top_right) = (transposed(a.0, b.0, c.0, d.0), transposed(a.1, b.1, c.1, d.1));
        let (low_left, low_right) = (transposed(e.0, f.0, g.0, h.0), transposed(e.1, f.1, g.1, h.1));
        let mut out = [Self::all(0.0); LANES];
        for k in 0..HALF {
            out[k] = Halves(top_left[k], low_left[k]);
            out[k + HALF] = Halves(top_right[k], low_right[k]);
        }
        out
    }
}
