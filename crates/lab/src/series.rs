//! What the panels of a figure show that no row of the table says: traces, rasters, densities, limits.

use crate::plot::{Kind, Mark};
use crate::{Comparison, Estimate, Outcome};

/// Curves by quantity and name, in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub struct SeriesTable {
    points: Vec<Point>,
}

#[derive(Clone, Debug)]
struct Point {
    quantity: String,
    curve: String,
    x: f64,
    y: f64,
    error: f64,
}

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
        self.points.push(Point { quantity: quantity.into(), curve: curve.into(), x, y, error });
    }
}

impl Outcome {
    /// A mark of one curve of one quantity among what no row says.
    pub fn mark(&self, kind: Kind, colour: usize, label: &str, quantity: &str, curve: &str) -> Mark {
        let own: Vec<&Point> =
            self.series.points.iter().filter(|point| point.quantity == quantity && point.curve == curve).collect();
        let take = |of: fn(&Point) -> f64| -> Vec<f64> { own.iter().map(|point| of(point)).collect() };
        let mark = Mark::new(kind, colour, label, &take(|p| p.x), &take(|p| p.y)).errors(&take(|p| p.error));
        mark.named(&format!("{quantity}, {curve}"))
    }

    /// Names of the curves of one quantity among what no row says, in order.
    pub fn curves(&self, quantity: &str) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for point in self.series.points.iter().filter(|point| point.quantity == quantity) {
            if !names.contains(&point.curve.as_str()) {
                names.push(&point.curve);
            }
        }
        names
    }

    /// Rows of one quantity and label, of all theories.
    pub fn of(&self, quantity: &str, label: &str) -> Vec<&Comparison> {
        self.rows(|row| row.quantity == quantity && row.label == label)
    }

    /// Rows of one theory, quantity and label.
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
}
