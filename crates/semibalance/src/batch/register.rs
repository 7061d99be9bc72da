//! Eight numbers in AVX-512 registers.

use super::vector::{LANES, Vector};
use std::arch::x86_64::*;

/// One AVX-512 register.
///
/// Its functions are for functions that are compiled for AVX-512 and called where the machine has it: [`super::vector::dispatch`] sees to that.
#[derive(Clone, Copy, Debug)]
pub struct Register(__m512d);

#[inline(always)]
fn pairs(a: __m512d, b: __m512d) -> (__m512d, __m512d) {
    unsafe { (_mm512_unpacklo_pd(a, b), _mm512_unpackhi_pd(a, b)) }
}

/// The even numbers of both pairs of pairs, and the odd ones.
#[inline(always)]
fn quarters(a: __m512d, b: __m512d) -> (__m512d, __m512d) {
    unsafe {
        let low = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
        let high = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
        (_mm512_permutex2var_pd(a, low, b), _mm512_permutex2var_pd(a, high, b))
    }
}

#[inline(always)]
fn halves(a: __m512d, b: __m512d) -> (__m512d, __m512d) {
    unsafe { (_mm512_shuffle_f64x2::<0b01_00_01_00>(a, b), _mm512_shuffle_f64x2::<0b11_10_11_10>(a, b)) }
}

// SAFETY: (all) the instructions exist, by the rule above; loads and stores stay within arrays of eight.
impl Vector for Register {
    #[inline(always)]
    fn all(value: f64) -> Self {
        Register(unsafe { _mm512_set1_pd(value) })
    }

    #[inline(always)]
    fn load(values: &[f64]) -> Self {
        let values = &values[..LANES];
        Register(unsafe { _mm512_loadu_pd(values.as_ptr()) })
    }

    #[inline(always)]
    fn store(self) -> [f64; LANES] {
        let mut out = [0.0; LANES];
        unsafe { _mm512_storeu_pd(out.as_mut_ptr(), self.0) };
        out
    }

    #[inline(always)]
    fn put(self, values: &mut [f64]) {
        let values = &mut values[..LANES];
        unsafe { _mm512_storeu_pd(values.as_mut_ptr(), self.0) };
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Register(unsafe { _mm512_add_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        Register(unsafe { _mm512_sub_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn times(self, other: Self) -> Self {
        Register(unsafe { _mm512_mul_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn over(self, other: Self) -> Self {
        Register(unsafe { _mm512_div_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn plus_product(self, a: Self, b: Self) -> Self {
        Register(unsafe { _mm512_fmadd_pd(a.0, b.0, self.0) })
    }

    #[inline(always)]
    fn minus_product(self, a: Self, b: Self) -> Self {
        Register(unsafe { _mm512_fnmadd_pd(a.0, b.0, self.0) })
    }

    #[inline(always)]
    fn abs(self) -> Self {
        Register(unsafe { _mm512_abs_pd(self.0) })
    }

    /// Of two zeros, and where a number is NaN, the instruction takes the second.
    #[inline(always)]
    fn positive(self) -> Self {
        Register(unsafe { _mm512_max_pd(self.0, _mm512_setzero_pd()) })
    }

    #[inline(always)]
    fn at_most(self, other: Self) -> u8 {
        unsafe { _mm512_cmp_pd_mask::<_CMP_LE_OQ>(self.0, other.0) }
    }

    #[inline(always)]
    fn above(self, other: Self) -> u8 {
        unsafe { _mm512_cmp_pd_mask::<_CMP_GT_OQ>(self.0, other.0) }
    }

    #[inline(always)]
    fn choose(mask: u8, yes: Self, no: Self) -> Self {
        Register(unsafe { _mm512_mask_blend_pd(mask, no.0, yes.0) })
    }

    #[inline(always)]
    fn gathered(self, mask: u8) -> Self {
        Register(unsafe { _mm512_maskz_compress_pd(mask, self.0) })
    }

    #[inline(always)]
    fn fetch(values: &[f64]) {
        for line in values.chunks(LANES) {
            unsafe { _mm_prefetch::<_MM_HINT_T1>(line.as_ptr().cast()) };
        }
    }

    /// Pairs, then quarters, then halves are exchanged.
    #[inline(always)]
    fn transposed(block: [Self; LANES]) -> [Self; LANES] {
        let [a, b, c, d, e, f, g, h] = block;
        let (a, b) = pairs(a.0, b.0);
        let (c, d) = pairs(c.0, d.0);
        let (e, f) = pairs(e.0, f.0);
        let (g, h) = pairs(g.0, h.0);
        let (a, c) = quarters(a, c);
        let (b, d) = quarters(b, d);
        let (e, g) = quarters(e, g);
        let (f, h) = quarters(f, h);
        let (a, e) = halves(a, e);
        let (b, f) = halves(b, f);
        let (c, g) = halves(c, g);
        let (d, h) = halves(d, h);
        [Register(a), Register(b), Register(c), Register(d), Register(e), Register(f), Register(g), Register(h)]
    }
}
