//! The connectivity by source: for each source a bitmap of its targets and their packed weights.
//!
//! Only the columns of active sources are read in a step, and only the weights that matter are
//! stored, so a step costs f N² (1/8 + density · bytes) bytes of memory traffic.

/// Targets that share one word of a bitmap.
pub const GROUP: usize = 32;

/// How a weight is stored.
pub trait Weight: Copy + Send + Sync + 'static {
    /// Bytes of one stored weight.
    const BYTES: usize;
    /// Rounds a drawn weight to what is stored. The rounded weight *is* the weight: theory and
    /// every engine see its law, not the law before rounding.
    fn round(weight: f64) -> Self;
    /// The stored weight.
    fn value(self) -> f32;
    /// Which target of a group the bit at `position` stands for.
    fn target(position: usize) -> usize;
    /// The inverse of [`Weight::target`].
    fn position(target: usize) -> usize;
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
}

/// A weight of eight significant bits: the upper half of an f32.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(transparent)]
pub struct Brief(pub u16);

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

    /// Even and odd bits hold the first and second half of the group: a vector of 32 weights then
    /// splits into two of 16 floats by one shift and one mask.
    fn target(position: usize) -> usize {
        position / 2 + 16 * (position % 2)
    }

    fn position(target: usize) -> usize {
        2 * (target % 16) + target / 16
    }
}

/// The weights of a network, by source.
pub struct Columns<W> {
    /// N: number of targets.
    targets: usize,
    /// Words of a column's bitmap.
    words: usize,
    /// `words` bitmap words for each source.
    masks: Vec<u32>,
    /// Packed weights of all columns, and a vector's length of padding.
    weights: Vec<W>,
    /// Where each column's weights begin; one entry more than sources.
    starts: Vec<usize>,
}

impl<W: Weight> Columns<W> {
    /// No column yet, for `targets` targets, with room for about `weights` weights.
    pub fn new(targets: usize, sources: usize, weights: usize) -> Self {
        let words = targets.div_ceil(GROUP);
        let mut starts = Vec::with_capacity(sources + 1);
        starts.push(0);
        Columns {
            targets,
            words,
            masks: on_large_pages(words * sources),
            weights: on_large_pages(weights + GROUP),
            starts,
        }
    }

    /// Appends the column of the next source: the weight onto each target, 0 for none.
    ///
    /// # Panics
    /// If the column does not have one weight a target.
    pub fn push(&mut self, column: &[f64]) {
        assert_eq!(column.len(), self.targets, "one weight a target");
        for group in column.chunks(GROUP) {
            let mut mask = 0_u32;
            for position in 0..GROUP {
                let weight = group.get(W::target(position)).copied().unwrap_or(0.0);
                if weight != 0.0 {
                    mask |= 1 << position;
                    self.weights.push(W::round(weight));
                }
            }
            self.masks.push(mask);
        }
        self.starts.push(self.weights.len());
    }

    /// Adds what lets a kernel read a whole vector from any weight on; call once after the last column.
    pub fn seal(&mut self) {
        self.weights.extend(std::iter::repeat_n(W::round(0.0), GROUP));
    }

    /// N: number of targets.
    pub fn targets(&self) -> usize {
        self.targets
    }

    /// Number of sources.
    pub fn sources(&self) -> usize {
        self.starts.len() - 1
    }

    /// Targets rounded up to whole groups: the length of an input buffer for [`crate::Kernel`].
    pub fn padded(&self) -> usize {
        self.words * GROUP
    }

    /// Number of stored weights.
    pub fn stored(&self) -> usize {
        self.starts.last().copied().unwrap_or(0)
    }

    /// Mean number of weights behind one word of a bitmap.
    pub fn mean_weights(&self) -> f32 {
        self.stored() as f32 / self.masks.len() as f32
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.masks.len() * 4 + self.weights.len() * W::BYTES + self.starts.len() * 8
    }

    /// The bitmap of one source.
    pub fn mask(&self, source: usize) -> &[u32] {
        &self.masks[source * self.words..(source + 1) * self.words]
    }

    /// The packed weights of one source; the padding follows the last.
    pub fn weights_from(&self, source: usize) -> &[W] {
        &self.weights[self.starts[source]..]
    }

    /// Every stored weight as (target, source, weight), by source: the slow definition.
    pub fn iter(&self) -> impl Iterator<Item = (usize, usize, f32)> + '_ {
        (0..self.sources()).flat_map(move |source| {
            let mut next = self.weights_from(source).iter();
            self.mask(source).iter().enumerate().flat_map(|(word, &mask)| bits(mask).map(move |p| (word, p))).map(
                move |(word, position)| {
                    let weight = next.next().expect("a weight for every bit of the bitmap");
                    (word * GROUP + W::target(position), source, weight.value())
                },
            )
        })
    }
}

/// An empty vector whose memory the system is asked to back by large pages, before any is touched:
/// columns lie all over it, and each would miss the translation cache otherwise.
pub fn on_large_pages<T>(capacity: usize) -> Vec<T> {
    let vector: Vec<T> = Vec::with_capacity(capacity);
    #[cfg(target_os = "linux")]
    {
        const PAGE: usize = 4096;
        let start = (vector.as_ptr() as usize).next_multiple_of(PAGE);
        let end = vector.as_ptr() as usize + vector.capacity() * size_of::<T>();
        if end > start + (1 << 21) {
            // SAFETY: the range lies within the vector's own memory, and advice changes no content.
            // If the system declines, nothing but time is lost.
            let _ = unsafe { libc::madvise(start as *mut libc::c_void, end - start, libc::MADV_HUGEPAGE) };
        }
    }
    vector
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

    fn round_trip<W: Weight>() {
        let n = 75;
        let dense: Vec<Vec<f64>> = (0..n)
            .map(|j| (0..n).map(|i| if (i * 7 + j * 3) % 4 == 0 { 0.25 * (i + 1) as f64 } else { 0.0 }).collect())
            .collect();
        let mut columns = Columns::<W>::new(n, n, 0);
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
        round_trip::<f32>();
        round_trip::<Brief>();
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
