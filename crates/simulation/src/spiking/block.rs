//! The inner loops over a block of cells, in single precision: how many of a step's spikes hit each, and what they do.
//!
//! Plain loops over arrays, which compilers turn into vectors. Nothing is re-associated, so every machine gets the same bits.

use super::adjacency::{BLOCK, WORDS};
use super::record::{Drives, Kind};
use multiversion::multiversion;

/// One value a cell.
pub type Cells = [f32; BLOCK];

/// One bit a cell.
pub type Bits = [u32; WORDS];

/// Spikes that are counted together: six planes hold up to 63.
const MOST: usize = 63;
const PLANES: usize = 6;

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
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+fma+bmi1+bmi2"))]
pub fn advance(share: &mut Share, rows: &[Vec<&[Bits]>], spikes: &mut Vec<u32>) {
    let Share { cells, coefficients, voltage, groups, left, refractory, .. } = share;
    for (block, voltage) in voltage.iter_mut().enumerate() {
        let mut drive = [coefficients.constant; BLOCK];
        let mut rows = rows.iter();
        for group in groups.iter_mut() {
            let current = &mut group.current[block];
            for (arrival, rows) in group.arrivals.iter().zip(&mut rows) {
                for rows in rows.chunks(MOST) {
                    arrive(current, rows, block, arrival.weight);
                }
            }
            match group.reversal {
                None => flow(current, group.decay, &mut drive),
                Some(reversal) => conduct(current, group.decay, reversal, voltage, &mut drive),
            }
        }
        let mut highest = integrate(voltage, &drive, coefficients);
        if let Some(left) = left.get_mut(block) {
            highest = hold(voltage, left, coefficients.reset);
        }
        if highest >= coefficients.threshold {
            let first = block * BLOCK;
            for (k, v) in voltage.iter_mut().enumerate() {
                if *v >= coefficients.threshold {
                    *v = coefficients.reset;
                    if let Some(left) = left.get_mut(block) {
                        left[k] = *refractory;
                    }
                    if first + k < *cells {
                        spikes.push((first + k) as u32);
                    }
                }
            }
        }
    }
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
        let mut drives = Drives { external: f64::from(share.coefficients.constant) * cells as f64, ..Drives::default() };
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

/// current ← current + weight · (how many of the rows have the cell's bit).
#[inline(always)]
fn arrive(current: &mut Cells, rows: &[&[Bits]], block: usize, weight: f32) {
    if rows.is_empty() {
        return;
    }
    let (planes, used) = count(rows, block);
    let planes = &planes[..used];
    match used {
        1 => add::<1>(current, planes, weight),
        2 => add::<2>(current, planes, weight),
        3 => add::<3>(current, planes, weight),
        4 => add::<4>(current, planes, weight),
        5 => add::<5>(current, planes, weight),
        _ => add::<6>(current, planes, weight),
    }
}

/// How many rows have each bit, as planes of binary digits, and how many planes are not 0.
#[inline(always)]
fn count(rows: &[&[Bits]], block: usize) -> ([Bits; PLANES], usize) {
    let mut planes = [[0; WORDS]; PLANES];
    let mut pairs = rows.chunks_exact(2);
    for pair in &mut pairs {
        let (one, other) = (&pair[0][block], &pair[1][block]);
        let mut carry = [0; WORDS];
        for w in 0..WORDS {
            let half = planes[0][w] ^ one[w];
            carry[w] = planes[0][w] & one[w] | half & other[w];
            planes[0][w] = half ^ other[w];
        }
        raise(&mut planes, 1, carry);
    }
    if let [row] = pairs.remainder() {
        raise(&mut planes, 0, row[block]);
    }
    let mut used = PLANES;
    while used > 1 && planes[used - 1].iter().fold(0, |all, word| all | word) == 0 {
        used -= 1;
    }
    (planes, used)
}

/// Adds ones at a plane, and what they carry to those above.
#[inline(always)]
fn raise(planes: &mut [Bits; PLANES], from: usize, mut carry: Bits) {
    for plane in &mut planes[from..] {
        let mut any = 0;
        for w in 0..WORDS {
            let sum = plane[w] ^ carry[w];
            carry[w] &= plane[w];
            plane[w] = sum;
            any |= carry[w];
        }
        if any == 0 {
            return;
        }
    }
}

#[inline(always)]
fn add<const P: usize>(current: &mut Cells, planes: &[Bits], weight: f32) {
    let mut weights = [weight; P];
    for p in 1..P {
        weights[p] = 2.0 * weights[p - 1];
    }
    let (lanes, _) = current.as_chunks_mut::<32>();
    for (w, lanes) in lanes.iter_mut().enumerate() {
        let mut words = [0; P];
        for p in 0..P {
            words[p] = planes[p][w];
        }
        for (l, lane) in lanes.iter_mut().enumerate() {
            for p in 0..P {
                *lane += if words[p] & 1 << l != 0 { weights[p] } else { 0.0 };
            }
        }
    }
}

#[inline(always)]
fn flow(current: &mut Cells, decay: f32, drive: &mut Cells) {
    for (drive, current) in drive.iter_mut().zip(current) {
        *drive += *current;
        *current *= decay;
    }
}

#[inline(always)]
fn conduct(conductance: &mut Cells, decay: f32, reversal: f32, voltage: &Cells, drive: &mut Cells) {
    for ((drive, g), v) in drive.iter_mut().zip(conductance).zip(voltage) {
        *drive = (reversal - v).mul_add(*g, *drive);
        *g *= decay;
    }
}

/// The voltages after the step, before anybody fires; the highest.
#[inline(always)]
fn integrate(voltage: &mut Cells, drive: &Cells, c: &Coefficients) -> f32 {
    let mut highest = [f32::MIN; 16];
    let (voltage, _) = voltage.as_chunks_mut::<16>();
    let (drive, _) = drive.as_chunks::<16>();
    for (voltage, drive) in voltage.iter_mut().zip(drive) {
        for l in 0..16 {
            let v = voltage[l];
            let still = c.step.mul_add(drive[l], c.keep.mul_add(v, c.leak));
            let next = c.upstroke.mul_add(power_of_two(c.slope.mul_add(v, c.offset)), still);
            let next = larger(next, c.floor);
            voltage[l] = next;
            highest[l] = larger(next, highest[l]);
        }
    }
    highest.into_iter().fold(f32::MIN, larger)
}

/// Keeps refractory cells at the reset; the highest of the others.
#[inline(always)]
fn hold(voltage: &mut Cells, left: &mut [u16; BLOCK], reset: f32) -> f32 {
    let mut highest = f32::MIN;
    for (v, left) in voltage.iter_mut().zip(left) {
        *v = if *left > 0 { reset } else { *v };
        *left = left.saturating_sub(1);
        highest = larger(*v, highest);
    }
    highest
}

/// The second where one is no number.
#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

#[inline(always)]
fn smaller(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

/// 2^x to 2.5e-7 of itself, for x cut to [−126, 127].
///
/// x = n + f with n the nearest integer; the polynomial is the best of its degree for 2^f on [−1/2, 1/2], of relative error 7.5e-8.
#[inline(always)]
fn power_of_two(x: f32) -> f32 {
    /// Adding it rounds to integers, which then stand in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    let x = smaller(larger(x, -126.0), 127.0);
    let shifted = x + ROUND;
    let f = x - (shifted - ROUND);
    let p = 1.327_647_2e-3_f32.mul_add(f, 9.675_541e-3);
    let p = p.mul_add(f, 5.550_713_3e-2);
    let p = p.mul_add(f, 2.402_212e-1);
    let p = p.mul_add(f, 6.931_469_7e-1);
    let p = p.mul_add(f, 1.000_000_1);
    f32::from_bits(p.to_bits().wrapping_add(shifted.to_bits() << 23))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, RngExt};

    #[test]
    fn powers_are_those_of_the_library() {
        let mut worst = 0.0_f64;
        for k in -126_000..=127_000 {
            let x = k as f32 / 1000.0;
            let exact = libm::exp2(f64::from(x));
            worst = worst.max((f64::from(power_of_two(x)) / exact - 1.0).abs());
        }
        assert!(worst < 2.5e-7, "{worst}");
        assert_eq!(power_of_two(-1e9), power_of_two(-126.0));
        assert_eq!(power_of_two(f32::INFINITY), power_of_two(127.0));
    }

    #[test]
    fn counts_are_those_of_single_bits() {
        let mut rng = model::Seed(1).stream("test").rng(0);
        for rows in [0, 1, 2, 3, 7, 20, 63] {
            let bits: Vec<Vec<Bits>> =
                (0..rows).map(|_| vec![std::array::from_fn(|_| rng.next_u64() as u32 | rng.next_u64() as u32)]).collect();
            let views: Vec<&[Bits]> = bits.iter().map(|b| b.as_slice()).collect();
            let mut current: Cells = std::array::from_fn(|_| rng.random());
            let before = current;
            arrive(&mut current, &views, 0, 0.25);
            for (k, (after, before)) in current.iter().zip(before).enumerate() {
                let hits = bits.iter().filter(|b| b[0][k / 32] >> (k % 32) & 1 == 1).count();
                assert!((after - before - 0.25 * hits as f32).abs() < 1e-5, "{hits} of {rows}");
            }
        }
    }
}
