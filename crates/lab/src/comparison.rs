//! A row of the comparison table: theory beside simulation, and the verdict on the claim.

use crate::Estimate;
use serde::Serialize;

/// What a figure claims of a theory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Claim {
    /// It equals the simulation.
    Equals,
    /// It bounds the simulation from above.
    Upper,
    /// It bounds the simulation from below.
    Lower,
    /// Nothing: it is shown because it fails here, or is a limit not yet reached.
    Contrast,
}

/// What the simulation says of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The two agree, within a quarter of the scale or less.
    Holds,
    /// The two agree, but would hardly have failed to: the allowance is more than a quarter of the scale.
    Weak,
    /// The two disagree.
    Misses,
    /// Nothing was claimed.
    Contrast,
    /// The simulation has no such value, or no error of it: fewer than 3 replicates.
    Unmeasured,
}

impl Claim {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Claim::Equals => "equals",
            Claim::Upper => "upper",
            Claim::Lower => "lower",
            Claim::Contrast => "contrast",
        }
    }
}

impl Verdict {
    /// All, in the order in which they are reported.
    pub const ALL: [Verdict; 5] =
        [Verdict::Holds, Verdict::Weak, Verdict::Misses, Verdict::Contrast, Verdict::Unmeasured];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Holds => "holds",
            Verdict::Weak => "weak",
            Verdict::Misses => "misses",
            Verdict::Contrast => "contrast",
            Verdict::Unmeasured => "unmeasured",
        }
    }
}

/// Largest share of the scale that the allowance of a claim may have; what agrees by a larger one is weak.
const TELLING: f64 = 0.25;

/// Units that a quantity may end with, in parentheses.
const UNITS: [&str; 14] =
    ["Hz", "Hz²", "1/s", "mV", "mV²", "s", "ms", "1/ms", "mV/ms", "µA/cm²", "1/τ", "nM", "µM", "µM/s"];

/// One row of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Panel of the figure.
    pub panel: String,
    /// What is compared.
    pub quantity: String,
    /// Unit of theory, simulation, sem, bias and scale; empty for none.
    pub unit: &'static str,
    /// Which theory; `published:<source>` for published numbers.
    pub theory_name: String,
    /// What is claimed.
    pub claim: Claim,
    /// Which curve or condition.
    pub label: String,
    /// Position on the abscissa.
    pub x: f64,
    /// The theory's value.
    pub theory: f64,
    /// The simulation's value, with its error.
    pub simulation: Estimate,
    /// The error that the theory itself admits.
    pub bias: f64,
    /// Magnitude that an error is judged against; `None` for that of the theory. Where terms cancel in the theory it is the sum of theirs.
    pub scale: Option<f64>,
}

/// A row that claims equality; `Comparison { theory, simulation, ..row(…) }` fills in the rest. The quantity ends with its unit in parentheses, as
/// the label of an axis does: `rate of e (Hz)`.
pub fn row(panel: &str, quantity: &str, theory_name: &str, label: &str) -> Comparison {
    let (quantity, unit) = apart(quantity);
    Comparison {
        panel: panel.into(),
        quantity: quantity.into(),
        unit,
        theory_name: theory_name.into(),
        claim: Claim::Equals,
        label: label.into(),
        x: 0.0,
        theory: f64::NAN,
        simulation: Estimate::exact(f64::NAN),
        bias: 0.0,
        scale: None,
    }
}

/// A quantity and its unit.
fn apart(quantity: &str) -> (&str, &'static str) {
    let parts = quantity.strip_suffix(')').and_then(|open| open.rsplit_once(" ("));
    let known = parts.and_then(|(name, unit)| Some((name, *UNITS.iter().find(|known| **known == unit)?)));
    known.unwrap_or((quantity, ""))
}

impl Comparison {
    /// What the simulation says of the claim. A prediction that is no number misses.
    pub fn verdict(&self) -> Verdict {
        if self.claim == Claim::Contrast {
            return Verdict::Contrast;
        }
        let allowance = self.bias + self.simulation.half_width();
        let excess = self.theory - self.simulation.mean;
        let agrees = match self.claim {
            Claim::Equals => excess.abs() <= allowance,
            Claim::Upper => excess >= -allowance,
            _ => excess <= allowance,
        };
        match agrees {
            _ if self.simulation.mean.is_nan() || (self.simulation.sem.is_nan() && !self.theory.is_nan()) => {
                Verdict::Unmeasured
            }
            false => Verdict::Misses,
            true if allowance <= TELLING * self.scale() => Verdict::Holds,
            true => Verdict::Weak,
        }
    }

    /// Whether theory and simulation agree; `None` where nothing is claimed or nothing could be measured.
    pub fn agrees(&self) -> Option<bool> {
        match self.verdict() {
            Verdict::Holds | Verdict::Weak => Some(true),
            Verdict::Misses => Some(false),
            Verdict::Contrast | Verdict::Unmeasured => None,
        }
    }

    /// The row of `factor` times the quantity.
    pub fn times(&self, factor: f64) -> Self {
        let Estimate { mean, sem, replicates } = self.simulation;
        Comparison {
            theory: factor * self.theory,
            simulation: Estimate { mean: factor * mean, sem: factor.abs() * sem, replicates },
            bias: factor.abs() * self.bias,
            scale: self.scale.map(|scale| factor.abs() * scale),
            ..self.clone()
        }
    }

    /// What no other row of its table has.
    pub fn key(&self) -> (&str, &str, &str, Claim, &str, u64) {
        (&self.panel, &self.quantity, &self.theory_name, self.claim, &self.label, self.x.to_bits())
    }

    /// The quantity with its unit in parentheses.
    pub fn quantity_with_unit(&self) -> String {
        if self.unit.is_empty() { self.quantity.clone() } else { format!("{} ({})", self.quantity, self.unit) }
    }

    /// Replicates with which a weak claim would tell, if errors fall as their square root; infinite where the theory's own error is too large.
    pub fn replicates_to_tell(&self) -> f64 {
        let room = TELLING * self.scale() - self.bias;
        let wanted = self.simulation.replicates as f64 * (self.simulation.half_width() / room).powi(2);
        if room > 0.0 { wanted } else { f64::INFINITY }
    }

    /// (theory − simulation)/allowance: 0 where both are equal, beyond ±1 where a claim to equal misses.
    pub fn departure(&self) -> f64 {
        let excess = self.theory - self.simulation.mean;
        if excess == 0.0 { 0.0 } else { excess / (self.bias + self.simulation.half_width()) }
    }

    /// Magnitude that an error is judged against.
    pub fn scale(&self) -> f64 {
        self.scale.unwrap_or(self.theory.abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claimed(claim: Claim, theory: f64, simulation: Estimate, bias: f64) -> Comparison {
        Comparison { claim, x: 1.0, theory, simulation, bias, ..row("A", "f, \"active\"", "t", "") }
    }

    #[test]
    fn the_rule_of_agreement() {
        let sim = Estimate { mean: 1.0, sem: 0.01, replicates: 5 };
        let reach = 8.610 * 0.01;
        assert_eq!(claimed(Claim::Equals, 1.0 + 0.99 * reach, sim, 0.0).agrees(), Some(true));
        assert_eq!(claimed(Claim::Equals, 1.0 + 1.01 * reach, sim, 0.0).agrees(), Some(false));
        assert_eq!(claimed(Claim::Equals, 1.0 + 1.01 * reach, sim, 0.01).agrees(), Some(true));
        assert_eq!(claimed(Claim::Upper, 5.0, sim, 0.0).agrees(), Some(true));
        assert_eq!(claimed(Claim::Upper, 0.5, sim, 0.0).agrees(), Some(false));
        assert_eq!(claimed(Claim::Lower, 0.5, sim, 0.0).agrees(), Some(true));
        assert_eq!(claimed(Claim::Lower, 5.0, sim, 0.0).agrees(), Some(false));
        assert_eq!(claimed(Claim::Contrast, 5.0, sim, 0.0).agrees(), None);
        let exact = Estimate::exact(1.0);
        assert_eq!(claimed(Claim::Equals, 1.0 + 1e-13, exact, 1e-12).agrees(), Some(true));
        for (theory, sim) in
            [(f64::NAN, sim), (1.0, Estimate { mean: f64::NAN, ..sim }), (1.0, Estimate::of([1.0, 1.0]))]
        {
            assert_ne!(claimed(Claim::Equals, theory, sim, 1.0).agrees(), Some(true), "NaN never agrees");
        }
    }

    #[test]
    fn verdicts_tell_weak_claims_and_missing_measurements_from_agreement() {
        let verdict = |row: Comparison| row.verdict();
        let exact = Estimate::exact(1.0);
        assert_eq!(verdict(claimed(Claim::Equals, 1.0, exact, 0.25)), Verdict::Holds, "a quarter of the scale");
        assert_eq!(verdict(claimed(Claim::Equals, 1.0, exact, 0.26)), Verdict::Weak);
        assert_eq!(verdict(claimed(Claim::Equals, 1.3, exact, 0.26)), Verdict::Misses);
        assert_eq!(verdict(claimed(Claim::Contrast, f64::NAN, exact, 0.0)), Verdict::Contrast);
        assert_eq!(verdict(claimed(Claim::Equals, f64::NAN, exact, 1.0)), Verdict::Misses, "no prediction");
        assert_eq!(verdict(claimed(Claim::Equals, 1.0, Estimate::of([f64::NAN; 5]), 1.0)), Verdict::Unmeasured);
        assert_eq!(verdict(claimed(Claim::Equals, 1.0, Estimate::of([1.0, 1.0]), 1.0)), Verdict::Unmeasured);
        // A difference of terms of magnitude 4 that cancel.
        let difference = claimed(Claim::Equals, 0.0, Estimate::exact(0.5), 1.0);
        assert_eq!(verdict(difference.clone()), Verdict::Weak);
        assert_eq!(verdict(Comparison { scale: Some(4.0), ..difference }), Verdict::Holds);
        assert_eq!(verdict(claimed(Claim::Equals, 0.0, Estimate::exact(0.0), 0.0)), Verdict::Holds, "exactly none");
        let weak = claimed(Claim::Equals, 1.0, Estimate { mean: 1.0, sem: 0.1, replicates: 5 }, 0.05);
        let enough = weak.replicates_to_tell();
        assert!((enough - 5.0 * (0.861_f64 / 0.2).powi(2)).abs() < 0.1, "{enough}");
        assert!(claimed(Claim::Equals, 1.0, exact, 0.3).replicates_to_tell().is_infinite(), "theory's own error");
    }

    #[test]
    fn units_stand_apart_and_come_back() {
        let of = |quantity: &str| row("A", quantity, "t", "");
        assert_eq!((of("rate of e (Hz)").quantity.as_str(), of("rate of e (Hz)").unit), ("rate of e", "Hz"));
        assert_eq!(of("f (X - I)").unit, "");
        for quantity in ["rate of e (Hz)", "r + W^-1 (X - I/sqrt N) (Hz)", "f"] {
            assert_eq!(of(quantity).quantity_with_unit(), quantity);
        }
    }
}
