//! The authors' own numbers, decoded from the results that they publish with their code (seed 0,
//! T = 2000, one realisation a point). Facts to compare with, never fitted to.

use lab::Estimate;

/// `theory_name` of rows that compare with them.
pub const NAME: &str = "published:khajeh2022";

/// One point of the sweep over K: [tanh]₊, gamma weights, ν = 1/2, J = g = 2, I = 1.
pub struct Point {
    pub in_degree: usize,
    pub active: f64,
    pub mean: f64,
    pub beta: f64,
    pub ratio_total: f64,
    pub ratio_temporal: f64,
}

const fn point(in_degree: usize, active: f64, mean: f64, beta: f64, ratio_total: f64, ratio_temporal: f64) -> Point {
    Point { in_degree, active, mean, beta, ratio_total, ratio_temporal }
}

/// High variance, by in-degree.
pub const HIGH: [Point; 8] = [
    point(500, 0.1806, 0.04437, 0.425, 0.868, 0.795),
    point(753, 0.1576, 0.03535, 0.459, 0.811, 0.757),
    point(1135, 0.1383, 0.02941, 0.479, 0.800, 0.747),
    point(1710, 0.1204, 0.02384, 0.546, 0.769, 0.724),
    point(2576, 0.1044, 0.01943, 0.560, 0.749, 0.707),
    point(3882, 0.0910, 0.01576, 0.622, 0.721, 0.686),
    point(5848, 0.0792, 0.01289, 0.656, 0.699, 0.670),
    point(8811, 0.0685, 0.01048, 0.696, 0.679, 0.653),
];

/// Low variance, J = 1.05: in-degree and β.
pub const LOW_BETA: [(usize, f64); 7] =
    [(500, 0.274), (753, 0.434), (1135, 0.157), (1710, 0.137), (2576, 0.105), (3882, 0.207), (5848, 0.186)];

/// The point at this in-degree.
pub fn high(in_degree: usize) -> Option<&'static Point> {
    HIGH.iter().find(|p| p.in_degree == in_degree)
}

/// By how much one realisation may differ from a mean over others, beyond the sampling error of the mean: with that it makes the 99.9 %
/// prediction interval t s √(1 + 1/R), s being the scatter of our own realisations of the same length; and half of the last digit that is written down.
pub fn scatter(simulated: &Estimate, last_digit: f64) -> f64 {
    let one = ((simulated.replicates + 1) as f64).sqrt();
    simulated.half_width() * (one - 1.0) + 0.5 * last_digit
}
