//! Eight numbers at once, as plain arrays or in AVX-512 registers.
//!
//! Both do the same operations in the same order, none of them fused, so every machine returns the same bits. Intrinsics are there
//! because compilers turn loops over arrays of arrays into gathers, five times slower.

/// Numbers in a vector.
pub const LANES: usize = 8;

/// Eight numbers. Conditions on them are bits, bit k for number k, and false where a number is NaN.
pub trait Vector: Copy {
    fn all(value: f64) -> Self;
    /// The first eight of a slice.
    fn load(values: &[f64]) -> Self;
    fn store(self) -> [f64; LANES];
    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
    fn times(self, other: Self) -> Self;
    fn over(self, other: Self) -> Self;
    fn abs(self) -> Self;
    fn at_most(self, other: Self) -> u8;
    fn above(self, other: Self) -> u8;
    /// `yes` where the mask is set.
    fn choose(mask: u8, yes: Self, no: Self) -> Self;

    #[inline(always)]
    fn negative(self) -> Self {
        Self::all(0.0).minus(self)
    }

    /// The sum, halves by halves.
    #[inline(always)]
    fn total(self) -> f64 {
        let [a, b, c, d, e, f, g, h] = self.store();
        ((a + e) + (c + g)) + ((b + f) + (d + h))
    }
}

/// The definition.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub struct Plain([f64; LANES]);

macro_rules! each {
    ($lane:ident => $value:expr) => {{
        let mut out = [0.0; LANES];
        for $lane in 0..LANES {
            out[$lane] = $value;
        }
        Plain(out)
    }};
}

macro_rules! condition {
    ($lane:ident => $value:expr) => {{
        let mut bits = 0;
        for $lane in 0..LANES {
            bits |= u8::from($value) << $lane;
        }
        bits
    }};
}

impl Vector for Plain {
    #[inline(always)]
    fn all(value: f64) -> Self {
        Plain([value; LANES])
    }

    #[inline(always)]
    fn load(values: &[f64]) -> Self {
        each!(l => values[l])
    }

    #[inline(always)]
    fn store(self) -> [f64; LANES] {
        self.0
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        each!(l => self.0[l] + other.0[l])
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        each!(l => self.0[l] - other.0[l])
    }

    #[inline(always)]
    fn times(self, other: Self) -> Self {
        each!(l => self.0[l] * other.0[l])
    }

    #[inline(always)]
    fn over(self, other: Self) -> Self {
        each!(l => self.0[l] / other.0[l])
    }

    #[inline(always)]
    fn abs(self) -> Self {
        each!(l => self.0[l].abs())
    }

    #[inline(always)]
    fn at_most(self, other: Self) -> u8 {
        condition!(l => self.0[l] <= other.0[l])
    }

    #[inline(always)]
    fn above(self, other: Self) -> u8 {
        condition!(l => self.0[l] > other.0[l])
    }

    #[inline(always)]
    fn choose(mask: u8, yes: Self, no: Self) -> Self {
        each!(l => if mask >> l & 1 == 1 { yes.0[l] } else { no.0[l] })
    }
}

#[cfg(target_arch = "x86_64")]
pub use registers::Register;

#[cfg(target_arch = "x86_64")]
mod registers {
    use super::{LANES, Vector};
    use std::arch::x86_64::*;

    /// One AVX-512 register.
    ///
    /// Its functions are for functions that are compiled for AVX-512 and called where the machine has it: [`super::super`] sees to that.
    #[derive(Clone, Copy, Debug)]
    pub struct Register(__m512d);

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
        fn abs(self) -> Self {
            Register(unsafe { _mm512_abs_pd(self.0) })
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
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every operation of a vector beside that of its definition.
    fn agrees<V: Vector>() {
        let a = [1.5, -2.0, 0.0, f64::NAN, 1e300, -1e-300, 7.0, f64::INFINITY];
        let b = [0.5, -2.0, -0.0, 1.0, 1e300, 3.0, f64::NAN, 2.0];
        let (v, w) = (V::load(&a), V::load(&b));
        let (p, q) = (Plain::load(&a), Plain::load(&b));
        let same = |left: V, right: Plain| {
            assert_eq!(left.store().map(|x| x.to_string()), right.store().map(|x| x.to_string()));
        };
        same(v.plus(w), p.plus(q));
        same(v.minus(w), p.minus(q));
        same(v.times(w), p.times(q));
        same(v.over(w), p.over(q));
        same(v.abs(), p.abs());
        same(v.negative(), p.negative());
        same(V::choose(0b1010_0110, v, w), Plain::choose(0b1010_0110, p, q));
        assert_eq!(v.above(w), p.above(q));
        assert_eq!(v.at_most(w), p.at_most(q));
        assert_eq!(V::all(3.0).total(), 24.0);
    }

    #[test]
    fn registers_do_what_arrays_do() {
        agrees::<Plain>();
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx512f") {
            agrees::<Register>();
        } else {
            eprintln!("skipped: this machine has no AVX-512");
        }
    }
}
