//! Newton's method for steady states: in the logarithms of amounts, with what is conserved among the equations, and for several systems side by side.

use crate::Rate;
use crate::kinetics::{Kinetics, Step};
use crate::linear::{Lu, worse};

/// Largest residual of a steady state, relative to the fluxes that cancel and to the amounts that are conserved.
pub const RESIDUAL: f64 = 1e-12;

/// Residual that is a rounding of amounts: no step makes it smaller for certain.
const SETTLED: f64 = 1e-14;

/// Most of Newton's steps from a near start.
const MOST_STEPS: usize = 40;

/// Largest change of a logarithm in one of them.
const LONGEST: f64 = 2.0;

/// Smallest amount, of the largest, that an equation is asked about: below it amounts count as none.
const NOTHING: f64 = 1e-280;

/// Equations of a steady state: changes of the species that are independent of one another, then laws of conservation.
#[derive(Clone, Debug)]
pub struct Equations {
    /// Step, row and net change, for each step and each independent species that it changes.
    changes: Vec<(usize, usize, f64)>,
    /// Step, place in the matrix and net change, for each of those and each reactant that moves.
    slopes: Vec<(usize, usize, f64)>,
    /// Species, their columns and how often they count, for each law.
    laws: Vec<Vec<(usize, usize, f64)>>,
    /// How many equations are changes of species.
    independent: usize,
}

impl Equations {
    /// Equations of steps that change the species `moving`, of which those at `independent` are enough, with laws `[laws][moving]`.
    pub fn new(steps: &[Step], moving: &[usize], independent: &[usize], laws: &[Vec<f64>]) -> Self {
        let m = moving.len();
        let row = |i: usize| independent.iter().position(|&k| moving[k] == i);
        let column = |j: &usize| moving.iter().position(|i| i == j);
        let (mut changes, mut slopes) = (Vec::new(), Vec::new());
        for (number, step) in steps.iter().enumerate() {
            for (row, change) in step.changes.iter().filter_map(|&(i, change)| Some((row(i)?, change))) {
                changes.push((number, row, change));
                let by = step.reactants.iter().filter_map(column);
                slopes.extend(by.map(|column| (number, row * m + column, change)));
            }
        }
        let law = |law: &Vec<f64>| {
            let all = moving.iter().zip(law).enumerate().map(|(column, (&i, &count))| (i, column, count));
            all.filter(|(.., count)| *count != 0.0).collect()
        };
        Equations { changes, slopes, laws: laws.iter().map(law).collect(), independent: independent.len() }
    }
}

/// Room for L states that are sought side by side; in all arrays numbers of one kind are together, `[…][states]`.
pub struct Newton<const L: usize> {
    /// Amounts at the beginning.
    start: Vec<[f64; L]>,
    /// Amounts that are tried, and those with the smallest residual.
    x: Vec<[f64; L]>,
    best: Vec<[f64; L]>,
    /// The smallest residual.
    least: [f64; L],
    /// Smallest amounts that are asked about.
    nothing: [f64; L],
    /// Flux of each step.
    flux: Vec<[f64; L]>,
    gross: Vec<[f64; L]>,
    /// Left-hand sides of the equations, over what cancels in them; or their slopes by a rate.
    wrong: Vec<[f64; L]>,
    /// What rows are multiplied by.
    unit: Vec<[f64; L]>,
    /// Slopes `[moving × moving]` by the logarithms of amounts, row by row.
    matrix: Vec<[f64; L]>,
    lu: Lu<L>,
    change: Vec<[f64; L]>,
}

impl<const L: usize> Newton<L> {
    /// Room for states of a system.
    pub fn new(kinetics: &Kinetics) -> Self {
        let (n, m) = (kinetics.start.len(), kinetics.moving.len());
        Newton {
            start: vec![[0.0; L]; n],
            x: vec![[0.0; L]; n],
            best: vec![[0.0; L]; n],
            least: [f64::INFINITY; L],
            nothing: [0.0; L],
            flux: vec![[0.0; L]; kinetics.steps.len()],
            gross: vec![[0.0; L]; m],
            wrong: vec![[0.0; L]; m],
            unit: vec![[1.0; L]; m],
            matrix: vec![[0.0; L]; m * m],
            lu: Lu::room(m),
            change: vec![[0.0; L]; m],
        }
    }

    /// Places a system: its amounts at the beginning, and those that its state is sought near.
    pub fn place(&mut self, at: usize, kinetics: &Kinetics, start: &[f64], near: &[f64]) {
        let scale = near.iter().chain(start).copied().fold(0.0, f64::max);
        self.nothing[at] = NOTHING * scale;
        for (i, amount) in start.iter().enumerate() {
            (self.start[i][at], self.x[i][at]) = (*amount, *amount);
        }
        for &i in &kinetics.moving {
            self.x[i][at] = near[i].max(self.nothing[at]);
        }
    }

    /// The state of a system, if one was found.
    pub fn found(&self, at: usize) -> Option<impl Iterator<Item = f64>> {
        (self.least[at] <= RESIDUAL).then(|| self.best.iter().map(move |x| x[at]))
    }

    /// Seeks the states of all.
    #[inline(always)]
    pub fn descend(&mut self, kinetics: &Kinetics) {
        self.best.copy_from_slice(&self.start);
        if kinetics.moving.is_empty() {
            self.least = [0.0; L];
            return;
        }
        self.least = [f64::INFINITY; L];
        for _ in 0..MOST_STEPS {
            self.fill(kinetics);
            let Some(sought) = self.compare() else { break };
            self.fill_slopes(kinetics);
            if !self.lu.take(&self.matrix, sought) {
                break;
            }
            self.lu.solve_into(&self.wrong, &mut self.change);
            if !self.step(kinetics) {
                break;
            }
        }
    }

    /// Keeps amounts whose residuals are smaller than before; the number of the first state that further steps may bring nearer.
    #[inline(always)]
    fn compare(&mut self) -> Option<usize> {
        let mut residual = [0.0; L];
        for wrong in &self.wrong {
            for l in 0..L {
                let size = wrong[l].abs();
                residual[l] = worse(residual[l], size);
            }
        }
        let before = self.least;
        for (best, x) in self.best.iter_mut().zip(&self.x) {
            for l in 0..L {
                best[l] = if residual[l] < before[l] { x[l] } else { best[l] };
            }
        }
        let mut sought = None;
        for l in (0..L).rev() {
            self.least[l] = if residual[l] < before[l] { residual[l] } else { before[l] };
            let enough = if residual[l] < before[l] { SETTLED } else { 0.1 * RESIDUAL };
            if self.least[l] > enough {
                sought = Some(l);
            }
        }
        sought
    }

    /// Takes the changes of logarithms, damped where they are long; whether they are finite.
    #[inline(always)]
    fn step(&mut self, kinetics: &Kinetics) -> bool {
        let mut damping = [0.0; L];
        for change in &self.change {
            for l in 0..L {
                let size = change[l].abs();
                damping[l] = worse(damping[l], size);
            }
        }
        if damping.iter().any(|largest| !largest.is_finite()) {
            return false;
        }
        for damping in &mut damping {
            *damping = if *damping > LONGEST { LONGEST / *damping } else { 1.0 };
        }
        for (&i, change) in kinetics.moving.iter().zip(&self.change) {
            for l in 0..L {
                let amount = self.x[i][l] * power(-damping[l] * change[l]);
                self.x[i][l] = if amount > self.nothing[l] { amount } else { self.nothing[l] };
            }
        }
        true
    }

    /// Fills in what is wrong with the amounts that are tried.
    #[inline(always)]
    fn fill(&mut self, kinetics: &Kinetics) {
        let Newton { start, x, flux, gross, wrong, unit, .. } = self;
        let Equations { changes, laws, independent, .. } = &kinetics.equations;
        for (flux, step) in flux.iter_mut().zip(&kinetics.steps) {
            *flux = [step.rate; L];
            for &i in &step.reactants {
                for l in 0..L {
                    flux[l] *= x[i][l];
                }
            }
        }
        wrong.fill([0.0; L]);
        gross.fill([f64::MIN_POSITIVE; L]);
        for &(step, row, change) in changes {
            for l in 0..L {
                wrong[row][l] += change * flux[step][l];
                gross[row][l] += change.abs() * flux[step][l];
            }
        }
        for (row, law) in (*independent..).zip(laws) {
            for &(i, _, count) in law {
                for l in 0..L {
                    let (x, start) = (x[i][l], start[i][l]);
                    wrong[row][l] += count * (x - start);
                    gross[row][l] += count.abs() * if x > start { x } else { start };
                }
            }
        }
        for ((wrong, gross), unit) in wrong.iter_mut().zip(gross).zip(unit) {
            for l in 0..L {
                unit[l] = 1.0 / gross[l];
                wrong[l] *= unit[l];
            }
        }
    }

    /// Slopes by the logarithms of amounts, where the equations were filled: a flux changes in proportion with each of its reactants.
    #[inline(always)]
    fn fill_slopes(&mut self, kinetics: &Kinetics) {
        let Newton { x, flux, unit, matrix, .. } = self;
        let Equations { slopes, laws, independent, .. } = &kinetics.equations;
        let m = kinetics.moving.len();
        matrix.fill([0.0; L]);
        for &(step, place, change) in slopes {
            for l in 0..L {
                matrix[place][l] += change * flux[step][l];
            }
        }
        for (row, unit) in matrix.chunks_exact_mut(m).zip(unit.iter()).take(*independent) {
            for slope in row {
                for l in 0..L {
                    slope[l] *= unit[l];
                }
            }
        }
        for (row, law) in (*independent..).zip(laws) {
            for &(i, column, count) in law {
                for l in 0..L {
                    matrix[row * m + column][l] = count * x[i][l] * unit[row][l];
                }
            }
        }
    }

    /// Takes slopes at the amounts that were placed, which are those of steady states; false where one is not isolated, or needs other pivots than its neighbours.
    /// Species that are absent count as hardly there.
    #[inline(always)]
    pub fn linearise(&mut self, kinetics: &Kinetics) -> bool {
        self.fill(kinetics);
        self.fill_slopes(kinetics);
        self.lu.take(&self.matrix, 0)
    }

    /// ∂ ln x/∂ ln k `[moving][states]` for a rate, after [`Newton::linearise`].
    #[inline(always)]
    pub fn slopes_by(&mut self, kinetics: &Kinetics, rate: (usize, Rate)) -> &[[f64; L]] {
        let Newton { flux, wrong, unit, lu, change, .. } = self;
        wrong.fill([0.0; L]);
        for &(step, row, own) in kinetics.equations.changes.iter().filter(|own| kinetics.steps[own.0].of == rate) {
            for l in 0..L {
                wrong[row][l] -= own * flux[step][l] * unit[row][l];
            }
        }
        lu.solve_into(wrong, change);
        change
    }
}

/// What an amount is multiplied by where its logarithm is to change by `v`, from -4 to 4: eᵛ to v³/48, and never 0 or less between.
#[inline(always)]
pub fn power(v: f64) -> f64 {
    let root = (4.0 + v) / (4.0 - v);
    root * root
}
