//! The inner loops over a block of cells, in single precision: how many of a step's spikes hit each, and what they do.

use super::adjacency::{BLOCK, WORDS};
use super::lanes::{Digits, LANES, Lanes, Machine, Work};
use super::record::{Drives, Kind};
use multiversion::multiversion;

/// One value a cell.
pub type Cells = [f32; BLOCK];

/// One bit a cell.
pub type Bits = [u32; WORDS];

/// Vectors of a block.
const VECTORS: usize = BLOCK / LANES;

/// A digit of each cell of a block, a mask for each vector.
type Digit = [u16; VECTORS];

/// Spikes that are counted together: six planes hold up to 63.
const MOST: usize = 63;
const PLANES: usize = 6;

/// Most currents that are integrated together.
const FUSED: usize = 3;

/// Blocks from asking for a row's bits to counting them: memory answers within one.
const AHEAD: usize = 2;

/// An expression of `P`, the number of planes, which the compiler then knows.
macro_rules! of_planes {
    ($used:expr, P => $value:expr) => {
        match $used {
            0 => {
                const P: usize = 0;
                $value
            }
            1 => {
                const P: usize = 1;
                $value
            }
            2 => {
                const P: usize = 2;
                $value
            }
            3 => {
                const P: usize = 3;
                $value
            }
            4 => {
                const P: usize = 4;
                $value
            }
            5 => {
                const P: usize = 5;
                $value
            }
            _ => {
                const P: usize = PLANES;
                $value
            }
        }
    };
}

/// A step of a cell: V ← keep V + leak + upstroke 2^(slope V + offset) + step I.
#[derive(Clone, Copy, Debug)]
pub struct Coefficients {
    pub keep: f32,
    pub leak: f32,
    pub upstroke: f32,
    pub slope: f32,
    pub offset: f32,
    pub step: f32,
    pub constant: f32,
    pub floor: f32,
    pub threshold: f32,
    pub reset: f32,
}

/// Currents of one decay that the cells of a share receive.
pub struct Group {
    /// 1 − h/τ.
    pub decay: f32,
    /// Of a conductance, E.
    pub reversal: Option<f32>,
    /// How it counts.
    pub kind: Kind,
    /// One block after the other.
    pub current: Vec<Cells>,
    /// What adds to it.
    pub arrivals: Vec<Arrival>,
}

/// Spikes of sources whose connections to the share weigh the same.
pub struct Arrival {
    /// (j/√N)/τ.
    pub weight: f32,
    /// Source populations.
    pub sources: Vec<usize>,
}

/// One thread's cells of one population.
pub struct Share {
    /// The population.
    pub population: usize,
    /// Its first block here.
    pub first_block: usize,
    /// Cells here; the rest of the last block is padding.
    pub cells: usize,
    pub coefficients: Coefficients,
    pub voltage: Vec<Cells>,
    pub groups: Vec<Group>,
    /// Steps that a cell is still refractory; empty where none ever is.
    pub left: Vec<[u16; BLOCK]>,
    pub refractory: u16,
}

/// One step of all cells of a share; who fires is appended to `spikes`, counted from the first cell of the share.
///
/// `rows` holds, for each arrival of each group in turn, the bits of those that fired, from the share's first block on.
pub fn advance(machine: Machine, share: &mut Share, rows: &[Vec<&[Bits]>], spikes: &mut Vec<u32>) {
    machine.run(Advance { share, rows, spikes });
}

struct Advance<'a, 'r> {
    share: &'a mut Share,
    rows: &'a [Vec<&'r [Bits]>],
    spikes: &'a mut Vec<u32>,
}

impl Work for Advance<'_, '_> {
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Share { cells, coefficients, voltage, groups, left, refractory, .. } = self.share;
        let mut counts = [Counts { digits: [[0; VECTORS]; PLANES], used: 0, weight: 0.0 }; FUSED];
        let mut drive = [0.0; BLOCK];
        // The last currents go to the voltages at once, without a pass of their own.
        let fused = groups.iter().rev().take(FUSED).take_while(|group| group.reversal.is_none()).count();
        let apart = groups.len() - fused;
        let (apart, together) = groups.split_at_mut(apart);
        for ahead in 0..AHEAD {
            fetch::<L>(self.rows, ahead);
        }
        for (block, voltage) in voltage.iter_mut().enumerate() {
            fetch::<L>(self.rows, block + AHEAD);
            let mut rows = self.rows.iter();
            if !apart.is_empty() {
                drive.fill(coefficients.constant);
            }
            for group in apart.iter_mut() {
                let counts = &mut counts[0];
                counts.of::<L>(group, &mut rows, block);
                let current = &mut group.current[block];
                of_planes!(counts.used, P => match group.reversal {
                    None => flow::<L, P>(current, group.decay, counts, &mut drive),
                    Some(reversal) => conduct::<L, P>(current, group.decay, counts, &mut drive, (reversal, voltage)),
                });
            }
            for (group, counts) in together.iter_mut().zip(&mut counts) {
                counts.of::<L>(group, &mut rows, block);
            }
            let most = counts[..fused].iter().map(|counts| counts.used).max().unwrap_or(0);
            for counts in &mut counts[..fused] {
                counts.digits[counts.used..most].fill([0; VECTORS]);
            }
            let drive = if apart.is_empty() { None } else { Some(&drive) };
            let to = (drive, &mut *voltage, &*coefficients);
            let mut any = match together {
                [a, b, c] => of_planes!(most, P => integrate::<L, 3, P>([a, b, c], block, &counts, to)),
                [a, b] => of_planes!(most, P => integrate::<L, 2, P>([a, b], block, &counts, to)),
                [a] => of_planes!(most, P => integrate::<L, 1, P>([a], block, &counts, to)),
                _ => integrate::<L, 0, 0>([], block, &counts, to),
            };
            if let Some(left) = left.get_mut(block) {
                any = hold(voltage, left, coefficients);
            }
            if any {
                let left = left.get_mut(block).map(|left| (left, *refractory));
                let before = self.spikes.len();
                fire::<L>(voltage, left, coefficients, (block * BLOCK) as u32, self.spikes);
                // Padding fires for nobody.
                while self.spikes.len() > before && self.spikes.last().is_some_and(|cell| *cell as usize >= *cells) {
                    self.spikes.pop();
                }
            }
        }
    }
}

/// Asks for a block of all rows.
#[inline(always)]
fn fetch<L: Lanes>(rows: &[Vec<&[Bits]>], block: usize) {
    rows.iter().flatten().filter_map(|row| row.get(block)).for_each(L::Bits::fetch);
}

/// How many spikes arrive at each cell of a block, all of one weight.
#[derive(Clone, Copy)]
struct Counts {
    digits: [Digit; PLANES],
    /// Planes that are not 0.
    used: usize,
    weight: f32,
}

impl Counts {
    /// The last arrivals of a group; all before are added to its current.
    #[inline(always)]
    fn of<'a, L: Lanes>(
        &mut self,
        group: &mut Group,
        rows: &mut impl Iterator<Item = &'a Vec<&'a [Bits]>>,
        block: usize,
    ) {
        self.used = 0;
        for (arrival, rows) in group.arrivals.iter().zip(rows) {
            for rows in rows.chunks(MOST) {
                of_planes!(self.used, P => add::<L, P>(&mut group.current[block], self));
                self.used = count::<L>(rows, block, &mut self.digits);
                self.weight = arrival.weight;
            }
        }
    }
}

/// How many rows have each bit of the block, as binary digits; how many planes of them are used.
#[inline(always)]
fn count<L: Lanes>(rows: &[&[Bits]], block: usize, digits: &mut [Digit; PLANES]) -> usize {
    let row = |row: &&[Bits]| L::Bits::load(&row[block]);
    match rows {
        [] => 0,
        [a] => {
            row(a).store(&mut digits[0]);
            1
        }
        [a, b] => {
            row(a).xor(row(b)).store(&mut digits[0]);
            row(a).and(row(b)).store(&mut digits[1]);
            2
        }
        [a, b, c, rest @ ..] => {
            let (mut p0, mut p1) = (row(a).odd(row(b), row(c)), row(a).carried(row(b), row(c)));
            let none = p0.xor(p0);
            let (mut p2, mut p3, mut p4, mut p5) = (none, none, none, none);
            // Full adders of three digits, then what they carry through half adders.
            let (fours, rest) = rest.as_chunks::<4>();
            for [a, b, c, d] in fours {
                let twos = p0.carried(row(a), row(b));
                p0 = p0.odd(row(a), row(b));
                let more = p0.carried(row(c), row(d));
                p0 = p0.odd(row(c), row(d));
                let fours = p1.carried(twos, more);
                p1 = p1.odd(twos, more);
                raise::<L>(fours, [&mut p2, &mut p3, &mut p4, &mut p5]);
            }
            for a in rest {
                let twos = p0.and(row(a));
                p0 = p0.xor(row(a));
                let fours = p1.and(twos);
                p1 = p1.xor(twos);
                raise::<L>(fours, [&mut p2, &mut p3, &mut p4, &mut p5]);
            }
            let planes = [p0, p1, p2, p3, p4, p5];
            let used = 2 + usize::from(p2.any()).max(2 * usize::from(p3.any())).max(3 * usize::from(p4.any()));
            let used = if p5.any() { PLANES } else { used };
            for (plane, digits) in planes[..used].iter().zip(digits) {
                plane.store(digits);
            }
            used
        }
    }
}

/// Adds a digit to the lowest plane, and what is carried to those above.
#[inline(always)]
fn raise<L: Lanes>(mut more: L::Bits, planes: [&mut L::Bits; 4]) {
    for plane in planes {
        let sum = plane.xor(more);
        more = plane.and(more);
        *plane = sum;
    }
}

/// Weights of the digits.
#[inline(always)]
fn weights<L: Lanes, const P: usize>(weight: f32) -> [L; P] {
    let mut weights = [L::all(weight); P];
    for p in 1..P {
        weights[p] = weights[p - 1].plus(weights[p - 1]);
    }
    weights
}

/// current + weight · count.
#[inline(always)]
fn arrived<L: Lanes, const P: usize>(current: L, digits: &[Digit; PLANES], weights: [L; P], vector: usize) -> L {
    let mut current = current;
    for p in 0..P {
        current = current.plus_where(digits[p][vector], weights[p]);
    }
    current
}

/// current ← current + weight · count.
#[inline(always)]
fn add<L: Lanes, const P: usize>(current: &mut Cells, counts: &Counts) {
    let weights = weights::<L, P>(counts.weight);
    let (currents, _) = current.as_chunks_mut::<LANES>();
    for (vector, current) in currents.iter_mut().enumerate() {
        arrived(L::load(current), &counts.digits, weights, vector).store(current);
    }
}

/// What arrives is added to the current, and that to the drive; then it decays.
#[inline(always)]
fn flow<L: Lanes, const P: usize>(current: &mut Cells, decay: f32, counts: &Counts, drive: &mut Cells) {
    let (weights, decay) = (weights::<L, P>(counts.weight), L::all(decay));
    let (currents, _) = current.as_chunks_mut::<LANES>();
    let (drives, _) = drive.as_chunks_mut::<LANES>();
    for vector in 0..VECTORS {
        let now = arrived(L::load(&currents[vector]), &counts.digits, weights, vector);
        L::load(&drives[vector]).plus(now).store(&mut drives[vector]);
        now.times(decay).store(&mut currents[vector]);
    }
}

/// The same of a conductance.
#[inline(always)]
fn conduct<L: Lanes, const P: usize>(
    conductance: &mut Cells,
    decay: f32,
    counts: &Counts,
    drive: &mut Cells,
    (reversal, voltage): (f32, &Cells),
) {
    let (weights, decay, reversal) = (weights::<L, P>(counts.weight), L::all(decay), L::all(reversal));
    let (conductances, _) = conductance.as_chunks_mut::<LANES>();
    let (drives, _) = drive.as_chunks_mut::<LANES>();
    let (voltages, _) = voltage.as_chunks::<LANES>();
    for vector in 0..VECTORS {
        let now = arrived(L::load(&conductances[vector]), &counts.digits, weights, vector);
        let away = reversal.minus(L::load(&voltages[vector]));
        away.times_plus(now, L::load(&drives[vector])).store(&mut drives[vector]);
        now.times(decay).store(&mut conductances[vector]);
    }
}

/// The voltages after the step, before anybody fires; whether anybody will. The drive is what is given, or the constant current, and the
/// groups' currents, as in [`flow`].
#[inline(always)]
fn integrate<L: Lanes, const G: usize, const P: usize>(
    groups: [&mut Group; G],
    block: usize,
    counts: &[Counts; FUSED],
    (drive, voltage, c): (Option<&Cells>, &mut Cells, &Coefficients),
) -> bool {
    let mut own = [[L::all(0.0); P]; G];
    let mut decay = [L::all(0.0); G];
    for g in 0..G {
        own[g] = weights::<L, P>(counts[g].weight);
        decay[g] = L::all(groups[g].decay);
    }
    let currents = groups.map(|group| group.current[block].as_chunks_mut::<LANES>().0);
    let drives = drive.map(|drive| drive.as_chunks::<LANES>().0);
    let constant = L::all(c.constant);
    let (voltages, _) = voltage.as_chunks_mut::<LANES>();
    let mut highest = L::all(f32::MIN);
    for vector in 0..VECTORS {
        let mut drive = match drives {
            Some(drives) => L::load(&drives[vector]),
            None => constant,
        };
        for g in 0..G {
            let current = &mut currents[g][vector];
            let now = arrived(L::load(current), &counts[g].digits, own[g], vector);
            now.times(decay[g]).store(current);
            drive = drive.plus(now);
        }
        let next = c.after(L::load(&voltages[vector]), drive);
        next.store(&mut voltages[vector]);
        highest = next.larger(highest);
    }
    highest.at_least(L::all(c.threshold)) != 0
}

impl Coefficients {
    /// A voltage a step later, before anybody fires.
    #[inline(always)]
    fn after<L: Lanes>(&self, v: L, drive: L) -> L {
        let still = drive.times_plus(L::all(self.step), v.times_plus(L::all(self.keep), L::all(self.leak)));
        let upstroke = power_of_two(v.times_plus(L::all(self.slope), L::all(self.offset)));
        upstroke.times_plus(L::all(self.upstroke), still).larger(L::all(self.floor))
    }
}

/// Keeps refractory cells at the reset; whether anybody else will fire.
#[inline(always)]
fn hold(voltage: &mut Cells, left: &mut [u16; BLOCK], c: &Coefficients) -> bool {
    let mut any = false;
    for (v, left) in voltage.iter_mut().zip(left) {
        *v = if *left > 0 { c.reset } else { *v };
        *left = left.saturating_sub(1);
        any |= *v >= c.threshold;
    }
    any
}

/// Resets who has reached the threshold, in order.
#[inline(always)]
fn fire<L: Lanes>(
    voltage: &mut Cells,
    mut left: Option<(&mut [u16; BLOCK], u16)>,
    c: &Coefficients,
    first: u32,
    spikes: &mut Vec<u32>,
) {
    let (voltages, _) = voltage.as_chunks_mut::<LANES>();
    for (vector, voltage) in voltages.iter_mut().enumerate() {
        let v = L::load(voltage);
        let fired = v.at_least(L::all(c.threshold));
        if fired == 0 {
            continue;
        }
        v.or_where(fired, L::all(c.reset)).store(voltage);
        let mut bits = fired;
        while bits != 0 {
            let cell = vector * LANES + bits.trailing_zeros() as usize;
            if let Some((left, refractory)) = &mut left {
                left[cell] = *refractory;
            }
            spikes.push(first + cell as u32);
            bits &= bits - 1;
        }
    }
}

/// 2^x to 2.5e-7 of itself, for x cut to [−126, 127].
///
/// x = n + f with n the nearest integer; the polynomial is the best of its degree for 2^f on [−1/2, 1/2], of relative error 7.5e-8.
#[inline(always)]
fn power_of_two<L: Lanes>(x: L) -> L {
    /// Adding it rounds to integers, which then stand in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    let x = x.larger(L::all(-126.0)).smaller(L::all(127.0));
    let shifted = x.plus(L::all(ROUND));
    let f = x.minus(shifted.minus(L::all(ROUND)));
    let p = L::all(1.327_647_2e-3).times_plus(f, L::all(9.675_541e-3));
    let p = p.times_plus(f, L::all(5.550_713_3e-2));
    let p = p.times_plus(f, L::all(2.402_212e-1));
    let p = p.times_plus(f, L::all(6.931_469_7e-1));
    p.times_plus(f, L::all(1.000_000_1)).scaled(shifted)
}

/// Sums over samples of the inputs of a share, which the step just done was driven by.
pub struct Inputs {
    /// Voltages before the step.
    pub voltage: Vec<Cells>,
    /// Of each cell, and of its square.
    pub sums: Vec<[f64; BLOCK]>,
    pub squares: Vec<[f64; BLOCK]>,
    /// Of all cells of a block, by kind.
    pub drives: Vec<Drives>,
}

/// Adds what drove the step that was just done: currents have decayed since.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+fma+bmi1+bmi2"))]
pub fn sample(share: &Share, inputs: &mut Inputs) {
    for block in 0..share.voltage.len() {
        let cells = BLOCK.min(share.cells - block * BLOCK);
        let mut total = [share.coefficients.constant; BLOCK];
        let constant = f64::from(share.coefficients.constant) * cells as f64;
        let mut drives = Drives { external: constant, ..Drives::default() };
        for group in &share.groups {
            let mut own = [0.0; BLOCK];
            undecayed(group, block, &inputs.voltage[block], &mut own);
            total.iter_mut().zip(&own).for_each(|(total, own)| *total += own);
            drives.add(group.kind, own[..cells].iter().map(|&i| f64::from(i)).sum());
        }
        for ((sum, square), total) in inputs.sums[block].iter_mut().zip(&mut inputs.squares[block]).zip(&total) {
            let total = f64::from(*total);
            *sum += total;
            *square += total * total;
        }
        inputs.drives[block].excitatory += drives.excitatory;
        inputs.drives[block].inhibitory += drives.inhibitory;
        inputs.drives[block].external += drives.external;
    }
}

/// What a group brought to each cell of a block in the step that was just done.
#[inline(always)]
pub fn undecayed(group: &Group, block: usize, before: &Cells, out: &mut Cells) {
    let back = 1.0 / group.decay;
    for ((out, current), v) in out.iter_mut().zip(&group.current[block]).zip(before) {
        *out = current * back * group.reversal.map_or(1.0, |reversal| reversal - v);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, RngExt};

    struct Power<'a>(&'a mut [f32; LANES]);

    impl Work for Power<'_> {
        #[inline(always)]
        fn run<L: Lanes>(self) {
            power_of_two(L::load(self.0)).store(self.0);
        }
    }

    #[test]
    fn powers_are_those_of_the_library_on_every_machine() {
        for k in -126 * 64..127 * 64 {
            let given: [f32; LANES] = std::array::from_fn(|l| (k as f32 + l as f32 / 16.0) / 64.0);
            let mut plain = given;
            Machine::Plain.run(Power(&mut plain));
            for (x, own) in given.iter().zip(plain) {
                let exact = libm::exp2(f64::from(*x));
                assert!((f64::from(own) / exact - 1.0).abs() < 2.5e-7, "{own} for {exact}");
            }
            for machine in Machine::available() {
                let mut other = given;
                machine.run(Power(&mut other));
                assert_eq!(plain.map(f32::to_bits), other.map(f32::to_bits), "{machine:?}");
            }
        }
        for (extreme, as_at) in [(-1e9, -126.0), (f32::INFINITY, 127.0)] {
            let (mut one, mut other) = ([extreme; LANES], [as_at; LANES]);
            Machine::Plain.run(Power(&mut one));
            Machine::Plain.run(Power(&mut other));
            assert_eq!(one, other);
        }
    }

    struct Hits<'a>(&'a [&'a [Bits]], &'a mut Cells);

    impl Work for Hits<'_> {
        #[inline(always)]
        fn run<L: Lanes>(self) {
            let mut counts = Counts { digits: [[0; VECTORS]; PLANES], used: 0, weight: 1.0 };
            for rows in self.0.chunks(MOST) {
                counts.used = count::<L>(rows, 1, &mut counts.digits);
                of_planes!(counts.used, P => add::<L, P>(self.1, &counts));
            }
        }
    }

    #[test]
    fn counts_are_those_of_single_bits_on_every_machine() {
        let mut rng = model::Seed(1).stream("test").rng(0);
        for rows in (0..20).chain([31, 32, 62, 63, 64, 150]) {
            let dense = rng.random::<bool>();
            let mut draw = || {
                let (a, b) = (rng.next_u64() as u32, rng.next_u64() as u32);
                if dense { a | b } else { a & b }
            };
            let bits: Vec<Vec<Bits>> = (0..rows).map(|_| vec![[0; WORDS], std::array::from_fn(|_| draw())]).collect();
            let views: Vec<&[Bits]> = bits.iter().map(|b| b.as_slice()).collect();
            for machine in Machine::available() {
                let mut current = [0.5; BLOCK];
                machine.run(Hits(&views, &mut current));
                for (k, own) in current.iter().enumerate() {
                    let hits = bits.iter().filter(|b| b[1][k / 32] >> (k % 32) & 1 == 1).count();
                    assert_eq!(*own, 0.5 + hits as f32, "{hits} of {rows} on {machine:?}");
                }
            }
        }
    }
}
