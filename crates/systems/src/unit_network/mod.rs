//! Networks of N rectified-linear units: where their rates settle, beside the mean field at that N and the semi-balanced state.

use lab::{Claim, Comparison, Detail, Draw, Estimate, Failure, Outcome, System, row};
use meanfield::{QuenchedRates, TheoryError, quenched_rates, semi_balanced_rates};
use model::UnitNetwork;
use ndarray::Array1;
use serde::{Deserialize, Serialize};
use simulation::{BernoulliEnd, BernoulliRun, Transfer, run_bernoulli};

/// A network of units, run by forward Euler in steps of 0.1 τ until it settles, for 400 τ at most.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitSystem {
    /// The network.
    pub network: UnitNetwork,
}

/// A network of units that has been run.
pub type Measured = lab::Measured<UnitSystem>;

/// What theories say of rates in Hz.
pub struct Predicted {
    /// At this N.
    pub finite: Result<QuenchedRates, TheoryError>,
    /// As N → ∞, where there is one semi-balanced state.
    pub semi: Option<Array1<f64>>,
}

/// The theory at finite N, in the table.
pub const QUENCHED: &str = "quenched Gaussian inputs at N";

impl System for UnitSystem {
    const KIND: &'static str = "unit-network";
    type Seen = BernoulliEnd;
    type Predicted = Predicted;

    fn validate(&self) -> Result<(), Failure> {
        self.network.validate().map_err(|e| Failure::Input(e.to_string()))
    }

    /// 4 bytes a connection, in lists that grow by doubling.
    fn memory(&self) -> f64 {
        let c = &self.network.connections;
        let n = c.size as f64;
        let connected = c.shares.dot(&c.probability.dot(&c.shares));
        8.0 * n * n * connected + 100.0 * n
    }

    fn work(&self) -> f64 {
        (self.network.connections.size as f64).powi(2)
    }

    fn shape(&self) -> String {
        self.network.names.join(", ")
    }

    fn abscissa(&self) -> f64 {
        self.network.connections.size as f64
    }

    fn realise(&self, draw: Draw, _: Detail) -> Result<BernoulliEnd, Failure> {
        let run = BernoulliRun {
            transfer: Transfer::RectifiedLinear { gain: self.network.gain },
            threshold: self.network.threshold,
            step: 0.1,
            steps: 4000,
        };
        run_bernoulli(&self.network.connections, run, draw.seed()).map_err(|e| Failure::Input(e.to_string()))
    }

    fn predict(&self) -> Predicted {
        let UnitNetwork { gain, threshold, connections, .. } = &self.network;
        let states = semi_balanced_rates(connections).ok().flatten().map(|found| found.states);
        let only = states.and_then(|mut states| states.pop().filter(|_| states.is_empty()));
        Predicted { finite: quenched_rates(connections, *gain, *threshold), semi: only.map(|state| state.r) }
    }

    fn compare(measured: &Measured, outcome: &mut Outcome) {
        outcome.comparisons.extend(rates(measured, "-"));
        outcome.notes.extend(anomalies(measured));
    }
}

/// What is out of the ordinary in a case, a line each.
pub fn anomalies(measured: &Measured) -> Vec<String> {
    let lab::Case { label, x, .. } = &measured.case;
    let place = if label.is_empty() { String::new() } else { format!("{label}, at {x}: ") };
    let mut notes = Vec::new();
    let moving = measured.seen.iter().filter(|end| !end.settled).count();
    if moving > 0 {
        notes.push(format!(
            "{place}{moving} of {} networks still move: theory of rest claims nothing",
            measured.seen.len()
        ));
    }
    if let Err(error) = &measured.predicted.finite {
        notes.push(format!("{place}{error}"));
    }
    if measured.predicted.semi.is_none() {
        notes.push(format!("{place}there is not exactly one semi-balanced state"));
    }
    notes
}

/// Rates in Hz beside theories, and the identity of mean inputs, population by population.
pub fn rates(measured: &Measured, panel: &str) -> Vec<Comparison> {
    let lab::Case { label, x, system, .. } = &measured.case;
    let network = &system.network.connections;
    let (w, drive, root) = (network.mean_coupling(), network.mean_drive(), (network.size as f64).sqrt());
    let mut rows = Vec::new();
    for (a, name) in system.network.names.iter().enumerate() {
        let simulation = measured.estimate(|end| end.rates[a]);
        let quantity = format!("r_{name} (Hz)");
        // NaN where theory has no answer: such rows never agree.
        let finite = |of: fn(&QuenchedRates) -> &Array1<f64>| {
            measured.predicted.finite.as_ref().map_or(f64::NAN, |theory| of(theory)[a])
        };
        // Inputs are sums of finitely many: what their skewness does to rates, to first order; derivations, below eq. (24).
        let bias = finite(|theory| &theory.skewness_error);
        let theory = finite(|theory| &theory.rates);
        // A theory of rest says nothing of networks that move.
        let settled = measured.seen.iter().all(|end| end.settled);
        let claim = if settled { Claim::Equals } else { Claim::Contrast };
        rows.push(Comparison { x: *x, theory, simulation, bias, claim, ..row(panel, &quantity, QUENCHED, label) });
        if let Some(semi) = &measured.predicted.semi {
            rows.push(Comparison {
                x: *x,
                theory: semi[a],
                simulation,
                claim: Claim::Contrast,
                ..row(panel, &quantity, "semi-balanced, N to infinity", label)
            });
        }
        // (W r)_a + X_a = I_a/√N with r and I from the simulation: the two sides differ by the draw of connections alone.
        let left = Estimate::of(measured.seen.iter().map(|end| {
            let inner: f64 = (0..end.rates.len()).map(|b| w[[a, b]] * end.rates[b]).sum();
            inner + drive[a] - end.input[a] / root
        }));
        rows.push(Comparison {
            x: *x,
            theory: 0.0,
            simulation: left,
            scale: Some(drive[a].abs()),
            ..row(panel, &format!("W r + X - I/sqrt N, {name}"), "identity given r and I", label)
        });
    }
    rows
}
