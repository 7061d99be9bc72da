//! Everything that a figure shows, in one long table: quantity, curve, x, y, error.

use crate::plot::{Kind, Mark};
use crate::{Comparison, Estimate, Frame};

/// The long table of a figure.
#[derive(Clone, Debug, Default)]
pub struct SeriesTable {
    quantity: Vec<String>,
    curve: Vec<String>,
    x: Vec<f64>,
    y: Vec<f64>,
    error: Vec<f64>,
}

/// Name of the frame.
const NAME: &str = "series";

impl SeriesTable {
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a point without error.
    pub fn point(&mut self, quantity: &str, curve: &str, x: f64, y: f64) {
        self.push(quantity, curve, x, y, 0.0);
    }

    /// Adds a mean over replicates with its 95 % error bar.
    pub fn estimate(&mut self, quantity: &str, curve: &str, x: f64, y: Estimate) {
        self.push(quantity, curve, x, y.mean, y.error_bar());
    }

    /// Adds a curve.
    pub fn curve(&mut self, quantity: &str, curve: &str, points: impl IntoIterator<Item = (f64, f64)>) {
        points.into_iter().for_each(|(x, y)| self.push(quantity, curve, x, y, 0.0));
    }

    fn push(&mut self, quantity: &str, curve: &str, x: f64, y: f64, error: f64) {
        self.quantity.push(quantity.into());
        self.curve.push(curve.into());
        self.x.push(x);
        self.y.push(y);
        self.error.push(error);
    }

    /// The table as a frame of the outcome.
    pub fn into_frame(self) -> Frame {
        Frame::new(NAME)
            .words("quantity", self.quantity)
            .words("curve", self.curve)
            .numbers("x", self.x)
            .numbers("y", self.y)
            .numbers("error", self.error)
    }
}

impl crate::Outcome {
    /// The rows of one quantity and label, of all theories.
    pub fn of(&self, quantity: &str, label: &str) -> Vec<&Comparison> {
        self.rows(|row| row.quantity == quantity && row.label == label)
    }

    /// The same of one theory.
    pub fn by(&self, theory: &str, quantity: &str, label: &str) -> Vec<&Comparison> {
        self.rows(|row| row.theory_name == theory && row.quantity == quantity && row.label == label)
    }

    /// Labels of the rows of one quantity, each once, in order.
    pub fn labels(&self, quantity: &str) -> Vec<&str> {
        let mut labels: Vec<&str> = Vec::new();
        for row in self.comparisons.iter().filter(|row| row.quantity == quantity) {
            if !labels.contains(&row.label.as_str()) {
                labels.push(&row.label);
            }
        }
        labels
    }

    /// The rows that are wanted.
    pub fn rows(&self, wanted: impl Fn(&Comparison) -> bool) -> Vec<&Comparison> {
        self.comparisons.iter().filter(|row| wanted(row)).collect()
    }

    /// A mark from the long table of the outcome: one curve of one quantity.
    pub fn mark(&self, kind: Kind, colour: usize, label: &str, quantity: &str, curve: &str) -> Mark {
        let frame = self.frame(NAME);
        let rows = frame.matching(&[("quantity", quantity), ("curve", curve)]);
        let take = |name: &str| -> Vec<f64> { rows.iter().map(|&r| frame.get(name)[r]).collect() };
        Mark::new(kind, colour, label, &take("x"), &take("y")).errors(&take("error"))
    }
}
