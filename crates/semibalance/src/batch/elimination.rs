//! Gaussian elimination without interchanges, columns of whole vectors.

use lanes::{Doubles, EIGHT};

/// Columns that are eliminated together: each column to their right is then read and written once for all of them.
pub const PANEL: usize = 4;

/// Takes [`PANEL`] columns, from k on, out of all columns to their right; their pivots.
#[inline(always)]
pub fn eliminate<V: Doubles>(system: &mut [f64], panel: &mut [f64], pivots: &mut [f64], k: usize, stride: usize) {
    let first = k / EIGHT * EIGHT;
    let (left, right) = system.split_at_mut((k + PANEL) * stride);
    let own = &mut left[k * stride..];
    for i in 0..PANEL {
        let column = &mut own[i * stride..(i + 1) * stride];
        for (j, multipliers) in panel.chunks_exact(stride).take(i).enumerate() {
            let factor = V::all(column[k + j]);
            for from in (first..stride).step_by(EIGHT) {
                let less = V::load(&column[from..]).minus_product(factor, V::load(&multipliers[from..]));
                less.put(&mut column[from..]);
            }
        }
        pivots[i] = column[k + i];
        let inverse = V::all(1.0 / pivots[i]);
        let multipliers = &mut panel[i * stride..(i + 1) * stride];
        for from in (first..stride).step_by(EIGHT) {
            V::load(&column[from..]).times(inverse).put(&mut multipliers[from..]);
        }
        // Rows down to the pivot's are done with.
        multipliers[first..=k + i].fill(0.0);
    }
    let corner = [&panel[k..], &panel[stride + k..], &panel[2 * stride + k..]].map(|row| [0.0, row[1], row[2], row[3]]);
    let panel = Panel { multipliers: panel, corner, k, stride };
    let (pairs, drive) = right.split_at_mut(right.len() - stride);
    for pair in pairs.chunks_exact_mut(2 * stride) {
        let (one, other) = pair.split_at_mut(stride);
        panel.take_out_of::<V>(one, other);
    }
    // Columns and drive are an odd number: the drive is taken for itself.
    panel.take_out_of::<V>(drive, &mut []);
}

/// Columns that have been eliminated, divided by their pivots.
struct Panel<'a> {
    multipliers: &'a [f64],
    /// Those in their own rows, of all but the last.
    corner: [[f64; PANEL]; 3],
    k: usize,
    stride: usize,
}

impl Panel<'_> {
    /// Two columns, or one: each multiplier is read once for both.
    #[inline(always)]
    fn take_out_of<V: Doubles>(&self, one: &mut [f64], other: &mut [f64]) {
        let first = self.k / EIGHT * EIGHT;
        let length = self.stride - first;
        let (l0, rest) = self.multipliers.split_at(self.stride);
        let (l1, rest) = rest.split_at(self.stride);
        let (l2, l3) = rest.split_at(self.stride);
        let (l0, l1, l2, l3) = (&l0[first..], &l1[first..], &l2[first..], &l3[first..]);
        let [a0, a1, a2, a3] = self.factors(one);
        let (a0, a1, a2, a3) = (V::all(a0), V::all(a1), V::all(a2), V::all(a3));
        let one = &mut one[first..][..length];
        if other.is_empty() {
            for from in (0..length).step_by(EIGHT) {
                let (m0, m1) = (V::load(&l0[from..]), V::load(&l1[from..]));
                let (m2, m3) = (V::load(&l2[from..]), V::load(&l3[from..]));
                let a = V::load(&one[from..]).minus_product(a0, m0).minus_product(a1, m1);
                a.minus_product(a2, m2).minus_product(a3, m3).put(&mut one[from..]);
            }
            return;
        }
        let [b0, b1, b2, b3] = self.factors(other);
        let (b0, b1, b2, b3) = (V::all(b0), V::all(b1), V::all(b2), V::all(b3));
        let other = &mut other[first..][..length];
        for from in (0..length).step_by(EIGHT) {
            let (m0, m1) = (V::load(&l0[from..]), V::load(&l1[from..]));
            let (m2, m3) = (V::load(&l2[from..]), V::load(&l3[from..]));
            let a = V::load(&one[from..]).minus_product(a0, m0).minus_product(a1, m1);
            let b = V::load(&other[from..]).minus_product(b0, m0).minus_product(b1, m1);
            a.minus_product(a2, m2).minus_product(a3, m3).put(&mut one[from..]);
            b.minus_product(b2, m2).minus_product(b3, m3).put(&mut other[from..]);
        }
    }

    /// Entries of a column in the rows of the panel, once those above have been taken out.
    #[inline(always)]
    fn factors(&self, column: &[f64]) -> [f64; PANEL] {
        let [c0, c1, c2] = &self.corner;
        let u = &column[self.k..self.k + PANEL];
        let u0 = u[0];
        let u1 = u[1] - c0[1] * u0;
        let u2 = u[2] - c0[2] * u0 - c1[2] * u1;
        let u3 = u[3] - c0[3] * u0 - c1[3] * u1 - c2[3] * u2;
        [u0, u1, u2, u3]
    }
}
