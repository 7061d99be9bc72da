//! Eight numbers in double precision.

/// Numbers in a vector of doubles.
pub const EIGHT: usize = 8;

/// Eight numbers in double precision. Conditions on them are masks, bit k for number k, and false where a number is NaN.
pub trait Doubles: Copy {
    /// A condition on each number, in the form in which this instruction set has it; masks of eight bits cost AVX2 a detour.
    type Condition: Copy;
    /// Vector with one value in every lane.
    fn all(value: f64) -> Self;
    /// Reads the first eight of a slice.
    ///
    /// # Panics
    /// If there are fewer.
    fn load(values: &[f64]) -> Self;
    /// The numbers as an array.
    fn store(self) -> [f64; EIGHT];
    /// Writes the first eight of a slice.
    ///
    /// # Panics
    /// If there are fewer.
    fn put(self, values: &mut [f64]);
    /// Sum.
    fn plus(self, other: Self) -> Self;
    /// Difference.
    fn minus(self, other: Self) -> Self;
    /// Product.
    fn times(self, other: Self) -> Self;
    /// Quotient.
    fn over(self, other: Self) -> Self;
    /// Magnitude.
    fn abs(self) -> Self;
    /// Itself where it is above 0, else 0.
    fn positive(self) -> Self;
    /// Mask of numbers at most as large as the other.
    #[inline(always)]
    fn at_most(self, other: Self) -> u8 {
        Self::mask(self.not_above(other))
    }
    /// Mask of numbers above the other.
    #[inline(always)]
    fn above(self, other: Self) -> u8 {
        Self::mask(self.exceeds(other))
    }
    /// `yes` where the mask is set, `no` where it is not.
    fn choose(mask: u8, yes: Self, no: Self) -> Self;
    /// Where this number is at most as large as the other.
    fn not_above(self, other: Self) -> Self::Condition;
    /// Where this number is above the other.
    fn exceeds(self, other: Self) -> Self::Condition;
    /// Where both conditions hold.
    fn both(a: Self::Condition, b: Self::Condition) -> Self::Condition;
    /// `yes` where the condition holds, `no` where it does not.
    fn pick(condition: Self::Condition, yes: Self, no: Self) -> Self;
    /// The condition as a mask.
    fn mask(condition: Self::Condition) -> u8;
    /// Numbers of the mask side by side, then zeros.
    fn gathered(self, mask: u8) -> Self;
    /// Asks for the memory of numbers that will be needed soon.
    fn fetch(values: &[f64]);
    /// Transpose of eight vectors: number k of vector l becomes number l of vector k.
    fn transposed(block: [Self; EIGHT]) -> [Self; EIGHT];

    /// self + a b, both rounded.
    #[inline(always)]
    fn plus_product(self, a: Self, b: Self) -> Self {
        self.plus(a.times(b))
    }

    /// self − a b, both rounded.
    #[inline(always)]
    fn minus_product(self, a: Self, b: Self) -> Self {
        self.minus(a.times(b))
    }

    /// 0 − self.
    #[inline(always)]
    fn negative(self) -> Self {
        Self::all(0.0).minus(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Isa, Simd, Work};

    /// Every operation on some numbers, as text, in which all NaN are alike.
    struct All([f64; 8], [f64; 8]);

    impl Work for All {
        type Output = Vec<String>;

        #[inline(always)]
        fn run<S: Simd>(self) -> Vec<String> {
            let All(a, b) = self;
            let (v, w) = (S::Doubles::load(&a), S::Doubles::load(&b));
            let text = |v: S::Doubles| format!("{:?}", v.store());
            let mut all = vec![
                text(v.plus(w)),
                text(v.minus(w)),
                text(v.times(w)),
                text(v.over(w)),
                text(v.abs()),
                text(v.negative()),
                text(v.positive()),
                text(w.positive()),
                text(v.plus_product(v, w)),
                text(v.minus_product(v, w)),
                format!("{} {} {} {}", v.above(w), v.at_most(w), w.above(v), w.at_most(v)),
            ];
            for mask in 0..=u8::MAX {
                all.push(text(S::Doubles::choose(mask, v, w)));
                all.push(text(v.gathered(mask)));
            }
            let (above, not) = (v.exceeds(w), v.not_above(w));
            let none = S::Doubles::both(above, not);
            all.push(format!("{} {} {}", S::Doubles::mask(above), S::Doubles::mask(not), S::Doubles::mask(none)));
            all.push(text(S::Doubles::pick(above, v, w)));
            let mut put = [0.0; EIGHT + 1];
            v.put(&mut put[1..]);
            all.push(format!("{put:?}"));
            let block: [[f64; EIGHT]; EIGHT] = std::array::from_fn(|l| std::array::from_fn(|k| (10 * l + k) as f64));
            let turned = S::Doubles::transposed(std::array::from_fn(|l| S::Doubles::load(&block[l])));
            assert_eq!(turned.map(S::Doubles::store), std::array::from_fn(|l| std::array::from_fn(|k| block[k][l])));
            all
        }
    }

    #[test]
    fn registers_do_what_arrays_do() {
        let a = [1.5, -2.0, 0.0, f64::NAN, 1e300, -1e-300, 7.0, f64::INFINITY];
        let b = [0.5, -2.0, -0.0, 1.0, 1e300, 3.0, f64::NAN, 2.0];
        let all = Isa::available();
        let plain = all[0].run(All(a, b));
        assert_eq!(plain[10], "129 54 32 151", "1.5 > 0.5 and ∞ > 2; NaN is nowhere");
        assert!(plain.contains(&"129 54 0".to_string()), "conditions are masks");
        for isa in all {
            assert_eq!(isa.run(All(a, b)), plain, "{isa}");
        }
    }
}
