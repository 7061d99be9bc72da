//! Marks on paper: symbols, strokes, dashes, cells, and samples of them.

use super::{Kind, PALETTE};
use plotters::coord::Shift;
use plotters::prelude::*;

/// Units a point: a figure is drawn at 20 units a point so that whole units are fine enough.
pub const UNIT: f64 = 20.0;

/// Where marks are drawn.
pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

pub fn colour(index: usize) -> RGBColor {
    let (r, g, b) = PALETTE[index % PALETTE.len()];
    RGBColor(r, g, b)
}

/// Width of a sample of a mark in a legend.
pub const SAMPLE: f64 = 11.0 * UNIT;

/// A sample of a mark, from a point on to the right.
pub fn swatch(area: &Area, kind: Kind, index: usize, (x, y): (f64, f64)) {
    let ink = colour(index);
    let ends = [(x, y), (x + SAMPLE, y)];
    let pen = |width: f64| ink.stroke_width((width * UNIT) as u32);
    match kind {
        Kind::Dashed => dashes(area, &ends, pen(1.1)),
        Kind::Trace => stroke(area, &ends, pen(0.6)),
        Kind::Steps => {
            let (low, high) = (y + 2.0 * UNIT, y - 2.0 * UNIT);
            let third = SAMPLE / 3.0;
            let path = [
                (x, low),
                (x + third, low),
                (x + third, high),
                (x + 2.0 * third, high),
                (x + 2.0 * third, low),
                (x + SAMPLE, low),
            ];
            stroke(area, &path, pen(1.1));
        }
        Kind::Points | Kind::Open | Kind::Squares | Kind::Crosses => symbol(area, kind, (x + 0.5 * SAMPLE, y), ink),
        Kind::Cells => cell(area, index, (x + 2.0 * UNIT, y - 3.0 * UNIT), (x + 9.0 * UNIT, y + 3.0 * UNIT)),
        Kind::Line | Kind::Raster => stroke(area, &ends, pen(1.1)),
    }
}

/// A cell of a map: a tint, and a hatching of its own, so that classes differ without colour too.
pub fn cell(area: &Area, index: usize, from: (f64, f64), to: (f64, f64)) {
    let ink = colour(index);
    let corner = |(x, y): (f64, f64)| (x.round() as i32, y.round() as i32);
    let _ = area.draw(&Rectangle::new([corner(from), corner(to)], ink.mix(0.45).filled()));
    let pen = ink.stroke_width((0.5 * UNIT) as u32);
    let middle = (0.5 * (from.0 + to.0), 0.5 * (from.1 + to.1));
    match index {
        0 => stroke(area, &[(from.0, to.1), (to.0, from.1)], pen),
        1 => stroke(area, &[(from.0, middle.1), (to.0, middle.1)], pen),
        3 => {
            stroke(area, &[(from.0, to.1), (to.0, from.1)], pen);
            stroke(area, &[from, to], pen);
        }
        4 => stroke(area, &[(middle.0, from.1), (middle.0, to.1)], pen),
        5 => stroke(area, &[from, to], pen),
        7 => {
            let (low, high) = (0.25 * (3.0 * from.1 + to.1), 0.25 * (from.1 + 3.0 * to.1));
            stroke(area, &[(from.0, low), (to.0, low)], pen);
            stroke(area, &[(from.0, high), (to.0, high)], pen);
        }
        _ => {}
    }
}

/// One symbol.
pub fn symbol(area: &Area, kind: Kind, (x, y): (f64, f64), ink: RGBColor) {
    let at = (x.round() as i32, y.round() as i32);
    let r = (1.7 * UNIT) as i32;
    // Drawing into a string cannot fail.
    let _ = match kind {
        Kind::Open => area
            .draw(&Circle::new(at, r + 14, WHITE.filled()))
            .and_then(|()| area.draw(&Circle::new(at, r + 14, ink.stroke_width((0.8 * UNIT) as u32)))),
        Kind::Crosses => {
            let pen = ink.stroke_width((1.1 * UNIT) as u32);
            let arm = f64::from(r) * 1.2;
            stroke(area, &[(x - arm, y - arm), (x + arm, y + arm)], pen);
            return stroke(area, &[(x - arm, y + arm), (x + arm, y - arm)], pen);
        }
        Kind::Squares => area.draw(&Rectangle::new([(at.0 - r, at.1 - r), (at.0 + r, at.1 + r)], ink.filled())),
        _ => area.draw(&Circle::new(at, r, ink.filled())),
    };
}

/// A path.
pub fn stroke(area: &Area, points: &[(f64, f64)], pen: ShapeStyle) {
    let points: Vec<(i32, i32)> = points.iter().map(|p| (p.0.round() as i32, p.1.round() as i32)).collect();
    let _ = area.draw(&PathElement::new(points, pen));
}

/// Dashes of 3 points and gaps of 2 along a path.
pub fn dashes(area: &Area, points: &[(f64, f64)], pen: ShapeStyle) {
    let (on, off) = (3.0 * UNIT, 2.0 * UNIT);
    let (mut travelled, mut dash): (f64, Vec<(f64, f64)>) = (0.0, Vec::new());
    for pair in points.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let length = libm::hypot(b.0 - a.0, b.1 - a.1);
        let mut done = 0.0;
        while done < length {
            let phase = travelled % (on + off);
            let drawing = phase < on;
            let left = if drawing { on - phase } else { on + off - phase }.max(1e-6);
            let step = left.min(length - done);
            let point = |d: f64| (a.0 + (b.0 - a.0) * d / length, a.1 + (b.1 - a.1) * d / length);
            if drawing {
                if dash.is_empty() {
                    dash.push(point(done));
                }
                dash.push(point(done + step));
            }
            if drawing && step >= left {
                stroke(area, &dash, pen);
                dash.clear();
            }
            done += step;
            travelled += step;
        }
    }
    if dash.len() > 1 {
        stroke(area, &dash, pen);
    }
}

/// Corners of a staircase through bin centres.
pub fn steps(centres: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let half = if centres.len() > 1 { 0.5 * (centres[1].0 - centres[0].0) } else { 0.0 };
    centres.iter().flat_map(|&(x, y)| [(x - half, y), (x + half, y)]).collect()
}

/// The parts of a path that lie inside a rectangle.
pub fn clip(points: &[(f64, f64)], x: (f64, f64), y: (f64, f64)) -> Vec<Vec<(f64, f64)>> {
    let mut pieces: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut open = false;
    for pair in points.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let (mut from, mut to) = (0.0_f64, 1.0_f64);
        for (start, delta, (low, high)) in [(a.0, b.0 - a.0, x), (a.1, b.1 - a.1, y)] {
            if delta == 0.0 {
                if start < low || start > high {
                    to = -1.0;
                }
                continue;
            }
            let (t0, t1) = ((low - start) / delta, (high - start) / delta);
            from = from.max(t0.min(t1));
            to = to.min(t0.max(t1));
        }
        if from > to {
            open = false;
            continue;
        }
        let at = |t: f64| (a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t);
        match pieces.last_mut() {
            Some(piece) if open && from == 0.0 => piece.push(at(to)),
            _ => pieces.push(vec![at(from), at(to)]),
        }
        open = to == 1.0;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clipping_keeps_what_is_inside() {
        let path = [(-1.0, 0.5), (0.5, 0.5), (0.5, 2.0), (0.7, 2.0), (0.7, 0.5), (0.8, 0.5)];
        let pieces = clip(&path, (0.0, 1.0), (0.0, 1.0));
        assert_eq!(pieces, vec![vec![(0.0, 0.5), (0.5, 0.5), (0.5, 1.0)], vec![(0.7, 1.0), (0.7, 0.5), (0.8, 0.5)]]);
    }
}
