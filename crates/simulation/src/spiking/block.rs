//! The inner loops over a block of cells, in single precision: how many of a step's spikes hit each, and what they do.

use super::adjacency::{BLOCK, WORDS};
use super::counts::{Counts, Table, each, vectors};
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

/// A step of a cell: V ← keep V + leak + upstroke + h I.
#[derive(Clone, Copy, Debug)]
pub struct Coefficients {
    pub keep: f32,
    /// With the constant current.
    pub leak: f32,
    pub upstroke: Upstroke,
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
    /// Of a step of h, h I; one block after the other.
    pub current: Vec<Cells>,
    /// 1/(h · decay), for I before it decayed.
    pub back: f32,
    /// What adds to it.
    pub arrivals: Vec<Arrival>,
}

/// Spikes of sources whose connections to the share weigh the same.
pub struct Arrival {
    /// Of so many spikes, each h (j/√N)/τ.
    pub table: Table,
    /// Source populations.
    pub sources: Vec<usize>,
}

impl Arrival {
    /// Of spikes of one weight from some source populations.
    pub fn new(weight: f32, sources: Vec<usize>) -> Self {
        Arrival { table: std::array::from_fn(|count| count as f32 * weight), sources }
    }

    /// Of one spike.
    pub fn weight(&self) -> f32 {
        self.table[1]
    }
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
    /// What currents that are integrated apart bring to the block at work.
    pub drive: Cells,
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
        let Share { cells, coefficients, voltage, drive, groups, left, refractory, .. } = self.share;
        let mut counts = [Counts::NONE; FUSED];
        // The last currents go to the voltages at once, without a pass of their own.
        let fused = groups.iter().rev().take(FUSED).take_while(|group| group.reversal.is_none()).count();
        let apart = groups.len() - fused;
        let any = apart > 0 || !coefficients.upstroke.follows(coefficients.floor, coefficients.threshold);
        let (apart, together) = groups.split_at_mut(apart);
        for ahead in 0..AHEAD {
            fetch::<L>(self.rows, ahead);
        }
        for (block, voltage) in voltage.iter_mut().enumerate() {
            fetch::<L>(self.rows, block + AHEAD);
            let mut rows = self.rows.iter();
            if any {
                drive.fill(0.0);
            }
            for group in apart.iter_mut() {
                let counts = &mut counts[0];
                counts.of::<L>(group, &mut rows, block);
                let current = &mut group.current[block];
                match group.reversal {
                    None => flow::<L>(current, group.decay, counts, drive),
                    Some(reversal) => conduct::<L>(current, group.decay, counts, drive, (reversal, voltage)),
                }
            }
            for (group, counts) in together.iter_mut().zip(&mut counts) {
                counts.of::<L>(group, &mut rows, block);
            }
            let to = (&*drive, &mut *voltage, &*coefficients);
            let mut any = match (&mut *together, any) {
                ([a, b, c], false) => integrate::<L, 3, false>([a, b, c], block, &counts, to),
                ([a, b, c], true) => integrate::<L, 3, true>([a, b, c], block, &counts, to),
                ([a, b], _) => integrate::<L, 2, true>([a, b], block, &counts, to),
                ([a], _) => integrate::<L, 1, true>([a], block, &counts, to),
                _ => integrate::<L, 0, true>([], block, &counts, to),
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
fn flow<L: Lanes>(current: &mut Cells, decay: f32, counts: &Counts, drive: &mut Cells) {
    let (table, decay) = (L::load(&counts.table), L::all(decay));
    let (currents, drives) = (vectors(current), vectors(drive));
    each::<L, 1>([&counts.fields], |vector, [count]| {
        let now = L::load(&currents[vector]).plus(table.entries(count));
        L::load(&drives[vector]).plus(now).store(&mut drives[vector]);
        now.times(decay).store(&mut currents[vector]);
    });
}

/// The same of a conductance.
#[inline(always)]
fn conduct<L: Lanes>(
    conductance: &mut Cells,
    decay: f32,
    counts: &Counts,
    drive: &mut Cells,
    (reversal, voltage): (f32, &mut Cells),
) {
    let (table, decay, reversal) = (L::load(&counts.table), L::all(decay), L::all(reversal));
    let (conductances, drives, voltages) = (vectors(conductance), vectors(drive), vectors(voltage));
    each::<L, 1>([&counts.fields], |vector, [count]| {
        let now = L::load(&conductances[vector]).plus(table.entries(count));
        let away = reversal.minus(L::load(&voltages[vector]));
        away.times_plus(now, L::load(&drives[vector])).store(&mut drives[vector]);
        now.times(decay).store(&mut conductances[vector]);
    });
}

/// The voltages after the step, before anybody fires; whether anybody will. Groups' currents drive them as in [`flow`], and `drive` does,
/// if `ANY`; without it all voltages must be such that upstrokes are followed.
#[inline(always)]
fn integrate<L: Lanes, const G: usize, const ANY: bool>(
    groups: [&mut Group; G],
    block: usize,
    counts: &[Counts; FUSED],
    (drive, voltage, c): (&Cells, &mut Cells, &Coefficients),
) -> bool {
    let mut tables = [L::all(0.0); G];
    let mut decay = [L::all(0.0); G];
    let mut fields = [&counts[0].fields; G];
    for g in 0..G {
        tables[g] = L::load(&counts[g].table);
        decay[g] = L::all(groups[g].decay);
        fields[g] = &counts[g].fields;
    }
    let mut currents = groups.map(|group| vectors(&mut group.current[block]));
    let voltages = vectors(voltage);
    let (drives, _) = drive.as_chunks::<LANES>();
    let mut highest = L::all(f32::MIN);
    let threshold = c.threshold;
    let c = Registers::<L>::of(c);
    each::<L, G>(fields, |vector, counts| {
        let v = L::load(&voltages[vector]);
        let mut still = v.times_plus(c.keep, c.leak);
        if ANY {
            still = still.plus(L::load(&drives[vector]));
        }
        let mut sum = None;
        for g in 0..G {
            let current = &mut currents[g][vector];
            let now = L::load(current).plus(tables[g].entries(counts[g]));
            now.times(decay[g]).store(current);
            sum = Some(sum.map_or(now, |sum: L| sum.plus(now)));
        }
        if let Some(sum) = sum {
            still = still.plus(sum);
        }
        let next = c.upstroke::<ANY>(v, still).larger(c.floor);
        next.store(&mut voltages[vector]);
        highest = next.larger(highest);
    });
    highest.at_least(L::all(threshold)) != 0
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
    let (threshold, reset, voltages) = (L::all(c.threshold), L::all(c.reset), vectors(voltage));
    let (fours, _) = voltages.as_chunks_mut::<4>();
    for (four, voltages) in fours.iter_mut().enumerate() {
        // Few fire.
        let [a, b, c, d] = &*voltages;
        if L::load(a).larger(L::load(b)).larger(L::load(c).larger(L::load(d))).at_least(threshold) == 0 {
            continue;
        }
        for (k, voltage) in voltages.iter_mut().enumerate() {
            let v = L::load(voltage);
            let mut fired = v.at_least(threshold);
            v.or_where(fired, reset).store(voltage);
            while fired != 0 {
                let cell = (4 * four + k) * LANES + fired.trailing_zeros() as usize;
                if let Some((left, refractory)) = &mut left {
                    left[cell] = *refractory;
                }
                spikes.push(first + cell as u32);
                fired &= fired - 1;
            }
        }
    }
}

/// Upstrokes: what the exponential adds to the voltage in a step, a e^((V − V_T)/Δ_T), to 2.5e-7 of itself and what
/// rounding does to the exponent, 1.2e-7 of |V − V_T|/Δ_T.
///
/// 32 (V − V_T)/(Δ_T ln 2) = 32 n + j + f with integers n and j < 32, and f within ±1/2: 2^(n + j/32)
/// comes from a table, and a 2^(f/32) is a polynomial.
#[derive(Clone, Copy, Debug)]
pub struct Upstroke {
    onset: f32,
    /// 32/(Δ_T ln 2).
    slope: f32,
    polynomial: [f32; 3],
    /// Farther from the onset the exponential is not followed: it would be no normal number.
    farthest: f32,
}

impl Upstroke {
    /// Of a e^((V − onset)/sharpness).
    pub fn new(a: f64, onset: f64, sharpness: f64) -> Self {
        /// log 2/32.
        const UNIT: f64 = std::f64::consts::LN_2 / 32.0;
        let slope = (1.0 / (UNIT * sharpness)).min(1e30);
        let cubic = UNIT.powi(3) / 6.0;
        let polynomial = [1.0, UNIT + 0.1875 * cubic, UNIT * UNIT / 2.0].map(|c| (a * c) as f32);
        Upstroke { onset: onset as f32, slope: slope as f32, polynomial, farthest: (32.0 * 125.0 / slope) as f32 }
    }

    /// Whether voltages between these are followed.
    pub fn follows(&self, low: f32, high: f32) -> bool {
        self.onset - self.farthest <= low && high <= self.onset + self.farthest
    }
}

/// The same, one register each.
struct Registers<L> {
    keep: L,
    leak: L,
    floor: L,
    onset: L,
    slope: L,
    polynomial: [L; 3],
    farthest: L,
    round: L,
}

impl<L: Lanes> Registers<L> {
    #[inline(always)]
    fn of(c: &Coefficients) -> Self {
        /// Adding it rounds to integers, which then stand in the lowest bits.
        const ROUND: f32 = 12_582_912.0;
        Registers {
            keep: L::all(c.keep),
            leak: L::all(c.leak),
            floor: L::all(c.floor),
            onset: L::all(c.upstroke.onset),
            slope: L::all(c.upstroke.slope),
            polynomial: c.upstroke.polynomial.map(L::all),
            farthest: L::all(c.upstroke.farthest),
            round: L::all(ROUND),
        }
    }

    /// `still` and the upstroke at v. Voltages that are not followed are cut, if `CUT`.
    #[inline(always)]
    fn upstroke<const CUT: bool>(&self, v: L, still: L) -> L {
        let mut above = v.minus(self.onset);
        if CUT {
            above = above.larger(L::all(0.0).minus(self.farthest)).smaller(self.farthest);
        }
        let shifted = above.times_plus(self.slope, self.round);
        let f = above.times_plus(self.slope, self.round.minus(shifted));
        let [a, b, c] = self.polynomial;
        c.times_plus(f, b).times_plus(f, a).times_plus(shifted.power(), still)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Added<'a>(Upstroke, &'a mut [f32; LANES]);

    impl Work for Added<'_> {
        #[inline(always)]
        fn run<L: Lanes>(self) {
            let c = Coefficients {
                keep: 0.0,
                leak: 0.0,
                upstroke: self.0,
                constant: 0.0,
                floor: f32::MIN,
                threshold: 0.0,
                reset: 0.0,
            };
            Registers::of(&c).upstroke::<true>(L::load(self.1), L::all(0.0)).store(self.1);
        }
    }

    fn added(machine: Machine, upstroke: Upstroke, voltages: [f32; LANES]) -> [f32; LANES] {
        let mut voltages = voltages;
        machine.run(Added(upstroke, &mut voltages));
        voltages
    }

    #[test]
    fn upstrokes_are_exponentials_on_every_machine() {
        // 3 · 2^V: the sharpness is such that nothing of it is lost in single precision.
        let upstroke = Upstroke::new(3.0, -1.0, std::f64::consts::LOG2_E);
        for k in -126 * 64..124 * 64 {
            let given: [f32; LANES] = std::array::from_fn(|l| (k as f32 + l as f32 / 16.0) / 64.0);
            let plain = added(Machine::Plain, upstroke, given);
            for (v, own) in given.iter().zip(plain) {
                let exact = 3.0 * libm::exp2(f64::from(*v) + 1.0);
                assert!((f64::from(own) / exact - 1.0).abs() < 2.5e-7, "{own} for {exact}");
            }
            for machine in Machine::available() {
                assert_eq!(plain.map(f32::to_bits), added(machine, upstroke, given).map(f32::to_bits), "{machine:?}");
            }
        }
    }

    #[test]
    fn upstrokes_out_of_range_are_those_at_its_ends() {
        for sharpness in [1e-40, 1e-4, 2.0, 1e4] {
            let upstroke = Upstroke::new(0.1, -55.0, sharpness);
            let far = added(Machine::Plain, upstroke, [-1e30; LANES])[0];
            assert!((0.0..1e-37).contains(&far), "{far} at {sharpness}");
            let far = added(Machine::Plain, upstroke, [f32::INFINITY; LANES])[0];
            assert!(far > 1e36 && far.is_finite(), "{far} at {sharpness}");
            assert_eq!(far, added(Machine::Plain, upstroke, [1e30; LANES])[0]);
        }
        let upstroke = Upstroke::new(0.1, -55.0, 2.0);
        assert!(upstroke.follows(-100.0, 0.0) && !upstroke.follows(f32::MIN, 0.0) && !upstroke.follows(-100.0, 200.0));
        // Without an upstroke: a leaky neuron.
        assert_eq!(added(Machine::Plain, Upstroke::new(0.0, -55.0, 1.0), [-50.0; LANES]), [0.0; LANES]);
    }
}
