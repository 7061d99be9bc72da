//! Firing under filtered noise for eight mean currents at once, one a lane: the elimination of [`super::filtered`]'s grid, without
//! interchanges of rows.
//!
//! What acts among nodes is similar to a symmetric negative matrix, from which outflow only takes away: pivots of the first cell do not
//! vanish. That those of the others do not is measured, not proved, so each answer is tested: probability that leaves at the top enters at the
//! reset, hence columns of the last system sum to 0. Where they do not, the lane's answer is NaN, and the definition is asked. Nothing but what
//! is sought is kept of cells: their mass, and how they flow out.

#![allow(clippy::needless_range_loop, reason = "loops over known places stay in registers")]

use super::block::SIZE;
use lanes::{Doubles, EIGHT, Simd, Work};

/// Nodes of eight problems.
type Line<V> = [V; SIZE];

/// Matrices of eight problems, row by row.
type Block<V> = [Line<V>; SIZE];

/// A grid whose velocities differ from lane to lane.
pub(super) struct Grids<'a> {
    /// How probability flows among nodes, in 1/ms; the same for all.
    pub flow: &'a [[f64; SIZE]; SIZE],
    /// Index of the cell whose middle is the reset.
    pub reset: usize,
    /// Velocities over the size of a cell, in 1/ms, at the edges of all cells, for each node and lane.
    pub velocities: &'a [[[f64; EIGHT]; SIZE]],
    /// Rates at which the time after a spike is discounted, in 1/ms.
    pub discounts: &'a [f64],
}

/// What a grid says of each lane.
pub(super) struct Answers {
    /// Rates in 1/ms.
    pub rates: [f64; EIGHT],
    /// ∫ m(t) e^{−st} dt for each discount s, m being the rate at a time t after a spike.
    pub after_spikes: Vec<[f64; EIGHT]>,
}

impl Work for Grids<'_> {
    type Output = Answers;

    #[inline(always)]
    fn run<S: Simd>(self) -> Answers {
        answers::<S::Doubles>(&self)
    }
}

#[inline(always)]
fn answers<V: Doubles>(grids: &Grids) -> Answers {
    let stationary = reduced::<V>(grids, 0.0);
    // What leaves at the top enters at the reset: a singular system, whose columns sum to 0, so that the last equation may be that of the sum.
    let mut system = sum(&stationary.system, &stationary.outflow);
    let conserved = conserved(&system);
    system[SIZE - 1] = [V::all(1.0); SIZE];
    invert(&mut system);
    let mut at = [V::all(0.0); SIZE];
    for k in 0..SIZE {
        at[k] = system[k][SIZE - 1];
    }
    let fired = on(&stationary.outflow, &at);
    let (leaving, mass) = (total(&fired), dot(&stationary.mass, &at));
    let mut after_spikes = Vec::with_capacity(grids.discounts.len());
    for &s in grids.discounts {
        let later = reduced::<V>(grids, s);
        let mut system = sum(&later.system, &later.outflow);
        invert(&mut system);
        let scale = V::all(-1.0).over(leaving);
        let mut entered = fired;
        for value in &mut entered {
            *value = value.times(scale);
        }
        after_spikes.push(total(&on(&later.outflow, &on(&system, &entered))).store());
    }
    let rates = V::choose(conserved, leaving.over(mass), V::all(f64::NAN)).store();
    for own in &mut after_spikes {
        *own = V::choose(conserved, V::load(own), V::all(f64::NAN)).store();
    }
    Answers { rates, after_spikes }
}

/// Lanes whose columns sum to 0 but for rounding: 1e-8 of what is summed, for which 1.5e-10 is the most that was seen.
#[inline(always)]
fn conserved<V: Doubles>(system: &Block<V>) -> u8 {
    let mut conserved = u8::MAX;
    for k in 0..SIZE {
        let (mut sum, mut size) = (V::all(0.0), V::all(0.0));
        for row in system {
            sum = sum.plus(row[k]);
            size = size.plus(row[k].abs());
        }
        conserved &= sum.abs().at_most(size.times(V::all(1e-8)));
    }
    conserved
}

/// What is left once all cells but the reset's have been eliminated.
struct Reduced<V> {
    /// Acts on the reset's cell, without what re-enters there.
    system: Block<V>,
    /// Outflow at the top, from what is in the reset's cell.
    outflow: Block<V>,
    /// Mass of all cells, from what is in the reset's cell.
    mass: Line<V>,
}

/// Balance of cell i: in by upwind fluxes from i ± 1, out by its own. Those above the reset are eliminated from the top, those below it
/// from the bottom.
#[inline(always)]
fn reduced<V: Doubles>(grids: &Grids, s: f64) -> Reduced<V> {
    let zero = V::all(0.0);
    let cells = grids.velocities.len() - 1;
    let mut outflow = [[zero; SIZE]; SIZE];
    for k in 0..SIZE {
        outflow[k][k] = edge::<V>(grids, cells, k).positive();
    }
    let (mut mass_above, mut mass_below) = ([V::all(1.0); SIZE], [zero; SIZE]);
    let mut block = own::<V>(grids, cells - 1, s);
    for i in (grids.reset..cells - 1).rev() {
        // P_{i+1} from P_i.
        let mut up = [zero; SIZE];
        for k in 0..SIZE {
            up[k] = edge::<V>(grids, i + 1, k).positive();
        }
        step(&mut block, &up);
        outflow = product(&outflow, &block);
        mass_above = through(&mass_above, &block);
        for k in 0..SIZE {
            mass_above[k] = mass_above[k].plus(V::all(1.0));
        }
        let mut next = own::<V>(grids, i, s);
        for k in 0..SIZE {
            let down = edge::<V>(grids, i + 1, k).negative().positive();
            for l in 0..SIZE {
                next[k][l] = next[k][l].plus_product(down, block[k][l]);
            }
        }
        block = next;
    }
    let mut system = block;
    if grids.reset > 0 {
        let mut block = own::<V>(grids, 0, s);
        for i in 0..grids.reset {
            // P_i from P_{i+1}.
            let mut down = [zero; SIZE];
            for k in 0..SIZE {
                down[k] = edge::<V>(grids, i + 1, k).negative().positive();
                mass_below[k] = mass_below[k].plus(V::all(1.0));
            }
            step(&mut block, &down);
            mass_below = through(&mass_below, &block);
            let mut next = if i + 1 < grids.reset { own::<V>(grids, i + 1, s) } else { system };
            for k in 0..SIZE {
                let up = edge::<V>(grids, i + 1, k).positive();
                for l in 0..SIZE {
                    next[k][l] = next[k][l].plus_product(up, block[k][l]);
                }
            }
            if i + 1 < grids.reset { block = next } else { system = next }
        }
    }
    let mut mass = mass_above;
    for k in 0..SIZE {
        mass[k] = mass[k].plus(mass_below[k]);
    }
    Reduced { system, outflow, mass }
}

#[inline(always)]
fn edge<V: Doubles>(grids: &Grids, edge: usize, node: usize) -> V {
    V::load(&grids.velocities[edge][node])
}

/// What a cell does to itself: exchange among nodes, outflow, and loss at a rate s.
#[inline(always)]
fn own<V: Doubles>(grids: &Grids, i: usize, s: f64) -> Block<V> {
    let mut block = [[V::all(0.0); SIZE]; SIZE];
    for k in 0..SIZE {
        for l in 0..SIZE {
            block[k][l] = V::all(grids.flow[k][l]);
        }
        let (above, below) = (edge::<V>(grids, i + 1, k).positive(), edge::<V>(grids, i, k).negative().positive());
        block[k][k] = block[k][k].minus(above).minus(below).minus(V::all(s));
    }
    block
}

/// −B⁻¹ diag(flux).
#[inline(always)]
fn step<V: Doubles>(block: &mut Block<V>, flux: &Line<V>) {
    invert(block);
    for row in block {
        for k in 0..SIZE {
            row[k] = row[k].times(flux[k]).negative();
        }
    }
}

/// Gauss and Jordan's inversion in place.
#[inline(always)]
fn invert<V: Doubles>(a: &mut Block<V>) {
    for k in 0..SIZE {
        let scale = V::all(1.0).over(a[k][k]);
        a[k][k] = V::all(1.0);
        for l in 0..SIZE {
            a[k][l] = a[k][l].times(scale);
        }
        let row = a[k];
        for i in 0..SIZE {
            if i != k {
                let factor = a[i][k];
                a[i][k] = V::all(0.0);
                for l in 0..SIZE {
                    a[i][l] = a[i][l].minus_product(factor, row[l]);
                }
            }
        }
    }
}

#[inline(always)]
fn sum<V: Doubles>(a: &Block<V>, b: &Block<V>) -> Block<V> {
    let mut out = *a;
    for k in 0..SIZE {
        for l in 0..SIZE {
            out[k][l] = out[k][l].plus(b[k][l]);
        }
    }
    out
}

#[inline(always)]
fn product<V: Doubles>(a: &Block<V>, b: &Block<V>) -> Block<V> {
    let mut out = [[V::all(0.0); SIZE]; SIZE];
    for k in 0..SIZE {
        out[k] = through(&a[k], b);
    }
    out
}

/// A row times a matrix.
#[inline(always)]
fn through<V: Doubles>(row: &Line<V>, b: &Block<V>) -> Line<V> {
    let mut out = [V::all(0.0); SIZE];
    for m in 0..SIZE {
        for l in 0..SIZE {
            out[l] = out[l].plus_product(row[m], b[m][l]);
        }
    }
    out
}

/// A matrix times a column.
#[inline(always)]
fn on<V: Doubles>(a: &Block<V>, column: &Line<V>) -> Line<V> {
    let mut out = [V::all(0.0); SIZE];
    for k in 0..SIZE {
        out[k] = dot(&a[k], column);
    }
    out
}

#[inline(always)]
fn dot<V: Doubles>(row: &Line<V>, column: &Line<V>) -> V {
    let mut sum = V::all(0.0);
    for k in 0..SIZE {
        sum = sum.plus_product(row[k], column[k]);
    }
    sum
}

#[inline(always)]
fn total<V: Doubles>(line: &Line<V>) -> V {
    let mut sum = V::all(0.0);
    for value in line {
        sum = sum.plus(*value);
    }
    sum
}
