//! Networks of proteins that bind in pairs: how far a change of one affinity goes, and why not further.

use crate::error::within;
use crate::linear::Lu;
use crate::{Function, Reaction, ReactionSystem, SignallingError, Source, Species};
use std::collections::VecDeque;

/// A pair of proteins that bind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// The two proteins.
    pub of: [usize; 2],
    /// Dissociation constant, an amount.
    pub kd: f64,
}

/// Proteins and the pairs that bind.
#[derive(Clone, Debug, PartialEq)]
pub struct Dimers {
    /// Total of each protein, an amount.
    pub totals: Vec<f64>,
    /// Pairs.
    pub pairs: Vec<Pair>,
}

impl Dimers {
    /// Refuses what no network is.
    ///
    /// # Errors
    /// [`SignallingError`].
    pub fn validate(&self) -> Result<(), SignallingError> {
        for (i, total) in self.totals.iter().enumerate() {
            within(|| format!("totals[{i}]"), *total, *total > 0.0 && *total <= 1e15, "above 0, to 1e15")?;
        }
        for (t, Pair { of, kd }) in self.pairs.iter().enumerate() {
            within(|| format!("pairs[{t}].kd"), *kd, *kd > 0.0 && *kd <= 1e15, "above 0, to 1e15")?;
            let known = of.iter().all(|i| *i < self.totals.len()) && of[0] != of[1];
            let before = self.pairs[..t].iter().all(|own| own.of != *of && own.of != [of[1], of[0]]);
            within(|| format!("pairs[{t}].of"), of[1] as f64, known && before, "two proteins, each pair once")?;
        }
        Ok(())
    }

    /// Free amounts x `[proteins]` at equilibrium: xᵢ + Σⱼ xᵢxⱼ/Kᵢⱼ = Tᵢ.
    ///
    /// Each pass solves all equations for their own xᵢ, from the totals on; Newton's steps follow.
    pub fn free(&self) -> Vec<f64> {
        let n = self.totals.len();
        let mut x = self.totals.clone();
        for _ in 0..30 {
            let held = self.held(&x);
            x = (0..n).map(|i| (x[i] * self.totals[i] / (1.0 + held[i])).sqrt()).collect();
        }
        for _ in 0..50 {
            let held = self.held(&x);
            let wrong: Vec<f64> = (0..n).map(|i| x[i] * (1.0 + held[i]) / self.totals[i] - 1.0).collect();
            let matrix = (0..n * n).map(|k| {
                let (i, j) = (k / n, k % n);
                let own = if i == j { x[i] * (1.0 + held[i]) } else { 0.0 };
                (own + self.pair(i, j).map_or(0.0, |kd| x[i] * x[j] / kd)) / self.totals[i]
            });
            let Some(lu) = Lu::new(n, &matrix.collect::<Vec<_>>()) else { break };
            let change = lu.solve(&wrong);
            let largest = change.iter().fold(0.0_f64, |most, d| most.max(d.abs()));
            let damping = (1.0 / largest).min(1.0);
            x.iter_mut().zip(&change).for_each(|(x, d)| *x *= libm::exp(-damping * d));
            if largest < 1e-15 {
                break;
            }
        }
        x
    }

    /// Σⱼ xⱼ/Kᵢⱼ of each protein.
    fn held(&self, x: &[f64]) -> Vec<f64> {
        let mut held = vec![0.0; x.len()];
        for Pair { of: [i, j], kd } in &self.pairs {
            held[*i] += x[*j] / kd;
            held[*j] += x[*i] / kd;
        }
        held
    }

    fn pair(&self, i: usize, j: usize) -> Option<f64> {
        self.pairs.iter().find(|pair| pair.of == [i, j] || pair.of == [j, i]).map(|pair| pair.kd)
    }

    /// P `[proteins × proteins]`, row by row: the fraction of protein i that is bound to protein j.
    pub fn bound_fractions(&self, x: &[f64]) -> Vec<Vec<f64>> {
        let n = x.len();
        let of = |i: usize, j: usize| self.pair(i, j).map_or(0.0, |kd| x[i] * x[j] / kd / self.totals[i]);
        (0..n).map(|i| (0..n).map(|j| of(i, j)).collect()).collect()
    }

    /// ∂ ln x/∂ ln(1/K) `[proteins]` of a pair, from (1 + P) ∂ ln x = −(y/T) at its two proteins.
    ///
    /// # Errors
    /// [`SignallingError::NoSteadyState`] where the matrix is singular, which no equilibrium's is.
    pub fn sensitivity(&self, pair: usize) -> Result<Vec<f64>, SignallingError> {
        let x = self.free();
        let n = x.len();
        let matrix = self
            .bound_fractions(&x)
            .into_iter()
            .enumerate()
            .flat_map(|(i, row)| row.into_iter().enumerate().map(move |(j, p)| p + if i == j { 1.0 } else { 0.0 }));
        let lu = Lu::new(n, &matrix.collect::<Vec<_>>())
            .ok_or(SignallingError::NoSteadyState { source_amount: f64::NAN })?;
        Ok(lu.solve(&self.kick(pair, &x)))
    }

    fn kick(&self, pair: usize, x: &[f64]) -> Vec<f64> {
        let Pair { of: [a, b], kd } = self.pairs[pair];
        let mut kick = vec![0.0; x.len()];
        kick[a] = -x[a] * x[b] / kd / self.totals[a];
        kick[b] = -x[a] * x[b] / kd / self.totals[b];
        kick
    }

    /// Sensitivities by the series Σ (−P)ᵏ, in which each hop multiplies by a bound fraction with the other sign.
    pub fn sensitivity_series(&self, pair: usize, terms: usize) -> Vec<f64> {
        let x = self.free();
        let fractions = self.bound_fractions(&x);
        let mut term = self.kick(pair, &x);
        let mut sum = term.clone();
        for _ in 1..terms {
            term = fractions.iter().map(|row| -row.iter().zip(&term).map(|(p, t)| p * t).sum::<f64>()).collect();
            sum.iter_mut().zip(&term).for_each(|(s, t)| *s += t);
        }
        sum
    }

    /// maxᵢ(y/Tᵢ) φᵈ/(1 − φ), which no ∂ ln x at d hops from the pair exceeds; φ is the largest bound fraction of a protein.
    pub fn sensitivity_bound(&self, pair: usize, hops: usize) -> f64 {
        let x = self.free();
        let phi = self.bound_fractions(&x).iter().map(|row| row.iter().sum::<f64>()).fold(0.0, f64::max);
        let kick = self.kick(pair, &x).into_iter().fold(0.0_f64, |most, k| most.max(k.abs()));
        kick * phi.powi(hops as i32) / (1.0 - phi)
    }

    /// Hops of each protein from a pair: 0 for its two; `None` where there is no way.
    pub fn hops(&self, pair: usize) -> Vec<Option<usize>> {
        self.walked(&self.pairs[pair].of, None)
    }

    /// Hops of each protein from the nearest of some, along all pairs but one.
    fn walked(&self, from: &[usize], but: Option<usize>) -> Vec<Option<usize>> {
        let mut hops = vec![None; self.totals.len()];
        let mut queue: VecDeque<usize> = from.iter().copied().collect();
        queue.iter().for_each(|&i| hops[i] = Some(0));
        while let Some(i) = queue.pop_front() {
            for (t, Pair { of: [a, b], .. }) in self.pairs.iter().enumerate() {
                let other = if *a == i {
                    *b
                } else if *b == i {
                    *a
                } else {
                    continue;
                };
                if Some(t) != but && hops[other].is_none() {
                    hops[other] = hops[i].map(|hop| hop + 1);
                    queue.push_back(other);
                }
            }
        }
        hops
    }

    /// Proteins on the side of `of[side]` if a pair did not bind; `None` where its two proteins hang together without it: it is no bridge.
    pub fn side(&self, pair: usize, side: usize) -> Option<Vec<bool>> {
        let [from, to] = [self.pairs[pair].of[side], self.pairs[pair].of[1 - side]];
        let there: Vec<bool> = self.walked(&[from], Some(pair)).iter().map(Option::is_some).collect();
        (!there[to]).then_some(there)
    }

    /// As a reaction system, with unit rates of binding, whose source is the total of a protein from a quarter to four times what it is. The input of each
    /// pair is the protein nearer to the source.
    pub fn system(&self, source: usize, points: usize) -> ReactionSystem {
        let protein = |i: usize| format!("P{i}");
        let complex = |Pair { of: [a, b], .. }: &Pair| format!("P{a}P{b}");
        let mut species: Vec<Species> = Vec::new();
        let mut add = |name: String, amount: f64| species.push(Species { name, amount, clamped: false });
        self.totals.iter().enumerate().for_each(|(i, total)| add(protein(i), *total));
        self.pairs.iter().for_each(|pair| add(complex(pair), 0.0));
        let binding = |pair: &Pair| Reaction::Binding {
            name: complex(pair),
            of: pair.of.map(protein),
            complex: complex(pair),
            kon: 1.0,
            koff: pair.kd,
        };
        let far = self.walked(&[source], None);
        let function = |pair: &Pair| {
            let [a, b] = pair.of;
            let input = if far[b].unwrap_or(usize::MAX) < far[a].unwrap_or(usize::MAX) { b } else { a };
            Function { reaction: complex(pair), input: protein(input), output: complex(pair), rates: None }
        };
        let (from, to) = (0.25 * self.totals[source], 4.0 * self.totals[source]);
        ReactionSystem {
            species,
            reactions: self.pairs.iter().map(binding).collect(),
            functions: self.pairs.iter().map(function).collect(),
            source: Source { species: protein(source), from, to, points },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain() -> Dimers {
        let pair = |a, b, kd| Pair { of: [a, b], kd };
        Dimers {
            totals: vec![100.0, 50.0, 200.0, 30.0, 80.0],
            pairs: vec![pair(0, 1, 20.0), pair(1, 2, 50.0), pair(2, 3, 10.0), pair(3, 1, 70.0), pair(3, 4, 5.0)],
        }
    }

    #[test]
    fn free_amounts_solve_their_equations_and_move_as_they_should() {
        let dimers = chain();
        let x = dimers.free();
        for (i, held) in dimers.held(&x).iter().enumerate() {
            assert!((x[i] * (1.0 + held) / dimers.totals[i] - 1.0).abs() < 1e-13);
        }
        for pair in 0..5 {
            let beside = |change: f64| {
                let mut other = dimers.clone();
                other.pairs[pair].kd *= libm::exp(-change);
                other.free()
            };
            let (up, down) = (beside(1e-4), beside(-1e-4));
            let (exact, series) = (dimers.sensitivity(pair).expect("regular"), dimers.sensitivity_series(pair, 400));
            for i in 0..5 {
                let seen = libm::log(up[i] / down[i]) / 2e-4;
                assert!((exact[i] - seen).abs() < 1e-7 && (exact[i] - series[i]).abs() < 1e-9, "{pair} {i}");
                let hops = dimers.hops(pair)[i].expect("a way");
                assert!(exact[i].abs() <= dimers.sensitivity_bound(pair, hops));
            }
        }
    }

    #[test]
    fn bridges_are_what_holds_two_sides_together() {
        let dimers = chain();
        let bridges: Vec<bool> = (0..5).map(|pair| dimers.side(pair, 0).is_some()).collect();
        assert_eq!(bridges, [true, false, false, false, true]);
        assert_eq!(dimers.side(4, 1), Some(vec![false, false, false, false, true]));
    }
}
