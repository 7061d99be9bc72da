//! Doubles in two AVX2 registers.

// SAFETY of every block: as in the module above.

use super::*;

/// An operation on each half.
macro_rules! each {
    ($operation:expr, $($vector:expr),+) => {
        Doubles256(unsafe { $operation($($vector.0),+) }, unsafe { $operation($($vector.1),+) })
    };
}

/// The doubles of the mask side by side, then zeros.
#[inline(always)]
fn gathered(own: __m256d, mask: u8) -> __m256d {
    unsafe {
        // Two places a number.
        let own = _mm256_castsi256_pd(packed(_mm256_castpd_si256(own), doubled(mask)));
        _mm256_and_pd(own, spread_bits((1 << mask.count_ones()) - 1, [1, 2, 4, 8]))
    }
}

/// Each of four bits twice.
#[inline(always)]
fn doubled(mask: u8) -> u8 {
    let spaced = (mask & 1) | (mask & 2) << 1 | (mask & 4) << 2 | (mask & 8) << 3;
    3 * spaced
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

impl Doubles for Doubles256 {
    /// All bits of the numbers for which it holds.
    type Condition = Self;

    #[inline(always)]
    fn not_above(self, other: Self) -> Self {
        each!(_mm256_cmp_pd::<_CMP_LE_OQ>, self, other)
    }

    #[inline(always)]
    fn exceeds(self, other: Self) -> Self {
        each!(_mm256_cmp_pd::<_CMP_GT_OQ>, self, other)
    }

    #[inline(always)]
    fn both(a: Self, b: Self) -> Self {
        each!(_mm256_and_pd, a, b)
    }

    #[inline(always)]
    fn pick(condition: Self, yes: Self, no: Self) -> Self {
        each!(_mm256_blendv_pd, no, yes, condition)
    }

    #[inline(always)]
    fn mask(condition: Self) -> u8 {
        let (low, high) = unsafe { (_mm256_movemask_pd(condition.0), _mm256_movemask_pd(condition.1)) };
        (low | high << HALF) as u8
    }

    #[inline(always)]
    fn all(value: f64) -> Self {
        let half = unsafe { _mm256_set1_pd(value) };
        Doubles256(half, half)
    }

    #[inline(always)]
    fn load(values: &[f64]) -> Self {
        let (low, high) = values[..EIGHT].split_at(HALF);
        unsafe { Doubles256(_mm256_loadu_pd(low.as_ptr()), _mm256_loadu_pd(high.as_ptr())) }
    }

    #[inline(always)]
    fn store(self) -> [f64; EIGHT] {
        let mut out = [0.0; EIGHT];
        self.put(&mut out);
        out
    }

    #[inline(always)]
    fn put(self, values: &mut [f64]) {
        let (low, high) = values[..EIGHT].split_at_mut(HALF);
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
    fn abs(self) -> Self {
        each!(_mm256_andnot_pd, Self::all(-0.0), self)
    }

    /// Takes the second of two zeros, and where a number is NaN, as the instruction does.
    #[inline(always)]
    fn positive(self) -> Self {
        each!(_mm256_max_pd, self, Self::all(0.0))
    }

    #[inline(always)]
    fn choose(mask: u8, yes: Self, no: Self) -> Self {
        let mask = Doubles256(spread_bits(mask, [1, 2, 4, 8]), spread_bits(mask, [16, 32, 64, 128]));
        each!(_mm256_blendv_pd, no, yes, mask)
    }

    #[inline(always)]
    fn gathered(self, mask: u8) -> Self {
        let (low, high) = (mask & 0xf, mask >> HALF);
        let count = low.count_ones() as usize;
        let mut out = [0.0; EIGHT];
        unsafe {
            _mm256_storeu_pd(out.as_mut_ptr(), gathered(self.0, low));
            _mm256_storeu_pd(out[count..].as_mut_ptr(), gathered(self.1, high));
        }
        Self::load(&out)
    }

    #[inline(always)]
    fn fetch(values: &[f64]) {
        for line in values.chunks(EIGHT) {
            unsafe { _mm_prefetch::<_MM_HINT_T1>(line.as_ptr().cast()) };
        }
    }

    #[inline(always)]
    fn transposed(block: [Self; EIGHT]) -> [Self; EIGHT] {
        let [a, b, c, d, e, f, g, h] = block;
        let (top_left, top_right) = (transposed(a.0, b.0, c.0, d.0), transposed(a.1, b.1, c.1, d.1));
        let (low_left, low_right) = (transposed(e.0, f.0, g.0, h.0), transposed(e.1, f.1, g.1, h.1));
        let mut out = [Self::all(0.0); EIGHT];
        for k in 0..HALF {
            out[k] = Doubles256(top_left[k], low_left[k]);
            out[k + HALF] = Doubles256(top_right[k], low_right[k]);
        }
        out
    }
}
