//! The inner loops: adding weighted columns to the inputs of all targets.
//!
//! Two versions, AVX-512 and portable, the portable one also compiled with fused multiply-add
//! where the machine has it. All give the same bits: each target receives its terms in the order
//! of the sources, by fused multiply-add.

use crate::columns::{Brief, Columns, GROUP, Weight, bits};

/// Which version runs; chosen once, at run time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// Plain Rust.
    Portable,
    /// Plain Rust, compiled for fused multiply-add and bit-scan instructions.
    Fma,
    /// 512-bit expand loads.
    Avx512,
}

impl Kernel {
    /// The fastest one that this machine runs.
    pub fn detect() -> Self {
        Self::available().last().copied().unwrap_or(Kernel::Portable)
    }

    /// All that this machine runs, the fastest last.
    pub fn available() -> Vec<Self> {
        #[allow(unused_mut, reason = "only x86-64 has more than one")]
        let mut kernels = vec![Kernel::Portable];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("fma")
                && is_x86_feature_detected!("bmi1")
                && is_x86_feature_detected!("bmi2")
            {
                kernels.push(Kernel::Fma);
                if x86::avx512_detected() {
                    kernels.push(Kernel::Avx512);
                }
            }
        }
        kernels
    }

    /// input[i] ← Σⱼ φⱼ Jᵢⱼ over the given sources, which is the recurrent input if φ carries the
    /// signs of the sources. `input` has [`Columns::padded`] entries.
    ///
    /// # Panics
    /// If a length does not fit or a source is out of range.
    pub fn accumulate<W: PackedWeight>(self, columns: &Columns<W>, sources: &[u32], phi: &[f32], input: &mut [f32]) {
        assert_eq!(sources.len(), phi.len(), "one activity a source");
        assert_eq!(input.len(), columns.padded(), "one input a target, padded");
        assert!(sources.iter().all(|&j| (j as usize) < columns.sources()), "source out of range");
        input.fill(0.0);
        match self {
            Kernel::Portable => accumulate_plain(columns, sources, phi, input),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `detect` and `available` give this variant only where the instructions exist.
            Kernel::Fma => unsafe { x86::accumulate_fma(columns, sources, phi, input) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above; lengths and sources were checked.
            Kernel::Avx512 => unsafe { W::accumulate_avx512(columns, sources, phi, input) },
            #[cfg(not(target_arch = "x86_64"))]
            _ => accumulate_plain(columns, sources, phi, input),
        }
    }

    /// counts[i] ← counts[i] + sign · round(scale · Jᵢⱼ) for each flipped source: exact integer
    /// sums, so that a source switched on and off again leaves no trace.
    ///
    /// # Panics
    /// If a length does not fit or a source is out of range.
    pub fn flip<W: PackedWeight>(self, columns: &Columns<W>, flips: &[(u32, f32)], counts: &mut [i32]) {
        assert_eq!(counts.len(), columns.padded(), "one count a target, padded");
        assert!(flips.iter().all(|&(j, _)| (j as usize) < columns.sources()), "source out of range");
        match self {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `detect` and `available` give this variant only where the instructions exist;
            // lengths and sources were checked.
            Kernel::Avx512 => unsafe { W::flip_avx512(columns, flips, counts) },
            _ => flip_plain(columns, flips, counts),
        }
    }

    /// Writes the units with x > 0, in order, to `units` and their x to `inputs`; gives their number.
    /// Both must be [`Kernel::SPARE`] longer than `x`.
    ///
    /// # Panics
    /// If a slice is too short.
    pub fn positive(self, x: &[f32], units: &mut [u32], inputs: &mut [f32]) -> usize {
        assert!(units.len() >= x.len() + Self::SPARE && inputs.len() >= x.len() + Self::SPARE, "too little room");
        match self {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `detect` and `available` give this variant only where the instructions exist; lengths were checked.
            Kernel::Avx512 => unsafe { x86::positive(x, units, inputs) },
            _ => positive_plain(x, units, inputs),
        }
    }

    /// Entries beyond the last that [`Kernel::positive`] may overwrite.
    pub const SPARE: usize = 16;
}

/// A stored weight with its vector kernels.
pub trait PackedWeight: Weight {
    /// [`Kernel::accumulate`] with 512-bit vectors.
    ///
    /// # Safety
    /// The machine has AVX-512 F, BW and VBMI2; sources and lengths are in range.
    #[cfg(target_arch = "x86_64")]
    unsafe fn accumulate_avx512(columns: &Columns<Self>, sources: &[u32], phi: &[f32], input: &mut [f32]);

    /// [`Kernel::flip`] with 512-bit vectors.
    ///
    /// # Safety
    /// As [`PackedWeight::accumulate_avx512`].
    #[cfg(target_arch = "x86_64")]
    unsafe fn flip_avx512(columns: &Columns<Self>, flips: &[(u32, f32)], counts: &mut [i32]);
}

#[inline(always)]
fn accumulate_plain<W: Weight>(columns: &Columns<W>, sources: &[u32], phi: &[f32], input: &mut [f32]) {
    for (&source, &phi) in sources.iter().zip(phi) {
        let weights = columns.weights_from(source as usize);
        let mut next = 0;
        for (group, &mask) in input.chunks_exact_mut(GROUP).zip(columns.mask(source as usize)) {
            for position in bits(mask) {
                let input = &mut group[W::target(position)];
                *input = phi.mul_add(weights[next].value(), *input);
                next += 1;
            }
        }
    }
}

fn flip_plain<W: Weight>(columns: &Columns<W>, flips: &[(u32, f32)], counts: &mut [i32]) {
    for &(source, scale) in flips {
        let weights = columns.weights_from(source as usize);
        let mut next = 0;
        for (group, &mask) in counts.chunks_exact_mut(GROUP).zip(columns.mask(source as usize)) {
            for position in bits(mask) {
                group[W::target(position)] += (scale * weights[next].value()).round_ties_even() as i32;
                next += 1;
            }
        }
    }
}

/// The writes happen either way, so there is no branch to mispredict.
fn positive_plain(x: &[f32], units: &mut [u32], inputs: &mut [f32]) -> usize {
    let mut count = 0;
    for (unit, &x) in x.iter().enumerate() {
        units[count] = unit as u32;
        inputs[count] = x;
        count += usize::from(x > 0.0);
    }
    count
}

#[cfg(not(target_arch = "x86_64"))]
impl PackedWeight for f32 {}
#[cfg(not(target_arch = "x86_64"))]
impl PackedWeight for Brief {}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::*;
    use std::arch::x86_64::*;

    /// Columns added together, so that inputs are loaded and stored once for all of them.
    const TOGETHER: usize = 8;
    /// Bytes of connectivity that stay in the second-level cache, where a prefetch costs more than it
    /// saves.
    const NEAR: usize = 3 << 19;

    pub fn avx512_detected() -> bool {
        is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vbmi2")
            && is_x86_feature_detected!("popcnt")
    }

    #[target_feature(enable = "avx2,fma,bmi1,bmi2")]
    pub fn accumulate_fma<W: Weight>(columns: &Columns<W>, sources: &[u32], phi: &[f32], input: &mut [f32]) {
        accumulate_plain(columns, sources, phi, input);
    }

    /// The two halves of the group that starts at `weights`, spread to their targets.
    trait Expand: Weight {
        /// # Safety
        /// `weights` may be read for a whole vector.
        unsafe fn expand(mask: u32, weights: *const Self) -> (__m512, __m512);
    }

    impl Expand for Brief {
        #[inline]
        #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,popcnt")]
        unsafe fn expand(mask: u32, weights: *const Self) -> (__m512, __m512) {
            // SAFETY: the caller lets a whole vector be read.
            let packed = unsafe { _mm512_loadu_si512(weights.cast()) };
            let spread = _mm512_maskz_expand_epi16(mask, packed);
            let even = _mm512_slli_epi32::<16>(spread);
            let odd = _mm512_and_si512(spread, _mm512_set1_epi32(0xffff_0000_u32 as i32));
            (_mm512_castsi512_ps(even), _mm512_castsi512_ps(odd))
        }
    }

    impl Expand for f32 {
        #[inline]
        #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,popcnt")]
        unsafe fn expand(mask: u32, weights: *const Self) -> (__m512, __m512) {
            let low = mask as u16;
            // SAFETY: the caller lets a group's weights be read, and padding follows the last.
            let (first, second) =
                unsafe { (_mm512_loadu_ps(weights), _mm512_loadu_ps(weights.add(low.count_ones() as usize))) };
            (_mm512_maskz_expand_ps(low, first), _mm512_maskz_expand_ps((mask >> 16) as u16, second))
        }
    }

    /// Adds C columns. Meanwhile the columns of `next` are asked for, about as far into them as this
    /// one is: their beginnings are nowhere near, and a hardware prefetcher would find them too late.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,popcnt")]
    unsafe fn accumulate<W: Expand, const C: usize, const PREFETCH: bool>(
        columns: &Columns<W>,
        sources: &[u32],
        next: &[u32],
        phi: &[f32],
        input: &mut [f32],
    ) {
        // Loops, as a closure would not be inlined into a function of other target features.
        let mut masks: [&[u32]; C] = [&[]; C];
        let mut weights = [std::ptr::null::<W>(); C];
        let mut next_masks = [std::ptr::null::<u32>(); C];
        let mut next_weights = [std::ptr::null::<W>(); C];
        let mut factors = [_mm512_setzero_ps(); C];
        for c in 0..C {
            let source = sources[c] as usize;
            masks[c] = columns.mask(source);
            weights[c] = columns.weights_from(source).as_ptr();
            factors[c] = _mm512_set1_ps(phi[c]);
            if PREFETCH {
                // Where nothing follows, the columns themselves: they are there already.
                let following = if c < next.len() { next[c] as usize } else { source };
                next_masks[c] = columns.mask(following).as_ptr();
                next_weights[c] = columns.weights_from(following).as_ptr();
            }
        }
        let (mut along, mut line) = (0.0, 0.0);
        for (word, group) in input.chunks_exact_mut(GROUP).enumerate() {
            let group = group.as_mut_ptr();
            // SAFETY: a group holds 32 inputs.
            let (mut low, mut high) = unsafe { (_mm512_loadu_ps(group), _mm512_loadu_ps(group.add(16))) };
            for c in 0..C {
                // SAFETY: the bitmap has a word for every group, the pointer walks the column's
                // weights, and a vector's length of padding follows the last column.
                unsafe {
                    let mask = *masks[c].get_unchecked(word);
                    let (first, second) = W::expand(mask, weights[c]);
                    weights[c] = weights[c].add(mask.count_ones() as usize);
                    low = _mm512_fmadd_ps(factors[c], first, low);
                    high = _mm512_fmadd_ps(factors[c], second, high);
                }
            }
            // SAFETY: as for the loads.
            unsafe {
                _mm512_storeu_ps(group, low);
                _mm512_storeu_ps(group.add(16), high);
            }
            if PREFETCH {
                along += columns.mean_weights();
                if along >= line {
                    line += 64.0 / W::BYTES as f32;
                    let at = along as usize;
                    for next in next_weights {
                        // A prefetch of any address is harmless.
                        _mm_prefetch::<_MM_HINT_T0>(next.wrapping_add(at).cast());
                    }
                }
                if word % 16 == 0 {
                    for next in next_masks {
                        _mm_prefetch::<_MM_HINT_T0>(next.wrapping_add(word).cast());
                    }
                }
            }
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,popcnt")]
    unsafe fn accumulate_all<W: Expand>(columns: &Columns<W>, sources: &[u32], phi: &[f32], input: &mut [f32]) {
        let far = columns.bytes() > NEAR;
        let whole = sources.len() / TOGETHER * TOGETHER;
        for at in (0..whole).step_by(TOGETHER) {
            let next = &sources[at + TOGETHER..sources.len().min(at + 2 * TOGETHER)];
            // SAFETY: passed on from the caller.
            unsafe {
                if far {
                    accumulate::<W, TOGETHER, true>(columns, &sources[at..], next, &phi[at..], input);
                } else {
                    accumulate::<W, TOGETHER, false>(columns, &sources[at..], next, &phi[at..], input);
                }
            }
        }
        let mut at = whole;
        // SAFETY: passed on from the caller.
        unsafe {
            if sources.len() - at >= 4 {
                accumulate::<W, 4, false>(columns, &sources[at..], &[], &phi[at..], input);
                at += 4;
            }
            if sources.len() - at >= 2 {
                accumulate::<W, 2, false>(columns, &sources[at..], &[], &phi[at..], input);
                at += 2;
            }
            if sources.len() > at {
                accumulate::<W, 1, false>(columns, &sources[at..], &[], &phi[at..], input);
            }
        }
    }

    /// # Safety
    /// `units` and `inputs` have a whole vector to spare beyond the length of `x`.
    #[target_feature(enable = "avx512f,popcnt")]
    pub unsafe fn positive(x: &[f32], units: &mut [u32], inputs: &mut [f32]) -> usize {
        let mut count = 0;
        let mut numbers = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        let zero = _mm512_setzero_ps();
        for chunk in x.chunks(16) {
            // SAFETY: only the chunk's own lanes are read, and count + 16 stays within the spare entries.
            unsafe {
                let x = _mm512_maskz_loadu_ps(u16::MAX >> (16 - chunk.len()), chunk.as_ptr());
                let positive = _mm512_cmp_ps_mask::<_CMP_GT_OQ>(x, zero);
                _mm512_storeu_ps(inputs.as_mut_ptr().add(count), _mm512_maskz_compress_ps(positive, x));
                let kept = _mm512_maskz_compress_epi32(positive, numbers);
                _mm512_storeu_si512(units.as_mut_ptr().add(count).cast(), kept);
                count += positive.count_ones() as usize;
            }
            numbers = _mm512_add_epi32(numbers, _mm512_set1_epi32(16));
        }
        count
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,popcnt")]
    unsafe fn flip_all<W: Expand>(columns: &Columns<W>, flips: &[(u32, f32)], counts: &mut [i32]) {
        for &(source, scale) in flips {
            let mut weights = columns.weights_from(source as usize).as_ptr();
            let factor = _mm512_set1_ps(scale);
            for (group, &mask) in counts.chunks_exact_mut(GROUP).zip(columns.mask(source as usize)) {
                let group: *mut __m512i = group.as_mut_ptr().cast();
                // SAFETY: as in `accumulate`; a group holds two vectors of counts.
                unsafe {
                    let (first, second) = W::expand(mask, weights);
                    weights = weights.add(mask.count_ones() as usize);
                    // Conversion rounds to nearest, ties to even, in the default mode.
                    let first = _mm512_cvtps_epi32(_mm512_mul_ps(factor, first));
                    let second = _mm512_cvtps_epi32(_mm512_mul_ps(factor, second));
                    _mm512_storeu_si512(group, _mm512_add_epi32(_mm512_loadu_si512(group), first));
                    let group = group.add(1);
                    _mm512_storeu_si512(group, _mm512_add_epi32(_mm512_loadu_si512(group), second));
                }
            }
        }
    }

    macro_rules! packed {
        ($weight:ty) => {
            impl PackedWeight for $weight {
                #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,popcnt")]
                unsafe fn accumulate_avx512(columns: &Columns<Self>, sources: &[u32], phi: &[f32], input: &mut [f32]) {
                    // SAFETY: passed on from the caller.
                    unsafe { accumulate_all(columns, sources, phi, input) }
                }

                #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,popcnt")]
                unsafe fn flip_avx512(columns: &Columns<Self>, flips: &[(u32, f32)], counts: &mut [i32]) {
                    // SAFETY: passed on from the caller.
                    unsafe { flip_all(columns, flips, counts) }
                }
            }
        };
    }

    packed!(f32);
    packed!(Brief);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw_columns;
    use model::{RateNetwork, Response, Seed};

    fn check<W: PackedWeight>(size: usize, exponent: f64) {
        let network = RateNetwork::inhibitory(size, 2.0, 2.0, exponent, 1.0, Response::RectifiedTanh);
        let columns = draw_columns::<W>(&network, Seed(5));
        let sources: Vec<u32> = (0..size as u32).filter(|j| j % 3 != 1).collect();
        let phi: Vec<f32> = sources.iter().map(|&j| -1.0 / (1.0 + j as f32)).collect();

        // The definition, in double precision.
        let mut slow = vec![0.0_f64; size];
        let mut magnitude = vec![0.0_f64; size];
        for (i, j, w) in columns.iter() {
            if let Ok(k) = sources.binary_search(&(j as u32)) {
                slow[i] += f64::from(phi[k]) * f64::from(w);
                magnitude[i] += (f64::from(phi[k]) * f64::from(w)).abs();
            }
        }
        let mut reference: Option<(Vec<f32>, Vec<i32>)> = None;
        for kernel in Kernel::available() {
            let mut input = vec![f32::NAN; columns.padded()];
            kernel.accumulate(&columns, &sources, &phi, &mut input);
            for i in 0..size {
                // One rounding of half a unit in the last place per term.
                let bound = 6e-8 * sources.len() as f64 * magnitude[i] + 1e-30;
                assert!((f64::from(input[i]) - slow[i]).abs() <= bound, "{kernel:?} target {i}");
            }
            let flips: Vec<(u32, f32)> = sources.iter().map(|&j| (j, if j % 2 == 0 { 1e5 } else { -1e5 })).collect();
            let mut counts = vec![0; columns.padded()];
            kernel.flip(&columns, &flips, &mut counts);
            let (input_bits, counts_all) = reference.get_or_insert_with(|| (input.clone(), counts.clone()));
            assert_eq!(*input_bits, input, "{kernel:?} gives other bits");
            assert_eq!(*counts_all, counts, "{kernel:?} gives other counts");

            let back: Vec<(u32, f32)> = flips.iter().map(|&(j, s)| (j, -s)).collect();
            kernel.flip(&columns, &back, &mut counts);
            assert!(counts.iter().all(|&c| c == 0), "flips that cancel leave no trace");
        }
    }

    #[test]
    fn kernels_equal_the_definition_and_one_another() {
        for size in [1, 31, 100, 515] {
            for exponent in [0.5, 1.0] {
                check::<Brief>(size, exponent);
                check::<f32>(size, exponent);
            }
        }
    }
}
