//! Comparison rows that every network has.

use super::measure::{Measured, Sample};
use crate::rows::row;
use lab::{Claim, Comparison, Estimate, SeriesTable};
use meanfield::rates_given_input;
use ndarray::Array1;

/// Name of the theory at finite N.
pub const FINITE: &str = "self-consistent rates at finite N";

/// The error of [`meanfield::spiking_rates`], relative to the largest rate, times √N.
///
/// Measured on set A (tests/tests/spiking_rates.rs): 5.3 % at N = 504, 1.8 % at 5232, .8 % at 20004, which is 1.1 to 1.3 over √N: in the derivation
/// what is left out, correlations among cells and the skewness of shot noise, is of that order. The bound is half as large again.
const CLOSURE: f64 = 1.8;

/// The same of standard deviations of inputs, relative to themselves: 6 % at N = 1908, 3 % at 5232.
const CLOSURE_INPUT: f64 = 3.5;

impl Measured {
    /// Mean over draws of one number of each.
    pub fn estimate(&self, of: impl Fn(&Sample) -> f64) -> Estimate {
        Estimate::of(self.samples.iter().map(of))
    }

    /// What the theory at finite N may be wrong by, in Hz.
    pub fn bias(&self) -> f64 {
        let largest = self.finite.as_ref().map_or(f64::NAN, |f| f.rates.iter().copied().fold(0.0, f64::max));
        CLOSURE / (self.case.network.connections.size as f64).sqrt() * largest
    }

    /// A number of the theory at finite N; NaN, which never agrees, where it has no answer.
    pub fn theory(&self, of: impl Fn(&meanfield::SpikingRates) -> f64) -> f64 {
        self.finite.as_ref().map_or(f64::NAN, of)
    }

    /// Rates by all theories: at finite N and N → ∞, and the identity.
    pub fn rates(&self, panel: &str) -> Vec<Comparison> {
        let mut rows = Vec::new();
        let label = &self.case.label;
        for (a, name) in self.case.network.names.iter().enumerate() {
            let simulation = self.estimate(|s| s.rates[a]);
            let quantity = format!("r_{name} (Hz)");
            let mut push = |theory_name: &str, theory: f64, bias: f64, claim: Claim| {
                rows.push(Comparison {
                    x: self.case.x,
                    theory,
                    simulation,
                    bias,
                    claim,
                    ..row(panel, &quantity, theory_name, label)
                });
            };
            if !matches!(self.finite, Err(meanfield::TheoryError::NotApplicable { .. })) {
                push(FINITE, self.theory(|f| f.rates[a]), self.bias(), Claim::Equals);
            }
            if let Some(semi) = &self.semi {
                push("semi-balanced, N to infinity", semi[a], 0.0, Claim::Contrast);
            }
            if let Some(balanced) = &self.balanced {
                push("-W^-1 X, N to infinity", balanced[a], 0.0, Claim::Contrast);
            }
        }
        rows.extend(self.identity(panel));
        rows
    }

    /// r + W⁻¹(X − I/√N) for each draw: 0 but for the draw of connections.
    fn identity(&self, panel: &str) -> Vec<Comparison> {
        let network = &self.case.network;
        if !network.is_current_based() || self.balanced.is_none() {
            return Vec::new();
        }
        let given: Vec<Option<Array1<f64>>> = self
            .samples
            .iter()
            .map(|s| rates_given_input(network, &s.drives.iter().map(|d| d.total()).collect()))
            .collect();
        let of = |(a, name): (usize, &String)| {
            // Theory and simulation share the draw: what is compared with 0 is their difference.
            let left = self.samples.iter().zip(&given).map(|(s, g)| s.rates[a] - g.as_ref().map_or(f64::NAN, |g| g[a]));
            Comparison {
                x: self.case.x,
                theory: 0.0,
                simulation: Estimate::of(left),
                ..row(panel, &format!("r_{name} + W^-1 (X - I/sqrt N) (Hz)"), "identity given I", &self.case.label)
            }
        };
        network.names.iter().enumerate().map(of).collect()
    }

    /// Currents by where they come from, and their spread.
    pub fn currents(&self, panel: &str) -> Vec<Comparison> {
        let network = &self.case.network;
        if !network.is_current_based() || self.finite.is_err() {
            return Vec::new();
        }
        let root = (network.connections.size as f64).sqrt();
        let (w, x) = (network.mean_coupling(), network.mean_drive());
        let mut rows = Vec::new();
        for (a, name) in network.names.iter().enumerate() {
            // √N Σ_b W_ab r_b over those that excite, and over those that inhibit, with the rates of the theory.
            let sum = |rates: &dyn Fn(usize) -> f64, excite: bool| -> f64 {
                let of = |b: usize| if (w[[a, b]] > 0.0) == excite { w[[a, b]] * rates(b) } else { 0.0 };
                root * (0..network.names.len()).map(of).sum::<f64>() / 1000.0
            };
            let theory = |excite| self.theory(|f| sum(&|b| f.rates[b], excite));
            let bias = |excite| sum(&|_| self.bias(), excite).abs();
            let parts: [(&str, f64, f64, fn(&simulation::spiking::Drives) -> f64); 3] = [
                ("excitatory", theory(true), bias(true), |d| d.excitatory),
                ("inhibitory", theory(false), bias(false), |d| d.inhibitory),
                ("external", root * x[a] / 1000.0, 0.0, |d| d.external),
            ];
            for (kind, theory, bias, of) in parts {
                rows.push(Comparison {
                    x: self.case.x,
                    theory,
                    simulation: self.estimate(|s| of(&s.drives[a])),
                    bias,
                    ..row(panel, &format!("{kind} current to {name} (mV/ms)"), FINITE, &self.case.label)
                });
            }
            let spread = CLOSURE_INPUT / root;
            let deviations: [(&str, f64, fn(&Sample, usize) -> f64); 2] = [
                ("over cells", self.theory(|f| f.quenched[a]), |s, a| s.quenched[a]),
                ("in time", self.theory(|f| f.temporal[a]), |s, a| s.temporal[a]),
            ];
            for (kind, theory, of) in deviations {
                rows.push(Comparison {
                    x: self.case.x,
                    theory,
                    simulation: self.estimate(|s| of(s, a)),
                    bias: spread * theory,
                    ..row(panel, &format!("deviation of the input to {name} {kind} (mV/ms)"), FINITE, &self.case.label)
                });
            }
        }
        rows
    }

    /// Points and lines of rates against the abscissa.
    pub fn draw_rates(&self, table: &mut SeriesTable) {
        for (a, name) in self.case.network.names.iter().enumerate() {
            table.estimate(&format!("rate {}", self.case.label), name, self.case.x, self.estimate(|s| s.rates[a]));
            table.point(&format!("finite {}", self.case.label), name, self.case.x, self.theory(|f| f.rates[a]));
        }
    }
}
