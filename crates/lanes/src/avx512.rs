//! Vectors in one AVX-512 register each.

#![allow(clippy::needless_range_loop, reason = "loops over known places stay in registers")]

// SAFETY of every block without a comment of its own: it holds intrinsics of this instruction set, which exist where `Isa::run` calls this
// code, and loads and stores of arrays that have the size of the registers. The types here have no name outside the crate.

use crate::singles::POWERS;
use crate::{Doubles, EIGHT, Part, SIXTEEN, Simd, Singles, Words};
use std::arch::x86_64::*;

/// 512-bit registers. Its vectors, and what they can do, are reached through [`crate::Isa::run`] alone, which enables the instructions
/// where the machine has them.
#[derive(Clone, Copy, Debug)]
pub struct Avx512;

impl Simd for Avx512 {
    type Singles = Singles512;
    type Words = Words512;
    type Part = Part512;
    type Doubles = Doubles512;
    const FETCHES: bool = false;
}

#[derive(Clone, Copy, Debug)]
pub struct Singles512(__m512);

#[derive(Clone, Copy, Debug)]
pub struct Words512(__m512i);

#[derive(Clone, Copy, Debug)]
pub struct Doubles512(__m512d);

impl Singles for Singles512 {
    type Words = Words512;
    type Multiples = Self;

    #[inline(always)]
    fn all(value: f32) -> Self {
        Singles512(unsafe { _mm512_set1_ps(value) })
    }

    #[inline(always)]
    fn load(values: &[f32; SIXTEEN]) -> Self {
        Singles512(unsafe { _mm512_loadu_ps(values.as_ptr()) })
    }

    #[inline(always)]
    fn store(self, values: &mut [f32; SIXTEEN]) {
        unsafe { _mm512_storeu_ps(values.as_mut_ptr(), self.0) };
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Singles512(unsafe { _mm512_add_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        Singles512(unsafe { _mm512_sub_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn times(self, other: Self) -> Self {
        Singles512(unsafe { _mm512_mul_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn or_where(self, mask: u16, other: Self) -> Self {
        Singles512(unsafe { _mm512_mask_blend_ps(mask, self.0, other.0) })
    }

    #[inline(always)]
    fn larger(self, other: Self) -> Self {
        Singles512(unsafe { _mm512_max_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn smaller(self, other: Self) -> Self {
        Singles512(unsafe { _mm512_min_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn at_least(self, other: Self) -> u16 {
        unsafe { _mm512_cmp_ps_mask::<_CMP_GE_OQ>(self.0, other.0) }
    }

    #[inline(always)]
    fn above(self, other: Self) -> u16 {
        unsafe { _mm512_cmp_ps_mask::<_CMP_GT_OQ>(self.0, other.0) }
    }

    #[inline(always)]
    fn of_bits(words: Words512) -> Self {
        Singles512(unsafe { _mm512_castsi512_ps(words.0) })
    }

    #[inline(always)]
    fn rounded(self) -> Words512 {
        Words512(unsafe { _mm512_cvtps_epi32(self.0) })
    }

    /// A compressed register is stored whole: stores of a part are slow on some machines.
    #[inline(always)]
    fn pack(self, mask: u16, values: &mut [f32; SIXTEEN]) {
        unsafe { _mm512_storeu_ps(values.as_mut_ptr(), _mm512_maskz_compress_ps(mask, self.0)) };
    }

    const FEW_PAY: bool = false;

    #[inline(always)]
    fn transpose(block: &mut [[f32; SIXTEEN]; SIXTEEN]) {
        let mut rows = [[Self::all(0.0).0; 4]; 4];
        for k in 0..4 {
            rows[k] = columns(&block[4 * k..4 * k + 4]);
        }
        let mut out = [Self::all(0.0); SIXTEEN];
        for k in 0..4 {
            unsafe {
                // Quarters 0 and 2, then 1 and 3.
                let (even, odd) = (
                    _mm512_shuffle_f32x4::<0x88>(rows[0][k], rows[1][k]),
                    _mm512_shuffle_f32x4::<0xdd>(rows[0][k], rows[1][k]),
                );
                let (next_even, next_odd) = (
                    _mm512_shuffle_f32x4::<0x88>(rows[2][k], rows[3][k]),
                    _mm512_shuffle_f32x4::<0xdd>(rows[2][k], rows[3][k]),
                );
                out[k] = Singles512(_mm512_shuffle_f32x4::<0x88>(even, next_even));
                out[k + 4] = Singles512(_mm512_shuffle_f32x4::<0x88>(odd, next_odd));
                out[k + 8] = Singles512(_mm512_shuffle_f32x4::<0xdd>(even, next_even));
                out[k + 12] = Singles512(_mm512_shuffle_f32x4::<0xdd>(odd, next_odd));
            }
        }
        for (own, row) in out.into_iter().zip(block) {
            own.store(row);
        }
    }

    /// A table: looking up takes one permutation.
    #[inline(always)]
    fn multiples<const FEW: bool>(weight: f32) -> Self {
        Self::load(&std::array::from_fn(|count| count as f32 * weight))
    }

    #[inline(always)]
    fn multiple<const FEW: bool>(table: Self, counts: Words512) -> Self {
        Singles512(unsafe { _mm512_permutexvar_ps(counts.0, table.0) })
    }

    #[inline(always)]
    fn power(self) -> Self {
        unsafe {
            let k = _mm512_castps_si512(self.0);
            let powers = _mm512_broadcast_i64x4(_mm256_loadu_si256(POWERS.as_ptr().cast()));
            let power = _mm512_permutexvar_epi32(k, powers);
            Singles512(_mm512_castsi512_ps(_mm512_add_epi32(power, _mm512_slli_epi32::<20>(k))))
        }
    }
}

/// Four rows: each quarter of the result j holds the column j of that quarter.
#[inline(always)]
fn columns(rows: &[[f32; SIXTEEN]]) -> [__m512; 4] {
    let [a, b, c, d] = [
        Singles512::load(&rows[0]),
        Singles512::load(&rows[1]),
        Singles512::load(&rows[2]),
        Singles512::load(&rows[3]),
    ];
    unsafe {
        let (low, high) = (_mm512_unpacklo_ps(a.0, b.0), _mm512_unpackhi_ps(a.0, b.0));
        let (next_low, next_high) = (_mm512_unpacklo_ps(c.0, d.0), _mm512_unpackhi_ps(c.0, d.0));
        let (low, high) = (_mm512_castps_pd(low), _mm512_castps_pd(high));
        let (next_low, next_high) = (_mm512_castps_pd(next_low), _mm512_castps_pd(next_high));
        [
            _mm512_castpd_ps(_mm512_unpacklo_pd(low, next_low)),
            _mm512_castpd_ps(_mm512_unpackhi_pd(low, next_low)),
            _mm512_castpd_ps(_mm512_unpacklo_pd(high, next_high)),
            _mm512_castpd_ps(_mm512_unpackhi_pd(high, next_high)),
        ]
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Part512(__m512);

impl Part for Part512 {
    const COUNT: usize = 1;

    #[inline(always)]
    fn all(value: f32) -> Self {
        Part512(unsafe { _mm512_set1_ps(value) })
    }

    #[inline(always)]
    fn load(values: &[f32; SIXTEEN], part: usize) -> Self {
        let own: &[f32; 16] = &values.as_chunks().0[part];
        Part512(unsafe { _mm512_loadu_ps(own.as_ptr()) })
    }

    #[inline(always)]
    fn store(self, values: &mut [f32; SIXTEEN], part: usize) {
        let own: &mut [f32; 16] = &mut values.as_chunks_mut().0[part];
        unsafe { _mm512_storeu_ps(own.as_mut_ptr(), self.0) };
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Part512(unsafe { _mm512_add_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        Part512(unsafe { _mm512_sub_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn times(self, other: Self) -> Self {
        Part512(unsafe { _mm512_mul_ps(self.0, other.0) })
    }
}

impl Words for Words512 {
    const NONE: Self = Words512(unsafe { std::mem::zeroed() });

    #[inline(always)]
    fn load(words: &[u32; SIXTEEN]) -> Self {
        Words512(unsafe { _mm512_loadu_si512(words.as_ptr().cast()) })
    }

    #[inline(always)]
    fn store(self, words: &mut [u32; SIXTEEN]) {
        unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), self.0) };
    }

    #[inline(always)]
    fn all(word: u32) -> Self {
        Words512(unsafe { _mm512_set1_epi32(word as i32) })
    }

    #[inline(always)]
    fn load_pairs(pairs: &[u16; 2 * SIXTEEN]) -> Self {
        Words512(unsafe { _mm512_loadu_si512(pairs.as_ptr().cast()) })
    }

    #[inline(always)]
    unsafe fn load_packed(mask: u32, packed: *const u16) -> Self {
        // SAFETY: the caller lets 32 numbers be read.
        Words512(unsafe { _mm512_maskz_expand_epi16(mask, _mm512_loadu_si512(packed.cast())) })
    }

    #[inline(always)]
    unsafe fn load_sparse(mask: u16, packed: *const u32) -> Self {
        // SAFETY: the caller lets sixteen words be read.
        Words512(unsafe { _mm512_maskz_expand_epi32(mask, _mm512_loadu_si512(packed.cast())) })
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Words512(unsafe { _mm512_add_epi32(self.0, other.0) })
    }

    #[inline(always)]
    fn pack(self, mask: u16, words: &mut [u32; SIXTEEN]) {
        unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), _mm512_maskz_compress_epi32(mask, self.0)) };
    }

    #[inline(always)]
    fn fetch<T>(address: *const T) {
        // A prefetch of any address is harmless.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(address.cast()) };
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Words512(unsafe { _mm512_and_si512(self.0, other.0) })
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        Words512(unsafe { _mm512_xor_si512(self.0, other.0) })
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        Words512(unsafe { _mm512_or_si512(self.0, other.0) })
    }

    #[inline(always)]
    fn or_else(self, mask: u32, other: Self) -> Self {
        Words512(unsafe { _mm512_ternarylogic_epi32::<0xca>(_mm512_set1_epi32(mask as i32), self.0, other.0) })
    }

    #[inline(always)]
    fn left<const BITS: u32>(self) -> Self {
        Words512(unsafe { _mm512_slli_epi32::<BITS>(self.0) })
    }

    #[inline(always)]
    fn right<const BITS: u32>(self) -> Self {
        Words512(unsafe { _mm512_srli_epi32::<BITS>(self.0) })
    }

    #[inline(always)]
    fn odd(self, b: Self, c: Self) -> Self {
        Words512(unsafe { _mm512_ternarylogic_epi32::<0x96>(self.0, b.0, c.0) })
    }

    #[inline(always)]
    fn carried(self, b: Self, c: Self) -> Self {
        Words512(unsafe { _mm512_ternarylogic_epi32::<0xe8>(self.0, b.0, c.0) })
    }

    #[inline(always)]
    fn any(self) -> bool {
        unsafe { _mm512_test_epi32_mask(self.0, self.0) != 0 }
    }
}

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

impl Doubles for Doubles512 {
    type Condition = u8;

    #[inline(always)]
    fn not_above(self, other: Self) -> u8 {
        unsafe { _mm512_cmp_pd_mask::<_CMP_LE_OQ>(self.0, other.0) }
    }

    #[inline(always)]
    fn exceeds(self, other: Self) -> u8 {
        unsafe { _mm512_cmp_pd_mask::<_CMP_GT_OQ>(self.0, other.0) }
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

    #[inline(always)]
    fn all(value: f64) -> Self {
        Doubles512(unsafe { _mm512_set1_pd(value) })
    }

    #[inline(always)]
    fn load(values: &[f64]) -> Self {
        let values = &values[..EIGHT];
        Doubles512(unsafe { _mm512_loadu_pd(values.as_ptr()) })
    }

    #[inline(always)]
    fn store(self) -> [f64; EIGHT] {
        let mut out = [0.0; EIGHT];
        unsafe { _mm512_storeu_pd(out.as_mut_ptr(), self.0) };
        out
    }

    #[inline(always)]
    fn put(self, values: &mut [f64]) {
        let values = &mut values[..EIGHT];
        unsafe { _mm512_storeu_pd(values.as_mut_ptr(), self.0) };
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Doubles512(unsafe { _mm512_add_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        Doubles512(unsafe { _mm512_sub_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn times(self, other: Self) -> Self {
        Doubles512(unsafe { _mm512_mul_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn over(self, other: Self) -> Self {
        Doubles512(unsafe { _mm512_div_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn abs(self) -> Self {
        Doubles512(unsafe { _mm512_abs_pd(self.0) })
    }

    /// Takes the second of two zeros, and where a number is NaN, as the instruction does.
    #[inline(always)]
    fn positive(self) -> Self {
        Doubles512(unsafe { _mm512_max_pd(self.0, _mm512_setzero_pd()) })
    }

    #[inline(always)]
    fn choose(mask: u8, yes: Self, no: Self) -> Self {
        Doubles512(unsafe { _mm512_mask_blend_pd(mask, no.0, yes.0) })
    }

    #[inline(always)]
    fn gathered(self, mask: u8) -> Self {
        Doubles512(unsafe { _mm512_maskz_compress_pd(mask, self.0) })
    }

    #[inline(always)]
    fn fetch(values: &[f64]) {
        for line in values.chunks(EIGHT) {
            unsafe { _mm_prefetch::<_MM_HINT_T1>(line.as_ptr().cast()) };
        }
    }

    /// Pairs, then quarters, then halves are exchanged.
    #[inline(always)]
    fn transposed(block: [Self; EIGHT]) -> [Self; EIGHT] {
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
        [
            Doubles512(a),
            Doubles512(b),
            Doubles512(c),
            Doubles512(d),
            Doubles512(e),
            Doubles512(f),
            Doubles512(g),
            Doubles512(h),
        ]
    }
}
