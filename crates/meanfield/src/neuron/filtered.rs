//! Firing rates under noise that synapses have filtered.

use super::block::{Block, Line, SIZE};
use super::eight::{Answers, Grids};
use super::membrane::Membrane;
use gauss_quad::GaussHermite;
use lanes::{EIGHT, Isa};
use model::Neuron;
use std::num::NonZeroUsize;
use std::sync::LazyLock;

/// Current with fluctuations of one correlation time, Gaussian or nearly so.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Filtered {
    /// Mean in mV/ms.
    pub mean: f64,
    /// Standard deviation in mV/ms.
    pub deviation: f64,
    /// Correlation time in ms.
    pub tau: f64,
    /// Third standardised cumulant: shot noise of few large charges is not Gaussian yet.
    pub skewness: f64,
}

/// Cells in voltage from the reset to the top; what is sought is extrapolated from these and from twice as many.
pub(super) const CELLS: usize = 55;

/// Values that the fluctuating current takes, in standard deviations: nodes of Gauss and Hermite's rule; how probability flows among them.
struct Ladder {
    nodes: Line,
    /// Of the equation dP/dt = L P/τ.
    flow: Block,
}

/// Rate in 1/ms, a spike in eleven days, below which spikes count as a Poisson process: what few nodes say of them is rounding.
const RARE: f64 = 1e-9;

/// How a neuron fires.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Firing {
    /// In 1/ms.
    pub rate: f64,
    /// Variance of the spike train seen through e^{−t/τ}/τ, over that of a Poisson process of the same rate, r/2τ, for the time asked for.
    pub filtered: f64,
}

/// Rate in 1/ms of a neuron under a current that fluctuates as an Ornstein-Uhlenbeck process z, or as z + γ (z² − 1)/6, which has the skewness γ.
///
/// Stationary state of ∂_t P = −∂_V[(drift(V) + σ z) P] + (1/τ_s) ∂_z(z + ∂_z) P with reset: z on Gauss and Hermite's nodes, where the second
/// operator is exact on polynomials; V in upwind volumes, extrapolated in their size. `refractory` in ms. `None` for neurons that do not
/// integrate and fire. Derivation (33), where its error is measured.
///
/// # Panics
/// If deviation or correlation time is not positive.
pub fn filtered_rate(neuron: &Neuron, current: Filtered, refractory: f64) -> Option<f64> {
    Some(firings(neuron, &[current.mean; EIGHT], current, refractory, &[])?.rates[0])
}

/// The rate, as [`filtered_rate`], and how irregular the spikes are, seen through a synapse of time constant `through` in ms.
///
/// With m(t) the rate at a time t after a spike, 1 + 2 ∫ (m − r) e^{−t/τ} dt: the Laplace transform of m is one linear system. The neuron is
/// not a renewal process, as z lives through its spikes; m begins with the z of those that have just fired. *Assumes* a refractory time that
/// is short compared with τ. Derivation (36).
///
/// # Panics
/// As [`filtered_rate`], and if `through` is not positive.
pub fn filtered_firing(neuron: &Neuron, current: Filtered, refractory: f64, through: f64) -> Option<Firing> {
    let Firings { rates, filtered } = firings(neuron, &[current.mean; EIGHT], current, refractory, &[through])?;
    Some(Firing { rate: rates[0], filtered: filtered[0][0] })
}

/// How a neuron fires at eight mean currents.
pub(crate) struct Firings {
    /// In 1/ms.
    pub rates: [f64; EIGHT],
    /// [`Firing::filtered`] for each time constant that was asked for.
    pub filtered: Vec<[f64; EIGHT]>,
}

/// [`filtered_firing`] at eight mean currents in mV/ms, whatever the mean of `current`, and for several time constants.
///
/// # Panics
/// As [`filtered_firing`].
pub(crate) fn firings(
    neuron: &Neuron,
    means: &[f64; EIGHT],
    current: Filtered,
    refractory: f64,
    through: &[f64],
) -> Option<Firings> {
    assert!(current.deviation > 0.0 && current.tau > 0.0, "noise");
    assert!(through.iter().all(|through| *through > 0.0), "a time constant");
    let membrane = Membrane::of(neuron)?;
    let discounts: Vec<f64> = through.iter().map(|through| 1.0 / through).collect();
    let (coarse, fine) = (CELLS, 2 * CELLS);
    let [coarse, fine] = [coarse, fine].map(|cells| answers(&membrane, means, current, cells, &discounts));
    let mut firings = Firings { rates: [0.0; EIGHT], filtered: vec![[1.0; EIGHT]; through.len()] };
    for lane in 0..EIGHT {
        // To second order in the size of cells.
        let free = (2.0 * fine.rates[lane] - coarse.rates[lane]).max(0.0);
        if !fine.rates[lane].is_finite() || !coarse.rates[lane].is_finite() {
            return None;
        }
        let rate = free / (1.0 + free * refractory);
        firings.rates[lane] = rate;
        if rate < RARE {
            continue;
        }
        for (k, through) in through.iter().enumerate() {
            let transform = 2.0 * fine.after_spikes[k][lane] - coarse.after_spikes[k][lane];
            if !transform.is_finite() {
                return None;
            }
            let transform = transform.max(0.0);
            firings.filtered[k][lane] = (1.0 + 2.0 * (transform - free * through)).max(0.0);
        }
    }
    Some(firings)
}

/// What grids of so many cells say; the definition is asked where elimination without interchanges has failed.
fn answers(membrane: &Membrane, means: &[f64; EIGHT], current: Filtered, cells: usize, discounts: &[f64]) -> Answers {
    // The cell of the reset is the same for all: that of the current whose lowest voltages are lowest.
    let lowest = means.iter().copied().fold(f64::INFINITY, f64::min);
    let grid = |mean| Grid::with_lowest(membrane, Filtered { mean, ..current }, lowest, cells);
    let grids = means.map(grid);
    let Grid { flow, reset, .. } = &grids[0];
    let edges = grids[0].velocities.len();
    let velocities: Vec<[[f64; EIGHT]; SIZE]> = (0..edges)
        .map(|edge| std::array::from_fn(|node| std::array::from_fn(|lane| grids[lane].velocities[edge][node])))
        .collect();
    let mut answers = Isa::detect().run(Grids { flow: &flow.0, reset: *reset, velocities: &velocities, discounts });
    for (lane, grid) in grids.iter().enumerate() {
        if !answers.rates[lane].is_finite() {
            answers.rates[lane] = grid.rate().unwrap_or(f64::NAN);
        }
        for (own, s) in answers.after_spikes.iter_mut().zip(discounts) {
            if !own[lane].is_finite() {
                own[lane] = grid.rate_after_spikes(*s).unwrap_or(f64::NAN);
            }
        }
    }
    answers
}

static LADDER: LazyLock<Ladder> = LazyLock::new(ladder);

/// With P_k = w_k u(z_k) and c_n = Σ_k P_k h_n(z_k), h_n orthonormal: L P = −Σ_n n c_n w_k h_n(z_k).
fn ladder() -> Ladder {
    let rule = GaussHermite::new(NonZeroUsize::new(SIZE).expect("some nodes"));
    // Of the weight e^{−x²}: z = √2 x, and weights that sum to √π.
    let pairs: Vec<(f64, f64)> = rule
        .as_node_weight_pairs()
        .iter()
        .map(|(x, w)| (std::f64::consts::SQRT_2 * x, w / std::f64::consts::PI.sqrt()))
        .collect();
    let hermite: Vec<Vec<f64>> = pairs
        .iter()
        .map(|(z, _)| {
            let mut h = vec![1.0, *z];
            for n in 1..SIZE - 1 {
                let (n, last) = (n as f64, h.len() - 1);
                h.push((z * h[last] - n.sqrt() * h[last - 1]) / (n + 1.0).sqrt());
            }
            h
        })
        .collect();
    let between = |k: usize, l: usize| {
        let sum: f64 = (1..SIZE).map(|n| n as f64 * hermite[k][n] * hermite[l][n]).sum();
        -pairs[k].1 * sum
    };
    Ladder {
        nodes: std::array::from_fn(|k| pairs[k].0),
        flow: Block(std::array::from_fn(|k| std::array::from_fn(|l| between(k, l)))),
    }
}

/// Probability in cells of voltage and nodes of current.
pub(super) struct Grid {
    /// How it flows among nodes, in 1/ms.
    flow: Block,
    /// Size of a cell in mV.
    pub size: f64,
    /// Index of the cell whose middle is the reset.
    pub reset: usize,
    /// Velocities over the size of a cell, in 1/ms, at the edges of all cells, for each node. Nothing passes the bottom.
    pub velocities: Vec<Line>,
}

/// What is left once all cells but the reset's have been eliminated.
struct Reduced {
    /// Acts on the reset's cell, without what re-enters there.
    system: Block,
    /// Outflow at the top, from what is in the reset's cell.
    outflow: Block,
    /// P_{i+1} from P_i, of cells from the reset on, and P_{i−1} from P_i, of those below it, from the bottom.
    above: Vec<Block>,
    below: Vec<Block>,
}

impl Grid {
    /// So many cells from above the reset to the top, and as many of that size below as are ever visited.
    pub fn new(membrane: &Membrane, current: Filtered, cells: usize) -> Self {
        Self::with_lowest(membrane, current, current.mean, cells)
    }

    /// [`Grid::new`], with as many cells below the reset as are visited at a mean of `lowest`.
    fn with_lowest(membrane: &Membrane, current: Filtered, lowest: f64, cells: usize) -> Self {
        let deviation = current.deviation * membrane.tau * (current.tau / (current.tau + membrane.tau)).sqrt();
        let h = (membrane.top - membrane.reset) / (cells as f64 + 0.5);
        let reset = ((membrane.reset - membrane.bottom(lowest, deviation)) / h).ceil() as usize;
        let bottom = membrane.reset - (reset as f64 + 0.5) * h;
        let velocity = |edge: usize| -> Line {
            let drift = membrane.drift(bottom + h * edge as f64, current.mean);
            let around = |z: f64| z + current.skewness / 6.0 * (z * z - 1.0);
            LADDER.nodes.map(|z| if edge == 0 { 0.0 } else { (drift + current.deviation * around(z)) / h })
        };
        Grid {
            flow: LADDER.flow.rows_scaled(&[1.0 / current.tau; SIZE]),
            size: h,
            reset,
            velocities: (0..=reset + cells + 1).map(velocity).collect(),
        }
    }

    pub fn up(&self, edge: usize) -> Line {
        self.velocities[edge].map(|v| v.max(0.0))
    }

    pub fn down(&self, edge: usize) -> Line {
        self.velocities[edge].map(|v| (-v).max(0.0))
    }

    /// What a cell does to itself: exchange among nodes, outflow, and loss at a rate s.
    pub fn own(&self, i: usize, s: f64) -> Block {
        let mut block = self.flow;
        for k in 0..SIZE {
            block.0[k][k] -= self.velocities[i + 1][k].max(0.0) - self.velocities[i][k].min(0.0) + s;
        }
        block
    }

    /// Balance of cell i: in by upwind fluxes from i ± 1, out by its own. Those above the reset are eliminated from the top, those below it
    /// from the bottom. At the top whatever is carried back comes from nowhere.
    fn reduced(&self, s: f64) -> Option<Reduced> {
        let cells = self.velocities.len() - 1;
        let step = |block: &Block, flux: &Line| Some(block.inverse()?.columns_scaled(&flux.map(|f| -f)));
        let mut above = Vec::with_capacity(cells - self.reset);
        let mut block = self.own(cells - 1, s);
        for i in (self.reset..cells - 1).rev() {
            let step = step(&block, &self.up(i + 1))?;
            block = self.own(i, s).plus(&step.rows_scaled(&self.down(i + 1)));
            above.push(step);
        }
        above.reverse();
        let mut system = block;
        let mut below = Vec::with_capacity(self.reset);
        if self.reset > 0 {
            let mut block = self.own(0, s);
            for i in 0..self.reset {
                let step = step(&block, &self.down(i + 1))?;
                let passed = step.rows_scaled(&self.up(i + 1));
                if i + 1 < self.reset {
                    block = self.own(i + 1, s).plus(&passed);
                } else {
                    system = system.plus(&passed);
                }
                below.push(step);
            }
        }
        let top = above.iter().fold(Block::identity(), |top, step| step.times(&top));
        Some(Reduced { system, outflow: top.rows_scaled(&self.up(cells)), above, below })
    }

    /// What leaves at the top enters at the reset: a singular system, whose solution is the stationary state there. Its columns sum to 0, so
    /// that the last equation may be replaced by Σ P = 1.
    fn stationary(&self) -> Option<(Reduced, Line)> {
        let reduced = self.reduced(0.0)?;
        let mut system = reduced.system.plus(&reduced.outflow);
        system.0[SIZE - 1] = [1.0; SIZE];
        let at = system.inverse()?.0.map(|row| row[SIZE - 1]);
        Some((reduced, at))
    }

    fn rate(&self) -> Option<f64> {
        self.probability().map(|(_, rate)| rate)
    }

    /// The stationary state in all cells, and the rate in 1/ms, without a refractory time.
    pub fn probability(&self) -> Option<(Vec<Line>, f64)> {
        let (Reduced { outflow, above, below, .. }, at) = self.stationary()?;
        let along = |steps: &mut dyn Iterator<Item = &Block>| -> Vec<Line> {
            let mut now = at;
            let follow = |step: &Block| {
                now = step.on(&now);
                now
            };
            steps.map(follow).collect()
        };
        let mut all = along(&mut below.iter().rev());
        all.reverse();
        all.push(at);
        all.extend(along(&mut above.iter()));
        let mass: f64 = all.iter().flatten().sum();
        all.iter_mut().flatten().for_each(|p| *p /= mass);
        let rate = outflow.on(&at).iter().sum::<f64>() / mass;
        rate.is_finite().then_some((all, rate))
    }

    /// ∫ m(t) e^{−st} dt, m being the rate at a time t after a spike.
    fn rate_after_spikes(&self, s: f64) -> Option<f64> {
        let (stationary, at) = self.stationary()?;
        let fired = stationary.outflow.on(&at);
        let total: f64 = fired.iter().sum();
        let Reduced { system, outflow, .. } = self.reduced(s)?;
        let later = system.plus(&outflow).inverse()?.on(&fired.map(|f| -f / total));
        let transform = outflow.on(&later).iter().sum::<f64>();
        transform.is_finite().then_some(transform)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neuron::{exponential_rate, white_noise_rate};
    use model::neuron::{Exponential, Leaky};

    const EXPONENTIAL: Neuron = Neuron::Exponential(Exponential {
        tau: 15.0,
        rest: -72.0,
        sharpness: 1.0,
        onset: -55.0,
        threshold: -50.0,
        reset: -75.0,
    });

    /// On a grid that is fine enough for anything here.
    fn resolved(neuron: &Neuron, current: Filtered) -> f64 {
        let membrane = Membrane::of(neuron).expect("it fires");
        let at = |cells| Grid::new(&membrane, current, cells).rate().expect("it fires");
        2.0 * at(1000) - at(500)
    }

    /// Eight at once, without interchanges, beside one by one with them: from silence to regular firing, through a factor of 10³ in noise and 10⁴ in its time.
    #[test]
    fn eight_at_once_are_the_definition() {
        for neuron in [EXPONENTIAL, Neuron::Leaky(Leaky::TALK)] {
            let membrane = Membrane::of(&neuron).expect("it fires");
            for deviation in [0.005, 0.1, 0.7, 5.0] {
                for tau in [0.1, 4.0, 60.0, 1000.0] {
                    for skewness in [0.0, 0.5] {
                        let means = std::array::from_fn(|lane| 0.25 * lane as f64 - 0.2);
                        let current = Filtered { mean: 0.0, deviation, tau, skewness };
                        let discounts = [1.0 / 8.0, 1.0 / 300.0];
                        let own = answers(&membrane, &means, current, CELLS, &discounts);
                        for (lane, mean) in means.into_iter().enumerate() {
                            let grid = Grid::with_lowest(&membrane, Filtered { mean, ..current }, means[0], CELLS);
                            let rate = grid.rate().expect("regular");
                            let name = format!("{mean} ± {deviation}, {tau} ms");
                            // Rounding of a thousand eliminations; rates so small are rounding themselves.
                            assert!(
                                (own.rates[lane] - rate).abs() <= 1e-9 * rate.abs() + 1e-13,
                                "{name}: {} {rate}",
                                own.rates[lane]
                            );
                            if rate > RARE {
                                for (s, own) in discounts.iter().zip(&own.after_spikes) {
                                    let exact = grid.rate_after_spikes(*s).expect("regular");
                                    assert!(
                                        (own[lane] - exact).abs() <= 1e-7 * exact.abs() + 1e-9,
                                        "{name}: {} {exact}",
                                        own[lane]
                                    );
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Fast noise is white: σ_V² = σ_I² τ_s τ²/(τ + τ_s); the rate differs by √(τ_s/τ), which is extrapolated.
    #[test]
    fn fast_noise_is_white() {
        for (neuron, mean) in [(EXPONENTIAL, 0.7), (Neuron::Leaky(Leaky::TALK), 0.8)] {
            let white = white_noise_rate(&neuron, mean, 4.0).expect("it fires");
            let at = |tau: f64| {
                let deviation = 4.0 / 15.0 * ((15.0 + tau) / tau).sqrt();
                resolved(&neuron, Filtered { mean, deviation, tau, skewness: 0.0 })
            };
            // a + b √τ + c τ from three points, each at a quarter of the one before.
            let (near, nearer) = (2.0 * at(0.5) - at(2.0), 2.0 * at(0.125) - at(0.5));
            let limit = (4.0 * nearer - near) / 3.0;
            assert!((limit / white - 1.0).abs() < 0.04, "{near} {nearer} {limit} for {white}");
        }
    }

    #[test]
    fn little_noise_changes_nothing() {
        let Neuron::Exponential(exponential) = EXPONENTIAL else { panic!("it is one") };
        let current = Filtered { mean: 1.5, deviation: 0.01, tau: 8.0, skewness: 0.0 };
        let own = filtered_rate(&EXPONENTIAL, current, 0.0).expect("it fires");
        let exact = exponential_rate(&exponential, 1.5 * 15.0);
        assert!((own / exact - 1.0).abs() < 5e-3, "{own} for {exact}");
        let refractory = filtered_rate(&EXPONENTIAL, current, 3.0).expect("it fires");
        assert!((1.0 / refractory - 1.0 / own - 3.0).abs() < 1e-9);
    }

    /// More cells: what they leave where networks work, and where a population is nearly silent. What eight nodes leave stands in derivation (33).
    #[test]
    fn the_grid_is_fine_enough() {
        for (mean, deviation) in [(0.32, 0.6), (0.42, 1.2), (0.8, 0.4), (-0.1, 0.6)] {
            let current = Filtered { mean, deviation, tau: 6.0, skewness: 0.0 };
            let own = filtered_rate(&EXPONENTIAL, current, 0.0).expect("it fires");
            let exact = resolved(&EXPONENTIAL, current);
            assert!((own - exact).abs() < 0.01 * exact + 1e-6, "{own} for {exact}");
        }
    }

    /// A clock without noise: m(t) is a comb, ∫ m e^{−st} dt = 1/(e^{sT} − 1). The volumes blur it, the less the longer the filter.
    #[test]
    fn a_clock_is_regular_and_a_rare_escape_is_not() {
        let current = Filtered { mean: 1.5, deviation: 0.01, tau: 8.0, skewness: 0.0 };
        let firing = filtered_firing(&EXPONENTIAL, current, 0.0, 30.0).expect("it fires");
        let period = 1.0 / firing.rate;
        let exact = 1.0 + 2.0 * (1.0 / (libm::exp(period / 30.0) - 1.0) - 30.0 * firing.rate);
        assert!((firing.filtered - exact).abs() < 0.02, "{} for {exact}", firing.filtered);
        // Escapes that are rare, with noise that is fast, have no memory but the time that the first needs.
        let current = Filtered { mean: 0.3, deviation: 1.2, tau: 1.0, skewness: 0.0 };
        let firing = filtered_firing(&EXPONENTIAL, current, 0.0, 20.0).expect("it fires");
        assert!(firing.rate < 1e-3 && (0.9..1.0).contains(&firing.filtered), "{firing:?}");
    }

    /// Frozen noise averages the rate at constant current over a Gaussian.
    #[test]
    fn slow_noise_is_an_average() {
        let Neuron::Exponential(exponential) = EXPONENTIAL else { panic!("it is one") };
        let current = Filtered { mean: 1.6, deviation: 0.12, tau: 5000.0, skewness: 0.0 };
        let own = filtered_rate(&EXPONENTIAL, current, 0.0).expect("it fires");
        let h = 1e-3;
        let average: f64 = (-6000..6000)
            .map(|k| {
                let z = h * f64::from(k);
                let weight = h * libm::exp(-0.5 * z * z) / (2.0 * std::f64::consts::PI).sqrt();
                weight * exponential_rate(&exponential, 15.0 * (1.6 + 0.12 * z))
            })
            .sum();
        assert!((own / average - 1.0).abs() < 0.01, "{own} for {average}");
    }
}
