//! Eight numbers at once: what can be done with them, and the definition in plain arrays.
//!
//! That, `super::register` and `super::halves` do the same operations in the same order, so every machine returns the same bits, up to
//! 400 active populations, where LAPACK takes over. Intrinsics are there because compilers turn loops over arrays of arrays into
//! gathers, five times slower.

#[cfg(target_arch = "x86_64")]
use super::{halves::Halves, register::Register};

/// Numbers in a vector.
pub const LANES: usize = 8;

/// Eight numbers. Conditions on them are bits, bit k for number k, and false where a number is NaN.
pub trait Vector: Copy {
    fn all(value: f64) -> Self;
    /// The first eight of a slice.
    fn load(values: &[f64]) -> Self;
    fn store(self) -> [f64; LANES];
    /// Into the first eight of a slice.
    fn put(self, values: &mut [f64]);
    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
    fn times(self, other: Self) -> Self;
    fn over(self, other: Self) -> Self;
    /// self + a b, rounded once.
    fn plus_product(self, a: Self, b: Self) -> Self;
    /// self − a b, rounded once.
    fn minus_product(self, a: Self, b: Self) -> Self;
    fn abs(self) -> Self;
    /// Itself where it is above 0, and 0.
    fn positive(self) -> Self;
    fn at_most(self, other: Self) -> u8;
    fn above(self, other: Self) -> u8;
    /// `yes` where the mask is set.
    fn choose(mask: u8, yes: Self, no: Self) -> Self;
    /// The numbers of the mask side by side, then zeros.
    fn gathered(self, mask: u8) -> Self;
    /// Asks for the memory of numbers that will be needed soon.
    fn fetch(values: &[f64]);
    /// Number k of vector l becomes number l of vector k.
    fn transposed(block: [Self; LANES]) -> [Self; LANES];

    #[inline(always)]
    fn negative(self) -> Self {
        Self::all(0.0).minus(self)
    }
}

/// Something to do with vectors of any kind; `run` must be `#[inline(always)]`, with all that it calls.
pub trait Work {
    type Output;
    fn run<V: Vector>(self) -> Self::Output;
}

/// Does it in the registers that the machine has.
pub fn dispatch<W: Work>(work: W) -> W::Output {
    #[cfg(target_arch = "x86_64")]
    {
        if has_registers() {
            // SAFETY: the machine has been asked.
            return unsafe { registers(work) };
        }
        if has_halves() {
            // SAFETY: the machine has been asked.
            return unsafe { halves(work) };
        }
    }
    work.run::<Plain>()
}

#[cfg(target_arch = "x86_64")]
fn has_registers() -> bool {
    is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq")
}

#[cfg(target_arch = "x86_64")]
fn has_halves() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq")]
fn registers<W: Work>(work: W) -> W::Output {
    work.run::<Register>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn halves<W: Work>(work: W) -> W::Output {
    work.run::<Halves>()
}

/// Does it in every way that the machine has, the definition first.
#[cfg(test)]
pub fn in_all_ways<W: Work>(work: impl Fn() -> W) -> Vec<W::Output> {
    let mut all = vec![work().run::<Plain>()];
    #[cfg(target_arch = "x86_64")]
    {
        if has_halves() {
            // SAFETY: the machine has been asked.
            all.push(unsafe { halves(work()) });
        }
        if has_registers() {
            // SAFETY: the machine has been asked.
            all.push(unsafe { registers(work()) });
        }
    }
    if all.len() < 3 {
        eprintln!("skipped: this machine does not have all of AVX2, FMA and AVX-512");
    }
    all
}

/// The numbers of eight slices, vectors across them, each to its place; near the end some are taken again.
#[inline(always)]
pub fn spread<V: Vector>(slices: &[&[f64]; LANES], places: &[usize], out: &mut [V]) {
    if places.len() < LANES {
        for (k, &place) in places.iter().enumerate() {
            out[place] = V::load(&slices.map(|slice| slice[k]));
        }
        return;
    }
    for from in (0..places.len()).step_by(LANES) {
        let from = from.min(places.len() - LANES);
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
        for (vector, &place) in block.iter().zip(&places[from..from + LANES]) {
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
        let values = vec![0.0_f64; count + LANES];
        let start = values.as_ptr().align_offset(LANES * size_of::<f64>()).min(LANES);
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

/// The definition. Calls, since compilers take minutes to make registers of arrays that are everywhere inside one function.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub struct Plain([f64; LANES]);

macro_rules! each {
    ($lane:ident => $value:expr) => {{
        let mut out = [0.0; LANES];
        for $lane in 0..LANES {
            out[$lane] = $value;
        }
        Plain(out)
    }};
}

macro_rules! condition {
    ($lane:ident => $value:expr) => {{
        let mut bits = 0;
        for $lane in 0..LANES {
            bits |= u8::from($value) << $lane;
        }
        bits
    }};
}

impl Vector for Plain {
    #[inline(never)]
    fn all(value: f64) -> Self {
        Plain([value; LANES])
    }

    #[inline(never)]
    fn load(values: &[f64]) -> Self {
        each!(l => values[l])
    }

    #[inline(never)]
    fn store(self) -> [f64; LANES] {
        self.0
    }

    #[inline(never)]
    fn put(self, values: &mut [f64]) {
        values[..LANES].copy_from_slice(&self.0);
    }

    #[inline(never)]
    fn plus(self, other: Self) -> Self {
        each!(l => self.0[l] + other.0[l])
    }

    #[inline(never)]
    fn minus(self, other: Self) -> Self {
        each!(l => self.0[l] - other.0[l])
    }

    #[inline(never)]
    fn times(self, other: Self) -> Self {
        each!(l => self.0[l] * other.0[l])
    }

    #[inline(never)]
    fn over(self, other: Self) -> Self {
        each!(l => self.0[l] / other.0[l])
    }

    #[inline(never)]
    fn plus_product(self, a: Self, b: Self) -> Self {
        each!(l => a.0[l].mul_add(b.0[l], self.0[l]))
    }

    #[inline(never)]
    fn minus_product(self, a: Self, b: Self) -> Self {
        each!(l => (-a.0[l]).mul_add(b.0[l], self.0[l]))
    }

    #[inline(never)]
    fn abs(self) -> Self {
        each!(l => self.0[l].abs())
    }

    #[inline(never)]
    fn positive(self) -> Self {
        each!(l => if self.0[l] > 0.0 { self.0[l] } else { 0.0 })
    }

    #[inline(never)]
    fn at_most(self, other: Self) -> u8 {
        condition!(l => self.0[l] <= other.0[l])
    }

    #[inline(never)]
    fn above(self, other: Self) -> u8 {
        condition!(l => self.0[l] > other.0[l])
    }

    #[inline(never)]
    fn choose(mask: u8, yes: Self, no: Self) -> Self {
        each!(l => if mask >> l & 1 == 1 { yes.0[l] } else { no.0[l] })
    }

    #[inline(never)]
    fn gathered(self, mask: u8) -> Self {
        let (mut out, mut place) = ([0.0; LANES], 0);
        for (l, value) in self.0.into_iter().enumerate() {
            if mask >> l & 1 == 1 {
                out[place] = value;
                place += 1;
            }
        }
        Plain(out)
    }

    #[inline(never)]
    fn fetch(_: &[f64]) {}

    #[inline(never)]
    fn transposed(block: [Self; LANES]) -> [Self; LANES] {
        let mut out = [Plain([0.0; LANES]); LANES];
        for (l, vector) in block.into_iter().enumerate() {
            for (own, value) in out.iter_mut().zip(vector.0) {
                own.0[l] = value;
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every operation of a vector beside that of its definition.
    fn agrees<V: Vector>() {
        let a = [1.5, -2.0, 0.0, f64::NAN, 1e300, -1e-300, 7.0, f64::INFINITY];
        let b = [0.5, -2.0, -0.0, 1.0, 1e300, 3.0, f64::NAN, 2.0];
        let (v, w) = (V::load(&a), V::load(&b));
        let (p, q) = (Plain::load(&a), Plain::load(&b));
        let same = |left: V, right: Plain| {
            assert_eq!(left.store().map(|x| x.to_string()), right.store().map(|x| x.to_string()));
        };
        same(v.plus(w), p.plus(q));
        same(v.minus(w), p.minus(q));
        same(v.times(w), p.times(q));
        same(v.over(w), p.over(q));
        same(v.abs(), p.abs());
        same(v.negative(), p.negative());
        same(v.positive(), p.positive());
        same(w.positive(), q.positive());
        for mask in 0..=u8::MAX {
            same(V::choose(mask, v, w), Plain::choose(mask, p, q));
            same(v.gathered(mask), p.gathered(mask));
        }
        assert_eq!(v.above(w), p.above(q));
        assert_eq!(v.at_most(w), p.at_most(q));
        same(v.plus_product(v, w), p.plus_product(p, q));
        same(v.minus_product(v, w), p.minus_product(p, q));
        let mut put = [0.0; LANES + 1];
        v.put(&mut put[1..]);
        assert_eq!(put[1..].iter().map(f64::to_string).collect::<Vec<_>>(), a.map(|x| x.to_string()));
        let block: [[f64; LANES]; LANES] = std::array::from_fn(|l| std::array::from_fn(|k| (10 * l + k) as f64));
        let turned = V::transposed(std::array::from_fn(|l| V::load(&block[l]))).map(V::store);
        assert_eq!(turned, std::array::from_fn(|l| std::array::from_fn(|k| block[k][l])));
    }

    #[test]
    fn registers_do_what_arrays_do() {
        agrees::<Plain>();
        #[cfg(target_arch = "x86_64")]
        {
            if has_halves() {
                agrees::<Halves>();
            } else {
                eprintln!("skipped: this machine has no AVX2");
            }
            if has_registers() {
                agrees::<Register>();
            } else {
                eprintln!("skipped: this machine has no AVX-512");
            }
        }
    }
}
