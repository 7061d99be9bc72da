//! The inner loops over a block of cells, in single precision: how many of a step's spikes hit each, and what they do.

use super::adjacency::{BLOCK, WORDS};
use super::counts::{Counts, PLANES, VECTORS, arrived, of_planes, weights};
use super::lanes::{Digits, LANES, Lanes, Machine, Work};
use super::record::Kind;

/// One value a cell.
pub type Cells = [f32; BLOCK];

/// One bit a cell.
pub type Bits = [u32; WORDS];

/// Most currents that are integrated together.
const FUSED: usize = 3;

/// Blocks from asking for a row's bits to counting them: memory answers within one.
const AHEAD: usize = 2;

/// Planes of several currents in one number: digits to this base.
const BASE: usize = PLANES + 1;

/// Planes of current g.
const fn planes(code: usize, g: usize) -> usize {
    code / BASE.pow(g as u32) % BASE
}

/// An expression of `CODE`, for three currents of up to two planes each, which the compiler then knows.
macro_rules! of_triples {
    ($used:expr, CODE => $value:expr) => {
        of_triples!(@ $used, $value, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26)
    };
    (@ $used:expr, $value:expr, $($k:literal)*) => {{
        let [a, b, c] = $used;
        match a + 3 * b + 9 * c {
            $($k => { const CODE: usize = $k % 3 + BASE * ($k / 3 % 3) + BASE * BASE * ($k / 9); $value })*
            _ => unreachable!("more than two planes"),
        }
    }};
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
            if fused < 3 || most > 2 {
                // What is not used of planes that all have must be 0.
                for counts in &mut counts[..fused] {
                    counts.digits[counts.used..most].fill([0; VECTORS]);
                }
            }
            let drive = if apart.is_empty() { None } else { Some(&drive) };
            let to = (drive, &mut *voltage, &*coefficients);
            let mut any = match together {
                // Few spikes: each current has just the planes that it needs.
                [a, b, c] if most <= 2 => {
                    of_triples!(counts.each_ref().map(|c| c.used), CODE => {
                        integrate::<L, 3, CODE>([a, b, c], block, &counts, to)
                    })
                }
                [a, b, c] => of_planes!(most, P => {
                    const CODE: usize = P * (1 + BASE + BASE * BASE);
                    integrate::<L, 3, CODE>([a, b, c], block, &counts, to)
                }),
                [a, b] => of_planes!(most, P => {
                    const CODE: usize = P * (1 + BASE);
                    integrate::<L, 2, CODE>([a, b], block, &counts, to)
                }),
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
fn integrate<L: Lanes, const G: usize, const CODE: usize>(
    groups: [&mut Group; G],
    block: usize,
    counts: &[Counts; FUSED],
    (drive, voltage, c): (Option<&Cells>, &mut Cells, &Coefficients),
) -> bool {
    let mut own = [[L::all(0.0); PLANES]; G];
    let mut decay = [L::all(0.0); G];
    for g in 0..G {
        own[g] = weights::<L, PLANES>(counts[g].weight);
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
            let mut now = L::load(current);
            for (p, weight) in own[g].iter().enumerate() {
                if p < planes(CODE, g) {
                    now = now.plus_where(counts[g].digits[p][vector], *weight);
                }
            }
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
