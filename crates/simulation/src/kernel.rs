//! The inner loops of a rate network, for any instruction set.
//!
//! Each target receives its terms in the order of the sources, each product and each sum rounded, so every instruction set and both layouts
//! of columns give the same bits.

#![allow(clippy::needless_range_loop, reason = "loops over known places stay in registers")]

use crate::columns::{Columns, GROUP, Layout, Weight};
use lanes::{Isa, SIXTEEN, Simd, Singles, Words, Work};

/// Bytes of connectivity that stay in the second-level cache, where a prefetch costs more than it saves.
const NEAR: usize = 3 << 19;

/// Entries beyond the last that [`positive`] may overwrite.
pub const SPARE: usize = SIXTEEN;

/// input[i] ← Σⱼ φⱼ Jᵢⱼ over the given sources, which is the recurrent input if φ carries the signs of the sources. `input` has
/// [`Columns::padded`] entries.
///
/// # Panics
/// If a length does not fit, a source is out of range, or columns are not sealed.
pub fn accumulate<W: Weight>(isa: Isa, columns: &Columns<W>, sources: &[u32], phi: &[f32], input: &mut [f32]) {
    assert_eq!(sources.len(), phi.len(), "one activity a source");
    check(columns, sources.iter().copied(), input.len());
    isa.run(Accumulate { columns, sources, phi, input });
}

/// counts[i] ← counts[i] + round(scale · Jᵢⱼ) for each source that flips and its scale: exact integer sums, so that a source switched on and
/// off again leaves no trace.
///
/// # Panics
/// If a length does not fit, a source is out of range, or columns are not sealed.
pub fn flip<W: Weight>(isa: Isa, columns: &Columns<W>, flips: &[(u32, f32)], counts: &mut [u32]) {
    check(columns, flips.iter().map(|(source, _)| *source), counts.len());
    isa.run(Flip { columns, flips, counts });
}

/// Writes the units with x > 0, in order, to `units` and their x to `inputs`; returns their number. Both must be [`SPARE`] longer than `x`.
///
/// # Panics
/// If a slice is too short.
pub fn positive(isa: Isa, x: &[f32], units: &mut [u32], inputs: &mut [f32]) -> usize {
    assert!(units.len() >= x.len() + SPARE && inputs.len() >= x.len() + SPARE, "too little room");
    isa.run(Positive { x, units, inputs })
}

/// Writes the units whose x > 0 is news, in order, to `units`, which must be [`SPARE`] longer than `x`; returns their number. Bit l of
/// `on[k]` says whether x > 0 of unit 16 k + l, before and after.
///
/// # Panics
/// If a slice is too short.
pub fn switched(isa: Isa, x: &[f32], on: &mut [u16], units: &mut [u32]) -> usize {
    assert!(units.len() >= x.len() + SPARE && on.len() >= x.len().div_ceil(SIXTEEN), "too little room");
    isa.run(Switches { x, on, units })
}

/// x ← d x + (1 − d)(η + I).
///
/// # Panics
/// If lengths differ.
pub fn relax(isa: Isa, x: &mut [f32], eta: &[f32], bias: &[f32], decay: f64) {
    assert!(x.len() == eta.len() && x.len() == bias.len(), "one value a unit");
    isa.run(Relax { x, eta, bias, decay: decay as f32, gain: (1.0 - decay) as f32 });
}

fn check<W: Weight>(columns: &Columns<W>, mut sources: impl Iterator<Item = u32>, length: usize) {
    assert!(columns.is_sealed(), "columns are complete");
    assert_eq!(length, columns.padded(), "one value a target, padded");
    assert!(sources.all(|source| (source as usize) < columns.sources()), "source out of range");
}

struct Accumulate<'a, W> {
    columns: &'a Columns<W>,
    sources: &'a [u32],
    phi: &'a [f32],
    input: &'a mut [f32],
}

impl<W: Weight> Work for Accumulate<'_, W> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        // Inputs are loaded and stored once for all columns that are added together. Dense ones are many bytes each, and more than four at a
        // time push one another out of the innermost cache.
        match self.columns.layout() {
            Layout::Dense => self.together::<S, 4>(),
            Layout::Packed => self.together::<S, 8>(),
        }
    }
}

impl<W: Weight> Accumulate<'_, W> {
    #[inline(always)]
    fn together<S: Simd, const C: usize>(self) {
        let Accumulate { columns, sources, phi, input } = self;
        input.fill(0.0);
        let mut at = 0;
        while sources.len() - at >= C {
            add::<W, S, C>(columns, &sources[at..], &phi[at..], input);
            at += C;
        }
        if sources.len() - at >= 4 {
            add::<W, S, 4>(columns, &sources[at..], &phi[at..], input);
            at += 4;
        }
        if sources.len() - at >= 2 {
            add::<W, S, 2>(columns, &sources[at..], &phi[at..], input);
            at += 2;
        }
        if sources.len() > at {
            add::<W, S, 1>(columns, &sources[at..], &phi[at..], input);
        }
    }
}

/// Adds the first C sources. Meanwhile the columns of the next C are asked for, about as far into them as these are: their beginnings are
/// nowhere near, and a hardware prefetcher would find them too late.
#[inline(always)]
fn add<W: Weight, S: Simd, const C: usize>(columns: &Columns<W>, sources: &[u32], phi: &[f32], input: &mut [f32]) {
    let mut factors = [S::Singles::all(0.0); C];
    let mut walks = [Walk::none(); C];
    let far = columns.bytes() > NEAR;
    for c in 0..C {
        factors[c] = S::Singles::all(phi[c]);
        // Where nothing follows, the columns themselves: they are there already.
        let next = if c + C < sources.len() { sources[c + C] } else { sources[c] };
        walks[c] = Walk::along(columns, sources[c], next);
    }
    let (groups, _) = input.as_chunks_mut::<GROUP>();
    match (columns.layout(), far) {
        (Layout::Dense, true) => add_dense::<W, S, C, true>(&walks, &factors, groups),
        (Layout::Dense, false) => add_dense::<W, S, C, false>(&walks, &factors, groups),
        (Layout::Packed, true) => add_packed::<W, S, C, true>(&walks, &factors, groups, columns.mean_weights()),
        (Layout::Packed, false) => add_packed::<W, S, C, false>(&walks, &factors, groups, 0.0),
    }
}

/// A column and the one that will be wanted next.
#[derive(Clone, Copy)]
struct Walk<'a, W> {
    masks: &'a [u32],
    weights: &'a [W],
    next_masks: &'a [u32],
    next_weights: &'a [W],
}

impl<'a, W: Weight> Walk<'a, W> {
    #[inline(always)]
    fn none() -> Self {
        Walk { masks: &[], weights: &[], next_masks: &[], next_weights: &[] }
    }

    #[inline(always)]
    fn along(columns: &'a Columns<W>, source: u32, next: u32) -> Self {
        let (source, next) = (source as usize, next as usize);
        Walk {
            masks: columns.mask(source),
            weights: columns.weights_from(source),
            next_masks: columns.mask(next),
            next_weights: columns.weights_from(next),
        }
    }
}

/// Two vectors of sixteen targets.
#[inline(always)]
fn load<S: Simd>(group: &[f32; GROUP]) -> [S::Singles; 2] {
    let (halves, _) = group.as_chunks::<SIXTEEN>();
    [S::Singles::load(&halves[0]), S::Singles::load(&halves[1])]
}

#[inline(always)]
fn store<S: Simd>(group: &mut [f32; GROUP], [first, second]: [S::Singles; 2]) {
    let (halves, _) = group.as_chunks_mut::<SIXTEEN>();
    first.store(&mut halves[0]);
    second.store(&mut halves[1]);
}

#[inline(always)]
fn add_dense<W: Weight, S: Simd, const C: usize, const FETCH: bool>(
    walks: &[Walk<W>; C],
    factors: &[S::Singles; C],
    groups: &mut [[f32; GROUP]],
) {
    let count = groups.len();
    // Groups that can be read without a check of bounds.
    let weights: [&[[W; GROUP]]; C] = std::array::from_fn(|c| &walks[c].weights.as_chunks::<GROUP>().0[..count]);
    let next: [&[[W; GROUP]]; C] = std::array::from_fn(|c| &walks[c].next_weights.as_chunks::<GROUP>().0[..count]);
    for (k, group) in groups.iter_mut().enumerate() {
        let mut sums = load::<S>(group);
        for c in 0..C {
            let [first, second] = W::spread::<S>(&weights[c][k]);
            sums = [factors[c].times_plus(first, sums[0]), factors[c].times_plus(second, sums[1])];
            if FETCH && S::FETCHES {
                S::Words::fetch(&next[c][k]);
                if size_of::<[W; GROUP]>() > 64 {
                    S::Words::fetch(&next[c][k][GROUP / 2]);
                }
            }
        }
        store::<S>(group, sums);
    }
}

#[inline(always)]
fn add_packed<W: Weight, S: Simd, const C: usize, const FETCH: bool>(
    walks: &[Walk<W>; C],
    factors: &[S::Singles; C],
    groups: &mut [[f32; GROUP]],
    mean: f32,
) {
    let mut weights: [*const W; C] = std::array::from_fn(|c| walks[c].weights.as_ptr());
    let (mut along, mut line) = (0.0, 0.0);
    for (k, group) in groups.iter_mut().enumerate() {
        let mut sums = load::<S>(group);
        for c in 0..C {
            let mask = walks[c].masks[k];
            // SAFETY: the pointer walks the column's weights, as many a group as its mask says; a whole group of padding follows the last.
            let [first, second] = unsafe {
                let both = W::unpack::<S>(mask, weights[c]);
                weights[c] = weights[c].add(mask.count_ones() as usize);
                both
            };
            sums = [factors[c].times_plus(first, sums[0]), factors[c].times_plus(second, sums[1])];
        }
        store::<S>(group, sums);
        if FETCH {
            along += mean;
            if along >= line {
                line += 64.0 / W::BYTES as f32;
                for walk in walks {
                    S::Words::fetch(walk.next_weights.as_ptr().wrapping_add(along as usize));
                }
            }
            if k % 16 == 0 {
                for walk in walks {
                    S::Words::fetch(walk.next_masks.as_ptr().wrapping_add(k));
                }
            }
        }
    }
}

struct Flip<'a, W> {
    columns: &'a Columns<W>,
    flips: &'a [(u32, f32)],
    counts: &'a mut [u32],
}

impl<W: Weight> Work for Flip<'_, W> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        let Flip { columns, flips, counts } = self;
        let (groups, _) = counts.as_chunks_mut::<GROUP>();
        let (fours, rest) = flips.as_chunks::<4>();
        for four in fours {
            flip_some::<W, S, 4>(columns, four, groups);
        }
        for one in rest {
            flip_some::<W, S, 1>(columns, &[*one], groups);
        }
    }
}

#[inline(always)]
fn flip_some<W: Weight, S: Simd, const C: usize>(
    columns: &Columns<W>,
    flips: &[(u32, f32); C],
    groups: &mut [[u32; GROUP]],
) {
    let walks: [Walk<W>; C] = std::array::from_fn(|c| Walk::along(columns, flips[c].0, flips[c].0));
    let mut factors = [S::Singles::all(0.0); C];
    for c in 0..C {
        factors[c] = S::Singles::all(flips[c].1);
    }
    let mut packed: [*const W; C] = std::array::from_fn(|c| walks[c].weights.as_ptr());
    let dense: [&[[W; GROUP]]; C] = std::array::from_fn(|c| walks[c].weights.as_chunks::<GROUP>().0);
    for (k, group) in groups.iter_mut().enumerate() {
        let (halves, _) = group.as_chunks_mut::<SIXTEEN>();
        let mut sums = [S::Words::load(&halves[0]), S::Words::load(&halves[1])];
        for c in 0..C {
            let [first, second] = match columns.layout() {
                Layout::Dense => W::spread::<S>(&dense[c][k]),
                Layout::Packed => {
                    let mask = walks[c].masks[k];
                    // SAFETY: as in `add_packed`.
                    unsafe {
                        let both = W::unpack::<S>(mask, packed[c]);
                        packed[c] = packed[c].add(mask.count_ones() as usize);
                        both
                    }
                }
            };
            sums[0] = sums[0].plus(factors[c].times(first).rounded());
            sums[1] = sums[1].plus(factors[c].times(second).rounded());
        }
        sums[0].store(&mut halves[0]);
        sums[1].store(&mut halves[1]);
    }
}

/// x of sixteen units; those behind the last unit are 0.
#[inline(always)]
fn sixteen<S: Simd>(chunk: &[f32]) -> S::Singles {
    match chunk.try_into() {
        Ok(whole) => S::Singles::load(whole),
        Err(_) => {
            let mut whole = [0.0; SIXTEEN];
            whole[..chunk.len()].copy_from_slice(chunk);
            S::Singles::load(&whole)
        }
    }
}

/// Numbers of units, from 16 k on.
#[inline(always)]
fn numbers<S: Simd>(k: usize) -> S::Words {
    const FIRST: [u32; SIXTEEN] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
    S::Words::load(&FIRST).plus(S::Words::all((k * SIXTEEN) as u32))
}

struct Positive<'a> {
    x: &'a [f32],
    units: &'a mut [u32],
    inputs: &'a mut [f32],
}

impl Work for Positive<'_> {
    type Output = usize;

    #[inline(always)]
    fn run<S: Simd>(self) -> usize {
        let mut count = 0;
        for (k, chunk) in self.x.chunks(SIXTEEN).enumerate() {
            let x = sixteen::<S>(chunk);
            let mask = x.above(S::Singles::all(0.0));
            if mask != 0 {
                let room = "a vector to spare";
                x.pack(mask, self.inputs[count..].first_chunk_mut().expect(room));
                numbers::<S>(k).pack(mask, self.units[count..].first_chunk_mut().expect(room));
                count += mask.count_ones() as usize;
            }
        }
        count
    }
}

struct Switches<'a> {
    x: &'a [f32],
    on: &'a mut [u16],
    units: &'a mut [u32],
}

impl Work for Switches<'_> {
    type Output = usize;

    #[inline(always)]
    fn run<S: Simd>(self) -> usize {
        let mut count = 0;
        for ((k, chunk), on) in self.x.chunks(SIXTEEN).enumerate().zip(self.on) {
            let now = sixteen::<S>(chunk).above(S::Singles::all(0.0));
            let news = now ^ *on;
            *on = now;
            if news != 0 {
                numbers::<S>(k).pack(news, self.units[count..].first_chunk_mut().expect("a vector to spare"));
                count += news.count_ones() as usize;
            }
        }
        count
    }
}

struct Relax<'a> {
    x: &'a mut [f32],
    eta: &'a [f32],
    bias: &'a [f32],
    decay: f32,
    gain: f32,
}

impl Work for Relax<'_> {
    type Output = ();

    /// A plain loop, compiled for each instruction set.
    #[inline(always)]
    fn run<S: Simd>(self) {
        for ((x, &eta), &bias) in self.x.iter_mut().zip(self.eta).zip(self.bias) {
            *x = self.decay * *x + self.gain * (eta + bias);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::Brief;
    use crate::connectivity::draw_columns_as;
    use model::{RateNetwork, Response, Seed};

    fn check_kernels<W: Weight>(size: usize, exponent: f64) {
        let network = RateNetwork::inhibitory(size, 2.0, 2.0, exponent, 1.0, Response::RectifiedTanh);
        let sources: Vec<u32> = (0..size as u32).filter(|j| j % 3 != 1).collect();
        let phi: Vec<f32> = sources.iter().map(|&j| -1.0 / (1.0 + j as f32)).collect();
        let mut reference: Option<(Vec<f32>, Vec<u32>)> = None;
        for layout in [Layout::Dense, Layout::Packed] {
            let columns = draw_columns_as::<W>(&network, Seed(5), layout);
            // The definition, in double precision.
            let mut slow = vec![0.0_f64; size];
            let mut magnitude = vec![0.0_f64; size];
            for (i, j, w) in columns.iter() {
                if let Ok(k) = sources.binary_search(&(j as u32)) {
                    slow[i] += f64::from(phi[k]) * f64::from(w);
                    magnitude[i] += (f64::from(phi[k]) * f64::from(w)).abs();
                }
            }
            for isa in Isa::available() {
                let mut input = vec![f32::NAN; columns.padded()];
                accumulate(isa, &columns, &sources, &phi, &mut input);
                for i in 0..size {
                    // Two roundings of half a unit in the last place per term.
                    let bound = 1.2e-7 * sources.len() as f64 * magnitude[i] + 1e-30;
                    assert!((f64::from(input[i]) - slow[i]).abs() <= bound, "{isa}, {layout:?}: target {i}");
                }
                let flips: Vec<(u32, f32)> =
                    sources.iter().map(|&j| (j, if j % 2 == 0 { 1e5 } else { -1e5 })).collect();
                let mut counts = vec![0; columns.padded()];
                flip(isa, &columns, &flips, &mut counts);
                let (input_all, counts_all) = reference.get_or_insert_with(|| (input.clone(), counts.clone()));
                assert_eq!(*input_all, input, "{isa}, {layout:?} gives other bits");
                assert_eq!(*counts_all, counts, "{isa}, {layout:?} gives other counts");

                let back: Vec<(u32, f32)> = flips.iter().map(|&(j, s)| (j, -s)).collect();
                flip(isa, &columns, &back, &mut counts);
                assert!(counts.iter().all(|&c| c == 0), "flips that cancel leave no trace");
            }
        }
    }

    #[test]
    fn kernels_equal_the_definition_and_one_another() {
        for size in [1, 31, 100, 515] {
            for exponent in [0.5, 1.0] {
                check_kernels::<Brief>(size, exponent);
                check_kernels::<f32>(size, exponent);
            }
        }
    }

    #[test]
    fn units_above_threshold_are_found_and_those_that_switch() {
        for size in [1, 15, 16, 17, 100, 333] {
            let x: Vec<f32> = (0..size).map(|i| ((i * 37) % 11) as f32 - 5.0).collect();
            let expected: Vec<u32> = (0..size as u32).filter(|&i| x[i as usize] > 0.0).collect();
            for isa in Isa::available() {
                let (mut units, mut inputs) = (vec![0; size + SPARE], vec![0.0; size + SPARE]);
                let count = positive(isa, &x, &mut units, &mut inputs);
                assert_eq!(units[..count], expected, "{isa}");
                assert!(expected.iter().zip(&inputs).all(|(&i, &own)| x[i as usize] == own), "{isa}");
                let mut on = vec![0; size.div_ceil(SIXTEEN)];
                let count = switched(isa, &x, &mut on, &mut units);
                assert_eq!(units[..count], expected, "{isa}: all that are on are news");
                assert_eq!(switched(isa, &x, &mut on, &mut units), 0, "{isa}: and then no more");
            }
        }
    }
}
