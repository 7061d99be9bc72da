//! Numbers brought into vectors.

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
