//! The connectivity by source: for each source the weights onto all targets, or a bitmap of its targets and their packed weights.
//!
//! Only the columns of active sources are read in a step. A dense column costs `N · bytes` of memory traffic and little else; a packed one
//! `N (1/8 + density · bytes)` and the work of spreading weights to their targets. Both hold the same weights, in the same order of
//! targets, so they give the same sums to the bit.

use lanes::{Aligned, Plain, SIXTEEN, Simd, Singles, Words};

/// Targets that are handled together: they share one word of a bitmap.
pub const GROUP: usize = 2 * SIXTEEN;

/// How a weight is stored.
pub trait Weight: Plain + Default + Send + Sync + 'static {
    /// Bytes of one stored weight.
    const BYTES: usize;
    /// Rounds a drawn weight to what is stored. The rounded weight *is* the weight: theory and
    /// every engine see its law, not the law before rounding.
    fn round(weight: f64) -> Self;
    /// The stored weight.
    fn value(self) -> f32;
    /// Which target of a group the weight, or bit, at `position` stands for.
    fn target(position: usize) -> usize;
    /// The inverse of [`Weight::target`].
    fn position(target: usize) -> usize;
    /// Weights onto the first and the second sixteen targets of a group.
    fn spread<S: Simd>(group: &[Self; GROUP]) -> [S::Singles; 2];
    /// Weights of a packed group: those in the mask, which stand side by side from `packed` on; others are 0.
    ///
    /// # Safety
    /// A whole group may be read from `packed` on.
    unsafe fn unpack<S: Simd>(mask: u32, packed: *const Self) -> [S::Singles; 2];
}

impl Weight for f32 {
    const BYTES: usize = 4;

    fn round(weight: f64) -> Self {
        weight as f32
    }

    fn value(self) -> f32 {
        self
    }

    fn target(position: usize) -> usize {
        position
    }

    fn position(target: usize) -> usize {
        target
    }

    #[inline(always)]
    fn spread<S: Simd>(group: &[Self; GROUP]) -> [S::Singles; 2] {
        let (first, second) = group.split_at(SIXTEEN);
        let half = |half: &[f32]| S::Singles::load(half.try_into().expect("half of a group"));
        [half(first), half(second)]
    }

    #[inline(always)]
    unsafe fn unpack<S: Simd>(mask: u32, packed: *const Self) -> [S::Singles; 2] {
        let (low, high) = (mask as u16, (mask >> 16) as u16);
        // SAFETY: the caller lets 32 weights be read: at most sixteen, and sixteen more.
        unsafe {
            let first = S::Words::load_sparse(low, packed.cast());
            let second = S::Words::load_sparse(high, packed.add(low.count_ones() as usize).cast());
            [S::Singles::of_bits(first), S::Singles::of_bits(second)]
        }
    }
}

/// A weight of eight significant bits: the upper half of an f32.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(transparent)]
pub struct Brief(pub u16);

// SAFETY: a number of 16 bits.
unsafe impl Plain for Brief {}

impl Weight for Brief {
    const BYTES: usize = 2;

    /// To nearest, ties to even: the mean of a law wider than 1/16 of itself moves by less than 10⁻⁵.
    fn round(weight: f64) -> Self {
        let bits = (weight as f32).to_bits();
        Brief(((bits + 0x7fff + ((bits >> 16) & 1)) >> 16) as u16)
    }

    fn value(self) -> f32 {
        f32::from_bits(u32::from(self.0) << 16)
    }

    /// Even and odd positions hold the first and second half of the group: 32 weights then
    /// split into two vectors of 16 floats by one shift and one mask.
    fn target(position: usize) -> usize {
        position / 2 + 16 * (position % 2)
    }

    fn position(target: usize) -> usize {
        2 * (target % 16) + target / 16
    }

    #[inline(always)]
    fn spread<S: Simd>(group: &[Self; GROUP]) -> [S::Singles; 2] {
        // SAFETY: `Brief` is transparent, so this is an array of as many numbers of 16 bits.
        Self::split::<S>(S::Words::load_pairs(unsafe { &*std::ptr::from_ref(group).cast() }))
    }

    #[inline(always)]
    unsafe fn unpack<S: Simd>(mask: u32, packed: *const Self) -> [S::Singles; 2] {
        // SAFETY: the caller lets 32 weights be read.
        Self::split::<S>(unsafe { S::Words::load_packed(mask, packed.cast()) })
    }
}

impl Brief {
    #[inline(always)]
    fn split<S: Simd>(pairs: S::Words) -> [S::Singles; 2] {
        let odd = pairs.and(S::Words::all(0xffff_0000));
        [S::Singles::of_bits(pairs.left::<16>()), S::Singles::of_bits(odd)]
    }
}

/// How columns lie in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// One weight for every target.
    Dense,
    /// A bitmap of targets, and the weights that are not 0.
    Packed,
}

/// The weights of a network, by source.
pub struct Columns<W> {
    layout: Layout,
    /// N: number of targets.
    targets: usize,
    /// Groups of a column.
    groups: usize,
    /// Where columns are packed, a word for each group and source.
    masks: Vec<u32>,
    /// Weights of all columns, and room for more.
    weights: Aligned<W>,
    /// Weights so far.
    end: usize,
    /// Where each column's weights begin, if they are packed; one entry more than sources.
    starts: Vec<usize>,
    sources: usize,
    /// Weights that are not 0.
    stored: usize,
}

impl<W: Weight> Columns<W> {
    /// No column yet, for `targets` targets, with room for about `weights` weights that are not 0.
    pub fn new(layout: Layout, targets: usize, sources: usize, weights: usize) -> Self {
        let groups = targets.div_ceil(GROUP);
        let (words, room) = match layout {
            Layout::Dense => (0, groups * GROUP * sources),
            Layout::Packed => (groups * sources, weights + groups * GROUP),
        };
        let starts = match layout {
            Layout::Dense => Vec::new(),
            Layout::Packed => vec![0],
        };
        let (masks, weights) = (Vec::with_capacity(words), Aligned::zeros(room));
        Columns { layout, targets, groups, masks, weights, end: 0, starts, sources: 0, stored: 0 }
    }

    /// Appends the column of the next source: the weight onto each target, 0 for none.
    ///
    /// # Panics
    /// If the column does not have one weight a target.
    pub fn push(&mut self, column: &[f64]) {
        assert_eq!(column.len(), self.targets, "one weight a target");
        if self.end + self.padded() > self.weights.len() {
            self.weights.resize(self.end + self.padded().max(self.weights.len() / 8));
        }
        for group in column.chunks(GROUP) {
            let mut mask = 0_u32;
            for position in 0..GROUP {
                let weight = group.get(W::target(position)).copied().unwrap_or(0.0);
                mask |= u32::from(weight != 0.0) << position;
                if weight != 0.0 || self.layout == Layout::Dense {
                    self.weights[self.end] = W::round(weight);
                    self.end += 1;
                }
            }
            self.stored += mask.count_ones() as usize;
            if self.layout == Layout::Packed {
                self.masks.push(mask);
            }
        }
        self.sources += 1;
        if self.layout == Layout::Packed {
            self.starts.push(self.end);
        }
    }

    /// Adds what lets a kernel read a whole group from any weight on; call once after the last column.
    pub fn seal(&mut self) {
        self.weights.resize(self.end + if self.layout == Layout::Packed { GROUP } else { 0 });
    }

    /// Whether a whole group can be read from any weight on.
    pub fn is_sealed(&self) -> bool {
        self.layout == Layout::Dense || self.weights.len() >= self.end + GROUP
    }

    /// How columns lie in memory.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// N: number of targets.
    pub fn targets(&self) -> usize {
        self.targets
    }

    /// Number of sources.
    pub fn sources(&self) -> usize {
        self.sources
    }

    /// Targets rounded up to whole groups: the length of a vector of inputs.
    pub fn padded(&self) -> usize {
        self.groups * GROUP
    }

    /// Number of weights that are not 0.
    pub fn stored(&self) -> usize {
        self.stored
    }

    /// Mean number of weights of a group that are not 0.
    pub fn mean_weights(&self) -> f32 {
        self.stored as f32 / (self.groups * self.sources) as f32
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.masks.len() * 4 + self.weights.len() * W::BYTES + self.starts.len() * 8
    }

    /// The bitmap of one source; empty where columns are dense.
    pub fn mask(&self, source: usize) -> &[u32] {
        match self.layout {
            Layout::Dense => &[],
            Layout::Packed => &self.masks[source * self.groups..(source + 1) * self.groups],
        }
    }

    /// The weights of one source, and those of all that follow; where they are packed, the padding at the end.
    pub fn weights_from(&self, source: usize) -> &[W] {
        &self.weights[self.start(source)..]
    }

    fn start(&self, source: usize) -> usize {
        match self.layout {
            Layout::Dense => source * self.padded(),
            Layout::Packed => self.starts[source],
        }
    }

    /// Every weight that is not 0 as (target, source, weight), by source: the slow definition.
    pub fn iter(&self) -> impl Iterator<Item = (usize, usize, f32)> + '_ {
        (0..self.sources()).flat_map(move |source| {
            let own = &self.weights[self.start(source)..self.start(source + 1)];
            let mask = self.mask(source);
            let packed = mask.iter().enumerate().flat_map(|(word, &mask)| bits(mask).map(move |p| word * GROUP + p));
            let dense = 0..if self.layout == Layout::Dense { own.len() } else { 0 };
            packed
                .chain(dense)
                .zip(own)
                .filter(|(_, weight)| weight.value() != 0.0)
                .map(move |(place, weight)| (place / GROUP * GROUP + W::target(place % GROUP), source, weight.value()))
        })
    }
}

/// The positions of the set bits of a word, from the lowest.
pub fn bits(mut mask: u32) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let position = mask.trailing_zeros() as usize;
        (mask != 0).then(|| {
            mask &= mask - 1;
            position
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip<W: Weight>(layout: Layout) {
        let n = 75;
        let dense: Vec<Vec<f64>> = (0..n)
            .map(|j| (0..n).map(|i| if (i * 7 + j * 3) % 4 == 0 { 0.25 * (i + 1) as f64 } else { 0.0 }).collect())
            .collect();
        let mut columns = Columns::<W>::new(layout, n, n, 0);
        dense.iter().for_each(|column| columns.push(column));
        columns.seal();
        let mut back = vec![vec![0.0; n]; n];
        for (i, j, w) in columns.iter() {
            back[j][i] = f64::from(w);
        }
        assert_eq!(back, dense, "weights of few bits survive either storage");
        assert!((0..GROUP).all(|p| W::position(W::target(p)) == p));
    }

    #[test]
    fn columns_give_back_what_was_pushed() {
        for layout in [Layout::Dense, Layout::Packed] {
            round_trip::<f32>(layout);
            round_trip::<Brief>(layout);
        }
    }

    #[test]
    fn brief_rounds_to_nearest() {
        for i in 0..100_000 {
            let w = 1.0 + f64::from(i) * 3.1e-5;
            let error = (f64::from(Brief::round(w).value()) - w).abs();
            assert!(error <= w * 2_f64.powi(-8));
        }
    }
}
