//! Numbers brought into vectors, and rooms that begin on a cache line.

use lanes::{Doubles, EIGHT};

/// The numbers of eight slices, vectors across them, each to its place; near the end some are taken again.
#[inline(always)]
pub fn spread<V: Doubles>(slices: &[&[f64]; EIGHT], places: &[usize], out: &mut [V]) {
    if places.len() < EIGHT {
        for (k, &place) in places.iter().enumerate() {
            out[place] = V::load(&slices.map(|slice| slice[k]));
        }
        return;
    }
    for from in (0..places.len()).step_by(EIGHT) {
        let from = from.min(places.len() - EIGHT);
        let [a, b, c, d, e, f, g, h] = slices;
        let block = V::transposed([
            V::load(&a[from..]),
            V::load(&b[from..]),
            V::load(&c[from..]),
            V::load(&d[from..]),
            V::load(&e[from..]),
            V::load(&f[from..]),
            V::load(&g[from..]),
            V::load(&h[from..]),
        ]);
        for (vector, &place) in block.iter().zip(&places[from..from + EIGHT]) {
            out[place] = *vector;
        }
    }
}

/// Numbers from the start of a cache line on: vectors that straddle two of them take twice as long.
pub struct Aligned {
    values: Vec<f64>,
    start: usize,
    count: usize,
}

impl Aligned {
    pub fn new(count: usize) -> Self {
        let values = vec![0.0_f64; count + EIGHT];
        let start = values.as_ptr().align_offset(EIGHT * size_of::<f64>()).min(EIGHT);
        Aligned { values, start, count }
    }

    #[inline(always)]
    pub fn get(&self) -> &[f64] {
        &self.values[self.start..self.start + self.count]
    }

    #[inline(always)]
    pub fn of(&mut self) -> &mut [f64] {
        &mut self.values[self.start..self.start + self.count]
    }
}
