//! Sixteen numbers in single precision, and sixteen words of 32 bits.

/// Numbers in a vector of singles, and words in a vector of words.
pub const SIXTEEN: usize = 16;

/// Bits of 2^(j/8), less j/8 of a step of the exponent: k << 20 adds n to the exponent of k = 8 n + j, and this j/8 as well.
pub(crate) const POWERS: [u32; 8] = {
    /// 2^(1/8).
    const ROOT: f64 = 1.090_507_732_665_257_7;
    let (mut powers, mut power, mut j) = ([0; 8], 1.0, 0);
    while j < 8 {
        powers[j] = (power as f32).to_bits() - ((j as u32) << 20);
        power *= ROOT;
        j += 1;
    }
    powers
};

/// Sixteen numbers in single precision. Bit l of a mask stands for number l.
pub trait Singles: Copy {
    /// Words that belong to these numbers.
    type Words: Words;
    /// Multiples of a weight.
    type Multiples: Copy;
    /// Vector with one value in every lane.
    fn all(value: f32) -> Self;
    /// Reads an array.
    fn load(values: &[f32; SIXTEEN]) -> Self;
    /// Writes an array.
    fn store(self, values: &mut [f32; SIXTEEN]);
    /// Numbers of these bits.
    fn of_bits(words: Self::Words) -> Self;
    /// Sum.
    fn plus(self, other: Self) -> Self;
    /// Difference.
    fn minus(self, other: Self) -> Self;
    /// Product.
    fn times(self, other: Self) -> Self;
    /// `other` where the mask is set.
    fn or_where(self, mask: u16, other: Self) -> Self;
    /// The larger; the other where this one is no number.
    fn larger(self, other: Self) -> Self;
    /// The smaller; the other where this one is no number.
    fn smaller(self, other: Self) -> Self;
    /// Mask of numbers that are at least as large as the other.
    fn at_least(self, other: Self) -> u16;
    /// Mask of numbers above the other.
    fn above(self, other: Self) -> u16;
    /// Whether [`Singles::multiple`] is faster if integers are known to be below 8.
    const FEW_PAY: bool;
    /// What [`Singles::multiple`] needs to know of a weight; `FEW` as there.
    fn multiples<const FEW: bool>(weight: f32) -> Self::Multiples;
    /// The weight times the integer in the lowest four bits of each word; assumes that it is below 8 if `FEW`.
    fn multiple<const FEW: bool>(of: Self::Multiples, counts: Self::Words) -> Self;
    /// 2^(k/8), k being the integer in the lowest bits of each number. Assumes that the result is a normal number.
    fn power(self) -> Self;
    /// Integers next to these numbers, ties to even. Assumes magnitudes below 2³¹.
    fn rounded(self) -> Self::Words;
    /// Writes the numbers of the mask side by side to the beginning of the array; what follows them is not specified.
    fn pack(self, mask: u16, values: &mut [f32; SIXTEEN]);
    /// Transposes sixteen vectors in place: number k of vector l becomes number l of vector k.
    fn transpose(block: &mut [[f32; SIXTEEN]; SIXTEEN]);

    /// self · a + b, both rounded.
    #[inline(always)]
    fn times_plus(self, a: Self, b: Self) -> Self {
        self.times(a).plus(b)
    }
}

/// Part of sixteen numbers that fits one register: a loop with more live values than half of the registers goes through parts one by one,
/// where two registers a value would not be enough.
pub trait Part: Copy {
    /// Parts of sixteen numbers.
    const COUNT: usize;
    /// Vector with one value in every lane.
    fn all(value: f32) -> Self;
    /// Reads a part of an array, below [`Part::COUNT`].
    fn load(values: &[f32; SIXTEEN], part: usize) -> Self;
    /// Writes a part of an array.
    fn store(self, values: &mut [f32; SIXTEEN], part: usize);
    /// Sum.
    fn plus(self, other: Self) -> Self;
    /// Difference.
    fn minus(self, other: Self) -> Self;
    /// Product.
    fn times(self, other: Self) -> Self;
}

/// Sixteen words of 32 bits.
pub trait Words: Copy {
    /// No bit.
    const NONE: Self;
    /// Vector with one word in every lane.
    fn all(word: u32) -> Self;
    /// Reads an array.
    fn load(words: &[u32; SIXTEEN]) -> Self;
    /// Writes an array.
    fn store(self, words: &mut [u32; SIXTEEN]);
    /// Reads 32 numbers of 16 bits, two a word, the first in its lower half.
    fn load_pairs(pairs: &[u16; 2 * SIXTEEN]) -> Self;
    /// Reads those of 32 numbers that the mask names, which stand side by side at `packed`; others are 0.
    ///
    /// # Safety
    /// `packed` may be read for 32 numbers.
    unsafe fn load_packed(mask: u32, packed: *const u16) -> Self;
    /// Reads those of sixteen words that the mask names, which stand side by side at `packed`; others are 0.
    ///
    /// # Safety
    /// `packed` may be read for sixteen words.
    unsafe fn load_sparse(mask: u16, packed: *const u32) -> Self;
    /// Bits of both.
    fn and(self, other: Self) -> Self;
    /// Bits of either.
    fn or(self, other: Self) -> Self;
    /// Bits of one but not of both.
    fn xor(self, other: Self) -> Self;
    /// Sum of integers, modulo 2³².
    fn plus(self, other: Self) -> Self;
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
    /// Whether any bit is set.
    fn any(self) -> bool;
    /// Writes the words of the mask side by side to the beginning of the array; what follows them is not specified.
    fn pack(self, mask: u16, words: &mut [u32; SIXTEEN]);
    /// Asks for memory that will be needed in some hundred cycles.
    fn fetch<T>(address: *const T);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Isa, Simd, Work};

    /// Every operation on some numbers, as bits.
    struct All([f32; 16], [f32; 16]);

    impl Work for All {
        type Output = Vec<Vec<u32>>;

        #[inline(always)]
        fn run<S: Simd>(self) -> Self::Output {
            let All(a, b) = self;
            let (v, w) = (S::Singles::load(&a), S::Singles::load(&b));
            let bits = |v: S::Singles| {
                let mut out = [0.0; 16];
                v.store(&mut out);
                // Which of two NaN comes out is nobody's business.
                out.map(|x| if x.is_nan() { f32::NAN.to_bits() } else { x.to_bits() }).to_vec()
            };
            let words = |v: S::Words| {
                let mut out = [0; 16];
                v.store(&mut out);
                out.to_vec()
            };
            let (x, y) = (a.map(f32::to_bits), b.map(f32::to_bits));
            let (k, l) = (S::Words::load(&x), S::Words::load(&y));
            let small = S::Singles::load(&std::array::from_fn(|i| [2.5, -3.5, 1e9, 0.49, -0.5, 1.5, 7.0, -8e8][i % 8]));
            let pairs: [u16; 32] = std::array::from_fn(|i| (7919 * i + 13) as u16);
            let mut all = vec![
                bits(v.plus(w)),
                bits(v.minus(w)),
                bits(v.times(w)),
                bits(v.times_plus(w, w)),
                bits(v.larger(w)),
                bits(v.smaller(w)),
                bits(S::Singles::multiple::<false>(S::Singles::multiples::<false>(0.1), l)),
                bits(S::Singles::multiple::<true>(S::Singles::multiples::<true>(0.1), l.and(S::Words::all(!8)))),
                bits(S::Singles::of_bits(k)),
                vec![v.at_least(w).into(), v.above(w).into(), w.at_least(v).into(), w.above(v).into()],
                words(small.rounded()),
                words(k.and(l)),
                words(k.or(l)),
                words(k.xor(l)),
                words(k.plus(l)),
                words(k.or_else(0x5555_3333, l)),
                words(k.left::<3>()),
                words(k.right::<5>()),
                words(k.odd(l, S::Words::all(0x1234_5678))),
                words(k.carried(l, S::Words::all(0x1234_5678))),
                words(S::Words::load_pairs(&pairs)),
                vec![k.any().into(), S::Words::NONE.any().into()],
            ];
            let numbers: [f32; 16] = std::array::from_fn(|i| 12_582_912.0 + 13.0 * i as f32 - 100.0);
            all.push(bits(S::Singles::load(&numbers).power()));
            let mut block: [[f32; 16]; 16] = std::array::from_fn(|l| std::array::from_fn(|k| (100 * l + k) as f32));
            S::Singles::transpose(&mut block);
            all.extend(block.map(|row| row.map(f32::to_bits).to_vec()));
            let mut parts = [0.0; 16];
            for part in 0..S::Part::COUNT {
                let (v, w) = (S::Part::load(&a, part), S::Part::load(&b, part));
                v.times(w).plus(v).minus(S::Part::all(0.3)).store(&mut parts, part);
            }
            all.push(bits(S::Singles::load(&parts)));
            for mask in [0_u32, 1, 0x8000_8000, 0xffff_ffff, 0x0f0f_1234, 0xaaaa_5555] {
                let low = mask as u16;
                all.push(bits(v.or_where(low, w)));
                // SAFETY: arrays of 32 numbers, and of sixteen words.
                unsafe {
                    all.push(words(S::Words::load_packed(mask, pairs.as_ptr())));
                    all.push(words(S::Words::load_sparse(low, y.as_ptr())));
                }
                let (mut packed, mut kept) = ([0.0; 16], [0; 16]);
                v.pack(low, &mut packed);
                k.pack(low, &mut kept);
                let count = low.count_ones() as usize;
                all.push(packed[..count].iter().map(|x| x.to_bits()).collect());
                all.push(kept[..count].to_vec());
            }
            all
        }
    }

    #[test]
    fn registers_do_what_arrays_do() {
        let a = [1.5, -2.0, 0.0, 7.0, 1e30, -1e-30, 7.0, f32::INFINITY, -0.0, 3.0, 1e-40, 9.0, -8.0, 0.1, 0.2, 0.3];
        let b = [0.5, -2.0, -0.0, 1.0, 1e30, 3.0, f32::NAN, 2.0, 0.0, -3.0, 1e-41, 9.1, 8.0, 0.2, 0.1, -0.3];
        let all = Isa::available();
        let plain = all[0].run(All(a, b));
        // The definitions that masks rest on.
        assert_eq!(plain[9][0] & 0b1111, 0b1111, "1.5 ≥ 0.5, −2 ≥ −2, 0 ≥ −0, 7 ≥ 1");
        assert_eq!(plain[10][..6], [2, (-4_i32) as u32, 1_000_000_000, 0, 0, 2], "ties go to even numbers");
        assert_eq!(plain[23 + 3][5], 503_f32.to_bits(), "transposed");
        for isa in all {
            for (number, (own, plain)) in isa.run(All(a, b)).iter().zip(&plain).enumerate() {
                assert_eq!(own, plain, "operation {number} on {isa}");
            }
        }
        if Isa::available().len() < 3 {
            eprintln!("skipped: this machine does not have all instruction sets");
        }
    }
}
