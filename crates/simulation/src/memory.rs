//! A network that stores patterns, each in one of several contexts that let some of its units take part.

use rand::seq::SliceRandom;
use rand::{Rng, RngExt};

/// Patterns of ±1 on the units of their contexts, and 0 elsewhere.
#[derive(Clone, Debug)]
pub struct ConditionalMemory {
    units: usize,
    /// Units of each context.
    masks: Vec<Vec<usize>>,
    /// Context and values of each pattern.
    patterns: Vec<(usize, Vec<i8>)>,
}

/// Sweeps over all units until nothing changes, at most.
const MOST_SWEEPS: usize = 50;

impl ConditionalMemory {
    /// So many random patterns in each of some contexts, which are random shares of the units.
    pub fn random(units: usize, contexts: usize, share: f64, patterns: usize, rng: &mut impl Rng) -> Self {
        let size = (share * units as f64).round() as usize;
        let masks: Vec<Vec<usize>> = (0..contexts)
            .map(|_| {
                let mut all: Vec<usize> = (0..units).collect();
                all.shuffle(rng);
                all.truncate(size);
                all
            })
            .collect();
        let mut all = Vec::new();
        for (context, mask) in masks.iter().enumerate() {
            for _ in 0..patterns {
                let mut values = vec![0; units];
                mask.iter().for_each(|&i| values[i] = if rng.random_bool(0.5) { 1 } else { -1 });
                all.push((context, values));
            }
        }
        ConditionalMemory { units, masks, patterns: all }
    }

    /// Overlap of a pattern with where the network comes to rest, from the pattern with a share of its units turned. Units outside its context are silent.
    ///
    /// Unit after unit takes the sign of its input Σ_j J_ij s_j, J = Σ ξξᵀ without its diagonal, as it follows from the overlaps with all patterns.
    pub fn recall(&self, pattern: usize, errors: f64, rng: &mut impl Rng) -> f64 {
        let (context, wanted) = &self.patterns[pattern];
        let mask = &self.masks[*context];
        let mut state = vec![0_i32; self.units];
        for &i in mask {
            let turned = rng.random_bool(errors);
            state[i] = i32::from(wanted[i]) * if turned { -1 } else { 1 };
        }
        let overlap = |values: &[i8]| mask.iter().map(|&i| i32::from(values[i]) * state[i]).sum::<i32>();
        let mut overlaps: Vec<i32> = self.patterns.iter().map(|(_, values)| overlap(values)).collect();
        let mut order = mask.clone();
        for _ in 0..MOST_SWEEPS {
            order.shuffle(rng);
            let mut changed = false;
            for &i in &order {
                let mut input = 0;
                for ((_, values), overlap) in self.patterns.iter().zip(&overlaps) {
                    let own = i32::from(values[i]);
                    input += own * overlap - own * own * state[i];
                }
                if input * state[i] < 0 {
                    state[i] = -state[i];
                    changed = true;
                    for ((_, values), overlap) in self.patterns.iter().zip(&mut overlaps) {
                        *overlap += 2 * i32::from(values[i]) * state[i];
                    }
                }
            }
            if !changed {
                break;
            }
        }
        f64::from(overlaps[pattern]) / mask.len() as f64
    }

    /// Number of patterns.
    pub fn patterns(&self) -> usize {
        self.patterns.len()
    }
}
