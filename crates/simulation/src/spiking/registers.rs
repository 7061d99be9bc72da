//! Sixteen numbers in one AVX-512 register, or in two of AVX2.
//!
//! Their functions are for functions that are compiled for these instructions and called where the machine has them:
//! [`super::lanes::Machine::run`] sees to that.

use super::lanes::{Digits, LANES, Lanes, POWERS};
use std::arch::x86_64::*;

/// One AVX-512 register.
#[derive(Clone, Copy, Debug)]
pub struct Avx512(__m512);

/// One AVX-512 register of bits.
#[derive(Clone, Copy, Debug)]
pub struct Bits512(__m512i);

// SAFETY: (all) the instructions exist, by the rule above; loads and stores are of arrays of the register's size.
impl Lanes for Avx512 {
    type Bits = Bits512;

    #[inline(always)]
    fn all(value: f32) -> Self {
        Avx512(unsafe { _mm512_set1_ps(value) })
    }

    #[inline(always)]
    fn load(values: &[f32; LANES]) -> Self {
        Avx512(unsafe { _mm512_loadu_ps(values.as_ptr()) })
    }

    #[inline(always)]
    fn store(self, values: &mut [f32; LANES]) {
        unsafe { _mm512_storeu_ps(values.as_mut_ptr(), self.0) };
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Avx512(unsafe { _mm512_add_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        Avx512(unsafe { _mm512_sub_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn times(self, other: Self) -> Self {
        Avx512(unsafe { _mm512_mul_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn times_plus(self, a: Self, b: Self) -> Self {
        Avx512(unsafe { _mm512_fmadd_ps(self.0, a.0, b.0) })
    }

    #[inline(always)]
    fn or_where(self, mask: u16, other: Self) -> Self {
        Avx512(unsafe { _mm512_mask_blend_ps(mask, self.0, other.0) })
    }

    #[inline(always)]
    fn larger(self, other: Self) -> Self {
        Avx512(unsafe { _mm512_max_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn smaller(self, other: Self) -> Self {
        Avx512(unsafe { _mm512_min_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn at_least(self, other: Self) -> u16 {
        unsafe { _mm512_cmp_ps_mask::<_CMP_GE_OQ>(self.0, other.0) }
    }

    #[inline(always)]
    fn entries(self, places: Bits512) -> Self {
        Avx512(unsafe { _mm512_permutexvar_ps(places.0, self.0) })
    }

    #[inline(always)]
    fn power(self) -> Self {
        Avx512(unsafe {
            let (low, high) =
                (_mm512_loadu_si512(POWERS.as_ptr().cast()), _mm512_loadu_si512(POWERS[16..].as_ptr().cast()));
            let k = _mm512_castps_si512(self.0);
            let power = _mm512_permutex2var_epi32(low, k, high);
            _mm512_castsi512_ps(_mm512_add_epi32(power, _mm512_slli_epi32::<18>(k)))
        })
    }
}

impl Digits for Bits512 {
    const NONE: Self = Bits512(unsafe { std::mem::zeroed() });

    #[inline(always)]
    fn load(words: &[u32; LANES]) -> Self {
        Bits512(unsafe { _mm512_loadu_si512(words.as_ptr().cast()) })
    }

    #[inline(always)]
    fn store(self, words: &mut [u32; LANES]) {
        unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), self.0) };
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Bits512(unsafe { _mm512_and_si512(self.0, other.0) })
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        Bits512(unsafe { _mm512_xor_si512(self.0, other.0) })
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        Bits512(unsafe { _mm512_or_si512(self.0, other.0) })
    }

    #[inline(always)]
    fn or_else(self, mask: u32, other: Self) -> Self {
        Bits512(unsafe { _mm512_ternarylogic_epi32::<0xca>(_mm512_set1_epi32(mask as i32), self.0, other.0) })
    }

    #[inline(always)]
    fn left<const BITS: u32>(self) -> Self {
        Bits512(unsafe { _mm512_slli_epi32::<BITS>(self.0) })
    }

    #[inline(always)]
    fn right<const BITS: u32>(self) -> Self {
        Bits512(unsafe { _mm512_srli_epi32::<BITS>(self.0) })
    }

    #[inline(always)]
    fn odd(self, b: Self, c: Self) -> Self {
        Bits512(unsafe { _mm512_ternarylogic_epi32::<0x96>(self.0, b.0, c.0) })
    }

    #[inline(always)]
    fn carried(self, b: Self, c: Self) -> Self {
        Bits512(unsafe { _mm512_ternarylogic_epi32::<0xe8>(self.0, b.0, c.0) })
    }

    #[inline(always)]
    fn any(self) -> bool {
        unsafe { _mm512_test_epi32_mask(self.0, self.0) != 0 }
    }

    #[inline(always)]
    fn fetch(words: &[u32; LANES]) {
        unsafe { _mm_prefetch::<_MM_HINT_T1>(words.as_ptr().cast()) };
    }
}

/// Two AVX2 registers.
#[derive(Clone, Copy, Debug)]
pub struct Avx2(__m256, __m256);

/// Two AVX2 registers of bits.
#[derive(Clone, Copy, Debug)]
pub struct Bits256(__m256i, __m256i);

/// All bits of lane l where bit l of the mask is set.
#[inline(always)]
fn spread(mask: u16) -> (__m256, __m256) {
    unsafe {
        let bits = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
        let half = |mask: i32| {
            let own = _mm256_and_si256(_mm256_set1_epi32(mask), bits);
            _mm256_castsi256_ps(_mm256_cmpeq_epi32(own, bits))
        };
        (half(i32::from(mask & 0xff)), half(i32::from(mask >> 8)))
    }
}

// SAFETY: (all) as above.
impl Lanes for Avx2 {
    type Bits = Bits256;

    #[inline(always)]
    fn all(value: f32) -> Self {
        unsafe { Avx2(_mm256_set1_ps(value), _mm256_set1_ps(value)) }
    }

    #[inline(always)]
    fn load(values: &[f32; LANES]) -> Self {
        unsafe { Avx2(_mm256_loadu_ps(values.as_ptr()), _mm256_loadu_ps(values[8..].as_ptr())) }
    }

    #[inline(always)]
    fn store(self, values: &mut [f32; LANES]) {
        unsafe {
            _mm256_storeu_ps(values.as_mut_ptr(), self.0);
            _mm256_storeu_ps(values[8..].as_mut_ptr(), self.1);
        }
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        unsafe { Avx2(_mm256_add_ps(self.0, other.0), _mm256_add_ps(self.1, other.1)) }
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        unsafe { Avx2(_mm256_sub_ps(self.0, other.0), _mm256_sub_ps(self.1, other.1)) }
    }

    #[inline(always)]
    fn times(self, other: Self) -> Self {
        unsafe { Avx2(_mm256_mul_ps(self.0, other.0), _mm256_mul_ps(self.1, other.1)) }
    }

    #[inline(always)]
    fn times_plus(self, a: Self, b: Self) -> Self {
        unsafe { Avx2(_mm256_fmadd_ps(self.0, a.0, b.0), _mm256_fmadd_ps(self.1, a.1, b.1)) }
    }

    #[inline(always)]
    fn or_where(self, mask: u16, other: Self) -> Self {
        let (low, high) = spread(mask);
        unsafe { Avx2(_mm256_blendv_ps(self.0, other.0, low), _mm256_blendv_ps(self.1, other.1, high)) }
    }

    #[inline(always)]
    fn larger(self, other: Self) -> Self {
        unsafe { Avx2(_mm256_max_ps(self.0, other.0), _mm256_max_ps(self.1, other.1)) }
    }

    #[inline(always)]
    fn smaller(self, other: Self) -> Self {
        unsafe { Avx2(_mm256_min_ps(self.0, other.0), _mm256_min_ps(self.1, other.1)) }
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
    fn entries(self, places: Bits256) -> Self {
        unsafe {
            let half = |places: __m256i| {
                let (low, high) = (_mm256_permutevar8x32_ps(self.0, places), _mm256_permutevar8x32_ps(self.1, places));
                // Signs tell high places.
                _mm256_blendv_ps(low, high, _mm256_castsi256_ps(_mm256_slli_epi32::<28>(places)))
            };
            Avx2(half(places.0), half(places.1))
        }
    }

    #[inline(always)]
    fn power(self) -> Self {
        unsafe {
            let half = |k: __m256| {
                let k = _mm256_castps_si256(k);
                let place = _mm256_and_si256(k, _mm256_set1_epi32(31));
                let power = _mm256_i32gather_epi32::<4>(POWERS.as_ptr().cast(), place);
                _mm256_castsi256_ps(_mm256_add_epi32(power, _mm256_slli_epi32::<18>(k)))
            };
            Avx2(half(self.0), half(self.1))
        }
    }
}

impl Digits for Bits256 {
    const NONE: Self = unsafe { std::mem::zeroed() };

    #[inline(always)]
    fn load(words: &[u32; LANES]) -> Self {
        unsafe { Bits256(_mm256_loadu_si256(words.as_ptr().cast()), _mm256_loadu_si256(words[8..].as_ptr().cast())) }
    }

    #[inline(always)]
    fn store(self, words: &mut [u32; LANES]) {
        unsafe {
            _mm256_storeu_si256(words.as_mut_ptr().cast(), self.0);
            _mm256_storeu_si256(words[8..].as_mut_ptr().cast(), self.1);
        }
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        unsafe { Bits256(_mm256_and_si256(self.0, other.0), _mm256_and_si256(self.1, other.1)) }
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        unsafe { Bits256(_mm256_xor_si256(self.0, other.0), _mm256_xor_si256(self.1, other.1)) }
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        unsafe { Bits256(_mm256_or_si256(self.0, other.0), _mm256_or_si256(self.1, other.1)) }
    }

    #[inline(always)]
    fn or_else(self, mask: u32, other: Self) -> Self {
        unsafe {
            let mask = _mm256_set1_epi32(mask as i32);
            let half = |own, other| _mm256_or_si256(_mm256_and_si256(own, mask), _mm256_andnot_si256(mask, other));
            Bits256(half(self.0, other.0), half(self.1, other.1))
        }
    }

    #[inline(always)]
    fn left<const BITS: u32>(self) -> Self {
        let count = unsafe { _mm_cvtsi32_si128(BITS as i32) };
        unsafe { Bits256(_mm256_sll_epi32(self.0, count), _mm256_sll_epi32(self.1, count)) }
    }

    #[inline(always)]
    fn right<const BITS: u32>(self) -> Self {
        let count = unsafe { _mm_cvtsi32_si128(BITS as i32) };
        unsafe { Bits256(_mm256_srl_epi32(self.0, count), _mm256_srl_epi32(self.1, count)) }
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

    #[inline(always)]
    fn fetch(words: &[u32; LANES]) {
        unsafe { _mm_prefetch::<_MM_HINT_T0>(words.as_ptr().cast()) };
    }
}
