//! Vectors in two AVX2 registers each.

#![allow(clippy::needless_range_loop, reason = "loops over known places stay in registers")]

mod doubles;

// SAFETY of every block without a comment of its own: it holds intrinsics of this instruction set, which exist where `Isa::run` calls this
// code, and loads and stores of arrays that have the size of the registers. The types here have no name outside the crate.

use crate::singles::POWERS;
use crate::{Doubles, EIGHT, Part, SIXTEEN, Simd, Singles, Words};
use std::arch::x86_64::*;

/// Pairs of 256-bit registers. Its vectors, and what they can do, are reached through [`crate::Isa::run`] alone, which enables the
/// instructions where the machine has them.
#[derive(Clone, Copy, Debug)]
pub struct Avx2;

impl Simd for Avx2 {
    type Singles = Singles256;
    type Words = Words256;
    type Part = Part256;
    type Doubles = Doubles256;
    const FETCHES: bool = true;
}

#[derive(Clone, Copy, Debug)]
pub struct Singles256(__m256, __m256);

#[derive(Clone, Copy, Debug)]
pub struct Words256(__m256i, __m256i);

#[derive(Clone, Copy, Debug)]
pub struct Doubles256(__m256d, __m256d);

/// Doubles in a register.
const HALF: usize = EIGHT / 2;

/// For each mask of eight, the places of those in it, one byte each.
static PACKED: [u64; 256] = {
    let (mut all, mut mask) = ([0; 256], 0);
    while mask < 256 {
        let (mut place, mut count) = (0, 0);
        while place < 8 {
            if mask >> place & 1 == 1 {
                all[mask] |= place << (8 * count);
                count += 1;
            }
            place += 1;
        }
        mask += 1;
    }
    all
};

/// For each mask of eight, where each of those in it stands among them, one byte each.
static SPREAD: [u64; 256] = {
    let (mut all, mut mask) = ([0; 256], 0);
    while mask < 256 {
        let (mut place, mut count) = (0, 0);
        while place < 8 {
            if mask >> place & 1 == 1 {
                all[mask] |= count << (8 * place);
                count += 1;
            }
            place += 1;
        }
        mask += 1;
    }
    all
};

/// For each mask of eight, the bytes at which numbers of 16 bits in it stand; 0x80 makes those not in it 0.
static PAIRS: [[u8; 16]; 256] = {
    let (mut all, mut mask) = ([[0x80; 16]; 256], 0);
    while mask < 256 {
        let mut place = 0;
        while place < 8 {
            if mask >> place & 1 == 1 {
                let from = 2 * (SPREAD[mask] >> (8 * place) & 0xff) as u8;
                all[mask][2 * place] = from;
                all[mask][2 * place + 1] = from + 1;
            }
            place += 1;
        }
        mask += 1;
    }
    all
};

/// Eight places, from one byte each.
#[inline(always)]
fn places(of: &'static [u64; 256], mask: u8) -> __m256i {
    unsafe { _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(of[mask as usize] as i64)) }
}

/// Four rows: each half of the result j holds the column j of that half.
#[inline(always)]
fn columns(a: __m256, b: __m256, c: __m256, d: __m256) -> [__m256; 4] {
    unsafe {
        let (low, high) = (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
        let (next_low, next_high) = (_mm256_unpacklo_ps(c, d), _mm256_unpackhi_ps(c, d));
        let (low, high) = (_mm256_castps_pd(low), _mm256_castps_pd(high));
        let (next_low, next_high) = (_mm256_castps_pd(next_low), _mm256_castps_pd(next_high));
        [
            _mm256_castpd_ps(_mm256_unpacklo_pd(low, next_low)),
            _mm256_castpd_ps(_mm256_unpackhi_pd(low, next_low)),
            _mm256_castpd_ps(_mm256_unpacklo_pd(high, next_high)),
            _mm256_castpd_ps(_mm256_unpackhi_pd(high, next_high)),
        ]
    }
}

/// Transpose of eight numbers, from `first` on, of eight rows.
#[inline(always)]
fn eight_rows(rows: &[[f32; SIXTEEN]], first: usize) -> [__m256; 8] {
    let mut own = [unsafe { _mm256_setzero_ps() }; 8];
    for (own, row) in own.iter_mut().zip(rows) {
        *own = unsafe { _mm256_loadu_ps(row[first..first + 8].as_ptr()) };
    }
    let [a, b, c, d, e, f, g, h] = own;
    let (upper, lower) = (columns(a, b, c, d), columns(e, f, g, h));
    let mut out = own;
    for k in 0..4 {
        unsafe {
            out[k] = _mm256_permute2f128_ps::<0x20>(upper[k], lower[k]);
            out[k + 4] = _mm256_permute2f128_ps::<0x31>(upper[k], lower[k]);
        }
    }
    out
}

/// Writes eight numbers, from `first` on, of eight rows.
#[inline(always)]
fn put_rows(rows: &mut [[f32; SIXTEEN]], first: usize, own: [__m256; 8]) {
    for (own, row) in own.into_iter().zip(rows) {
        unsafe { _mm256_storeu_ps(row[first..first + 8].as_mut_ptr(), own) };
    }
}

/// Transposes eight numbers, from `first` on, of eight rows in place.
#[inline(always)]
fn turn(rows: &mut [[f32; SIXTEEN]], first: usize) {
    let turned = eight_rows(rows, first);
    put_rows(rows, first, turned);
}

/// All bits of lane l where bit l of the mask is set.
#[inline(always)]
fn spread(mask: u8) -> __m256i {
    unsafe {
        let bits = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
        _mm256_cmpeq_epi32(_mm256_and_si256(_mm256_set1_epi32(i32::from(mask)), bits), bits)
    }
}

/// The numbers of the mask side by side; what follows them is not specified.
#[inline(always)]
fn packed(own: __m256i, mask: u8) -> __m256i {
    unsafe { _mm256_permutevar8x32_epi32(own, places(&PACKED, mask)) }
}

/// Eight lanes of [`Words::load_sparse`].
///
/// # Safety
/// `packed` may be read for eight words.
#[inline(always)]
unsafe fn sparse(packed: *const u32, mask: u8) -> __m256i {
    // SAFETY: the caller lets eight words be read.
    unsafe {
        let own = _mm256_permutevar8x32_epi32(_mm256_loadu_si256(packed.cast()), places(&SPREAD, mask));
        _mm256_and_si256(own, spread(mask))
    }
}

/// Eight lanes of [`Words::load_packed`].
///
/// # Safety
/// `packed` may be read for eight numbers.
#[inline(always)]
unsafe fn eight_packed(packed: *const u16, mask: u8) -> __m128i {
    // SAFETY: the caller lets eight numbers be read.
    unsafe { _mm_shuffle_epi8(_mm_loadu_si128(packed.cast()), _mm_loadu_si128(PAIRS[mask as usize].as_ptr().cast())) }
}

/// 2^(k/8), see [`Singles::power`].
#[inline(always)]
fn power(k: __m256) -> __m256 {
    unsafe {
        // A permutation looks at the lowest three bits alone.
        let k = _mm256_castps_si256(k);
        let power = _mm256_permutevar8x32_epi32(_mm256_loadu_si256(POWERS.as_ptr().cast()), k);
        _mm256_castsi256_ps(_mm256_add_epi32(power, _mm256_slli_epi32::<20>(k)))
    }
}

/// The weight times the integer in the lowest four bits.
#[inline(always)]
fn multiple(weight: __m256, counts: __m256i) -> __m256 {
    unsafe { _mm256_mul_ps(weight, _mm256_cvtepi32_ps(_mm256_and_si256(counts, _mm256_set1_epi32(15)))) }
}

impl Singles for Singles256 {
    type Words = Words256;
    type Multiples = __m256;

    #[inline(always)]
    fn all(value: f32) -> Self {
        unsafe { Singles256(_mm256_set1_ps(value), _mm256_set1_ps(value)) }
    }

    #[inline(always)]
    fn load(values: &[f32; SIXTEEN]) -> Self {
        unsafe { Singles256(_mm256_loadu_ps(values.as_ptr()), _mm256_loadu_ps(values[8..].as_ptr())) }
    }

    #[inline(always)]
    fn store(self, values: &mut [f32; SIXTEEN]) {
        unsafe {
            _mm256_storeu_ps(values.as_mut_ptr(), self.0);
            _mm256_storeu_ps(values[8..].as_mut_ptr(), self.1);
        }
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        unsafe { Singles256(_mm256_add_ps(self.0, other.0), _mm256_add_ps(self.1, other.1)) }
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        unsafe { Singles256(_mm256_sub_ps(self.0, other.0), _mm256_sub_ps(self.1, other.1)) }
    }

    #[inline(always)]
    fn times(self, other: Self) -> Self {
        unsafe { Singles256(_mm256_mul_ps(self.0, other.0), _mm256_mul_ps(self.1, other.1)) }
    }

    #[inline(always)]
    fn or_where(self, mask: u16, other: Self) -> Self {
        unsafe {
            let (low, high) = (_mm256_castsi256_ps(spread(mask as u8)), _mm256_castsi256_ps(spread((mask >> 8) as u8)));
            Singles256(_mm256_blendv_ps(self.0, other.0, low), _mm256_blendv_ps(self.1, other.1, high))
        }
    }

    #[inline(always)]
    fn larger(self, other: Self) -> Self {
        unsafe { Singles256(_mm256_max_ps(self.0, other.0), _mm256_max_ps(self.1, other.1)) }
    }

    #[inline(always)]
    fn smaller(self, other: Self) -> Self {
        unsafe { Singles256(_mm256_min_ps(self.0, other.0), _mm256_min_ps(self.1, other.1)) }
    }

    #[inline(always)]
    fn at_least(self, other: Self) -> u16 {
        unsafe {
            let low = _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_GE_OQ>(self.0, other.0));
            let high = _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_GE_OQ>(self.1, other.1));
            (low | high << 8) as u16
        }
    }

    #[inline(always)]
    fn above(self, other: Self) -> u16 {
        unsafe {
            let low = _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_GT_OQ>(self.0, other.0));
            let high = _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_GT_OQ>(self.1, other.1));
            (low | high << 8) as u16
        }
    }

    #[inline(always)]
    fn of_bits(words: Words256) -> Self {
        unsafe { Singles256(_mm256_castsi256_ps(words.0), _mm256_castsi256_ps(words.1)) }
    }

    #[inline(always)]
    fn rounded(self) -> Words256 {
        unsafe { Words256(_mm256_cvtps_epi32(self.0), _mm256_cvtps_epi32(self.1)) }
    }

    #[inline(always)]
    fn pack(self, mask: u16, values: &mut [f32; SIXTEEN]) {
        let [low, high] = [mask as u8, (mask >> 8) as u8];
        unsafe {
            let [own, other] = [_mm256_castps_si256(self.0), _mm256_castps_si256(self.1)];
            _mm256_storeu_si256(values.as_mut_ptr().cast(), packed(own, low));
            // At most 8 + 8 numbers.
            _mm256_storeu_si256(values.as_mut_ptr().add(low.count_ones() as usize).cast(), packed(other, high));
        }
    }

    #[inline(always)]
    fn transpose(block: &mut [[f32; SIXTEEN]; SIXTEEN]) {
        let (top, low) = block.split_at_mut(8);
        turn(top, 0);
        turn(low, 8);
        // The other two quarters change places.
        let (right, left) = (eight_rows(top, 8), eight_rows(low, 0));
        put_rows(top, 8, left);
        put_rows(low, 0, right);
    }

    const FEW_PAY: bool = true;

    /// A table of eight if `FEW`, which one permutation looks up by the lowest three bits; else the weight.
    #[inline(always)]
    fn multiples<const FEW: bool>(weight: f32) -> __m256 {
        let all = unsafe { _mm256_set1_ps(weight) };
        if FEW { unsafe { _mm256_mul_ps(all, _mm256_setr_ps(0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0)) } } else { all }
    }

    #[inline(always)]
    fn multiple<const FEW: bool>(of: __m256, counts: Words256) -> Self {
        if FEW {
            unsafe { Singles256(_mm256_permutevar8x32_ps(of, counts.0), _mm256_permutevar8x32_ps(of, counts.1)) }
        } else {
            Singles256(multiple(of, counts.0), multiple(of, counts.1))
        }
    }

    #[inline(always)]
    fn power(self) -> Self {
        Singles256(power(self.0), power(self.1))
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Part256(__m256);

impl Part for Part256 {
    const COUNT: usize = 2;

    #[inline(always)]
    fn all(value: f32) -> Self {
        Part256(unsafe { _mm256_set1_ps(value) })
    }

    #[inline(always)]
    fn load(values: &[f32; SIXTEEN], part: usize) -> Self {
        let own: &[f32; 8] = &values.as_chunks().0[part];
        Part256(unsafe { _mm256_loadu_ps(own.as_ptr()) })
    }

    #[inline(always)]
    fn store(self, values: &mut [f32; SIXTEEN], part: usize) {
        let own: &mut [f32; 8] = &mut values.as_chunks_mut().0[part];
        unsafe { _mm256_storeu_ps(own.as_mut_ptr(), self.0) };
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Part256(unsafe { _mm256_add_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        Part256(unsafe { _mm256_sub_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn times(self, other: Self) -> Self {
        Part256(unsafe { _mm256_mul_ps(self.0, other.0) })
    }
}

impl Words for Words256 {
    const NONE: Self = unsafe { std::mem::zeroed() };

    #[inline(always)]
    fn load(words: &[u32; SIXTEEN]) -> Self {
        unsafe { Words256(_mm256_loadu_si256(words.as_ptr().cast()), _mm256_loadu_si256(words[8..].as_ptr().cast())) }
    }

    #[inline(always)]
    fn store(self, words: &mut [u32; SIXTEEN]) {
        unsafe {
            _mm256_storeu_si256(words.as_mut_ptr().cast(), self.0);
            _mm256_storeu_si256(words[8..].as_mut_ptr().cast(), self.1);
        }
    }

    #[inline(always)]
    fn all(word: u32) -> Self {
        let half = unsafe { _mm256_set1_epi32(word as i32) };
        Words256(half, half)
    }

    #[inline(always)]
    fn load_pairs(pairs: &[u16; 2 * SIXTEEN]) -> Self {
        let (low, high) = pairs.split_at(SIXTEEN);
        unsafe { Words256(_mm256_loadu_si256(low.as_ptr().cast()), _mm256_loadu_si256(high.as_ptr().cast())) }
    }

    #[inline(always)]
    unsafe fn load_packed(mask: u32, packed: *const u16) -> Self {
        let [a, b, c, d] = mask.to_le_bytes();
        // SAFETY: the caller lets 32 numbers be read: at most eight for each byte of the mask before, and eight.
        unsafe {
            let low = eight_packed(packed, a);
            let packed = packed.add(a.count_ones() as usize);
            let second = eight_packed(packed, b);
            let packed = packed.add(b.count_ones() as usize);
            let third = eight_packed(packed, c);
            let packed = packed.add(c.count_ones() as usize);
            Words256(_mm256_set_m128i(second, low), _mm256_set_m128i(eight_packed(packed, d), third))
        }
    }

    #[inline(always)]
    unsafe fn load_sparse(mask: u16, packed: *const u32) -> Self {
        let [low, high] = [mask as u8, (mask >> 8) as u8];
        // SAFETY: the caller lets sixteen words be read: eight, and eight after at most eight.
        unsafe { Words256(sparse(packed, low), sparse(packed.add(low.count_ones() as usize), high)) }
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        unsafe { Words256(_mm256_add_epi32(self.0, other.0), _mm256_add_epi32(self.1, other.1)) }
    }

    #[inline(always)]
    fn pack(self, mask: u16, words: &mut [u32; SIXTEEN]) {
        let [low, high] = [mask as u8, (mask >> 8) as u8];
        unsafe {
            _mm256_storeu_si256(words.as_mut_ptr().cast(), packed(self.0, low));
            // At most 8 + 8 words.
            _mm256_storeu_si256(words.as_mut_ptr().add(low.count_ones() as usize).cast(), packed(self.1, high));
        }
    }

    #[inline(always)]
    fn fetch<T>(address: *const T) {
        // A prefetch of any address is harmless.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(address.cast()) };
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        unsafe { Words256(_mm256_and_si256(self.0, other.0), _mm256_and_si256(self.1, other.1)) }
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        unsafe { Words256(_mm256_xor_si256(self.0, other.0), _mm256_xor_si256(self.1, other.1)) }
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        unsafe { Words256(_mm256_or_si256(self.0, other.0), _mm256_or_si256(self.1, other.1)) }
    }

    #[inline(always)]
    fn or_else(self, mask: u32, other: Self) -> Self {
        let mask = Self::all(mask);
        unsafe {
            let (low, high) = (_mm256_andnot_si256(mask.0, other.0), _mm256_andnot_si256(mask.1, other.1));
            self.and(mask).or(Words256(low, high))
        }
    }

    #[inline(always)]
    fn left<const BITS: u32>(self) -> Self {
        let count = unsafe { _mm_cvtsi32_si128(BITS as i32) };
        unsafe { Words256(_mm256_sll_epi32(self.0, count), _mm256_sll_epi32(self.1, count)) }
    }

    #[inline(always)]
    fn right<const BITS: u32>(self) -> Self {
        let count = unsafe { _mm_cvtsi32_si128(BITS as i32) };
        unsafe { Words256(_mm256_srl_epi32(self.0, count), _mm256_srl_epi32(self.1, count)) }
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
        unsafe { _mm256_testz_si256(self.0, self.0) == 0 || _mm256_testz_si256(self.1, self.1) == 0 }
    }
}
