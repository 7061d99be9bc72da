//! What drives cells, gathered at samples.

use super::adjacency::BLOCK;
use super::block::{Cells, Group, Share};
use super::record::{Drives, Kind};
use lanes::{Aligned, Isa, SIXTEEN, Simd, Work};

/// Sums over samples of the inputs of a share, which the step just done was driven by.
pub struct Inputs {
    /// Voltages before the step.
    pub voltage: Aligned<Cells>,
    /// Sums over samples of the input of each cell, and of its square.
    pub sums: Vec<[f64; BLOCK]>,
    pub squares: Vec<[f64; BLOCK]>,
    /// Of all cells of a block, by kind.
    pub drives: Vec<Drives>,
    /// Sums for each cell of what excites and of what inhibits; empty where no stage keeps inputs.
    pub parts: Vec<[[f64; BLOCK]; 2]>,
}

/// Adds what drove the step that was just done: currents have decayed since.
pub fn sample(isa: Isa, share: &Share, inputs: &mut Inputs) {
    isa.run(Sample { share, inputs });
}

struct Sample<'a> {
    share: &'a Share,
    inputs: &'a mut Inputs,
}

impl Work for Sample<'_> {
    type Output = ();

    /// Plain loops, compiled for each instruction set.
    #[inline(always)]
    fn run<S: Simd>(self) {
        let Sample { share, inputs } = self;
        for block in 0..share.voltage.len() {
            let cells = BLOCK.min(share.cells - block * BLOCK);
            let mut total = [share.coefficients.constant; BLOCK];
            let constant = f64::from(share.coefficients.constant) * cells as f64;
            let mut drives = Drives { external: constant, ..Drives::default() };
            for group in &share.groups {
                let mut own = [0.0; BLOCK];
                undecayed(group, block, &inputs.voltage[block], &mut own);
                own[cells..].fill(0.0);
                total.iter_mut().zip(&own).for_each(|(total, own)| *total += own);
                drives.add(group.kind, sum(&own));
                let part = match group.kind {
                    Kind::Excitatory => Some(0),
                    Kind::Inhibitory => Some(1),
                    Kind::External => None,
                };
                if let Some((parts, part)) = inputs.parts.get_mut(block).zip(part) {
                    parts[part].iter_mut().zip(&own).for_each(|(sum, own)| *sum += f64::from(*own));
                }
            }
            for ((sum, square), total) in inputs.sums[block].iter_mut().zip(&mut inputs.squares[block]).zip(&total) {
                let total = f64::from(*total);
                *sum += total;
                *square += total * total;
            }
            inputs.drives[block] += drives;
        }
    }
}

/// The sum of all cells, every sixteenth apart, so that sums do not wait for one another.
#[inline(always)]
fn sum(cells: &Cells) -> f64 {
    let mut sums = [0.0; SIXTEEN];
    for few in cells.as_chunks::<SIXTEEN>().0 {
        for (sum, cell) in sums.iter_mut().zip(few) {
            *sum += f64::from(*cell);
        }
    }
    sums.iter().sum()
}

/// What a group brought to each cell of a block in the step that was just done.
#[inline(always)]
pub fn undecayed(group: &Group, block: usize, before: &Cells, out: &mut Cells) {
    for ((out, current), v) in out.iter_mut().zip(&group.current[block]).zip(before) {
        *out = current * group.back * group.reversal.map_or(1.0, |reversal| reversal - v);
    }
}
