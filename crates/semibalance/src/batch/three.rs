//! Three populations: all eight supports by cofactors, in registers.

use super::REGULAR;
use lanes::Doubles;

/// Rates so far: numerators and their common denominator, NaN until a support has passed.
struct Rates<V> {
    numerators: [V; 3],
    denominator: V,
}

impl<V: Doubles> Rates<V> {
    /// Takes the rates n/d of populations a, b, c where a support passes.
    #[inline(always)]
    fn take(&mut self, passes: V::Condition, (a, b, c): (usize, usize, usize), n: [V; 3], d: V) {
        self.numerators[a] = V::pick(passes, n[0], self.numerators[a]);
        self.numerators[b] = V::pick(passes, n[1], self.numerators[b]);
        self.numerators[c] = V::pick(passes, n[2], self.numerators[c]);
        self.denominator = V::pick(passes, d, self.denominator);
    }
}

/// Rates of a state with sign det(−W_SS) = 1, which every stable state has; NaN where none of the supports passes
/// the test of signs.
///
/// Each support has rates N/D and inputs of silent populations C/D by Cramer's rule with D = |det W_SS|, so signs are
/// tested before anything is divided.
#[inline(always)]
pub fn three<V: Doubles>(w: &[[V; 3]; 3], x: &[V; 3]) -> [V; 3] {
    let zero = V::all(0.0);
    let mut rates = Rates { numerators: [zero; 3], denominator: V::all(f64::NAN) };
    let none = all::<V, _>([x[0].not_above(zero), x[1].not_above(zero), x[2].not_above(zero)]);
    rates.take(none, (0, 1, 2), [zero; 3], V::all(1.0));
    one_and_two(w, x, (0, 1, 2), &mut rates);
    one_and_two(w, x, (1, 2, 0), &mut rates);
    one_and_two(w, x, (2, 0, 1), &mut rates);
    let columns = [
        [minor(w, 0, 0), minor(w, 1, 0), minor(w, 2, 0)],
        [minor(w, 0, 1), minor(w, 1, 1), minor(w, 2, 1)],
        [minor(w, 0, 2), minor(w, 1, 2), minor(w, 2, 2)],
    ];
    let d = dot(columns[0], &[w[0][0], w[1][0], w[2][0]]).negative();
    let least = magnitude(w).times(V::all(REGULAR));
    let n = [dot(columns[0], x), dot(columns[1], x), dot(columns[2], x)];
    let passes = all::<V, _>([d.exceeds(least), n[0].exceeds(zero), n[1].exceeds(zero), n[2].exceeds(zero)]);
    rates.take(passes, (0, 1, 2), n, d);
    let inverse = V::all(1.0).over(rates.denominator);
    [rates.numerators[0].times(inverse), rates.numerators[1].times(inverse), rates.numerators[2].times(inverse)]
}

/// The supports {a} and {a, b}.
#[inline(always)]
fn one_and_two<V: Doubles>(w: &[[V; 3]; 3], x: &[V; 3], order: (usize, usize, usize), rates: &mut Rates<V>) {
    let zero = V::all(0.0);
    let (a, b, c) = order;
    let d = w[a][a].negative();
    let at_b = w[b][a].times(x[a]).plus(x[b].times(d));
    let at_c = w[c][a].times(x[a]).plus(x[c].times(d));
    let passes = all::<V, _>([d.exceeds(zero), x[a].exceeds(zero), at_b.not_above(zero), at_c.not_above(zero)]);
    rates.take(passes, order, [x[a], zero, zero], d);
    let (straight, crossed) = (w[a][a].times(w[b][b]), w[a][b].times(w[b][a]));
    let d = straight.minus(crossed);
    // A determinant that rounding might have made of 0 is none.
    let least = straight.abs().plus(crossed.abs()).times(V::all(REGULAR));
    let n = difference(w[a][b], x[b], w[b][b], x[a]);
    let m = difference(w[b][a], x[a], w[a][a], x[b]);
    let at_c = dot([w[c][a], w[c][b], x[c]], &[n, m, d]);
    let passes = all::<V, _>([d.exceeds(least), n.exceeds(zero), m.exceeds(zero), at_c.not_above(zero)]);
    rates.take(passes, order, [n, m, zero], d);
}

/// Where all conditions hold.
#[inline(always)]
fn all<V: Doubles, const N: usize>(conditions: [V::Condition; N]) -> V::Condition {
    let mut together = conditions[0];
    for condition in &conditions[1..] {
        together = V::both(together, *condition);
    }
    together
}

/// a b − c d.
#[inline(always)]
fn difference<V: Doubles>(a: V, b: V, c: V, d: V) -> V {
    a.times(b).minus(c.times(d))
}

/// The cofactor of w_ab, from the rows and columns that follow in the circle.
#[inline(always)]
fn minor<V: Doubles>(w: &[[V; 3]; 3], a: usize, b: usize) -> V {
    let (a1, a2, b1, b2) = ((a + 1) % 3, (a + 2) % 3, (b + 1) % 3, (b + 2) % 3);
    difference(w[a1][b1], w[a2][b2], w[a1][b2], w[a2][b1])
}

#[inline(always)]
fn dot<V: Doubles>(n: [V; 3], x: &[V; 3]) -> V {
    n[0].times(x[0]).plus(n[1].times(x[1])).plus(n[2].times(x[2]))
}

/// Sum of the magnitudes of the six products of the determinant.
#[inline(always)]
fn magnitude<V: Doubles>(w: &[[V; 3]; 3]) -> V {
    let mut sum = V::all(0.0);
    for (b, c, d) in [(0, 1, 2), (1, 2, 0), (2, 0, 1)] {
        let rest = w[1][c].times(w[2][d]).abs().plus(w[1][d].times(w[2][c]).abs());
        sum = sum.plus(w[0][b].abs().times(rest));
    }
    sum
}

/// Which rates are those of a state to `residual`.
#[inline(always)]
pub fn hold<V: Doubles>(w: &[[V; 3]; 3], x: &[V; 3], r: &[V; 3], residual: f64) -> u8 {
    let zero = V::all(0.0);
    let mut holds = zero.not_above(zero);
    for a in 0..3 {
        let terms = [w[a][0].times(r[0]), w[a][1].times(r[1]), w[a][2].times(r[2])];
        let input = terms[0].plus(terms[1]).plus(terms[2]).plus(x[a]);
        let size = terms[0].abs().plus(terms[1].abs()).plus(terms[2].abs()).plus(x[a].abs());
        let active = r[a].exceeds(zero);
        let wrong = V::pick(active, input.abs(), input);
        let own = [holds, wrong.not_above(size.times(V::all(residual))), size.not_above(V::all(f64::MAX))];
        holds = all::<V, _>(own);
    }
    V::mask(holds)
}
