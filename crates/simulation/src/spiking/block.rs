//! The inner loops over a block of cells, in single precision: how many of a step's spikes hit each, and what they do.

use super::adjacency::{BLOCK, WORDS};
use super::counts::{Counts, each, vectors};
use super::learner::Learner;
use super::record::Kind;
use super::refractory::{Held, Masks};
use lanes::{Aligned, Isa, SIXTEEN, Simd, Singles, Words, Work};

/// One value a cell.
pub type Cells = [f32; BLOCK];

/// One bit a cell.
pub type Bits = [u32; WORDS];

/// Most currents that are integrated together.
const FUSED: usize = 3;

/// Blocks from asking for a row's bits to counting them: memory answers within one.
const AHEAD: usize = 2;

/// A step of a cell: V ← V + (leak + rate (V − V_T) + upstroke + h I). What is added is small, so that one rounding alone is of V's size.
#[derive(Clone, Copy, Debug)]
pub struct Coefficients {
    /// −h/τ.
    pub rate: f32,
    /// Drift at V_T, with the constant current.
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
    pub current: Aligned<Cells>,
    /// 1/(h · decay), for I before it decayed.
    pub back: f32,
    /// What adds to it.
    pub arrivals: Vec<Arrival>,
}

/// Spikes of sources whose connections to the share weigh the same.
pub struct Arrival {
    /// What one spike adds to h I: h (j/√N)/τ.
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
    pub voltage: Aligned<Cells>,
    /// What currents that are integrated apart bring to the block at work.
    pub drive: Aligned<Cells>,
    pub groups: Vec<Group>,
    /// Synapses that learn, by source population; none where nothing does.
    pub learners: Vec<Option<Learner>>,
    /// Cells that are refractory.
    pub held: Held,
}

/// One step of all cells of a share; who fires is appended to `spikes`, counted from the first cell of the share.
///
/// `rows` holds, for each arrival of each group in turn, the bits of those that fired, from the share's first block on.
pub fn advance(isa: Isa, share: &mut Share, rows: &[Vec<&[Bits]>], spikes: &mut Vec<u32>) {
    isa.run(Advance { share, rows, spikes });
}

struct Advance<'a, 'r> {
    share: &'a mut Share,
    rows: &'a [Vec<&'r [Bits]>],
    spikes: &'a mut Vec<u32>,
}

impl Work for Advance<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        let Share { cells, coefficients, voltage, drive, groups, held, .. } = self.share;
        let mut counts = [Counts::NONE; FUSED];
        // The last currents go to the voltages at once, without a pass of their own.
        let fused = groups.iter().rev().take(FUSED).take_while(|group| group.reversal.is_none()).count();
        let apart = groups.len() - fused;
        let any = apart > 0 || !coefficients.upstroke.follows(coefficients.floor, coefficients.threshold);
        let (apart, together) = groups.split_at_mut(apart);
        let conducts = (1..=FUSED).contains(&apart.len())
            && together.is_empty()
            && apart.iter().all(|group| group.reversal.is_some())
            && self.rows.iter().all(Vec::is_empty);
        for ahead in 0..AHEAD {
            fetch::<S>(self.rows, ahead);
        }
        let first = self.spikes.len();
        for (block, voltage) in voltage.iter_mut().enumerate() {
            fetch::<S>(self.rows, block + AHEAD);
            let mut rows = self.rows.iter();
            let drive = &mut drive[0];
            let any = if conducts {
                conduct_together::<S>(apart, block, (&mut *voltage, held.masks(block)), coefficients)
            } else {
                if any {
                    drive.fill(0.0);
                }
                for group in apart.iter_mut() {
                    let counts = &mut counts[0];
                    counts.of::<S>(group, &mut rows, block);
                    let current = &mut group.current[block];
                    match group.reversal {
                        None => flow::<S>(current, group.decay, counts, drive),
                        Some(reversal) => conduct::<S>(current, group.decay, counts, drive, (reversal, voltage)),
                    }
                }
                for (group, counts) in together.iter_mut().zip(&mut counts) {
                    counts.of::<S>(group, &mut rows, block);
                }
                let to = (&*drive, &mut *voltage, &*coefficients);
                let few = S::Singles::FEW_PAY && counts.iter().take(fused).all(|counts| counts.few);
                let any = match (&mut *together, any) {
                    ([a, b, c], false) if few => integrate::<S, 3, false, true>([a, b, c], block, &counts, to),
                    ([a, b, c], false) => integrate::<S, 3, false, false>([a, b, c], block, &counts, to),
                    ([a, b, c], true) => integrate::<S, 3, true, false>([a, b, c], block, &counts, to),
                    ([a, b], _) => integrate::<S, 2, true, false>([a, b], block, &counts, to),
                    ([a], _) => integrate::<S, 1, true, false>([a], block, &counts, to),
                    _ => integrate::<S, 0, true, false>([], block, &counts, to),
                };
                if let Some(masks) = held.masks(block) {
                    hold::<S>(voltage, masks, coefficients);
                }
                any
            };
            if any {
                let before = self.spikes.len();
                fire::<S>(voltage, coefficients, (block * BLOCK) as u32, self.spikes);
                // Padding fires for nobody.
                while self.spikes.len() > before && self.spikes.last().is_some_and(|cell| *cell as usize >= *cells) {
                    self.spikes.pop();
                }
            }
        }
        held.advance(&self.spikes[first..]);
    }
}

/// Asks for a block of all rows.
#[inline(always)]
fn fetch<S: Simd>(rows: &[Vec<&[Bits]>], block: usize) {
    rows.iter().flatten().filter_map(|row| row.get(block)).for_each(|row| S::Words::fetch(row.as_ptr()));
}

/// What arrives is added to the current, and that to the drive; then it decays.
#[inline(always)]
fn flow<S: Simd>(current: &mut Cells, decay: f32, counts: &Counts, drive: &mut Cells) {
    let (weight, decay) = (S::Singles::multiples::<false>(counts.weight), S::Singles::all(decay));
    let (currents, drives) = (vectors(current), vectors(drive));
    each::<S, 1>([&counts.fields], |vector, [count]| {
        let now = S::Singles::load(&currents[vector]).plus(S::Singles::multiple::<false>(weight, count));
        S::Singles::load(&drives[vector]).plus(now).store(&mut drives[vector]);
        now.times(decay).store(&mut currents[vector]);
    });
}

/// Lets a conductance flow as [`flow`] does a current.
#[inline(always)]
fn conduct<S: Simd>(
    conductance: &mut Cells,
    decay: f32,
    counts: &Counts,
    drive: &mut Cells,
    (reversal, voltage): (f32, &mut Cells),
) {
    let (weight, decay, reversal) =
        (S::Singles::multiples::<false>(counts.weight), S::Singles::all(decay), S::Singles::all(reversal));
    let (conductances, drives, voltages) = (vectors(conductance), vectors(drive), vectors(voltage));
    each::<S, 1>([&counts.fields], |vector, [count]| {
        let now = S::Singles::load(&conductances[vector]).plus(S::Singles::multiple::<false>(weight, count));
        let away = reversal.minus(S::Singles::load(&voltages[vector]));
        away.times_plus(now, S::Singles::load(&drives[vector])).store(&mut drives[vector]);
        now.times(decay).store(&mut conductances[vector]);
    });
}

/// A step of cells that conductances drive to which lists alone have added: conductances, voltages and who is refractory in one pass, with the same bits as [`conduct`], [`integrate`] and [`hold`] give one after the other; whether anybody will fire.
#[inline(always)]
fn conduct_together<S: Simd>(
    groups: &mut [Group],
    block: usize,
    cells: (&mut Cells, Option<&Masks>),
    c: &Coefficients,
) -> bool {
    match (groups, c.upstroke.is_none()) {
        ([a], true) => conduct_all::<S, 1, false>([a], block, cells, c),
        ([a], false) => conduct_all::<S, 1, true>([a], block, cells, c),
        ([a, b], true) => conduct_all::<S, 2, false>([a, b], block, cells, c),
        ([a, b], false) => conduct_all::<S, 2, true>([a, b], block, cells, c),
        ([a, b, d], true) => conduct_all::<S, 3, false>([a, b, d], block, cells, c),
        ([a, b, d], false) => conduct_all::<S, 3, true>([a, b, d], block, cells, c),
        _ => unreachable!("one to {FUSED} groups"),
    }
}

/// [`conduct_together`] for so many groups; without upstrokes if not `UPSTROKE`.
#[inline(always)]
fn conduct_all<S: Simd, const G: usize, const UPSTROKE: bool>(
    groups: [&mut Group; G],
    block: usize,
    (voltage, held): (&mut Cells, Option<&Masks>),
    c: &Coefficients,
) -> bool {
    let [mut decay, mut reversal] = [[S::Singles::all(0.0); G]; 2];
    for g in 0..G {
        decay[g] = S::Singles::all(groups[g].decay);
        reversal[g] = S::Singles::all(groups[g].reversal.unwrap_or_default());
    }
    let conductances = groups.map(|group| vectors(&mut group.current[block]));
    let (none, reset) = (S::Singles::all(0.0), S::Singles::all(c.reset));
    let mut highest = S::Singles::all(f32::MIN);
    let threshold = S::Singles::all(c.threshold);
    let c = Registers::<S::Singles>::of(c);
    for (vector, voltage) in vectors(voltage).iter_mut().enumerate() {
        let v = S::Singles::load(voltage);
        let mut drive = none;
        for g in 0..G {
            let conductance = &mut conductances[g][vector];
            let now = S::Singles::load(conductance);
            drive = reversal[g].minus(v).times_plus(now, drive);
            now.times(decay[g]).store(conductance);
        }
        let above = v.minus(c.onset);
        let still = above.times_plus(c.rate, c.leak).plus(drive);
        let change = if UPSTROKE { c.upstroke::<true>(above, still) } else { still };
        let mut next = v.plus(change).larger(c.floor);
        if let Some(held) = held {
            next = next.or_where(held[vector], reset);
        }
        next.store(voltage);
        highest = next.larger(highest);
    }
    highest.at_least(threshold) != 0
}

/// The voltages after the step, before anybody fires; whether anybody will. Groups' currents drive them as in [`flow`], and `drive` does,
/// if `ANY`; without it all voltages must be such that upstrokes are followed. Counts are below 8 if `FEW`.
#[inline(always)]
fn integrate<S: Simd, const G: usize, const ANY: bool, const FEW: bool>(
    groups: [&mut Group; G],
    block: usize,
    counts: &[Counts; FUSED],
    (drive, voltage, c): (&Cells, &mut Cells, &Coefficients),
) -> bool {
    let mut weights = [S::Singles::multiples::<FEW>(0.0); G];
    let mut decay = [S::Singles::all(0.0); G];
    let mut fields = [&counts[0].fields; G];
    for g in 0..G {
        weights[g] = S::Singles::multiples::<FEW>(counts[g].weight);
        decay[g] = S::Singles::all(groups[g].decay);
        fields[g] = &counts[g].fields;
    }
    let mut currents = groups.map(|group| vectors(&mut group.current[block]));
    let voltages = vectors(voltage);
    let (drives, _) = drive.as_chunks::<SIXTEEN>();
    let mut highest = S::Singles::all(f32::MIN);
    let threshold = c.threshold;
    let c = Registers::<S::Singles>::of(c);
    each::<S, G>(fields, |vector, counts| {
        let v = S::Singles::load(&voltages[vector]);
        let above = v.minus(c.onset);
        let mut still = above.times_plus(c.rate, c.leak);
        if ANY {
            still = still.plus(S::Singles::load(&drives[vector]));
        }
        let mut sum: Option<S::Singles> = None;
        for g in 0..G {
            let current = &mut currents[g][vector];
            let now = S::Singles::load(current).plus(S::Singles::multiple::<FEW>(weights[g], counts[g]));
            now.times(decay[g]).store(current);
            sum = Some(sum.map_or(now, |sum: S::Singles| sum.plus(now)));
        }
        if let Some(sum) = sum {
            still = still.plus(sum);
        }
        let next = v.plus(c.upstroke::<ANY>(above, still)).larger(c.floor);
        next.store(&mut voltages[vector]);
        highest = next.larger(highest);
    });
    highest.at_least(S::Singles::all(threshold)) != 0
}

/// Keeps refractory cells at the reset.
#[inline(always)]
fn hold<S: Simd>(voltage: &mut Cells, held: &Masks, c: &Coefficients) {
    let reset = S::Singles::all(c.reset);
    for (voltage, &held) in vectors(voltage).iter_mut().zip(held) {
        S::Singles::load(voltage).or_where(held, reset).store(voltage);
    }
}

/// Resets who has reached the threshold, in order.
#[inline(always)]
fn fire<S: Simd>(voltage: &mut Cells, c: &Coefficients, first: u32, spikes: &mut Vec<u32>) {
    let (threshold, reset, voltages) = (S::Singles::all(c.threshold), S::Singles::all(c.reset), vectors(voltage));
    let (fours, _) = voltages.as_chunks_mut::<4>();
    for (four, voltages) in fours.iter_mut().enumerate() {
        // Few fire.
        let [a, b, c, d] = &*voltages;
        if S::Singles::load(a)
            .larger(S::Singles::load(b))
            .larger(S::Singles::load(c).larger(S::Singles::load(d)))
            .at_least(threshold)
            == 0
        {
            continue;
        }
        for (k, voltage) in voltages.iter_mut().enumerate() {
            let v = S::Singles::load(voltage);
            let mut fired = v.at_least(threshold);
            v.or_where(fired, reset).store(voltage);
            while fired != 0 {
                let cell = (4 * four + k) * SIXTEEN + fired.trailing_zeros() as usize;
                spikes.push(first + cell as u32);
                fired &= fired - 1;
            }
        }
    }
}

/// Upstrokes: what the exponential adds to the voltage in a step, a e^((V − V_T)/Δ_T), to 4e-6 of itself and what
/// rounding does to the exponent, 1.2e-7 of |V − V_T|/Δ_T.
///
/// 8 (V − V_T)/(Δ_T ln 2) = 8 n + j + f with integers n and j < 8, and f within ±1/2: 2^(n + j/8)
/// comes from a table that fits one register, and a 2^(f/8) is a polynomial. What it leaves is less than what rounding takes from a voltage
/// of −50 mV, 2e-6 mV, wherever the upstroke adds less than 0.5 mV in a step.
#[derive(Clone, Copy, Debug)]
pub struct Upstroke {
    onset: f32,
    /// 8/(Δ_T ln 2).
    slope: f32,
    polynomial: [f32; 3],
    /// Farther from the onset the exponential is not followed: it would be no normal number.
    farthest: f32,
}

impl Upstroke {
    /// Of a e^((V − onset)/sharpness).
    pub fn new(a: f64, onset: f64, sharpness: f64) -> Self {
        /// log 2/8.
        const UNIT: f64 = std::f64::consts::LN_2 / 8.0;
        let slope = (1.0 / (UNIT * sharpness)).min(1e30);
        // The Taylor series; its next term is spread over the interval: f³ ≈ 3 f/16, the best line on ±1/2, leaves 1/32.
        let polynomial = [1.0, UNIT + 0.1875 * UNIT.powi(3) / 6.0, UNIT * UNIT / 2.0];
        let polynomial = polynomial.map(|c| (a * c) as f32);
        Upstroke { onset: onset as f32, slope: slope as f32, polynomial, farthest: (8.0 * 125.0 / slope) as f32 }
    }

    /// Whether nothing is added at any voltage: the polynomial is 0, and adding it changes no bit.
    pub fn is_none(&self) -> bool {
        self.polynomial == [0.0; 3]
    }

    /// Whether voltages between these are followed.
    pub fn follows(&self, low: f32, high: f32) -> bool {
        self.onset - self.farthest <= low && high <= self.onset + self.farthest
    }
}

/// Coefficients, one register each.
struct Registers<V> {
    rate: V,
    leak: V,
    floor: V,
    onset: V,
    slope: V,
    polynomial: [V; 3],
    farthest: V,
    round: V,
}

impl<V: Singles> Registers<V> {
    #[inline(always)]
    fn of(c: &Coefficients) -> Self {
        /// Adding it rounds to integers, which then stand in the lowest bits.
        const ROUND: f32 = 12_582_912.0;
        Registers {
            rate: V::all(c.rate),
            leak: V::all(c.leak),
            floor: V::all(c.floor),
            onset: V::all(c.upstroke.onset),
            slope: V::all(c.upstroke.slope),
            polynomial: c.upstroke.polynomial.map(V::all),
            farthest: V::all(c.upstroke.farthest),
            round: V::all(ROUND),
        }
    }

    /// `still` and the upstroke so far above the onset. Voltages that are not followed are cut, if `CUT`.
    #[inline(always)]
    fn upstroke<const CUT: bool>(&self, above: V, still: V) -> V {
        let mut above = above;
        if CUT {
            above = above.larger(V::all(0.0).minus(self.farthest)).smaller(self.farthest);
        }
        let steps = above.times(self.slope);
        let shifted = steps.plus(self.round);
        let f = steps.minus(shifted.minus(self.round));
        let [a, b, c] = self.polynomial;
        c.times_plus(f, b).times_plus(f, a).times_plus(shifted.power(), still)
    }
}

#[cfg(test)]
mod tests;
