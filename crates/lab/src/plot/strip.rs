//! The strip under a panel: how far each claim is from failing, where theory and simulation would coincide within a mark.

use super::symbols::{Area, SAMPLE, UNIT, colour, stroke};
use super::text::{self, Anchor, Direction, Face, Label};
use crate::{Comparison, Verdict};
use plotters::prelude::*;

/// Height of a strip.
pub const HEIGHT: f64 = 17.0 * UNIT;

/// Between the panel and its strip.
pub const GAP: f64 = 4.0 * UNIT;

/// Largest |departure| in the strip; what is beyond is drawn at its edge.
const MOST: f64 = 1.8;

const SIZE: f64 = 5.5 * UNIT;

/// A claim to equal: where it stands, and (theory − simulation)/allowance.
#[derive(Clone, Debug)]
pub struct Judged {
    x: f64,
    /// What tells it from the other claims of a table.
    pub key: String,
    departure: f64,
    verdict: Verdict,
    colour: usize,
}

impl Judged {
    /// That of a row, if something was judged.
    pub fn of(row: &Comparison, colour: usize) -> Option<Self> {
        let verdict = row.verdict();
        let judged = matches!(verdict, Verdict::Holds | Verdict::Weak | Verdict::Misses);
        // A prediction that is no number misses, and stands at the edge.
        let departure = if row.departure().is_nan() { f64::INFINITY } else { row.departure() };
        let key = format!("{}\n{}\n{}\n{}", row.quantity, row.theory_name, row.label, row.x);
        judged.then_some(Judged { x: row.x, key, departure, verdict, colour })
    }
}

/// Draws the strip between two heights; `place` says where an abscissa lies.
pub fn draw(
    area: &Area,
    judged: &[Judged],
    (left, right): (f64, f64),
    (top, bottom): (f64, f64),
    place: impl Fn(f64) -> f64,
) {
    let y = |departure: f64| 0.5 * (top + bottom) - 0.5 * (bottom - top) * departure.clamp(-MOST, MOST) / MOST;
    band(area, (left, right), (y(1.0), y(-1.0)));
    let pen = BLACK.stroke_width((0.5 * UNIT) as u32);
    stroke(area, &[(left, y(0.0)), (right, y(0.0))], BLACK.mix(0.4).stroke_width((0.4 * UNIT) as u32));
    stroke(area, &[(left, top), (left, bottom)], pen);
    stroke(area, &[(left, bottom), (right, bottom)], BLACK.stroke_width((0.7 * UNIT) as u32));
    for (departure, label) in [(1.0, "1"), (-1.0, "−1")] {
        stroke(area, &[(left, y(departure)), (left - 1.6 * UNIT, y(departure))], pen);
        let tick =
            Label { rich: label, face: Face::Regular, size: SIZE, anchor: Anchor::End, direction: Direction::Right };
        text::draw(area, &tick, (left - 3.0 * UNIT, y(departure)));
    }
    for claim in judged {
        let x = place(claim.x);
        if x.is_finite() && x >= left - 0.5 && x <= right + 0.5 {
            dot(area, claim.verdict, (x, y(claim.departure)), colour(claim.colour));
        }
    }
}

/// A sample for the key.
pub fn sample(area: &Area, (x, y): (f64, f64)) {
    band(area, (x, x + SAMPLE), (y - 2.6 * UNIT, y + 2.6 * UNIT));
    dot(area, Verdict::Holds, (x + 0.3 * SAMPLE, y - 0.6 * UNIT), colour(6));
    dot(area, Verdict::Weak, (x + 0.7 * SAMPLE, y + 0.8 * UNIT), colour(6));
}

fn band(area: &Area, (left, right): (f64, f64), (top, bottom): (f64, f64)) {
    let corner = |x: f64, y: f64| (x.round() as i32, y.round() as i32);
    // Drawing into a string cannot fail.
    let _ = area.draw(&Rectangle::new([corner(left, top), corner(right, bottom)], RGBColor(225, 225, 225).filled()));
}

fn dot(area: &Area, verdict: Verdict, (x, y): (f64, f64), ink: RGBColor) {
    let (at, radius) = ((x.round() as i32, y.round() as i32), (1.1 * UNIT) as i32);
    let pen = ink.stroke_width((0.6 * UNIT) as u32);
    let _ = match verdict {
        Verdict::Misses => {
            let arm = 1.6 * UNIT;
            stroke(area, &[(x - arm, y - arm), (x + arm, y + arm)], pen);
            return stroke(area, &[(x - arm, y + arm), (x + arm, y - arm)], pen);
        }
        Verdict::Weak => area.draw(&Circle::new(at, radius, pen)),
        _ => area.draw(&Circle::new(at, radius, ink.filled())),
    };
}
