//! How firing rates follow a current that is modulated in time.

use super::block::{Block, Line, SIZE};
use super::filtered::{CELLS, Filtered, Grid};
use super::membrane::Membrane;
use crate::complex::exp;
use model::Neuron;
use num_complex::Complex64;

/// Neurons at one mean current under filtered noise, for small modulations about it.
pub struct RateResponse {
    /// So many cells and twice as many: what is sought is extrapolated.
    grids: [Modulated; 2],
    refractory: f64,
}

impl RateResponse {
    /// Neurons that fire as [`filtered_rate`](super::filtered_rate) says. `None` for neurons that do not integrate and fire, and where no stationary
    /// state is found.
    ///
    /// # Panics
    /// As [`filtered_rate`](super::filtered_rate).
    pub fn new(neuron: &Neuron, current: Filtered, refractory: f64) -> Option<Self> {
        assert!(current.deviation > 0.0 && current.tau > 0.0, "noise");
        let membrane = Membrane::of(neuron)?;
        let modulated = |cells| Modulated::new(Grid::new(&membrane, current, cells), refractory);
        Some(RateResponse { grids: [modulated(CELLS)?, modulated(2 * CELLS)?], refractory })
    }

    /// δr/δI at the angular frequency ω in 1/ms, the mean current being I + δI e^{iωt} in mV/ms and the rate r + δr e^{iωt} in 1/ms.
    ///
    /// To first order of ∂_t P = L P of [`filtered_rate`](super::filtered_rate), in which L has the part −δI ∂_V: one linear system on the same volumes. At ω → 0 it
    /// is dr/dI. *Assumes* noise that is not modulated. Right to some per cent; where noise is weak
    /// (a deviation times τ of 1 mV) the volumes damp resonances at the firing rate by up to a half. `None` where the system is singular, as at ω = 0. Derivation (38).
    pub fn at(&self, frequency: f64) -> Option<Complex64> {
        let s = Complex64::new(0.0, frequency);
        let [coarse, fine] = &self.grids;
        let found = fine.response(s, self.refractory)? * 2.0 - coarse.response(s, self.refractory)?;
        found.is_finite().then_some(found)
    }
}

/// A grid and its stationary state.
struct Modulated {
    grid: Grid,
    /// Probability in each cell and node, without those that are refractory.
    probability: Vec<Line>,
}

impl Modulated {
    fn new(grid: Grid, refractory: f64) -> Option<Self> {
        let (mut probability, rate) = grid.probability()?;
        let free = 1.0 / (1.0 + rate * refractory);
        probability.iter_mut().flatten().for_each(|p| *p *= free);
        Some(Modulated { grid, probability })
    }

    /// What δI = 1 mV/ms changes of the fluxes through an edge: upwind as they are.
    fn moved(&self, edge: usize) -> Line {
        let cells = self.probability.len();
        std::array::from_fn(|k| {
            let up = self.grid.velocities[edge][k] > 0.0;
            match edge {
                0 => 0.0,
                _ if up => self.probability[edge - 1][k] / self.grid.size,
                _ if edge < cells => self.probability[edge][k] / self.grid.size,
                _ => 0.0,
            }
        })
    }

    /// (L − s) P₁ + source = 0, eliminated from both ends towards the cell of the reset, where what leaves at the top enters.
    fn response(&self, s: Complex64, refractory: f64) -> Option<Complex64> {
        let grid = &self.grid;
        let cells = self.probability.len();
        let source = |i: usize| -> Line<Complex64> {
            let (below, above) = (self.moved(i), self.moved(i + 1));
            std::array::from_fn(|k| Complex64::from(below[k] - above[k]))
        };
        let own = |i: usize| -> Block<Complex64> {
            let mut block = Block(grid.own(i, 0.0).0.map(|row| row.map(Complex64::from)));
            (0..SIZE).for_each(|k| block.0[k][k] -= s);
            block
        };
        // A neighbour further out is P = step P' + rest, P' being its neighbour towards the reset.
        let step = |block: &Block<Complex64>, flux: &Line, right: &Line<Complex64>| {
            let inverse = block.inverse()?;
            Some((inverse.columns_scaled(&flux.map(|f| -f)), inverse.on(right).map(|v| -v)))
        };
        let (mut top, mut top_rest) = (Block::<Complex64>::identity(), [Complex64::ZERO; SIZE]);
        let (mut block, mut right) = (own(cells - 1), source(cells - 1));
        for i in (grid.reset..cells - 1).rev() {
            let (step, rest) = step(&block, &grid.up(i + 1), &right)?;
            top_rest = sum(&top_rest, &top.on(&rest));
            top = top.times(&step);
            let down = grid.down(i + 1);
            block = own(i).plus(&step.rows_scaled(&down));
            right = sum(&source(i), &scaled(&rest, &down));
        }
        let (mut system, mut driven) = (block, right);
        if grid.reset > 0 {
            (block, right) = (own(0), source(0));
            for i in 0..grid.reset {
                let (step, rest) = step(&block, &grid.down(i + 1), &right)?;
                let up = grid.up(i + 1);
                let (passed, brought) = (step.rows_scaled(&up), scaled(&rest, &up));
                if i + 1 < grid.reset {
                    block = own(i + 1).plus(&passed);
                    right = sum(&source(i + 1), &brought);
                } else {
                    system = system.plus(&passed);
                    driven = sum(&driven, &brought);
                }
            }
        }
        let up = grid.up(cells);
        let outflow = top.rows_scaled(&up);
        let direct = sum(&scaled(&top_rest, &up), &self.moved(cells).map(Complex64::from));
        let late = exp(-s * refractory);
        let entering = Block(outflow.0.map(|row| row.map(|v| v * late)));
        let right = sum(&driven, &direct.map(|v| v * late));
        let at = system.plus(&entering).inverse()?.on(&right.map(|v| -v));
        Some(outflow.on(&at).iter().chain(&direct).sum())
    }
}

fn sum(a: &Line<Complex64>, b: &Line<Complex64>) -> Line<Complex64> {
    std::array::from_fn(|k| a[k] + b[k])
}

fn scaled(a: &Line<Complex64>, by: &Line) -> Line<Complex64> {
    std::array::from_fn(|k| a[k] * by[k])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neuron::filtered_rate;
    use model::neuron::{Exponential, Leaky};

    const EXPONENTIAL: Neuron = Neuron::Exponential(Exponential {
        tau: 15.0,
        rest: -72.0,
        sharpness: 1.0,
        onset: -55.0,
        threshold: -40.0,
        reset: -75.0,
    });

    fn current(mean: f64) -> Filtered {
        Filtered { mean, deviation: 0.6, tau: 6.0, skewness: 0.2 }
    }

    #[test]
    fn slow_modulations_are_followed_along_the_curve_of_rates() {
        for neuron in [EXPONENTIAL, Neuron::Leaky(Leaky::TALK)] {
            for (mean, refractory) in [(0.5, 0.0), (1.2, 3.0)] {
                let rate = |mean| filtered_rate(&neuron, current(mean), refractory).expect("it fires");
                let slope = (rate(mean + 1e-3) - rate(mean - 1e-3)) / 2e-3;
                let found = RateResponse::new(&neuron, current(mean), refractory).expect("it fires").at(1e-6);
                let found = found.expect("regular");
                assert!(crate::complex::norm(found - slope) < 1e-3 * slope, "{found} for {slope}");
            }
        }
    }

    /// An upstroke that blows up answers at high frequencies as r/(iω Δ_T): Fourcaud-Trocmé, Hansel, van Vreeswijk & Brunel 2003, eq. 23.
    #[test]
    fn fast_modulations_are_followed_by_the_upstroke_alone() {
        let rate = filtered_rate(&EXPONENTIAL, current(0.8), 0.0).expect("it fires");
        let response = RateResponse::new(&EXPONENTIAL, current(0.8), 0.0).expect("it fires");
        // Membrane and reset leave 1/ωτ, the top that is followed e⁻⁸ ωτ.
        for frequency in [2.0, 4.0] {
            let found = response.at(frequency).expect("regular") * Complex64::new(0.0, frequency) / rate;
            assert!((found.re - 1.0).abs() < 0.02 && found.im.abs() < 0.5 / frequency, "{frequency} {found}");
        }
    }
}
